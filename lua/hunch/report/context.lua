-- What stands around a match on its line. The core may hand it over (`before`, `after`); else it is cut out of
-- the record again: from memory where the command holds it, from the file otherwise. What was read is
-- believed only if the match is still where the scan saw it; a file may have changed since.
local M = {}

M.REACH = 256 -- bytes shown on each side, at most

local PREFIX_LIMIT = 1 << 20 -- bytes of a line that are read to count its characters

local Context = {}
Context.__index = Context

--- `kind(path)` says what a path is ("file" may be opened; opening a FIFO would block).
---@param kind fun(path: string): string?
function M.new(kind)
    return setmetatable({ kind = kind, name = nil, file = nil, texts = nil, mark = nil }, Context)
end

--- From now on records are these: name -> bytes, or false where two have the name. nil: records are files.
---@param texts table<string, string|false>?
function Context:hold(texts)
    self:close()
    self.texts = texts
end

function Context:close()
    if self.file then
        self.file:close()
    end
    self.name, self.file, self.mark = nil, nil, nil
end

-- Bytes first..last of a record (1-based, inclusive), or nil.
local function read(self, record, first, last)
    if last < first then
        return ""
    end
    if self.texts then
        local text = self.texts[record]
        return text and text:sub(first, last) or nil
    end
    if self.name ~= record then
        self:close()
        self.name = record
        self.file = self.kind(record) == "file" and io.open(record, "rb") or nil
    end
    if not self.file or not self.file:seek("set", first - 1) then
        return nil
    end
    return self.file:read(last - first + 1)
end

--- The bytes before and after the match on its line, at most REACH each, and whether more was left out
--- on the left. Two empty strings when they are not known or must not be shown.
---@return string before
---@return string after
---@return boolean cut
function Context:around(match)
    if match.redacted then
        return "", "", match.column > 1
    end
    local reach = math.min(match.column - 1, M.REACH)
    local before, after = match.before, match.after
    if not before then
        local from = match.first - reach
        local bytes = read(self, match.record, from, match.last + M.REACH)
        local size = match.last - match.first + 1
        if not bytes or bytes:sub(reach + 1, reach + size) ~= match.text then
            return "", "", match.column > 1
        end
        before, after = bytes:sub(1, reach), bytes:sub(reach + size + 1)
    end
    before = before:sub(-M.REACH)
    -- The match may end in the newline; then nothing stands after it on its line.
    if not after or match.text:sub(-1) == "\n" then
        after = ""
    end
    local newline = after:find("\n", 1, true)
    if newline then
        after = after:sub(1, newline - 1)
    end
    return before, after, match.column - 1 > #before
end

--- Characters in a text in which bytes that are not UTF-8 count one each.
---@param bytes string
---@return integer
function M.characters(bytes)
    local count, at = 0, 1
    while true do
        local n, bad = utf8.len(bytes, at)
        if n then
            return count + n
        end
        count = count + utf8.len(bytes, at, bad - 1) + 1
        at = bad + 1
    end
end

--- How many characters stand before the match on its line; nil when that cannot be known. Matches of one
--- line come one behind the other, so the count goes on from the last one.
---@return integer?
function Context:characters_before(match)
    local want = match.column - 1
    if want == 0 then
        return 0
    end
    if match.before and #match.before == want then
        return M.characters(match.before)
    end
    local line_first = match.first - want
    local mark = self.mark
    if not mark or mark.record ~= match.record or mark.first ~= line_first or mark.bytes > want then
        mark = { record = match.record, first = line_first, bytes = 0, characters = 0 }
    end
    if want - mark.bytes > PREFIX_LIMIT then
        return nil
    end
    local from = line_first + mark.bytes
    local bytes = read(self, match.record, from, match.first - 1)
    if not bytes or #bytes ~= want - mark.bytes then
        return nil
    end
    mark.characters = mark.characters + M.characters(bytes)
    mark.bytes = want
    self.mark = mark
    return mark.characters
end

return M
