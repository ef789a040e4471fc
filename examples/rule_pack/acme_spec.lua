-- How a rule pack tests itself: its own examples, and whatever else matters to its users.
local hunch = require "hunch"

describe("the acme rule pack", function()
    local rules

    setup(function()
        local diagnostics
        rules, diagnostics = hunch.engine():compile { "examples/rule_pack/rules" }
        assert.is_truthy(rules, diagnostics and diagnostics[1] and diagnostics[1].message)
    end)

    local function names(result)
        local list = {}
        for i, match in ipairs(result.matches) do
            list[i] = match.rule .. "@" .. match.first
        end
        return list
    end

    it("passes its own examples", function()
        assert.are.equal(0, select(3, os.execute("hunch test examples/rule_pack/rules >/dev/null")))
    end)

    it("finds a token inside a configuration file", function()
        local text = "[deploy]\ntoken = acme_k3Vq8ZrT1mXw9LbN5cYd7HsA\n"
        local result = rules:scan { { name = "conf/app.ini", data = text } }
        assert.are.same({ "acme-deploy-token@18" }, names(result))
        local match = result.matches[1]
        assert.are.equal("acme_k3Vq8ZrT1mXw9LbN5cYd7HsA", match.text)
        assert.are.equal(2, match.line)
        assert.are.equal(9, match.column)
        assert.are.same({ { 23, 46 } }, match.captures)
    end)

    it("reports each failed login of a storm, and none below five", function()
        local line = "login failed for mallory\n"
        assert.are.equal(5, #rules:scan({ { name = "a.log", data = line:rep(5) } }).matches)
        assert.are.equal(0, #rules:scan({ { name = "a.log", data = line:rep(4) } }).matches)
    end)

    it("checks customer numbers with a Lua function", function()
        local result = rules:scan("AC-12345678-03 AC-12345678-15 AC-00000000-00")
        assert.are.same({ "acme-customer-number@1", "acme-customer-number@31" }, names(result))
    end)
end)
