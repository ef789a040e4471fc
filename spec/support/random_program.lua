--- Random C programs of some functions, and where in them a value from outside arrives, by what their statements mean:
-- every way through the program, with the values that each variable can have together. No graph, no front end.
--
-- With pointers p may point to variables, and what a function is handed as q to one of its callers'. What getenv gives
-- is from outside, and so are its copies; quote(x) is not. is_safe(x) clears the value that was tested
-- wherever the function that asks sees it, in its own variables or in globals: copies that its callers keep stay what
-- they are.
local M = {}

-- ---- programs -------------------------------------------------------------------------------------

local GLOBALS = { "g0", "g1", "s.x", "s.y" }
local LOCALS = { "a", "b", "c", "d", "t.x", "t.y" } -- a and b are the parameters
local TARGETS = { "a", "b", "c", "d", "g0", "g1" } -- what p may point to
local DEEP = 4 -- calls in calls, where functions call themselves

local function choose(random, list) return list[random(#list)] end

local function new_writer(random, settings)
    local w = { random = random, lines = {}, settings = settings }

    function w.add(format, ...)
        w.lines[#w.lines + 1] = (("    "):rep(w.depth or 0) .. format):format(...)
        return #w.lines
    end

    function w.cell()
        if settings.pointers and w.random(5) == 1 then return w.number > 0 and w.random(2) == 1 and "*q" or "*p" end
        return w.random(3) == 1 and choose(w.random, GLOBALS) or LOCALS[w.random(4) + (w.random(4) == 1 and 2 or 0)]
    end

    function w.call(number)
        -- Not of a global: that *q and a global are one place inside of a function is not followed.
        local to = settings.pointers and w.number > 0 and random(3) == 1 and "q" or TARGETS[random(4)]
        return { kind = "call", number = number, to = to, w.cell(), w.cell() }
    end

    return w
end

local function expression(w)
    local kind = w.random(10)
    if kind <= 4 then return { kind = "cell", cell = w.cell() } end
    if kind == 5 then return { kind = "constant" } end
    if kind <= 7 then return { kind = "source" } end
    if kind == 8 then return { kind = "quote", cell = w.cell() } end
    local last = w.settings.functions
    if last == 0 or not w.settings.recursion and w.number == last then return { kind = "cell", cell = w.cell() } end
    return w.call(w.settings.recursion and w.random(last) or w.number + w.random(last - w.number))
end

local function text_of(e)
    if e.kind == "cell" then return e.cell end
    if e.kind == "constant" then return '"ok"' end
    if e.kind == "source" then return 'getenv("X")' end
    if e.kind == "quote" then return ("quote(%s)"):format(e.cell) end
    return ("f%d(%s, %s, %s)"):format(e.number, e[1], e[2], e.to == "q" and "q" or "&" .. e.to)
end

local list

local makers = {}

function makers.assign(w)
    local s = { kind = "assign", cell = w.cell(), value = expression(w) }
    w.add("%s = %s;", s.cell, text_of(s.value))
    return s
end

function makers.sink(w)
    local s = { kind = "sink", cell = w.cell() }
    s.line = w.add("system(%s);", s.cell)
    return s
end

function makers.point(w)
    if not w.settings.pointers then return makers.assign(w) end
    local s = { kind = "point", cell = choose(w.random, TARGETS) }
    w.add("p = &%s;", s.cell)
    return s
end

function makers.copy(w)
    local s = { kind = "copy", from = "s", to = "t" }
    if w.random(2) == 1 then s.from, s.to = s.to, s.from end
    w.add("%s = %s;", s.to, s.from)
    return s
end

makers["return"] = function(w)
    local s = { kind = "return", cell = w.cell() }
    w.add("return %s;", s.cell)
    return s
end

makers["break"] = function(w, in_loop, in_switch)
    if not (in_loop or in_switch) then return makers.sink(w) end
    w.add "break;"
    return { kind = "break" }
end

makers["continue"] = function(w, in_loop)
    if not in_loop then return makers.assign(w) end
    w.add "continue;"
    return { kind = "continue" }
end

local function block(w, in_loop, in_switch, depth)
    w.depth = w.depth + 1
    local out = list(w, in_loop, in_switch, depth)
    w.depth = w.depth - 1
    return out
end

makers["if"] = function(w, in_loop, in_switch, depth)
    local s = { kind = "if", on = w.random(8) }
    if not w.settings.guards and s.on <= 5 then s.on = s.on <= 2 and s.on or 8 end
    if s.on > 2 and s.on <= 5 then s.cell = w.cell() end
    w.add("if (%s) {", s.on == 1 and "0" or s.on == 2 and "1" or s.on <= 4 and ("is_safe(%s)"):format(s.cell)
        or s.on == 5 and ("!is_safe(%s)"):format(s.cell) or "g()")
    s.yes = block(w, in_loop, in_switch, depth)
    if w.random(2) == 1 then
        w.add "} else {"
        s.no = block(w, in_loop, in_switch, depth)
    end
    w.add "}"
    return s
end

makers["while"] = function(w, _, _, depth)
    local s = { kind = "while", always = w.random(5) == 1, first = w.random(3) == 1 }
    local test = s.always and "1" or "g()"
    w.add(s.first and "do {" or "while (%s) {", test)
    s.body = block(w, true, false, depth)
    w.add(s.first and "} while (%s);" or "}", test)
    return s
end

function makers.switch(w, in_loop, _, depth)
    local s = { kind = "switch", cases = {} }
    w.add "switch (g()) {"
    for i = 1, w.random(3) do
        if i == 1 and w.random(2) == 1 then
            w.add "default:"
            s.has_default = true
        else
            w.add("case %d:", i)
        end
        s.cases[i] = block(w, in_loop, true, depth)
        w.add "    ;"
    end
    w.add "}"
    return s
end

local KINDS = { "assign", "assign", "assign", "sink", "point", "copy", "return", "break", "continue", "if", "if", "if",
                "while", "switch" }

function list(w, in_loop, in_switch, depth)
    local out = {}
    for i = 1, w.random(5) do
        local kind = KINDS[w.random(depth > 0 and #KINDS or 6)]
        if (kind == "return" or kind == "break" or kind == "continue") and w.random(2) == 1 then kind = "assign" end
        out[i] = makers[kind](w, in_loop, in_switch, depth - 1)
    end
    return out
end

--- settings: functions (beside main); recursion (true: they call each other and themselves, else later ones only);
-- guards, pointers (true: there are).
-- Returns { text =, body = { [0] = main's statements, ... } }.
function M.make(random, settings)
    local w = new_writer(random, settings)
    local program = { body = {}, functions = settings.functions }
    w.depth = 0
    w.add "struct pair { char *x, *y; } s;"
    w.add "char *g0, *g1;"
    for i = 1, settings.functions do w.add("char *f%d(char *a, char *b, char **q);", i) end
    for i = 0, settings.functions do
        w.number = i
        w.add(i == 0 and "int main(void)" or "char *f%d(char *a, char *b, char **q)", i)
        w.add "{"
        w.depth = 1
        if i == 0 then w.add 'char *a = "ok", *b = "ok";' end
        w.add 'char *c = "ok", *d = "ok", **p = &c;'
        w.add 'struct pair t = { "ok", "ok" };'
        local out = {}
        for k = 1, i == 0 and settings.functions or 0 do -- every function is called
            out[k] = { kind = "assign", cell = w.cell(), value = w.call(k) }
            w.add("%s = %s;", out[k].cell, text_of(out[k].value))
        end
        for _, s in ipairs(list(w, false, false, 2)) do out[#out + 1] = s end
        out[#out + 1] = makers.sink(w)
        w.add(i == 0 and "return 0;" or "return c;")
        out[#out + 1] = { kind = "return", cell = "c" }
        w.depth = 0
        w.add "}"
        program.body[i] = out
    end
    program.text = table.concat(w.lines, "\n") .. "\n"
    return program
end

-- ---- what they mean -------------------------------------------------------------------------------

-- A state is what all variables hold at the same time: { [cell] = value, p = cell, q = { so many callers up, cell },
-- up = the caller's state }; globals are in the innermost one. A value is 0, or the number of one from outside; equal
-- numbers are copies.

local NAMES = {}
for _, names in ipairs { GLOBALS, LOCALS } do
    for _, name in ipairs(names) do NAMES[#NAMES + 1] = name end
end

local function copy_of(state)
    local new = {}
    for k, v in pairs(state) do new[k] = v end
    return new
end

-- Equal for states that differ by the numbers of their values alone.
local function key_of(state)
    local parts, numbers, count = {}, {}, 0
    local each = state
    while each do
        for _, name in ipairs(NAMES) do
            local value = each[name] or 0
            if value ~= 0 and not numbers[value] then
                count = count + 1
                numbers[value] = count
            end
            parts[#parts + 1] = value == 0 and 0 or numbers[value]
        end
        parts[#parts + 1] = each.p
        parts[#parts + 1] = each.q and each.q[1] .. each.q[2]
        each = each.up
    end
    return table.concat(parts, ",")
end

local Set = {}
Set.__index = Set

local function set() return setmetatable({ keys = {} }, Set) end

--- True when the state is new.
function Set:add(state)
    local key = key_of(state)
    if self.keys[key] then return false end
    self.keys[key] = true
    self[#self + 1] = state
    return true
end

function Set:all(other)
    for _, state in ipairs(other) do self:add(state) end
end

local TOO_MANY = {}

local run

-- Where a cell is: so many callers up, under that name.
local function place(state, cell)
    if cell == "*q" then return state.q[1], state.q[2] end
    return 0, cell == "*p" and state.p or cell
end

local function get(state, cell)
    local ups, name = place(state, cell)
    for _ = 1, ups do state = state.up end
    return state[name]
end

-- The same state with another value there.
local function put(state, cell, value)
    local ups, name = place(state, cell)
    local new = copy_of(state)
    local at = new
    for _ = 1, ups do
        at.up = copy_of(at.up)
        at = at.up
    end
    at[name] = value
    return new
end

-- What a function gets as q that is handed the address of `to`, or q itself.
local function address(state, to)
    if to == "q" then return { state.q[1] + 1, state.q[2] } end
    return { 1, to }
end

local function values(program, found, e, state, out)
    if e.kind == "cell" then return out(state, get(state, e.cell)) end
    if e.kind ~= "call" then
        program.fresh = program.fresh + 1
        return out(state, e.kind == "source" and program.fresh or 0)
    end
    -- Whoever is called cannot tell which of what comes in are copies of one value; its caller still can.
    local was = { [0] = 0 }
    local function enter(value)
        if value == 0 then return 0 end
        program.fresh = program.fresh + 1
        was[program.fresh] = value
        return program.fresh
    end
    local depth, each_up = 0, state
    while each_up do depth, each_up = depth + 1, each_up.up end
    if depth > DEEP then return end
    local inner = { up = state, a = enter(get(state, e[1])), b = enter(get(state, e[2])), c = 0, d = 0, ["t.x"] = 0,
        ["t.y"] = 0, p = "c", q = address(state, e.to) }
    for _, name in ipairs(GLOBALS) do inner[name] = enter(state[name]) end
    local entry = set()
    entry:add(inner)
    program.entered[e.number] = true
    for _, each in ipairs(run(program, found, program.body[e.number], entry).returned) do
        local back = copy_of(each.up)
        for _, name in ipairs(GLOBALS) do back[name] = was[each[name]] or each[name] end
        out(back, was[each.result] or each.result)
    end
end

local function is_safe(state, cell)
    local value, new = get(state, cell), copy_of(state)
    if value == 0 then return new end
    for _, name in ipairs(NAMES) do
        if new[name] == value then new[name] = 0 end
    end
    return new.q and get(new, "*q") == value and put(new, "*q", 0) or new
end

local step = {}

function step.assign(program, found, s, from, to)
    for _, state in ipairs(from) do
        values(program, found, s.value, state, function(after, value)
            to.normal:add(put(after, s.cell, value))
        end)
    end
end

function step.sink(_, found, s, from, to)
    for _, state in ipairs(from) do
        if get(state, s.cell) ~= 0 then found[s.line] = true end
    end
    to.normal:all(from)
end

function step.point(_, _, s, from, to)
    for _, state in ipairs(from) do
        local new = copy_of(state)
        new.p = s.cell
        to.normal:add(new)
    end
end

function step.copy(_, _, s, from, to)
    for _, state in ipairs(from) do
        local new = copy_of(state)
        for _, field in ipairs { ".x", ".y" } do new[s.to .. field] = state[s.from .. field] end
        to.normal:add(new)
    end
end

step["return"] = function(_, _, s, from, to)
    for _, state in ipairs(from) do
        local new = copy_of(state)
        new.result = get(state, s.cell)
        -- A result is told apart from others with the same variables.
        local key = key_of(new) .. "=" .. (new.result == 0 and "0" or "1")
        if not to.returned.keys[key] then
            to.returned.keys[key] = true
            to.returned[#to.returned + 1] = new
        end
    end
end

step["break"] = function(_, _, _, from, to) to.broken:all(from) end
step["continue"] = function(_, _, _, from, to) to.continued:all(from) end

local function pass_on(inner, to, also)
    to.returned:merge(inner.returned)
    if also then
        to.broken:all(inner.broken)
        to.continued:all(inner.continued)
    end
end

-- Results count here: see "return".
function Set:merge(other)
    for _, state in ipairs(other) do
        local key = key_of(state) .. "=" .. (state.result == 0 and "0" or "1")
        if not self.keys[key] then
            self.keys[key] = true
            self[#self + 1] = state
        end
    end
end

step["if"] = function(program, found, s, from, to)
    local yes, no = set(), set()
    for _, state in ipairs(from) do
        if s.on ~= 1 then yes:add((s.on == 3 or s.on == 4) and is_safe(state, s.cell) or state) end
        if s.on ~= 2 then no:add(s.on == 5 and is_safe(state, s.cell) or state) end
    end
    for branch, states in pairs { yes = yes, no = no } do
        local inner = run(program, found, s[branch] or {}, states)
        to.normal:all(inner.normal)
        pass_on(inner, to, true)
    end
end

step["while"] = function(program, found, s, from, to)
    local tested, at = set(), 1 -- states in which the test is made, or the body begins
    tested:all(from)
    if s.first then -- the body once before
        local inner = run(program, found, s.body, from)
        tested = set()
        tested:all(inner.normal)
        tested:all(inner.continued)
        to.normal:all(inner.broken)
        pass_on(inner, to, false)
    end
    while at <= #tested do
        local fresh = set()
        while at <= #tested do
            fresh:add(tested[at])
            at = at + 1
        end
        if not s.always then to.normal:all(fresh) end
        local inner = run(program, found, s.body, fresh)
        tested:all(inner.normal)
        tested:all(inner.continued)
        to.normal:all(inner.broken)
        pass_on(inner, to, false)
    end
end

function step.switch(program, found, s, from, to)
    local falls = set()
    for _, case in ipairs(s.cases) do
        falls:all(from)
        local inner = run(program, found, case, falls)
        to.normal:all(inner.broken)
        to.continued:all(inner.continued)
        pass_on(inner, to, false)
        falls = set()
        falls:all(inner.normal)
    end
    to.normal:all(falls)
    if not s.has_default then to.normal:all(from) end
end

function run(program, found, statements, from)
    local out = { normal = from, broken = set(), continued = set(), returned = set() }
    for _, s in ipairs(statements) do
        if #out.normal == 0 then break end
        program.work = program.work + #out.normal
        if program.work > program.most then error(TOO_MANY) end
        local before = out.normal
        out.normal = set()
        step[s.kind](program, found, s, before, out)
    end
    return out
end

-- As it is to whoever knows only that nobody calls it, main may run again, and finds in globals what it left there.
local function run_main(program, found)
    local entries, at = set(), 1
    local function enter(globals)
        local state = { p = "c" }
        for _, name in ipairs(LOCALS) do state[name] = 0 end
        for i, name in ipairs(GLOBALS) do state[name] = globals and globals[name] ~= 0 and -i or 0 end
        entries:add(state)
    end
    enter()
    while at <= #entries do
        local one = set()
        one:add(entries[at])
        at = at + 1
        for _, exit in ipairs(run(program, found, program.body[0], one).returned) do enter(exit) end
    end
end

--- The lines, sorted, at which a value from outside is handed to system; nil: more work than `most` states,
-- or a function that nothing gets to, of which it is not said who calls it.
function M.arrivals(program, most)
    local found = {}
    program.work, program.most, program.fresh, program.entered = 0, most, 0, {}
    local ok, problem = pcall(run_main, program, found)
    if not ok then
        if problem == TOO_MANY then return nil end
        error(problem, 0)
    end
    for i = 1, program.functions do
        if not program.entered[i] then return nil end
    end
    local lines = {}
    for line in pairs(found) do lines[#lines + 1] = line end
    table.sort(lines)
    return lines
end

return M
