-- What text from outside chooses: files, addresses of requests, pages that browsers are sent to.

local function numbers()
  return call { "int", "float", "bool", "len", "complex", "uuid.UUID", "decimal.Decimal", "ipaddress.*", "hash" }
end

-- One of those that the program knows, or of a form that the program asks for.
local function known(more)
  local list = {
    guard { call "in", on = 1 },
    guard { compare = "==", with = "constant" },
    guard { call { ".isdigit", ".isalnum", ".isalpha", ".isdecimal", ".isnumeric", ".isidentifier" } },
    guard { call { "re.match", "re.fullmatch" }, on = 2 },
    guard { call { ".match", ".fullmatch" }, on = 2 },
  }
  table.move(more or {}, 1, #(more or {}), #list + 1, list)
  return list
end

rule "python-path-traversal" {
  title     = "A file is named by text that came with a request",
  tags      = { "python", "path", "cwe-22", "cwe-23", "cwe-36", "cwe-73" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/22.html",
                remediation = "Take os.path.basename of it, or test the start of what os.path.realpath makes of it." },
  language  = "python",
  confirm   = {
    taint {
      from   = outside "request",
      to     = {
        argument { "open", "io.open", "codecs.open", "os.open", "os.remove", "os.unlink", "os.rmdir", "os.mkdir",
          "os.makedirs", "os.listdir", "os.scandir", "os.walk", "os.chmod", "shutil.rmtree", "flask.send_file",
          "django.http.FileResponse", "aiofiles.open", "zipfile.ZipFile", "tarfile.open", "gzip.open",
          "os.readlink", 1 },
        argument { "os.rename", "os.replace", "os.link", "os.symlink", "shutil.copy", "shutil.copy2",
          "shutil.copyfile", "shutil.copytree", "shutil.move", 1, 2 },
        argument { ".read_text", ".read_bytes", ".write_text", ".write_bytes", ".unlink", 1 },
      },
      except = { numbers(), call { "os.path.basename", "werkzeug.utils.secure_filename", "secure_filename",
        "flask.safe_join", "werkzeug.utils.safe_join", "werkzeug.security.safe_join", "hashlib.*", ".hexdigest" } },
      unless = known { guard { call { ".startswith", ".is_relative_to" }, on = 1 },
        guard { call "in", on = 2, outcome = false } },
    },
  },
  examples  = {
    match = {
      [=[from flask import request
def page():
    with open("pages/" + request.args["name"]) as file:
        return file.read()
]=],
      [=[import os
def remove(request):
    path = os.path.join("/srv/files", request.GET.get("file"))
    os.remove(path)
]=],
      [=[from pathlib import Path
from flask import request
def page():
    return Path("pages", request.args["name"]).read_text()
]=],
    },
    miss = {
      [=[import os
from flask import request
def page():
    with open("pages/" + os.path.basename(request.args["name"])) as file:
        return file.read()
]=],
      [=[import os
from flask import request
def page():
    path = os.path.realpath(os.path.join("/srv/pages", request.args["name"]))
    if not path.startswith("/srv/pages/"):
        return None
    return open(path).read()
]=],
      [=[from flask import request
def save():
    with open("log", "a") as file:
        file.write(request.args["text"])
]=],
    },
  },
}

rule "python-request-forgery" {
  title     = "Text that came with a request says what this server asks for",
  tags      = { "python", "web", "cwe-918" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/918.html",
                remediation = "Choose from known hosts; refuse addresses of the own network." },
  language  = "python",
  confirm   = {
    taint {
      from   = outside "request",
      to     = {
        argument { "requests.get", "requests.post", "requests.put", "requests.patch", "requests.delete",
          "requests.head", "requests.options", "urllib.request.urlopen", "urllib.request.Request",
          "urllib.request.urlretrieve", "urllib.urlopen", "urllib.urlretrieve", "urllib2.urlopen", "urllib2.Request",
          "httpx.get", "httpx.post", "httpx.put", "httpx.delete", "httpx.head", "aiohttp.request",
          "http.client.HTTPConnection", "http.client.HTTPSConnection", 1, keyword = "url" },
        argument { "requests.request", "httpx.request", "httpx.stream", 2, keyword = "url" },
      },
      except = { numbers(), call { "urllib.parse.quote", "urllib.parse.quote_plus", "urllib.parse.urlencode" } },
      unless = known { guard { call ".startswith", on = 1 } },
    },
  },
  examples  = {
    match = {
      [=[import requests
from flask import request
def fetch():
    return requests.get(request.args["url"]).text
]=],
      [=[from urllib.request import urlopen
def proxy(request):
    host = request.GET["host"]
    return urlopen(f"http://{host}/status").read()
]=],
      [=[import requests
from flask import request
def fetch():
    return requests.post(timeout=3, url=request.form["hook"])
]=],
    },
    miss = {
      [=[import requests
from flask import request
def fetch():
    return requests.get("https://api.example.com/", params={"q": request.args["q"]}).text
]=],
      [=[import requests
from flask import request
HOSTS = {"a.example.com", "b.example.com"}
def fetch():
    host = request.args["host"]
    if host in HOSTS:
        return requests.get("https://" + host).text
]=],
    },
  },
}

rule "python-open-redirect" {
  title     = "A browser is sent where text that came with a request says",
  tags      = { "python", "web", "cwe-601" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/601.html",
                remediation = "Redirect to paths of this site only, or test with url_has_allowed_host_and_scheme." },
  language  = "python",
  confirm   = {
    taint {
      from   = outside "request",
      to     = {
        argument { "flask.redirect", "django.shortcuts.redirect", "django.http.HttpResponseRedirect",
          "django.http.HttpResponsePermanentRedirect", "bottle.redirect", "werkzeug.utils.redirect",
          "starlette.responses.RedirectResponse", "fastapi.responses.RedirectResponse", 1, keyword = "location" },
        argument { "aiohttp.web.HTTPFound", "web.seeother", 1 },
      },
      except = { numbers(), call { "flask.url_for", "django.urls.reverse", "urllib.parse.quote" } },
      unless = known { guard { call { "django.utils.http.url_has_allowed_host_and_scheme",
        "django.utils.http.is_safe_url", "url_has_allowed_host_and_scheme", "is_safe_url" }, on = 1 },
        guard { call ".startswith", on = 1 } },
    },
  },
  examples  = {
    match = {
      [=[from flask import redirect, request
def login():
    return redirect(request.args.get("next") or "/")
]=],
      [=[from django.http import HttpResponseRedirect as Go
def leave(request):
    to = request.GET["to"]
    return Go(to)
]=],
    },
    miss = {
      [=[from flask import redirect, request, url_for
def login():
    request.args.get("next")
    return redirect(url_for("index"))
]=],
      [=[from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
def login(request):
    to = request.POST["next"]
    if url_has_allowed_host_and_scheme(to, allowed_hosts=None):
        return redirect(to)
    return redirect("/")
]=],
    },
  },
}

rule "python-header-injection" {
  title     = "Text that came with a request is written to a response's headers",
  tags      = { "python", "web", "cwe-113" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/113.html",
                remediation = "Refuse line breaks in what goes into headers." },
  language  = "python",
  confirm   = {
    taint {
      from   = outside "request",
      to     = { argument { ".send_header", 2, 3 } },
      except = { numbers(), call { "urllib.parse.quote", "urllib.parse.quote_plus", "flask.url_for" } },
      unless = known { guard { call "in", on = 2, outcome = false } },
    },
  },
  examples  = {
    match = {
      [=[class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        name = self.rfile.readline()
        self.send_header("X-Name", name)
]=],
      [=[class Handler(BaseHTTPRequestHandler):
    def name(self):
        return self.rfile.read(10).decode()
    def do_POST(self):
        self.send_header("Location", "/pages/" + self.name())
]=],
    },
    miss = {
      [=[class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.readline()
        self.send_header("X-Name", "a")
]=],
      [=[class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        name = self.rfile.readline().decode()
        if "\n" not in name:
            self.send_header("X-Name", name)
]=],
    },
  },
}
