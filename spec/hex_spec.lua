local ast = require "hunch.regex.ast"
local hex = require "hunch.hex"
local naive = require "support.naive_regex"

local function spans(source, text)
    local out = {}
    for i, match in ipairs(naive.matches(assert(hex.parse(source)), text)) do
        out[i] = match[1][1] .. "-" .. match[1][2]
    end
    return table.concat(out, " ")
end

describe("a hex string", function()
    it("of fixed bytes is those bytes", function()
        local tree, bytes = hex.parse "4D 5a\t90\n00"
        assert.equal("MZ\x90\0", bytes)
        assert.equal("MZ\\x90\\x00", ast.to_pattern(tree))
        assert.equal("M", select(2, hex.parse "4d"))
        assert.equal("MZ", select(2, hex.parse "(4D5A)"))
        assert.equal("MZ", select(2, hex.parse "4D /* M */ 5A // Z"))
        for _, source in ipairs { "4D ??", "4D (5A|5B)", "4D [1] 5A", "5? 5A", "~00 5A" } do
            local node, fixed = hex.parse(source)
            assert.is_table(node)
            assert.is_nil(fixed)
        end
    end)

    it("has wildcards, negations, jumps, alternatives", function()
        local shown = {
            ["4D ?? 5A"] = "M(?s:.)Z",
            ["5? ?5"] = "[P-_][\\x05\\x15%5EUeu\\x85\\x95\\xA5\\xB5\\xC5\\xD5\\xE5\\xF5]",
            ["~00 ~5? ~?5"] = "[^\\x00][^P-_][^\\x05\\x15%5EUeu\\x85\\x95\\xA5\\xB5\\xC5\\xD5\\xE5\\xF5]",
            ["41 [3] 42"] = "A(?s:.){3}?B",
            ["41 [2-4] 42"] = "A(?s:.){2,4}?B",
            ["41 [ 4 - ] 42"] = "A(?s:.){4,}?B",
            ["41 [-] 42"] = "A(?s:.)*?B",
            ["41 [0] 42"] = "AB",
            ["41 [4-] [3] 42"] = "A(?s:.){7,}?B",
            ["41 [1-2][3-5] 42"] = "A(?s:.){4,7}?B",
            ["(50|51)"] = "[PQ]",
            ["(50 51|52) 53"] = "(?:PQ|R)S",
            ["(41 | 42 (43 44 | 45 [2] 46))"] = "A|B(?:CD|E(?s:.){2}?F)",
        }
        for source, pattern in pairs(shown) do
            assert.equal(pattern, ast.to_pattern(assert(hex.parse(source))), source)
        end
    end)

    it("matches as few bytes as a jump allows, newlines too", function()
        assert.equal("1-4", spans("41 [1-4] 42", "A\nxBxB"))
        assert.equal("2-3 4-6", spans("41 [-] 42", "xABAxB"))
        assert.equal("1-8", spans("4D 5A ?? [2-4] (50|51) 5? ~00", "MZ.\n.QP\1"))
    end)

    it("nests to 1,000", function()
        assert.is_table((hex.parse(("(41 | 42 "):rep(1000) .. "43" .. (")"):rep(1000))))
        assert.equal(1001, select(2, hex.parse(("("):rep(1001))).position)
    end)

    it("is refused with its position", function()
        local refused = {
            { "", 1, "no byte here" }, { "  ", 1, "no byte here" }, { "4D 5", 4, "two digits" },
            { "4", 1, "two digits" }, { "4D ~5", 4, "two digits" }, { "4G", 1, "two digits" },
            { "4D xx", 4, "unexpected x" }, { "4D é", 4, "unexpected é" }, { "4D\xFF", 3, "unexpected" },
            { "~??", 1, "never match" }, { "4D [5-2]", 4, "swap" }, { "4D [3", 4, "a jump is" },
            { "4D []", 4, "a jump is" }, { "4D [-4]", 4, "a jump is" }, { "4D [a]", 4, "a jump is" },
            { "4D [65536]", 4, "65,535" }, { "4D [0-99999999999999999999]", 4, "65,535" }, { "(4D", 1, "no closing )" },
            { "4D (5A (5B)", 4, "no closing )" }, { "4D)", 3, "closes no" }, { "4D | 5A", 4, "inside of parentheses" },
            { "(4D|)", 5, "no byte here" }, { "(|4D)", 2, "no byte here" }, { "()", 2, "no byte here" },
            { "[-]", 1, "at least one byte" }, { "[0-3] [0-]", 1, "at least one byte" }, { "[0]", 1, "no byte here" },
            { "4D /* 5A", 4, "closing */" }, { "~ 4D", 1, "unexpected ~" },
        }
        for _, case in ipairs(refused) do
            local tree, problem = hex.parse(case[1])
            assert.is_nil(tree, case[1])
            assert.equal(case[2], problem.position, case[1])
            assert.is_truthy(problem.message:find(case[3], 1, true), case[1] .. ": " .. problem.message)
        end
    end)
end)
