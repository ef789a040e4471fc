-- Counter-examples are fed to the engine: the rule with the refuted prefilter finds nothing in the text, the same rule
-- without a prefilter does. And where a prefilter was proved, the two find the same.
local core = require "hunch.core"
local emit = require "hunch.regex.emit"
local imply = require "hunch.regex.imply"
local parse = require "hunch.regex.parse"

local random_literals = require "support.random_literals"
local random_regex = require "support.random_regex"
local sample_regex = require "support.sample_regex"

local engine = assert(core.engine { backend = "ref", threads = 1 })

local function quote(bytes)
    return '"' .. bytes:gsub("[^%w]", function(c) return ("\\x%02x"):format(c:byte()) end) .. '"'
end

local function source(expr)
    local items = {}
    for i, item in ipairs(expr.items) do
        if item.items then
            items[i] = source(item)
        else
            items[i] = ("lit(%s%s%s)"):format(quote(item.bytes), item.nocase and ', "nocase"' or "",
                item.word and ', "word"' or "")
        end
    end
    local list = "{ " .. table.concat(items, ", ") .. " }"
    return expr.kind == "at_least" and ("at_least(%d, %s)"):format(expr.n, list) or expr.kind .. " " .. list
end

-- A pair of rules: gated by the prefilter, and by nothing.
local function compile(pattern, expr)
    return engine:compile { name = "r.lua", text = ([[
        rule "gated" { prefilter = %s, confirm = { regex(%s) } }
        rule "free" { confirm = { regex(%s) } }]]):format(source(expr), quote(pattern), quote(pattern)) }
end

local function scan(rules, text)
    local found = { gated = {}, free = {} }
    for _, match in ipairs(rules:scan({ { name = "t", data = text } }, {}).matches) do
        table.insert(found[match.rule], match.first .. "-" .. match.last)
    end
    return table.concat(found.gated, " "), table.concat(found.free, " ")
end

describe("a prefilter in the engine", function()
    it("refuses the counter-example that was shown for it, and nothing where it was proved", function()
        local random = random_regex.generator(40)
        local refuted, proved, matched = 0, 0, 0
        for _ = 1, os.getenv("HUNCH_SAN") and 40 or 400 do
            local pattern = random_literals.pattern(random, 2)
            local tree = parse.parse(pattern, "")
            local expr = random_literals.expr(random, 1)
            local rules = tree and compile(pattern, expr)
            if rules then
                local result = imply.implied(tree, expr, assert(emit.emit(tree)))
                if result.text then
                    local gated, free = scan(rules, result.text)
                    assert.equal("", gated, pattern .. " with " .. source(expr))
                    assert.not_equal("", free, pattern .. " with " .. source(expr))
                    refuted = refuted + 1
                elseif result.implied and not random_literals.has_none(expr) then
                    proved = proved + 1
                    for _ = 1, 5 do
                        local text = random_regex.text(random, 8) .. sample_regex.sample(tree, random)
                            .. random_regex.text(random, 8)
                        local gated, free = scan(rules, text)
                        assert.equal(free, gated, pattern .. " with " .. source(expr))
                        matched = matched + (free ~= "" and 1 or 0)
                    end
                end
            end
        end
        assert.is_true(refuted > 10 and proved > 5 and matched > 10)
    end)
end)
