-- Graphs of files that are kept in the cache folder: the second scan reads them instead of the sources, and finds what
-- a scan without them finds, whatever has changed in between.
local hunch = require "hunch"
local tree = require "support.tree"

local FILLER = ("/* a source that is large enough to be kept */\n"):rep(120)
local SOURCE = FILLER .. [[
#include <stdlib.h>
#include "run.h"
int main(void) { const char *text = getenv("TEXT"); return RUN(text); }
]]
local RULE = [[
rule "runs" { language = "c", confirm = { taint { from = call { "getenv" }, to = argument { "system", 1 } } } }
]]

describe("graphs that are kept", function()
    local folder

    before_each(function()
        folder = tree.new()
        folder:write("rules/r.lua", RULE)
        folder:write("src/main.c", SOURCE)
        folder:write("src/run.h", '#include "what.h"\n#define RUN WHAT\n')
        folder:write("src/what.h", "#define WHAT system\n")
    end)
    after_each(function() folder:remove() end)

    -- How many matches there are, and all that was found and not, as text.
    local function scan(path)
        local engine = assert(hunch.engine { cache = folder:folder "cache/", threads = 2 })
        local result = assert(assert(engine:compile { folder:at "rules" }):scan_paths { path or folder:at "src" })
        local lines = {}
        for _, m in ipairs(result.matches) do
            lines[#lines + 1] = ("%s %s %d %d"):format(m.record, m.rule, m.first, m.last)
            for _, step in ipairs(m.witness) do
                lines[#lines + 1] = step.record .. step.line .. step.what .. step.text
            end
        end
        for _, l in ipairs(result.incomplete) do
            lines[#lines + 1] = ("%s %s %s"):format(l.record, l.reason, l.detail)
        end
        return #result.matches, table.concat(lines, "\n")
    end

    local function entries()
        local pipe <close> = assert(io.popen("ls " .. folder:at "cache" .. "/graph-*"))
        local list = {}
        for line in pipe:lines() do list[#list + 1] = line end
        return list
    end

    -- Which entries were read since all of them were made to look old.
    local function age()
        assert(os.execute("touch -d 2020-01-01 " .. table.concat(entries(), " ")))
        return function()
            local pipe <close> = assert(io.popen(("find %s -name 'graph-*' -newermt 2021-01-01"):format(
                folder:at "cache")))
            local count = 0
            for _ in pipe:lines() do count = count + 1 end
            return count
        end
    end

    it("are read instead of sources, and give the same", function()
        local status, first = scan()
        assert.equal(1, status)
        assert.equal(1, #entries())
        local used = age()
        local again, second = scan()
        assert.same({ 1, first }, { again, second })
        assert.equal(1, used())
        assert.equal(1, #entries())
    end)

    it("hold for the bytes of the source, wherever it lies", function()
        scan()
        folder:write("other/main.c", SOURCE)
        folder:write("other/run.h", '#include "what.h"\n#define RUN WHAT\n')
        folder:write("other/what.h", "#define WHAT system\n")
        local used = age()
        assert.equal(1, (scan(folder:at "other")))
        assert.equal(1, used())
        assert.equal(1, #entries())
        folder:write("other/main.c", (SOURCE:gsub('"TEXT"', '"WORD"')))
        assert.equal(1, (scan(folder:at "other")))
        assert.equal(2, #entries())
    end)

    it("hold as long as all that is included is the same", function()
        assert.equal(1, (scan()))
        folder:write("src/what.h", "#define WHAT puts\n")
        assert.equal(0, (scan()))
        folder:write("src/what.h", "#define WHAT system\n")
        assert.equal(1, (scan()))
        assert(os.remove(folder:at "src/what.h"))
        assert.equal(0, (scan()))
        folder:write("src/what.h", "#define WHAT system\n")
        assert.equal(1, (scan()))
        assert.equal(1, #entries())
    end)

    it("say what of a source could not be read", function()
        folder:write("src/main.c", SOURCE .. "int broken(void) { return (; }\n")
        local _, first = scan()
        local used = age()
        local _, second = scan()
        assert.truthy(first:find("syntax error", 1, true))
        assert.equal(first, second)
        assert.equal(1, used())
    end)

    it("are misses where they are damaged", function()
        local _, first = scan()
        local path = entries()[1]
        local file = assert(io.open(path, "rb"))
        local bytes = file:read "a"
        file:close()
        for _, damaged in ipairs { "", bytes:sub(1, 50), bytes:sub(1, -2), bytes .. "x",
            bytes:sub(1, 200) .. string.char(bytes:byte(201) ~ 1) .. bytes:sub(202) } do
            local out = assert(io.open(path, "wb"))
            out:write(damaged)
            out:close()
            local status, again = scan()
            assert.same({ 1, first }, { status, again })
        end
    end)
end)
