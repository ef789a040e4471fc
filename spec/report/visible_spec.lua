local visible = require "hunch.report.visible"

-- The plain way: one cell a character.
local function cells_of(bytes)
    local cells, at = {}, 1
    while at <= #bytes do
        local size = 1
        if utf8.len(bytes, at, at) then
            local code = utf8.codepoint(bytes, at)
            local text, width = visible.character(code)
            cells[#cells + 1] = { text = text, width = width }
            size = #utf8.char(code)
        else
            cells[#cells + 1] = { text = string.format("\\x%02x", bytes:byte(at)), width = 4 }
        end
        at = at + size
    end
    return cells
end

local function join(cells, first, last)
    local parts, width = {}, 0
    for i = first, last do
        parts[#parts + 1] = cells[i].text
        width = width + cells[i].width
    end
    return { table.concat(parts), width, first > 1 or last < #cells }
end

-- At most room + 1 characters are looked at, since some take no cell.
local function plain_head(bytes, room)
    local cells, last, width = cells_of(bytes), 0, 0
    while last < #cells and last <= room and width + cells[last + 1].width <= room do
        last = last + 1
        width = width + cells[last].width
    end
    return join(cells, 1, last)
end

-- At most 4 * room bytes are looked at, and those that may still belong to a character before them are not.
local function plain_tail(bytes, room)
    local from = math.max(1, #bytes - 4 * room)
    while from > 1 and from < #bytes and (bytes:byte(from) & 0xc0) == 0x80 do
        from = from + 1
    end
    local cells, width = cells_of(bytes:sub(from)), 0
    local first = #cells + 1
    while first > 1 and width + cells[first - 1].width <= room do
        first = first - 1
        width = width + cells[first].width
    end
    local tail = join(cells, first, #cells)
    tail[3] = tail[3] or from > 1
    return tail
end

local function random_code(first, last)
    return function() return utf8.char(math.random(first, last)) end
end

local KINDS = {
    random_code(32, 126), random_code(0, 127), random_code(0x80, 0x7ff), random_code(0xc0, 0x24f),
    random_code(0x300, 0x36f), random_code(0x800, 0xd7ff), random_code(0x2000, 0x206f), random_code(0x4e00, 0x9fff),
    random_code(0xac00, 0xd7a3), random_code(0xe000, 0xffff), random_code(0x10000, 0x10ffff),
    function() return string.char(math.random(0, 255)) end,
    function() return string.char(math.random(128, 191)) end,
    function() return random_code(0x80, 0x10ffff)():sub(1, -2) end,
}

-- A line in which characters of a few kinds follow each other in runs.
local function random_line(longest)
    local parts, kind = {}, KINDS[math.random(#KINDS)]
    for i = 1, math.random(0, longest) do
        if math.random(6) == 1 then
            kind = KINDS[math.random(#KINDS)]
        end
        parts[i] = kind()
    end
    return table.concat(parts)
end

-- The module with the functions that look through a text counted: the bytes that they are handed.
local function counted()
    local looked = 0
    local function count(f)
        return function(text, pattern, at, ...)
            looked = looked + #text - (at or 1) + 1
            return f(text, pattern, at, ...)
        end
    end
    local function count_from(f)
        return function(text, at, ...)
            looked = looked + #text - (at or 1) + 1
            return f(text, at, ...)
        end
    end
    local env = setmetatable({
        string = setmetatable({ find = count(string.find), match = count(string.match) }, { __index = string }),
        utf8 = setmetatable({ len = count_from(utf8.len) }, { __index = utf8 }),
    }, { __index = _G })
    local path = assert(package.searchpath("hunch.report.visible", package.path))
    return assert(loadfile(path, "t", env))(), function()
        local sum = looked
        looked = 0
        return sum
    end
end

describe("report.visible", function()
    it("leaves plain text alone", function()
        assert.equal("plain text ~", (visible.escape("plain text ~")))
        assert.equal("gr\u{fc}n", (visible.escape("gr\u{fc}n")))
    end)

    it("lets no control byte through", function()
        for byte = 0, 255 do
            local shown = visible.escape(string.char(byte))
            assert.is_nil(shown:find("[%c\128-\255]"), "byte " .. byte)
        end
    end)

    it("spells out what reorders or hides text", function()
        for _, code in ipairs { 0x85, 0x9b, 0xad, 0x200b, 0x200f, 0x202e, 0x2028, 0x2066, 0xfeff, 0xe0041 } do
            assert.equal(string.format("\\u{%x}", code), (visible.escape(utf8.char(code))))
        end
    end)

    it("shows bytes that are not UTF-8, one by one", function()
        assert.equal("a\\xff\\xc3b", (visible.escape("a\xff\xc3b")))
        assert.equal("\\xe2\\x82", (visible.escape("\xe2\x82")))
    end)

    it("knows how wide text is", function()
        assert.equal(3, select(2, visible.escape("abc")))
        assert.equal(4, select(2, visible.escape("\u{6f22}\u{5b57}")))
        assert.equal(1, select(2, visible.escape("e\u{301}")))
        assert.equal(4, select(2, visible.escape("\t")))
        assert.equal(4, select(2, visible.escape("\27")))
    end)

    it("cuts at the end", function()
        assert.same({ "abc", 3, true }, { visible.head("abcdef", 3) })
        assert.same({ "abc", 3, false }, { visible.head("abc", 3) })
        assert.same({ "a", 1, true }, { visible.head("a\27b", 3) })
        assert.same({ "\u{6f22}", 2, true }, { visible.head("\u{6f22}\u{5b57}", 3) })
    end)

    it("cuts at the beginning, never inside of a character", function()
        assert.same({ "def", 3, true }, { visible.tail("abcdef", 3) })
        assert.same({ "abc", 3, false }, { visible.tail("abc", 3) })
        local text, width, cut = visible.tail(string.rep("\u{20ac}", 1000), 7)
        assert.same({ string.rep("\u{20ac}", 7), 7, true }, { text, width, cut })
    end)

    it("looks at no more of a long text than it shows", function()
        local long = string.rep("\27", 10000000)
        local began = os.clock()
        visible.head(long, 100)
        visible.tail(long, 100)
        assert.is_true(os.clock() - began < 1)
    end)

    it("shows a character in a text as it shows it alone", function()
        for i = 0, 0x13fff do
            local code = i < 0x10000 and i or 0x10000 + (i & 0x3fff) * 0x40 + (i & 0x3f)
            if code < 0xd800 or code > 0xdfff then
                local text, width = visible.character(code)
                local shown, cells = visible.escape(utf8.char(code))
                if text ~= shown or width ~= cells then
                    assert.same({ text, width }, { shown, cells }, string.format("U+%04X", code))
                end
            end
        end
    end)

    it("cuts any bytes as one would character by character", function()
        math.randomseed(20)
        for _ = 1, 2000 do
            local line, room = random_line(math.random(2) == 1 and 12 or 150), math.random(0, 90)
            local text, width = visible.escape(line)
            local cells = cells_of(line)
            assert.same(join(cells, 1, #cells), { text, width, false }, string.format("escape %q", line))
            assert.same(plain_head(line, room), { visible.head(line, room) }, string.format("head %d %q", room, line))
            assert.same(plain_tail(line, room), { visible.tail(line, room) }, string.format("tail %d %q", room, line))
            local beginning = visible.read(line, room)
            for _, less in ipairs { room, room // 2, 0 } do
                assert.same(plain_head(line, less), { visible.fit(beginning, less) },
                            string.format("fit %d of %d %q", less, room, line))
            end
        end
    end)

    it("looks at as much of a line of a megabyte as of a short one", function()
        local module, looked = counted()
        looked() -- what loading it took
        for _, unit in ipairs {
            "plain text ", "\u{e9}t\u{e9} ", "\u{6f22}\u{5b57}", "\u{201c}a\u{201d}\t", "\27", "\xff\x80", "\u{1f600}",
            "e\u{301}", "\u{300}",
        } do
            local sum
            for _, size in ipairs { 4000, 1 << 20 } do
                local line = string.rep(unit, size // #unit)
                module.head(line, 100)
                local head = looked()
                module.tail(line, 100)
                local tail = looked()
                assert.is_true(head > 0 and tail > 0)
                sum = sum or { head, tail }
                assert.same(sum, { head, tail }, string.format("%q", unit))
            end
        end
    end)

    it("makes no object for each character of plain text or of letters", function()
        for _, unit in ipairs { "plain text ", "\u{e9}t\u{e9} ", "\u{6f22}\u{5b57}" } do
            local line = string.rep(unit, 100)
            visible.head(line, 100)
            collectgarbage()
            collectgarbage("stop")
            local before = collectgarbage("count")
            for _ = 1, 100 do
                visible.head(line, 100)
                visible.tail(line, 100)
            end
            local grown = collectgarbage("count") - before
            collectgarbage("restart")
            assert.is_true(grown < 100 * 5, string.format("%q: %.1f KiB a line", unit, grown / 100))
        end
    end)
end)
