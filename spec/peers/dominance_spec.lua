-- Every fact on lines of real C functions that two compilers agree on: dominates, postdominates, reaches.
local cjson = require "cjson"
local hunch = require "hunch"

local FOLDER = (os.getenv "HUNCH_SHARED" or "../shared") .. "/peers/dominance/"
local ASKS = { dominates = "dominates", post_dominates = "postdominates", reaches = "reaches" }

local function read_lines(name)
    local list = {}
    for line in assert(io.open(FOLDER .. name, "rb")):lines() do
        list[#list + 1] = cjson.decode(line)
    end
    return list
end

describe("facts on dominance", function()
    local functions = {}

    setup(function()
        for _, source in ipairs(read_lines "sources.jsonl") do
            local graph = assert(hunch.graph("c", source.text, { name = source.file }))
            assert.same({}, graph.faults, source.file)
            for _, fn in ipairs(graph:functions()) do
                functions[source.file .. " " .. fn.name] = fn
            end
        end
    end)

    for file, wanted in pairs { ["facts.jsonl"] = 3045, ["facts-goto.jsonl"] = 408 } do
        it(file .. ": every one", function()
            local facts, wrong = read_lines(file), {}
            assert.equal(wanted, #facts)
            for _, fact in ipairs(facts) do
                local fn = functions[fact.file .. " " .. fact["function"]]
                for method, key in pairs(ASKS) do
                    local got = fn and fn[method](fn, fact.a_line, fact.b_line)
                    if got ~= fact[key] then
                        wrong[#wrong + 1] = ("%s %d %s %d: %s"):format(fact.file, fact.a_line, method, fact.b_line,
                            tostring(got))
                    end
                end
            end
            print(("figure: %s: %d of %d answers are those of the compilers"):format(file, 3 * #facts - #wrong,
                3 * #facts))
            assert.same({}, wrong)
        end)
    end
end)
