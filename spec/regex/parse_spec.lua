local ast = require "hunch.regex.ast"
local charset = require "hunch.regex.charset"
local parse = require "hunch.regex.parse".parse
local random_regex = require "support.random_regex"
local regex = require "hunch.regex.object"

--- The tree as a pattern without sugar: flags, classes and escapes resolved.
local function plain(pattern, flags)
    local tree, problem = parse(pattern, flags)
    if not tree then return ("%d: %s"):format(problem.position, problem.message) end
    return ast.to_pattern(tree)
end

local function check(cases)
    for i = 1, #cases, 2 do
        assert.equal(cases[i + 1], plain(cases[i]), cases[i])
    end
end

describe("a pattern", function()
    it("of literals", function()
        check {
            "", "(?:)",
            "abc", "abc",
            "a]}", "a\\]\\}",
            "\0\n", "\\x00\\n",
            "x{", "x\\{", "x{2", "x\\{2", "x{,3}", "x\\{,3\\}",
            "{a}", "\\{a\\}", "x{02}", "x\\{02\\}", "x{ 2}", "x\\{ 2\\}", "{", "\\{",
        }
    end)

    it("of escapes", function()
        check {
            "\\a\\f\\t\\n\\r\\v", "\\a\\f\\t\\n\\r\\v",
            "\\x41\\x{42}\\x{0000043}", "ABC",
            "\\101\\0\\01\\012\\1012\\60", "A\\x00\\x01\\nA20",
            "\\xFf\\x{fF}\\377", "\\xFF\\xFF\\xFF",
            "\\.\\*\\/\\ \\_\\-", "\\.\\*/ _-",
            "\\Qa+b\\E+", "a\\+b+", "\\Q(", "\\(", "\\Q\\a\\Q\\E", "\\\\a\\\\Q", "a\\Q\\E*", "a*",
            "\\Qé\\E?", "(?:\\xC3\\xA9)?",
        }
    end)

    it("of classes", function()
        check {
            "[abc]", "[a-c]", "[]a]", "[\\]a]", "[^]a]", "[^\\]a]", "[]-a]", "[\\]-a]",
            "[a-]", "[\\-a]", "[-a]", "[\\-a]", "[a-c-e]", "[\\-a-ce]", "[--0]", "[\\--0]",
            "[\\d-z]", "[\\-0-9z]", "[\\w\\W]", "(?s:.)", "[\\D]", "\\D", "[\\S\\s]", "(?s:.)",
            "[[:alpha:]]", "[A-Za-z]", "[[:^alpha:]]", "[^A-Za-z]", "[^[:^alpha:]]", "[A-Za-z]",
            "[[:space:][:digit:]]", "[\\t-\\r 0-9]", "[[:word:]]", "\\w", "[[:ascii:]]", "[\\x00-\\x7F]",
            "[[:alpha]", "[:\\[ahlp]", "[[:]", "[:\\[]", "[\\x41-\\x43\\60]", "[0A-C]",
            "[\\Q]", "2: unknown escape \\Q",
            "[^a]", "[^a]", "[^\\n]", ".", "[^\\x00-\\xff]", "[^\\x00-\\xFF]", "[a]", "a", "[.*]", "[*.]",
            "[\\.\\]\\_]", "[.\\]_]", "[[]", "\\[", "[a^]", "[\\^a]", "[$]", "\\$",
            "[[:blank:]]", "[\\t ]", "[[:cntrl:]]", "[\\x00-\\x1F\\x7F]", "[[:graph:]]", "[!-~]",
            "[[:print:]]", "[ -~]", "[[:lower:]]", "[a-z]", "[[:upper:]]", "[A-Z]",
            "[[:xdigit:]]", "[0-9A-Fa-f]", "[[:alnum:]]", "[0-9A-Za-z]", "[[:digit:]]", "\\d",
            "[[:punct:]]", "[!-/:-@\\[-`{-~]",
        }
    end)

    it("of assertions", function()
        check {
            "^\\A$\\z\\b\\B", "\\A\\A\\z\\z\\b\\B",
            "(?m)^\\A$\\z", "(?m:^)\\A(?m:$)\\z",
            "^*", "\\A*", "\\b{2,}", "\\b{2,}",
        }
    end)

    it("of Perl's classes and the dot", function()
        check {
            "\\d\\D\\s\\S\\w\\W.", "\\d\\D\\s\\S\\w\\W.",
            "(?s).", "(?s:.)",
        }
        assert.equal(charset.of "\t\n\f\r ", parse "\\s".set)
        assert.equal(charset.complement(charset.of "\n"), parse ".".set)
    end)

    it("of groups", function()
        check {
            "(a)(?:b)(?P<x>c)(?<y_1>d)", "(a)b(?P<x>c)(?P<y_1>d)",
            "()", "((?:))", "(a|)", "(a|(?:))", "(|ab)", "((?:)|ab)", "|", "(?:)|(?:)",
            "((a)(b(c)))", "((a)(b(c)))",
        }
        local _, info = parse "(a)(?P<x>(?:b)(?<y>c)){0}(d)"
        assert.same({ groups = 4, names = { x = 2, y = 3 } }, info)
    end)

    it("of flags, until their group ends", function()
        check {
            "(?i)a1[b-d]\\x64", "[Aa]1[B-Db-d][Dd]",
            "a(?i)b|c", "a[Bb]|[Cc]", "(a(?i)b)c", "(a[Bb])c", "(?i:a)b", "[Aa]b", "(?i)a(?-i)b", "[Aa]b",
            "(?i-s:.a)(?s).", ".[Aa](?s:.)", "(?)a", "a", "(?ii)a", "[Aa]", "(?is-mU)a.", "[Aa](?s:.)",
            "(?i)[^a]", "[^Aa]", "(?i)[[:upper:]]", "[A-Za-z]", "(?i)[^[:upper:]]", "[^A-Za-z]",
            "(?i)[[:^upper:]]", "[^A-Za-z]", "(?i)\\Qa\\E", "[Aa]", "a(?i)*", "a*", "a*(?i)*", "a*",
            "(?U)a*b+?c{2,}d??", "a*?b+c{2,}?d?", "(?U:a+)b+", "a+?b+",
        }
        assert.equal("[Aa].(?m:^)", plain("a.^", "im"))
        assert.equal("a(?s:.)+?", plain("a.+", "sU"))
    end)

    it("of repeats", function()
        check {
            "a*b+c?d*?e+?f??", "a*b+c?d*?e+?f??",
            "a{3}b{3,}c{3,5}d{3}?e{3,}?f{3,5}?", "a{3}b{3,}c{3,5}d{3}?e{3,}?f{3,5}?",
            "a{0}b{1}c{0,}d{1,}e{0,1}", "a{0}bc*d+e?",
            "(ab)*(?:ab)*", "(ab)*(?:ab)*", "(?:a*)*", "a*", "(?:a+)?", "a*", "(?:a?)+?", "(?:a?)+?",
            "(?:a+)+", "a+", "(?:)*", "(?:)", "()*", "((?:))*", "a|b*", "a|b*", "a{1000}", "a{1000}",
            "(?:a{100}){10}", "(?:a{100}){10}", "(?:a*){1000}", "(?:a*){1000}", "(?:a{1000}){0}", "(?:a{1000}){0}",
            "(?:(?:a{2,}){10}){50,}", "(?:(?:a{2,}){10}){50,}",
        }
    end)

    it("of alternatives merges what takes one byte", function()
        check {
            "a|b|[0-9]", "[0-9ab]", "a|bc|d|e", "a|bc|[de]", "(?:a|b)|c", "[a-c]", "a|(b)|c", "a|(b)|c",
            "ab|(?:cd|ef)|gh", "ab|cd|ef|gh", "a||b", "a|(?:)|b",
        }
    end)

    it("of characters past ASCII is their bytes", function()
        check {
            "é", "\\xC3\\xA9", "é*", "(?:\\xC3\\xA9)*", "\\x{e9}", "\\xE9", "\\x{100}?", "(?:\\xC4\\x80)?",
            "(?i)É", "\\xC3\\x89", "[é]", "\\xC3\\xA9", "[éè]", "\\xC3[\\xA8\\xA9]", "[aé]", "\\xC3\\xA9|a",
            "[α-ω]+", "(?:\\xCE[\\xB1-\\xBF]|\\xCF[\\x80-\\x89])+", "[\\x{10FFFF}]", "\\xF4\\x8F\\xBF\\xBF",
            "[^\\x80-\\xff]", "[\\x00-\\x7F]", "[y-é]", "\\xC2[\\x80-\\xBF]|\\xC3[\\x80-\\xA9]|[y-\\x7F]",
            "[a-\\xff]", "[^\\x00-`]", "[é\\xC3]", "\\xC3\\xA9|\\xC3", "(?i)[é-ëk]", "\\xC3[\\xA9-\\xAB]|[Kk]",
            "[\\x{D7FF}-\\x{E000}]", "\\xED\\x9F\\xBF|\\xEE\\x80\\x80", "€|x", "\\xE2\\x82\\xAC|x",
        }
    end)

    it("may nest to 1,000", function()
        for _, pair in ipairs { { "(", ")" }, { "(?:", "b)*?" }, { "(a|", ")+" } } do
            assert.is_table((parse(pair[1]:rep(1000) .. "a" .. pair[2]:rep(1000))))
        end
        local tree, problem = parse(("(?:"):rep(1001) .. (")"):rep(1001))
        assert.is_nil(tree)
        assert.equal(3001, problem.position)
        assert.matches("deeper than 1,000", problem.message)
    end)

    it("keeps offsets in its tree", function()
        local tree = parse "ab(c|[^d]{2})"
        assert.same({ "cat", 1, 13 }, { tree.tag, tree.from, tree.to })
        assert.same({ "set", 2, 2 }, { tree[2].tag, tree[2].from, tree[2].to })
        local group = tree[3]
        assert.same({ "group", 3, 13 }, { group.tag, group.from, group.to })
        local times = group[1][2]
        assert.same({ "repeat", 6, 12 }, { times.tag, times.from, times.to })
        assert.same({ "set", 6, 9 }, { times[1].tag, times[1].from, times[1].to })
    end)

    it("never has a node twice", function()
        local seen = {}
        local function walk(node)
            assert.is_nil(seen[node])
            seen[node] = true
            for _, child in ipairs(node) do walk(child) end
        end
        walk(parse "(aaa|aé[é]|\\d\\d){2,3}(?:a|a*)(?i)aa")
    end)
end)

describe("a pattern is refused:", function()
    local function refused(cases)
        for _, case in ipairs(cases) do
            local pattern, position, fragment = case[1], case[2], case[3]
            local tree, problem = parse(pattern)
            assert.is_nil(tree, pattern)
            assert.equal(position, problem.position, pattern)
            assert.is_truthy(problem.message:find(fragment, 1, true), pattern .. ": " .. problem.message)
        end
    end

    it("groups", function()
        refused {
            { "(", 1, "no closing )" }, { "a(b(c)", 2, "no closing )" }, { "(a|b|", 1, "no closing )" },
            { ")", 1, "closes no group" }, { "a)b", 2, "closes no group" },
            { "(?P<name", 1, "group's name" }, { "(?<n>", 1, "no closing )" }, { "(?<x y>a)", 1, "group's name" },
            { "(?P<>a)", 1, "group's name" }, { "(?P<é>a)", 1, "group's name" },
            { "(?P<n>a)(?<n>b)", 9, "two groups are named n" },
            { "(?", 1, "unknown group" }, { "(?i", 1, "unknown group" }, { "(?x)a", 1, "unknown group" },
            { "(?-)a", 1, "unknown group" }, { "(?i-:a)", 1, "unknown group" }, { "(?i-s-m:a)", 1, "unknown group" },
            { "(?>a)", 1, "unknown group" }, { "(?#a)", 1, "unknown group" }, { "(?P>n)", 1, "back-references" },
            { ("(a)"):rep(1001), 3001, "at most 1,000 groups" },
        }
        -- As many as a program can hold, and they run.
        local compiled = assert(regex.new(("(a)"):rep(1000)))
        assert.equal(1001, #compiled:matches(("a"):rep(1000))[1])
    end)

    it("look-around and back-references", function()
        refused {
            { "a(?=b)", 2, "look-around" }, { "a(?!b)", 2, "look-around" }, { "(?<=a)b", 1, "look-around" },
            { "(?<!a)b", 1, "look-around" }, { "(a)\\1", 4, "back-references" }, { "(a)\\9", 4, "back-references" },
            { "(?P<n>a)(?P=n)", 9, "back-references" }, { "(a)\\k<a>", 4, "back-references" },
            { "\\g1", 1, "back-references" },
        }
    end)

    it("repeats", function()
        refused {
            { "*", 1, "nothing to repeat" }, { "a|*", 3, "nothing to repeat" }, { "(*)", 2, "nothing to repeat" },
            { "(?m){1,1}", 5, "nothing to repeat" }, { "(?i)+", 5, "nothing to repeat" },
            { "a**", 3, "two repeat operators" }, { "a++", 3, "two repeat operators" },
            { "a{2}{3}", 5, "two repeat operators" }, { "a*?+", 4, "two repeat operators" },
            { "a???", 4, "two repeat operators" }, { "a{2}*", 5, "two repeat operators" },
            { "a{1001}", 2, "up to 1,000" }, { "a{1,1001}", 2, "up to 1,000" }, { "a{1001,}", 2, "up to 1,000" },
            { "a{99999999999999999999}", 2, "up to 1,000" }, { "a{3,2}", 2, "swap them" },
            { "(?:a{100}){100}", 11, "multiply" }, { "(((x{7}){11}){13})", 14, "multiply" },
            { "((a{500}|b{3})c{2}){3}", 20, "multiply" },
        }
    end)

    it("classes", function()
        refused {
            { "[", 1, "no closing ]" }, { "a[]", 2, "no closing ]" }, { "[^]", 1, "no closing ]" },
            { "[a-z", 1, "no closing ]" }, { "[\\", 1, "no closing ]" }, { "[\\]", 1, "no closing ]" },
            { "[a-Z]", 2, "ends before it begins" }, { "x[ab-a]", 4, "ends before it begins" },
            { "[[:foo:]]", 2, "unknown class [:foo:]" }, { "[a[:^foo:]]", 3, "unknown class [:^foo:]" },
            { "[a-\\d]", 2, "unknown escape \\d" }, { "[\\b]", 2, "cannot stand in a class" },
            { "[\\q]", 2, "unknown escape \\q" }, { "[\\pL]", 2, "\\p" }, { "[\\1]", 2, "back-references" },
            { "[^é]", 3, "negated class" }, { "[^a-é]", 3, "negated class" }, { "[^\\x{100}]", 3, "negated class" },
            { "[\\x80-é]", 2, "between a byte" }, { "[é-\\xff]", 2, "between a byte" },
        }
    end)

    it("escapes", function()
        refused {
            { "a\\", 2, "ends in a backslash" }, { "\\q", 1, "unknown escape \\q" }, { "\\E", 1, "\\E without \\Q" },
            { "\\C", 1, "\\C is not supported" }, { "a\\Z", 2, "use \\z" }, { "\\pN", 1, "\\p" },
            { "\\P{Greek}", 1, "\\p" }, { "\\x", 1, "hexadecimal" }, { "\\xg0", 1, "hexadecimal" },
            { "\\x{}", 1, "hexadecimal" }, { "\\x{12", 1, "hexadecimal" }, { "\\x{110000}", 1, "not a character" },
            { "\\x{D800}", 1, "not a character" }, { "\\x{fffffffffffffffffff}", 1, "not a character" },
            { "\\400", 1, "not a byte" }, { "\\777", 1, "not a byte" }, { "\\8", 1, "back-references" },
            { "\\é", 1, "unknown escape \\é" }, { "\\K", 1, "unknown escape \\K" }, { "\\G", 1, "unknown escape" },
        }
    end)

    it("bytes that are not UTF-8", function()
        refused {
            { "a\xFF", 2, "not UTF-8" }, { "ab\xC3", 3, "not UTF-8" }, { "\xC0\x80", 1, "not UTF-8" },
            { "[\xE2\x82]", 2, "not UTF-8" }, { "\xED\xA0\x80", 1, "not UTF-8" }, { "\\Q\x80\\E", 3, "not UTF-8" },
        }
    end)

    it("flags that do not exist", function()
        local tree, problem = parse("a", "ix")
        assert.is_nil(tree)
        assert.same({ 1, true }, { problem.position, problem.message:find "unknown flag x" ~= nil })
    end)

    it("and what it takes it also shows: to_pattern gives an equal tree", function()
        local random = random_regex.generator(8)
        for _ = 1, 2000 do
            local tree = parse(random_regex.pattern(random, 5))
            if tree then
                local shown = ast.to_pattern(tree)
                assert.equal(shown, plain(shown))
            end
        end
    end)
end)
