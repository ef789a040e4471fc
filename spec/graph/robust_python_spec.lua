-- What is no good Python, too deep, too large: bounded time, everything else of the file is there, and faults say so.
local hunch = require "hunch"
local random_numbers = require "support.random"
local shape = require "support.graph_shape"

local names, reasons = shape.names, shape.reasons

local SAN = os.getenv "HUNCH_SAN"
local FOLDER = "spec/graph/precision_python/"

local function read(source)
    return assert(hunch.graph("python", source))
end

describe("a Python source that is", function()
    it("empty, or no text at all", function()
        assert.equal("", names(read ""))
        assert.equal("", names(read "\n# nothing\n"))
        read "\0\0\0"
        read(("\255\254\1"):rep(1000))
    end)

    it("broken in one function is whole in the others", function()
        local graph = read "def a():\n    return 1\n\ndef b():\n    x = = 2\n    f(x\n\ndef c():\n    return 2\n"
        assert.matches("^a b!", names(graph))
        assert.matches("b %d syntax error", table.concat(reasons(graph), "\n"))
    end)

    it("nested too deeply is cut, and named", function()
        local graph = read("def f(a):\n    return " .. ("("):rep(5000) .. "a" .. (")"):rep(5000) ..
            "\ndef g():\n    return 1\n")
        assert.matches("f! g", names(graph))
        assert.matches("nested too deeply", table.concat(reasons(graph), "\n"))
        assert.matches("f! g", names(read("def f(a):\n    return a" .. (" + a"):rep(5000) .. "\ndef g():\n    pass\n")))
        read("x = " .. ("lambda: "):rep(3000) .. "1\n")
        read("x = " .. ("["):rep(100000))
        read("x = f'{" .. ("f'{"):rep(3000))
        read("a" .. (".b"):rep(5000) .. "()\n")
        read("a" .. ("()"):rep(900) .. "\n")
        local lines = {}
        for i = 0, 300 do lines[#lines + 1] = (" "):rep(i) .. "if a:" end
        lines[#lines + 1] = (" "):rep(301) .. "pass"
        read(table.concat(lines, "\n") .. "\n")
        for i = 0, 300 do lines[i + 1] = (" "):rep(i) .. "def f(a):" end
        read(table.concat(lines, "\n") .. "\n")
        for i = 0, 20 do lines[i + 1] = (" "):rep(i) .. "try:" end -- with finally on every way out
        local text = table.concat(lines, "\n", 1, 21) .. "\n" .. (" "):rep(21) .. "return x\n"
        for i = 20, 0, -1 do
            text = text .. (" "):rep(i) .. "finally:\n" .. (" "):rep(i + 1) .. "return y\n"
        end
        read("def f():\n " .. text:gsub("\n", "\n "))
    end)

    it("too large is cut, and named", function()
        local graph = read("def f(a):\n" .. ("    a = g(a) + 1\n"):rep(SAN and 50000 or 100000) ..
            "def h():\n    return 1\n")
        assert.equal("h", names(graph))
        assert.same({ "- 1 declaration too large" }, reasons(graph))
        local ok, message = hunch.graph("python", (" "):rep((16 << 20) + 1))
        assert.is_nil(ok)
        assert.matches("at most 16777216", message)
    end)

    it("large and within bounds is read", function()
        assert.equal("<module>", names(read("t = [" .. ("1, 'a', "):rep(5000) .. "]\n")))
        read(("def f():\n    pass\n"):rep(10000))
        read(("class C:\n    x = 1\n    def m(self):\n        self.x\n"):rep(2000))
        read("x = " .. ("'a' "):rep(20000) .. "\n")
    end)
end)

describe("random Python", function()
    it("never ends the host", function()
        local random = random_numbers.generator(57)
        local words = { "def f(a):", "class C(B):", "if", "else:", "elif", "for", "in", "while", "try:",
            "except E as e:", "finally:", "with", "as", "match x:", "case", "lambda", "yield", "await", "async",
            "return", "raise", "import a.b", "from . import", "from .x import y",
            "*", "**", "(", ")", "[", "]", "{", "}", ":",
            ",", ".", "=", "+=", ":=", "==", "not", "is", "and", "or", "\n", "\n    ", "\n        ", "a", "b", "self",
            "f'{", "}'", "'s'", '"""', "'", "1", "0x", "1.5j", "@", "->", "global a", "nonlocal a", "del", "print",
            "super().m()", "%", "_", "|", "\\\n", "#", "\t", "...", "None", "True" }
        for _ = 1, SAN and 1000 or 6000 do
            local parts = {}
            for i = 1, random(60) do parts[i] = words[random(#words)] end
            read(table.concat(parts, " ")):text()
        end
    end)

    it("made of good text by random changes never ends the host, nor do rules on it", function()
        local random, texts = random_numbers.generator(58), {}
        for path in io.popen("LC_ALL=C ls " .. FOLDER .. "*.py"):lines() do
            texts[#texts + 1] = assert(io.open(path)):read "a"
        end
        local rules = assert(hunch.engine({ cache = "" }):compile { name = "r.lua", text = [[
rule "flow" { language = "python", prefilter = any { "o" }, confirm = { taint {
  from = { call { "input", "q*" }, parameter { 1 } }, to = { call "*" } } } }]] })
        for _ = 1, SAN and 100 or 500 do
            local text = texts[random(#texts)]
            local at = random(#text)
            text = text:sub(at, at + 1500)
            for _ = 1, random(8) do
                local place, size, from = random(#text), random(12) - 1, random(#text)
                text = text:sub(1, place) .. text:sub(from, from + random(20) - 1) .. text:sub(place + size)
            end
            local graph = read(text)
            graph:text()
            for _, fn in ipairs(graph:functions()) do fn:post_dominates(fn.line + 1, fn.line + 2) end
            assert.is_truthy(rules:scan { { name = "a.py", data = text }, { name = "b/a.py", data = texts[1] } })
        end
    end)
end)
