-- Compares compiled conditions with the naive evaluator; spec/condition and spec/soak run it with other numbers.

local naive = require "support.naive_condition"
local conditions = require "support.random_condition"
local generator = require "support.random".generator
local tiles = require "support.tiles_module"
local parse = require "hunch.condition.parse".parse
local fold = require "hunch.condition.fold".fold
local emit = require "hunch.condition.emit".emit

local M = {}

local pattern_index, rule_index = {}, {}
for i, name in ipairs(conditions.patterns) do
    pattern_index[name] = i
end
for i, name in ipairs(conditions.rules) do
    rule_index[name] = i
end

local function tiles_env(env)
    local patterns, rules = {}, {}
    for i, name in ipairs(conditions.patterns) do
        patterns[i] = env.patterns[name]
    end
    for i, name in ipairs(conditions.rules) do
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

local function evaluate(code, env)
    return tiles.condition_eval(code.words, env.tiles, slots(code.patterns, pattern_index),
        slots(code.rules, rule_index))
end

-- The code with and without folding; nil where the compiler refuses it. The naive evaluator must agree to that.
local function compile(tree, text)
    local parsed, problem = parse(text, conditions.patterns, rule_exists)
    if not parsed then
        error(text .. ": " .. problem.message, 0)
    end
    local folded
    folded, problem = fold(parsed)
    if naive.refused(tree) ~= (folded == nil) then
        error(text .. ": " .. (problem and problem.message or "this constant is wrong"), 0)
    end
    if not folded then
        return nil
    end
    return { assert(emit(folded)), assert(emit(parsed)) }
end

--- Compares `amount` random conditions over `records` random records each; the first difference is an error.
--- Returns { yes =, no =, refused =, gave_up = }: how often each happened.
function M.run(seed, amount, records, size)
    local random = generator(seed)
    local counted = { yes = 0, no = 0, refused = 0, gave_up = 0 }
    local envs = {}
    for i = 1, 200 do
        envs[i] = conditions.random_env(random)
        envs[i].tiles = tiles_env(envs[i])
    end
    for _ = 1, amount do
        local tree = conditions.random_tree(random(size), random)
        local text = conditions.write(tree, random)
        local codes = compile(tree, text)
        counted.refused = counted.refused + (codes and 0 or 1)
        for _ = 1, codes and records or 0 do
            local env = envs[random(#envs)]
            local expected = naive.evaluate(tree, env)
            local key = expected == nil and "gave_up" or expected and "yes" or "no"
            counted[key] = counted[key] + 1
            for _, code in ipairs(expected ~= nil and codes or {}) do
                local got = evaluate(code, env)
                if got ~= (expected and 1 or 0) then
                    error(("%s\nover %q is %s, not %s"):format(text, env.data, tostring(got), key), 0)
                end
            end
        end
    end
    return counted
end

return M
