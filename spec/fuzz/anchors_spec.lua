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

--- Rules r1, r2, ... for random patterns, those that can never match left out. Returns rules, patterns, trees.
local function random_rules(random, engine)
    local patterns, trees = {}, {}
    while #trees < RULES do
        local pattern = random_literals.pattern(random, 3)
        local tree = parse.parse(pattern, "")
        if tree then patterns[#patterns + 1], trees[#trees + 1] = pattern, tree end
    end
    while true do
        local source, faulty = {}, {}
        for i, pattern in ipairs(patterns) do
            source[i] = ("rule 'r%d' { confirm = { regex(%s) } }"):format(i, quote(pattern))
        end
        local rules, diagnostics = engine:compile { name = "r.lua", text = table.concat(source, "\n") }
        if rules then return rules, patterns, trees end
        for _, d in ipairs(diagnostics) do
            assert.is_true(d.severity ~= "error" or d.code == "E402", d.message)
            if d.severity == "error" then faulty[tonumber(d.rule:sub(2))] = true end
        end
        for i = #patterns, 1, -1 do
            if faulty[i] then
                table.remove(patterns, i)
                table.remove(trees, i)
            end
        end
    end
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
                local rules, patterns, trees = random_rules(random, engine)
                for _ = 1, TEXTS do
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
