-- A Lua program that uses hunch: reads log files, or standard input as it comes, and says what it found.
--
--   eval "$(make -s env)"
--   lua5.4 examples/lua_host/logwatch.lua examples/tree/logs
--   tail -f app.log | lua5.4 examples/lua_host/logwatch.lua -
local hunch = require "hunch"

local RULES = [==[
rule "failed-login" {
  severity  = "medium",
  prefilter = any { lit("failed", "nocase"), lit("invalid user", "nocase") },
  confirm   = { regex [[(?im)(?:failed password|login failed|invalid user) (?:for )?(?P<who>[\w.@-]+)]] },
}

rule "server-error" {
  severity  = "low",
  prefilter = any { " 500 ", " 502 ", " 503 " },
  confirm   = { regex [[(?m)"(?:GET|POST|PUT|DELETE) (\S+)[^"]*" (50[023]) ]] },
}
]==]

local function show(match)
    io.write(string.format("%s:%d:%d: %s: %s\n", match.record, match.line, match.column, match.rule, match.text))
end

-- What was not looked at is as important as what was found.
local function show_incomplete(entry)
    io.stderr:write(string.format("%s: not everything was scanned: %s %s\n",
        entry.record or "logwatch", entry.reason, entry.detail or ""))
end

local rules, diagnostics = hunch.engine():compile { text = RULES, name = "logwatch.lua" }
if not rules then
    for _, d in ipairs(diagnostics) do
        io.stderr:write(string.format("%s:%d: %s\n", d.file, d.line or 0, d.message))
    end
    os.exit(2)
end

local found = 0
if arg[1] == "-" or not arg[1] then
    -- A stream gives the same answer however its bytes are cut into pieces.
    local stream = rules:stream { name = "stdin" }
    for chunk in function() return io.read(4096) end do
        stream:feed(chunk)
    end
    local result = stream:finish()
    for _, match in ipairs(result.matches) do
        found = found + 1
        show(match)
    end
    for _, entry in ipairs(result.incomplete) do
        show_incomplete(entry)
    end
else
    -- With on_match nothing is kept: matches arrive one by one, in order.
    local result = rules:scan_paths(arg, {
        on_match = function(match)
            found = found + 1
            show(match)
        end,
        on_incomplete = show_incomplete,
    })
    local stats = result.stats
    io.stderr:write(string.format("%d findings in %d files, %d bytes\n", found, stats.records, stats.bytes))
end
os.exit(found > 0 and 1 or 0)
