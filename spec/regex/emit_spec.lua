local ast = require "hunch.regex.ast"
local charset = require "hunch.regex.charset"
local emit = require "hunch.regex.emit"
local parse = require "hunch.regex.parse".parse
local pike = require "support.pike"
local naive = require "support.naive_regex"

local OP = emit.OP

--- The code as text, one instruction a line, without the indent.
local function dump(pattern, options)
    return (emit.dump(assert(emit.emit(assert(parse(pattern)), options))):gsub("%f[^\n\0] +", ""))
end

local function lines(...)
    local out = { ... }
    for i, line in ipairs(out) do out[i] = ("%d  %s\n"):format(i - 1, line) end
    return table.concat(out)
end

describe("emit", function()
    it("gives a byte, a class, an assertion", function()
        assert.equal(lines("byte   a", "set    [a-c]", "assert word", "match"), dump "a[a-c]\\b")
        assert.equal(lines("fail", "match"), dump "[^\\x00-\\xff]")
        assert.equal(lines "match", dump "")
    end)

    it("gives groups", function()
        assert.equal(lines("save   2", "byte   a", "save   4", "save   5", "save   3", "match"), dump "(a())")
    end)

    it("gives alternatives in their order", function()
        assert.equal(lines("split  1, 4", "byte   a", "byte   b", "jmp    9", "split  5, 7", "byte   c",
            "jmp    9", "byte   d", "byte   e", "match"), dump "ab|c|de")
    end)

    it("gives one counted item for a repeat of one set", function()
        assert.equal(lines("run    \\d{0,}", "run    \\d{1,}?", "run    \\d{0,1}", "run    a{3,3}", "run    a{2,5}?",
            "run    a{4,}", "match"), dump "\\d*\\d+?\\d?a{3}a{2,5}?a{4,}")
    end)

    it("gives loops and copies for everything else", function()
        assert.equal(lines("split  1, 4", "byte   a", "byte   b", "jmp    0", "match"), dump "(?:ab)*")
        assert.equal(lines("split  4, 1", "byte   a", "byte   b", "jmp    0", "match"), dump "(?:ab)*?")
        assert.equal(lines("byte   a", "byte   b", "split  0, 3", "match"), dump "(?:ab)+")
        assert.equal(lines("byte   a", "byte   b", "split  3, 0", "match"), dump "(?:ab)+?")
        assert.equal(lines("split  1, 3", "byte   a", "byte   b", "match"), dump "(?:ab)?")
        assert.equal(lines("byte   a", "byte   b", "split  3, 8", "byte   a", "byte   b", "split  6, 8", "byte   a",
            "byte   b", "match"), dump "(?:ab){1,3}")
        assert.equal(lines("byte   a", "byte   b", "byte   a", "byte   b", "split  2, 5", "match"), dump "(?:ab){2,}")
    end)

    it("makes the star of what can be empty an optional plus", function()
        local function body(split)
            return lines(split, "save   2", "run    a{0,}", "save   3", split, "match")
        end
        assert.equal(body "split  1, 5", dump "(a*)*")
        assert.equal(body "split  5, 1", dump "(a*)*?")
    end)

    it("repeats what only looks at most once", function()
        assert.equal(lines("assert word", "match"), dump "\\b{2}")
        assert.equal(lines("assert word", "split  0, 2", "match"), dump "\\b{2,}")
        assert.equal(lines("split  1, 2", "assert text_begin", "match"), dump "(?:^){0,9}")
        assert.equal(lines("save   2", "save   3", "save   2", "save   3", "match"), dump "(){2}")
    end)

    it("drops x{0} but counts its groups", function()
        local emitted = emit.emit(parse "a(?:(b)(c)){0}")
        assert.equal(2, #emitted.code)
        assert.equal(2, emitted.groups)
    end)

    it("reverses sequences, drops groups, keeps assertions", function()
        assert.equal(lines("assert text_end", "run    c{2,3}", "byte   b", "byte   a", "assert text_begin", "match"),
            dump("^(a)bc{2,3}$", { reverse = true }))
    end)

    it("numbers states without holes: one each, one per count for a run", function()
        local emitted = emit.emit(parse "a[bc]{2,5}(d)x{3,}y*")
        local expected, widths = 0, { [OP.RUN] = function(i)
            return i.max == emit.UNLIMITED and i.min + 1 or i.max
        end }
        for _, instruction in ipairs(emitted.code) do
            assert.equal(expected, instruction.state)
            expected = expected + (widths[instruction.op] and widths[instruction.op](instruction) or 1)
        end
        assert.equal(expected, emitted.states)
        assert.equal(1 + 5 + 3 + 4 + 1 + 1, emitted.states)
    end)

    it("lists classes once, in order of first use", function()
        local emitted = emit.emit(parse "[b-d]a[xy]+[b-d]*c{2}")
        assert.same({ charset.of "bcd", charset.of "xy", charset.of "c" }, emitted.classes)
    end)

    it("maps nodes to code: a node's first copy, a counted set when it is not optional", function()
        local tree = parse "ab(?:cd){2}e{3}f*"
        local emitted = emit.emit(tree)
        local copies, counted, optional = tree[3], tree[4], tree[5]
        assert.equal(0, emitted.entry[tree])
        assert.equal(1, emitted.entry[tree[2]])
        assert.equal(2, emitted.entry[copies])
        assert.equal(3, emitted.entry[copies[1][2]])
        assert.equal(6, emitted.entry[counted])
        assert.equal(6, emitted.entry[counted[1]])
        assert.equal(7, emitted.entry[optional])
        assert.is_nil(emitted.entry[optional[1]])
    end)

    it("refuses what grows too large", function()
        local too_large = { "(?:" .. ("ab"):rep(60) .. "){1000}", ("a{1000}"):rep(1001), ("(?:aa)"):rep(50001) }
        for _, pattern in ipairs(too_large) do
            local emitted, problem = emit.emit(parse(pattern))
            assert.is_nil(emitted)
            assert.matches("too large", problem.message)
            assert.equal(1, problem.position)
        end
        assert.is_table(emit.emit(parse(("a{1000}"):rep(999))))
    end)

    it("holds 1,000 levels", function()
        local tree = parse(("(?:"):rep(1000) .. "a" .. ("b)*?"):rep(1000))
        local emitted = emit.emit(tree)
        assert.equal(1001, #pike.matches(emitted, ("a"):rep(0) .. ("b"):rep(1000)))
        assert.is_table(emit.emit(tree, { reverse = true }))
    end)

    it("packs 24 bytes an instruction and 32 a class", function()
        local emitted = emit.emit(parse "a[bc]{2,}?(d|e\\b)$")
        local code, classes = emit.pack(emitted)
        assert.equal(24 * #emitted.code, #code)
        assert.equal(table.concat(emitted.classes), classes)
        for i, instruction in ipairs(emitted.code) do
            local op, lazy, arg, x, y, state, min, max = string.unpack("<BBI2I4I4I4I4I4", code, 24 * i - 23)
            assert.same({ instruction.op, instruction.lazy or 0, instruction.arg or 0, instruction.x or 0,
                instruction.y or 0, instruction.state, instruction.min or 0, instruction.max or 0 },
                { op, lazy, arg, x, y, state, min, max })
        end
    end)

    it("takes hand-made trees as well", function()
        local tree = ast.alt { ast.literal "ab", ast.fail(), ast.cat {}, ast.set(charset.of "xy") }
        local found = pike.matches(emit.emit(tree), "abx")
        assert.same(naive.matches(tree, "abx"), found)
        assert.same({ { { 1, 2 } }, { { 4, 3 } } }, found)
    end)
end)
