-- The guessing as a C program meets it: spec/support/guess_check.c, guess_store.c, pair_check.c and
-- kernel_check.c, one `it` a function; and the cost model on simulated machines.
local BUILD = os.getenv "HUNCH_BUILD" or "build"
local SOAK, SAN = os.getenv "HUNCH_SOAK", os.getenv "HUNCH_SAN"

local function run(command)
    local pipe = assert(io.popen("( " .. command .. "\n) 2>&1; echo \"status $?\""))
    local text, status = pipe:read("a"):match("^(.-)status (%d+)\n$")
    pipe:close()
    return text, tonumber(status)
end

describe("in C:", function()
    for _, name in ipairs {
        "rates", "tail", "garbage", "commit-rate", "threads", "modes", "recovery", "ties", "hysteresis", "contended",
        "measure", "replay", "state", "memory",
    } do
        it(name, function()
            local output, status = run(("'%s/spec/guess_check' %s"):format(BUILD, name))
            assert.equal(0, status, output)
            assert.is_true(tonumber(output:match "(%d+) checks, 0 failures") > 10, output)
        end)
    end
end)

describe("in C, tunings:", function()
    for _, name in ipairs { "keys", "round-trip", "bound", "lock", "processes", "memory", "race", "verdict" } do
        it(name, function()
            local output, status = run(("folder=$(mktemp -d); '%s/spec/guess_store' %s $folder; status=$?;"
                .. " rm -rf $folder; exit $status"):format(BUILD, name))
            assert.equal(0, status, output)
            assert.is_true(tonumber(output:match "(%d+) checks, 0 failures") > 10, output)
        end)
    end
end)

describe("in C, pairs:", function()
    for _, name in ipairs {
        "fused", "serial", "recovery", "cost-model", "modes", "caller-errors", "fallback", "confirm-errors",
        "taken-back", "back-off", "threads", "memory",
    } do
        it(name, function()
            local output, status = run(("'%s/spec/pair_check' %s"):format(BUILD, name))
            assert.equal(0, status, output)
            assert.is_true(tonumber(output:match "(%d+) checks, 0 failures") > 10, output)
        end)
    end
end)

describe("in C, kernels:", function()
    for _, name in ipairs { "host", "memory" } do -- on a device: kernel_spec.lua
        it(name, function()
            local output, status = run(("'%s/spec/kernel_check' %s"):format(BUILD, name))
            assert.equal(0, status, output)
            assert.is_true(tonumber(output:match "(%d+) checks, 0 failures") > 10, output)
        end)
    end
end)

describe("the cost model", function()
    local function simulate(arguments, program)
        local output, status = run(("'%s/spec/%s' %s"):format(BUILD, program or "guess_simulation", arguments))
        assert.equal(0, status, output)
        return output
    end

    local seeds = SOAK and 60 or SAN and 1 or 3

    it("costs at most 1.10 of the best route in every cell of a grid, and every route is the best somewhere", function()
        for seed = 1, seeds do
            local output = simulate("grid " .. seed)
            local cells, worst, fused, chained, serial =
                output:match "(%d+) cells, worst (%S+), best fused (%d+) chained (%d+) serial (%d+)"
            assert.is_true(tonumber(cells) == 378 and tonumber(worst) <= 1.10, output)
            assert.is_true(tonumber(fused) > 20 and tonumber(chained) > 20 and tonumber(serial) > 20, output)
        end
    end)

    it("needs no magnitudes: the same on a machine that is a thousand times slower", function()
        for seed = 1, seeds do
            local worst = simulate("slow-grid " .. seed):match "worst (%S+),"
            assert.is_true(tonumber(worst) <= 1.10, worst)
        end
    end)

    it("finds back after every change of the machine and of the data: nothing latches", function()
        for seed = 1, seeds * 4 do
            local output = simulate("drift " .. seed)
            local worst, fused, chained, serial =
                output:match "worst second half (%S+),.* best fused (%d+) chained (%d+) serial (%d+)\n$"
            assert.is_true(tonumber(worst) <= 1.10, output)
            assert.is_true(tonumber(fused) > 1 and tonumber(chained) > 1 and tonumber(serial) > 1, output)
        end
    end)

    it("is right for batches of all sizes in turn", function()
        for seed = 1, seeds * 4 do
            local output = simulate("mixed " .. seed)
            local worst, oracle = output:match "worst (%S+), of an oracle (%S+)\n"
            assert.is_true(tonumber(worst) <= 1.05 and tonumber(oracle) <= 1.10, output)
        end
    end)

    it("learns nothing of large batches from small ones, whose times are what a call takes", function()
        for seed = 1, seeds do
            local output = simulate("small-first " .. seed)
            local cells, worst, fused, chained = output:match "(%d+) cells, worst (%S+), best fused (%d+) chained (%d+)"
            assert.is_true(tonumber(cells) == 450 and tonumber(worst) <= 1.15, output)
            assert.is_true(tonumber(fused) > 20 and tonumber(chained) > 20, output)
        end
    end)

    it("finds the route that takes least of a machine that 16 threads share, though all seem the same", function()
        local function worst(arguments)
            local most, last = 0, 0
            for name, ratio in simulate(arguments, "load_simulation"):gmatch "([^\n]-): (%d+%.%d+), each" do
                last = name:find "gates" and tonumber(ratio) or last
                most = math.max(most, tonumber(ratio))
            end
            return most, last
        end
        for seed = 1, seeds * 4 do
            for _, sizes in ipairs { "", " sizes" } do
                local most = worst(seed .. sizes)
                assert.is_true(most >= 0.9 and most <= 1.10, seed .. sizes .. ": " .. most)
            end
            -- what it would be from the times of dispatches
            assert.is_true(select(2, worst(seed .. " wall")) > 2)
        end
    end)

    it("decides in little time, which is printed", function()
        print((simulate "decide":gsub("\n$", "")))
    end)
end)
