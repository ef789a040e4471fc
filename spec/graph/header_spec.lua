-- What a header declares, as the sources that include it see it: types, enumerators, variables of other files.
local hunch = require "hunch"
local tree = require "support.tree"

local RULE = [[
    rule "run" { language = "c", confirm = { taint { from = call "getenv", to = argument { "system", 1 } } } }
]]

--- The lines "FILE:LINE" of findings in a program of files { name = text }, and what was incomplete.
local function found(files)
    local folder = tree.new()
    for name, text in pairs(files) do folder:write("p/" .. name, text) end
    local engine = assert(hunch.engine { cache = "" })
    local rules = assert(engine:compile { name = "r.lua", text = RULE })
    local result = assert(rules:scan_paths({ folder:at "p" }, { link = "dir" }))
    local list, incomplete = {}, {}
    for _, m in ipairs(result.matches) do list[#list + 1] = m.record:match "[^/]+$" .. ":" .. m.line end
    for i, l in ipairs(result.incomplete) do incomplete[i] = l.record:match "[^/]+$" .. " " .. l.detail end
    folder:remove()
    table.sort(list)
    return table.concat(list, " "), table.concat(incomplete, " | ")
end

local OPS = "#ifndef OPS_H\n#define OPS_H\nstruct ops { char *(*take)(char *); char *(*drop)(char *); };\n"
    .. "typedef struct ops ops;\nextern const ops plain;\n#endif\n"
local OPS_C = '#include "ops.h"\nstatic char *same(char *s) { return s; }\n'
    .. 'static char *none(char *s) { (void)s; return "ls"; }\nconst ops plain = { same, none };\n'

describe("a header", function()
    it("says which field of a struct an initialiser without names is for", function()
        local function main(field)
            return '#include "ops.h"\nchar *getenv(const char *);\nint system(const char *);\n'
                .. 'void f(const ops *o) { system(o->' .. field .. '(getenv("A"))); }\n'
                .. 'int main(void) { f(&plain); return 0; }\n'
        end
        assert.equal("main.c:4", found { ["ops.h"] = OPS, ["ops.c"] = OPS_C, ["main.c"] = main "take" })
        assert.equal("", (found { ["ops.h"] = OPS, ["ops.c"] = OPS_C, ["main.c"] = main "drop" }))
    end)

    it("says what a union and an array in a struct are", function()
        local header = "struct box { union { char *text; void *any; } u; char name[64]; int n; };\n"
        local function main(to, from)
            return '#include "box.h"\nchar *getenv(const char *);\nint system(const char *);\n'
                .. 'char *strcpy(char *, const char *);\n'
                .. 'int main(void) { struct box b; ' .. to .. '; system(' .. from .. '); return 0; }\n'
        end
        local function lines(to, from) return (found { ["box.h"] = header, ["main.c"] = main(to, from) }) end
        assert.equal("main.c:5", lines('b.u.any = getenv("A")', "b.u.text"))
        assert.equal("main.c:5", lines('strcpy(b.name, getenv("A"))', "b.name"))
        assert.equal("", lines('b.u.text = getenv("A")', "b.name"))
    end)

    it("says which number an enumerator is, so that dead branches are dead", function()
        local function program(value)
            return {
                ["mode.h"] = "enum mode { OFF, ON = " .. value .. " };\n",
                ["main.c"] = '#include "mode.h"\nchar *getenv(const char *);\nint system(const char *);\n'
                    .. 'int main(void) { char *s = "ls"; if (ON == 7) s = getenv("A"); system(s); return 0; }\n',
            }
        end
        assert.equal("main.c:4", found(program(7)))
        assert.equal("", (found(program(8))))
    end)

    it("that includes others gives what they declare, once", function()
        assert.equal("main.c:4", found {
            ["a.h"] = '#include "b.h"\ntypedef struct inner outer;\n',
            ["b.h"] = '#include "a.h"\nstruct inner { char *x, *y; };\n',
            ["main.c"] = '#include "a.h"\nchar *getenv(const char *);\nint system(const char *);\n'
                .. 'int main(void) { outer o = { "ls", getenv("A") }; system(o.x); system(o.y); return 0; }\n',
        })
    end)

    it("with a mistake, and one that is no whole declaration, spoil no other text", function()
        local main = '#include "bad.h"\nchar *getenv(const char *);\nint system(const char *);\n'
            .. 'int main(void) {\n#include "body.h"\n    return 0;\n}\nvoid g(void) { system(getenv("B")); }\n'
        local lines, incomplete = found {
            ["bad.h"] = "struct { int a[; };\ntypedef struct x { char *s \nint UNKNOWN f(void) WORD;\n",
            ["body.h"] = 'system(getenv("A"));\n',
            ["main.c"] = main,
        }
        assert.equal("main.c:8", lines)
        assert.is_nil(incomplete:find("main.c", 1, true))
    end)

    it("too deep among others is said, at the line of the file that is read", function()
        local files = { ["main.c"] = 'int a;\n#include "h1.h"\nchar *getenv(const char *);\n'
            .. 'int system(const char *);\nint main(void) { return system(getenv("A")); }\n' }
        for i = 1, 60 do files["h" .. i .. ".h"] = ('#include "h%d.h"\nstruct s%d { int n; };\n'):format(i + 1, i) end
        local lines, incomplete = found(files)
        assert.equal("main.c:5", lines)
        assert.matches("main.c [^|]*more is included than is read", incomplete)
    end)
end)
