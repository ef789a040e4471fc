local constants = require("hunch.native").constants
local classify = require "hunch.passes.classify"
local literals = require "hunch.passes.literals"

local function lit(bytes, flag)
    return { kind = "literal", bytes = bytes, [flag or "plain"] = true }
end

local function regex(pattern, flags)
    return { kind = "regex", pattern = pattern, flags = flags, where = { file = "r.lua", line = 7 } }
end

-- A state as the check pass leaves it, after the pass.
local function run(rules, options)
    for i, rule in ipairs(rules) do
        rule.name = rule.name or "r" .. i
        rule.where = { file = "r.lua", line = i }
        rule.confirm = rule.confirm or {}
    end
    local state = { rules = rules, diagnostics = {}, options = options }
    literals.run(state)
    return state
end

describe("the classify pass", function()
    local function group(rule)
        local state = run { rule }
        classify.run(state)
        assert.is_string(rule.group_reason)
        assert.equal(constants["HP_GROUP_" .. rule.group:upper()], rule.group_index)
        return rule.group
    end

    it("is driven by the costliest part of a rule", function()
        local prefilter = { kind = "any", items = { lit "abc" } }
        assert.equal("literal", group { prefilter = prefilter })
        assert.equal("literal", group { confirm = { { kind = "path", pattern = "x" } } })
        assert.equal("anchored", group { prefilter = prefilter, confirm = { regex "foo[0-9]" } })
        assert.equal("anchored", group { confirm = { regex "[0-9a-f]{40}" } })
        assert.equal("unanchored", group { prefilter = prefilter, confirm = { regex "[a-z]+x?" } })
        assert.equal("counting", group { confirm = { { kind = "count", target = lit "abc", at_least = 2 } } })
        assert.equal("unanchored",
            group { confirm = { { kind = "count", target = regex "[a-z]+", at_least = 2 } } })
        assert.equal("host", group { confirm = { regex "[a-z]+", { kind = "host", fn_index = 1 } } })
    end)
end)
