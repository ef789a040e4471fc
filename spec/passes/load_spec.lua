-- The load pass: sources to rules, what failing files leave, files of words.
local compile = require "hunch.compile"
local sorted = require "support.sorted"

local function run(sources, more)
    local state = { sources = {} }
    for i, source in ipairs(sources) do state.sources[i] = { name = source[1], text = source[2] } end
    for key, value in pairs(more or {}) do state[key] = value end
    return compile.run(state, { stop_after = "load" })
end

local function only(state)
    assert.are.equal(1, #state.diagnostics)
    return state.diagnostics[1]
end

describe("load", function()
    it("numbers rules over all files, in their order", function()
        local state = run { { "b.lua", "rule 'b' {} rule 'a' {}" }, { "a.lua", "rule 'c' {}" } }
        local names = {}
        for i, rule in ipairs(state.rules) do
            names[i] = rule.name
            assert.are.equal(i, rule.index)
        end
        assert.are.equal("b a c", table.concat(names, " "))
        assert.are.equal(2, state.sources_by_name["a.lua"].index)
        assert.are.same({}, state.diagnostics)
    end)

    it("gives each file an environment of its own", function()
        local state = run { { "a.lua", "shared = 1 string.upper = nil rule 'a' {}" },
                            { "b.lua", "rule 'b' { title = tostring(shared) .. ('x'):upper() }" } }
        assert.are.equal("nilX", state.rules[2].title)
    end)

    it("tells host stages where their function is", function()
        local state = run { { "a.lua", "rule 'a' {}" }, { "b.lua", "rule 'b' { confirm = { host(function() end) } }" } }
        assert.are.same({ 2, 1 }, { state.rules[2].confirm[1].source_id, state.rules[2].confirm[1].fn_index })
    end)

    for name, case in sorted {
        ["broken Lua"] = { "E002", 2, "rule 'x' {}\nrule 'y' {" },
        ["a goto to nowhere"] = { "E002", 2, "rule 'x' {}\ngoto x\n\n" },
        ["a goto into a scope"] = { "E002", 1, "goto x\nlocal a\n::x:: print(a)\n" },
        ["a break that ends nothing"] = { "E002", 2, "\nbreak\n\n\n" },
        ["bytecode"] = { "E002", nil, string.dump(function() end) },
        ["an error"] = { "E003", 2, "\nerror 'boom'" },
        ["a missing library"] = { "E003", 1, "io.open 'x'" },
        ["a table in itself"] = { "E003", 3, "local t = {}\nt.t = t\nrule 'x' { meta = t }" },
        ["2 GB"] = { "E004", 1, "local s = ('x'):rep(2000000000)" },
        ["an endless loop"] = { "E005", 2, "\nwhile true do end" },
    } do
        it("reports " .. name, function()
            local d = only(run({ { "dir/x.lua", case[3] } }, { limits = { instructions = 1000000 } }))
            assert.are.same({ case[1], "dir/x.lua", case[2] }, { d.code, d.file, d.line })
            assert.is_string(d.hint)
        end)
    end

    it("keeps a script's message on one line", function()
        assert.are.equal("a b c", only(run { { "x.lua", "error('a\\nb\\27\\nc', 0)" } }).message)
    end)

    it("suggests the name that was meant", function()
        local d = only(run { { "x.lua", "rule 'x' {\nconfirm = { regexp 'a' } }" } })
        assert.are.same({ "E003", 2, "did you mean regex?", "x" }, { d.code, d.line, d.hint, d.rule })
        assert.is_truthy(only(run { { "x.lua", "frobnicate()" } }).hint:find("rule language", 1, true))
    end)

    it("reports time", function()
        local d = only(run({ { "x.lua", [[
            local a, b, n = ("x"):rep(1000000), ("x"):rep(1000000), 0
            while true do if a == b then n = n + 1 end end]] } }, { limits = { seconds = 0.05 } }))
        assert.are.equal("E006", d.code)
    end)

    it("reports rules that are too many", function()
        -- A stand-in for eight million entries, which take long to make.
        local native = require "hunch.native"
        local sandbox = native.sandbox
        finally(function() native.sandbox = sandbox end)
        native.sandbox = function() return nil, { kind = "data", message = "too many entries" } end
        local d = only(run { { "x.lua", "" } })
        assert.are.same({ "E007", "too many entries" }, { d.code, d.message })
    end)

    it("names the rule in which a limit fired", function()
        local d = only(run({ { "x.lua", "rule 'a' {}\nrule 'b' { title = (function() while true do end end)() }" } },
            { limits = { instructions = 100000 } }))
        assert.are.same({ "b", 2 }, { d.rule, d.line })
        assert.is_truthy(d.message:find('in rule "b"', 1, true))
    end)

    it("goes on with the other files", function()
        local state = run { { "a.lua", "error 'one'" }, { "b.lua", "rule 'b' {}" }, { "c.lua", "error 'two'" } }
        assert.are.same({ "one", "two" }, { state.diagnostics[1].message, state.diagnostics[2].message })
        assert.are.equal("b", state.rules[1].name)
    end)

    it("warns of a file without rules", function()
        assert.are.equal("W009", only(run { { "a.lua", "" } }).code)
    end)
end)

describe("words", function()
    local files = { ["rules/words/a.txt"] = "# comment\r\n alpha \n\nbeta\n", ["a.txt"] = "top\n" }
    local function read_file(folder, name)
        local text = files[folder .. name]
        return text, not text and "No such file or directory" or nil
    end
    local function words(name, source_name)
        local text = "rule 'x' { confirm = {\nexcept { words = '" .. name .. "' } } }"
        local state = run({ { source_name or "rules/x.lua", text } }, { read_file = read_file })
        return state.rules[1].confirm[1].words, state.diagnostics[1]
    end

    it("are read from beside the rule file, one a line", function()
        assert.are.same({ "alpha", "beta" }, (words "words/a.txt"))
        assert.are.same({ "top" }, (words("a.txt", "x.lua")))
    end)

    for name, part in sorted {
        ["words/none.txt"] = "No such file", ["/etc/passwd"] = "must lie below", ["../a.txt"] = "must lie below",
        ["words/../../a.txt"] = "must lie below", [""] = "must lie below", [".."] = "must lie below",
    } do
        it("are not read from " .. (name == "" and "nowhere" or name), function()
            local list, d = words(name)
            assert.is_nil(list)
            assert.are.same({ "E008", 2, "x" }, { d.code, d.line, d.rule })
            assert.is_truthy(d.message:find(part, 1, true), d.message)
        end)
    end

    it("are not read where rules come from no file", function()
        local state = run { { "text", "rule 'x' { confirm = { except { words = 'a.txt' } } }" } }
        assert.are.equal("E008", only(state).code)
    end)

    it("may be a list", function()
        local state = run { { "x.lua", "rule 'x' { confirm = { except { words = { 'a' } } } }" } }
        assert.are.same({ "a" }, state.rules[1].confirm[1].words)
    end)
end)

describe("the list of passes", function()
    it("stops after the one that is named", function()
        local state = { sources = { { name = "x.lua", text = "rule 'x' { prefilter = any { 'a' } }" } } }
        compile.run(state, { stop_after = "load" })
        assert.is_nil(state.rules[1].needs)
        compile.run(state, { stop_after = "check" })
        assert.are.same({}, state.rules[1].needs)
        assert.are.equal("load check literals classify lower encode", table.concat(compile.passes, " "))
    end)

    it("stops after one that left errors", function()
        local state = compile.run({ sources = { { name = "x.lua", text = "rule 'x' {}\nrule 'x' {" } } },
            { stop_after = "check" })
        assert.is_true(compile.failed(state))
        assert.are.equal("E002", only(state).code)
    end)
end)
