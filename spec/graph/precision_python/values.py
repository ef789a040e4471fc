# pair: what is put together
# flow
import os
def run():
    name = input()
    parts = ["ls", "-l"]
    parts.append(name)
    os.system(" ".join(parts))  # SINK
# clean
import os
def run():
    name = input()
    parts = ["ls", "-l"]
    parts.append(str(len(name)))
    os.system(" ".join(parts))
# pair: a variable that is written again
# flow
import os
def run():
    name = input()
    other = "ls"
    other = name
    os.system(other)  # SINK
# clean
import os
def run():
    name = input()
    name = "ls"
    os.system(name)
# pair: keys of a dictionary
# flow
import os
def run():
    job = {"what": input(), "how": "fast"}
    os.system(job["what"])  # SINK
# clean
import os
def run():
    job = {"what": input(), "how": "fast"}
    os.system(job["how"])
# pair: any key of a dictionary
# flow
import os
def run(key):
    job = {"what": input(), "how": "fast"}
    os.system(job[key])  # SINK
    for each in job.values():
        os.system(each)  # SINK
# clean
import os
def run(key):
    job = {"what": len(input()), "how": "fast"}
    os.system(job[key])
    for each in job.values():
        os.system(each)
# pair: places of a tuple
# flow
import os
def both():
    return "ls", input()
def run():
    first, second = both()
    os.system(second)  # SINK
# clean
import os
def both():
    return "ls", input()
def run():
    first, second = both()
    os.system(first)
# pair: an exchange
# flow
import os
def run():
    a, b = input(), "ls"
    a, b = b, a
    os.system(b)  # SINK
# clean
import os
def run():
    a, b = input(), "ls"
    a, b = b, a
    os.system(a)
# pair: text with values in it
# flow
import os
def run():
    name = input()
    os.system(f"ls {name!r:>{10}}")  # SINK
    os.system("ls {}".format(name))  # SINK
    os.system("ls %s" % name)  # SINK
    os.system("ls " + name)  # SINK
    os.system("ls " "-l " f"{name}")  # SINK
# clean
import os
def run():
    name = input()
    os.system(f"ls {name == 'a'}")
    os.system("ls {}".format(len(name)))
    os.system("ls %s" % int(name))
    os.system("ls name")
    os.system("ls " "-l " "{name}")
# pair: comprehensions
# flow
import os
def run():
    names = [name.strip() for name in input().split() if name]
    for name in names:
        os.system(name)  # SINK
    os.system(next(n for n in names))  # SINK
# clean
import os
def run():
    names = [len(name) for name in input().split() if name]
    for name in names:
        os.system(name)
    name = "ls"
    [name for name in input()]
    os.system(name)
# pair: global variables
# flow
import os
LAST = "ls"
def take():
    global LAST
    LAST = input()
def run():
    os.system(LAST)  # SINK
# clean
import os
LAST = "ls"
def take():
    LAST = input()
def run():
    os.system(LAST)
# pair: values of either
# flow
import os
def run(fast):
    os.system(input() or "ls")  # SINK
    os.system("ls" if fast else input())  # SINK
    if (name := input()):
        os.system(name)  # SINK
# clean
import os
def run(fast):
    os.system("ls" if input() else "cp")
    os.system(not input())
    if (name := len(input())):
        os.system(name)
