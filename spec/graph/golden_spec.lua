-- What C becomes, whole: spec/golden/graph/NAME.c against NAME.dump, the graph as text and its faults. With
-- HUNCH_GOLDEN=write (make golden) the dumps are written; the diff is for people to judge.
local hunch = require "hunch"

local write = os.getenv "HUNCH_GOLDEN" == "write"
local FOLDER = "spec/golden/graph/"

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "a"
    file:close()
    return text
end

local function cases()
    local pipe, list = assert(io.popen("LC_ALL=C ls " .. FOLDER)), {}
    for line in pipe:lines() do list[#list + 1] = line:match "^(.*)%.c$" end
    pipe:close()
    return list
end

describe("the graph of", function()
    local names = cases()
    assert(#names >= 11)

    for _, name in ipairs(names) do
        it(name .. ".c is what was reviewed", function()
            local graph = assert(hunch.graph("c", read(FOLDER .. name .. ".c"), { name = name .. ".c" }))
            local parts = { graph:text() }
            for _, fault in ipairs(graph.faults) do
                parts[#parts + 1] = ("line %d: %s: %s\n"):format(fault.line, fault["function"] or "file", fault.reason)
            end
            local got, path = table.concat(parts), FOLDER .. name .. ".dump"
            if write then
                local file = assert(io.open(path, "wb"))
                file:write(got)
                file:close()
            end
            assert.equal(read(path), got)
        end)
    end
end)
