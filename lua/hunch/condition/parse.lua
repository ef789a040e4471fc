-- Conditions: source text -> tree (ast.lua). LPeg makes a flat list of tokens, a precedence loop folds them.
--
-- From loose to tight: or · and · not, defined · == != · < <= > >= · | · ^ · & · << >> · + - · * / \ % · - ~
-- `\` and `/` both divide towards zero. A bare name is a loop variable, else a pattern, else a rule.
-- Numbers count as true unless they are 0; a truth value is not a number. See docs for the whole language.

local ast = require "hunch.condition.ast"
local sorted = require "hunch.sorted"
local tokens = require "hunch.condition.tokens"

local keywords, fail = tokens.keywords, tokens.fail

local M = {}

--- Parentheses and operators in one another that the parser follows.
local MAX_NESTING = 2000
local MAX_SOURCE = 1 << 20

local arithmetic = {
    ["|"] = 1, ["^"] = 2, ["&"] = 3, ["<<"] = 4, [">>"] = 4, ["+"] = 5, ["-"] = 5,
    ["*"] = 6, ["/"] = 6, ["\\"] = 6, ["%"] = 6,
}
local EQUALITY = { ["=="] = true, ["!="] = true }
local ORDER = { ["<"] = true, ["<="] = true, [">"] = true, [">="] = true }

-- ---- the parser's state ------------------------------------------------------------------------

-- A reader of tokens with names (set), all (sorted names), rule_exists, loops (what is known of each loop around),
-- nesting, used, rules.
local Parser = setmetatable({}, { __index = tokens.Reader })
Parser.__index = Parser

function Parser:enter()
    self.nesting = self.nesting + 1
    if self.nesting > MAX_NESTING then
        fail(self:position(), "the condition is nested more than %d deep; split it into several rules", MAX_NESTING)
    end
end

function Parser:leave()
    self.nesting = self.nesting - 1
end

-- Hands a node on, unless a chain of operators has made it too deep to walk.
local function shallow(node)
    if node.depth > ast.max_depth then
        fail(node.from, "more than %d operations depend on one another; split the condition into several rules",
            ast.max_depth)
    end
    return node
end

local function want_number(node)
    if node.type ~= "number" then
        fail(node.from, "a number is needed here, but this is true or false")
    end
    return node
end

-- ---- patterns and sets --------------------------------------------------------------------------

function Parser:pattern_called(text, position)
    if not self.names[text] then
        fail(position, "there is no pattern '%s'; add it to the stage's patterns", text)
    end
    self.used[text] = true
    return text
end

-- The pattern that a token like $a or # stands for.
function Parser:sigil_pattern()
    local text, position = self:text(), self:position()
    local sigil = self:kind()
    self:advance()
    if text ~= "" then
        return self:pattern_called(text, position)
    end
    for loop = #self.loops, 1, -1 do
        if self.loops[loop].patterns then
            return loop - 1
        end
    end
    return fail(position, "'%s' without a name stands for the pattern of a 'for ... of' loop, and there is none around",
        sigil)
end

function Parser:is_pattern_name(ahead)
    return self:kind(ahead) == "name" and not keywords[self:text(ahead)] and self.names[self:text(ahead)]
        and not self:loop_variable(self:text(ahead))
end

function Parser:loop_variable(text)
    for loop = #self.loops, 1, -1 do
        if self.loops[loop].variable == text then
            return loop - 1
        end
    end
    return nil
end

-- One item of a set that names patterns: $a, $a*, $*, a, a*. Returns a list of names, or nil and takes nothing.
function Parser:set_item()
    local kind, text = self:kind(), self:text()
    local star = self:kind(1) == "*"
    local after = self:kind(star and 2 or 1)
    if (kind ~= "$" and kind ~= "name") or (after ~= "," and after ~= ")") then
        return nil
    end
    if not star then
        if kind == "$" and text ~= "" then
            local position = self:position()
            self:advance()
            return { self:pattern_called(text, position) }
        elseif self:is_pattern_name() then
            self:advance()
            self.used[text] = true
            return { text }
        end
        return nil
    end
    local names = {}
    for _, candidate in ipairs(self.all) do
        if candidate:sub(1, #text) == text then
            names[#names + 1] = candidate
            self.used[candidate] = true
        end
    end
    if #names == 0 then
        fail(self:position(), "no pattern's name begins with '%s'", text)
    end
    self:advance()
    self:advance()
    return names
end

-- What follows `of`: them, or a list in parentheses. Returns a list of pattern names, or of expressions and true.
function Parser:set()
    local position = self:position()
    if self:take_word "them" then
        if #self.all == 0 then
            fail(position, "'them' means all patterns, but the stage has none")
        end
        for _, each in ipairs(self.all) do
            self.used[each] = true
        end
        return self.all
    end
    self:expect("(", "after 'of'")
    local items, expressions = {}, false
    repeat
        local from = self:position()
        local names = self:set_item()
        if names then
            for _, each in ipairs(names) do
                items[#items + 1] = { from = from, name = each }
            end
        else
            expressions = true
            items[#items + 1] = self:expression()
        end
        local more = self:kind() == ","
        if more then
            self:advance()
        end
    until not more
    self:expect(")", "after the list of 'of'")
    local list = {}
    for i, item in ipairs(items) do
        if not expressions then
            list[i] = item.name
        else
            list[i] = item.tag and item or ast.present(item.from, item.name)
        end
    end
    return list, expressions
end

-- (low..high)
function Parser:range()
    self:expect("(", "before a range")
    local low = self:number()
    self:expect("..", "between the ends of a range")
    local high = self:number()
    self:expect(")", "after a range")
    return low, high
end

-- ---- quantifiers --------------------------------------------------------------------------------

-- any, all, none; else nil.
function Parser:word_quantifier()
    for _, kind in ipairs { "any", "all", "none" } do
        if self:take_word(kind) then
            return { kind = kind }
        end
    end
    return nil
end

-- Behind a number: whether `of`, or `% of`, makes it a quantifier.
function Parser:quantifier_ahead()
    if self:is_word "of" then
        return "n"
    elseif self:kind() == "%" and self:is_word("of", 1) then
        return "percent"
    elseif self.in_for and self:kind() == "%" and self:kind(1) == "name" and self:is_word("in", 2) then
        return "percent"
    end
    return nil
end

function Parser:of(from, quantifier)
    self:expect_word("of", "after the quantifier")
    local list, expressions = self:set()
    if expressions then
        if quantifier.kind == "n" or quantifier.kind == "percent" then
            return shallow(ast.tally(from, quantifier, list))
        end
        local node = ast.junction(from, quantifier.kind == "all" and "and" or "or", list)
        return shallow(quantifier.kind == "none" and ast.unary(from, "not", node) or node)
    end
    if self:take_word "in" then
        local low, high = self:range()
        return shallow(ast.of(from, quantifier, list, { low = low, high = high }))
    elseif self:take_word "at" then
        return shallow(ast.of(from, quantifier, list, { offset = self:number() }))
    end
    return ast.of(from, quantifier, list)
end

-- Behind `in` of a loop: a range, or a list of numbers.
function Parser:loop_source()
    self:expect("(", "after 'in'")
    local first = self:number()
    if self:kind() == ".." then
        self:advance()
        local high = self:number()
        self:expect(")", "after a range")
        return { kind = "range", low = first, high = high }
    end
    local source = { kind = "values", first }
    while self:kind() == "," do
        self:advance()
        source[#source + 1] = self:number()
    end
    self:expect(")", "after a list of numbers")
    return source
end

function Parser:loop(from)
    local quantifier = self:word_quantifier()
    if not quantifier then
        local outer = self.in_for
        self.in_for = true
        local n = self:arithmetic(1)
        self.in_for = outer
        want_number(n)
        quantifier = { kind = "n", n = n }
        if self:kind() == "%" then
            self:advance()
            quantifier.kind = "percent"
        end
    end
    local scope = {}
    local source
    if self:take_word "of" then
        local position = self:position()
        local list, expressions = self:set()
        if expressions then
            fail(position, "'for ... of' goes through patterns only")
        end
        source = { kind = "patterns", patterns = list }
        scope.patterns = true
    else
        local text, position = self:text(), self:position()
        if self:kind() ~= "name" then
            fail(position, "'of' or the name of a variable is expected after the quantifier, but here is %s",
                self:found())
        elseif keywords[text] then
            fail(position, "'%s' is a word of the language and cannot be a variable", text)
        elseif self:loop_variable(text) then
            fail(position, "'%s' is the variable of a loop around this one; choose another name", text)
        end
        self:advance()
        self:expect_word("in", "after the variable")
        source = self:loop_source()
        scope.variable = text
    end
    if #self.loops == ast.max_loops then
        fail(from, "loops are nested more than %d deep", ast.max_loops)
    end
    self:expect(":", "before the loop's body")
    self:expect("(", "before the loop's body")
    self.loops[#self.loops + 1] = scope
    local body = self:expression()
    self.loops[#self.loops] = nil
    self:expect(")", "after the loop's body")
    return shallow(ast.loop(from, quantifier, source, body))
end

-- ---- expressions ----------------------------------------------------------------------------------

-- A pattern has been named: present, at, in.
function Parser:presence(from, pattern)
    if self:take_word "at" then
        return ast.at(from, pattern, self:number())
    elseif self:take_word "in" then
        local low, high = self:range()
        return ast.within(from, pattern, low, high)
    end
    return ast.present(from, pattern)
end

function Parser:rule_called(text, position)
    if text == "" then
        fail(position, "the name of a rule is empty")
    elseif self.rule_exists and not self.rule_exists(text) then
        fail(position, "there is no rule '%s'", text)
    end
    self.rules[text] = true
    return ast.rule(position, text)
end

-- rule "name", rule("name")
function Parser:rule()
    local parenthesis = self:kind() == "("
    if parenthesis then
        self:advance()
    end
    local text, position = self:text(), self:position()
    if self:kind() ~= "string" then
        fail(position, "the name of a rule in quotes is expected after 'rule', but here is %s", self:found())
    end
    self:advance()
    if parenthesis then
        self:expect(")", "after the name of the rule")
    end
    return self:rule_called(text, position)
end

local sigils = {}

sigils["$"] = function(self, from)
    return self:presence(from, self:sigil_pattern())
end

sigils["#"] = function(self, from)
    local pattern = self:sigil_pattern()
    if self:take_word "in" then
        local low, high = self:range()
        return ast.count(from, pattern, low, high)
    end
    return ast.count(from, pattern)
end

local function indexed(make)
    return function(self, from)
        local pattern = self:sigil_pattern()
        if self:kind() ~= "[" then
            return make(from, pattern, ast.number(from, 1))
        end
        self:advance()
        local index = self:number()
        self:expect("]", "after the index")
        return make(from, pattern, index)
    end
end

sigils["@"] = indexed(ast.offset)
sigils["!"] = indexed(ast.length)

local words = {}

words["true"] = function(_, from)
    return ast.bool(from, true)
end

words["false"] = function(_, from)
    return ast.bool(from, false)
end

words["filesize"] = function(_, from)
    return ast.filesize(from)
end

words["for"] = Parser.loop
words["rule"] = function(self)
    return self:rule()
end

for _, kind in ipairs { "any", "all", "none" } do
    words[kind] = function(self, from)
        return self:of(from, { kind = kind })
    end
end

for kind in pairs(ast.reads) do
    words[kind] = function(self, from)
        self:expect("(", "after '" .. kind .. "'")
        local offset = self:number()
        self:expect(")", "after the offset of '" .. kind .. "'")
        return ast.read(from, kind, offset)
    end
end

function Parser:word(from)
    local text = self:text()
    if words[text] then
        self:advance()
        return words[text](self, from)
    elseif keywords[text] then
        fail(from, "'%s' is not expected here", text)
    end
    local loop = self:loop_variable(text)
    self:advance()
    if loop then
        return ast.var(from, loop)
    elseif self.names[text] then
        return self:presence(from, self:pattern_called(text, from))
    elseif self.rule_exists and not self.rule_exists(text) then
        fail(from, "'%s' is neither a pattern of this stage nor a rule", text)
    end
    return self:rule_called(text, from)
end

function Parser:primary()
    local kind, from = self:kind(), self:position()
    if kind == "number" then
        local value = tokens.number_value(self:text(), from)
        self:advance()
        return ast.number(from, value)
    elseif sigils[kind] then
        return sigils[kind](self, from)
    elseif kind == "name" then
        return self:word(from)
    elseif kind == "(" then
        self:advance()
        local outer = self.in_for
        self.in_for = false
        local node = self:expression()
        self.in_for = outer
        self:expect(")", "to close the parenthesis")
        return node
    elseif kind == "-" or kind == "~" then
        self:advance()
        self:enter()
        local node = ast.unary(from, kind, want_number(self:primary()))
        self:leave()
        return node
    end
    return fail(from, "an expression is expected here, but here is %s", self:found())
end

-- Arithmetic of at least this precedence. A truth value passes through alone.
function Parser:arithmetic(level)
    local left = self:primary()
    while true do
        local op = self:kind()
        local precedence = arithmetic[op]
        if not precedence or precedence < level or (op == "%" and self:quantifier_ahead()) then
            break
        end
        self:advance()
        want_number(left)
        local right = want_number(self:arithmetic(precedence + 1))
        left = shallow(ast.binary(left.from, op == "/" and "\\" or op, left, right))
    end
    return left
end

function Parser:number()
    self:enter()
    local node = want_number(self:arithmetic(1))
    self:leave()
    return node
end

-- Arithmetic, perhaps with `of` behind it.
function Parser:operand()
    local left = self:arithmetic(1)
    local kind = self:quantifier_ahead()
    if kind and not self.in_for then
        if kind == "percent" then
            self:advance()
        end
        return self:of(left.from, { kind = kind, n = want_number(left) })
    end
    return left
end

-- Left-associative comparisons of one level.
local function comparisons(operators, tighter)
    return function(self)
        local left = tighter(self)
        while operators[self:kind()] do
            local op = self:kind()
            self:advance()
            want_number(left)
            left = ast.binary(left.from, op, left, want_number(tighter(self)))
        end
        return left
    end
end

Parser.order = comparisons(ORDER, Parser.operand)
Parser.equality = comparisons(EQUALITY, Parser.order)

function Parser:negation()
    local from = self:position()
    for _, op in ipairs { "not", "defined" } do
        if self:take_word(op) then
            self:enter()
            local node = shallow(ast.unary(from, op, self:negation()))
            self:leave()
            return node
        end
    end
    return self:equality()
end

local function junctions(word, tighter)
    return function(self)
        local first = tighter(self)
        if not self:is_word(word) then
            return first
        end
        local children = { first }
        while self:take_word(word) do
            children[#children + 1] = tighter(self)
        end
        return shallow(ast.junction(first.from, word, children))
    end
end

Parser.conjunction = junctions("and", Parser.negation)
Parser.disjunction = junctions("or", Parser.conjunction)

function Parser:expression()
    self:enter()
    local node = self:disjunction()
    self:leave()
    return node
end

function Parser:whole()
    local tree = self:expression()
    if self:kind() ~= "end" then
        fail(self:position(), "an operator or the end is expected here, but here is %s", self:found())
    end
    return tree
end

-- ---- the module -----------------------------------------------------------------------------------

--- pattern_names: list of the names in the stage's `patterns`. rule_exists(name) -> boolean; nil: any name is a rule.
--- Returns the tree and { patterns = names used, rules = names used } (both sorted); or nil and
--- { message =, position = byte offset in the source }.
function M.parse(source, pattern_names, rule_exists)
    if #source > MAX_SOURCE then
        return nil, { message = "the condition is larger than 1 MiB", position = MAX_SOURCE }
    end
    local parser = setmetatable({
        list = tokens.list(source), i = 1, names = {}, all = {}, rule_exists = rule_exists,
        loops = {}, nesting = 0, used = {}, rules = {}, in_for = false,
    }, Parser)
    for i, each in ipairs(pattern_names) do
        parser.names[each] = true
        parser.all[i] = each
    end
    table.sort(parser.all)
    local tree, problem = tokens.caught(parser.whole, parser)
    if not tree then
        return nil, problem
    end
    return tree, { patterns = sorted.keys(parser.used), rules = sorted.keys(parser.rules) }
end

return M
