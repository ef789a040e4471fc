-- The command line, driven by tables: a call is described once and parsed, checked and documented from that.
-- (A general argument parser costs 2.5 ms at start-up and ends the process by itself; this one returns.)
--
-- call   = { name, usage, summary, options = { option… }, operands = { key, min, max } }
-- option = { key, long, short, value = "NAME" | nil (a flag), choices, min, max, many (a list), help,
--            kind = "string"|"path"|"output"|"integer"|"number"|"size"|"choice" }
local M = {}

-- Optimal string alignment distance: insert, delete, replace, swap of neighbours.
local function distance(a, b)
    local rows = { [0] = {} }
    for j = 0, #b do
        rows[0][j] = j
    end
    for i = 1, #a do
        rows[i] = { [0] = i }
        for j = 1, #b do
            local same = a:byte(i) == b:byte(j)
            local best = math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (same and 0 or 1))
            if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
                best = math.min(best, rows[i - 2][j - 2] + 1)
            end
            rows[i][j] = best
        end
    end
    return rows[#a][#b]
end

--- The candidate that `word` was probably meant to be, or nil.
---@param word string
---@param candidates string[]
---@return string?
function M.nearest(word, candidates)
    local best, best_distance = nil, math.max(2, #word // 3) + 1
    if #word > 64 or #word < 3 then
        return nil
    end
    for _, candidate in ipairs(candidates) do
        local d = #candidate <= 64 and distance(word, candidate) or best_distance
        if d < best_distance and d < #candidate then
            best, best_distance = candidate, d
        end
    end
    return best
end

--- "; did you mean X?" or ""
function M.suggestion(word, candidates)
    local near = M.nearest(word, candidates)
    return near and "; did you mean '" .. near .. "'?" or ""
end

local UNITS = { [""] = 1, B = 1, K = 1 << 10, M = 1 << 20, G = 1 << 30, T = 1 << 40 }

local convert = {}

function convert.string(text)
    return text
end

function convert.path(text)
    if text == "" then
        return nil, "the name of a file or folder"
    end
    return text
end

-- What is written is whole or not there at all, or at least counted: standard output has a name of its own.
function convert.output(text)
    if text == "" or text == "-" then
        return nil, "the name of a file (/dev/stdout is standard output)"
    end
    return text
end

function convert.integer(text, option)
    local number = text:match("^%d+$") and math.tointeger(tonumber(text))
    if not number or number < (option.min or 0) or number > (option.max or math.maxinteger) then
        return nil, string.format(option.max and "a whole number, %d to %d" or "a whole number, %d or more",
                                  option.min or 0, option.max)
    end
    return number
end

function convert.number(text, option)
    local number = text:match("^%d*%.?%d*$") and tonumber(text)
    if not number or number < (option.min or 0) then
        return nil, "a number, " .. (option.min or 0) .. " or more"
    end
    return number
end

function convert.size(text, option)
    local digits, unit = text:upper():match("^(%d+)([BKMGT]?)I?B?$")
    local number = digits and math.tointeger(tonumber(digits))
    if not number or number > math.maxinteger // UNITS[unit] or number * UNITS[unit] < (option.min or 0) then
        return nil, string.format("a size of %d or more, such as 4096, 64K or 10M", option.min or 0)
    end
    return number * UNITS[unit]
end

function convert.choice(text, option)
    for _, choice in ipairs(option.choices) do
        if text == choice then
            return text
        end
    end
    return nil, "one of " .. table.concat(option.choices, ", ")
end

local function index_options(call)
    local index, names = {}, {}
    for _, option in ipairs(call.options) do
        for _, name in ipairs { option.short or false, option.long or false } do
            if name then
                index[name] = option
                names[#names + 1] = name
            end
        end
    end
    return index, names
end

local function store(values, option, text, name)
    if not option.value then
        values[option.key] = true
        return true
    end
    local value, wanted = convert[option.kind or "string"](text, option)
    if value == nil then
        return nil, string.format("%s needs %s, not '%s'%s", name, wanted, text,
                                  M.suggestion(text, option.choices or {}))
    end
    if option.many then
        values[option.key] = values[option.key] or {}
        table.insert(values[option.key], value)
    else
        values[option.key] = value
    end
    return true
end

-- One argument that starts with a dash: its name, the value glued to it, or nil and why not.
local function split(argument, index, names)
    local name, glued = argument:match("^(%-%-[^=]+)=(.*)$")
    name = name or argument
    if argument:sub(1, 2) ~= "--" and #argument > 2 and index[argument:sub(1, 2)] then
        name, glued = argument:sub(1, 2), argument:sub(3)
    end
    local option = index[name]
    if not option then
        return nil, string.format("unknown option '%s'%s", name, M.suggestion(name, names))
    end
    if glued and not option.value then
        return nil, name .. " takes no value"
    end
    return option, name, glued
end

local function empty_operand(operands)
    for _, operand in ipairs(operands) do
        if operand == "" then
            return true
        end
    end
    return false
end

--- Reads arguments from `first` on. Operands are collected under `call.operands.key`.
---@return table? values
---@return string? message
function M.parse(call, argv, first)
    local index, names = index_options(call)
    local values, operands = {}, {}
    local i, only_operands = first, false
    while i <= #argv do
        local argument = argv[i]
        if only_operands or argument == "-" or argument:sub(1, 1) ~= "-" then
            operands[#operands + 1] = argument
        elseif argument == "--" then
            only_operands = true
        else
            local option, name, glued = split(argument, index, names)
            if not option then
                return nil, name
            end
            local value = glued
            if option.value and not value then
                i = i + 1
                value = argv[i]
                if value == nil then
                    return nil, string.format("%s needs a value: %s %s", name, name, option.value)
                end
            end
            local ok, message = store(values, option, value, name)
            if not ok then
                return nil, message
            end
        end
        i = i + 1
    end
    local want = call.operands
    if values.help then
        return values
    elseif #operands < (want.min or 0) then
        return nil, string.format("%s is missing", want.name)
    elseif empty_operand(operands) then
        return nil, string.format("%s is an empty text", want.name)
    elseif want.max and #operands > want.max then
        return nil, string.format("unexpected argument '%s'", operands[want.max + 1])
    end
    values[want.key] = operands
    return values
end

local function option_heading(option)
    local names = option.short and option.long and option.short .. ", " .. option.long or option.long or option.short
    if option.kind == "choice" then
        return names .. " " .. table.concat(option.choices, "|")
    end
    return option.value and names .. " " .. option.value or names
end

--- The help text of a call.
---@return string
function M.help(call)
    local lines = { "usage: hunch " .. call.name .. " " .. call.usage, "", call.summary, "" }
    for _, option in ipairs(call.options) do
        local heading = "  " .. option_heading(option)
        if #heading > 30 then
            lines[#lines + 1] = heading
            heading = ""
        end
        lines[#lines + 1] = string.format("%-32s%s", heading, option.help)
    end
    return table.concat(lines, "\n") .. "\n"
end

return M
