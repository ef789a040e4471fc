-- Makes kernels/log2_table.h: `lua5.4 spec/support/log2_table.lua > kernels/log2_table.h`.
-- spec/tiles/entropy_spec.lua checks that the file is what this makes.

local M = {}

M.size = 1024

--- log2(value) * 2^24 by the definition in kernels/entropy_tile.h, for 1 <= value < 2^32.
function M.log2(value)
    local exponent = 31
    while value & 0x80000000 == 0 do
        value = value << 1
        exponent = exponent - 1
    end
    local bits = 0
    for _ = 1, 25 do
        local square = value * value -- 64 bits without a sign
        local carry = square >> 63
        bits = bits << 1 | carry
        value = square >> (31 + carry)
    end
    return (exponent << 24) + ((bits + 1) >> 1)
end

function M.generate()
    local out = {
        "/* log2_table.h: log2 of small integers, in units of 1/2^24; entry 0 is 0.",
        " * Made by spec/support/log2_table.lua; the definition is hunch_log2_compute of entropy_tile.h. */",
        "#ifndef HUNCH_LOG2_TABLE_H",
        "#define HUNCH_LOG2_TABLE_H",
        "",
        '#include "portable.h"',
        "",
        ("#define HUNCH_LOG2_TABLE_SIZE %du"):format(M.size),
        "",
        "/* clang-format off */",
        "HUNCH_TABLE uint32_t hunch_log2_table[HUNCH_LOG2_TABLE_SIZE] = {",
    }
    for first = 0, M.size - 1, 8 do
        local line = {}
        for value = first, first + 7 do
            line[#line + 1] = ("%10du,"):format(value == 0 and 0 or M.log2(value))
        end
        out[#out + 1] = "   " .. table.concat(line)
    end
    out[#out + 1] = "};"
    out[#out + 1] = "/* clang-format on */"
    out[#out + 1] = ""
    out[#out + 1] = "#endif"
    return table.concat(out, "\n") .. "\n"
end

if arg and arg[0] and arg[0]:find("log2_table%.lua$") then
    io.write(M.generate())
end

return M
