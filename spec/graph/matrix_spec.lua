-- rules/c on generated programs: each weakness on each shape of a flow, with one source and one use in turn; all of
-- them where HUNCH_SOAK is set. What is known to go wrong, and why, stands with the weaknesses and the shapes.
local figures = require "support.figures"
local hunch = require "hunch"
local matrix = require "support.matrix"

local SAMPLE = not os.getenv "HUNCH_SOAK"

describe("the rules for C on generated programs", function()
    local list, by_name, reasons, programs = {}, {}, {}, 0

    setup(function()
        local engine = hunch.engine { threads = 1, cache = "", backend = "cpu" }
        local rules = assert(engine:compile { "rules/c" })
        matrix.each(function(weakness, source, use, shape, turn)
            local program = matrix.program(weakness, source, use, shape, turn)
            local found, wrong, _, incomplete = matrix.score(rules, weakness, program)
            local to = by_name[weakness.name]
            if not to then
                to = { name = weakness.name, missed = {}, wrong = {}, incomplete = {}, found = 0,
                    expected = 0 }
                by_name[weakness.name] = to
                list[#list + 1] = to
            end
            programs = programs + 1
            local name = ("%s, use %d, %s"):format(source, use, shape.name)
            local known = matrix.known_miss(weakness, source, shape)
            if not known then to.expected = to.expected + 1 end
            if found and not known then to.found = to.found + 1 end
            if not found and not known then table.insert(to.missed, name) end
            if known then reasons[known] = reasons[known] or not found end
            if #wrong > 0 and not (shape.wrong or {})[weakness.kind] then
                table.insert(to.wrong, name .. ": " .. table.concat(wrong, ", "))
            end
            if #incomplete > 0 then table.insert(to.incomplete, name .. ": " .. incomplete[1].detail) end
        end, SAMPLE)
    end)

    it("find what reaches a use", function()
        for _, each in ipairs(list) do assert.same({}, each.missed, each.name) end
    end)

    it("find nothing that is clean, guarded or never runs", function()
        for _, each in ipairs(list) do assert.same({}, each.wrong, each.name) end
    end)

    it("miss something for each known reason", function()
        for reason, missed in pairs(reasons) do assert.is_true(missed, reason) end
    end)

    it("read every program whole", function()
        for _, each in ipairs(list) do assert.same({}, each.incomplete, each.name) end
        assert.is_true(#list >= 30 and programs >= #list * 80)
        for _, each in ipairs(list) do
            figures.say("matrix: %s: %s of %s found", each.name, each.found, each.expected)
        end
        figures.say("matrix: %s programs", programs)
    end)
end)
