--- What library functions do with what they get, as rules and the built-in tables say it: "*2 -> *1".
--   FROM -> TO    FROM: `outside`, or an end; TO: an end, of which 1 is: the function takes that argument itself, as
--                 free does, and who holds its value holds something else then
--   end           1 an argument · *1 what it points to · 3+ the third and all that follow · return · *return
-- A table is { name = { flow, ... } }. An empty list: the function is known and passes nothing on.
local lpeg = require "lpeg"
local sorted = require "hunch.sorted"
local words = require "hunch.graph.words"

local P, R, S = lpeg.P, lpeg.R, lpeg.S
local Cc, Cp, Ct, Cg = lpeg.Cc, lpeg.Cp, lpeg.Ct, lpeg.Cg

local M = {}

local space = S " \t" ^ 0
local number = R "09" ^ 1 / tonumber
local place = Ct(Cg(P "*" * Cc(true), "pointed") ^ -1
    * (Cg(P "return" * Cc(true), "returned") + Cg(number, "index") * Cg(P "+" * Cc(true), "on") ^ -1)
    * -R("az", "AZ", "09"))
local outside = Ct(Cg(P "outside" * -R("az", "AZ", "09") * Cc(true), "outside"))
local bad = Ct(Cg(Cp(), "bad"))
local flow = space * (outside + place + bad)
    * (space * "->" * space * (place + bad) * (space * -1 + bad) + space * bad)

---One flow.
---@param text string
---@return { from: table, to: table }|nil
---@return { message: string, position: integer }|nil
function M.parse(text)
    local ends = { flow:match(text) }
    for _, found in ipairs(ends) do
        if found.bad then
            return nil, { position = found.bad,
                message = "a flow is FROM -> TO, where each is an argument's number, *number for what it points to, "
                    .. "return, or outside" }
        end
    end
    local from, to = ends[1], ends[2]
    if from.returned then
        return nil, { position = 1, message = "what a function gives back is no source of a flow" }
    end
    for _, found in ipairs { from, to } do
        if found.index and (found.index < 1 or found.index > words.PLACE_MOST) then
            return nil, { position = 1,
                message = ("arguments are counted from 1, and to %d at most"):format(words.PLACE_MOST) }
        end
    end
    return { from = from, to = to }
end

--- An end of a flow as the number that the program has.
function M.number(place_of)
    return (place_of.index or 0) | (place_of.on and words.AND_ON or 0) | (place_of.returned and words.RETURNED or 0)
        | (place_of.pointed and words.POINTED or 0) | (place_of.outside and words.OUTSIDE or 0)
end

--- A function that is known and passes nothing on: a flow without ends.
local NOTHING = { from = {}, to = {} }

local builtin = {
    c = "hunch.graph.flows_c",
    java = "hunch.graph.flows_java",
    javascript = "hunch.graph.flows_javascript",
    python = "hunch.graph.flows_python",
}

---The flows of one language: those that rules name, and of the built-in table all functions that no rule names.
---@param language string
---@param declared table<string, table[]> name -> parsed flows
---@return { name: string, from: table, to: table }[] sorted by name
function M.flows(language, declared)
    local list = {}
    local known = builtin[language] and require(builtin[language]) or {}
    local all = {}
    for name in pairs(known) do all[name] = true end
    for name in pairs(declared) do all[name] = true end
    for _, name in ipairs(sorted.keys(all)) do
        local parsed = declared[name]
        if not parsed then
            parsed = {}
            for i, text in ipairs(known[name]) do parsed[i] = assert(M.parse(text), text) end
        end
        for _, each in ipairs(#parsed > 0 and parsed or { NOTHING }) do
            list[#list + 1] = { name = name, from = each.from, to = each.to }
        end
    end
    return list
end

--- The tables that come with hunch, for specs: language -> module.
M.builtin = builtin

return M
