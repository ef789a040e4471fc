-- What sources become, whole: spec/golden/graph/NAME.c and NAME.py against NAME.dump, the graph as text and its faults.
-- With HUNCH_GOLDEN=write (make golden) the dumps are written; the diff is for people to judge.
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
    for line in pipe:lines() do
        local name, ending = line:match "^(.*)%.(%l+)$"
        if ending ~= "dump" then list[#list + 1] = { name = name, ending = ending } end
    end
    pipe:close()
    return list
end

describe("the graph of", function()
    local names = cases()
    assert(#names >= 11)

    for _, each in ipairs(names) do
        local name, source = each.name, each.name .. "." .. each.ending
        it(source .. " is what was reviewed", function()
            local language = each.ending == "py" and "python" or each.ending
            local graph = assert(hunch.graph(language, read(FOLDER .. source), { name = source }))
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
