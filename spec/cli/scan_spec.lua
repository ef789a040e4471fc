local cjson = require "cjson"
local command = require "support.command"
local fake_core = require "support.fake_core"

local RULES = [[
rule "aws" { title = "AWS key", tags = { "secret" }, severity = "high", pattern = "(AKIA%w+)" }
rule "word" { tags = { "plain" }, severity = "low", pattern = "needle" }
]]

describe("hunch scan", function()
    local folder

    local function scan(argv, settings)
        return command.run({ "scan", "-r", folder.path .. "/rules.lua", table.unpack(argv) }, settings)
    end

    local function lines(text)
        local list = {}
        for line in text:gmatch("[^\n]+") do
            list[#list + 1] = cjson.decode(line)
        end
        return list
    end

    before_each(function()
        folder = command.folder {
            ["rules.lua"] = RULES, ["broken.lua"] = 'broken "no such stage"\n', ["in/a"] = "x AKIA1234567890ABCDEF y\n",
            ["in/b"] = "nothing\n", ["in/c"] = "a needle\n",
            ["angry.lua"] = 'rule "angry" { pattern = "needle", fails = "boom" }',
        }
    end)

    after_each(function()
        folder.remove()
    end)

    describe("exit status", function()
        it("is 0 when nothing is found", function()
            local result = scan { folder.path .. "/in/b" }
            assert.same({ 0, "" }, { result.status, result.out })
        end)

        it("is 1 when something is found, and 0 with --exit-zero", function()
            assert.equal(1, scan({ folder.path .. "/in" }).status)
            assert.equal(0, scan({ "--exit-zero", folder.path .. "/in" }).status)
        end)

        it("is 2 for usage", function()
            for _, argv in ipairs {
                { "--fromat", "text" }, { "--format", "xml" }, { "--threads", "many" }, { "--rule", "awz", "x" },
                { "--tag", "sceret", "x" }, { "--input", "jsonl", "x" }, { "-r", folder.path .. "/nothing.lua" },
                { "--output", folder.path .. "/no/such/place", "x" }, { "-r", folder.path .. "/broken.lua", "x" },
            } do
                local result = scan(argv)
                assert.equal(2, result.status, table.concat(argv, " "))
                assert.equal("", result.out)
                assert.is_truthy(result.err:find("hunch: ", 1, true))
            end
            assert.equal(2, command.run({ "scan", folder.path }).status)
            assert.matches("scan needs rules: -r RULES", command.run({ "scan", folder.path }).err, 1, true)
        end)

        it("is 3 when something was not scanned, found or not, --exit-zero or not", function()
            for _, argv in ipairs { { folder.path .. "/gone" }, { folder.path .. "/in", folder.path .. "/gone" },
                                    { "--exit-zero", folder.path .. "/gone" } } do
                local result = scan(argv)
                assert.equal(3, result.status)
                assert.matches("not everything was scanned: .*/gone: unreadable: No such file", result.err)
            end
        end)

        it("is 130 when interrupted, and what was found is printed", function()
            local calls = 0
            local result = scan({ folder.path .. "/in", folder.path .. "/gone" }, { interrupted = function()
                calls = calls + 1
                return calls > 1
            end })
            assert.equal(130, result.status)
            assert.matches("/in/a:1:3: high aws", result.out)
            assert.is_nil(result.out:find("needle", 1, true))
            assert.matches("cancelled", result.err, 1, true)
        end)

        it("is 2 when the core cannot scan", function()
            local result = scan({ folder.path .. "/in" }, { scan_failure = "no memory for the engine" })
            assert.equal(2, result.status)
            assert.matches("hunch: no memory for the engine\n", result.err, 1, true)
        end)

        it("is 3 when the report cannot be written, which stops the scan", function()
            for _, format in ipairs { "text", "jsonl", "sarif", "html" } do
                local result = scan { folder.path .. "/in", "--format", format, "--output", "/dev/full" }
                assert.equal(3, result.status)
                assert.matches("hunch: the report is not complete: No space left on device\n", result.err, 1, true)
            end
        end)
    end)

    it("stops quietly when the reader of a pipe has gone", function()
        -- A file that fails like a closed pipe from its second write on.
        local writes = 0
        local pipe = {
            setvbuf = function() return true end, flush = function() return true end,
            write = function(self)
                writes = writes + 1
                if writes > 1 then
                    return nil, "Broken pipe", 32
                end
                return self
            end,
        }
        local result = scan({ folder.path .. "/in", folder.path .. "/gone", "--no-progress" }, { stdout = pipe })
        assert.equal(1, result.status)
        assert.is_nil(result.err:find("Broken", 1, true))
        assert.is_nil(result.err:find("cancelled", 1, true))
    end)

    it("reads standard input when no path is given, or -", function()
        for _, argv in ipairs { {}, { "-" } } do
            local result = scan(argv, { stdin = "one\n a needle" })
            assert.equal(1, result.status)
            assert.matches("^%-:2:4: low word\n", result.out)
        end
    end)

    it("writes text with a summary on standard error", function()
        local result = scan { folder.path .. "/in" }
        assert.equal(folder.path .. "/in/a:1:3: high aws  AWS key\n"
                     .. "  1 | x AKIA1234567890ABCDEF y\n"
                     .. "    |   ^^^^^^^^^^^^^^^^^^^^\n"
                     .. folder.path .. "/in/c:1:3: low word\n"
                     .. "  1 | a needle\n"
                     .. "    |   ^^^^^^\n", result.out)
        assert.matches("^hunch: 2 matches %(1 high, 1 low%) in 3 records, 42 B, %d+%.%d%d s %(.-/s%), ref\n$",
                       result.err)
    end)

    it("writes JSON Lines with everything on standard output", function()
        local result = scan { folder.path .. "/in", folder.path .. "/gone", "--format", "jsonl" }
        assert.equal("", result.err)
        local list = lines(result.out)
        local types = {}
        for i, line in ipairs(list) do
            types[i] = line.type
        end
        assert.same({ "match", "match", "incomplete", "summary" }, types)
        assert.same({ 2, 22 }, { list[1].start, list[1]["end"] })
        local summary = list[4]
        assert.same({ 3, 42, 2, 1, 3, 2, 1, "ref", { fused = 0, chained = 0, serial = 1 } },
                    { summary.records, summary.bytes, summary.matches, summary.incomplete, summary.tiles,
                      summary.committed, summary.rolled_back, summary.backend, summary.routes })
    end)

    it("names the rule and record of a stage that failed", function()
        local result = scan { "-r", folder.path .. "/angry.lua", "--format", "jsonl", folder.path .. "/in/c" }
        assert.equal(3, result.status)
        local found
        for _, line in ipairs(lines(result.out)) do
            found = line.type == "incomplete" and line or found
        end
        assert.same({ "angry", folder.path .. "/in/c", "host-error", "boom" },
                    { found.rule, found.record, found.reason, found.detail })
    end)

    it("writes the same report to a file", function()
        for _, format in ipairs { "text", "sarif", "html" } do
            local direct = scan { folder.path .. "/in", "--format", format }
            local to_file = scan { folder.path .. "/in", "--format", format, "-o", folder.path .. "/report" }
            assert.same({ 1, "" }, { to_file.status, to_file.out })
            local function timeless(text)
                return (text:gsub('"seconds":[%d.e-]+', ""):gsub("[%d.]+ seconds", ""))
            end
            assert.equal(timeless(direct.out), timeless(folder.read "report"))
            assert.same({ folder.path .. "/report" }, to_file.core.last_options.skip)
        end
    end)

    it("hands the options to the core", function()
        local result = scan { folder.path .. "/in", "--deadline", "2.5", "--max-matches", "7", "--max-file-size", "1M",
                              "--tile-size", "4K", "--include", "*.a", "--include", "*.b", "--exclude", "*.c",
                              "--gitignore", "--rule", "aws", "--tag", "secret", "--threads", "3", "--profile",
                              "--backend", "ref", "--device-memory", "64M" }
        local given = result.core.last_options
        assert.same({ 2.5, 7, 1 << 20, 4096, { "*.a", "*.b" }, { "*.c" }, true, { "aws" }, { "secret" }, 3, true,
                      "ref" },
                    { given.deadline, given.max_matches, given.max_file_size, given.tile_size, given.include,
                      given.exclude, given.gitignore, given.rules, given.tags, given.threads, given.profile,
                      given.backend })
        local engine = result.core.engine_options
        assert.same({ "ref", 3, 64 << 20 }, { engine.backend, engine.threads, engine.device_memory })
    end)

    it("suggests the rule or tag that was meant", function()
        assert.matches("no rule is named 'awss'; did you mean 'aws'?", scan({ "--rule", "awss" }).err, 1, true)
        assert.matches("no rule has the tag 'plane'; did you mean 'plain'?", scan({ "--tag", "plane" }).err, 1, true)
    end)

    it("refuses a choice of rules that could report nothing", function()
        folder.write("rules.lua", [[
            rule "told" { tags = { "one" }, pattern = "needle" }
            rule "hidden" { tags = { "two" }, private = true, pattern = "needle" }]])
        for _, argv in ipairs { { "--rule", "hidden" }, { "--tag", "two" }, { "--rule", "hidden", "--tag", "two" } } do
            local result = scan { folder.path .. "/in", table.unpack(argv) }
            assert.same({ 2, "" }, { result.status, result.out })
            assert.equal("hunch: every rule that --rule and --tag choose is private: none would be reported\n",
                         result.err)
        end
        local result = scan { "--rule", "told", "--tag", "two", folder.path .. "/in" }
        assert.same({ 2, "hunch: no rule that --rule names has a tag that --tag names\n" },
                    { result.status, result.err })
        assert.equal(1, scan({ "--rule", "hidden", "--rule", "told", folder.path .. "/in" }).status)
        assert.equal(1, scan({ "--tag", "one", folder.path .. "/in" }).status)
    end)

    it("shows diagnostics of rules that do not compile, with the source line", function()
        local result = command.run { "scan", "-r", folder.path .. "/broken.lua", folder.path .. "/in" }
        assert.equal(2, result.status)
        assert.matches("broken.lua:1:1: error E304: no such stage\n", result.err, 1, true)
        assert.matches('1 | broken "no such stage"\n', result.err, 1, true)
    end)

    it("hands over how routes are chosen", function()
        local given = scan({ folder.path .. "/in", "--route", "chained", "--speculate", "disable", "--policy",
                             "commit-rate", "--decisions" }).core.last_options
        assert.same({ "chained", "disable", "commit-rate", "log" },
                    { given.route, given.speculate, given.policy, given.decisions })
    end)

    it("says how much of it a GPU has done, where it was to choose", function()
        local paths = { folder.path .. "/in", "--exit-zero" }
        local result = scan(paths, { device_bytes = 30 })
        assert.matches(", cuda, 30 B of it on the GPU", result.err, 1, true)
        assert.matches(", cpu, 20 B of it on the GPU", scan(paths, { device_bytes = 20 }).err, 1, true)
        paths[3], paths[4] = "--format", "jsonl"
        result = scan(paths, { device_bytes = 30 })
        local list = lines(result.out)
        assert.same({ "cuda", 30 }, { list[#list].backend, list[#list].device_bytes })
    end)

    it("profiles to standard error, costliest first, or as lines", function()
        local result = scan { folder.path .. "/in", "--profile" }
        assert.matches("\n    0.5000             1           0  aws\n    0.2500 ", result.err, 1, true)
        local profile = {}
        for _, line in ipairs(lines(scan({ folder.path .. "/in", "--profile", "--format", "jsonl" }).out)) do
            profile[#profile + 1] = line.type == "profile" and line.rule or nil
        end
        assert.same({ "aws", "word" }, profile)
    end)

    describe("--redact", function()
        local secret = "AKIA1234567890ABCDEF"

        it("lets no format print more of a secret than its beginning", function()
            folder.write("in/d", secret .. " " .. secret .. secret .. "\n")
            for _, format in ipairs { "text", "jsonl", "sarif", "html" } do
                local result = scan { "--redact", "--format", format, folder.path .. "/in" }
                assert.equal(1, result.status)
                assert.is_truthy(result.out:find("AKIA***", 1, true))
                assert.is_nil(result.out:find("AKIA1", 1, true), format)
                assert.is_nil(result.out:find(secret:sub(5), 1, true), format)
            end
        end)
    end)

    describe("--input jsonl", function()
        local input = '{"name":"a","text":"x AKIA1234567890ABCDEF y"}\nbad\n{"name":"b\\n","text_b64":"bmVlZGxl"}\n'

        it("scans a record a line and reports what is not one", function()
            local result = scan({ "--input", "jsonl", "--format", "jsonl" }, { input = input })
            assert.equal(3, result.status)
            local list = lines(result.out)
            assert.same({ "a", "aws", "b\n", "word" }, { list[1].record, list[1].rule, list[2].record, list[2].rule })
            assert.same({ "bad-input", "line 2 of standard input: " },
                        { list[3].reason, list[3].detail:match("^line 2 of standard input: ") })
            assert.same({ 2, 2, 1, 30 }, { list[4].records, list[4].matches, list[4].incomplete, list[4].bytes })
        end)

        it("quotes the line of a match", function()
            local result = scan({ "--input", "jsonl" }, { input = input })
            assert.matches("1 | x AKIA1234567890ABCDEF y\n", result.out, 1, true)
            assert.matches("b\\x0a:1:1: low word", result.out, 1, true)
        end)

        it("adds up the batches", function()
            local line = '{"name":"a","text":"needle' .. string.rep(" ", 1500000) .. '"}\n'
            local result = scan({ "--input", "jsonl", "--format", "jsonl" }, { input = line:rep(7) })
            local list = lines(result.out)
            local summary = list[#list]
            assert.same({ 7, 7, 7 * 1500006, 7 }, { summary.records, summary.matches, summary.bytes, summary.tiles })
        end)

        it("ends at the deadline and says that the rest was not read", function()
            local line = '{"name":"a","text":"needle' .. string.rep(" ", 5000000) .. '"}\n'
            local result = scan({ "--input", "jsonl", "--format", "jsonl", "--deadline", "0.5" },
                                { input = line:rep(3), tick = 0.3 })
            assert.equal(3, result.status)
            local reasons = {}
            for _, entry in ipairs(lines(result.out)) do
                reasons[#reasons + 1] = entry.reason
            end
            assert.equal("deadline", reasons[1])
        end)

        it("has no deadline when it is 0", function()
            local line = '{"name":"a","text":"needle' .. string.rep(" ", 5000000) .. '"}\n'
            local result = scan({ "--input", "jsonl", "--format", "jsonl", "--deadline", "0" },
                                { input = line:rep(3), tick = 0.3 })
            assert.equal(1, result.status)
            local list = lines(result.out)
            assert.equal(3, list[#list].records)
        end)

        it("ends at the deadline while input is slow", function()
            local core = fake_core.new { tick = 0.05 }
            core.read_input = function() return nil, "timeout" end
            local result = scan({ "--input", "jsonl", "--format", "jsonl", "--deadline", "1" }, { core = core })
            assert.equal(3, result.status)
            assert.equal("deadline", lines(result.out)[1].reason)
        end)

        it("says that standard input could not be read", function()
            local core = fake_core.new()
            core.read_input = function() return nil, "Input/output error" end
            local result = scan({ "--input", "jsonl" }, { core = core })
            assert.equal(3, result.status)
            assert.matches("unreadable: standard input: Input/output error", result.err, 1, true)
        end)

        it("is interrupted between batches", function()
            local line = '{"name":"a","text":"needle' .. string.rep(" ", 5000000) .. '"}\n'
            local calls = 0
            local result = scan({ "--input", "jsonl", "--format", "jsonl" }, { input = line:rep(3),
                                                                             interrupted = function()
                calls = calls + 1
                return calls > 1
            end })
            assert.equal(130, result.status)
            assert.equal("match", lines(result.out)[1].type)
        end)

        it("takes an empty input", function()
            assert.equal(0, scan({ "--input", "jsonl" }, { input = "" }).status)
            assert.equal(0, scan({ "--input", "jsonl", "-" }, { input = "\n\n" }).status)
        end)
    end)

    describe("on a terminal", function()
        it("says that it waits for standard input", function()
            local result = scan({}, { terminal = { [0] = true }, stdin = "" })
            assert.matches("^hunch: reading standard input; name a PATH to scan files\n", result.err)
            assert.is_nil(scan({ "-" }, { terminal = { [0] = true } }).err:find("reading", 1, true))
        end)

        it("colours the report unless NO_COLOR or TERM=dumb say no", function()
            local function coloured(environment, argv, fd)
                local result = scan(argv or { folder.path .. "/in" }, {
                    terminal = { [fd or 1] = true }, getenv = function(name) return environment[name] end,
                })
                return result.out:find("\27[", 1, true) ~= nil
            end
            assert.is_true(coloured {})
            assert.is_true(coloured { NO_COLOR = "" })
            assert.is_false(coloured { NO_COLOR = "1" })
            assert.is_false(coloured { TERM = "dumb" })
            assert.is_false(coloured({}, nil, 2))
            assert.is_false(coloured({}, { folder.path .. "/in", "-o", folder.path .. "/out" }))
        end)

        it("draws a progress bar on standard error and takes it away", function()
            local result = scan({ folder.path .. "/in" }, { terminal = { [2] = true } })
            assert.matches("^\r\27%[K%d+ k?B  %d files  0 matches", result.err)
            assert.matches("\r\27[Khunch: 2 matches", result.err, 1, true)
            for _, argv in ipairs { { "--no-progress" } } do
                local quiet = scan({ folder.path .. "/in", table.unpack(argv) }, { terminal = { [2] = true } })
                assert.is_nil(quiet.err:find("\27", 1, true))
            end
            assert.is_nil(scan({ folder.path .. "/in" }).err:find("\27", 1, true))
        end)
    end)

    it("takes a compiled program, alone", function()
        assert.equal(0, command.run({ "compile", folder.path .. "/rules.lua", "-o", folder.path .. "/p" }).status)
        local result = command.run { "scan", "-r", folder.path .. "/p", folder.path .. "/in" }
        assert.equal(1, result.status)
        result = scan { "-r", folder.path .. "/p", folder.path .. "/in" }
        assert.equal(2, result.status)
        assert.matches("is a compiled program and must be the only -r", result.err, 1, true)
        folder.write("p", "!HUNHPG1")
        result = command.run { "scan", "-r", folder.path .. "/p", folder.path .. "/in" }
        assert.equal(2, result.status)
        assert.matches("/p: the program is cut short", result.err, 1, true)
    end)

    it("leaves what a pipe holds to the core", function()
        local pipe = folder.path .. "/pipe"
        os.execute("mkfifo '" .. pipe .. "'; cat '" .. folder.path .. "/rules.lua' > '" .. pipe .. "' &")
        local result = command.run({ "scan", "-r", pipe, folder.path .. "/in" }, { core = fake_core.new() })
        assert.equal(1, result.status)
    end)
end)
