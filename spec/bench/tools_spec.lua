-- The tools by which hunch is measured: a wrong one would make a wrong number look right.
local cjson = require "cjson"

local folder

local function write(name, text)
    local path = folder .. "/" .. name
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
    return path
end

local function run(command)
    local pipe = assert(io.popen("PYTHONDONTWRITEBYTECODE=1 " .. command .. " 2>&1; echo \"status $?\""))
    local text, status = pipe:read("a"):match("^(.-)status (%d+)\n$")
    pipe:close()
    return text, tonumber(status)
end

local function lines(list)
    for i, item in ipairs(list) do
        list[i] = cjson.encode(item)
    end
    return table.concat(list, "\n") .. "\n"
end

setup(function()
    local pipe = assert(io.popen("mktemp -d"))
    folder = pipe:read("l")
    pipe:close()
end)

teardown(function()
    os.execute("rm -rf '" .. folder .. "'")
end)

describe("make_logs.py", function()
    local function make(name, seed)
        local command = "python3 spec/bench/make_logs.py %s/%s --bytes 700000 --files 7 --seed %d"
        local output, status = run(command:format(folder, name, seed))
        assert.are.equal(0, status, output)
        local pipe = assert(io.popen("cat " .. folder .. "/" .. name .. "/*.log"))
        local text = pipe:read("a")
        pipe:close()
        return text
    end

    it("writes the same bytes for the same seed, as many as were asked for, and others for another", function()
        local first = make("a", 1)
        assert.are.equal(700000, #first)
        assert.is_true(first == make("b", 1))
        assert.is_false(first == make("c", 2))
    end)
end)

describe("gitleaks2hunch.py", function()
    it("translates what it says it does", function()
        local toml = write("g.toml", [==[
[[rules]]
id = "plain"
description = 'say "hi"'
regex = '''(?i)key[\[=]([a-z]{3}]])'''
entropy = 3
keywords = ["Key", "API", "key"]
[[rules]]
id = "grouped"
regex = '''a(b)(c)'''
secretGroup = 2
entropy = 2.5
path = '''(?i)\.env$'''
[[rules]]
id = "path-only"
path = '''\.p12$'''
]==])
        local output, status = run("python3 spec/bench/gitleaks2hunch.py " .. toml)
        assert.are.equal(0, status, output)
        local rules = {}
        local function stage(kind)
            return function(value) return { kind = kind, value = value } end
        end
        local env = {
            rule = function(name)
                return function(body)
                    body.name = name
                    rules[#rules + 1] = body
                end
            end,
            any = stage "any", regex = stage "regex", path = stage "path", entropy = stage "entropy",
            lit = function(text, flag) return text .. "/" .. flag end,
        }
        assert(load(output, "rules", "t", env))()
        assert.are.same({
            { name = "plain", title = 'say "hi"', tags = { "secret", "gitleaks" },
              prefilter = { kind = "any", value = { "key/nocase", "api/nocase" } },
              confirm = { { kind = "regex", value = [==[(?i)key[\[=]([a-z]{3}]])]==] },
                          { kind = "entropy", value = { capture = "first", above = 3 } } } },
            { name = "grouped", tags = { "secret", "gitleaks" },
              confirm = { { kind = "path", value = [[(?i)\.env$]] }, { kind = "regex", value = "a(b)(c)" },
                          { kind = "entropy", value = { capture = 2, above = 2.5 } } } },
        }, rules)
    end)
end)

describe("compare.py", function()
    local RULES = {
        { id = "token", regex = "t_(\\w+)", keywords = { "t_" }, entropy = 2, secretGroup = 0, path = "" },
        { id = "generic-key", regex = "key=(\\w+)", keywords = { "key" }, entropy = 0, secretGroup = 0, path = "" },
        { id = "whole", regex = "\\n?w\\d+\\n?", keywords = { "w" }, entropy = 0, secretGroup = 0, path = "" },
        { id = "second", regex = "(a)(b)", keywords = { "a" }, entropy = 0, secretGroup = 2, path = "" },
    }
    --           0123456789012345678901234567890
    local TEXT = "key=t_abcd efgh\nw12\n\nkey=t_zzzz # gitleaks:allow\nab\n"

    -- What hunch would say of TEXT; every case begins with a copy and breaks it.
    local function ours()
        local function match(rule, first, last, captures)
            return { type = "match", record = folder .. "/tree/f.txt", rule = rule, start = first, ["end"] = last,
                     captures = captures }
        end
        return {
            match("token", 4, 10, { { 6, 10 } }),
            match("token", 25, 31, { { 27, 31 } }), -- on an allowed line
            match("generic-key", 0, 10, { { 6, 10 } }), -- its secret is the token's
            match("whole", 15, 20, nil), -- newlines around it
            match("second", 49, 51, { { 49, 50 }, { 50, 51 } }),
        }
    end

    local function theirs()
        return {
            { file = "f.txt", rule = "token", line = 1, offset = 6, secret = "abcd" },
            { file = "f.txt", rule = "whole", line = 2, offset = 16, secret = "w12" },
            { file = "f.txt", rule = "second", line = 5, offset = 50, secret = "b" },
        }
    end

    local function compare(hunch, peer)
        os.execute("mkdir -p '" .. folder .. "/tree'")
        write("tree/f.txt", TEXT)
        return run(string.format("python3 spec/bench/compare.py --rules %s --root %s/tree --hunch %s --peer %s",
            write("rules.json", cjson.encode(RULES)), folder, write("hunch.jsonl", lines(hunch)),
            write("peer.jsonl", lines(peer))))
    end

    it("takes equal findings for equal", function()
        local output, status = compare(ours(), theirs())
        assert.are.equal("hunch 3 findings (1 generic ones folded, 1 on allowed lines), peer 3; equal 3, missing 0, "
            .. "extra 0, set aside at the entropy threshold 0, incomplete 0\n", output)
        assert.are.equal(0, status)
    end)

    it("sees a finding that is missing, one too many, one moved, one of another length", function()
        local list = theirs()
        list[2].offset = 17
        local output, status = compare(ours(), list)
        assert.are.equal(1, status)
        assert.is_truthy(output:find("missing 1, extra 1", 1, true), output)

        list = theirs()
        table.remove(list)
        output, status = compare(ours(), list)
        assert.are.equal(1, status)
        assert.is_truthy(output:find("missing 0, extra 1", 1, true), output)

        list = ours()
        list[5].captures[2][2] = 52
        output, status = compare(list, theirs())
        assert.are.equal(1, status)
        assert.is_truthy(output:find("missing 1, extra 1", 1, true), output)

        list = ours()
        table.remove(list, 4)
        output, status = compare(list, theirs())
        assert.are.equal(1, status)
        assert.is_truthy(output:find("missing 1, extra 0", 1, true), output)
    end)

    it("sets aside what lies at the entropy threshold only", function()
        local list = ours()
        table.remove(list, 1) -- "abcd" has exactly 2 bits a byte; its generic twin now stands alone
        table.remove(list, 2)
        local output, status = compare(list, theirs())
        assert.are.equal(0, status, output)
        assert.is_truthy(output:find("set aside at the entropy threshold 1", 1, true), output)
    end)

    it("takes incomplete scans for failed ones", function()
        local list = ours()
        list[#list + 1] = { type = "incomplete", record = "x", reason = "deadline" }
        local _, status = compare(list, theirs())
        assert.are.equal(1, status)
    end)
end)

describe("graph_peers.py", function()
    it("preprocesses files so that each line keeps its number", function()
        os.execute(("mkdir -p '%s/suite/one' '%s/suite/support'"):format(folder, folder))
        write("suite/support/names.h", "int hidden;\n#define RUN system\n")
        write("suite/one/a.c", '#include "names.h"\n#ifdef NEVER\nint never;\n#endif\n' ..
            "int f(char *x) {\n    return RUN(\n        x);\n}\n\n/* two\nlines */ int g(void);\n")
        local program = "import sys; sys.path.insert(0, 'spec/bench'); import graph_peers as g; at = sys.argv[1]; " ..
            "g.preprocess(g.programs(at + '/suite'), at + '/suite/support', at + '/ready'); " ..
            "print(open(at + '/ready/one/a.c').read())"
        local output, status = run(("python3 -c %q %s"):format(program, folder))
        assert.are.equal(0, status, output)
        local at = {}
        for line in output:gmatch "([^\n]*)\n" do
            at[#at + 1] = line:gsub("%s", "")
        end
        assert.are.equal("intf(char*x){", at[5])
        assert.is_truthy(at[6]:find("returnsystem(", 1, true))
        assert.is_truthy(at[11]:find("intg(void);", 1, true))
        assert.is_nil(output:find "hidden")
        assert.is_nil(output:find "never")
    end)
end)
