-- Memory stays bounded whatever the input: a 4 GB file, floods, many files, many matches. Measured by python3, as the
-- most that was resident at any time.
local figures = require "support.figures"
local tree = require "support.tree"

local BUILD = os.getenv "HUNCH_BUILD" or "build"
local LIMIT = 200 -- MB, and 1.1 times the program

local MEASURE = [[
import resource, subprocess, sys
r = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(r.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
]]

describe("a scan with 2 threads", function()
    local folder, program_mb
    local ASSIGNED = 'password ' .. '= "s3cr3tXk2!pqZ9' -- in two pieces: this file holds no secret

    local function peak_of(rules, ...)
        local words = { ("'%s/hunch' scan -r '%s' --threads 2 --no-progress"):format(BUILD, folder:at(rules)), ... }
        local pipe = io.popen(("python3 '%s' %s"):format(folder:at "measure.py", table.concat(words, " ")))
        local status, mb = pipe:read("a"):match "^(%d+) (%d+)"
        pipe:close()
        return tonumber(mb), tonumber(status)
    end

    local function peak(...) return peak_of("program", ...) end

    setup(function()
        folder = tree.new()
        folder:write("measure.py", MEASURE)
        assert(os.execute(("'%s/hunch' compile rules -o '%s' >/dev/null 2>&1"):format(BUILD, folder:at "program")))
        local file = io.open(folder:at "program")
        program_mb = file:seek "end" / 1e6
        file:close()
    end)

    teardown(function() folder:remove() end)

    local function check(what, ...)
        local limit = LIMIT + 1.1 * program_mb
        local most = math.max(...)
        figures.say("%s: %s MB resident at most, of %.0f MB", what, most, limit)
        assert.is_true(most <= limit, most .. " MB")
    end

    it("stays small over a file of 4 GB", function()
        local file = assert(io.open(folder:at "sparse", "wb"))
        file:seek("set", (1 << 32) - 100)
        file:write("\nkey = 'AKIA" .. "Q3EGRTVMBZ6WZ4NK'\n")
        file:close()
        local mb, status = peak("'" .. folder:at "sparse" .. "'", "lua")
        assert.equal(1, status)
        check("a file of 4 GB and a small tree", mb)
        os.remove(folder:at "sparse")
    end)

    local floods = {
        keyword = "AKIA", a = "a", zero = "\0", newline = "\n", token = ASSIGNED .. '"\n',
        card = "4111 1111 1111 1111 ",
    }
    for _, name in ipairs { "a", "card", "keyword", "newline", "token", "zero" } do
        it("stays small over a flood of " .. name, function()
            local piece = floods[name]:rep((1 << 20) // #floods[name])
            local file = assert(io.open(folder:at "flood", "wb"))
            for _ = 1, 100 do file:write(piece) end
            file:close()
            local path = "'" .. folder:at "flood" .. "'"
            check("100 MB of " .. name, (peak("--max-matches 1000000", path)), (peak("--format sarif", path)),
                (peak("- <", path)))
            os.remove(folder:at "flood")
        end)
    end

    it("stays small over one file with many matches, of one rule or of many", function()
        local rules = {}
        for i = 1, 300 do rules[i] = ('rule "r%d" { confirm = { regex "a{%d}" } }'):format(i, i % 3 + 1) end
        folder:write("one.lua", 'rule "one" { confirm = { regex "a" } }')
        folder:write("many.lua", table.concat(rules, "\n"))
        folder:write("3M", ("a"):rep(3000000))
        folder:write("31k", ("a"):rep(31000))
        local one, some = peak_of("one.lua", "--max-matches 100000000 --format jsonl", "'" .. folder:at "3M" .. "'")
        local many, lost = peak_of("many.lua", "--format jsonl", "'" .. folder:at "31k" .. "'")
        assert.same({ 1, 3 }, { some, lost })
        check("3,000,000 matches of a rule, 10,000 each of 300 rules", one, many)
    end)

    it("stays small over many files with many matches", function()
        for i = 1, 3000 do
            folder:write(("many/%d/%d"):format(i % 50, i), (ASSIGNED .. i .. '"\n'):rep(300))
        end
        local path = "'" .. folder:at "many" .. "'"
        check("3,000 files with 900,000 matches", (peak(path)), (peak("--format html", path)))
    end)
end)
