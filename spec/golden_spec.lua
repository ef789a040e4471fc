--- What the compiler makes of rules, whole: spec/golden/NAME.lua against spec/golden/NAME.dump, the output of
-- `hunch explain`. With HUNCH_GOLDEN=write (make golden) the dumps are written; the diff is for people to judge.
local command = os.getenv("HUNCH_BUILD") .. "/hunch"
local write = os.getenv "HUNCH_GOLDEN" == "write"

local CASES = { "anchored", "composed", "gates", "graphs" }

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "a"
    file:close()
    return text
end

local function explain(name)
    local pipe = assert(io.popen(("%s explain spec/golden/%s.lua 2>&1"):format(command, name)))
    local text = pipe:read "a"
    local ok = pipe:close()
    assert.is_true(ok, text)
    return text
end

describe("the compiled form of", function()
    for _, name in ipairs(CASES) do
        it(name .. " is what was reviewed", function()
            local got = explain(name)
            local path = ("spec/golden/%s.dump"):format(name)
            if write then
                local file = assert(io.open(path, "wb"))
                file:write(got)
                file:close()
            end
            assert.equal(read(path), got)
        end)
    end

    it("every case of the folder is listed here", function()
        local pipe = assert(io.popen "ls spec/golden")
        local found = {}
        for line in pipe:lines() do
            local name = line:match "^(.*)%.lua$"
            if name then found[#found + 1] = name end
        end
        pipe:close()
        assert.same(CASES, found)
    end)
end)
