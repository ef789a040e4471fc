-- Value flow in small Java programs: of each pair one has a flow, at the lines marked SINK, and the other, which
-- looks much the same, has none: spec/graph/precision_java/*.java. `// file: NAME` begins another file.
local hunch = require "hunch"

local engine = hunch.engine { cache = "" }
local rules = assert(engine:compile { name = "r.lua", text = [[
rule "flow" { language = "java", confirm = { taint {
  from = call ".getParameter",
  to = argument { "Runtime.exec", "getRuntime.exec", 2 },
  except = call { "quote", ".length" },
  unless = { guard { call "isSafe", on = 2 }, guard { call ".matches", on = 1 }, guard { call ".contains", on = 2 },
    guard { compare = "==", with = "constant" } },
} } }
]] })

--- { name =, flow = files, clean = files }, files: { { name =, text = } }; lines are those of the file of pairs.
local function pairs_of(path)
    local list, kind, number = {}, nil, 0
    for line in io.lines(path) do
        local name, begins, file = line:match "^// pair: (.*)", line:match "^// (%l+)$", line:match "^// file: (.*)"
        number = number + 1
        if name then
            list[#list + 1] = { name = name, flow = {}, clean = {} }
        elseif begins then
            kind = begins
        else
            local files = list[#list][kind]
            if file or #files == 0 then
                files[#files + 1] = { name = file or "A.java", lines = {}, first = number }
            end
            if not file then table.insert(files[#files].lines, line) end
        end
    end
    return list
end

local function expected(files)
    local list = {}
    for _, file in ipairs(files) do
        for number, line in ipairs(file.lines) do
            if line:find("// SINK", 1, true) then list[#list + 1] = ("%s:%d"):format(file.name, number) end
        end
    end
    table.sort(list)
    return list
end

local function found(files)
    local records, list, seen = {}, {}, {}
    for i, file in ipairs(files) do records[i] = { name = file.name, data = table.concat(file.lines, "\n") .. "\n" } end
    local result = rules:scan(records)
    for _, m in ipairs(result.matches) do
        local at = ("%s:%d"):format(m.record, m.line)
        if not seen[at] then list[#list + 1] = at end
        seen[at] = true
        assert.equal("source", m.witness[1].what)
        assert.equal("sink", m.witness[#m.witness].what)
    end
    assert.same({}, result.incomplete)
    table.sort(list)
    return list
end

local count = 0

for _, topic in ipairs { "calls", "classes", "files", "values", "ways" } do
    describe("value flow in Java: " .. topic .. ":", function()
        for _, each in ipairs(pairs_of("spec/graph/precision_java/" .. topic .. ".java")) do
            count = count + 1
            it(each.name .. ": flow", function()
                assert.is_true(#expected(each.flow) > 0)
                assert.same(expected(each.flow), found(each.flow))
            end)
            it(each.name .. ": clean", function() assert.same({}, found(each.clean)) end)
        end
    end)
end

describe("value flow in Java: wide:", function()
    it("the last of many classes that are derived from one has the method", function()
        local lines = { "class A { void run(Request req, Base b) throws Exception { b.go(req.getParameter(\"x\")); } }",
            "abstract class Base { abstract void go(String c) throws Exception; }",
            "class Z extends B300 { void go(String c) throws Exception { Runtime.getRuntime().exec(c); } } // SINK" }
        for i = 1, 300 do lines[#lines + 1] = ("abstract class B%d extends Base { }"):format(i) end
        local files = { { name = "A.java", lines = lines, first = 0 } }
        assert.same({ "A.java:3" }, found(files))
    end)
end)

describe("the pairs of Java programs", function()
    it("are at least 60", function() assert.is_true(count >= 60) end)
end)
