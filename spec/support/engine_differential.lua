--- The whole engine against the naive one: random rules over random records, by every backend, number of threads, tile
-- size and way in. The first difference is an error that shows the case.
local generator = require "support.random_regex".generator
local module = require "support.engine_module"
local naive = require "support.naive_engine"
local random_rules = require "support.random_rules"

local M = {}

local NAMES = { "r.txt", "src/a.c", "b/ab", "x", "src/b.txt", "z\255" }

-- ---- results as text ----------------------------------------------------------------------------

local function show_match(m)
    local captures = {}
    for i, c in ipairs(m.captures) do captures[i] = c and c[1] .. "-" .. c[2] or "none" end
    return (("%s %s %d..%d line %d:%d %q <%q|%q> [%s] %s %s"):format(m.record, m.rule, m.first, m.last, m.line,
        m.column, m.text, m.before, m.after, table.concat(captures, " "), m.severity, m.title or ""):gsub("\n", "n"))
end

local function show(matches, lost)
    local out = {}
    for _, m in ipairs(matches) do out[#out + 1] = type(m) == "string" and m or show_match(m) end
    for _, l in ipairs(lost) do out[#out + 1] = ("%s %s: %s"):format(l.record, l.rule, l.reason) end
    return table.concat(out, "\n")
end

-- What the naive engine says of a record; kept where the name of the record cannot matter.
local function naive_scan(case, record)
    local kept = case.known[case.options] or {}
    case.known[case.options] = kept
    local key = (case.asks_name and record.name or "") .. "\0" .. record.data
    kept[key] = kept[key] or { naive.scan(case.rules, record.name, record.data, case.options) }
    return kept[key][1], kept[key][2]
end

local function expected_of(case, records)
    local matches, lost = {}, {}
    for _, record in ipairs(records) do
        local found, missing = naive_scan(case, record)
        for _, match in ipairs(found) do
            match.record = record.name
            matches[#matches + 1] = show_match(match)
        end
        for _, entry in ipairs(missing) do
            if case.reported[entry.rule] then
                lost[#lost + 1] = { record = record.name, rule = entry.rule, reason = entry.reason }
            end
        end
    end
    return show(matches, lost)
end

-- Entries of rules that are only needed by others are not compared: whether those were asked is nobody's business.
local function result_of(case, result)
    local lost = {}
    for _, entry in ipairs(result.incomplete) do
        if not entry.rule or case.reported[entry.rule] then lost[#lost + 1] = entry end
    end
    return show(result.matches, lost)
end

-- ---- rules that the compiler takes ----------------------------------------------------------------

local REFUSED = { -- what random rules may be guilty of
    E107 = true, E203 = true, E207 = true, E305 = true, E306 = true, E307 = true, E402 = true, E501 = true,
    E503 = true, E601 = true, E602 = true, E706 = true, E707 = true,
}

local function without(list, faulty)
    local kept = {}
    for _, rule in ipairs(list) do
        if not faulty[rule.name] then kept[#kept + 1] = rule end
    end
    return kept
end

local function compile(engine, rules)
    while #rules > 0 do
        local source = random_rules.source(rules)
        local compiled, diagnostics = engine:compile { text = source, name = "random.lua" }
        if compiled then return compiled, rules, source end
        local faulty = {}
        for _, d in ipairs(diagnostics) do
            if d.severity == "error" then
                if not REFUSED[d.code] or not d.rule then
                    error(("%s: %s\n%s"):format(d.code, d.message, source), 0)
                end
                faulty[d.rule] = true
            end
        end
        rules = without(rules, faulty)
    end
    return nil
end

-- ---- ways in --------------------------------------------------------------------------------------

local function write_file(path, data)
    local file = assert(io.open(path, "wb"))
    file:write(data)
    file:close()
end

local ways = {}

function ways.records(case, records, options)
    return assert(case.compiled:scan(records, options)), records
end

function ways.files(case, records, options)
    local paths, named = {}, {}
    for i, record in ipairs(records) do
        paths[i] = case.folder .. "/" .. record.name
        named[i] = { name = paths[i], data = record.data }
        write_file(paths[i], record.data)
    end
    return assert(case.compiled:scan_paths(paths, options)), named
end

function ways.stream(case, records, options)
    local record = records[1]
    local asked = { name = record.name }
    for key, value in pairs(options) do asked[key] = value end
    local stream = assert(case.compiled:stream(asked))
    local at = 1
    while at <= #record.data do
        local n = case.random(3) == 1 and case.random(200) or case.random(7) - 1
        assert(stream:feed(record.data:sub(at, at + n - 1)))
        at = at + n
    end
    return assert(stream:finish()), { record }
end

function ways.input(case, records, options)
    local record = { name = "-", data = records[1].data }
    return module.with_input(record.data, function()
        return assert(case.compiled:scan_paths({ "-" }, options))
    end), { record }
end

local TILES = { 1, 7, 16, 64, 200, 1024, 1 << 20 }

-- Small sizes, so that records of a few hundred bytes are sliced, spilled, searched in windows, and have too many hits.
local function sizes(random)
    local small = random(3) > 1
    return {
        record_most = small and random(60) or 16 << 20, slice = small and random(80) or 4 << 20,
        window = small and 15 + random(80) or 1 << 20, stream_most = small and random(100) or 64 << 20,
        inline_most = random(2) == 1 and 1 << 20 or 0, hits_most = random(3) == 1 and random(20) or 1 << 20,
        slab = random(2) == 1 and 16 + random(200) or 1 << 16, batch = random(2) == 1 and random(300) or 1 << 20,
        matches_most = random(2) == 1 and random(400) or 16 << 20,
    }
end

local function lines_of(text)
    local list = {}
    for line in (text .. "\n"):gmatch "([^\n]*)\n" do list[#list + 1] = line end
    return list
end

local function same(case, way, settings, got, expected)
    if got == expected then return end
    local want, have, at = lines_of(expected), lines_of(got), 1
    while want[at] == have[at] do at = at + 1 end
    error(("case %d, %s, %s\n%s\nresult %d of %d expected and %d found should be\n%s\nand is\n%s"):format(case.seed,
        way, settings, case.shown, at, #want, #have, want[at] or "no more", have[at] or "no more"), 0)
end

local function describe(engine_sizes, options)
    local parts = {}
    for _, from in ipairs { engine_sizes, options } do
        local keys = {}
        for key, value in pairs(from) do
            if type(value) ~= "table" then keys[#keys + 1] = key end
        end
        table.sort(keys)
        for _, key in ipairs(keys) do parts[#parts + 1] = key .. "=" .. tostring(from[key]) end
    end
    return table.concat(parts, " ")
end

-- What no route changes of the counters, and what only the fused one may do.
local function counters(result, options)
    local stats = result.stats
    assert(stats.committed + stats.rolled_back == stats.tiles, "committed and rolled back are not all tiles")
    assert(stats.speculated <= stats.tiles, "more speculated than there are")
    if options.route then
        assert(options.route == "fused" or stats.speculated == 0, "speculated on a route that does not")
        for route, count in pairs(stats.routes) do
            assert(route == options.route and count > 0 or count == 0, "dispatches of a route that was not asked for")
        end
    end
    return ("tiles %d, committed %d, rolled back %d"):format(stats.tiles, stats.committed, stats.rolled_back)
end

local function scan_once(case, way, records, counts)
    local random = case.random
    local engine_sizes = sizes(random)
    module.sizes(case.engine, engine_sizes)
    local backend = case.device and random(2) == 1 and "cuda" or random(3) == 1 and "ref" or "cpu"
    local options = { backend = backend, threads = ({ 1, 2, 4 })[random(3)],
        tile_size = TILES[random(#TILES)], max_matches = case.options.max_matches, rules = case.options.rules,
        private = case.options.private, profile = random(4) == 1,
        policy = random(3) == 1 and "commit-rate" or nil }
    -- Records go every way there is, files and the rest one of them.
    local all = { "fused", "chained", "serial" }
    local routes = way == "records" and all or { all[random(#all + 1)] or false }
    local result, named, counted
    for _, route in ipairs(routes) do
        options.route = route or nil
        result, named = ways[way](case, records, options)
        assert(result.stats.note == nil, result.stats.note)
        local settings = describe(engine_sizes, options)
        same(case, way, settings, result_of(case, result), expected_of(case, named))
        local now = counters(result, options)
        same(case, way, settings, now, counted or now)
        counted = now
        counts.scans = counts.scans + 1
        counts.speculated = counts.speculated + result.stats.speculated
        counts.rolled_back = counts.rolled_back + result.stats.rolled_back
    end
    for _, record in ipairs(named) do counts.bytes = counts.bytes + #record.data end
    counts.matches = counts.matches + #result.matches
    counts.incomplete = counts.incomplete + #result.incomplete
end

function M.choose_reported(case)
    case.reported = {}
    local chosen = {}
    for _, name in ipairs(case.options.rules or {}) do chosen[name] = true end
    for _, rule in ipairs(case.rules) do
        case.reported[rule.name] = (not rule.private or case.options.private or false)
            and (not case.options.rules or chosen[rule.name] or false)
    end
end

local function new_case(seed, settings)
    local random = generator(seed)
    local case = { seed = seed, random = random, engine = settings.engine, folder = settings.folder,
        device = settings.attach ~= nil }
    local compiled, rules, source = compile(case.engine, random_rules.rules(random))
    if not compiled then return nil end
    case.compiled, case.rules, case.source = compiled, rules, source
    case.asks_name = source:find("path", 1, true) ~= nil
    return case
end

--- New options and records for the rules of a case.
local function new_records(case)
    local random, rules = case.random, case.rules
    case.known = {}
    case.options = { max_matches = random(5) == 1 and random(3) or nil, private = random(6) == 1 or nil }
    if random(6) == 1 then
        local one, other = rules[random(#rules)], rules[random(#rules)]
        case.options.rules = { one.name, other.name }
        -- A choice of private rules alone is refused.
        if one.private and other.private then case.options.private = true end
    end
    M.choose_reported(case)
    case.records = {}
    for i = 1, random(5) do
        case.records[i] = { name = NAMES[i], data = random_rules.record(random, rules, random(8) == 1 and 500 or 60) }
    end
    local shown = { case.source }
    for _, record in ipairs(case.records) do shown[#shown + 1] = ("%s %q"):format(record.name, record.data) end
    case.shown = table.concat(shown, "\n")
end

--- Runs the rule sets of the seeds first..last over `rounds` (1) sets of records each. Returns { cases =, scans =,
-- bytes =, matches =, incomplete =, refused =, gave_up = }; a case is a rule set with a set of records.
-- attach(engine): gives it a device; half of the scans then run on that.
function M.run(first, last, rounds, attach)
    local folder = os.tmpname()
    os.remove(folder)
    assert(os.execute(("mkdir -p '%s/src' '%s/b'"):format(folder, folder)))
    rounds = rounds or 1
    local settings = { engine = assert(module.core.engine { cache = "" }), folder = folder, attach = attach }
    if attach then attach(settings.engine) end
    local counts = { cases = 0, scans = 0, bytes = 0, matches = 0, incomplete = 0, refused = 0, gave_up = 0,
        speculated = 0, rolled_back = 0 }
    local ok, message = pcall(function()
        for seed = first, last do
            local case = new_case(seed, settings)
            counts.refused = counts.refused + (case and 0 or 1)
            for _ = 1, case and rounds or 0 do
                new_records(case)
                counts.cases = counts.cases + 1
                for _, way in ipairs { "records", "files", "stream", "input" } do
                    local went, why = pcall(scan_once, case, way, case.records, counts)
                    if not went and why == naive.gave_up then
                        counts.gave_up = counts.gave_up + 1
                        break
                    end
                    if not went then error(why, 0) end
                end
            end
        end
    end)
    os.execute(("rm -rf '%s'"):format(folder))
    if not ok then error(message, 0) end
    return counts
end

return M
