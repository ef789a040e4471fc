-- Hostile bytes made visible: what a person sees on a terminal must not be able to move the cursor, change
-- colours, reorder text or hide itself. Everything the text report prints of a record goes through here.
local M = {}

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

local function show_code(code, raw)
    if code == 9 then
        return TAB, #TAB
    elseif code < 32 or code == 127 then
        return string.format("\\x%02x", code), 4
    elseif code < 127 then
        return raw, 1
    elseif within(UNSAFE, code) then
        local text = string.format("\\u{%x}", code)
        return text, #text
    elseif within(ZERO, code) then
        return raw, 0
    end
    return raw, within(WIDE, code) and 2 or 1
end

--- What can be shown of `bytes`, as a list of cells { text =, width = }, at most `limit` characters.
---@param bytes string
---@param limit integer
---@return table[] cells
local function cells_of(bytes, limit)
    local cells, n, at = {}, 0, 1
    while at <= #bytes and n < limit do
        local code = bytes:byte(at)
        local size = 1
        if code >= 0x80 then
            local ok = utf8.len(bytes, at, at)
            if ok then
                code = utf8.codepoint(bytes, at)
                size = #utf8.char(code)
            else
                code = nil
            end
        end
        n = n + 1
        if code then
            local text, width = show_code(code, bytes:sub(at, at + size - 1))
            cells[n] = { text = text, width = width }
        else
            cells[n] = { text = string.format("\\x%02x", bytes:byte(at)), width = 4 }
        end
        at = at + size
    end
    return cells, at > #bytes
end

--- The whole of a short text: names, messages. No newline survives.
---@param bytes string
---@return string text
---@return integer width in terminal cells
function M.escape(bytes)
    if not bytes:find("[^\32-\126]") then
        return bytes, #bytes
    end
    local parts, width = {}, 0
    for i, cell in ipairs((cells_of(bytes, math.maxinteger))) do
        parts[i] = cell.text
        width = width + cell.width
    end
    return table.concat(parts), width
end

--- As much of the beginning of `bytes` as fits in `room` cells; `cut` is true when something was left out.
---@param bytes string
---@param room integer
---@return string text
---@return integer width
---@return boolean cut
function M.head(bytes, room)
    local cells, whole = cells_of(bytes, room + 1)
    local parts, width = {}, 0
    for i, cell in ipairs(cells) do
        if width + cell.width > room then
            return table.concat(parts), width, true
        end
        parts[i] = cell.text
        width = width + cell.width
    end
    return table.concat(parts), width, not whole
end

--- As much of the end of `bytes` as fits in `room` cells.
---@param bytes string
---@param room integer
---@return string text
---@return integer width
---@return boolean cut
function M.tail(bytes, room)
    local from = math.max(1, #bytes - 4 * room)
    while from > 1 and from < #bytes and (bytes:byte(from) & 0xc0) == 0x80 do
        from = from + 1
    end
    local cells = cells_of(bytes:sub(from), math.maxinteger)
    local first, width = #cells + 1, 0
    while first > 1 and width + cells[first - 1].width <= room do
        first = first - 1
        width = width + cells[first].width
    end
    local parts = {}
    for i = first, #cells do
        parts[#parts + 1] = cells[i].text
    end
    return table.concat(parts), width, first > 1 or from > 1
end

return M
