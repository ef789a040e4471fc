-- Hostile bytes made visible: what a person sees on a terminal must not be able to move the cursor, change
-- colours, reorder text or hide itself. Everything the text report prints of a record goes through here.
local M = {}

local byte, find, format, match, sub = string.byte, string.find, string.format, string.match, string.sub
local codepoint, offset, utf8_len = utf8.codepoint, utf8.offset, utf8.len
local concat = table.concat

-- First and last code point of what is escaped though it is valid UTF-8: C1 controls, soft hyphen, marks
-- and overrides of writing direction, zero-width characters, line separators, interlinear marks, tags.
local UNSAFE = {
    { 0x80, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e }, { 0x200b, 0x200f },
    { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0xe007f },
}

-- First and last code point of what takes two cells, and of what takes none (enough to put a caret right).
local WIDE = {
    { 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
    { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff },
    { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
}
local ZERO = {
    { 0x300, 0x36f }, { 0x483, 0x489 }, { 0x591, 0x5bd }, { 0x610, 0x61a }, { 0x64b, 0x65f },
    { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
}

local function within(ranges, code)
    for i = 1, #ranges do
        if code <= ranges[i][2] then
            return code >= ranges[i][1]
        end
    end
    return false
end

local TAB = "    "

-- One character: its text and how many cells that takes.
local function show_code(code, raw)
    if code == 9 then
        return TAB, #TAB
    elseif code < 32 or code == 127 then
        return format("\\x%02x", code), 4
    elseif code < 127 then
        return raw, 1
    elseif within(UNSAFE, code) then
        local text = format("\\u{%x}", code)
        return text, #text
    elseif within(ZERO, code) then
        return raw, 0
    end
    return raw, within(WIDE, code) and 2 or 1
end

-- Printable ASCII is shown as it is.
local function is_plain(bytes)
    local _, last = find(bytes, "^[\32-\126]*")
    return last == #bytes
end

-- Characters next to each other that are all shown as they are, in one cell each or in two, told by their bytes
-- alone where the text is UTF-8. They are most of what people write; all others are looked at one by one.
local NARROW = "^[\32-\126\x80-\xbf\xc3-\xcb\xce-\xd1]+" -- ASCII, U+00C0 to U+02FF, U+0380 to U+047F
local DOUBLE = "^[\x80-\xbf\xe4-\xe9\xeb\xec]+" -- U+4000 to U+9FFF, U+B000 to U+CFFF

-- First byte of a character -> the pattern of the run that it begins, nil when it stands alone.
local RUN = {}
for first = 0, 0xff do
    local character = string.char(first)
    RUN[first] = find(character, NARROW) and NARROW or find(character, DOUBLE) and DOUBLE or nil
end

-- What stands alone: a character's bytes -> its text and its cells. Emptied when it has grown large.
local KNOWN = 4096 -- characters
local alone = { count = 0, text = {}, cells = {} }

local function show_alone(raw)
    local text = alone.text[raw]
    if text then
        return text, alone.cells[raw]
    end
    if alone.count == KNOWN then
        alone = { count = 0, text = {}, cells = {} }
    end
    local cells
    text, cells = show_code(codepoint(raw), raw)
    alone.count = alone.count + 1
    alone.text[raw], alone.cells[raw] = text, cells
    return text, cells
end

-- Adds at most `limit` characters of `text`, which is UTF-8, to the runs. Returns how many bytes that took and
-- how many more characters may follow.
local function add_text(runs, text, limit)
    local size, at, n = #text, 1, #runs
    while at <= size and limit > 0 do
        local pattern = RUN[byte(text, at)]
        local shown, count, cells
        if pattern then
            shown, cells = match(text, pattern, at), pattern == NARROW and 1 or 2
            count = utf8_len(shown)
            if count > limit then
                shown, count = sub(shown, 1, offset(shown, limit + 1) - 1), limit
            end
            at = at + #shown
        else
            shown, count = match(text, "^.[\x80-\xbf]*", at), 1
            at = at + #shown
            shown, cells = show_alone(shown)
        end
        runs[n + 1], runs[n + 2], runs[n + 3] = shown, count, cells
        n, limit = n + 3, limit - count
    end
    return at - 1, limit
end

-- What can be shown of the first `limit` characters of `bytes`, as a list in which every run has three places:
-- its text, the number of its characters, the cells that each of them takes. The text of a run of several
-- characters is these characters; that of one may be an escape. Also whether nothing was left out.
local function runs_of(bytes, limit)
    local size = #bytes
    if limit < size // 4 then
        bytes = sub(bytes, 1, 4 * limit) -- no character has more than four bytes
    end
    local runs, at = {}, 1
    while at <= #bytes and limit > 0 do
        local _, bad = utf8_len(bytes, at)
        bad = bad or #bytes + 1
        if bad > at then
            local taken
            taken, limit = add_text(runs, sub(bytes, at, bad - 1), limit)
            at = at + taken
        else
            local n = #runs
            runs[n + 1], runs[n + 2], runs[n + 3] = format("\\x%02x", byte(bytes, at)), 1, 4
            at, limit = at + 1, limit - 1
        end
    end
    return runs, at > size
end

--- One character looked at for itself; all other functions show it the same way.
---@param code integer
---@return string text
---@return integer width in terminal cells
function M.character(code)
    return show_code(code, utf8.char(code))
end

--- The whole of a short text: names, messages. No newline survives.
---@param bytes string
---@return string text
---@return integer width in terminal cells
function M.escape(bytes)
    if is_plain(bytes) then
        return bytes, #bytes
    end
    local runs = runs_of(bytes, math.maxinteger)
    local parts, n, width = {}, 0, 0
    for i = 1, #runs, 3 do
        n = n + 1
        parts[n] = runs[i]
        width = width + runs[i + 1] * runs[i + 2]
    end
    return concat(parts), width
end

--- The beginning of `bytes`, read once, so that `fit` can be asked for any number of cells up to `room`.
---@param bytes string
---@param room integer
---@return table beginning
function M.read(bytes, room)
    if is_plain(#bytes > room and sub(bytes, 1, room + 1) or bytes) then
        return { plain = bytes }
    end
    local runs, whole = runs_of(bytes, room + 1)
    return { runs = runs, whole = whole }
end

--- As much of what was read as fits in `room` cells; `cut` is true when something was left out.
---@param beginning table
---@param room integer
---@return string text
---@return integer width
---@return boolean cut
function M.fit(beginning, room)
    local plain = beginning.plain
    if plain then
        if #plain <= room then
            return plain, #plain, false
        end
        return sub(plain, 1, room), room, true
    end
    local runs, parts, n, width = beginning.runs, {}, 0, 0
    local limit = room + 1 -- characters, since some take no cell
    for i = 1, #runs, 3 do
        local text, count, cells = runs[i], runs[i + 1], runs[i + 2]
        local fitting = count < limit and count or limit
        if fitting * cells > room - width then
            fitting = (room - width) // cells
        end
        width = width + fitting * cells
        n = n + 1
        if fitting < count then
            parts[n] = sub(text, 1, offset(text, fitting + 1) - 1)
            return concat(parts), width, true
        end
        parts[n] = text
        limit = limit - count
    end
    return concat(parts), width, not beginning.whole
end

--- As much of the beginning of `bytes` as fits in `room` cells.
---@param bytes string
---@param room integer
---@return string text
---@return integer width
---@return boolean cut
function M.head(bytes, room)
    return M.fit(M.read(bytes, room), room)
end

local function fit_end(bytes, room)
    local runs = runs_of(bytes, math.maxinteger)
    local first, width = #runs + 1, 0 -- of what fits whole
    while first > 1 and width + runs[first - 2] * runs[first - 1] <= room do
        first = first - 3
        width = width + runs[first + 1] * runs[first + 2]
    end
    local parts, n = {}, 0
    if first > 1 then
        local text, cells = runs[first - 3], runs[first - 1]
        local fitting = (room - width) // cells
        if fitting > 0 then
            parts[1], n = sub(text, offset(text, -fitting)), 1
            width = width + fitting * cells
        end
    end
    for i = first, #runs, 3 do
        n = n + 1
        parts[n] = runs[i]
    end
    return concat(parts), width, first > 1
end

-- Where a character begins, whatever stands before it: byte `at` or the first one behind it that can.
local function beginning_from(bytes, at)
    return at <= 1 and 1 or find(bytes, "[^\x80-\xbf]", at)
end

--- As much of the end of `bytes` as fits in `room` cells.
---@param bytes string
---@param room integer
---@return string text
---@return integer width
---@return boolean cut
function M.tail(bytes, room)
    local size = #bytes
    if size <= room then
        if is_plain(bytes) then
            return bytes, size, false
        end
    elseif is_plain(sub(bytes, size - room)) then
        return sub(bytes, size - room + 1), room, true
    end
    -- Two bytes a cell and one character more are enough of most text; where all of that fits, more is read.
    local from = beginning_from(bytes, size - 4 * room) or size
    local near = math.max(from, beginning_from(bytes, size - 2 * room - 4) or from)
    local text, width, cut = fit_end(sub(bytes, near), room)
    if not cut and near > from then
        text, width, cut = fit_end(sub(bytes, from), room)
    end
    return text, width, cut or from > 1
end

return M
