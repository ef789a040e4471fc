-- What can be found inside of the texts that a regex leaves: proofs that every one of them, or that none, holds a match
-- of another regex. Sound and bounded: false means that it is not so, or not found out. Called by check.
local analysis = require "hunch.regex.analysis"
local ast = require "hunch.regex.ast"
local charset = require "hunch.regex.charset"
local emit = require "hunch.regex.emit"
local finder = require "hunch.regex.finder"
local imply = require "hunch.regex.imply"

local M = {}

local OP = emit.OP
local CAP = 40 -- counts past it are relaxed in the regex that leaves the texts
local LIMITS = { states = 2000, work = 10000 } -- a few milliseconds
local SAMPLES, MOST_SAMPLE = 4, 500 -- texts that are looked at first, and pieces of one
local MOST_CODE = 3000 -- instructions of one regex

local function without_assertions(emitted)
    local code = {}
    for i, instruction in ipairs(emitted.code) do
        code[i] = instruction.op == OP.ASSERT and { op = OP.JMP, x = i, state = instruction.state } or instruction
    end
    return { code = code, classes = emitted.classes }
end

local function emitted_of(tree)
    local emitted = emit.emit(tree)
    return emitted and #emitted.code <= MOST_CODE and emitted.states <= 4 * MOST_CODE and emitted or nil
end

--- One of the texts of a tree, its assertions aside: pick(n, bytes) chooses one of n branches, or of these bytes.
--- nil: it has none, or this one is long.
local function sample(tree, pick)
    local out, members = {}, {}
    local function add(node)
        local tag = node.tag
        if tag == "fail" or #out > MOST_SAMPLE then return false end
        if tag == "set" then
            local bytes = members[node.set] or charset.members(node.set)
            members[node.set] = bytes
            out[#out + 1] = #bytes > 0 and string.char(bytes[pick(#bytes, bytes)]) or nil
            return #bytes > 0
        elseif tag == "alt" then
            return add(node[pick(#node)])
        elseif tag == "repeat" then
            for _ = 1, node.min do
                if not add(node[1]) then return false end
            end
            return true
        end
        for _, child in ipairs(node) do
            if not add(child) then return false end
        end
        return true
    end
    return add(tree) and table.concat(out) or nil
end

-- A digit if there is one, else a letter: what checksums and the like look for.
local function likely(_, bytes)
    for i, byte in ipairs(bytes or {}) do
        if byte >= 49 and byte <= 57 or byte >= 65 then return i end
    end
    return 1
end

local function proved(tree, wanted, refuted, loose)
    local texts, inner = emitted_of(tree), emitted_of(wanted)
    if not texts or not inner then return false end
    if loose then inner = without_assertions(inner) end
    local text = refuted == "found" and sample(tree, likely)
    if text and imply.finds(inner, text) then return false end
    -- Assertions of the outer regex count as satisfied: more texts, so what is proved of them holds.
    return imply.unrefuted(without_assertions(texts), finder.new(inner, refuted), CAP, LIMITS)
end

--- Does each of a few texts of the tree pass the test? A first glance, since most regexes leave texts that do not.
function M.at_a_glance(tree, holds)
    local state = 1
    local function pick(n)
        state = (state * 1103515245 + 12345) & 0x7fffffff
        return (state >> 16) % n + 1
    end
    for _ = 1, SAMPLES do
        local text = sample(tree, pick)
        if text and not holds(text) then return false end
    end
    return true
end

-- Does a byte stand in the text with which a match could begin?
local function could_begin(tree, text)
    local first, nullable = analysis.first(tree)
    for at = 1, nullable and 0 or analysis.at_text_begin(tree) and math.min(1, #text) or #text do
        if charset.contains(first, text:byte(at)) then return true end
    end
    return nullable
end

--- Does the regex match somewhere in the text?
function M.found(tree, text)
    if not could_begin(tree, text) then return false end
    local emitted = emitted_of(tree)
    return not emitted or imply.finds(emitted, text)
end

--- Is there a match of `wanted` in every text of `tree`? Assertions of `wanted` see the ends of that text.
function M.always(tree, wanted)
    return proved(tree, wanted, "missed", false)
end

--- Is there no match of `wanted` in any text of `tree`? `loose`: assertions of `wanted` see bytes around the text.
function M.never(tree, wanted, loose)
    return proved(tree, wanted, "found", loose)
end

--- A regex of all texts.
function M.anything()
    return ast.rep(ast.set(charset.complement(charset.EMPTY)), 0, nil, true)
end

return M
