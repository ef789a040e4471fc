-- Units, and what rules found in them, that are kept in the cache folder: a scan that reads them gives what a scan
-- without them gives, and what is damaged is a miss.
local hunch = require "hunch"
local matrix = require "support.matrix"
local native = require "hunch.native"
local programs = require "support.random_program"
local random_numbers = require "support.random"
local tree = require "support.tree"

local FILLER = ("/* what makes the unit large enough to be kept */\n"):rep(800)
local RULES = [[
rule "runs" { language = "c", confirm = { taint { from = call { "getenv" }, to = argument { "system", 1 },
  except = { call { "quote" } }, unless = { guard { call "is_safe", on = 1 } } } } }
rule "ends" { language = "c", confirm = { taint { from = call { "getenv" }, to = argument { "exit", 1 },
  unless = { guard { compare = "<", with = "clean" } } } } }
rule "py" { language = "python", confirm = { taint { from = call { "input" }, to = argument { "os.system", 1 },
  except = { call { "quote" } }, unless = { guard { call "is_safe", on = 1 } } } } }
rule "js" { language = "javascript", confirm = { taint {
  from = { field { "req.query" }, global { "process.argv", "location.hash" } },
  to = { argument { "child_process.exec", 1 }, field { "innerHTML" } } } } }
]]
local COUNT = os.getenv "HUNCH_SOAK" and 400 or os.getenv "HUNCH_SAN" and 5 or 25

describe("units that are kept", function()
    local folder, compiled

    before_each(function()
        compiled = {}
        folder = tree.new()
        folder:write("rules/r.lua", RULES)
    end)
    after_each(function() folder:remove() end)

    -- All that was found and not, as text, and how many matches that are. cache: a folder's name, or nil.
    local function scan(cache, options)
        options = options or {}
        local path, threads = options.rules or folder:at "rules", options.threads or 2
        local key = ("%s %s %d"):format(cache or "", path, threads)
        if not compiled[key] then
            local engine = assert(hunch.engine {
                cache = cache and folder:folder(cache .. "/") or "", threads = threads })
            compiled[key] = assert(engine:compile { path })
        end
        local result = assert(compiled[key]:scan_paths({ folder:at "src" }, { link = options.link or "path" }))
        local lines = {}
        for _, m in ipairs(result.matches) do
            lines[#lines + 1] = ("%s %s %d %d"):format(m.record, m.rule, m.first, m.last)
            for _, step in ipairs(m.witness or {}) do -- none where a span that was damaged is none
                lines[#lines + 1] = ("%s %d %d %s %s"):format(step.record, step.line, step.column, step.what, step.text)
            end
        end
        for _, l in ipairs(result.incomplete) do
            lines[#lines + 1] = ("%s %s %s"):format(l.record, l.reason, l.detail)
        end
        return table.concat(lines, "\n"), #result.matches
    end

    -- kind: "unit" or "found".
    local function entries(cache, kind)
        local pipe <close> = assert(io.popen(("ls %s 2>/dev/null | grep '^graph-%s-'"):format(folder:at(cache), kind or
            "unit")))
        local list = {}
        for line in pipe:lines() do list[#list + 1] = folder:at(cache .. "/" .. line) end
        return list
    end

    -- Entries of a kind that were not read since all of them were made to look old.
    local function age(kind)
        assert(os.execute("touch -d 2020-01-01 " .. table.concat(entries("cache", kind), " ")))
        return function()
            local pipe <close> = assert(io.popen(("find %s -name 'graph-%s-*' ! -newermt 2021-01-01"):format(
                folder:at "cache", kind)))
            return pipe:read "l"
        end
    end

    -- Units are asked for where nothing is known of what was found in them.
    local function forget_found() os.execute(("rm -f %s/graph-found-*"):format(folder:at "cache")) end

    -- Is what was found read the second time, then the unit, and are they the same as one that is built?
    local function compare(options)
        os.execute(("rm -f %s/*"):format(folder:at "cache"))
        local wanted, matches = scan(nil, options)
        assert.equal(wanted, (scan("cache", options)))
        if matches == 0 then return 0 end -- no rule's names may be there
        local units, found = entries "cache", entries("cache", "found")
        assert.is_true(#units > 0 and #units == #found)
        local unread = age "found"
        assert.equal(wanted, (scan("cache", options)))
        assert.is_nil(unread())
        unread = age "unit"
        for threads = 1, 2 do
            forget_found()
            assert.equal(wanted, (scan("cache", { rules = options.rules, link = options.link, threads = threads })))
        end
        assert.is_nil(unread())
        assert.same(units, entries "cache")
        assert.same(found, entries("cache", "found"))
        return matches
    end

    local function copy(path, name)
        local file <close> = assert(io.open(path, "rb"))
        folder:write("src/" .. name, file:read "a")
    end

    for language, topics in pairs {
        c = { "array", "bound", "check", "context", "dead", "guard", "kept", "loop", "memory", "small" },
        py = { "calls", "classes", "modules", "values", "ways" },
        js = { "calls", "modules", "values", "ways" },
    } do
        it("are what they were: ." .. language, function()
            local from = ({ c = "precision", py = "precision_python", js = "precision_javascript" })[language]
            for _, topic in ipairs(topics) do
                copy(("spec/graph/%s/%s.%s"):format(from, topic, language), topic .. "." .. language)
            end
            folder:write("src/filler." .. language, ((language == "py" and FILLER:gsub("/%*", "# "):gsub("%*/", "")) or
                FILLER))
            assert.is_true(compare {} > 0)
            assert.is_true(compare { rules = "rules" } >= 0) -- other rules, the same unit but for library flows
        end)
    end

    it("are what they were: random programs", function()
        local random, matches = random_numbers.generator(41), 0
        for i = 1, COUNT do
            local program = programs.make(random, { guards = true, pointers = true, recursion = i % 2 == 0,
                functions = random(4) - 1 })
            folder:write("src/a.c", program.text .. FILLER)
            matches = matches + compare { rules = folder:at "rules" }
        end
        assert.is_true(matches > COUNT / 4)
    end)

    it("are what they were: programs of several files, one a folder", function()
        local made, every = 0, os.getenv "HUNCH_SOAK" and 20 or 400
        matrix.each(function(weakness, source, use, shape, turn)
            made = made + 1
            if made % every ~= 1 then return end
            for _, record in ipairs(matrix.program(weakness, source, use, shape, turn).records) do
                folder:write(("src/p%d/%s"):format(made, record.name), record.data .. FILLER)
            end
        end, true)
        assert.is_true(compare { rules = "rules/c", link = "dir" } > made / every / 2)
    end)

    local MAIN = [[
#include <stdlib.h>
#include "run.h"
int is_safe(const char *text);
int helper(const char *text) { if (is_safe(text)) return RUN(text); exit(atoi(text)); }
int broken(void) { return (; }
int main(void) { char *text = getenv("TEXT"); system(text); return helper(text); }
]]

    local function write()
        folder:write("src/a/main.c", MAIN .. FILLER)
        folder:write("src/b/run.h", "#define RUN system\n")
    end

    it("hold for rules that they were not built for", function()
        write()
        local _, first = scan "cache"
        assert.equal(2, first)
        folder:write("rules/r.lua", RULES .. [[
rule "more" { language = "c", confirm = { taint { from = parameter { "helper", 1 }, to = argument { "system", 1 } } } }
rule "never" { language = "c", confirm = { dominates { by = { call { "quote" } }, of = { call { "system" } },
  missing = true } } }
]])
        compiled = {}
        local wanted, more = scan(nil)
        assert.equal(wanted, (scan "cache"))
        assert.is_true(more > first)
        assert.equal(1, #entries "cache")
    end)

    it("hold as long as all that is included from elsewhere is the same", function()
        write()
        folder:write("src/a/run.h", "#define RUN system\n")
        local options = { link = "dir" }
        local function both()
            local wanted = scan(nil, options)
            for _ = 1, 2 do assert.equal(wanted, (scan("cache", options))) end
            forget_found()
            assert.equal(wanted, (scan("cache", options)))
        end
        both()
        folder:write("src/a/run.h", "#define RUN puts\n")
        both()
        assert(os.remove(folder:at "src/a/run.h"))
        both()
        folder:write("src/b/run.h", "#define RUN puts\n")
        both()
    end)

    local RUNS = '#include <stdlib.h>\nint main(void) { return RUN(getenv("TEXT")); }\n'

    it("hold as long as what was found is the same file, too: headers of headers", function()
        local options = { link = "dir" }
        folder:write("src/a/main.c", '#include "run.h"\n' .. RUNS .. FILLER)
        folder:write("src/b/run.h", '#include "def.h"\n')
        folder:write("src/b/def.h", "#define RUN puts\n")
        folder:write("src/c/def.h", "#define RUN system\n")
        local _, before = scan("cache", options)
        assert(os.rename(folder:at "src/b/run.h", folder:at "src/c/run.h"))
        local wanted, after = scan(nil, options)
        assert.is_true(after > before)
        assert.equal(wanted, (scan("cache", options)))
    end)

    it("and whether two of equal bytes are one", function()
        local options = { link = "dir" }
        folder:write("src/a/main.c", '#include "x/list.h"\n#undef RUN\n#define RUN puts\n#include "q/x/list.h"\n'
            .. RUNS .. FILLER)
        folder:write("src/a/x/list.h", "#undef RUN\n#define RUN system\n")
        folder:write("src/a/q/x/list.h", "#undef RUN\n#define RUN system\n")
        local _, before = scan("cache", options)
        assert(os.remove(folder:at "src/a/x/list.h"))
        local wanted, after = scan(nil, options)
        assert.is_true(before ~= after)
        assert.equal(wanted, (scan("cache", options)))
    end)

    it("are built again when a file, its name or a library flow is another", function()
        write()
        scan "cache"
        assert.equal(1, #entries "cache")
        folder:write("src/a/main.c", MAIN:gsub("TEXT", "WORD") .. FILLER)
        scan "cache"
        assert.equal(2, #entries "cache")
        assert(os.rename(folder:at "src/a/main.c", folder:at "src/a/other.c"))
        scan "cache"
        assert.equal(3, #entries "cache")
        folder:write("rules/library.lua", 'library { language = "c", ["nobody"] = { "1 -> return" } }\n')
        compiled = {}
        scan "cache"
        assert.equal(4, #entries "cache")
    end)

    it("are not there for sources that are read as fast", function()
        folder:write("src/main.c", MAIN)
        scan "cache"
        assert.equal(0, #entries "cache")
    end)

    it("do without a folder that can be written", function()
        write()
        local wanted = scan(nil)
        folder:folder "cache/"
        assert(os.execute("chmod 0755 " .. folder:at "cache"))
        assert.equal(wanted, (scan "cache"))
        assert.same({}, entries "cache")
    end)

    -- Bytes behind the cache's own head: magic, key, checksum and length take 48.
    local function damage(path, bytes, seal)
        local out <close> = assert(io.open(path, "wb"))
        local rest = bytes:sub(49)
        out:write(seal and bytes:sub(1, 24) .. native.hash(rest) .. string.pack("<I8", #rest) .. rest or bytes)
    end

    for _, kind in ipairs { "unit", "found" } do
        local function read_entry()
            write()
            forget_found()
            scan "cache"
            local path = entries("cache", kind)[1]
            local file <close> = assert(io.open(path, "rb"))
            return path, file:read "a"
        end

        it("are misses where they are damaged: " .. kind, function()
            local path, bytes = read_entry()
            local wanted = scan(nil)
            for _, one in ipairs { "", bytes:sub(1, 30), bytes:sub(1, 48), bytes:sub(1, -2), bytes .. "x",
                bytes:sub(1, 100) .. string.char(bytes:byte(101) ~ 1) .. bytes:sub(102), "hunch 0" .. bytes:sub(8) } do
                forget_found()
                damage(path, one)
                assert.equal(wanted, (scan "cache"))
            end
            for _, one in ipairs { bytes:sub(1, 48), bytes:sub(1, 56), bytes:sub(1, -9), bytes .. ("x"):rep(8) } do
                forget_found()
                damage(path, one, true)
                assert.equal(wanted, (scan "cache"))
            end
        end)

        it("are not even read where they have grown: " .. kind, function()
            local path = read_entry()
            local wanted = scan(nil)
            assert(os.execute("truncate -s 900M " .. path))
            if kind == "unit" then forget_found() end
            for _ = 1, 2 do assert.equal(wanted, (scan "cache")) end
        end)

        it("never end the program, whatever is in them: " .. kind, function()
            local path, bytes = read_entry()
            local wanted, random, same = scan(nil), random_numbers.generator(17), 0
            for i = 1, COUNT * 12 do
                -- A byte, or one of the numbers of 32 bits that all else is made of.
                local at = 48 + (i % 2 == 0 and random(#bytes - 52) or random(400))
                local value = string.char(({ 0, 1, 255, 128, random(256) - 1 })[random(5)])
                if i % 3 > 0 then
                    at = 49 + (at - 48) // 4 * 4
                    local words = { 0xffffffff, 0xfffffffe, 0, 1, random(1 << 20), 0x80000000 }
                    value = string.pack("<I4", words[random(6)])
                end
                forget_found()
                damage(path, bytes:sub(1, at - 1) .. value .. bytes:sub(at + #value), true)
                if scan "cache" == wanted then same = same + 1 end
            end
            assert.is_true(same > 0)
        end)
    end

    it("have room for 512 MiB together with graphs of files", function()
        write()
        scan "cache"
        folder:write("cache/graph-unit-" .. ("0"):rep(32), "")
        local path = folder:at("cache/graph-unit-" .. ("0"):rep(32))
        assert(os.execute(("truncate -s 600M %s && touch -d 2020-01-01 %s"):format(path, path)))
        folder:write("src/a/main.c", MAIN:gsub("TEXT", "WORD") .. FILLER)
        scan "cache"
        assert.is_nil(io.open(path))
        assert.equal(2, #entries "cache")
    end)
end)
