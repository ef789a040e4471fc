-- What hunch finds in examples/tree with all shipped rules: no less, and no more.

local hunch = require "hunch"

local EXPECTED = {
    "agent/obey.c: c-command-injection", "agent/obey.c: c-lock-kept", "agent/obey.c: c-index-from-outside",
    "agent/obey.c: c-overflow-from-outside",
    "bin/healthcheck: elf-executable",
    "data/customers.csv: email-address", "data/customers.csv: email-address", "data/customers.csv: email-address",
    "data/customers.csv: payment-card-number", "data/customers.csv: payment-card-number", "data/customers.csv: iban",
    "deploy/deploy.sh: script-with-shebang", "deploy/deploy.sh: password-on-command-line",
    "deploy/server.key: private-key-pem",
    "infra/main.tf: aws-access-key-id",
    "logs/access.log: http-server-error", "logs/access.log: web-sql-injection", "logs/access.log: web-path-traversal",
    "logs/access.log: web-log4shell", "logs/access.log: web-scanner-agent",
    "logs/auth.log: ssh-failed-login", "logs/auth.log: ssh-failed-login", "logs/auth.log: sudo-denied",
    "logs/kernel.log: out-of-memory-kill",
    "logs/shop.log: python-traceback",
    "shop/.env: postgres-url", "shop/.env: generic-dotenv-secret",
    "shop/config/production.yaml: generic-password",
    "shop/settings.py: framework-secret-key", "shop/settings.py: generic-api-key",
    "shop/static/debug.js: json-web-token",
    "shop/static/logo.png: png-image",
}

describe("the tree to try hunch on", function()
    local function found_with(options)
        local rules = assert(hunch.engine(options):compile { "rules" })
        local result = rules:scan_paths({ "examples/tree" }, {})
        local list = {}
        for i, match in ipairs(result.matches) do
            list[i] = match.record:gsub("^examples/tree/", "") .. ": " .. match.rule
        end
        assert.are.same({}, result.incomplete)
        return list
    end

    local expected = table.move(EXPECTED, 1, #EXPECTED, 1, {})
    table.sort(expected)

    for _, backend in ipairs { "ref", "cpu" } do
        it("has the findings that were planted, with the backend " .. backend, function()
            local found = found_with { backend = backend, threads = 2 }
            table.sort(found)
            assert.are.same(expected, found)
        end)
    end

    it("has the command injection that docs/RULES.md shows", function()
        local pipe = assert(io.popen("'" .. (os.getenv "HUNCH_BUILD" or "build")
            .. "/hunch' scan -r rules/c --rule c-command-injection --no-progress examples/tree/agent 2>/dev/null"))
        local out = pipe:read "a"
        pipe:close()
        local file = assert(io.open("docs/RULES.md", "rb"))
        local text = file:read "a"
        file:close()
        assert.matches("\n" .. out, text, 1, true)
        assert.matches("sink", out, 1, true)
    end)
end)
