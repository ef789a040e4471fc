-- Recall and false findings of rules/c on the matrix of programs, by weakness and by shape, and what was missed:
--   lua5.4 spec/support/matrix_table.lua [--sample] [--weakness NAME] [--shape NAME] [--list] [--show]
-- --list names each program with a miss or a false finding, --show writes its files. `eval "$(make -s env)"` first.
package.path = "spec/?.lua;" .. package.path
local hunch = require "hunch"
local matrix = require "support.matrix"

local options = {}
do
    local i = 1
    while arg[i] do
        local name = arg[i]:match "^%-%-(%a+)$"
        if name == "weakness" or name == "shape" then
            i = i + 1
            options[name] = arg[i]
        else
            options[assert(name, "no such option: " .. arg[i])] = true
        end
        i = i + 1
    end
end

local engine = hunch.engine { threads = 1, cache = "", backend = "cpu" }
local rules = assert(engine:compile { "rules/c" })

local tables, order = { weakness = {}, shape = {} }, { weakness = {}, shape = {} }
local function row(kind, name)
    local list = tables[kind]
    if not list[name] then
        list[name] = { programs = 0, found = 0, good = 0, wrong = 0 }
        table.insert(order[kind], name)
    end
    return list[name]
end

local started, gaps = os.clock(), 0
matrix.each(function(weakness, source, use, shape, turn)
    if options.weakness and weakness.name ~= options.weakness or options.shape and shape.name ~= options.shape then
        return
    end
    local program = matrix.program(weakness, source, use, shape, turn)
    local found, wrong, others, incomplete = matrix.score(rules, weakness, program)
    gaps = gaps + #incomplete
    for _, each in ipairs { row("weakness", weakness.name), row("shape", shape.name), row("shape", "all") } do
        each.programs = each.programs + 1
        each.found = each.found + (found and 1 or 0)
        each.good = each.good + #program.entries - 1
        each.wrong = each.wrong + (#wrong > 0 and 1 or 0)
    end
    if options.list and not (found and #wrong == 0) then
        print(("%s %s use %d %s: %s %s"):format(weakness.name, source, use, shape.name, found and "" or "missed",
            table.concat(wrong, ", ")))
    end
    if options.others then
        for name in pairs(others) do print("other", weakness.name, name) end
    end
    if options.show then
        for _, record in ipairs(program.records) do print("==> " .. record.name .. "\n" .. record.data) end
    end
    if #incomplete > 0 and options.list then print(incomplete[1].reason, incomplete[1].detail) end
end, options.sample)

for _, kind in ipairs { "weakness", "shape" } do
    print(("\n%-24s %15s %8s   %s"):format(kind, "found", "", "programs with a false finding (good entries)"))
    for _, name in ipairs(order[kind]) do
        local each = tables[kind][name]
        print(("%-24s %6d of %6d %6.1f %%   %6d (%d)"):format(name, each.found, each.programs,
            100 * each.found / each.programs, each.wrong, each.good))
    end
end
print(("%d incomplete, %.1f s"):format(gaps, os.clock() - started))
