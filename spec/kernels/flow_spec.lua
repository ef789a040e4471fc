-- flow_tile.h as C and as a kernel on the emulator, on random functions; spec/graph/solve_spec.lua has the definition.
local flow = require "support.flow_module"
local random_numbers = require "support.random"
local simt = require "support.simt_module"

local MORE = os.getenv "HUNCH_SAN" and 1 or 4

local function pack(n, f)
    local words = {}
    for i = 1, n do words[i] = string.pack("<I4", f(i)) end
    return table.concat(words)
end

describe("flow_tile.h", function()
    it("says the same as a kernel, whatever the block", function()
        local random = random_numbers.generator(81)
        local reached = 0
        for _ = 1, 40 * MORE do
            local nodes, words, labels, classes = random(30), random(5), 3, 4
            local edge = {}
            for _ = 1, random(3 * nodes) - 1 do
                edge[#edge + 1], edge[#edge + 2], edge[#edge + 3] = random(nodes) - 1, random(nodes) - 1, random(classes) - 1
            end
            local label = {}
            for i = 1, nodes do label[i] = random(labels) - 1 end
            local graph = flow.flat({ { label = label, formal = {}, result = {}, edge = edge, call = {} } }, classes)
            local function any() return random(0x100000000) - 1 end
            local rules = {
                nodes = nodes, words = words, mask = pack(classes * words, function() return any() | any() end),
                gen = pack(labels * words, function() return any() & any() & any() end),
                keep = pack(labels * words, function() return any() | any() | any() end),
            }
            local row = pack(nodes * words, function() return random(3) == 1 and any() & any() or 0 end)
            for sources = 0, 1 do
                local expected = flow.tile(graph, rules, sources, row)
                for seed, block in ipairs { 1, 7, 32 } do
                    local out = simt.buffer(row)
                    local ok, status, message = simt.launch("hunch_flow_kernel",
                        { grid = (words + block - 1) // block, block = block, seed = seed },
                        { simt.buffer(graph.first), simt.buffer(graph.edges), simt.buffer(graph.label), nodes,
                          simt.buffer(rules.mask), simt.buffer(rules.gen), simt.buffer(rules.keep), words, sources, out })
                    assert.is_true(ok, tostring(status) .. " " .. tostring(message))
                    assert.equal(expected, out:bytes())
                end
                reached = reached + (expected ~= row and 1 or 0)
            end
        end
        assert.is_true(reached > 20)
    end)

    it("cuts what a mask cuts: the example at its head", function()
        local functions = { { label = { 1, 0, 0, 0 }, edge = { 0, 1, 0, 1, 2, 1, 1, 3, 0, 2, 3, 0 }, formal = {},
            result = {}, call = {} } }
        local rules = { nodes = 4, words = 1, mask = pack(2, function(i) return i == 1 and 1 or 0 end),
            gen = pack(2, function(i) return i - 1 end), keep = pack(2, function() return 1 end) }
        local row = flow.tile(flow.flat(functions, 2), rules, 1, ("\0"):rep(16))
        assert.equal(pack(4, function(i) return i == 3 and 0 or 1 end), row)
    end)
end)
