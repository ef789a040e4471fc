-- `hunch info`: versions, backends, devices, caches.
local M = {}

local json = require "hunch.report.json"
local outline = require "hunch.cli.outline"
local rules_of = require "hunch.cli.rules"

function M.run(values, env)
    local engine, message = rules_of.engine(env, values)
    if not engine then
        env.stderr:write("hunch: ", tostring(message), "\n")
        return 2
    end
    local facts = {}
    for key, value in pairs(engine:info()) do
        facts[key] = value
    end
    facts.version = facts.version or env.core.version
    facts.lua = facts.lua or _VERSION
    env.stdout:write(values.format == "jsonl" and json.encode(facts) .. "\n" or outline.render(facts))
    return 0
end

return M
