-- Scans with rules on program graphs that a device solves: the same matches, witnesses and gaps as without one.
local device = require "support.device_module"
local module = require "support.engine_module"

local FILES = {
    c = { "rules/c", "precision/context.c", "precision/guard.c", "precision/memory.c", "precision/kept.c" },
    large = { "rules/c", "../../runtime/cache.c", "../../runtime/dir.c", "../../runtime/walk.c", "../../runtime/read.c",
        "../../runtime/autotune.c", "../../runtime/graph/flow_op.c", "../../runtime/graph/preprocess.c" },
    python = { "rules/python", "precision_python/calls.py", "precision_python/values.py" },
}

local function read(path)
    local file <close> = assert(io.open(path, "rb"))
    return file:read "a"
end

local function show(value)
    if type(value) ~= "table" then return tostring(value) end
    local keys, out = {}, {}
    for key in pairs(value) do keys[#keys + 1] = key end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for i, key in ipairs(keys) do out[i] = tostring(key) .. "=" .. show(value[key]) end
    return "{" .. table.concat(out, " ") .. "}"
end

--- What rules of a language find in its files, on the CPU, or on the emulated device with these options; the note.
local function scan(language, attached, sizes)
    collectgarbage() -- a device has the stacks of a thousand lanes, and a process 65,530 mappings
    local engine = assert(module.core.engine { cache = "", threads = 2 })
    local files, records = FILES[language], {}
    for i = 2, #files do
        records[i - 1] = { name = files[i], data = read("spec/graph/" .. files[i]) }
    end
    if attached then
        module.sizes(engine, sizes or { solve_least = 0 })
        device.attach(engine, attached)
    end
    local rules = assert(engine:compile { files[1] })
    local result = assert(rules:scan(records, { backend = attached and "cuda" or "cpu" }))
    local found = show { result.matches, result.incomplete }
    return found, #result.matches, result.stats.note, module.graphs_solved(engine)
end

describe("rules on program graphs", function()
    for _, language in ipairs { "c", "python" } do
        it("find on a device what they find without, in " .. language, function()
            local wanted, count = scan(language)
            assert.is_true(count > 10)
            local found, _, note, solved = scan(language, { seed = 3 })
            assert.equal(wanted, found)
            assert.is_nil(note)
            assert.is_true(solved > 0)
        end)
    end

    it("are solved there, where rows are so many, and by the host where that fails, which is said", function()
        local wanted = scan "c"
        local skip = { seed = 1, skip = "hunch_solve_up_kernel" }
        local found, _, note = scan("c", skip)
        assert.equal(wanted, found)
        assert.equal("the GPU failed: not every kernel that solves graphs says that it ran; the host went on alone",
            note)
        local solved
        found, _, note, solved = scan("c", skip, { solve_least = 1 << 40 })
        assert.equal(wanted, found)
        assert.is_nil(note)
        assert.equal(0, solved)
    end)

    it("are solved by the host where the device has no room for the graph, and nothing is incomplete", function()
        local wanted, count = scan "large"
        assert.is_true(count > 0)
        local found, _, note, solved = scan("large", { seed = 1, memory = 3000000 }, { solve_least = 0, slab = 1000 })
        assert.equal(wanted, found)
        assert.equal("the emulated device has no memory; the host solved graph rules", note)
        assert.equal(0, solved)
    end)
end)
