-- The built command on real files: what a shell sees of it.
local cjson = require "cjson"
local command = require "support.command"
local json_schema = require "support.json_schema"
local shape = require "support.sarif_shape"

local HUNCH = (os.getenv "HUNCH_BUILD" or "build") .. "/hunch"

local RULES = [==[
rule "aws-access-key-id" {
  title = "AWS access key ID", tags = { "secret", "aws" }, severity = "high",
  prefilter = any { "AKIA", "ASIA" },
  confirm = { regex [[\b((?:AKIA|ASIA)[A-Z2-7]{16})\b]], except { text = { "EXAMPLE" } } },
  examples = { match = { 'key = "AKIA' .. 'Q3EGRTVMBZ6WZ4NK"' }, miss = { 'key = "AKIAIOSFODNN7EXAMPLE"' } },
}
rule "needle" {
  severity = "low", prefilter = any { "needle" }, confirm = { regex [[needle(-\d+)?]] },
  examples = { match = { { text = "a needle-12", spans = { { 3, 11 } } } }, miss = { "haystack" } },
}
]==]

-- In two parts, so that this file holds no key itself.
local KEY = "AKIA" .. "Q3EGRTVMBZ6WZ4NK"

describe("build/hunch", function()
    local folder

    -- Runs a shell line in which $H is the command and $D the folder: { status =, out =, err = }.
    local function sh(line)
        local out, err = os.tmpname(), os.tmpname()
        local script = string.format("H=$(realpath '%s') D='%s'\n%s", HUNCH, folder.path, line)
        local file = assert(io.open(out .. ".sh", "wb"))
        file:write(script)
        file:close()
        local _, kind, code = os.execute(string.format("bash %s.sh >%s 2>%s </dev/null", out, out, err))
        local result = { status = kind == "exit" and code or 128 + code }
        for name, path in pairs { out = out, err = err } do
            local written = assert(io.open(path, "rb"))
            result[name] = written:read("a")
            written:close()
            os.remove(path)
        end
        os.remove(out .. ".sh")
        return result
    end

    local function lines(text)
        local list = {}
        for line in text:gmatch("[^\n]+") do
            list[#list + 1] = cjson.decode(line)
        end
        return list
    end

    setup(function()
        local file = io.open(HUNCH, "rb")
        assert(file, HUNCH .. " is not there: run `make` first")
        file:close()
        folder = command.folder {
            ["rules.lua"] = RULES, ["broken.lua"] = "rule 'x' {\n  confirm = { regexx [[a]] },\n}\n",
            ["in/a.txt"] = "one\nkey = \"" .. KEY .. "\"; // needle-7\n",
            ["in/sub/b.txt"] = "\u{e4}\u{20ac} needle needle-12\n" .. string.rep("x", 300000) .. " needle\n",
            ["in/.git/config"] = "needle\n", ["in/empty"] = "", ["clean/c.txt"] = "nothing here\n",
            ["in/\xff name.txt"] = "\xfe needle\xff\n",
        }
    end)

    teardown(function()
        if folder then
            folder.remove()
        end
    end)

    it("tells its version and helps", function()
        assert.matches("^hunch %d+%.%d+", sh("$H version").out)
        local help = sh "$H --help"
        assert.equal(0, help.status)
        assert.matches("usage: hunch CALL", help.out, 1, true)
        assert.equal(2, sh("$H").status)
        local typo = sh "$H scna"
        assert.equal(2, typo.status)
        assert.matches("did you mean 'scan'?", typo.err, 1, true)
    end)

    it("finds what is there, in canonical order, with the right places", function()
        local result = sh "$H scan -r $D/rules.lua --format jsonl $D/in"
        assert.equal(1, result.status)
        assert.equal("", result.err)
        local list = lines(result.out)
        local seen = {}
        for _, line in ipairs(list) do
            if line.type == "match" then
                seen[#seen + 1] = { line.record and line.record:sub(#folder.path + 2) or "?", line.rule, line.start,
                                    line["end"], line.line, line.column, line.text }
            end
        end
        assert.same({
            { "in/a.txt", "aws-access-key-id", 11, 31, 2, 8, KEY },
            { "in/a.txt", "needle", 37, 45, 2, 34, "needle-7" },
            { "in/sub/b.txt", "needle", 6, 12, 1, 7, "needle" },
            { "in/sub/b.txt", "needle", 13, 22, 1, 14, "needle-12" },
            { "in/sub/b.txt", "needle", 300024, 300030, 2, 300002, "needle" },
            { "?", "needle", 2, 8, 1, 3, "needle" },
        }, seen)
        local summary = list[#list]
        assert.same({ "summary", 4, 6, 0 }, { summary.type, summary.records, summary.matches, summary.incomplete })
    end)

    it("gives captures, tags and severity", function()
        local first = lines(sh("$H scan -r $D/rules.lua --format jsonl $D/in/a.txt").out)
        assert.same({ { { 11, 31 } }, { "secret", "aws" }, "high" },
                    { first[1].captures, first[1].tags, first[1].severity })
        assert.same({ { 43, 45 } }, first[2].captures)
        local none = lines(sh("$H scan -r $D/rules.lua --format jsonl $D/in/sub/b.txt").out)
        assert.same({ cjson.null }, none[1].captures)
    end)

    it("answers the same whatever the backend, threads, tiles and form of the rules", function()
        local function answer(options)
            local kept = {}
            for line in sh("$H scan " .. options .. " --format jsonl $D/in").out:gmatch("[^\n]+") do
                if not line:find('^{"type":"summary"') then
                    kept[#kept + 1] = line
                end
            end
            return table.concat(kept, "\n")
        end
        assert.equal(0, sh("$H compile $D/rules.lua -o $D/program").status)
        local expected = answer "-r $D/rules.lua"
        assert.is_true(#expected > 500)
        for _, options in ipairs {
            "-r $D/program", "-r $D/rules.lua --backend ref", "-r $D/rules.lua --backend cpu --threads 1",
            "-r $D/program --threads 2 --tile-size 1K", "-r $D/program --backend ref --tile-size 1M",
            "-r $D/program --route fused", "-r $D/program --route chained", "-r $D/program --route serial",
            "-r $D/program --speculate force", "-r $D/program --speculate disable --policy commit-rate",
        } do
            assert.equal(expected, answer(options), options)
        end
    end)

    it("shows its decisions, and what they have taught it", function()
        local cache = "export XDG_CACHE_HOME=$D/cache; "
        local result = sh(cache .. "$H scan -r $D/rules.lua --decisions $D/in")
        assert.equal(1, result.status)
        assert.matches("^group +route +reason +dispatches +bytes +predicted ms +measured ms +committed +rolled back\n"
                       .. "anchored +serial +untried +1 +%d+ +%d+%.%d+ +%d+%.%d+ +3 +1\nhunch: 6 matches", result.err)
        local kinds, decision = {}, nil
        result = sh(cache .. "$H scan -r $D/rules.lua --decisions --format jsonl $D/in")
        for _, line in ipairs(lines(result.out)) do
            if line.type ~= "match" then kinds[#kinds + 1] = line.type end
            decision = line.type == "decision" and line or decision
        end
        assert.same({ "speculator", "decision", "summary" }, kinds)
        assert.same({ "anchored", "chained", "untried", 3, 1, 1 }, -- its second dispatch: it knows of the first
                    { decision.group, decision.route, decision.reason, decision.committed, decision.rolled_back,
                      decision.samples })
        assert.same({ "fused", "chained", "serial" }, decision.routes)
        local text = sh(cache .. "$H info --tuning").out
        assert.matches("group anchored of program %x+ on cpu\n +commit rate: [%d.]+ %% of the tiles, after 2 d", text)
        assert.matches("next route: fused\n +policy: cost%-model\n +predicted: fused [%d.]+ ms, chained", text)
        local tuning = cjson.decode(sh(cache .. "$H info --tuning --format jsonl").out).tuning
        assert.same({ 1, "routes", "anchored", "cpu", 2, 2, "fused" }, { #tuning, tuning[1].what, tuning[1].group,
                    tuning[1].backend, tuning[1].rules, tuning[1].samples, tuning[1].route })
        for _, damage in ipairs { "echo damaged > $D/cache/hunch/autotune", "rm $D/cache/hunch/autotune" } do
            local none = sh(cache .. damage .. "; $H info --tuning")
            assert.equal(0, none.status)
            assert.matches("\ntuning: nothing is kept\n", none.out, 1, true)
            assert.is_nil(cjson.decode(sh(cache .. "$H info --tuning --format jsonl").out).tuning)
        end
        sh "mkdir -p -m700 $D/cache/hunch"
        for _, time in ipairs { math.maxinteger, 253402300800, 253402300799 } do
            local store = require "hunch".autotune(folder.path .. "/cache/hunch/autotune")
            assert.is_true(store:put({ program = "x" }, { recorded_at = time }))
            local info = sh(cache .. "$H info --tuning")
            assert.same({ 0, "" }, { info.status, info.err })
            assert.matches(time == 253402300799 and "recorded: 9999-12-31 23:59:59 UTC"
                           or ("recorded: %d seconds after 1970"):format(time), info.out, 1, true)
        end
        assert.is_nil(sh("$H info").out:find "tuning")
        assert.is_nil(sh(cache .. "$H info").out:find "cache problem")
        assert.matches("\ncache problem: nothing is kept: others may use it, too: its mode must be 0700\n",
                       sh(cache .. "chmod 755 $D/cache/hunch; $H info --tuning").out, 1, true)
    end)

    it("shows a line with what matched underlined", function()
        local result = sh "$H scan -r $D/rules.lua $D/in/a.txt"
        assert.equal(folder.path .. "/in/a.txt:2:8: high aws-access-key-id  AWS access key ID\n"
                     .. "  2 | key = \"" .. KEY .. "\"; // needle-7\n"
                     .. "    |        ^^^^^^^^^^^^^^^^^^^^\n"
                     .. folder.path .. "/in/a.txt:2:34: low needle\n"
                     .. "  2 | key = \"" .. KEY .. "\"; // needle-7\n"
                     .. "    |                                  ^^^^^^^^\n", result.out)
        assert.matches("^hunch: 2 matches %(1 high, 1 low%) in 1 record, ", result.err)
    end)

    it("writes valid SARIF and one HTML file", function()
        local log = cjson.decode(sh("$H scan -r $D/rules.lua --format sarif $D/in $D/gone").out)
        assert.same({}, json_schema.problems(shape, log))
        local run = log.runs[1]
        assert.same({ 6, 3, 1 }, { #run.results, run.invocations[1].exitCode,
                                   #run.invocations[1].toolExecutionNotifications })
        local region = run.results[3].locations[1].physicalLocation.region
        assert.same({ 1, 4, 10, 6, 6 }, { region.startLine, region.startColumn, region.endColumn, region.byteOffset,
                                          region.byteLength })
        local page = sh("$H scan -r $D/rules.lua --format html $D/in").out
        assert.matches("^<!DOCTYPE html>", page)
        assert.matches("</html>\n$", page)
    end)

    it("keeps secrets out of every format with --redact", function()
        for _, format in ipairs { "text", "jsonl", "sarif", "html" } do
            local result = sh("$H scan --redact -r $D/rules.lua $D/in --format " .. format)
            assert.equal(1, result.status)
            assert.matches("AKIA***", result.out, 1, true)
            assert.is_nil(result.out:find(KEY:sub(1, 6), 1, true), format)
        end
    end)

    it("reads standard input, whole or a record a line", function()
        assert.matches("^%-:1:3: low needle\n", sh("printf 'a needle' | $H scan -r $D/rules.lua").out)
        assert.matches("^%-:1:3: low needle\n", sh("$H scan -r $D/rules.lua - < <(printf 'a needle')").out)
        local result = sh [[printf '{"name":"m","text":"needle-3"}\nbad\n{"name":"n","text_b64":"bmVlZGxl"}' |
            $H scan -r $D/rules.lua --input jsonl --format jsonl]]
        assert.equal(3, result.status)
        local list = lines(result.out)
        assert.same({ "m", "needle-3", "n", "needle", "bad-input", 2 },
                    { list[1].record, list[1].text, list[2].record, list[2].text, list[3].reason, list[4].matches })
    end)

    it("shows the decisions of all batches of records by group", function()
        local two = 'rule "plain" { prefilter = any { "needle" } }\n'
            .. 'rule "anchored" { prefilter = any { "thread" }, confirm = { regex [[thread-[0-9]+]] } }\n'
        local record = '{"name":"n","text":"needle thread-5' .. (" "):rep(3000000) .. '"}\n'
        for name, bytes in pairs { ["two.lua"] = two, records = record:rep(4) } do
            local file <close> = assert(io.open(folder.path .. "/" .. name, "wb"))
            file:write(bytes)
        end
        local groups = {}
        for _, line in ipairs(lines(sh [[$H scan -r $D/two.lua --input jsonl --decisions --format jsonl < $D/records
            rm $D/two.lua $D/records]].out)) do
            if line.type == "decision" then groups[#groups + 1] = line.group end
        end
        local half = #groups // 2
        assert.is_true(half > 1)
        assert.equal(("literal "):rep(half) .. ("anchored "):rep(half), table.concat(groups, " ") .. " ")
    end)

    describe("exit status", function()
        local cases = {
            { 0, "$H scan -r $D/rules.lua $D/clean" },
            { 1, "$H scan -r $D/rules.lua $D/in" },
            { 0, "$H scan -r $D/rules.lua --exit-zero $D/in" },
            { 0, "$H scan -r $D/rules.lua $D/in/empty" },
            { 2, "$H scan -r $D/broken.lua $D/in" },
            { 2, "$H scan -r $D/gone.lua $D/in" },
            { 1, "$H scan -r $D/rules.lua --route fused $D/in" },
            { 2, "$H scan -r $D/rules.lua --route chained --speculate force $D/in" },
            { 2, "$H scan -r $D/rules.lua --route fused --speculate disable $D/in" },
            { 2, "$H scan $D/in" },
            { 2, "head -c 100 $D/program > $D/short; $H scan -r $D/short $D/in" },
            { 3, "$H scan -r $D/rules.lua $D/gone" },
            { 3, "$H scan -r $D/rules.lua --exit-zero $D/in $D/gone" },
            { 3, "$H scan -r $D/rules.lua --max-matches 1 $D/in" },
            { 3, "$H scan -r $D/rules.lua --max-file-size 1K $D/in" },
            { 3, "$H scan -r $D/rules.lua $D/in > /dev/full" },
            { 3, "$H scan -r $D/rules.lua $D/in -o /dev/full" },
            { 3, "mkfifo $D/fifo; timeout 20 $H scan -r $D/rules.lua $D/fifo; s=$?; rm $D/fifo; exit $s" },
            { 0, "mkfifo $D/clean/fifo; timeout 20 $H scan -r $D/rules.lua $D/clean; s=$?; rm $D/clean/fifo; exit $s" },
            { 1, "$H scan -r $D/rules.lua $D/in | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}" },
            { 1, "$H scan -r $D/rules.lua $D/in $D/in/a.txt | true; exit ${PIPESTATUS[0]}" },
            { 2, "$H import gitleaks x -o y" },
            { 0, "$H test $D/rules.lua" },
            { 0, "$H check $D/rules.lua" },
            { 1, "$H check $D/broken.lua" },
            { 2, "$H check $D/gone.lua" },
            { 0, "$H explain $D/rules.lua" },
            { 0, "$H info" },
            { 2, "$H compile $D/broken.lua -o $D/never" },
            { 2, "$H compile $D/rules.lua -o -" },
            { 3, "(ulimit -f 0; $H compile $D/rules.lua -o $D/never); s=$?; test ! -e $D/never && exit $s" },
            { 2, "$H compile $D/rules.lua -o ''" },
            { 2, "$H scan -r $D/rules.lua ''" },
            { 2, "$H scan -r '' $D/in" },
            { 2, "$H check $D/program" },
            { 2, "$H test $D/program" },
            { 2, "$H explain $D/program" },
            { 2, "$H compile $D/program -o $D/never" },
            { 2, "mkdir -p $D/none; $H compile $D/none -o $D/never" },
            { 2, "$H test $D/none" },
            { 2, "$H explain $D/none" },
            { 0, "$H check $D/none" },
            { 2, "$H scan -r $D/none $D/in" },
            { 2, "$H version --x" },
            { 0, "$H bench -r $D/rules.lua --runs 1 --threads 1 $D/in" },
            { 3, "$H bench -r $D/rules.lua --runs 1 --threads 1 $D/gone 2>&1 | grep -q 'gone: unreadable'; "
                .. "exit ${PIPESTATUS[0]}" },
        }
        for _, case in ipairs(cases) do
            it(case[1] .. ": " .. case[2], function()
                local result = sh(case[2])
                assert.equal(case[1], result.status, result.err)
            end)
        end

        it("130 when interrupted, with what was found", function()
            local result = sh [[
                mkfifo $D/live
                sleep 20 > $D/live & writer=$!
                timeout --preserve-status -s INT 1 $H scan -r $D/rules.lua --format jsonl $D/in - < $D/live
                status=$?
                kill $writer; rm $D/live; exit $status]]
            assert.equal(130, result.status)
            local list = lines(result.out)
            assert.equal("match", list[1].type)
            local reasons = {}
            for _, line in ipairs(list) do
                reasons[line.reason or ""] = true
            end
            assert.is_true(reasons.cancelled)
        end)
    end)

    it("never writes over rules or what it is asked to scan", function()
        folder.write("words.txt", "needle\n")
        folder.write("wordy.lua", 'rule "w" { confirm = { regex "n", except { words = "words.txt" } } }')
        local before = sh("cd $D && md5sum rules.lua wordy.lua words.txt program in/a.txt").out
        for _, case in ipairs {
            "compile rules.lua -o rules.lua", "compile . -o ./rules.lua", "compile wordy.lua -o words.txt",
            "scan -r rules.lua -o rules.lua in", "scan -r program -o ./program in", "scan -r wordy.lua -o words.txt in",
            "scan -r rules.lua -o in/a.txt in/a.txt", "scan -r rules.lua -o in/a.txt in ./in/a.txt",
            "scan -r rules.lua -o in/a.txt < in/a.txt", "scan -r rules.lua --input jsonl -o in/a.txt < in/a.txt",
        } do
            -- The folder holds a broken rule file as well: it must not be what stops `compile .`.
            local result = sh("cd $D && mv broken.lua b; rm -f failing.lua; $H " .. case
                              .. "; s=$?; mv b broken.lua; exit $s")
            assert.equal(2, result.status, case)
            assert.matches("would overwrite what is read", result.err, 1, true)
        end
        assert.equal(before, sh("cd $D && md5sum rules.lua wordy.lua words.txt program in/a.txt").out)
    end)

    it("ends the compiler at Ctrl-C", function()
        folder.write("slow.lua", "for i = 1, 200000 do rule('r' .. i) { confirm = { regex('needle' .. i) } } end")
        for _, call in ipairs { "compile -o $D/never", "check", "explain", "test" } do
            local result = sh("timeout --preserve-status -s INT 0.3 $H " .. call .. " $D/slow.lua")
            assert.equal(130, result.status, call)
            assert.equal("hunch: interrupted before the rules were compiled\n", result.err)
            assert.equal("", result.out)
        end
        assert.is_nil(io.open(folder.path .. "/never"))
    end)

    it("is quiet when nobody reads on", function()
        local result = sh [[
            yes needle | head -n 9000 > $D/many; cp $D/many $D/more
            $H scan -r $D/rules.lua $D/many $D/more | head -n 1; exit ${PIPESTATUS[0]}]]
        assert.same({ 1, "" }, { result.status, result.err })
        os.remove(folder.path .. "/more")
    end)

    it("scans each real file once and not its own report", function()
        local result = sh [[
            cd $D && $H scan -r rules.lua --format jsonl -o in/report in in/a.txt ./in; cat in/report]]
        local list = lines(result.out)
        assert.equal(6, list[#list].matches)
        folder.write("in/report", "")
    end)

    it("compiles to standard output, and nothing else goes there", function()
        local line = "$H compile $D/rules.lua -o $D/one; $H compile $D/rules.lua -o /dev/stdout | cmp - $D/one"
        assert.equal(0, sh(line).status)
    end)

    it("reads lists of words from regular files only, and through no symbolic link", function()
        sh [[mkdir -p $D/words/sub; cd $D/words; mkfifo fifo; ln -s /dev/zero zero; ln -s /etc/passwd out
            echo abcx > sub/ok]]
        for words, expected in pairs { fifo = "FIFO", zero = "symbolic links are not followed",
            out = "symbolic links are not followed", sub = "directory", none = "No such file" } do
            local text = "rule 'w' { confirm = { regex 'abc.', except { words = '%s' } } }"
            folder.write("words/w.lua", text:format(words))
            local result = sh "timeout 5 $H check $D/words/w.lua"
            assert.equal(1, result.status)
            assert.matches("E008: .*" .. expected, result.out .. result.err)
        end
        folder.write("words/w.lua", "rule 'w' { confirm = { regex 'abc.', except { words = 'sub/ok' } } }")
        assert.equal(0, sh("$H check $D/words/w.lua").status)
    end)

    it("compiles to the same bytes twice", function()
        assert.equal(0, sh("$H compile $D/rules.lua -o $D/one && $H compile $D/rules.lua -o $D/two").status)
        assert.equal(folder.read "one", folder.read "two")
    end)

    it("tests examples through the whole engine", function()
        assert.equal("4 examples, 0 failed\n", sh("$H test $D/rules.lua").out)
        folder.write("failing.lua", 'rule "f" { prefilter = any { "needle" }, examples = { match = { "haystack" },'
                     .. ' miss = { "a needle" } } }')
        local result = sh "$H test $D/failing.lua"
        assert.equal(1, result.status)
        assert.matches("FAIL f .*match example 1\n.*FAIL f .*miss example 1\n.*found     3%.%.8\n", result.out)
    end)

    it("takes rules from files and folders only", function()
        local result = sh "$H check /dev/null"
        assert.same({ 2, "hunch: cannot read rules from /dev/null: rules are regular files, and folders of them\n" },
                    { result.status, result.err })
    end)

    it("shows what is wrong with rules, with the line", function()
        local result = sh "$H check $D/broken.lua"
        assert.matches("broken.lua:2", result.out, 1, true)
        assert.matches("regexx", result.out, 1, true)
    end)
end)
