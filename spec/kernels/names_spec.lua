-- Rules that ask for a record's name before all else: on a device other records are not needed for them, and nothing
-- that is reported or counted shows it.
local device = require "support.device_module"
local hunch = require "hunch"
local module = require "support.engine_module"
local random_regex = require "support.random_regex"

local ROUTES = { "fused", "chained", "serial" }
local CASES = os.getenv "HUNCH_SAN" and 20 or 120

local function show(result)
    local out = {}
    for _, m in ipairs(result.matches) do
        out[#out + 1] = ("%s %s %d..%d %q"):format(m.record, m.rule, m.first, m.last, m.text)
    end
    for _, l in ipairs(result.incomplete) do out[#out + 1] = ("%s %s %s"):format(l.record, l.rule, l.reason) end
    local s = result.stats
    out[#out + 1] = ("%d records, %d bytes, %d tiles, %d committed, %d rolled back"):format(s.records, s.bytes, s.tiles,
        s.committed, s.rolled_back)
    return table.concat(out, "\n")
end

local function compile(text, sizes)
    collectgarbage() -- a device has the stacks of a thousand lanes, and a process 65,530 mappings
    local engine = assert(module.core.engine { cache = "", threads = 2 })
    module.sizes(engine, sizes or {})
    device.attach(engine, { seed = 2 })
    return engine:compile { name = "names.lua", text = text }
end

local function candidates(result, rule)
    for _, entry in ipairs(result.profile) do
        if entry.rule == rule then return entry.candidates end
    end
    return 0
end

--- The records by every backend and route: the same. Returns the last result on the device.
local function everywhere(text, records, sizes)
    local rules = assert(compile(text, sizes))
    local wanted = show(assert(rules:scan(records, { backend = "ref", tile_size = 8 })))
    assert.equal(wanted, show(assert(rules:scan(records, { backend = "cpu", tile_size = 8 }))))
    local result
    for _, route in ipairs(ROUTES) do
        for _, tile_size in ipairs { 8, 1 << 20 } do
            result = assert(rules:scan(records, { backend = "cuda", route = route, tile_size = tile_size,
                profile = true }))
            assert.is_nil(result.stats.note)
            if tile_size == 8 then assert.equal(wanted, show(result)) end
        end
    end
    return result, wanted
end

local RECORDS = {
    { name = "a/id_rsa", data = "gate key=1 key=2 gate" }, { name = "a/id_rsa.pub", data = "gate key=3" },
    { name = "b.txt", data = "key=4" }, { name = "c/id_rsa", data = "" }, { name = "d/Key.PEM", data = "key=5" },
    { name = "", data = "gate" }, { name = "pem", data = ("gate key=6 "):rep(20) },
}

describe("a rule that asks for the name", function()
    it("needs records with such names only, and hits of other rules in them come back", function()
        local text = [[
            rule "file" { confirm = { path "(?:^|/)(?:id_rsa|[^/]{1,80}\\.(?i:pem))$" } }
            rule "key" { prefilter = all { "gate" }, confirm = { regex "key=([0-9])" } }
            rule "literal" { prefilter = all { "gate" } }
        ]]
        for _, sizes in ipairs { {}, { slab = 40 } } do
            local result, wanted = everywhere(text, RECORDS, sizes)
            assert.matches("c/id_rsa file 1..0", wanted, 1, true)
            assert.matches("a/id_rsa key 12..16", wanted, 1, true)
            -- three by name, and three more in which the literal stands
            assert.equal(6, candidates(result, "file"))
        end
        local alone = everywhere([[rule "file" { confirm = { path "(?:^|/)id_rsa$" } }]], RECORDS)
        assert.equal(2, candidates(alone, "file"))
    end)

    it("may ask for more behind it", function()
        local text = [[
            rule "byte" { confirm = { path "\\.txt$", field { at = 0, type = "u8", equal = 0x6b } } }
            rule "both" { confirm = { path "^a/", path "pub$", regex "[^a-z =]" } }
            rule "some" { confirm = { path "^[ab]", count { lit "key", at_least = 0, at_most = 1 } } }
        ]]
        local result, wanted = everywhere(text, RECORDS)
        assert.matches("b.txt byte 1..0", wanted, 1, true)
        assert.matches('a/id_rsa.pub both 10..10 "3"', wanted, 1, true)
        assert.equal(3, candidates(result, "byte"))
    end)

    it("needs every record where something else comes first, or another rule has to see each", function()
        for _, text in ipairs {
            [[rule "a" { prefilter = none { "never" }, confirm = { path "rsa$" } }]],
            [[rule "a" { confirm = { field { at = 0, type = "u8", equal = 0x6b }, path "rsa$" } }]],
            [[rule "a" { confirm = { path "rsa$" } } rule "b" { confirm = { regex "[^x]" } }]],
            [[rule "a" { confirm = { path "rsa$", condition "not $x" { x = lit "never" } } }]],
        } do
            if compile(text) then
                local result = everywhere(text, RECORDS)
                assert.equal(#RECORDS, candidates(result, "a"), text)
            end
        end
    end)

    it("is needed by others, or silences them", function()
        everywhere([[
            rule "file" { private = true, confirm = { path "rsa$" } }
            rule "with" { prefilter = any { "key" }, confirm = { near { "file", within = 100 } } }
        ]], RECORDS)
        local _, wanted = everywhere([[
            rule "file" { global = true, confirm = { path "pub$" } }
            rule "key" { confirm = { regex "key=[0-9]" } }
        ]], RECORDS)
        assert.matches("^a/id_rsa.pub file 1..0[^\n]*\na/id_rsa.pub key 6..10[^\n]*\n7 records", wanted)
    end)

    it(("is told by the last bytes where it can be, and never wrongly (%d regexes)"):format(CASES), function()
        local rejected, found = 0, 0
        for seed = 1, CASES do
            local random = random_regex.generator(seed)
            local pattern = random_regex.pattern(random, 4) .. (random(3) == 1 and "(?:|c)" or "") .. "$"
            local text = ("rule 'file' { confirm = { path %q } }"):format(pattern)
            local rules = not pattern:find("%c") and compile(text)
            local records = {}
            for i = 1, 40 do records[i] = { name = random_regex.text(random, 6), data = "" } end
            if rules then
                local wanted = assert(rules:scan(records, { backend = "ref" }))
                local result = assert(rules:scan(records, { backend = "cuda", profile = true }))
                assert.equal(show(wanted), show(result), pattern)
                assert.equal(#wanted.matches, candidates(result, "file"), pattern)
                found = found + #wanted.matches
                local program = rules:save()
                for _, record in ipairs(records) do
                    rejected = rejected + (device.name_ends(program, record.name) == 0 and 1 or 0)
                end
            end
        end
        assert.is_true(found > CASES and rejected > CASES, ("%d found, %d rejected"):format(found, rejected))
    end)

    it("is told from other files by four bytes", function()
        local list = {}
        for i = 1, 40 do list[i] = ('rule "r%d" { confirm = { path "\\\\.x%02d$" } }'):format(i, i) end
        local engine = assert(hunch.engine { cache = "" })
        local many = assert(engine:compile { name = "n.lua", text = table.concat(list, "\n") }):save()
        assert.equal(0, device.name_ends(many, "src/main.c"))
        assert.equal(1 << 4, device.name_ends(many, "a.x05"))
        for i = 32, 40 do assert.equal(1 << 31, device.name_ends(many, ("a.x%02d"):format(i))) end
        assert.not_equal(0, device.name_ends(many, "05"))
        local secrets = assert(engine:compile { "rules/secrets" }):save()
        for _, name in ipairs { "a.c", "a.h", "a.py", "a.js", "a.ts", "a.css", "a.rs", "b.java", "b.go", "b.json",
            "README.md", "Makefile", "c.yaml", "c.txt", "d.html", "e.cs", "f.cpp", "CHANGES" } do
            assert.equal(0, device.name_ends(secrets, "src/" .. name), name)
        end
        for _, name in ipairs { "id_rsa", "x/id_ed25519", "a.PFX", "b.kdbx", "c.p12", "d.keystore" } do
            assert.equal(1, device.name_ends(secrets, name), name)
        end
    end)
end)
