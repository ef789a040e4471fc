-- The kernels of examples/own_kernel, and a naive search that is what they must find and, on ref and cpu, the host's
-- functions. For specs that run in this process, and for chunks of support.fake_cuda.
local hunch = require "hunch"
local random = require "support.random"

local M = {}

local SAN = os.getenv "HUNCH_SAN"
local TILE, THREADS = 256, 128

local function read(path)
    local file <close> = assert(io.open(path, "rb"))
    return file:read "a"
end

M.SOURCE = read "examples/own_kernel/cards.cu"
M.HEADERS = { { name = "card_tile.h", text = read "examples/own_kernel/card_tile.h" } }

-- ---- a naive search, which is also the host's functions ----

local function luhn(digits)
    local sum = 0
    for i = 1, #digits do
        local n = (digits:byte(-i) - 48) * (i % 2 == 0 and 2 or 1)
        sum = sum + (n > 9 and n - 9 or n)
    end
    return sum % 10 == 0
end

-- By tile: does the gate hold, how many numbers begin there?
function M.search(text)
    local gates, counts = {}, {}
    for tile = 1, (#text + TILE - 1) // TILE do gates[tile], counts[tile] = 0, 0 end
    for first, digits in text:gmatch "()(%d+)" do
        local tile = (first - 1) // TILE + 1
        if #digits >= 13 then gates[tile] = 1 end
        if #digits >= 13 and #digits <= 19 and luhn(digits) then counts[tile] = counts[tile] + 1 end
    end
    return gates, counts
end

function M.packed(numbers)
    local parts = {}
    for i, n in ipairs(numbers) do parts[i] = string.pack("<I4", n) end
    return table.concat(parts)
end

local function unpacked(bytes)
    local numbers = {}
    for at = 1, #bytes, 4 do numbers[#numbers + 1] = string.unpack("<I4", bytes, at) end
    return numbers
end

local function sum(numbers)
    local n = 0
    for _, each in ipairs(numbers) do n = n + each end
    return n
end

local hosts = {
    fused = function(inputs, sizes, arguments)
        local gates, counts = M.search(inputs[1])
        assert(arguments[1] == #gates and sizes[1] == 4 * #gates + 8)
        return { M.packed(counts) .. hunch.encode_counter_tail(sum(gates), #gates - sum(gates)) }
    end,
    prefilter = function(inputs) return { M.packed((M.search(inputs[1]))) } end,
    confirm = function(inputs)
        local _, counts = M.search(inputs[1])
        local found = {}
        for i, tile in ipairs(unpacked(inputs[2])) do found[i] = counts[tile + 1] end
        return { M.packed(found) }
    end,
}

-- ---- an engine with the three kernels ----

--- On cuda they have no host functions, which could hide that they do not run there.
function M.open(backend)
    local engine = assert(hunch.engine { backend = backend })
    local kernels = {}
    for _, name in ipairs { "fused", "prefilter", "confirm" } do
        kernels[name] = assert(engine:kernel {
            name = "cards_" .. name .. "_kernel",
            source = M.SOURCE,
            source_name = "cards.cu",
            headers = M.HEADERS,
            host = backend ~= "cuda" and hosts[name] or nil,
        })
    end
    return engine, kernels
end

local function blocks(lanes)
    return math.max(1, (lanes + THREADS - 1) // THREADS)
end

--- Arguments of prefilter_confirm for one text.
function M.pair(engine, kernels, text, mode, speculator)
    local tiles = (#text + TILE - 1) // TILE
    local function launch(kernel, size)
        return { kernel = kernel, blocks = blocks(tiles), threads = THREADS, outputs = { size }, arguments = { tiles } }
    end
    return {
        backend = engine,
        speculator = speculator or hunch.speculator(),
        mode = mode,
        tiles = tiles,
        inputs = { text },
        plan = {
            fused = launch(kernels.fused, 4 * tiles + 8),
            prefilter = launch(kernels.prefilter, 4 * tiles),
            strip_tail = true,
        },
        confirm_serial = function(prefiltered)
            local list, found = {}, {}
            for tile, gate in ipairs(unpacked(prefiltered[1])) do
                found[tile] = 0
                if gate == 1 then list[#list + 1] = tile - 1 end
            end
            local seen = { committed = #list, rolled_back = tiles - #list }
            if #list == 0 then return { M.packed(found) }, seen end
            local outputs, message = engine:dispatch({ kernel = kernels.confirm, blocks = blocks(#list),
                threads = THREADS, outputs = { 4 * #list } }, { text, M.packed(list) })
            if not outputs then return nil, message end
            for i, n in ipairs(unpacked(outputs[1])) do found[list[i] + 1] = n end
            return { M.packed(found) }, seen
        end,
    }
end

function M.texts()
    local next_number = random.generator(5)
    local list = { "", "4111111111111111", ("9"):rep(5000) }
    list[4] = ("x"):rep(TILE - 5) .. list[2] .. ("y"):rep(TILE)
    for _ = 1, SAN and 5 or 20 do
        local parts = {}
        for _ = 1, next_number(400) do
            local digits = {}
            for i = 1, next_number(4) == 1 and next_number(21) or 0 do digits[i] = next_number(10) - 1 end
            parts[#parts + 1] = table.concat(digits) .. ("."):rep(next_number(30))
        end
        list[#list + 1] = table.concat(parts)
    end
    return list
end

--- Every text on every route. Returns how many dispatches; raises an error where one is not what it must be.
function M.compare(engine, kernels)
    local n = 0
    for _, text in ipairs(M.texts()) do
        local gates, counts = M.search(text)
        local wanted, tail = M.packed(counts), hunch.encode_counter_tail(sum(gates), #gates - sum(gates))
        for _, mode in ipairs { "force", "disable", "auto" } do
            local r = assert(hunch.prefilter_confirm(M.pair(engine, kernels, text, mode)))
            assert(#r.outputs == 1 and r.outputs[1] == wanted and not r.fallback, mode)
            assert(mode == "auto" or r.speculated == (mode == "force"), mode)
            assert(not r.speculated or hunch.encode_counter_tail(r.report) == tail, mode)
            n = n + 1
        end
    end
    return n
end

--- What a speculator has learned of commit rates after the texts in a row.
function M.learn(engine, kernels)
    local speculator = hunch.speculator { policy = "commit-rate" }
    for _, text in ipairs(M.texts()) do
        assert(hunch.prefilter_confirm(M.pair(engine, kernels, text, nil, speculator)))
    end
    return speculator:save()
end

return M
