-- Every leftmost-first line and every refused pattern of the regex vectors, through each matcher;
-- and the regexes of gitleaks' rules on its own texts, where RE2 says what is right.
local cjson = require "cjson"
local parse = require "hunch.regex.parse".parse
local emit = require "hunch.regex.emit".emit
local naive = require "support.naive_regex"
local native = require "support.native_regex"
local pike = require "support.pike"
local re2 = require "support.re2_module"

local FOLDER = (os.getenv "HUNCH_SHARED" or "../shared") .. "/peers"
local LEFTMOST_FIRST = 1510 -- lines that count for us, by the folder's README

local function read_lines(path)
    local list = {}
    local file = assert(io.open(FOLDER .. "/" .. path, "rb"))
    for line in file:lines() do list[#list + 1] = cjson.decode(line) end
    file:close()
    return list
end

local function decode_base64(text)
    local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    local bits, n, out = 0, 0, {}
    for char in text:gmatch "[^=]" do
        bits, n = bits << 6 | alphabet:find(char, 1, true) - 1, n + 6
        if n >= 8 then
            n = n - 8
            out[#out + 1] = string.char(bits >> n & 0xFF)
        end
    end
    return table.concat(out)
end

--- The expectation in the shape of our results: 1-based inclusive spans, false for no span.
local function expected(case)
    local list = {}
    for i, match in ipairs(case.matches) do
        list[i] = {}
        for j, span in ipairs(match) do
            list[i][j] = span ~= cjson.null and { span[1] + 1, span[2] }
        end
    end
    return list
end

local function flags_of(case)
    return (case.case_insensitive and "i" or "") .. (case.multi_line and "m" or "")
        .. (case.dot_all and "s" or "")
end

local function text_of(case)
    return case.text or decode_base64(case.text_b64)
end

local function options_of(case)
    return { anchored = case.anchored, limit = case.match_limit }
end

local MATCHERS = {
    naive = function(tree, text, options) return naive.matches(tree, text, options) end,
    pike = function(tree, text, options) return pike.matches(assert(emit(tree)), text, options) end,
    native = native.matches,
}

describe("the regex conformance vectors", function()
    local cases = {}
    for _, case in ipairs(read_lines "regex/vectors.jsonl") do
        if case.semantics == "leftmost-first" then cases[#cases + 1] = case end
    end

    it("are all there", function()
        assert.equal(LEFTMOST_FIRST, #cases)
    end)

    for _, name in ipairs { "naive", "pike", "native" } do
        it("hold for " .. name, function()
            for _, case in ipairs(cases) do
                local tree, problem = parse(case.pattern, flags_of(case))
                assert(tree, tree or case.id .. ": " .. tostring(problem.message))
                local found = MATCHERS[name](tree, text_of(case), options_of(case))
                assert.same(expected(case), found, case.id .. " " .. case.pattern)
            end
        end)
    end

    it("hold backwards: reversed code accepts every span that matched", function()
        for _, case in ipairs(cases) do
            local tree = assert(parse(case.pattern, flags_of(case)))
            local code = assert(emit(tree, { reverse = true }))
            for _, match in ipairs(expected(case)) do
                local first, last = match[1][1], match[1][2]
                assert.is_true(pike.accepts(code, text_of(case), first, last, true), case.id)
            end
        end
    end)

    it("refuse what RE2 refuses", function()
        local list = read_lines "regex/errors.jsonl"
        assert.equal(17, #list)
        for _, case in ipairs(list) do
            local tree, problem = parse(case.pattern)
            assert.is_nil(tree, case.id .. " " .. case.pattern)
            assert.is_string(problem.message)
            assert.is_true(problem.position >= 1 and problem.position <= #case.pattern + 1)
        end
    end)
end)

describe("gitleaks' regexes", function()
    local file = assert(io.open(FOLDER .. "/gitleaks/gitleaks.toml", "rb"))
    local toml = file:read "a"
    file:close()

    it("compile, all of them, forwards and backwards", function()
        local n = 0
        for pattern in toml:gmatch "'''(.-)'''" do
            local tree, problem = parse(pattern)
            assert(tree, tree or pattern .. ": " .. tostring(problem.message))
            assert.is_table(emit(tree))
            assert.is_table(emit(tree, { reverse = true }))
            n = n + 1
        end
        assert.is_true(n > 300)
    end)

    it("match gitleaks' texts as RE2 does", function()
        local code, pattern_of = {}, {}
        for id, pattern in toml:gmatch "\nid = \"([^\"]+)\"[^[]-\nregex = '''(.-)'''" do
            pattern_of[id], code[id] = pattern, assert(emit(parse(pattern)))
        end
        local compared, matched = 0, 0
        for _, case in ipairs(read_lines "gitleaks/vectors.jsonl") do
            local pattern, text = pattern_of[case.rule], case.text
            if pattern and text then
                local wanted = assert(re2.matches(pattern, "", text))
                assert.same(wanted, pike.matches(code[case.rule], text), case.rule .. ": " .. text)
                assert.same(wanted, native.matches(assert(parse(pattern)), text), case.rule .. ": " .. text)
                compared, matched = compared + 1, matched + (#wanted > 0 and 1 or 0)
            end
        end
        assert.is_true(compared > 1000 and matched > 500, compared .. " " .. matched)
    end)
end)
