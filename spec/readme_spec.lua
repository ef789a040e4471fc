-- What README.md shows works as it stands there.
local hunch = require "hunch"

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("a")
    file:close()
    return text
end

describe("README.md", function()
    local blocks, folder = {}, nil

    setup(function()
        for block in read("README.md"):gmatch("```lua\n(.-)```") do
            blocks[#blocks + 1] = block
        end
        local pipe = assert(io.popen("mktemp -d"))
        folder = pipe:read("l")
        pipe:close()
        local file = assert(io.open(folder .. "/token.lua", "w"))
        file:write(blocks[1])
        file:close()
        os.execute("mkdir " .. folder .. "/src")
        file = assert(io.open(folder .. "/src/deploy.sh", "w"))
        file:write("#!/bin/sh\nexport TOKEN=acme_k3Vq8ZrT1mXw9LbN5cYd7HsA\n")
        file:close()
    end)

    teardown(function() os.execute("rm -rf " .. folder) end)

    it("shows a rule whose examples hold and that gets no warning", function()
        local rules, diagnostics = hunch.engine():compile { folder .. "/token.lua" }
        assert.is_truthy(rules, diagnostics and diagnostics[1] and diagnostics[1].message)
        assert.are.same({}, diagnostics or {})
        local pipe = assert(io.popen("hunch test " .. folder .. "/token.lua 2>&1; echo status $?"))
        local output = pipe:read("a")
        pipe:close()
        assert.is_truthy(output:find("3 examples, 0 failed", 1, true) and output:find("status 0", 1, true), output)
    end)

    it("shows a Lua program that finds what its rule is for", function()
        local printed = {}
        local env = setmetatable({ print = function(...) printed[#printed + 1] = table.concat({ ... }, " ") end },
            { __index = _G })
        local program = blocks[2]:gsub('"token.lua"', '"' .. folder .. '/token.lua"')
            :gsub('"src/"', '"' .. folder .. '/src/"')
        assert(load(program, "README.md", "t", env))()
        assert.are.same({ folder .. "/src/deploy.sh 2 acme-token acme_k3Vq8ZrT1mXw9LbN5cYd7HsA" }, printed)
    end)
end)
