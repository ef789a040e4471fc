-- The registry of codes and its page: every code is documented, and every example on the page does what it says.
local compile = require "hunch.compile"
local diagnostics = require "hunch.diagnostics"

local PAGE = "docs/DIAGNOSTICS.md"

-- Codes whose fault is no matter of one rule file; each is specified where its name says.
local ELSEWHERE = {
    E001 = "reading is the caller's",
    W010 = "spec/api/lua_spec.lua",
    E007 = "spec/passes/load_spec.lua",
    N703 = "what is undecided depends on how hard the proof tries; below",
}

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "a"
    file:close()
    return text
end

--- code -> { title =, bad =, good = }
local function sections(text)
    local found, order = {}, {}
    local current, block
    for line in (text .. "\n"):gmatch "(.-)\n" do
        local code, title = line:match "^### (%u%d+) · (.+)$"
        if code then
            current = { title = title }
            found[code], order[#order + 1] = current, code
        elseif line == "-- bad" or line == "-- good" then
            block = line:sub(4)
            current[block] = ""
        elseif line == "```" then
            block = nil
        elseif block then
            current[block] = current[block] .. line .. "\n"
        end
    end
    return found, order
end

-- The time limit alone takes long to wait for.
local LIMITS = { E006 = { seconds = 0.2 } }

--- The codes that a rule file gets, each with a diagnostic.
local function codes_of(source, limits)
    local state = { sources = { { name = "rules/x.lua", text = source } }, options = { prove = true },
                    read_file = function() return nil, "there is none" end, limits = limits }
    compile.run(state, { stop_after = "lower" })
    local codes = {}
    for _, d in ipairs(state.diagnostics) do codes[d.code] = d end
    return codes
end

describe("a code", function()
    local page, order = sections(read(PAGE))
    local codes = {}
    for code in pairs(diagnostics.codes) do codes[#codes + 1] = code end
    table.sort(codes)

    for _, code in ipairs(codes) do
        it(code .. " is on the page with its meaning", function()
            assert.is_table(page[code], "docs/DIAGNOSTICS.md does not list " .. code)
            assert.are.equal(diagnostics.codes[code], page[code].title)
        end)

        if ELSEWHERE[code] then
            it(code .. " has no example: " .. ELSEWHERE[code], function()
                assert.is_nil(page[code].bad)
            end)
        else
            it(code .. " is what its bad example gets", function()
                local d = codes_of(page[code].bad, LIMITS[code])[code]
                assert.is_table(d, "the bad example does not get " .. code)
                assert.is_true(type(d.hint) == "string" and d.message:sub(-1) ~= ".")
                if code ~= "W009" then assert.is_true(math.type(d.line) == "integer") end
            end)
            it(code .. " is not what its good example gets", function()
                local got = codes_of(page[code].good)
                assert.is_nil(got[code])
                for other in pairs(got) do
                    assert.is_true(other:sub(1, 1) ~= "E", "the good example gets " .. other)
                end
            end)
        end
    end

    it("is on the page only when it exists", function()
        for _, code in ipairs(order) do assert.is_string(diagnostics.codes[code], code) end
        assert.are.equal(#codes, #order)
    end)
end)

describe("a proof that is given up", function()
    it("is told as N703", function()
        local imply = require "hunch.regex.imply"
        local implied = imply.implied
        finally(function() imply.implied = implied end)
        imply.implied = function() return { unknown = true, why = "it has too many states to follow" } end
        local got = codes_of "rule 'x' { prefilter = any { 'AKIA' }, confirm = { regex [[\\w{20}]] } }"
        assert.is_table(got.N703)
        assert.is_truthy(got.N703.message:find("it has too many states to follow", 1, true))
    end)
end)

describe("a diagnostic", function()
    local function make(code, place, more)
        local state = { diagnostics = {} }
        return diagnostics.add(state, code, place, "something is wrong", more), state.diagnostics
    end

    it("has the severity of its code", function()
        assert.are.equal("error", make("E101").severity)
        assert.are.equal("warning", make("W111").severity)
        assert.are.equal("note", make("N701").severity)
        assert.has_error(function() make("E999") end)
    end)

    it("keeps its place", function()
        local d, list = make("E101", { file = "a.lua", line = 3 }, { column = 7, hint = "do it", rule = "r" })
        assert.are.same({ code = "E101", severity = "error", file = "a.lua", line = 3, column = 7,
            message = "something is wrong", hint = "do it", rule = "r" }, d)
        assert.are.equal(d, list[1])
        assert.is_nil(make("E101", { file = "a.lua", line = 0 }).line)
    end)

    it("reads as place, sentence, source line, caret and hint", function()
        local d = make("E101", { file = "a.lua", line = 2 }, { column = 6, hint = "do it" })
        assert.are.equal("a.lua:2:6: error E101: something is wrong\n  2 | \tcafé x\n    | \t    ^\n  help: do it\n",
            diagnostics.render(d, diagnostics.source "one\n\tcafé x\nthree"):gsub("\t    %^", "\t    ^"))
        assert.are.equal("error E101: something is wrong\n", diagnostics.render((make "E101")))
        assert.are.equal("a.lua:9: error E101: something is wrong\n",
            diagnostics.render(make("E101", { file = "a.lua", line = 9 }), diagnostics.source "one line"))
        assert.are.equal("a.lua:2: error E101: something is wrong\n", -- the end of a file that lacks something
            diagnostics.render(make("E101", { file = "a.lua", line = 2 }), diagnostics.source "one line\n"))
        assert.is_nil(diagnostics.render(make("E101", { file = "a.lua", line = 1 }),
            diagnostics.source "a\27[31mb"):find "\27")
    end)

    it("names its rule where the sentence does not, on one line", function()
        assert.are.equal('error E101: something is wrong (rule "a?b")\n',
            diagnostics.render((make("E101", nil, { rule = "a\nb" }))))
        assert.are.equal("error E101: something is wrong\n",
            diagnostics.render((make("E101", nil, { rule = "wrong" }))))
        assert.are.equal(('error E101: something is wrong (rule "%s...")\n'):format(("n"):rep(59)),
            diagnostics.render((make("E101", nil, { rule = ("n"):rep(59) .. "é" .. ("n"):rep(99) }))))
    end)

    it("shows of a long line what stands around the column", function()
        local source = diagnostics.source(("é"):rep(500) .. "X" .. ("é"):rep(500))
        local shown = diagnostics.render(make("E101", { file = "a.lua", line = 1 }, { column = 1001 }), source)
        local line, caret = shown:match "\n(.-)\n(.-)\n"
        assert.is_truthy(utf8.len(line))
        assert.are.equal(utf8.len(line:match "^.*X"), utf8.len(caret))
        assert.is_true(#line < 200)
        assert.is_true(#diagnostics.render(make("E101", { file = "a.lua", line = 1 }), source) < 300)
    end)

    it("finds its line at once", function()
        local text = ("x\n"):rep(20000)
        local source, began = diagnostics.source(text), os.clock()
        for i = 1, 20000 do diagnostics.render({ severity = "note", code = "N701", message = "", line = i }, source) end
        assert.is_true(os.clock() - began < 2)
    end)

    it("is sorted by file, line, column and code", function()
        local list = {
            { code = "E105", file = "b.lua", line = 1, message = "" },
            { code = "E104", file = "a.lua", line = 2, message = "" },
            { code = "E103", file = "a.lua", line = 2, column = 1, message = "" }, { code = "E101", message = "" },
            { code = "E102", file = "a.lua", line = 2, message = "" },
        }
        diagnostics.sort(list, { { name = "b.lua" }, { name = "a.lua" } })
        local codes = {}
        for i, d in ipairs(list) do codes[i] = d.code end
        assert.are.equal("E101 E105 E102 E104 E103", table.concat(codes, " "))
    end)

    it("is counted by severity", function()
        assert.are.equal(2, diagnostics.count({ { severity = "error" }, { severity = "note" }, { severity = "error" } },
            "error"))
    end)
end)

describe("the nearest name", function()
    local NAMES = { "entropy", "except", "regex", "path" }
    it("is one that differs in few letters", function()
        assert.are.equal("entropy", diagnostics.nearest("entropie", NAMES))
        assert.are.equal("regex", diagnostics.nearest("regexp", NAMES))
        assert.are.equal("except", diagnostics.nearest("expect", NAMES))
        assert.are.equal("path", diagnostics.nearest("pat", NAMES))
    end)
    it("is none when all are far or the name is none", function()
        assert.is_nil(diagnostics.nearest("xylophone", NAMES))
        assert.is_nil(diagnostics.nearest(5, NAMES))
        assert.is_nil(diagnostics.nearest(("x"):rep(1000), NAMES))
    end)
end)
