--- What the parts of the check pass share: the rule at hand, reporting, fields against descriptions.
-- Data from the sandbox is judged here first; later code may lean on what was found right.
local diagnostics = require "hunch.diagnostics"
local locate = require "hunch.check.locate"
local parse = require "hunch.regex.parse"
local quote = require "hunch.quote"
local sorted = require "hunch.sorted"
local values = require "hunch.check.values"

local Context = {}
Context.__index = Context

local M = {}

---@param state hunch.CompileState
function M.new(state)
    state.at_fault, state.unknown_calls = state.at_fault or {}, state.unknown_calls or {}
    return setmetatable({ state = state, rule = nil }, Context)
end

--- The place of a node; the rule's where the node has none that can be trusted.
function Context:place(node)
    local where = type(node) == "table" and node.where
    if type(where) == "table" and self.state.sources_by_name[where.file] and math.type(where.line) == "integer" then
        return where
    end
    return self.rule and self.rule.where
end

---Reports. more: hint; text, at, nth: the string of the source to point at, which byte of it, which occurrence;
---field: or the assignment to this name.
function Context:add(code, node, message, more)
    more = more or {}
    local place, line, column = self:place(node), nil, nil
    if more.text then
        line, column = locate.text(self.state, place, more.text, more.at, more.nth)
    elseif more.field then
        line, column = locate.field(self.state, place, more.field)
    end
    local name = self.rule and self.rule.name
    if self.rule and code:sub(1, 1) == "E" then self.state.at_fault[self.rule] = true end
    return diagnostics.add(self.state, code, place, message, {
        hint = more.hint, line = line, column = column, rule = type(name) == "string" and name or nil,
    })
end

--- A value of a field that no regex or literal says, in quotes and bounded.
function M.quote(text)
    local kind = type(text)
    if kind == "table" or kind == "function" or kind == "userdata" then return "a " .. kind end -- never an address
    if kind ~= "string" then return tostring(text) end
    local short = #text > 60 and text:sub(1, 57) .. "..." or text
    return quote(short)
end

--- A regex as its author wrote it, bounded, in long brackets.
function M.quote_regex(pattern)
    local short = #pattern > 60 and pattern:sub(1, 57) .. "..." or pattern
    return "[[" .. short:gsub("[%c\127-\255]", function(c) return ("\\x%02X"):format(c:byte()) end) .. "]]"
end

--- The fields that an author can write; constructors set the others.
local function names_of(fields)
    local names = {}
    for _, name in ipairs(sorted.keys(fields)) do
        if not fields[name].internal then names[#names + 1] = name end
    end
    return names
end

---Checks the fields of a node: known names, right types. what: "a rule", "the stage count".
---A node with a fault is marked `faulty` while it is checked, so that what follows from it is not reported too.
---@param fields table<string, { [1]: string, choices: string[]|nil, internal: boolean|nil }> for each field the
---name of a type in values.types
---@return boolean
function Context:fields(node, what, fields, unknown_code, type_code)
    local good, names = true, nil
    local function unknown(key)
        names = names or names_of(fields)
        local near = diagnostics.nearest(key, names)
        good = false
        local shown = M.quote(key)
        if type(key) == "number" then
            shown = "without a name (number " .. key .. ")"
        elseif type(key) == "string" and key:sub(1, 1) == "\0" then -- how a sandbox hands over other keys
            shown = "whose key is a " .. key:sub(2)
        end
        self:add(unknown_code, node, ("%s has no field %s"):format(what, shown),
            { field = type(key) == "string" and key or nil,
              hint = near and ("did you mean %s?"):format(near) or "it has " .. table.concat(names, ", ") })
    end
    if type(node.reserved) == "table" then
        for key in pairs(node.reserved) do unknown(key) end
    end
    node.reserved = nil
    for key in pairs(node) do -- in any order: diagnostics are sorted when all passes are through
        local field = fields[key]
        if key == "kind" or key == "where" then
            good = good -- set by the constructor
        elseif not field then
            unknown(key)
            node[key] = nil
        else
            good = self:field(node, what, key, field, type_code) and good
        end
    end
    node.faulty = not good or nil
    return good
end

--- What the author of a node called a field.
function M.written(node, key)
    return key == "of" and node.of_is_capture and "capture" or key
end

function Context:field(node, what, key, field, type_code)
    local value, name = node[key], M.written(node, key)
    local test, words, example, shown, shown_item = table.unpack(values.types[field[1]])
    shown, shown_item = shown or values.describe, shown_item or values.describe
    local right, item = test(value)
    local hint = field.hint or ("write %s = %s"):format(name, example)
    if right and not field.choices then return true end
    if right then
        for _, choice in ipairs(field.choices) do
            if choice == value then return true end
        end
        local near = diagnostics.nearest(value, field.choices)
        self:add(field.code or type_code, node, ("%s of %s cannot be %s"):format(name, what, M.quote(value)),
            { field = name, hint = (near and ("did you mean %s? "):format(near) or "")
                .. "it is one of " .. table.concat(field.choices, ", ") })
    elseif item then
        self:add(type_code, node, ("%s of %s must be %s, but entry %d is %s"):format(name, what, words, item,
            shown_item(value[item])), { field = name, hint = hint })
    else
        self:add(type_code, node, ("%s of %s must be %s, not %s"):format(name, what, words, shown(value)),
            { field = name, hint = hint })
    end
    node[key] = nil
    return false
end

---Parses a pattern into node.ast and node.info.
---@return boolean
function Context:regex(node, what)
    local pattern, flags = node.pattern, node.flags
    if pattern == nil and node.faulty then return false end
    if type(pattern) ~= "string" then
        self:add("E303", node, ("the pattern of %s must be a string, not %s"):format(what, values.describe(pattern)),
            { hint = "write it as regex [[...]]" })
        return false
    end
    if flags ~= nil and type(flags) ~= "string" then
        self:add("E303", node, ("the flags of %s must be a string, not %s"):format(what, values.describe(flags)),
            { hint = "flags are letters of i, m, s and U" })
        return false
    end
    node.flags = flags or ""
    local unknown = node.flags:match "[^imsU]"
    if unknown then
        self:add("E401", node, ("unknown flag %s of %s"):format(M.quote(unknown), what),
            { hint = "the flags are i, m, s and U", field = "flags" })
        return false
    end
    local tree, info = parse.parse(pattern, node.flags)
    if not tree then
        local message = info.message:gsub("%.$", "")
        local shown = M.quote_regex(pattern)
        self:add("E401", node, ("%s, at byte %d of the regex %s"):format(message, info.position, shown),
            { text = pattern, at = info.position, hint = "the syntax is RE2's" })
        return false
    end
    node.ast, node.info = tree, info
    return true
end

return M
