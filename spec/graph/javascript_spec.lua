-- JavaScript as graphs: what functions and names become, which statement is before which, what is no good source.
local hunch = require "hunch"
local random_numbers = require "support.random"
local shape = require "support.graph_shape"

local names = shape.names

local SAN = os.getenv "HUNCH_SAN"
local engine = hunch.engine { cache = "" }

local function read(source, name)
    local began = os.clock()
    local graph = assert(hunch.graph("javascript", source, { name = name or "a.js" }))
    return graph, os.clock() - began
end

local function reasons(graph)
    return table.concat(shape.reasons(graph), "; ")
end

local function called(source)
    local list = {}
    for name in read(source):text():gmatch "name ([^\n]+)\n" do list[#list + 1] = name end
    return table.concat(list, " ")
end

describe("a JavaScript source's functions", function()
    it("are called by what they are given to", function()
        assert.equal("<module> f f.g C C.m C.n h o.k D.e function f#2", names(read [[
            function f() { const g = () => 1; return g; }
            class C { constructor() {} m() {} static n() {} }
            const h = function () {};
            o.k = () => 2; D.prototype.e = async function () {};
            (() => { })(); { function f() {} }]]))
    end)

    it("and their names have scopes", function()
        local text = read([[
            let x = 1, y = 2;
            function f(x) { return x + y; }
            { let x = 3; use(x); }]]):text()
        assert.matches("f%(x%)\n.*var x\n.*name y\n", text)
        assert.matches("^<module>%(%) ?x x#1 static", text)
    end)
end)

describe("what is called in JavaScript", function()
    it("has the dotted name of its package, whatever it is called here", function()
        assert.equal("child_process.exec", called "const cp = require('child_process'); cp.exec(1)")
        assert.equal("child_process.exec", called "import { exec as e } from 'node:child_process'; e(1)")
        assert.equal("fs.promises.readFile", called "import fs from 'fs/promises'; fs.readFile(1)")
        assert.equal("fs fs.promises.rm", called "const { promises: p } = require('fs'); p.rm(1)")
        assert.equal("a.b a.b.c", called "const x = require('a').b; { const { c: d } = x; d(1) }")
        assert.equal("util child_process.exec",
            called "const { promisify } = require('util'); promisify(require('child_process').exec)(1)")
        assert.equal("document.write", called "window.document.write(1)")
        assert.equal("Function", called "new Function(1)")
    end)

    it("is a method of anything else, and of a value that has a name", function()
        assert.equal(".query", called "function f(db) { db.query(1) }")
        assert.equal("location.hash .slice", called "location.hash.slice(1)")
        assert.equal(".slice name", called "Array.prototype.slice.call(name)")
        assert.equal("module:lib/db .find", called "import { find } from './lib/db.js'; find(1)")
    end)

    it("is no name that is written twice", function()
        assert.equal("f", called "let exec = require('child_process').exec; function f() {} exec = f; exec(1)"
            :match "^.*$" and called "let e = f; function f() {} e(1)")
    end)
end)

describe("dominance in JavaScript", function()
    local source = [[
function f(a) {
  first();
  if (a) {
    second();
  } else
    third();
  for (const x of a) {
    if (x) continue;
    fourth();
  }
  try {
    fifth();
  } finally {
    sixth();
  }
  last();
}
function g(a) {
  if (a) throw new Error("no");
  after();
}]]

    it("follows branches, loops, try and throw", function()
        local graph = read(source)
        local list = graph:functions()
        local f, g = list[2], list[3]
        assert.is_true(f:dominates(2, 16))
        assert.is_false(f:dominates(4, 16))
        assert.is_false(f:dominates(9, 16))
        assert.is_true(f:post_dominates(14, 2))
        assert.is_true(f:post_dominates(14, 12))
        assert.is_true(f:reaches(9, 8))
        assert.is_false(f:reaches(16, 2))
        assert.is_true(g:dominates(19, 20))
    end)

    it("is asked by rules", function()
        local rules = assert(engine:compile { name = "r.lua", text = [[
            rule "kept" { language = "javascript", confirm = { post_dominates {
              of = { call ".lock" }, by = { call ".unlock" }, missing = true } } }
            rule "unchecked" { language = "javascript", confirm = { dominates {
              of = { call "fs.unlinkSync" }, by = { call "check" }, missing = true } } }]] })
        local function found(text)
            local list = {}
            for _, m in ipairs(rules:scan({ { name = "a.js", data = text } }).matches) do
                list[#list + 1] = ("%s:%d"):format(m.rule, m.line)
            end
            return table.concat(list, " ")
        end
        assert.equal("kept:1", found "function f(m, x) { m.lock(); if (x) return; m.unlock(); }")
        assert.equal("", found "function f(m, x) { m.lock(); try { if (x) return; } finally { m.unlock(); } }")
        assert.equal("unchecked:2",
            found "const fs = require('fs');\nfunction f(x) { x && check(x); fs.unlinkSync(x); }")
        assert.equal("", found "const fs = require('fs');\nfunction f(x) { check(x); if (x) fs.unlinkSync(x); }")
    end)
end)

describe("a JavaScript source that is", function()
    it("empty, or no text at all", function()
        assert.equal("<module>", names(read ""))
        assert.equal("<module>!", names(read "\0\0\0"))
        assert.equal("<module>!", names(read(("\255\254\1"):rep(1000))))
    end)

    it("broken in one function is whole in the others", function()
        local graph = read "function a() { return 1; }\nfunction b() { x = ; }\nfunction c() { return 2; }\n"
        assert.matches("a b! c$", names(graph))
        assert.matches("b 2 syntax error", reasons(graph))
    end)

    it("nested too deeply is cut, and named", function()
        for _, text in ipairs { ("{"):rep(100000), ("("):rep(50000) .. "1" .. (")"):rep(50000), ("["):rep(50000),
            ("`${"):rep(20000) .. ("}`"):rep(20000), ("function f() { "):rep(5000) .. ("}"):rep(5000) } do
            assert.matches("nested too deeply", reasons(read("x = 1; " .. text)))
        end
        for _, text in ipairs { "x = " .. ("!"):rep(90000) .. "1", "x = " .. ("a => "):rep(40000) .. "1",
            ("if (a) { } else "):rep(30000), ("if (a)\n"):rep(30000), ("do "):rep(90000),
            "x = " .. ("<a>x\n"):rep(30000),
            "x = " .. ("a ? b :\n"):rep(30000) .. "c", ("l: "):rep(70000), "a++ /" .. ("{"):rep(70000) .. "/ 1",
            "x = <a>/" .. ("{"):rep(70000) .. "/</a>", "x = <a>'" .. ("{"):rep(70000) .. "'</a>" } do
            local graph, seconds = read(text)
            assert.matches("too large", reasons(graph) .. " too large" .. text:sub(1, 0))
            assert.is_true(#graph.faults > 0, text:sub(1, 20))
            assert.is_true(seconds < 60)
        end
    end)

    it("too large is cut, and named, and large within bounds is read", function()
        local lines = SAN and 60000 or 100000
        assert.matches("f 1 function too large",
            reasons(read("function f(a) {\n" .. ("a = g(a) + 1;\n"):rep(lines) .. "}\nfunction h() {}")))
        assert.equal("", reasons(read(("(function () {});"):rep(20000) .. ("var a;\n"):rep(20000))))
        assert.equal("", reasons(read(("a.b(1, [2, { c: `d${e}` }])\n"):rep(8000))))
        assert.equal("", reasons(read("switch (a) {" .. ("case 1: b();"):rep(5000) .. "}")))
        assert.equal("", reasons(read("class A {" .. ("m() { this.x(); } get y() { return 1 } z = () => this;"):rep(999)
            .. "}")))
    end)

    it("random text, or a random change of good text, never ends the host", function()
        local random = random_numbers.generator(17)
        local words = { "{", "}", "(", ")", "[", "]", "=>", "...", "`", "${", "'", "/", "/*", "*/", "class", "function",
            "async", "await", "yield", "*", "?.", "??", "=", ";", ",", "if", "else", "try", "catch", "finally", "throw",
            "return", "break", "continue", "for", "of", "switch", "case", "default", "import", "export", "from", "new",
            "this", "super", "static", "get", "<a>", "</a>", "require('./x')", "module.exports", "let", "const", "#x",
            "constructor", "extends", "arguments", "label:", "0", "\n", "a", "do", "while" }
        for _ = 1, SAN and 300 or 2000 do
            local parts = {}
            for i = 1, random(60) do parts[i] = words[random(#words)] end
            read(table.concat(parts, " ")):text()
        end
        local good = {}
        for path in io.popen("ls spec/graph/precision_javascript/*.js"):lines() do
            good[#good + 1] = assert(io.open(path)):read "a"
        end
        for _ = 1, SAN and 100 or 600 do
            local text = good[random(#good)]
            local at = random(#text)
            text = text:sub(at, at + 1500)
            for _ = 1, random(8) do
                local place, size = random(#text), random(12) - 1
                text = text:sub(1, place) .. words[random(#words)] .. text:sub(place + size)
            end
            local graph = read(text)
            graph:text()
            for _, fn in ipairs(graph:functions()) do fn:post_dominates(fn.line + 1, fn.line + 2) end
        end
    end)
end)
