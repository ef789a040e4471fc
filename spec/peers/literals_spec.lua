-- Anchors and proofs over gitleaks' rules: each match of its regexes on its own samples lies where an anchor says, and
-- the rules whose regex matches text without any of their keywords are known by name. Needs the folder HUNCH_SHARED.
local core = require "hunch.core"

local anchors = require "hunch.regex.anchors"
local cjson = require "cjson"
local emit = require "hunch.regex.emit"
local imply = require "hunch.regex.imply"
local parse = require "hunch.regex.parse"

local check = require "support.anchor_check"
local naive = require "support.naive_regex"

local FOLDER = (os.getenv "HUNCH_SHARED" or "../shared") .. "/peers/gitleaks/"
local SAMPLES = os.getenv "HUNCH_SAN" and 2 or 12 -- of each rule
local LONGEST = 3000 -- bytes of a sample; the checks are slow and plain

local READ_TOML = [[
import json, sys, tomllib
for rule in tomllib.load(open(sys.argv[1], 'rb'))['rules']:
    if 'regex' in rule:
        print(json.dumps({'id': rule['id'], 'regex': rule['regex'], 'keywords': rule.get('keywords', [])}))
]]

local function read_rules()
    local pipe = assert(io.popen(("python3 -c \"%s\" '%sgitleaks.toml'"):format(READ_TOML, FOLDER)))
    local list = {}
    for line in pipe:lines() do
        local rule = cjson.decode(line)
        rule.tree = assert(parse.parse(rule.regex, ""))
        rule.emitted = assert(emit.emit(rule.tree))
        list[#list + 1] = rule
    end
    pipe:close()
    return list
end

-- What the engine finds in the text with the regex alone, and with its keywords before it.
local function scan_both(rule, text)
    local keywords = {}
    for i, keyword in ipairs(rule.keywords) do
        keywords[i] = ("lit(%q, \"nocase\")"):format(keyword)
    end
    local engine = assert(core.engine { backend = "ref", threads = 1 })
    local function count(prefilter)
        local source = ("rule 'r' { %s confirm = { regex(%q) } }"):format(prefilter, rule.regex)
        local rules = assert(engine:compile { name = "r.lua", text = source })
        return #rules:scan({ { name = "t", data = text } }, {}).matches
    end
    return count(""), count("prefilter = any { " .. table.concat(keywords, ", ") .. " },")
end

describe("gitleaks' regexes", function()
    local rules = read_rules()

    it("are all there and all have anchors, most of them literals", function()
        assert.equal(221, #rules)
        local classes = {}
        for _, rule in ipairs(rules) do
            rule.anchors = anchors.anchors(rule.tree, rule.emitted)
            assert.is_table(rule.anchors, rule.id)
            for _, anchor in ipairs(rule.anchors) do
                if anchor.class then
                    classes[#classes + 1] = rule.id
                end
            end
        end
        table.sort(classes)
        assert.same({ "facebook-access-token", "sourcegraph-access-token" }, classes)
    end)

    it("match where their anchors say", function()
        local by_id, taken, matches = {}, {}, 0
        for _, rule in ipairs(rules) do
            rule.anchors = anchors.anchors(rule.tree, rule.emitted)
            by_id[rule.id] = rule
        end
        for line in io.lines(FOLDER .. "vectors.jsonl") do
            local sample = cjson.decode(line)
            local rule = by_id[sample.rule]
            taken[sample.rule] = (taken[sample.rule] or 0) + 1
            if rule and #sample.text < LONGEST and taken[sample.rule] <= SAMPLES then
                for _, groups in ipairs(naive.matches(rule.tree, sample.text)) do
                    matches = matches + 1
                    local from, to = groups[1][1] - 1, groups[1][2]
                    assert.is_true(check.covers(rule.anchors, rule.emitted, sample.text, from, to), sample.text)
                end
            end
        end
        assert.is_true(matches > 300)
    end)

    it("imply their keywords but for six", function()
        local refuted = {}
        for _, rule in ipairs(rules) do
            local items = {}
            for i, keyword in ipairs(rule.keywords) do
                items[i] = { kind = "literal", bytes = keyword, nocase = true }
            end
            local result = imply.implied(rule.tree, { kind = "any", items = items }, rule.emitted)
            assert.is_nil(result.unknown, rule.id)
            if result.text then
                refuted[#refuted + 1] = rule.id
                assert.is_true(#naive.matches(rule.tree, result.text) > 0, rule.id)
                for _, keyword in ipairs(rule.keywords) do
                    assert.is_nil(result.text:lower():find(keyword, 1, true), rule.id)
                end
                assert.same({ 1, 0 }, { scan_both(rule, result.text) }, rule.id)
            end
        end
        table.sort(refuted)
        assert.same({ "airtable-personnal-access-token", "facebook-access-token", "sidekiq-sensitive-url",
            "slack-config-access-token", "slack-webhook-url", "sourcegraph-access-token" }, refuted)
    end)
end)
