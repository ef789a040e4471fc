-- Pairs of small programs, much alike: one has a flow, at the lines marked SINK, the other none. A file a topic:
--
--   // pair: NAME     // flow, then a program     // clean, then the other     // file: NAME begins another file of it
local assert = require "luassert"
local busted = require "busted"
local hunch = require "hunch"

local M = {}

--- { name =, flow = files, clean = files }, files: { { name =, lines = } }. comment: how one begins.
local function pairs_of(path, comment, first)
    local list, kind = {}, nil
    for line in io.lines(path) do
        local text = line:sub(1, #comment + 1) == comment .. " " and line:sub(#comment + 2) or ""
        local name, file = text:match "^pair: (.*)", text:match "^file: (.*)"
        if name then
            list[#list + 1] = { name = name, flow = {}, clean = {} }
        elseif text == "flow" or text == "clean" then
            kind = text
        else
            local files = list[#list][kind]
            if file or #files == 0 then files[#files + 1] = { name = file or first, lines = {} } end
            if not file then table.insert(files[#files].lines, line) end
        end
    end
    return list
end

local function expected(files, comment)
    local list = {}
    for _, file in ipairs(files) do
        for number, line in ipairs(file.lines) do
            if line:find(comment .. " SINK", 1, true) then list[#list + 1] = ("%s:%d"):format(file.name, number) end
        end
    end
    table.sort(list)
    return list
end

--- Where the rules find something in files, each place once: "NAME:LINE", sorted.
function M.found(rules, files)
    local records, list, seen = {}, {}, {}
    for i, file in ipairs(files) do records[i] = { name = file.name, data = table.concat(file.lines, "\n") .. "\n" } end
    local result = rules:scan(records)
    for _, m in ipairs(result.matches) do
        local at = ("%s:%d"):format(m.record, m.line)
        if not seen[at] then list[#list + 1] = at end
        seen[at] = true
        assert(m.witness[1].what == "source" and m.witness[#m.witness].what == "sink", "a witness from source to sink")
    end
    assert(#result.incomplete == 0, result.incomplete[1] and result.incomplete[1].detail)
    table.sort(list)
    return list
end

--- Specs for all pairs of a language. options: language (as it is called), folder, ending, comment, first (how the
--- first file of a program is called), topics, least (pairs that there are), text (of the rules). Returns the rules.
function M.describe(options)
    local rules = assert(hunch.engine({ cache = "" }):compile { name = "r.lua", text = options.text })
    local count, comment = 0, options.comment
    busted.describe("value flow in " .. options.language .. ":", function()
        for _, topic in ipairs(options.topics) do
            local path = ("%s/%s%s"):format(options.folder, topic, options.ending)
            for _, each in ipairs(pairs_of(path, comment, options.first)) do
                count = count + 1
                busted.it(topic .. ": " .. each.name .. ": flow", function()
                    local wanted = expected(each.flow, comment)
                    assert.is_true(#wanted > 0)
                    assert.same(wanted, M.found(rules, each.flow))
                end)
                busted.it(topic .. ": " .. each.name .. ": clean", function()
                    assert.same({}, M.found(rules, each.clean))
                end)
            end
        end
        busted.it(("is shown by at least %d pairs"):format(options.least), function()
            assert.is_true(count >= options.least, count)
        end)
    end)
    return rules
end

return M
