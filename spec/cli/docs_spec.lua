-- docs/COMMAND.md tells of every call, option, choice and reason there is, and of no other.
local calls = require "hunch.cli.calls"

describe("docs/COMMAND.md", function()
    local page

    setup(function()
        local file = assert(io.open("docs/COMMAND.md", "rb"))
        page = file:read("a")
        file:close()
    end)

    it("names every call and option", function()
        for _, call in ipairs(calls.list) do
            assert.is_truthy(page:find("`hunch " .. call.name, 1, true), call.name)
            for _, option in ipairs(call.options) do
                if option.key ~= "help" then
                    assert.is_truthy(page:find(option.long or option.short, 1, true), option.long)
                end
            end
        end
    end)

    it("lists the choices of an option as they are", function()
        for _, call in ipairs(calls.list) do
            for _, option in ipairs(call.options) do
                if option.choices then
                    local shown = option.long .. " " .. table.concat(option.choices, "|")
                    local plain = page:gsub("\\|", "|")
                    local by_name = option.key == "backend" and plain:find("--backend NAME", 1, true)
                        or call.name ~= "scan" and option.key == "format" and plain:find("--format jsonl", 1, true)
                    assert.is_truthy(plain:find(shown, 1, true) or by_name, shown)
                end
            end
        end
    end)

    it("names no option that does not exist", function()
        local known = { ["--help"] = true, ["--option"] = true }
        for _, call in ipairs(calls.list) do
            for _, option in ipairs(call.options) do
                known[option.long or option.short] = true
            end
        end
        for option in page:gmatch("%-%-%l[%l-]*") do
            assert.is_true(known[option] or false, option)
        end
    end)

    it("shows commands that parse", function()
        local options = require "hunch.cli.options"
        local parsed = 0
        for line in page:gmatch("\n[^\n]-(hunch %l+ [^\n]*)") do
            local command = line:gsub("#.*", ""):gsub("[`|].*", ""):gsub("'", "")
            local argv = {}
            for word in command:gmatch("%S+") do
                argv[#argv + 1] = word
            end
            local call = calls.find(argv[2])
            -- Lines that quote a usage have an ellipsis or brackets.
            if call and not command:find("[…%[]") then
                local values, message = options.parse(call, argv, 3)
                assert.is_truthy(values, command .. ": " .. tostring(message))
                parsed = parsed + 1
            end
        end
        assert.is_true(parsed >= 10, "only " .. parsed .. " commands were found")
    end)
end)
