# pair: what is imported
# flow
# file: main.py
from lib.tools import shell as go
import lib.tools
go(input())
lib.tools.shell(input())
# file: lib/__init__.py
# file: lib/tools.py
import os
def shell(what):
    os.system(what)  # SINK
# clean
# file: main.py
from lib.other import shell as go
go(input())
# file: lib/__init__.py
# file: lib/tools.py
import os
def shell(what):
    os.system(what)
# file: lib/other.py
def shell(what):
    print(what)
# pair: packages and what they pass on
# flow
# file: app/__init__.py
from .inner import *
from .base import Job as Work
# file: app/inner.py
def take():
    return input()
# file: app/base.py
import os
class Job:
    def start(self, what):
        os.system(what)  # SINK
# file: app/main.py
from . import take, Work
Work().start(take())
# clean
# file: app/__init__.py
from .inner import *
from .base import Job as Work
# file: app/inner.py
def take():
    return "ls"
# file: app/base.py
import os
class Job:
    def start(self, what):
        os.system(what)
# file: app/main.py
from . import take, Work
Work().start(take())
# pair: variables of modules
# flow
# file: settings.py
COMMAND = input()
# file: main.py
import os
import settings
def run():
    os.system(settings.COMMAND)  # SINK
# clean
# file: settings.py
COMMAND = "ls"
OTHER = input()
# file: main.py
import os
import settings
def run():
    os.system(settings.COMMAND)
# pair: modules of one name
# flow
# file: a/main.py
from .tools import clean
import os
os.system(clean(input()))  # SINK
# file: a/tools.py
def clean(text):
    return text.strip()
# file: b/tools.py
def clean(text):
    return len(text)
# clean
# file: a/main.py
from .tools import clean
import os
os.system(clean(input()))
# file: a/tools.py
def clean(text):
    return len(text)
# file: b/tools.py
def clean(text):
    return text.strip()
# pair: objects of modules
# flow
# file: settings.py
JOB = {"command": input(), "name": "x"}
PARTS = []
PARTS.append(input())
# file: main.py
import os
from settings import JOB, PARTS
def run():
    os.system(JOB["command"])  # SINK
    os.system(PARTS[0])  # SINK
# clean
# file: settings.py
JOB = {"command": "ls", "name": input()}
PARTS = []
PARTS.append("ls")
# file: main.py
import os
from settings import JOB, PARTS
def run():
    os.system(JOB["command"])
    os.system(PARTS[0])
