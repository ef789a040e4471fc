-- Text from outside that becomes a program: commands, code, SQL, templates, objects.

-- What was read as a number, or is about a text, is none.
local function numbers()
  return call { "int", "float", "bool", "len", "complex", "uuid.UUID", "decimal.Decimal", "ipaddress.*", "hash" }
end

-- One of those that the program knows, or of a form that the program asks for.
local function known()
  return {
    guard { call "in", on = 1 },
    guard { compare = "==", with = "constant" },
    guard { call { ".isdigit", ".isalnum", ".isalpha", ".isdecimal", ".isnumeric", ".isidentifier" } },
    guard { call { "re.match", "re.fullmatch" }, on = 2 },
    guard { call { ".match", ".fullmatch" }, on = 2 },
  }
end

rule "python-command-injection" {
  title     = "Text from outside is run by a shell",
  tags      = { "python", "injection", "cwe-78" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/78.html",
                remediation = "Run a fixed program with a list of arguments and without a shell." },
  language  = "python",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "arguments" },
      to     = {
        argument { "os.system", "os.popen", "os.popen2", "os.popen3", "os.popen4", "popen2.popen2", "popen2.popen3",
          "commands.getoutput", "commands.getstatusoutput", "subprocess.getoutput", "subprocess.getstatusoutput",
          "asyncio.create_subprocess_shell", "asyncio.subprocess.create_subprocess_shell", "pexpect.run", 1 },
        argument { "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
          "subprocess.Popen", 1, given = { shell = true } },
        argument { ".exec_command", 2 },
      },
      except = { numbers(), call { "shlex.quote", "pipes.quote" } },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[import os
from flask import request
def ping():
    host = request.args.get("host")
    os.system("ping -c 1 " + host)
]=],
      [=[import subprocess as sp
import sys
sp.run(f"ls {sys.argv[1]}", shell=True)
]=],
      -- through a method, a field and a list
      [=[from subprocess import Popen
class Job:
    def __init__(self, what):
        self.parts = ["sh -c"]
        self.parts.append(what)
    def start(self):
        return Popen(" ".join(self.parts), shell=True)
Job(input("run: ")).start()
]=],
      -- another value was looked at
      [=[import os
def run(mode, what):
    if mode in ("a", "b"):
        os.system(what)
run(input(), input())
]=],
      { files = {
        ["app/__init__.py"] = "",
        ["app/views.py"] = [=[from .tools import shell as run_it
def view(request):
    run_it("ls", request.GET["dir"])
]=],
        ["app/tools.py"] = [=[import os
def shell(program, *words):
    os.popen(program + " " + words[0])
]=],
      } },
    },
    miss = {
      [=[import subprocess, sys
subprocess.run(["ls", sys.argv[1]])
]=],
      [=[import os, shlex
os.system("ls " + shlex.quote(input()))
]=],
      [=[import os
name = input()
name = "ls"
os.system(name)
]=],
      [=[import os
from flask import request
def run():
    what = request.args["what"]
    if what not in ("date", "uptime"):
        return "no"
    os.system(what)
]=],
      [=[import os
os.system("kill %d" % int(input()))
]=],
    },
  },
}

rule "python-program-from-outside" {
  title     = "Text read from outside says which program runs, or is an argument of it",
  tags      = { "python", "injection", "cwe-88", "cwe-78" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/88.html",
                remediation = "Name the program by a constant and refuse arguments that begin with a dash." },
  language  = "python",
  confirm   = {
    taint {
      -- not the command line: to run what the user says is what many programs are for
      from   = outside "request",
      to     = {
        argument { "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
          "subprocess.Popen", 1, keyword = "args" },
        argument { "os.exec*", "os.spawn*", "os.posix_spawn*", "os.startfile",
          "asyncio.create_subprocess_exec", "pty.spawn" },
      },
      except = { numbers() },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[import subprocess
from flask import request
def convert():
    subprocess.check_call(["convert", request.form["name"], "out.png"])
]=],
      [=[import subprocess
def tool(request):
    name = request.POST.get("tool")
    return subprocess.run(args=[name])
]=],
    },
    miss = {
      [=[import subprocess
from flask import request
def convert():
    subprocess.check_call(["convert", "-size", str(int(request.form["size"])), "out.png"])
]=],
      [=[import subprocess
from flask import request
TOOLS = {"a": "/bin/a", "b": "/bin/b"}
def tool():
    name = request.args["tool"]
    if name == "a":
        return subprocess.run([name])
]=],
    },
  },
}

rule "python-code-injection" {
  title     = "Text from outside is run as Python",
  tags      = { "python", "injection", "cwe-94", "cwe-95" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/95.html",
                remediation = "Read data with json.loads or ast.literal_eval; choose functions from a table." },
  language  = "python",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment", "arguments" },
      to     = { argument { "eval", "exec", "execfile", "compile", "builtins.eval", "builtins.exec",
        "__builtin__.eval", "code.interact", "importlib.import_module", "__import__", 1 },
        argument { ".runcode", ".runsource", 2 } },
      except = { numbers(), call { "ast.literal_eval", "json.loads" } },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[print(eval(input("sum: ")))
]=],
      [=[from flask import request
def calculate():
    what = request.get_json()["what"]
    code = "result = " + what
    exec(code)
]=],
      -- a closure
      [=[import os
def maker():
    text = os.environ["HOOK"]
    def hook():
        return eval(text)
    return hook
maker()()
]=],
    },
    miss = {
      [=[import ast
print(ast.literal_eval(input("list: ")))
]=],
      [=[import re
def evaluate(text):
    pass
evaluate(input())
model.eval()
]=],
      [=[text = input()
if text.isdigit():
    print(eval(text))
]=],
    },
  },
}

rule "python-sql-injection" {
  title     = "A statement of SQL is put together from text from outside",
  tags      = { "python", "injection", "sql", "cwe-89" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/89.html",
                remediation = "Pass values beside the statement: execute(\"… WHERE name = %s\", (name,))." },
  language  = "python",
  confirm   = {
    taint {
      from   = outside { "request", "input", "arguments" },
      to     = {
        argument { ".execute", ".executemany", ".executescript", ".raw", ".extra", 2, keyword = "sql" },
        argument { ".read_sql", "pandas.read_sql", "pandas.read_sql_query", "sqlalchemy.text",
          "django.db.models.expressions.RawSQL", 1 },
      },
      except = { numbers(), call { ".escape_string", ".quote_ident" } },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[import sqlite3
from flask import request
def user():
    connection = sqlite3.connect("users.db")
    cursor = connection.cursor()
    cursor.execute("SELECT * FROM users WHERE name = '%s'" % request.args["name"])
    return cursor.fetchone()
]=],
      [=[def find(connection, name):
    sql = "SELECT * FROM t WHERE n = '{}'".format(name)
    return connection.execute(sql).fetchall()
find(database(), input())
]=],
      [=[class Users:
    def __init__(self, cursor):
        self.cursor = cursor
    def named(self, name):
        self.cursor.execute(f"SELECT id FROM users WHERE name = '{name}'")
def view(request):
    users = Users(connect())
    users.named(request.POST["name"])
]=],
    },
    miss = {
      [=[import sqlite3
from flask import request
def user():
    cursor = sqlite3.connect("users.db").cursor()
    cursor.execute("SELECT * FROM users WHERE name = ?", (request.args["name"],))
]=],
      [=[from flask import request
def user(cursor):
    cursor.execute("SELECT * FROM users WHERE id = %d" % int(request.args["id"]))
]=],
      [=[from flask import request
def listing(cursor):
    order = request.args.get("order", "name")
    if order not in ["name", "age"]:
        order = "name"
    cursor.execute("SELECT * FROM users ORDER BY " + order)
]=],
    },
  },
}

rule "python-template-injection" {
  title     = "Text from outside is read as a template",
  tags      = { "python", "injection", "cwe-1336", "cwe-94" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/1336.html",
                remediation = "Keep templates in files and pass what comes from outside as values of them." },
  language  = "python",
  confirm   = {
    taint {
      from   = outside { "request", "input" },
      to     = {
        argument { "flask.render_template_string", "jinja2.Template", "jinja2.Environment.from_string",
          "django.template.Template", "mako.template.Template", "tornado.template.Template", 1,
          keyword = "source" },
        argument { ".from_string", 2 },
      },
      except = { numbers() },
      unless = known(),
    },
  },
  examples  = {
    match = {
      [=[from flask import request, render_template_string
def hello():
    return render_template_string("<p>Hello " + request.args["name"])
]=],
      [=[import jinja2
from flask import request
def page():
    template = jinja2.Environment().from_string(request.form["body"])
    return template.render()
]=],
    },
    miss = {
      [=[from flask import request, render_template_string
def hello():
    return render_template_string("<p>Hello {{ name }}", name=request.args["name"])
]=],
      [=[from jinja2 import Template
from flask import request
def page():
    return Template("{{ x }}").render(x=request.args["x"])
]=],
    },
  },
}

rule "python-deserialisation" {
  title     = "Objects are made from data from outside, with any code that they name",
  tags      = { "python", "cwe-502" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/502.html",
                remediation = "Read JSON, or yaml.safe_load." },
  language  = "python",
  confirm   = {
    taint {
      from   = outside { "request", "input", "environment" },
      to     = {
        argument { "pickle.loads", "pickle.load", "pickle.Unpickler", "cPickle.loads", "cPickle.load",
          "_pickle.loads", "dill.loads", "dill.load", "cloudpickle.loads", "jsonpickle.decode", "marshal.loads",
          "shelve.open", "yaml.unsafe_load", "yaml.unsafe_load_all", "yaml.full_load", "torch.load", "joblib.load",
          "pandas.read_pickle", 1 },
        argument { "yaml.load", "yaml.load_all", 1, given = {} },
        argument { "yaml.load", "yaml.load_all", 1, given = { Loader = "yaml.Loader" } },
        argument { "yaml.load", "yaml.load_all", 1, given = { Loader = "yaml.UnsafeLoader" } },
        argument { "yaml.load", "yaml.load_all", 1, given = { Loader = "yaml.FullLoader" } },
      },
      except = { numbers() },
    },
  },
  examples  = {
    match = {
      [=[import pickle, base64
from flask import request
def load():
    return pickle.loads(base64.b64decode(request.cookies["state"]))
]=],
      [=[import yaml
def view(request):
    return yaml.load(request.POST["config"], Loader=yaml.Loader)
]=],
      [=[import yaml
def read(connection):
    return yaml.load(connection.recv(4096))
]=],
    },
    miss = {
      [=[import yaml
def view(request):
    return yaml.load(request.POST["config"], Loader=yaml.SafeLoader)
]=],
      [=[import json, pickle
from flask import request
def load():
    with open("state") as file:
        state = pickle.load(file)
    return json.loads(request.cookies["state"]), state
]=],
    },
  },
}
