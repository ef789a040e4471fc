-- Runs the command inside of the spec with a fake core; its output goes to temporary files.
local fake_core = require "support.fake_core"
local main = require "hunch.cli.main"

local M = {}

local function contents(file)
    file:seek("set", 0)
    local text = file:read("a")
    file:close()
    return text
end

--- settings: `stdout` (a file instead), `getenv`, `core`, and what fake_core.new takes.
--- Returns { status =, out =, err =, core = }.
function M.run(argv, settings)
    settings = settings or {}
    local core = settings.core or fake_core.new(settings)
    local stdout, stderr = settings.stdout or io.tmpfile(), io.tmpfile()
    local status = main.run(argv, core, {
        stdout = stdout, stderr = stderr,
        getenv = settings.getenv or function() return nil end,
    })
    return { status = status, out = settings.stdout and "" or contents(stdout), err = contents(stderr), core = core }
end

--- A folder of its own with these files (name -> bytes); `remove` takes it away again.
function M.folder(files)
    local path = os.tmpname()
    os.remove(path)
    assert(os.execute("mkdir '" .. path .. "'"))
    local folder = { path = path }
    function folder.write(name, bytes)
        local inner = name:match("^(.*)/")
        if inner then
            assert(os.execute("mkdir -p '" .. path .. "/" .. inner .. "'"))
        end
        local file = assert(io.open(path .. "/" .. name, "wb"))
        file:write(bytes)
        file:close()
        return path .. "/" .. name
    end
    function folder.read(name)
        local file = assert(io.open(path .. "/" .. name, "rb"))
        local bytes = file:read("a")
        file:close()
        return bytes
    end
    function folder.remove()
        os.execute("rm -rf '" .. path .. "'")
    end
    for name, bytes in pairs(files or {}) do
        folder.write(name, bytes)
    end
    return folder
end

return M
