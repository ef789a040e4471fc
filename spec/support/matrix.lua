--- A matrix of small C programs: weakness x source x use x shape of the flow. Each is one link unit with entries that
--- are vulnerable (a source reaches the use) and entries that are not: something harmless instead of the source, a use
--- that is guarded, a source or use that never runs. Made anew each time, always the same.
local shapes = require "support.matrix.shapes"
local sorted = require "hunch.sorted"
local values = require "support.matrix.values"
local weaknesses = require "support.matrix.weaknesses"

local M = { shapes = shapes, weaknesses = weaknesses }

local HEAD = [[
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>
#include <wchar.h>
#define MOST 20
struct pair { int first, second; };
extern char **arguments_of_main;
extern void *database;
extern const char from_outside[200];
]]

local FLAW = "/* FLAW */"

local function in_order(map)
    local keys, i = sorted.keys(map), 0
    return function()
        i = i + 1
        return keys[i], map[keys[i]]
    end
end

local function filled(text, entry)
    -- Twice: what stands in for $U may hold $E.
    for _ = 1, 3 do text = text:gsub("%$([A-Z])", entry) end
    return text
end

--- The files of a shape for one entry, added to `files`: { path = { text... } }.
local function put(files, shape, template, entry)
    entry.U, entry.S = filled(entry.U, entry), filled(entry.S, entry)
    local extra = shape.edit and shape.edit(entry) or ""
    if type(template) == "string" then template = { ["a.c"] = template } end
    for path, text in in_order(template) do
        path = filled(path, entry)
        local helper = text:find("$U", 1, true) and entry.H or ""
        local list = files[path] or {}
        files[path] = list
        list[#list + 1] = filled((path == "a.c" and extra or "") .. helper .. "\n" .. text, entry)
    end
end

local function pick(list, number)
    return list[number % #list + 1]
end

--- One program: { records = { { name, data } }, entries = { { name, vulnerable, kind } } }. `turn` chooses what is
--- clean and which guard stands where there are several.
function M.program(weakness, source, use_index, shape, turn)
    local value = values[weakness.kind]
    local use = weakness.uses[use_index]
    local helper = weakness.helper and weakness.helper[use_index] or ""
    local dangerous, clean = value.sources[source], pick(value.clean, turn)
    local files, entries = {}, {}

    local function entry(name, kind, template, S, U, vulnerable)
        local mark = vulnerable and FLAW or ""
        put(files, shape, template, {
            E = name, T = value.type, D = value.declare, S = S, C = clean,
            U = (U:gsub("/%*!%*/", mark)), H = helper ~= "" and helper:gsub("/%*!%*/", mark) .. "\n" or "",
        })
        entries[#entries + 1] = { name = name, kind = kind, vulnerable = vulnerable }
    end

    entry("e1", "bad", shape.files, dangerous, use, true)
    entry("e2", "clean source", shape.files, clean, use, false)
    if weakness.guards then
        entry("e3", "guarded use", shape.files, dangerous, (pick(weakness.guards, turn):gsub("%$U", function()
            return use
        end)), false)
    end
    if weakness.fixed then
        entry("e4", "other use", shape.files, dangerous, pick(weakness.fixed, turn), false)
    end
    for name, template in in_order(shape.dead or {}) do
        entry("e" .. #entries + 5, "dead: " .. name, template, dangerous, use, false)
    end

    local records, main = {}, { HEAD,
        'char **arguments_of_main;\nvoid *database;\nconst char from_outside[200] = "text";\n' }
    for path in in_order(shape.common or {}) do files[path] = files[path] or {} end
    for path, list in in_order(files) do
        local text = (path:find "%.h$" and "" or HEAD) .. filled((shape.common or {})[path] or "", { T = value.type })
            .. table.concat(list, "\n")
        records[#records + 1] = { name = path, data = text }
    end
    for _, each in ipairs(entries) do main[#main + 1] = ("void run_%s(void);\n"):format(each.name) end
    main[#main + 1] = "int main(int argc, char **argv)\n{\n    arguments_of_main = argv;\n"
    for _, each in ipairs(entries) do main[#main + 1] = ("    run_%s();\n"):format(each.name) end
    main[#main + 1] = "    return argc > 9;\n}\n"
    records[#records + 1] = { name = "main.c", data = table.concat(main) }
    return { records = records, entries = entries }
end

--- Every program of the matrix: f(weakness, source, use_index, shape, turn). With `sample` one source and one use for
--- each weakness and shape, in turn.
function M.each(f, sample)
    for w, weakness in ipairs(weaknesses) do
        local sources = weakness.sources
        if not sources then
            sources = {}
            for name in in_order(values[weakness.kind].sources) do sources[#sources + 1] = name end
        end
        for s, shape in ipairs(shapes) do
            local turn = w + s
            if shape.except and shape.except[weakness.kind] then
                goto continue
            elseif sample then
                f(weakness, pick(sources, turn), turn % #weakness.uses + 1, shape, turn // 2)
            else
                for _, source in ipairs(sources) do
                    for use = 1, #weakness.uses do
                        turn = turn + 1
                        f(weakness, source, use, shape, turn)
                    end
                end
            end
            ::continue::
        end
    end
end

--- Why the program's weakness is known to be missed, or nil.
function M.known_miss(weakness, source, shape)
    local missed = weakness.missed or {}
    return missed.all or (missed.source or {})[source] or (shape.missed or {})[weakness.kind]
end

local function lines_with(records, mark)
    local list = {}
    for _, record in ipairs(records) do
        local number = 0
        for line in (record.data .. "\n"):gmatch "(.-)\n" do
            number = number + 1
            if line:find(mark, 1, true) then list[record.name .. ":" .. number] = true end
        end
    end
    return list
end

--- Whether the vulnerable entry's use was found, the places of findings elsewhere, and what was not scanned.
function M.score(rules, weakness, program)
    local flaws, found, wrong, others = lines_with(program.records, FLAW), false, {}, {}
    local result = rules:scan(program.records)
    for _, match in ipairs(result.matches) do
        local counts = false
        for _, tag in ipairs(match.tags) do counts = counts or weakness.asked[tag] end
        local place = match.record .. ":" .. match.line
        if not counts then
            others[match.rule] = true
        elseif flaws[place] then
            found = true
        else
            wrong[#wrong + 1] = match.rule .. " " .. place
        end
    end
    return found, wrong, others, result.incomplete
end

return M
