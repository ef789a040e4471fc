-- Random patterns on random texts: RE2, the naive matcher, the emitted code and the C machine agree, captures too,
-- and the emitted code agrees forwards and backwards about every span. HUNCH_SOAK asks for more.
local emit = require "hunch.regex.emit".emit
local figures = require "support.figures"
local naive = require "support.naive_regex"
local native = require "support.native_regex"
local parse = require "hunch.regex.parse".parse
local pike = require "support.pike"
local random_regex = require "support.random_regex"
local re2 = require "support.re2_module"

local CASES = os.getenv "HUNCH_SOAK" and 400000 or 3000

--- A pattern that RE2 understands as we do. RE2 loses a case of the letter when single characters
-- with and without (?i) are alternatives (`a|(?i)a` misses A), finds nothing where all alternatives
-- begin with one byte above 127 (`\xff|\xffa`), takes \x{100} up for an error in Latin-1 mode, and has \p and \C.
local function pattern_of(random, i)
    local pattern = random_regex.pattern(random, random(6))
    if i % 3 == 0 then pattern = random_regex.mutate(random, pattern) end
    if pattern:find("|", 1, true) then
        pattern = (" " .. pattern):gsub("%(%?i%)", ""):gsub("([^-])\\xff", "%1\\x00"):sub(2)
    end
    if pattern:find "\\[pPC]" or pattern:find "\\x{%x%x%x" then return "" end
    return pattern
end

local function describe_case(pattern, flags, text)
    return ("pattern %q flags %q text %q"):format(pattern, flags, text)
end

describe("random patterns", function()
    it(("agree with RE2 (%d)"):format(CASES), function()
        local random = random_regex.generator(2024)
        local flag_sets = { "", "", "", "i", "m", "s", "U", "ims" }
        local accepted, refused, contradicted, matches, groups, bytes = 0, 0, 0, 0, 0, 0
        for i = 1, CASES do
            local pattern, text = pattern_of(random, i), random_regex.text(random, 14)
            local flags = flag_sets[random(#flag_sets)]
            local tree, info = parse(pattern, flags)
            local expected, message = re2.matches(pattern, flags, text)
            if expected == false then
                contradicted, expected = contradicted + 1, tree and naive.matches(tree, text)
            end
            if not tree or not expected then
                refused = refused + 1
                if tree or expected then
                    error(("%s: we say %s, RE2 says %s"):format(describe_case(pattern, flags, text),
                        tree and "fine" or info.message, message or "fine"))
                end
            else
                accepted, matches, bytes = accepted + 1, matches + #expected, bytes + #text
                groups = groups + #expected * info.groups
                local code = assert(emit(tree))
                assert.equal(info.groups, code.groups)
                assert.same(expected, naive.matches(tree, text), describe_case(pattern, flags, text))
                assert.same(expected, pike.matches(code, text), describe_case(pattern, flags, text))
                assert.same(expected, native.matches(tree, text), describe_case(pattern, flags, text))
            end
        end
        figures.say("%s patterns x texts (%s bytes): %s matches with %s groups by RE2, the naive matcher, the emitted "
            .. "code and the C machine; 0 differences; %s times RE2 contradicted itself and was not asked; %s more "
            .. "patterns refused by RE2 and us", accepted, bytes, matches, groups, contradicted, refused)
        assert.is_true(contradicted <= CASES / 5000)
        assert.is_true(accepted > CASES / 2 and refused > CASES / 20 and matches > CASES)
    end)

    it("accept the same spans forwards and backwards", function()
        local random = random_regex.generator(77)
        local yes, no = 0, 0
        for _ = 1, CASES / 5 do
            local pattern, text = random_regex.pattern(random, 5), random_regex.text(random, 8)
            local tree = parse(pattern)
            if tree then
                local forward, backward = emit(tree), emit(tree, { reverse = true })
                for first = 1, #text + 1 do
                    for last = first - 1, #text do
                        local expected = naive.accepts(tree, text, first, last)
                        if expected then yes = yes + 1 else no = no + 1 end
                        if pike.accepts(forward, text, first, last) ~= expected
                            or pike.accepts(backward, text, first, last, true) ~= expected then
                            error(("%s span %d-%d"):format(describe_case(pattern, "", text), first, last))
                        end
                    end
                end
            end
        end
        figures.say("%s spans of texts accepted and %s not, forwards and backwards, as the naive matcher says; "
            .. "0 differences", yes, no)
        assert.is_true(yes > CASES / 10 and no > CASES / 10)
    end)
end)
