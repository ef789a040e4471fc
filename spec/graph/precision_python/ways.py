# pair: a test on all ways
# flow
import os
def run(fast):
    name = input()
    if fast and name in ("ls", "cp"):
        print(name)
    os.system(name)  # SINK
# clean
import os
def run(fast):
    name = input()
    if fast or name not in ("ls", "cp"):
        return
    os.system(name)
# pair: a test of another value
# flow
import os
def run():
    name, other = input(), input()
    if is_safe(other):
        os.system(name)  # SINK
# clean
import os
def run():
    name, other = input(), input()
    if is_safe(name):
        os.system(name)
# pair: equal to a text
# flow
import os
def run(other):
    name = input()
    if name != "ls":
        os.system(name)  # SINK
    if name == other:
        os.system(name)  # SINK
# clean
import os
def run(other):
    name = input()
    if name == "ls":
        os.system(name)
    if name != "ls":
        raise ValueError(name)
    os.system(name)
# pair: one that cleans
# flow
import os
def run():
    name = input()
    quote(name)
    os.system(name)  # SINK
# clean
import os
def run():
    name = input()
    name = quote(name)
    os.system(name)
# pair: a loop
# flow
import os
def run():
    last = "ls"
    for i in range(3):
        os.system(last)  # SINK
        last = input()
# clean
import os
def run():
    last = "ls"
    for i in range(3):
        last = input()
        last = "cp"
        os.system(last)
# pair: what follows a loop that ends by itself
# flow
import os
def run(names):
    last = "ls"
    for name in names:
        last = input()
        break
    else:
        last = "cp"
    os.system(last)  # SINK
# clean
import os
def run(names):
    last = input()
    for name in names:
        last = "rm"
        break
    else:
        last = "cp"
    os.system(last)
# pair: what catches
# flow
import os
def run():
    name = "ls"
    try:
        name = input()
        check(name)
    except ValueError:
        os.system(name)  # SINK
# clean
import os
def run():
    name = input()
    try:
        check(name)
    except ValueError:
        return
    finally:
        name = "ls"
    os.system(name)
# pair: finally on the way out
# flow
import os
def run():
    name = "ls"
    try:
        name = input()
        return name
    finally:
        os.system(name)  # SINK
# clean
import os
def run():
    name = input()
    try:
        name = "ls"
    finally:
        os.system(name)
# pair: what never runs
# flow
import os
DEBUG = True
def run():
    if DEBUG:
        os.system(input())  # SINK
# clean
import os
DEBUG = False
def run():
    if DEBUG:
        os.system(input())
    while True:
        break
    return
    os.system(input())
# pair: match
# flow
import os
def run():
    name = input()
    match name.split():
        case ["go", where]:
            os.system(where)  # SINK
        case _:
            os.system("ls")
# clean
import os
def run():
    name = input()
    match name:
        case "ls" | "cp":
            os.system(name)
        case other:
            os.system("ls")
# pair: with
# flow
import os
def run():
    with source(input()) as name, other() as second:
        os.system(name)  # SINK
# clean
import os
def run():
    with source(input()) as name, other() as second:
        os.system(second)
