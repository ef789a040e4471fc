--- Checks of graph stages: spots, guards and actions, each spread out to one a name (docs/INTERNALS.md, section 2).
local context = require "hunch.check.context"
local diagnostics = require "hunch.diagnostics"
local libraries = require "hunch.graph.flows"
local origins = require "hunch.graph.origins"
local unknown = require "hunch.check.unknown"
local values = require "hunch.check.values"
local words = require "hunch.graph.words"

local quote = context.quote

local M = {}

local MAX_NAME = 200

local FLOW = { from = { "any" }, to = { "any" }, except = { "any" } }

--- kind -> field -> description, as stages.lua has them.
M.FIELDS = {
    taint = { from = FLOW.from, to = FLOW.to, except = FLOW.except, unless = { "any" }, through = { "table" } },
    flows_to = { from = FLOW.from, to = FLOW.to, except = FLOW.except, unless = { "any" }, edges = { "strings" } },
    dominates = { by = { "any" }, of = { "any" }, missing = { "boolean" }, same = { "boolean" } },
}
M.FIELDS.post_dominates = M.FIELDS.dominates

-- Before a graph stage there is no span to judge, and a condition judges no span.
local REFUSED = { regex = true, except = true, only = true, entropy = true, checksum = true, near = true, count = true,
    field = true, host = true, condition = true }

local EXAMPLE = {
    taint = 'taint { from = { call "getenv" }, to = { argument { "system", 1 } } }',
    flows_to = 'flows_to { from = { argument { "free", 1 } }, to = { address() } }',
    dominates = "dominates { by = { test() }, of = { use() }, missing = true, same = true }",
    post_dominates = 'post_dominates { by = { call "unlock" }, of = { call "lock" }, missing = true }',
}

-- What a spot can hold. `names`: it needs one; `most`: or none, then it is any function. `ends`: where values come to,
-- so that it can only be a sink; `begins`: where they come from, so that it can only be a source. `choices`: the names
-- that there are.
local SPOTS = {
    call = { names = true }, argument = { names = true, places = true }, parameter = { any = true, places = true },
    returned = { names = true }, global = { names = true }, field = { names = true },
    outside = { names = true, begins = true },
    loop_bound = { ends = true }, index = { ends = true }, address = { ends = true }, divisor = { ends = true },
    signed_index = { ends = true }, operand = { names = true, ends = true, choices = words.operators },
    signed_argument = { names = true, places = true, ends = true }, narrowed = { ends = true },
}

local SPOT_EXAMPLE = 'outside "input", call "f", argument { "f", 1 }, parameter { "main", 2 }, returned "f", '
    .. 'global "g", field "name", loop_bound(), index(), address(), divisor(), '
    .. 'signed_index(), operand "add", narrowed() '
    .. 'or signed_argument { "f", 1 }'
local ACTION_EXAMPLE = 'call { "free", place = 1 }, assign { value = "null" }, test(), use() or returned()'

---Is the kind one of a graph stage?
function M.is(kind) return M.FIELDS[kind] ~= nil end

---Is it one of what stands inside them?
function M.is_part(kind)
    return SPOTS[kind] ~= nil and kind ~= "field" or words.ACTION[kind] ~= nil or kind == "guard"
end

-- ---- names and places ----

local function check_name(c, node, what, name)
    local why
    if type(name) ~= "string" then
        why = "must be a string, not " .. values.describe(name)
    elseif name == "" then
        why = "is empty"
    elseif #name > MAX_NAME then
        why = ("has %d bytes, more than %d"):format(#name, MAX_NAME)
    elseif name:find("*", 1, true) and name:find("*", 1, true) < #name then
        why = ("%s has a * before its end"):format(quote(name))
    elseif name:find "[^%w_$.*@/\128-\255-]" or not utf8.len(name) then
        why = ("%s cannot stand in source code"):format(quote(name))
    end
    if not why then return true end
    c:add("E804", node, ("a name of %s %s"):format(what, why),
        { text = type(name) == "string" and name ~= "" and name or nil,
          hint = 'names are those of the source, like "system", "os.path.join" or "exec*" for all that begin so' })
    return false
end

--- The list part of a node: names, and numbers where it takes them.
local function positional(c, node, what, takes_places)
    local names, places, good = {}, {}, true
    if not values.is_list(node) then -- named fields were taken out; a hole is left
        c:add("E303", node, ("%s has a hole in its list"):format(what), { hint = "leave nil out" })
        return names, places, false
    end
    for _, value in ipairs(node) do
        if math.type(value) == "integer" and takes_places then
            if value < 1 or value > words.PLACE_MOST then
                c:add("E303", node,
                    ("a place of %s must be from 1 to %d, not %d"):format(what, words.PLACE_MOST, value),
                    { hint = "arguments are counted from 1" })
                good = false
            end
            places[#places + 1] = value
        elseif math.type(value) == "integer" then
            c:add("E303", node, ("%s takes no number"):format(what), { hint = 'the place of an argument is said by '
                .. 'argument { "f", 1 }' })
            good = false
        else
            good = check_name(c, node, what, value) and good
            names[#names + 1] = value
        end
    end
    return names, places, good
end

--- Takes the named fields out of a node, so that the list part is left; they are checked by `fields`.
local function take_named(c, node, what, fields)
    local named = { where = node.where, reserved = node.reserved }
    for key, value in pairs(node) do
        if type(key) ~= "number" and key ~= "kind" and key ~= "where" and key ~= "reserved" then named[key] = value end
    end
    for key in pairs(named) do node[key] = nil end
    node.kind = nil
    local good = c:fields(named, what, fields, "E302", "E303")
    named.faulty = nil
    node.where = nil
    return named, good
end

--- A list of nodes from a field that may also be one node.
local function nodes_of(c, stage, field, needed, example)
    local value = stage[field]
    if value == nil then
        if needed and not stage.faulty then
            c:add("E304", stage, ("the stage %s needs %s"):format(stage.kind, field), { hint = EXAMPLE[stage.kind] })
        end
        return {}
    end
    if type(value) == "table" and value.kind ~= nil then value = { value } end
    if not values.is_list(value) then
        c:add("E303", stage, ("%s of the stage %s must be a list, not %s"):format(field, stage.kind,
            values.describe(value)), { field = field, hint = ("write %s = { %s }"):format(field, example) })
        return {}
    end
    if #value == 0 then
        c:add("E304", stage, ("%s of the stage %s is empty"):format(field, stage.kind),
            { field = field, hint = needed and EXAMPLE[stage.kind] or "leave it out" })
    end
    local nodes = {}
    for _, entry in ipairs(value) do -- lists in it are as if their entries stood there: a rule file names them once
        local inner = type(entry) == "table" and entry.kind == nil and #entry > 0 and values.is_list(entry)
        table.move(inner and entry or { entry }, 1, inner and #entry or 1, #nodes + 1, nodes)
    end
    return nodes
end

local function not_one(c, stage, field, i, node, what, example)
    if unknown.tell(c, node) then return end
    c:add("E803", stage, ("entry %d of %s of the stage %s is %s, which is no %s"):format(i, field, stage.kind,
        values.describe(node), what), { field = field, hint = "it is one of " .. example })
end

-- ---- spots ----

local ARGUMENT = { from_on = { "natural" }, given = { "any" }, keyword = { "string" } }
local GIVEN = { boolean = true, string = true, number = true }

--- What stands behind a name for calls that pass something by name: "(shell=1)", "()"; nil: all calls.
local function suffix_of(c, stage, field, what, named)
    if named.given == nil then return "", true end
    local key, value
    if type(named.given) == "table" then key, value = next(named.given) end
    local text = type(named.given) == "table" and key == nil and "()" or nil
    if type(key) == "string" and key:find "^[%a_][%w_]*$" and GIVEN[type(value)] and next(named.given, key) == nil then
        if type(value) == "boolean" then value = value and 1 or 0 end
        text = ("(%s=%s)"):format(key, tostring(value))
    end
    if not text or #text > MAX_NAME or text:find "%z" then
        c:add("E303", stage, ("given of %s must hold one argument that is passed by name, or none"):format(what),
            { field = field, hint = 'argument { "subprocess.run", 1, given = { shell = true } }' })
        return "", false
    end
    return text, true
end

local function spread_spot(list, kind, names, places, from_on, suffix, keyword)
    if #names == 0 then names = { "*" } end
    for _, name in ipairs(names) do
        if keyword then list[#list + 1] = { kind = kind, name = ("%s(%s=)"):format(name, keyword) } end
        name = name .. suffix
        if from_on then
            list[#list + 1] = { kind = kind, name = name, index = from_on, on = true }
        end
        for _, index in ipairs(places) do list[#list + 1] = { kind = kind, name = name, index = index } end
        if not from_on and #places == 0 and not keyword then list[#list + 1] = { kind = kind, name = name } end
    end
end

--- Spots of what comes from outside, by category.
local function spread_outside(c, stage, field, names, list)
    local categories = origins.categories[c.rule.language]
    local known = table.concat(origins.names(c.rule.language), ", ")
    if not categories and words.LANGUAGE[c.rule.language] == nil then return end -- that is said already
    for _, name in ipairs(names) do
        local category = categories and categories[name]
        if not category then
            c:add("E803", stage, ("nothing is known to come from outside as %s in the language %s"):format(quote(name),
                c.rule.language), { field = field, hint = (categories
                and ("write outside with one of %s, or "):format(known) or "") .. "name calls and arguments" })
        end
        for _, spot in ipairs(category or {}) do
            spread_spot(list, spot.kind, spot.names, { spot.index }, spot.from_on, "")
        end
    end
end

--- The first name that is none of those that can be chosen.
local function not_chosen(names, choices)
    for _, name in ipairs(names) do
        local found = false
        for _, choice in ipairs(choices) do found = found or choice == name end
        if not found then return name end
    end
    return nil
end

local function check_spot(c, stage, field, i, node, list)
    local shape = type(node) == "table" and SPOTS[node.kind]
    if not shape then return not_one(c, stage, field, i, node, "spot", SPOT_EXAMPLE) end
    local kind, what = node.kind, "the spot " .. node.kind
    if shape.ends and field ~= "to" then
        c:add("E803", stage, ("%s is where values come to: it can stand in `to` only, not in %s"):format(what, field),
            { field = field, hint = "name a call, argument, parameter, returned, global or field" })
        return
    end
    if shape.begins and field ~= "from" then
        c:add("E803", stage,
            ("%s is where values come from: it can stand in `from` only, not in %s"):format(what, field),
            { field = field, hint = "name a call, argument, parameter, returned, global or field" })
        return
    end
    local place = node.where
    local named, good = take_named(c, node, what, kind == "argument" and ARGUMENT or {})
    node.where = nil
    local names, places, right = positional(c, node, what, shape.places)
    node.where = place
    if not (good and right) then return end
    if named.from_on and (named.from_on < 1 or named.from_on > words.PLACE_MOST) then
        c:add("E303", stage, ("from_on of %s must be from 1 to %d, not %d"):format(what, words.PLACE_MOST,
            named.from_on), { field = "from_on", hint = "arguments are counted from 1" })
    elseif shape.names and #names == 0 then
        c:add("E304", stage, ("%s needs a name"):format(what),
            { field = field, hint = "it is one of " .. SPOT_EXAMPLE })
    elseif shape.choices and not_chosen(names, shape.choices) then
        c:add("E303", stage, ("%s has no operator %s"):format(what, quote(not_chosen(names, shape.choices))),
            { field = field, hint = "operators are " .. table.concat(shape.choices, ", ") })
    elseif shape.begins then
        spread_outside(c, stage, field, names, list)
    elseif not shape.names and not shape.any and #names > 0 then
        c:add("E303", stage, ("%s takes no name"):format(what), { field = field, hint = ("write %s()"):format(kind) })
    elseif (named.keyword or named.given) and (field ~= "to" or c.rule.language ~= "python") then
        c:add("E303", stage, ("keyword and given of %s stand in `to` only, in rules on Python"):format(what),
            { field = field, hint = "leave them out: other languages pass no argument by name" })
    elseif named.keyword and (#names == 0 or named.given or not named.keyword:find "^[%a_][%w_]*$") then
        c:add("E303", stage, ("keyword of %s must be the name of an argument, beside names of functions and no given")
            :format(what), { field = field, hint = 'argument { "subprocess.run", 1, keyword = "args" }' })
    else
        local suffix, fine = suffix_of(c, stage, field, what, named)
        if fine then spread_spot(list, kind, names, places, named.from_on, suffix, named.keyword) end
    end
end

local function check_spots(c, stage, field, needed)
    local list = {}
    for i, node in ipairs(nodes_of(c, stage, field, needed, 'call "f"')) do
        check_spot(c, stage, field, i, node, list)
    end
    stage[field] = list
end

-- ---- guards ----

local GUARD_HINT = 'write guard { call "is_safe", on = 1 } or guard { compare = "<", with = "constant" }'
local GUARD = { on = { "natural" }, outcome = { "boolean" }, compare = { "any" },
    with = { "string", choices = words.withs } }

local function guard_by_call(c, stage, node, named, list)
    if named.compare ~= nil or named.with ~= nil then
        c:add("E309", stage, "a guard calls or compares, not both", { field = "unless", hint = GUARD_HINT })
        return
    end
    local call = node[1]
    if #node ~= 1 or type(call) ~= "table" or call.kind ~= "call" then
        c:add("E803", stage, ("a guard is a call or a comparison, not %s"):format(values.describe(call)),
            { field = "unless", hint = GUARD_HINT })
        return
    end
    local inner, good = take_named(c, call, "the call of a guard", {})
    local names, _, right = positional(c, call, "the call of a guard", false)
    call.where = inner.where
    if not (good and right) then return end
    if #names == 0 then
        c:add("E304", stage, "the call of a guard needs a name", { field = "unless", hint = GUARD_HINT })
    end
    for _, name in ipairs(names) do
        list[#list + 1] = { kind = "call", name = name, index = named.on, outcome = named.outcome ~= false }
    end
end

local function guard_by_comparison(c, stage, named, list)
    if named.on ~= nil or named.outcome ~= nil then
        c:add("E309", stage, "on and outcome belong to a guard that calls", { field = "unless", hint = GUARD_HINT })
        return
    end
    local compare = named.compare
    if type(compare) == "string" then compare = { compare } end
    if not values.is_list(compare) or #compare == 0 then
        c:add("E303", stage, ("compare of a guard must be an operator or a list of them, not %s"):format(
            values.describe(named.compare)), { field = "compare", hint = GUARD_HINT })
        return
    end
    for _, operator in ipairs(compare) do
        if words.RELATION[operator] then
            list[#list + 1] = { kind = "compare", compare = operator, with = named.with or "any" }
        else
            c:add("E303", stage, ("compare of a guard cannot be %s"):format(quote(operator)),
                { field = "compare", hint = "the operators are " .. table.concat(words.relations, ", ") })
        end
    end
end

local function check_guards(c, stage)
    local list = {}
    for i, node in ipairs(nodes_of(c, stage, "unless", false, 'guard { call "is_safe", on = 1 }')) do
        if type(node) ~= "table" or node.kind ~= "guard" then
            not_one(c, stage, "unless", i, node, "guard", GUARD_HINT:gsub("^write ", ""))
        else
            local place = node.where
            local named, good = take_named(c, node, "a guard", GUARD)
            if good and node[1] == nil and named.compare == nil then
                c:add("E304", stage, "a guard needs a call or a comparison", { field = "unless", hint = GUARD_HINT })
            elseif good and node[1] ~= nil then
                guard_by_call(c, stage, node, named, list)
            elseif good then
                guard_by_comparison(c, stage, named, list)
            end
            node.where = place
        end
    end
    stage.unless = list
end

-- ---- actions ----

local ACTION_FIELDS = { call = { place = { "natural" } }, assign = { value = { "any" } }, test = {}, use = {},
    returned = {} }

--- What is assigned: "null", "any", or what a call gives.
local function value_of(c, stage, named, field)
    local value = named.value
    if value == nil or value == "any" or value == "null" then return value or "any", { "" } end
    if type(value) == "table" and value.kind == "call" then
        local inner, good = take_named(c, value, "the call of assign", {})
        local names, _, right = positional(c, value, "the call of assign", false)
        value.where = inner.where
        if good and right and #names > 0 then return "call", names end
        if not (good and right) then return end
    end
    c:add("E303", stage, ("value of assign cannot be %s"):format(type(value) == "string" and quote(value)
        or values.describe(value)), { field = field, hint = 'it is "null", "any" or call "f"' })
end

local function check_action(c, stage, field, i, node, list)
    local kind = type(node) == "table" and node.kind
    if not ACTION_FIELDS[kind] then return not_one(c, stage, field, i, node, "action", ACTION_EXAMPLE) end
    local what, where = "the action " .. kind, node.where
    local named, good = take_named(c, node, what, ACTION_FIELDS[kind])
    local names, _, right = positional(c, node, what, false)
    node.where = where
    if not (good and right) then return end
    if kind == "call" and #names == 0 then
        c:add("E304", stage, "the action call needs a name",
            { field = field, hint = "it is one of " .. ACTION_EXAMPLE })
    elseif kind ~= "call" and #names > 0 then
        c:add("E303", stage, ("%s takes no name"):format(what), { field = field, hint = ("write %s()"):format(kind) })
    elseif stage.same and (kind == "returned" or kind == "call" and not named.place) then
        c:add("E304", stage, ("with same = true %s needs a place to be the same"):format(what), { field = field,
            hint = kind == "call" and 'say which argument holds it: call { "free", place = 1 }' or "leave same out" })
    elseif kind == "assign" then
        local value, of = value_of(c, stage, named, field)
        for _, name in ipairs(of or {}) do list[#list + 1] = { kind = kind, name = name, value = value } end
    else
        for _, name in ipairs(kind == "call" and names or { "" }) do
            list[#list + 1] = { kind = kind, name = name, place = named.place }
        end
    end
end

local function check_actions(c, stage, field)
    local list = {}
    for i, node in ipairs(nodes_of(c, stage, field, true, "call \"f\"")) do
        check_action(c, stage, field, i, node, list)
    end
    stage[field] = list
end

-- ---- libraries ----

--- Adds what functions do to c.state.libraries[language]: name -> flows. Whatever says it first or again, all counts.
local function learn(c, node, language, functions, what)
    c.state.libraries[language] = c.state.libraries[language] or {}
    local known = c.state.libraries[language]
    for name, flows in pairs(functions) do
        if type(flows) == "string" then flows = { flows } end
        if not check_name(c, node, what, name) then
            flows = nil
        elseif not values.is_list(flows) then
            c:add("E303", node, ("the flows of %s must be a list of texts, not %s"):format(quote(name),
                values.describe(flows)), { field = name, hint = 'write ' .. name .. ' = { "*2 -> *1" }' })
            flows = nil
        end
        if flows then known[name] = known[name] or {} end
        for _, text in ipairs(flows or {}) do
            local parsed, fault
            if type(text) == "string" then parsed, fault = libraries.parse(text) end
            if parsed then
                local list, key = known[name], libraries.number(parsed.from) .. " " .. libraries.number(parsed.to)
                if not list[key] then list[#list + 1], list[key] = parsed, true end
            else
                c:add("E805", node, ("a flow of %s cannot be read: %s"):format(quote(name), fault
                    and ("%s, at byte %d of %s"):format(fault.message, fault.position, quote(text))
                    or "it is " .. values.describe(text)),
                    { text = type(text) == "string" and text ~= "" and text or nil,
                      hint = '"*2 -> *1": what argument 2 points to goes into what argument 1 points to' })
            end
        end
    end
end

---A `library` of a rule file.
function M.declared(c, node)
    c.rule = nil
    if type(node.functions) ~= "table" or node.argument ~= nil then
        c:add("E303", node, ("library takes a table, not %s"):format(node.argument == "nothing" and "nothing"
            or values.describe(node.argument)),
            { hint = 'write library { language = "c", strcpy = { "*2 -> *1" } }' })
    elseif not words.LANGUAGE[node.language] then
        c:add("E801", node, node.language == nil and "a library needs its language"
            or ("a library cannot be of the language %s"):format(quote(node.language)),
            { field = "language", hint = "it is one of " .. table.concat(words.languages, ", ") })
    else
        learn(c, node, node.language, node.functions, "a library")
    end
end

-- ---- stages and rules ----

local check = {}

function check.taint(c, stage)
    check_spots(c, stage, "from", true)
    check_spots(c, stage, "to", true)
    check_spots(c, stage, "except", false)
    check_guards(c, stage)
    if stage.through and c.rule.language and words.LANGUAGE[c.rule.language] then
        learn(c, stage, c.rule.language, stage.through, "through")
    end
    stage.through = nil
    stage.edges = words.edges
end

function check.flows_to(c, stage)
    check_spots(c, stage, "from", true)
    check_spots(c, stage, "to", true)
    check_spots(c, stage, "except", false)
    check_guards(c, stage)
    for _, name in ipairs(stage.edges or {}) do
        if not words.EDGE[name] then
            local near = diagnostics.nearest(name, words.edges)
            c:add("E303", stage, ("edges of flows_to cannot hold %s"):format(quote(name)), { field = "edges",
                hint = (near and ("did you mean %s? "):format(near) or "") .. "they are of "
                    .. table.concat(words.edges, ", ") })
        end
    end
    if stage.edges and #stage.edges == 0 then
        c:add("E304", stage, "edges of the stage flows_to is empty", { field = "edges", hint = "leave it out" })
    end
    stage.edges = stage.edges or words.same_value
end

function check.dominates(c, stage)
    stage.missing, stage.same = stage.missing or false, stage.same or false
    check_actions(c, stage, "by")
    check_actions(c, stage, "of")
end

check.post_dominates = check.dominates

---Checks a stage whose fields have been looked at.
function M.check(c, stage)
    check[stage.kind](c, stage)
end

---What language and graph stages of the context's rule say of each other.
function M.rule(c)
    local rule, at = c.rule, nil
    for i, stage in ipairs(rule.confirm) do
        local kind = type(stage) == "table" and stage.kind
        if M.is(kind) and at then
            c:add("E802", stage, ("a rule has one graph stage, and %s is the second"):format(kind),
                { hint = "make two rules of it; near { \"other-rule\" } joins them" })
        elseif M.is(kind) then
            at = i
        end
    end
    if at and rule.language == nil then
        if not c.language_at_fault then
            c:add("E801", rule.confirm[at], ("the stage %s needs the rule's language"):format(rule.confirm[at].kind),
                { hint = 'write language = "c" beside confirm; it is one of ' .. table.concat(words.languages, ", ") })
        end
        return
    elseif not at then
        if rule.language ~= nil then
            c:add("E801", rule, "language belongs to rules with a graph stage, and this one has none",
                { field = "language", hint = "leave it out, or add taint, flows_to, dominates or post_dominates" })
        end
        return
    end
    for i, stage in ipairs(rule.confirm) do
        local kind = type(stage) == "table" and stage.kind
        local refused = REFUSED[kind] and (i < at or kind == "condition")
        if refused and i ~= at then
            c:add("E802", stage, ("%s cannot stand %s a graph stage"):format(kind, i < at and "before" or "behind"),
                { hint = i < at and "before it stands path alone"
                    or "behind it stand stages that look at the sink: except, only, regex, path, near, host, ..." })
        end
    end
end

return M
