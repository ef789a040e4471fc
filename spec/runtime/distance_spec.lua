-- The stages count and near, whose spans may overlap, lie inside of each other or be far apart, against plain loops.
local hunch = require "hunch"
local generator = require("support.random").generator

local TEXTS = 400

-- What hex "(41 ?? ?? ?? | 42 | 43 44)" spells: a long one may hold short ones, so ends are not in the order of starts.
local function occurrences(text)
    local list = {}
    for at = 1, #text do
        local byte = text:sub(at, at)
        local length = byte == "A" and 4 or byte == "B" and 1 or text:sub(at, at + 1) == "CD" and 2
        if length and at + length - 1 <= #text then list[#list + 1] = { at - 1, at - 1 + length } end
    end
    return list
end

local WITHIN = { 1, 2, 3, 5, 9 }
local RULE = 'rule "%s %d %s" { confirm = { regex "X", %s { %s, within = %d, %s } } }'
local TARGET = 'hex "(41 ?? ?? ?? | 42 | 43 44)"'

local function rules_text()
    local parts = {}
    for _, within in ipairs(WITHIN) do
        for least = 1, 3 do
            parts[#parts + 1] = RULE:format("count", within, least, "count", TARGET, within, "at_least = " .. least)
        end
        for _, side in ipairs { "before", "after" } do
            parts[#parts + 1] = RULE:format("near", within, side, "near", TARGET, within, side .. " = true")
        end
    end
    return table.concat(parts, "\n")
end

-- "rule start" of everything that should be found.
local function expected(text)
    local found, spans = {}, occurrences(text)
    for at in text:gmatch "()X" do
        local start, stop = at - 1, at
        for _, within in ipairs(WITHIN) do
            local low, high = math.max(0, start - within), math.min(#text, stop + within)
            local inside, before, after = 0, false, false
            for _, span in ipairs(spans) do
                if span[1] >= low and span[2] <= high then inside = inside + 1 end
                before = before or (span[2] >= low and span[1] < stop) -- not what only touches its other side
                after = after or (span[2] > start and span[1] <= high)
            end
            for least = 1, 3 do
                found[("count %d %d %d"):format(within, least, start)] = inside >= least or nil
            end
            found[("near %d before %d"):format(within, start)] = before or nil
            found[("near %d after %d"):format(within, start)] = after or nil
        end
    end
    return found
end

describe("distances to overlapping occurrences", function()
    it("are those of a plain loop", function()
        local rules = assert(assert(hunch.engine { cache = "" }):compile { text = rules_text(), name = "distance.lua" })
        local random = generator(71)
        local records, total = {}, 0
        for i = 1, TEXTS do
            local bytes = {}
            for k = 1, random(24) do bytes[k] = ("ABCDX."):sub(random(6)):sub(1, 1) end
            records[i] = { name = tostring(i), data = table.concat(bytes) }
        end
        local result = assert(rules:scan(records))
        assert.same({}, result.incomplete)
        local found = {}
        for _, match in ipairs(result.matches) do
            local i = tonumber(match.record)
            found[i] = found[i] or {}
            found[i][match.rule .. " " .. match.first - 1] = true
        end
        for i, record in ipairs(records) do
            local wanted = expected(record.data)
            for _ in pairs(wanted) do total = total + 1 end
            assert.same(wanted, found[i] or {}, record.data)
        end
        assert.is_true(total > 5000, total .. " matches")
    end)
end)
