-- Large functions and units: what is left out over a budget is unknown and named, never taken for everything else.
local rules = require "support.graph_rule"
local units = require "support.unit_module"

local TAINT = rules.rule { from = { { call = "getenv" } }, to = { { argument = "system", 1 } } }

--- Lines of findings, and reasons of gaps, of one file.
local function lines(text, list)
    local unit, found, reasons = units.new({ { name = "a.c", text = text } }, rules.flows), {}, {}
    for i, finding in ipairs(unit:solve(list or { TAINT })) do found[i] = finding[4] end
    for i, gap in ipairs(unit:gaps()) do reasons[i] = gap[3] end
    table.sort(found)
    return found, reasons
end

--- A function that reads `count` fields of what it gets, puts a source into the second and uses two of them.
local function many_fields(count)
    local text = {}
    for i = 1, count do text[i] = ("use(p->f%d);"):format(i) end
    return "struct s; void use(int);\nvoid f(struct s *p) { " .. table.concat(text) .. "\np->f2 = getenv(\"A\");\n" ..
        "system(p->f1);\nsystem(p->f2);\nsystem(p->g.h); }\n"
end

describe("a function that meets many places", function()
    it("tells them apart", function()
        local found, reasons = lines(many_fields(40))
        assert.same({ 5 }, found)
        assert.same({}, reasons)
    end)

    it("knows nothing of those beyond the budget, and says so", function()
        local found, reasons = lines(many_fields(400))
        assert.same({ 5 }, found)
        assert.equal(1, #reasons)
        assert.is_truthy(reasons[1]:find("too many places", 1, true))
    end)

    it("takes a place that is left out for no constant", function()
        local text = {}
        for i = 1, 200 do text[i] = ("p->f%d->x = 0;"):format(i) end
        local found = lines("void f(struct s *p) { " .. table.concat(text) ..
            "\nif (p->f199->x) system(getenv(\"A\")); }\n")
        assert.same({ 2 }, found)
    end)
end)

describe("a struct that is handed on", function()
    it("keeps its fields apart, whatever functions that nobody knows get it", function()
        assert.same({ 3 }, (lines("void log_all(struct s *);\nvoid take(struct s *p) { log_all(p); system(p->b);\n" ..
            "system(p->a); }\nvoid f(void) { struct s x; x.a = getenv(\"A\"); x.b = \"ls\"; take(&x); }\n")))
    end)

    it("is tainted as a whole by a source that writes it", function()
        local rule = rules.rule { from = { { argument = "receive", 1 } }, to = { { argument = "system", 1 } } }
        assert.same({ 2 }, (lines("void receive(struct s *);\nvoid take(struct s *p) { receive(p); system(p->b); }\n",
            { rule })))
    end)

    it("is copied with fields that the copying function does not name", function()
        assert.same({ 3 }, (lines("void copy(struct s *a, struct s *b) { memcpy(a, b, sizeof *a); }\n" ..
            "void f(void) { struct s x, y; x.a = getenv(\"A\"); copy(&y, &x);\nsystem(y.a); }\n")))
    end)
end)
