-- What counts as a look at a pointer, what a number may hold, and which edges say so.
local rules = require "support.graph_rule"
local units = require "support.unit_module"

local function lines(text, ...)
    local unit, found = units.new({ { name = "a.c", text = text } }, rules.flows), {}
    for i, finding in ipairs(unit:solve { ... }) do found[i] = finding[4] end
    table.sort(found)
    return found
end

local POINTER = { "assign", "phi", "argument", "return", "store", "load", "field", "index", "guard" }
local LOOKED = rules.rule { kind = "flows_to", from = { { call = "malloc" } }, edges = POINTER,
    to = { { "address" }, { argument = "memset", 1 } },
    unless = { { compare = "==", with = "null" }, { compare = "!=", with = "null" } } }
local NOT_NULL = rules.rule { kind = "flows_to", from = { { call = "malloc" } }, edges = POINTER,
    to = { { "address" } }, unless = { { compare = "!=", with = "null" } } }

describe("a look at a pointer", function()
    it("is a comparison whose outcome is kept", function()
        local text = "void f(void) { char *p = malloc(1); int ok = p != NULL;\nif (ok) *p = 1; }\n"
        assert.same({}, lines(text, LOOKED))
        assert.same({}, lines((text:gsub("p != NULL", "!p")), LOOKED))
        assert.same({ 2 }, lines((text:gsub("p != NULL", "p > 1")), LOOKED))
        assert.same({ 2 }, lines("void f(int n) { char *p = malloc(1); int ok = p != NULL; if (n)\n*p = 1; }\n",
            NOT_NULL))
    end)

    it("is any part of a condition", function()
        assert.same({ 4 }, lines("int f(char **a, char **b, char **c) { *a = malloc(1); *b = malloc(2); " ..
            "*c = malloc(3);\n return *a && *b; }\nvoid g(void) { char *a, *b, *c; f(&a, &b, &c); *a = *b = 1;\n" ..
            "*c = 1; }\n", LOOKED))
    end)

    it("is that it was used: one finding for each way", function()
        assert.same({ 2, 4 }, lines("void f(int n) { struct s *p = malloc(8);\np->a = 1;\np->b = p->a; " ..
            "struct s *q = malloc(8); if (n)\nq->a = 1; else return;\nq->b = 2; }\n", LOOKED))
    end)

    it("holds for memory that one of several calls gave", function()
        assert.same({ 3 }, lines("void *get(int n) { if (n > 1) return calloc(1, n); return calloc(2, n); }\n" ..
            "void f(int n) { struct s *p = get(n); if (!p) return; p->a = malloc(n); p->b = malloc(n); " ..
            "if (p->a == NULL) return; *p->a = 1;\n*p->b = 1; }\n", LOOKED))
    end)

    it("holds for a struct of which a loop makes many", function()
        assert.same({ 4 }, lines("void f(int n) { while (n--) { struct s *p = malloc(8); if (!p) return;\n" ..
            "p->a = malloc(n); p->b = malloc(n); if (!p->a) return;\n*p->a = 1;\n*p->b = 1; } }\n", LOOKED))
    end)

    it("is not one at what it points to", function()
        local text = "struct s { char *p; };\nvoid f(void) { struct s s; s.p = malloc(1);\nmemset(&s, 0, sizeof s); }\n"
        assert.same({}, lines(text, LOOKED))
        assert.same({ 2 }, lines("void f(void) { char **p = malloc(8);\n*p[1] = 1;\n*p[1] = 2; }\n", LOOKED))
    end)
end)

describe("a part of a struct that was written as one", function()
    it("points to nothing that another part is written through", function()
        assert.same({}, lines("void log_all(struct s *);\n" ..
            "void put(struct s *p) { log_all(p); p->list[0] = malloc(4); }\n" ..
            "void f(struct s *p) { put(p); log_all(p);\n*p->other->x = 1;\n**p->third = 1; }\n", LOOKED))
    end)
end)

describe("a number", function()
    local LENGTH = rules.rule { kind = "flows_to", from = { { argument = "read", 2 } },
        to = { { argument = "memcpy", 3 }, { "index" } }, unless = {},
        edges = { "assign", "phi", "argument", "return", "store", "load", "arithmetic", "library", "content" } }

    it("points to nothing that what is added to it is written through", function()
        assert.same({}, lines("long get(int fd, char *to, unsigned long *got) {\n" ..
            "long n = read(fd, to + *got, 8); *got += n;\nmemcpy(to, to + 8, *got); return n; }\n", LENGTH))
    end)

    it("that says how far pointers are apart is small", function()
        assert.same({}, lines("void f(char *to) { char t[9]; read(0, t, 9); char *e = strchr(t, ','), *s = t;\n" ..
            "memcpy(to, t, e - s); }\n", LENGTH))
    end)

    it("that is masked goes by an edge of its own", function()
        local text = "int t[16]; void f(void) { unsigned n; read(0, &n, 4);\nt[n & 15] = 1;\nt[n % 16] = 1;\n" ..
            "t[n] = 1; }\n"
        assert.same({ 4 }, lines(text, LENGTH))
        assert.same({ 2, 3, 4 }, lines(text, rules.rule { from = { { argument = "read", 2 } }, to = { { "index" } } }))
    end)

    it("bounds a loop that counts, not one that halves it or runs to the end of a text", function()
        local rule = rules.rule { from = { { argument = "read", 2 } }, to = { { "loop_bound" } } }
        assert.same({ 2 }, lines("void f(void) { int n; read(0, &n, 4);\nwhile (n) n--; }\n", rule))
        assert.same({}, lines("void f(void) { int n; read(0, &n, 4);\nwhile (n) n /= 10; }\n", rule))
        assert.same({}, lines("void f(void) { char t[8]; read(0, t, 8);\nfor (char *p = t, *e = strchr(t, 0); " ..
            "p < e; p++) puts(p); }\n", rule))
    end)

    it("that is no integer is no divisor", function()
        local rule = rules.rule { from = { { argument = "read", 2 } }, to = { { "divisor" } } }
        assert.same({ 2 }, lines("int f(void) { int n; read(0, &n, 4);\nreturn 4 / n; }\n", rule))
        assert.same({}, lines("double f(void) { double n; read(0, &n, 8);\nreturn 4 / n; }\n", rule))
    end)

    it("has a sign, or none, where it is an index", function()
        local rule = rules.rule { from = { { argument = "read", 2 } }, to = { { "signed_index" } },
            unless = { { compare = ">=", with = "constant" } } }
        assert.same({ 2 }, lines("int t[9]; int f(void) { int n; read(0, &n, 4);\nreturn t[n]; }\n", rule))
        assert.same({}, lines("int t[9]; int f(void) { unsigned n; read(0, &n, 4);\nreturn t[n]; }\n", rule))
        assert.same({}, lines("int t[9]; int f(void) { char n; read(0, &n, 1);\nreturn t[n]; }\n", rule))
        assert.same({}, lines("int t[9]; int f(void) { int n; read(0, &n, 4);\n" ..
            "return (unsigned)n < 9 ? t[n] : 0; }\n", rule))
        assert.same({}, lines("int t[9]; int f(void) { int n; read(0, &n, 4);\n" ..
            "return abs(n) < 9 ? t[n] : 0; }\n", rule))
    end)

    it("is an operand of what gives an integer", function()
        local rule = rules.rule { from = { { argument = "read", 2 } }, to = { { operand = "add" } } }
        assert.same({ 2 }, lines("int f(void) { int n; read(0, &n, 4);\nreturn n + 1; }\n", rule))
        assert.same({}, lines("int f(void) { int n; read(0, &n, 4);\nreturn n - 1; }\n", rule))
        assert.same({}, lines("double f(void) { double n; read(0, &n, 8);\nreturn n + 1; }\n", rule))
        assert.same({}, lines("char *f(char *p) { int n; read(0, &n, 4);\nreturn p + n; }\n", rule))
    end)

    it("is an argument with a sign, whatever it becomes", function()
        local rule = rules.rule { from = { { argument = "read", 2 } }, to = { { signed_argument = "malloc", 1 } } }
        assert.same({ 2 }, lines("char *f(void) { int n; read(0, &n, 4);\nreturn malloc((size_t)n); }\n", rule))
        assert.same({}, lines("char *f(void) { unsigned n; read(0, &n, 4);\nreturn malloc(n); }\n", rule))
    end)

    it("is a number of which few bits are kept", function()
        local rule = rules.rule { from = { { argument = "read", 2 } }, to = { { "narrowed" } } }
        local function of(line) return lines("int f(void) { int n; read(0, &n, 4);\n" .. line .. " }\n", rule) end
        assert.same({ 2 }, of "return (short)n;")
        assert.same({ 2 }, of "char c = n; return c;")
        assert.same({ 2 }, of "unsigned char c; c = (unsigned char)n; return c;")
        assert.same({}, of "long l = n; return (int)l;")
        assert.same({}, lines("int f(void) { short n; read(0, &n, 2);\nchar c = n; return c; }\n", rule))
        assert.same({}, of "float x = n; return x > 0;")
    end)

    it("is compared with 0, not the pointer to it", function()
        local zero = { { compare = "!=", with = "zero" } }
        local rule = rules.rule { from = { { call = "getenv" } }, to = { { "divisor" } }, unless = zero }
        assert.same({ 2 }, lines("int f(void) { char *t = getenv(\"A\");\nreturn t != NULL ? 4 / atoi(t) : 0; }\n",
            rule))
        assert.same({}, lines("int f(void) { int n = atoi(getenv(\"A\"));\nreturn n != 0 ? 4 / n : 0; }\n", rule))
    end)
end)
