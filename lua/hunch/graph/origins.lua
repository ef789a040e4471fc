--- Where text and numbers from outside come into a program: what the spot `outside { "input" }` stands for, by language.
-- A category is a list of spots: kind, names, and of arguments the place, or the first of all places.
local M = {}

local C = {
    --- What reads files, standard input and sockets, by the argument where it leaves what it read.
    input = {
        { kind = "argument", index = 1, names = { "fgets", "fgetws", "gets", "gets_s", "_getws", "getline", "getdelim",
            "fread" } },
        { kind = "argument", index = 2, names = { "read", "_read", "pread", "readv", "recv", "recvfrom", "SSL_read",
            "BIO_read", "BIO_gets", "ReadFile", "gzread" } },
        { kind = "argument", from_on = 2, names = { "scanf", "wscanf", "vscanf", "scanf_s", "wscanf_s" } },
        { kind = "argument", from_on = 3, names = { "fscanf", "fwscanf", "vfscanf", "fscanf_s", "fwscanf_s" } },
        { kind = "call", names = { "readline", "getpass", "getw" } },
    },
    --- One at a time: part of a text, but no number to speak of.
    characters = { { kind = "call", names = { "fgetc", "getc", "getchar", "fgetwc", "getwc", "getwchar" } } },
    --- What a symbolic link says.
    links = { { kind = "argument", index = 2, names = { "readlink" } } },
    environment = {
        { kind = "call", names = { "getenv", "secure_getenv", "_wgetenv" } },
        { kind = "argument", index = 2, names = { "GetEnvironmentVariable", "GetEnvironmentVariableA",
            "GetEnvironmentVariableW" } },
    },
    --- The command line.
    arguments = {
        { kind = "parameter", index = 2, names = { "main", "wmain" } },
        { kind = "global", names = { "optarg" } },
    },
}

M.categories = { c = C }

--- The categories of a language, sorted.
function M.names(language)
    local list = {}
    for name in pairs(M.categories[language] or {}) do list[#list + 1] = name end
    table.sort(list)
    return list
end

return M
