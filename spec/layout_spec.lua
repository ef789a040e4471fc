-- The numbers that Lua writes into programs are those of the C headers.
local layout = require "hunch.layout"
local native = require "hunch.native"
local emit = require "hunch.regex.emit"
local ast = require "hunch.regex.ast"
local condition = require "hunch.condition.emit"

local C = native.constants

local function header(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "a"
    file:close()
    return (text:gsub("/%*.-%*/", ""))
end

--- The map's names, upper case and with "_" for other characters, against PREFIX_NAME.
local function same_numbers(map, prefix)
    local n = 0
    for name, number in pairs(map) do
        local constant = prefix .. name:upper():gsub("%W", "_")
        assert.equal(C[constant], number, constant)
        n = n + 1
    end
    return n
end

describe("the layout of a program", function()
    it("has every number of layout.h in native.constants", function()
        local n = 0
        for name in header("kernels/layout.h"):gmatch "HP_[A-Z0-9_]+" do
            if name ~= "HP_SECTIONS" and name ~= "HP_X" and not name:find "_$" then
                assert.equal("integer", math.type(C[name]), name)
                n = n + 1
            end
        end
        assert.is_true(n > 100)
    end)

    it("has the same single numbers in Lua", function()
        local n = 0
        for name, value in pairs(layout) do
            if math.type(value) == "integer" and name ~= "ENTROPY_ONE" then
                assert.equal(C["HP_" .. name], value, name)
                n = n + 1
            end
        end
        assert.is_true(n > 20)
    end)

    it("has the same lists in Lua", function()
        for name, prefix in pairs {
            PATTERN = "HP_PATTERN_", ANCHOR = "HP_ANCHOR_", PREFIX = "HP_PREFIX_", GROUP = "HP_GROUP_",
            GATE = "HP_GATE_", STAGE = "HP_STAGE_", WITHIN = "HP_WITHIN_", UNIT = "HP_UNIT_", ON = "HP_ON_",
            FROM = "HP_FROM_", COMPARE = "HP_COMPARE_", ITEM = "HP_ITEM_", TYPE = "HP_TYPE_", CHECK = "HP_CHECK_",
            GRAPH = "HP_GRAPH_", LANGUAGE = "HP_LANGUAGE_", SPOT = "HP_SPOT_", TEST = "HP_TEST_",
            ACTION = "HP_ACTION_", RELATION = "HP_RELATION_", WITH = "HP_WITH_", VALUE = "HP_VALUE_",
            EDGE = "HP_EDGE_",
        } do
            assert.is_true(same_numbers(layout[name], prefix) > 1)
        end
        assert.equal(C.HP_GROUP_COUNT, same_numbers(layout.GROUP, "HP_GROUP_"))
        assert.equal(C.HP_GATE_OP_COUNT, same_numbers(layout.GATE, "HP_GATE_"))
        assert.equal(C.HP_TYPE_COUNT, same_numbers(layout.TYPE, "HP_TYPE_"))
        assert.equal(C.HP_CHECK_COUNT, same_numbers(layout.CHECK, "HP_CHECK_"))
    end)

    it("has the same sections", function()
        assert.equal(C.HP_SECTION_COUNT, #layout.SECTIONS)
        for i, name in ipairs(layout.SECTIONS) do assert.equal(i - 1, C["HP_SECTION_" .. name]) end
    end)

    it("has the same opcodes and limits of regexes", function()
        assert.equal(9, same_numbers(emit.OP, "HP_OP_"))
        assert.equal(6, same_numbers(ast.ASSERTIONS, "HP_ASSERT_"))
        assert.equal(C.HP_MAX_INSTRUCTIONS, emit.MAX_INSTRUCTIONS)
        assert.equal(C.HP_MAX_STATES, emit.MAX_STATES)
        assert.equal(C.HP_INFINITE, emit.UNLIMITED)
    end)

    it("has the same opcodes of conditions", function()
        assert.equal(C.HC_OP_COUNT, #condition.ops)
        for i, name in ipairs(condition.ops) do assert.equal(i - 1, C["HC_" .. name], name) end
        for i, name in ipairs(condition.types) do assert.equal(i - 1, C["HP_TYPE_" .. name], name) end
        assert.equal(C.HP_MAX_STACK, condition.max_stack)
    end)
end)

describe("hunch.native", function()
    it("carries the Lua sources", function()
        local text, path = native.source "hunch.layout"
        local file = assert(io.open("lua/hunch/layout.lua", "rb"))
        assert.equal(file:read "a", text)
        file:close()
        assert.equal("lua/hunch/layout.lua", path)
        assert.is_nil(native.source "hunch.no_such_module")
    end)

    it("hashes with XXH3, 128 bits", function()
        local function hex(bytes)
            return (native.hash(bytes):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
        end
        assert.equal("99aa06d3014798d86001c324468d497f", hex "")
        assert.equal("06b05ab6733a618578af5f94892f3950", hex "abc")
    end)
end)
