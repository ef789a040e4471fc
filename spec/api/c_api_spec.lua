-- The C interface: memory that runs out anywhere, the library as a plug-in, many threads with one hunch_rules, and a
-- program that sees nothing but hunch.h.
local BUILD = os.getenv "HUNCH_BUILD" or "build"
local CC = os.getenv "CC" or "cc"
local SOAK, SAN = os.getenv "HUNCH_SOAK", os.getenv "HUNCH_SAN"

local function run(command)
    local pipe = assert(io.popen("{ " .. command .. "\n} 2>&1; echo \"status $?\""))
    local text, status = pipe:read("a"):match("^(.-)status (%d+)\n$")
    pipe:close()
    return text, tonumber(status)
end

describe("an allocation that fails", function()
    -- How many runs of each: an allocation in so many fails.
    local steps = { compile_text = 800, compile_files = 800, compile_faulty = 800, records_ref = 11, records_cpu = 29,
        callback = 29, threads = 29, paths = 29, stream = 29, large = 29,
        fused = 29, serial = 29, store = 29, graph = 7 }
    local names = {}
    for name in pairs(steps) do names[#names + 1] = name end
    table.sort(names)
    for _, name in ipairs(names) do
        it("is an error or no matter: " .. name, function()
            local step = SOAK and math.max(1, steps[name] // 20) or SAN and steps[name] * 4 or steps[name]
            local output, status = run(("'%s/spec/c_api_sweep' %s %d"):format(BUILD, name, step))
            assert.equal(0, status, output)
            local errors = tonumber(output:match "(%d+) errors")
            assert.is_true(errors > 0, output)
        end)
    end
end)

describe("libhunch.so", function()
    -- A sanitizer must be there before the library is.
    local plain = SAN and "" or "env -u LD_PRELOAD "

    it("works when it is opened with RTLD_LOCAL", function()
        local output, status = run(("%s'%s/spec/c_api_dlopen' '%s/libhunch.so'"):format(plain, BUILD, BUILD))
        assert.equal("0.1.0\n1:8 key-345\n2:1 key-6789\n", output)
        assert.equal(0, status)
    end)

    it("works in a stock Lua, which opens modules so", function()
        local output, status = run(([==[lua5.4 -e '
            local open = assert(package.loadlib("%s/lua/hunch/core.so", "luaopen_hunch_core"))
            local core = open()
            local engine = core.engine { cache = "" }
            local rules = assert(engine:compile { text = "rule [[x]] { confirm = { regex [[a+]] } }", name = "x" })
            print(#rules:scan("aa b a").matches)']==]):format(BUILD))
        assert.equal("2\n", output)
        assert.equal(0, status)
    end)

    it("takes scans of many threads with one hunch_rules", function()
        local output, status = run(("'%s/spec/c_api_threads' 6 %d examples/tree"):format(BUILD, SAN and 2 or 6))
        assert.matches(" 0 differences", output)
        assert.equal(0, status, output)
    end)
end)

describe("hunch.h", function()
    local folder

    setup(function() folder = run("mktemp -d"):gsub("\n$", "") end)
    teardown(function() run("rm -rf " .. folder) end)

    local function compile(compiler, source, name)
        local path = folder .. "/" .. name
        local file = assert(io.open(path, "w"))
        file:write(source)
        file:close()
        return run(("unset LD_PRELOAD; export PKG_CONFIG_PATH=%s/pkgconfig; %s -Wall -Wextra -Wpedantic -Werror -c %s"
            .. " -o %s.o $(pkg-config --cflags hunch)"):format(BUILD, compiler, path, path))
    end

    it("needs nothing before it, in C11 and in C++", function()
        local source = "#include <hunch.h>\nint use(void);\nint use(void) { return hunch_version()[0]; }\n"
        assert.equal("", (compile(CC .. " -std=c11 -Wstrict-prototypes", source, "a.c")))
        assert.equal("", (compile("c++ -std=c++17", source, "a.cc")))
    end)

    it("is all that a program sees: every function is there, and NULL errors are taken", function()
        local header = assert(io.open "runtime/hunch.h"):read "a"
        local names = {}
        for declaration in header:gmatch "HUNCH_API%s([^;]+);" do
            names[#names + 1] = declaration:match "(hunch_[%w_]+)%("
        end
        assert.is_true(#names > 25)
        local source = { "#include <hunch.h>\n#include <stdio.h>\n#include <string.h>\ntypedef void any(void);\n"
            .. "any *volatile all[] = {(any *)" .. table.concat(names, ", (any *)") .. "};\nint main(void) {\n" }
        source[#source + 1] = [[
    struct hunch_engine *e = NULL; struct hunch_rules *r = NULL; struct hunch_report *p = NULL;
    struct hunch_engine_options bad = {.backend = "abacus"}, cuda = {.backend = "cuda"};
    struct hunch_scan_options worse = {.backend = "abacus"}; uint32_t beyond = 7;
    struct hunch_scan_options other = {.rules = &beyond, .rule_count = 1};
    struct hunch_record record = {"r", 1, "a b", 3};
    const char *nowhere = "/nowhere";
    int failed = 0;
#define EXPECT(status, call) \
    do { int s = (call); if (s != (status)) { failed = 1; printf("%s: %d\n", #call, s); } } while (0)
    EXPECT(HUNCH_ERROR_ARGUMENT, hunch_engine_new(&bad, &e, NULL));
    EXPECT(HUNCH_ERROR_UNSUPPORTED, hunch_engine_new(&cuda, &e, NULL));
    EXPECT(HUNCH_OK, hunch_engine_new(NULL, &e, NULL));
    EXPECT(HUNCH_ERROR_RULES, hunch_rules_compile_text(e, "x", "rule", 4, NULL, &r, NULL, NULL));
    EXPECT(HUNCH_ERROR_IO, hunch_rules_compile(e, &nowhere, 1, NULL, &r, NULL, NULL));
    EXPECT(HUNCH_ERROR_PROGRAM, hunch_rules_load(e, "!HUNHPG1", 8, &r, NULL));
    EXPECT(HUNCH_ERROR_PROGRAM, hunch_rules_load(e, "", 0, &r, NULL));
    const char *text = "rule 'x' { prefilter = any { 'a' } }";
    bool yes = true;
    struct hunch_compile_options late = {.deadline = 1e-9}, flagged = {.cancel_flag = &yes};
    EXPECT(HUNCH_ERROR_CANCELLED, hunch_rules_compile_text(e, "x", text, strlen(text), &late, &r, NULL, NULL));
    EXPECT(HUNCH_ERROR_CANCELLED, hunch_rules_compile_text(e, "x", text, strlen(text), &flagged, &r, &p, NULL));
    hunch_report_free(p);
    EXPECT(HUNCH_OK, hunch_rules_compile_text(e, "x", text, strlen(text), NULL, &r, &p, NULL));
    hunch_report_free(p);
    EXPECT(HUNCH_ERROR_ARGUMENT, hunch_scan_records(r, &record, 1, &worse, &p, NULL));
    EXPECT(HUNCH_ERROR_ARGUMENT, hunch_scan_records(r, &record, 1, &other, &p, NULL));
    EXPECT(HUNCH_OK, hunch_scan_records(r, NULL, 0, NULL, &p, NULL));
    EXPECT(0, (int)hunch_report_match_count(p));
    hunch_report_free(p);
    EXPECT(HUNCH_OK, hunch_scan_paths(r, &nowhere, 1, NULL, &p, NULL));
    EXPECT(1, (int)hunch_report_incomplete_count(p));
    hunch_report_free(p);
    EXPECT(HUNCH_OK, hunch_scan_records(r, &record, 1, NULL, &p, NULL));
    EXPECT(1, (int)hunch_report_match_count(p));
    hunch_report_free(p);
    hunch_report_free(NULL);
    hunch_stream_free(NULL);
    hunch_rules_free(NULL);
    hunch_rules_free(r);
    hunch_engine_free(e);
    hunch_engine_free(NULL);
    return failed;
}
]]
        local path = folder .. "/all"
        local file = assert(io.open(path .. ".c", "w"))
        file:write(table.concat(source))
        file:close()
        local sanitizer = SAN and "-fsanitize=address,undefined" or ""
        local output, status = run(("unset LD_PRELOAD; export PKG_CONFIG_PATH=%s/pkgconfig; %s -std=c11 -Wall -Wextra"
            .. " %s %s.c -o %s $(pkg-config --cflags --libs hunch) && LD_LIBRARY_PATH=%s %s"):format(BUILD, CC,
            sanitizer, path, path, BUILD, path))
        assert.equal("", output)
        assert.equal(0, status)
    end)
end)
