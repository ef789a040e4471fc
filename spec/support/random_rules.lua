--- Random rule sets for the differential of the whole engine, the records to scan with them, and how they are written.
-- A rule is a table that naive_engine.lua evaluates; source(rules) is the same as a rule file.
local conditions = require "support.random_condition"
local random_regex = require "support.random_regex"
local parse = require "hunch.regex.parse".parse

local M = {}

local function choose(random, list) return list[random(#list)] end

local function chance(random, percent) return random(100) <= percent end

-- ---- patterns -----------------------------------------------------------------------------------

local LETTERS = { "a", "b", "c", "a", "b", "A", "B", "1", "_", " ", "\n", "-", "\0", "\255" }

local function text(random, most)
    local out = {}
    for i = 1, random(most) do out[i] = chance(random, 80) and LETTERS[random(5)] or choose(random, LETTERS) end
    return table.concat(out)
end

local function literal(random)
    return { kind = "literal", bytes = text(random, 4), nocase = chance(random, 25) or nil,
        wide = chance(random, 10) or nil, word = chance(random, 20) or nil }
end

local HEX = {
    "61", "61 62", "62 61 63", "61 ?? 62", "6? 62", "61 [0-2] 62", "61 (62 | 63 61) 61", "~61 62", "61 [1-] 63",
    "?? 61", "61 [2] 61", "(61 | 62 62)", "61 ~6? 61", "41 [-] 62", "61 62 [0-3] (61 | 62) ?1",
}

local function hex(random) return { kind = "hex", source = choose(random, HEX) } end

-- Pieces of regexes that have literals in them, as those of real rules.
local PIECES = {
    "ab", "ba", "abc", "a", "b", "cab", "[ab]{2}", "[a-c]*", "[ab]+?", "\\w{1,3}", ".", ".*", ".{0,3}", "\\s?",
    "[^\\n]{2,}",
    "(?:a|bc)", "(?:ab|ba|c)", "(?i:aB)", "\\b", "a?", "[\\s\\S]{1,4}?", "_", "1", "(?:ab)+", "[0-9A-Z]{1,2}", "$", "^",
    "(?:a(?:bc)?|cb)", "[a-c]{3,5}", "(?:[ab]c)*?",
}

local function regex_text(random)
    if chance(random, 25) then return random_regex.pattern(random, random(3)) end
    local out, named = {}, false
    for _ = 1, random(4) do
        local piece = choose(random, PIECES)
        if chance(random, 15) and not named then
            piece, named = "(?P<n>" .. piece .. ")", true
        elseif chance(random, 25) then
            piece = "(" .. piece .. ")"
        end
        out[#out + 1] = piece
    end
    local pattern = table.concat(out)
    if chance(random, 15) then pattern = pattern .. "|" .. choose(random, PIECES) end
    return pattern
end

local FLAGS = { "i", "m", "s", "U", "im" }

--- pattern, flags, info
local function regex_parts(random)
    for _ = 1, 20 do
        local pattern = regex_text(random)
        local flags = chance(random, 20) and choose(random, FLAGS) or nil
        local tree, info = parse(pattern, flags or "")
        if tree then return pattern, flags, info end
    end
    return "ab", nil, { groups = 0, names = {} }
end

local function regex(random)
    local pattern, flags = regex_parts(random)
    return { kind = "regex", pattern = pattern, flags = flags }
end

local function pattern_of_any_kind(random)
    local kind = random(10)
    if kind <= 4 then return literal(random) end
    if kind <= 6 then return hex(random) end
    return regex(random)
end

local function expression(random, depth)
    local kind = choose(random, { "any", "any", "all", "none", "at_least" })
    local items = {}
    for i = 1, random(3) do
        if depth > 1 and chance(random, 25) then
            items[i] = expression(random, depth - 1)
        else
            items[i] = chance(random, 80) and literal(random) or hex(random)
        end
    end
    return { kind = kind, n = kind == "at_least" and random(#items) or nil, items = items }
end

-- ---- stages -------------------------------------------------------------------------------------

local PATHS = { "\\.txt$", "(?:^|/)a[^/]*$", "src/", "b", "^-$" }

-- What a host function does, twice.
local HOSTS = {
    { source = "function(m) return #m.text % 2 == 0 end", fn = function(m) return #m.text % 2 == 0 end },
    { source = "function(m) return m.text:find('b', 1, true) ~= nil end",
      fn = function(m) return m.text:find("b", 1, true) ~= nil end },
    { source = "function(m) return { severity = 'low', title = 't' .. m.text:gsub('[^a-z]', '') } end",
      fn = function(m) return { severity = "low", title = "t" .. m.text:gsub("[^a-z]", "") } end },
    { source = "function(m) if #m.text == 2 then return nil end return true end", fails = true,
      fn = function(m) if #m.text == 2 then return nil end return true end },
    { source = "function(m) if #m.text > 1 then return { first = m.first + 1 } end return m.line == 1 end",
      fn = function(m) if #m.text > 1 then return { first = m.first + 1 } end return m.line == 1 end },
    { source = "function(m, r) return r:sub(m.first, m.last) == m.text and r.size >= m.last end",
      fn = function() return true end },
    { source = "function(m) return { title = (m.title or 'none') .. m.severity .. m.line .. m.column } end",
      fn = function(m) return { title = (m.title or "none") .. m.severity .. m.line .. m.column } end },
    { source = "function(m) return m.severity ~= 'low' and { severity = 'low' } end",
      fn = function(m) return m.severity ~= "low" and { severity = "low" } end },
}

local TYPES = { "u8", "i8", "u16le", "i16be", "u32be", "i32le", "u64le", "i64be" }

local make = {}

local function capture(random, context)
    local info = context.info
    if not info or chance(random, 40) then return nil end
    if info.names.n and chance(random, 40) then return "n" end
    if chance(random, 30) then return "first" end
    return info.groups > 0 and random(info.groups) or nil
end

function make.regex(random, context)
    local pattern, flags, info = regex_parts(random)
    context.info = info
    return { kind = "regex", pattern = pattern, flags = flags, capture = capture(random, context) }
end

function make.path(random) return { kind = "path", pattern = choose(random, PATHS) } end

function make.count(random)
    local stage = { kind = "count", target = pattern_of_any_kind(random) }
    local within = random(4)
    stage.within = within == 1 and "line" or within == 2 and random(6) or within == 3 and "record" or nil
    if chance(random, 60) then stage.at_least = random(3) end
    if chance(random, 30) then stage.at_most = (stage.at_least or 0) + random(3) - 1 end
    return stage
end

function make.near(random, context)
    local stage = { kind = "near", within = random(5) - 1, unit = chance(random, 50) and "lines" or nil }
    if context.index > 1 and chance(random, 50) then
        stage.target = { kind = "rule", name = context.names[random(context.index - 1)] }
    else
        stage.target = pattern_of_any_kind(random)
    end
    local sides = random(4)
    if sides == 1 then stage.before = true elseif sides == 2 then stage.after = true end
    return stage
end

function make.entropy(random, context)
    local stage = { kind = "entropy", capture = capture(random, context) }
    stage[choose(random, { "at_least", "above" })] = choose(random, { 0, 0.3, 0.7, 0.95, 1.3 })
    return stage
end

function make.checksum(random, context)
    return { kind = "checksum", name = choose(random, { "luhn", "mod10", "mod11" }), of = capture(random, context),
        digits = chance(random, 20) and capture(random, context) or nil }
end

local function allow_list(kind)
    return function(random, context)
        local stage = { kind = kind }
        local place = random(5)
        if place == 1 then stage.on = "line" end
        if place == 2 then stage.capture = capture(random, context) end
        for _ = 1, random(2) do
            local list = choose(random, { "text", "equal", "regex", "path", "words" })
            local items = {}
            for i = 1, random(2) do
                items[i] = list == "regex" and regex_parts(random) or list == "path" and choose(random, PATHS)
                    or list == "words" and choose(random, { "a", "AB", "bA", "c1" }) or text(random, 3)
            end
            stage[list] = items
        end
        return stage
    end
end

make.except, make.only = allow_list "except", allow_list "only"

function make.field(random)
    local from = choose(random, { "start", "start", "end", "match" })
    local stage = { kind = "field", at = random(12) - 1, type = choose(random, TYPES),
        from = from ~= "start" and from or nil }
    if from ~= "start" and chance(random, 60) then stage.at = -stage.at end
    local bits = tonumber(stage.type:match "%d+")
    local value = random(4) == 1 and random(100) or 0x6161616161616161 >> (64 - bits)
    stage[choose(random, { "equal", "less", "more", "more" })] = value
    if chance(random, 20) then stage.mask = 0xf0 end
    return stage
end

function make.condition(random, context)
    local stage = { kind = "condition", patterns = {}, tree = conditions.random_tree(random(8), random) }
    for _, name in ipairs(conditions.patterns) do stage.patterns[name] = pattern_of_any_kind(random) end
    stage.source = conditions.write(stage.tree, random)
    context.asks = true
    return stage
end

function make.host(random)
    local host = choose(random, HOSTS)
    return { kind = "host", source = host.source, fn = host.fn, fails = host.fails }
end

-- A host stage that can fail stands last: whether it is asked of what a later stage would drop is not defined.
local function failing_last(stages)
    for i = #stages, 1, -1 do
        if stages[i].fails then
            local stage = table.remove(stages, i)
            stages[#stages + 1] = stage
        end
    end
end

local BEHIND = { "regex", "path", "count", "near", "near", "entropy", "checksum", "except", "only", "except", "field",
    "condition", "host" }

-- ---- rules --------------------------------------------------------------------------------------

-- Conditions ask for these: they come first and ask for nothing themselves.
local NAMES = { conditions.rules[1], conditions.rules[2], conditions.rules[3], "r4", "r5", "r6" }

local TITLES = { "A title", 'with "quotes" and \\', "\195\164\226\130\172", "severity", "a/b<c>" }

local function rule(random, index)
    local context = { index = index, names = NAMES }
    local out = { name = NAMES[index], confirm = {}, severity = chance(random, 20) and "high" or nil,
        title = chance(random, 40) and choose(random, TITLES) or nil, private = chance(random, 10) or nil,
        global = chance(random, 4) or nil }
    if chance(random, 60) then out.prefilter = expression(random, 2) end
    local finds = chance(random, 70) and "regex"
        or not out.prefilter and choose(random, { "count", "condition", "path", "near", "field" })
    if index <= 3 and finds == "condition" then finds = "regex" end
    if finds then out.confirm[1] = make[finds](random, context) end
    for _ = 1, random(4) - 1 do
        local kind = choose(random, BEHIND)
        if kind ~= "condition" or index > 3 then
            local at = #out.confirm > 0 and chance(random, 10) and kind ~= "regex" and 1 or #out.confirm + 1
            local info = context.info
            if at == 1 then context.info = nil end -- a stage before the regex knows no groups
            table.insert(out.confirm, at, make[kind](random, context))
            if at == 1 and kind ~= "regex" then context.info = info end
        end
    end
    failing_last(out.confirm)
    return out
end

--- 4 to 6 rules.
function M.rules(random)
    local list = {}
    for i = 1, 3 + random(3) do list[i] = rule(random, i) end
    for i = 1, chance(random, 3) and 100 or 0 do -- more than fit into small tables
        local prefilter = { kind = "any", items = { literal(random) } }
        list[#list + 1] = { name = "more" .. i, confirm = {}, prefilter = prefilter }
    end
    return list
end

-- ---- records ------------------------------------------------------------------------------------

local function snippets_of(value, out)
    if type(value) ~= "table" then return end
    if value.kind == "literal" then
        local bytes = value.wide and value.bytes:gsub(".", "%0\0") or value.bytes
        out[#out + 1] = bytes
        if value.nocase then out[#out + 1] = bytes:upper() end
    elseif value.kind == "hex" then
        out[#out + 1] = value.source:gsub("[^0-9a-fA-F]", ""):gsub("(%x%x)", function(pair)
            return string.char(tonumber(pair, 16))
        end):gsub("%x$", "")
    end
    for key, inner in pairs(value) do
        if key ~= "tree" and key ~= "fn" then snippets_of(inner, out) end
    end
end

--- A record of up to `most` bytes, full of what the rules look for.
function M.record(random, rules, most)
    local found = {}
    for _, each in ipairs(rules) do snippets_of(each, found) end
    table.sort(found) -- pairs has no order
    local out, size, limit = {}, 0, random(most + 1) - 1
    while size < limit do
        local kind, piece = random(10), text(random, 6)
        if kind <= 3 and #found > 0 then
            piece = found[random(#found)]
        elseif kind == 4 then
            piece = choose(random, { "\n", "\n\n", " ", "79927398713", "4111", "aaaaaaaa", "abcabcabc" })
        end
        out[#out + 1] = piece
        size = size + #piece
    end
    return table.concat(out):sub(1, limit)
end

-- ---- text ---------------------------------------------------------------------------------------

local function quote(bytes)
    return '"' .. bytes:gsub('[%c"\\\128-\255]', function(c) return ("\\%03d"):format(c:byte()) end) .. '"'
end

local write

local function fields(value, skip)
    local keys, parts = {}, {}
    for key in pairs(value) do
        if not skip[key] then keys[#keys + 1] = key end
    end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for _, key in ipairs(keys) do
        parts[#parts + 1] = (type(key) == "string" and key .. " = " or "") .. write(value[key])
    end
    return table.concat(parts, ", ")
end

local function items(list)
    local parts = {}
    for i, item in ipairs(list) do parts[i] = write(item) end
    return table.concat(parts, ", ")
end

local WRITE = {
    literal = function(v)
        local flags = ""
        for _, flag in ipairs { "nocase", "wide", "word" } do
            if v[flag] then flags = flags .. (", %q"):format(flag) end
        end
        return ("lit(%s%s)"):format(quote(v.bytes), flags)
    end,
    hex = function(v) return ("hex %q"):format(v.source) end,
    rule = function(v) return quote(v.name) end,
    at_least = function(v) return ("at_least(%d, { %s })"):format(v.n, items(v.items)) end,
    checksum = function(v) return ("checksum { %q, %s }"):format(v.name, fields(v, { kind = true, name = true })) end,
    host = function(v) return ("host(%s)"):format(v.source) end,
    condition = function(v)
        return ("condition { %s, patterns = { %s } }"):format(quote(v.source), fields(v.patterns, {}))
    end,
}
for _, kind in ipairs { "any", "all", "none" } do
    WRITE[kind] = function(v) return ("%s { %s }"):format(kind, items(v.items)) end
end

function write(value)
    if type(value) == "string" then return quote(value) end
    if type(value) ~= "table" then return tostring(value) end
    if not value.kind then return ("{ %s }"):format(items(value)) end
    if WRITE[value.kind] then return WRITE[value.kind](value) end
    return ("%s { %s }"):format(value.kind, fields(value, { kind = true }))
end

--- The rules as a rule file.
function M.source(rules)
    local out = {}
    for _, each in ipairs(rules) do
        local stages = {}
        for i, stage in ipairs(each.confirm) do stages[i] = "    " .. write(stage) .. ",\n" end
        out[#out + 1] = ("rule %q {\n"):format(each.name)
            .. (each.prefilter and "  prefilter = " .. write(each.prefilter) .. ",\n" or "")
            .. "  confirm = {\n" .. table.concat(stages) .. "  },\n"
        for _, field in ipairs { "severity", "title", "private", "global" } do
            if each[field] ~= nil then out[#out + 1] = ("  %s = %s,\n"):format(field, write(each[field])) end
        end
        out[#out + 1] = "}\n"
    end
    return table.concat(out)
end

return M
