local calls = require "hunch.cli.calls"
local command = require "support.command"

describe("the command", function()
    it("shows help and ends with 2 when nothing is asked for", function()
        local result = command.run {}
        assert.equal(2, result.status)
        assert.equal("", result.out)
        assert.matches("usage: hunch CALL", result.err, 1, true)
    end)

    it("shows help on standard output when it is asked for", function()
        for _, argv in ipairs { { "help" }, { "--help" }, { "-h" } } do
            local result = command.run(argv)
            assert.equal(0, result.status)
            for _, call in ipairs(calls.list) do
                assert.matches("\n  " .. call.name .. " ", result.out, 1, true)
            end
        end
    end)

    it("shows the help of every call in three ways", function()
        for _, call in ipairs(calls.list) do
            local long = command.run { call.name, "--help" }
            assert.equal(0, long.status)
            assert.matches("^usage: hunch " .. call.name, long.out)
            assert.equal(long.out, command.run({ call.name, "-h" }).out)
            assert.equal(long.out, command.run({ "help", call.name }).out)
        end
    end)

    it("tells its version", function()
        for _, argv in ipairs { { "version" }, { "--version" }, { "-V" } } do
            assert.same({ 0, "hunch 0.0.fake\n" }, { command.run(argv).status, command.run(argv).out })
        end
    end)

    it("takes no more than help and version need", function()
        for _, argv in ipairs { { "version", "--x" }, { "-V", "y" }, { "--help", "z" }, { "help", "scan", "z" } } do
            local result = command.run(argv)
            assert.same({ 2, "" }, { result.status, result.out })
            assert.matches("unexpected argument '" .. argv[#argv] .. "'", result.err, 1, true)
        end
    end)

    it("suggests the call that was meant", function()
        local result = command.run { "scann" }
        assert.equal(2, result.status)
        assert.equal("hunch: unknown call 'scann'; did you mean 'scan'?\nRun `hunch --help` for usage.\n", result.err)
        assert.matches("no call 'tset'; did you mean 'test'", command.run({ "help", "tset" }).err, 1, true)
        assert.matches("unknown option '--x'", command.run({ "--x" }).err, 1, true)
    end)

    it("names the call whose usage is at fault", function()
        local result = command.run { "test" }
        assert.equal(2, result.status)
        assert.equal("hunch: RULES (a rule file or folder) is missing\nRun `hunch test --help` for usage.\n",
                     result.err)
    end)

    it("says so when it breaks itself, and where", function()
        local result = command.run({ "info" }, { core = {
            engine = function() error("broken inside") end, version = "x",
        } })
        assert.equal(2, result.status)
        assert.matches("a fault in hunch itself", result.err, 1, true)
        assert.matches("broken inside", result.err, 1, true)
    end)

    it("ends with 3 when what it prints cannot be written", function()
        local full = assert(io.open("/dev/full", "wb"))
        local result = command.run({ "help" }, { stdout = full })
        full:close()
        assert.equal(3, result.status)
        assert.matches("not complete: No space left on device", result.err, 1, true)
    end)

    it("says that import is not built yet", function()
        local result = command.run { "import", "gitleaks", "x.toml", "-o", "rules" }
        assert.same({ 2, "hunch: import is not built yet\n" }, { result.status, result.err })
    end)
end)
