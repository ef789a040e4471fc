-- Control flow of random functions against what their statements mean: dominance by taking a line out and asking
-- what can still be reached.
local flow = require "support.random_flow"
local hunch = require "hunch"
local random_numbers = require "support.random"

local COUNT = os.getenv "HUNCH_SOAK" and 20000 or os.getenv "HUNCH_SAN" and 60 or 200

--- Lines that run on ways from `starts` that do not go on behind `stop`.
local function reached(next, starts, stop)
    local seen, stack = {}, {}
    local function enter(line)
        if not seen[line] then seen[line], stack[#stack + 1] = true, line end
    end
    for _, line in ipairs(starts) do enter(line) end
    while #stack > 0 do
        local line = table.remove(stack)
        if line ~= stop then
            for _, to in ipairs(next[line] or {}) do enter(to) end
        end
    end
    return seen
end

local function lines_of(next)
    local lines = {}
    for line in pairs(next) do lines[#lines + 1] = line end
    table.sort(lines)
    return lines
end

describe("control flow of a random function", function()
    it("is that of its statements", function()
        local random, answers = random_numbers.generator(81), 0
        for _ = 1, COUNT do
            local source, first, next = flow.make(random)
            local graph = assert(hunch.graph("c", source))
            assert.same({}, graph.faults, source)
            local fn, lines = graph:functions()[1], lines_of(next)
            local live = reached(next, { first })
            for _, a in ipairs(lines) do
                local without, later = reached(next, { first }, a), reached(next, next[a])
                for _, b in ipairs(lines) do
                    if live[b] then
                        local where = ("lines %d and %d of\n%s"):format(a, b, source)
                        assert.equal(not without[b], fn:dominates(a, b), "dominates: " .. where)
                        assert.equal(not reached(next, next[b], a)[0], fn:post_dominates(a, b),
                            "post_dominates: " .. where)
                        assert.equal(live[a] ~= nil and later[b] ~= nil, fn:reaches(a, b), "reaches: " .. where)
                        answers = answers + 3
                    end
                end
            end
        end
        print(("figure: control flow: %d answers on %d random functions"):format(answers, COUNT))
    end)

    it("says nothing of lines on which no statement begins", function()
        local fn = assert(hunch.graph("c", "int f(int a)\n{\n    int b;\n    a = 1;\n    return a;\n}\n")):functions()[1]
        assert.is_nil(fn:dominates(3, 4))
        assert.is_nil(fn:post_dominates(4, 99))
        assert.is_nil(fn:reaches(1, 4))
        assert.is_true(fn:dominates(4, 5))
        assert.is_false(fn:dominates(5, 4))
        assert.is_true(fn:post_dominates(5, 4))
        assert.is_false(fn:reaches(4, 4))
    end)

    it("leaves no way out where a call never comes back", function()
        local fn = assert(hunch.graph("c", table.concat({
            "void f(int a) {", "a = 1;", "if (a)", "abort();", "a = 2;", "if (a)", "while (1)", "a = 3;", "}" }, "\n")))
            :functions()[1]
        assert.is_true(fn:post_dominates(5, 2)) -- the way over abort() is none out
        assert.is_true(fn:post_dominates(2, 8)) -- no way leads out of the loop at all
        assert.is_false(fn:reaches(4, 5))
    end)
end)
