--- Checks of a rule's examples. Whether they match is what `hunch test` finds out.
local quote = require("hunch.check.context").quote
local values = require "hunch.check.values"

local M = {}

local function refuse(c, message, hint)
    c:add("E110", c.rule, message, { field = "examples", hint = hint })
end

local function check_spans(c, name, i, example)
    if not values.is_list(example.spans) then
        return refuse(c, ("spans of example %d of %s must be a list, not %s"):format(i, name,
            values.describe(example.spans)), "spans = { { 7, 26 } }")
    end
    for _, span in ipairs(example.spans) do
        local first, last = type(span) == "table" and span[1], type(span) == "table" and span[2]
        if math.type(first) ~= "integer" or math.type(last) ~= "integer" or first < 1 or last < first - 1
            or last > #example.text or #span ~= 2 then
            return refuse(c, ("a span of example %d of %s does not lie in its text of %d bytes"):format(i, name,
                #example.text), "a span is { first, last }, counted in bytes from 1, last inclusive")
        end
    end
end

local FIELDS = { text = true, spans = true, path = true }

local function check_example(c, name, i, example)
    if type(example) ~= "table" or example.unsupported ~= nil then
        return refuse(c, ("example %d of %s must be a string or a table, not %s"):format(i, name,
            values.describe(example)), "write the text, or { text =, spans =, path = }")
    end
    for key in pairs(example) do
        if not FIELDS[key] then
            refuse(c, ("example %d of %s has no field %s"):format(i, name, quote(key)), "it has text, spans and path")
            example[key] = nil
        end
    end
    if example.text == nil and example.path ~= nil then example.text = "" end
    if type(example.text) ~= "string" then
        return refuse(c, ("the text of example %d of %s must be a string, not %s"):format(i, name,
            values.describe(example.text)), "write the text, or { text =, spans =, path = }")
    end
    if example.path ~= nil and (type(example.path) ~= "string" or example.path == "") then
        return refuse(c, ("the path of example %d of %s must be a string"):format(i, name), "path = \"config/.env\"")
    end
    if example.spans ~= nil then
        if name == "miss" then
            return refuse(c, ("example %d of miss has spans, and misses have none"):format(i), "leave spans out")
        end
        check_spans(c, name, i, example)
    end
end

local function check_list(c, examples, name, seen)
    local list = examples[name]
    if list == nil then list = {} end
    if not values.is_list(list) then
        refuse(c, ("%s of examples must be a list, not %s"):format(name, values.describe(list)),
            "examples = { match = { \"...\" }, miss = { \"...\" } }")
        list = {}
    end
    for i, example in ipairs(list) do
        check_example(c, name, i, example)
        if type(example) == "table" and type(example.text) == "string" then
            local key = tostring(example.path) .. "\0" .. example.text
            if seen[key] and seen[key] ~= name then
                refuse(c, ("example %d of %s is an example of %s too"):format(i, name, seen[key]), "leave one out")
            elseif seen[key] then
                c:add("W112", c.rule, ("example %d of %s is there twice"):format(i, name),
                    { field = "examples", hint = "leave one out" })
            end
            seen[key] = name
        end
    end
    examples[name] = list
end

---Checks and completes rule.examples.
function M.check(c)
    local rule = c.rule
    local examples = rule.examples == nil and {} or rule.examples
    if type(examples) ~= "table" or examples.unsupported ~= nil then
        refuse(c, ("examples of a rule must be a table, not %s"):format(values.describe(examples)),
            "examples = { match = { \"...\" }, miss = { \"...\" } }")
        examples = {}
    end
    for key in pairs(examples) do
        if key ~= "match" and key ~= "miss" then
            refuse(c, ("examples have no field %s"):format(quote(key)), "they have match and miss")
            examples[key] = nil
        end
    end
    local seen = {}
    check_list(c, examples, "match", seen)
    check_list(c, examples, "miss", seen)
    rule.examples = examples
    local absent = {}
    for _, name in ipairs { "match", "miss" } do
        if #examples[name] == 0 then absent[#absent + 1] = name end
    end
    if absent[1] then
        c:add("W111", rule, ("the rule %s has no examples that %s"):format(quote(rule.name),
            table.concat(absent, " and none that ")),
            { hint = ("examples = { %s = { \"...\" } } are run by hunch test"):format(
                table.concat(absent, " = { \"...\" }, ")) })
    end
end

return M
