-- `hunch info`: versions, backends, devices, caches, and what scans have learned.
local M = {}

local json = require "hunch.report.json"
local outline = require "hunch.cli.outline"
local rules_of = require "hunch.cli.rules"

local ROUTES = { "fused", "chained", "serial" }

-- What is learned of the routes of a group, in the store's entry.
local function routes_of(entry)
    local learned = entry.learned
    local out = {
        what = "routes", key = entry.key, program = learned.program, rules = learned.rules, group = learned.group,
        backend = learned.backend, adapter = learned.adapter ~= "" and learned.adapter or nil,
        policy = learned.policy, commit_rate_ppm = learned.hit_rate_ppm, samples = learned.samples,
        route = learned.route, recorded_at = entry.recorded_at,
    }
    if learned.policy == "cost-model" then
        out.predicted = { bytes = learned.bytes, tiles = learned.tiles, ns = learned.predicted_ns }
    end
    return out
end

-- The verdict of a race; what scans have raced says more.
local function variants_of(entry)
    local scans = entry.variants or {}
    return { what = "variants", key = entry.key, winner = entry.winner, median_ns = entry.median_ns,
             samples = entry.samples, workgroup = entry.workgroup, unroll = entry.unroll, tile = entry.tile,
             recorded_at = entry.recorded_at, program = scans.program, rules = scans.rules, adapter = scans.adapter,
             bytes = scans.bytes, from_bytes = scans.from_bytes, raced = scans.raced, problem = scans.problem }
end

-- Verdicts of older kernels of hunch stay in the store for a while: the last one counts.
local function latest(list)
    local out, place = {}, {}
    for _, entry in ipairs(list) do
        local of = entry.raced and table.concat({ entry.program, entry.adapter, entry.from_bytes }, "\0")
        local known = of and place[of]
        if not known then
            out[#out + 1] = entry
            if of then place[of] = #out end
        elseif entry.recorded_at > out[known].recorded_at then
            out[known] = entry
        end
    end
    return out
end

-- All entries, those of one backend and program together.
local function tuning_of(env, cache)
    local list = {}
    local store = cache and env.core.autotune(cache .. "/autotune")
    for _, entry in ipairs(store and store:list() or {}) do
        if not entry.variants or entry.variants.verdict then -- else the same lies under another key
            list[#list + 1] = entry.learned and routes_of(entry) or variants_of(entry)
        end
    end
    list = latest(list)
    local function place(entry)
        return table.concat({ entry.what, entry.backend or "", entry.program or "", entry.group or "",
                              entry.policy or "", ("%016d"):format(entry.from_bytes or 0), entry.key }, "\0")
    end
    table.sort(list, function(a, b) return place(a) < place(b) end)
    return list
end

-- A store takes any time, os.date only years of few digits.
local LAST = 253402300799 -- of the year 9999

local function date(seconds)
    if seconds < 0 or seconds > LAST then return ("%d seconds after 1970"):format(seconds) end
    return os.date("!%Y-%m-%d %H:%M:%S UTC", seconds)
end

local function show_routes(entry)
    local out = {
        title = ("group %s of program %s on %s"):format(entry.group, entry.program:sub(1, 12), entry.backend),
        rules_of_the_program = entry.rules, policy = entry.policy, adapter = entry.adapter,
        commit_rate = ("%.1f %% of the tiles, after %d dispatches"):format(entry.commit_rate_ppm / 1e4, entry.samples),
        recorded = date(entry.recorded_at),
    }
    if entry.predicted then
        local parts = {}
        for i, route in ipairs(ROUTES) do
            parts[i] = ("%s %.3f ms"):format(route, entry.predicted.ns[route] / 1e6)
        end
        out.predicted = ("%s, for %d KiB in %d tiles"):format(table.concat(parts, ", "),
                                                              entry.predicted.bytes // 1024, entry.predicted.tiles)
    end
    out.next_route = entry.route
    return out
end

local function show_variants(entry)
    return {
        title = "kernel " .. entry.key:sub(1, 12), winner = entry.winner, tile = entry.tile, unroll = entry.unroll,
        block = entry.workgroup, recorded = date(entry.recorded_at),
        median = ("conservative %.3f ms, speculative %.3f ms"):format(entry.median_ns.conservative / 1e6,
                                                                      entry.median_ns.speculative / 1e6),
    }
end

local function shape(raced)
    return ("%d lanes, %d ahead"):format(raced.workgroup, raced.unroll)
end

-- The kernel that searches for literals, of one program and size of dispatches.
local function show_raced(entry)
    local out = {
        title = ("search for literals of program %s, dispatches from %d KiB on"):format(entry.program:sub(1, 12),
                                                                                       entry.from_bytes // 1024),
        rules_of_the_program = entry.rules, adapter = entry.adapter, recorded = date(entry.recorded_at),
        winner = "conservative", raced = {}, problem = entry.problem,
    }
    for i, raced in ipairs(entry.raced) do
        local ms = raced.median_ns
        out.raced[i] = ("%s: %.4f ms, conservative %.4f ms, for %d MiB; medians of %d and %d; compiled in %.0f ms")
            :format(shape(raced), ms.speculative / 1e6, ms.conservative / 1e6, entry.bytes >> 20,
                    raced.samples.speculative, raced.samples.conservative, raced.compile_ns / 1e6)
        if raced.wins then out.winner = "speculative, " .. shape(raced) end
    end
    if #out.raced == 0 then out.raced = "nothing" end
    return out
end

local function show(list)
    local out = {}
    for i, entry in ipairs(list) do
        out[i] = entry.what == "routes" and show_routes(entry) or entry.raced and show_raced(entry)
                     or show_variants(entry)
    end
    return #out > 0 and out or "nothing is kept"
end

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
    local tuning = values.tuning and tuning_of(env, facts.cache)
    if values.format == "jsonl" then
        facts.tuning = tuning and #tuning > 0 and tuning or nil
        env.stdout:write(json.encode(facts), "\n")
    else
        facts.tuning = tuning and show(tuning) or nil
        env.stdout:write(outline.render(facts))
    end
    return 0
end

return M
