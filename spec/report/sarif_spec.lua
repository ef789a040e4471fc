local cjson = require "cjson"
local command = require "support.command"
local json_schema = require "support.json_schema"
local sarif = require "hunch.report.sarif"
local shape = require "support.sarif_shape"

local RULES = [[
rule "word" { title = "A <word>", tags = { "t", "t" }, severity = "high", pattern = "(k%a+)",
              meta = { description = "long", remediation = "Revoke it.", url = "https://example.org/a?b=c" } }
rule "block" { pattern = "B[^E]*E", severity = "low" }
rule "bytes" { pattern = "\xfe+", severity = "critical" }
rule "flow" { pattern = "sink", witness = { { record = "a b.c", line = 3, column = 1, what = "source", text = "x" },
                                            { record = "a b.c", line = 4, column = 2, what = "sink", text = "\xff" } } }
rule "hidden" { pattern = "never", private = true }
rule "angry" { pattern = "never", fails = "boom" }
]]

describe("report.sarif", function()
    local folder, log, run, raw

    setup(function()
        folder = command.folder {
            ["rules.lua"] = RULES,
            ["in/a.txt"] = "one\n\u{e4}\u{6f22}\u{1f600} key key\n  Ba\n\u{fc}b E\n\xff \xfe\xfe end\nsink\n",
            ["in/sp ace%\xff.txt"] = "kit\n",
        }
        local result = command.run { "scan", "-r", folder.path .. "/rules.lua", "--format", "sarif",
                                     folder.path .. "/in", folder.path .. "/gone:x" }
        assert.equal(3, result.status)
        raw = result.out
        log = cjson.decode(raw)
        run = log.runs[1]
    end)

    teardown(function()
        folder.remove()
    end)

    local function results(rule)
        local found = {}
        for _, result in ipairs(run.results) do
            if result.ruleId == rule then
                found[#found + 1] = result
            end
        end
        return found
    end

    local function region(result)
        return result.locations[1].physicalLocation.region
    end

    it("has the shape of SARIF 2.1.0", function()
        assert.same({}, json_schema.problems(shape, log))
    end)

    it("describes the rules that report, each tag once", function()
        local ids = {}
        for i, rule in ipairs(run.tool.driver.rules) do
            ids[i] = rule.id
        end
        assert.same({ "word", "block", "bytes", "flow", "angry" }, ids)
        local word = run.tool.driver.rules[1]
        assert.equal("A <word>", word.shortDescription.text)
        assert.equal("error", word.defaultConfiguration.level)
        assert.same({ "t" }, word.properties.tags)
        assert.equal("8.0", word.properties["security-severity"])
        assert.equal("https://example.org/a?b=c", word.helpUri)
        assert.equal("Revoke it.", word.help.text)
        assert.equal("note", run.tool.driver.rules[2].defaultConfiguration.level)
    end)

    it("counts columns in code points and offsets in bytes", function()
        local second = region(results("word")[2])
        assert.equal(2, second.startLine)
        assert.equal(9, second.startColumn) -- three characters of 2, 3 and 4 bytes, a space, key, a space
        assert.equal(12, second.endColumn)
        assert.equal(4 + 2 + 3 + 4 + 1 + 4, second.byteOffset)
        assert.equal(3, second.byteLength)
        assert.equal("key", second.snippet.text)
    end)

    it("ends a region on the line where the match ends", function()
        local block = region(results("block")[1])
        assert.same({ 3, 3, 4, 5 }, { block.startLine, block.startColumn, block.endLine, block.endColumn })
        assert.equal("Ba\n\u{fc}b E", block.snippet.text)
    end)

    it("counts a byte that is not UTF-8 as one character and quotes it as binary", function()
        local bytes = region(results("bytes")[1])
        assert.same({ 5, 3, 5, 5 }, { bytes.startLine, bytes.startColumn, bytes.endLine, bytes.endColumn })
        assert.equal("/v4=", bytes.snippet.binary)
    end)

    it("percent-encodes the bytes of names", function()
        local uri = results("word")[3].locations[1].physicalLocation.artifactLocation.uri
        assert.matches("/in/sp%%20ace%%25%%FF%.txt$", uri)
        assert.matches("^file:///", uri)
        assert.equal("a/b", sarif.uri("./a/b"))
        assert.equal("http%3A//x", sarif.uri("http://x"))
        assert.equal("file:///a%20b", sarif.uri("//a b"))
        assert.equal("-", sarif.uri("-"))
    end)

    it("tells equal findings apart and gives each the same fingerprint again", function()
        local first, second = results("word")[1], results("word")[2]
        local mark = "hunchMatch/v1"
        assert.matches("^%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x$", first.partialFingerprints[mark])
        assert.not_equal(first.partialFingerprints[mark], second.partialFingerprints[mark])
        folder.write("in/a.txt", "\n\n" .. folder.read("in/a.txt"))
        local again = cjson.decode(command.run({ "scan", "-r", folder.path .. "/rules.lua", "--format", "sarif",
                                                 folder.path .. "/in" }).out)
        assert.equal(first.partialFingerprints[mark], again.runs[1].results[1].partialFingerprints[mark])
    end)

    it("shows a witness as a code flow", function()
        local locations = results("flow")[1].codeFlows[1].threadFlows[1].locations
        assert.equal(2, #locations)
        assert.equal("source: x", locations[1].location.message.text)
        assert.equal(0, locations[1].nestingLevel)
        assert.equal("a%20b.c", locations[1].location.physicalLocation.artifactLocation.uri)
    end)

    it("says what was not scanned, and the exit code", function()
        local invocation = run.invocations[1]
        assert.equal(3, invocation.exitCode)
        assert.is_false(invocation.executionSuccessful)
        local reasons = {}
        for i, notification in ipairs(invocation.toolExecutionNotifications) do
            reasons[i] = notification.descriptor.id
        end
        assert.same({ "host-error", "host-error", "unreadable" }, reasons)
        assert.same({ id = "angry", index = 4 }, invocation.toolExecutionNotifications[1].associatedRule)
        assert.matches("gone%%3Ax$", invocation.toolExecutionNotifications[3].locations[1].physicalLocation
                       .artifactLocation.uri)
    end)

    it("writes one result a line, in canonical order", function()
        local lines = 0
        for line in raw:gmatch("[^\n]+") do
            if line:find('^{"ruleId"') then
                lines = lines + 1
                assert.is_truthy(cjson.decode((line:gsub(",$", ""))))
            end
        end
        assert.equal(#run.results, lines)
    end)

    it("is a whole document when nothing is found", function()
        local empty = command.run { "scan", "-r", folder.path .. "/rules.lua", "--rule", "block", "--format", "sarif" }
        local document = cjson.decode(empty.out)
        assert.same({}, json_schema.problems(shape, document))
        assert.same({}, document.runs[1].results)
        assert.is_true(document.runs[1].invocations[1].executionSuccessful)
    end)

    it("leaves columns out where the line cannot be read again", function()
        local result = command.run({ "scan", "-r", folder.path .. "/rules.lua", "--format", "sarif" },
                                   { stdin = "a key" })
        local found = cjson.decode(result.out).runs[1].results[1]
        assert.is_nil(region(found).startColumn)
        assert.equal(2, region(found).byteOffset)
    end)

    it("tells only the beginning and the length of a match that was handed over in part", function()
        local parts = {}
        local report = sarif.new(function(text) parts[#parts + 1] = text end, {
            rules = { { name = "r", severity = "low" } }, version = "0",
            context = require("hunch.report.context").new(function() return nil end),
        })
        report:start()
        report:match { record = "a", rule = "r", first = 1, last = 100000, line = 1, column = 1, text = "xy\nz",
                       severity = "low", before = "", after = "" }
        report:finish { matches = 1, records = 1, bytes = 1, incomplete = 0, seconds = 0, backend = "ref", status = 1 }
        local document = cjson.decode(table.concat(parts))
        assert.same({}, json_schema.problems(shape, document))
        assert.same({ startLine = 1, startColumn = 1, byteOffset = 0, byteLength = 100000,
                      snippet = { text = "xy\nz" } }, region(document.runs[1].results[1]))
    end)

    it("redacts snippets and keeps the geometry", function()
        local result = command.run { "scan", "-r", folder.path .. "/rules.lua", "--redact", "--format", "sarif",
                                     "--rule", "block", folder.path .. "/in" }
        local found = cjson.decode(result.out).runs[1].results[1]
        assert.equal("Ba***", region(found).snippet.text)
        assert.equal(1, region(found).endLine - region(found).startLine)
    end)
end)
