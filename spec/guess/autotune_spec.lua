-- The autotune store from Lua, and files that are not what they should be: always a miss, never an error. Processes,
-- locks, memory: spec/support/guess_store.c.
local hunch = require "hunch"
local native = require "hunch.native"
local tree = require "support.tree"
local io_module = require "support.io_module"

local SAN = os.getenv "HUNCH_SAN"

local ID = { program = "rules", binding = 3, workgroup = 256,
    adapter = { name = "H200", capability = 90, driver = "550" } }
local TUNING = { workgroup = 128, unroll = 4, tile = 8192, winner = "speculative", recorded_at = 1700000000,
    median_ns = { conservative = 900, speculative = 400 }, samples = { conservative = 8, speculative = 9 } }

describe("hunch.autotune", function()
    local folder, path

    before_each(function()
        folder = tree.new()
        path = folder:at "store"
    end)
    after_each(function() folder:remove() end)

    local function read()
        local file = assert(io.open(path, "rb"))
        local bytes = file:read "a"
        file:close()
        return bytes
    end

    -- What a new store finds in the file.
    local function count() return #hunch.autotune(path):list() end

    it("keeps tunings by key, across stores", function()
        local store = hunch.autotune(path)
        assert.equal(path, store:path())
        assert.is_nil(store:get(ID))
        assert.is_true(store:put(ID, TUNING))
        assert.same(TUNING, store:get(ID))
        assert.same(TUNING, hunch.autotune(path):get(store:key(ID)))
        local with_state = { winner = "conservative", state = "any\0bytes" }
        assert.is_true(store:put(("0"):rep(32), with_state))
        local list = hunch.autotune(path):list()
        assert.equal(2, #list)
        assert.same({ ("0"):rep(32), store:key(ID) }, { list[1].key, list[2].key })
        assert.equal("any\0bytes", list[1].state)
        assert.is_true(math.abs(list[1].recorded_at - os.time()) < 100)
        assert.is_true(store:clear())
        assert.same({}, store:list())
        assert.equal(0, count())
    end)

    it("uses up what a process that was killed while it wrote has left", function()
        local left = assert(io.open(path .. ".new", "wb"))
        left:write(("half a file"):rep(1000))
        left:close()
        assert.is_true(hunch.autotune(path):put(ID, TUNING))
        assert.equal(1, count())
        assert.is_nil(io.open(path .. ".new", "rb"))
    end)

    it("does not wait for a pipe that bears the name of its temporary, whoever reads from it", function()
        os.execute(("mkfifo %s.new"):format(path))
        do
            local late <close> = hunch.autotune(path)
            assert.is_false(late:put(ID, TUNING))
            assert.same(TUNING, late:get(ID))
        end
        assert.equal(0, count())
        local reader = io.popen(("timeout 5 cat %s.new"):format(path))
        os.execute "sleep 0.2"
        local store <close> = hunch.autotune(path)
        assert.is_false(store:put(ID, TUNING))
        assert.equal("", reader:read "a")
        reader:close()
        os.remove(path .. ".new")
        assert.is_true(store:put(ID, TUNING))
    end)

    it("has another key for everything that counts", function()
        local store = hunch.autotune ""
        local seen, n = { [store:key(ID)] = true }, 1
        local function differs(change)
            local id = {}
            for k, v in pairs(ID) do id[k] = v end
            for k, v in pairs(change) do id[k] = v end
            local key = store:key(id)
            assert.matches("^%x+$", key)
            assert.equal(32, #key)
            assert.is_nil(seen[key])
            seen[key], n = true, n + 1
        end
        differs { program = "other" }
        differs { binding = 4 }
        differs { workgroup = 128 }
        differs { specialisation = "x" }
        differs { adapter = { name = "H100", capability = 90, driver = "550" } }
        differs { adapter = { name = "H200", capability = 89, driver = "550" } }
        differs { adapter = { name = "H200", capability = 90, driver = "551" } }
        differs { adapter = { name = "H200550", capability = 90, driver = "" } }
        assert.equal(9, n)
        local hash = native.hash("rules"):gsub(".", function(c) return ("%02x"):format(c:byte()) end)
        local same = {}
        for k, v in pairs(ID) do same[k] = v end
        same.program = hash
        assert.equal(store:key(ID), store:key(same))
        same.program = hash:upper()
        assert.equal(store:key(ID), store:key(same))
        store:put(hash:upper(), TUNING)
        assert.same(TUNING, store:get(hash))
    end)

    it("puts what it has listed", function()
        local store, other = hunch.autotune(path), hunch.autotune ""
        store:put(ID, TUNING)
        local listed = store:list()[1]
        assert.is_false(other:put(listed.key, listed)) -- no file
        assert.same(TUNING, other:get(ID))
    end)

    it("refuses arguments that cannot be", function()
        local store = hunch.autotune(path)
        for _, key in ipairs { "", "xyz", ("g"):rep(32), ("0"):rep(31), ("0"):rep(33), 5 } do
            assert.is_false(pcall(store.get, store, key))
        end
        for _, tuning in ipairs {
            { winner = "me" }, { workgroup = -1 }, { median_ns = 5 }, { samples = { speculative = 1 << 32 } },
            { state = 5 },
        } do
            assert.is_false(pcall(store.put, store, ID, tuning))
        end
        local none, message = store:put(ID, { state = ("x"):rep(16385) })
        assert.is_nil(none)
        assert.matches("at most 16384 are kept", message)
        assert.is_false(pcall(store.key, store, { adapter = "H200" }))
        assert.is_false(pcall(hunch.autotune, path .. "\0-other"))
        for _, text in ipairs { "H200\0", { "H200" } } do
            assert.is_false(pcall(store.key, store, { adapter = { name = text } }))
        end
        getmetatable(store).__close(store)
        assert.is_false(pcall(store.list, store))
    end)

    it("lets the least recently used go first", function()
        local store = hunch.autotune(path, { most = 3 })
        for i = 1, 3 do assert.is_true(store:put({ binding = i }, TUNING)) end
        store:get { binding = 1 }
        store:put({ binding = 4 }, TUNING)
        assert.equal(3, #store:list())
        assert.is_nil(store:get { binding = 2 })
        assert.is_table(store:get { binding = 1 })
    end)

    it("lies in the cache folder where no path is given", function()
        local code = [[local store = require("hunch").autotune() store:put({ binding = 1 }, {}) print(store:path())]]
        local pipe = io.popen(("XDG_CACHE_HOME='%s' lua5.4 -e '%s' 2>&1"):format(folder:at "cache", code))
        assert.equal(folder:at "cache/hunch/autotune" .. "\n", pipe:read "a")
        pipe:close()
        path = folder:at "cache/hunch/autotune"
        assert.equal(1, count())
        pipe = io.popen("stat -c %a " .. folder:at "cache/hunch")
        assert.equal("700\n", pipe:read "a")
        pipe:close()
    end)

    it("takes a damaged file for an empty one, and writes a good one over it", function()
        local store = hunch.autotune(path)
        store:put({ binding = 1 }, { state = "some state" })
        store:put({ binding = 2 }, TUNING)
        local good = read()
        assert.equal(2, count())
        for size = 0, #good - 1 do
            folder:write("store", good:sub(1, size))
            assert.equal(0, count())
        end
        for i = 1, #good do
            for bit = i % 3, 7, SAN and 7 or 3 do
                folder:write("store", good:sub(1, i - 1) .. string.char(good:byte(i) ~ 1 << bit) .. good:sub(i + 1))
                assert.equal(0, count(), ("byte %d bit %d"):format(i, bit))
            end
        end
        for _, bytes in ipairs { "", "\n", good .. "\0", good .. good, ("\255"):rep(4096), ("\0"):rep(4096) } do
            folder:write("store", bytes)
            assert.equal(0, count())
            assert.is_nil(hunch.autotune(path):get(ID))
        end
        assert.is_true(hunch.autotune(path):put(ID, TUNING))
        assert.equal(1, count())
    end)

    -- The same with a checksum that is right: what it says must not be believed for that.
    it("takes a file that lies for an empty one", function()
        local store = hunch.autotune(path)
        store:put({ binding = 1 }, { state = "some state" })
        store:put({ binding = 2 }, TUNING)
        local good = read()
        local function sealed(bytes) return bytes:sub(1, 8) .. native.hash(bytes:sub(25)) .. bytes:sub(25) end
        assert.equal(good, sealed(good))
        local function with(at, text) return sealed(good:sub(1, at - 1) .. text .. good:sub(at + #text)) end
        local first = good:sub(49, 64)
        for _, lie in ipairs {
            with(25, string.pack("<I4", 2)), -- schema
            with(29, string.pack("<I4", 0x000200)), -- version 0.2.0
            with(33, string.pack("<I8", 0)), -- the clock is behind an entry's
            with(41, string.pack("<I8", 1)), with(41, string.pack("<I8", 3)), with(41, string.pack("<i8", -1)), -- count
            with(49, ("\255"):rep(16)), -- keys not in order
            with(49 + 28, string.pack("<I4", 2)), -- winner
            with(49 + 40, string.pack("<I4", 1 << 20)), with(49 + 40, "\255\255\255\255"), -- size of a state
            with(49 + 44, "\1"), -- reserved
            sealed(good .. first), sealed(good:sub(1, -2)), sealed(good:sub(1, 48)),
        } do
            folder:write("store", lie)
            assert.equal(0, count())
        end
        for i = 25, #good do -- any other lie is read, or it is not; both do no harm
            folder:write("store", with(i, string.char(good:byte(i) ~ 0x81)))
            local other = hunch.autotune(path)
            other:list()
            other:get { binding = 1 }
        end
        folder:write("store", good)
        assert.equal(2, count())
    end)

    it("does not use what is not this user's alone", function()
        local store = hunch.autotune(path)
        assert.is_true(store:put(ID, TUNING))
        local good = read()
        os.execute("chmod 755 " .. folder.path)
        assert.equal(0, count())
        do -- what is not written is tried again when it is closed: not later, when that would succeed
            local late <close> = hunch.autotune(path)
            assert.is_false(late:put({ binding = 9 }, TUNING))
        end
        assert.is_false(hunch.autotune(path):clear())
        os.execute("chmod 700 " .. folder.path)
        assert.equal(1, count())
        assert.equal(good, read())
        os.execute(("mv %s %s.real && ln -s %s.real %s"):format(path, path, path, path))
        assert.equal(0, count()) -- a link
        os.execute(("rm %s && mkfifo %s"):format(path, path))
        assert.equal(0, count()) -- nobody writes into it
        os.execute(("rm %s && mkdir %s"):format(path, path))
        assert.equal(0, count())
        do
            local late <close> = hunch.autotune(path)
            assert.is_false(late:put(ID, TUNING)) -- and cannot be replaced
        end
        os.execute(("rmdir %s && mv %s.real %s"):format(path, path, path))
        assert.equal(1, count())
        if os.execute(("chown 12345 %s 2>/dev/null"):format(path)) then -- by root only
            assert.equal(0, count())
            os.execute(("chown $(id -u) %s && chown 12345 %s"):format(path, folder.path))
            assert.equal(0, count())
            os.execute(("chown $(id -u) %s"):format(folder.path))
            assert.equal(1, count())
        end
        path = "/dev/null/nowhere/store"
        assert.equal(0, count())
        assert.is_false(hunch.autotune(path):put(ID, TUNING))
    end)

    it("keeps in this object what it cannot write", function()
        path = folder:at "later/store"
        io_module.mkdir(folder:at "later")
        os.execute("chmod 777 " .. folder:at "later")
        local store = hunch.autotune(path)
        assert.is_false(store:put(ID, TUNING))
        assert.same(TUNING, store:get(ID))
        assert.equal(0, count())
        os.execute("chmod 700 " .. folder:at "later")
        getmetatable(store).__close(store)
        assert.equal(1, count())
    end)

    it("leaves no temporary files", function()
        local store = hunch.autotune(path)
        for i = 1, 20 do store:put({ binding = i }, TUNING) end
        local pipe = io.popen("ls -A " .. folder.path)
        assert.equal("store\nstore.lock\n", pipe:read "a")
        pipe:close()
    end)
end)

describe("hunch.race", function()
    local function run(race, variant, ...)
        for _, ns in ipairs { ... } do race:dispatched(variant, ns) end
    end

    local function repeated(n, ns)
        local list = {}
        for i = 1, n do list[i] = ns end
        return table.unpack(list)
    end

    it("needs 8 samples of each", function()
        local race = hunch.race()
        run(race, "conservative", repeated(8, 1000))
        run(race, "speculative", repeated(7, 400))
        assert.is_nil(race:decide())
        assert.equal("speculative", race:next())
        run(race, "speculative", 400)
        assert.equal("conservative", race:next())
        assert.same({ "speculative", 600 }, { race:decide().winner, race:decide().saved_ns })
    end)

    it("adds the compile time once to the median of the dispatches; a tie stays conservative", function()
        local race = hunch.race()
        run(race, "conservative", 5, 1000, 1000, 1000, 1000, 1000, 1000, 90000)
        run(race, "speculative", repeated(8, 600))
        race:compiled("speculative", 400)
        race:compiled("speculative", 300) -- the first one counts
        assert.same({ winner = "conservative", saved_ns = 0, autotune_key = ("0"):rep(32),
            compile_ns = { conservative = 0, speculative = 400 },
            median_ns = { conservative = 1000, speculative = 600 },
            total_ns = { conservative = 1000, speculative = 1000 }, samples = { conservative = 8, speculative = 8 } },
            race:decide())
        race:compiled("conservative", 1)
        assert.same({ "speculative", 1 }, { race:decide().winner, race:decide().saved_ns })
    end)

    it("saturates totals", function()
        local race = hunch.race { dispatches = math.maxinteger }
        run(race, "conservative", repeated(8, math.maxinteger))
        run(race, "speculative", repeated(8, 4))
        local d = race:decide()
        assert.same({ "conservative", 0, math.maxinteger }, { d.winner, d.saved_ns, d.total_ns.speculative })
    end)

    it("keeps the winner's tuning, and the verdict where it can be looked up", function()
        local store = hunch.autotune ""
        local options = { specialisation = "this program", dispatches = 100 }
        for k, v in pairs(ID) do options[k] = v end
        local race = assert(hunch.race(options))
        local none, message = race:keep(store)
        assert.is_nil(none)
        assert.matches("no winner yet; each variant needs 8 dispatches", message)
        run(race, "conservative", repeated(8, 1000))
        run(race, "speculative", repeated(8, 500))
        race:compiled("speculative", 20000)
        assert.is_true(race:keep(store, { workgroup = 64, unroll = 2, tile = 4096 }))
        local verdict = store:get(ID) -- without the specialisation
        assert.same({ "speculative", 64, 1000, 500, 8 }, { verdict.winner, verdict.workgroup,
            verdict.median_ns.conservative, verdict.median_ns.speculative, verdict.samples.speculative })
        assert.equal(store:key(options), race:decide().autotune_key)
        assert.same(verdict, store:get(race:decide().autotune_key))
        assert.is_nil((hunch.race():keep(store)))
    end)

    it("refuses what cannot be", function()
        local race = hunch.race()
        assert.is_false(pcall(race.dispatched, race, "speculative\0", 1))
        assert.is_false(pcall(race.dispatched, race, "fast", 1))
        assert.is_false(pcall(race.dispatched, race, "speculative", -1))
        assert.is_false(pcall(race.keep, race, 5))
        assert.is_false(pcall(hunch.race, { dispatches = -1 }))
        assert.is_nil((hunch.race { specialisation = ("0"):rep(32) }))
    end)
end)
