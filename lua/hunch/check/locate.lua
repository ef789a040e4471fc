--- Where in a rule file a piece of text stands, so that a diagnostic can point at it.
-- A node knows only the line of its constructor's call; the text is searched from there on. What was put
-- together by the script (loops, concatenation) is not found, and the diagnostic points at the line.
local M = {}

local REACH = 64 * 1024 -- bytes behind the constructor's line in which its arguments are looked for

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

--- Offset of the nth place from `from` on where `text` is written in quotes, and how its bytes are spelled there.
local function find_quoted(source, from, text, nth)
    local places = {}
    for _, spell in ipairs(spellings) do
        local written = spell(text)
        for _, quote in ipairs(quotes) do
            local at = from
            for _ = 1, nth do
                at = source:find(quote[1] .. written .. quote[2], at, true)
                if not at or at > from + REACH then break end
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
local function find_bare(source, from, text)
    if #text < 2 then return nil end
    for _, spell in ipairs(spellings) do
        local at = source:find(spell(text), from, true)
        if at and at <= from + REACH then return at, spell end
    end
    return nil
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
    local first, spell = find_quoted(source.text, from, text, nth or 1)
    if not first then first, spell = find_bare(source.text, from, text) end
    if not first then return nil end
    at = math.max(1, math.min(at or 1, #text))
    return position(source, first + #spell(text:sub(1, at - 1)))
end

---Line and column of a name that is assigned to (`name =`) at or after the place, or nil.
function M.field(state, place, name)
    local source = place and state.sources_by_name[place.file]
    local from = source and line_starts(source)[place.line]
    if not from or not name:match "^[%a_][%w_]*$" then return nil end
    local first = source.text:find("%f[%w_]" .. name .. "%s*=", from)
    if first and first < from + REACH then return position(source, first) end
    return nil
end

return M
