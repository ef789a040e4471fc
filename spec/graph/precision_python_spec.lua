-- Value flow in small Python programs: spec/graph/precision_python, see spec/support/precision.lua.
local hunch = require "hunch"
local precision = require "support.precision"

precision.describe {
    language = "Python", folder = "spec/graph/precision_python", ending = ".py", comment = "#",
    first = "a.py", least = 40,
    topics = { "calls", "classes", "modules", "values", "ways" },
    text = [[
rule "flow" {
  language = "python",
  prefilter = any { "os" },
  confirm = { taint {
    from = { call "input" }, to = { argument { "os.system", 1, keyword = "command" },
      argument { "subprocess.run", 1, given = { shell = true } }, argument { "load", 1, given = {} } },
    except = { call { "quote", "int", "len" } },
    unless = { guard { call "is_safe", on = 1 }, guard { call "in", on = 1 },
      guard { compare = "==", with = "constant" } },
  } },
}
]],
}

describe("rules on statements of Python", function()
    local TEXT = [[
import os
def f(x, c):
    os.system(x)
    check(x)
    c.execute(x)
def g(lock):
    lock.acquire()
    try:
        work()
    finally:
        lock.release()
def h(lock, other):
    lock.acquire()
    if work():
        return 1
    lock.release()
def k():
    a = input()
    os.system(a)
    os.system(a + "x")
]]
    local function lines(stage)
        local found = assert(hunch.engine({ cache = "" }):compile { name = "r.lua",
            text = 'rule "x" { language = "python", prefilter = any { "e" }, confirm = { ' .. stage .. " } }" })
            :scan { { name = "a.py", data = TEXT } }
        local list = {}
        for i, match in ipairs(found.matches) do list[i] = match.line end
        return list
    end

    it("ask what runs before", function()
        assert.same({ 3, 19, 20 }, lines [[dominates { by = { call "check" }, of = { call { "os.system", ".execute" } },
            missing = true }]])
    end)

    it("ask what runs later, by finally too", function()
        assert.same({ 13 }, lines [[post_dominates { by = { call { ".release", place = 1 } },
            of = { call { ".acquire", place = 1 } }, missing = true, same = true }]])
    end)

    it("ask for values as they are", function()
        assert.same({ 19 }, lines [[flows_to { from = { call "input" }, to = { argument { "os.system", 1 } } }]])
    end)
end)
