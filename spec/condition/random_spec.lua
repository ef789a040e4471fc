-- Random conditions over random records: the compiled form says what the naive evaluator says.

local naive = require "support.naive_condition"
local tiles = require "support.tiles_module"
local parse = require "hunch.condition.parse".parse
local fold = require "hunch.condition.fold".fold
local emit = require "hunch.condition.emit".emit

-- A small generator of its own: the same numbers everywhere.
local function generator(seed)
    local state = seed * 2 + 1
    return function(n)
        state = state * 6364136223846793005 + 1442695040888963407
        return (state >> 33) % n + 1
    end
end

local pattern_index, rule_index = {}, {}
for i, name in ipairs(naive.patterns) do
    pattern_index[name] = i
end
for i, name in ipairs(naive.rules) do
    rule_index[name] = i
end

local function tiles_env(env)
    local patterns, rules = {}, {}
    for i, name in ipairs(naive.patterns) do
        patterns[i] = env.patterns[name]
    end
    for i, name in ipairs(naive.rules) do
        rules[i] = env.rules[name]
    end
    return tiles.env(env.data, patterns, rules)
end

local function rule_exists(name)
    return rule_index[name] ~= nil
end

local function slots(names, index)
    local list = {}
    for i, name in ipairs(names) do
        list[i] = index[name]
    end
    return list
end

local conditions = os.getenv "HUNCH_SAN" and 3000 or 25000
local RECORDS = 4

describe("random conditions", function()
    it(("say what the naive evaluator says: %d conditions, %d records each"):format(conditions, RECORDS), function()
        local random = generator(20240611)
        local counted = { yes = 0, no = 0, refused = 0, gave_up = 0 }
        local envs = {}
        for i = 1, 200 do
            envs[i] = naive.random_env(random)
            envs[i].tiles = tiles_env(envs[i])
        end
        for _ = 1, conditions do
            local tree = naive.random_tree(random(24), random)
            local text = naive.write(tree, random)
            local parsed, problem = parse(text, naive.patterns, rule_exists)
            if not parsed then
                error(text .. ": " .. problem.message, 0)
            end
            local folded
            folded, problem = fold(parsed)
            assert.equal(naive.refused(tree), folded == nil, text .. (problem and ": " .. problem.message or ""))
            if not folded then
                counted.refused = counted.refused + 1
            else
                local plain = assert(emit(parsed))
                local code = assert(emit(folded))
                for _ = 1, RECORDS do
                    local env = envs[random(#envs)]
                    local expected = naive.evaluate(tree, env)
                    if expected == nil then
                        counted.gave_up = counted.gave_up + 1
                    else
                        local key = expected and "yes" or "no"
                        counted[key] = counted[key] + 1
                        for _, each in ipairs { code, plain } do
                            local got = tiles.condition_eval(each.words, env.tiles, slots(each.patterns, pattern_index),
                                slots(each.rules, rule_index))
                            if got ~= (expected and 1 or 0) then
                                error(("%s\nover %q is %s, not %s"):format(text, env.data, tostring(got), key), 0)
                            end
                        end
                    end
                end
            end
        end
        local total = conditions * RECORDS
        assert.is_true(counted.yes > total / 6 and counted.no > total / 6, "the answers are one-sided")
        assert.is_true(counted.gave_up < total / 50, "the naive evaluator gave up too often")
        assert.is_true(counted.refused < conditions / 5, "too many conditions are refused")
    end)
end)
