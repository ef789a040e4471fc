local hex = require "hunch.hex"
local literals = require "hunch.passes.literals"
local parse = require("hunch.condition.parse").parse

local function lit(bytes, flag)
    return { kind = "literal", bytes = bytes, [flag or "plain"] = true }
end

local function regex(pattern, flags)
    return { kind = "regex", pattern = pattern, flags = flags, where = { file = "r.lua", line = 7 } }
end

-- A state as the check pass leaves it, after the pass.
local function run(rules, options)
    for i, rule in ipairs(rules) do
        rule.name = rule.name or "r" .. i
        rule.where = { file = "r.lua", line = i }
        rule.confirm = rule.confirm or {}
    end
    local state = { rules = rules, diagnostics = {}, options = options }
    literals.run(state)
    return state
end

local function codes(state)
    local list = {}
    for i, diagnostic in ipairs(state.diagnostics) do
        list[i] = diagnostic.code
    end
    return table.concat(list, " ")
end

describe("the literals pass", function()
    it("gives each literal its bytes and its rarest window", function()
        local items = { lit "https://", lit("Foo", "nocase"), lit("ab", "wide"),
            { kind = "hex", source = "4D 5A", bytes = "MZ" } }
        run { { prefilter = { kind = "any", items = { { kind = "all", items = items } } } } }
        assert.same({ "https://", "foo", "a\0b\0", "MZ" }, { items[1].raw, items[2].raw, items[3].raw, items[4].raw })
        assert.same({ 3, 0, 0, 0 }, { items[1].window, items[2].window, items[3].window, items[4].window })
    end)

    it("gives each regex its code, its facts and its anchors", function()
        local stage = regex [[\b(ghp_[0-9a-z]{36})\b]]
        run { { confirm = { stage } } }
        assert.equal(1, stage.info.groups)
        assert.equal(1, stage.emitted.groups)
        assert.equal(40, stage.min_length)
        assert.equal(40, stage.max_length)
        assert.equal("ghp_", stage.anchors[1].literals[1].bytes)
        assert.equal(0, stage.anchors[1].literals[1].window)
        assert.is_false(stage.at_text_begin)
        local open = regex [[\A(?:foo|)x*]]
        run { { confirm = { open } } }
        assert.same({ 0, nil, nil, true }, { open.min_length, open.max_length, open.first, open.at_text_begin })
    end)

    it("looks for anchors only where whole records are searched", function()
        local second, path, except = regex "foobar", { kind = "path", pattern = "foobar" },
            { kind = "except", regex = { "foobar" }, path = { "foobar" } }
        local count = { kind = "count", target = regex "foobar", at_least = 2 }
        local condition = { kind = "condition", patterns = { a = regex "foobar", b = lit "x" } }
        run { { confirm = { path, regex "foobaz", second, except, count, condition } } }
        for _, item in ipairs { second, path, except.regex[1], except.path[1] } do
            assert.is_table(item.emitted)
            assert.is_nil(item.anchors)
        end
        assert.is_table(count.target.anchors)
        assert.is_table(condition.patterns.a.anchors)
        assert.equal(0, condition.patterns.b.window)
    end)

    it("derives a prefilter where a rule has none", function()
        local rules = {
            { confirm = { regex "(?:AKIA|ASIA)[A-Z2-7]{16}" } },
            { confirm = { regex "(?i)token=[a-z]{8}" } },
            { confirm = { { kind = "count", target = lit "abcd", at_least = 2 } } },
        }
        local state = run(rules)
        assert.equal("N701 N701 N701", codes(state))
        assert.equal('no prefilter: from the regex follows any { "AKIA", "ASIA" }', state.diagnostics[1].message)
        assert.equal('no prefilter: from the regex follows any { lit("token=", "nocase") }',
            state.diagnostics[2].message)
        local expr = rules[1].derived_prefilter
        assert.same({ "any", "AKIA", "ASIA" }, { expr.kind, expr.items[1].bytes, expr.items[2].bytes })
        assert.same({ "literal", 0 }, { expr.items[1].kind, expr.items[1].window })
        assert.is_nil(rules[1].always)
        assert.equal("abcd", rules[3].derived_prefilter.items[1].bytes)
    end)

    it("derives one from a condition where no other stage says anything", function()
        local function derived(source, ...)
            local patterns = { a = lit "aaaa", b = lit "bbbb", c = regex "ccccc[0-9]", d = regex "[a-z]+ [0-9]?",
                e = { kind = "hex", source = "4D ?? 5A 5B 5C", ast = hex.parse "4D ?? 5A 5B 5C" } }
            local stage = { kind = "condition", source = source, patterns = patterns,
                tree = assert(parse(source, { "a", "b", "c", "d", "e" })) }
            local rule = { confirm = { stage, ... } }
            local state = run { rule }
            assert.equal(rule.derived_prefilter == nil, rule.always or false)
            local message = state.diagnostics[1] and state.diagnostics[1].message or ""
            return (message:gsub("no prefilter: from the ", "")), rule
        end
        assert.equal('condition follows any { "aaaa" }', (derived "#a > 2 and filesize < 100"))
        assert.equal('condition follows all { "aaaa", "ccccc" }', (derived "$a and @c[1] > 10"))
        assert.equal('condition follows any { "aaaa", "Z[\\\\" }', (derived "$a or $e at 0"))
        assert.equal('condition follows at_least(2, { "aaaa", "bbbb", "ccccc" })', (derived "2 of ($a, $b, $c)"))
        -- A pattern without literals may be there: one less of the others has to.
        assert.equal('condition follows at_least(2, { "aaaa", "bbbb", "ccccc" })', (derived "3 of ($a, $b, $c, $d)"))
        assert.equal('condition follows any { "aaaa" }', (derived "$a and $d"))
        assert.equal("", (derived "$a or $d"))
        assert.equal("", (derived "not $a"))
        assert.equal("", (derived "filesize > 3"))
        local message, rule = derived("$a", regex "foobar")
        assert.equal('regex follows any { "foobar" }', message)
        assert.equal(rule.confirm[2], rule.derived_from)
    end)

    it("says when no literal follows", function()
        local rules = { { confirm = { regex "[0-9a-f]{40}" } }, { confirm = { regex "[a-z]+ [0-9]?" } },
            { confirm = { { kind = "path", pattern = "x" } } } }
        local state = run(rules)
        assert.equal("N705 W704", codes(state))
        for _, rule in ipairs(rules) do
            assert.is_nil(rule.derived_prefilter)
            assert.is_true(rule.always)
        end
    end)

    it("says where it is when a regex is too large", function()
        local state = run { { confirm = { regex(("(?:ab){1000}"):rep(60)) } } }
        assert.equal("E706", state.diagnostics[1].code)
        assert.same({ "error", "r.lua", 7, "r1" }, { state.diagnostics[1].severity, state.diagnostics[1].file,
            state.diagnostics[1].line, state.diagnostics[1].rule })
    end)

    it("proves prefilters when asked to, and shows what they refuse", function()
        local function rules()
            return {
                { prefilter = { kind = "any", items = { lit "ghp_" } }, confirm = { regex "ghp_[0-9]{4}" } },
                { prefilter = { kind = "any", items = { lit "token" } }, confirm = { regex "(?:token|key)=[0-9]" } },
                { prefilter = { kind = "all", items = { lit "key", { kind = "none", items = { lit "key=0" } } } },
                    confirm = { regex "key=[0-9]" } },
            }
        end
        assert.equal("", codes(run(rules())))
        local state = run(rules(), { prove = true })
        assert.equal("W702", codes(state))
        assert.equal('the regex matches "key=0", which does not satisfy the rule\'s own prefilter',
            state.diagnostics[1].message)
        assert.equal("r2", state.diagnostics[1].rule)
        assert.is_true(state.rules[1].proof.implied)
        assert.equal("key=0", state.rules[2].proof.text)
    end)

    it("knows prefilters that decide nothing", function()
        local function implied(pattern, prefilter, kind)
            local rule = { prefilter = { kind = kind or "any", items = prefilter }, confirm = { regex(pattern) } }
            run { rule }
            return rule.gate_implied or false
        end
        assert.is_true(implied("ghp_[0-9]{4}", { lit "hp_" }))
        assert.is_true(implied("ghp_[0-9]{4}", { lit("ghp", "nocase") }))
        assert.is_true(implied("(?i)token[0-9]{4}", { lit("token", "nocase") }))
        assert.is_true(implied("foo.*bar", { lit "foo", lit "bar" }, "all"))
        assert.is_true(implied("[a-z]{2,9}=[0-9]", { lit "=" }))
        assert.is_false(implied("(?i)token[0-9]{4}", { lit "token" }))
        assert.is_false(implied("ghp_[0-9]{4}", { lit "gho_" }))
        assert.is_false(implied("ghp_[0-9]{4}", { lit("ghp", "word") }))
        assert.is_false(implied("ghp_[0-9]{4}", { lit "ghp", { kind = "none", items = { lit "x" } } }, "all"))
        assert.is_false(implied("(?:token|key)=[0-9]", { lit "token" }))
    end)

    it("shares the work on equal regexes", function()
        local a, b, c = regex "foobar[0-9]", regex "foobar[0-9]", regex("foobar[0-9]", "i")
        run { { confirm = { a } }, { confirm = { b } }, { confirm = { c } } }
        assert.equal(a.emitted, b.emitted)
        assert.not_equal(a.emitted, c.emitted)
    end)
end)
