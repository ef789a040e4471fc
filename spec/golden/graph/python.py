import os, sys
import subprocess as s
from .x import y as z

DEBUG = False

class Base:
    def __init__(self, a, b=1):
        self.a = a

    def run(self, cmd):
        os.system(cmd)

class C(Base):
    table = "t"
    def go(self, *args, **kw):
        self.run(self.a)
        super().run("x")
        return [i for i in args if i]

def f(x, y=os.environ):
    try:
        with open(x) as h:
            for line in h:
                print(f"a {line}")
            else:
                pass
    except IOError as e:
        raise
    finally:
        done()
    def inner():
        return x
    c = C(x, b=2)
    c.run("ls")
    s.run(x, shell=True)
    d = {"k": x}
    if x == "a" or not y in d:
        z(d["k"])
    a, *b = x, y
    return lambda q: q + x

@app.route("/x")
def handler(name):
    yield name

if __name__ == "__main__":
    f(sys.argv[1])
