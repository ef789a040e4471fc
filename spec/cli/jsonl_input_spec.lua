local jsonl_input = require "hunch.cli.jsonl_input"

-- Runs a reader to its end: batches that are not empty, all faults, the message.
local function run(reader, max_size, keep_going)
    local batches, faults = {}, {}
    local message = jsonl_input.each_batch(reader, max_size, function(records, bad)
        if #records > 0 or #bad > 0 then
            batches[#batches + 1] = records
        end
        table.move(bad, 1, #bad, #faults + 1, faults)
        return keep_going ~= false
    end)
    return batches, faults, message
end

-- A reader that gives these blocks one by one; false is a time-out.
local function blocks(list)
    local at = 0
    return function()
        at = at + 1
        if list[at] == false then
            return nil, "timeout"
        elseif type(list[at]) == "table" then
            return nil, list[at][1]
        end
        return list[at] or ""
    end
end

local function read(text, max_size, keep_going)
    local list = {}
    for at = 1, #text, 65536 do
        list[#list + 1] = text:sub(at, at + 65535)
    end
    return run(blocks(list), max_size, keep_going)
end

describe("cli.jsonl_input", function()
    it("reads records, text or base 64, with and without a last newline", function()
        local batches, faults = read('{"name":"a","text":"x\\u0000\\n"}\n\n  \r\n{"text_b64":"/w==","name":"b"}\r\n'
                                     .. '{"name":"","text":"","other":[1,{}]}')
        assert.same({ { { name = "a", data = "x\0\n" }, { name = "b", data = "\xff" }, { name = "", data = "" } } },
                    batches)
        assert.same({}, faults)
    end)

    it("takes the last of members of one name", function()
        assert.same({ { { name = "b", data = "y" } } },
                    (read '{"name":"a","text":"x","text":"y","name":"b"}'))
    end)

    it("says which lines are not records, and goes on", function()
        local batches, faults = read('nonsense\n{"name":"a","text":"x"}\n[]\n{"text":"x"}\n{"name":"b"}\n'
                                     .. '{"name":"b","text":"x","text_b64":""}\n{"name":"b","text":1}\n'
                                     .. '{"name":"b","text_b64":"!"}\n{"name":1,"text":""}\n"x"\n{"name":"c","text":')
        assert.same({ { { name = "a", data = "x" } } }, batches)
        local numbers = {}
        for i, fault in ipairs(faults) do
            assert.equal("bad-input", fault.reason)
            numbers[i] = tonumber(fault.detail:match("^line (%d+) of standard input: "))
        end
        assert.same({ 1, 3, 4, 5, 6, 7, 8, 9, 10, 11 }, numbers)
        assert.matches('not a JSON object', faults[2].detail, 1, true)
        assert.matches('"name" must be a string', faults[3].detail, 1, true)
        assert.matches('one of "text" and "text_b64" must be there', faults[4].detail, 1, true)
        assert.matches('only one of "text" and "text_b64" can be there', faults[5].detail, 1, true)
        assert.matches('"text_b64" must be base 64', faults[7].detail, 1, true)
    end)

    it("gathers a few megabytes at a time", function()
        local line = '{"name":"a","text":"' .. string.rep("x", 100000) .. '"}\n'
        local batches = read(line:rep(100))
        local records = 0
        for _, batch in ipairs(batches) do
            records = records + #batch
            assert.is_true(#batch * 100000 <= jsonl_input.BATCH + 100000)
        end
        assert.equal(100, records)
        assert.equal(3, #batches)
    end)

    it("stops when it is told to", function()
        local line = '{"name":"a","text":"' .. string.rep("x", 3000000) .. '"}\n'
        assert.equal(1, #read(line:rep(10), nil, false))
    end)

    it("bounds a flood of bad lines as well", function()
        local batches, faults = read(("x\n"):rep(40000))
        assert.equal(40000, #faults)
        assert.is_true(#batches >= 2)
    end)

    it("puts lines together from blocks of any size", function()
        local text = '{"name":"a","text":"x"}\nbad\n{"name":"b","text":"y"}'
        for size = 1, #text do
            local list = {}
            for at = 1, #text, size do
                list[#list + 1] = text:sub(at, at + size - 1)
            end
            local batches, faults = run(blocks(list))
            assert.same({ { { name = "a", data = "x" }, { name = "b", data = "y" } } }, batches)
            assert.equal(1, #faults)
        end
    end)

    it("hands over what there is when input is slow", function()
        local batches = run(blocks { '{"name":"a","text":"x"}\n{"na', false, false, 'me":"b","text":"y"}\n', false })
        assert.same({ { { name = "a", data = "x" } }, { { name = "b", data = "y" } } }, batches)
    end)

    it("keeps what was read when reading fails", function()
        local batches, _, message = run(blocks { '{"name":"a","text":"x"}\n', { "Input/output error" } })
        assert.same({ { { name = "a", data = "x" } } }, batches)
        assert.equal("Input/output error", message)
    end)

    it("leaves out records past the size limit", function()
        local batches, faults = read('{"name":"a","text":"xxx"}\n{"name":"b","text":"xxxx"}\n', 3)
        assert.same({ { { name = "a", data = "xxx" } } }, batches)
        assert.same({ { record = "b", reason = "too-large", detail = "4 bytes, more than --max-file-size" } }, faults)
    end)
end)
