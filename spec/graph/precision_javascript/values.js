// pair: a sanitizer
// flow
const { exec } = require("child_process");
exports.a = (req) => { exec("ls " + req.query.a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { exec("ls " + quote(req.query.a)); };
// pair: a sanitizer of another value
// flow
const { exec } = require("child_process");
exports.a = (req) => { const a = req.query.a, b = quote(a); exec(`ls ${a} ${b}`); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const a = req.query.a, b = quote(a); exec(`ls ${b} ${b}`); };
// pair: a variable that is overwritten
// flow
const { exec } = require("child_process");
exports.a = (req) => { let a = "x"; a = req.query.a; exec(a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { let a = req.query.a; a = "x"; exec(a); };
// pair: fields of an object
// flow
const { exec } = require("child_process");
exports.a = (req) => { const o = { a: req.query.a, b: "ls" }; exec(o.a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const o = { a: req.query.a, b: "ls" }; exec(o.b); };
// pair: a field that is written later
// flow
const { exec } = require("child_process");
exports.a = (req) => { const o = {}; o["cmd"] = req.query.a; exec(o.cmd); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const o = { cmd: req.query.a }; o.cmd = "ls"; exec(o.cmd); };
// pair: destructuring by name
// flow
const { exec } = require("child_process");
exports.a = (req) => { const { a, b: { c = "x" } } = { a: "ls", b: req.query }; exec(c); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const { a, b: { c = "x" } } = { a: "ls", b: req.query }; exec(a); };
// pair: destructuring of a parameter
// flow
const { exec } = require("child_process");
function run({ cmd, dir = "/" }, ...more) { exec(cmd); } // SINK
exports.a = (req) => { run({ cmd: req.query.a, dir: "x" }, 1); };
// clean
const { exec } = require("child_process");
function run({ cmd, dir = "/" }, ...more) { exec(dir); }
exports.a = (req) => { run({ cmd: req.query.a, dir: "x" }, 1); };
// pair: an object that is spread
// flow
const { exec } = require("child_process");
exports.a = (req) => { const o = { a: req.query.a, b: "ls" }; const p = { ...o, c: "x" }; exec(p.a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const o = { a: req.query.a, b: "ls" }; const p = { ...o, c: "x" }; exec(p.b); };
// pair: elements of a list
// flow
const { exec } = require("child_process");
exports.a = (req) => { const list = []; list.push("x", req.query.a); exec(list.join(" ")); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const list = [], other = []; other.push(req.query.a); list.push("x"); exec(list.join(" ")); };
// pair: text that is put together
// flow
const { exec } = require("child_process");
exports.a = (req) => { let c = "ls"; c += " " + req.query.a.trim().slice(1); exec(c); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { let c = "ls"; c += " " + (req.query.a === "x" ? "-l" : "-a"); exec(c); };
// pair: logical operators as values
// flow
const { exec } = require("child_process");
exports.a = (req) => { const c = req.query.a ?? "ls"; exec(c); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const c = req.query.a && "ls"; const d = c === "ls" ? "x" : "y"; exec(d); };
// pair: a name of another scope
// flow
const { exec } = require("child_process");
exports.a = (req) => { let c = "ls"; { c = req.query.a; } exec(c); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { let c = "ls"; { let c = req.query.a; c.trim(); } exec(c); };
// pair: a name that hides what was imported
// flow
const { exec } = require("child_process");
exports.a = (req) => { const run = exec; run(req.query.a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req, exec) => { exec(req.query.a); };
// pair: a computed key that is written there
// flow
const cp = require("child_process");
exports.a = (req) => { cp["exec"](req.query.a); }; // SINK
// clean
const cp = require("child_process");
exports.a = (req) => { cp["execFile"]("ls", [req.query.a]); };
// pair: fields in a function that does much
// flow
const { exec } = require("child_process");
exports.a = (req, res) => {
  one(1); two(); three(); four(); five(); six(); seven(); eight(); res.nine(); req.ten();
  const o = { x: req.query.a, y: "ls" };
  exec(o.x); // SINK
};
// clean
const { exec } = require("child_process");
exports.a = (req, res) => {
  one(1); two(); three(); four(); five(); six(); seven(); eight(); res.nine(); req.ten();
  const o = { x: req.query.a, y: "ls" };
  exec(o.y);
};
// pair: a function that has the name of another one
// flow
const { exec } = require("child_process");
exports.later = (f) => { later(f); };
exports.a = (req) => { later(1); exec(req.query.a); }; // SINK
// clean
const { exec } = require("child_process");
exports.exec = (x) => { exec("ls"); };
exports.a = (req) => { exports.exec(req.query.a); };
// pair: what is put into an element that may be another
// flow
function show(boxes, i) {
  boxes[i].title = "x";
  boxes[i].innerHTML = location.hash; // SINK
}
// clean
function show(boxes, i) {
  boxes[i].innerHTML = "x";
  boxes[i].title = location.hash;
  boxes[i].innerHTML = "y";
}
