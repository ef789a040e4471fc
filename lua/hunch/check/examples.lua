--- Checks of a rule's examples. Whether they match is what `hunch test` finds out.
local quote = require("hunch.check.context").quote
local sorted = require "hunch.sorted"
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

local FIELDS = { text = true, spans = true, path = true, files = true }

local FORM = "write the text, or { text =, spans =, path = }"
local FILES_FORM = "write files = { [\"main.c\"] = [[...]], [\"util.c\"] = [[...]] }"

--- What a file of an example is called where nothing is said.
local ENDING = { c = ".c", python = ".py", javascript = ".js", java = ".java" }

--- The files of an example, name -> text, as a list { path =, text = } by name; nil: they are at fault.
local function files_of(c, name, i, example)
    local what = ("example %d of %s"):format(i, name)
    if not c.rule.language then
        return refuse(c, what .. " has files, which examples of graph rules have", FORM)
    elseif example.text ~= nil or example.path ~= nil or example.spans ~= nil then
        return refuse(c, what .. " has files, and text, path or spans besides", FILES_FORM)
    elseif type(example.files) ~= "table" or example.files.unsupported ~= nil or next(example.files) == nil then
        return refuse(c, ("files of %s must be a table of texts by name, not %s"):format(what,
            type(example.files) == "table" and "an empty one" or values.describe(example.files)), FILES_FORM)
    end
    local list = {}
    for _, path in ipairs(sorted.keys(example.files)) do
        local text = example.files[path]
        if type(path) ~= "string" or path == "" or type(text) ~= "string" then
            return refuse(c, ("files of %s must be texts by name"):format(what), FILES_FORM)
        end
        list[#list + 1] = { path = path, text = text }
    end
    return list
end

local function check_example(c, name, i, example)
    if type(example) ~= "table" or example.unsupported ~= nil then
        return refuse(c, ("example %d of %s must be a string or a table, not %s"):format(i, name,
            values.describe(example)), FORM)
    end
    for key in pairs(example) do
        if not FIELDS[key] then
            refuse(c, ("example %d of %s has no field %s"):format(i, name, quote(key)),
                "it has text, spans and path, of a graph rule files")
            example[key] = nil
        end
    end
    if example.files ~= nil then
        example.files = files_of(c, name, i, example)
        return
    end
    if example.text == nil and example.path ~= nil then example.text = "" end
    if type(example.text) ~= "string" then
        return refuse(c, ("the text of example %d of %s must be a string, not %s"):format(i, name,
            values.describe(example.text)), FORM)
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
    if c.rule.language then
        example.path = example.path or "example" .. ENDING[c.rule.language]
        example.files = { { path = example.path, text = example.text } }
    end
end

--- What tells an example from others.
local function key_of(example)
    if not example.files then return tostring(example.path) .. "\0" .. example.text end
    local parts = {}
    for i, file in ipairs(example.files) do
        parts[i] = #file.path .. ":" .. file.path .. #file.text .. ":" .. file.text
    end
    return table.concat(parts)
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
        if type(example) == "table" and (type(example.text) == "string" or example.files) then
            local key = key_of(example)
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
