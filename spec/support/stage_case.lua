--- Programs and records for what tile functions of whole rules say: random rules, and regexes as people write them
-- with texts in which they match.
local hunch = require "hunch"
local parse = require "hunch.regex.parse".parse
local random_regex = require "support.random_regex"
local random_rules = require "support.random_rules"
local sample = require "support.sample_regex"
local stages = require "support.stage_module"

local M = {}

local engine

--- The program of a rule file as bytes, or nil and its first error.
function M.compile(source)
    engine = engine or assert(hunch.engine { cache = "", threads = 1, backend = "ref" })
    local rules, diagnostics = engine:compile { name = "case.lua", text = source }
    if rules then return rules:save(), rules end
    for _, d in ipairs(diagnostics) do
        if d.severity == "error" then return nil, d.message end
    end
end

--- A random rule set that compiles and records for it: { program =, rules =, source =, records = { bytes… } }, or nil.
function M.random(seed, most)
    local random = random_regex.generator(seed)
    local list = random_rules.rules(random)
    local bytes, rules = M.compile(random_rules.source(list))
    if not bytes then return nil end
    local case = { bytes = bytes, program = stages.load(bytes), rules = rules, source = random_rules.source(list),
        records = {} }
    for i = 1, 4 do case.records[i] = random_rules.record(random, list, most or 80) end
    return case
end

local function quoted(text) return ("%q"):format(text):gsub("\\\n", "\\n") end

--- Some of the real regexes, most of them changed a little, and texts that hold pieces of them. The same shape.
function M.real(seed)
    local random = random_regex.generator(seed)
    local source, trees = {}, {}
    while #source < 4 do
        local pattern = random_regex.REAL[random(#random_regex.REAL)]
        if random(3) > 1 then pattern = random_regex.mutate(random, pattern) end
        local tree = parse(pattern)
        if tree then
            source[#source + 1] = ("rule 'r%d' { confirm = { regex(%s) } }"):format(#source, quoted(pattern))
            if not M.compile(table.concat(source, "\n")) then
                source[#source] = nil
            else
                trees[#trees + 1] = tree
            end
        end
    end
    source = table.concat(source, "\n")
    local bytes, rules = M.compile(source)
    local case = { bytes = bytes, program = stages.load(bytes), rules = rules, source = source, records = {} }
    for i = 1, 3 do
        local parts = {}
        for k = 1, random(6) do
            local text = sample.sample(trees[random(#trees)], random, 20)
            if random(4) == 1 then text = text:sub(1, random(#text + 1) - 1) end
            parts[k] = text .. random_regex.text(random, 6)
        end
        case.records[i] = table.concat(parts)
    end
    return case
end

return M
