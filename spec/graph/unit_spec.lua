-- Link units: names across files, the order of files, witnesses, rules that ask for what is clean, and no memory.
local library = require "hunch.graph.flows"
local rules = require "support.graph_rule"
local units = require "support.unit_module"

local TAINT = rules.rule { from = { { call = "getenv" } }, to = { { argument = "system", 1 } } }

local function findings(files, list)
    local unit, lines = units.new(files, rules.flows), {}
    for i, f in ipairs(unit:solve(list or { TAINT })) do
        local steps = {}
        for s, step in ipairs(f[7]) do
            steps[s] = ({ [0] = "source", "step", "call", "return", "sink" })[step[1]] .. " " .. files[step[2]].name ..
                ":" .. step[3]
        end
        lines[i] = ("%d %s:%d %s: %s"):format(f[1], files[f[2]].name, f[4], f[3], table.concat(steps, ", "))
    end
    table.sort(lines)
    return lines
end

describe("a link unit", function()
    local FILES = {
        { name = "p/a.c", text = "char *get(void);\nvoid run(char *s);\nvoid f(void) { run(get()); }\n" },
        { name = "p/b.c", text = "char *get(void) {\n return getenv(\"A\"); }\n" },
        { name = "p/c.c", text = "void run(char *s) {\n system(s); }\nstatic char *g;\n" ..
            "void keep(char *s) { g = s; }\n" },
    }

    it("follows a value through three files, and says how it went", function()
        assert.same({ "1 p/c.c:2 run: source p/b.c:2, step p/b.c:2, return p/a.c:3, step p/a.c:3, call p/a.c:3, " ..
            "step p/c.c:2, sink p/c.c:2" },
            findings(FILES))
    end)

    it("finds the same whatever the order of the files", function()
        local expected = findings(FILES)
        for _, order in ipairs { { 1, 3, 2 }, { 2, 1, 3 }, { 2, 3, 1 }, { 3, 1, 2 }, { 3, 2, 1 } } do
            assert.same(expected, findings { FILES[order[1]], FILES[order[2]], FILES[order[3]] })
        end
    end)

    it("keeps static names in their file, and takes the nearest of two", function()
        local use = "char *get(void);\nvoid f(void) { system(get()); }\n"
        local bad, good = "char *get(void) { return getenv(\"A\"); }\n", "char *get(void) { return \"ls\"; }\n"
        assert.equal(1, #findings { { name = "x/a.c", text = use }, { name = "x/b.c", text = bad },
            { name = "y/b.c", text = good } })
        assert.equal(0, #findings { { name = "x/a.c", text = use }, { name = "y/b.c", text = bad },
            { name = "x/b.c", text = good } })
        assert.equal(0, #findings { { name = "x/a.c", text = use }, { name = "x/b.c", text = "static " .. bad } })
    end)

    it("finds in a global what another function left there", function()
        local set = "char *g; void set(void) { g = getenv(\"A\"); }"
        local use = "extern char *g; void use(void) { system(g); }"
        assert.equal(1, #findings { { name = "a.c", text = set }, { name = "b.c", text = use } })
        assert.equal(0, #findings { { name = "a.c", text = "static " .. set }, { name = "b.c", text = use } })
    end)

    it("cuts a guard against what is clean, and none against what is not", function()
        local rule = rules.rule { from = { { call = "read" } }, to = { { argument = "memcpy", 3 } },
            unless = { { compare = "<", with = "clean" } } }
        local text = "int h(int fd, char *d, char *s, int most) { int n = 0, m = 0; " ..
            "read(fd, &n, 4); read(fd, &m, 4);\n" ..
            "if (n < most) memcpy(d, s, n);\nif (m < n) memcpy(d, s, m); }\n"
        local found = findings({ { name = "a.c", text = text } }, { rule })
        assert.equal(1, #found)
        assert.is_truthy(found[1]:find("a.c:3", 1, true))
    end)

    it("goes along the edges that flows_to allows", function()
        local text = { { name = "a.c", text = "void f(void) { char *d = getenv(\"A\"); system(d); system(d + 1); }" } }
        local function rule(edges)
            return rules.rule { kind = "flows_to", from = { { call = "getenv" } }, to = { { argument = "system", 1 } },
                edges = edges }
        end
        assert.equal(2, #findings(text, { rule { "assign", "load", "argument", "arithmetic" } }))
        assert.equal(1, #findings(text, { rule { "assign", "load", "argument" } }))
        assert.equal(0, #findings(text, { rule { "assign", "argument" } }))
    end)

    it("says so where there is no memory", function()
        local at, failed = 1, 0
        repeat
            local ok, problem = pcall(function() return units.new(FILES, rules.flows, at):solve { TAINT } end)
            if not ok then
                failed = failed + 1
                assert.is_truthy(tostring(problem):find("cannot allocate", 1, true), problem)
            end
            collectgarbage()
            at = at + (at < 40 and 1 or at // 8)
        until ok
        assert.is_true(failed > 40)
    end)

    it("ends, whatever calls whatever", function()
        local text = "typedef char *(*fn)(char *, void *);\nstruct s { fn f; struct s *next; char *t; };\n" ..
            "char *a(char *s, void *p) { struct s *q = p; q->next->f(s, q->next); return q->f(q->t, p); }\n" ..
            "char *b(char *s, void *p) { struct s *q = p; q->f = a; q->next = q; return a(s, p); }\n" ..
            "void f(struct s *q) { q->f = b; q->t = getenv(\"A\"); system(b(q->t, q)); for (;;) f(q); }\n"
        findings { { name = "a.c", text = text } }
    end)
end)

describe("flows of library functions", function()
    it("are read from short texts", function()
        local flow = assert(library.parse "*2+ -> return")
        assert.same({ true, 2, true, true }, { flow.from.pointed ~= nil and flow.from.pointed ~= false, flow.from.index,
            flow.from.on, flow.to.returned })
        flow = assert(library.parse "outside -> *1")
        assert.same({ true, 1 }, { flow.from.outside, flow.to.index })
        for _, text in ipairs { "", "1", "1 -> ", "0 -> return", "return -> 1", "1 -> outside", "x -> *1",
            "**1 -> 2" } do
            local none, problem = library.parse(text)
            assert.is_nil(none, text)
            assert.is_string(problem.message)
        end
    end)

    it("of the C library are many", function()
        assert.is_true(#rules.flows > 400)
    end)
end)
