--- One regex made ready for support.search_module: its code, its anchors and their guards, and where the anchors
--- occur in a text (found the slow way).

local analysis = require "hunch.regex.analysis"
local anchors = require "hunch.regex.anchors"
local ast = require "hunch.regex.ast"
local emit = require "hunch.regex.emit"
local search = require "support.search_module"

local M = {}

local Case = {}
Case.__index = Case

local function pack(emitted)
    local code, classes = emit.pack(emitted)
    return { code = code, classes = classes, states = emitted.states, groups = emitted.groups }
end

--- options: overlap, guard_states (96), no_anchors.
function M.new(tree, options)
    options = options or {}
    local emitted, problem = emit.emit(tree)
    if not emitted then return nil, problem end
    local spec = pack(emitted)
    local first, nullable = analysis.first(tree)
    spec.groups = math.max(emitted.groups, ast.count_groups(tree))
    spec.first = not nullable and first or nil
    spec.anchored = analysis.at_text_begin(tree)
    spec.overlap = options.overlap
    local found = not options.no_anchors and anchors.anchors(tree, emitted) or nil
    for i, anchor in ipairs(found or {}) do
        spec.anchors = spec.anchors or {}
        spec.anchors[i] = {
            class = anchor.class, length = anchor.length, least = anchor.before_min, most = anchor.before_max,
            entry = anchor.entry, prefix = anchor.prefix, set = anchor.set,
            reverse = anchor.reverse and pack(anchor.reverse), guard = options.guard_states or 96,
        }
    end
    return setmetatable({ object = search.new(spec), anchors = found, tree = tree, emitted = emitted }, Case)
end

--- How this case is searched when nothing forces another way: "hits", "ranges" or "everywhere".
function Case:way()
    if not self.anchors then return "everywhere" end
    for _, anchor in ipairs(self.anchors) do
        if anchor.class then return #self.anchors == 1 and "ranges" or "everywhere" end
    end
    return "hits"
end

local function add_occurrences(list, text, literal, index)
    local bytes, subject = literal.bytes, text
    if literal.nocase then subject = text:lower() end
    local at = 1
    while true do
        local first = subject:find(bytes, at, true)
        if not first then return end
        list[#list + 1] = { first - 1, index }
        at = first + 1
    end
end

local function in_order(a, b)
    if a[1] ~= b[1] then return a[1] < b[1] end
    return a[2] < b[2]
end

--- All occurrences of the literal anchors, in order; `guarded`: those that their guards let pass.
function Case:hits(text, guarded)
    local list = {}
    for index, anchor in ipairs(self.anchors) do
        for _, literal in ipairs(anchor.literals) do add_occurrences(list, text, literal, index) end
    end
    table.sort(list, in_order)
    if not guarded then return list end
    local kept = {}
    for _, hit in ipairs(list) do
        if self.object:passes(text, hit[1], hit[2]) then kept[#kept + 1] = hit end
    end
    return kept
end

--- The hits and some at places where no anchor stands.
function Case:hits_and_more(text, random)
    local list = self:hits(text, random(2) == 1)
    for _ = 1, random(8) do list[#list + 1] = { random(#text + 1) - 1, random(#self.anchors) } end
    table.sort(list, in_order)
    return list
end

return M
