--- Large programs of random rules: the answers of the backend cuda, by every route and by the kernels that are compiled
-- for the program, against those of ref. The first difference is an error that shows the program's seed.
local generator = require "support.random_regex".generator
local module = require "support.engine_module"
local random_rules = require "support.random_rules"

local M = {}

local TILES = { 64, 4096, 1 << 20 }
local PATIENCE = 600 -- scans until the forms compiled for a program must have been raced

-- ---- a program ------------------------------------------------------------------------------------

-- Rules as they are drawn, set by set, a set's with names of their own; rules of a set ask for each other. `global`
-- would let a record pass only where a rule of one set in twenty matches, and `private` hides the answer.
local function draw(random, count)
    local list, sets = {}, {}
    while #list < count do
        local set = random_rules.rules(random)
        sets[#sets + 1] = set
        for _, rule in ipairs(set) do
            rule.global, rule.private = nil, nil
            list[#list + 1] = { rule = rule, name = rule.name .. "_" .. #sets, set = set, number = #sets }
        end
    end
    return list, sets
end

-- The text of rules: each under its new name, and so are those of its set that it asks for.
local function source_of(list)
    local out = {}
    for i, each in ipairs(list) do
        local source = random_rules.source { each.rule }
        for _, other in ipairs(each.set) do
            local name, new = other.name:gsub("%p", "%%%0") .. "%f[^%w_]", other.name .. "_" .. each.number
            -- A quote in a quoted text is \034, and its digits are no part of the name behind it.
            source = source:gsub("\\034" .. name, "\\034" .. new):gsub("%f[%w_]" .. name, new)
        end
        out[i] = source
    end
    return table.concat(out)
end

-- About `count` rules as one program, and the sets that they are of. The compiler refuses a fifth of what is drawn.
local function program(random, engine, count)
    local list, sets = draw(random, count + count // 4)
    while true do
        local compiled, diagnostics = engine:compile { text = source_of(list), name = "random.lua" }
        if compiled then return compiled, sets, #list end
        local faulty, kept = {}, {}
        for _, d in ipairs(diagnostics) do
            if d.severity == "error" then faulty[d.rule or error(d.message, 0)] = true end
        end
        for _, each in ipairs(list) do
            if not faulty[each.name] then kept[#kept + 1] = each end
        end
        assert(#kept < #list, "rules are refused, and it is not said which")
        list = kept
    end
end

local function records_of(random, sets, count, most)
    local records = {}
    for i = 1, count do
        local set = sets[random(#sets)]
        records[i] = { name = ("%d/%s"):format(i, random(2) == 1 and "a.txt" or "b"),
            data = random_rules.record(random, set, most) }
    end
    return records
end

-- A program of `count` literals of `least` to `least` + 6 bytes of four letters, one a rule, and records full of them,
-- whole and cut.
local function long_literals(random, engine, count, least)
    local words, rules, records = {}, {}, {}
    for i = 1, count do
        local letters = {}
        for k = 1, least - 1 + random(7) do letters[k] = ("abAB"):sub(random(4)):sub(1, 1) end
        words[i] = table.concat(letters)
        rules[i] = ("rule 'long%d' { prefilter = any { lit(%q%s) } }\n"):format(i, words[i],
            random(4) == 1 and ", 'nocase'" or "")
    end
    for i = 1, 10 do
        local out = {}
        for k = 1, random(400) do
            local word = words[random(count)]
            out[k] = random(3) == 1 and word:upper() or word:sub(random(2), -random(2))
            if random(2) == 1 then out[k] = out[k] .. ("."):rep(random(9) - 1) end
        end
        records[i] = { name = i .. "/a.txt", data = table.concat(out) }
    end
    return assert(engine:compile { text = table.concat(rules), name = "long.lua" }), records, count
end

-- ---- answers --------------------------------------------------------------------------------------

local function show(result)
    local out = {}
    for _, m in ipairs(result.matches) do
        local line = { m.record, m.rule, m.first, m.last, m.line, m.column, m.severity, m.title or "" }
        for _, c in ipairs(m.captures) do line[#line + 1] = c and c[1] .. "-" .. c[2] or "none" end
        out[#out + 1] = table.concat(line, " ")
    end
    for _, l in ipairs(result.incomplete) do out[#out + 1] = ("%s %s %s"):format(l.record, l.rule, l.reason) end
    return table.concat(out, "\n")
end

local function first_difference(wanted, got)
    local want, have = wanted:gmatch "[^\n]+", got:gmatch "[^\n]+"
    for number = 1, math.huge do
        local a, b = want(), have()
        if a ~= b then return ("line %d should be\n%s\nand is\n%s"):format(number, a or "none", b or "none") end
    end
end

-- Are there winners of the search for literals in the store, for every class of batches that was seen?
local function is_raced(store)
    for _, entry in ipairs(store:list()) do
        if entry.variants then return true end
    end
    return false
end

-- Forms compiled for the program search once the first batch was seen; scans until one has won, or nothing could be
-- compiled.
local function race(compiled, records, wanted, options, store, counts)
    for _ = 1, PATIENCE do
        local result = assert(compiled:scan(records, options))
        assert(not result.stats.note, result.stats.note)
        counts.scans = counts.scans + 1
        local got = show(result)
        if got ~= wanted then error("compiled for the program: " .. first_difference(wanted, got), 0) end
        if is_raced(store) then return true end
    end
    return false
end

--- One program of some `rules` rules for a seed. settings: rules, records, most (bytes of one), backend ("cuda"), cache
-- (folder for compiled kernels and what races found, of this program alone), races (true: scans go on until forms
-- compiled for the program were raced), attach(engine), least (instead of `records` and `most`: a rule is a literal of
-- so many bytes at least). Adds to counts, which M.counts() makes.
function M.run(seed, settings, counts)
    local random = generator(seed)
    local engine = assert(module.core.engine { cache = settings.cache or "" })
    module.sizes(engine, { race_after = 0, race_least = 1 })
    if settings.attach then settings.attach(engine) end
    local compiled, records, size
    if settings.least then
        compiled, records, size = long_literals(random, engine, settings.rules, settings.least)
    else
        local sets
        compiled, sets, size = program(random, engine, settings.rules)
        records = records_of(random, sets, settings.records, settings.most)
    end
    local options = { max_matches = 8, backend = "ref" }
    local reference = assert(compiled:scan(records, options))
    local wanted = show(reference)
    options.backend = settings.backend or "cuda"
    for _, route in ipairs { "fused", "chained", "serial" } do
        for _, tile_size in ipairs(TILES) do
            options.route, options.tile_size = route, tile_size
            local result = assert(compiled:scan(records, options))
            assert(not result.stats.note, result.stats.note)
            local got = show(result)
            if got ~= wanted then
                error(("seed %d, %s, tiles of %d: %s"):format(seed, route, tile_size, first_difference(wanted, got)), 0)
            end
            counts.scans = counts.scans + 1
        end
    end
    if settings.races then
        options.route, options.tile_size = "chained", nil
        local store = module.core.autotune(settings.cache .. "/autotune")
        counts.raced = counts.raced + (race(compiled, records, wanted, options, store, counts) and 1 or 0)
    end
    counts.programs = counts.programs + 1
    counts.rules = counts.rules + size
    for _, record in ipairs(records) do counts.bytes = counts.bytes + #record.data end
    counts.matches = counts.matches + #reference.matches
    counts.incomplete = counts.incomplete + #reference.incomplete
end

function M.counts() return { programs = 0, rules = 0, scans = 0, bytes = 0, matches = 0, incomplete = 0, raced = 0 } end

return M
