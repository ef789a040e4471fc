-- Large programs of random rules on a real GPU against ref: all routes, three tiles, and the search for literals in the
-- forms that are compiled for each program. HUNCH_GPU_PROGRAMS=200 are 10^5 rules; HUNCH_GPU_FIRST: the first seed, so
-- that several processes can share them.
local agreement = require "support.rules_agreement"
local figures = require "support.figures"
local tree = require "support.tree"

local PROGRAMS = tonumber(os.getenv "HUNCH_GPU_PROGRAMS") or 10
local FIRST = tonumber(os.getenv "HUNCH_GPU_FIRST") or 1

describe("backend cuda", function()
    local folder

    before_each(function() folder = tree.new() end)
    after_each(function() folder:remove() end)

    -- Programs from FIRST on; settings(seed) are those of agreement.run.
    local function run(programs, settings)
        local counts = agreement.counts()
        for seed = FIRST, FIRST + programs - 1 do
            local set = settings(seed)
            set.cache, set.races = folder:folder(seed .. "/"), true
            agreement.run(seed, set, counts)
        end
        return counts
    end

    it(("equals ref on %d programs of 500 random rules"):format(PROGRAMS), function()
        local counts = run(PROGRAMS, function() return { rules = 500, records = 10, most = 300 } end)
        print(("figure: %s programs of %s rules, %s of them with forms of their own raced; %s scans of %s bytes, %s "
            .. "matches, %s incomplete entries"):format(figures.count(counts.programs), figures.count(counts.rules),
            figures.count(counts.raced), figures.count(counts.scans), figures.count(counts.bytes),
            figures.count(counts.matches), figures.count(counts.incomplete)))
        assert.is_true(counts.raced >= PROGRAMS * 0.9)
    end)

    it("equals ref where literals are long enough for windows at every fourth place", function()
        local counts = run(4, function(seed)
            return { rules = seed % 2 == 0 and 100 or 2500, least = seed % 2 == 0 and 10 or 12 }
        end)
        print(("figure: %s literals, %s scans of %s bytes, %s matches"):format(figures.count(counts.rules),
            figures.count(counts.scans), figures.count(counts.bytes), figures.count(counts.matches)))
        assert.is_true(counts.raced == 4 and counts.matches > 1000)
    end)
end)
