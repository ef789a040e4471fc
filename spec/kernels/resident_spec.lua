-- Records that lie in a device's memory already, on the emulated device: what is found is what the host finds.
local device = require "support.device_module"
local hunch = require "hunch"

local RULES = [[
    rule "key" { prefilter = all { "gate" }, confirm = { regex "key=([0-9]+)" } }
    rule "needle" { prefilter = any { "needle" } }
    rule "none" { prefilter = none { "x" } }
]]

local function show(result)
    local out = {}
    for _, m in ipairs(result.matches) do
        out[#out + 1] = ("%s %s %d..%d line %d %q"):format(m.record, m.rule, m.first, m.last, m.line, m.text)
    end
    for _, l in ipairs(result.incomplete) do out[#out + 1] = ("%s %s"):format(l.record, l.reason) end
    return table.concat(out, "\n")
end

describe("resident records", function()
    local engine, rules
    local texts = { "gate\nkey=12 x", "", "key=1 x", "x needle\nneedle", "no", ("x"):rep(5000) .. "needle",
        "gate key=7" }

    before_each(function()
        engine = assert(hunch.engine { cache = "" })
        device.attach(engine, { seed = 1 })
        rules = assert(engine:compile { name = "r.lua", text = RULES })
    end)

    --- The texts side by side on the device, with gaps between them or not.
    local function resident(gap, before)
        local records, boxes, at = {}, {}, 0
        local whole, address = device.upload(table.concat(texts, ("?"):rep(gap)), before or 0, 65536)
        boxes[1] = whole
        for i, text in ipairs(texts) do
            records[i] = { name = "r" .. i, data = address + at, size = #text }
            at = at + #text + gap
        end
        return records, boxes
    end

    local function on_host()
        local records = {}
        for i, text in ipairs(texts) do records[i] = { name = "r" .. i, data = text } end
        return show(assert(rules:scan(records, { backend = "ref" })))
    end

    for _, way in ipairs { "copy", "in-place" } do
        for _, route in ipairs { "chained", "serial" } do
            it(("are searched %s, %s"):format(way, route), function()
                local wanted = on_host()
                assert.matches("r1 key 6..11 line 2", wanted, 1, true)
                for _, layout in ipairs { { 0, 0 }, { 0, 5 }, { 3, 0 } } do
                    local records, boxes = resident(layout[1], layout[2])
                    local result = assert(rules:scan(records, { backend = "cuda", resident = way, route = route }))
                    assert.equal(wanted, show(result))
                    assert.is_nil(result.stats.note)
                    assert.equal(1, #boxes)
                end
            end)
        end
    end

    it("come back in stretches, near ones together", function()
        local quiet = [[rule "key" { prefilter = all { "gate" }, confirm = { regex "key=([0-9]+)" } }]]
        rules = assert(engine:compile { name = "r.lua", text = quiet })
        local before = texts
        texts = { ("x"):rep(70000), "gate key=1", "", "gate key=2", ("x"):rep(10), "gate\nkey=3", ("y"):rep(200000), "",
            "gate key=4", ("z"):rep(65000), "gate key=5 gate", ("z"):rep(66000) .. "gate\n\nkey=6" }
        local wanted = on_host()
        local records, boxes = resident(0)
        for _, way in ipairs { "copy", "in-place" } do
            local result = assert(rules:scan(records, { backend = "cuda", resident = way }))
            assert.equal(wanted, show(result))
            assert.equal(6, #result.matches)
        end
        assert.equal(1, #boxes) -- whose memory the records are
        texts = before
    end)

    it("are read where they lie when what came of them is not enough", function()
        local far = [[
            rule "wide" { prefilter = all { "gate" }, confirm = { regex "key=([0-9a-f]+);" } }
            rule "line" { prefilter = all { "mark" }, confirm = { regex "mark", except { text = "far", on = "line" } } }
            rule "all" { confirm = { count { "[0-9]z", at_least = 3 } } }
        ]]
        rules = assert(engine:compile { name = "r.lua", text = far })
        local before = texts
        local long = ("0123456789abcdef"):rep(20000)
        texts = { "gate\n" .. ("\n"):rep(3000) .. "x key=" .. long .. ";\nkey=1;",
            ("a"):rep(30000) .. "mark" .. ("b"):rep(30000), "far" .. ("a"):rep(30000) .. "mark",
            ("mark\n"):rep(3000) .. ("y\n\n"):rep(700) .. "mark", "0z 1z 2z" .. long,
            ("line\n"):rep(400) .. ("c"):rep(5000) .. "mark" .. ("\nd"):rep(700) .. "mark" }
        local wanted = on_host()
        local records, boxes = resident(0)
        for _, way in ipairs { "copy", "in-place" } do
            for _, route in ipairs { "fused", "chained", "serial" } do
                local result = assert(rules:scan(records, { backend = "cuda", resident = way, route = route }))
                assert.equal(wanted, show(result))
                assert.is_nil(result.stats.note)
            end
        end
        assert.is_true(#wanted > 20000)
        assert.equal(1, #boxes)
        texts = before
    end)

    it("are not read further for lines, or for a run of bytes that the device has looked for", function()
        rules = assert(engine:compile { name = "r.lua", text = [[
            rule "key" { prefilter = all { "gate" }, confirm = { regex "[a-z]*key=([0-9]+)" } }
            rule "digits" { prefilter = all { "gate" }, confirm = { regex "\\b[0-9]{9}\\b" } }
        ]] })
        local before, copies = texts, {}
        for i, far in ipairs { 0, 59 * 512 } do
            local numbers = ("12345678 \n"):rep(far)
            texts = { ("line\n"):rep(far) .. ("x"):rep(2 * far) .. "gate\n key=1 " .. numbers .. "key=2",
                ("\n"):rep(far) .. "gate " .. ("12345678"):rep(far > 0 and 2 or 1) .. " key=3",
                ("\n"):rep(far + 508) .. "abcdefkey=4 gate" } -- begins in the part before that of "key="
            local wanted = on_host()
            local records = resident(0)
            for round = 1, 3 do -- it learns meanwhile
                local at = device.copies(engine)
                assert.equal(wanted, show(assert(rules:scan(records, { backend = "cuda", resident = "in-place",
                    route = "chained" }))))
                copies[i] = round == 3 and device.copies(engine) - at
            end
        end
        assert.equal(copies[1], copies[2])
        texts = before
    end)

    it("are not to be confused with pinned ones, which the host reads where they are", function()
        local long = "gate\n" .. ("x"):rep(50000) .. "key=12 needle"
        local records = { { name = "a", data = "gate key=1" }, { name = "b", data = long },
            { name = "c", data = "needle" } }
        local wanted = show(assert(rules:scan(records, { backend = "ref" })))
        for _, text in ipairs { long, "none of them" } do
            device.pin(text)
            local result = assert(rules:scan(records, { backend = "cuda" }))
            assert.equal(wanted, show(result))
            assert.is_nil(result.stats.note)
        end
    end)

    it("may be empty, and then lie anywhere", function()
        local whole, address = device.upload("gate key=12", 0, 65536)
        local records = { { name = "nowhere", data = 0, size = 0 }, { name = "a", data = address, size = 11 },
            { name = "behind", data = 0, size = 0 } }
        for _, way in ipairs { "copy", "in-place" } do
            for _, list in ipairs { records, { records[1] }, { records[2], records[3] } } do
                local result = assert(rules:scan(list, { backend = "cuda", resident = way }))
                local wanted = #list == 1 and "nowhere none 1..0 line 1 \"\""
                assert.is_truthy(show(result):find(wanted or "a key 6..11 line 1 \"key=12\"", 1, true))
                assert.equal(#list, result.stats.records)
                assert.same({}, result.incomplete)
                assert.is_nil(result.stats.note)
            end
        end
        assert.is_truthy(whole)
    end)

    it("are incomplete when the device fails, for nobody else can read them", function()
        local failed, lost, whole = 0, 0, on_host()
        for fail_at = 33, 80 do -- calls of the driver; the first ones put the rules there
            engine = assert(hunch.engine { cache = "" })
            device.attach(engine, { fail_at = fail_at })
            rules = assert(engine:compile { name = "r.lua", text = RULES })
            local records, boxes = resident(0)
            local result, message = rules:scan(records, { backend = "cuda", resident = "copy" })
            if not result then
                assert.matches("emulated device", message)
            elseif result.stats.note then
                failed = failed + 1
                local all = #texts == #result.incomplete -- else it failed when a record was read on
                lost = lost + (all and 1 or 0)
                assert.is_true(#result.incomplete > 0)
                assert.equal("unreadable", result.incomplete[1].reason)
                local why = all and "it lies on a device that failed" or "emulated device"
                assert.matches(why, result.incomplete[1].detail)
                assert.matches("; records on it were left out$", result.stats.note)
                local out = {}
                for _, l in ipairs(result.incomplete) do out[l.record] = true end
                for line in whole:gmatch "[^\n]+" do
                    local name = line:match "^%S+"
                    assert.equal(not out[name], show(result):find(line, 1, true) ~= nil)
                end
            else
                assert.equal(whole, show(result))
            end
            assert.equal(1, #boxes)
        end
        assert.is_true(lost > 5 and failed > lost)
    end)

    it("go in smaller parts, as those of the host do, where the device has little memory", function()
        local before, kept, left = texts, texts, 0
        texts = {}
        for i = 1, 40 do
            texts[i] = i % 3 == 0 and kept[i % #kept + 1] or "gate " .. ("y"):rep(200000) .. "key=" .. i
        end
        local wanted = on_host()
        for _, memory in ipairs { 64 << 20, 20 << 20, 6 << 20, 100000 } do
            engine = assert(hunch.engine { cache = "" })
            device.attach(engine, { memory = memory })
            rules = assert(engine:compile { name = "r.lua", text = RULES })
            local records, boxes = resident(0)
            for _, way in ipairs { "no", "in-place" } do
                local list = records
                if way == "no" then
                    list = {}
                    for i, text in ipairs(texts) do list[i] = { name = "r" .. i, data = text } end
                end
                local result = rules:scan(list, { backend = "cuda", resident = way, threads = 2 })
                if result and not result.stats.note then assert.equal(wanted, show(result)) end
                if memory > 100000 then assert.is_nil(assert(result).stats.note) else left = left + 1 end
            end
            assert.equal(1, #boxes)
        end
        assert.equal(2, left)
        texts = before
    end)

    it("are refused where they cannot be", function()
        local records, boxes = resident(0)
        local function refused(message, ok, why)
            assert.is_nil(ok)
            assert.matches(message, why.message or why, 1, true)
        end
        refused("records cannot be resident with the backend cpu",
            rules:scan(records, { backend = "cpu", resident = "copy" }))
        refused("only records can be resident, not files",
            rules:scan_paths({ "x" }, { backend = "cuda", resident = "copy" }))
        local stream = assert(rules:stream { backend = "cuda", resident = "copy" })
        refused("cannot be resident", stream:finish())
        assert.error_matches(function() rules:scan(records, { resident = "yes" }) end,
            'resident is "no", "copy" or "in%-place"')
        assert.error_matches(function() rules:scan({ { data = "text" } }, { backend = "cuda", resident = "copy" }) end,
            "a resident record is { name =, data = address, size = bytes }")
        assert.equal(1, #boxes)
    end)
end)
