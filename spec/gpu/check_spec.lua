-- The backend cuda on a real GPU (make gpu-check): the naive engine's answers on random rules, and ref's on real
-- files. Fails where there is no GPU: nothing here may be left out in silence.
local differential = require "support.engine_differential"
local hunch = require "hunch"

local CASES = tonumber(os.getenv "HUNCH_GPU_CASES") or 1000
local TREE = os.getenv "HUNCH_TREE" or "lua runtime kernels docs rules"
-- Rules on source text; those on program graphs, rules/c and its like, have spec/gpu/graph_spec.lua.
local RULES = os.getenv "HUNCH_RULES" or "rules/secrets rules/files rules/logs rules/pii"
local THREADS = tonumber(os.getenv "HUNCH_THREADS") or 4

--- All matches and what was incomplete, as lines; and what the scan cost.
local function scan(compiled, options)
    local paths = {}
    for path in TREE:gmatch "%S+" do paths[#paths + 1] = path end
    local result = assert(compiled:scan_paths(paths, options))
    assert.is_nil(result.stats.note)
    assert.equal(options.backend, result.stats.backend)
    local out = {}
    for _, m in ipairs(result.matches) do
        local line = { m.record, m.rule, m.first, m.last }
        for _, c in ipairs(m.captures) do line[#line + 1] = c and c[1] .. "-" .. c[2] or "none" end
        out[#out + 1] = table.concat(line, " ")
    end
    for _, l in ipairs(result.incomplete) do out[#out + 1] = ("%s %s %s"):format(l.record, l.rule, l.reason) end
    return table.concat(out, "\n"), result.stats
end

describe("backend cuda", function()
    it("opens a GPU, and says which", function()
        local engine = assert(hunch.engine { backend = "cuda" })
        assert.equal("cuda", engine:info().backend)
    end)

    it(("equals the naive engine (%d rule sets)"):format(CASES), function()
        local counts = differential.run(1, CASES, 1, function() end)
        assert.is_true(counts.cases > CASES * 0.8 and counts.matches > 5 * CASES)
        print(("figure: %d scans, %d bytes, %d matches"):format(counts.scans, counts.bytes, counts.matches))
    end)

    it(("equals ref on %s with %s"):format(TREE, RULES), function()
        local engine = assert(hunch.engine { threads = THREADS })
        local paths = {}
        for path in RULES:gmatch "%S+" do paths[#paths + 1] = path end
        local compiled = assert(engine:compile(paths))
        local wanted, stats = scan(compiled, { backend = "ref", private = true })
        assert.is_true(stats.bytes > 100000)
        for _, route in ipairs { "fused", "chained", "serial" } do
            for _, tile_size in ipairs { 1024, 65536, 1 << 20 } do
                assert.equal(wanted, (scan(compiled,
                    { backend = "cuda", private = true, route = route, tile_size = tile_size })))
            end
        end
        print(("figure: %d files, %d bytes, %d matches"):format(stats.records, stats.bytes, stats.matches))
    end)
end)
