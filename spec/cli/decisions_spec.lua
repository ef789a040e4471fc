-- The table of decisions that a scan shows people.
local decisions = require "hunch.cli.decisions"

local function decision(backend, contended)
    return { group = "literal", route = "chained", reason = "stays", backend = backend, contended = contended or false,
        bytes = 10, predicted_ns = { chained = 1000000 }, measured_ns = 2000000, committed = 1, rolled_back = 2 }
end

describe("the table of decisions", function()
    local function rows(list)
        local lines = {}
        for line in decisions.render(list):gmatch "[^\n]+" do lines[#lines + 1] = line end
        table.remove(lines, 1)
        return lines
    end

    it("has a line for what is alike", function()
        assert.same(1, #rows { decision "cpu", decision "cpu" })
        assert.same(2, #rows { decision "cuda", decision("cuda", true) })
        assert.matches("contended$", rows({ decision "cuda", decision("cuda", true) })[2])
    end)

    it("is by group, then as they were made, also where several calls have made them", function()
        local list, shown = {}, {}
        for i, each in ipairs { "cpu 1", "cpu 2", "cpu 1", "cpu 2", "cuda 1", "cuda 2", "cpu 2", "cuda 1" } do
            local backend, class = each:match "(%a+) (%d)"
            list[i] = { backend = backend, class = tonumber(class), bytes = i }
        end
        for i, d in ipairs(decisions.in_order(list)) do shown[i] = d.bytes end
        assert.same({ 1, 3, 2, 4, 7, 5, 8, 6 }, shown)
        assert.equal(8, #list)
    end)

    it("tells the device of a scan that went over to one", function()
        local list = rows { decision "cpu", decision "cuda", decision("cuda", true) }
        assert.equal(3, #list)
        assert.is_nil(list[1]:find("GPU", 1, true))
        assert.matches("  on the GPU$", list[2])
        assert.matches("  contended  on the GPU$", list[3])
        assert.is_nil(rows({ decision "cuda" })[1]:find("GPU", 1, true))
    end)
end)
