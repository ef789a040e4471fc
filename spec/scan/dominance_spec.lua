-- dominates and post_dominates in scans: which statements do what, what is one place, which ways count.
local hunch = require "hunch"

local engine = hunch.engine { cache = "" }

local PRELUDE = "struct s { struct s *next; int m; int fd; char *row[9]; };\n"

--- Texts of what a stage finds in C functions.
local function found(stage, source)
    local rules = assert(engine:compile { text = ("rule 'x' { language = 'c', confirm = { %s } }"):format(stage),
        name = "r.lua" })
    local result = rules:scan { { name = "a.c", data = PRELUDE .. source } }
    assert.same({}, result.incomplete)
    local list = {}
    for i, m in ipairs(result.matches) do list[i] = m.text end
    return list, result.matches
end

local function cases(stage, list)
    for _, case in ipairs(list) do
        it(case[1]:gsub("%s+", " "):sub(1, 110), function()
            assert.same({ table.unpack(case, 2) }, (found(stage, case[1])))
        end)
    end
end

describe("every free is followed by a null assignment:",  function()
    cases([[post_dominates { by = assign { value = "null" }, of = call { "free", place = 1 }, missing = true,
        same = true }]], {
        { "void f(char *p) { free(p); p = 0; }" },
        { "void f(char *p) { free(p); p = (char *)0; }" },
        { "void f(char *p) { free(p); }", "free(p)" },
        { "void f(char *p) { p = 0; free(p); }", "free(p)" },
        { "void f(char *p, int c) { free(p); if (c) p = 0; }", "free(p)" },
        { "void f(char *p, int c) { free(p); if (c) p = 0; else p = 0; }" },
        { "void f(char *p, char *q) { free(p); q = 0; }", "free(p)" },
        { "void f(char *p, char *q) { free(p); free(q); p = 0; }", "free(q)" },
        { "void f(struct s *s) { free(s->next); s->next = 0; }" },
        { "void f(struct s *s, struct s *t) { free(s->next); t->next = 0; }", "free(s->next)" },
        { "void f(struct s *s, int i) { free(s->row[i]); s->row[i] = 0; }" },
        { "void f(char *p) { free(p); exit(1); }" },
        { "void f(char *p) { free(p); if (!p) exit(1); p = 0; }" },
        { "void f(char **p, int n) { while (n) { free(*p); *p = 0; n--; } }" },
        { "void f(char *p, int n) { while (n) { p = 0; n--; free(p); } }", "free(p)" },
        { "void f(char *p) { free(p); goto end; p = 0; end: return; }", "free(p)" },
    })
end)

describe("every lock is released on all ways:", function()
    cases([[post_dominates { by = call { "unlock", place = 1 }, of = call { "lock", place = 1 }, missing = true,
        same = true }]], {
        { "void f(struct s *s, int c) { lock(&s->m); if (c) { unlock(&s->m); return; } unlock(&s->m); }" },
        { "void f(struct s *s, int c) { lock(&s->m); if (c) return; unlock(&s->m); }", "lock(&s->m)" },
        { "void f(struct s *s, struct s *t) { lock(&s->m); unlock(&t->m); }", "lock(&s->m)" },
    })
end)

describe("a pointer is tested before it is used:", function()
    cases("dominates { by = { test() }, of = use(), missing = true, same = true }", {
        { "void f(struct s *p) { if (p) p->m = 1; }" },
        { "void f(struct s *p) { if (p == 0) return; p->m = 1; }" },
        { "void f(struct s *p, int c) { if (c && p) p->m = 1; }" },
        { "void f(void) { int *p; if ((p = malloc(4)) == 0) return; *p = 1; }" },
        { "void f(struct s *p) { p->m = 1; }", "p->m = 1" },
        { "void f(struct s *p, int c) { if (c) { if (!p) return; } p->m = 1; }", "p->m = 1" },
        { "void f(struct s *p, struct s *q) { if (q) p->m = 1; }", "p->m = 1" },
        { "int f(int *p) { int m = 1; m = 2; return p[3]; }", "p[3]" },
    })
end)

describe("without missing", function()
    it("finds what something is always before, and shows it", function()
        local texts, matches = found("dominates { by = call { 'close', place = 1 }, of = call { 'write', place = 1 }, "
            .. "same = true }", "void f(int fd, int c) { write(fd); close(fd); write(fd); }\n"
            .. "void g(int fd, int c) { if (c) close(fd); write(fd); }")
        assert.same({ "write(fd)" }, texts)
        local steps = {}
        for i, step in ipairs(matches[1].witness) do steps[i] = step.what .. " " .. step.text end
        assert.same({ "source close(fd)", "sink write(fd)" }, steps)
    end)

    it("needs no places where they do not matter", function()
        assert.same({ "return 2;" }, (found("dominates { by = call 'init*', of = returned(), missing = true }",
            "int f(int x) { if (x) { init_all(); return 1; } return 2; }")))
    end)
end)
