-- The same rules give the same program: in another process, from another place, loaded or compiled.
local hunch = require "hunch"
local tree = require "support.tree"

local BUILD = os.getenv "HUNCH_BUILD" or "build"

local function read(path)
    local file = assert(io.open(path, "rb"))
    local bytes = file:read "a"
    file:close()
    return bytes
end

describe("a program", function()
    local folder

    setup(function() folder = tree.new() end)
    teardown(function() folder:remove() end)

    it("has the same bytes whoever compiles it", function()
        local first = assert(hunch.engine { cache = "" }:compile { "rules" }):save()
        for i = 1, 3 do
            local path = folder:at("program" .. i)
            assert(os.execute(("HUNCH_TEST=%s '%s/hunch' compile rules -o '%s' >/dev/null 2>&1"):format(
                ("x"):rep(i * 100), BUILD, path)))
            assert.is_true(first == read(path), "process " .. i .. " wrote another program")
        end
        assert.is_true(first == assert(hunch.engine { backend = "ref" }:load(first)):save())
        assert.is_true(first == assert(hunch.engine():load(folder:at "program1")):save())
    end)

    it("has the same bytes twice in one process, with other work between", function()
        local engine = hunch.engine { cache = "" }
        local text = read "rules/secrets/cloud.lua"
        local first = assert(engine:compile { text = text, name = "cloud.lua" }):save()
        for i = 1, 5 do
            local garbage = {}
            for k = 1, 1000 * i do garbage[k] = ("garbage %d"):format(k) end
            assert.is_true(first == assert(engine:compile { text = text, name = "cloud.lua" }):save())
            assert.equal(1000 * i, #garbage)
        end
    end)

    it("finds what the rules find, and knows what they say of themselves", function()
        local engine = hunch.engine { cache = "" }
        local compiled = assert(engine:compile { "rules/secrets", "rules/pii" })
        local loaded = assert(engine:load(compiled:save()))
        assert.equal(compiled:count(), loaded:count())
        local one, other = compiled:list(), loaded:list()
        for i = 1, #one do
            one[i].examples = nil -- these stay with the rule files
            assert.same(one[i], other[i])
        end
        local found = compiled:scan_paths({ "examples/tree" })
        assert.is_true(#found.matches > 10)
        assert.same(found.matches, loaded:scan_paths({ "examples/tree" }).matches)
    end)
end)
