-- docs/SHIPPED_RULES.md says what the rule files say. HUNCH_GOLDEN=write rewrites it.

local dsl = require "rules.fake_dsl"

local PATH = "docs/SHIPPED_RULES.md"
local PACKS = {
    { "secrets", "Secrets", "Credentials that should not be where they are found." },
    { "pii", "Personal data", "Numbers and addresses that point at a person. Choose with `--rule` and `--tag`." },
    { "files", "Files", "What a file is, by its bytes, whatever its name says; and names that lie." },
    { "c", "C programs", "What programs do with what comes from outside: rules on program graphs "
        .. "([RULES.md](RULES.md#program-graphs))." },
    { "java", "Java programs", "The same of Java: servlets, sockets, properties and data bases." },
    { "javascript", "JavaScript programs", "The same of programs of Node.js, and of scripts of pages." },
    { "python", "Python programs", "The same of Python: web requests, terminals and the environment." },
    { "logs", "Logs", "Attacks, crashes and faults in the logs of systems, web servers and programs." },
}

local COLUMNS = "| rule | finds | severity | tags |\n| --- | --- | --- | --- |\n"

local HEAD = [[
# The rules that come with hunch

%d rules in %d files. Each carries at least two examples that it finds and two that it must not find;
`hunch test rules` runs them all. How to write your own: [RULES.md](RULES.md).

```
hunch scan -r rules/secrets src/                 # one pack
hunch scan -r rules --tag aws src/               # every rule with a tag
hunch scan -r rules --rule json-web-token src/   # one rule
hunch explain rules --rule json-web-token        # how a rule runs, and why
```

Severities: *critical* gives away an account or a key; *high* gives away a part of it, or is an attack
that may have worked; *medium* needs a look; *low* is a hint; *info* only says what there is.

This page is written from the rule files by `make golden`.
]]

local function escape(text)
    return (text:gsub("|", "\\|"))
end

local function page()
    local count, parts = 0, {}
    for _, pack in ipairs(PACKS) do
        local files = dsl.files("rules/" .. pack[1])
        parts[#parts + 1] = ("\n## %s\n\n%s\n"):format(pack[2], pack[3])
        for _, file in ipairs(files) do
            parts[#parts + 1] = "\n### " .. file .. "\n\n" .. COLUMNS
            for _, rule in ipairs(dsl.load(file)) do
                count = count + 1
                local tags = table.concat(rule.tags, ", ", 2)
                parts[#parts + 1] = ("| `%s` | %s%s | %s | %s |\n"):format(rule.name, escape(rule.title),
                    rule.private and " (private: others build on it)" or "", rule.severity, tags)
            end
        end
    end
    return HEAD:format(count, #dsl.files("rules")) .. table.concat(parts)
end

describe("docs/SHIPPED_RULES.md", function()
    it("lists every shipped rule", function()
        local text = page()
        if os.getenv("HUNCH_GOLDEN") == "write" then
            local file = assert(io.open(PATH, "wb"))
            file:write(text)
            file:close()
        end
        local file = assert(io.open(PATH, "rb"))
        local found = file:read("a")
        file:close()
        assert.are.equal(text, found)
    end)
end)
