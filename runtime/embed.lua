-- Writes a C file that carries sources inside the library (runtime/embedded.h): hunch's Lua, or its kernels, or what
-- nvcc made of them.
--
--   lua5.4 runtime/embed.lua -o build/embedded_lua.c lua/hunch/init.lua lua/hunch/dsl.lua …
--   lua5.4 runtime/embed.lua -o build/embedded_kernels.c kernels/prefilter.cu kernels/layout.h …
--   lua5.4 runtime/embed.lua -o build/embedded_fatbins.c -t "sm_75 … + PTX" build/fatbin/prefilter.cu.fatbin …
--
-- Where one of the compiled kernels is empty, none is embedded; a line says what is.
--
-- The text is kept as it is, comments too, so that messages and tracebacks name real lines. The
-- output depends on the arguments and the files only: module names are sorted bytewise.

local function fail(...)
    io.stderr:write("embed.lua: ", string.format(...), "\n")
    os.exit(1)
end

-- lua/hunch/cli/main.lua -> hunch.cli.main, lua/hunch/init.lua -> hunch; kernels/layout.h -> layout.h;
-- build/fatbin/prefilter.cu.fatbin -> prefilter.cu
local function module_name(path)
    local kernel = path:match("^kernels/([^/]+)$") or path:match("([^/]+)%.fatbin$")
    if kernel then
        return kernel
    end
    local name = path:match("^lua/(.+)%.lua$") or fail("%s is not below lua/", path)
    return (name:gsub("/init$", ""):gsub("/", "."))
end

local function read(path, binary)
    local file, message = io.open(path, "rb")
    if not file then
        fail("%s", message)
    end
    local text = file:read("a")
    file:close()
    if not binary and not utf8.len(text) then
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

-- The bytes of an image, where no line means anything.
local function image(bytes)
    local lines = {}
    for at = 1, #bytes, 32 do
        lines[#lines + 1] = '    "' .. bytes:sub(at, at + 31):gsub(".", function(byte)
            return string.format("\\%03o", byte:byte())
        end) .. '"'
    end
    return table.concat(lines, "\n")
end

local output, targets, paths = nil, nil, {}
local i = 1
while i <= #arg do
    if arg[i] == "-o" then
        output = arg[i + 1]
        i = i + 1
    elseif arg[i] == "-t" then
        targets = arg[i + 1]
        i = i + 1
    else
        paths[#paths + 1] = arg[i]
    end
    i = i + 1
end
if not output then
    fail("usage: embed.lua -o FILE lua/…")
end

local modules, total, whole = {}, 0, targets ~= ""
for _, path in ipairs(paths) do
    local text = read(path, targets)
    modules[#modules + 1] = { name = module_name(path), path = path, text = text }
    total = total + #text
    whole = whole and #text > 0
end
if targets and not (whole and #modules > 0) then
    modules, targets = {}, ""
end
table.sort(modules, function(a, b) return a.name < b.name end)

local out = { "/* Written by runtime/embed.lua. */", '#include "embedded.h"', "" }
for index, module in ipairs(modules) do
    out[#out + 1] = string.format("static const char source_%d[] %s=\n%s;\n", index,
        targets and "__attribute__((aligned(16))) " or "", targets and image(module.text) or literal(module.text))
end
if targets then
    out[#out + 1] = ("const char hunch_embedded_targets[] = \"%s\";\n"):format(targets)
end
out[#out + 1] = ("const struct hunch_embedded hunch_embedded_%s[] = {"):format(
    targets and "fatbins" or paths[1]:match("^kernels/") and "kernels" or "lua")
for index, module in ipairs(modules) do
    out[#out + 1] = string.format('    {"%s", "%s", (const unsigned char *)source_%d, %d},',
        module.name, module.path, index, #module.text)
end
out[#out + 1] = "    {0, 0, 0, 0},\n};\n"

local file = assert(io.open(output, "wb"))
assert(file:write(table.concat(out, "\n")))
assert(file:close())
if targets == "" then
    print(("kernels: %s, they are compiled at first use"):format(#paths == 0 and "no nvcc" or "nvcc failed"))
elseif targets then
    print(("kernels: fatbin %s, %d KiB"):format(targets, total // 1024))
end
