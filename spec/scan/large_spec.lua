-- Large records: files that are read in slices by several threads, matches that straddle them, floods.
local hunch = require "hunch"
local module = require "support.engine_module"
local tree = require("support.tree")

local MB = 1 << 20
local SIZE = (os.getenv "HUNCH_SAN" and 18 or 21) * MB -- above the 16 MiB up to which files are read whole
local SLICE = 4 * MB

local RULES = [==[
rule "word" { prefilter = any { lit("straddling", "word") } }
rule "nocase" { prefilter = any { lit("StradDling", "nocase") } }
rule "token" { prefilter = any { "tok_" }, confirm = { regex [[\btok_([a-z0-9]{20})\b]] } }
rule "behind" { confirm = { regex [[[a-z]{3,30}=secret;]] } }
rule "far" { prefilter = any { "BEGIN" }, confirm = { regex [[BEGIN[^\x00]*?END]] } }
rule "lines" {
  prefilter = any { "tok_" },
  confirm = { regex [[(?m)^tok_.*$]], near { lit "companion", within = 1, unit = "lines" } },
}
rule "count" { confirm = { count { lit "tok_", at_least = 3 } } }
rule "none" { prefilter = none { "nowhere-to-be-found" } }
rule "not-none" { prefilter = none { "straddling" } }
rule "end" { confirm = { regex [[the very end\z]] } }
rule "tail" { confirm = { field { at = -4, from = "end", type = "u32be", equal = 0x20656e64 } } }
rule "asks" {
  confirm = { condition([[#a > 5 and @a[2] > 4000000 and uint8(filesize - 1) == 0x64]], { a = lit "tok_" }) },
}
]==]

-- The record: filler, and what the rules look for around every border of slices and windows.
local function large_record()
    local line = ("lorem ipsum dolor sit amet "):rep(3) .. "\n"
    local filler = line:rep(SIZE // #line + 1):sub(1, SIZE)
    local parts, at = {}, 1
    local function put(offset, bytes)
        parts[#parts + 1] = filler:sub(at, offset)
        parts[#parts + 1] = bytes
        at = offset + #bytes + 1
    end
    for k = 1, SIZE // SLICE do
        local border = k * SLICE
        put(border - 5, " straddling ")
        put(border + 100, "\ntok_abcdefghij0123456789\n")
        put(border + 300 * k, "a companion\ntok_9876543210jihgfedcba\n")
    end
    put(SLICE + MB - 3, "password=secret;")
    put(SLICE + 2 * MB - 12, " xstraddling straddling")
    put(2 * SLICE + MB, "BEGIN")
    put(3 * SLICE + MB + 77, "END")
    parts[#parts + 1] = filler:sub(at, SIZE - 12)
    parts[#parts + 1] = "the very end"
    return table.concat(parts)
end

local function show(result)
    local list = {}
    for i, m in ipairs(result.matches) do
        list[i] = ("%s %d..%d %d:%d %s"):format(m.rule, m.first, m.last, m.line, m.column, m.text:sub(1, 40))
    end
    return table.concat(list, "\n")
end

describe("a file above 16 MiB", function()
    local folder, rules, path, data, whole

    setup(function()
        folder = tree.new()
        data = large_record()
        path = folder:write("large", data)
        rules = assert(hunch.engine { threads = 2, cache = "" }:compile { text = RULES, name = "large.lua" })
        whole = assert(rules:scan({ { name = path, data = data } }, { backend = "ref" }))
    end)

    teardown(function() folder:remove() end)

    it("is a record like another", function()
        assert.same({}, whole.incomplete)
        local counts = {}
        for _, m in ipairs(whole.matches) do counts[m.rule] = (counts[m.rule] or 0) + 1 end
        local borders = SIZE // SLICE
        assert.same({ word = borders + 1, nocase = borders + 2, token = 2 * borders, behind = 1, far = 1,
            lines = borders, count = 1, none = 1, ["end"] = 1, tail = 1, asks = 2 * borders }, counts)
    end)

    for _, settings in ipairs {
        { threads = 1 }, { threads = 2 }, { threads = 4 }, { backend = "ref" }, { threads = 2, tile_size = 1000 },
        { threads = 2, tile_size = 1 << 40 },
    } do
        it("gives the same with " .. (settings.backend or settings.threads .. " threads") .. " and tiles of "
            .. (settings.tile_size or "1 MiB"), function()
            local result = assert(rules:scan_paths({ path }, settings))
            assert.same({}, result.incomplete)
            assert.equal(show(whole), show(result))
            assert.equal(#data, result.stats.bytes)
            assert.equal(1, result.stats.records)
            assert.equal(show(whole), show(assert(rules:scan({ { name = path, data = data } }, settings))))
        end)
    end

    it("gives the same as a stream and among other files", function()
        local stream = assert(rules:stream { name = path })
        for at = 1, #data, 777777 do assert(stream:feed(data:sub(at, at + 777776))) end
        assert.equal(show(whole), show(assert(stream:finish())))
        local small = folder:write("small", "tok_abcdefghij0123456789")
        local result = assert(rules:scan_paths({ small, path, folder.path }, { threads = 2 }))
        assert.equal(2, result.stats.records)
        local large = {}
        for _, m in ipairs(result.matches) do
            if m.record == path then large[#large + 1] = m end
        end
        assert.equal(show(whole), show { matches = large })
    end)

    it("is standard input like another file", function()
        local command = ("'%s/hunch' scan -r '%s' --format jsonl - < '%s' | grep -c '\"type\":\"match\"'"):format(
            os.getenv "HUNCH_BUILD" or "build", folder:write("rules.lua", RULES), path)
        for _, from in ipairs { command, (command:gsub("^(.*) < ('.-')", "cat %2 | %1")) } do
            local pipe = io.popen(from)
            assert.equal(tostring(#whole.matches), pipe:read "l")
            pipe:close()
        end
    end)

    it("gives nothing when the scan is ended while it is read", function()
        local result = assert(rules:scan_paths({ path }, { cancel = function() return true end }))
        -- One entry for the scan, and before it one for the file where it was begun.
        for _, entry in ipairs(result.incomplete) do assert.equal("cancelled", entry.reason) end
        assert.is_nil(result.incomplete[#result.incomplete].record)
        assert.is_true(#result.incomplete <= 2)
        for _, m in ipairs(result.matches) do assert.is_not.equal("not-none", m.rule) end
    end)
end)

describe("a file that is read through a window", function()
    -- What this process has read so far, in bytes.
    local function read_so_far()
        local file = assert(io.open "/proc/self/io")
        local n = tonumber(file:read("a"):match "rchar: (%d+)")
        file:close()
        return n
    end

    -- Where a search looks back a little at every step, the window must not move each time.
    for _, case in ipairs {
        { "[0-9]{10}", "4111 1111 " }, -- no run of a class is long enough
        { "(?:^|[^0-9a-f])[0-9a-f]{12}", "4111111 1111 11 " },
        { "[a-z]{0,30}key[^;]{0,9};", "key" }, -- a prefix reaches back from every literal
        { [[\b[a-z. ]{9,30}key]], "a keyword. " },
    } do
        it("is not read again and again for " .. case[1], function()
            local engine = assert(module.core.engine { threads = 1, cache = "" })
            module.sizes(engine, { record_most = 1000, slice = 1 << 16, window = 1 << 14 })
            local text = ("rule 'r' { confirm = { regex [[%s]] } }"):format(case[1])
            local rules = assert(engine:compile { name = "r.lua", text = text })
            local folder = tree.new()
            local path = folder:write("file", case[2]:rep((1 << 20) // #case[2]))
            local before = read_so_far()
            assert(rules:scan_paths({ path }, { max_matches = 1 << 20 }))
            local times = (read_so_far() - before) / (1 << 20)
            folder:remove()
            assert.is_true(times < 12, ("%.1f times"):format(times))
        end)
    end
end)

describe("a record with more hits than are kept", function()
    local rules, data

    setup(function()
        rules = assert(hunch.engine { threads = 2, cache = "" }:compile { name = "flood.lua", text = [==[
            rule "spans" { prefilter = any { "ab" } }
            rule "regex" { confirm = { regex [[ab!]] } }
            rule "count" { confirm = { count { lit "ab", at_least = 2 } } }
            rule "exactly" { confirm = { count { lit "ab", at_least = 2, at_most = 9 } } }
            rule "many" { confirm = { count { lit "ab", at_least = 1048577 } } }
            rule "within" { confirm = { regex "!", count { lit "ab", at_least = 2, within = 6 } } }
            rule "early" { confirm = { regex [[\Aab]], count { lit "ab", at_least = 2, at_most = 3, within = 5 } } }
            rule "near" { confirm = { regex "!", near { lit "ab", within = 1 } } }
            rule "asks" { confirm = { condition { "#a > 1", patterns = { a = lit "ab" } } } }
            rule "present" { prefilter = any { "ab" }, confirm = { regex "b!" } }
            rule "word" { prefilter = any { lit("cd", "word") } }
        ]==] })
        data = ("ab"):rep((1 << 20) + 100) .. "!" .. (" cd"):rep(10) .. "ab"
    end)

    it("is searched everywhere instead, and says what it cannot count", function()
        local expected
        for _, backend in ipairs { "ref", "cpu" } do
            local result = assert(rules:scan({ { name = "flood", data = data } }, { backend = backend }))
            local shown, lost = show(result), {}
            for i, entry in ipairs(result.incomplete) do lost[i] = entry.rule .. " " .. entry.reason end
            assert.same({ "spans max-matches", "many memory", "within memory", "near memory", "asks memory" }, lost)
            local counts = {}
            for _, m in ipairs(result.matches) do counts[m.rule] = (counts[m.rule] or 0) + 1 end
            assert.same({ spans = 10000, regex = 1, count = 1, early = 1, present = 1, word = 9 }, counts)
            assert.matches("regex 2097351..2097353", shown, 1, true)
            expected = expected or shown
            assert.equal(expected, shown)
        end
    end)
end)
