local command = require "support.command"
local context = require "hunch.report.context"

local function kind()
    return "file"
end

-- A match of `text` in `bytes`, the first from byte `from` on.
local function match_of(record, bytes, text, from)
    local first = bytes:find(text, from or 1, true)
    local start = bytes:sub(1, first - 1):match(".*\n()") or 1
    return { record = record, first = first, last = first + #text - 1, text = text, column = first - start + 1 }
end

describe("report.context", function()
    local folder

    before_each(function()
        folder = command.folder()
    end)

    after_each(function()
        folder.remove()
    end)

    it("reads the line around a match from its file", function()
        local bytes = "one\nkey = secret; end\nthree"
        local path = folder.write("a", bytes)
        local c = context.new(kind)
        assert.same({ "key = ", "; end", false }, { c:around(match_of(path, bytes, "secret")) })
        assert.same({ "", "", false }, { c:around(match_of(path, bytes, "three")) })
        assert.same({ "", "", false }, { c:around(match_of(path, bytes, "one")) })
        c:close()
    end)

    it("shows a window of a long line", function()
        local bytes = string.rep("a", 5000) .. "KEY" .. string.rep("b", 5000)
        local path = folder.write("a", bytes)
        local before, after, cut = context.new(kind):around(match_of(path, bytes, "KEY"))
        assert.equal(string.rep("a", context.REACH), before)
        assert.equal(string.rep("b", context.REACH), after)
        assert.is_true(cut)
    end)

    it("says nothing when the file changed", function()
        local bytes = "key = secret"
        local match = match_of(folder.path .. "/a", bytes, "secret")
        folder.write("a", "key: secret;")
        assert.same({ "", "", true }, { context.new(kind):around(match) })
        folder.write("a", "")
        assert.same({ "", "", true }, { context.new(kind):around(match) })
    end)

    it("opens plain files only", function()
        local opened = match_of("/dev/zero", "x\0", "\0")
        assert.same({ "", "", true }, { context.new(function() return "other" end):around(opened) })
    end)

    it("prefers what the core hands over", function()
        local match = { record = "-", first = 3, last = 3, text = "x", column = 3, before = "ab", after = "c\nd" }
        assert.same({ "ab", "c", false }, { context.new(kind):around(match) })
    end)

    it("quotes records that the command holds, unless two have the name", function()
        local c = context.new(kind)
        c:hold { a = "key = secret;", b = false }
        assert.same({ "key = ", ";", false }, { c:around(match_of("a", "key = secret;", "secret")) })
        assert.same({ "", "", true }, { c:around(match_of("b", "key = secret;", "secret")) })
    end)

    it("shows nothing around what is redacted", function()
        local match = { record = "a", first = 7, last = 12, text = "se***", column = 7, redacted = true }
        local c = context.new(kind)
        c:hold { a = "key = secret;" }
        assert.same({ "", "", true }, { c:around(match) })
    end)

    it("counts characters, a byte that is not UTF-8 as one", function()
        assert.equal(0, context.characters "")
        assert.equal(4, context.characters "a\u{e4}\u{20ac}\u{1f600}")
        assert.equal(5, context.characters "\xffa\xc3\xe2\x82")
        assert.equal(100, context.characters(string.rep("\x80", 100)))
    end)

    it("goes on counting from the last match of a line, in any order of matches", function()
        local bytes = "x\n" .. string.rep("\u{20ac}", 10) .. "K" .. string.rep("\u{20ac}", 10) .. "L\nM"
        local path = folder.write("a", bytes)
        local c = context.new(kind)
        local k, l, m = match_of(path, bytes, "K"), match_of(path, bytes, "L"), match_of(path, bytes, "M")
        assert.equal(10, c:characters_before(k))
        assert.equal(21, c:characters_before(l))
        assert.equal(10, c:characters_before(k))
        assert.equal(0, c:characters_before(m))
        c:close()
    end)
end)
