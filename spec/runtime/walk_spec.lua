local io_module = require "support.io_module"
local tree = require "support.tree"

describe("the walk", function()
    local t

    before_each(function() t = tree.new() end)
    after_each(function() t:remove() end)

    -- What was handed out, one string an item: the path, or "path: reason"; the tree's own path cut off.
    local function told(paths, options, on_item)
        local items, message = io_module.walk(paths, options, on_item)
        assert(items, message)
        local list = {}
        for i, item in ipairs(items) do
            local path = item.path
            if path:sub(1, #t.path + 1) == t.path .. "/" then path = path:sub(#t.path + 2) end
            list[i] = item.kind == "file" and path or path .. ": " .. (item.reason or item.kind)
        end
        return list, items
    end

    local function files(names)
        for _, name in ipairs(names) do
            if name:sub(-1) == "/" then t:folder(name) else t:write(name) end
        end
    end

    describe("gives files in canonical order", function()
        it("bytewise by full path", function()
            files { "a/b", "a.txt", "a-b", "a/.hidden", "a0", "B", "z/",
                "a/b.d/x", "a/b.c", ".x/y", "\xffz", "\xc3\xa4" }
            assert.same({
                ".x/y", "B", "a-b", "a.txt", "a/.hidden", "a/b", "a/b.c", "a/b.d/x", "a0", "\xc3\xa4", "\xffz",
            },
                told { t.path })
        end)

        it("whatever the names have in common", function()
            local names, seed = {}, 7
            for _ = 1, 3000 do
                seed = (seed * 1103515245 + 12345) & 0x7fffffff
                local n = (seed >> 8) % 1000
                local name = ("common-prefix-"):rep(n % 3) .. ("x"):rep(n % 12) .. n
                if n % 5 == 0 then name = name .. "/f" .. n end
                if n % 7 == 0 then name = name .. "\x01" end
                names[name] = true
            end
            local sorted = {}
            for name in pairs(names) do
                t:write(name)
                sorted[#sorted + 1] = name
            end
            table.sort(sorted, function(a, b)
                -- Lua compares strings by the locale: bytes here.
                for i = 1, math.min(#a, #b) do
                    local x, y = a:byte(i), b:byte(i)
                    if x ~= y then return x < y end
                end
                return #a < #b
            end)
            assert.is_true(#sorted > 500)
            assert.same(sorted, told { t.path })
        end)

        it("with the arguments as given", function()
            files { "b/x", "a/y", "c" }
            assert.same({ "c", "b/x", "a/y" }, told { t:at "c", t:at "b", t:at "a" })
        end)

        it("with paths as the user typed them", function()
            files { "a/b/c", "d" }
            local function shown(...)
                local args, list = { ... }, nil
                -- The working directory is the process's: a child changes it.
                local text = io_module.child(nil, function()
                    assert(io_module.chdir(t.path))
                    list = told(args)
                    return table.concat(list, " ")
                end)
                return text
            end
            assert.equal("./a/b/c ./d", shown("."))
            assert.equal("./a/b/c ./d", shown("./"))
            assert.equal("a/b/c", shown("a"))
            assert.equal("a/b/c", shown("a/"))
            assert.equal("a/b/c", shown("a///"))
            assert.equal("./a/b/c", shown("./a"))
            assert.equal("a//b/c", shown("a//b"))
            assert.equal("d", shown("d"))
            assert.equal("a/b/../b/c", shown("a/b/../b"))
            assert.equal("a/b/c ./d", shown("a", "."))
        end)
    end)

    describe("scans each real file once", function()
        before_each(function() files { "src/a/x", "src/a/y", "src/b", "src/c/z" } end)

        it("when arguments overlap", function()
            assert.same({ "src/a/x", "src/a/y", "src/b", "src/c/z" }, told { t:at "src", t:at "src/a" })
            assert.same({ "src/a/x", "src/a/y", "src/b", "src/c/z" }, told { t:at "src/a", t:at "src" })
            assert.same({ "src/a/x", "src/a/y", "src/b", "src/c/z" }, told { t:at "src", t:at "./src/", t:at "src" })
        end)

        it("when files are named", function()
            assert.same({ "src/b", "src/a/x", "src/a/y", "src/c/z" }, told { t:at "src/b", t:at "src" })
            assert.same({ "src/a/x", "src/a/y", "src/b", "src/c/z" }, told { t:at "src", t:at "src/b", t:at "src/a/x" })
            assert.same({ "src/b" }, told { t:at "src/b", t:at "src/./b", t:at "src/a/../b" })
            assert.same({ "src/a/y", "src/a/x", "src/b", "src/c/z" }, told { t:at "src/a/y", t:at "src/a", t:at "src" })
        end)

        it("when one is named through a symbolic link", function()
            io_module.symlink(t:at "to-b", "src/b")
            io_module.symlink(t:at "to-a", t:at "src/a")
            assert.same({ "to-b", "src/a/x", "src/a/y", "src/c/z" }, told { t:at "to-b", t:at "src" })
            assert.same({ "to-a/x", "to-a/y", "src/b", "src/c/z" }, told { t:at "to-a", t:at "src" })
        end)

        it("whatever stands between its names, standard input for one, which is read once", function()
            local dash = { input = true }
            assert.same({ "src/b", "-: input", "src/a/x", "src/a/y", "src/c/z" },
                told({ t:at "src/b", "-", t:at "src/b", t:at "src", "-" }, dash))
            assert.same({ "-: input" }, told({ "-" }, dash))
            assert.matches("unreadable", told({ "-" })[1])
        end)

        it("but each name of a hard link", function()
            io_module.link(t:at "src/b2", t:at "src/b")
            assert.same({ "src/a/x", "src/a/y", "src/b", "src/b2", "src/c/z" }, told { t:at "src" })
            assert.same({ "src/b2", "src/a/x", "src/a/y", "src/b", "src/c/z" }, told { t:at "src/b2", t:at "src" })
        end)

        it("and one that a glob keeps out below stays out where it is named", function()
            assert.same({ "src/a/x", "src/a/y", "src/c/z" }, told({ t:at "src", t:at "src/b" }, { exclude = { "b" } }))
        end)
    end)

    describe("passes over", function()
        it("what is no file, below a path", function()
            files { "a" }
            io_module.fifo(t:at "fifo")
            io_module.socket(t:at "socket")
            io_module.symlink(t:at "link", "a")
            io_module.symlink(t:at "dir-link", ".")
            io_module.symlink(t:at "nowhere", "missing")
            assert.same({ "a" }, told { t.path })
        end)

        it(".git folders, but no .git file and no folder like it", function()
            files { ".git/config", "m/.git", ".gitx/y", "x/.git/HEAD", "x/a" }
            assert.same({ ".gitx/y", "m/.git", "x/a" }, told { t.path })
        end)

        it("nothing that the user names: .git is walked", function()
            files { ".git/config" }
            assert.same({ ".git/config" }, told { t:at ".git" })
        end)
    end)

    describe("says", function()
        it("that a named FIFO, socket or device is no file", function()
            io_module.fifo(t:at "fifo")
            io_module.socket(t:at "socket")
            local list, items = told { t:at "fifo", t:at "socket", "/dev/null" }
            assert.same({ "fifo: not-a-file", "socket: not-a-file", "/dev/null: not-a-file" }, list)
            assert.equal("it is a FIFO, and only regular files are scanned", items[1].detail)
            assert.equal("it is a socket, and only regular files are scanned", items[2].detail)
            assert.equal("it is a character device, and only regular files are scanned", items[3].detail)
        end)

        it("that a named path is not there, and goes on", function()
            files { "a" }
            io_module.symlink(t:at "loop", "loop")
            io_module.symlink(t:at "dangling", "missing")
            local list, items = told { t:at "missing", t:at "loop", t:at "dangling", "", t:at "a" }
            assert.same({ "missing: unreadable", "loop: unreadable", "dangling: unreadable", ": unreadable", "a" },
                list)
            assert.equal("No such file or directory", items[1].detail)
            assert.equal("Too many levels of symbolic links", items[2].detail)
            assert.equal("No such file or directory", items[4].detail)
        end)

        it("which folder and which file must not be read, in its place", function()
            files { "a/x", "b/x", "b/y", "c/x" }
            io_module.chmod(t.path, 493)
            io_module.chmod(t:at "a", 493)
            io_module.chmod(t:at "a/x", 0)
            io_module.chmod(t:at "b", 0)
            io_module.chmod(t:at "c", 493)
            io_module.chmod(t:at "c/x", 420)
            -- Permissions do not hold for root: then somebody else must look.
            local text = io_module.child(io_module.uid() == 0 and 65534 or nil, function()
                local list, items = told({ t.path }, { read = true })
                local out = { table.concat(list, ", ") }
                for _, item in ipairs(items) do
                    out[#out + 1] = tostring(item.detail) .. "/" .. tostring(item.state)
                end
                return table.concat(out, "; ")
            end)
            io_module.chmod(t:at "b", 448)
            assert.equal("a/x, b: unreadable, c/x; Permission denied/problem; Permission denied/nil; nil/whole", text)
        end)

        it("which folder went away before it was entered", function()
            files { "a", "b/", "c" }
            local list, items = told({ t.path }, {}, function(path)
                if path == t:at "a" then io_module.rmdir(t:at "b") end
            end)
            assert.same({ "a", "b: unreadable", "c" }, list)
            assert.equal("No such file or directory", items[2].detail)
        end)

        it("which folder became a symbolic link or a FIFO before it was entered", function()
            files { "a", "b/", "c/", "d/x" }
            local list = told({ t.path }, {}, function(path)
                if path == t:at "a" then
                    io_module.rmdir(t:at "b")
                    io_module.symlink(t:at "b", "d")
                    io_module.rmdir(t:at "c")
                    io_module.fifo(t:at "c")
                end
            end)
            assert.same({ "a", "b: unreadable", "c: unreadable", "d/x" }, list)
        end)

        it("which file went away, became a FIFO, a link or a folder before it was opened", function()
            files { "a", "b", "c", "d", "e", "f" }
            local _, items = told({ t.path }, { read = true }, function(path)
                if path == t:at "a" then
                    for _, name in ipairs { "b", "c", "d", "e" } do io_module.unlink(t:at(name)) end
                    io_module.fifo(t:at "c")
                    io_module.symlink(t:at "d", "a")
                    io_module.mkdir(t:at "e")
                end
            end)
            assert.equal("a", items[1].data)
            assert.same({ "unreadable", "No such file or directory" }, { items[2].reason, items[2].detail })
            assert.same({ "not-a-file", "it is a FIFO, and only regular files are scanned" },
                { items[3].reason, items[3].detail })
            assert.same({ "not-a-file", "it became a symbolic link while it was looked at" },
                { items[4].reason, items[4].detail })
            assert.same({ "not-a-file", "it is a directory where a file was expected" },
                { items[5].reason, items[5].detail })
            assert.equal("f", items[6].data)
        end)
    end)

    describe("goes through", function()
        it("folders inside each other 10,000 times, with few of them open", function()
            io_module.deep(t.path, "folder", 10000, 101)
            local before, most = io_module.descriptors(), 0
            local list = told({ t.path }, {}, function()
                most = math.max(most, io_module.descriptors() - before)
            end)
            assert.equal(200, #list)
            assert.equal("a", list[1])
            assert.equal("z", list[200])
            assert.equal(("folder/"):rep(9999) .. "a", list[100])
            assert.equal(("folder/"):rep(9999) .. "z", list[101])
            assert.is_true(most > 0 and most < 50)
            assert.equal(before, io_module.descriptors())
        end)

        it("and reads files there, their folder open or not", function()
            io_module.deep(t.path, "deep-folder-with-a-long-name", 400, 1)
            for _, open_most in ipairs { 1, 0 } do
                local _, items = told({ t.path }, { read = true, hold = 100, open_most = open_most })
                assert.equal(800, #items)
                for _, item in ipairs(items) do
                    if item.state ~= "whole" then error(item.path .. ": " .. tostring(item.detail)) end
                end
            end
        end)

        it("a tree that is moved while it stands in it", function()
            io_module.deep(t:folder "top/", "d", 60, 1)
            files { "top/zz" }
            local list = told({ t:at "top" }, {}, function(path)
                if path == t:at "top/" .. ("d/"):rep(59) .. "a" then
                    -- The 3rd folder goes elsewhere: ".." of what is below is no longer what it was.
                    io_module.mkdir(t:at "other")
                    io_module.rename(t:at "top/d/d/d", t:at "other/d")
                end
            end)
            local last = list[#list]
            assert.equal("top/zz", last)
            -- Nothing is passed over in silence: what was open goes on, the rest is said.
            local problems, count = 0, 0
            for _, item in ipairs(list) do
                count = count + 1
                if item:find(": unreadable", 1, true) then problems = problems + 1 end
            end
            assert.equal(121, count)
            assert.equal(0, problems)
        end)

        it("a tree whose upper folders go away meanwhile, and says what it lost", function()
            io_module.deep(t:folder "top/", "d", 60, 1)
            local lost_folder = ("d/"):rep(9):sub(1, -2)
            local list, items = told({ t:at "top" }, {}, function(path)
                if path == t:at("top/" .. ("d/"):rep(59) .. "a") then
                    io_module.rename(t:at("top/" .. lost_folder .. "/d"), t:at "below")
                    io_module.rename(t:at("top/" .. lost_folder), t:at "lost")
                end
            end)
            local problems = {}
            for i, item in ipairs(items) do
                if item.kind == "problem" then
                    problems[#problems + 1] = list[i]
                    assert.equal("it was moved or removed while it was read", item.detail)
                end
            end
            -- The z of the lost folder is what could not be reached any more.
            assert.same({ "top/" .. lost_folder .. ": unreadable" }, problems)
            assert.equal(120, #list)
            assert.equal("top/z", list[120])
        end)

        it("names of any bytes", function()
            files { "a\nb", "\xff\xfe", "c\\d", "e'f", "\x01", ("n"):rep(255) }
            assert.same({ "\x01", "a\nb", "c\\d", "e'f", ("n"):rep(255), "\xff\xfe" }, told { t.path })
        end)

        it("a folder of very many entries", function()
            -- Links of one file are cheap to make.
            t:folder "many/"
            t:write("many/000000")
            local sub = 0
            for i = 1, 60000 do
                if i % 30000 == 0 then sub = sub + 1 end
                io_module.link(t:at(("many/%06d"):format(i)), t:at "many/000000")
            end
            local list = told { t:at "many" }
            assert.equal(60001, #list)
            for i = 2, #list do
                if list[i - 1] >= list[i] then error("order at " .. i) end
            end
        end)
    end)

    describe("keeps out", function()
        before_each(function()
            files { "a.c", "a.h", "gen/b.c", "gen/sub/c.h", "lib/gen.c", "lib/x.lua", "README" }
        end)

        it("what no include glob names", function()
            assert.same({ "a.c", "a.h", "gen/b.c", "gen/sub/c.h", "lib/gen.c" },
                told({ t.path }, { include = { "*.{c,h}" } }))
            assert.same({ "README", "lib/x.lua" }, told({ t.path }, { include = { "*.lua", "README" } }))
            assert.same({ "lib/gen.c" }, told({ t.path }, { include = { "lib/*.c" } }))
        end)

        it("nothing below a folder that an include glob names", function()
            assert.same({ "gen/b.c", "gen/sub/c.h" }, told({ t.path }, { include = { "gen" } }))
            assert.same({ "gen/b.c", "gen/sub/c.h" }, told({ t.path }, { include = { "gen/" } }))
            assert.same({ "gen/sub/c.h" }, told({ t.path }, { include = { "gen/sub" } }))
        end)

        it("what an exclude glob names, folders whole", function()
            assert.same({ "README", "a.h", "gen/sub/c.h", "lib/x.lua" }, told({ t.path }, { exclude = { "*.c" } }))
            assert.same({ "README", "a.c", "a.h", "lib/gen.c", "lib/x.lua" }, told({ t.path }, { exclude = { "gen" } }))
            assert.same({ "README", "a.c", "a.h", "lib/x.lua" }, told({ t.path }, { exclude = { "gen*" } }))
            assert.same({ "README", "a.h", "lib/x.lua" }, told({ t.path }, { exclude = { "gen/", "*.c" } }))
        end)

        it("by both, exclude being stronger", function()
            assert.same({ "a.c", "lib/gen.c" }, told({ t.path }, { include = { "*.c" }, exclude = { "gen/" } }))
        end)

        it("by the path as shown, too", function()
            assert.same({ "gen/b.c", "gen/sub/c.h" }, told({ t:at "gen" }, { include = { t:at "gen" .. "/**" } }))
            assert.same({}, told({ t:at "gen" }, { exclude = { t:at "gen" .. "/**" } }))
        end)

        it("named files as well", function()
            assert.same({ "a.h" }, told({ t:at "a.c", t:at "a.h" }, { exclude = { "*.c" } }))
            assert.same({ "a.c" }, told({ t:at "a.c", t:at "a.h" }, { include = { "*.c" } }))
            assert.same({}, told({ t:at "gen/b.c" }, { exclude = { "gen/" } }))
        end)

        it("and an unreadable glob is an error", function()
            local items, message = io_module.walk({ t.path }, { exclude = { "ok", "a[b" } })
            assert.is_nil(items)
            assert.equal("in the glob 'a[b': the '[' is not closed by a ']', or names an unknown class: " ..
                "write \\[ for a bracket", message)
        end)
    end)

    describe("honours gitignore files when asked to", function()
        local function kept(options)
            local list = told({ t.path }, options or { gitignore = true })
            local out = {}
            for _, name in ipairs(list) do
                if not name:find("%.gitignore$") and not name:find("%.ignore$") then out[#out + 1] = name end
            end
            return out
        end

        it("and only then", function()
            files { "a.o" }
            t:write(".gitignore", "*.o\n")
            assert.same({ "a.o" }, kept {})
            assert.same({}, kept())
        end)

        it("with negation, anchors, folders, ** and comments", function()
            files { "a.o", "keep.o", "x/a.o", "x/top", "top", "build/x", "y/build", "d/e/f/g", "d/g", "#x",
                "!y", "sp ", "sp" }
            t:write(".gitignore", "# comment\n\n*.o\n!keep.o\n/top\nbuild/\nd/**/g\n\\#x\n\\!y\nsp\\ \nnothing   \n")
            assert.same({ "keep.o", "sp", "x/top", "y/build" }, kept())
        end)

        it("per folder, the nearest one first", function()
            files { "a.log", "x/a.log", "x/b.log", "x/y/a.log", "x/y/c" }
            t:write(".gitignore", "*.log\n")
            t:write("x/.gitignore", "!a.log\n/y/a.log\n")
            t:write("x/y/.gitignore", "c\r\n")
            assert.same({ "x/a.log" }, kept())
        end)

        it("a file in a folder that is kept out cannot come back", function()
            files { "out/a", "out/b" }
            t:write(".gitignore", "out/\n!out/a\n")
            assert.same({}, kept())
        end)

        it(".ignore files too, which are stronger", function()
            files { "a", "b", "x/a" }
            t:write(".gitignore", "a\nb\n")
            t:write(".ignore", "!a\n")
            t:write("x/.gitignore", "a\n")
            assert.same({ "a", "x/a" }, kept())
        end)

        it("from above an argument, up to the repository's root", function()
            files { "up/repo/.git/HEAD", "up/repo/sub/a.o", "up/repo/sub/b", "up/repo/sub/deep/c",
                "up/repo/sub/deep/d" }
            t:write("up/.gitignore", "d\n")
            t:write("up/repo/.gitignore", "*.o\n/sub/deep/c\n")
            t:write("up/repo/.git/info/exclude", "b\n")
            assert.same({ "up/repo/sub/deep/d" }, told({ t:at "up/repo/sub" }, { gitignore = true }))
            assert.same({ "up/repo/sub/deep/d" }, told({ t:at "up/repo/sub/deep" }, { gitignore = true }))
            local list = told({ t:at "up/repo" }, { gitignore = true })
            assert.same({ "up/repo/.gitignore", "up/repo/sub/deep/d" }, list)
        end)

        it("not from above when there is no repository", function()
            files { "x/a" }
            t:write(".gitignore", "a\n")
            assert.same({ "x/a" }, told({ t:at "x" }, { gitignore = true }))
        end)

        it("an unreadable rule file is said, a rule that cannot be read matches nothing", function()
            files { "a", "x/b" }
            t:write(".gitignore", "[a\na[\nb\n")
            io_module.fifo(t:at "x/.gitignore")
            local list = told({ t.path }, { gitignore = true })
            assert.same({ ".gitignore", "a", "x: unreadable" }, list)
        end)

        it("as git does, on a tree made by chance", function()
            if os.execute("git --version >/dev/null 2>&1") ~= true then
                error("git is needed for this spec: install it with `apt-get install git`")
            end
            local seed = 99
            local function random(n)
                seed = (seed * 1103515245 + 12345) & 0x7fffffff
                return (seed >> 8) % n
            end
            local words = { "a", "b", "ab", "a.o", "b.c", "lib", "*.o", "*", "a*", "?", "**", "[ab]", "lib/", "/a",
                "!a", "!*.c", "**/b", "a/**", "/lib/*.o", "lib/**/a", "!lib/", "\\a", "b ", "[!a]b", "a**b",
                "/*", "!/lib" }
            local names = { "a", "b", "ab", "a.o", "b.c", "lib", "x" }
            assert(os.execute("git init -q " .. t.path) == true)
            local folders = { "" }
            for _ = 1, 12 do
                local folder = folders[random(#folders) + 1] .. names[random(#names) + 1] .. "/"
                folders[#folders + 1] = folder
                t:folder(folder)
            end
            for round = 1, 30 do
                for _, folder in ipairs(folders) do
                    for _ = 1, 3 do
                        local name = folder .. names[random(#names) + 1]
                        if not io_module.stat(t:at(name)) then t:write(name) end
                    end
                    if random(3) == 0 or folder == "" then
                        local lines = {}
                        for i = 1, 1 + random(5) do lines[i] = words[random(#words) + 1] end
                        t:write(folder .. ".gitignore", table.concat(lines, "\n") .. "\n")
                    end
                end
                local handle = assert(io.popen("cd '" .. t.path ..
                    "' && git -c core.excludesFile=/dev/null ls-files -z --others --exclude-standard"))
                local expected = {}
                for name in handle:read("a"):gmatch("[^%z]+") do expected[#expected + 1] = name end
                handle:close()
                table.sort(expected)
                local got = told({ t.path }, { gitignore = true })
                table.sort(got)
                if table.concat(expected, "\n") ~= table.concat(got, "\n") then
                    assert.same(expected, got, "round " .. round)
                end
            end
        end)
    end)

    describe("feeds several readers", function()
        it("that find the same, with many folders open or few, and leave none open", function()
            local names = {}
            for i = 1, 600 do names[i] = ("d%d/e%d/f%d"):format(i % 7, i % 90, i) end
            files(names)
            io_module.deep(t.path, "folder", 150, 1)
            local build, first = os.getenv("HUNCH_BUILD") or "build", nil
            for _, arguments in ipairs { "1 0 1", "4 0 4096", "4 1 500", "8 3 4096" } do
                local handle = assert(io.popen(("timeout 60 '%s/spec/walk_stress' %s '%s' 2>&1"):format(build,
                    arguments, t.path)))
                local text = handle:read("a")
                handle:close()
                first = first or text:match("hash=%x+")
                assert.equal("900", text:match("files=(%d+)"), text)
                assert.equal("0", text:match("problems=(%d+)"), text)
                assert.equal("0", text:match("open=(%d+)"), text)
                assert.equal(first, text:match("hash=%x+"))
            end
        end)
    end)

    describe("runs out of memory", function()
        local function sweep(options, paths)
            local items, stats = io_module.walk(paths, options)
            assert(items, stats)
            local allocations = stats.allocations
            assert.equal(0, stats.blocks)
            assert.is_true(allocations > 5)
            local descriptors = io_module.descriptors()
            for n = 1, allocations do
                options.fail_at = n
                local result, message, after = io_module.walk(paths, options)
                assert.is_nil(result, "allocation " .. n)
                assert.is_truthy(message:find("cannot allocate", 1, true), message)
                assert.equal(0, after.blocks)
                assert.equal(0, after.bytes)
            end
            assert.equal(descriptors, io_module.descriptors())
        end

        it("at any allocation: an error, and nothing is lost or left open", function()
            files { "a/b", "a/c/d", "e", "f/g/h/i", "x/.gitignore", "x/y" }
            t:write(".gitignore", "*.o\n!a/b\n")
            t:folder ".git/"
            io_module.deep(t:folder "d/", "d", 80, 1)
            sweep({ read = true }, { t.path })
            sweep({ gitignore = true, include = { "{a,b,c}", "e" }, exclude = { "g/**" } },
                { t:at "a", t.path, t:at "e" })
        end)
    end)
end)

describe("reading a file", function()
    local t

    before_each(function() t = tree.new() end)
    after_each(function() t:remove() end)

    local function read(path, options) return io_module.read(path, options) end

    it("brings all of it when it fits", function()
        t:write("a", "hello")
        t:write("empty", "")
        assert.same({ "whole", "hello", 5 }, { read(t:at "a", { capacity = 10 }) })
        assert.same({ "whole", "hello", 5 }, { read(t:at "a", { capacity = 5 }) })
        assert.same({ "whole", "", 0 }, { read(t:at "empty", { capacity = 10 }) })
    end)

    it("leaves it open when it does not", function()
        t:write("a", "hello")
        assert.same({ "large", "hell", 5 }, { read(t:at "a", { capacity = 4 }) })
        assert.same({ "large", "", 5 }, { read(t:at "a", { capacity = 0 }) })
    end)

    it("stops at a limit, before anything is read", function()
        t:write("a", "hello")
        assert.same({ "whole", "hello", 5 }, { read(t:at "a", { capacity = 10, limit = 5 }) })
        assert.same({ "too-large", "", 5 }, { read(t:at "a", { capacity = 10, limit = 4 }) })
    end)

    it("reads files whose size is told as 0", function()
        local state, data = read("/proc/self/status", { capacity = 100000 })
        assert.equal("whole", state)
        assert.is_truthy(data:find("^Name:"))
        -- More than one page, which comes in pieces.
        state, data = read("/proc/self/smaps", { capacity = 10000000 })
        assert.equal("whole", state)
        assert.is_true(#data > 8192)
        assert.is_truthy(data:find("VmFlags:[^\n]*\n$"))
        state, data = read("/proc/self/smaps", { capacity = 5000 })
        assert.equal("large", state)
        assert.equal(5000, #data)
    end)

    it("never waits for a FIFO and takes nothing from a device", function()
        io_module.fifo(t:at "fifo")
        io_module.socket(t:at "socket")
        assert.same({ "problem", "not-a-file", "it is a FIFO, and only regular files are scanned" },
            { read(t:at "fifo", { capacity = 10 }) })
        assert.same({ "problem", "not-a-file", "it is a socket or a device, and only regular files are scanned" },
            { read(t:at "socket", { capacity = 10 }) })
        assert.same({ "problem", "not-a-file", "it is a character device, and only regular files are scanned" },
            { read("/dev/zero", { capacity = 10 }) })
        assert.same({ "problem", "not-a-file", "it is a directory where a file was expected" },
            { read(t.path, { capacity = 10 }) })
    end)

    it("follows a symbolic link only when told to", function()
        t:write("a", "hello")
        io_module.symlink(t:at "link", "a")
        assert.same({ "whole", "hello", 5 }, { read(t:at "link", { capacity = 10, follow = true }) })
        assert.same({ "problem", "not-a-file", "it became a symbolic link while it was looked at" },
            { read(t:at "link", { capacity = 10 }) })
    end)

    it("reads big files into a buffer that grows, up to a bound", function()
        local bytes = {}
        for i = 1, 40000 do bytes[i] = ("%08d\n"):format(i) end
        local text = table.concat(bytes)
        t:write("big", text)
        t:write("small", "x")
        local items = assert(io_module.walk({ t.path }, { read = true }))
        assert.equal("whole", items[1].state)
        assert.is_true(items[1].data == text)
        items = assert(io_module.walk({ t.path }, { read = true, capacity = 1000 }))
        assert.equal("large", items[1].state)
        assert.equal(text:sub(1, 1000), items[1].data)
        assert.equal("whole", items[2].state)
        items = assert(io_module.walk({ t.path }, { read = true, limit = 1000 }))
        assert.equal("too-large", items[1].state)
    end)
end)
