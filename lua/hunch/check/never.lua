--- Stages that nothing can pass, because of what the stages before them leave. Every complaint is a proof; what is
-- not found out in a few milliseconds is passed over.
-- Kept in the context for the rule at hand: `span`, a tree of which every candidate's span is a text (nil: it may be
-- anything), `adrift`, whether a host function chose it, `moves`, how often stages replaced it, and `numbers`, what
-- stages said of the same number so far.
local analysis = require "hunch.regex.analysis"
local ast = require "hunch.regex.ast"
local context = require "hunch.check.context"
local entropy = require "hunch.check.entropy"
local inside = require "hunch.regex.inside"
local parse = require "hunch.regex.parse"
local possible = require "hunch.regex.possible"

local quote_regex, written = context.quote_regex, context.written

local M = {}

local MOST_PROOFS = 500 -- in one compile
local MOST_BYTES = 4000 -- of the entries of an except or only that are looked at together

function M.begin(c)
    c.proofs = c.proofs or MOST_PROOFS
    c.span, c.moves, c.numbers, c.adrift = nil, 0, {}, false
end

-- always and never of inside.lua, while there are proofs left.
local function prove(c, question, texts, wanted, loose)
    c.proofs = c.proofs - 1
    return c.proofs >= 0 and inside[question](texts, wanted, loose)
end

--- E305, and that the rule is dead.
function M.report(c, stage, message, more)
    c:add("E305", stage, message, more)
    c.rule.never = true
end

--- Whether no text at all has a match of the regex (reported). code: E402 where the rule dies of it.
function M.never_matches(c, node, code)
    local stuck = node.ast and possible.stuck(node.ast)
    if not stuck then return false end
    c:add(code or "E402", node, ("the regex %s can never match%s"):format(quote_regex(node.pattern),
        stuck.from and (": nothing gets past byte %d of it"):format(stuck.from) or ""),
        { text = node.pattern, at = stuck.from,
          hint = "look there for an empty class, or for ^, $, \\b or \\B that contradicts what stands beside it" })
    node.never = true
    return true
end
-- ---- what a stage looks at ----

--- A tree of the texts that the capture field of a stage names; nil: not known.
local function subject(c, stage, field)
    local index = stage[field .. "_index"]
    if stage[field] == nil then return c.span end
    local regex = c.last_regex
    if not index or index == 0 or not regex or not regex.ast then return nil end
    return entropy.group(regex.ast, index)[1]
end

local function origin(c)
    return c.last_regex and quote_regex(c.last_regex.pattern)
end

--- A stage after which the span may be anything; by_host: also what no regex matched.
function M.moved(c, by_host)
    c.moves, c.span, c.adrift = c.moves + 1, nil, by_host or false
end

-- ---- regexes, one inside of the other ----

local function longer(c, stage)
    local least = analysis.length(stage.ast)
    local _, most = analysis.length(c.span)
    return most and least > most
end

--- A regex that can match. before: the regex stage before it, if there is one.
function M.regex(c, stage, before)
    if c.span and (longer(c, stage) or prove(c, "never", c.span, stage.ast, true)) then
        M.report(c, stage, ("the regex %s can never match inside of what %s leaves"):format(
            quote_regex(stage.pattern), quote_regex(before.pattern)),
            { text = stage.pattern, hint = "a second regex searches the match, or the capture, of the one before it" })
    end
    M.moved(c)
    if stage.capture == nil then
        c.span = stage.ast
    elseif stage.capture_index and stage.capture_index > 0 then
        c.span = entropy.group(stage.ast, stage.capture_index)[1]
    end
end


-- ---- except and only ----

--- The entries that look at the subject, as one regex; nil: too many, or one is at fault.
local function entries(stage)
    local list, bytes = {}, 0
    local function literal(text, nocase)
        bytes = bytes + #text
        return ast.literal(text, nocase)
    end
    for _, text in ipairs(stage.text or {}) do list[#list + 1] = literal(text, false) end
    for _, text in ipairs(stage.words or {}) do list[#list + 1] = literal(text, true) end
    for _, text in ipairs(stage.equal or {}) do
        list[#list + 1] = ast.cat { ast.assertion "text_begin", literal(text, false), ast.assertion "text_end" }
    end
    for _, item in ipairs(stage.regex or {}) do
        if type(item) ~= "table" or not item.ast then return nil end
        bytes = bytes + #item.pattern
        list[#list + 1] = item.ast
    end
    return bytes <= MOST_BYTES and ast.alt(list) or nil
end

-- Does an entry hold for this text? True also where that is not known.
local function holds(stage, text)
    for _, part in ipairs(stage.text or {}) do
        if text:find(part, 1, true) then return true end
    end
    for _, word in ipairs(stage.words or {}) do
        if text:lower():find(word:lower(), 1, true) then return true end
    end
    for _, whole in ipairs(stage.equal or {}) do
        if text == whole then return true end
    end
    for _, item in ipairs(stage.regex or {}) do
        if type(item) ~= "table" or not item.ast or inside.found(item.ast, text) then return true end
    end
    return false
end

local function any_nullable(list)
    for _, item in ipairs(list or {}) do
        if type(item) == "table" and item.ast and ast.nullable(item.ast) then return true end
    end
    return false
end

local function alive(list)
    local n = 0
    for _, item in ipairs(list or {}) do n = n + (type(item) == "table" and item.never and 0 or 1) end
    return n
end

-- A line that the texts stand on.
local function line_around(tree)
    return ast.cat { inside.anything(), tree, inside.anything() }
end

local function texts_looked_at(c, stage)
    local tree = subject(c, stage, "capture")
    if not tree then return nil end
    if stage.on == "line" then return line_around(tree) end
    return stage.capture ~= nil and ast.rep(tree, 0, 1, true) or tree -- a group without a part counts as empty
end

local function paths_hold_always(c, stage)
    local list = {}
    for i, item in ipairs(any_nullable(stage.path) and stage.path or {}) do
        if type(item) ~= "table" or not item.ast then return false end
        list[i] = item.ast
    end
    return #list > 0 and prove(c, "always", inside.anything(), ast.alt(list))
end

function M.except(c, stage)
    local texts = texts_looked_at(c, stage)
    local list = (texts or any_nullable(stage.regex))
        and inside.at_a_glance(texts or inside.anything(), function(text) return holds(stage, text) end)
        and entries(stage)
    if list and prove(c, "always", texts or inside.anything(), list) then
        M.report(c, stage, ("this except drops everything: %s holds one of its entries"):format(texts
            and ("whatever %s leaves"):format(origin(c)) or "every text"),
            { hint = "make its entries narrower, or leave the stage out" })
    elseif paths_hold_always(c, stage) then
        M.report(c, stage, "this except drops everything: every path holds one of its entries",
            { hint = "make its entries narrower, or leave the stage out" })
    end
end

function M.only(c, stage)
    if alive(stage.path) > 0 then return end
    local others = #(stage.text or {}) + #(stage.equal or {}) + #(stage.words or {}) + alive(stage.regex)
    local dead = others == 0 and #(stage.path or {}) + #(stage.regex or {}) > 0
    local texts = texts_looked_at(c, stage)
    local list = not dead and texts and entries(stage)
    if dead then
        M.report(c, stage, "this only keeps nothing: none of its regexes can match",
            { hint = "see what is said of them" })
    elseif list and prove(c, "never", texts, list) then
        M.report(c, stage, ("this only keeps nothing: nothing that %s leaves holds one of its entries"):format(
            origin(c)), { hint = "make its entries wider, or leave the stage out" })
    end
end

-- ---- checksums ----

-- What a text that checks looks like at the least. Spaces and dashes are passed over.
local DIGIT = "[0-9][ -]*"
local SHAPES = {
    luhn = { "(?:%s){2,}" }, mod10 = { "(?:%s){2,}" }, verhoeff = { "(?:%s){2,}" }, damm = { "(?:%s){2,}" },
    mod97 = { "(?:%s){3,}" }, aba = { "(?:%s){9}" }, ean13 = { "(?:%s){13}" },
    mod11 = { "(?:%s)+[0-9xX][ -]*" }, isbn10 = { "(?:%s){9}[0-9xX][ -]*" },
    iban = { "(?:[A-Za-z][ -]*){2}(?:%s){2}(?:[0-9A-Za-z][ -]*){11,30}" },
    ["crc32-base62"] = { "[0-9A-Za-z]{6}", tail = true }, ["crc32-hex"] = { "[0-9A-Fa-f]{8}", tail = true },
}

local function shape(c, name)
    local of = SHAPES[name]
    c.shapes = c.shapes or {}
    if not c.shapes[name] then
        local pattern = of[1]:gsub("%%s", DIGIT)
        c.shapes[name] = parse.parse((of.tail and "" or "^[ -]*") .. "(?:" .. pattern .. ")$", "")
    end
    return c.shapes[name]
end

function M.checksum(c, stage)
    local over = subject(c, stage, "of")
    local digits = stage.digits ~= nil and subject(c, stage, "digits") or nil
    if not over or not SHAPES[stage.name] or (stage.digits ~= nil and not digits) then return end
    if prove(c, "never", digits and ast.cat { over, digits } or over, shape(c, stage.name)) then
        M.report(c, stage, ("%s can never hold: no text that %s leaves has the digits that it needs"):format(
            stage.name, origin(c)), { field = stage.of ~= nil and written(stage, "of") or nil,
            hint = "look at which group it checks, and at how many digits that can have" })
    end
end

-- ---- numbers that several stages speak of ----

--- Narrows what is known of the number `key`: low and high (nil: no limit), ordered by `less`. false: nothing is left.
local function narrow(c, key, low, high, less)
    local known = c.numbers[key] or {}
    c.numbers[key] = known
    if low and (not known.low or less(known.low, low)) then known.low = low end
    if high and (not known.high or less(high, known.high)) then known.high = high end
    return not (known.low and known.high and less(known.high, known.low))
end

local function signed(a, b) return a < b end

--- A count whose two limits do not exclude each other. target: what is the same for equal targets.
function M.count(c, stage, target)
    local key = ("count %s %s %s"):format(stage.within, stage.within == "record" and "" or c.moves, target)
    if not narrow(c, key, stage.at_least, stage.at_most, signed) then
        M.report(c, stage, "count can never hold: a count of the same before it excludes this one",
            { field = stage.at_most and "at_most" or "at_least", hint = "look at at_least and at_most of both" })
    end
end

--- A field that can hold by itself. name: equal, less or more.
function M.field(c, stage, name)
    local value, low, high = stage[name], nil, nil
    if name ~= "less" then low = name == "more" and value + 1 or value end
    if name ~= "more" then high = name == "less" and value - 1 or value end
    local key = ("field %s %s %s %s %s"):format(stage.at, stage.type, stage.from, stage.mask,
        stage.from == "match" and c.moves or "")
    local less = stage.type:find "^u64" and math.ult or signed
    if not narrow(c, key, low, high, less) then
        M.report(c, stage, ("field %s %d can never hold: a field at the same place before it excludes it"):format(name,
            value), { field = name, hint = "look at the numbers of both" })
    end
end

-- ---- prefilters that forbid what the regex needs ----

--- literals: what the prefilter of the rule forbids. A whole word needs what stands beside it and is passed over.
function M.forbidden(c, literals)
    local regex
    for _, stage in ipairs(#literals > 0 and c.rule.confirm or {}) do
        if not regex and stage.kind == "regex" and stage.ast then regex = stage end
    end
    local list, bytes = {}, 0
    for _, literal in ipairs(regex and literals or {}) do
        local raw = not literal.word and literal.bytes
        if raw then
            raw = literal.wide and raw:gsub(".", "%0\0") or raw
            bytes = bytes + #raw
            list[#list + 1] = ast.literal(raw, literal.nocase)
        end
    end
    if #list == 0 or bytes > MOST_BYTES or c.rule.never then return end
    if prove(c, "always", regex.ast, ast.alt(list)) then
        M.report(c, regex, ("the regex %s matches only what the prefilter forbids"):format(quote_regex(regex.pattern)),
            { text = regex.pattern, hint = "look at what none of the prefilter holds" })
    end
end

return M
