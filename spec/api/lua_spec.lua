-- `require "hunch"`: what docs/LUA.md says, seen from a program that uses it.
local hunch = require "hunch"
local tree = require "support.tree"

local function read(path)
    local file = assert(io.open(path))
    local text = file:read "a"
    file:close()
    return text
end

describe("hunch", function()
    local engine

    setup(function() engine = assert(hunch.engine { cache = "" }) end)

    local function compile(text)
        return assert(engine:compile { text = text, name = "spec.lua" })
    end

    it("has a version", function()
        assert.matches("^%d+%.%d+%.%d+$", hunch.version)
    end)

    it("compiles and checks for as long as it may", function()
        local many = {}
        for i = 1, 20000 do many[i] = ("rule 'r%d' { confirm = { regex [[key%d=\\w{10,20}]] } }"):format(i, i) end
        local sources = { text = table.concat(many, "\n"), name = "many.lua" }
        local asked = 0
        local function cancel()
            asked = asked + 1
            return asked == 3
        end
        for _, call in ipairs { "compile", "check" } do
            local clock = os.clock()
            local none, diagnostics = engine[call](engine, sources, { deadline = 0.05 })
            if call == "check" then none, diagnostics = nil, none end
            assert.is_nil(none)
            assert.same({ 1, "E006" }, { #diagnostics, diagnostics[1].code })
            assert.matches("deadline", diagnostics[1].message)
            asked = 0
            none, diagnostics = engine[call](engine, sources, { cancel = cancel })
            if call == "check" then none, diagnostics = nil, none end
            assert.is_nil(none)
            assert.matches("cancelled", diagnostics[1].message)
            assert.is_true(os.clock() - clock < 2)
            local ok, problem = pcall(engine[call], engine, sources, { cancel = function() error { "mine" } end })
            assert.same({ false, { "mine" } }, { ok, problem })
            assert.is_false(pcall(engine[call], engine, sources, { cancel = 1 }))
            assert.is_false(pcall(engine[call], engine, sources, { deadline = -1 }))
            assert.is_truthy(engine[call](engine, { text = "" }, { deadline = 0 }))
        end
        local endless = { text = "while true do pcall(error) end", name = "endless.lua" }
        local _, diagnostics = engine:compile(endless, { deadline = 0.05 })
        assert.matches("deadline", diagnostics[1].message)
        local small = { text = "rule 'x' { prefilter = any { 'a' } }" }
        assert.is_truthy(engine:compile(small, { deadline = 60, cancel = function() return false end }))
    end)

    it("refuses options that there are not", function()
        local rules = compile [[rule "x" { prefilter = any { "x" } }]]
        for _, call in ipairs {
            function() return hunch.engine { bogus = 1 } end,
            function() return rules:scan("x", { deadlin = 1 }) end,
            function() return rules:scan_paths({ "x" }, { deadlin = 1 }) end,
            function() return rules:stream { nam = "x" } end,
            function() return engine:compile({ text = "", name = "x" }, { dead = 1 }) end,
            function() return engine:compile { text = "", foo = 1 } end,
            function() return engine:check { text = "", foo = 1 } end,
            function() return engine:explain { text = "", foo = 1 } end,
            function() return engine:compile { "a.lua", name = "x" } end,
        } do
            local ok, message = pcall(call)
            assert.is_false(ok)
            assert.matches("there is no option \"%a+\"", message)
        end
    end)

    it("refuses options that cannot be", function()
        local none, message = hunch.engine { backend = "abacus" }
        assert.is_nil(none)
        assert.matches("no backend \"abacus\"; use auto, ref, cpu or cuda", message, 1, true)
        local cuda, why = hunch.engine { backend = "cuda" } -- there is a GPU, or a sentence that says why not
        assert.is_true(cuda ~= nil or why:find "NVIDIA" ~= nil or why:find "NVRTC" ~= nil or why:find "GPU" ~= nil, why)
        for name, value in pairs { threads = -1, backend = {}, cache = 5 } do
            local ok, problem = pcall(hunch.engine, { [name] = value })
            assert.is_false(ok)
            assert.matches(name .. " must be a", problem, 1, true)
        end
        for _, threads in ipairs { "x", 1.5, 1025, true } do
            assert.error_matches(function() hunch.engine { threads = threads } end,
                                 "threads must be an integer from 0 to 1024")
        end
        assert.is_false(pcall(hunch.engine, "fast"))
    end)

    it("refuses a zero byte where it would end a word, a name or a path", function()
        local rules = compile [[rule "x" { prefilter = any { "x" } }]]
        for _, call in ipairs {
            function() return hunch.engine { cache = "/tmp\0x" } end,
            function() return rules:scan("x", { route = "auto\0" }) end,
            function() return rules:scan("x", { link = "path\0" }) end,
            function() return rules:stream { name = "a\0b" } end,
            function() return engine:compile { text = "", name = "a\0b" } end,
            function() return engine:compile { "a.lua\0b" } end,
            function() return engine:explain({ text = "" }, "x\0y") end,
            function() return assert(engine:load "no such file\0x") end,
            function() return hunch.graph("c", "int a;", { name = "a.c\0" }) end,
            function() return hunch.graph("c\0", "int a;") end,
        } do
            local ok, message = pcall(call)
            assert.is_false(ok)
            assert.matches("zero byte", message)
        end
    end)

    it("refuses a regex that is no string, at the place of the call", function()
        local ok, message = pcall(function() hunch.regex(1) end)
        assert.is_false(ok)
        assert.matches("^spec/api/lua_spec.lua:%d+: bad argument #1 to 'regex' %(string expected, got number%)$",
                       message)
        assert.matches("#1 .*got no value", select(2, pcall(function() hunch.regex() end)))
        assert.matches("#2 .*got table", select(2, pcall(function() hunch.regex("a", {}) end)))
    end)

    it("says where a host stage failed", function()
        local function detail(body)
            local rules = compile("rule 'x' { confirm = { regex 'a',\n host(function(m)\n" .. body .. "\nend) } }")
            return rules:scan("a").incomplete[1].detail
        end
        assert.equal("spec.lua:3: boom", detail "error 'boom'")
        assert.equal("spec.lua:2: a host function must return true, false or a table of changes, not nil", detail "")
        assert.matches("^spec.lua:3: the instruction limit", detail "while true do end")
        assert.matches("^spec.lua:2: unknown change 'colour'", detail "return { colour = 1 }")
    end)

    it("compiles regexes", function()
        local date = assert(hunch.regex([[(\d{4})-(\d\d)(?:-(?P<day>\d\d))?]]))
        assert.same({ { { 1, 7 }, { 1, 4 }, { 6, 7 }, false }, { { 10, 19 }, { 10, 13 }, { 15, 16 }, { 18, 19 } } },
            date:matches "2024-02, 2025-07-31")
        assert.equal(3, date.groups)
        assert.same({ day = 3 }, date.names)
        assert.same({ 3, 9 }, date:match_at("x 2024-02", 3)[1])
        assert.is_nil(date:match_at("x 2024-02", 2))
        local none, problem = hunch.regex "a(b"
        assert.is_nil(none)
        assert.is_number(problem.position)
        assert.is_string(problem.message)
        assert.same({ { { 1, 0 } }, { { 2, 2 } } }, hunch.regex("B?", "i"):matches "ab")
    end)

    it("gives diagnostics of rules that cannot be used", function()
        local none, list = engine:compile { text = "rule 'x' {\n  confirm = { regex '(' } }", name = "bad.lua" }
        assert.is_nil(none)
        local found
        for _, d in ipairs(list) do found = d.severity == "error" and d or found end
        assert.same({ "E401", "bad.lua", 2, "x" }, { found.code, found.file, found.line, found.rule })
        none, list = engine:compile { "/nowhere.lua" }
        assert.is_nil(none)
        assert.matches("cannot read rules from /nowhere.lua", list[1].message, 1, true)
        assert.is_false(pcall(engine.compile, engine, {}))
        assert.is_false(pcall(engine.compile, engine, { 5 }))
        for problem, sources in pairs {
            ["text must be a string"] = { text = 5 }, ["name must be a string"] = { text = "", name = {} },
            ["has paths and a text"] = { "a.lua", text = "" }, ["is no list of paths"] = { "a.lua", [3] = "b.lua" },
        } do
            assert.error_matches(function() engine:check(sources) end, problem)
        end
    end)

    it("reads symbolic links to rule files in a folder, and says what there it does not read", function()
        local folder = tree.new()
        local function link(target, name)
            assert(os.execute(("ln -s '%s' '%s'"):format(target, folder:at(name))))
        end
        folder:write("elsewhere/k.lua", 'rule "k" { prefilter = any { "key" } }')
        folder:write("more/m.lua", 'rule "m" { prefilter = any { "key" } }')
        folder:write("rl/own.lua", 'rule "own" { prefilter = any { "key" } }')
        folder:write("rl/sub/deep.lua", 'rule "deep" { prefilter = any { "key" } }')
        link("../elsewhere/k.lua", "rl/link.lua")
        link("link.lua", "rl/again.lua") -- the same file: it is read once
        link("own.lua", "rl/zz.lua")
        link("../elsewhere/k.lua", "rl/not-rules.txt")
        local rules, list, files = engine:compile { folder:at "rl" }
        local names = {}
        for i, rule in ipairs(assert(rules, list[1] and list[1].message):list()) do names[i] = rule.name end
        assert.same({ "k", "own", "deep" }, names)
        assert.same({ folder:at "rl/again.lua", folder:at "rl/own.lua", folder:at "rl/sub/deep.lua" }, files)
        for _, d in ipairs(list) do assert.not_equal("W010", d.code) end
        assert.equal(1, assert(engine:compile { folder:at "rl/link.lua", folder:at "elsewhere" }):count())

        link("/nowhere/at all", "rl/gone.lua")
        link("loop.lua", "rl/loop.lua")
        link("../more", "rl/more")
        link("/nowhere", "rl/unnamed")
        assert(os.execute(("mkfifo '%s'"):format(folder:at "rl/pipe.lua")))
        rules, list = engine:compile { folder:at "rl" }
        assert.equal(3, rules:count())
        local told = {}
        for _, d in ipairs(list) do
            if d.code == "W010" then
                told[#told + 1] = d.severity .. " " .. d.file:match "[^/]*$" .. ": " .. d.message
            end
        end
        assert.same({
            "warning gone.lua: this is not read: it is a symbolic link to a file that does not exist",
            "warning loop.lua: this is not read: Too many levels of symbolic links",
            "warning more: this is not read: it is a symbolic link to a folder, which is not followed",
            "warning pipe.lua: this is not read: it is no regular file",
        }, told)
        folder:remove()
    end)

    it("scans a string, records, files", function()
        local rules = compile [[rule "x" { title = "T", tags = { "a" }, severity = "high",
            meta = { n = 1.5, deep = { "y" } }, confirm = { regex "(k)(e)?y=(\\w+)" } }]]
        local m = rules:scan("one\n ky=v two").matches[1]
        assert.same({ record = "", rule = "x", first = 6, last = 9, text = "ky=v", line = 2, column = 2, before = " ",
            after = " two", captures = { { 6, 6 }, false, { 9, 9 } }, title = "T", tags = { "a" }, severity = "high",
            meta = { n = 1.5, deep = { "y" } } }, m)
        local result = rules:scan { { name = "b", data = "key=1" }, { data = "key=2" }, { name = "a", data = "" } }
        assert.equal(2, #result.matches)
        assert.equal("b", result.matches[1].record)
        assert.same({ 3, 10, 2, 0 }, { result.stats.records, result.stats.bytes, result.stats.matches,
            result.stats.incomplete })
        local folder = tree.new()
        folder:write("z", "key=1")
        folder:write("a/b", "key=2")
        result = rules:scan_paths { folder.path }
        assert.equal(folder:at "a/b", result.matches[1].record)
        folder:remove()
        assert.is_false(pcall(rules.scan, rules, 5))
        assert.is_false(pcall(rules.scan, rules, { "text" }))
        assert.is_false(pcall(rules.scan_paths, rules, { "a\0b" }))
        assert.is_false(pcall(rules.scan, rules, "x", { deadline = "soon" }))
        assert.is_false(pcall(rules.scan, rules, "x", { threads = -1 }))
        assert.is_nil((rules:scan("x", { backend = "abacus" })))
    end)

    it("chooses rules by name and tag, and private ones when asked to", function()
        local rules = compile [[
            rule "a" { tags = { "one", "two" }, prefilter = any { "x" } }
            rule "b" { tags = { "two" }, private = true, prefilter = any { "x" } }
            rule "c" { prefilter = any { "x" } }]]
        local function names(options)
            local list = {}
            for i, m in ipairs(rules:scan("x", options).matches) do list[i] = m.rule end
            return table.concat(list)
        end
        assert.equal("ac", names())
        assert.equal("abc", names { private = true })
        assert.equal("a", names { tags = { "two" } })
        assert.equal("ab", names { tags = { "two" }, private = true })
        assert.equal("c", names { rules = { "c", "b" } })
        assert.equal("b", names { rules = { "b" }, private = true })
        for _, case in ipairs {
            { { rules = { "c", "typo" } }, 'option rules: no rule is named "typo"' },
            { { tags = { "one", "typo" } }, 'option tags: no rule has the tag "typo"' },
            { { tags = { "typo" }, private = true }, 'option tags: no rule has the tag "typo"' },
            { { rules = { "b" } }, "every rule that the options rules and tags choose is private" },
            { { rules = { "c" }, tags = { "one" } }, "the options rules and tags choose no rule" },
            { { rules = {} }, "the options rules and tags choose no rule" },
            { { rules = "c" }, "option rules must be a list of strings" },
            { { tags = { 1 } }, "tags must be a list of strings" },
        } do
            for _, call in ipairs { "scan", "scan_paths", "stream" } do
                local ok, message = pcall(rules[call], rules, table.unpack(call == "stream" and { case[1] }
                    or { call == "scan" and "x" or { "/dev/null" }, case[1] }))
                assert.is_false(ok)
                assert.matches(case[2], message, 1, true)
            end
        end
    end)

    it("has streams", function()
        local rules = compile [[rule "x" { confirm = { regex "ab+c$" } }]]
        local stream = rules:stream { name = "s" }
        assert.equal(stream, stream:feed "a")
        for _ = 1, 100 do stream:feed "b" end
        stream:feed ""
        stream:feed "c"
        local result = stream:finish()
        assert.same({ 1, 102, "s" }, { result.matches[1].first, result.matches[1].last, result.matches[1].record })
        assert.is_false(pcall(stream.feed, stream, "x"))
        assert.equal(0, #rules:stream({}):finish().matches)
    end)

    it("has streams with the options of scans", function()
        local rules = compile [[
            rule "a" { prefilter = any { "x" } }
            rule "b" { prefilter = any { "x" }, private = true }
        ]]
        local seen, options = {}, { name = "s", private = true }
        options.on_match = function(match) seen[#seen + 1] = match.record .. match.rule end
        local stream = rules:stream(options)
        options.private, options.on_match = nil, nil -- it has its own
        assert.equal(0, #stream:feed("axa"):finish().matches)
        assert.same({ "sa", "sb" }, seen)
        local late = rules:stream({ deadline = 1e-9 }):feed("x"):finish()
        assert.equal("deadline", late.incomplete[1].reason)
        local stopped = rules:stream({ cancel = function() return true end }):feed("x"):finish()
        assert.equal("cancelled", stopped.incomplete[1].reason)
        assert.is_false(pcall(rules.stream, rules, { deadline = "soon" }))
        local failing = rules:stream { on_match = function() error { "mine" } end }
        assert.same({ false, { "mine" } }, { pcall(failing.finish, failing:feed "x") })
    end)

    it("profiles", function()
        local rules = compile [[rule "x" { confirm = { regex "a" } } rule "never" { prefilter = any { "zzz" } }]]
        local result = rules:scan({ { data = "aa" }, { data = "b" } }, { profile = true })
        assert.equal(1, #result.profile)
        assert.same({ "x", 2 }, { result.profile[1].rule, result.profile[1].matches })
    end)
end)

describe("docs/LUA.md", function()
    local page

    setup(function() page = read "docs/LUA.md" end)

    it("names every call that objects have, and no other", function()
        local engine = assert(hunch.engine { cache = "" })
        local rules = assert(engine:compile { text = "rule 'x' { prefilter = any { 'a' } }", name = "x" })
        local objects = { engine = engine, rules = rules, stream = rules:stream {}, speculator = hunch.speculator(),
            store = hunch.autotune "", race = hunch.race() }
        for word, object in pairs(objects) do
            for name in pairs(getmetatable(object).__index) do
                assert.is_truthy(page:find(word .. ":" .. name, 1, true), word .. ":" .. name)
            end
            for name in page:gmatch(word .. ":([%w_]+)") do
                assert.is_function(getmetatable(object).__index[name], word .. ":" .. name)
            end
        end
        for name in pairs(hunch) do assert.is_truthy(page:find("hunch." .. name, 1, true), name) end
    end)

    it("names every option that scans take", function()
        local source = read "runtime/lua_scan.c"
        local n = 0
        for name in source:gmatch '_option%(L, "([%w_]+)"' do
            n = n + 1
            assert.is_truthy(page:find("`" .. name .. "`", 1, true) or page:find("`" .. name .. " = ", 1, true)
                or name == "prefilter_only", name)
        end
        assert.is_true(n > 12)
    end)

    it("shows code that runs", function()
        local folder = tree.new()
        folder:write("src/a", "key = AKIA" .. "Q3EGRTVMBZ6WZ4NK")
        folder:write("mine.lua", "rule 'mine' { prefilter = any { 'key' } }")
        local output = {}
        local pieces = { "socket fed this ", "AKIA" .. "Q3EGRTVMBZ6WZ4NK" }
        local environment = setmetatable({
            print = function(...)
                local words = { ... }
                for i = 1, select("#", ...) do words[i] = tostring(words[i]) end
                output[#output + 1] = table.concat(words, " ")
            end,
            socket_reader = function()
                return function() return table.remove(pieces, 1) end
            end,
        }, { __index = _G })
        for block in page:gmatch "```lua\n(.-)```" do
            if not block:find "^result%.matches" then
                block = block:gsub('"mine.lua"', ("%q"):format(folder:at "mine.lua"))
                block = block:gsub('"src/"', ("%q"):format(folder:at "src"))
                if block:find "^local stream" then block = "local rules = ...\n" .. block end
                local rules = assert(hunch.engine { cache = "" }:compile { "rules/secrets" })
                local run = assert(load(block, "=page", "t", environment))
                environment.hunch = hunch
                run(rules)
            end
        end
        folder:remove()
        local all = table.concat(output, "\n")
        assert.matches("src/a 1 aws%-access%-key%-id AKIA", all)
        assert.matches("src/a 1 mine key", all)
        assert.matches("\n1 7 false\n10 19 18\n3 3", all, 1, true)
    end)
end)

describe("docs/C.md", function()
    it("shows code that compiles", function()
        local folder = tree.new()
        local page, n = read "docs/C.md", 0
        for block in page:gmatch "```c\n(.-)```" do
            n = n + 1
            local declarations = n == 1 and "" or "struct hunch_error err; struct hunch_engine *engine = NULL;\n"
                .. "struct hunch_rules *rules; struct hunch_report *report; const char *rule_paths[] = {\"rules\"};\n"
            local path = folder:write(("block%d.c"):format(n), "#include <hunch.h>\n#include <stdio.h>\n"
                .. "int main(void) {\n" .. declarations .. block:gsub("#include <hunch.h>\n", "") .. "return 0; }\n")
            local pipe = io.popen(("unset LD_PRELOAD; %s -std=c11 -Wall -Werror -Wno-unused-variable -Iruntime"
                .. " -fsyntax-only %s 2>&1"):format(os.getenv "CC" or "cc", path))
            assert.equal("", pipe:read "a")
            pipe:close()
        end
        folder:remove()
        assert.is_true(n >= 2)
    end)
end)
