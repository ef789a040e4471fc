-- The rules that docs/RULES.md shows are rules: each compiles without an error, its examples hold, and each
-- line of a stage that is shown by itself is a stage.

local hunch = require "hunch"

local PATH = "docs/RULES.md"

local STAGE = { regex = true, path = true, count = true, near = true, entropy = true, luhn = true, checksum = true,
    except = true, only = true, field = true, condition = true, host = true }

local function blocks()
    local file = assert(io.open(PATH, "rb"))
    local text = file:read("a")
    file:close()
    local list, line = {}, 1
    for before, body in text:gmatch("(.-)```lua\n(.-)```") do
        line = line + select(2, before:gsub("\n", "")) + 1
        list[#list + 1] = { text = body, line = line }
        line = line + select(2, body:gsub("\n", ""))
    end
    return list
end

-- A regex with two groups stands before a stage that is shown alone; what it may refer to is declared.
local AROUND = [[
rule "aws-access-key-id" { private = true, prefilter = any { "AKIA" } }
rule "is-program" { private = true, prefilter = any { "MZ" } }
rule "shown" { confirm = { regex [=[(.{1,40})(.{6,8})]=],
%s
} }
]]

-- The statements of a block that begin with the name of a stage, with the lines that belong to them.
local function stages_of(text)
    local list, open = {}, nil
    for line in text:gmatch("([^\n]*)\n") do
        local name = line:match("^(%l+)")
        if open then
            open[#open + 1] = line
            if line:find("^[})%]]") then open = nil end
        elseif name and STAGE[name] then
            local lines = { line }
            list[#list + 1] = lines
            local code = line:gsub("%-%-.*", "")
            local _, opened = code:gsub("[({]", "")
            local _, closed = code:gsub("[)}]", "")
            if opened > closed and not code:find("%[%[") then open = lines end
        end
    end
    for i, lines in ipairs(list) do list[i] = table.concat(lines, "\n") end
    return list
end

local function errors_of(diagnostics)
    local list = {}
    for _, diagnostic in ipairs(diagnostics or {}) do
        if diagnostic.severity == "error" then
            list[#list + 1] = ("%s line %d: %s"):format(diagnostic.code, diagnostic.line or 0, diagnostic.message)
        end
    end
    return table.concat(list, "\n")
end

describe("docs/RULES.md", function()
    local engine = assert(hunch.engine { backend = "ref" })
    local rule_blocks, stage_count = 0, 0

    local function compile(text, line)
        local rules, diagnostics = engine:compile { text = text, name = PATH .. ":" .. line }
        assert.are.equal("", rules and "" or errors_of(diagnostics), "the block at line " .. line)
        return rules
    end

    it("shows rules that compile and examples that hold", function()
        for _, block in ipairs(blocks()) do
            if block.text:find('^rule "%a[%w-]+" {\n') then
                rule_blocks = rule_blocks + 1
                for _, rule in ipairs(compile(block.text, block.line):list()) do
                    for _, kind in ipairs { "match", "miss" } do
                        for _, example in ipairs(rule.examples and rule.examples[kind] or {}) do
                            local rules = compile(block.text, block.line)
                            local records = {}
                            for i, file in ipairs(example.files or { { path = "x", text = example.text } }) do
                                records[i] = { name = file.path, data = file.text }
                            end
                            local result = rules:scan(records, { private = true })
                            local found = false
                            for _, match in ipairs(result.matches) do found = found or match.rule == rule.name end
                            assert.are.equal(kind == "match", found, example.text)
                        end
                    end
                end
            end
        end
        assert.is_true(rule_blocks >= 4, "the guide shows " .. rule_blocks .. " rules")
    end)

    it("shows stages that are stages", function()
        for _, block in ipairs(blocks()) do
            for _, stage in ipairs(stages_of(block.text)) do
                if not stage:find("stopwords.txt", 1, true) then -- a file that is not there
                    stage_count = stage_count + 1
                    compile((AROUND:gsub("%%s", function() return stage end)), block.line)
                end
            end
        end
        assert.is_true(stage_count >= 25, "the guide shows " .. stage_count .. " stages")
    end)
end)
