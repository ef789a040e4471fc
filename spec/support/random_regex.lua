--- Random patterns and texts for differential specs, from a generator of our own: the same seed
-- gives the same cases on every build of Lua.
local M = {}

local ATOMS = {
    "a", "b", "a", "b", "c", ".", "[ab]", "[^a]", "\\b", "\\B", "^", "$", "", "(?:)", "\\d", "\\w", "\\W",
    "[a-c]", "\\x00", "\\xff", "\\n", "\\A", "\\z", "(?i)a", "(?m)^", "(?m:$)", "(?s:.)", "[[:alpha:]]",
    "\\s", "A", "-", "_", "1", "\\x{41}", "\\101", "\\Qa.\\E", "[\\x80-\\xff]", "(?i:[^b])", "(?U)",
}
local REPEATS = {
    "*", "+", "?", "*?", "+?", "??", "{2}", "{0}", "{1}", "{0,1}", "{1,2}", "{2,}", "{0,}", "{1,}",
    "{2,3}?", "{0,2}", "{3,}?", "{1,3}", "{,2}", "{2",
}
local SYNTAX = "ab()[]{}*+?|.^$\\-,:=!<>Pimn0123dwsbBQEx "
local PLAIN = { "a", "b", "c" }
local BYTES = { "a", "b", "a", "b", "c", "\n", " ", "A", "B", "-", "\0", "\255", "1", "_", "\128" }

--- Patterns as people write them, for mutation.
M.REAL = {
    [[\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b]],
    [[(?i)[\w.-]{0,50}?(?:access|auth|(?-i:[Aa]pi|API)|key|token)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|>|:{1,3}=|\|\||:)]],
    [[-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY(?: BLOCK)?-----[\s\S]{64,}?KEY(?: BLOCK)?-----]],
    [[\b(ey[a-zA-Z0-9]{17,}\.ey[a-zA-Z0-9\/\\_-]{17,}\.(?:[a-zA-Z0-9\/\\_-]{10,}={0,2})?)(?:[\x60'"\s;]|\\[nr]|$)]],
    [[^(?P<user>[^@\s]+)@(?P<host>(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,})$]],
    [[(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}]],
    [[(?m)^\s*#\s*include\s+[<"]([^>"]+)[>"]$]],
    [[(?s)/\*.*?\*/|//[^\n]*]],
    [[\Q[section]\E\x20*=\x{20}*(\101|[[:alpha:]_][[:alnum:]_]*)]],
    [[(?U)"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*']],
    [[[α-ωΑ-Ω]{2,}|[éèêë]+\x{20AC}?]],
}

--- random(n): an integer of 1..n. xorshift, so that it does not depend on Lua's own generator.
function M.generator(seed)
    local state = seed * 0x9E3779B97F4A7C15 | 1
    return function(n)
        state = state ~ (state << 13)
        state = state ~ (state >> 7)
        state = state ~ (state << 17)
        return (state >> 11) % n + 1
    end
end

--- A pattern nested up to `depth` levels; it may be refused.
function M.pattern(random, depth)
    local kind = random(100)
    if depth <= 0 or kind < 25 then return ATOMS[random(#ATOMS)] end
    local inner = M.pattern(random, depth - 1)
    if kind < 50 then return inner .. M.pattern(random, depth - 1) end
    if kind < 62 then return "(" .. inner .. ")" end
    if kind < 68 then return "(?:" .. inner .. ")" end
    if kind < 80 then return inner .. "|" .. M.pattern(random, depth - 1) end
    if random(3) > 1 then inner = (random(2) == 1 and "(" or "(?:") .. inner .. ")" end
    return inner .. REPEATS[random(#REPEATS)]
end

--- The pattern with one to three characters of syntax put in, taken out or replaced.
function M.mutate(random, pattern)
    for _ = 1, random(3) do
        local at, kind = random(#pattern + 1) - 1, random(3)
        local pick = random(#SYNTAX)
        local char = kind == 2 and "" or SYNTAX:sub(pick, pick)
        pattern = pattern:sub(1, at) .. char .. pattern:sub(at + (kind == 1 and 1 or 2))
    end
    return pattern
end

--- A text of up to `limit` bytes, most of them letters of the patterns.
function M.text(random, limit)
    local out = {}
    for i = 1, random(limit + 1) - 1 do
        out[i] = random(3) == 1 and BYTES[random(#BYTES)] or PLAIN[random(#PLAIN)]
    end
    return table.concat(out)
end

--- A string of any bytes.
function M.bytes(random, limit)
    local out = {}
    for i = 1, random(limit + 1) - 1 do out[i] = string.char(random(256) - 1) end
    return table.concat(out)
end

return M
