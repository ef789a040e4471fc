-- gitleaks' rules, translated, against hs_confirm (Vectorscan and RE2) on its corpus and on generated logs:
-- every finding equal, by record, rule, offset and text of the secret. Needs the folder HUNCH_SHARED.
local SHARED = os.getenv("HUNCH_SHARED")
local OUT = (os.getenv("HUNCH_BUILD") or "build") .. "/bench"
local TOML = SHARED .. "/peers/gitleaks/gitleaks.toml"

local function run(command)
    local pipe = assert(io.popen("{ " .. command .. "; } 2>&1; echo \"status $?\""))
    local text, status = pipe:read("a"):match("^(.-)status (%d+)\n$")
    pipe:close()
    return text, tonumber(status)
end

local function quiet(command)
    local output, status = run(command)
    assert.are.equal(0, status, command .. "\n" .. output)
    return output
end

describe("gitleaks' rules", function()
    setup(function()
        quiet("mkdir -p " .. OUT)
        local confirm = OUT .. "/hs_confirm"
        local source = SHARED .. "/bench/hs_confirm.cpp"
        quiet(string.format("test -x %s || g++ -O2 -std=c++17 $(pkg-config --cflags libhs) '%s' -o %s "
            .. "$(pkg-config --libs libhs) -lre2 -lpthread", confirm, source, confirm))
        quiet(string.format("python3 '%s/bench/rules.py' --toml '%s' --out %s", SHARED, TOML, OUT))
        quiet(string.format("python3 spec/bench/gitleaks2hunch.py '%s' -o %s/gitleaks.lua", TOML, OUT))
        quiet(string.format("hunch compile %s/gitleaks.lua -o %s/gitleaks.hp", OUT, OUT))
    end)

    local function compare(name, tree, options)
        local hunch = string.format("%s/%s.hunch.jsonl", OUT, name)
        local peer = string.format("%s/%s.peer.jsonl", OUT, name)
        quiet(string.format("hunch scan -r %s/gitleaks.hp --format jsonl --output %s --exit-zero --no-progress %s '%s'",
            OUT, hunch, options, tree))
        quiet(string.format("%s/hs_confirm -m confirm -r %s %s/gitleaks.json '%s'", OUT, peer, OUT, tree))
        local output, status = run(string.format("python3 spec/bench/compare.py --rules %s/gitleaks.json --root '%s' "
            .. "--hunch %s --peer %s", OUT, tree, hunch, peer))
        assert.are.equal(0, status, output)
        assert.is_true(tonumber(output:match("equal (%d+)")) > 0, output)
    end

    for _, backend in ipairs { "ref", "cpu" } do
        it("find on the corpus what hs_confirm finds, backend " .. backend, function()
            compare("corpus", SHARED .. "/peers/gitleaks/corpus", "--backend " .. backend)
        end)
    end

    it("find in logs what hs_confirm finds", function()
        local logs = OUT .. "/peer-logs"
        quiet("python3 spec/bench/make_logs.py " .. logs .. " --bytes 10000000 --files 10 --seed 3")
        compare("logs", logs, "--threads 2")
    end)
end)
