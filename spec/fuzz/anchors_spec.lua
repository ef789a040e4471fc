-- Many rules at once whose regexes are rich in literals, on texts in which they match, on every CPU backend: what the
-- engine finds by anchors, guards and prefixes is what the naive matcher finds everywhere.
local core = require "hunch.core"
local parse = require "hunch.regex.parse"

local figures = require "support.figures"
local naive = require "support.naive_regex"
local random_literals = require "support.random_literals"
local random_regex = require "support.random_regex"
local sample_regex = require "support.sample_regex"

local BATCHES = os.getenv "HUNCH_SOAK" and 2000 or os.getenv "HUNCH_SAN" and 4 or 40
local RULES, TEXTS = 25, 6

local function quote(bytes)
    return '"' .. bytes:gsub("[^%w]", function(c) return ("\\x%02x"):format(c:byte()) end) .. '"'
end

local function random_rules(random)
    local patterns, trees, source = {}, {}, {}
    while #trees < RULES do
        local pattern = random_literals.pattern(random, 3)
        local tree = parse.parse(pattern, "")
        if tree then
            patterns[#patterns + 1], trees[#trees + 1] = pattern, tree
            source[#source + 1] = ("rule 'r%d' { confirm = { regex(%s) } }"):format(#trees, quote(pattern))
        end
    end
    return patterns, trees, table.concat(source, "\n")
end

local function random_text(random, trees)
    local parts = {}
    for i = 1, 4 do
        parts[i] = random_regex.text(random, 8) .. sample_regex.sample(trees[random(#trees)], random):sub(1, 60)
    end
    return table.concat(parts)
end

describe("regexes found by their anchors", function()
    for number, backend in ipairs { "ref", "cpu" } do
        it("match what the naive matcher says, backend " .. backend, function()
            local engine = assert(core.engine { backend = backend, threads = 1 })
            local random = random_regex.generator(50 + number)
            local compared, matches, bytes = 0, 0, 0
            for _ = 1, BATCHES do
                local patterns, trees, source = random_rules(random)
                local rules = engine:compile { name = "r.lua", text = source }
                for _ = 1, rules and TEXTS or 0 do -- no rules: a regex that can never match is an error
                    local text = random_text(random, trees)
                    local found = {}
                    for i = 1, #trees do
                        found[i] = {}
                    end
                    for _, match in ipairs(rules:scan({ { name = "t", data = text } }, {}).matches) do
                        table.insert(found[tonumber(match.rule:sub(2))], match.first .. "-" .. match.last)
                    end
                    for i, tree in ipairs(trees) do
                        local expected = {}
                        for j, groups in ipairs(naive.matches(tree, text)) do
                            expected[j] = groups[1][1] .. "-" .. groups[1][2]
                        end
                        compared, matches, bytes = compared + 1, matches + #expected, bytes + #text
                        local one, other = table.concat(expected, " "), table.concat(found[i], " ")
                        if one ~= other then
                            error(("%s on %q: %s, not %s"):format(patterns[i], text, one, other))
                        end
                    end
                end
            end
            figures.say("%s: %s rules x texts (%s bytes), %s matches as the naive matcher has them; 0 differences",
                backend, compared, bytes, matches)
            assert.is_true(compared >= BATCHES * RULES * TEXTS // 2 and matches > compared)
        end)
    end
end)
