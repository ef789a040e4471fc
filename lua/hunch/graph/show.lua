--- Graph stages for people, and the names that a source must spell before they can find anything.
local quote = require "hunch.quote"
local words = require "hunch.graph.words"

local M = {}

local function show_spot(spot)
    local name = spot.name ~= "*" and quote(spot.name) or nil
    local place = spot.index and (spot.index .. (spot.on and " and on" or ""))
    if name and place then return ("%s { %s, %s }"):format(spot.kind, name, place) end
    if place then return ("%s { %s }"):format(spot.kind, place) end
    return name and spot.kind .. " " .. name or spot.kind .. "()"
end

local function show_guard(guard)
    if guard.kind == "compare" then return ("%s %s"):format(guard.compare, guard.with) end
    return ("call %s%s is %s"):format(quote(guard.name), guard.index and (" on argument %d"):format(guard.index) or "",
        guard.outcome)
end

local function show_action(action)
    if action.kind == "call" then
        return ("call %s%s"):format(quote(action.name), action.place and (", argument %d"):format(action.place) or "")
    elseif action.kind == "assign" then
        return action.value == "call" and ("assign what %s gives"):format(quote(action.name))
            or "assign " .. action.value
    end
    return action.kind
end

local function show_all(items, show)
    if #items == 0 then return nil end
    local list = {}
    for i, item in ipairs(items) do list[i] = show(item) end
    return table.concat(list, ", ")
end

---What `hunch explain` says of a stage.
---@return table<string, string>
function M.stage(stage)
    if stage.by then
        return {
            by = show_all(stage.by, show_action), of = show_all(stage.of, show_action),
            finds = ("each `of` that %s `by` %s%s"):format(stage.missing and "no" or "some",
                stage.kind:gsub("_", "-"), stage.same and ", of the same place" or ""),
        }
    end
    return {
        from = show_all(stage.from, show_spot), to = show_all(stage.to, show_spot),
        except = show_all(stage.except, show_spot), unless = show_all(stage.unless, show_guard),
        edges = #stage.edges < #words.edges and table.concat(stage.edges, ", ") or "all",
    }
end

--- What of a name the source spells where it stands: of "os.path.join" the last part, of "exec*" the first letters.
local function spelled(name)
    local text = (name or ""):gsub("%(.*$", ""):gsub("%*$", ""):match "[^.]*$"
    return text ~= "" and text or nil
end

-- The literals of which one must occur where one of the items does; nil: none need to.
local function names_of(items)
    local list, seen = {}, {}
    for _, item in ipairs(items) do
        local text = item.kind ~= "operand" and spelled(item.name) -- operators are not spelled
        if not text then return nil end
        if not seen[text] then
            seen[text] = true
            list[#list + 1] = { bytes = text }
        end
    end
    return #list > 0 and list or nil
end

---Lists of literals; of each one must occur in a link unit before the stage can find anything there.
---@return { bytes: string }[][]
function M.needed_names(stage)
    local lists = {}
    for _, items in ipairs(stage.by and { stage.of, not stage.missing and stage.by or {} }
        or { stage.to, stage.from }) do
        lists[#lists + 1] = names_of(items)
    end
    return lists
end

return M
