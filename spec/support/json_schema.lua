-- JSON Schema as far as the SARIF schema and our own shapes use it (drafts 4 to 7): type, enum, const, properties,
-- required, additionalProperties, items, the limits, pattern-free formats, $ref, anyOf, oneOf, allOf, not, and
-- dependencies. A keyword that it does not know is an error: no rule is passed over in silence.
-- cjson cannot tell [] from {}; an empty table is taken for either.
local cjson = require "cjson"

local M = {}

local IGNORED = { ["$schema"] = true, ["$id"] = true, id = true, title = true, description = true, default = true,
                  definitions = true, examples = true }

local function is_array(value)
    return type(value) == "table" and (#value > 0 or next(value) == nil)
end

local function is_object(value)
    return type(value) == "table" and (#value == 0)
end

local TYPES = {
    object = is_object, array = is_array,
    string = function(value) return type(value) == "string" end,
    boolean = function(value) return type(value) == "boolean" end,
    null = function(value) return value == cjson.null end,
    number = function(value) return type(value) == "number" end,
    integer = function(value) return type(value) == "number" and value == math.floor(value) end,
}

local FORMATS = {
    uri = function(text) return text:find("^%a[%w+.-]*:[%w%-._~:/?#%[%]@!$&'()*+,;=%%]*$") end,
    ["uri-reference"] = function(text)
        return text:find("^[%w%-._~:/?#%[%]@!$&'()*+,;=%%]*$") and not text:find("%%%X") and not text:find("%%%x%X")
    end,
    ["date-time"] = function(text) return text:find("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d") end,
}

local function same(a, b)
    return require("luassert.util").deepcompare(a, b, true)
end

local check

local function resolve(root, reference)
    local node = root
    for part in assert(reference:match("^#/(.*)$"), reference):gmatch("[^/]+") do
        node = assert(node[part], "no " .. reference)
    end
    return node
end

local function alternatives(list, value, root, path)
    local passed, problems = 0, {}
    for _, schema in ipairs(list) do
        local sub = {}
        check(schema, value, root, path, sub)
        passed = passed + (#sub == 0 and 1 or 0)
        problems[#problems + 1] = sub[1]
    end
    return passed, table.concat(problems, " | ")
end

local KEYWORDS = {}

function KEYWORDS.type(want, value, add)
    local wanted = type(want) == "table" and want or { want }
    for _, name in ipairs(wanted) do
        if TYPES[name](value) then
            return
        end
    end
    add("must be of type " .. table.concat(wanted, " or "))
end

function KEYWORDS.enum(list, value, add)
    for _, item in ipairs(list) do
        if same(item, value) then
            return
        end
    end
    add("is none of the allowed values: " .. tostring(value))
end

KEYWORDS["const"] = function(want, value, add)
    if not same(want, value) then
        add("must be " .. tostring(want))
    end
end

function KEYWORDS.format(name, value, add)
    if type(value) == "string" and not assert(FORMATS[name], "format " .. name)(value) then
        add("is no " .. name .. ": " .. value)
    end
end

function KEYWORDS.pattern(pattern, value, add)
    -- The three patterns that the SARIF schema has, as Lua patterns.
    local known = { ["[^/]+/.+"] = "[^/]+/.+", ["^[0-9]+(\\.[0-9]+){3}$"] = "^%d+%.%d+%.%d+%.%d+$",
                    ["^[a-zA-Z]{2}(-[a-zA-Z]{2})?$"] = "^%a%a%-?%a?%a?$",
                    ["^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$"] = "^%a%a",
                    ["^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"] =
                        "^%x+%-%x+%-%x+%-%x+%-%x+$" }
    if type(value) == "string" and not value:find(assert(known[pattern], "pattern " .. pattern)) then
        add("does not look as it must: " .. value)
    end
end

function KEYWORDS.minimum(limit, value, add)
    if type(value) == "number" and value < limit then
        add("is below " .. limit)
    end
end

function KEYWORDS.maximum(limit, value, add)
    if type(value) == "number" and value > limit then
        add("is above " .. limit)
    end
end

function KEYWORDS.minItems(limit, value, add)
    if is_array(value) and #value < limit then
        add("has too few items")
    end
end

function KEYWORDS.minLength(limit, value, add)
    if type(value) == "string" and #value < limit then
        add("is too short")
    end
end

function KEYWORDS.uniqueItems(wanted, value, add)
    if wanted and is_array(value) then
        for i = 1, #value do
            for j = i + 1, #value do
                if same(value[i], value[j]) then
                    add("has item " .. i .. " twice")
                    return
                end
            end
        end
    end
end

function KEYWORDS.required(names, value, add)
    for _, name in ipairs(is_object(value) and names or {}) do
        if value[name] == nil then
            add("lacks " .. name)
        end
    end
end

function KEYWORDS.items(schema, value, _, root, path, problems)
    for i, item in ipairs(is_array(value) and value or {}) do
        check(schema, item, root, path .. "/" .. i - 1, problems)
    end
end

function KEYWORDS.properties(map, value, _, root, path, problems)
    for name, schema in pairs(is_object(value) and map or {}) do
        if value[name] ~= nil then
            check(schema, value[name], root, path .. "/" .. name, problems)
        end
    end
end

function KEYWORDS.anyOf(list, value, add, root, path)
    local passed, why = alternatives(list, value, root, path)
    if passed == 0 then
        add("fits none of anyOf: " .. why)
    end
end

function KEYWORDS.oneOf(list, value, add, root, path)
    local passed, why = alternatives(list, value, root, path)
    if passed ~= 1 then
        add("fits " .. passed .. " of oneOf: " .. why)
    end
end

function KEYWORDS.allOf(list, value, _, root, path, problems)
    for _, schema in ipairs(list) do
        check(schema, value, root, path, problems)
    end
end

KEYWORDS["not"] = function(schema, value, add, root, path)
    local sub = {}
    check(schema, value, root, path, sub)
    if #sub == 0 then
        add("is what it must not be")
    end
end

function KEYWORDS.dependencies(map, value, add)
    for name, needed in pairs(map) do
        for _, other in ipairs(is_object(value) and value[name] ~= nil and needed or {}) do
            if value[other] == nil then
                add("has " .. name .. " without " .. other)
            end
        end
    end
end

-- Looked at together with `properties`.
local function additional(schema, value, root, path, problems)
    local rule = schema.additionalProperties
    if rule == nil or rule == true or not is_object(value) then
        return
    end
    for name, member in pairs(value) do
        if not (schema.properties and schema.properties[name]) then
            if rule == false then
                problems[#problems + 1] = path .. " has the unknown member " .. tostring(name)
            else
                check(rule, member, root, path .. "/" .. tostring(name), problems)
            end
        end
    end
end

function check(schema, value, root, path, problems)
    if schema["$ref"] then
        return check(resolve(root, schema["$ref"]), value, root, path, problems)
    end
    local function add(text)
        problems[#problems + 1] = (path == "" and "the whole" or path) .. " " .. text
    end
    for keyword, argument in pairs(schema) do
        if KEYWORDS[keyword] then
            KEYWORDS[keyword](argument, value, add, root, path, problems)
        elseif keyword ~= "additionalProperties" and not IGNORED[keyword] then
            error("this checker does not know the keyword " .. keyword)
        end
    end
    additional(schema, value, root, path, problems)
end

--- What of `value` breaks the schema; an empty list when nothing does.
---@return string[]
function M.problems(schema, value)
    local problems = {}
    check(schema, value, schema, "", problems)
    table.sort(problems)
    return problems
end

return M
