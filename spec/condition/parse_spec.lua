local parse = require "hunch.condition.parse".parse

local NAMES = { "a", "b", "x1", "x2", "if" }

-- The tree as nested parentheses.
local function show(node)
    local tag = node.tag
    local function list(nodes)
        local parts = {}
        for i, each in ipairs(nodes) do
            parts[i] = type(each) == "table" and show(each) or tostring(each)
        end
        return table.concat(parts, " ")
    end
    local q = node.quantifier and (node.quantifier.kind .. (node.quantifier.n and " " .. show(node.quantifier.n) or ""))
    if tag == "number" or tag == "bool" then
        return tostring(node.value)
    elseif tag == "filesize" then
        return tag
    elseif tag == "unary" or tag == "binary" then
        return ("(%s %s)"):format(node.op, list(node))
    elseif tag == "and" or tag == "or" then
        return ("(%s %s)"):format(tag, list(node))
    elseif tag == "var" then
        return "var" .. node.loop
    elseif tag == "rule" then
        return "rule:" .. node.name
    elseif tag == "tally" then
        return ("(tally %s: %s)"):format(q, list(node))
    elseif tag == "loop" then
        local source = node.source
        local what = source.kind == "range" and show(source.low) .. ".." .. show(source.high)
            or list(source.patterns or source)
        return ("(loop %s: %s %s: %s)"):format(q, source.kind, what, show(node.body))
    end
    local parts = { tag, q or tostring(node.pattern or node.kind) }
    if node.patterns then
        parts[#parts + 1] = list(node.patterns)
    end
    for _, field in ipairs { "index", "offset", "low", "high" } do
        if node[field] then
            parts[#parts + 1] = show(node[field])
        end
    end
    return "(" .. table.concat(parts, " ") .. ")"
end

local function tree(source)
    local node, problem = parse(source, NAMES, function(name) return name:sub(1, 1) == "r" end)
    if not node then
        error(source .. ": " .. problem.message, 0)
    end
    return show(node)
end

describe("the condition parser", function()
    for _, case in ipairs {
        { "$a", "(present a)" },
        { "a", "(present a)" },
        { "$if", "(present if)" },
        { "#a", "(count a)" },
        { "#a in (1..2)", "(count a 1 2)" },
        { "@a", "(offset a 1)" },
        { "@a[2]", "(offset a 2)" },
        { "!a[#b]", "(length a (count b))" },
        { "$a at 4", "(at a 4)" },
        { "a at 1 + 2", "(at a (+ 1 2))" },
        { "$a in (0..filesize)", "(within a 0 filesize)" },
        { "10KB", "10240" },
        { "2MB", "2097152" },
        { "0x10", "16" },
        { "0o17", "15" },
        { "9223372036854775807", "9223372036854775807" },
        { "true or false", "(or true false)" },
        { "uint32be(0)", "(read uint32be 0)" },
        { "r1 and rule('r-2') and rule \"r3\"", "(and rule:r1 rule:r-2 rule:r3)" },
        -- precedence
        { "1 | 2 ^ 3 & 4 << 5 + 6 * 7", "(| 1 (^ 2 (& 3 (<< 4 (+ 5 (* 6 7))))))" },
        { "1 * 2 + 3 >> 4 & 5 ^ 6 | 7", "(| (^ (& (>> (+ (* 1 2) 3) 4) 5) 6) 7)" },
        { "1 - 2 - 3", "(- (- 1 2) 3)" },
        { "8 / 4 \\ 2 % 3", "(% (\\ (\\ 8 4) 2) 3)" },
        { "1 << 2 >> 3", "(>> (<< 1 2) 3)" },
        { "-1 - -2", "(- (- 1) (- 2))" },
        { "~-~1", "(~ (- (~ 1)))" },
        { "-1 * 2", "(* (- 1) 2)" },
        { "(1 + 2) * 3", "(* (+ 1 2) 3)" },
        { "#a & 1 == 1", "(== (& (count a) 1) 1)" },
        { "$a or $b and $x1", "(or (present a) (and (present b) (present x1)))" },
        { "$a and $b or $x1", "(or (and (present a) (present b)) (present x1))" },
        { "not $a and $b", "(and (not (present a)) (present b))" },
        { "not #a == 1", "(not (== (count a) 1))" },
        { "not not defined @a < 2", "(not (not (defined (< (offset a 1) 2))))" },
        { "$a and $b and $x1", "(and (present a) (present b) (present x1))" },
        -- sets and quantifiers
        { "any of them", "(of any a b if x1 x2)" },
        { "all of ($a, b)", "(of all a b)" },
        { "none of ($x*)", "(of none x1 x2)" },
        { "any of (x*, $a)", "(of any x1 x2 a)" },
        { "2 of ($*)", "(of n 2 a b if x1 x2)" },
        { "#a + 1 of them", "(of n (+ (count a) 1) a b if x1 x2)" },
        { "50% of them", "(of percent 50 a b if x1 x2)" },
        { "#a % 2 of ($a)", "(of n (% (count a) 2) a)" },
        { "#a % 2 % of ($a)", "(of percent (% (count a) 2) a)" },
        { "any of ($x*) in (1..2)", "(of any x1 x2 1 2)" },
        { "any of ($x*) at 7", "(of any x1 x2 7)" },
        { "2 of (r1, $a, #b > 2)", "(tally n 2: rule:r1 (present a) (> (count b) 2))" },
        { "any of (r1, x*)", "(or rule:r1 (present x1) (present x2))" },
        { "none of (r1, r2)", "(not (or rule:r1 rule:r2))" },
        { "all of (true, $a)", "(and true (present a))" },
        -- loops
        { "for any of them : ($)", "(loop any: patterns a b if x1 x2: (present 0))" },
        { "for all i in (1..#a) : (@a[i] > i)", "(loop all: range 1..(count a): (> (offset a var0) var0))" },
        { "for any i in (1, 2 + 3) : (i == 4)", "(loop any: values 1 (+ 2 3): (== var0 4))" },
        { "for any i in (5) : (i)", "(loop any: values 5: var0)" },
        { "for 50 % i in (1..2) : (i)", "(loop percent 50: range 1..2: var0)" },
        { "for any i in (1..2) : (for any of ($a) : (# == i and $ at 3))",
          "(loop any: range 1..2: (loop any: patterns a: (and (== (count 1) var0) (at 1 3))))" },
        { "for any of ($a) : (for any i in (1..#) : (@[i] == 2))",
          "(loop any: patterns a: (loop any: range 1..(count 0): (== (offset 0 var1) 2)))" },
        { "for any a in (1..2) : (a == 1 and $a)", "(loop any: range 1..2: (and (== var0 1) (present a)))" },
        -- space and comments
        { "$a// one\nand/* two */$b", "(and (present a) (present b))" },
        { "!a!=3", "(!= (length a 1) 3)" },
    } do
        it("reads " .. case[1], function()
            assert.equal(case[2], tree(case[1]))
        end)
    end

    for _, case in ipairs {
        { "", 1, "an expression is expected here, but here is the end" },
        { "$q", 1, "there is no pattern 'q'; add it to the stage's patterns" },
        { "q", 1, "'q' is neither a pattern of this stage nor a rule" },
        { "$a and", 7, "an expression is expected here, but here is the end" },
        { "$a $b", 4, "an operator or the end is expected here, but here is '$b'" },
        { "($a", 4, "')' is expected to close the parenthesis, but here is the end" },
        { "$a == 1", 1, "a number is needed here, but this is true or false" },
        { "1 == $a", 6, "a number is needed here, but this is true or false" },
        { "1 < 2 < 3", 1, "a number is needed here, but this is true or false" },
        { "1 + (2 of them)", 6, "a number is needed here, but this is true or false" },
        { "$ at 3", 1, "'$' without a name stands for the pattern of a 'for ... of' loop, and there is none around" },
        { "any of ($y*)", 9, "no pattern's name begins with 'y'" },
        { "any of ()", 9, "an expression is expected here, but here is ')'" },
        { "any them", 5, "'of' is expected after the quantifier, but here is 'them'" },
        { "for any i in (1..2) (i)", 21, "':' is expected before the loop's body, but here is '('" },
        { "for any filesize in (1..2) : (1)", 9, "'filesize' is a word of the language and cannot be a variable" },
        { "for any i in (1..2) : (for any i in (1..2) : (i))", 32,
          "'i' is the variable of a loop around this one; choose another name" },
        { "for any of (r1) : ($)", 12, "'for ... of' goes through patterns only" },
        { "for any 3 in (1..2) : (1)", 9,
          "'of' or the name of a variable is expected after the quantifier, but here is '3'" },
        { "9223372036854775808", 1, "'9223372036854775808' is larger than 9223372036854775807" },
        { "9007199254740992KB", 1, "'9007199254740992KB' is larger than 9223372036854775807" },
        { "0xg", 1, "'0xg' is not a number" },
        { "0o8", 1, "'0o8' is not a number" },
        { "12GB", 1, "'12GB' is not a number; the only suffixes are KB and MB" },
        { "1.5 > 1", 2, "an operator or the end is expected here, but here is '.'" },
        { "@a[1", 5, "']' is expected after the index, but here is the end" },
        { "uint8 0", 7, "'(' is expected after 'uint8', but here is '0'" },
        { "rule x", 6, "the name of a rule in quotes is expected after 'rule', but here is 'x'" },
        { "rule 'x'", 6, "there is no rule 'x'" },
        { "$a \1", 4, "an operator or the end is expected here, but here is the byte 0x01" },
        { "$a 'text'", 4, "an operator or the end is expected here, but here is a string" },
    } do
        it("refuses " .. (case[1] == "" and "nothing" or case[1]), function()
            local node, problem = parse(case[1], NAMES, function(name) return name:sub(1, 1) == "r" end)
            assert.is_nil(node)
            assert.equal(case[3], problem.message)
            assert.equal(case[2], problem.position)
        end)
    end

    it("says which patterns and rules are used", function()
        local _, info = parse("for any of ($x*) : (#) and #a > 1 and r9 and rule('b-c')", NAMES)
        assert.same({ "a", "x1", "x2" }, info.patterns)
        assert.same({ "b-c", "r9" }, info.rules)
    end)

    it("takes any name for a rule where nobody knows the rules", function()
        assert.equal("whatever", parse("whatever", NAMES).name)
    end)

    it("reads a condition without patterns", function()
        assert.equal("binary", parse("filesize > 3", {}).tag)
        local _, problem = parse("any of them", {})
        assert.equal("'them' means all patterns, but the stage has none", problem.message)
    end)

    for what, make in pairs {
        parentheses = function(n) return ("("):rep(n) .. "$a" .. (")"):rep(n) end,
        negations = function(n) return ("not "):rep(n) .. "$a" end,
        signs = function(n) return ("-"):rep(n) .. "1 == 1" end,
        sums = function(n) return ("1+("):rep(n) .. "#a" .. (")"):rep(n) end,
        junctions = function(n) return ("$a and (#b or "):rep(n) .. "$a" .. (")"):rep(n) end,
        integers = function(n) return ("uint8("):rep(n) .. "0" .. (")"):rep(n) end,
        indices = function(n) return ("@a["):rep(n) .. "0" .. ("]"):rep(n) end,
    } do
        it("follows 1,000 " .. what .. " in one another, and refuses 50,000", function()
            assert.is_table(parse(make(1000), NAMES))
            local node, problem = parse(make(50000), NAMES)
            assert.is_nil(node)
            assert.truthy(problem.message:find("nested more than", 1, true) or
                problem.message:find("depend on one another", 1, true))
        end)
    end

    it("takes long chains", function()
        assert.is_table(parse("$a" .. (" or $b"):rep(50000), NAMES))
        assert.is_table(parse("1" .. (" + 1"):rep(9000), NAMES))
        local node, problem = parse("1" .. (" + 1"):rep(50000), NAMES)
        assert.is_nil(node)
        assert.equal("more than 10000 operations depend on one another; split the condition into several rules",
            problem.message)
    end)

    it("refuses loops more than 8 deep and more than 1 MiB of text", function()
        local function loops(n)
            local text = "true"
            for i = n, 1, -1 do
                text = ("for any i%d in (1..2) : (%s)"):format(i, text)
            end
            return text
        end
        assert.is_table(parse(loops(8), NAMES))
        local _, problem = parse(loops(9), NAMES)
        assert.equal("loops are nested more than 8 deep", problem.message)
        _, problem = parse("$a" .. (" "):rep(1 << 20), NAMES)
        assert.equal("the condition is larger than 1 MiB", problem.message)
    end)
end)
