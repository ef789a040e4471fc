--- Where a companion has to stand for `near`: both ends of the zone, both sides of the candidate.
local hunch = require "hunch"

describe("near", function()
    local engine = assert(hunch.engine { cache = "", threads = 1 })

    --- Is a companion "c" near the candidate "XX" in the record?
    local function near(options, record)
        local rules = assert(engine:compile { name = "r.lua", text =
            ('rule "r" { confirm = { regex "XX", near { regex "c+", %s } } }'):format(options) })
        local found = {}
        for i, backend in ipairs { "ref", "cpu" } do
            found[i] = #assert(rules:scan({ { data = record } }, { backend = backend })).matches > 0
        end
        assert.equal(found[1], found[2])
        return found[1]
    end

    local function all(options, records)
        for record, wanted in pairs(records) do
            assert.equal(wanted, near(options, record), ("near { %s } in %q"):format(options, record))
        end
    end

    it("looks on both sides, as far as it says", function()
        all("within = 2, unit = 'bytes'", { ["c__XX"] = true, ["c___XX"] = false, ["XX__c"] = true, ["XX___c"] = false,
            ["cXX"] = true, ["XXc"] = true, ["XX"] = false })
        all("within = 1, unit = 'lines'", { ["c\nXX"] = true, ["c\n\nXX"] = false,
            ["XX\nc"] = true, ["XX\n\nc"] = false })
    end)

    it("looks on one side only, where it touches too", function()
        all("within = 2, unit = 'bytes', before = true", { ["c__XX"] = true, ["cXX"] = true, ["XXc"] = false,
            ["XX_c"] = false, ["c___XX"] = false })
        all("within = 2, unit = 'bytes', after = true", { ["XX__c"] = true, ["XXc"] = true, ["cXX"] = false,
            ["c_XX"] = false, ["XX___c"] = false })
        all("within = 0, unit = 'lines', before = true", { ["cXX"] = true, ["c XX"] = true,
            ["XXc"] = false, ["XX c"] = false })
        all("within = 0, unit = 'lines', after = true", { ["XXc"] = true, ["XX c"] = true, ["cXX"] = false })
    end)

    it("takes what lies inside of the candidate for either side", function()
        for _, side in ipairs { "before", "after" } do
            local rules = assert(engine:compile { name = "r.lua", text =
                ('rule "r" { confirm = { regex "XcX", near { lit "c", within = 0, %s = true } } }'):format(side) })
            assert.equal(1, #assert(rules:scan "XcX").matches)
        end
    end)
end)
