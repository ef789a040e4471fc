-- The examples of every shipped rule, through the engine: each match example reports its rule (with the
-- spans it names), each miss does not; and hunch finds no secret in its own sources.

local dsl = require "rules.fake_dsl"
local hunch = require "hunch"

local PACKS = { "rules/files", "rules/logs", "rules/pii", "rules/secrets" }

-- All examples of a pack as records, and what is wanted of each record's name.
local function records_of(folder)
    local records, wanted = {}, {}
    for _, rule in ipairs(dsl.load_all(folder)) do
        for _, kind in ipairs { "match", "miss" } do
            for i, example in ipairs(rule.examples[kind]) do
                local path = type(example) == "table" and example.path or "example.txt"
                local name = ("%s.%s.%d/%s"):format(rule.name, kind, i, path)
                records[#records + 1] = { name = name, data = dsl.example_text(example) }
                wanted[#wanted + 1] = { name = name, rule = rule.name, kind = kind, path = path,
                    spans = type(example) == "table" and example.spans }
            end
        end
    end
    return records, wanted
end

local function spans_by_record_and_rule(matches)
    local found = {}
    for _, match in ipairs(matches) do
        local record = found[match.record] or {}
        found[match.record] = record
        record[match.rule] = record[match.rule] or {}
        table.insert(record[match.rule], { match.first, match.last })
    end
    return found
end

local function failures(wanted, found)
    local wrong = {}
    for _, want in ipairs(wanted) do
        local spans = (found[want.name] or {})[want.rule]
        if want.kind == "match" and not spans then
            wrong[#wrong + 1] = want.name .. ": not found"
        elseif want.kind == "miss" and spans then
            wrong[#wrong + 1] = ("%s: found at %d-%d"):format(want.name, spans[1][1], spans[1][2])
        elseif want.spans then
            assert.are.same(want.spans, spans, want.name)
        end
    end
    return table.concat(wrong, "\n")
end

-- Examples of graph rules are programs, which `hunch test` runs one by one.
describe("the examples of rules on program graphs", function()
    for _, pack in ipairs { "c", "java", "javascript", "python" } do
        it("hold: " .. pack, function()
            local hunch_path = (os.getenv "HUNCH_BUILD" or "build") .. "/hunch"
            local pipe = assert(io.popen(("'%s' test rules/%s 2>&1"):format(hunch_path, pack)))
            local out = pipe:read "a"
            assert.are.equal(0, select(3, pipe:close()), out)
        end)
    end
end)

for _, backend in ipairs { "ref", "cpu" } do
    describe("with the backend " .. backend .. ", the examples", function()
        local engine = assert(hunch.engine { backend = backend })

        for _, folder in ipairs(PACKS) do
            it("of " .. folder .. " hold", function()
                local rules, diagnostics = engine:compile { folder }
                assert.is_truthy(rules, diagnostics and diagnostics[1] and diagnostics[1].message)
                local records, wanted = records_of(folder)
                local result = rules:scan(records, { private = true })
                assert.are.same({}, result.incomplete)
                assert.are.equal("", failures(wanted, spans_by_record_and_rule(result.matches)))
            end)
        end
    end)
end

describe("the shipped rules", function()
    it("leave nothing for `hunch check` to warn of: every prefilter follows from its regex", function()
        local complaints = {}
        for _, diagnostic in ipairs(assert(hunch.engine {}):check { "rules" }) do
            if diagnostic.severity ~= "note" then
                complaints[#complaints + 1] = ("%s:%d: %s %s"):format(diagnostic.file, diagnostic.line or 0,
                    diagnostic.code, diagnostic.message)
            end
        end
        assert.are.same({}, complaints)
    end)
end)

describe("hunch's own sources", function()
    -- What the rules are written with; the tree to try hunch on and stored outputs hold secrets on purpose.
    local ROOTS = { "rules", "lua", "runtime", "kernels", "docs", "spec", "examples", "Makefile", "README.md",
        "CONTRIBUTING.md" }

    it("hold no secret", function()
        local rules = assert(assert(hunch.engine {}):compile { "rules/secrets" })
        local roots = {}
        for _, root in ipairs(ROOTS) do
            if os.rename(root, root) then roots[#roots + 1] = root end
        end
        local found = {}
        local result = rules:scan_paths(roots, { exclude = { "spec/golden/**", "examples/tree/**" } })
        for _, match in ipairs(result.matches) do
            found[#found + 1] = ("%s:%d: %s"):format(match.record, match.line, match.rule)
        end
        assert.are.same({}, found)
        assert.are.same({}, result.incomplete)
        assert.is_true(result.stats.records > 100)
    end)
end)
