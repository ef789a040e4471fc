-- Conditions in the test suites of YARA and YARA-X: hunch's condition language gives the tools' verdict.
-- Only vectors of one rule on whose verdict all tools agree and that use what the language has; floats, strings as
-- values, `with` and modules are not in it. Where a pattern is found comes from the tools or, for plain text, from a
-- search.

local cjson = require "cjson"
local tiles = require "support.tiles_module"
local parse = require "hunch.condition.parse".parse
local fold = require "hunch.condition.fold".fold
local emit = require "hunch.condition.emit".emit

local known = {}
for feature in ([[
    arith at bitwise count defined filesize for in intXX length none not of offset percent strings_text wildcard hex
    hex_wildcard hex_jump hex_alt hex_not regex nocase wide fullword ascii tags meta private_string
]]):gmatch "%S+" do
    known[feature] = true
end

local function supported(vector)
    for _, feature in ipairs(vector.features) do
        if not known[feature] then
            return false
        end
    end
    return vector.consensus
end

-- name -> bytes of a plain text, or false for anything else. nil: not a rule that this reads.
local function read_rule(source)
    local head, condition = source:match "^%s*rule%s+[%w_]+%s*(.-)condition%s*:%s*(.*)}%s*$"
    if not head or condition:find "[%s}]rule%s+[%w_]+%s*[{:]" then
        return nil
    end
    local strings = {}
    local list = head:match "strings%s*:(.*)"
    local at = 1
    while list do
        local name, value = list:match("^%s*%$([%w_]*)%s*=%s*()", at)
        if not name then
            break
        end
        local kind = list:sub(value, value)
        local last
        if kind == '"' then
            last = list:match('^"[^"\\]*()"', value)
        elseif kind == "{" then
            last = list:match("^{[^}]*()}", value)
        elseif kind == "/" then
            last = list:match("^/[^/\\]*()/", value)
        end
        if not last then
            return nil
        end
        local rest = list:match("^[is]*%s*([%l()%d%- ]*)", last + 1)
        local private = rest:find "private"
        rest = rest:gsub("private", "")
        if kind == '"' and not rest:find "%l" then
            -- A string without a name is only in sets, where any name will do.
            strings[name ~= "" and name or "_" .. at] = list:sub(value + 1, last - 1)
        elseif private or name == "" then
            return nil -- not among the matches that the tools report
        else
            strings[name] = false
        end
        at = list:match("^[is]*[%s%l()%d%-]*()", last + 1)
    end
    if list and list:find("%S", at) then
        return nil
    end
    return strings, condition
end

local function find_all(data, text)
    local found = { offsets = {}, lengths = {} }
    local at = data:find(text, 1, true)
    while at do
        found.offsets[#found.offsets + 1] = at - 1
        found.lengths[#found.lengths + 1] = #text
        at = data:find(text, at + 1, true)
    end
    return found
end

-- name -> occurrences; nil where they are not known.
local function occurrences(vector, strings, data)
    local list = {}
    for name, text in pairs(strings) do
        if text then
            list[name] = find_all(data, text)
        elseif vector.expect == true and vector.matches then
            list[name] = { offsets = {}, lengths = {} }
            for _, match in ipairs(vector.matches) do
                if match.string == "$" .. name then
                    for i, place in ipairs(match.at) do
                        list[name].offsets[i], list[name].lengths[i] = place[1], place[2]
                    end
                end
            end
        else
            return nil
        end
    end
    return list
end

local function names_of(map)
    local names = {}
    for name in pairs(map) do
        names[#names + 1] = name
    end
    table.sort(names)
    return names
end

-- true, false or "error"
local function verdict(condition, patterns, data)
    local names = names_of(patterns)
    local tree = parse(condition, names, function() return false end)
    local folded = tree and fold(tree)
    if not folded then
        return "error"
    end
    local code = assert(emit(folded))
    local lists, slots = {}, {}
    for i, name in ipairs(code.patterns) do
        lists[i], slots[i] = patterns[name], i
    end
    return tiles.condition_eval(code.words, tiles.env(data, lists, {}), slots, {}) == 1
end

describe("YARA's conditions", function()
    local file = assert(io.open(os.getenv "HUNCH_SHARED" .. "/peers/yara/vectors.jsonl"))
    local compared = 0
    for line in file:lines() do
        local vector = cjson.decode(line)
        local strings, condition
        if supported(vector) and vector.text and vector.expect ~= "error" then
            strings, condition = read_rule(vector.rule)
        end
        local patterns = strings and occurrences(vector, strings, vector.text)
        if patterns then
            compared = compared + 1
            it(vector.id, function()
                assert.equal(vector.expect, verdict(condition, patterns, vector.text), condition)
            end)
        end
    end
    file:close()

    it("are compared in number", function()
        assert.is_true(compared >= 370, compared .. " vectors")
    end)
end)
