-- Many threads with one hunch_rules, the library built with ThreadSanitizer: files, slices of large ones, records,
-- streams.
local figures = require "support.figures"
local tree = require "support.tree"

describe("under ThreadSanitizer", function()
    local folder

    setup(function()
        folder = tree.new()
        local line = ("lorem ipsum dolor sit amet\n"):rep(40) .. "needle42 key alpha=beta\n"
        folder:write("data/large", line:rep(17 * (1 << 20) // #line))
        for i = 1, 60 do folder:write("data/small" .. i, line:rep(i % 5 + 1)) end
    end)

    teardown(function() folder:remove() end)

    local function run(name, arguments)
        local program = folder:at("build/spec/" .. name)
        local flags = "-O1 -g -fsanitize=thread"
        local make = "env -u MAKEFLAGS -u MAKELEVEL make -s BUILD='%s' CC=gcc CXX=g++ CFLAGS='%s' CXXFLAGS='%s'"
        local pipe = io.popen(("{ " .. make .. " LDFLAGS=-fsanitize=thread '%s' && '%s' %s; } 2>&1")
            :format(folder:at "build", flags, flags, program, program, arguments))
        local output = pipe:read "a"
        pipe:close()
        return output
    end

    it("scans have no races", function()
        local output = run("c_api_threads", "4 2 '" .. folder:at "data" .. "'")
        assert.matches("4 threads, 2 rounds, 0 differences\n$", output)
        assert.is_nil(output:find("WARNING: ThreadSanitizer", 1, true), output)
        figures.say "4 threads with one hunch_rules under ThreadSanitizer, 2 rounds: 0 races, 0 differences"
    end)

    it("speculators have no races", function()
        local output = run("guess_check", "threads")
        assert.matches("checks, 0 failures\n$", output)
        assert.is_nil(output:find("WARNING: ThreadSanitizer", 1, true), output)
    end)
end)
