-- What the emulator finds in spec/kernels/faults.cu, and how it names the place.
local simt = require "support.simt_module"

local SANITIZED = os.getenv "HUNCH_SAN" ~= nil

-- The line of faults.cu on which `text` first stands behind the kernel's name.
local function line_of(kernel, text)
    local number, inside = 0, false
    for line in io.lines "spec/kernels/faults.cu" do
        number = number + 1
        inside = inside or line:find(kernel, 1, true) ~= nil
        if inside and line:find(text, 1, true) then
            return number
        end
    end
    error("no line of " .. kernel .. " has " .. text)
end

local function launch(kernel, shape, n, out)
    shape.spin_limit = 20000
    return simt.launch(kernel, shape, { out or simt.buffer(4096), n or 0 })
end

local function expect(status, message, kernel, shape, n)
    for seed = 0, 5 do
        shape.seed = seed
        local ok, got_status, got_message = launch(kernel, shape, n)
        assert.is_nil(ok)
        assert.equal(status, got_status)
        assert.is_truthy(got_message:find(message, 1, true), got_message)
        assert.equal(kernel, got_message:match "^[%w_]+")
    end
    -- The machine is none the worse for it.
    local out = simt.buffer(4)
    assert.is_true((simt.launch("spec_sum_kernel", { block = 40 }, { simt.buffer(string.pack("<I4", 9)), 1, out })))
    assert.equal(9, (string.unpack("<I4", out:bytes())))
end

local function place(kernel, text)
    return ("(spec/kernels/faults.cu:%d)"):format(line_of(kernel, text))
end

-- How many of the seeds give something else than the kernel's author had in mind.
local function seeds_that_differ(kernel, block, expected)
    local count = 0
    for seed = 0, 7 do
        local out = simt.buffer(#expected)
        assert.is_true(simt.launch(kernel, { block = block, seed = seed }, { out, 0 }))
        count = count + (out:bytes() == expected and 0 or 1)
    end
    return count
end

describe("the emulator", function()
    it("finds a missing barrier with some seed", function()
        local expected = {}
        for i = 0, 63 do
            expected[i + 1] = string.pack("<I4", (i + 1) % 64)
        end
        assert.is_true(seeds_that_differ("spec_no_barrier_kernel", 64, table.concat(expected)) >= 7)
    end)

    it("finds a kernel that leans on lanes running side by side", function()
        local count = seeds_that_differ("spec_lock_step_kernel", 32, string.pack("<I4", 32))
        assert.is_true(count == 7, count .. " of 8 seeds; one schedule hides it")
    end)

    it("names both places of a divergent barrier", function()
        expect("divergence", ("block (0,0,0): the block meets at two barriers: lane 0 is at __syncthreads %s, " ..
            "lane 16 at __syncthreads %s"):format(place("spec_two_barriers_kernel", "the first"),
            place("spec_two_barriers_kernel", "the second")), "spec_two_barriers_kernel", { block = 64 }, 16)
    end)

    it("names the block and the lanes of a deadlock", function()
        expect("deadlock", ("block (0,0,0): lanes wait where they cannot meet; lanes 0 to 15 at __syncthreads %s; " ..
            "lanes 16 to 31 at __ballot_sync of mask ffffffff %s; lanes 32 to 69 at __syncthreads %s"):format(
            place("spec_deadlock_kernel", "__syncthreads"), place("spec_deadlock_kernel", "__ballot_sync"),
            place("spec_deadlock_kernel", "the rest")), "spec_deadlock_kernel", { block = 70 })
    end)

    it("waits for no lane that has ended", function()
        for seed = 0, 7 do
            local out = simt.buffer(4 * 40)
            assert.is_true(launch("spec_early_end_kernel", { block = 100, seed = seed }, 40, out))
            for lane = 0, 39 do
                assert.equal(lane < 32 and 0xffffffff or 0xff, (string.unpack("<I4", out:bytes(), 4 * lane + 1)))
            end
        end
    end)

    it("names a lane that is not in its own mask", function()
        expect("divergence", "is not in its own mask 0000ffff at __ballot_sync " ..
            place("spec_wrong_mask_kernel", "__ballot_sync"), "spec_wrong_mask_kernel", { block = 32 })
    end)

    it("names a shuffle from a lane that has gone, or never was", function()
        local where = place("spec_gone_kernel", "__shfl_sync")
        expect("undefined", "lane 0 reads lane 9 in a shuffle, which has ended " .. where, "spec_gone_kernel",
            { block = 32 }, 9)
        expect("undefined", "lane 0 reads lane 30 in a shuffle, which is not there " .. where, "spec_gone_kernel",
            { block = 20 }, 30)
    end)

    it("ends loops that wait for what never comes", function()
        expect("spin", "nobody got on in 20000 turns", "spec_spin_kernel", { block = 3 })
        expect("spin", "nobody got on in 20000 turns", "spec_lock_at_barrier_kernel", { block = 33, grid = 2 })
    end)

    it("stops at a trap", function()
        expect("undefined", "block (0,0,0): lane 7: __trap() " .. place("spec_trap_kernel", "__trap"),
            "spec_trap_kernel", { block = 8 }, 7)
    end)

    it("has no more shared memory than a device", function()
        expect("bad-launch", "49156 bytes of static shared memory with rest, a device has 49152",
            "spec_too_much_kernel", { block = 1 })
        expect("bad-launch", "232452 bytes of shared memory with word, a device has 232448", "spec_stale_kernel",
            { block = 1, shared = 232436 })
    end)

    it("fills shared memory with a pattern for every block", function()
        local out = simt.buffer(4 * 5)
        assert.is_true(launch("spec_stale_kernel", { block = 1, grid = 5 }, 0, out))
        assert.equal(("\xa5"):rep(20), out:bytes())
    end)
end)

-- Under the sanitizer an access outside ends the process; without it a write is found when the block has ended.
describe("an access outside", function()
    local function child(kernel, n, out_size)
        local script = ("local s = require 'support.simt_module' print(s.launch('%s', { block = 6, shared = 10 }, " ..
            "{ s.buffer(%d), %d }))"):format(kernel, out_size, n)
        local pipe = assert(io.popen(("%s -e \"%s\" 2>&1"):format(os.getenv "LUA" or "lua5.4", script)))
        local text = pipe:read "a"
        pipe:close()
        return text
    end

    local cases = {
        { "spec_overrun_kernel", 10, "heap%-buffer%-overflow", "behind ten, which has 40 bytes" },
        { "spec_overrun_kernel", 11, "heap%-buffer%-overflow", "behind ten, which has 40 bytes" },
        { "spec_dynamic_overrun_kernel", 10, "heap%-buffer%-overflow", "behind the dynamic array, which has 10 bytes" },
        { "spec_overrun_kernel", 1010, "heap%-buffer%-overflow" },
        { "spec_global_overrun_kernel", 8, "heap%-buffer%-overflow" },
        { "spec_local_overrun_kernel", 8, "stack%-buffer%-overflow" },
    }
    for _, case in ipairs(cases) do
        local kernel, n, sanitizer, message = table.unpack(case)
        if SANITIZED then
            it(("by %s at %d ends with a report of the sanitizer that names the kernel"):format(kernel, n), function()
                local text = child(kernel, n, 32)
                assert.is_truthy(text:find("AddressSanitizer: " .. sanitizer), text)
                assert.is_truthy(text:find(kernel, 1, true), text)
                assert.is_truthy(text:find("faults.cu:", 1, true), text)
            end)
        elseif message then
            it(("by %s at %d is an error that names the variable"):format(kernel, n), function()
                assert.equal(("nil\toverrun\t%s, block (0,0,0): shared memory was written %s\n"):format(kernel,
                    message), child(kernel, n, 32))
            end)
        end
    end
    it("does not happen where the place is inside", function()
        for _, case in ipairs { { "spec_overrun_kernel", 9 }, { "spec_dynamic_overrun_kernel", 9 },
            { "spec_global_overrun_kernel", 7 }, { "spec_local_overrun_kernel", 7 } } do
            assert.equal("true\n", child(case[1], case[2], 32))
        end
    end)
end)
