-- Text from outside that is run: as code, as a command, as a query.

-- A number can do no harm in another text, nor can the length of one.
local numbers = { call { "Number", "parseInt", "parseFloat", "Number.parseInt", "Number.parseFloat", "BigInt",
  "Boolean" }, field { "length" } }

-- It is one that the program knows.
local known = {
  guard { compare = "==", with = "constant" },
  guard { call { ".includes", ".has", ".hasOwnProperty" }, on = 2 },
  guard { call "in", on = 1 },
  guard { call { ".test" }, on = 2 },
  guard { call { "Number.isInteger", "Number.isFinite", "isFinite" }, on = 1 },
}

rule "js-code-injection" {
  title     = "Text from outside is run as code",
  tags      = { "javascript", "code", "cwe-94", "cwe-95" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/95.html",
                remediation = "Parse what is expected (JSON.parse, a number) and choose from what the program knows." },
  language  = "javascript",
  confirm   = { taint {
    from = outside { "request", "page" },
    to = { argument { "eval", "setTimeout", "setInterval", "setImmediate", "execScript", "vm.runInContext",
      "vm.runInNewContext", "vm.runInThisContext", "vm.compileFunction", "vm.Script", 1 },
      argument { "Function", "AsyncFunction", "GeneratorFunction" } },
    except = numbers, unless = known } },
  examples  = {
    match = {
      [[const express = require("express");
const app = express();
app.get("/sum", (req, res) => {
  const { formula } = req.query;
  res.send(String(eval("(" + formula + ")")));
});]],
      [[const vm = require("node:vm");
function run(text) { return new vm.Script(text).runInThisContext(); }
module.exports = async function (req) { run(`result = ${await req.body.script}`); };]],
      [[setTimeout("show('" + location.hash.slice(1) + "')", 100);]],
    },
    miss = {
      [[const app = require("express")();
app.get("/sum", (req, res) => { res.send(String(eval("1 + " + Number(req.query.n)))); });]],
      [[const app = require("express")();
app.get("/sum", (req, res) => { setTimeout(() => res.send(req.query.n), 100); eval("1 + 2"); });]],
    },
  },
}

rule "js-command-injection" {
  title     = "Text from outside is run by a shell",
  tags      = { "javascript", "command", "cwe-77", "cwe-78" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/78.html",
                remediation = "Use execFile or spawn with a list of arguments and without a shell." },
  language  = "javascript",
  confirm   = { taint {
    from = outside { "request", "arguments" },
    to = { argument { "child_process.exec", "child_process.execSync", "child_process.spawn",
      "child_process.spawnSync", "child_process.execFile", "child_process.execFileSync", "child_process.fork",
      "shelljs.exec", "execa.command", "execa.commandSync", 1 } },
    except = { numbers, call { "shell-quote.quote", "shell-escape" } }, unless = known } },
  examples  = {
    match = {
      [[const cp = require("child_process");
const app = require("express")();
app.post("/ping", (req, res) => {
  cp.exec("ping -c 1 " + req.body.host, (error, out) => res.send(out));
});]],
      [[import { execSync as run } from "node:child_process";
class Job {
  constructor(name) { this.name = name; }
  start() { return run(`tar xf ${this.name}`); }
}
export function handler(req) { const job = new Job(req.params.file); return job.start(); }]],
      { files = {
        ["shell.js"] = [[const { promisify } = require("util");
const exec = promisify(require("child_process").exec);
exports.list = async function (folder) { return await exec("ls " + folder); };]],
        ["routes/files.js"] = [[const shell = require("../shell");
module.exports = (router) => { router.get("/", (req, res) => shell.list(req.query.folder)); };]],
      } },
    },
    miss = {
      [[const cp = require("child_process");
const app = require("express")();
app.post("/ping", (req, res) => { cp.execFile("ping", ["-c", "1", req.body.host], () => res.end()); });]],
      [[const { exec } = require("child_process");
const HOSTS = ["a.example", "b.example"];
exports.ping = (req) => { const host = req.query.host; if (!HOSTS.includes(host)) return; exec("ping " + host); };]],
      [[const re = /x/;
exports.find = (req) => re.exec(req.query.text);]],
    },
  },
}

rule "js-sql-injection" {
  title     = "Text from outside becomes part of an SQL statement",
  tags      = { "javascript", "sql", "cwe-89" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/89.html",
                remediation = "Put ? or $1 into the statement, and give the value as a parameter." },
  language  = "javascript",
  confirm   = { taint {
    from = outside "request",
    to = { argument { ".query", ".execute", ".raw", ".$queryRawUnsafe", ".$executeRawUnsafe", ".whereRaw", ".prepare",
      2 } },
    except = { numbers, call { "mysql.escape", "mysql2.escape", ".escape", "sqlstring.escape", "mysql.format",
      "sqlstring.format", "pg-format" } },
    unless = known } },
  examples  = {
    match = {
      [[const db = require("./db");
const app = require("express")();
app.get("/user", (req, res) => {
  db.query("SELECT * FROM users WHERE name = '" + req.query.name + "'").then((rows) => res.json(rows));
});]],
      [[const { Pool } = require("pg");
const pool = new Pool();
async function find(where) { return pool.query(`SELECT * FROM t WHERE ${where}`); }
exports.search = async (req, res) => {
  const parts = Object.values(req.body).map((v) => "x = '" + v + "'");
  res.json(await find(parts.join(" AND ")));
};]],
    },
    miss = {
      [[const db = require("./db");
exports.user = (req, res) => { db.query("SELECT * FROM users WHERE name = ?", [req.query.name]); };]],
      [[const db = require("./db");
exports.user = (req, res) => {
  const id = parseInt(req.params.id, 10); db.query("SELECT * FROM t WHERE id = " + id);
};]],
    },
  },
}

rule "js-nosql-injection" {
  title     = "An object from outside is used as a query of a document store",
  tags      = { "javascript", "nosql", "cwe-943" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/943.html",
                remediation = "Make a text of each value first (String(x)), or check its type." },
  language  = "javascript",
  confirm   = { taint {
    from = outside "request",
    to = { argument { ".findOne", ".findOneAndUpdate", ".findOneAndDelete", ".updateOne", ".updateMany", ".deleteOne",
      ".deleteMany", ".countDocuments", 2 }, field { "$where" } },
    except = { numbers, call { "String", ".toString", "mongo-sanitize", "JSON.stringify" } },
    unless = known } },
  examples  = {
    match = {
      [[const User = require("./user");
exports.login = async (req, res) => {
  const user = await User.findOne({ name: req.body.name, password: req.body.password });
  res.json(user);
};]],
      [[exports.find = (req, items) => items.find({ $where: "this.year == " + req.query.year });]],
    },
    miss = {
      [[const User = require("./user");
exports.login = async (req, res) => { res.json(await User.findOne({ name: String(req.body.name) })); };]],
      [[const User = require("./user");
exports.first = async (req, res) => { console.log(req.body.name); res.json(await User.findOne({ name: "first" })); };]],
    },
  },
}

rule "js-unsafe-deserialization" {
  title     = "Text from outside is read by something that may run code of it",
  tags      = { "javascript", "serialization", "cwe-502" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/502.html",
                remediation = "Use JSON.parse." },
  language  = "javascript",
  confirm   = { taint {
    from = outside "request",
    to = { argument { "node-serialize.unserialize", "serialize-to-js.deserialize", "funcster.deepDeserialize",
      "js-yaml.load", "js-yaml.loadAll", "v8.deserialize", "cryo.parse", 1 }, argument { ".unserialize", 2 } },
    except = numbers } },
  examples  = {
    match = {
      [[const serialize = require("node-serialize");
exports.profile = (req, res) => {
  if (!req.cookies.profile) return;
  const text = Buffer.from(req.cookies.profile, "base64").toString();
  res.send(serialize.unserialize(text).name);
};]],
      [[import yaml from "js-yaml";
export default (req) => { let data; try { data = yaml.load(req.body.text); } catch (e) { data = {}; } return data; };]],
    },
    miss = {
      [[exports.profile = (req, res) => { res.send(JSON.parse(req.cookies.profile).name); };]],
      [[const yaml = require("js-yaml");
const fs = require("fs");
exports.config = (req) => { const all = yaml.load(fs.readFileSync("c.yml", "utf8")); return all[req.query.key]; };]],
    },
  },
}
