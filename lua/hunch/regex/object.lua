--- hunch.regex: one regex by itself, for host programs and specs.
-- RE2's syntax and its leftmost-first matches over bytes, in linear time. Offsets are 1-based and
-- inclusive; an empty match has last = first - 1.
local analysis = require "hunch.regex.analysis"
local emit = require "hunch.regex.emit"
local native = require "hunch.native"
local parse = require "hunch.regex.parse"

local M = {}

---@class hunch.Regex
---@field pattern string
---@field flags string
---@field groups integer number of capturing groups
---@field names table<string, integer> name of a group -> its number
local Regex = {}
Regex.__index = Regex

--- All matches from left to right: of each the span of the whole and of its groups, false where a
-- group is not set.
---@param bytes string
---@return (integer[]|false)[][]
function Regex:matches(bytes)
    return self.code:matches(bytes)
end

--- The match that begins at byte `first`, as an entry of matches; nil when none begins there.
---@param bytes string
---@param first integer from 1 to #bytes + 1
---@return (integer[]|false)[]|nil
function Regex:match_at(bytes, first)
    return self.code:match_at(bytes, first)
end

--- Compiles a pattern. `flags`: letters of "imsU".
---@param pattern string
---@param flags string|nil
---@return hunch.Regex|nil
---@return { message: string, position: integer }|nil
function M.new(pattern, flags)
    local tree, info = parse.parse(pattern, flags)
    if not tree then return nil, info end
    local emitted, problem = emit.emit(tree)
    if not emitted then return nil, problem end
    local first, nullable = analysis.first(tree)
    local code, classes = emit.pack(emitted)
    local compiled = native.regex(code, classes, {
        states = emitted.states,
        groups = info.groups,
        first = not nullable and first or nil,
        anchored = analysis.at_text_begin(tree),
    })
    return setmetatable({
        code = compiled, pattern = pattern, flags = flags or "", groups = info.groups, names = info.names,
    }, Regex)
end

return M
