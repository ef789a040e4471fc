-- Value flow in small C programs: of each pair one has a flow, at the lines marked SINK, and the other, which looks
-- much the same, has none. spec/graph/precision/*.c, one file a topic.
local rules = require "support.graph_rule"
local units = require "support.unit_module"

local RULES = {
    rules.rule {
        from = { { call = "getenv" }, { call = "fgets" }, { call = "read" } },
        to = { { argument = "system", 1 }, { "loop_bound" } },
        except = { { call = "quote" }, { argument = "escape", 1 } },
        unless = { { call = "is_safe", on = 1 }, { compare = "<", with = "constant" } },
    },
}

-- A number that is bounded by how it is computed is for rules that do not follow `masked`.
local OWN_RULES = {
    small = {
        rules.rule {
            kind = "flows_to", from = { { call = "getenv" } }, to = { { "loop_bound" } },
            edges = { "assign", "phi", "load", "guard", "arithmetic", "library" },
        },
    },
}

--- { name =, flow = text, clean = text }, each text with as many empty lines before it as there are in the file.
local function pairs_of(path)
    local list, number, kind = {}, 0, nil
    for line in io.lines(path) do
        local name, begins = line:match "^// pair: (.*)", line:match "^// (%l+)$"
        number = number + 1
        if name then
            list[#list + 1] = { name = name, flow = {}, clean = {} }
        elseif begins then
            kind = begins
            for i = 1, number do list[#list][kind][i] = "" end
        else
            table.insert(list[#list][kind], line)
        end
    end
    for _, each in ipairs(list) do
        each.flow, each.clean = table.concat(each.flow, "\n"), table.concat(each.clean, "\n")
    end
    return list
end

local function sinks(text)
    local list, number = {}, 0
    for line in (text .. "\n"):gmatch "(.-)\n" do
        number = number + 1
        if line:find("// SINK", 1, true) then list[#list + 1] = number end
    end
    return list
end

local function found(text, own)
    local unit, list, seen = units.new({ { name = "a.c", text = text } }, rules.flows), {}, {}
    for _, finding in ipairs(unit:solve(own or RULES)) do
        if not seen[finding[4]] then list[#list + 1] = finding[4] end
        seen[finding[4]] = true
        local steps = finding[7]
        assert.equal(0, steps[1][1], "a witness begins at a source")
        assert.equal(4, steps[#steps][1], "a witness ends at a sink")
        assert.equal(finding[4], steps[#steps][3])
    end
    assert.same({}, unit:gaps())
    return list
end

local topics = { "array", "bound", "check", "context", "dead", "guard", "kept", "loop", "memory", "overwritten",
    "sanitizer", "small" }
local count = 0

for _, topic in ipairs(topics) do
    describe("value flow: " .. topic .. ":", function()
        for _, each in ipairs(pairs_of("spec/graph/precision/" .. topic .. ".c")) do
            count = count + 1
            it(each.name .. ": flow", function()
                local expected = sinks(each.flow)
                assert.is_true(#expected > 0)
                assert.same(expected, found(each.flow, OWN_RULES[topic]))
            end)
            it(each.name .. ": clean", function()
                assert.same({}, found(each.clean, OWN_RULES[topic]))
            end)
        end
    end)
end

describe("the pairs of programs", function()
    it("are at least 60", function()
        assert.is_true(count >= 60)
    end)
end)
