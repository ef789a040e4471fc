-- Value flow in small Python programs: of each pair one has a flow, at the lines marked SINK, and the other, much
-- the same, has none. spec/graph/precision_python/*.py, one file a topic; "# file:" begins a file of a program.
local hunch = require "hunch"

local RULES = [[
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
}]]

--- { name =, flow = files, clean = files }: { name =, text =, sinks = { line, ... } }
local function pairs_of(path)
    local list, file, files = {}, nil, nil
    local function begin(name)
        file = { name = name, lines = {}, sinks = {} }
        files[#files + 1] = file
    end
    for line in io.lines(path) do
        local name, kind, named = line:match "^# pair: (.*)", line:match "^# (%l+)$", line:match "^# file: (.*)"
        if name then
            list[#list + 1] = { name = name, flow = {}, clean = {} }
        elseif kind then
            files, file = list[#list][kind], nil
        elseif named then
            begin(named)
        else
            if not file then begin "a.py" end
            file.lines[#file.lines + 1] = line
            if line:find("# SINK", 1, true) then file.sinks[#file.sinks + 1] = #file.lines end
        end
    end
    return list
end

local rules

local function check(files)
    local records, expected, found, seen = {}, {}, {}, {}
    for i, file in ipairs(files) do
        local text = table.concat(file.lines, "\n") .. "\n"
        records[i] = { name = file.name, data = text }
        for _, line in ipairs(file.sinks) do expected[#expected + 1] = file.name .. ":" .. line end
    end
    local result = rules:scan(records)
    assert.same({}, result.incomplete)
    for _, match in ipairs(result.matches) do
        local at = match.record .. ":" .. match.line
        if not seen[at] then found[#found + 1] = at end
        seen[at] = true
        assert.equal("source", match.witness[1].what)
        assert.equal("sink", match.witness[#match.witness].what)
    end
    table.sort(expected)
    table.sort(found)
    assert.same(expected, found)
    return #expected
end

describe("value flow in Python", function()
    local count = 0

    setup(function() rules = assert(hunch.engine({ cache = "" }):compile { text = RULES, name = "r.lua" }) end)

    for _, topic in ipairs { "calls", "classes", "modules", "values", "ways" } do
        for _, each in ipairs(pairs_of("spec/graph/precision_python/" .. topic .. ".py")) do
            count = count + 1
            it(topic .. ": " .. each.name .. ": flow", function() assert.is_true(check(each.flow) > 0) end)
            it(topic .. ": " .. each.name .. ": clean", function() assert.equal(0, check(each.clean)) end)
        end
    end

    it("is shown by at least 40 pairs", function() assert.is_true(count >= 40, count) end)
end)

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
