local progress = require "hunch.cli.progress"

describe("cli.progress", function()
    it("writes sizes for people", function()
        assert.equal("0 B", progress.size(0))
        assert.equal("999 B", progress.size(999))
        assert.equal("1.0 kB", progress.size(1000))
        assert.equal("1.0 MB", progress.size(999600))
        assert.equal("4.3 GB", progress.size(1 << 32))
    end)

    it("shows bytes, files, matches and the rate", function()
        assert.equal("25 B  1 files  0 matches  12 B/s",
                     progress.line({ bytes = 25, records = 1, matches = 0 }, 2))
        assert.equal("0 B  0 files  0 matches", progress.line({ bytes = 0, records = 0, matches = 0 }, 0))
    end)

    local function drawn(enabled, times)
        local now = 0
        local file = io.tmpfile()
        local bar = progress.new(file, function() return now end, enabled)
        for _, at in ipairs(times) do
            now = at
            bar:update { bytes = 1, records = 1, matches = 0 }
        end
        bar:clear()
        bar:clear()
        file:seek("set", 0)
        local text = file:read("a")
        file:close()
        return select(2, text:gsub("\r\27%[K", "")), text
    end

    it("draws at most ten times a second and clears itself once", function()
        assert.equal(3 + 1, (drawn(true, { 0, 0.01, 0.05, 0.1, 0.15, 0.21 })))
    end)

    it("draws nothing when it is off", function()
        assert.equal("", select(2, drawn(false, { 0, 1, 2 })))
    end)
end)
