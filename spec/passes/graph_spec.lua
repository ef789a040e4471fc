-- Graph rules from their words to the tables of a program.
local compile = require "hunch.compile"
local layout = require "hunch.layout"

local function run(source, stop_after)
    local state = { sources = { { name = "r/x.lua", text = source } } }
    return compile.run(state, { stop_after = stop_after or "check" })
end

local function faults(state)
    local list = {}
    for _, d in ipairs(state.diagnostics) do
        if d.severity == "error" then list[#list + 1] = d.code .. " " .. d.message end
    end
    return list
end

--- The first stage of a rule in C after check; its rule has no fault.
local function stage(text)
    local state = run("rule 'x' { language = 'c', confirm = { " .. text .. " } }")
    assert.same({}, faults(state))
    return state.rules[1].confirm[1]
end

local function spots(list)
    return stage("taint { from = call 'f', to = " .. list .. " }").to
end

local function bare(list)
    local out = {}
    for i, item in ipairs(list) do
        out[i] = {}
        for key, value in pairs(item) do
            if key ~= "where" then out[i][key] = value end
        end
    end
    return out
end

local function cases(list)
    for _, case in ipairs(list) do
        it(case[1] .. " for " .. case[2]:gsub("%s+", " "), function()
            local state = run(case[2])
            local found = faults(state)
            assert.equal(1, #found, table.concat(found, " | "))
            assert.equal(case[1], found[1]:sub(1, 4))
            assert.matches(case[3], found[1], 1, true)
            for _, d in ipairs(state.diagnostics) do assert.is_string(d.hint) end
        end)
    end
end

local function taint(more) return "rule 'x' { language = 'c', confirm = { taint { from = call 'f', to = index(), "
    .. more .. " } } }" end
local function to(text) return "rule 'x' { language = 'c', confirm = { taint { from = call 'f', to = { " .. text
    .. " } } } }" end
local function dominance(by, more) return "rule 'x' { language = 'c', confirm = { dominates { of = use(), by = { "
    .. by .. " }" .. (more or "") .. " } } }" end

describe("a spot", function()
    it("may stand in a list inside of the list, so that a file can name several once", function()
        assert.same(bare(spots "{ call 'a', argument { 'b', 2 }, index() }"),
                    bare(spots "{ { call 'a', argument { 'b', 2 } }, index() }"))
        assert.equal(3, #stage("taint { from = call 'f', to = index(), unless = { { guard { call 'a' } }, "
            .. "guard { call 'b' }, { guard { call 'c' } } } }").unless)
    end)

    it("is spread out to one a name and place", function()
        assert.same({ { kind = "call", name = "f" }, { kind = "call", name = "g*" } },
            bare(spots "{ call { 'f', 'g*' } }"))
        assert.same({ { kind = "argument", name = "f", index = 1 }, { kind = "argument", name = "f", index = 3 },
            { kind = "argument", name = "g", index = 1 }, { kind = "argument", name = "g", index = 3 } },
            bare(spots "argument { 'f', 'g', 1, 3 }"))
        assert.same({ { kind = "argument", name = "f", index = 2, on = true } },
            bare(spots "argument { 'f', from_on = 2 }"))
        assert.same({ { kind = "parameter", name = "*", index = 2 }, { kind = "returned", name = "f" },
            { kind = "global", name = "g" }, { kind = "field", name = "h" }, { kind = "loop_bound", name = "*" } },
            bare(spots "{ parameter { 2 }, returned 'f', global 'g', field 'h', loop_bound() }"))
    end)

    it("called outside is all that is known to come from there", function()
        local environment = { { kind = "call", name = "getenv" }, { kind = "call", name = "secure_getenv" },
            { kind = "call", name = "_wgetenv" }, { kind = "argument", name = "GetEnvironmentVariable", index = 2 },
            { kind = "argument", name = "GetEnvironmentVariableA", index = 2 },
            { kind = "argument", name = "GetEnvironmentVariableW", index = 2 } }
        local function from(text)
            local state = run(("rule 'x' { language = 'c', confirm = { taint { from = %s, to = call 'f' } } }"):format(
                text))
            assert.same({}, faults(state))
            return bare(state.rules[1].confirm[1].from)
        end
        assert.same(environment, from "outside 'environment'")
        local both = from "{ outside { 'arguments', 'environment' }, call 'g' }"
        assert.same({ { kind = "parameter", name = "main", index = 2 },
            { kind = "parameter", name = "wmain", index = 2 }, { kind = "global", name = "optarg" }, environment[1] },
            { both[1], both[2], both[3], both[4] })
        assert.same({ kind = "call", name = "g" }, both[#both])
        for _, spot in ipairs(from "outside 'input'") do
            assert.is_true(spot.kind == "call" or spot.index ~= nil, spot.name)
        end
        -- Every category can be scanned for: its names pass what other names must pass.
        local origins = require "hunch.graph.origins"
        for language in pairs(origins.categories) do
            local state = run(("rule 'x' { language = '%s', confirm = { taint { from = outside { '%s' }, "
                .. "to = call 'f' } } }"):format(language, table.concat(origins.names(language), "', '")))
            assert.same({}, faults(state))
            for _, spot in ipairs(state.rules[1].confirm[1].from) do
                assert.truthy(spot.name:find "^[%w_.$@/-]+%*?$", spot.name)
            end
        end
    end)

    it("of a language that passes arguments by name has other names", function()
        local state = run [[rule "x" { language = "python", confirm = { taint { from = call "f", to = {
            argument { "a.b", 1, given = { shell = true } }, argument { "f", 2, keyword = "sql" },
            argument { ".g", keyword = "x" }, argument { "h", 1, given = {} },
            argument { "i", 1, given = { Loader = "yaml.Loader" } }, argument { "j", given = { n = 3 } } } } } }]]
        assert.same({}, faults(state))
        assert.same({ { kind = "argument", name = "a.b(shell=1)", index = 1 },
            { kind = "argument", name = "f(sql=)" }, { kind = "argument", name = "f", index = 2 },
            { kind = "argument", name = ".g(x=)" }, { kind = "argument", name = "h()", index = 1 },
            { kind = "argument", name = "i(Loader=yaml.Loader)", index = 1 }, { kind = "argument", name = "j(n=3)" } },
            bare(state.rules[1].confirm[1].to))
        local show = require "hunch.graph.show"
        assert.same({ { bytes = "b" }, { bytes = "f" }, { bytes = "g" }, { bytes = "h" }, { bytes = "i" },
            { bytes = "j" } }, show.needed_names(state.rules[1].confirm[1])[1])
    end)

    local function python(spot)
        return ("rule 'x' { language = 'python', confirm = { taint { from = call 'f', to = %s } } }"):format(spot)
    end

    cases {
        { "E303", python "argument { 'f', 1, given = { a = 1, b = 2 } }", "must hold one argument" },
        { "E303", python "argument { 'f', 1, given = { a = {} } }", "must hold one argument" },
        { "E303", python "argument { 'f', 1, given = 'a' }", "must hold one argument" },
        { "E303", python "argument { 'f', 1, keyword = 'a b' }", "must be the name of an argument" },
        { "E304", python "argument { 1, keyword = 'a' }", "needs a name" },
        { "E303", to "argument { 'f', 1, given = { a = 1 } }", "in rules on Python" },
        { "E804", to "call 'a b'", '"a b" cannot stand in source code' },
        { "E804", to "call 'a*b'", '"a*b" has a * before its end' },
        { "E804", to "call ''", "is empty" },
        { "E804", to "call { 'f', {} }", "must be a string, not a table" },
        { "E303", to "call { 'f', 1 }", "the spot call takes no number" },
        { "E303", to "argument { 'f', 0 }", "from 1 to 1000, not 0" },
        { "E303", to "argument { 'f', from_on = 0 }", "from 1 to 1000, not 0" },
        { "E302", to "argument { 'f', on = 2 }", 'the spot argument has no field "on"' },
        { "E303", to "loop_bound 'f'", "the spot loop_bound takes no name" },
        { "E304", to "call {}", "the spot call needs a name" },
        { "E803", to "'f'", "is a string, which is no spot" },
        { "E803", to "{ { index() } }", "is a table, which is no spot" },
        { "E803", to "{}", "is a table, which is no spot" },
        { "E302", to "field { at = 0 }", 'the spot field has no field "at"' },
        { "E803", to "outside 'input'", "can stand in `from` only, not in to" },
        { "E803", "rule 'x' { language = 'c', confirm = { taint { from = outside 'space', to = call 'f' } } }",
          'nothing is known to come from outside as "space" in the language c' },
        { "E304", "rule 'x' { language = 'c', confirm = { taint { from = outside {}, to = call 'f' } } }",
          "the spot outside needs a name" },
        { "E803", taint "except = { divisor() }", "can stand in `to` only" },
        { "E803", taint "except = { signed_index() }", "can stand in `to` only" },
        { "E303", to "operand 'divide'", 'has no operator "divide"' },
        { "E304", to "operand {}", "needs a name" },
        { "E304", taint "except = {}", "except of the stage taint is empty" },
        { "E303", taint "except = 5", "must be a list, not an integer" },
        { "E302", taint "excpt = { call 'f' }", 'the stage taint has no field "excpt"' },
    }
end)

describe("a guard", function()
    it("calls or compares", function()
        assert.same({ { kind = "call", name = "a", index = 1, outcome = false },
            { kind = "call", name = "b", index = 1, outcome = false },
            { kind = "compare", compare = "<", with = "constant" },
            { kind = "compare", compare = "==", with = "any" } },
            bare(stage [[taint { from = call "f", to = index(), unless = {
                guard { call { "a", "b" }, on = 1, outcome = false }, guard { compare = "<", with = "constant" },
                guard { compare = { "==" } } } }]].unless))
    end)

    cases {
        { "E803", taint "unless = { call 'f' }", "is a call, which is no guard" },
        { "E304", taint "unless = { guard {} }", "needs a call or a comparison" },
        { "E803", taint "unless = { guard { index() } }", "not an index" },
        { "E309", taint "unless = { guard { call 'f', compare = '<' } }", "calls or compares, not both" },
        { "E309", taint "unless = { guard { compare = '<', on = 1 } }", "belong to a guard that calls" },
        { "E303", taint "unless = { guard { compare = '=<' } }", 'cannot be "=<"' },
        { "E303", taint "unless = { guard { compare = {} } }", "an operator or a list of them" },
        { "E303", taint "unless = { guard { compare = '<', with = 'nought' } }", 'cannot be "nought"' },
    }
end)

describe("an action", function()
    it("is spread out too", function()
        local s = stage [[post_dominates {
            by = { assign { value = "null" }, assign { value = call { "f", "g" } }, test() },
            of = { call { "free", place = 1 }, returned() }, missing = true }]]
        assert.same({ { kind = "assign", name = "", value = "null" }, { kind = "assign", name = "f", value = "call" },
            { kind = "assign", name = "g", value = "call" }, { kind = "test", name = "" } }, bare(s.by))
        assert.same({ { kind = "call", name = "free", place = 1 }, { kind = "returned", name = "" } }, bare(s.of))
        assert.same({ true, false }, { s.missing, s.same })
    end)

    cases {
        { "E803", dominance "index()", "an index, which is no action" },
        { "E304", dominance("call 'f'", ", same = true"), "needs a place to be the same" },
        { "E303", dominance "assign { value = 'nul' }", 'cannot be "nul"' },
        { "E303", dominance "test 'x'", "the action test takes no name" },
        { "E304", dominance "call { place = 1 }", "the action call needs a name" },
        { "E303", dominance("test()", ", missing = 5"), "must be true or false" },
        { "E304", "rule 'x' { language = 'c', confirm = { dominates { by = test() } } }", "needs of" },
    }
end)

describe("a graph rule", function()
    cases {
        { "E801", "rule 'x' { confirm = { taint { from = call 'f', to = index() } } }", "needs the rule's language" },
        { "E801", "rule 'x' { language = 'd', confirm = { taint { from = call 'f', to = index() } } }",
          'language of a rule cannot be "d"' },
        { "E801", "rule 'x' { language = 'c', prefilter = 'a' }", "this one has none" },
        { "E802", "rule 'x' { language = 'c', confirm = { regex 'aa', taint { from = call 'f', to = index() } } }",
          "regex cannot stand before" },
        { "E802", "rule 'x' { language = 'c', confirm = { taint { from = call 'f', to = index() }, "
            .. "condition { '#a > 1', patterns = { a = 'aa' } } } }", "condition cannot stand behind" },
        { "E802", "rule 'x' { language = 'c', confirm = { taint { from = call 'f', to = index() }, "
            .. "taint { from = call 'f', to = index() } } }", "taint is the second" },
        { "E303", "rule 'x' { language = 'c', confirm = { flows_to { from = call 'f', to = index(), "
            .. "edges = { 'asign' } } } }", 'cannot hold "asign"' },
        { "E301", "rule 'x' { prefilter = 'a', confirm = { call 'f' } }", "is a call, which is no stage" },
    }

    it("has the words of graphs as stand-ins only where it misspells them", function()
        local found = faults(run(to "loop_bond()"))
        assert.equal(1, #found, table.concat(found, " | "))
        assert.matches("no stage or function 'loop_bond'", found[1], 1, true)
    end)

    it("gets a prefilter of the names without which it finds nothing", function()
        local function derived(text)
            local source = "rule 'x' { language = 'c', confirm = { " .. text .. " } }"
            return run(source, "literals").rules[1].derived_prefilter
        end
        local expr = derived "taint { from = { call 'a.get*', call 'get' }, to = { argument { 'sys', 1 } } }"
        assert.same({ "all", "any", "any" }, { expr.kind, expr.items[1].kind, expr.items[2].kind })
        assert.equal("sys", expr.items[1].items[1].bytes)
        assert.same({ "get" }, { expr.items[2].items[1].bytes, expr.items[2].items[2] })
        expr = derived "taint { from = parameter { 1 }, to = call 'sys' }"
        assert.same({ "any", "sys" }, { expr.kind, expr.items[1].bytes })
        assert.is_nil(derived "taint { from = parameter { 1 }, to = index() }")
        assert.is_nil(derived "taint { from = parameter { 1 }, to = { index(), call 'sys' } }")
        assert.equal("free", derived "dominates { by = test(), of = call 'free', missing = true }".items[1].bytes)
    end)

    it("is in a group of its own, and reports no literals", function()
        local state = run([[rule "x" { language = "c", prefilter = any { "system" },
            confirm = { taint { from = call "f", to = index() } } }]], "lower")
        local rule = state.program_tables.rules[1]
        assert.same({ layout.GROUP.GRAPH, layout.RULE_GRAPH, 0 }, { rule.group, rule.flags, rule.span_count })
    end)
end)

describe("a library", function()
    local libraries = require "hunch.graph.flows"
    local java = libraries.builtin.java
    after_each(function() libraries.builtin.java = java end)

    it("counts for all rules, whatever file says it, in one order", function()
        libraries.builtin.java = nil -- what rule files say, alone
        local function flows(...)
            local sources = {}
            for i, text in ipairs { ... } do sources[i] = { name = "r/" .. i .. ".lua", text = text } end
            local state = compile.run({ sources = sources }, { stop_after = "lower" })
            assert.same({}, faults(state))
            local list = {}
            for _, f in ipairs(state.program_tables.flows) do
                local name = state.program_tables.blob and f.name
                list[#list + 1] = ("%d %x %x"):format(f.language, f.from, f.to)
                assert.is_table(name)
            end
            return list
        end
        local rule = "rule 'x' { language = 'java', confirm = { taint { from = call 'f', to = index() } } }"
        local one = [[library { language = "java", b = "1 -> return", index = {}, where = { "outside -> *2" } }]]
        local two = [[library { language = "java", b = { "1 -> return", "*1 -> *return" } }]]
        assert.same({ "4 1 40000000", "4 20000001 60000000", "4 0 0", "4 10000000 20000002" },
            flows(one, two, rule))
        assert.same(flows(one, two, rule), flows(two, rule, one))
        assert.same({}, flows(one, "rule 'x' { prefilter = 'a' }"), "no rule needs them")
        assert.same({ "4 3 40000000" }, flows((rule:gsub("index%(%)", "index(), through = { g = '3 -> return' }"))))
    end)

    it("of a rule file goes before the built-in one", function()
        local function of(list, name)
            local n = 0
            for _, flow in ipairs(list) do n = n + (flow.name == name and 1 or 0) end
            return n
        end
        assert.equal(2, of(libraries.flows("c", {}), "strcpy"))
        assert.equal(1, of(libraries.flows("c", { strcpy = { libraries.parse "1 -> return" } }), "strcpy"))
    end)

    it("has flows that can be read, in every built-in table", function()
        for language, module in pairs(libraries.builtin) do
            for name, list in pairs(require(module)) do
                assert.matches("^[%w_$.{}%[%]@/-]+%*?$", name)
                for _, text in ipairs(list) do
                    assert(libraries.parse(text), ("%s, %s: %s"):format(language, name, text))
                end
            end
        end
    end)

    local function library(text) return "library " .. text .. " rule 'x' { prefilter = 'a' }" end
    cases {
        { "E303", library "(5)", "takes a table, not an integer" },
        { "E801", library "{ f = { '1 -> return' } }", "needs its language" },
        { "E801", library "{ language = 'd' }", 'cannot be of the language "d"' },
        { "E804", library "{ language = 'c', ['a b'] = { '1 -> return' } }", '"a b" cannot stand' },
        { "E303", library "{ language = 'c', f = 5 }", "must be a list of texts, not an integer" },
        { "E805", library "{ language = 'c', f = { 5 } }", "it is an integer" },
        { "E805", library "{ language = 'c', f = { '1 => 2' } }", "at byte 3 of" },
        { "E805", library "{ language = 'c', f = { 'return -> 1' } }", "no source of a flow" },
        { "E805", library "{ language = 'c', f = { '0 -> 1' } }", "counted from 1" },
        { "E805", taint "through = { f = '1 -> outside' }", "at byte 6 of" },
    }
end)
