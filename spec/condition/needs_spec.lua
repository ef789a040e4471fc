local naive = require "support.naive_condition"
local conditions = require "support.random_condition"
local random_numbers = require "support.random"
local parse = require "hunch.condition.parse".parse
local fold = require "hunch.condition.fold".fold
local needs = require "hunch.condition.needs".needs

local function show(need)
    if not need then
        return "nothing"
    elseif need.kind == "pattern" then
        return need.name
    end
    local parts = {}
    for i, item in ipairs(need.items) do
        parts[i] = show(item)
    end
    return ("%s%s(%s)"):format(need.kind, need.n or "", table.concat(parts, " "))
end

local function holds(need, occurs)
    if need.kind == "pattern" then
        return occurs(need.name)
    end
    local found = 0
    for _, item in ipairs(need.items) do
        found = found + (holds(item, occurs) and 1 or 0)
    end
    return found >= (need.kind == "all" and #need.items or need.kind == "any" and 1 or need.n)
end

local function needed(source)
    return show(needs(assert(fold(assert(parse(source, { "a", "b", "c", "d" }))))))
end

describe("what a condition needs", function()
    for source, expected in pairs {
        ["$a"] = "a",
        ["$a and $b"] = "all(a b)",
        ["$a and ($b or $c) and $a"] = "all(a any(b c))",
        ["$a or filesize > 3"] = "nothing",
        ["$a and filesize > 3"] = "a",
        ["$a and not $b"] = "a",
        ["not $a"] = "nothing",
        ["r1 and $a"] = "a",
        ["#a > 2"] = "a", ["#a >= 0"] = "nothing", ["#a == 0"] = "nothing", ["#a == 1"] = "a", ["#a != 0"] = "a",
        ["#a != 1"] = "nothing", ["2 < #a"] = "a", ["#a in (1..5) > 1"] = "a", ["#a"] = "a", ["not #a < 2"] = "a",
        ["#a > #b"] = "nothing", ["#a + 1 > 1"] = "nothing",
        ["@a < 100"] = "a", ["@a < @b"] = "all(a b)", ["@a == filesize - !b"] = "all(a b)",
        ["uint8(@a + 4) == 0"] = "a",
        ["defined @a"] = "a", ["defined (@a > @b)"] = "all(a b)", ["not defined @a"] = "nothing",
        ["$a at @b"] = "all(a b)", ["$a in (@b..filesize)"] = "all(a b)",
        ["any of them"] = "any(a b c d)", ["all of them"] = "all(a b c d)", ["none of them"] = "nothing",
        ["2 of them"] = "at_least2(a b c d)", ["60% of them"] = "at_least3(a b c d)", ["#a of ($b, $c)"] = "nothing",
        ["2 of ($a, $a, $b)"] = "any(a b)",
        ["2 of ($a, #a > 1, r1 and $b)"] = "any(a b)", ["2 of ($a, #a > 1)"] = "a",
        ["2 of ($a, #b > 1, $c)"] = "at_least2(a b c)", ["2 of ($a, filesize > 1, $c)"] = "any(a c)",
        ["for any i in (1..#a) : (@a[i] > 4)"] = "a",
        ["for any i in (1..#a) : ($b at @a[i] + i)"] = "all(a b)",
        ["for any i in (0..#a) : (i > 4)"] = "nothing",
        ["for none i in (1..#a) : ($b)"] = "nothing",
        ["for all i in (1, 2) : ($a at i)"] = "a",
        ["for any of ($a, $b) : (# > 2)"] = "any(a b)",
        ["for all of ($a, $b) : ($c and $)"] = "all(c a b)",
        ["for 2 of ($a, $b, $c) : (@ > 2)"] = "at_least2(a b c)",
        ["for any of ($a, $b) : (# == 0)"] = "nothing",
        ["for any of ($a, $b) : (for any of ($c) : ($)) "] = "c",
    } do
        it(("is %s for %s"):format(expected, source), function()
            assert.equal(expected, needed(source))
        end)
    end

    it("occurs wherever a random condition is true", function()
        local random = random_numbers.generator(99)
        local checked, failed_without = 0, 0
        local envs = {}
        for i = 1, 100 do
            envs[i] = conditions.random_env(random)
        end
        for _ = 1, 6000 do
            local tree = conditions.random_tree(random(16), random)
            local text = conditions.write(tree, random)
            local folded = fold((parse(text, conditions.patterns)))
            local need = folded and needs(folded)
            for _ = 1, need and 10 or 0 do
                local env = envs[random(#envs)]
                local truth = naive.evaluate(tree, env)
                local possible = holds(need, function(name) return #env.patterns[name].offsets > 0 end)
                if truth then
                    checked = checked + 1
                    assert.is_true(possible, text)
                elseif not possible then
                    failed_without = failed_without + 1
                end
            end
        end
        assert.is_true(checked > 3000 and failed_without > 3000, checked .. " " .. failed_without)
    end)

    it("is found in time for long conditions, and given up in time for large sets in one another", function()
        local names = {}
        for i = 1, 3000 do
            names[i] = "p" .. i
        end
        local function timed(source)
            local tree = assert(fold((parse(source, names))))
            local started = os.clock()
            local need = needs(tree)
            assert.is_true(os.clock() - started < 5)
            return show(need)
        end
        assert.equal("all(p1 p2)", timed(("$p1 and "):rep(20000) .. "$p2"))
        assert.equal("nothing", timed "for any of them : (for any of them : ($ at 1))")
    end)
end)
