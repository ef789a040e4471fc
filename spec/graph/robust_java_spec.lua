-- What is no good Java, too deep, too large: bounded time, everything else of the file is there, and faults say so.
local hunch = require "hunch"
local random_numbers = require "support.random"
local shape = require "support.graph_shape"

local names, reasons = shape.names, shape.reasons

local SAN = os.getenv "HUNCH_SAN"
local FOLDER = "spec/graph/precision_java/"

local function read(source)
    return assert(hunch.graph("java", source))
end

describe("a Java source that is", function()
    it("empty, or no text at all", function()
        assert.equal("", names(read ""))
        assert.equal("", names(read "\n// nothing\n"))
        read "\0\0\0"
        read(("\255\254\1"):rep(1000))
        read "class A { String s = \"\255\254\"; void \252() { } }"
    end)

    it("of another language", function()
        read "def f(a):\n    return {'a': 1}\n"
        read "#include <stdio.h>\nint main(void) { printf(\"%d\\n\", 1); return 0; }\n"
        read "const f = async (a) => `x${await a}`; export default f;\n"
        read "<html><body class='a'>It's</body></html>"
        read((assert(io.open "spec/graph/robust_python_spec.lua"):read "a"))
    end)

    it("broken in one method is whole in the others", function()
        local graph = read [[
class A {
    int a() { return 1; }
    int b() { int x = = 2; f(x; }
    int c() { return 2; }
}]]
        assert.matches("A.a A.b!", names(graph))
        assert.matches("A.c", names(graph))
        assert.matches("A.b %d syntax error", table.concat(reasons(graph), "\n"))
    end)

    it("broken between methods is named", function()
        local graph = read "class A {\n    int a() { return 1; }\n    ) ( ;\n    int c() { return 2; }\n}\n"
        assert.matches("A.a .*A.c", names(graph))
        assert.matches("%- 3 syntax error", table.concat(reasons(graph), "\n"))
    end)

    it("nested too deeply is cut, and named", function()
        local function in_method(text) return "class A { void f(int a) { " .. text .. " } void g() { } }" end
        local graph = read(in_method("a = " .. ("("):rep(5000) .. "a" .. (")"):rep(5000) .. ";"))
        assert.matches("A.g", names(graph))
        assert.matches("nested too deeply", table.concat(reasons(graph), "\n"))
        assert.matches("A.f! A.g", names(read(in_method("a = a" .. (" + a"):rep(5000) .. ";"))))
        for _, text in ipairs { ("{"):rep(100000) .. ("}"):rep(100000), ("{"):rep(100000), ("if (a) "):rep(3000),
            "x = " .. ("() -> "):rep(3000) .. "1;", "a" .. (".b()"):rep(5000) .. ";", ("do "):rep(30000),
            "x = " .. ("new A() { int i = "):rep(500), "int[] x = " .. ("{"):rep(3000), ("for (;;) "):rep(30000),
            "x = " .. ("a ? b : "):rep(20000) .. "c;", "x = " .. ("(A) "):rep(20000) .. "c;", ("!"):rep(100000),
            ("try {"):rep(900), ("switch (a) { case 1: "):rep(400), ("else "):rep(50000), ("@A "):rep(50000),
            "x = " .. ("\"" .. ("("):rep(50) .. "\" + "):rep(3000) .. "1;", "char c = '\"';" .. ("((\"((\n"):rep(20000),
            ("List<"):rep(30000), "'" .. ("{'"):rep(50000), "\"\"\"" .. ("({"):rep(50000) } do
            read(in_method(text))
        end
        read(("class A { "):rep(3000))
        read(("class A { class A { } "):rep(400))
        read "class A extends B { int f = B.g; } class B extends A { int h = A.g; void m() { super.m(); n(); } }"
        local ways = {}
        for i = 1, 20 do ways[i] = "try { " end
        ways[#ways + 1] = "return;"
        for _ = 1, 20 do ways[#ways + 1] = "} finally { return; }" end
        read(in_method(table.concat(ways)))
    end)

    it("too large is cut, and named", function()
        local graph = read("class A { void f(int a) {\n" .. ("    a = g(a) + 1;\n"):rep(SAN and 60000 or 100000) ..
            "}\n    void h() { }\n}\n")
        assert.matches("A.f! A.h", names(graph))
        assert.matches("function too large", table.concat(reasons(graph), "\n"))
        graph = read("class A { void f(int a) {\n" .. ("    a = g(a) + 1;\n"):rep(600000) .. "} }\n") -- 10 MB
        assert.equal("", names(graph))
        assert.same({ "- 1 file too large" }, reasons(graph))
        local fields, constructors = {}, {}
        for i = 1, 3000 do fields[i] = ("int f%d = g();\n"):format(i) end
        for i = 1, 60 do constructors[i] = "A(" .. ("int a, "):rep(i) .. "int z) { }\n" end
        local rest = table.concat(constructors) .. "void h() { }\n}\n"
        graph = read("class A {\n" .. table.concat(fields) .. rest)
        assert.matches("A.h", names(graph))
        assert.matches("initialisers too large", table.concat(reasons(graph), "\n"))
        assert.same({}, reasons(read("class A {\n" .. table.concat(fields, "", 1, 100) .. rest)))
        local ok, message = hunch.graph("java", (" "):rep((16 << 20) + 1))
        assert.is_nil(ok)
        assert.matches("at most 16777216", message)
    end)

    it("large and within bounds is read", function()
        assert.equal("A", names(read("class A { int[] t = {" .. ("1, 'a', "):rep(20000) .. "}; }")))
        read(("class A { void f() { } }\n"):rep(10000))
        read("class A { " .. ("void f() { g(1); }\n"):rep(10000) .. "}")
        -- the language has arrays of 255 dimensions
        local dimensions = ("[]"):rep(20000)
        assert.equal("A", names(read("class A { int" .. dimensions .. " a = new int" .. ("[1]"):rep(20000) .. "; }")))
        assert.same({}, reasons(read("class A { String s = \"\"" .. (" + \"a\""):rep(900) .. "; }")))
    end)
end)

describe("random Java", function()
    it("never ends the host", function()
        local random = random_numbers.generator(67)
        local words = { "class A {", "interface B extends C {", "enum E { X, Y(1) { } ;", "record R(int a) {",
            "void f(", "int a", "String... b", ") {", "}", "static", "final", "private", "if (", "else", "for (",
            "for (int i = 0;", "while (", "do", "switch (", "case 1:", "case \"a\" ->", "default:", "default ->",
            "yield", "return", "break", "continue", "throw", "try {", "try (A a = b) {", "catch (E e) {",
            "finally {", "synchronized (", "new A()", "new int[", "new A() {", "()", "->", "::", "(", ")", "[",
            "]", "{", ";", ":", ",", ".", "=", "+=", "==", "&&", "||", "!", "++", "?", "<", ">", ">>>",
            "instanceof", "this", "super", "this(1);", "super(a);", "a", "b", "A", "\"s\"", "\"\"\"", "'c'", "'",
            "\"", "1", "0x", "1L", "1.5f", "@A", "import a.B;", "package p;", "var x =", "true", "null", "/*",
            "*/", "//", "\n", "\\", "assert", "x.y.z()", "int.class", "L: " }
        for _ = 1, SAN and 1000 or 6000 do
            local parts = {}
            for i = 1, random(60) do parts[i] = words[random(#words)] end
            read(table.concat(parts, " ")):text()
        end
    end)

    it("made of good text by random changes never ends the host, nor do rules on it", function()
        local random, texts = random_numbers.generator(68), {}
        for path in io.popen("LC_ALL=C ls " .. FOLDER .. "*.java"):lines() do
            texts[#texts + 1] = assert(io.open(path)):read "a"
        end
        local rules = assert(hunch.engine({ cache = "" }):compile { name = "r.lua", text = [[
rule "flow" { language = "java", prefilter = any { "o" }, confirm = { taint {
  from = { call { ".getParameter", "q*" }, parameter { 1 } }, to = { call "*" } } } }]] })
        for _ = 1, SAN and 100 or 200 do
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
            assert.is_truthy(rules:scan { { name = "A.java", data = text }, { name = "b/A.java", data = texts[1] } })
        end
    end)
end)
