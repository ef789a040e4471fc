-- `hunch explain`: what the compiler made of rules, as the core tells it.
local M = {}

local json = require "hunch.report.json"
local outline = require "hunch.cli.outline"
local rules_of = require "hunch.cli.rules"
local visible = require "hunch.report.visible"

function M.run(values, env)
    local engine = rules_of.engine_for(env, values, values.rules, "explain")
    if not engine then
        return 2
    end
    local explained, problem = engine:explain(values.rules, values.rule)
    if not explained then
        if rules_of.interrupted(env) then
            return 130
        elseif type(problem) == "table" then
            rules_of.show(env, problem)
        else
            env.stderr:write("hunch: ", tostring(problem), "\n")
        end
        return 2
    end
    if not values.rule and rules_of.none(env, explained.rules, values.rules) then
        return 2
    elseif values.rule and #explained.rules == 0 then
        env.stderr:write("hunch: no rule is named '", visible.escape(values.rule), "'\n")
        return 2
    end
    if values.format == "jsonl" then
        env.stdout:write(json.encode(explained), "\n")
    elseif type(explained.text) == "string" then
        env.stdout:write(explained.text)
    else
        env.stdout:write(outline.render(explained))
    end
    return 0
end

return M
