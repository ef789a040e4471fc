-- The tree itself: what a reader should never meet. One `it` per rule, all offenders in one message.

local function lines_of(command)
    local pipe = assert(io.popen(command))
    local list = {}
    for line in pipe:lines() do
        list[#list + 1] = line
    end
    assert(pipe:close(), command)
    return list
end

-- What git would carry; in an unpacked release, which has no .git, everything but the build folder.
local function tree()
    local marker = io.open(".git")
    if marker then
        marker:close()
        return lines_of("git ls-files --cached --others --exclude-standard")
    end
    return lines_of("find . -path ./build -prune -o -type f -printf '%P\\n' | LC_ALL=C sort")
end

local SOURCE = { c = true, h = true, cu = true, cuh = true, cc = true, cpp = true, lua = true }

local function extension(path)
    return path:match("%.([%w]+)$")
end

describe("the tree", function()
    local files = {}

    setup(function()
        for _, path in ipairs(tree()) do
            local file = io.open(path, "rb")
            if file then -- deleted but not yet committed: not there
                files[#files + 1] = { path = path, text = file:read("a") }
                file:close()
            end
        end
        assert.is_true(#files > 20, "run this spec in the root of the tree")
    end)

    -- check(file, report): calls report(text) for each offence.
    local function none_of(check, wanted)
        local offences = {}
        for _, file in ipairs(files) do
            if not wanted or wanted(file.path) then
                check(file, function(text) offences[#offences + 1] = file.path .. ": " .. text end)
            end
        end
        assert.are.equal("", table.concat(offences, "\n"))
    end

    local function is_source(path)
        return SOURCE[extension(path)]
    end

    -- Lines that hold any of the patterns, but for this file, which has to spell them.
    local function no_line_with(patterns, wanted)
        none_of(function(file, report)
            local number = 0
            for line in (file.text .. "\n"):gmatch("([^\n]*)\n") do
                number = number + 1
                for _, pattern in ipairs(patterns) do
                    if line:find(pattern) then
                        report(number .. ": " .. line:sub(1, 120))
                    end
                end
            end
        end, function(path)
            return path ~= "spec/hygiene_spec.lua" and (not wanted or wanted(path))
        end)
    end

    -- The public header is one file, by contract: its users include it alone. It has no code.
    it("has no source file of more than 700 lines, but for the public header", function()
        none_of(function(file, report)
            local _, count = file.text:gsub("\n", "")
            if count > (file.path == "runtime/hunch.h" and 900 or 700) then
                report(count .. " lines: split it by concept")
            end
        end, is_source)
    end)

    it("has no file of more than a megabyte", function()
        none_of(function(file, report)
            if #file.text > 1000000 then
                report(#file.text .. " bytes")
            end
        end)
    end)

    it("has no marks of unfinished work", function()
        no_line_with({
            "%f[%w_]TODO%f[^%w_]", "%f[%w_]FIXME%f[^%w_]", "%f[%w_]XXX%f[^%w_]", "%f[%w_]HACK%f[^%w_]",
            "%f[%w_]stub%f[^%w_]",
        }, is_source)
    end)

    it("has no pending specs", function()
        no_line_with({ "^%s*pending%(" }, function(path) return path:find("^spec/") or path:find("_spec%.lua$") end)
    end)

    it("names no path of the machine on which it was written, and no registry", function()
        no_line_with({
            "/work/main", "/work/shared", "/work/steering", "/tmp/bench", "%.library", "%.mirror/",
            "https?://[^ ]*pypi", "https?://[^ ]*crate", "https?://[^ ]*npm", "https?://[^ ]*golang",
            "https?://[^ ]*maven", "https?://[^ ]*debian",
        })
    end)

    it("does not tell how it is being made", function()
        no_line_with({ "%f[%w][Ii]ssue%s+#?%d", "[Ll]anguage model that wrote" })
    end)

    it("has no folder outside the agreed layout", function()
        local layout = {
            runtime = true, lua = true, kernels = true, rules = true, spec = true, examples = true, docs = true,
            [".ci"] = true,
        }
        none_of(function(file, report)
            local folder = file.path:match("^([^/]+)/")
            if folder and not layout[folder] then
                report("the top-level folders are those of CONTRIBUTING.md")
            end
        end)
    end)

    it("ends every text file with one newline and has no carriage returns in sources", function()
        none_of(function(file, report)
            if file.text ~= "" and not file.text:find("\n$") then
                report("no newline at the end")
            elseif file.text:find("\n\n$") then
                report("an empty line at the end")
            end
            if file.text:find("\r\n", 1, true) then
                report("carriage returns")
            end
        end, function(path) return is_source(path) or extension(path) == "md" or extension(path) == "sh" end)
    end)
end)
