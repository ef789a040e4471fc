local context = require "hunch.report.context"
local text = require "hunch.report.text"

-- What the report prints for the first occurrence of `needle` in `bytes`.
local function printed(bytes, needle, fields)
    local parts = {}
    local c = context.new(function() return nil end)
    c:hold { record = bytes }
    local report = text.new(function(part) parts[#parts + 1] = part end,
                            { context = c, colour = fields and fields.colour })
    local first = bytes:find(needle, 1, true)
    local start = bytes:sub(1, first - 1):match(".*\n()") or 1
    local _, lines = bytes:sub(1, first - 1):gsub("\n", "")
    local match = { record = "record", rule = "rule", severity = "high", title = "Title", first = first,
                    last = first + #needle - 1, text = needle, line = lines + 1, column = first - start + 1 }
    for key, value in pairs(fields or {}) do
        match[key] = value
    end
    report:match(match)
    return table.concat(parts)
end

describe("report.text", function()
    it("underlines what matched", function()
        assert.equal("record:2:7: high rule  Title\n"
                     .. "  2 | key = secret;\n"
                     .. "    |       ^^^^^^\n", printed("one\nkey = secret;\nthree", "secret"))
    end)

    it("puts the underline right under wide, escaped and tabbed text", function()
        assert.equal("  1 |     \\x1b\u{6f22}\u{e4}secret\n"
                     .. "    |            ^^^^^^\n",
                     printed("\t\27\u{6f22}\u{e4}secret", "secret"):match("\n(.*)"))
    end)

    it("shows the first line of a longer match and says where it ends", function()
        assert.equal("  1 | x BEGIN\n"
                     .. "    |   ^^^^^ … to line 3\n", printed("x BEGIN\na\nEND y", "BEGIN\na\nEND"):match("\n(.*)"))
        assert.equal("  1 | BEGIN\n    | ^^^^^\n", printed("BEGIN\r\nnext", "BEGIN\r\n"):match("\n(.*)"))
        assert.equal("  1 | x\n    | ^ … to line 2\n", printed("x\ny\nz", "x\ny\n"):match("\n(.*)"))
    end)

    it("cuts long lines to a window around the match", function()
        local out = printed(string.rep("a", 1000) .. "KEY" .. string.rep("b", 1000), "KEY")
        local quoted, marks = out:match("| (.-)\n.-| (.-)\n")
        assert.equal("…" .. string.rep("a", 32) .. "KEY" .. string.rep("b", 64) .. "…", quoted)
        assert.equal(string.rep(" ", 33) .. "^^^", marks)
    end)

    it("cuts a long match", function()
        local out = printed(string.rep("k", 100000), string.rep("k", 100000))
        assert.equal(string.rep("k", 68) .. "…", out:match("| (.-)\n"))
        assert.is_true(#out < 400)
    end)

    it("says that a match goes on where it was handed over in part", function()
        assert.equal("  1 | key\n    | ^^^ …\n", printed("key\nx", "key\n", { last = 100000 }):match("\n(.*)"))
    end)

    it("marks an empty match", function()
        assert.equal("  1 | ab\n    |  ^\n", printed("ab", "b", { text = "", last = 1 }):match("\n(.*)"))
    end)

    it("lets nothing of a record act on the terminal", function()
        local hostile = "\27]0;x\7\27[2J\u{202e}\xff\0\r"
        local out = printed("k" .. hostile .. "k", hostile, { record = "a\27[31m\nb", title = "t\27", rule = "r" })
        assert.is_nil(out:gsub("\n", ""):find("[%c\xff]"))
        assert.is_nil(out:find("\u{202e}", 1, true))
        assert.equal(3, select(2, out:gsub("\n", "")))
    end)

    it("colours only when told to", function()
        assert.is_nil(printed("key", "key"):find("\27", 1, true))
        local out = printed("key", "key", { colour = true, context = nil })
        assert.matches("\27[1;31mhigh\27[0m", out, 1, true)
        assert.equal(printed("key", "key"), (out:gsub("\27%[[%d;]*m", "")))
    end)

    it("prints a witness step by step", function()
        local function step(line, what, code)
            return { record = "a.c", line = line, column = 2, what = what, text = code }
        end
        local out = printed("f(x)", "f", { witness = { step(1, "source", "x = getenv()\27"), step(5, "return", "x"),
            step(7, "step", "y = g()"), step(8, "call", "h(y)"), step(2, "sink", "system(z)") } })
        assert.matches("\n" .. [[
      source  a.c:1:2  x = getenv()\x1b
    return  a.c:5:2  x
    step    a.c:7:2  y = g()
    call    a.c:8:2  h(y)
      sink    a.c:2:2  system(z)
]], out, 1, true)
    end)
end)
