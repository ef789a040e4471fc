-- Checks what anchors promise (docs/INTERNALS.md section 5), match by match.

local runner = require "support.code_runner"

local M = {}

local function literal_at(literal, text, at)
    local piece = text:sub(at + 1, at + #literal.bytes)
    if literal.nocase then
        return piece:lower() == literal.bytes
    end
    return piece == literal.bytes
end

local function stands_at(anchor, text, at)
    if anchor.class then
        if at + anchor.length > #text then
            return false
        end
        for i = at + 1, at + anchor.length do
            local byte = text:byte(i)
            if anchor.class:byte((byte >> 3) + 1) >> (byte & 7) & 1 == 0 then
                return false
            end
        end
        return true
    end
    for _, literal in ipairs(anchor.literals) do
        if literal_at(literal, text, at) then
            return true
        end
    end
    return false
end

--- Whether the anchor's prefix says that a match can start at `from` for an occurrence at `at`.
function M.prefix_holds(anchor, text, from, at)
    local length = at - from
    if length < anchor.before_min or (anchor.before_max and length > anchor.before_max) then
        return false
    end
    if anchor.prefix == "run" then
        for i = from + 1, at do
            local byte = text:byte(i)
            if anchor.set:byte((byte >> 3) + 1) >> (byte & 7) & 1 == 0 then
                return false
            end
        end
        return true
    elseif anchor.prefix == "program" then
        return runner.ends(anchor.reverse, text, at, 0, true)[from] == true
    end
    return anchor.prefix == "fixed"
end

--- Whether the match from..to (0-based, half open) is found by one of the anchors as they promise.
function M.covers(anchors, emitted, text, from, to)
    for _, anchor in ipairs(anchors) do
        for at = from + anchor.before_min, math.min(to, anchor.before_max and from + anchor.before_max or to) do
            if stands_at(anchor, text, at) and M.prefix_holds(anchor, text, from, at)
                and runner.ends(emitted, text, at, anchor.entry)[to] then
                return true
            end
        end
    end
    return false
end

--- The other half: where a prefix that is not fixed holds and the code from the entry matches, the whole code does.
--- Returns the first from, at, to that break it.
function M.unfounded(anchors, emitted, text)
    for _, anchor in ipairs(anchors) do
        for at = 0, #text do
            if anchor.prefix ~= "fixed" and stands_at(anchor, text, at) then
                local ends = runner.ends(emitted, text, at, anchor.entry)
                for from = 0, at do
                    if next(ends) and M.prefix_holds(anchor, text, from, at) then
                        local whole = runner.ends(emitted, text, from)
                        for to = at, #text do
                            if ends[to] and not whole[to] then
                                return from, at, to
                            end
                        end
                    end
                end
            end
        end
    end
end

return M
