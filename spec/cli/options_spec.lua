local calls = require "hunch.cli.calls"
local options = require "hunch.cli.options"

local CALL = {
    name = "try", usage = "…", summary = "Try.", operands = { key = "paths", name = "PATH", max = 2 },
    options = {
        { key = "all", short = "-a", long = "--all", help = "all" },
        { key = "name", short = "-n", long = "--name", value = "NAME", help = "name" },
        { key = "list", long = "--list", value = "X", many = true, help = "list" },
        { key = "count", long = "--count", value = "N", kind = "integer", min = 1, help = "count" },
        { key = "parts", long = "--parts", value = "N", kind = "integer", max = 8, help = "parts" },
        { key = "seconds", long = "--seconds", value = "S", kind = "number", help = "seconds" },
        { key = "size", long = "--size", value = "SIZE", kind = "size", min = 1, help = "size" },
        { key = "colour", long = "--colour", value = "C", kind = "choice", choices = { "red", "green" }, help = "c" },
        { key = "help", short = "-h", long = "--help", help = "help" },
    },
}

local function parse(...)
    return options.parse(CALL, { ... }, 1)
end

describe("cli.options", function()
    it("takes values in every usual form", function()
        assert.same({ paths = { "p" }, all = true, name = "x y" }, parse("-a", "--name", "x y", "p"))
        assert.same({ paths = {}, name = "x=y" }, parse "--name=x=y")
        assert.same({ paths = {}, name = "x" }, parse "-nx")
        assert.same({ paths = {}, name = "" }, parse "--name=")
        assert.same({ paths = {}, name = "-a" }, parse("-n", "-a"))
        assert.same({ paths = {}, list = { "a", "b" } }, parse("--list", "a", "--list=b"))
    end)

    it("takes no empty name of a file", function()
        local call = { operands = { key = "paths", name = "PATH" }, options = {
            { key = "rules", short = "-r", value = "RULES", kind = "path" },
            { key = "output", short = "-o", value = "FILE", kind = "output" },
        } }
        local function fault(...) return select(2, options.parse(call, { ... }, 1)) end
        assert.equal("-r needs the name of a file or folder, not ''", fault("-r", ""))
        assert.equal("-o needs the name of a file (/dev/stdout is standard output), not ''", fault("-o", ""))
        assert.equal("-o needs the name of a file (/dev/stdout is standard output), not '-'", fault("-o", "-"))
        assert.equal("PATH is an empty text", fault("a", ""))
        assert.is_nil(fault("-r", "a", "-o", "b", "-"))
    end)

    it("takes everything behind -- and a lone dash as operands", function()
        assert.same({ paths = { "-", "-a" } }, parse("-", "--", "-a"))
    end)

    it("lets the last of several win", function()
        assert.equal("b", parse("-n", "a", "-n", "b").name)
    end)

    it("reads numbers and sizes", function()
        assert.equal(12, parse("--count", "12").count)
        assert.equal(2.5, parse("--seconds", "2.5").seconds)
        assert.equal(0.5, parse("--seconds", ".5").seconds)
        for given, bytes in pairs { ["4096"] = 4096, ["64k"] = 65536, ["10M"] = 10485760, ["1GiB"] = 1 << 30,
                                    ["2tb"] = 2 << 40 } do
            assert.equal(bytes, parse("--size", given).size)
        end
    end)

    local faults = {
        { { "--nmae", "x" }, "unknown option '--nmae'; did you mean '--name'?" },
        { { "--zzzzzzzzzz" }, "unknown option '--zzzzzzzzzz'" },
        { { "-x" }, "unknown option '-x'" },
        { { "--name" }, "--name needs a value: --name NAME" },
        { { "--all=yes" }, "--all takes no value" },
        { { "--count", "0" }, "--count needs a whole number, 1 or more, not '0'" },
        { { "--count", "1e3" }, "--count needs a whole number, 1 or more, not '1e3'" },
        { { "--count", "99999999999999999999" },
          "--count needs a whole number, 1 or more, not '99999999999999999999'" },
        { { "--parts", "9" }, "--parts needs a whole number, 0 to 8, not '9'" },
        { { "--seconds", "-1" }, "--seconds needs a number, 0 or more, not '-1'" },
        { { "--seconds", "." }, "--seconds needs a number, 0 or more, not '.'" },
        { { "--seconds", "nan" }, "--seconds needs a number, 0 or more, not 'nan'" },
        { { "--size", "9999999T" }, "--size needs a size of 1 or more, such as 4096, 64K or 10M, not '9999999T'" },
        { { "--size", "10X" }, "--size needs a size of 1 or more, such as 4096, 64K or 10M, not '10X'" },
        { { "--colour", "gren" }, "--colour needs one of red, green, not 'gren'; did you mean 'green'?" },
        { { "a", "b", "c" }, "unexpected argument 'c'" },
    }
    for _, fault in ipairs(faults) do
        it("explains " .. table.concat(fault[1], " "), function()
            local values, message = parse(table.unpack(fault[1]))
            assert.is_nil(values)
            assert.equal(fault[2], message)
        end)
    end

    it("asks for missing operands, but not when help is wanted", function()
        local call = { options = CALL.options, operands = { key = "rules", name = "RULES", min = 1 } }
        assert.same({ nil, "RULES is missing" }, { options.parse(call, {}, 1) })
        assert.is_true(options.parse(call, { "-h" }, 1).help)
    end)

    it("suggests what is near and nothing else", function()
        assert.equal("scan", options.nearest("scna", { "scan", "test" }))
        assert.equal("compile", options.nearest("complie", { "compile", "check" }))
        assert.is_nil(options.nearest("xyzzy", { "scan", "test" }))
        assert.is_nil(options.nearest("ab", { "cd", "a" }))
        assert.is_nil(options.nearest(string.rep("x", 100000), { "scan" }))
    end)

    it("documents every option of every call, on lines that fit", function()
        for _, call in ipairs(calls.list) do
            local help = options.help(call)
            for _, option in ipairs(call.options) do
                assert.is_truthy(help:find("  " .. (option.short or option.long), 1, true))
                assert.is_truthy(help:find(option.help, 1, true))
            end
            for line in help:gmatch("[^\n]+") do
                assert.is_true(utf8.len(line) <= 100, line)
            end
        end
    end)
end)
