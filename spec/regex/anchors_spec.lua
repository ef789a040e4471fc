local anchors = require "hunch.regex.anchors"
local charset = require "hunch.regex.charset"
local emit = require "hunch.regex.emit"
local ngram = require "hunch.ngram"
local parse = require "hunch.regex.parse"

local check = require "support.anchor_check"
local naive = require "support.naive_regex"
local random_literals = require "support.random_literals"
local random_regex = require "support.random_regex"
local runner = require "support.code_runner"
local sample_regex = require "support.sample_regex"

local function compile(pattern, flags)
    local tree = assert(parse.parse(pattern, flags or ""))
    local emitted = assert(emit.emit(tree))
    return tree, emitted, anchors.anchors(tree, emitted)
end

-- One line an anchor: what stands there, where, and how the start of the match is found.
local function show(pattern, flags)
    local _, _, list = compile(pattern, flags)
    if not list then
        return "everywhere"
    end
    local lines = {}
    for i, anchor in ipairs(list) do
        local what = {}
        for j, literal in ipairs(anchor.literals or {}) do
            what[j] = literal.bytes .. (literal.nocase and "/i" or "")
        end
        if anchor.class then
            what[1] = charset.to_string(anchor.class) .. "{" .. anchor.length .. "}"
        end
        lines[i] = ("%s @%d..%s %s"):format(table.concat(what, " "), anchor.before_min, anchor.before_max or "",
            anchor.prefix)
    end
    return table.concat(lines, "\n")
end

describe("the anchors of a regex", function()
    it("are its literals, read as far as they go", function()
        assert.equal("ghp_ @0..0 fixed", show "ghp_[0-9a-zA-Z]{36}")
        assert.equal("_mmk @36..36 fixed", show [[\b([A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk)$]])
        assert.equal("adafruit/i @0..50 run", show [[(?i)[\w.-]{0,50}?(?:adafruit)(?:[ \t\w.-]{0,20})=]])
    end)

    it("join runs of one set before them", function()
        assert.equal("meraki/i @0..100 run",
            show [[[\w.-]{0,50}?(?i:[\w.-]{0,50}?(?:(?-i:[Mm]eraki|MERAKI)))[\s=]{0,9}]])
    end)

    it("need a program where an assertion or another set stands before them", function()
        assert.equal("hello @1..3 program", show [[\b[a-f]{1,3}hello]])
        assert.equal("hello @1.. program", show [[a*[^0-9]hello]])
        assert.equal("hello @0.. run", show [[[a-z]*hello]])
    end)

    it("multiply small sets and keep branches together", function()
        assert.equal("api-key/i api_key/i app-key/i app_key/i @0..0 fixed", show "(?i)(?:api|app)[-_]key")
        assert.equal("A3T ABIA ACCA AKIA ASIA @0..0 fixed",
            show [[\b((?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b]])
    end)

    it("stand inside branches where these have their own", function()
        assert.equal("wrdl_one_ @3..5 run\nwrdl_two_ @0..4 run",
            show [[(?:[0-9]{3,5}wrdl_one_|[a-z]{0,4}wrdl_two_)]])
    end)

    it("go into the first round of a repeat", function()
        assert.equal("zqx_ @1..1 fixed", show [[(?:[0-9]zqx_[0-9])+]])
        assert.equal("zqx_ @1..1 fixed", show [[(?:[0-9]zqx_[0-9]){2,7}]])
    end)

    it("are spelled in the case that the pattern asks for", function()
        assert.equal("p8e- @0..0 fixed", show [[p8e-(?i)[a-z0-9]{32}]])
        assert.equal("clojars_/i @0..0 fixed", show [[(?i)CLOJARS_[a-z0-9]{60}]])
        assert.equal("Api api @0..0 fixed", show "[Aa]pi")
        assert.equal("xyzzy/i @0..0 fixed", show "[Xx]yzzy") -- one literal, and hardly more hits
    end)

    it("are a run of a class where nothing is spelled", function()
        assert.equal("[0-9a-f]{40} @0..0 fixed", show [[\b[a-f0-9]{40}\b]])
        assert.equal("[\\-0-9a-f]{36} @0..0 fixed",
            show [=[[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}]=])
        assert.equal("[0-9a-z]{12} @0..0 fixed", show [=[[a-z][0-9a-z]{11,}[A-Z]{0,3}]=])
    end)

    it("are one class for all branches, not classes beside literals", function()
        assert.equal("[0-9_a-gpz]{12} @0..0 fixed", show [[(?:zgp_[0-9]{8}|[a-f0-9]{40})]])
        assert.equal("zgp_ @0..0 fixed\nxq_ @0..9 run", show [[(?:zgp_[0-9]{8}|[a-z0-9]{0,9}xq_)]])
    end)

    it("are absent where every position may match", function()
        for _, pattern in ipairs { "", "a*", ".", [[\w+]], "(?s:.)*", [[\b]], "(?:foo)?", "foo|", "[a-z]{3}" } do
            assert.equal("everywhere", show(pattern), pattern)
        end
    end)

    it("are one byte only where that byte is rare or nothing else is left", function()
        assert.equal("@ @1.. run", show [[[\w.+-]+@[\w-]+\.[a-z]+]])
        assert.equal("everywhere", show "[a-z]* [a-z]*")
    end)

    it("do not choose padding", function()
        assert.equal("zwitt/i @0..50 run", show [[(?i)[\w.-]{0,50}?zwitt[\s=]{0,9}(A{22}[a-zA-Z0-9%]{80,100})]])
    end)

    it("cost little on patterns made to be large", function()
        local words = {}
        for i = 1, 2000 do
            words[i] = ("w%dx"):format(i * 7919 % 10007)
        end
        local patterns = {
            table.concat(words, "|"), ("(?:%s)"):format(table.concat(words, ")?(?:")), ("(?:a?b?){1,3}"):rep(200),
            ("[ab]"):rep(3000), ("(a|"):rep(300) .. "b" .. (")"):rep(300), ("(?:"):rep(300) .. "ab" .. ("+)"):rep(300),
            ("(?:\\b"):rep(20) .. ("{2,9})"):rep(20),
        }
        for _, pattern in ipairs(patterns) do
            local tree = parse.parse(pattern, "")
            local emitted = tree and emit.emit(tree)
            if emitted then
                local steps = 0
                debug.sethook(function() steps = steps + 1 end, "", 1000)
                anchors.anchors(tree, emitted)
                debug.sethook()
                assert.is_true(steps < 60000, ("%d thousand instructions for %s"):format(steps, pattern:sub(1, 30)))
            end
        end
    end)
end)

describe("what anchors promise", function()
    local hits, class_hits = ngram.hits, ngram.class_hits
    local max_cost, min_run = anchors.MAX_COST, anchors.MIN_CLASS_RUN

    after_each(function()
        ngram.hits, ngram.class_hits = hits, class_hits
        anchors.MAX_COST, anchors.MIN_CLASS_RUN = max_cost, min_run
    end)

    -- The model is replaced by one that likes a random place, so that every kind of place is chosen some time.
    local function like_anything(random)
        local salt = random(1 << 30)
        anchors.MAX_COST, anchors.MIN_CLASS_RUN = math.huge, 2
        ngram.hits = function(bytes)
            local hash = salt
            for i = 1, #bytes do
                hash = (hash * 31 + bytes:byte(i)) & 0xffffff
            end
            return hash % 1000
        end
        ngram.class_hits = function() return random(1000) end
    end

    it("holds for random patterns and texts", function()
        local random = random_regex.generator(20)
        local with_anchors, spans, kinds = 0, 0, {}
        local share = os.getenv("HUNCH_SAN") and 10 or 1
        for _ = 1, 3000 // share do
            local pattern = random_literals.pattern(random, 4)
            local tree = parse.parse(pattern, random(4) == 1 and "i" or "")
            if tree then
                like_anything(random)
                local emitted = assert(emit.emit(tree))
                local list = anchors.anchors(tree, emitted)
                if list then
                    with_anchors = with_anchors + 1
                    for _, anchor in ipairs(list) do
                        kinds[anchor.prefix] = (kinds[anchor.prefix] or 0) + 1
                    end
                    for round = 1, 4 do
                        local text = random_regex.text(random, 6)
                            .. (round < 4 and sample_regex.sample(tree, random) or "") .. random_regex.text(random, 6)
                        text = text:sub(1, 36)
                        for _, span in ipairs(runner.spans(emitted, text)) do
                            spans = spans + 1
                            if not check.covers(list, emitted, text, span[1], span[2]) then
                                error(("%s on %q: %d..%d is missed"):format(pattern, text, span[1], span[2]))
                            end
                        end
                        local from, at, to = check.unfounded(list, emitted, text)
                        if from then
                            error(("%s on %q: %d..%d..%d is no match"):format(pattern, text, from, at, to))
                        end
                    end
                end
            end
        end
        assert.is_true(with_anchors > 200 // share and spans > 2000 // share)
        assert.is_true(kinds.fixed > 20 // share and kinds.run > 20 // share and kinds.program > 20 // share)
    end)

    it("holds for the matches that the naive matcher finds", function()
        local random = random_regex.generator(21)
        local matches = 0
        for _ = 1, os.getenv("HUNCH_SAN") and 100 or 1000 do
            local pattern = random_literals.pattern(random, 3)
            local tree = parse.parse(pattern, "")
            local emitted = tree and assert(emit.emit(tree))
            local list = tree and anchors.anchors(tree, emitted)
            if list then
                local text = random_regex.text(random, 9) .. sample_regex.sample(tree, random)
                    .. random_regex.text(random, 9)
                for _, groups in ipairs(naive.matches(tree, text)) do
                    matches = matches + 1
                    if not check.covers(list, emitted, text, groups[1][1] - 1, groups[1][2]) then
                        error(("%s on %q: %d..%d is missed"):format(pattern, text, groups[1][1], groups[1][2]))
                    end
                end
            end
        end
        assert.is_true(matches > 50)
    end)
end)
