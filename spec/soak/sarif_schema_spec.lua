-- The SARIF report against the official schema, which spec/support/sarif_schema.sh finds or fetches.
local cjson = require "cjson"
local command = require "support.command"
local figures = require "support.figures"
local json_schema = require "support.json_schema"

describe("SARIF 2.1.0", function()
    local schema

    setup(function()
        local pipe = assert(io.popen("spec/support/sarif_schema.sh"))
        local path = pipe:read("l")
        pipe:close()
        assert.is_truthy(path, "no schema: see the message above")
        local file = assert(io.open(path, "rb"))
        schema = cjson.decode(file:read("a"))
        file:close()
    end)

    it("is a schema that can tell wrong from right", function()
        assert.not_same({}, json_schema.problems(schema, { version = "2.1.0" }))
        assert.not_same({}, json_schema.problems(schema, { version = "2.1.0", runs = { { tool = {} } } }))
        assert.same({}, json_schema.problems(schema, {
            version = "2.1.0", runs = { { tool = { driver = { name = "x" } } } },
        }))
    end)

    it("admits a report with everything in it", function()
        local folder = command.folder {
            ["rules.lua"] = [[
rule "word" { title = "A <word>", tags = { "t", "t" }, severity = "high", pattern = "(k%a+)",
              meta = { description = "long", url = "https://example.org/a?b=c", n = { 1, 2 } } }
rule "bytes" { pattern = "\xfe+", severity = "critical" }
rule "empty" { pattern = "^", severity = "info" }
rule "flow" { pattern = "sink", witness = { { record = "a b.c", line = 3, column = 1, what = "source", text = "x" } } }
rule "angry" { pattern = "never", fails = "boom" }
]],
            ["in/a.txt"] = "key\n\xff \xfe\xfe sink\n", ["in/\xff %:.txt"] = "kit\n",
        }
        local results = 0
        for _, argv in ipairs {
            { folder.path .. "/in", folder.path .. "/gone" }, { folder.path .. "/in", "--redact" }, { "-" },
        } do
            local result = command.run { "scan", "-r", folder.path .. "/rules.lua", "--format", "sarif",
                                         table.unpack(argv) }
            local report = cjson.decode(result.out)
            assert.same({}, json_schema.problems(schema, report))
            results = results + #report.runs[1].results
        end
        folder.remove()
        figures.say("3 SARIF reports with %s results of every kind satisfy the official schema", results)
    end)

    it("admits the report of a real scan", function()
        local scan = "'%s/hunch' scan -r rules --format sarif --no-progress examples/tree 2>/dev/null"
        local pipe = io.popen(scan:format(os.getenv "HUNCH_BUILD" or "build"))
        local report = cjson.decode(pipe:read "a")
        pipe:close()
        assert.same({}, json_schema.problems(schema, report))
        local results = #report.runs[1].results
        assert.is_true(results > 5)
        figures.say("the SARIF report of examples/tree with %s results satisfies it", results)
    end)
end)
