-- Pages that point somewhere point at something: files, headings, and the pages that C sources name.

local function read(path)
    local file = io.open(path, "rb")
    local text = file and file:read("a") -- nil of a folder, which is there all the same
    if file then
        file:close()
    end
    return file and (text or "")
end

local function files(pattern)
    local pipe = assert(io.popen(
        "find . '(' -path ./build -o -path ./.git ')' -prune -o -type f -print | LC_ALL=C sort"))
    local list = {}
    for path in pipe:lines() do
        path = path:sub(3)
        if path:find(pattern) then
            list[#list + 1] = path
        end
    end
    assert(pipe:close())
    return list
end

-- The names that headings of a page have as targets: lower case, spaces to dashes, punctuation dropped.
local function anchors(text)
    local set, fenced = {}, false
    for line in (text .. "\n"):gmatch("([^\n]*)\n") do
        if line:find("^```") then
            fenced = not fenced
        end
        local heading = not fenced and line:match("^#+ +(.*)$")
        if heading then
            set[heading:lower():gsub("[^%w%s_\128-\255-]", ""):gsub("%s", "-")] = true
        end
    end
    return set
end

local function without_code(text)
    return (("\n" .. text):gsub("\n```.-\n```", "\n"):gsub("`[^`\n]*`", ""))
end

describe("documentation", function()
    it("has no link that leads nowhere", function()
        local broken, seen = {}, 0
        for _, page in ipairs(files("%.md$")) do
            local text = read(page)
            for target in without_code(text):gmatch("%]%(([^)%s]+)%)") do
                if not target:find("^%a+:") then
                    seen = seen + 1
                    local path, anchor = target:match("^([^#]*)#?(.*)$")
                    local file = path == "" and page or (page:match("^(.*/)") or "") .. path
                    file = file:gsub("[^/]+/%.%./", "")
                    local other = read(file)
                    if not other then
                        broken[#broken + 1] = page .. ": " .. target .. ": no such file"
                    elseif anchor ~= "" and not anchors(other)[anchor] then
                        broken[#broken + 1] = page .. ": " .. target .. ": no such heading"
                    end
                end
            end
        end
        assert.are.equal("", table.concat(broken, "\n"))
        assert.is_true(seen > 40, seen .. " links")
    end)

    it("is there where C sources name a page of docs/", function()
        local missing, seen = {}, 0
        for _, path in ipairs(files("%.[ch]$")) do
            for name in read(path):gmatch("%f[%w]docs/([%w_]+%.md)") do
                seen = seen + 1
                if not read("docs/" .. name) then
                    missing[#missing + 1] = path .. ": docs/" .. name
                end
            end
        end
        assert.are.equal("", table.concat(missing, "\n"))
        assert.is_true(seen > 2, seen .. " names")
    end)

    it("can be reached from the README", function()
        local readme, lost = read("README.md"), {}
        for _, page in ipairs(files("^docs/.*%.md$")) do
            if not readme:find("](" .. page .. ")", 1, true) then
                lost[#lost + 1] = page
            end
        end
        assert.are.equal("", table.concat(lost, "\n"))
    end)
end)
