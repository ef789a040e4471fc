-- Where things stand: what a macro gave stands where the macro was called, everything else where it is written.
local hunch = require "hunch"

--- The texts of a function's statements, in its blocks' order.
local function texts(source, options)
    local list = {}
    for _, block in ipairs(assert(hunch.graph("c", source, options)):functions()[1]:blocks()) do
        for _, statement in ipairs(block) do
            if statement.kind ~= "parameters" then
                list[#list + 1] = statement.line .. " " .. source:sub(statement.first, statement.last)
            end
        end
    end
    return list
end

describe("a statement stands", function()
    it("where it is written, comments and continued lines or not", function()
        assert.same({ "3 a = 1;", "4 b =\\\n2;", "6 a > b", "7 f(/* x */ a);" }, texts(
            "int f(int a, int b)\n{\n/* c */ a = 1; // d\nb =\\\n2;\nif (a > b)\nf(/* x */ a);\n}\n"))
    end)

    it("where the macro that gave it is called", function()
        local source = "#define TWO(x) one(x); two(x)\n#define IF(x) if (x)\nint f(int a)\n{\n    TWO(\n        a);\n" ..
            "    IF(a) a = TWO;\n}\n"
        assert.same({ "5 TWO(\n        a)", "5 TWO(\n        a);", "7 IF(a)", "7 a = TWO;" }, texts(source))
    end)

    it("where a macro of an include is called", function()
        assert.same({ "3 CALL(p);" }, texts('#include <x/a.h>\nint f(char *p) {\nCALL(p);\n}\n',
            { includes = { ["x/a.h"] = '#include "b.h"\n', ["b.h"] = "#define CALL(x) system(x)\n" } }))
    end)
end)
