--- The C machine as a matcher like naive_regex and pike: it takes a tree, the results have the same shape.
local analysis = require "hunch.regex.analysis"
local ast = require "hunch.regex.ast"
local emit = require "hunch.regex.emit"
local native = require "hunch.native"

local M = {}

function M.compile(tree)
    local emitted = assert(emit.emit(tree))
    local first, nullable = analysis.first(tree)
    local code, classes = emit.pack(emitted)
    return native.regex(code, classes, {
        states = emitted.states, groups = math.max(emitted.groups, ast.count_groups(tree)),
        first = not nullable and first or nil, anchored = analysis.at_text_begin(tree),
    })
end

--- A match begins where its search begins.
local function anchored_matches(regex, text, limit)
    local list, from, last_end = {}, 1, 0
    while from <= #text + 1 and #list < limit do
        local match = regex:match_at(text, from)
        if not match then break end
        local first, last = match[1][1], match[1][2]
        if first > last and first == last_end then
            from = from + 1
        else
            list[#list + 1] = match
            from, last_end = last + 1, last + 1
        end
    end
    return list
end

--- All matches from left to right. options: anchored, limit.
function M.matches(tree, text, options)
    local limit = options and options.limit or math.huge
    local regex = M.compile(tree)
    if options and options.anchored then return anchored_matches(regex, text, limit) end
    local list = regex:matches(text)
    for i = #list, limit + 1, -1 do list[i] = nil end
    return list
end

return M
