local io_module = require "support.io_module"

-- { pattern, path, folder, expected }
local cases = {
    -- by name
    { "*.c", "a.c", false, true },
    { "*.c", "src/deep/a.c", false, true },
    { "*.c", "a.cc", false, false },
    { "*.c", ".c", false, true },
    { "a?c", "abc", false, true },
    { "a?c", "a/c", false, false },
    { "a*b*c", "aXXbYYbc", false, true },
    { "a*b*c", "aXXbYYbcd", false, false },
    { "*", ".hidden", false, true },
    { "**", "x/y", false, true },
    { "foo**bar", "x/fooXYbar", false, true },
    { "foo", "foo", false, true },
    { "foo", "x/foo", true, true },
    { "foo", "foo/x", false, false },
    { "foo/", "foo", true, true },
    { "foo/", "foo", false, false },
    { "foo/", "x/foo", true, true },
    -- by path
    { "/foo", "foo", false, true },
    { "/foo", "x/foo", false, false },
    { "src/*.c", "src/a.c", false, true },
    { "src/*.c", "src/x/a.c", false, false },
    { "src/*.c", "x/src/a.c", false, false },
    { "src/**/a.c", "src/a.c", false, true },
    { "src/**/a.c", "src/x/y/a.c", false, true },
    { "src/**/a.c", "src/x/y/b.c", false, false },
    { "src/**", "src/x/y", false, true },
    { "src/**", "src", true, false },
    { "**/foo", "foo", false, true },
    { "**/foo", "a/b/foo", false, true },
    { "**/foo/bar", "a/foo/bar", false, true },
    { "**/foo/**/bar", "foo/foo/x/bar", false, true },
    { "a/**/b/**/c", "a/b/x/c", false, true },
    { "a/**/b/**/c", "a/x/c", false, false },
    { "a/**/**/c", "a/c", false, true },
    { "a//b", "a/b", false, true },
    -- classes and escapes
    { "[a-c]x", "bx", false, true },
    { "[a-c]x", "dx", false, false },
    { "[!a-c]x", "dx", false, true },
    { "[^a-c]x", "ax", false, false },
    { "[]]x", "]x", false, true },
    { "[!]]x", "]x", false, false },
    { "[a-]x", "-x", false, true },
    { "[[:digit:]x]y", "7y", false, true },
    { "[[:digit:]x]y", "xy", false, true },
    { "[[:digit:]]y", "xy", false, false },
    { "[[:space:]]", "\t", false, true },
    { "[[:punct:]]", "#", false, true },
    { "[[:xdigit:]]", "g", false, false },
    { "[\\]]x", "]x", false, true },
    { "[\\a-\\c]x", "bx", false, true },
    { "\\*", "*", false, true },
    { "\\*", "a", false, false },
    { "\\[a]", "[a]", false, true },
    { "a\\\\b", "a\\b", false, true },
    { "\xff*", "\xff\xfe", false, true },
    { "[\x80-\xff]", "\xc3", false, true },
    { "?", "\xc3\xa4", false, false },
    { "./x", "x", false, false },
}

describe("globs", function()
    for _, case in ipairs(cases) do
        local pattern, path, folder, expected = table.unpack(case)
        it(("%q %s %q%s"):format(pattern, expected and "matches" or "does not match", path,
            folder and " (a folder)" or ""), function()
            assert.equal(expected, io_module.glob(pattern, path, folder))
        end)
    end

    it("stand for several patterns with braces", function()
        local function matches(pattern, path)
            return assert(io_module.glob(pattern, path, false, true)) == true
        end
        assert.is_true(matches("*.{c,h}", "x/a.h"))
        assert.is_true(matches("{a,b{c,d}}.{e,}", "bd."))
        assert.is_false(io_module.glob("*.{c,h}", "a.{c,h}", false, true))
        assert.is_true(io_module.glob("*.{c,h}", "a.{c,h}", false, false))
        assert.is_true(matches("a\\{b,c}", "a{b,c}"))
        assert.is_true(matches("[{]x", "{x"))
        assert.is_true(matches("{x[,]y,z}", "x,y"))
        assert.is_true(matches("a}", "a}"))
    end)

    it("may begin as paths below the folder one is in are shown", function()
        for _, case in ipairs {
            { "./src/*.c", "./src/a.c", 2, true }, { "./src/*.c", "./src/a.c", 6, true },
            { "./src/*.c", "x/src/a.c", 0, false },
            { "././a.c", "./a.c", 2, true }, { "./a.c", "a.c", 0, true }, { "./a.c", "./x/a.c", 2, false },
            { "./*", "./a", 2, true }, { "{./a,./b}.c", "./b.c", 2, true }, { "./**", "./x/y", 2, true },
        } do
            assert.equal(case[4], io_module.glob(case[1], case[2], false, true, case[3]), case[1] .. " " .. case[2])
        end
    end)

    it("see a path as it is shown and as it is below its argument", function()
        local root = #"src/lib/"
        assert.is_true(io_module.glob("src/lib/*.c", "src/lib/a.c", false, false, root))
        assert.is_true(io_module.glob("/a.c", "src/lib/a.c", false, false, root))
        assert.is_false(io_module.glob("lib/*.c", "src/lib/a.c", false, false, root))
        assert.is_true(io_module.glob("src/*.c", "./src/a.c", false, false, #"./"))
        assert.is_true(io_module.glob("/top/**", "/top/x/y", false, false, #"/top/x/"))
        assert.is_false(io_module.glob("top/**", "/top/x/y", false, false, #"/top/x/"))
    end)

    it("that cannot be read are errors with a position", function()
        local function failure(pattern, braces)
            local result, message, position = io_module.glob(pattern, "x", false, braces)
            assert.is_nil(result)
            assert.is_truthy(message)
            return position
        end
        assert.equal(1, failure("a[b"))
        assert.equal(3, failure("/ab[[:nope:]]"))
        assert.equal(2, failure("ab\\"))
        assert.equal(0, failure(""))
        assert.equal(0, failure("///"))
        assert.equal(1, failure("a{b,c", true))
        assert.equal(4096, failure(("a"):rep(5000)))
        failure(("{a,b}"):rep(11), true)
    end)

    it("take time in proportion to pattern and path", function()
        local path = ("a"):rep(4000)
        assert.is_false(io_module.glob(("a*"):rep(1500) .. "b", path, false))
        path = ("a/"):rep(2000) .. "a"
        assert.is_false(io_module.glob(("**/a/"):rep(500) .. "b", path, false))
    end)

    -- The definition, read aloud: slow, and with nothing in common with the matcher.
    local function naive_name(pattern, name)
        if pattern == "" then return name == "" end
        local c = pattern:sub(1, 1)
        if c == "*" then
            for i = 0, #name do
                if naive_name(pattern:sub(2), name:sub(i + 1)) then return true end
            end
            return false
        end
        return name ~= "" and (c == "?" or c == name:sub(1, 1)) and
            naive_name(pattern:sub(2), name:sub(2))
    end

    local function naive_path(parts, i, names, k)
        if i > #parts then return k > #names end
        if parts[i] == "**" then
            if i == #parts then return k <= #names end
            for from = k, #names do
                if naive_path(parts, i + 1, names, from) then return true end
            end
            return false
        end
        return k <= #names and naive_name(parts[i], names[k]) and naive_path(parts, i + 1, names, k + 1)
    end

    local function split(text)
        local list = {}
        for part in text:gmatch("[^/]+") do list[#list + 1] = part end
        return list
    end

    it("agree with the definition on random patterns", function()
        local seed = 42
        local function random(n)
            seed = (seed * 1103515245 + 12345) & 0x7fffffff
            return (seed >> 8) % n
        end
        local function word(alphabet, most, least)
            local out = {}
            for _ = 1, least + random(most) do
                local i = random(#alphabet) + 1
                out[#out + 1] = alphabet:sub(i, i)
            end
            return table.concat(out)
        end
        local matched = 0
        for _ = 1, 20000 do
            local parts, names = {}, {}
            for i = 1, 1 + random(4) do
                parts[i] = random(3) == 0 and "**" or word("aab*?", 4, 1)
            end
            for i = 1, 1 + random(4) do names[i] = word("ab", 3, 1) end
            local pattern, path = table.concat(parts, "/"), table.concat(names, "/")
            local expected
            if #parts == 1 then
                expected = naive_name(pattern, names[#names])
            else
                expected = naive_path(split(pattern), 1, names, 1)
            end
            local got = io_module.glob(pattern, path, false)
            if got ~= expected then
                error(("%q on %q: %s, expected %s"):format(pattern, path, got, expected))
            end
            matched = matched + (got and 1 or 0)
        end
        assert.is_true(matched > 2000)
    end)
end)
