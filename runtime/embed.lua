-- Writes a C file that carries sources inside the library (runtime/embedded.h): hunch's Lua, or its kernels.
--
--   lua5.4 runtime/embed.lua -o build/embedded_lua.c lua/hunch/init.lua lua/hunch/dsl.lua …
--   lua5.4 runtime/embed.lua -o build/embedded_kernels.c kernels/prefilter.cu kernels/layout.h …
--
-- The text is kept as it is, comments too, so that messages and tracebacks name real lines. The
-- output depends on the arguments and the files only: module names are sorted bytewise.

local function fail(...)
    io.stderr:write("embed.lua: ", string.format(...), "\n")
    os.exit(1)
end

-- lua/hunch/cli/main.lua -> hunch.cli.main, lua/hunch/init.lua -> hunch; kernels/layout.h -> layout.h
local function module_name(path)
    local kernel = path:match("^kernels/([^/]+)$")
    if kernel then
        return kernel
    end
    local name = path:match("^lua/(.+)%.lua$") or fail("%s is not below lua/", path)
    return (name:gsub("/init$", ""):gsub("/", "."))
end

local function read(path)
    local file, message = io.open(path, "rb")
    if not file then
        fail("%s", message)
    end
    local text = file:read("a")
    file:close()
    if not utf8.len(text) then
        fail("%s is not UTF-8", path)
    end
    return text
end

local escapes = { ["\n"] = "\\n", ["\t"] = "\\t", ['"'] = '\\"', ["\\"] = "\\\\", ["?"] = "\\?" }

-- A C string literal, one source line a line; three octal digits, so that no digit can follow them.
local function literal(text)
    local lines = {}
    for line in text:gmatch("[^\n]*\n?") do
        if line ~= "" then
            lines[#lines + 1] = '    "' .. line:gsub('[%c"\\?\127-\255]', function(byte)
                return escapes[byte] or string.format("\\%03o", byte:byte())
            end) .. '"'
        end
    end
    return #lines > 0 and table.concat(lines, "\n") or '    ""'
end

local output, paths = nil, {}
local i = 1
while i <= #arg do
    if arg[i] == "-o" then
        output = arg[i + 1]
        i = i + 1
    else
        paths[#paths + 1] = arg[i]
    end
    i = i + 1
end
if not output then
    fail("usage: embed.lua -o FILE lua/…")
end

local modules = {}
for _, path in ipairs(paths) do
    modules[#modules + 1] = { name = module_name(path), path = path, text = read(path) }
end
table.sort(modules, function(a, b) return a.name < b.name end)

local out = { "/* Written by runtime/embed.lua: sources of hunch. */", '#include "embedded.h"', "" }
for index, module in ipairs(modules) do
    out[#out + 1] = string.format("static const char source_%d[] =\n%s;\n", index, literal(module.text))
end
out[#out + 1] = ("const struct hunch_embedded hunch_embedded_%s[] = {"):format(
    paths[1]:match("^kernels/") and "kernels" or "lua")
for index, module in ipairs(modules) do
    out[#out + 1] = string.format('    {"%s", "%s", (const unsigned char *)source_%d, %d},',
        module.name, module.path, index, #module.text)
end
out[#out + 1] = "    {0, 0, 0, 0},\n};\n"

local file = assert(io.open(output, "wb"))
assert(file:write(table.concat(out, "\n")))
assert(file:close())
