// pair: who calls with what
// flow
const { exec } = require("child_process");
const id = (x) => x;
exports.a = (req) => { const a = id(req.query.a), b = id("ls"); exec(a); }; // SINK
// clean
const { exec } = require("child_process");
const id = (x) => x;
exports.a = (req) => { const a = id(req.query.a), b = id("ls"); exec(b); };
// pair: a closure
// flow
const { exec } = require("child_process");
exports.a = (req) => { const cmd = req.query.a, dir = "/"; const go = () => exec(cmd); go(); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const cmd = req.query.a, dir = "/"; const go = () => exec(dir); go(cmd); };
// pair: a callback that somebody calls
// flow
const { exec } = require("child_process");
exports.a = (req) => { const cmd = req.query.a; later(() => { exec(cmd); }); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { let cmd = req.query.a; cmd = "ls"; later(() => { exec(cmd); }); };
// pair: a function that gets a function
// flow
const { exec } = require("child_process");
function each(list, f) { for (const x of list) f(x, "ls"); }
exports.a = (req) => { each(req.query.a, (a, b) => { exec(a); }); }; // SINK
// clean
const { exec } = require("child_process");
function each(list, f) { for (const x of list) f(x, "ls"); }
exports.a = (req) => { each(req.query.a, (a, b) => { exec(b); }); };
// pair: list methods
// flow
const { exec } = require("child_process");
exports.a = (req) => { const all = ["x", req.query.a].map((x) => "-" + x); all.forEach((c) => exec(c)); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const all = ["x", req.query.a].map((x) => x === "y"); ["ls"].forEach((c) => exec(c)); };
// pair: reduce
// flow
const { exec } = require("child_process");
exports.a = (req) => { exec([req.query.a].reduce((all, x) => all + x, "")); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { exec([req.query.a].reduce((all, x) => all + "x", "")); };
// pair: a promise
// flow
const { exec } = require("child_process");
exports.a = (req) => { Promise.resolve(req.query.a).then((x) => x.trim()).then((y) => exec(y)); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { Promise.resolve(req.query.a).then((x) => "ls").then((y) => exec(y)); };
// pair: await
// flow
const { exec } = require("child_process");
async function get(req) { return req.query.a; }
exports.a = async (req) => { const a = await get(req); exec(a); }; // SINK
// clean
const { exec } = require("child_process");
async function get(req) { return req.query.a.length > 3 ? "ls" : "df"; }
exports.a = async (req) => { const a = await get(req); exec(a); };
// pair: a generator
// flow
const { exec } = require("child_process");
function* parts(x) { yield x.a; yield "b"; }
exports.a = (req) => { for (const p of parts(req.query)) exec(p); }; // SINK
// clean
const { exec } = require("child_process");
function* parts(x) { yield "a"; yield "b"; }
exports.a = (req) => { for (const p of parts(req.query)) exec(p); };
// pair: fields of `this`
// flow
const { exec } = require("child_process");
class Job {
  constructor(cmd, dir) { this.cmd = cmd; this.dir = dir; }
  go() { exec(this.cmd); } // SINK
}
exports.a = (req) => { const j = new Job(req.query.a, "x"); j.go(); };
// clean
const { exec } = require("child_process");
class Job {
  constructor(cmd, dir) { this.cmd = cmd; this.dir = dir; }
  go() { exec(this.dir); }
}
exports.a = (req) => { const j = new Job(req.query.a, "x"); j.go(); };
// pair: a class that extends another
// flow
const { exec } = require("child_process");
class Base { constructor(a) { this.a = a; this.b = "x"; } }
class Job extends Base { constructor(a) { super(a); this.c = "y"; } }
exports.a = (req) => { exec(new Job(req.query.a).a); }; // SINK
// clean
const { exec } = require("child_process");
class Base { constructor(a) { this.a = a; this.b = "x"; } }
class Job extends Base { constructor(a) { super(a); this.c = "y"; } }
exports.a = (req) => { exec(new Job(req.query.a).b); };
// pair: a function that is made with new
// flow
const { exec } = require("child_process");
function Job(a) { this.a = a; this.b = "x"; }
Job.prototype.go = function () { exec(this.a); }; // SINK
exports.a = (req) => { new Job(req.query.a).go(); };
// clean
const { exec } = require("child_process");
function Job(a) { this.a = a; this.b = "x"; }
Job.prototype.go = function () { exec(this.b); };
exports.a = (req) => { new Job(req.query.a).go(); };
// pair: methods of an object
// flow
const { exec } = require("child_process");
const tools = { run(c) { exec(c); }, keep(c) { this.last = c; } }; // SINK
exports.a = (req) => { tools.run(req.query.a); };
// clean
const { exec } = require("child_process");
const tools = { run(c) { exec(c); }, keep(c) { this.last = c; } };
exports.a = (req) => { tools.keep(req.query.a); tools.run("ls"); };
// pair: a function by way of call
// flow
const { exec } = require("child_process");
function run(a, b) { exec(a); } // SINK
exports.a = (req) => { run.call(null, req.query.a, "x"); };
// clean
const { exec } = require("child_process");
function run(a, b) { exec(b); }
exports.a = (req) => { run.call(null, req.query.a, "x"); };
// pair: a promise that is made
// flow
const { exec } = require("child_process");
const get = (x, y) => new Promise((resolve, reject) => { later(() => { if (x) resolve(x); else reject(y); }); });
exports.a = async (req) => { const a = await get(req.query.a, "x"); exec(a); }; // SINK
// clean
const { exec } = require("child_process");
const get = (x, y) => new Promise((resolve, reject) => { later(() => { if (y) resolve(y); else reject(x); }); });
exports.a = async (req) => { const a = await get(req.query.a, "x"); exec(a); };
// pair: a method that has a name of lists, and calls another one
// flow
const { exec } = require("child_process");
class Jobs { find(c, d) { return this.map(c); } map(c) { exec(c); } } // SINK
const jobs = new Jobs();
exports.a = (req) => { jobs.find(req.query.a, "x"); };
// clean
const { exec } = require("child_process");
class Jobs { find(c, d) { return this.map(d); } map(c) { exec(c); } }
const jobs = new Jobs();
exports.a = (req) => { jobs.find(req.query.a, "x"); };
