-- Graph rules in scans: link units, prefilters over them, canonical order, stages behind them, witnesses, what is lost.
local hunch = require "hunch"
local tree = require "support.tree"

local RULES = [[
rule "get" { confirm = { regex "get(\\w+)" } }
rule "cmd" { language = "c", title = "Command", tags = { "cwe-78" },
  confirm = { taint { from = call "getenv", to = argument { "system", 1 } } } }
rule "sys" { confirm = { regex "system" } }
]]

local SOURCE = 'char *name(void) { return getenv("N"); }\n'
local SINK = "void run(void) {\n  system(name());\n}\n"
local BOTH = SOURCE .. SINK

local engine = hunch.engine { cache = "" }

local function compile(text) return assert(engine:compile { text = text, name = "r.lua" }) end

--- "record rule first" of each match.
local function places(result)
    local list = {}
    for i, m in ipairs(result.matches) do list[i] = ("%s %s %d"):format(m.record, m.rule, m.first) end
    return list
end

local function only(result, rule)
    local list = {}
    for _, m in ipairs(result.matches) do
        if m.rule == rule then list[#list + 1] = ("%s:%d"):format(m.record:match "[^/]*$", m.line) end
    end
    return list
end

describe("a graph rule", function()
    local rules

    setup(function() rules = compile(RULES) end)

    it("finds in records what lies across them, among what text rules find, in order", function()
        local result = rules:scan { { name = "b.c", data = SINK }, { name = "a.c", data = SOURCE } }
        assert.same({}, result.incomplete)
        assert.same({ "b.c cmd 20", "b.c sys 20", "a.c get 27" }, places(result))
        local m = result.matches[1]
        assert.same({ "system(name())", "Command", "cwe-78", 2, 3 }, { m.text, m.title, m.tags[1], m.line, m.column })
    end)

    it("says how the value gets there", function()
        local m = rules:scan({ { name = "b.c", data = SINK }, { name = "a.c", data = SOURCE } }).matches[1]
        local first, last = m.witness[1], m.witness[#m.witness]
        assert.same({ "a.c", "source", 1, 27, 'getenv("N")' },
            { first.record, first.what, first.line, first.column, first.text })
        assert.equal(SOURCE:sub(first.first, first.last), first.text)
        assert.same({ "b.c", "sink", 2, m.first, m.last }, { last.record, last.what, last.line, last.first, last.last })
        local returned = 0
        for _, step in ipairs(m.witness) do returned = returned + (step.what == "return" and 1 or 0) end
        assert.equal(1, returned)
        assert.is_nil(rules:scan({ { name = "a.txt", data = "getenv" } }).matches[1].witness)
    end)

    it("looks at files of its language alone", function()
        assert.same({}, only(rules:scan { { name = "b.txt", data = BOTH } }, "cmd"))
        assert.same({}, only(rules:scan { { name = "b.c", data = SINK }, { name = "a.txt", data = SOURCE } }, "cmd"))
        assert.same({ "b.h:3" }, only(rules:scan { { name = "b.h", data = BOTH } }, "cmd"))
        assert.same({}, only(rules:scan(BOTH), "cmd"))
    end)

    it("is the same with every backend, route and number of threads", function()
        local records = {}
        for i = 1, 40 do
            records[i] = { name = ("d%02d/f%d.c"):format(i % 7, i),
                data = (BOTH:gsub("name", "name" .. i)) .. (" "):rep(i) }
        end
        local expected = places(rules:scan(records, { backend = "ref", link = "dir" }))
        assert.is_true(#expected > 100)
        for _, options in ipairs {
            { threads = 1 }, { threads = 4 }, { route = "serial" }, { route = "fused" },
            { route = "chained", threads = 3 },
        } do
            options.link = "dir"
            assert.same(expected, places(rules:scan(records, options)))
        end
    end)

    it("has one finding of each of two records that are called alike", function()
        local result = rules:scan { { name = "a.c", data = "static " .. SOURCE .. "static " .. SINK },
            { name = "a.c", data = "\n\nstatic " .. SOURCE .. "static " .. SINK } }
        assert.same({ "a.c:3", "a.c:5" }, only(result, "cmd"))
    end)

    it("asks its prefilter of the link unit", function()
        local gated = compile [[rule "cmd" { language = "c", prefilter = all { "marker", none { "never" } },
            confirm = { taint { from = call "getenv", to = argument { "system", 1 } } } }]]
        local records = { { name = "x/a.c", data = BOTH }, { name = "y/b.c", data = "/* marker */" } }
        assert.same({ "a.c:3" }, only(gated:scan(records), "cmd"))
        assert.same({}, only(gated:scan(records, { link = "dir" }), "cmd"))
        assert.same({}, only(gated:scan { records[1], records[2], { name = "c.c", data = "/* never */" } }, "cmd"))
    end)

    it("goes through the stages behind it, and path before it", function()
        local function found(before, after)
            local r = compile(([[rule "other" { private = true, confirm = { regex "marker" } }
            rule "cmd" { language = "c", confirm = { %s
            taint { from = call "getenv", to = argument { "system", 1 } } %s } }]]):format(before, after))
                return only(r:scan { { name = "src/a.c", data = BOTH .. "/* marker */" } }, "cmd")
        end
        assert.same({ "a.c:3" }, found("path [[^src/]],", ""))
        assert.same({}, found("path [[^test/]],", ""))
        assert.same({}, found("", ", except { text = { 'name' } }"))
        assert.same({ "a.c:3" }, found("", ", only { regex = { [[name\\(\\)]] } }"))
        assert.same({ "a.c:3" }, found("", ", near { 'other', within = 5, unit = 'lines' }"))
        assert.same({}, found("", ", near { 'other', within = 1, unit = 'bytes' }"))
        assert.same({ "a.c:3" }, found("", ", host(function(match) return match.text == 'system(name())' end)"))
        assert.same({}, found("", ", host(function() return false end)"))
        local r = compile [[rule "cmd" { language = "c", confirm = {
            taint { from = call "getenv", to = argument { "system", 1 } }, regex "\\w+\\(\\)" } }]]
        assert.equal("name()", r:scan({ { name = "a.c", data = BOTH } }).matches[1].text)
    end)

    it("counts for rules that use it, and for global ones", function()
        local r = compile [[
            rule "cmd" { language = "c", private = true,
              confirm = { taint { from = call "getenv", to = argument { "system", 1 } } } }
            rule "beside" { confirm = { regex "void", near { "cmd", within = 3, unit = "lines" } } }
            rule "all" { global = true, private = true, prefilter = any { "run" } }]]
        assert.same({ "a.c:1", "a.c:2", "a.c:2" }, only(r:scan { { name = "a.c", data = BOTH } }, "beside"))
        assert.same({}, only(r:scan { { name = "a.c", data = (BOTH:gsub("run", "go")) } }, "beside"))
    end)

    it("keeps to max_matches", function()
        local data = SOURCE .. "void run(void) { system(name()); system(name()); system(name()); }"
        local result = rules:scan({ { name = "a.c", data = data } }, { max_matches = 2, rules = { "cmd" } })
        assert.equal(2, #result.matches)
        assert.same({ "max-matches", "cmd" }, { result.incomplete[1].reason, result.incomplete[1].rule })
    end)

    it("tells what could not be evaluated", function()
        local big = { name = "big.c", data = BOTH .. ("\n"):rep((16 << 20) + 1) }
        local result = rules:scan({ big, { name = "a.c", data = BOTH } }, { rules = { "cmd" } })
        assert.same({ "a.c:3" }, only(result, "cmd"))
        assert.equal(1, #result.incomplete)
        local lost = result.incomplete[1]
        assert.same({ "big.c", "graph" }, { lost.record, lost.reason })
        assert.matches("16 MiB", lost.detail, 1, true)
        -- Nobody has looked whether it holds what a rule asks for.
        result = compile [[rule "x" { language = "c", prefilter = any { "run" },
            confirm = { taint { from = call "f", to = argument { "g", 1 } } } }]]:scan { big }
        assert.same({ 1, "graph" }, { #result.incomplete, result.incomplete[1] and result.incomplete[1].reason })
    end)

    it("reads each language that is built in, and says so where one is not", function()
        local r = compile [[rule "x" { language = "java",
            confirm = { taint { from = call "f", to = argument { "g", 2 } } } }]]
        local result = r:scan { { name = "A.java", data = "class A { void a() { g(f()); } }" },
            { name = "B.java", data = "class B { }" } }
        if #result.matches == 0 then
            assert.equal(1, #result.incomplete)
            assert.same({ nil, "graph" }, { result.incomplete[1].record, result.incomplete[1].reason })
            assert.matches("hunch was built without the grammar of Java", result.incomplete[1].detail, 1, true)
        end
    end)

    it("works in streams", function()
        local stream = rules:stream { name = "a.c" }
        for at = 1, #BOTH, 7 do stream:feed(BOTH:sub(at, at + 6)) end
        assert.same({ "a.c:3" }, only(stream:finish(), "cmd"))
    end)

    it("ends with the deadline, and when it is cancelled", function()
        local records = {}
        for i = 1, 200 do records[i] = { name = i .. ".c", data = (BOTH:gsub("name", "name" .. i)) } end
        local result = rules:scan(records, { cancel = function() return true end })
        assert.equal("cancelled", result.incomplete[#result.incomplete].reason)
        assert.same({}, only(result, "cmd"))
        result = rules:scan(records, { deadline = 1e-9, threads = 2 })
        assert.equal("deadline", result.incomplete[#result.incomplete].reason)
    end)

    it("comes back from a compiled program", function()
        local records = { { name = "b.c", data = SINK }, { name = "a.c", data = SOURCE } }
        local loaded = assert(engine:load(rules:save()))
        assert.same(rules:scan(records).matches, loaded:scan(records).matches)
    end)
end)

describe("link units of paths", function()
    local folder

    setup(function()
        folder = tree.new()
        folder:write("one/a.c", SOURCE)
        folder:write("one/b.c", SINK)
        folder:write("two/b.c", SINK)
        folder:write("three/use.c", '#include "../inc/name.h"\nvoid run(void) { RUN(getenv("X")); }\n')
        folder:write("inc/name.h", "#define RUN(x) system(x)\n")
        folder:write("rules.lua", RULES)
    end)
    teardown(function() folder:remove() end)

    local function scan(options, ...)
        local paths = {}
        for i, path in ipairs { ... } do paths[i] = folder:at(path) end
        local rules = compile(RULES)
        local found = {}
        for _, m in ipairs(assert(rules:scan_paths(paths, options)).matches) do
            if m.rule == "cmd" then found[#found + 1] = m.record:sub(#folder:at "" + 1) end
        end
        table.sort(found)
        return found
    end

    it("are all under one path, a folder, or a file", function()
        assert.same({ "one/b.c", "three/use.c", "two/b.c" }, scan(nil, ""))
        assert.same({ "one/b.c", "three/use.c" }, scan({ link = "dir" }, ""))
        assert.same({ "three/use.c" }, scan({ link = "file" }, ""))
        assert.same({ "one/b.c" }, scan(nil, "one", "two"))
        assert.same({}, scan(nil, "one/b.c", "one/a.c"))
    end)

    it("have the files of link_with, which are reported where they are scanned only", function()
        assert.same({ "two/b.c" }, scan({ link_with = { folder:at "one" } }, "two"))
        assert.same({ "one/b.c", "two/b.c" }, scan({ link = "dir", link_with = { folder:at "one/a.c" } }, "one", "two"))
        local _, message = compile(RULES):scan_paths({ folder:at "two" }, { link_with = { folder:at "gone" } })
        assert.matches("cannot link with .*gone: ", message)
    end)

    it("leave out what is excluded", function()
        assert.same({ "three/use.c" }, scan({ exclude = { "a.c" } }, ""))
    end)

    --- What the command prints, and its status.
    local function run(...)
        local words = { (os.getenv "HUNCH_BUILD" or "build") .. "/hunch", "scan", "-r", folder:at "rules.lua",
            "--rule", "cmd", ... }
        local pipe = assert(io.popen("'" .. table.concat(words, "' '") .. "' 2>/dev/null"))
        local out = pipe:read "a"
        return out, select(3, pipe:close())
    end

    it("are chosen on the command line", function()
        local function found(...)
            local out, status = run(...)
            return { status, select(2, out:gsub("medium cmd", "")) }
        end
        assert.same({ 1, 1 }, found(folder:at "one"))
        assert.same({ 0, 0 }, found("--link", "file", folder:at "one"))
        assert.same({ 1, 1 }, found("--link", "file", "--link-with", folder:at "one/a.c", folder:at "one"))
        assert.same({ 2, 0 }, found("--link-with", folder:at "gone", folder:at "one"))
    end)

    it("show the way in every report", function()
        local function out(format) return (run("--format", format, folder:at "one")) end
        assert.matches("\n +source  [^\n]*a%.c:1:27  getenv%(\"N\"%)\n", out "text")
        assert.matches('"witness":[{"record":"', out "jsonl", 1, true)
        assert.matches('"codeFlows":[{"threadFlows":', out "sarif", 1, true)
        assert.matches(',[[', out "html", 1, true)
    end)
end)
