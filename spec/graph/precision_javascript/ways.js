// pair: a guard on the value
// flow
const { exec } = require("child_process");
exports.a = (req) => { const a = req.query.a; isSafe(a); exec(a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const a = req.query.a; if (isSafe(a)) exec(a); };
// pair: a guard that leaves early
// flow
const { exec } = require("child_process");
exports.a = (req) => { const a = req.query.a; if (!isSafe(a)) console.log(a); exec(a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const a = req.query.a; if (!isSafe(a)) throw new Error("no"); exec(a); };
// pair: a guard on another value
// flow
const { exec } = require("child_process");
exports.a = (req) => { const { a, b } = req.query; if (isSafe(b)) exec(a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const { a, b } = req.query; if (isSafe(b)) exec(b); };
// pair: a method as a guard
// flow
const { exec } = require("child_process");
exports.a = (req) => { const a = req.query.a; if (/^x/.test("x")) exec(a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const a = req.query.a; if (/^\w+$/.test(a) && a !== "") exec(a); };
// pair: a way that is never taken
// flow
const { exec } = require("child_process");
exports.a = (req) => { let a = req.query.a; if (1 > 2) a = "x"; exec(a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { let a = "x"; if (1 > 2) a = req.query.a; exec(a); };
// pair: a loop that carries a value on
// flow
const { exec } = require("child_process");
exports.a = (req) => {
  let last = "ls";
  for (let i = 0; i < 3; i++) {
    exec(last); // SINK
    last = req.query.a;
  }
};
// clean
const { exec } = require("child_process");
exports.a = (req) => { let last = req.query.a; for (let i = 0; i < 3; i++) { last = "ls"; exec(last); } };
// pair: elements, one after another
// flow
const { exec } = require("child_process");
exports.a = (req) => { for (const part of req.query.a.split(",")) exec(part); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { for (const part of req.query.a.split(",")) exec("ls"); };
// pair: a label
// flow
const { exec } = require("child_process");
exports.a = (req) => {
  let a = "ls";
  outer: for (;;) { for (;;) { a = req.query.a; break outer; } a = "ls"; }
  exec(a); // SINK
};
// clean
const { exec } = require("child_process");
exports.a = (req) => {
  let a = req.query.a;
  outer: for (;;) { for (;;) { a = "ls"; break outer; } a = req.query.b; }
  exec(a);
};
// pair: what is thrown
// flow
const { exec } = require("child_process");
exports.a = (req) => { try { throw req.query.a; } catch (e) { exec(e); } }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { try { throw req.query.a; } catch (e) { exec("ls"); } };
// pair: what finally does
// flow
const { exec } = require("child_process");
exports.a = (req) => { let a = "ls"; try { go(); } finally { a = req.query.a; } exec(a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { let a = req.query.a; try { go(); } finally { a = "ls"; } exec(a); };
// pair: a switch
// flow
const { exec } = require("child_process");
exports.a = (req) => {
  let a;
  switch (req.query.kind) {
  case "x": a = "ls"; break;
  case "y": a = req.query.a;
  default: exec(a); // SINK
  }
};
// clean
const { exec } = require("child_process");
exports.a = (req) => {
  let a;
  switch (req.query.kind) {
  case "x": a = req.query.a; break;
  default: a = "ls"; exec(a);
  }
};
// pair: a value that is one that is known
// flow
const { exec } = require("child_process");
exports.a = (req) => { const a = req.query.a; if (a !== "ls" && a !== "df") console.log("other"); exec(a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { const a = req.query.a; if (a === "ls" || a === "df") exec(a); };
// pair: a guard on a field of what came in
// flow
const { exec } = require("child_process");
exports.a = (req) => { if (isSafe(req.query.b)) exec(req.query.a); }; // SINK
// clean
const { exec } = require("child_process");
exports.a = (req) => { if (isSafe(req.query.a)) exec(req.query.a); };
