// pair: exports by name
// flow
// file: shell.js
const cp = require("child_process");
exports.run = (c) => { cp.exec(c); }; // SINK
exports.show = (c) => { console.log(c); };
// file: app.js
const shell = require("./shell");
exports.a = (req) => { shell.run(req.query.a); };
// clean
// file: shell.js
const cp = require("child_process");
exports.run = (c) => { cp.exec(c); };
exports.show = (c) => { console.log(c); };
// file: app.js
const shell = require("./shell");
exports.a = (req) => { shell.show(req.query.a); shell.run("ls"); };
// pair: one function, and index.js of a folder
// flow
// file: lib/shell/index.js
const cp = require("child_process");
module.exports = function (c, d) { cp.exec(c); }; // SINK
// file: lib/app.js
const shell = require("./shell");
exports.a = (req) => { shell(req.query.a, "x"); };
// clean
// file: lib/shell/index.js
const cp = require("child_process");
module.exports = function (c, d) { cp.exec(d); };
// file: lib/app.js
const shell = require("./shell");
exports.a = (req) => { shell(req.query.a, "x"); };
// pair: an object of functions
// flow
// file: lib/shell.js
const cp = require("child_process");
function run(c) { cp.exec(c); } // SINK
function show(c) {}
module.exports = { run, show };
// file: routes/app.js
const { run } = require("../lib/shell.js");
exports.a = (req) => { run(req.query.a); };
// clean
// file: lib/shell.js
const cp = require("child_process");
function run(c) { cp.exec(c); }
function show(c) {}
module.exports = { run, show };
// file: routes/app.js
const { show: run } = require("../lib/shell.js");
exports.a = (req) => { run(req.query.a); };
// pair: import and export
// flow
// file: shell.mjs
import { exec as go } from "node:child_process";
export function run(c) { go(c); } // SINK
export default class Job { constructor(c) { this.c = c; } }
// file: app.mjs
import Job, { run as start } from "./shell.mjs";
export const a = (req) => { start(new Job(req.query.a).c); };
// clean
// file: shell.mjs
import { exec as go } from "node:child_process";
export function run(c) { go(c); }
export default class Job { constructor(c) { this.c = "x"; } }
// file: app.mjs
import Job, { run as start } from "./shell.mjs";
export const a = (req) => { start(new Job(req.query.a).c); };
// pair: a value that is exported
// flow
// file: config.js
exports.cmd = process.argv[2];
exports.dir = "/";
// file: app.js
const config = require("./config"), { exec } = require("child_process");
function start() { exec(config.cmd); } // SINK
start();
// clean
// file: config.js
exports.cmd = process.argv[2];
exports.dir = "/";
// file: app.js
const config = require("./config"), { exec } = require("child_process");
function start() { exec(config.dir); }
start();
// pair: scripts of one page
// flow
// file: first.js
function show(x) { box.innerHTML = x; } // SINK
// file: second.js
show(location.hash);
// clean
// file: first.js
function show(x) { box.textContent = x; }
// file: second.js
show(location.hash);
// pair: what the file itself does
// flow
const { exec } = require("child_process");
const cmd = process.argv.slice(2).join(" ");
function go() { exec(cmd); } // SINK
go();
// clean
const { exec } = require("child_process");
const cmd = process.argv.slice(2).join(" ");
function go() { exec("ls"); }
go(cmd);
