-- Every allocation of reading a C file fails in turn: an error, and nothing is left behind.
local SWEEP = os.getenv "HUNCH_BUILD" .. "/spec/graph_sweep"

describe("reading a C file without memory", function()
    for _, name in ipairs { "errors", "extensions", "initialisers", "jumps", "macros", "places", "scopes" } do
        it("is an error at each allocation: " .. name .. ".c", function()
            local pipe = io.popen(("%s spec/golden/graph/%s.c 2>&1"):format(SWEEP, name))
            local out = pipe:read "a"
            assert.is_true(pipe:close(), out)
            assert.is_true(tonumber(out:match "^(%d+) reads") > 100, out)
        end)
    end
end)

describe("reading a Python file without memory", function()
    for _, name in ipairs { "calls", "classes", "values", "ways" } do
        it("is an error at each allocation: " .. name .. ".py", function()
            local pipe = io.popen(("%s spec/graph/precision_python/%s.py 2>&1"):format(SWEEP, name))
            local out = pipe:read "a"
            assert.is_true(pipe:close(), out)
            assert.is_true(tonumber(out:match "^(%d+) reads") > 100, out)
        end)
    end
end)

describe("reading a JavaScript file without memory", function()
    for _, name in ipairs { "calls", "modules", "values", "ways" } do
        it("is an error at each allocation: " .. name .. ".js", function()
            local pipe = io.popen(("%s spec/graph/precision_javascript/%s.js 2>&1"):format(SWEEP, name))
            local out = pipe:read "a"
            assert.is_true(pipe:close(), out)
            assert.is_true(tonumber(out:match "^(%d+) reads") > 100, out)
        end)
    end
end)

describe("reading a Java file without memory", function()
    for _, name in ipairs { "members", "ways" } do
        it("is an error at each allocation: " .. name .. ".java", function()
            local pipe = io.popen(("%s spec/golden/graph/%s.java 2>&1"):format(SWEEP, name))
            local out = pipe:read "a"
            assert.is_true(pipe:close(), out)
            assert.is_true(tonumber(out:match "^(%d+) reads") > 100, out)
        end)
    end
end)
