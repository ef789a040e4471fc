local cjson = require "cjson"
local jsonl = require "hunch.report.jsonl"

local function written(feed)
    local parts = {}
    feed(jsonl.new(function(text) parts[#parts + 1] = text end))
    return table.concat(parts)
end

local function match(fields)
    local one = { record = "src/a.py", rule = "aws-access-key-id", first = 7, last = 26, line = 1, column = 7,
                  text = "AKIA1234567890ABCDEF", captures = { { 7, 26 } }, tags = { "secret", "aws" },
                  severity = "high", meta = {} }
    for key, value in pairs(fields or {}) do
        one[key] = value
    end
    return one
end

describe("report.jsonl", function()
    it("writes a match with its fields in their order", function()
        assert.equal('{"type":"match","record":"src/a.py","rule":"aws-access-key-id","start":6,"end":26,"line":1,'
                     .. '"column":7,"text":"AKIA1234567890ABCDEF","captures":[[6,26]],"tags":["secret","aws"],'
                     .. '"severity":"high","meta":{}}\n',
                     written(function(report) report:match(match()) end))
    end)

    it("writes null for a group that is not set", function()
        local line = written(function(report)
            report:match(match { captures = { false, { 8, 7 }, { 9, 9 } } })
            report:match(match { captures = { false } })
            report:match(match { captures = {} })
        end)
        local seen = {}
        for captures in line:gmatch('"captures":(.-),"tags"') do
            seen[#seen + 1] = captures
        end
        assert.same({ "[null,[7,7],[8,9]]", "[null]", "[]" }, seen)
    end)

    it("carries bytes that are not UTF-8 in base 64", function()
        local line = written(function(report) report:match(match { record = "\xff", text = "a\xfe" }) end)
        assert.matches('"record_b64":"/w==","rule"', line, 1, true)
        assert.matches('"column":7,"text_b64":"Yf4=","captures"', line, 1, true)
    end)

    it("sees that a host stage changed severity, tags or meta", function()
        local text = written(function(report)
            report:match(match())
            report:match(match { severity = "low", meta = { b = 1, a = "x" } })
            report:match(match())
        end)
        local severities = {}
        for line in text:gmatch("[^\n]+") do
            severities[#severities + 1] = cjson.decode(line).severity
        end
        assert.same({ "high", "low", "high" }, severities)
        assert.matches('"meta":{"a":"x","b":1}}', text, 1, true)
    end)

    it("adds the witness of a graph rule", function()
        local line = written(function(report)
            report:match(match { witness = { { record = "b.c", line = 3, column = 4, what = "source", text = "x" } } })
        end)
        assert.matches('"meta":{},"witness":[{"record":"b.c","line":3,"column":4,"what":"source","text":"x"}]}\n', line,
                       1, true)
    end)

    it("writes what was not scanned", function()
        assert.equal('{"type":"incomplete","record":"big.log","rule":null,"reason":"deadline","detail":"2 s"}\n'
                     .. '{"type":"incomplete","record":null,"rule":"r","reason":"memory","detail":""}\n'
                     .. '{"type":"incomplete","record_b64":"/w==","rule":null,"reason":"unreadable","detail":"no"}\n',
                     written(function(report)
                         report:incomplete { record = "big.log", reason = "deadline", detail = "2 s" }
                         report:incomplete { rule = "r", reason = "memory" }
                         report:incomplete { record = "\xff", reason = "unreadable", detail = "no" }
                     end))
    end)

    it("tells what a device's speculators knew from what the host's did", function()
        assert.equal('{"type":"speculator","group":"literal","known_b64":"YQ=="}\n'
                     .. '{"type":"speculator","group":"host","backend":"cuda","known_b64":"Yg=="}\n',
                     written(function(report) report:decisions({}, { literal = "a" }, { host = "b" }) end))
    end)

    it("says in the summary what became of the backend", function()
        local text = written(function(report)
            report:finish { records = 0, bytes = 0, matches = 0, incomplete = 0, seconds = 0, backend = "cuda",
                            tiles = 0, committed = 0, rolled_back = 0, routes = { fused = 0, chained = 0, serial = 0 },
                            speculated = 0, device_bytes = 0, note = 'it "failed"' }
        end)
        assert.equal(',"device_bytes":0,"note":"it \\"failed\\""}\n', text:match ',"device_bytes.*')
    end)

    it("ends with the summary", function()
        assert.equal('{"type":"summary","records":3,"bytes":120,"matches":1,"incomplete":0,"seconds":0.01,'
                     .. '"backend":"cpu","tiles":3,"committed":1,"rolled_back":2,'
                     .. '"routes":{"fused":0,"chained":0,"serial":1},"speculated":0,"device_bytes":0}\n',
                     written(function(report)
                         report:finish { records = 3, bytes = 120, matches = 1, incomplete = 0, seconds = 0.01,
                                         backend = "cpu", tiles = 3, committed = 1, rolled_back = 2,
                                         routes = { fused = 0, chained = 0, serial = 1 }, speculated = 0,
                                         device_bytes = 0 }
                     end))
    end)
end)
