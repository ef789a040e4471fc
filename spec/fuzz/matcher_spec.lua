-- Who finds literals, both backends, against string.find: few literals (for which Vectorscan takes other ways than for
-- many), short ones, and texts whose ends lie everywhere in a block of 64 bytes.
local figures = require "support.figures"
local hunch = require "hunch"
local random_regex = require "support.random_regex"

local SETS = os.getenv "HUNCH_SOAK" and 5000 or os.getenv "HUNCH_SAN" and 60 or 600

local ALPHABETS = { "ab", "ab@", "_aAbBc", "abcdefgh", "\0a", "ab\n\255" }

local function word(random, alphabet, most)
    local out = {}
    for i = 1, random(most) do
        local at = random(#alphabet)
        out[i] = alphabet:sub(at, at)
    end
    return table.concat(out)
end

local function naive(sets, text)
    local list = {}
    for i, set in ipairs(sets) do
        local spans = {}
        for _, literal in ipairs(set) do
            local from = 1
            while true do
                local at = text:find(literal, from, true)
                if not at then break end
                spans[("%06d-%06d"):format(at, at + #literal - 1)] = true
                from = at + 1
            end
        end
        local keys = {}
        for key in pairs(spans) do keys[#keys + 1] = key end
        table.sort(keys)
        for _, key in ipairs(keys) do list[#list + 1] = i .. ":" .. key end
    end
    return table.concat(list, " ")
end

describe("literals", function()
    it(("are found by every backend wherever they stand (%d sets)"):format(SETS), function()
        local random = random_regex.generator(11)
        local engine = assert(hunch.engine { cache = "", threads = 1 })
        local texts, bytes, matches = 0, 0, 0
        for _ = 1, SETS do
            local alphabet = ALPHABETS[random(#ALPHABETS)]
            local sets, source = {}, {}
            for i = 1, random(3) do
                local quoted = {}
                sets[i] = {}
                for k = 1, random(4) do
                    sets[i][k] = word(random, alphabet, ({ 2, 3, 8, 12 })[random(4)])
                    quoted[k] = ("%q"):format(sets[i][k])
                end
                source[i] = ("rule 'r%d' { prefilter = any { %s } }"):format(i, table.concat(quoted, ", "))
            end
            local rules = assert(engine:compile { text = table.concat(source, "\n"), name = "sets.lua" })
            local records = {}
            for i = 1, 8 do
                local filler = random(2) == 1 and (" "):rep(random(300)) or word(random, alphabet, 300)
                local set = sets[random(#sets)]
                records[i] = { data = filler .. set[random(#set)] .. word(random, alphabet, 3):sub(random(3)) }
                texts, bytes = texts + 1, bytes + #records[i].data
            end
            for _, backend in ipairs { "ref", "cpu" } do
                for i, record in ipairs(records) do
                    local list = {}
                    for k, m in ipairs(rules:scan({ record }, { backend = backend, max_matches = 1 << 30 }).matches) do
                        list[k] = ("%s:%06d-%06d"):format(m.rule:sub(2), m.first, m.last)
                    end
                    matches = matches + #list
                    local found, wanted = table.concat(list, " "), naive(sets, record.data)
                    if found ~= wanted then
                        error(("%s, %s, text %d %q: %s, not %s"):format(backend, table.concat(source, " "), i,
                            record.data, found, wanted))
                    end
                end
            end
        end
        figures.say("%s sets of literals, %s texts, %s bytes, %s matches, 0 differences", SETS, texts, bytes, matches)
        assert.is_true(matches > 20 * SETS)
    end)
end)
