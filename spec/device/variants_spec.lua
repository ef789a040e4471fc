-- Kernels compiled for one program, raced in scans against the one for every program, on a driver made for specs: who
-- searches when, what is kept for the next process, and that nothing of it changes an answer or ends a scan.
local fake_cuda = require "support.fake_cuda"
local cjson = require "cjson"

-- Dispatches of one thread until there is a verdict in the store (settings with "again": another than before; "alone":
-- or 20); then so many more.
local SCAN = [[
    local more, settings = ...
    local module, gpu = require "support.engine_module", require "support.gpu_module"
    local cache = os.getenv "XDG_CACHE_HOME" .. "/hunch"
    local sizes = { race_after = 0, race_least = 1 }
    for name, value in settings:gmatch "(%S+)=(%d+)" do sizes[name] = tonumber(value) end
    local engine = assert(module.core.engine { backend = "cuda", threads = 1 })
    module.sizes(engine, sizes)
    local rules = assert(engine:compile { name = "x.lua", text = 'rule "a" { prefilter = any { "needle", ' ..
        'lit("other", "nocase") } } rule "b" { confirm = { regex "key=([0-9]+)" } }' })
    local function scan()
        local result = assert(rules:scan({ { name = "a", data = ("a needle, key=12, OTHER "):rep(40) } },
                                         { route = "chained" }))
        assert(#result.matches == 120 and #result.incomplete == 0 and result.stats.note == nil, result.stats.note)
    end
    local store = module.core.autotune(cache .. "/autotune")
    local function verdict()
        for _, entry in ipairs(store:list()) do
            local said = entry.variants and { entry.variants.problem or "" }
            for _, raced in ipairs(said and entry.variants.raced or {}) do said[#said + 1] = raced.compile_ns end
            if said then return table.concat(said, " ") end
        end
    end
    local before = verdict()
    for _ = 1, before and not settings:find "again" and 0 or settings:find "alone" and 20 or 2000 do
        scan()
        if verdict() ~= before then break end
    end
    for _ = 1, tonumber(more) do scan() end
]]

describe("kernels compiled for a program", function()
    local fake

    before_each(function() fake = fake_cuda.new() end)
    after_each(function() fake:remove() end)

    -- Who searched, one word a dispatch: "all" is the kernel for every program.
    local function searched()
        local list = {}
        for line in io.lines(fake:at "log") do
            local lanes = line:match "^kernel hunch_prefilter_kernel@?(%d*)$"
            if lanes then list[#list + 1] = lanes == "" and "all" or lanes end
        end
        return list
    end

    local function scan(words, more, settings)
        local output, status = fake:lua("time=1000 " .. (words or ""), SCAN, tostring(more or 5), settings or "")
        assert.equal(0, status, output)
        assert.equal(1, fake:calls "left: 0 bytes, 0 modules, 0 streams")
        return searched()
    end

    local function only(name, list)
        for _, word in ipairs(list) do assert.equal(name, word) end
    end

    local function count(list, first, last)
        local counts = {}
        for i = first, last do counts[list[i]] = (counts[list[i]] or 0) + 1 end
        return counts
    end

    local function info()
        local output, status = fake:hunch("", "info --tuning --format jsonl")
        assert.equal(0, status, output)
        local found
        for _, entry in ipairs(cjson.decode(output).tuning) do
            if entry.what == "variants" then
                assert.is_nil(found)
                found = entry
            end
        end
        return found
    end

    it("take turns with the one for every program, 8 dispatches each, and the fastest goes on", function()
        local list = scan("time1024=950 time896=800 time768=850", 5)
        local last = #list - 5
        assert.same({ all = last - 24, ["1024"] = 8, ["896"] = 8, ["768"] = 8 }, count(list, 1, last))
        assert.is_true(last >= 48)
        assert.same({ ["896"] = 5 }, count(list, last + 1, #list))
        local order = {}
        for i = 1, last do
            if list[i] ~= "all" then
                assert.equal("all", list[i - 1])
                order[#order + 1] = list[i]
            end
        end
        assert.equal(("1024 "):rep(8) .. ("896 "):rep(8) .. ("768 "):rep(8), table.concat(order, " ") .. " ")
    end)

    it("are there from the first dispatch of the next process on, and nothing is compiled", function()
        scan "time896=800"
        for _ = 1, 2 do
            only("896", scan())
            assert.equal(0, fake:calls "nvrtcCompileProgram")
        end
    end)

    it("are not used where they are slower or as fast, which is kept as well", function()
        for _, words in ipairs { "time1024=1001 time896=1200 time768=1300", "" } do
            scan(words)
            only("all", scan(words))
            assert.equal(0, fake:calls "nvrtcCompileProgram")
            assert(os.remove(fake:at "cache/hunch/autotune"))
        end
    end)

    -- Of the first dispatches, before a race can be over: the kernel for every program and a form each.
    local function races_again(words, settings)
        local list = scan(words, 0, settings)
        assert.equal("all", list[1])
        assert.is_true(#list >= 48)
        return list
    end

    it("race again where the store is damaged, of another version, of somebody else or gone", function()
        local path = fake:at "cache/hunch/autotune"
        scan "time896=800"
        local file = assert(io.open(path, "rb"))
        local good = file:read "a"
        file:close()
        local function put(bytes)
            file = assert(io.open(path, "wb"))
            file:write(bytes)
            file:close()
        end
        local version = good:sub(1, 28) .. "\9\9\9\9" .. good:sub(33)
        local changed = good:sub(1, 99) .. "\0\1" .. good:sub(102)
        for _, bytes in ipairs { "", good:sub(1, -2), good .. "x", changed, version } do
            put(bytes)
            races_again "time896=800"
            assert.equal(0, fake:calls "nvrtcCompileProgram") -- what was compiled is still there
            only("896", scan "time896=800")
        end
        if fake_cuda.shell "id -u" == "0\n" then
            assert(os.execute(("chown 65534 '%s'"):format(path)))
            races_again "time896=800"
        end
        assert(os.remove(path))
        races_again "time768=700"
        only("768", scan())
    end)

    it("race again for another program, driver, GPU or size of dispatches", function()
        scan "time896=800"
        for _, words in ipairs { "driver=13010", "capability=100" } do
            assert.equal("all", scan(words .. " time896=800", 1)[1])
        end
        only("896", scan())
        only("all", scan("", 5, "race_least=100000 alone"))
    end)

    it("wait for nobody who has the store locked, and race", function()
        scan "time896=800"
        local output, status = fake:run("time=1000 time896=800",
            ("sh -c \"flock '%s' sleep 2 > /dev/null 2>&1 & sleep 0.2; %s '%s' 3 alone\""):format(
                fake:at "cache/hunch/autotune.lock", os.getenv "LUA" or "lua5.4", fake:at "chunk.lua"))
        assert.equal(0, status, output)
        assert.equal("all", searched()[1])
    end)

    it("are compiled and raced again when the compiled one is gone", function()
        scan "time896=800"
        assert(os.execute(("rm '%s'/cubin-*"):format(fake:at "cache/hunch")))
        races_again("time896=800", "again")
        assert.is_true(fake:calls "nvrtcCompileProgram" >= 3)
        only("896", scan())
    end)

    it("are not there when they do not compile: it is said, and tried again by the next process", function()
        scan("", 0, "race_after=100000 alone")
        only("all", scan("nvrtcCompileProgram=6"))
        assert.equal(1, fake:calls "nvrtcCompileProgram")
        local found = info()
        assert.same({}, found.raced)
        assert.matches("does not compile prefilter.cu for one program for sm_90", found.problem, 1, true)
        local text = fake:hunch("", "info --tuning")
        assert.matches("\n    problem: NVRTC 13.0 does not compile", text, 1, true)
        assert.matches("\n    raced: nothing\n", text, 1, true)
        -- The first form compiles, the others do not.
        local list = scan("nvrtcCompileProgram@2=6 time1024=900", 5, "again")
        assert.same({ ["1024"] = 5 }, count(list, #list - 4, #list))
        assert.is_string(info().problem)
        races_again("time896=800", "again")
        assert.is_nil(info().problem)
    end)

    it("that do not start are left, with the same answer", function()
        local list = scan "time896=800 launch896=701 time768=900"
        only("768", { table.unpack(list, #list - 4) })
        list = scan("launch768=701")
        assert.equal("768", list[1])
        only("all", { table.unpack(list, 2) })
    end)

    it("are not compiled before the program was searched for long enough", function()
        only("all", scan("", 5, "race_after=100000 alone"))
        local compiled = fake:calls "nvrtcCompileProgram"
        only("all", scan("", 5, "race_after=100000 alone"))
        assert.is_true(compiled > 0)
        assert.equal(0, fake:calls "nvrtcCompileProgram")
    end)

    it("do not hold up the scan, and an engine that is closed meanwhile ends them", function()
        scan("", 0, "race_after=100000 alone") -- what every program needs is compiled
        local began = os.time()
        only("all", scan("compile_ms=1000", 0, "alone"))
        assert.is_true(fake:calls "nvrtcCompileProgram" <= 2)
        assert.is_true(os.time() - began <= 3)
    end)

    it("are shown by info --tuning, with what was measured", function()
        scan "time1024=950 time896=800 time768=850"
        local found = info()
        assert.equal("speculative", found.winner)
        assert.same({ 1, 1 << 20, 1, 896, 1024 },
                    { found.from_bytes, found.bytes, found.unroll, found.workgroup, found.tile })
        assert.equal("fake GPU, compute capability 9.0, driver for CUDA 13.0", found.adapter)
        local lanes, wins = {}, {}
        for i, raced in ipairs(found.raced) do
            lanes[i], wins[i] = raced.workgroup, raced.wins
            assert.same({ conservative = 8, speculative = 8 }, raced.samples)
            assert.is_true(raced.compile_ns > 0)
        end
        assert.same({ 1024, 896, 768 }, lanes)
        assert.same({ false, true, false }, wins)
        local bytes = 24 * 40
        assert.same({ conservative = 1000 * (1 << 20) // bytes, speculative = 800 * (1 << 20) // bytes },
                    found.raced[2].median_ns)
        local text = fake:hunch("", "info --tuning")
        assert.matches("\n    winner: speculative, 896 lanes, 1 ahead\n", text, 1, true)
        assert.matches("1024 lanes, 1 ahead: 1.%d+ ms, conservative 1.%d+ ms, for 1 MiB; medians of 8 and 8", text)
    end)

    it("serve several engines, and threads that search at the same time", function()
        local output, status = fake:lua("time=1000 time896=800", [[
            local module = require "support.engine_module"
            local records, rules = {}, {}
            for i = 1, 16 do records[i] = { name = tostring(i), data = ("a needle " .. i):rep(50) } end
            for i = 1, 2 do
                local engine = assert(module.core.engine { backend = "cuda", threads = 4 })
                module.sizes(engine, { race_after = 0, race_least = 1, inline_most = 0, slab = 1000, batch = 1000 })
                rules[i] = assert(engine:compile { name = "x.lua", text = "rule 'a' { prefilter = any { 'needle' } }" })
            end
            for _ = 1, 4 do
                for i = 1, 2 do
                    local result = assert(rules[i]:scan(records, { route = "chained" }))
                    assert(#result.matches == 800 and result.stats.note == nil, result.stats.note)
                end
            end
            local store = module.core.autotune(os.getenv "XDG_CACHE_HOME" .. "/hunch/autotune")
            local function decided()
                for _, entry in ipairs(store:list()) do if entry.variants then return true end end
            end
            local function search()
                assert(#rules[1]:scan({ records[1] }, { route = "chained" }).matches == 50)
            end
            for _ = 1, 200 do -- of searches at the same time one is measured
                if decided() then break end
                search()
            end
            search() -- the winner's, however late it was found
        ]])
        assert.equal(0, status, output)
        assert.is_true(fake:calls "kernel hunch_prefilter_kernel@896" > 8)
        assert.equal(1, fake:calls "left: 0 bytes, 0 modules, 0 streams")
        assert.equal(896, info().workgroup)
    end)
end)
