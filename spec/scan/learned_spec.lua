-- What scans learn of routes outlives the process: one entry of the autotune store for each group, backend and policy.
local hunch = require "hunch"

local RULES = [[
    rule "lit" { prefilter = any { "needle" } }
    rule "re" { prefilter = any { "key" }, confirm = { regex "key=[0-9]+" } }
]]

local RECORDS = {}
for i = 1, 2000 do RECORDS[i] = { name = "r" .. i, data = ("needle key=%d "):format(i):rep(2) } end

describe("what a scan has learned", function()
    local folder

    before_each(function()
        folder = os.tmpname()
        os.remove(folder)
        assert(os.execute("mkdir -m 700 '" .. folder .. "'"))
    end)

    after_each(function() os.execute("rm -rf '" .. folder .. "'") end)

    -- Scans with rules of its own, and frees them: { decisions of the first dispatch by group =, all }.
    local function scan(options, text)
        options = options or {}
        options.decisions, options.backend = "log", options.backend or "ref"
        local engine = assert(hunch.engine { cache = options.cache or folder, threads = 2 })
        options.cache = nil
        local first = {}
        do
            local rules <close> = assert(engine:compile { text = text or RULES, name = "x.lua" })
            local result = assert(rules:scan(RECORDS, options))
            assert.equal(8000, #result.matches)
            for _, d in ipairs(result.decisions) do first[d.group] = first[d.group] or d end
        end
        engine = nil -- luacheck: ignore
        collectgarbage()
        return first
    end

    local function entries()
        return hunch.autotune(folder .. "/autotune"):list()
    end

    local function exists(path)
        local file = io.open(path)
        return file and file:close()
    end

    it("is known to the next one", function()
        local first = scan()
        assert.same({ "untried", 0, "untried", 0 }, { first.literal.reason, first.literal.samples,
                                                      first.anchored.reason, first.anchored.samples })
        local second = scan()
        for _, group in ipairs { "literal", "anchored" } do
            assert.not_equal("untried", second[group].reason)
            assert.is_true(second[group].samples >= 8 and second[group].hit_rate_ppm > 150000)
        end
        local learned = {}
        for _, entry in ipairs(entries()) do
            learned[entry.learned.group] = entry.learned
            assert.is_true(entry.recorded_at > 1e9)
        end
        assert.same({ "ref", "cost-model", 2, "literal" }, { learned.literal.backend, learned.literal.policy,
                    learned.literal.rules, learned.literal.group })
        assert.is_true(learned.anchored.samples >= 16 and learned.anchored.predicted_ns.serial > 0)
    end)

    it("is each backend's, policy's and program's own", function()
        scan()
        for _, other in ipairs { { backend = "cpu" }, { policy = "commit-rate" } } do
            assert.equal(0, scan(other).anchored.samples)
        end
        assert.equal(0, scan({}, RULES .. "\nrule 'more' { prefilter = any { 'never' } }").anchored.samples)
        assert.equal(8, #entries())
        assert.is_true(scan().anchored.samples > 0)
    end)

    it("is a miss where the store is damaged, foreign, locked or not there", function()
        local function untried() assert.equal("untried", scan().anchored.reason) end
        local path = folder .. "/autotune"
        scan()
        local file = assert(io.open(path, "rb"))
        local good = file:read "a"
        file:close()
        local function store(bytes)
            file = assert(io.open(path, "wb"))
            file:write(bytes)
            file:close()
        end
        for _, bytes in ipairs {
            "", "HUNCHAT1", good:sub(1, -2), good .. "x", good:gsub("HUNCHGR1", "HUNCHGR0"),
            good:sub(1, 24) .. "\xff" .. good:sub(26), ("\0"):rep(#good),
        } do
            store(bytes)
            untried()
            assert.is_true(scan().anchored.samples > 0) -- and was written anew
        end
        store(good)
        assert(os.execute("chmod 755 '" .. folder .. "'")) -- others could have written it
        untried()
        assert(os.execute("chmod 700 '" .. folder .. "'"))
        assert.is_true(scan().anchored.samples > 0)
        local holder = assert(io.popen(("flock '%s.lock' sh -c 'echo held; exec sleep 20' & p=$!; read line; "
            .. "kill $p"):format(path), "w"))
        os.execute(("while flock -n '%s.lock' true; do sleep 0.05; done"):format(path))
        untried()
        holder:write "\n"
        holder:close()
    end)

    it("goes nowhere without a folder", function()
        scan { cache = "" }
        assert.equal("untried", scan({ cache = "" }).anchored.reason)
        assert.is_nil(exists(folder .. "/autotune"))
    end)

    it("is written while the rules live on, once it is enough", function()
        local engine = assert(hunch.engine { cache = folder, threads = 1, backend = "ref" })
        local rules = assert(engine:compile { text = RULES, name = "x.lua" })
        for _ = 1, 63 do assert(rules:scan(RECORDS)) end
        assert.is_nil(exists(folder .. "/autotune"))
        assert(rules:scan(RECORDS))
        assert.equal(2, #entries())
    end)
end)
