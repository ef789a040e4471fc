-- The checks themselves are order_stress's (spec/support): its last line is what is looked at here.
local build = os.getenv("HUNCH_BUILD") or "build"

local function stress(arguments, before)
    local command = ("%s '%s/spec/order_stress' %s"):format(before or "", build, arguments)
    local handle = assert(io.popen("{ timeout 120 " .. command .. "; echo \"exit=$?\"; } 2>&1"))
    local text = handle:read("a")
    handle:close()
    local figures = { text = text, verdict = text:match("^(%a+)") }
    for key, value in text:gmatch("([%a_]+)=(%d+)") do figures[key] = tonumber(value) end
    return figures
end

-- Everything arrived: the figures of a run that must end well.
local function whole(arguments, sequences, before)
    local got = stress(arguments .. " sequences=" .. sequences, before)
    if got.verdict ~= "ok" or got.exit ~= 0 then error(got.text) end
    assert.equal(sequences, got.head)
    assert.equal(sequences, got.ok)
    assert.equal(0, got.io + got.cancelled + got.other)
    assert.equal(0, got.blocks)
    return got
end

describe("the order of results", function()
    it("is that of the sequences, whoever finishes first", function()
        local alone = whole("threads=1", 4000)
        assert.equal(0, alone.spilled + alone.waits)
        for seed = 1, 3 do
            local got = whole("threads=8 slow=200 seed=" .. seed, 4000)
            assert.equal(0, got.spilled + got.waits)
        end
        assert.equal(alone.bytes, whole("threads=8", 4000).bytes)
    end)

    it("holds when the results are empty or single", function()
        whole("threads=8 parts=0 slow=100", 3000)
        whole("threads=8 parts=1 size=0 slow=100", 3000)
    end)

    it("goes through a file past the budget, and memory stays in it", function()
        local got = whole("threads=8 memory=100000 slow=200", 6000)
        assert.is_true(got.spilled > 1000000)
        assert.is_true(got.peak <= 125000 + 1000)
        assert.equal(0, got.spill_error)
    end)

    it("keeps large parts whole through the file", function()
        local got = whole("threads=4 size=262000 parts=5 memory=500000 slow=50", 300)
            assert.is_true(got.spilled > 5000000)
            got = whole("threads=4 size=2000000 parts=3 memory=500000 slow=20", 100)
        assert.is_true(got.spilled > 5000000)
    end)

    it("lets workers wait when the file has reached its limit", function()
        local got = whole("threads=8 memory=50000 spill_limit=200000 slow=200", 6000)
        assert.is_true(got.waits > 0 and got.spilled > 0)
        assert.equal(6, got.spill_error)
    end)

    it("lets workers wait when there is no file", function()
        local got = whole("threads=8 memory=50000 folder=/nonexistent slow=200", 3000)
        assert.is_true(got.waits > 0)
        assert.equal(0, got.spilled)
        assert.equal(2, got.spill_error)
    end)

    it("lets workers wait when the file cannot grow", function()
        local got = whole("threads=8 memory=50000 slow=200", 6000, "bash -c 'ulimit -f 100; exec \"$@\"' -")
        assert.is_true(got.waits > 0 and got.spilled > 0)
        assert.equal(2, got.spill_error)
    end)

    it("lets workers wait that are too far ahead", function()
        local got = whole("threads=8 parts=0 ahead=300 slow=1000", 6000)
        assert.is_true(got.waits > 0)
        assert.equal(0, got.peak)
    end)

    it("needs no memory to go on", function()
        local allocations_of_new = 3
        for n = allocations_of_new + 1, allocations_of_new + 40, 6 do
            whole("threads=6 slow=200 fail_at=" .. n, 2000)
        end
    end)

    it("says so when there is no memory to begin with", function()
        for n = 1, 3 do
            local got = stress("fail_at=" .. n)
            assert.is_truthy(got.text:find("^new: cannot allocate"), got.text)
            assert.equal(0, got.blocks)
        end
    end)

    it("ends for all when the sink fails", function()
        local got = stress("threads=8 sequences=6000 slow=100 fail_sink=200")
        assert.equal("ok", got.verdict, got.text)
        assert.is_true(got.io >= 1 and got.head < 6000)
        assert.equal(0, got.cancelled + got.other + got.blocks)
    end)

    it("ends for all when it is cancelled, also for those who wait", function()
        local got = stress("threads=8 sequences=20000 memory=20000 spill_limit=1000 slow=50 cancel=3000")
        assert.equal("ok", got.verdict, got.text)
        assert.equal(8, got.cancelled)
        assert.is_true(got.head <= 3000 and got.waits > 0)
        assert.equal(0, got.io + got.other + got.blocks)
    end)
end)
