-- Graph rules beside text rules on a device: the host has what they found, and the answer is the same.
local fake_cuda = require "support.fake_cuda"

local SCRIPT = [==[
    local hunch = require "hunch"
    local RULES = [[
        rule "cmd" { language = "c", confirm = { taint { from = call "getenv", to = argument { "system", 1 } } } }
        rule "loop" { language = "c", confirm = { taint { from = call "getenv", to = loop_bound() } } }
        rule "word" { confirm = { regex "needle[0-9]" } }
        rule "more" { prefilter = any { "needle" }, confirm = { count { lit "e", at_least = 3 } } }]]
    local records = {
        { name = "b.c", data = "void run(void) { system(name()); }" },
        { name = "t.txt", data = "a needle7, system getenv" },
        { name = "a.c", data = 'char *name(void) { return getenv("N"); } /* needle3 */' },
        { name = "quiet.c", data = "void f(void) { system(name()); }" },
        { name = "none.c", data = "int x;" },
    }
    local answers = {}
    for i, backend in ipairs { "ref", "cuda" } do
        local engine = assert(hunch.engine { backend = backend, cache = ... })
        local rules = assert(engine:compile { name = "x", text = RULES })
        for k, route in ipairs { "auto", "chained", "serial", "fused" } do
            local result = assert(rules:scan(records, { route = route }))
            local list = {}
            for m, match in ipairs(result.matches) do
                list[m] = ("%s %s %d-%d %d"):format(match.record, match.rule, match.first, match.last,
                    match.witness and #match.witness or 0)
            end
            for _, lost in ipairs(result.incomplete) do list[#list + 1] = "lost " .. lost.reason end
            answers[#answers + 1] = table.concat(list, ", ")
            assert(not result.stats.note, result.stats.note)
        end
    end
    for i = 2, #answers do assert(answers[i] == answers[1], answers[i] .. "\n" .. answers[1]) end
    print(answers[1])
]==]

describe("graph rules with the backend cuda", function()
    local fake

    before_each(function() fake = fake_cuda.new() end)
    after_each(function() fake:remove() end)

    it("find what they find without, on every route", function()
        local output, status = fake:lua("", SCRIPT, "")
        assert.equal(0, status, output)
        assert.matches("^b%.c cmd 18%-31 %d, t%.txt word 3%-9 0, t%.txt more .*, a%.c word .*, a%.c more .*, "
            .. "quiet%.c cmd 16%-29 %d\n$", output)
    end)
end)
