-- The search of one pattern in one record, every way it can go, against the naive matcher: from hits of literal
-- anchors (also with hits where nothing stands), over runs of a class anchor, everywhere, with the lazy DFA, by the
-- reverse pass, and through windows of a few bytes. HUNCH_SOAK asks for more.
local cjson = require "cjson"
local figures = require "support.figures"
local naive = require "support.naive_regex"
local native = require "support.native_regex"
local parse = require "hunch.regex.parse".parse
local random_regex = require "support.random_regex"
local sample = require "support.sample_regex".sample
local search_case = require "support.search_case"

local CASES = os.getenv "HUNCH_SOAK" and 30000 or os.getenv "HUNCH_SAN" and 500 or 3000

local function pick(random, list)
    return list[random(#list)]
end

--- A pattern with a literal in it or a run of digits, so that it has anchors; or any pattern.
local function pattern_of(random)
    local a, b = random_regex.pattern(random, random(3)), random_regex.pattern(random, random(3))
    local kind = random(5)
    if kind == 1 then return a .. "ab" .. b end
    if kind == 2 then return "(?:" .. a .. ")(?:abc|ca)" .. b end
    if kind == 3 then return pick(random, { "a*", "(?:b|ab)+", ".*", "[^b]*" }) .. "(?:ca|b\\d)" .. b end
    if kind == 4 then
        local n = random(3) + 7
        return pick(random, { "", "\\b", "[ab]{0,3}", "a?", "(?:b|aa)", "[^1]", "1{0,2}" })
            .. "(" .. pick(random, { "[0-9]", "\\d", "[0-9a-f]" })
            .. "{" .. n .. pick(random, { "", ",", "," .. n + 1 }) .. "})"
            .. pick(random, { a, "", "?", "b", "[^b]*b" })
    end
    return random_regex.pattern(random, random(5))
end

local DIGITS = { "1", "1111", "11111111", "1234567890", "a", "b", " ", "aa1", "bb" }

local function text_of(random, tree)
    local out = { random_regex.text(random, 20) }
    if random(2) == 1 then out[2] = sample(tree, random) end
    for _ = 1, random(3) == 1 and random(12) or 0 do out[#out + 1] = pick(random, DIGITS) end
    out[#out + 1] = random_regex.text(random, 12)
    local text = table.concat(out)
    return random(6) == 1 and text:rep(random(8)) or text
end

--- Calls check(what, options) for every way in which this case can be searched.
local function each_way(case, text, random, check)
    local function windows(what, options)
        options.dfa = random(2) == 1
        check(what, options)
        options.window = 1 + random(63)
        check(what, options)
        options.unknown = not options.live
        check(what, options)
    end
    windows("everywhere", { everywhere = true })
    windows("live", { everywhere = true, live = true })
    if case:way() == "hits" then
        windows("hits", { hits = case:hits(text) })
        windows("guarded hits", { hits = case:hits(text, true) })
        windows("more hits", { hits = case:hits_and_more(text, random) })
    elseif case:way() == "ranges" then
        windows("ranges", {})
    end
end

--- expected(tree, text) -> matches. Returns how many cases there were of each way, and how many matches.
local function compare(seed, overlap, expected)
    local random = random_regex.generator(seed)
    local ways, matches, patterns = { hits = 0, ranges = 0, everywhere = 0 }, 0, 0
    local texts, bytes, searches = 0, 0, 0
    for _ = 1, CASES do
        local pattern, flags = pattern_of(random), pick(random, { "", "", "i", "s", "m" })
        local tree = parse(pattern, flags)
        if tree then
            local case = search_case.new(tree, { overlap = overlap })
            ways[case:way()], patterns = ways[case:way()] + 1, patterns + 1
            for _ = 1, 3 do
                local text = text_of(random, tree)
                local wanted = expected(tree, text)
                matches, texts, bytes = matches + #wanted, texts + 1, bytes + #text
                wanted = cjson.encode(wanted)
                each_way(case, text, random, function(what, options)
                    local found, message = case.object:search(text, options)
                    searches = searches + 1
                    found = found and cjson.encode(found) or message
                    if found ~= wanted then
                        error(("pattern %q flags %q text %q, %s window %s dfa %s: %s, not %s"):format(pattern, flags,
                            text, what, options.window, options.dfa, found, wanted))
                    end
                end)
            end
        end
    end
    figures.say("%s patterns, %s texts (%s bytes) searched in %s ways%s, %s matches; 0 differences", patterns, texts,
        bytes, searches, overlap and ", overlapping" or "", matches)
    assert.is_true(ways.hits > CASES / 4 and ways.ranges > CASES / 20 and ways.everywhere > CASES / 20)
    return matches
end

describe("a search", function()
    it(("has the naive matcher's answer, however it goes (%d patterns)"):format(CASES), function()
        assert.is_true(compare(1, false, naive.matches) > CASES)
    end)

    it(("has a match at every start where overlaps count (%d patterns)"):format(CASES), function()
        assert.is_true(compare(2, true, function(tree, text)
            local regex, list = native.compile(tree), {}
            for at = 1, #text + 1 do list[#list + 1] = regex:match_at(text, at) end
            return list
        end) > CASES)
    end)
end)
