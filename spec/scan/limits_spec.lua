-- Limits, deadlines and cancelling: a scan ends at once, what was found stands, what was not evaluated is said.
local hunch = require "hunch"
local module = require "support.io_module"
local random_regex = require "support.random_regex"
local tree = require "support.tree"

local clock = require("hunch.core").clock

local function compile(text)
    return assert(hunch.engine { threads = 2, cache = "" }:compile { text = text, name = "limits.lua" })
end

local function reasons(result)
    local list = {}
    for i, entry in ipairs(result.incomplete) do
        list[i] = ("%s %s %s"):format(entry.record or "scan", entry.rule or "all", entry.reason)
    end
    return list
end

-- Takes every position of a record some time, in every rule.
local function slow_rules(n)
    local out = {}
    for i = 1, n do
        out[i] = ("rule 'slow%d' { confirm = { regex [[(?s)[a-z]{%d}.{%d}x\\b.{200}y\\B]] } }"):format(i, i, i + 30)
    end
    return table.concat(out, "\n")
end

describe("max_matches", function()
    local rules

    setup(function()
        rules = compile [[
            rule "span" { prefilter = any { "ab" } }
            rule "regex" { confirm = { regex "ab" } }
            rule "filtered" { confirm = { regex "ab|cd", except { text = { "cd" } } } }
        ]]
    end)

    it("says nothing when it is just reached", function()
        local result = rules:scan(("ab cd "):rep(3), { max_matches = 3 })
        assert.equal(9, #result.matches)
        assert.same({}, result.incomplete)
    end)

    it("keeps the first and says which rule and record had more", function()
        local result = rules:scan({ { name = "r", data = ("ab cd "):rep(4) }, { name = "s", data = "ab" } },
            { max_matches = 3 })
        assert.equal(12, #result.matches)
        assert.same({ "r span max-matches", "r regex max-matches", "r filtered max-matches" }, reasons(result))
        assert.equal(14, result.matches[3].last)
        assert.matches("3 matches", result.incomplete[1].detail)
    end)

    it("is 10,000 by itself", function()
        local result = rules:scan(("ab"):rep(10001), { rules = { "regex" } })
        assert.equal(10000, #result.matches)
        assert.same({ " regex max-matches" }, reasons(result))
    end)
end)

describe("a deadline", function()
    it("ends a scan of files", function()
        local folder = tree.new()
        local file = assert(io.open(folder:at "sparse", "wb"))
        file:seek("set", 1 << 35)
        file:write("needle")
        file:close()
        folder:write("first", "needle")
        local began = clock()
        local result = assert(compile('rule "x" { prefilter = any { "needle" } }'):scan_paths(
            { folder:at "first", folder:at "sparse" }, { deadline = 0.2 }))
        assert.is_true(clock() - began < 3)
        assert.equal(1, #result.matches)
        assert.equal(folder:at "first", result.matches[1].record)
        assert.same({ folder:at "sparse" .. " all deadline", "scan all deadline" }, reasons(result))
        assert.equal(1, result.stats.records)
        folder:remove()
    end)

    it("ends a scan in the middle of a record in memory, of whatever size", function()
        local rules = compile(slow_rules(60))
        for _, size in ipairs { 500000, 20 << 20 } do
            local began = clock()
            local result = rules:scan(("abcdefghijklmnopqrstuvwx "):rep(size // 25), { deadline = 0.2 })
            assert.is_true(clock() - began < 2, size .. " bytes took " .. clock() - began)
            assert.same({ " all deadline", "scan all deadline" }, reasons(result))
        end
    end)

    it("keeps what was decided of the record before, wherever its bytes are", function()
        local folder = tree.new()
        local text = "first\n" .. ("abcdefghijklmnopqrstuvwx "):rep((17 << 20) // 25)
        folder:write("large", text)
        local rules = compile('rule "quick" { confirm = { regex "first\\n" } }\n' .. slow_rules(60))
        local scans = {
            function(seconds)
                return rules:scan({ { name = "r", data = text:sub(1, 500000) } }, { deadline = seconds })
            end,
            function(seconds)
                return rules:scan({ { name = "r", data = text } }, { deadline = seconds, threads = 1 })
            end,
            function(seconds) return rules:scan_paths({ folder:at "large" }, { deadline = seconds }) end,
        }
        for i, scan in ipairs(scans) do
            -- As long as the machine needs for the first rule, and not for all of them.
            local seconds = i == 1 and 0.1 or 0.3
            local result
            repeat
                result, seconds = scan(seconds), seconds * 2
            until #result.matches > 0 or seconds > 20
            assert.equal(1, #result.matches)
            assert.equal("quick", result.matches[1].rule)
            assert.equal(1, result.matches[1].line)
            assert.equal(2, #result.incomplete)
            assert.equal(result.matches[1].record, result.incomplete[1].record)
            assert.equal("deadline", result.incomplete[1].reason)
        end
        folder:remove()
    end)

    it("reports nothing of a rule whose gate fails, though its stages came first", function()
        local rules = compile [[
            rule "none" { prefilter = none { "the end" }, confirm = { regex "key[0-9]+", only { regex = "1$" } } }
            rule "late" { prefilter = any { "key" } }
            rule "all" { prefilter = none { "the end" }, confirm = { regex "k[a-z]+" }, global = true, private = true }
        ]]
        local text, interrupted = ("key1 "):rep(2000000) .. "the end", 0
        for _, seconds in ipairs { 0.03, 0.06, 0.1, 0.2, 0.4, 0.8, 1.6 } do
            local result = rules:scan(text, { route = "fused", deadline = seconds, max_matches = 1 << 30 })
            assert.equal(0, #result.matches)
            if #result.incomplete == 0 then break end
            interrupted = interrupted + 1
        end
        assert.is_true(interrupted > 1)
    end)

    it("keeps the matches that the rule in the middle had", function()
        local rules = compile [[rule "x" { confirm = { regex "a", host(function(m)
            local n = 0
            for i = 1, m.first > 50 and 20000 or 1 do n = n + i end
            return n > 0
        end) } }]]
        local result = rules:scan(("a"):rep(9000), { deadline = 0.3 })
        assert.is_true(#result.matches >= 50)
        assert.equal(1, result.matches[1].first)
        assert.equal(#result.matches, result.matches[#result.matches].first)
    end)

    it("holds in the reverse pass of a regex", function()
        local rules = compile [[rule "x" { confirm = { regex "(?s)(?:a{1,40}){1,20}.*b|a" } }]]
        local began = clock()
        local result = rules:scan(("a"):rep(6 << 20), { deadline = 0.3, max_matches = 1 << 40 })
        assert.is_true(clock() - began < 2, "it took " .. clock() - began)
        assert.same({ " all deadline", "scan all deadline" }, reasons(result))
    end)

    it("ends a scan in the middle of host stages", function()
        local rules = compile [[rule "x" { confirm = { regex "a", host(function(m, r)
            local n = 0
            for i = 1, 20000 do n = n + i end
            return n > 0
        end) } }]]
        local began = clock()
        local result = rules:scan(("a"):rep(9000), { deadline = 0.3 })
        assert.is_true(clock() - began < 2)
        assert.same({ " all deadline", "scan all deadline" }, reasons(result))
        assert.is_true(#result.matches < 9000)
    end)

    it("may be over at once; 0 is none", function()
        local rules = compile 'rule "x" { prefilter = any { "a" } }'
        local result = rules:scan("a", { deadline = 1e-9 })
        assert.same({ "scan all deadline" }, reasons(result))
        assert.equal(0, #result.matches)
        result = rules:scan("a", { deadline = 0 })
        assert.same({ 1, 0 }, { #result.matches, #result.incomplete })
        assert.error_matches(function() rules:scan("a", { deadline = -1 }) end, "deadline must not be negative")
    end)
end)

describe("cancel", function()
    it("is asked and ends the scan", function()
        local asked, rules = 0, compile(slow_rules(60))
        local result = rules:scan(("abcdefghijklmnopqrstuvwx "):rep(1 << 15), { cancel = function()
            asked = asked + 1
            return asked == 3
        end })
        assert.equal(3, asked)
        assert.same({ " all cancelled", "scan all cancelled" }, reasons(result))
    end)

    it("never makes a gate hold that the whole record would refuse", function()
        local rules = compile [[
            rule "none" { prefilter = none { "end" } }
            rule "few" { confirm = { count { lit "end", at_most = 0 } } }
        ]]
        local data = ("x"):rep(3 << 20) .. "end"
        for threads = 1, 2 do
            local asked = 0
            local result = rules:scan({ { name = "r", data = data } }, { threads = threads, tile_size = 1 << 12,
                cancel = function()
                    asked = asked + 1
                    return asked > 1
                end })
            assert.equal(0, #result.matches)
        end
    end)
end)

describe("callbacks", function()
    local rules

    setup(function() rules = compile 'rule "x" { prefilter = any { "a" } }' end)

    it("raise their errors out of the scan, which ends", function()
        local seen = 0
        for _, name in ipairs { "on_match", "on_progress", "cancel" } do
            local problem = { name }
            local ok, message = pcall(rules.scan, rules, ("a"):rep(3 << 20), { max_matches = 1 << 30, threads = 2,
                [name] = function()
                    seen = seen + 1
                    error(problem)
                end })
            assert.is_false(ok)
            assert.equal(problem, message)
        end
        assert.equal(3, seen)
    end)

    it("may change what they were given, and collect garbage", function()
        local records = {}
        for i = 1, 300 do records[i] = { name = "r" .. i, data = ("%d a %s"):format(i, ("x"):rep(5000)) } end
        local options, seen = { include = nil }, {}
        options.on_match = function(match)
            seen[#seen + 1] = match.record
            for i = 1, #records do records[i].data, records[i].name = nil, nil end
            options.on_match = nil
            collectgarbage()
            collectgarbage()
        end
        local result = rules:scan(records, options)
        assert.equal(300, #seen)
        assert.equal("r300", seen[300])
        assert.equal(300, result.stats.matches)
        assert.same({}, result.matches)
    end)

    it("see progress", function()
        local folder, last = tree.new(), nil
        for i = 1, 50 do folder:write(("f%02d"):format(i), "a") end
        rules:scan_paths({ folder.path }, { on_progress = function(p) last = p end })
        assert.is_table(last)
        assert.is_true(last.records <= 50 and last.bytes == last.records)
        folder:remove()
    end)
end)

describe("files that cannot be scanned", function()
    local folder, rules

    before_each(function()
        folder = tree.new()
        rules = compile 'rule "x" { prefilter = any { "needle" } } rule "n" { prefilter = none { "needle" } }'
    end)

    after_each(function() folder:remove() end)

    it("are told, in their place", function()
        folder:write("a", "needle")
        folder:write("c", "needle")
        local result = rules:scan_paths { folder:at "a", folder:at "gone", "/dev/null", folder:at "c" }
        assert.same({ folder:at "gone" .. " all unreadable", "/dev/null all not-a-file" }, reasons(result))
        assert.equal(2, #result.matches)
    end)

    it("vanish while the scan runs", function()
        for i = 1, 3000 do folder:write(("d%d/f%04d"):format(i % 7, i), "needle") end
        local gone = false
        local result = rules:scan_paths({ folder.path }, { threads = 2, on_match = function()
            if not gone then os.execute("rm -rf '" .. folder.path .. "'/d[2-6]") end
            gone = true
        end })
        for _, entry in ipairs(result.incomplete) do
            assert.equal("unreadable", entry.reason)
            assert.matches("No such file", entry.detail)
        end
        assert.is_true(result.stats.records > 0 and result.stats.matches == result.stats.records)
    end)

    it("are longer than max_file_size", function()
        folder:write("a", "needle")
        folder:write("b", ("needle "):rep(10))
        local result = rules:scan_paths({ folder.path }, { max_file_size = 20 })
        assert.same({ folder:at "b" .. " all too-large" }, reasons(result))
        assert.equal(1, #result.matches)
    end)

    it("have names that are not UTF-8, and links that go round", function()
        local name = "caf\233\n\255"
        folder:write(name, "needle")
        module.symlink(folder:at "round", ".")
        module.symlink(folder:at "dangling", "nowhere")
        local result = rules:scan_paths { folder.path }
        assert.same({}, result.incomplete)
        assert.equal(1, #result.matches)
        assert.equal(folder:at(name), result.matches[1].record)
    end)
end)

describe("very many", function()
    it("matches of a rule that another asks for cost each of its own no more", function()
        local rules = compile [[
            rule "companion" { confirm = { regex "x" } }
            rule "asks" { confirm = { regex "y", near { "companion", within = 1, unit = "bytes" } } }
            rule "inside" { confirm = { regex "y", near { regex "(?s)x.*?y", within = 0, unit = "bytes" } } }
        ]]
        local began = os.clock() -- the processor's, so that a busy machine does not count
        local result = rules:scan(("x y "):rep(100000), { max_matches = 1 << 30 })
        assert.equal(300000, #result.matches)
        assert.same({}, result.incomplete)
        assert.is_true(os.clock() - began < 10, "it took " .. os.clock() - began)
    end)

    it("zero bytes of a literal, at its start or all of it, are found by every backend", function()
        local rules = compile [==[
            rule "wasm" { prefilter = any { hex "00 61 73 6D" } }
            rule "zeros" { prefilter = any { hex "00 00 00" } }
            rule "mixed" { prefilter = any { hex "00 00 00 41 42", lit("Z\0q", "nocase"), lit("\0\0x", "nocase") } }
            rule "once" { prefilter = all { hex "00", "needle" } }
            rule "wide" { prefilter = any { lit("ab", "wide"), lit("\0B", "word") } }
        ]==]
        local random, bytes = random_regex.generator(3), {}
        for i = 1, 20000 do bytes[i] = ("\0\0\0\0asmABZzqQxX"):byte(random(15)) end
        local data = string.char(table.unpack(bytes, 1, 4000)) .. string.char(table.unpack(bytes, 4001, 8000))
            .. "needle"
        local wanted
        for _, backend in ipairs { "ref", "cpu" } do
            for _, tile_size in ipairs { 1, 7, 1000, 1 << 20 } do
                local result = rules:scan(data, { backend = backend, tile_size = tile_size, max_matches = 1 << 30 })
                assert.is_nil(result.stats.note)
                local list = {}
                for i, m in ipairs(result.matches) do list[i] = m.rule .. m.first .. "-" .. m.last end
                wanted = wanted or list
                assert.is_true(#list > 1000)
                assert.same(wanted, list)
            end
        end
    end)

    it("places near the end of a record hide no literal from any backend", function()
        for _, set in ipairs { { "@c", "@d" }, { "ab" }, { "x", "y" }, { "=a", "=b", "=c", "=d" }, { "abc", "abd" },
            { "a_ca", "aKc_" }, { "__BB__", "Aa_B_", "A_" }, { ("long"):rep(40) .. "@c", ("long"):rep(40) .. "@d" } } do
            local quoted, records = {}, {}
            for i, literal in ipairs(set) do quoted[i] = ("%q"):format(literal) end
            local rules = compile(("rule 'x' { prefilter = any { %s } }"):format(table.concat(quoted, ", ")))
            for size = 0, 260 do
                for behind = 0, 3 do
                    records[#records + 1] = { data = (" "):rep(size) .. set[size % #set + 1] .. ("."):rep(behind) }
                end
            end
            for _, backend in ipairs { "ref", "cpu" } do
                assert.equal(#records, #rules:scan(records, { backend = backend }).matches, backend .. quoted[1])
            end
        end
    end)

    it("bytes of a literal are found by every backend, and none is when one differs", function()
        local long = ("x"):rep(20000) .. "y" .. ("z"):rep(20000)
        local text = "rule 'long' { prefilter = any { %q } } rule 'short' { prefilter = all { %q, 'needle' } }"
        local rules = compile(text:format(long, long))
        for _, backend in ipairs { "ref", "cpu" } do
            local function count(data)
                local result = rules:scan(data, { backend = backend, tile_size = 4096 })
                assert.is_nil(result.stats.note)
                return #result.matches
            end
            assert.equal(3, count(("x"):rep(5000) .. long .. "needle"))
            assert.equal(1, count(long .. "needl"))
            assert.equal(0, count(long:sub(1, -2) .. "Zneedle"))
            assert.equal(0, count(long:sub(1, 20000) .. "Y" .. long:sub(20002) .. "needle"))
        end
    end)
end)
