-- The files of the Juliet suites: each is read without a fault, and random changes of them never end the host.
local hunch = require "hunch"
local random_numbers = require "support.random"

local FOLDER = (os.getenv "HUNCH_SHARED" or "../shared") .. "/peers/juliet/"
local MUTATIONS = os.getenv "HUNCH_SAN" and 200 or 2000

describe("the Juliet suites", function()
    local folder, texts, headers = nil, {}, {}

    setup(function()
        folder = io.popen("mktemp -d"):read "l"
        for _, suite in ipairs { "cwe78", "cwe606" } do
            assert(os.execute(("tar --zstd -xf '%s%s.tar.zst' -C '%s'"):format(FOLDER, suite, folder)))
        end
        for path in io.popen(("find '%s' -name '*.[ch]' | LC_ALL=C sort"):format(folder)):lines() do
            local file = assert(io.open(path, "rb"))
            local text = file:read "a"
            file:close()
            if path:find "%.h$" then headers[path:match "[^/]+$"] = text else texts[#texts + 1] = text end
        end
    end)

    teardown(function() os.execute("rm -rf '" .. folder .. "'") end)

    it("have no fault", function()
        assert.is_true(#texts > 1400)
        local functions, began = 0, os.clock()
        for _, text in ipairs(texts) do
            local graph = assert(hunch.graph("c", text, { includes = headers }))
            assert.same({}, graph.faults)
            functions = functions + #graph:functions()
        end
        print(("figure: graph: %d files, %d functions in %.2f s"):format(#texts, functions, os.clock() - began))
    end)

    it("survive random changes", function()
        local random = random_numbers.generator(101)
        for _ = 1, MUTATIONS do
            local text = texts[random(#texts)]
            for _ = 1, random(6) do
                local at, from = random(#text), random(#text)
                text = text:sub(1, at) .. text:sub(from, from + random(200) - 1) .. text:sub(at + random(200) - 1)
            end
            assert(hunch.graph("c", text, { includes = headers })):text()
        end
    end)
end)
