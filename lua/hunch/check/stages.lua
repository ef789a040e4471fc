--- Checks of confirmer stages: one description of fields and one function a kind.
-- What was parsed stays with the node (ast, info, tree, *_index), so that no later pass parses again.
local diagnostics = require "hunch.diagnostics"
local ast = require "hunch.regex.ast"
local checksums = require "hunch.checksums"
local conditions = require "hunch.check.conditions"
local entropy = require "hunch.check.entropy"
local graph = require "hunch.check.graph"
local never = require "hunch.check.never"
local prefilter = require "hunch.check.prefilter"
local context = require "hunch.check.context"
local sorted = require "hunch.sorted"
local unknown = require "hunch.check.unknown"
local values = require "hunch.check.values"

local quote, quote_regex = context.quote, context.quote_regex

local M = {}

local BITS = { u8 = 8, i8 = 8, u16le = 16, i16le = 16, u16be = 16, i16be = 16, u32le = 32, i32le = 32, u32be = 32,
    i32be = 32, u64le = 64, i64le = 64, u64be = 64, i64be = 64 }

local CAPTURE = { "capture", hint = "groups are numbered from 1; 0 is the whole match" }

-- kind -> field -> { type, choices =, code =, hint = }
local FIELDS = {
    regex = { pattern = { "string" }, flags = { "string" }, capture = CAPTURE },
    path = { pattern = { "string" }, flags = { "string" } },
    count = { target = { "any" }, at_least = { "natural" }, at_most = { "natural" }, within = { "any" },
        flags = { "string" } },
    near = { target = { "any" }, within = { "natural" }, unit = { "string", choices = { "lines", "bytes" } },
        before = { "boolean" }, after = { "boolean" } },
    entropy = { capture = CAPTURE, at_least = { "number" }, above = { "number" } },
    checksum = { name = { "string", choices = checksums.names, code = "E308" }, of = CAPTURE, digits = CAPTURE,
        of_is_capture = { "boolean", internal = true } },
    except = { text = { "strings" }, equal = { "strings" }, regex = { "list" }, path = { "list" },
        words = { "strings", hint = "give a list of words or the name of a file" },
        words_unread = { "boolean", internal = true }, capture = CAPTURE,
        on = { "string", choices = { "match", "capture", "line" } } },
    field = { at = { "integer" }, type = { "string", choices = sorted.keys(BITS) }, equal = { "integer" },
        less = { "integer" }, more = { "integer" }, mask = { "integer" },
        from = { "string", choices = { "start", "end", "match" } } },
    condition = { source = { "string" }, patterns = { "table" }, shared_patterns = { "boolean", internal = true } },
    host = { fn_index = { "integer", internal = true }, source_id = { "integer", internal = true },
        argument = { "any", internal = true } },
}
FIELDS.only = FIELDS.except
for kind, fields in pairs(graph.FIELDS) do FIELDS[kind] = fields end

local function missing(c, stage, field, hint)
    if stage.faulty then return end
    c:add("E304", stage, ("the stage %s needs %s"):format(stage.kind, field), { hint = hint })
end

-- ---- captures ----

local function group_index(c, stage, field, info)
    local value, written = stage[field], context.written(stage, field)
    if math.type(value) == "integer" then
        if value <= info.groups then return value end
        c:add("E306", stage, ("the regex has %d group%s, %s = %d does not exist"):format(info.groups,
            info.groups == 1 and "" or "s", written, value),
            { field = written,
              hint = "groups are counted by their opening parentheses, without (?:...)" })
        return nil
    end
    if info.names[value] then return info.names[value] end
    if value == "first" then return nil end -- the first group that is set and not empty
    local names = sorted.keys(info.names)
    local near = diagnostics.nearest(value, names)
    c:add("E306", stage, ("the regex has no group named %s"):format(quote(value)),
        { field = written,
          hint = near and ("did you mean %s?"):format(near) or "name a group with (?P<name>...), or give its number" })
    return nil
end

--- Resolves a capture of the last regex stage into stage[field .. "_index"].
local function resolve_capture(c, stage, field)
    if stage[field] == nil then return end
    if not c.last_regex then
        local written = context.written(stage, field)
        c:add("E307", stage, ("%s of the stage %s needs a regex stage before it"):format(written, stage.kind),
            { field = written, hint = "put the regex first, or leave the capture out" })
        return
    end
    if c.last_regex.info then
        stage[field .. "_index"] = group_index(c, stage, field, c.last_regex.info)
        stage.capture_names = c.last_regex.info.names
    end
end

-- ---- patterns that stages look for ----

local function is_regex(node) return type(node) == "table" and node.kind == "regex" end

local function check_regex_node(c, node, what)
    c:fields(node, what, { pattern = { "string" }, flags = { "string" } }, "E302", "E303")
    local parsed = c:regex(node, what)
    node.faulty = nil
    return parsed
end

--- The target of count or near, a pattern of a condition.
function M.target(c, stage, target, what)
    if prefilter.is_literal(target) then return prefilter.literal(c, target) end
    if is_regex(target) then
        if not check_regex_node(c, target, what) then return false end
        local may_miss = stage.at_least == 0 or (stage.at_least == nil and stage.at_most ~= nil)
        if not never.never_matches(c, target, may_miss and "W404" or "E402") then return true end
        c.rule.never = c.rule.never or not may_miss
        return false
    end
    if unknown.tell(c, target) then return false end
    c:add("E303", stage, ("%s must be a literal or a regex, not %s"):format(what, values.describe(target)),
        { hint = "write lit \"text\", hex \"4D 5A\" or regex [[...]]" })
    return false
end

-- ---- the kinds ----

local check = {}

function check.regex(c, stage)
    local parsed = c:regex(stage, "the regex")
    local before = c.last_regex
    c.last_regex = stage
    if not parsed then return never.moved(c) end
    if never.never_matches(c, stage) then
        c.rule.never = true
        return never.moved(c)
    end
    if stage.capture ~= nil then stage.capture_index = group_index(c, stage, "capture", stage.info) end
    never.regex(c, stage, before)
    if ast.nullable(stage.ast) then
        c:add("W403", stage, ("the regex %s matches the empty string, that is everywhere"):format(
            quote_regex(stage.pattern)),
            { text = stage.pattern, hint = "ask for at least one byte: + in place of *" })
    end
end

function check.path(c, stage)
    if c:regex(stage, "the path regex") and never.never_matches(c, stage) then c.rule.never = true end
end

function check.count(c, stage)
    if stage.target == nil then return missing(c, stage, "what it counts", "count { \"pattern\", at_least = 2 }") end
    local good = M.target(c, stage, stage.target, "what count counts")
    if stage.flags ~= nil then
        c:add("E309", stage, "flags of count belong to a pattern that is a string",
            { field = "flags", hint = "give them to regex(\"...\", \"i\") or lit(\"...\", \"nocase\")" })
    end
    if stage.at_least == nil and stage.at_most == nil then stage.at_least = 1 end
    if stage.at_most and (stage.at_least or 0) > stage.at_most then
        never.report(c, stage, ("count can never hold: at_least = %d is more than at_most = %d"):format(stage.at_least,
            stage.at_most), { field = "at_least", hint = "swap the two numbers" })
    end
    local possible = (stage.at_least or 0) <= (stage.at_most or math.maxinteger)
    local within = stage.within
    stage.within = within == nil and "record" or within
    if within ~= nil and within ~= "record" and within ~= "line"
        and not (math.type(within) == "integer" and within > 0) then
        c:add("E303", stage, ("within of count cannot be %s"):format(
            type(within) == "string" and quote(within) or values.show_number(within)),
            { field = "within", hint = "it is \"record\", \"line\" or a number of bytes from 1" })
        stage.within = "record"
    elseif good and possible then
        never.count(c, stage, prefilter.is_literal(stage.target) and prefilter.key(stage.target)
            or stage.target.flags .. "/" .. stage.target.pattern)
    end
end

function check.near(c, stage)
    if stage.target == nil then
        return missing(c, stage, "a companion", "near { \"other-rule\", within = 3, unit = \"lines\" }")
    end
    if type(stage.target) == "table" and stage.target.kind == "rule" then
        c.references[#c.references + 1] = { rule = c.rule, node = stage, name = stage.target.name,
            target = stage.target }
    else
        M.target(c, stage, stage.target, "the companion of near")
    end
    if stage.within == nil then missing(c, stage, "within", "how many lines or bytes away it may be") end
    stage.unit = stage.unit or "bytes"
    if stage.before == nil and stage.after == nil then
        stage.before, stage.after = true, true
    end
    stage.before, stage.after = stage.before or false, stage.after or false
    if not stage.before and not stage.after then
        never.report(c, stage, "near can never hold: neither before nor after is allowed",
            { field = "before", hint = "leave both out to look on both sides" })
    end
end

function check.entropy(c, stage)
    resolve_capture(c, stage, "capture")
    local field = stage.at_least and "at_least" or "above"
    local threshold = stage[field]
    if threshold == nil then
        return missing(c, stage, "at_least or above", "entropy { capture = 1, at_least = 3.0 }")
    end
    if stage.at_least and stage.above then
        c:add("E309", stage, "entropy takes at_least or above, not both", { field = "above", hint = "leave one out" })
    end
    local bits, length = 8, nil
    local regex = c.last_regex
    if regex and regex.ast and (stage.capture ~= nil or not c.adrift) then
        local group = stage.capture_index
        if stage.capture == nil or group == 0 then group = regex.capture_index end
        local certain = stage.capture == nil and c.span or (stage.capture_index or 0) > 0
        bits, length = entropy.bound(regex.ast, group, certain)
    end
    local possible = threshold <= bits + 1e-9
    if field == "above" then possible = threshold < bits - 1e-12 end
    if not possible then
        never.report(c, stage, ("entropy %s %s can never hold: %s at most %.3f bits per byte"):format(field, threshold,
            length and ("%d bytes have"):format(length) or "the text has", bits),
            { field = field, hint = "lower the threshold" })
    end
end

function check.checksum(c, stage)
    if stage.name == nil then
        missing(c, stage, "the name of a checksum", "one of " .. table.concat(checksums.names, ", "))
    end
    resolve_capture(c, stage, "of")
    resolve_capture(c, stage, "digits")
    never.checksum(c, stage)
    stage.of_is_capture = nil
end

local function list_of_regexes(c, stage, name)
    local list = stage[name]
    for i, item in ipairs(list or {}) do
        if type(item) == "string" then
            item = { kind = name, pattern = item, flags = "", where = stage.where }
            list[i] = item
        end
        if type(item) ~= "table" or (item.kind ~= "regex" and item.kind ~= "path") then
            c:add("E303", stage, ("entry %d of %s of %s must be a regex, not %s"):format(i, name, stage.kind,
                values.describe(item)),
                { field = name, hint = "write the pattern as a string, or regex(\"...\", \"i\")" })
        else
            if check_regex_node(c, item, ("entry %d of %s of %s"):format(i, name, stage.kind)) then
                never.never_matches(c, item, "W404")
            end
            item.kind = name
        end
    end
end

local function check_allow_list(c, stage)
    local lists, faulty = 0, stage.faulty
    for _, name in ipairs { "text", "equal", "regex", "path", "words" } do
        if stage[name] ~= nil then
            lists = lists + 1
            if #stage[name] == 0 then
                c:add("E304", stage, ("the list %s of %s is empty"):format(name, stage.kind),
                    { field = name, hint = "leave it out, or name what it shall hold" })
            end
        end
    end
    if lists == 0 and not stage.words_unread then
        missing(c, stage, "something to look for", stage.kind .. " { text = { \"EXAMPLE\" } }")
    end
    stage.words_unread = nil
    for _, name in ipairs { "text", "words" } do
        for i, text in ipairs(stage[name] or {}) do
            if text == "" then
                c:add("E202", stage, ("entry %d of %s of %s is empty and holds always"):format(i, name, stage.kind),
                    { field = name, hint = "leave it out" })
                faulty = true
            end
        end
    end
    list_of_regexes(c, stage, "regex")
    list_of_regexes(c, stage, "path")
    resolve_capture(c, stage, "capture")
    if stage.capture ~= nil and stage.on ~= nil and stage.on ~= "capture" then
        c:add("E309", stage, ("%s cannot look at a capture and on the %s"):format(stage.kind, stage.on),
            { field = "on", hint = "leave on or capture out" })
        faulty = true
    end
    stage.on = stage.on or (stage.capture ~= nil and "capture" or "match")
    if stage.on == "capture" and not c.last_regex then
        c:add("E307", stage, ("on = \"capture\" of the stage %s needs a regex stage before it"):format(stage.kind),
            { field = "on", hint = "put the regex first" })
    end
    if not faulty then never[stage.kind](c, stage) end
end

check.except, check.only = check_allow_list, check_allow_list

--- a < b as the type orders them.
local function less(unsigned, a, b)
    if unsigned then return math.ult(a, b) end
    return a < b
end

function check.field(c, stage)
    if stage.at == nil then missing(c, stage, "at", "the offset of the integer, from 0") end
    if stage.type == nil then missing(c, stage, "type", "u32le, i16be and so on") end
    stage.from = stage.from or "start"
    local names = {}
    for _, name in ipairs { "equal", "less", "more" } do
        if stage[name] ~= nil then names[#names + 1] = name end
    end
    if #names == 0 then
        missing(c, stage, "equal, less or more", "field { at = 0, type = \"u16le\", equal = 0x5a4d }")
    end
    if #names > 1 then
        c:add("E309", stage, ("field compares once, not with %s"):format(table.concat(names, " and ")),
            { field = names[2], hint = "write a second field stage" })
    end
    if stage.at and stage.from == "start" and stage.at < 0 then
        never.report(c, stage, ("field at %d lies before the start of every record"):format(stage.at),
            { field = "at", hint = "from = \"end\" counts backwards" })
    end
    if #names ~= 1 or not stage.type then return end
    local bits, unsigned, value = BITS[stage.type], stage.type:sub(1, 1) == "u", stage[names[1]]
    local low = unsigned and 0 or (bits == 64 and math.mininteger or -(1 << (bits - 1)))
    local high = bits == 64 and (unsigned and -1 or math.maxinteger) or (1 << (unsigned and bits or bits - 1)) - 1
    local outside = less(unsigned and bits == 64, value, low) or less(unsigned and bits == 64, high, value)
    if (names[1] == "equal" and outside) or (names[1] == "less" and not less(unsigned and bits == 64, low, value))
        or (names[1] == "more" and not less(unsigned and bits == 64, value, high)) then
        never.report(c, stage, ("field %s %d can never hold for %s"):format(names[1], value, stage.type),
            { field = names[1], hint = "take a wider type or another number" })
    elseif names[1] == "equal" and stage.mask
        and value & ((bits == 64 and -1 or (1 << bits) - 1) & ~stage.mask) ~= 0 then
        never.report(c, stage, ("field equal 0x%x can never hold under the mask 0x%x"):format(value, stage.mask),
            { field = "mask", hint = "the number has bits that the mask takes away" })
    else
        never.field(c, stage, names[1])
    end
end

check.condition = conditions.check

function check.host(c, stage)
    never.moved(c, true)
    if stage.argument ~= nil or stage.fn_index == nil then
        c:add("E303", stage, ("host takes a function, not %s"):format(
            stage.argument == "nothing" and "nothing" or values.describe(stage.argument)),
            { hint = "host(function(match, record) return true end)" })
    end
end

local function not_a_stage(c, i, stage)
    local hint = "confirm holds " .. table.concat(unknown.STAGES, ", ")
    if type(stage) == "string" then
        hint = "write regex [[...]] for a pattern"
    elseif type(stage) == "table" and type(stage.kind) == "string" then
        local near = diagnostics.nearest(stage.kind, unknown.STAGES)
        if prefilter.is_literal(stage) or stage.kind == "any" or stage.kind == "all" or stage.kind == "none" then
            hint = "literals belong into the prefilter"
        elseif graph.is_part(stage.kind) then
            hint = ("%s stands inside a graph stage: taint, flows_to, dominates or post_dominates"):format(stage.kind)
        elseif near then
            hint = ("did you mean %s?"):format(near)
        end
    end
    c:add("E301", stage, ("entry %d of confirm is %s, which is no stage"):format(i, values.describe(stage)),
        { hint = hint })
end

---Checks the i-th stage of the context's rule.
function M.check(c, i, stage)
    if unknown.tell(c, stage) then
        c.last_regex = c.last_regex or stage -- it may have been one
        return
    end
    if type(stage) ~= "table" or not FIELDS[stage.kind] then return not_a_stage(c, i, stage) end
    if type(stage.where) ~= "table" or c:place(stage) ~= stage.where then stage.where = c.rule.where end
    if stage.argument ~= nil and stage.kind ~= "host" then
        c:add("E303", stage, ("%s takes a table of fields, not %s"):format(stage.kind, values.describe(stage.argument)),
            { hint = ("write %s { ... }"):format(stage.kind) })
        stage.argument = nil
        return
    end
    c:fields(stage, "the stage " .. stage.kind, FIELDS[stage.kind], "E302", "E303")
    if graph.is(stage.kind) then
        never.moved(c, true)
        graph.check(c, stage)
    else
        check[stage.kind](c, stage)
    end
    stage.faulty = nil
end

---Does the pass know this kind of stage?
function M.known(stage)
    return type(stage) == "table" and FIELDS[stage.kind] ~= nil
end

return M
