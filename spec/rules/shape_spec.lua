-- The shipped rules as an author wrote them: names, metadata, examples. No compiler is needed here;
-- spec/rules/examples_spec.lua runs the examples.

local dsl = require "rules.fake_dsl"

local SEVERITY = { info = true, low = true, medium = true, high = true, critical = true }
-- the fewest rules that a pack may have
local PACKS = { secrets = 60, pii = 20, files = 35, logs = 25, c = 24, java = 17, javascript = 9, python = 10 }

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("a")
    file:close()
    return text
end

local function sorted_keys(set)
    local list = {}
    for key in pairs(set) do list[#list + 1] = key end
    table.sort(list)
    return list
end

describe("the shipped rules", function()
    local rules = dsl.load_all("rules")

    -- check(rule) returns what is wrong with a rule, or nil; all offenders in one message.
    local function all_rules(check)
        local wrong = {}
        for _, rule in ipairs(rules) do
            local message = check(rule)
            if message then wrong[#wrong + 1] = rule.file .. ": " .. rule.name .. ": " .. message end
        end
        assert.are.equal("", table.concat(wrong, "\n"))
    end

    it("are at least as many as promised", function()
        local counts = {}
        for _, rule in ipairs(rules) do
            local pack = rule.file:match("^rules/(%w+)/")
            counts[pack] = (counts[pack] or 0) + 1
        end
        assert.are.same(sorted_keys(PACKS), sorted_keys(counts))
        for pack, least in pairs(PACKS) do
            assert.is_true(counts[pack] >= least, ("%s has %d rules"):format(pack, counts[pack]))
        end
    end)

    it("have names of their own, in kebab case", function()
        local seen = {}
        all_rules(function(rule)
            local first = seen[rule.name]
            seen[rule.name] = rule.file
            if first then return "declared in " .. first .. " too" end
            if not rule.name:find("^[a-z0-9]+%-[a-z0-9-]*[a-z0-9]$") and not rule.name:find("^[a-z0-9]+$") then
                return "the name is not in kebab case"
            end
        end)
    end)

    it("have a title, tags and a severity", function()
        all_rules(function(rule)
            if type(rule.title) ~= "string" or #rule.title < 4 or rule.title:find("%.$") then return "title" end
            if not SEVERITY[rule.severity] then return "severity" end
            if type(rule.tags) ~= "table" or #rule.tags == 0 then return "tags" end
            for _, tag in ipairs(rule.tags) do
                if not tag:find("^[a-z0-9-]+$") then return "tag " .. tag end
            end
        end)
    end)

    it("carry the tag of their pack", function()
        local TAG = { secrets = "secret", pii = "pii", files = "file", logs = "log", c = "c", java = "java",
            javascript = "javascript", python = "python" }
        all_rules(function(rule)
            local pack = rule.file:match("^rules/(%w+)/")
            if rule.tags[1] ~= TAG[pack] then return "the first tag is not " .. TAG[pack] end
        end)
    end)

    it("say what to do about a finding, in one line", function()
        all_rules(function(rule)
            if rule.private then return nil end
            local meta = rule.meta or {}
            if type(meta.remediation) ~= "string" or not meta.remediation:find("%.$") then return "remediation" end
            if #meta.remediation > 110 then return "the remediation is longer than a line" end
            if meta.reference and not meta.reference:find("^https://%S+$") then return "reference" end
            for key in pairs(meta) do
                if key ~= "remediation" and key ~= "reference" then return "meta." .. key .. " is unknown here" end
            end
        end)
    end)

    it("have stages", function()
        all_rules(function(rule)
            if type(rule.confirm) ~= "table" or #rule.confirm == 0 then return "confirm is empty" end
            for i, stage in ipairs(rule.confirm) do
                if type(stage) ~= "table" or not stage.kind then return "stage " .. i .. " is no stage" end
            end
        end)
    end)

    it("have at least two matching and two missing examples, all different", function()
        all_rules(function(rule)
            local seen = {}
            for _, kind in ipairs { "match", "miss" } do
                local list = rule.examples and rule.examples[kind] or {}
                if #list < 2 then return "fewer than two examples that " .. kind end
                for _, example in ipairs(list) do
                    local key = dsl.example_text(example) .. "\0" .. (type(example) == "table" and example.path or "")
                    if seen[key] then return "the same example twice: " .. key end
                    seen[key] = true
                end
            end
        end)
    end)

    it("give the spans of an example in order and inside of its text", function()
        all_rules(function(rule)
            for _, kind in ipairs { "match", "miss" } do
                for _, example in ipairs(rule.examples[kind]) do
                    local last = 0
                    for _, span in ipairs(type(example) == "table" and example.spans or {}) do
                        if span[1] <= last or span[2] < span[1] or span[2] > #example.text then return "spans" end
                        last = span[1]
                    end
                end
            end
        end)
    end)

    -- Else a scanner of a code host would find the examples, and hunch itself would.
    it("do not hold the text of a secret in one piece", function()
        local sources = {}
        all_rules(function(rule)
            if rule.tags[1] ~= "secret" then return nil end
            sources[rule.file] = sources[rule.file] or read(rule.file)
            for _, example in ipairs(rule.examples.match) do
                local text = dsl.example_text(example)
                if #text >= 12 and sources[rule.file]:find(text, 1, true) then return "glue this example: " .. text end
            end
        end)
    end)

    it("stand in files that begin with what they are about", function()
        for _, path in ipairs(dsl.files("rules")) do
            assert.is_truthy(read(path):find("^%-%- %u"), path)
        end
    end)
end)
