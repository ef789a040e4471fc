--- Random C functions, one statement a line, and what may run after each of their lines, by reading the statements
-- as they are defined: no blocks, no front end.
local M = {}

--- A statement is { line =, kind =, ... }; `next` of a line is the list of lines that may run after it; 0 is the end.
local function writer(random)
    local w = { lines = {}, labels = 0, random = random }

    function w.add(text)
        w.lines[#w.lines + 1] = text
        return #w.lines
    end

    return w
end

local list

local function simple(w)
    return { kind = "simple", line = w.add "f();" }
end

local makers = {}

function makers.simple(w) return simple(w) end

makers["return"] = function(w) return { kind = "return", line = w.add "return 1;" } end

makers["break"] = function(w, in_loop, in_switch)
    if not (in_loop or in_switch) then return simple(w) end
    return { kind = "break", line = w.add "break;" }
end

makers["continue"] = function(w, in_loop)
    if not in_loop then return simple(w) end
    return { kind = "continue", line = w.add "continue;" }
end

makers["goto"] = function(w)
    local label = w.random(3)
    return { kind = "goto", label = label, line = w.add(("goto l%d;"):format(label)) }
end

makers["if"] = function(w, in_loop, in_switch, depth)
    local s = { kind = "if", line = w.add "if (g())" }
    w.add "{"
    s.yes = list(w, in_loop, in_switch, depth)
    w.add "}"
    if w.random(2) == 1 then
        w.add "else {"
        s.no = list(w, in_loop, in_switch, depth)
        w.add "}"
    end
    return s
end

makers["while"] = function(w, _, _, depth)
    local s = { kind = "while", line = w.add "while (g())" }
    w.add "{"
    s.body = list(w, true, false, depth)
    w.add "}"
    return s
end

makers["do"] = function(w, _, _, depth)
    w.add "do {"
    local s = { kind = "do", body = list(w, true, false, depth) }
    w.add "}"
    s.line = w.add "while (g());"
    return s
end

makers["for"] = function(w, _, _, depth)
    local s = { kind = "for", line = w.add "for (; g();" }
    s.update = w.add "f()) {"
    s.body = list(w, true, false, depth)
    w.add "}"
    return s
end

function makers.switch(w, in_loop, _, depth)
    local s = { kind = "switch", line = w.add "switch (g()) {", cases = {} }
    for i = 1, w.random(3) do
        if i == 1 and w.random(2) == 1 then
            w.add "default:"
            s.has_default = true
        else
            w.add(("case %d:"):format(i))
        end
        s.cases[i] = list(w, in_loop, true, depth)
        if #s.cases[i] == 0 then s.cases[i][1] = simple(w) end
    end
    w.add "}"
    return s
end

local KINDS = { "simple", "simple", "simple", "return", "break", "continue", "goto", "if", "if", "while", "do", "for",
                "switch" }

function list(w, in_loop, in_switch, depth)
    local out = {}
    for i = 1, w.random(4) - 1 do
        local kind = depth > 0 and KINDS[w.random(#KINDS)] or KINDS[w.random(7)]
        out[i] = makers[kind](w, in_loop, in_switch, depth - 1)
    end
    return out
end

--- The line that runs first of a list behind which `behind` runs, and with it the ways of its statements.
local ways_of_list

local function ways(s, behind, to, where)
    local next = to.next
    if s.kind == "simple" then
        next[s.line] = { behind }
    elseif s.kind == "return" then
        next[s.line] = { 0 }
    elseif s.kind == "break" then
        next[s.line] = { where.on_break }
    elseif s.kind == "continue" then
        next[s.line] = { where.on_continue }
    elseif s.kind == "goto" then
        to.gotos[#to.gotos + 1] = s
    elseif s.kind == "if" then
        next[s.line] = { ways_of_list(s.yes, behind, to, where),
                         s.no and ways_of_list(s.no, behind, to, where) or behind }
    elseif s.kind == "while" then
        local first = ways_of_list(s.body, s.line, to, { on_break = behind, on_continue = s.line })
        next[s.line] = { first, behind }
    elseif s.kind == "do" then
        local first = ways_of_list(s.body, s.line, to, { on_break = behind, on_continue = s.line })
        next[s.line] = { first, behind }
        return first
    elseif s.kind == "for" then
        local first = ways_of_list(s.body, s.update, to, { on_break = behind, on_continue = s.update })
        next[s.line], next[s.update] = { first, behind }, { s.line }
    elseif s.kind == "switch" then
        local first, cases = behind, {}
        for i = #s.cases, 1, -1 do
            first = ways_of_list(s.cases[i], first, to, { on_break = behind, on_continue = where.on_continue })
            cases[#cases + 1] = first
        end
        if not s.has_default then cases[#cases + 1] = behind end
        next[s.line] = cases
    end
    return s.line
end

function ways_of_list(statements, behind, to, where)
    for i = #statements, 1, -1 do
        behind = ways(statements[i], behind, to, where)
    end
    return behind
end

--- Returns the source of `int t(void) { ... }`, the first line that runs, and next[line].
function M.make(random)
    local w = writer(random)
    w.add "int t(void)"
    w.add "{"
    local parts = {}
    for i = 1, 3 do
        w.add(("l%d:"):format(i))
        parts[i] = list(w, false, false, 3)
        parts[i][#parts[i] + 1] = simple(w)
    end
    w.add "}"
    local to = { next = {}, gotos = {} }
    local behind, labels = 0, {}
    for i = 3, 1, -1 do
        behind = ways_of_list(parts[i], behind, to, {})
        labels[i] = behind
    end
    for _, s in ipairs(to.gotos) do to.next[s.line] = { labels[s.label] } end
    return table.concat(w.lines, "\n"), behind, to.next
end

return M
