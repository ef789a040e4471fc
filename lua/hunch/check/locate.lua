--- Where in a rule file a piece of text stands, so that a diagnostic can point at it.
-- A node knows only the line of its constructor's call; the text is searched from there to the next rule, then
-- in quotes before it, if it is there once (a list that a loop makes rules of). What the script put
-- together (concatenation) is not found, and the diagnostic points at the line.
local M = {}

local REACH = 64 * 1024 -- bytes behind the constructor's line in which its arguments are looked for
local MAX_SEARCHES = 200 -- of what may be a whole file, in one compile

--- Offsets of the starts of a source's lines.
local function line_starts(source)
    if not source.line_starts then
        local starts = { 1 }
        for at in source.text:gmatch "\n()" do starts[#starts + 1] = at end
        source.line_starts = starts
    end
    return source.line_starts
end

--- Line and column of an offset.
local function position(source, offset)
    local starts = line_starts(source)
    local low, high = 1, #starts
    while low < high do
        local middle = (low + high + 1) // 2
        if starts[middle] <= offset then low = middle else high = middle - 1 end
    end
    return low, offset - starts[low] + 1
end

-- Ways to write a text in Lua source: as it is, and in a quoted string.
local spellings = {
    function(text) return text end,
    function(text) return (text:gsub("\\", "\\\\")) end,
    function(text) return (text:gsub("\\", "\\\\"):gsub('"', '\\"'):gsub("\n", "\\n"):gsub("\t", "\\t")) end,
    function(text) return (text:gsub("\\", "\\\\"):gsub("'", "\\'"):gsub("\n", "\\n"):gsub("\t", "\\t")) end,
}

local quotes = { { '"', '"' }, { "'", "'" }, { "[[", "]]" } }

--- Offset in a piece of source of the nth place where `text` is written in quotes, and how its bytes are spelled
--- there.
local function find_quoted(piece, text, nth)
    local places = {}
    for _, spell in ipairs(spellings) do
        local written = spell(text)
        for _, quote in ipairs(quotes) do
            local at = 1
            for _ = 1, nth do
                at = piece:find(quote[1] .. written .. quote[2], at, true)
                if not at then break end
                places[at] = { at + #quote[1], spell }
                at = at + 1
            end
        end
    end
    local offsets = {}
    for at in pairs(places) do offsets[#offsets + 1] = at end
    table.sort(offsets)
    local place = places[offsets[nth]]
    if place then return place[1], place[2] end
    return nil
end

--- The same without quotes: a piece of a longer string, or of a long bracket that begins with a line's end.
local function find_bare(piece, text)
    if #text < 2 then return nil end
    for _, spell in ipairs(spellings) do
        local at = piece:find(spell(text), 1, true)
        if at then return at, spell end
    end
    return nil
end

local function find_once(state, piece, text)
    state.searches = (state.searches or 0) + 1
    if #text == 0 or state.searches > MAX_SEARCHES or find_quoted(piece, text, 2) then return nil end
    return find_quoted(piece, text, 1)
end

--- Where the arguments of a constructor on this line end at the latest: at the next line that declares a rule.
local function reach(state, source, line)
    local lines = state.rule_lines and state.rule_lines[source.name] or {}
    local low, high = 1, #lines + 1 -- the first that is greater
    while low < high do
        local middle = (low + high) // 2
        if lines[middle] > line then high = middle else low = middle + 1 end
    end
    local starts = line_starts(source)
    return math.min((starts[line] or 1) + REACH, (starts[lines[low]] or #source.text + 2) - 1)
end

---Line and column of the byte `at` (1-based) of `text` at or after the place, or nil.
---@param state hunch.CompileState
---@param place { file: string, line: integer }|nil
---@param text string
---@param at integer|nil
---@param nth integer|nil which of several occurrences
function M.text(state, place, text, at, nth)
    local source = place and state.sources_by_name[place.file]
    if not source or #text > REACH then return nil end
    -- Lua gives a call with a long string the line on which the string ends.
    local _, breaks = text:gsub("\n", "")
    local from = line_starts(source)[math.max(1, place.line - breaks)]
    if not from then return nil end
    local piece = source.text:sub(from, reach(state, source, place.line))
    local first, spell = find_quoted(piece, text, nth or 1)
    if not first then first, spell = find_bare(piece, text) end
    if first then
        first = first + from - 1
    else
        first, spell = find_once(state, source.text:sub(1, from - 1), text)
    end
    if not first then return nil end
    at = math.max(1, math.min(at or 1, #text))
    return position(source, first + #spell(text:sub(1, at - 1)))
end

---Line and column of a name that is assigned to (`name =`) at or after the place, or nil.
function M.field(state, place, name)
    local source = place and state.sources_by_name[place.file]
    local from = source and line_starts(source)[place.line]
    if not from or not name:match "^[%a_][%w_]*$" then return nil end
    local first = source.text:sub(from, reach(state, source, place.line)):find("%f[%w_]" .. name .. "%s*=")
    if first then return position(source, first + from - 1) end
    return nil
end

return M
