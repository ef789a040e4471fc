-- `hunch graph`: a source file's functions as text, JSON, or a drawing for graphviz.
local M = {}

local json = require "hunch.report.json"
local visible = require "hunch.report.visible"

local NOT_READ = 2

-- By the end of a file's name.
local LANGUAGES = { c = "c", h = "c", java = "java", js = "javascript", mjs = "javascript", cjs = "javascript",
    py = "python" }

local function read(path)
    local file, message = io.open(path, "rb")
    if not file then
        return nil, message
    end
    local text, why = file:read("a")
    file:close()
    return text, why and path .. ": " .. why
end

-- What the file includes from its own folder, and what that includes, by name as it is written.
local function includes_of(path, text)
    local folder, found, queue = path:match("^(.*/)") or "", {}, { text }
    for _, source in ipairs(queue) do
        for name in ("\n" .. source):gmatch('\n[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"') do
            local included = not found[name] and read(folder .. name)
            if included then
                found[name], queue[#queue + 1] = included, included
            end
        end
    end
    return found
end

local function facts_of(fn)
    local facts = { name = fn.name, line = fn.line, last_line = fn.last_line, incomplete = fn.incomplete, blocks = {} }
    for i, block in ipairs(fn:blocks()) do
        local statements = {}
        for k, statement in ipairs(block) do
            -- Offsets in JSON are from 0, half open.
            statements[k] = { kind = statement.kind, line = statement.line, start = statement.first - 1,
                              ["end"] = statement.last }
        end
        local to = {}
        for k, next in ipairs(block.to) do to[k] = next - 1 end
        facts.blocks[i] = { ends = block.ends, returns = block.returns, statements = statements, to = to }
    end
    return facts
end

local function quoted(text)
    return '"' .. visible.escape(text):gsub('[\\"]', "\\%0") .. '"'
end

-- A statement's own text, on one line.
local function words_of(source, statement)
    local text = source:sub(statement.first, statement.last):gsub("%s+", " ")
    if #text > 60 then
        text = text:sub(1, 57) .. "..."
    end
    local word = statement.kind
    local is_condition = word == "if" or word == "while" or word == "do" or word == "for" or word == "switch"
    return ("%d: %s%s"):format(statement.line, is_condition and word .. " " or "", text)
end

local function draw_block(out, name, i, block, source)
    local lines = {}
    for _, statement in ipairs(block) do
        if statement.kind ~= "parameters" then
            lines[#lines + 1] = quoted(words_of(source, statement)):sub(2, -2)
        end
    end
    if block.ends == "exit" then
        lines[#lines + 1] = block.returns and "(returns)" or "(never comes back)"
    end
    out[#out + 1] = ('    "%s.%d" [shape=box, label="%s\\l"];'):format(name, i, table.concat(lines, "\\l"))
    for k, to in ipairs(block.to) do
        local label = block.ends == "branch" and (k == 1 and ' [label="yes"]' or ' [label="no"]') or ""
        out[#out + 1] = ('    "%s.%d" -> "%s.%d"%s;'):format(name, i, name, to, label)
    end
end

local function draw(functions, source)
    local out = { "digraph functions {", "  node [fontname=monospace];" }
    for n, fn in ipairs(functions) do
        out[#out + 1] = ("  subgraph cluster_%d {"):format(n)
        out[#out + 1] = "    label=" .. quoted(fn.name) .. ";"
        for i, block in ipairs(fn:blocks()) do
            draw_block(out, "f" .. n, i, block, source)
        end
        out[#out + 1] = "  }"
    end
    out[#out + 1] = "}"
    return table.concat(out, "\n") .. "\n"
end

local function fault(env, message)
    env.stderr:write("hunch: ", visible.escape(message), "\n")
    return NOT_READ
end

local function chosen(graph, name)
    local list = {}
    for _, fn in ipairs(graph:functions()) do
        if not name or fn.name == name then
            list[#list + 1] = fn
        end
    end
    return list
end

function M.run(values, env)
    local path = values.files[1]
    local language = values.language or LANGUAGES[path:match("%.([%w]+)$") or ""]
    if not language then
        return fault(env, "the name of " .. path .. " says no language: name it with --language")
    end
    local source, problem = read(path)
    if not source then
        return fault(env, problem)
    end
    local graph
    graph, problem = env.core.graph(language, source, { name = path, includes = includes_of(path, source) })
    if not graph then
        return fault(env, path .. ": " .. problem)
    end
    local functions = chosen(graph, values["function"])
    if values["function"] and #functions == 0 then
        return fault(env, path .. " has no function '" .. values["function"] .. "'")
    end
    if values.format == "dot" then
        env.stdout:write(draw(functions, source))
    elseif values.format == "json" then
        local facts = {}
        for i, fn in ipairs(functions) do facts[i] = facts_of(fn) end
        env.stdout:write(json.encode { file = json.lossy(path), faults = graph.faults, functions = facts }, "\n")
    else
        for _, fn in ipairs(functions) do env.stdout:write(fn:text()) end
    end
    for _, entry in ipairs(graph.faults) do
        fault(env, ("%s:%d: %s"):format(path, entry.line, entry.reason))
    end
    return 0
end

return M
