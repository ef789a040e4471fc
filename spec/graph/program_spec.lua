-- Value flow in random C programs, from their text to the findings, against what their statements mean.
local programs = require "support.random_program"
local random_numbers = require "support.random"
local rules = require "support.graph_rule"
local units = require "support.unit_module"

local COUNT = os.getenv "HUNCH_SOAK" and 25000 or os.getenv "HUNCH_SAN" and 30 or 250
local MOST = 1500 -- states

local RULES = {
    rules.rule {
        from = { { call = "getenv" } }, to = { { argument = "system", 1 } }, except = { { call = "quote" } },
        unless = { { call = "is_safe", on = 1 } },
    },
}

local function found(text)
    local unit, list, seen = units.new({ { name = "a.c", text = text } }, rules.flows), {}, {}
    for _, finding in ipairs(unit:solve(RULES)) do
        if not seen[finding[4]] then list[#list + 1] = finding[4] end
        seen[finding[4]] = true
    end
    table.sort(list)
    return list, seen, #unit:gaps() > 0
end

-- Programs of up to three functions beside main, those left out that are larger than a budget. exact: lines found are
-- those where something arrives; else those may be more, and how many more is returned with how many arrive.
local function compare(name, seed, settings, exact)
    local random, done, arrivals, more, large = random_numbers.generator(seed), 0, 0, 0, 0
    for _ = 1, COUNT do
        settings.functions = random(4) - 1
        local program = programs.make(random, settings)
        local wanted = programs.arrivals(program, MOST)
        local got, seen, incomplete = found(program.text)
        if not wanted or incomplete then
            large = large + 1
        else
            if exact then assert.same(wanted, got, program.text) end
            for _, line in ipairs(wanted) do
                assert.is_true(seen[line], ("line %d is missed of\n%s"):format(line, program.text))
            end
            done, arrivals, more = done + 1, arrivals + #wanted, more + #got - #wanted
        end
    end
    print(("figure: value flow, %s: %d random programs, %d arrivals, %d more found; %d too large"):format(
        name, done, arrivals, more, large))
    assert.is_true(done > COUNT * 0.5 and arrivals > done / 3)
    return arrivals, more
end

describe("value flow of random programs", function()
    it("is that of their statements", function()
        compare("variables, structs, calls", 91, {}, true)
    end)

    -- Where ways meet, copies of one value may be copies of another, or of none.
    it("is that of their statements with guards, but for copies where ways meet", function()
        local arrivals, more = compare("guards", 92, { guards = true }, false)
        assert.is_true(more < arrivals / 100)
    end)

    it("misses nothing that goes through pointers", function()
        compare("pointers", 93, { guards = true, pointers = true }, false)
    end)

    it("misses nothing where functions call each other", function()
        compare("recursion", 94, { guards = true, pointers = true, recursion = true }, false)
    end)
end)
