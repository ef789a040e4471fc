# pair: one function, two callers
# flow
import os
def same(text):
    return text
def run():
    same("ls")
    os.system(same(input()))  # SINK
# clean
import os
def same(text):
    return text
def run():
    same(input())
    os.system(same("ls"))
# pair: arguments by name
# flow
import os
def job(first, second="ls", *, third="cp"):
    os.system(second)  # SINK
job(third="a", second=input(), first="b")
# clean
import os
def job(first, second="ls", *, third="cp"):
    os.system(second)
job(third=input(), first=input())
# pair: all that is left
# flow
import os
def job(first, *rest, **named):
    os.system(rest[0])  # SINK
    os.system(named["x"])  # SINK
job("a", input(), x=input())
# clean
import os
def job(first, *rest, **named):
    os.system(rest[0])
    os.system(named["x"])
job(input(), "b", x="c")
# pair: lists and dictionaries as arguments
# flow
import os
def job(first, second):
    os.system(second)  # SINK
def run():
    both = ["ls", input()]
    job(*both)
    job("a", **{"second": input()})
# clean
import os
def job(first, second):
    os.system(second)
def run():
    both = ["ls", "cp"]
    job(*both)
    job(input(), **{"second": "ls"})
# pair: a default
# flow
import os
def job(what=input()):
    os.system(what)  # SINK
# clean
import os
def job(what="ls", more=input()):
    os.system(what)
# pair: an inner function
# flow
import os
def maker():
    text = input()
    def inner():
        os.system(text)  # SINK
    return inner
maker()()
# clean
import os
def maker():
    text = input()
    def inner(text):
        os.system(text)
    return inner
maker()("ls")
# pair: nonlocal
# flow
import os
def outer():
    text = "ls"
    def set_it():
        nonlocal text
        text = input()
    set_it()
    os.system(text)  # SINK
# clean
import os
def outer():
    text = "ls"
    def set_it():
        text = input()
    set_it()
    os.system(text)
# pair: a function as a value
# flow
import os
def apply(function, value):
    return function(value)
def run():
    apply(lambda text: os.system(text), input())  # SINK
# clean
import os
def apply(function, value):
    return function(value)
def run():
    apply(lambda text: os.system("ls"), input())
# pair: a generator
# flow
import os
def lines():
    yield "ls"
    yield input()
def run():
    for line in lines():
        os.system(line)  # SINK
# clean
import os
def lines():
    yield "ls"
    input()
def run():
    for line in lines():
        os.system(line)
# pair: a decorator
# flow
import os
def twice(function):
    def wrapper(*values):
        return function(*values)
    return wrapper
@twice
def job(what):
    os.system(what)  # SINK
job(input())
# clean
import os
def twice(function):
    def wrapper(*values):
        return function(*values)
    return wrapper
@twice
def job(what, how):
    os.system(how)
job(input(), "ls")
# pair: what a call is given by name
# flow
import os
from subprocess import run as go
name = input()
go(name, check=True, shell=True)  # SINK
os.system(command=name)  # SINK
load(name)  # SINK
# clean
import os
from subprocess import run as go
name = input()
go(name, check=True, shell=False)
go("ls", shell=True, input=name)
go(name)
os.system(other=name)
load(name, safe=True)
# pair: methods that nobody or somebody has
# flow
import os
class Shell:
    def go(self, what):
        os.system(what)  # SINK
def run(shell):
    shell.go(input())
# clean
import os
class Shell:
    def go(self, what):
        os.system(what)
def run(shell):
    shell.went(input())
    shell.go("ls")
