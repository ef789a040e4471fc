-- make gpu-bench without a GPU: what it scans, keeps and shows, and every table once over a driver made for specs.
local cjson = require "cjson"
local fake_cuda = require "support.fake_cuda"

local fake

local function run(command)
    return fake:run("", "env PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=spec/bench " .. command)
end

local function python(program)
    local output, status = run("python3 '" .. fake:write("program.py", program) .. "'")
    assert.are.equal(0, status, output)
    return output
end

local function corpus(arguments)
    return run("python3 spec/bench/gpu_corpus.py " .. arguments)
end

setup(function() fake = fake_cuda.new() end)
teardown(function() fake:remove() end)

describe("gpu_corpus.py", function()
    -- 40 files of 500 bytes, 512 when they are filled up, and what is no text.
    setup(function()
        for i = 1, 40 do
            fake:write(("code/%02d/f.c"):format(i), ("int api_key_%02d = %d;\n"):format(i, i):rep(50):sub(1, 500))
        end
        fake:write("code/binary", ("a\0b"):rep(100))
        fake:write("code/empty", "")
        fake:write("r.lua", 'rule "r" { prefilter = any { "x" } }')
    end)

    local function pack(name, more)
        return corpus(("pack %s --text %s %s"):format(fake:at(name), fake:at "code", more))
    end

    it("packs the same bytes of the same files, as many as were asked for", function()
        for _, name in ipairs { "c1", "c2" } do
            local output, status = pack(name, "--megabytes 0.006 --rules " .. fake:at "r.lua")
            assert.are.equal(0, status, output)
        end
        assert.are.equal("", (fake_cuda.shell(("diff -r %s %s"):format(fake:at "c1", fake:at "c2"))))
        assert.are.equal("12 6144 12\n", python(([[
import gpu_corpus
c = gpu_corpus.Corpus(%q)
files = c.files()
same = sum(data == open(%q + name[2:], "rb").read() + b"\n" * 12 for name, data in files)
print(len(files), sum(len(data) for _, data in files), same)
assert list(c.rules) == ["r"] and not c.literals
]]):format(fake:at "c1", fake:at "code/")))
    end)

    it("refuses what is too large, and trees without text", function()
        fake:write("large.hp", ("x"):rep(40000000))
        local output, status = pack("c3", "--megabytes 0.006 --rules " .. fake:at "large.hp")
        assert.are.equal(1, status)
        assert.are.equal("the corpus has 40.0 MB, more than 40; take fewer megabytes of text, or fewer rules\n", output)
        output, status = corpus(("pack %s --text %s"):format(fake:at "c3", fake:at "lib"))
        assert.are.equal(1, status)
        assert.matches("no text was found below ", output, 1, true)
    end)

    it("grows trees and texts in which copies differ, and the first does not", function()
        local output, status = corpus(("tree %s %s 13000"):format(fake:at "c1", fake:at "tree"))
        assert.are.equal("26 files\n", output)
        assert.are.equal(0, status)
        corpus(("text %s %s 13000"):format(fake:at "c1", fake:at "text"))
        assert.are.equal("0 1 2\nTrue True True\n", python(([[
import os, gpu_corpus
tree, c = %q, gpu_corpus.Corpus(%q)
print(*sorted(int(copy) for copy in os.listdir(tree)))
def read(copy, name): return open(f"{tree}/{copy:03}/{name}", "rb").read()
text = open(%q, "rb").read()
print(all(read(0, name) == data for name, data in c.files()),
      all(read(1, name) == data.translate(gpu_corpus.exchange(1)) != data for name, data in c.files()),
      len(text) == 13000 and text.startswith(b"".join(data for _, data in c.files()) + read(1, c.names[0])))
]]):format(fake:at "tree", fake:at "c1", fake:at "text")))
    end)

    it("exchanges the same bytes on every machine", function()
        assert.are.equal("True True 0c\n", python [[
import gpu_corpus, hashlib
tables = [gpu_corpus.exchange(copy) for copy in range(50)]
print(tables[0] == bytes(range(256)), all(sorted(table) == list(range(256)) for table in tables),
      hashlib.sha256(b"".join(tables)).hexdigest()[:2])
]])
    end)

    it("finds the literals of prefilters", function()
        fake:write("k.lua", [[
rule "a" { prefilter = any { "x1", lit("Y2", "nocase") }, confirm = { regex "x1" } }
rule "b" { prefilter = any {
  "x1", lit("q\"3", "wide") } }
]])
        assert.are.equal('rule "keyword-0" { prefilter = any { "x1" } }\n'
            .. 'rule "keyword-1" { prefilter = any { lit("Y2", "nocase") } }\n'
            .. 'rule "keyword-2" { prefilter = any { lit("q\\"3", "wide") } }\n',
            (corpus("keywords " .. fake:at "k.lua")))
    end)
end)

describe("gpu_grid.py", function()
    it("makes texts in which a rule finds what it says, where its gate holds", function()
        for _, cost in ipairs { "cheap", "middle", "costly" } do
            python(([[
import gpu_grid
cost, text = %q, gpu_grid.text(%q, b"x = 1;\n", 8)
assert len(text) == 8 * gpu_grid.UNIT and text == gpu_grid.text(cost, b"x = 1;\n", 8)
for name, data in (("shut", text), ("open", text.replace(b"gateless", b"gateword"))):
    open(f"%s-{name}", "wb").write(data)
open("%s.lua", "w").write(gpu_grid.RULES[cost])
]]):format(cost, cost, fake:at "text", fake:at "rule"))
            for name, wanted in pairs { shut = 0, open = 1 } do
                local output = fake:hunch("", ("scan -r %s --backend ref --format jsonl --exit-zero %s"):format(
                    fake:at "rule.lua", fake:at("text-" .. name)))
                assert.are.equal(wanted, select(2, output:gsub('"type":"match"', "")), cost)
            end
        end
    end)
end)

describe("gpu_tables.py", function()
    it("keeps rows of one commit and device", function()
        assert.are.equal("['b'] {'a': {'n': 1}}\n['a'] {}\n['a'] {}\n['a'] {}\n", python(([[
import gpu_tables
here, there = {"commit": "c", "device": "d", "driver": "e"}, {"commit": "c", "device": "x", "driver": "e"}
k = gpu_tables.Kept(%q, "t")
k.begin(here)
k.put("a", {"n": 1})
def again(head, keys, **more):
    found = gpu_tables.Kept(%q, "t")
    found.begin(head, **more)
    print(found.missing(keys), found.data["rows"])
again(here, ["a", "b"])
again(there, ["a"])
again({**here, "commit": "f"}, ["a"])
again(here, ["a"], again=True)
]]):format(fake:at "", fake:at "")))
    end)

    it("says of a grid how far auto is from the best, where fused wins and where it loses", function()
        assert.are.equal([[
auto takes at most 1.10 times the best route's time in 2 of 3 cells; the worst is 1.50 (cheap, 1 MiB, 0.01 %).
fused is at least 2 times as fast as serial in 2 cells: cheap 64 KiB at 1, 50 %.
fused is slower than serial in 1 cell: cheap 1 MiB at 0.01 %.
1.0 2.5 inside
]], python [=[
import gpu_tables
def row(fused, chained, serial, auto, inside=1.0):
    ways = zip(("fused", "chained", "serial", "auto"), (fused, chained, serial, auto))
    return {"hit_ppm": 0, "batches": 5, "taken": {"fused": 1, "chained": 2, "serial": 3},
            **{way: {"seconds": seconds, "inside": inside * seconds} for way, seconds in ways}}
many = row(1, 2, 2.5, 1)
rows = {"cheap 65536 500000": many, "cheap 65536 10000": row(1, 0.5, 2, 0.55), "cheap 1048576 100": row(3, 3, 2, 3)}
ordered = dict(sorted(rows.items(), key=gpu_tables.grid_order))
print(*gpu_tables.grid_summary(ordered), sep="\n")
(header, table), matrix = gpu_tables.show_grid(rows)[0]
assert [line[1:3] for line in table] == [["64 KiB", "1 %"], ["64 KiB", "50 %"], ["1 MiB", "0.01 %"]]
assert matrix == (["confirmer", "batch", "0.01 %", "1 %", "50 %"],
                  [["cheap", "64 KiB", "", "2.00", "2.50"], ["cheap", "1 MiB", "0.67", "", ""]]), matrix
print(gpu_tables.auto_ratio(many), gpu_tables.serial_ratio(many), header[-2])
]=])
    end)
end)

describe("gpu_bench.py", function()
    local TABLES = { "prefilter", "rules", "pinned", "scan", "grid", "floods", "start", "graphs", "decision" }

    local function bench(arguments, words)
        local command = "env PYTHONDONTWRITEBYTECODE=1 python3 spec/bench/gpu_bench.py --toy --out %s %s"
        return fake:run(words or "", command:format(fake:at "out", arguments))
    end

    local function kept(name)
        return cjson.decode(assert(io.open(fake:at("out/" .. name .. ".json"))):read "a")
    end

    it("measures every table, keeps it, and does not measure it again", function()
        local output, status = bench "--commit c0ffee"
        assert.are.equal(0, status, output)
        local rows = {}
        for _, name in ipairs(TABLES) do
            local data = kept(name)
            assert.are.same({ name, "c0ffee", "fake GPU, compute capability 9.0" },
                            { data.table, data.commit, data.device })
            rows[name] = 0
            for key, row in pairs(data.rows) do
                rows[name] = rows[name] + 1
                assert.matches("^%d%d%d%d%-%d%d%-%d%d %d%d:%d%d UTC$", row.date, key)
                assert.is_truthy(#row.what > 0, key)
            end
        end
        assert.are.same({ prefilter = 3, rules = 4, pinned = 2, scan = 2, grid = 6, floods = 5, start = 5,
                          graphs = 1, decision = 1 }, rows)
        assert.is_true(kept "graphs".rows["32 rules"].hits > 0)
        local function tables_of(text) return text:sub((assert(text:find("### ", 1, true)))) end
        local shown = tables_of(output)
        for _, title in ipairs { "Verified prefilter", "The grid of routes", "Floods", "Rules on program graphs",
                                 "A decision of" } do
            assert.matches("### " .. title, shown, 1, true)
        end
        local again
        again, status = bench "--commit c0ffee"
        assert.are.equal(0, status)
        assert.are.equal(shown, tables_of(again))
        assert.is_nil(again:find(" UTC prefilter: ", 1, true))
        assert.are.equal(shown, (bench "--show"))
    end)

    it("says what could not be measured, and goes on", function()
        fake:write("bad.hp", "no program")
        local output, status = bench(("--commit other --only pinned,decision --gitleaks %s"):format(fake:at "bad.hp"))
        assert.are.equal(1, status)
        assert.matches("not measured: pinned, gitleaks host: gpu_bench scan: ", output, 1, true)
        assert.is_nil(kept "pinned".rows["gitleaks host"])
        assert.is_truthy(kept "pinned".rows["secrets host"].seconds > 0)
        assert.are.equal("other", kept "decision".commit)
    end)

    it("is no measurement of the GPU where the scan left it", function()
        local output, status = bench("--commit left --only grid", "cuLaunchKernel=719 cuLaunchCooperativeKernel=719")
        assert.are.equal(1, status)
        assert.matches("the scan was not the GPU's: ", output, 1, true)
    end)

    it("ends in time, says what is left, and needs a GPU", function()
        local output, status = bench "--commit late --only grid,start --seconds 1"
        assert.are.equal(0, status)
        assert.matches("Left, at least in part: grid, start; run it again.", output, 1, true)
        output, status = bench("--commit none", "devices=0")
        assert.are.equal(1, status)
        assert.are.equal("gpu-bench needs a GPU: gpu_bench device: there is an NVIDIA driver, "
            .. "but no GPU that it may use\n", output)
        output, status = bench "--only heat"
        assert.are.equal(2, status)
        assert.matches("no table heat; there are prefilter, rules,", output, 1, true)
    end)
end)
