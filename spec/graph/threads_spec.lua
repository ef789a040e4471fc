-- A unit whose functions several threads go through is the unit that one makes: findings, witnesses and gaps.
local core = require "hunch.core"
local random_numbers = require "support.random"

local FUNCTIONS, BAND = 180, 30

local function show(value)
    if type(value) ~= "table" then return tostring(value) end
    local keys, out = {}, {}
    for key in pairs(value) do keys[#keys + 1] = key end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for i, key in ipairs(keys) do out[i] = tostring(key) .. "=" .. show(value[key]) end
    return "{" .. table.concat(out, " ") .. "}"
end

--- What rules/c finds with so many threads, and how many findings.
local function scan(threads, records, paths)
    local engine = assert(core.engine { threads = threads, cache = "" })
    local rules = assert(engine:compile { "rules/c" })
    local result = assert(records and rules:scan(records, { backend = "cpu" }) or
        rules:scan_paths(paths, { backend = "cpu" }))
    return show { result.matches, result.incomplete }, #result.matches
end

--- One function: it keeps functions of its own band of numbers in a field of that band, in a global or behind a
--- parameter, and calls those that others keep of lower ones; now and then, of any.
local function write_function(random, number)
    local out = { ("char *f%d(char *text, struct table *t) {"):format(number), "    char own[64];" }
    local function put(...) out[#out + 1] = "    " .. string.format(...) end
    local band = (number - 1) // BAND
    for _ = 1, 5 + random(8) do
        local lower = band == 0 and 0 or random(band) - 1
        local other = lower * BAND + random(BAND)
        if random(1500) == 1 then other, lower = random(FUNCTIONS), random(FUNCTIONS // BAND) - 1 end
        local what = random(9)
        if what == 1 then put("t->way%d = f%d;", band, band * BAND + random(number - band * BAND))
        elseif what == 2 then put("shared.way%d = f%d;", band, band * BAND + random(number - band * BAND))
        elseif what == 3 and lower < band then put("text = t->way%d(text, t);", lower)
        elseif what == 4 and lower < band then put("if (shared.way%d) text = shared.way%d(text, t);", lower, lower)
        elseif what == 5 and other < number then put("text = f%d(text, %s);", other, ({ "t", "&shared" })[random(2)])
        elseif what == 6 then put("strcpy(own, text); t->text = own;")
        elseif what == 7 then put("if (strchr(text, ';') == 0) system(text);")
        elseif what == 8 then put("for (int i = 0; i < 3; i++) t->list[i] = text;")
        else put(random(3) == 1 and "text = getenv(\"A\");" or "text = t->list[%d];", random(3) - 1) end
    end
    put("return %s;", random(3) == 1 and "t->text" or "text")
    out[#out + 1] = "}"
    return table.concat(out, "\n")
end

local function write_program(random)
    local out = { "#include <stdlib.h>", "#include <string.h>", "struct table;",
        "typedef char *(*way)(char *, struct table *);",
        "struct table { char *text; char *list[3]; way way0, way1, way2, way3, way4, way5; };",
        "static struct table shared;" }
    for n = 1, FUNCTIONS do out[#out + 1] = write_function(random, n) end
    out[#out + 1] = ("int main(int c, char **v) { struct table t; return f%d(v[1], &t) != 0; }"):format(FUNCTIONS)
    return table.concat(out, "\n")
end

describe("a unit that several threads make", function()
    it("is the one that one makes, of programs that call by pointers", function()
        local random, found = random_numbers.generator(1), 0
        for _ = 1, os.getenv "HUNCH_SOAK" and 200 or 3 do
            local records = { { name = "a.c", data = write_program(random) } }
            local wanted, count = scan(1, records)
            assert.equal(wanted, (scan(5, records)))
            found = found + count
        end
        assert.is_true(found > 100)
        print(("figure: %d findings"):format(found))
    end)

    it("is the one that one makes, of this project's sources", function()
        local wanted, count = scan(1, nil, { "runtime" })
        assert.is_true(count > 5)
        assert.equal(wanted, (scan(4, nil, { "runtime" })))
    end)
end)
