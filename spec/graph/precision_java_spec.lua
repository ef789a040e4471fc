-- Value flow in small Java programs: spec/graph/precision_java, see spec/support/precision.lua.
local precision = require "support.precision"

local rules = precision.describe {
    language = "Java", folder = "spec/graph/precision_java", ending = ".java", comment = "//",
    first = "A.java", least = 60,
    topics = { "calls", "classes", "files", "values", "ways" },
    text = [[
rule "flow" { language = "java", confirm = { taint {
  from = call ".getParameter",
  to = argument { "Runtime.exec", "getRuntime.exec", 2 },
  except = call { "quote", ".length" },
  unless = { guard { call "isSafe", on = 2 }, guard { call ".matches", on = 1 }, guard { call ".contains", on = 2 },
    guard { compare = "==", with = "constant" } },
} } }
]],
}

describe("value flow in Java", function()
    it("the last of many classes that are derived from one has the method", function()
        local lines = { "class A { void run(Request req, Base b) throws Exception { b.go(req.getParameter(\"x\")); } }",
            "abstract class Base { abstract void go(String c) throws Exception; }",
            "class Z extends B300 { void go(String c) throws Exception { Runtime.getRuntime().exec(c); } } // SINK" }
        for i = 1, 300 do lines[#lines + 1] = ("abstract class B%d extends Base { }"):format(i) end
        assert.same({ "A.java:3" }, precision.found(rules, { { name = "A.java", lines = lines } }))
    end)
end)
