-- Value flow on the masked Juliet programs of ../shared: command injection and unchecked loop bounds.
local rules = require "support.graph_rule"
local units = require "support.unit_module"

local SHARED = assert(os.getenv "HUNCH_SHARED", "HUNCH_SHARED names the folder with peers/")

local function calls(kind, names, index)
    local list = {}
    for i, name in ipairs(names) do list[i] = { [kind] = name, index } end
    return list
end

local FROM = calls("call", { "fgets", "fscanf", "scanf", "gets", "fread", "read", "recv", "recvfrom", "getenv",
    "getline", "getc", "fgetc", "getchar", "fgetws", "fwscanf", "wscanf" })
local COMMANDS = calls("argument", { "system", "popen", "execl", "execlp", "execle", "execv", "execvp", "execve" })

local function lines_of(command)
    local list = {}
    local pipe = assert(io.popen(command))
    for line in pipe:lines() do list[#list + 1] = line end
    pipe:close()
    return list
end

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "a"
    file:close()
    return text
end

local function files_of(folder, prefix)
    local list = {}
    for _, name in ipairs(lines_of("ls '" .. folder .. "'")) do
        list[#list + 1] = { name = prefix .. "/" .. name, text = read(folder .. "/" .. name) }
    end
    return list
end

--- Recall and false entries, as score.py of the suite counts them.
local function score(suite, rule)
    local root = os.tmpname()
    os.remove(root)
    assert(os.execute(("mkdir '%s' && tar --zstd -xf '%s/peers/juliet/%s.tar.zst' -C '%s'"):format(root, SHARED, suite,
        root)))
    local support = files_of(root .. "/" .. suite .. "/support", "support")
    local out = assert(io.open(root .. "/findings.jsonl", "w"))
    for _, case in ipairs(lines_of(("ls '%s/%s'"):format(root, suite))) do
        if case ~= "support" then
            local files = files_of(root .. "/" .. suite .. "/" .. case, case)
            table.move(support, 1, #support, #files + 1, files)
            for _, finding in ipairs(units.new(files, rules.flows):solve { rule }) do
                out:write(('{"file":"%s","line":%d}\n'):format(files[finding[2]].name, finding[4]))
            end
        end
    end
    out:close()
    local peers = SHARED .. "/peers/juliet"
    local scored = lines_of(("python3 '%s/score.py' --by none '%s/%s' '%s/findings.jsonl'"):format(peers, peers, suite,
        root))
    local said = table.concat(scored, "\n")
    os.execute(("rm -r '%s'"):format(root))
    print("figure: " .. suite .. ": " .. said:match "recall[^\n]*" .. ", " .. said:match "good flagged[^\n]*")
    return tonumber(said:match "recall%s+%d+/%d+ = ([%d.]+)"), tonumber(said:match "false findings%s+(%d+)")
end

describe("Juliet, masked:", function()
    it("commands from outside are found, and nothing else", function()
        local recall, wrong = score("cwe78", rules.rule { from = FROM, to = COMMANDS })
        assert.is_true(recall >= 98)
        assert.equal(0, wrong)
    end)

    it("bounds of loops from outside are found but where they were checked", function()
        local recall, wrong = score("cwe606", rules.rule { from = FROM, to = { { "loop_bound" } },
            unless = { { compare = "<", with = "constant" } } })
        assert.is_true(recall >= 95)
        assert.equal(0, wrong)
    end)
end)
