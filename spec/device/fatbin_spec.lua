-- Kernels compiled when hunch is built: with an nvcc that is a script here.
local tree = require "support.tree"

local MAKE = "env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u LD_PRELOAD make -s "

local NVCC = [==[#!/bin/sh
if [ "$1" = --list-gpu-code ]; then printf 'sm_52\nsm_75\nsm_87\nsm_90\n'; exit; fi
echo "$@" >>"$(dirname "$0")/calls"
if [ -e "$(dirname "$0")/broken" ]; then echo "broken, as was asked for"; exit 1; fi
while [ $# -gt 1 ]; do
    case $1 in -o) out=$2 ;; -MF) deps=$2 ;; esac
    shift
done
printf 'IMAGE OF %s\0\377' "$1" >"$out"
printf 'x : %s /usr/local/cuda/include/no_such_file.h \\\n kernels/portable.h kernels/layout.h\n' "$1" >"$deps"
]==]

describe("make with an nvcc", function()
    local folder

    before_each(function()
        folder = tree.new()
        folder:write("nvcc", NVCC)
        assert(os.execute("chmod +x '" .. folder:at "nvcc" .. "'"))
    end)
    after_each(function() folder:remove() end)

    local function shell(command)
        local pipe = assert(io.popen(command .. " 2>&1"))
        local output = pipe:read "a"
        pipe:close()
        return output
    end

    local function make(words)
        local build = folder:at "build"
        return shell(("%s BUILD='%s' %s '%s/embedded_fatbins.c'"):format(MAKE, build, words, build))
    end

    local function embedded()
        local file = assert(io.open(folder:at "build/embedded_fatbins.c", "rb"))
        local text = file:read "a"
        file:close()
        return text
    end

    local function image(text)
        return (text:gsub(".", function(byte) return ("\\%03o"):format(byte:byte()) end))
    end

    it("embeds what it makes of each source, for the targets that it has, and says so", function()
        local nvcc = "NVCC='" .. folder:at "nvcc" .. "'"
        assert.equal("kernels: fatbin sm_75 sm_90 + PTX, 0 KiB\n", make(nvcc))
        local text = embedded()
        assert.matches('hunch_embedded_targets[] = "sm_75 sm_90 + PTX";', text, 1, true)
        assert.matches('{"prefilter.cu", "' .. folder:at "build/fatbin/prefilter.cu.fatbin" .. '", ', text, 1, true)
        assert.matches(image "IMAGE OF kernels/prefilter.cu\0\255", text:gsub('"\n *"', ""), 1, true)
        assert.is_nil(text:find("tiles.cu", 1, true)) -- no scan runs it
        local calls = shell("cat '" .. folder:at "calls" .. "'")
        for _, option in ipairs { "arch=compute_75,code=sm_75", "arch=compute_90,code=sm_90",
                                  "arch=compute_90,code=compute_90", "-std=c++17", "-Ikernels" } do
            assert.matches(option, calls, 1, true)
        end
        -- Only when a source changes.
        assert.equal("", make(nvcc))
        assert.matches("fatbin.sh compile", make(nvcc .. " -n -W kernels/portable.h"), 1, true)
        assert.matches("fatbin.sh compile", make(nvcc .. " -n -W kernels/prefilter.cu"), 1, true)
        assert.is_nil(make(nvcc .. " -n -W kernels/log2_table.h"):find("compile", 1, true))
        assert.equal(calls, shell("cat '" .. folder:at "calls" .. "'"))
        -- And not without one.
        assert.equal("kernels: no nvcc, they are compiled at first use\n", make "NVCC=")
        assert.matches('hunch_embedded_targets[] = "";', embedded(), 1, true)
        assert.is_nil(embedded():find("source_1", 1, true))
    end)

    it("goes on without where that cannot compile, and says where its log is", function()
        folder:write("broken", "")
        local output = make("NVCC='" .. folder:at "nvcc" .. "'")
        local log = folder:at "build/fatbin/prefilter.cu.fatbin.log"
        assert.matches("nvcc does not compile kernels/prefilter.cu (" .. log .. "): it will be compiled at first use",
                       output, 1, true)
        assert.matches("kernels: nvcc failed, they are compiled at first use\n$", output)
        assert.equal("broken, as was asked for\n", shell("cat '" .. log .. "'"))
        assert.matches('hunch_embedded_targets[] = "";', embedded(), 1, true)
    end)

    it("goes on without where that has no target of ours", function()
        folder:write("nvcc", "#!/bin/sh\n[ \"$1\" != --list-gpu-code ] || echo sm_35\n")
        assert.matches("nvcc failed", make("NVCC='" .. folder:at "nvcc" .. "'"), 1, true)
    end)

    it("is found in CUDA_HOME and on PATH", function()
        folder:folder "home/bin/"
        assert(os.execute(("mv '%s' '%s'"):format(folder:at "nvcc", folder:at "home/bin/nvcc")))
        local home = folder:at "home"
        assert.matches("fatbin sm_75 sm_90", make(("CUDA_HOME='%s' PATH=\"$PATH\""):format(home)), 1, true)
        local other = folder:at "other"
        local output = shell(("PATH='%s/bin':\"$PATH\" %s BUILD='%s' '%s/embedded_fatbins.c'"):format(home, MAKE, other,
                                                                                                     other))
        assert.matches("fatbin sm_75 sm_90", output, 1, true)
        output = shell(("PATH='%s/bin':\"$PATH\" %s BUILD='%s' NVCC=nvcc -B '%s/embedded_fatbins.c'"):format(home, MAKE,
                                                                                                          other, other))
        assert.matches("fatbin sm_75 sm_90", output, 1, true)
        assert.matches("no nvcc", make "NVCC=/no/such/nvcc", 1, true)
    end)
end)
