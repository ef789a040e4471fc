-- Java as graphs: what methods and names become, what calls are named, which statement is before which, how rules name
-- what is called.
local hunch = require "hunch"
local shape = require "support.graph_shape"

local names = shape.names
local engine = hunch.engine { cache = "" }

local function read(source)
    return assert(hunch.graph("java", source, { name = "A.java" }))
end

--- What is called in the method m of class A, and in nothing else.
local function called(body, members)
    local text = read("class A { " .. (members or "") .. " void m(String s, Job j) { " .. body .. " } }"):text()
    local list = {}
    for name in text:match("A%.m%(.-\n(.*)"):gmatch "name ([^\n]+%(%d+%))\n" do list[#list + 1] = name end
    return table.concat(list, " ")
end

describe("a Java source's functions", function()
    it("are called by their classes", function()
        assert.equal("A.f A.In.g A.In A.m A A.m.lambda A$1.run A$1", names(read [[
            package a.b;
            class A {
                static int f() { return 1; }
                class In { void g() { } }
                void m() {
                    Runnable r = () -> { };
                    new Thread(new Runnable() { public void run() { } });
                }
                abstract void declared();
            }]]))
    end)

    it("are constructors, too, and what runs when a class is loaded", function()
        assert.equal("A A A.<static> R E E.<static>", names(read [[
            class A { static String s = f(); A() { } A(int n) { this(); } }
            record R(int a) { }
            enum E { X, Y }]]))
    end)

    it("are written as far as a second class of one name", function()
        assert.equal("A.f A", names(read "class A { void f() { } } class A { void g() { } }"))
    end)
end)

describe("what is called in Java", function()
    it("is named by class, method and number of arguments", function()
        assert.equal("Runtime.getRuntime(0) .getRuntime.exec(1)", called "Runtime.getRuntime().exec(s);")
        assert.equal("Integer.parseInt(1)", called "java.lang.Integer.parseInt(s);")
        assert.equal(".String.trim(0) .String.isEmpty(0)", called "s.trim().isEmpty();")
        assert.equal("Map.Entry.comparingByKey(0)", called "java.util.Map.Entry.comparingByKey();")
        assert.equal(".System.out.println(1)", called "System.out.println(s);")
        assert.equal("ArrayList(0) .ArrayList.add(1)", called "var l = new java.util.ArrayList<String>(); l.add(s);")
        assert.equal(".Job.run(2)", called "j.run(1, 2);")
        assert.equal(".Cookie.getValue(0)", called("all[0].getValue();", "Cookie[] all;"))
    end)

    it("is of the own class, one around it, a base, or imported", function()
        assert.equal(".A.f(1)", called("f(s);", "void f(String t) { }"))
        assert.equal("A.f(1)", called("f(s);", "static void f(String t) { }"))
        assert.equal(".A.nowhere(0)", called "nowhere();")
        assert.matches("name %.A%.f%(0%)", read("class A { void f() { } class B { void g() { f(); } } }"):text())
        assert.matches("name %.A%.B%.f%(0%)", read("class A { class B extends C { void g() { f(); } } }"):text())
        assert.matches("name C%.g%(0%)", read("class B extends C { void g() { super.g(); } }"):text())
        assert.matches("name Tools%.f%(1%)", read("import static a.Tools.f; class A { void g() { f(1); } }"):text())
    end)

    it("is an operation where two things are compared, or an entry of a map is meant", function()
        assert.equal("", called "boolean b = s.equals(\"a\") || java.util.Objects.equals(s, j);")
        assert.equal("HashMap(0) .Map.get(1)",
            called "Map<String, String> m = new HashMap<>(); m.put(\"a\", s); m.get(\"a\"); m.get(s);")
        assert.equal(".A.equals(1)", called("this.equals(s);", "public boolean equals(Object o) { return false; }"))
    end)
end)

describe("constants of Java", function()
    local function constant(value, members)
        local text = read("class A { " .. (members or "") .. " int m() { return " .. value .. "; } }"):text()
        return tonumber(text:match "\nA%.m%b().-const (%-?%d+)\n[^\n]*return" or
            text:match "^A%.m%b().-const (%-?%d+)\n[^\n]*return")
    end

    it("are folded through fields that never change", function()
        assert.equal(7, constant("X", "static final int X = 3 + 2 * 2;"))
        assert.equal(255, constant("X", "private final int X = 0xff;"))
        assert.equal(4, constant("this.x", "private int x = 4;"))
        assert.equal(98, constant "\"abc\".charAt(1)")
        assert.equal(-1, constant("X", "static final int X = 0xffff_ffff;"))
        assert.equal(5, constant("B.X", "static class B { static final int X = 0b101; }"))
    end)

    it("are none where something may write them, or a circle defines them", function()
        assert.is_nil(constant("x", "private int x = 4; void set() { x++; }"))
        assert.is_nil(constant("x", "int x = 4;"))
        assert.is_nil(constant("X", "static final int X = Y, Y = X;"))
    end)
end)

describe("dominance in Java", function()
    it("sees tests, loops and ways that end", function()
        local fn = read([[
class A {
    int m(int n) {
        if (n < 0)
            throw new Error();
        for (int i = 0; i < n; i++) {
            if (i == 3)
                break;
            n--;
        }
        return n;
    }
}]]):functions()[1]
        assert.is_true(fn:dominates(3, 10))
        assert.is_false(fn:dominates(4, 10))
        assert.is_false(fn:dominates(8, 10))
        assert.is_true(fn:post_dominates(10, 5))
        assert.is_true(fn:reaches(8, 6))
    end)
end)

describe("rules on Java", function()
    --- The lines at which a rule from call "in" finds something.
    local function found(to, files, rest)
        local rules = assert(engine:compile { name = "r.lua", text = ([[rule "x" { language = "java",
            confirm = { taint { from = call "in", to = %s %s } } }]]):format(to, rest or "") })
        local records = {}
        for name, text in pairs(type(files) == "table" and files or { ["A.java"] = files }) do
            records[#records + 1] = { name = name, data = text }
        end
        table.sort(records, function(a, b) return a.name < b.name end)
        local list = {}
        for _, m in ipairs(rules:scan(records, { link = "path" }).matches) do
            list[#list + 1] = m.record .. ":" .. m.line
        end
        return table.concat(list, " ")
    end

    it("name methods with their class, or without", function()
        local source = "class A { void m(Job j) { j.run(Sys.in()); } }"
        assert.equal("A.java:1", found('argument { "Job.run", 2 }', source))
        assert.equal("A.java:1", found('argument { ".run", 2 }', source))
        assert.equal("A.java:1", found('argument { "Job.r*", 2 }', source))
        assert.equal("", found('argument { "Other.run", 2 }', source))
        assert.equal("", found('argument { "Job.run", 1 }', source))
        assert.equal("A.java:1", found('argument { "make.run", 2 }', "class A { void m() { make().run(Sys.in()); } }"))
    end)

    it("name parameters and fields of the unit", function()
        assert.equal("", found('argument { ".run", 3 }', "class A { void m(Job j) { j.run(Sys.in()); } }"))
        assert.equal("A.java:1", found('field "path"', "class A { void m(Job j) { j.path = Sys.in(); } }"))
    end)

    it("follow what classes extend, whatever extends what", function()
        local files = {
            ["a/Base.java"] = "class Base extends Top { }",
            ["a/Top.java"] = "class Top { static String kept; void go(String s) { Sys.out(s); } }",
            ["b/Job.java"] = "class Job extends Base { void m() { go(Sys.in()); } }",
            ["b/Use.java"] = "class Use { void m() { new Job().go(Sys.in()); } void n() { Base.kept = Sys.in(); } }",
            ["b/Get.java"] = "class Get {\n void m() { Sys.out(Top.kept); } }",
        }
        assert.equal("a/Top.java:1 b/Get.java:2", found('argument { "Sys.out", 1 }', files))
        assert.equal("", found('argument { "Sys.out", 1 }',
            "class A extends B { void m() { f(Sys.in()); k = A.k; } } "
            .. "class B extends A { void n() { super.f(Sys.in()); } }"))
    end)

    it("take the nearest of two classes of one name", function()
        local files = {
            ["a/Tools.java"] = "class Tools { static void f(String s) { Sys.out(s); } }",
            ["b/Tools.java"] = "class Tools { static void f(String s) { Sys.out(s); } }",
            ["b/Use.java"] = "class Use { void m() { Tools.f(Sys.in()); } }",
        }
        assert.equal("b/Tools.java:1", found('argument { "Sys.out", 1 }', files))
    end)
end)
