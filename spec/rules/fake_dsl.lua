-- A stand-in for the rule language that only records what a rule file says.
-- The specs of the shipped rules look at names, metadata and examples with it, so that a rule
-- file can be judged without the compiler. It checks no semantics.

local M = {}

local STAGES = { "path", "count", "near", "entropy", "luhn", "checksum", "except", "only", "field",
    "condition", "dominates", "post_dominates", "flows_to", "taint", "call", "argument", "parameter", "returned",
    "global", "loop_bound", "outside", "index", "address", "divisor",
    "signed_index", "operand", "signed_argument", "narrowed", "guard", "assign", "test", "use" }
local GATES = { "any", "all", "none" }

local function node(kind, value)
    if type(value) == "table" then
        value.kind = kind
        return value
    end
    return { value, kind = kind }
end

---Runs one rule file and returns its rules in the order of their declaration.
---@param file string path of the rule file
---@return table[] rules
function M.load(file)
    local rules = {}
    local env = {
        assert = assert, error = error, ipairs = ipairs, next = next, pairs = pairs, pcall = pcall,
        select = select, tonumber = tonumber, tostring = tostring, type = type,
        math = math, string = string, table = table, utf8 = utf8,
    }
    for _, name in ipairs(STAGES) do
        env[name] = function(value) return node(name, value) end
    end
    for _, name in ipairs(GATES) do
        env[name] = function(items)
            local one = type(items) ~= "table" or items.kind
            return { kind = name, items = one and { items } or items }
        end
    end
    env.at_least = function(n, items) return { kind = "at_least", n = n, items = items } end
    env.lit = function(bytes, ...)
        local literal = { kind = "literal", bytes = bytes }
        for _, flag in ipairs { ... } do literal[flag] = true end
        return literal
    end
    env.hex = function(source) return { kind = "hex", source = source } end
    env.regex = function(pattern, flags)
        if type(pattern) == "table" then
            return { kind = "regex", pattern = pattern[1], flags = pattern.flags or "", capture = pattern.capture }
        end
        return { kind = "regex", pattern = pattern, flags = flags or "" }
    end
    env.host = function(fn) return { kind = "host", fn = fn } end
    env["library"] = function() end
    env.rule = function(name)
        return function(body)
            body.name, body.file = name, file
            rules[#rules + 1] = body
        end
    end
    assert(loadfile(file, "t", env))()
    return rules
end

---All rule files below `folder`, bytewise sorted.
---@param folder string
---@return string[] paths
function M.files(folder)
    local paths = {}
    local pipe = assert(io.popen("find '" .. folder .. "' -name '*.lua' -type f"))
    for path in pipe:lines() do paths[#paths + 1] = path end
    pipe:close()
    table.sort(paths)
    return paths
end

---Every rule below `folder`, files bytewise, then in the order of declaration.
---@param folder string
---@return table[] rules
function M.load_all(folder)
    local rules = {}
    for _, file in ipairs(M.files(folder)) do
        for _, one in ipairs(M.load(file)) do rules[#rules + 1] = one end
    end
    return rules
end

---The text of an example, which is a string or a table with `text` or `files`.
function M.example_text(example)
    if type(example) ~= "table" then return example end
    if not example.files then return example.text or "" end
    local names, texts = {}, {}
    for name in pairs(example.files) do names[#names + 1] = name end
    table.sort(names)
    for i, name in ipairs(names) do texts[i] = example.files[name] end
    return table.concat(texts)
end

return M
