local base64 = require "hunch.report.base64"
local cjson = require "cjson"
local command = require "support.command"
local html_page = require "hunch.report.html_page"
local sha256 = require "hunch.report.sha256"

local RULES = [[
rule "word" { title = "A </script><b>word</b>", severity = "high", pattern = "k%S+" }
rule "other" { severity = "low", pattern = "\xff[^\n]*", witness = {
  { record = "<a>.c", line = 3, column = 1, what = "source", text = "x < y" },
  { record = "b.c", line = 9, column = 4, what = "sink", text = "f(x)" } } }
]]

local function blocks(page, name)
    local list = {}
    for body in page:gmatch('<script type="application/json" data%-block="' .. name .. '">(.-)</script>') do
        for _, item in ipairs(cjson.decode(body)) do
            list[#list + 1] = item
        end
    end
    return list
end

describe("report.html", function()
    local folder, page

    setup(function()
        folder = command.folder {
            ["rules.lua"] = RULES,
            ["in/a.txt"] = "x k</script><script>alert(1)</script> & 'y'\n<!-- k2\n\xff\27[31m\u{202e} -->",
            ["in/<b>\xfe.txt"] = "k" .. string.rep("z", 5000),
        }
        local result = command.run { "scan", "-r", folder.path .. "/rules.lua", "--format", "html",
                                     folder.path .. "/in", folder.path .. "/<gone>" }
        assert.equal(3, result.status)
        page = result.out
    end)

    teardown(function()
        folder.remove()
    end)

    it("holds the findings as data", function()
        local findings = blocks(page, "findings")
        local about = cjson.decode(page:match('<script type="application/json" id="about">(.-)</script>'))
        assert.equal(4, #findings)
        local shown = {}
        for i, f in ipairs(findings) do
            shown[i] = { f[1], about.rules[f[2] + 1][1], f[4], f[5], f[6] }
        end
        assert.same({ { 1, "word", 1, 1, "" }, { 1, "word", 1, 3, "x " }, { 1, "word", 2, 6, "<!-- " },
                      { 3, "other", 3, 1, "" } }, shown)
        assert.matches("^4 matches in 2 records, ", about.summary)
        assert.equal("A </script><b>word</b>", about.rules[1][2])
    end)

    it("holds the way of what a graph rule found", function()
        local findings = blocks(page, "findings")
        assert.same({ { 0, "source", "<a>.c:3:1", "x < y" }, { 0, "sink", "b.c:9:4", "f(x)" } }, findings[4][9])
        assert.is_nil(findings[1][9])
        assert.is_nil(page:find("<a>", 1, true))
    end)

    it("shows what is odd in a record spelt out and cuts what is long", function()
        local findings = blocks(page, "findings")
        assert.matches("/<b>\\xfe.txt", findings[1][3], 1, true)
        assert.equal("k" .. string.rep("z", 399) .. "…", findings[1][7])
        assert.equal("\\xff\\x1b[31m\\u{202e} -->", findings[4][7])
        assert.equal("k</script><script>alert(1)</script>", findings[2][7])
    end)

    it("lists what was not scanned", function()
        local entries = blocks(page, "incomplete")
        assert.equal(1, #entries)
        assert.matches("/<gone>$", entries[1][1])
        assert.equal("unreadable", entries[1][3])
    end)

    it("has no markup but its own", function()
        local without = page
        for _, own in ipairs { html_page.style, html_page.script } do
            local first, last = without:find(own, 1, true)
            without = without:sub(1, first - 1) .. without:sub(last + 1)
        end
        local data
        without = without:gsub('<script type="application/json"[^>]*>(.-)</script>', function(body)
            data = (data or "") .. body
            return ""
        end)
        assert.is_nil(data:find("[<>&]"))
        assert.is_nil(without:find("alert", 1, true))
        assert.is_nil(without:find("%son%a+%s*="))
        assert.is_nil(page:find("style="))
        for link in without:gmatch('%s%a+="(%a+:[^"]*)"') do
            error("the report refers to " .. link)
        end
    end)

    it("admits exactly its own script and style", function()
        local policy = page:match('http%-equiv="Content%-Security%-Policy" content="([^"]*)"')
        local style, script = page:match("<style>(.-)</style>"), page:match("<script>(.-)</script>\n</body>")
        assert.equal(string.format("default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; "
                                   .. "base-uri 'none'; form-action 'none'", base64.encode(sha256.digest(style)),
                                   base64.encode(sha256.digest(script))), policy)
    end)

    it("gives every control a label", function()
        for id in page:gmatch('<input[^>]*id="([^"]+)"') do
            assert.matches('<label>[^<]*<input[^>]*id="' .. id:gsub("%-", "%%-") .. '"', page)
        end
        assert.matches('<html lang="en">', page, 1, true)
        assert.matches("<caption", page, 1, true)
        assert.matches('role="status"', page, 1, true)
    end)

    it("splits the data of many findings into blocks that parse one by one", function()
        local html = require "hunch.report.html"
        local parts = {}
        local report = html.new(function(text) parts[#parts + 1] = text end, {
            rules = {}, version = "0", context = require("hunch.report.context").new(function() return nil end),
        })
        report:start()
        for i = 1, 20000 do
            report:match { record = "file" .. i, rule = "r" .. i % 3, severity = "info", first = 1, last = 80, line = i,
                           column = 1, text = string.rep("t", 80), before = "", after = "" }
        end
        report:finish { matches = 20000, records = 1, bytes = 1, seconds = 0, backend = "ref", status = 1 }
        local text = table.concat(parts)
        assert.equal(20000, #blocks(text, "findings"))
        assert.is_true(select(2, text:gsub('data%-block="findings"', "")) > 1)
    end)
end)
