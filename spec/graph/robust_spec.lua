-- What is no good C, too deep, too large: bounded time, everything else of the file is there, and faults say so.
local hunch = require "hunch"
local random_numbers = require "support.random"
local shape = require "support.graph_shape"

local names, reasons = shape.names, shape.reasons

local SAN = os.getenv "HUNCH_SAN"

local function read(source, options)
    local began = os.clock()
    local graph = assert(hunch.graph("c", source, options))
    return graph, os.clock() - began
end

describe("a source that is", function()
    it("empty, or no text at all", function()
        assert.equal("", names(read ""))
        assert.equal("", names(read "\0\0\0"))
        assert.equal("", names(read(("\255\254\1"):rep(1000))))
    end)

    it("broken in one function is whole in the others", function()
        local graph = read "int a(void) { return 1; }\nint b(void) { x = ; if ( }\nint c(void) { return 2; }\n"
        assert.matches("^a b!", names(graph))
        local fn = read("int b(int x)\n{\n    x = 1;\n    x = (;\n    return x;\n}\n"):functions()[1]
        assert.is_true(fn.incomplete)
        assert.is_true(fn:dominates(3, 5))
    end)

    it("nested too deeply is cut, and named", function()
        local graph = read("int f(void) {" .. ("{"):rep(100000) .. ("}"):rep(100000) ..
            "}\nint g(void) { return 1; }\n")
        assert.equal("f! g", names(graph))
        assert.same({ "f 1 nested too deeply" }, reasons(graph))
        graph = read("int f(void) {" .. ("{"):rep(100000) .. "\nint g(void) { return 1; }\n")
        assert.matches("f!", names(graph))
        graph = read("int f(int a) { return " .. ("("):rep(50000) .. "a" .. (")"):rep(50000) .. "; }\nint g(void) {}\n")
        assert.equal("f! g", names(graph))
        graph = read("int f(int a) { return " .. ("!"):rep(900) .. "a; }\n")
        assert.equal("f", names(graph))
        graph = read("int f(int a) { " .. ("if (a) "):rep(5000) .. "; }\nint g(void) {}\n")
        assert.equal("f! g", names(graph))
        graph = read("int f(int a) { return a" .. (" + a"):rep(5000) .. "; }\nint g(void) {}\n")
        assert.equal("f! g", names(graph))
        graph = read("int" .. (" *"):rep(5000) .. "f(int a) { return a; }\nint g(void) {}\n")
        assert.matches("g", names(graph))
        read("struct a {" .. ("struct {"):rep(3000) .. "int x;" .. ("};"):rep(3000) .. "};\n")
        read("int a" .. ("[2]"):rep(3000) .. " = " .. ("{"):rep(3000) .. "1" .. ("}"):rep(3000) .. ";\n")
    end)

    it("too large is cut, and named", function()
        local lines = SAN and 60000 or 400000
        local graph, seconds = read("int g(int);\nint f(int a) {\n" .. ("    a = g(a) + 1;\n"):rep(lines) ..
            "    return a;\n}\nint h(void) { return 1; }\n")
        assert.equal("f! h", names(graph))
        assert.same({ "f 2 function too large" }, reasons(graph))
        assert.is_nil(graph:functions()[1]:dominates(3, 4))
        print(("figure: graph: %d lines in one function: %.2f s"):format(lines, seconds))
        local ok, message = hunch.graph("c", (" "):rep((16 << 20) + 1))
        assert.is_nil(ok)
        assert.matches("at most 16777216", message)
    end)

    it("large and within bounds is read", function()
        local graph = read("int t[] = {" .. ("1,"):rep(200000) .. "};\nint f(int a) { switch (a) {" ..
            ("case 1: a++;"):rep(5000) .. "} " .. ("l: a--;"):rep(3000) .. " goto l; }\n")
        assert.equal("f", names(graph))
        read(("int a;"):rep(50000) .. ("typedef int t;"):rep(20000))
        read("char *s = " .. ('"' .. ("x"):rep(1000) .. '" '):rep(1000) .. ";")
    end)

    it("full of macros that grow is bounded", function()
        local lines = { "#define A0 x" }
        for i = 1, 60 do lines[#lines + 1] = ("#define A%d A%d A%d"):format(i, i - 1, i - 1) end
        lines[#lines + 1] = "int f(void) { return A60; }\nint g(void) { return 1; }"
        local graph = read(table.concat(lines, "\n"))
        assert.matches("macros become too much text", table.concat(reasons(graph), "\n"))
        lines = { "#define F(x) G(x) G(x)", "#define G(x) x",
                  "int f(void) {" .. ("F("):rep(150) .. "1" .. (")"):rep(150) .. "; }" }
        read(table.concat(lines, "\n"))
        read("#define E(x) x x\nint f(void) {" .. ("E("):rep(90) .. (")"):rep(90) .. "; }")
        read("#define F(a) a\n" .. ("F("):rep(20000))
        read("#define F(a) a\n" .. ("F(\n"):rep(20000) .. (")"):rep(20000))
        read(("#if A\n"):rep(20000))
        read(("#if 0\n"):rep(20000) .. ("#endif\n"):rep(20000))
        read(("#if X\nint a;\n#else\n"):rep(5000) .. ("#endif\n"):rep(5000))
        read("#if " .. ("("):rep(100000) .. "\nint a;\n#endif\n")
        read("#if 1" .. (" + 1"):rep(100000) .. "\nint a;\n#endif\n")
        read("#define X(a) #a\nchar *s = X(" .. ("\"\\\""):rep(20000) .. ");")
    end)

    it("included by itself, or by what it includes, is read once", function()
        local includes = {
            ["a.h"] = '#include "b.h"\n#include "a.h"\n#define A 1\n',
            ["b.h"] = '#include "a.h"\n#include "main.c"\n#define B (A + 1)\n',
        }
        local graph = read('#include "a.h"\n#include "main.c"\nint f(void) { return B; }\n',
            { name = "main.c", includes = includes })
        assert.matches("const 1\n.*const 1\n.*%+ ", graph:text())
        local deep = {}
        for i = 1, 300 do deep[i .. ".h"] = ('#include "%d.h"\n'):format(i + 1) end
        read('#include "1.h"\n', { includes = deep })
    end)

    it("random text, or a random change of good text, never ends the host", function()
        local random = random_numbers.generator(91)
        local words = { "int", "f", "(", ")", "{", "}", ";", "if", "else", "for", "while", "do", "switch", "case",
                        "1", ":", "default", "goto", "l", "return", "a", "=", "+", "*", "&", "[", "]", ",",
                        "struct", "union", ".", "->", "?", "#define", "\n", "#if", "#endif\n", "#else\n", "F", "#",
                        "##", '"s"', "'c'", "typedef", "static", "sizeof", "\\\n", "/*", "*/", "//", "'", '"',
                        "enum", "...", "__attribute__", "asm", "va_arg", "typeof", "({", "})", "#include \"x.h\"\n",
                        "break", "continue", "!", "&&" }
        local includes = { ["x.h"] = "#define G(x) x x\n#define F G\n" }
        for _ = 1, SAN and 400 or 3000 do
            local parts = { "int f(int a) {\n#define F(x, ...) x ## a #x __VA_ARGS__ G(x)\n" }
            for i = 2, random(60) do parts[i] = words[random(#words)] end
            local graph = assert(hunch.graph("c", table.concat(parts, " "), { includes = includes }))
            graph:text()
        end
        local golden = {}
        for path in io.popen("ls spec/golden/graph/*.c"):lines() do
            golden[#golden + 1] = assert(io.open(path)):read "a"
        end
        for _ = 1, SAN and 300 or 2000 do
            local text = golden[random(#golden)]
            for _ = 1, random(8) do
                local at, size = random(#text), random(12) - 1
                local from = random(#text)
                text = text:sub(1, at) .. text:sub(from, from + random(20) - 1) .. text:sub(at + size)
            end
            local graph = assert(hunch.graph("c", text))
            graph:text()
            for _, fn in ipairs(graph:functions()) do fn:post_dominates(fn.line + 1, fn.line + 2) end
        end
    end)
end)
