--- Kinds of values of the matrix of programs: how C declares one as `data`, statements that get it from where it is
--- dangerous (sources), and statements that get it from elsewhere (clean). `$E` is the entry's name. support.matrix
--- puts them into the shapes.
local M = {}

local function copied_environment(append)
    return ('{\nconst char *found = getenv("ADD");\nif (found != NULL) %s(data, found, 90);\n}'):format(append)
end

local LISTEN = [[
int listener = socket(AF_INET, SOCK_STREAM, 0), link = -1;
struct sockaddr_in here;
memset(&here, 0, sizeof here);
here.sin_family = AF_INET;
here.sin_port = htons(27015);
if (listener >= 0 && bind(listener, (struct sockaddr *)&here, sizeof here) == 0 && listen(listener, 5) == 0)
    link = accept(listener, NULL, NULL);]]

local CONNECT = [[
int link = socket(AF_INET, SOCK_STREAM, 0);
struct sockaddr_in there;
memset(&there, 0, sizeof there);
there.sin_family = AF_INET;
there.sin_addr.s_addr = inet_addr("127.0.0.1");
if (link < 0 || connect(link, (struct sockaddr *)&there, sizeof there) != 0) exit(1);]]

--- Statements that read a number from a line, from a peer, from the environment; `number`: C for what it is.
local function from_line(number)
    return ('{\nchar line[30] = "";\nif (fgets(line, sizeof line, stdin) != NULL) data = %s;\n}'):format(number)
end

local function from_peer(number)
    return ([[{
%s
char line[30] = "";
ssize_t got = recv(link, line, sizeof line - 1, 0);
if (got > 0) {
    line[got] = '\0';
    data = %s;
}
}]]):format(LISTEN, number)
end

local function from_environment(number)
    return ('{\nconst char *found = getenv("ADD");\nif (found != NULL) data = %s;\n}'):format(number)
end

M.text = {
    type = "char *",
    declare = 'char room_$E[200] = "";\nchar *data = room_$E;',
    sources = {
        environment = copied_environment "strncat",
        pointer = 'data = getenv("ADD");\nif (data == NULL) exit(1);',
        console = [[{
size_t used = strlen(data);
if (fgets(data + used, (int)(100 - used), stdin) != NULL) {
    used = strlen(data);
    if (used > 0 && data[used - 1] == '\n') data[used - 1] = '\0';
} else {
    data[used] = '\0';
}
}]],
        file = [[{
FILE *from = fopen("/tmp/notes", "r");
if (from != NULL) {
    if (fgets(data, 100, from) == NULL) data[0] = '\0';
    fclose(from);
}
}]],
        scanned = 'if (fscanf(stdin, "%99s", data) != 1) exit(1);',
        listen = "{\n" .. LISTEN .. [[

if (link >= 0) {
    size_t used = strlen(data);
    ssize_t got = recv(link, (char *)(data + used), sizeof(char) * (100 - used - 1), 0);
    if (got > 0) data[used + got / sizeof(char)] = '\0';
    close(link);
}
}]],
        connect = "{\n" .. CONNECT .. [[

ssize_t got = read(link, data, 99);
if (got <= 0) exit(1);
data[got] = '\0';
close(link);
}]],
        arguments = "data = arguments_of_main[1];",
    },
    clean = { 'strcat(data, "fixed");', 'data = "fixed";', 'strcpy(data, "*.*");' },
}

M.wide = {
    type = "wchar_t *",
    declare = 'wchar_t room_$E[200] = L"";\nwchar_t *data = room_$E;',
    sources = {
        console = [[{
size_t used = wcslen(data);
if (fgetws(data + used, (int)(100 - used), stdin) != NULL) {
    used = wcslen(data);
    if (used > 0 && data[used - 1] == L'\n') data[used - 1] = L'\0';
}
}]],
        scanned = 'if (fwscanf(stdin, L"%99ls", data) != 1) exit(1);',
        listen = "{\n" .. LISTEN .. [[

ssize_t got = recv(link, (char *)data, sizeof(wchar_t) * 99, 0);
if (got > 0) data[got / sizeof(wchar_t)] = L'\0';
}]],
        converted = [[{
const char *found = getenv("ADD");
if (found != NULL && mbstowcs(data, found, 90) == (size_t)-1) exit(1);
}]],
        environment = '{\nconst wchar_t *found = _wgetenv(L"ADD");\nif (found != NULL) wcsncat(data, found, 90);\n}',
    },
    clean = { 'wcscat(data, L"fixed");', 'data = L"fixed";' },
}

M.number = {
    type = "int",
    declare = "int data = -1;",
    sources = {
        scanned = 'fscanf(stdin, "%d", &data);',
        console = from_line "atoi(line)",
        listen = from_peer "atoi(line)",
        connect = "{\n" .. CONNECT .. "\nif (read(link, &data, sizeof data) != sizeof data) exit(1);\n}",
        environment = from_environment "(int)strtol(found, NULL, 10)",
        text = '{\nconst char *found = getenv("ADD");\n'
            .. 'if (found == NULL || sscanf(found, "%d", &data) != 1) exit(1);\n}',
        arguments = "data = atoi(arguments_of_main[1]);",
    },
    clean = { "data = 7;", "data = 3;\ndata++;" },
}

M.narrow = {
    type = "short",
    declare = "short data = 0;",
    sources = { scanned = 'fscanf(stdin, "%hd", &data);' },
    clean = { "data = 7;" },
}

M.character = {
    type = "char",
    declare = "char data = ' ';",
    sources = { scanned = 'fscanf(stdin, "%c", &data);' },
    clean = { "data = 7;" },
}

M.long = {
    type = "int64_t",
    declare = "int64_t data = 0;",
    sources = {
        scanned = 'fscanf(stdin, "%ld", &data);',
        console = from_line "strtoll(line, NULL, 10)",
    },
    clean = { "data = 7;" },
}

M.size = {
    type = "size_t",
    declare = "size_t data = 0;",
    sources = {
        scanned = 'fscanf(stdin, "%zu", &data);',
        console = from_line "strtoul(line, NULL, 0)",
        listen = from_peer "strtoul(line, NULL, 10)",
        environment = from_environment "strtoul(found, NULL, 10)",
    },
    clean = { "data = 7;", "data = sizeof(int);" },
}

M.real = {
    type = "float",
    declare = "float data = 0.0F;",
    sources = {
        scanned = 'fscanf(stdin, "%f", &data);',
        console = from_line "(float)atof(line)",
        environment = from_environment "(float)strtod(found, NULL)",
    },
    clean = { "data = 2.0F;" },
}

-- A pointer that may be null.
M.memory = {
    type = "char *",
    declare = "char *data = NULL;",
    sources = {
        malloc = "data = (char *)malloc(20 * sizeof(char));",
        calloc = "data = calloc(20, sizeof(char));",
        realloc = "data = (char *)realloc(data, 20);",
        strdup = 'data = strdup("some text");',
    },
    clean = { "{\nstatic char room[20];\ndata = room;\n}", "data = malloc(20);\nif (data == NULL) exit(1);" },
}

M.record = {
    type = "struct pair *",
    declare = "struct pair *data = NULL;",
    sources = {
        malloc = "data = (struct pair *)malloc(sizeof(struct pair));",
        calloc = "data = calloc(1, sizeof *data);",
    },
    clean = { "{\nstatic struct pair room;\ndata = &room;\n}", "data = malloc(sizeof *data);\nif (!data) exit(1);" },
}

M.null = {
    type = "int *",
    declare = "int *data;\ndata = NULL;",
    sources = { malloc = "data = (int *)malloc(sizeof(int));" },
    clean = { "{\nstatic int number = 5;\ndata = &number;\n}" },
}

M.stream = {
    type = "FILE *",
    declare = "FILE *data = NULL;",
    sources = { fopen = 'data = fopen("notes.txt", "r");', freopen = 'data = freopen("notes.txt", "w+", stdin);' },
    clean = { "data = stdin;", 'data = fopen("notes.txt", "r");\nif (data == NULL) exit(1);' },
}

-- A pointer whose memory is gone.
M.freed = {
    type = "char *",
    declare = "char *data = NULL;",
    sources = {
        malloc = "data = (char *)malloc(100 * sizeof(char));\nif (data == NULL) exit(1);\n"
            .. "memset(data, 'A', 99);\ndata[99] = '\\0';\nfree(data);",
        strdup = 'data = strdup("some text");\nif (data == NULL) exit(1);\nfree(data);',
    },
    clean = { "data = (char *)malloc(100);\nif (data == NULL) exit(1);\nmemset(data, 'A', 99);\ndata[99] = '\\0';" },
}

M.closed = {
    type = "FILE *",
    declare = "FILE *data = NULL;",
    sources = { fclose = 'data = fopen("notes.txt", "r");\nif (data == NULL) exit(1);\nfclose(data);' },
    clean = { 'data = fopen("notes.txt", "r");\nif (data == NULL) exit(1);' },
}

return M
