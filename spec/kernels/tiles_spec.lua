-- One source, one answer: kernels/tiles.cu on the emulator says what the same tile functions say as C, or what a
-- naive reading in Lua says, on random inputs, with several schedules and blocks.
local analysis = require "hunch.regex.analysis"
local cases = require "support.stage_case"
local condition_emit = require "hunch.condition.emit"
local condition_fold = require "hunch.condition.fold"
local condition_parse = require "hunch.condition.parse"
local conditions = require "support.random_condition"
local emit = require "hunch.regex.emit"
local native = require "hunch.native"
local parse = require "hunch.regex.parse".parse
local random_numbers = require "support.random"
local random_regex = require "support.random_regex"
local simt = require "support.simt_module"
local tiles = require "support.tiles_module"

local C = native.constants
local MORE = os.getenv "HUNCH_SAN" and 1 or 4
local NOWHERE = -1

local function pack(format, list)
    local parts = {}
    for i, value in ipairs(list) do
        parts[i] = string.pack(format, value)
    end
    return simt.buffer(table.concat(parts))
end

local function numbers(buffer)
    local bytes, list = buffer:bytes(), {}
    for at = 1, #bytes, 8 do
        list[#list + 1] = string.unpack("<i8", bytes, at)
    end
    return list
end

--- Strings one behind the other, and where each begins, in units of `size` bytes.
local function joined(list, size)
    local offsets = { 0 }
    for i, text in ipairs(list) do
        offsets[i + 1] = offsets[i] + #text // (size or 1)
    end
    return simt.buffer(table.concat(list)), pack("<I8", offsets)
end

--- hunch_regex_words of tiles.cu
local function regex_words(states, slots)
    return 4 * (states + 1) + 2 * (2 * states + slots + 8) + (2 * (states + 1) + 2) * slots + (states + 3) // 4
end

--- hunch_follow_words of follow_tile.h
local function follow_words(room, groups)
    return 2 * room + (2 * room + 1) * groups
end

--- Runs a kernel over n items with schedules that differ; make() gives its arguments and the buffer it fills. All
--- fill it alike.
local function run(kernel, n, make)
    local answer
    for seed = 0, 3 do
        local block = ({ 128, 33, 7, 64 })[seed + 1]
        local args, out = make()
        local ok, status, message = simt.launch(kernel, { grid = (n + block - 1) // block, block = block, seed = seed },
            args)
        assert.is_true(ok, tostring(status) .. " " .. tostring(message))
        assert.is_true(answer == nil or answer == out:bytes(), "seed " .. seed .. " gives another answer")
        answer = out:bytes()
    end
    return numbers(simt.buffer(answer))
end

describe("a kernel of tiles.cu", function()
    it("entropy is that of C", function()
        local random, texts = random_numbers.generator(1), {}
        for i = 1, 150 * MORE do
            texts[i] = random_numbers.bytes(random, random(random(10) == 1 and 3000 or 60) - 1, random(256))
        end
        local bytes, offsets = joined(texts)
        local got = run("hunch_entropy_kernel", #texts, function()
            local out = simt.buffer(8 * #texts)
            return { bytes, offsets, #texts, out }, out
        end)
        for i, text in ipairs(texts) do
            assert.equal(tiles.entropy(text), got[i])
        end
    end)

    it("checksum is that of C", function()
        local random = random_numbers.generator(2)
        local texts, digits, kinds, expected, good = {}, {}, {}, {}, 0
        for i = 1, 1500 * MORE do
            local kind, text = random(#tiles.checks), {}
            for k = 1, random(20) - 1 do
                local pool = random(12) == 1 and "Xx -aB" or "0123456789"
                local at = random(#pool)
                text[k] = pool:sub(at, at)
            end
            text = table.concat(text)
            local apart = random(3) == 1 and random(#text + 1) - 1 or 0
            -- Half of the texts of one more digit, until it checks.
            if random(2) == 1 then
                for digit = 0, 9 do
                    if tiles.checksum(tiles.checks[kind], text .. digit) then
                        text, apart = text .. digit, 0
                        break
                    end
                end
            end
            texts[i], digits[i], kinds[i] = text, apart, kind - 1
            if apart > 0 then
                expected[i] = tiles.checksum(tiles.checks[kind], text:sub(1, -1 - apart), text:sub(-apart)) and 1 or 0
            else
                expected[i] = tiles.checksum(tiles.checks[kind], text) and 1 or 0
            end
            good = good + expected[i]
        end
        assert.is_true(good > #texts / 10, good .. " of them check")
        local bytes, offsets = joined(texts)
        local digits_buffer, kind_buffer = pack("<I8", digits), pack("<I8", kinds)
        assert.same(expected, run("hunch_checksum_kernel", #texts, function()
            local out = simt.buffer(8 * #texts)
            return { bytes, offsets, #texts, digits_buffer, kind_buffer, out }, out
        end))
    end)

    it("field is that of C", function()
        local random = random_numbers.generator(3)
        local texts, items, expected, holding = {}, {}, {}, 0
        for i = 1, 1500 * MORE do
            local kind, compare = random(#tiles.types) - 1, random(3) - 1
            local text = random_numbers.bytes(random, tiles.field_size(kind), random(2) == 1 and 256 or 2)
            local value = tiles.field_value(kind, text)
            local mask = random(2) == 1 and -1 or (random(256) - 1) << (8 * random(8) - 8)
            local operand = value + random(5) - 3
            texts[i], items[i] = text, string.pack("<I8I8i8i8", kind, compare, mask, operand)
            expected[2 * i - 1] = value
            expected[2 * i] = tiles.field_holds(kind, text, mask, compare, operand) and 1 or 0
            holding = holding + expected[2 * i]
        end
        assert.is_true(holding > #texts / 5)
        local bytes, offsets = joined(texts)
        local item = simt.buffer(table.concat(items))
        assert.same(expected, run("hunch_field_kernel", #texts, function()
            local out = simt.buffer(16 * #texts)
            return { bytes, offsets, #texts, item, out }, out
        end))
    end)

    it("condition is that of C, on words as they were written and on mutants", function()
        local random = random_numbers.generator(4)
        local words, envs, expected, keep, counted = {}, {}, {}, {}, {}
        local function exists(name)
            return name == "r1" or name == "r2" or name == "odd-name"
        end
        local function add(list, env, names, rules)
            local patterns, rows, truths = {}, {}, {}
            for k, name in ipairs(names) do
                local from = env.patterns[name]
                local at, long = pack("<I8", from.offsets), pack("<I8", from.lengths)
                keep[#keep + 1], keep[#keep + 2] = at, long
                rows[k] = string.pack("<I8i8i8", #from.offsets, at:address(), long:address())
                patterns[k] = from
            end
            local slots, rule_slots = {}, {}
            for k in ipairs(names) do
                slots[k] = k
            end
            for k, name in ipairs(rules) do
                truths[k], rule_slots[k] = env.rules[name], k
            end
            local row, data = simt.buffer(table.concat(rows)), simt.buffer(env.data)
            local bits = {}
            for k, truth in ipairs(truths) do
                bits[k] = truth and "\1" or "\0"
            end
            local truth = simt.buffer(table.concat(bits))
            keep[#keep + 1], keep[#keep + 2], keep[#keep + 3] = row, data, truth
            words[#words + 1] = pack("<I4", list):bytes()
            envs[#envs + 1] = string.pack("<I8i8i8i8i8I4I4", #env.data, row:address(), truth:address(), 0,
                data:address(), #names, #rules)
            local answer = tiles.condition_eval(list, tiles.env(env.data, patterns, truths), slots, rule_slots, 5000)
            expected[#expected + 1] = answer or -2
            counted[answer or -2] = (counted[answer or -2] or 0) + 1
        end
        while #words < 500 * MORE do
            local text = conditions.write(conditions.random_tree(random(24), random), random)
            local folded = condition_fold.fold(assert(condition_parse.parse(text, conditions.patterns, exists)))
            local code = folded and assert(condition_emit.emit(folded))
            if code then
                local env = conditions.random_env(random)
                add(code.words, env, code.patterns, code.rules)
                local mutant = table.move(code.words, 1, #code.words, 1, {})
                local at = random(#mutant)
                mutant[at] = mutant[at] ~ 1 << (random(32) - 1)
                add(mutant, env, code.patterns, code.rules)
            end
        end
        for _, answer in ipairs { 0, 1, -2 } do
            assert.is_true((counted[answer] or 0) > #words / 20, "too few answers are " .. answer)
        end
        local word_buffer, offsets = joined(words, 4)
        local env_buffer = simt.buffer(table.concat(envs))
        assert.same(expected, run("hunch_condition_kernel", #words, function()
            local out = simt.buffer(8 * #words)
            return { word_buffer, offsets, #words, env_buffer, 5000, out }, out
        end))
    end)

    it("gate holds as its words say", function()
        local random = random_numbers.generator(5)
        local PATTERNS = 9
        local gates, seen, expected, holding = {}, {}, {}, 0
        -- Appends a random gate to `words` and says whether it holds.
        local function grow(words, row, depth)
            if depth == 0 or random(3) == 1 then
                local pattern = random(PATTERNS) - 1
                words[#words + 1] = string.pack("<I4", C.HP_GATE_PATTERN | pattern << 8)
                return row:byte(pattern + 1) ~= 0
            end
            local kinds = { "ALL", "ANY", "NONE", "AT_LEAST" }
            local kind, n, held = kinds[random(4)], random(4), 0
            local need = random(n)
            words[#words + 1] = string.pack("<I4", C["HP_GATE_" .. kind] | n << 8)
            if kind == "AT_LEAST" then
                words[#words + 1] = string.pack("<I4", need)
            end
            for _ = 1, n do
                held = held + (grow(words, row, depth - 1) and 1 or 0)
            end
            if kind == "ALL" then return held == n end
            if kind == "ANY" then return held > 0 end
            if kind == "NONE" then return held == 0 end
            return held >= need
        end
        for i = 1, 500 * MORE do
            local words = {}
            seen[i] = random_numbers.bytes(random, PATTERNS, 2)
            local holds = random(50) == 1 or grow(words, seen[i], random(6) - 1)
            gates[i], expected[i] = table.concat(words), holds and 1 or 0
            if #words == 0 then
                expected[i] = 1 -- an empty gate holds
            end
            holding = holding + expected[i]
        end
        assert.is_true(holding > #gates / 5 and holding < #gates * 4 / 5)
        local words, offsets = joined(gates, 4)
        local rows = simt.buffer(table.concat(seen))
        assert.same(expected, run("hunch_gate_kernel", #gates, function()
            local out = simt.buffer(8 * #gates)
            return { words, offsets, #gates, rows, PATTERNS, out }, out
        end))
    end)

    --- The filter's tables as runtime/matcher_portable.c makes them: pair bits, pair heads, heads of single bytes.
    --- What they point to goes into `keep`.
    local function filter_of(literals, keep)
        local bits, pairs_of, singles, entries, has_single = {}, {}, {}, {}, 0
        for i = #literals, 1, -1 do
            local literal = literals[i]
            local window = literal.bytes:sub(literal.window + 1, literal.window + 4):lower()
            local word = string.unpack("<I4", window .. ("\0"):rep(4 - #window))
            local heads, key = pairs_of, word & 0xffff
            if #window == 1 then
                heads, key, has_single = singles, word, 1
            else
                bits[key >> 5] = (bits[key >> 5] or 0) | 1 << (key & 31)
            end
            entries[i] = string.pack("<I4I4I4I4", i - 1, word, (1 << 8 * #window) - 1, heads[key] or C.HP_NONE)
            heads[key] = i - 1
        end
        local function words(list, n, none)
            local out = {}
            for i = 0, n - 1 do
                out[i + 1] = string.pack("<I4", list[i] or none)
            end
            return table.concat(out)
        end
        local entry = simt.buffer(table.concat(entries))
        keep[#keep + 1] = entry
        return simt.buffer(words(bits, 2048, 0) .. words(pairs_of, 65536, C.HP_NONE) ..
            words(singles, 256, C.HP_NONE) .. string.pack("<I4xxxxi8", has_single, entry:address()))
    end

    it("literal finds every occurrence", function()
        local ROOM, keep, totals = 40, {}, 0
        for round = 1, 4 * MORE do
            local random = random_numbers.generator(60 + round)
            local literals, blob, rows = {}, "", {}
            for i = 1, random(12) do
                local bytes = random_numbers.bytes(random, (round % 2 == 0 and 1 or 2) + random(6) - 1, 3, 0x61)
                local nocase = random(2) == 1
                if not nocase and random(2) == 1 then bytes = bytes:upper() end
                local window = random(math.max(1, #bytes - 1)) - 1
                literals[i] = { bytes = bytes, nocase = nocase, window = window }
                rows[i] = string.pack("<I4I4I4I4I4I4I4I4", #blob, #bytes, nocase and C.HP_LITERAL_NOCASE or 0, 0, 0,
                    window, 0, 0)
                blob = blob .. bytes
            end
            local texts, expected = {}, {}
            for i = 1, 60 do
                local letters = {}
                for k = 1, random(25) - 1 do
                    letters[k] = ("aabbcABC"):sub(random(8)):sub(1, 1)
                end
                texts[i] = table.concat(letters)
                local found = {}
                for number, literal in ipairs(literals) do
                    local text = literal.nocase and texts[i]:lower() or texts[i]
                    for start = 1, #text do
                        if text:sub(start, start + #literal.bytes - 1) == literal.bytes then
                            found[#found + 1] = ("%d@%d"):format(number - 1, start - 1)
                        end
                    end
                end
                table.sort(found)
                expected[i], totals = found, totals + #found
            end
            local bytes, offsets = joined(texts)
            local filter = filter_of(literals, keep)
            local literal, blob_buffer = simt.buffer(table.concat(rows)), simt.buffer(blob)
            local counts
            local got = run("hunch_literal_kernel", #texts, function()
                local out = simt.buffer(16 * ROOM * #texts)
                counts = simt.buffer(8 * #texts)
                return { bytes, offsets, #texts, filter, literal, blob_buffer, ROOM, counts, out }, out
            end)
            for i, count in ipairs(numbers(counts)) do
                local found = {}
                for k = 1, math.min(count, ROOM) do
                    local at = 2 * ((i - 1) * ROOM + k - 1)
                    found[k] = ("%d@%d"):format(got[at + 1], got[at + 2])
                end
                table.sort(found)
                assert.equal(#expected[i], count)
                if count <= ROOM then
                    assert.same(expected[i], found)
                end
            end
        end
        assert.is_true(totals > 100 * MORE, totals .. " occurrences")
    end)

    it("guard passes what its table passes", function()
        local random = random_regex.generator(7)
        for _, pattern in ipairs { "key[=:][0-9]{4}x", "ab$", "[ab]{3}c", "(?i)token.[a-f]+", "a(?:b|cd)x*e" } do
            local emitted = assert(emit.emit(assert(parse(pattern))))
            local code, classes = emit.pack(emitted)
            local guard = native.guard(code, classes, 0, 96)
            local texts, expected, passed = {}, {}, 0
            for i = 1, 200 do
                texts[i] = random(2) == 1 and random_regex.text(random, 8) or
                    ({ "key=1234x", "ab", "abac", "TOKEN-face", "acdxxe" })[random(5)]:sub(1, random(10))
                local state = 2
                for k = 1, math.min(#texts[i], C.HP_GUARD_DEPTH) do
                    local column = guard.columns:byte(texts[i]:byte(k) + 1)
                    state = ("<I2"):unpack(guard.table, 2 * ((state << guard.shift) + column) + 1)
                    if state < 2 then break end
                end
                expected[i] = state == 0 and 0 or 1
                passed = passed + expected[i]
            end
            assert.is_true(passed > 0 and passed < #texts)
            local bytes, offsets = joined(texts)
            local header = simt.buffer(string.pack("<I4I4I4I4", 0, guard.shift, 0, 0))
            local word, blob = simt.buffer(guard.table .. ("\0"):rep(-#guard.table % 4)), simt.buffer(guard.columns)
            assert.same(expected, run("hunch_guard_kernel", #texts, function()
                local out = simt.buffer(8 * #texts)
                return { bytes, offsets, #texts, header, word, blob, out }, out
            end))
        end
    end)

    it("regex finds the first match and its groups as C does", function()
        local random = random_regex.generator(8)
        local tried, found = 0, 0
        while tried < 60 * MORE do
            local pattern = tried < #random_regex.REAL and random_regex.REAL[tried + 1] or
                random_regex.pattern(random, 4)
            local tree, info = parse(pattern)
            local emitted = tree and emit.emit(tree)
            if emitted then
                tried = tried + 1
                local first, nullable = analysis.first(tree)
                local code, classes = emit.pack(emitted)
                first = not nullable and first or nil
                local regex = native.regex(code, classes, {
                    states = emitted.states, groups = info.groups, first = first,
                })
                local texts, expected, slots = {}, {}, 2 * (info.groups + 1)
                for i = 1, 24 do
                    texts[i] = random_regex.text(random, 30)
                    local match = regex:matches(texts[i])[1]
                    found = found + (match and 1 or 0)
                    for g = 0, info.groups do
                        local span = match and match[g + 1]
                        expected[(i - 1) * slots + 2 * g + 1] = span and span[1] - 1 or NOWHERE
                        expected[(i - 1) * slots + 2 * g + 2] = span and span[2] or NOWHERE
                    end
                end
                local bytes, offsets = joined(texts)
                local states = emitted.states
                local words = regex_words(states, slots)
                local code_buffer, class_buffer = simt.buffer(code), simt.buffer(classes)
                local first_buffer = first and simt.buffer(first)
                local got = run("hunch_regex_kernel", #texts, function()
                    local out = simt.buffer(8 * slots * #texts)
                    return { bytes, offsets, #texts, code_buffer, class_buffer, first_buffer or 0, states, info.groups,
                        simt.buffer(8 * words * #texts), out }, out
                end)
                assert.same(expected, got, pattern)
            end
        end
        assert.is_true(found > 24 * tried / 5, found .. " matches")
    end)

    it("confirm is that of C, hit by hit", function()
        local decided, asked = 0, 0
        for seed = 1, 12 * MORE do
            local case = seed % 3 == 0 and cases.real(seed) or cases.random(seed)
            for _, size in ipairs(case and { {}, { room = 3, budget = 20 } } or {}) do
                local items, expected, hits = {}, {}, 0
                local tables, most = case.program:tables()
                local room = size.room or most.room
                for i, record in ipairs(case.records) do
                    for _, hit in ipairs(case.program:hits(record)) do
                        hits = hits + 1
                        local limit = hits % 2 == 0 and 0 or math.max(0, hit[2] - hits % 5)
                        items[hits] = string.pack("<I8I8I8I8", i - 1, hit[1], hit[2], limit)
                        local out = case.program:confirm_one(record, hit[1], hit[2], limit, size)
                        table.move(out, 1, #out, #expected + 1, expected)
                        decided, asked = decided + (out[1] < 2 and 1 or 0), asked + (out[1] == 2 and 1 or 0)
                    end
                end
                if hits > 0 then
                    local bytes, offsets = joined(case.records)
                    local item_buffer = simt.buffer(table.concat(items))
                    local words = follow_words(room, most.groups)
                    assert.same(expected, run("hunch_confirm_kernel", hits, function()
                        local out = simt.buffer(8 * hits * (2 * most.groups + 3))
                        return { tables, bytes, offsets, #case.records, item_buffer, hits, room, most.groups,
                            size.budget or -1, simt.buffer(8 * hits * words), out }, out
                    end), case.source)
                end
            end
        end
        assert.is_true(decided > 20 * MORE and asked > 0, decided .. " decided, " .. asked .. " asked")
    end)

    it("stages are those of C, candidate by candidate", function()
        local said = { [0] = 0, 0, 0 }
        for seed = 1, 12 * MORE do
            local case = cases.random(seed)
            for _, size in ipairs(case and { {}, { room = 2, budget = 10 } } or {}) do
                local items, before, expected, after = {}, {}, {}, {}
                local tables, most = case.program:tables()
                size.room = size.room or most.room
                for i, record in ipairs(case.records) do
                    size.keep = function(item, slots, verdict, groups)
                        items[#items + 1] = string.pack("<I8I8I8I8I8I8", i - 1, table.unpack(item))
                        table.move(slots, 1, #slots, #before + 1, before)
                        table.move(verdict, 1, 4, #expected + 1, expected)
                        after[#items] = groups
                        said[verdict[1]] = said[verdict[1]] + 1
                    end
                    case.program:stages(record, size)
                end
                local n = #items
                if n > 0 then
                    local bytes, offsets = joined(case.records)
                    local item_buffer = simt.buffer(table.concat(items))
                    local words = follow_words(size.room, most.groups)
                    local slots
                    assert.same(expected, run("hunch_stages_kernel", n, function()
                        local out = simt.buffer(8 * n * 4)
                        slots = pack("<i8", before)
                        return { tables, bytes, offsets, #case.records, item_buffer, n, size.room, most.groups,
                            size.budget or -1, simt.buffer(8 * n * words), slots, out }, out
                    end), case.source)
                    local all = numbers(slots)
                    for k, groups in ipairs(after) do
                        local at = (k - 1) * 2 * (most.groups + 1)
                        assert.same(groups, table.move(all, at + 1, at + #groups, 1, {}))
                    end
                end
            end
        end
        for verdict = 0, 2 do assert.is_true(said[verdict] > 20 * MORE, said[verdict] .. " are " .. verdict) end
    end)
end)
