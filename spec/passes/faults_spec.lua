-- One fault does not hide another: what is told of rules beside a file, a rule or a stage that is at fault.
local compile = require "hunch.compile"

local function run(...)
    local state = { sources = {}, read_file = function() return nil, "there is none" end }
    for i, text in ipairs { ... } do state.sources[i] = { name = i .. ".lua", text = text } end
    return compile.run(state)
end

--- The diagnostics, but those on examples.
local function told(state)
    local list = {}
    for _, d in ipairs(state.diagnostics) do
        if d.code ~= "W111" then list[#list + 1] = d end
    end
    return list
end

--- Each as "1.lua:2:3 CODE".
local function shown(state)
    local list = told(state)
    for i, d in ipairs(list) do list[i] = ("%s:%s:%s %s"):format(d.file, d.line or "", d.column or "", d.code) end
    return list
end

local BAD = "rule 'bad' { confirm = { regex '(' } }"

describe("an unknown stage", function()
    it("is told with the nearest name, and later rules are checked", function()
        local state = run("rule 'a' {\n confirm = { regexx 'a', entropy { capture = 1, at_least = 9 } } }\n" .. BAD)
        assert.same({ "1.lua:2:14 E003", "1.lua:2:49 E305", "1.lua:3:33 E401" }, shown(state))
        local first = told(state)[1]
        assert.same({ "there is no stage or function 'regexx'", "did you mean regex?", "a" },
            { first.message, first.hint, first.rule })
        assert.is_nil(state.program)
    end)
    it("is told wherever it stands, each name with its own hint", function()
        local state = run("rule 'a' { prefilter = anny { 'x' },\n"
            .. " confirm = { regexx 'a',\n frobnicate(3),\n regexx 'b' } }")
        assert.same({ "1.lua:1:24 E003", "1.lua:2:14 E003", "1.lua:3:2 E003", "1.lua:4:2 E003" }, shown(state))
        local hints = {}
        for i, d in ipairs(told(state)) do hints[i] = d.hint:sub(1, 30) end
        assert.same({ "did you mean any?", "did you mean regex?", "the stages of the rule languag",
            "did you mean regex?" }, hints)
    end)
    it("is told in a prefilter, a target and a condition too", function()
        local state = run([==[
            rule "p" { prefilter = any { "x", litt "y" } }
            rule "t" { confirm = { regex "a", count { litt "y" } } }
            rule "c" { confirm = { condition("#a > 1", { a = litt "z" }) } }]==])
        assert.same({ "1.lua:1:47 E003", "1.lua:2:55 E003", "1.lua:3:62 E003" }, shown(state))
    end)
    it("ends what can be told when its value is used in another way", function()
        assert.same({ "1.lua:1:1 E003", "1.lua:2:1 E003" },
            shown(run("foo_bar()\nbaz_qux().x = 1\nerror 'boom'\n" .. BAD)))
        local names = {}
        for i = 1, 30 do names[i] = ("unknown_%d()"):format(i) end
        assert.equal(8, #shown(run(table.concat(names, "\n"))))
    end)
    it("cannot be played by a script", function()
        assert.same({ "1.lua:1:45 E003" }, shown(run "error(\"attempt to call a nil value (global 'xyz')\")"))
    end)
end)

describe("a file that fails", function()
    it("leaves what it declared before, and other files, to be checked", function()
        assert.same({ "1.lua:1:34 E401", "1.lua:2: E003", "2.lua:2: E002", "3.lua:1:35 E401" },
            shown(run(" " .. BAD .. "\nerror 'boom'", "rule 'y' {\n", (BAD:gsub("bad", "other")))))
        assert.same({ "1.lua:1:33 E401", "1.lua:2: E005" }, shown(run(BAD .. "\nwhile true do end")))
    end)
    it("may have held the rule that another one refers to", function()
        local near = "rule 'n' { confirm = { regex 'abc', near { 'gone', within = 3 } } }"
        assert.same({ "1.lua:1: E002", "2.lua:1: N701" }, shown(run("rule", near)))
        assert.same({ "1.lua:1:45 E601" }, shown(run(near)))
    end)
    it("is named when it is a compiled program", function()
        local state = run("!HUNHPG1\0\0\0")
        assert.same({ "1.lua:: E002" }, shown(state))
        assert.equal("this is a compiled program, no rule file", state.diagnostics[1].message)
    end)
end)

describe("a file of words that is not there", function()
    it("hides nothing of other rules, nor of its own", function()
        assert.same({ "1.lua:1: E008", "1.lua:1:71 E305", "1.lua:2:33 E401" }, shown(run(
            "rule 'w' { confirm = { regex 'abc', except { words = 'w' }, entropy { at_least = 9 } } }\n" .. BAD)))
    end)
end)

describe("a rule at fault", function()
    it("does not hide what the literals pass finds in others", function()
        assert.same({ "1.lua:1:33 E401", "1.lua:2: W704" },
            shown(run(BAD .. "\nrule 'w' { confirm = { regex '[a-z]' } }")))
    end)
end)

describe("no rule file at all", function()
    it("is told", function()
        local state = run()
        assert.same({ "W009", "there is no rule file" }, { state.diagnostics[1].code, state.diagnostics[1].message })
    end)
end)

describe("rules that a loop makes", function()
    it("are told apart by name, at the place of their text", function()
        local state = run("local list = {\n 'abc(', [[x{3,2}]] }\nfor i, p in ipairs(list) do\n"
            .. " rule('r' .. i) { confirm = { regex(p) } }\nend\nrule 'o' { confirm = { regex '[b' } }")
        assert.same({ "1.lua:2:6 E401", "1.lua:2:13 E401", "1.lua:6:31 E401" }, shown(state))
        local list = told(state)
        assert.same({ "r1", "r2", "o" }, { list[1].rule, list[2].rule, list[3].rule })
    end)
    it("do not take the text of a later rule for theirs", function()
        local made = "for i = 1, 1 do rule('r') { confirm = { regex('[' .. 'b') } } end\n"
        assert.same({ "1.lua:1: E401", "1.lua:2:31 E401" }, shown(run(made .. "rule 'o' { confirm = { regex '[b' } }")))
    end)
end)
