--- The encode pass: the tables that lower left to the bytes of kernels/layout.h, in state.program.
local layout = require "hunch.layout"
local native = require "hunch.native"

local M = {}

local concat, unpack = table.concat, table.unpack

-- One record a call would be slow for instructions and words: they are packed many at a time.
local function pack_numbers(format, list)
    local out, n = {}, #list
    local block = 200
    local whole = format:rep(block)
    for first = 1, n, block do
        local last = first + block - 1
        if last <= n then
            out[#out + 1] = ("<" .. whole):pack(unpack(list, first, last))
        else
            out[#out + 1] = ("<" .. format:rep(n - first + 1)):pack(unpack(list, first, n))
        end
    end
    return concat(out), n
end

local function records(format, list, fields)
    local out = {}
    for i, item in ipairs(list) do out[i] = format:pack(fields(item)) end
    return concat(out), #list
end

local writers = {}

function writers.BLOB(pool)
    return concat(pool.blob), pool.blob_size
end

function writers.LITERAL(pool)
    local user = 0
    return records("<I4I4I4I4I4I4i4i4", pool.literals, function(l)
        local first = user
        user = user + #l.users
        return l.text[1], l.text[2], l.nocase and layout.LITERAL_NOCASE or 0, first, #l.users, l.window, l.even, l.odd
    end)
end

function writers.LITERAL_USER(pool)
    local list = {}
    for _, l in ipairs(pool.literals) do table.move(l.users, 1, #l.users, #list + 1, list) end
    return pack_numbers("I4", list)
end

function writers.PATTERN(pool)
    return records("<I4I4I4I4I4I4I4I4I4I4", pool.patterns, function(p)
        return p.kind, p.flags, p.regex, p.anchor, p.anchor_count, p.source[1], p.source[2], p.literal, p.rule, #p.rules
    end)
end

function writers.ANCHOR(pool)
    return records("<I4I4I4I4I4I4I4I4I4I4I4", pool.anchors, function(a)
        return a.pattern, a.kind, a.class, a.length, a.least, a.most, a.entry, a.prefix, a.prefix_index, a.guard,
            a.guard_behind
    end)
end

function writers.REGEX(pool)
    return records("<I4I4I4I4I4I4I4I4", pool.regexes, function(r)
        return r.code, r.count, r.states, r.groups, r.first, r.flags, r.min_length, r.max_length
    end)
end

function writers.INSTR(pool)
    return records("<BBI2I4I4I4I4I4", pool.instructions, unpack)
end

function writers.CLASS(pool)
    return concat(pool.classes), #pool.classes
end

function writers.GUARD(pool)
    return records("<I4I4I4I4", pool.guards, function(g) return g.first_word, g.shift, g.states, g.columns end)
end

function writers.WORD(pool)
    local bytes = pack_numbers("I4", pool.words)
    return bytes .. concat(pool.guard_tables), #pool.words + pool.guard_words
end

function writers.RULE(pool)
    return records("<I4I4I4I4I4I4I4I4I4I4I4I4I4I4", pool.rules, function(r)
        return r.name[1], r.name[2], r.info[1], r.info[2], r.flags, r.gate, r.gate_count, r.stage, r.stage_count,
            r.span, r.span_count, r.group, r.need, #r.needs
    end)
end

function writers.STAGE(pool)
    return records("<I2I2I4I4I4I4I4i8i8i8", pool.stages, function(s)
        return s.kind, s.capture, s.a, s.b, s.c, s.d, s.e, s.x, s.y, s.z
    end)
end

function writers.HOST(pool)
    return records("<I4I4I4I4", pool.hosts, function(h) return h.name[1], h.name[2], h.source[1], h.source[2] end)
end

function writers.GRAPH(pool)
    return records("<" .. ("I4"):rep(16), pool.graphs, function(g)
        return g.kind, g.language, g.from, g.from_count, g.to, g.to_count, g.except, g.except_count, g.test,
            g.test_count, g.edges, g.by, g.by_count, g.of, g.of_count, g.flags
    end)
end

function writers.SPOT(pool)
    return records("<I4I4I4I4", pool.spots, function(s) return s.name[1], s.name[2] - 1, s.kind, s.index end)
end

function writers.TEST(pool)
    return records("<I4I4I4I4I4I4I4I4", pool.tests, function(t)
        return t.name[1], t.name[2] - 1, t.kind, t.index, t.outcome, t.compare, t.with, 0
    end)
end

function writers.ACTION(pool)
    return records("<I4I4I4I4I4I4", pool.actions, function(a)
        return a.name[1], a.name[2] - 1, a.kind, a.place, a.value, 0
    end)
end

function writers.FLOW(pool)
    return records("<I4I4I4I4I4I4", pool.flows, function(f)
        return f.name[1], f.name[2] - 1, f.language, f.from, f.to, 0
    end)
end

--- Guard tables lie behind the other words.
local function place_guards(pool)
    local tables, at = {}, #pool.words
    for i, g in ipairs(pool.guards) do
        local bytes = g.table
        if #bytes % 4 ~= 0 then bytes = bytes .. "\0\0" end
        g.first_word = at
        tables[i] = bytes
        at = at + #bytes // 4
    end
    pool.guard_tables, pool.guard_words = tables, at - #pool.words
end

function M.run(state)
    local pool = state.program_tables
    place_guards(pool)
    local sections, table_of_sections = {}, {}
    local header = 40 + 16 * #layout.SECTIONS
    local at = header
    for i, name in ipairs(layout.SECTIONS) do
        local bytes, count = writers[name](pool)
        local padding = -#bytes % 8
        sections[i] = bytes .. ("\0"):rep(padding)
        table_of_sections[i] = ("<I8I8"):pack(at, count)
        at = at + #bytes + padding
    end
    local hashed = concat(table_of_sections) .. concat(sections)
    state.program = ("<I8I4I4I8"):pack(layout.MAGIC, layout.VERSION, 0, at) .. native.hash(hashed) .. hashed
end

return M
