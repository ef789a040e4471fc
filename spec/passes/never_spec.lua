-- Rules that can never match: what is found, what is not, and that what is found is so.
local compile = require "hunch.compile"
local naive = require "support.naive_engine"
local random_regex = require "support.random_regex"
local random_rules = require "support.random_rules"

local function diagnostics_of(source)
    local state = { sources = { { name = "r/x.lua", text = source } } }
    compile.run(state, { stop_after = "check" })
    local list = {}
    for _, d in ipairs(state.diagnostics) do
        if d.code ~= "W111" then list[#list + 1] = d end
    end
    return list
end

local function confirm(stages) return "rule 'x' {\n confirm = {\n  " .. stages .. " } }" end

-- code, source, piece of the message, line, column
local function bad(list)
    for _, case in ipairs(list) do
        it(case[1] .. " for " .. case[2]:gsub("%s+", " "):sub(1, 110), function()
            local found = diagnostics_of(case[2])
            local shown = {}
            for i, d in ipairs(found) do shown[i] = d.code .. " " .. d.message end
            assert.are.equal(case[6] or 1, #found, table.concat(shown, " | "))
            local d
            for _, each in ipairs(found) do d = each.code == case[1] and each or d end
            assert.is_table(d, table.concat(shown, " | "))
            assert.is_truthy(d.message:find(case[3], 1, true), d.message)
            assert.is_truthy(d.hint)
            if case[4] then assert.are.same({ case[4], case[5] or d.column }, { d.line, d.column }) end
        end)
    end
end

local function good(list)
    for _, source in ipairs(list) do
        it("nothing for " .. source:gsub("%s+", " "):sub(1, 110), function()
            local found = diagnostics_of(source)
            assert.are.equal(0, #found, found[1] and found[1].code .. " " .. found[1].message)
        end)
    end
end

describe("a regex that no text matches", function()
    bad {
        { "E402", confirm "regex [[ab$c]]", "nothing gets past byte 4 of it", 3, 14 },
        { "E402", confirm "regex [[a\\bb]]", "nothing gets past byte 4", 3 },
        { "E402", confirm "path [[a^b]]", "can never match", 3 },
        { "E402", confirm "count { regex [[a^b]] }", "can never match", 3 },
        { "E402", confirm "regex 'a', near { regex [[a\\bb]], within = 3 }", "can never match", 3 },
        { "W404", confirm "regex [[a.]], except { regex = { 'x', [[b$c]] } }", "can never match", 3 },
        { "W404", confirm "regex [[a.]], only { regex = { 'b', [[b$c]] } }", "can never match", 3 },
        { "W404", confirm "regex [[a.]], except { path = { [[b^c]] } }", "can never match", 3 },
        { "W404", confirm "count { regex [[a^b]], at_most = 3 }", "can never match", 3 },
        { "W404", confirm "condition { '$a or $b', patterns = { a = 'n', b = regex [[a^b]] } }", "can never match", 3 },
        { "E503", confirm "condition { '$b', patterns = { b = regex [[a^b]] } }", "a pattern that it needs", 3, 16, 2 },
        { "E305", confirm "regex [[a.]], only { regex = [[b$c]] }", "none of its regexes can match", 3, nil, 2 },
    }
    good {
        confirm "regex { [[a$\\nb]], flags = 'm' }", confirm "regex [[a\\b-]]", confirm "path [[^a$|b$]]",
        confirm "regex [[a.]], except { regex = { 'x', [[b$]] } }",
    }
end)

describe("stages that contradict what stands before them", function()
    bad {
        { "E305", confirm "regex [[abc]], except { text = 'abc' }", "whatever [[abc]] leaves holds one", 3 },
        { "E305", confirm "regex [[abc]], except { equal = { 'x', 'abc' } }", "this except drops everything", 3 },
        { "E305", confirm "regex [[k=(\\d+)]], except { regex = '^[0-9]*$', capture = 1 }",
            "this except drops everything", 3 },
        { "E305", confirm "regex [[key=\\w+]], except { words = { 'KEY' }, on = 'line' }",
            "this except drops everything", 3 },
        { "E305", confirm "regex { [[k=([a-f]+)]], capture = 1 }, except { regex = '[a-f]' }", "this except drops", 3 },
        { "E305", confirm "near { lit 'n', within = 2 }, regex 'n', except { regex = 'x*' }",
            "this except drops everything", 3 },
        { "E305", "rule 'x' { prefilter = any { 'n' }, confirm = { except { regex = 'x*' } } }",
            "every text holds one", 1 },
        { "E305", confirm "regex 'ab', except { path = '(?s).*' }", "every path holds one", 3 },
        { "E305", confirm "regex [[abc]], only { text = { 'abd', 'x' } }", "this only keeps nothing", 3 },
        { "E305", confirm "regex [[k=(\\d+)]], only { regex = '[a-z]', capture = 1 }", "this only keeps nothing", 3 },
        { "E305", confirm "regex [[\\w{4}]], only { equal = 'abc' }", "this only keeps nothing", 3 },
        { "E305", confirm "regex [[a\\d+]], regex [[b]]", "inside of what [[a\\d+]] leaves", 3 },
        { "E305", confirm "regex [[\\w{4}]], regex [[\\w{5}]]", "can never match inside", 3, 28 },
        { "E305", confirm "regex { 'a(b+)', capture = 1 }, regex 'a'", "can never match inside", 3 },
        { "E305", confirm "regex [[([a-z]{9})]], luhn { capture = 1 }", "luhn can never hold", 3 },
        { "E305", confirm "regex [[\\d{8}]], checksum { 'ean13' }", "ean13 can never hold", 3 },
        { "E305", confirm "regex [[[A-Z]{30}]], checksum { 'iban' }", "iban can never hold", 3 },
        { "E305", confirm "regex [[(\\w+)_(\\W{6})]], checksum { 'crc32-base62', of = 1, digits = 2 }",
            "crc32-base62 can", 3 },
        { "E305", confirm "regex [[aaab]], entropy { at_least = 0.9 }", "at most 0.811 bits", 3 },
        { "E305", confirm "regex [[(?:aa|aab)]], entropy { above = 0.95 }", "at most 0.918 bits", 3 },
        { "E305", confirm "field { at = 0, type = 'u8', more = 9 }, field { at = 0, type = 'u8', less = 10 }",
            "at the same place", 3 },
        { "E305", confirm "field { at = 0, type = 'u64le', more = -9 }, field { at = 0, type = 'u64le', less = 5 }",
            "same", 3 },
        { "E305", confirm "count { 'a', at_least = 3 }, count { 'a', at_most = 2 }", "a count of the same before it",
            3 },
        { "E305", "rule 'x' { prefilter = all { 'k', none { 'ab' } }, confirm = { regex 'k[ab]?abc' } }",
            "the prefilter forbids", 1 },
        { "E305", "rule 'x' { prefilter = none { lit('AB', 'nocase'), 'c' }, confirm = { regex 'ab|c' } }", "forbids",
            1 },
    }
    good {
        confirm "regex [[abc?]], except { text = 'abc' }",
            confirm "regex [[abc]], except { text = 'abc', capture = 0 }",
        confirm "regex [[k=(\\d*)]], except { regex = '^[0-9]+$', capture = 1 }",
        confirm "regex [[k(=\\d+)?]], except { regex = '[0-9]', capture = 1 }",
        confirm "regex { [[k(=\\d+)?]], capture = 'first' }, except { regex = '[0-9]' }",
        confirm "regex [[abc]], host(function() return { last = 1 } end), except { text = 'abc' }",
        confirm "regex [[abc]], host(function() return { last = 9 } end), regex [[d]]",
        confirm "regex [[aaab]], host(function() return { last = 9 } end), entropy { at_least = 2 }",
        confirm "regex [[abc]], only { text = 'abd', on = 'line' }",
            confirm "regex [[abc]], only { text = 'abd', path = 'x' }",
        confirm "regex [[\\w{4}]], only { equal = 'abcd' }", confirm "regex [[a\\d+]], regex [[\\b1]]",
        confirm "regex [[\\w{4}]], regex [[^\\w{4}$]]", confirm "regex [[a\\w+b]], regex [[^\\w+$]]",
        confirm "regex [[(\\w{9})]], luhn { capture = 1 }", confirm "regex [[\\d[\\d -]{12,}]], checksum { 'ean13' }",
        confirm "regex [[[A-Z]{2}\\w{13}]], checksum { 'iban' }", confirm "regex [[\\w+]], checksum { 'crc32-hex' }",
        confirm "regex [[aaab]], entropy { at_least = 0.8 }",
        confirm "regex [[a(ab)]], entropy { at_least = 1, capture = 'first' }",
        confirm "regex { [[a(ab)]], capture = 'first' }, entropy { at_least = 1 }",
        confirm "regex [[a(\\d)?]], luhn { of = 'first' }",
        confirm "field { at = 0, type = 'u8', more = 9 }, field { at = 0, type = 'u8', less = 11 }",
        confirm "field { at = 0, type = 'u8', more = 9 }, field { at = 1, type = 'u8', less = 9 }",
        confirm "field { at = 0, type = 'u64le', less = -9 }, field { at = 0, type = 'u64le', more = 5 }",
        confirm [=[regex 'a(b)', field { at = 0, from = 'match', type = 'u8', equal = 97 }, regex { '(b)',
            capture = 1 },
            field { at = 0, from = 'match', type = 'u8', equal = 98 }]=],
        confirm "count { 'a', at_least = 3 }, count { 'a', at_most = 2, within = 'line' }",
        confirm [=[regex 'xy', count { 'a', at_least = 3, within = 9 },
            regex 'x', count { 'a', at_most = 2, within = 9 }]=],
        "rule 'x' { prefilter = all { 'k', none { 'ab' } }, confirm = { regex 'k[ab]*' } }",
        "rule 'x' { prefilter = all { 'k', none { lit('ab', 'word') } }, confirm = { regex 'kab' } }",
    }
end)

describe("a prefilter", function()
    bad {
        { "E207", "rule 'x' { prefilter = all { any { 'ab', 'abc' }, none { 'ab' } } }", "among what it forbids", 1 },
        { "E207", "rule 'x' { prefilter = all { 'ab', 'c', none { all { 'b', 'c' } } } }", "among what it forbids", 1 },
        { "E207", "rule 'x' { prefilter = all { lit('ab', 'wide'), none { 'a' } } }", 'forbids "a"', 1 },
        { "E207", "rule 'x' { prefilter = all { '1MZ2', none { hex '4D 5A' } } }", "can never hold", 1 },
    }
    good {
        "rule 'x' { prefilter = all { any { 'ab', 'cd' }, none { 'ab' } } }",
        "rule 'x' { prefilter = all { 'ab', 'c', none { all { 'b', 'd' } } } }",
        "rule 'x' { prefilter = all { 'MZ', none { hex '4D 5A 00' } } }",
        "rule 'x' { prefilter = at_least(2, { 'a', none { 'a' }, 'b' }) }",
    }
end)

describe("a condition", function()
    bad {
        { "E503", confirm "condition { '#a > 3 and #a < 2', patterns = { a = 'n' } }", "never true", 3, 16 },
        { "E503", confirm "condition [[filesize < 0]]", "never true", 3 },
        { "E503", confirm "condition { '$a and not $a', patterns = { a = 'n' } }", "never true", 3 },
    }
    good { confirm "condition { '#a > 3 or #a < 2', patterns = { a = 'n' } }", confirm "condition [[filesize < 1]]" }
end)

describe("a rule that needs one that can never match", function()
    local dead = "rule 'y' { confirm = { regex [[a^b]] } }\n"
    bad {
        { "E503", dead .. "rule 'x' { confirm = { condition 'rule(\"y\") and filesize > 3' } }",
            "a rule that it asks for", 2, nil, 2 },
        { "E305", dead .. "rule 'x' { confirm = { regex 'n', near { 'y', within = 3 } } }",
            'the rule "y" can never match', 2, nil, 2 },
    }

    it("is found through others", function()
        local found = diagnostics_of("rule 'x' { confirm = { condition 'rule(\"z\")' } }\n"
            .. "rule 'z' { confirm = { regex 'n', near { 'y', within = 3 } } }\n" .. dead)
        local lines = {}
        for i, d in ipairs(found) do lines[i] = d.code .. ":" .. d.line end
        assert.are.same({ "E503:1", "E305:2", "E402:3" }, lines)
    end)

    it("is not one that asks for something else too", function()
        local found = diagnostics_of(dead .. "rule 'x' { confirm = { condition 'rule(\"y\") or filesize > 3' } }\n"
            .. "rule 'z' { confirm = { condition 'not rule(\"y\")' } }\n")
        assert.are.equal(1, #found)
    end)
end)

describe("what is found", function()
    local CLAIMS = { E207 = true, E305 = true, E402 = true, E503 = true }

    it("is so: the naive engine finds no match of random rules", function()
        local random = random_regex.generator(5)
        local claimed, asked = {}, 0
        local san = os.getenv "HUNCH_SAN"
        for _ = 1, san and 200 or 600 do
            local rules = random_rules.rules(random)
            for i = #rules, 7, -1 do rules[i] = nil end
            local names, seen = {}, {}
            for _, d in ipairs(diagnostics_of(random_rules.source(rules))) do
                local name = d.rule
                if CLAIMS[d.code] and name and not seen[name] then
                    seen[name], names[#names + 1] = true, name
                    claimed[d.code] = (claimed[d.code] or 0) + 1
                elseif d.severity == "error" and not CLAIMS[d.code] then
                    seen[name or ""] = true -- such rules cannot be asked
                end
            end
            for _ = 1, #names > 0 and 12 or 0 do
                local record = random_rules.record(random, rules, 40)
                for _, name in ipairs(names) do
                    local ok, matches = pcall(naive.scan, rules, "r.txt", record, { rules = { name }, private = true })
                    asked = asked + (ok and 1 or 0)
                    assert.are.equal(0, ok and #matches or 0, ("%s in %q\n%s"):format(name, record,
                        random_rules.source(rules)))
                end
            end
        end
        assert.is_true(asked > 200, "little was asked")
        for code in pairs(CLAIMS) do
            assert.is_true((claimed[code] or 0) > (san and 0 or 3), code .. " was hardly claimed")
        end
    end)
end)
