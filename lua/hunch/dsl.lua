-- The rule language: the names that a rule file finds in its environment.
-- This chunk runs inside every sandbox before the rule file, as setup(globals, internals); it is no
-- module. Constructors only build plain tables and never refuse an argument: the check pass, on the
-- other side of the sandbox, judges everything and trusts nothing. The shapes are in docs/INTERNALS.md.

local globals, internals = ...
local ipairs, pairs, type = globals.ipairs, globals.pairs, globals.type

-- next walks in no fixed order: only where the order cannot be seen.
local where, next = internals.where, internals.next

-- Fields that a constructor sets itself; what an author wrote there is told to the check pass.
local RESERVED = { kind = true, where = true, name = true, index = true, reserved = true, unfinished = true,
  shared_patterns = true, words_unread = true }

local function copy_fields(to, from)
  for key, value in next, from do
    if RESERVED[key] then
      to.reserved = to.reserved or {}
      to.reserved[key] = true
    else
      to[key] = value
    end
  end
  return to
end

-- A node from the one table that a constructor takes; anything else is kept as `argument`.
local function node(kind, argument)
  local result = {}
  if type(argument) == "table" then
    copy_fields(result, argument)
  else
    result.argument = argument
  end
  result.kind = kind
  result.where = where()
  return result
end

-- Moves the first positional value to the field that it stands for.
local function name_first(result, field)
  if result[field] == nil then
    result[field], result[1] = result[1], nil
  end
  return result
end

local function literal(bytes)
  return { kind = "literal", bytes = bytes, where = where() }
end

local function literal_from_string(value)
  if type(value) == "string" then return literal(value) end
  return value
end

-- ---- prefilters ----

local function expression(kind, n, ...)
  local argument, extra = ...
  local result = { kind = kind, n = n, items = {}, where = where() }
  if type(argument) ~= "table" or argument.kind ~= nil or extra ~= nil then
    argument = { ... }
  end
  local items, numbered = result.items, 0
  for key, item in next, argument do
    if type(key) == "number" then
      numbered = numbered + 1
    elseif RESERVED[key] then
      result.reserved = result.reserved or {}
      result.reserved[key] = true
    else
      result[key] = item
    end
  end
  if numbered == #argument then
    for i = 1, numbered do items[i] = literal_from_string(argument[i]) end
  else -- a list with holes
    for key, item in pairs(argument) do
      if type(key) == "number" then items[#items + 1] = literal_from_string(item) end
    end
  end
  return result
end

function globals.any(...) return expression("any", nil, ...) end
function globals.all(...) return expression("all", nil, ...) end
function globals.none(...) return expression("none", nil, ...) end
function globals.at_least(n, ...) return expression("at_least", n, ...) end

-- ---- literals ----

local LITERAL_FLAGS = { nocase = true, wide = true, word = true }

function globals.lit(bytes, ...)
  local result = literal(bytes)
  for _, flag in ipairs { ... } do
    if LITERAL_FLAGS[flag] then
      result[flag] = true
    else
      result.unknown_flag = flag
    end
  end
  return result
end

function globals.hex(source) return { kind = "hex", source = source, where = where() } end

-- ---- stages ----

local function pattern_stage(kind)
  return function(pattern, flags)
    if type(pattern) == "table" then return name_first(node(kind, pattern), "pattern") end
    return { kind = kind, pattern = pattern, flags = flags, where = where() }
  end
end

globals.regex = pattern_stage("regex")
globals.path = pattern_stage("path")

function globals.count(argument)
  local result = name_first(node("count", argument), "target")
  if type(result.target) == "string" then
    result.target = { kind = "regex", pattern = result.target, flags = result.flags, where = result.where }
    result.flags = nil
  end
  return result
end

function globals.near(argument)
  local result = name_first(node("near", argument), "target")
  if type(result.target) == "string" then
    result.target = { kind = "rule", name = result.target, where = result.where }
  end
  return result
end

function globals.entropy(argument) return node("entropy", argument) end

function globals.luhn(argument)
  local result = node("checksum", argument)
  result.name = "luhn"
  if result.of == nil and result.capture ~= nil then
    result.of, result.capture, result.of_is_capture = result.capture, nil, true
  end
  return result
end

function globals.checksum(argument)
  local result = node("checksum", argument)
  if result.argument ~= nil then
    result.name, result.argument = result.argument, nil
  else
    result.name, result[1] = result[1], nil
  end
  return result
end

local LISTS = { "text", "equal", "regex", "path" }

local function allow_list(kind)
  return function(argument)
    local result = node(kind, argument)
    for _, name in ipairs(LISTS) do
      local value = result[name]
      if type(value) == "string" or (type(value) == "table" and value.kind ~= nil) then
        result[name] = { value }
      end
    end
    return result
  end
end

globals.except = allow_list("except")
globals.only = allow_list("only")

-- field { at = ... } is a stage, field "name" a spot of a graph stage.
function globals.field(argument)
  if type(argument) == "string" then argument = { argument } end
  return node("field", argument)
end

function globals.condition(source, patterns)
  local result
  if type(source) == "table" then
    result = name_first(node("condition", source), "source")
  else
    result = { kind = "condition", source = source, patterns = patterns, where = where() }
  end
  if type(result.patterns) == "table" then
    local named = {}
    for name, value in next, result.patterns do named[name] = literal_from_string(value) end
    result.patterns = named
  end
  return result
end

function globals.host(fn)
  local result = { kind = "host", where = where() }
  if type(fn) == "function" then
    result.fn_index = internals.host(fn)
  else
    result.argument = fn == nil and "nothing" or fn
  end
  return result
end

-- ---- program graphs ----

for _, kind in ipairs { "dominates", "post_dominates", "flows_to", "taint" } do
  globals[kind] = function(argument) return node(kind, argument) end
end

-- Spots, guards and actions: what is not named stays in the list part.
for _, kind in ipairs { "call", "argument", "parameter", "returned", "global", "loop_bound", "index", "address",
  "divisor", "signed_index", "operand", "signed_argument", "narrowed", "outside", "guard", "assign", "test", "use" } do
  globals[kind] = function(argument, more)
    local result = node(kind, type(argument) == "table" and not argument.kind and argument or { argument })
    if type(more) == "table" then copy_fields(result, more) end
    return result
  end
end

-- Functions may be called as they like, so they stand apart from the fields.
globals["library"] = function(argument)
  local result = { kind = "library", where = where() }
  if type(argument) == "table" then
    result.functions = {}
    for key, value in next, argument do
      if key == "language" then
        result.language = value
      else
        result.functions[key] = value
      end
    end
  else
    result.argument = argument == nil and "nothing" or argument
  end
  internals.declare(result)
end

-- ---- rules ----

local function is_node(value) return type(value) == "table" and value.kind ~= nil end

local function normal_examples(list)
  if type(list) == "string" then list = { list } end
  if type(list) ~= "table" then return list end
  local result = {}
  for key, value in next, list do
    result[key] = type(value) == "string" and { text = value } or value
  end
  return result
end

local function complete(name, place, body)
  local result = {}
  if type(body) == "table" then
    copy_fields(result, body)
  else
    result.unfinished = true
  end
  result.name = name
  result.where = place
  if type(result.prefilter) == "string" or is_node(result.prefilter) then
    local kind = type(result.prefilter) == "table" and result.prefilter.kind
    if not kind or kind == "literal" or kind == "hex" then
      result.prefilter = { kind = "any", items = { literal_from_string(result.prefilter) }, where = place }
    end
  end
  if is_node(result.confirm) then result.confirm = { result.confirm } end
  if type(result.patterns) == "table" then
    local named = globals.condition("", result.patterns).patterns
    for _, stage in ipairs(type(result.confirm) == "table" and result.confirm or {}) do
      if type(stage) == "table" and stage.kind == "condition" and stage.patterns == nil then
        stage.patterns, stage.shared_patterns = named, true
      end
    end
    result.patterns = nil
  end
  if type(result.examples) == "table" then
    local examples = copy_fields({}, result.examples)
    examples.match = normal_examples(examples.match)
    examples.miss = normal_examples(examples.miss)
    result.examples = examples
  end
  return result
end

-- Rules whose name was given and whose body was not, in order: { name =, where = } or false.
local open = {}

local function declare(slot, name, place, body)
  open[slot] = false
  internals.declare(complete(name, place, body))
end

function globals.rule(name, body)
  local place = where()
  internals.name(name)
  local slot = #open + 1
  open[slot] = { name = name, where = place }
  if body ~= nil then return declare(slot, name, place, body) end
  return function(later) return declare(slot, name, place, later) end
end

return function()
  for slot, rule in ipairs(open) do
    if rule then declare(slot, rule.name, rule.where, nil) end
  end
end
