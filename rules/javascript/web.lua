-- Text from outside that names a file or an address, or that becomes part of a page.

local numbers = { call { "Number", "parseInt", "parseFloat", "Number.parseInt", "Number.parseFloat", "BigInt",
  "Boolean" }, field { "length" } }

local known = {
  guard { compare = "==", with = "constant" },
  guard { call { ".includes", ".has", ".hasOwnProperty" }, on = 2 },
  guard { call "in", on = 1 },
  guard { call { ".test" }, on = 2 },
}

-- What makes text of a page harmless.
local escaped = call { "encodeURIComponent", "encodeURI", "escape", "DOMPurify.sanitize", "sanitize-html", "xss",
  "escape-html", "lodash.escape", "_.escape", "he.encode", "he.escape", "validator.escape", "escapeHtml", "escapeHTML",
  ".sanitize", ".escape" }

rule "js-path-traversal" {
  title     = "A file is named by text from outside",
  tags      = { "javascript", "path", "cwe-22", "cwe-23", "cwe-36", "cwe-73" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/22.html",
                remediation = "Take path.basename of it, or test that path.resolve of it begins with the folder." },
  language  = "javascript",
  confirm   = { taint {
    from = outside "request",
    to = { argument { "fs.readFile", "fs.readFileSync", "fs.createReadStream", "fs.writeFile", "fs.writeFileSync",
      "fs.appendFile", "fs.appendFileSync", "fs.createWriteStream", "fs.open", "fs.openSync", "fs.unlink",
      "fs.unlinkSync", "fs.rm", "fs.rmSync", "fs.readdir", "fs.readdirSync", "fs.rmdir", "fs.mkdir", "fs.mkdirSync",
      "fs.promises.readFile", "fs.promises.writeFile", "fs.promises.unlink", "fs.promises.open",
      "fs.promises.readdir", "fs.promises.rm", "fs-extra.readFile", "fs-extra.remove", "fs-extra.outputFile",
      1 }, argument { "fs.rename", "fs.renameSync", "fs.copyFile", "fs.copyFileSync", 1, 2 },
      argument { ".sendFile", ".sendfile", ".download", 2 } },
    except = { numbers, call { "path.basename", "sanitize-filename" } },
    unless = { known, guard { call { ".startsWith" }, on = 1 },
      guard { call { ".includes", ".indexOf" }, on = 1, outcome = false } } } },
  examples  = {
    match = {
      [[const fs = require("fs"), path = require("path");
exports.page = (req, res) => { res.end(fs.readFileSync(path.join(__dirname, "pages", req.params.page))); };]],
      [[import { readFile } from "fs/promises";
export async function show(req, res) {
  let name;
  switch (req.query.kind) { case "log": name = "log/" + req.query.name; break; default: name = "index"; }
  res.end(await readFile(name));
}]],
    },
    miss = {
      [[const fs = require("fs"), path = require("path");
exports.page = (req, res) => { res.end(fs.readFileSync(path.join("pages", path.basename(req.params.page)))); };]],
      [[const fs = require("fs"), path = require("path");
exports.page = (req, res) => {
  const file = path.resolve("/srv/pages", req.params.page);
  if (!file.startsWith("/srv/pages/")) { res.status(403).end(); return; }
  fs.readFile(file, (error, data) => res.end(data));
};]],
    },
  },
}

rule "js-request-forgery" {
  title     = "The program fetches an address that text from outside says",
  tags      = { "javascript", "request", "cwe-918" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/918.html",
                remediation = "Compare the host with a list of those that may be asked." },
  language  = "javascript",
  confirm   = { taint {
    from = outside "request",
    to = { argument { "fetch", "axios", "axios.get", "axios.post", "axios.request", "axios.put", "request",
      "request.get", "request.post", "http.get", "http.request", "https.get", "https.request", "got", "got.get",
      "node-fetch", "needle", "needle.get", "superagent.get", "superagent.post", "undici.request", "undici.fetch",
      1 } },
    except = { numbers, call { "encodeURIComponent" } }, unless = known } },
  examples  = {
    match = {
      [[const axios = require("axios");
exports.proxy = async (req, res) => {
  const target = req.query.url || "https://example.com";
  const answer = await axios.get(target);
  res.send(answer.data);
};]],
      [[const http = require("http");
function load(options) { return http.get(options); }
exports.check = (req) => {
  const options = { host: "localhost", path: "/" }; options.host = req.body.host; load(options);
};]],
    },
    miss = {
      [[const axios = require("axios");
exports.proxy = async (req, res) => {
  res.json(await axios.get("https://example.com/?q=" + encodeURIComponent(req.query.q)));
};]],
      [[const HOSTS = { "a.example": 1 };
exports.check = (req) => { if (req.body.host in HOSTS) fetch("https://" + req.body.host); };]],
      [[const http = require("http");
exports.check = (req) => {
  const options = { host: "localhost" }; const other = { host: req.body.host }; http.get(options);
};]],
    },
  },
}

rule "js-cross-site-scripting" {
  title     = "Text from outside becomes part of a page",
  tags      = { "javascript", "html", "cwe-79", "cwe-80" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/79.html",
                remediation = "Set textContent, or escape the text." },
  language  = "javascript",
  confirm   = { taint {
    from = outside { "request", "page" },
    to = { field { "innerHTML", "outerHTML", "srcdoc", "__html" }, argument { "document.write", "document.writeln" },
      argument { ".insertAdjacentHTML", 3 }, argument { ".html", ".createContextualFragment", 2 },
      argument { ".send", 2 } },
    except = { numbers, escaped }, unless = known } },
  examples  = {
    match = {
      [[const box = document.getElementById("box");
function show(text) { box.innerHTML = "<p>" + text + "</p>"; }
window.addEventListener("hashchange", () => show(decodeURIComponent(location.hash)));]],
      [[document.write("<a href='" + document.referrer + "'>back</a>");]],
      [[const app = require("express")();
app.get("/", function (req, res) { const name = req.query.name; res.status(404).send(`no ${name}`); });]],
    },
    miss = {
      [[const box = document.getElementById("box");
box.textContent = location.hash;
box.innerHTML = "<p>hello</p>";]],
      [[import DOMPurify from "dompurify";
document.body.innerHTML = window.DOMPurify.sanitize(location.hash);]],
    },
  },
}

rule "js-open-redirect" {
  title     = "Text from outside says where the browser goes",
  tags      = { "javascript", "redirect", "cwe-601" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/601.html",
                remediation = "Redirect to paths that the program knows." },
  language  = "javascript",
  confirm   = { taint {
    from = { field { "req.query", "req.body", "req.params", "request.query", "request.body", "ctx.query",
      "event.queryStringParameters" }, call { ".param" }, global { "location.search", "location.hash",
      "document.referrer" } },
    to = { argument { ".redirect", 2 }, argument { ".redirect", 3 }, argument { ".location", 2 },
      global { "location", "location.href", "document.location" },
      argument { "location.assign", "location.replace", 1 } },
    except = { numbers, call { "encodeURIComponent" } },
    unless = { known, guard { call { ".startsWith" }, on = 1 } } } },
  examples  = {
    match = {
      [[const app = require("express")();
app.get("/login", (req, res) => { const { next = "/" } = req.query; res.redirect(next); });]],
      [[const params = new URLSearchParams(location.search);
window.location.href = params.get("next");]],
    },
    miss = {
      [[const app = require("express")();
app.get("/login", (req, res) => { const { n = "/" } = req.query; res.redirect("/?n=" + encodeURIComponent(n)); });]],
      [[const app = require("express")();
app.get("/login", (req, res) => { let next = req.query.next; next = "/home"; res.redirect(next); });]],
    },
  },
}
