-- One source: every header of kernels/ by itself as C11 and as C++17 for the emulator, without a warning.
-- `make kernels-check` does the same with nvcc and NVRTC.

local WARNINGS = "-Wall -Wextra -Wshadow -Werror -fsyntax-only -Ikernels"

local function lines_of(command)
    local pipe, list = assert(io.popen(command)), {}
    for line in pipe:lines() do
        list[#list + 1] = line
    end
    pipe:close()
    return list
end

local function compile(compiler, language, header)
    -- The compiler is not to run under the sanitizer that these specs may run under.
    return table.concat(lines_of(("echo '#include \"%s\"' | env -u LD_PRELOAD %s -x %s %s - 2>&1"):format(header,
        compiler, language, WARNINGS)), "\n")
end

describe("kernels/", function()
    local headers = lines_of "cd kernels && LC_ALL=C ls *.h"
    assert(#headers > 8)
    local c, cxx = os.getenv "CC" or "gcc", os.getenv "CXX" or "g++"

    for _, header in ipairs(headers) do
        it(header .. " is C11 and, for the emulator, C++17", function()
            assert.equal("", compile(c, "c -std=c11 -Wstrict-prototypes", header))
            assert.equal("", compile(cxx, "c++ -std=c++17 -DHUNCH_EMULATOR", header))
        end)
    end

    it("emulator/simt.h is C11 and C++17", function()
        assert.equal("", compile(c, "c -std=c11 -Wstrict-prototypes", "emulator/simt.h"))
        assert.equal("", compile(cxx, "c++ -std=c++17", "emulator/simt.h"))
    end)

    it("has nothing in a tile header but what portable.h gives", function()
        local offences = {}
        for _, header in ipairs(headers) do
            for line in io.lines("kernels/" .. header) do
                local included = line:match "^%s*#%s*include%s*(.*)"
                local own = included and included:match '^"([%w_]+%.h)"'
                if included and header ~= "portable.h" and not own then
                    offences[#offences + 1] = header .. ": " .. line
                end
            end
        end
        assert.same({}, offences)
    end)
end)
