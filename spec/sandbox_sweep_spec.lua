-- The checks themselves are sandbox_sweep's (spec/support): its last line is what is looked at here.
local build = os.getenv("HUNCH_BUILD") or "build"

describe("a sandbox when the machine refuses memory", function()
    it("fails with a message and gives every block back", function()
        local handle = assert(io.popen(("timeout 600 '%s/spec/sandbox_sweep' 2>&1"):format(build)))
        local text = handle:read "a"
        assert.is_true(handle:close(), text)
        local points, good, failed = text:match "ok points=(%d+) good=(%d+) failed=(%d+)"
        assert.is_truthy(points, text)
        assert.is_true(tonumber(points) > 1000 and tonumber(good) > 1000 and tonumber(failed) > 1000, text)
    end)
end)
