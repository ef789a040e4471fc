-- The check pass: one case for each thing that can be wrong, with its code, place and message.
local compile = require "hunch.compile"

local function run(source, more)
    local state = { sources = { { name = "r/x.lua", text = source } } }
    for key, value in pairs(more or {}) do state[key] = value end
    compile.run(state, { stop_after = "check" })
    return state
end

local function errors_of(state)
    local list = {}
    for _, d in ipairs(state.diagnostics) do
        if d.code ~= "W111" then list[#list + 1] = d end
    end
    return list
end

--- The source gets exactly this diagnostic (examples aside).
local function gets(code, source, message, line, column)
    local list = errors_of(run(source))
    local shown = {}
    for i, d in ipairs(list) do shown[i] = d.code .. " " .. d.message end
    assert.are.equal(1, #list, "got: " .. table.concat(shown, " | "))
    local d = list[1]
    assert.are.equal(code, d.code, d.message)
    if message then assert.is_truthy(d.message:find(message, 1, true), d.message) end
    assert.are.equal("r/x.lua", d.file)
    if line then assert.are.same({ line, column or d.column }, { d.line, d.column }) end
    assert.is_truthy(d.hint, "a hint says what to do")
    assert.is_nil(d.message:find "[%c]")
    return d
end

local function fine(source)
    local state = run(source)
    local list = errors_of(state)
    assert.are.equal(0, #list, list[1] and list[1].code .. " " .. list[1].message)
    return state.rules
end

local function confirm(stages) return "rule 'x' {\n confirm = {\n  " .. stages .. " } }" end
local function prefilter(text) return "rule 'x' {\n prefilter = " .. text .. " }" end
local function fields(text) return "rule 'x' { prefilter = any { 'n' },\n " .. text .. " }" end

--- A list of cases: code, source, piece of the message, line, column.
local function cases(list)
    for _, case in ipairs(list) do
        it(case[1] .. " for " .. case[2]:gsub("%s+", " "):sub(1, 100), function() gets(table.unpack(case, 1, 5)) end)
    end
end

describe("a rule", function()
    cases {
        { "E101", "\nrule 'x'", "has a name and no body", 2 },
        { "E101", "rule 'x' (5)", "has a name and no body", 1 },
        { "E102", "rule '' { prefilter = 'n' }", "is empty", 1 },
        { "E102", "rule(5) { prefilter = 'n' }", "not an integer", 1 },
        { "E102", "rule { prefilter = 'n' } { prefilter = 'n' }", "not a table", 1 },
        { "E102", "rule 'a\\nb' { prefilter = 'n' }", "without control characters", 1 },
        { "E102", "rule '\\xFF' { prefilter = 'n' }", "is not UTF-8", 1 },
        { "E102", "rule(('x'):rep(201)) { prefilter = 'n' }", "has 201 bytes", 1 },
        { "E103", "rule 'x' { prefilter = 'n' }\nrule 'y' { prefilter = 'n' }\nrule 'x' { prefilter = 'n' }",
          "the first is at r/x.lua:1", 3, 7 },
        { "E104", fields "serverity = 'high'", 'a rule has no field "serverity"', 2, 2 },
        { "E104", fields "'stray'", "without a name (number 1)", 1 },
        { "E104", fields "name = 'y'", 'no field "name"', 2, 2 },
        { "E104", fields "[1.5] = 1", "without a name (number 1.5)", 1 },
        { "E104", fields "[{}] = 1", "whose key is a table", 1 },
        { "E105", fields "title = 5", "title of a rule must be UTF-8 text, not an integer", 2, 2 },
        { "E105", fields "title = '\\xFF'", "not bytes that are not UTF-8, from byte 1", 2, 2 },
        { "E105", fields "title = 'a\\0'", "not text with the control character 0x00 at byte 2", 2, 2 },
        { "E105", fields "tags = { 'a', '\\1' }", "entry 2 is text with the control character 0x01", 2, 2 },
        { "E105", fields "meta = { a = { b = { 1, 0/0 } } }", "not a table where meta.a.b[2] is NaN", 2, 2 },
        { "E105", fields "meta = { [5] = 1, a = 2 }", "not a table where a key of meta is an integer", 2, 2 },
        { "E303", confirm "regex 'a', near { lit 'b', within = -1 }", "must be an integer from 0, not -1", 3 },
        { "E303", confirm "regex 'a', entropy { at_least = 0/0 }", "must be a number, not NaN", 3 },
        { "E303", confirm "regex { 'a', capture = '' }", "not an empty string", 3 },
        { "E301", confirm "regex 'a', call 'x'", "entry 2 of confirm is a call", 3 },
        { "E105", fields "title = function() end", "not a function", 2, 2 },
        { "E105", fields "tags = 'a'", "must be a list of UTF-8 texts, not a string", 2, 2 },
        { "E105", fields "tags = { 'a', 5 }", "entry 2 is an integer", 2, 2 },
        { "E105", fields "tags = { a = 'b' }", "must be a list", 2, 2 },
        { "E105", fields "private = 1", "must be true or false", 2, 2 },
        { "E105", fields "global = 'yes'", "must be true or false", 2, 2 },
        { "E105", fields "meta = { 'a' }", "must be a table with names as keys", 2, 2 },
        { "E105", fields "meta = { a = function() end }", "must be a table with names as keys", 2, 2 },
        { "E105", fields "meta = { a = 0/0 }", "must be a table with names as keys", 2, 2 },
        { "E105", fields "meta = { a = '\\xFF' }", "must be a table with names as keys", 2, 2 },
        { "E105", fields "confirm = { nil, regex 'a' }", "must be a list, not a table with names or holes", 2, 2 },
        { "E105", fields "confirm = 5", "confirm of a rule must be a list, not an integer", 2, 2 },
        { "E106", fields "severity = 'hihg'", 'cannot be "hihg"', 2, 2 },
        { "E105", fields "severity = 5", "must be UTF-8 text", 2, 2 },
        { "E107", "rule 'x' {}", "neither a prefilter nor", 1 },
        { "E107", confirm "except { text = 'a' }", "neither a prefilter nor", 1 },
        { "W112", fields "tags = { 'a', 'a' }", 'the tag "a" is there twice', 2, 2 },
    }

    it("E108 for 65 stages", function()
        gets("E108", "local s = {} for i = 1, 65 do s[i] = regex 'a' end rule 'x' { confirm = s }", "65 stages")
    end)

    it("suggests the field that was meant", function()
        assert.are.equal("did you mean severity?", gets("E104", fields "sevrity = 'high'").hint)
        assert.are.equal("it has confirm, examples, global, language, meta, prefilter, private, severity, tags, title",
            gets("E104", fields "colour = 1").hint)
        assert.is_nil(gets("E104", fields "index = 1").hint:find("index", 1, true))
        assert.is_nil(gets("E302", confirm "regex 'a', except { text = 'a', colour = 1 }").hint:find "unread")
        assert.is_truthy(gets("E106", fields "severity = 'hgih'").hint:find("did you mean high?", 1, true))
    end)

    it("gets its defaults", function()
        local rule = fine "rule 'x' { prefilter = any { 'n' } }"[1]
        assert.are.same({ "medium", {}, {}, {}, false, false, { match = {}, miss = {} }, {} },
            { rule.severity, rule.tags, rule.meta, rule.confirm, rule.private, rule.global, rule.examples, rule.needs })
    end)

    it("is checked though others are at fault", function()
        local state = run [[
            rule "a" { severity = "x", tags = 5, prefilter = any {}, confirm = { regex "(", entropy {}, 7 } }
            rule "b" { prefilter = any { "" }, confirm = { regex "[", luhn { of = 3 } } }]]
        local codes = {}
        for i, d in ipairs(errors_of(state)) do codes[i] = d.rule .. d.code end
        table.sort(codes)
        assert.are.equal("aE105 aE106 aE201 aE301 aE304 aE401 bE202 bE401", table.concat(codes, " "))
    end)
end)

describe("examples", function()
    cases {
        { "E110", fields "examples = 'a'", "must be a table, not a string", 2, 2 },
        { "E110", fields "examples = { hit = { 'a' } }", 'no field "hit"', 2, 2 },
        { "E110", fields "examples = { match = 5 }", "must be a list, not an integer", 2, 2 },
        { "E110", fields "examples = { match = { 5 } }", "example 1 of match must be a string or a table", 2, 2 },
        { "E110", fields "examples = { match = { { text = 'a', txt = 'a' } } }", 'no field "txt"' },
        { "E110", fields "examples = { match = { { text = 5 } } }", "must be a string, not an integer", 2, 2 },
        { "E110", fields "examples = { match = { { text = 'a', path = 5 } } }", "the path of example 1", 2, 2 },
        { "E110", fields "examples = { match = { { text = 'a', spans = 5 } } }", "spans of example 1", 2, 2 },
        { "E110", fields "examples = { match = { { text = 'a', spans = { { 1, 2 } } } } }", "does not lie", 2, 2 },
        { "E110", fields "examples = { match = { { text = 'a', spans = { { 0, 1 } } } } }", "does not lie", 2, 2 },
        { "E110", fields "examples = { match = { { text = 'a', spans = { 1, 1 } } } }", "does not lie", 2, 2 },
        { "E110", fields "examples = { miss = { { text = 'a', spans = { { 1, 1 } } } } }", "misses have none", 2, 2 },
        { "E110", fields "examples = { match = { 'a' }, miss = { 'a' } }", "is an example of match too", 2, 2 },
        { "W112", fields "examples = { match = { 'a', 'a' } }", "example 2 of match is there twice", 2, 2 },
    }

    it("are asked for", function()
        local state = run "\nrule 'x' { prefilter = any { 'n' }, examples = { match = { 'n' } } }"
        assert.are.equal(1, #state.diagnostics)
        local d = state.diagnostics[1]
        assert.are.same({ "W111", "warning", 2 }, { d.code, d.severity, d.line })
        assert.is_truthy(d.message:find("no examples that miss", 1, true))
    end)

    it("may be empty spans, and names alone", function()
        fine(fields "examples = { match = { { text = 'ab', spans = { { 3, 2 }, { 1, 2 } } }, { path = 'a/.env' } } }")
    end)
end)

describe("a prefilter", function()
    cases {
        { "E201", prefilter "any {}", "any { } has no items", 2 },
        { "E201", prefilter "all { 'a', none {} }", "none { } has no items", 2 },
        { "E202", prefilter "any { 'a',\n '' }", "an empty literal", 3, 3 },
        { "E203", prefilter "at_least(0, { 'a' })", "at_least(0) of 1 items", 2 },
        { "E203", prefilter "at_least(3, { 'a', 'b' })", "between 1 and 2", 2 },
        { "E203", prefilter "at_least('x', { 'a', 'b' })", "at_least(a string)", 2 },
        { "E203", prefilter "at_least(1.5, { 'a', 'b' })", "at_least(1.5)", 2 },
        { "E204", prefilter "{ 'a', 'b' }", "cannot hold a table", 1 },
        { "E204", prefilter "5", "cannot hold an integer", 1 },
        { "E204", prefilter "regex 'a'", "cannot hold a regex", 2 },
        { "E204", prefilter "any { 'a', 5 }", "cannot hold an integer", 2 },
        { "E204", prefilter "any { regex 'a' }", "cannot hold a regex", 2 },
        { "E204", prefilter "any { function() end }", "cannot hold a function", 2 },
        { "E204", prefilter "any { { 'a' } }", "cannot hold a table", 2 },
        { "E204", prefilter "any { 'a', nocase = true }", 'without the field "nocase"', 2, 25 },
        { "E204", prefilter "any { lit(5) }", "lit takes a string, not an integer", 2 },
        { "E205", prefilter "any { lit('a', 'caseless') }", 'no flag "caseless"', 2 },
        { "E205", prefilter "any { { kind = 'literal', bytes = 'a', nocase = 5 } }", "must be true, not an integer" },
        { "E205", prefilter "any { { kind = 'literal', bytes = 'a', colour = 5 } }", 'no field "colour"' },
        { "E206", prefilter "any { hex [[4D\n5G]] }", "at byte 4", 3, 1 },
        { "E206", prefilter "any { hex '4D 5G' }", "at byte 4", 2, 28 },
        { "E206", prefilter "any { hex(5) }", "hex takes a string", 2 },
        { "E207", prefilter "all { 'abc', none { 'b' } }", 'asks for "abc" and forbids "b"', 2 },
        { "E207", prefilter "all { any { 'abc' }, none { any { 'x', 'ab' } } }", 'asks for "abc" and forbids "ab"', 2 },
        { "E207", prefilter "at_least(2, { 'ABC', none { lit('b', 'nocase') } })", "can never hold", 2 },
        { "E207", prefilter "any { all { 'a', none { 'a' } }, all { 'b', none { 'b' } } }", "can never hold", 2 },
        { "E207", prefilter "all { hex '4D 5A', none { hex '4D 5A' } }", "can never hold", 2 },
        { "E207", prefilter "all { lit('ab', 'wide'), none { lit('a', 'wide') } }", "can never hold", 2 },
        { "E208", prefilter "any { ('a'):rep(65536) }", "65536 bytes", 2 },
        { "E208", prefilter "any { lit(('a'):rep(40000), 'wide') }", "80000 bytes", 2 },
        { "E208", prefilter "any { hex(('41'):rep(65536)) }", "65536 bytes", 2 },
        { "W210", prefilter "any { 'a', 'b',\n 'a' }", '"a" is there twice', 3, 3 },
    }

    it("E209 for lists nested too deep", function()
        gets("E209", "local l = any { 'n' } for i = 1, 40 do l = all { l } end rule 'x' { prefilter = l }",
            "deeper than 32")
    end)

    it("may hold all that it can", function()
        for _, text in ipairs {
            "any { 'a', lit('a', 'nocase'), lit('a', 'wide'), lit('a', 'word'), hex '61' }",
            "all { 'b', none { 'abc' } }", "all { 'abc', none { lit('b', 'word') } }", "all { 'abc', none { 'B' } }",
            "all { lit('abc', 'nocase'), none { 'b' } }", "all { lit('ab', 'wide'), none { 'ab' } }", "none { 'a' }",
            "any { 'a', all { 'b', none { 'b' } } }", "all { 'abc', none { all { 'b', 'x' } } }",
            "at_least(2, { 'a', 'b', none { 'a' } })", "any { ('a'):rep(65535) }",
        } do
            fine(prefilter(text))
        end
    end)

    it("has its hex strings read", function()
        local items = fine(prefilter "any { hex '4D 5A', hex '4D ??' }")[1].prefilter.items
        assert.are.equal("MZ", items[1].bytes)
        assert.is_nil(items[2].bytes)
        assert.are.equal("cat", items[2].ast.tag)
    end)
end)

describe("a stage", function()
    cases {
        { "E301", confirm "'AKIA'", "entry 1 of confirm is a string", 1 },
        { "E301", confirm "regex 'a', 5", "entry 2 of confirm is an integer", 1 },
        { "E301", confirm "lit 'a'", "a literal, which is no stage", 3 },
        { "E301", confirm "{ kind = 'regexp' }", "a regexp, which is no stage", 1 },
        { "E301", confirm "function() end", "a function, which is no stage", 1 },
        { "E301", confirm "any { 'a' }", "an any, which is no stage", 3 },
        { "E302", confirm "regex { 'a', flag = 'i' }", 'the stage regex has no field "flag"', 3, 16 },
        { "E302", confirm "regex { 'a', 'b' }", "without a name (number 2)", 3 },
        { "E302", confirm "regex 'a', entropy { atleast = 3, at_least = 0 }", 'no field "atleast"' },
        { "E302", confirm "count { regex { 'a', capture = 1 }, at_least = 1 }", 'no field "capture"' },
        { "E303", confirm "regex(5)", "pattern of the stage regex must be a string, not an integer", 3 },
        { "E303", confirm "regex { 'a', flags = 5 }", "flags of the stage regex must be a string" },
        { "E303", confirm "regex { 'a', capture = -1 }", "must be the number or the name of a group" },
        { "E303", confirm "regex 'a', entropy(3.5)", "entropy takes a table of fields" },
        { "E303", confirm "regex 'a', entropy { at_least = 'x' }", "must be a number, not a string", 3 },
        { "E303", confirm "regex 'a', entropy { above = 0/0 }", "must be a number" },
        { "E303", confirm "count { 'a', at_least = -1 }", "must be an integer from 0" },
        { "E303", confirm "count { 'a', at_least = 1.5 }", "must be an integer from 0" },
        { "E303", confirm "count { 'a', within = 'page' }", 'cannot be "page"', 3, 16 },
        { "E303", confirm "count { 'a', within = 0 }", "within of count cannot be 0", 3, 16 },
        { "E303", confirm "count { 5 }", "must be a literal or a regex, not an integer" },
        { "E303", confirm "count { any { 'a' } }", "must be a literal or a regex, not an any" },
        { "E303", confirm "near { 5, within = 1 }", "must be a literal or a regex, not an integer" },
        { "E303", confirm "near { lit 'a', within = 1, unit = 'pages' }", 'cannot be "pages"' },
        { "E303", confirm "regex 'a', near { lit 'a', within = 1, before = 'yes' }", "must be true or false" },
        { "E303", confirm "regex 'a', except { text = 5 }", "must be a list of strings" },
        { "E303", confirm "regex 'a', except { text = { 'a', {} } }", "entry 2 is a table" },
        { "E303", confirm "regex 'a', except { regex = { 5 } }", "entry 1 of regex of except must be a regex" },
        { "E303", confirm "regex 'a', except { text = 'a', on = 'page' }", 'cannot be "page"' },
        { "E303", confirm "field { at = 'x', type = 'u8', equal = 1 }", "must be an integer" },
        { "E303", confirm "field { at = 0, type = 'u9', equal = 1 }", 'cannot be "u9"' },
        { "E303", confirm "host(5)", "host takes a function, not an integer", 3 },
        { "E303", confirm "host()", "host takes a function, not nothing", 3 },
        { "E304", confirm "count {}", "the stage count needs what it counts", 3 },
        { "E304", confirm "near {}", "the stage near needs a companion", 3 },
        { "E304", confirm "near { lit 'a' }", "needs within", 3 },
        { "E304", confirm "regex 'a', entropy {}", "needs at_least or above", 3 },
        { "E304", confirm "regex 'a', checksum {}", "needs the name of a checksum", 3 },
        { "E304", confirm "regex 'a', except {}", "needs something to look for", 3 },
        { "E304", confirm "regex 'a', except { text = {} }", "the list text of except is empty", 3 },
        { "E304", confirm "field { type = 'u8', equal = 1 }", "needs at", 3 },
        { "E304", confirm "field { at = 0, equal = 1 }", "needs type", 3 },
        { "E304", confirm "field { at = 0, type = 'u8' }", "needs equal, less or more", 3 },
        { "E304", confirm "condition {}", "needs its expression", 3 },
        { "E202", confirm "regex 'a', except { text = { 'a', '' } }", "entry 2 of text of except is empty", 3 },
        { "E202", confirm "count { lit '', at_least = 1 }", "an empty literal", 3 },
        { "E305", confirm "count { 'a', at_least = 3, at_most = 2 }", "at_least = 3 is more than at_most = 2", 3, 16 },
        { "E305", confirm "near { lit 'a', within = 1, before = false, after = false }", "neither before nor after" },
        { "E305", confirm "near { lit 'a', within = 1, after = false }", "neither before nor after" },
        { "E305", confirm "field { at = -1, type = 'u8', equal = 1 }", "before the start of every record" },
        { "E306", confirm "regex { 'a(b)', capture = 2 }", "the regex has 1 group, capture = 2 does not exist", 3 },
        { "E306", confirm "regex { '(?P<key>b)', capture = 'kye' }", 'no group named "kye"', 3 },
        { "E306", confirm "regex 'a(b)', luhn { of = 2 }", "of = 2 does not exist", 3 },
        { "E306", confirm "regex 'a(b)', luhn { capture = 2 }", "has 1 group, capture = 2 does not exist", 3 },
        { "E303", confirm "regex '([0-9]{9})', luhn { capture = {} }", "capture of the stage checksum must be", 3 },
        { "E307", "rule 'x' { prefilter = any { 'n' }, confirm = { luhn { capture = 1 } } }",
          "capture of the stage checksum" },
        { "E306", confirm "regex 'a(b)', checksum { 'iban', of = 1, digits = 9 }", "digits = 9 does not exist", 3 },
        { "E306", confirm "regex '(ab)', regex 'b', entropy { at_least = 0, capture = 1 }", "has 0 groups", 3 },
        { "E307", "rule 'x' { prefilter = any { 'n' }, confirm = { luhn { of = 1 } } }", "needs a regex stage before" },
        { "E307", "rule 'x' { prefilter = any { 'n' }, confirm = { except { text = 'a', on = 'capture' } } }",
          "needs a regex stage before" },
        { "E308", confirm "regex 'a', checksum 'ibna'", 'cannot be "ibna"', 3 },
        { "E309", confirm "regex 'a+', entropy { at_least = 0, above = -1 }", "not both", 3 },
        { "E309", confirm "count { lit 'a', at_least = 1, flags = 'i' }", "flags of count", 3 },
        { "E309", confirm "field { at = 0, type = 'u8', less = 9, more = 3 }", "not with less and more", 3 },
        { "E309", confirm "regex '(a)', except { text = 'a', on = 'line', capture = 1 }", "on the line", 3 },
    }

    it("suggests what was meant", function()
        assert.are.equal("did you mean regex?", gets("E301", confirm "{ kind = 'regx' }").hint)
        assert.are.equal("write regex [[...]] for a pattern", gets("E301", confirm "'a'").hint)
        assert.is_truthy(gets("E308", confirm "regex 'a', checksum 'lunh'").hint:find("did you mean luhn?", 1, true))
        assert.are.equal('did you mean key?', gets("E306", confirm "regex { '(?P<key>b)', capture = 'kez' }").hint)
    end)

    it("gets its defaults and what was parsed", function()
        local stages = fine(confirm [=[regex [[k(?P<v>\w+)(\d\d)?]], entropy { capture = "v", above = 2 },
            luhn { of = 2 }, luhn { of = "first" }, count { "a+" }, near { lit "a", within = 3 },
            except { regex = "b", path = { "c" } }, only { text = "t", capture = 1 },
            field { at = 0, type = "u8", equal = 1 }, path "p"]=])[1].confirm
        assert.are.same({ 2, "v", 1 }, { stages[1].info.groups, next(stages[1].info.names) })
        assert.are.same({ 1, 2 }, { stages[2].capture_index, stages[3].of_index, stages[4].of_index })
        assert.are.same({ 1, "record", "a+" }, { stages[5].at_least, stages[5].within, stages[5].target.pattern })
        assert.is_table(stages[5].target.ast)
        assert.are.same({ "bytes", true, true }, { stages[6].unit, stages[6].before, stages[6].after })
        assert.are.same({ "regex", "b", "path", "c", "match" }, { stages[7].regex[1].kind, stages[7].regex[1].pattern,
            stages[7].path[1].kind, stages[7].path[1].pattern, stages[7].on })
        assert.is_table(stages[7].regex[1].ast)
        assert.are.same({ "capture", 1 }, { stages[8].on, stages[8].capture_index })
        assert.are.equal("start", stages[9].from)
        assert.is_table(stages[10].ast)
    end)

    it("looks on one side when one is asked for", function()
        local stage = fine(confirm "near { lit 'a', within = 3, before = true }")[1].confirm[1]
        assert.are.same({ true, false }, { stage.before, stage.after })
    end)
end)

describe("entropy", function()
    cases {
        { "E305", confirm "regex [[\\w{8}]], entropy { at_least = 3.1 }", "8 bytes have at most 3.000 bits", 3 },
        { "E305", confirm "regex [[\\w{8}]], entropy { above = 3 }", "8 bytes have at most 3.000 bits", 3 },
        { "E305", confirm "regex [[[0-9a-f]{40}]], entropy { at_least = 4.1 }", "the text has at most 4.000 bits", 3 },
        { "E305", confirm "regex [[.+]], entropy { at_least = 8.5 }", "at most", 3 },
        { "E305", "rule 'x' { prefilter = any { 'n' }, confirm = { entropy { above = 8 } } }", "at most 8.000 bits" },
        { "E305", confirm "regex [[key=(\\w{4})\\w*]], entropy { capture = 1, at_least = 2.5 }", "4 bytes have" },
        { "E305", confirm "regex { [[key=(\\w{4})\\w*]], capture = 1 }, entropy { at_least = 2.5 }", "at most 2.000" },
    }

    it("that can be reached is fine", function()
        for _, text in ipairs {
            "regex [[\\w{8}]], entropy { at_least = 3 }", "regex [[\\w{8}]], entropy { above = 2.999 }",
            "regex [[[0-9a-f]{40}]], entropy { at_least = 4 }", "regex [[\\w+]], entropy { at_least = 5.9 }",
            "regex [[k(\\w{4})\\w*]], entropy { at_least = 3 }",
            "regex [[k(\\w{4})|(\\w{40})]], entropy { capture = 'first', at_least = 5 }",
        } do
            fine(confirm(text))
        end
    end)
end)

describe("field", function()
    local function field(text) return confirm("field { at = 0, " .. text .. " }") end
    cases {
        { "E305", field "type = 'u8', equal = 256", "equal 256 can never hold for u8", 3 },
        { "E305", field "type = 'u8', equal = -1", "equal -1 can never hold" },
        { "E305", field "type = 'i8', equal = 128", "can never hold for i8" },
        { "E305", field "type = 'u16le', less = 0", "less 0 can never hold" },
        { "E305", field "type = 'i16be', less = -32768", "less -32768 can never hold" },
        { "E305", field "type = 'u32be', more = 0xffffffff", "can never hold for u32be" },
        { "E305", field "type = 'u64le', more = -1", "can never hold for u64le" },
        { "E305", field "type = 'u64le', less = 0", "can never hold for u64le" },
        { "E305", field "type = 'i64le', less = math.mininteger", "can never hold for i64le" },
        { "E305", field "type = 'i64be', more = math.maxinteger", "can never hold for i64be" },
        { "E305", field "type = 'u16le', equal = 0x1234, mask = 0xff", "under the mask 0xff" },
    }

    it("that can be passed is fine", function()
        for _, text in ipairs {
            "type = 'u8', equal = 255", "type = 'i8', equal = -128", "type = 'u8', less = 1",
            "type = 'u8', less = 1000",
            "type = 'i8', more = -1000", "type = 'u32le', equal = 0xffffffff", "type = 'u64le', equal = -1",
            "type = 'u64le', more = 0", "type = 'i64le', less = 0", "type = 'u16be', equal = 0x34, mask = 0xff",
            "type = 'u8', equal = 1, from = 'end'", "type = 'u8', equal = 1, from = 'match'",
        } do
            fine(field(text))
        end
        fine(confirm "field { at = -4, type = 'u32le', equal = 1, from = 'end' }")
    end)
end)

describe("a regex", function()
    cases {
        { "E401", confirm "regex [[a(?=b)]]", "of the regex", 3, 12 },
        { "E401", confirm "regex [[a\n(]]", "of the regex", 4, 1 },
        { "E401", confirm "regex 'ab('", "at byte 3", 3, 12 },
        { "E401", confirm "regex '\\\\d('", "at byte 3", 3, 13 },
        { "E401", confirm "regex(('x'):rep(3) .. '(')", "at byte 4", 3 },
        { "E401", confirm "regex('a', 'ix')", 'unknown flag "x"', 3 },
        { "E401", confirm "path [[(]]", "of the regex", 3, 10 },
        { "E401", confirm "count { '(', at_least = 1 }", "of the regex", 3, 12 },
        { "E401", confirm "near { regex '(', within = 1 }", "of the regex", 3 },
        { "E401", confirm "regex 'a', except { regex = { 'b', '(' } }", "of the regex", 3 },
        { "E401", confirm "regex 'a', only { path = '(' }", "of the regex", 3 },
        { "E401", confirm "condition { '$a', patterns = { a = regex '(' } }", "of the regex", 3 },
        { "E401", confirm "regex '\\xFF'", "is not UTF-8", 3 },
        { "E402", confirm "regex [[a[^\\x00-\\xFF]b]]", "can never match: nothing gets past byte 2 of it", 3, 12 },
        { "E402", confirm "path '[^\\\\x00-\\\\xFF]'", "can never match", 3, 9 },
        { "E402", confirm "count { regex [[(?:a|b)[^\\x00-\\xFF]+]] }", "can never match", 3 },
        { "W403", confirm "regex [[a*]]", "matches the empty string", 3, 11 },
        { "W403", confirm "regex [[\\b]]", "matches the empty string", 3, 11 },
    }

    it("may have an alternative that cannot match", function()
        fine(confirm "regex [[a|b[^\\x00-\\xFF]c]]")
        fine(confirm "regex [[a(?:[^\\x00-\\xFF])?b]]")
    end)
end)

describe("a condition", function()
    cases {
        { "E501", confirm "condition [[#a > ]]", "of the condition", 3 },
        { "E501", confirm "condition { [[$b]], patterns = { a = 'n' } }", "of the condition", 3 },
        { "E501", confirm "condition [[1 \\ 0 > 2]]", "of the condition", 3 },
        { "E502", confirm "condition { [[true]], patterns = { ['a b'] = 'n' } }", 'cannot be named "a b"', 3 },
        { "E502", confirm "condition { [[true]], patterns = { 'n' } }", "cannot be named by an integer", 3 },
        { "E303", confirm "condition { [[$a]], patterns = { a = 5 } }", "the pattern a must be", 3 },
        { "E303", confirm "condition { [[true]], patterns = 'a' }", "must be a table", 3 },
        { "E303", confirm "condition(5)", "source of the stage condition must be a string", 3 },
        { "E503", confirm "condition [[1 > 2]]", "never true", 3, 15 },
        { "W504", confirm "condition { [[$a]], patterns = { a = 'n',\nb = 'm' } }", "the pattern b is not used", 4, 1 },
    }

    it("is read", function()
        local stage = fine(confirm "condition { [[#a > 1]], patterns = { a = regex 'n' } }")[1].confirm[1]
        assert.are.equal("binary", stage.tree.tag)
        assert.are.same({ patterns = { "a" }, rules = {} }, stage.uses)
        assert.is_table(stage.patterns.a.ast)
    end)

    it("need not use what the rule declares for several", function()
        fine "rule 'x' { patterns = { a = 'n', b = 'm' }, confirm = { condition '$a', condition '$b' } }"
    end)
end)

describe("a reference", function()
    cases {
        { "E601", confirm "near { 'other', within = 1 }", 'there is no rule "other"', 3, 11 },
        { "E601", confirm "condition [[other]]", 'there is no rule "other"', 3, 15 },
        { "E602", confirm "near { 'x', within = 1 }", 'the rule "x" needs itself', 3 },
        { "E602", confirm "condition [[x]]", 'the rule "x" needs itself', 3 },
        { "E602", "rule 'a' { confirm = { condition 'b' } }\nrule 'b' { confirm = { condition 'c' } }\n"
            .. "rule 'c' { confirm = { condition 'a' } }", "in a circle: a -> b -> c -> a", 1 },
        { "E602", "rule 'a' { global = true, confirm = { condition 'b' } }\nrule 'b' { prefilter = any { 'n' } }",
          "in a circle: a -> b -> a", 1 },
    }

    it("suggests the rule that was meant", function()
        assert.are.equal('did you mean "needle"?',
            gets("E601", "rule 'needle' { prefilter = 'n' } " .. confirm "near { 'neelde', within = 1 }").hint)
    end)

    it("is resolved", function()
        local rules = fine [[
            rule "a" { confirm = { condition "b and c" } }
            rule "b" { confirm = { regex "x", near { "c", within = 1 } } }
            rule "c" { prefilter = any { "n" } }]]
        assert.are.same({ { 2, 3 }, { 3 }, {} }, { rules[1].needs, rules[2].needs, rules[3].needs })
        assert.are.equal(3, rules[2].confirm[2].target.index)
    end)

    it("of a global rule to a global rule is none of a circle", function()
        fine [[
            rule "a" { global = true, confirm = { condition "b" } }
            rule "b" { global = true, prefilter = any { "n" } }
            rule "c" { confirm = { condition "a" } }]]
    end)

    it("may be the last of a long chain", function()
        local text = { "rule 'r1' { prefilter = any { 'n' } }" }
        for i = 2, 3000 do text[i] = ("rule 'r%d' { confirm = { condition 'r%d' } }"):format(i, i - 1) end
        local rules = fine(table.concat(text, "\n"))
        assert.are.same({ 2999 }, rules[3000].needs)
    end)
end)

describe("data that no constructor made", function()
    it("is judged like any other", function()
        for _, value in ipairs { "{ kind = 'regex' }", "{ kind = 'near', target = { kind = 'rule' } }",
            "{ kind = 'count', target = { kind = 'literal' } }",
            "{ kind = 'condition', source = '$a', patterns = { a = {} } }",
            "{ kind = 'checksum', name = {} }", "{ kind = 'host', fn_index = 'x' }", "{ kind = 'except', regex = 5 }",
            "{ kind = 'except', words = 5 }", "{ kind = 'field', at = {}, type = {}, equal = {} }",
            "{ kind = 'entropy', at_least = {} }", "{ kind = 'regex', pattern = 'a', where = 5 }",
            "{ kind = 'regex', pattern = 'a', where = { file = 'none', line = 'x' } }",
            "{ kind = 'condition', source = 'true', shared_patterns = 5, patterns = 5 }", "{ kind = {} }",
            "{ kind = 'near', target = 5, within = {}, unit = {}, before = 1 }", "{ kind = 'hex', source = 5 }",
            "{ kind = 'any', items = 5 }", "{ kind = 'all', items = { kind = 'all', items = {} } }",
            "{ kind = 'at_least', n = {}, items = { 'a' } }", "{ reserved = 5, kind = 'regex', pattern = 'a' }",
            "{ reserved = { {} }, kind = 'regex', pattern = 'a' }" } do
            local state = run("rule 'x' { confirm = { " .. value .. " }, prefilter = " .. value .. " }")
            assert.is_true(#errors_of(state) > 0, value)
            for _, d in ipairs(state.diagnostics) do assert.are.equal("r/x.lua", d.file) end
        end
    end)
end)
