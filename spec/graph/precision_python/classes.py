# pair: fields of an object
# flow
import os
class Job:
    def __init__(self, what, how):
        self.what = what
        self.how = how
def run():
    job = Job(input(), "fast")
    os.system(job.what)  # SINK
# clean
import os
class Job:
    def __init__(self, what, how):
        self.what = what
        self.how = how
def run():
    job = Job(input(), "fast")
    os.system(job.how)
# pair: two objects
# flow
import os
class Job:
    def __init__(self, what):
        self.what = what
    def start(self):
        os.system(self.what)  # SINK
Job(input()).start()
# clean
import os
class Job:
    def __init__(self, what):
        self.what = what
    def start(self):
        os.system("ls")
    def name(self):
        return self.what
Job(input()).start()
# pair: a base class
# flow
import os
class Base:
    def __init__(self, what):
        self.what = what
    def start(self):
        os.system(self.command())  # SINK
    def command(self):
        return "ls"
class Job(Base):
    def __init__(self, what):
        super().__init__(what)
    def command(self):
        return self.what
Job(input()).start()
# clean
import os
class Base:
    def __init__(self, what):
        self.what = what
    def start(self):
        os.system(self.command())
    def command(self):
        return "ls"
class Job(Base):
    def __init__(self, what):
        super().__init__("cp")
    def command(self):
        return self.what
Job(input()).start()
# pair: methods of one name
# flow
import os
class One:
    def go(self, what):
        os.system(what)  # SINK
class Two:
    def go(self, what):
        print(what)
def run():
    one = One()
    one.go(input())
    Two().go("ls")
# clean
import os
class One:
    def go(self, what):
        os.system(what)
class Two:
    def go(self, what):
        print(what)
def run():
    one = One()
    one.go("ls")
    Two().go(input())
# pair: methods of the class
# flow
import os
class Job:
    default = "ls"
    @staticmethod
    def start(what):
        os.system(what)  # SINK
    @classmethod
    def make(cls, how, what):
        cls.start(what)
        return what
Job.start(input())
Job.make("x", input())
# clean
import os
class Job:
    default = "ls"
    @staticmethod
    def start(what):
        os.system(what)
    @classmethod
    def make(cls, how, what):
        cls.start(what)
        return what
Job.start(Job.default)
Job.make(input(), "ls")
# pair: properties and declared fields
# flow
import os
from dataclasses import dataclass
@dataclass
class Job:
    what: str
    how: str = "fast"
    @property
    def command(self):
        return "run " + self.what
    def start(self):
        os.system(self.command)  # SINK
Job(what=input()).start()
# clean
import os
from dataclasses import dataclass
@dataclass
class Job:
    what: str
    how: str = "fast"
    @property
    def command(self):
        return "run " + self.what
    def start(self):
        os.system(self.command)
Job(how=input(), what="ls").start()
