--- Random C functions that take texts from outside, ask `is_safe` of them, keep answers in variables, and hand texts
-- to `system`, one statement a line; and what a run of one does.
local M = {}

local TEXTS, FLAGS = { "d", "e" }, { "x", "y" }

local function pick(random, from) return from[random(#from)] end

-- A number: { text =, value = function(state) }.
local expressions = {}

function expressions.constant(random)
    local n = random(3) - 1
    return { text = tostring(n), value = function() return n end }
end

function expressions.unknown()
    return { text = "c()", value = function(state) return state.random(3) - 1 end }
end

local function ask(text, state)
    if text.is_safe == nil then text.is_safe = state.random(2) == 1 end
    text.was_asked = text.was_asked or text.is_safe
    return text.is_safe
end

function expressions.asked(random)
    local of = pick(random, TEXTS)
    return { text = ("is_safe(%s)"):format(of), value = function(state) return ask(state[of], state) and 1 or 0 end }
end

-- Functions of one's own: what stands in the file, and what they return.
local HELPERS = {
    good = { "static int good(char *t, int c) { if (c) return is_safe(t); return 0; }", function(text, flag, state)
        return flag ~= 0 and ask(text, state) and 1 or 0
    end },
    any = { "static int any(char *t, int c) { return c || is_safe(t); }", function(text, flag, state)
        return (flag ~= 0 or ask(text, state)) and 1 or 0
    end },
    bad = { "static int bad(char *t, int c) { int ok = 0; if (c > 1 && is_safe(t)) ok = 1; if (ok) return 0; " ..
        "return 2; }",
        function(text, flag, state) return flag > 1 and ask(text, state) and 0 or 2 end },
    other = { "static int other(char *t, int c) { t = c ? t : \"ls\"; return is_safe(t); }", function(text, flag, state)
        return (flag == 0 or ask(text, state)) and 1 or 0
    end },
}

function expressions.helped(random)
    local name, of, flag = pick(random, { "good", "any", "bad", "other" }), pick(random, TEXTS), pick(random, FLAGS)
    return { text = ("%s(%s, %s)"):format(name, of, flag), value = function(state)
        return HELPERS[name][2](state[of], state[flag], state)
    end }
end

function expressions.flag(random)
    local of = pick(random, FLAGS)
    return { text = of, value = function(state) return state[of] end }
end

local OPERATORS = {
    ["=="] = function(a, b) return a == b end,
    ["!="] = function(a, b) return a ~= b end,
    [">"] = function(a, b) return a > b end,
}

local expression

function expressions.compared(random, depth)
    local sign, with = pick(random, { "==", "!=", ">" }), random(3) - 1
    local of = expression(random, depth - 1)
    return { text = ("(%s %s %d)"):format(of.text, sign, with), value = function(state)
        return OPERATORS[sign](of.value(state), with) and 1 or 0
    end }
end

expressions["not"] = function(random, depth)
    local of = expression(random, depth - 1)
    return { text = "!" .. of.text, value = function(state) return of.value(state) == 0 and 1 or 0 end }
end

function expressions.joined(random, depth)
    local a, b, is_and = expression(random, depth - 1), expression(random, depth - 1), random(2) == 1
    return { text = ("(%s %s %s)"):format(a.text, is_and and "&&" or "||", b.text), value = function(state)
        local first = a.value(state) ~= 0
        if first ~= is_and then return first and 1 or 0 end
        return b.value(state) ~= 0 and 1 or 0
    end }
end

function expressions.bits(random, depth)
    local a, b, is_and = expression(random, depth - 1), expression(random, depth - 1), random(2) == 1
    return { text = ("(%s %s %s)"):format(a.text, is_and and "&" or "|", b.text), value = function(state)
        local left, right = a.value(state), b.value(state)
        return is_and and left & right or left | right
    end }
end

local SIMPLE, ALL = { "constant", "unknown", "asked", "helped", "flag", "flag" },
    { "constant", "unknown", "asked", "helped", "flag", "flag", "compared", "not", "joined", "joined", "bits" }

function expression(random, depth)
    return expressions[pick(random, depth > 0 and ALL or SIMPLE)](random, depth)
end

-- A statement is { line =, run = function(state) -> "break", "continue", "return" or nil }.
local makers, list = {}, nil

function makers.taken(w)
    local to, from = pick(w.random, TEXTS), w.random(3)
    return { line = w.add(("%s = %s;"):format(to, from > 1 and 'getenv("A")' or '"ls"')), run = function(state)
        state[to] = { is_tainted = from > 1, is_safe = from == 1 or nil }
    end }
end

function makers.copied(w)
    local to, from = pick(w.random, TEXTS), pick(w.random, TEXTS)
    return { line = w.add(("%s = %s;"):format(to, from)), run = function(state) state[to] = state[from] end }
end

-- An element of the array, by a constant or by a flag.
local function element(w)
    local by = w.random(3)
    if by == 3 then
        local flag = pick(w.random, FLAGS)
        return ("a[%s]"):format(flag), function(state) return state[flag] end
    end
    return ("a[%d]"):format(by), function() return by end
end

function makers.put(w)
    local from, text, index = pick(w.random, TEXTS), element(w)
    return { line = w.add(("%s = %s;"):format(text, from)), run = function(state)
        state.a[index(state)] = state[from]
    end }
end

function makers.got(w)
    local to, text, index = pick(w.random, TEXTS), element(w)
    return { line = w.add(("%s = %s;"):format(to, text)), run = function(state)
        state[to] = state.a[index(state)]
    end }
end

function makers.set(w)
    local to, value = pick(w.random, FLAGS), expression(w.random, 2)
    return { line = w.add(("%s = %s;"):format(to, value.text)), run = function(state)
        state[to] = value.value(state)
    end }
end

makers["if"] = function(w, in_loop, depth)
    local condition = expression(w.random, 2)
    local s = { line = w.add(("if (%s) {"):format(condition.text)) }
    local yes, no = list(w, in_loop, depth), nil
    if w.random(2) == 1 then
        w.add "} else {"
        no = list(w, in_loop, depth)
    end
    w.add "}"
    function s.run(state)
        if condition.value(state) ~= 0 then return M.run_list(yes, state) end
        return no and M.run_list(no, state)
    end
    return s
end

makers["while"] = function(w, _, depth)
    local condition, first = expression(w.random, 2), w.random(3) == 1
    local s = { line = w.add(first and "do {" or ("while (%s) {"):format(condition.text)) }
    local body = list(w, true, depth)
    w.add(first and ("} while (%s);"):format(condition.text) or "}")
    function s.run(state)
        local skip = first
        while state.steps > 0 and (skip or condition.value(state) ~= 0) do
            skip, state.steps = false, state.steps - 1
            local ends = M.run_list(body, state)
            if ends == "break" then return end
            if ends == "return" then return ends end
        end
        return state.steps <= 0 and "return" or nil
    end
    return s
end

function makers.ends(w, in_loop)
    local how = in_loop and pick(w.random, { "break", "continue", "return" }) or "return"
    local condition = expression(w.random, 1)
    return { line = w.add(("if (%s) %s;"):format(condition.text, how)), run = function(state)
        if condition.value(state) ~= 0 then return how end
    end }
end

function makers.used(w)
    local of = pick(w.random, TEXTS)
    local line = w.add(("system(%s);"):format(of))
    return { line = line, run = function(state)
        if state[of].is_tainted and not state[of].was_asked then state.found[line] = true end
    end }
end

local KINDS = { "taken", "copied", "put", "got", "set", "set", "set", "if", "if", "while", "ends", "used", "used" }

function list(w, in_loop, depth)
    local statements = {}
    for i = 1, w.random(depth > 0 and 4 or 2) do
        local kind = pick(w.random, KINDS)
        if depth == 0 and (kind == "if" or kind == "while") then kind = "used" end
        statements[i] = makers[kind](w, in_loop, depth - 1)
    end
    return statements
end

function M.run_list(statements, state)
    for _, s in ipairs(statements) do
        state.steps = state.steps - 1
        local ends = state.steps <= 0 and "return" or s.run(state)
        if ends then return ends end
    end
end

--- The text of a function; run(random): lines of `system` to which one run has brought a text that is not clean.
function M.make(random)
    local helpers = HELPERS.good[1] .. HELPERS.any[1] .. HELPERS.bad[1] .. HELPERS.other[1]
    local w = { lines = { helpers .. "void f(void) {",
        'char *d = getenv("A"), *e = "ls"; int x = 0, y = c();' }, random = random }
    w.lines[3] = 'char *a[4] = { e, e, e, e };' .. (random(4) == 1 and " keep(a);" or "")
    function w.add(text)
        w.lines[#w.lines + 1] = text
        return #w.lines
    end
    local statements = {}
    while #statements < 8 do statements[#statements + 1] = makers[pick(random, KINDS)](w, false, 2) end
    statements[#statements + 1] = makers.used(w)
    w.add "}"
    return table.concat(w.lines, "\n") .. "\n", function(choose)
        local e = { is_safe = true }
        local state = { random = choose, steps = 80, found = {}, x = 0, y = choose(3) - 1,
            d = { is_tainted = true }, e = e, a = { [0] = e, e, e, e } }
        M.run_list(statements, state)
        return state.found
    end
end

return M
