--- Weaknesses of the matrix of programs: which kind of value is dangerous for which use, and what keeps it from being.
---   cwe      tags of the rules that are asked
---   kind     of support.matrix.values; `sources` names those of its sources that count, where not all do
---   uses     statements that use `data`; `/*!*/` ends the line where a finding belongs
---   guards   what stands around a use that is safe: `$U`; none: there is no such thing
--   helper   by number of a use: a function that it needs
--   fixed    uses of the same value that are safe
--   missed   what is known to be missed: source = { name = why }, or all = why
local BOTH_BOUNDS = { "if (data >= 0 && data < 10) {\n$U\n}", "if (data < 0 || data > 9) exit(1);\n$U",
    "if (data < 0) data = 0;\nif (data >= 10) data = 9;\n$U" }
local UPPER = { "if (data < 20) {\n$U\n}", "if (data > 20) exit(1);\n$U", "if (!(data >= 20)) {\n$U\n}",
    "if (data > 20) data = 20;\n$U", "data = data < 20 ? data : 20;\n$U",
    "if (data <= MOST) {\n$U\n}" }
local KNOWN = { 'if (strcmp(data, "date") == 0) {\n$U\n}', 'if (strcmp(data, "date") != 0) exit(1);\n$U' }
local NULL = { "if (data != NULL) {\n$U\n}", "if (data == NULL) exit(1);\n$U", "if (data) {\n$U\n}" }
local READ = { "environment", "pointer", "console", "file", "scanned", "listen", "connect" }
local ASKED = { "scanned", "console", "listen", "connect", "environment", "text" }

local NOT_WRITTEN = {
    connect = "a number that comes in bytes: findings in whatever puts those together would be too many",
    text = "the same of what sscanf takes out of a text",
}

local OVERFLOWS = { "{\nlong result = data + 1; /*!*/\nprintf(\"%ld\\n\", result);\n}",
    "{\nlong result = data * data; /*!*/\nprintf(\"%ld\\n\", result);\n}",
    "if (data > 0) {\nlong result = data * 2; /*!*/\nprintf(\"%ld\\n\", result);\n}",
    "{\ndata++; /*!*/\nprintf(\"%ld\\n\", (long)data);\n}" }
local SMALL = { "if (data < 11) {\n$U\n}", "if (data >= 11) exit(1);\n$U" }

local COPY_TO = "{\nchar to[100] = \"\";\n%s\nputs(to);\n}"

local M = {
    { name = "format-string", cwe = "cwe-134", kind = "text",
        uses = {
            "printf(data); /*!*/", "fprintf(stdout, data); /*!*/", "syslog(LOG_INFO, data); /*!*/",
            "{\nchar to[100] = \"\";\nsnprintf(to, 99, data); /*!*/\nputs(to);\n}",
            "{\nchar to[400] = \"\";\nsprintf(to, data, 3); /*!*/\nputs(to);\n}",
            "say_$E(data, data);",
        },
        helper = { [6] = "static void say_$E(const char *data, ...)\n{\n    va_list list;\n"
            .. "    va_start(list, data);\n"
            .. "    vprintf(data, list); /*!*/\n    va_end(list);\n}" },
        fixed = { 'printf("%s\\n", data);', 'fprintf(stdout, "%s\\n", data);', 'syslog(LOG_INFO, "%s", data);' },
        guards = { "if (strchr(data, '%') == NULL) {\n$U\n}", "if (strchr(data, '%') != NULL) exit(1);\n$U" } },
    { name = "format-string-wide", cwe = "cwe-134", kind = "wide",
        uses = { "wprintf(data); /*!*/", "fwprintf(stdout, data); /*!*/",
            "{\nwchar_t to[100] = L\"\";\nswprintf(to, 99, data); /*!*/\nfputws(to, stdout);\n}",
            "say_$E(data, data);" },
        helper = { [4] = "static void say_$E(const wchar_t *data, ...)\n{\n    va_list list;\n"
            .. "    va_start(list, data);\n"
            .. "    vwprintf(data, list); /*!*/\n    va_end(list);\n}" },
        fixed = { 'wprintf(L"%ls\\n", data);', 'fwprintf(stdout, L"%ls\\n", data);' } },
    { name = "path", cwe = { "cwe-22", "cwe-23", "cwe-36" }, kind = "text",
        sources = READ,
        uses = {
            '{\nFILE *opened = fopen(data, "wb+"); /*!*/\nif (opened != NULL) fclose(opened);\n}',
            "{\nint opened = open(data, O_RDWR | O_CREAT, 0600); /*!*/\nif (opened >= 0) close(opened);\n}",
            '{\nchar path[300] = "/srv/data/";\nstrcat(path, data);\nFILE *opened = fopen(path, "r"); /*!*/\n'
                .. 'if (opened != NULL) fclose(opened);\n}',
            '{\nchar path[300];\nsnprintf(path, sizeof path, "%s/%s", "/srv/data", data);\n'
                .. 'int opened = open(path, O_RDONLY); /*!*/\nif (opened >= 0) close(opened);\n}',
        },
        guards = { "if (strchr(data, '/') == NULL) {\n$U\n}", 'if (strstr(data, "..") != NULL) exit(1);\n$U' } },
    { name = "path-wide", cwe = { "cwe-22", "cwe-23", "cwe-36" }, kind = "wide",
        uses = { '{\nFILE *opened = _wfopen(data, L"wb+"); /*!*/\nif (opened != NULL) fclose(opened);\n}',
            "{\nint opened = _wopen(data, O_RDWR, 0600); /*!*/\nif (opened >= 0) close(opened);\n}" },
        guards = { "if (wcschr(data, L'/') == NULL) {\n$U\n}" } },
    { name = "search-path", cwe = { "cwe-427", "cwe-426" }, kind = "text",
        uses = { "putenv(data); /*!*/", 'setenv("PATH", data, 1); /*!*/',
            "{\nvoid *library = dlopen(data, RTLD_NOW); /*!*/\nif (library == NULL) exit(1);\n}",
            '{\nstatic char entry[300] = "PATH=";\nstrcat(entry, data);\nputenv(entry); /*!*/\n}' },
        guards = KNOWN },
    { name = "search-path-wide", cwe = "cwe-427", kind = "wide", uses = { "_wputenv(data); /*!*/" } },
    { name = "configuration", cwe = "cwe-15", kind = "text",
        uses = { 'setenv(data, "1", 1); /*!*/', "sethostname(data, strlen(data)); /*!*/", "putenv(data); /*!*/",
            "if (!SetComputerNameA(data)) { /*!*/\nexit(1);\n}" },
        guards = KNOWN },
    { name = "command", cwe = "cwe-78", kind = "text",
        uses = { "if (system(data) != 0) { /*!*/\nexit(1);\n}",
            '{\nFILE *pipe_ = popen(data, "w"); /*!*/\nif (pipe_ != NULL) pclose(pipe_);\n}' },
        guards = KNOWN },
    { name = "program", cwe = "cwe-78", kind = "text",
        sources = READ,
        uses = { 'execl("/bin/sh", "/bin/sh", "-c", data, NULL); /*!*/', 'execlp("sh", "sh", "-c", data, NULL); /*!*/',
            '{\nchar *args[] = { "sh", "-c", data, NULL };\nexecv("/bin/sh", args); /*!*/\n}',
            '{\nchar *args[4];\nargs[0] = "sh";\nargs[1] = "-c";\nargs[2] = data;\nargs[3] = NULL;\n'
                .. 'execvp(args[0], args); /*!*/\n}' },
        guards = KNOWN },
    { name = "command-wide", cwe = "cwe-78", kind = "wide",
        uses = { "_wsystem(data); /*!*/", '_wpopen(data, L"w"); /*!*/',
            '_wexecl(L"cmd.exe", L"cmd.exe", L"/c", data, NULL); /*!*/' } },
    { name = "sql", cwe = "cwe-89", kind = "text",
        uses = {
            "{\nchar sql[400];\nsnprintf(sql, sizeof sql, \"select * from users where name = '%s'\", data);\n"
                .. "sqlite3_exec(database, sql, NULL, NULL, NULL); /*!*/\n}",
            "mysql_query(database, data); /*!*/",
            "{\nchar sql[400] = \"delete from log where \";\nstrcat(sql, data);\nPQexec(database, sql); /*!*/\n}",
        },
        guards = KNOWN },
    { name = "ldap", cwe = "cwe-90", kind = "text",
        uses = { "{\nchar filter[300];\nsnprintf(filter, sizeof filter, \"(cn=%s)\", data);\n"
            .. 'ldap_search_ext_s(database, "dc=example", 2, filter, NULL, 0, NULL, NULL, NULL, 0, NULL); /*!*/\n}' },
        guards = KNOWN },
    { name = "xpath", cwe = "cwe-643", kind = "text",
        uses = { "{\nchar query[300];\nsnprintf(query, sizeof query, \"//user[name='%s']\", data);\n"
            .. "xmlXPathEvalExpression((const xmlChar *)query, database); /*!*/\n}" },
        guards = KNOWN },
    { name = "text-copy", cwe = "cwe-120", kind = "text",
        missed = { all = "no rule asks how long a text is" },
        uses = { COPY_TO:format "strcpy(to, data); /*!*/", COPY_TO:format "strcat(to, data); /*!*/",
            COPY_TO:format 'sprintf(to, "name: %s", data); /*!*/' },
        guards = { "if (strlen(data) < 80) {\n$U\n}", "if (strlen(data) >= 80) exit(1);\n$U" } },
    { name = "copy-length", cwe = { "cwe-121", "cwe-122", "cwe-195", "cwe-805" }, kind = "number",
        uses = { COPY_TO:format "memcpy(to, from_outside, data); /*!*/",
            COPY_TO:format "strncpy(to, from_outside, (size_t)data); /*!*/",
            COPY_TO:format "memmove(to, from_outside, data); /*!*/",
            COPY_TO:format "if (read(0, to, data) < 0) exit(1); /*!*/" },
        guards = BOTH_BOUNDS },
    { name = "length-below", cwe = { "cwe-194", "cwe-195" }, kind = "number",
        uses = { COPY_TO:format "if (data < 100) {\nmemcpy(to, from_outside, data); /*!*/\n}",
            COPY_TO:format "if (data < 100) {\nstrncpy(to, from_outside, data); /*!*/\n}",
            "if (data < 100) {\nchar *room = malloc((size_t)data); /*!*/\nif (room == NULL) exit(1);\nfree(room);\n}" },
        guards = BOTH_BOUNDS },
    { name = "allocation", cwe = "cwe-789", kind = "size", sources = { "scanned", "console", "listen", "environment" },
        uses = { "{\nchar *room = (char *)malloc(data * sizeof(char)); /*!*/\nif (room == NULL) exit(1);\n"
            .. "free(room);\n}",
            "if (data > strlen(\"hello\")) {\nchar *room = malloc(data); /*!*/\nif (room == NULL) exit(1);\n"
                .. "strcpy(room, \"hello\");\nputs(room);\nfree(room);\n}",
            "{\nint *room = calloc(data, sizeof(int)); /*!*/\nif (room == NULL) exit(1);\nfree(room);\n}" },
        guards = UPPER },
    { name = "allocation-signed", cwe = "cwe-789", kind = "number", sources = ASKED,
        uses = { "{\nchar *room = malloc(data); /*!*/\nif (room == NULL) exit(1);\nfree(room);\n}" },
        guards = BOTH_BOUNDS },
    { name = "index", cwe = "cwe-129", kind = "number",
        uses = { "{\nint list[10] = { 0 };\nlist[data] = 1; /*!*/\nprintf(\"%d\\n\", list[0]);\n}",
            "{\nint list[10] = { 0 };\nprintf(\"%d\\n\", list[data]); /*!*/\n}",
            "{\nint list[10] = { 0 };\nif (data >= 0) {\nlist[data] = 1; /*!*/\n}\nfor (int i = 0; i < 10; i++) "
                .. "printf(\"%d\\n\", list[i]);\n}",
            "{\nint *list = calloc(10, sizeof(int));\nif (list == NULL) exit(1);\nif (data >= 0)\n"
                .. "list[data] = 1; /*!*/\n"
                .. "free(list);\n}" },
        guards = BOTH_BOUNDS },
    { name = "index-below", cwe = { "cwe-124", "cwe-127" }, kind = "number",
        uses = { "{\nint list[10] = { 0 };\nif (data < 10) {\nlist[data] = 1; /*!*/\n}\nprintf(\"%d\\n"
            .. "\", list[0]);\n}",
            "{\nint list[10] = { 0 };\nif (data < 10) {\nprintf(\"%d\\n\", list[data]); /*!*/\n} else {\n"
                .. "puts(\"beyond\");\n}\n}" },
        guards = BOTH_BOUNDS },
    { name = "overflow", cwe = "cwe-190", kind = "number", missed = { source = NOT_WRITTEN },
        uses = { "{\nint result = data + 1; /*!*/\nprintf(\"%d\\n\", result);\n}",
            "if (data > 0) {\nint result = data * 2; /*!*/\nprintf(\"%d\\n\", result);\n}",
            "{\nint result = data * data; /*!*/\nprintf(\"%d\\n\", result);\n}",
            "{\n++data; /*!*/\nprintf(\"%d\\n\", data);\n}" },
        guards = { "if (data < INT_MAX / 2) {\n$U\n}", "if (data < 1000) {\n$U\n}",
            "if (abs(data) < (int)sqrt((double)INT_MAX)) {\n$U\n}" } },
    { name = "overflow-narrow", cwe = "cwe-190", kind = "narrow", uses = OVERFLOWS, guards = SMALL },
    { name = "overflow-character", cwe = "cwe-190", kind = "character", uses = OVERFLOWS, guards = SMALL },
    { name = "overflow-long", cwe = "cwe-190", kind = "long", uses = OVERFLOWS, guards = SMALL },
    { name = "truncation", cwe = "cwe-197", kind = "number", missed = { source = NOT_WRITTEN },
        uses = { "{\nchar result = (char)data; /*!*/\nprintf(\"%d\\n\", result);\n}",
            "{\nshort result = data; /*!*/\nprintf(\"%d\\n\", result);\n}" },
        guards = { "if (data < 100) {\n$U\n}", "if (data >= SHRT_MAX) exit(1);\n$U" } },
    { name = "underflow", cwe = "cwe-191", kind = "number", missed = { source = NOT_WRITTEN },
        uses = { "{\nint result = data - 1; /*!*/\nprintf(\"%d\\n\", result);\n}",
            "{\nunsigned left = (unsigned)data - 8; /*!*/\nprintf(\"%u\\n\", left);\n}",
            "{\n--data; /*!*/\nprintf(\"%d\\n\", data);\n}",
            "if (data < 0) {\nint result = data * 2; /*!*/\nprintf(\"%d\\n\", result);\n}" },
        guards = { "if (data > INT_MIN) {\n$U\n}", "if (data < 8) exit(1);\n$U" } },
    { name = "divisor", cwe = "cwe-369", kind = "number",
        uses = { "printf(\"%d\\n\", 100 / data); /*!*/", "printf(\"%d\\n\", 100 % data); /*!*/",
            "{\nint result = 100;\nresult /= data; /*!*/\nprintf(\"%d\\n\", result);\n}" },
        guards = { "if (data != 0) {\n$U\n}", "if (data == 0) exit(1);\n$U", "if (data > 0) {\n$U\n}" } },
    { name = "divisor-real", cwe = "cwe-369", kind = "real",
        missed = { all = "a floating-point number divided by 0 is infinite, and ends no program" },
        uses = { "{\nint result = (int)(100.0 / data); /*!*/\nprintf(\"%d\\n\", result);\n}" },
        guards = { "if (fabs(data) > 0.000001) {\n$U\n}", "if (data > 0.1F) {\n$U\n}" } },
    { name = "loop-bound", cwe = { "cwe-606", "cwe-400" }, kind = "number", sources = ASKED,
        uses = { "{\nint i = 0;\nfor (i = 0; i < data; i++) /*!*/\nputs(\"x\");\n}",
            "while (data-- > 0) { /*!*/\nputs(\"x\");\n}",
            "{\nint i = data;\ndo {\nputs(\"x\");\n} while (--i > 0); /*!*/\n}",
            "for (size_t i = 0; i < (size_t)data; i++) { /*!*/\nfwrite(\"x\", 1, 1, stdout);\n}" },
        guards = { UPPER[1], UPPER[2], BOTH_BOUNDS[1], UPPER[4] } },
    { name = "wait", cwe = "cwe-400", kind = "number", sources = ASKED,
        uses = { "sleep(data); /*!*/", "usleep((useconds_t)data * 1000); /*!*/" },
        guards = { UPPER[1], BOTH_BOUNDS[1], BOTH_BOUNDS[2] } },
    { name = "double-free", cwe = "cwe-415", kind = "freed", uses = { "free(data); /*!*/" },
        fixed = { "data = NULL;\nfree(data);", "puts(\"done\");" } },
    { name = "use-after-free", cwe = "cwe-416", kind = "freed",
        uses = { "puts(data); /*!*/", "data[0] = 'x'; /*!*/", "printf(\"%s\\n\", data); /*!*/",
            "printf(\"%c\\n\", data[0]); /*!*/" },
        fixed = { "data = \"fixed\";\nputs(data);", "puts(\"done\");" } },
    { name = "use-after-close", cwe = { "cwe-910", "cwe-675" }, kind = "closed",
        uses = { "fclose(data); /*!*/", "fputs(\"more\", data); /*!*/" }, fixed = { "puts(\"done\");" } },
    { name = "null-memory", cwe = { "cwe-690", "cwe-476" }, kind = "memory",
        uses = { "strcpy(data, \"start\"); /*!*/\n"
            .. "puts(data);", "data[0] = 'x'; /*!*/", "memcpy(data, \"start\", 6); /*!*/" },
        guards = NULL },
    { name = "null-record", cwe = { "cwe-690", "cwe-476" }, kind = "record",
        uses = { "data[0].first = 1; /*!*/\ndata[0].second = 2;", "data->second = 2; /*!*/" }, guards = NULL },
    { name = "null-number", cwe = { "cwe-690", "cwe-476" }, kind = "null",
        uses = { "data[0] = 5; /*!*/", "*data = 5; /*!*/\nprintf(\"%d\\n\", *data);" }, guards = NULL },
    { name = "null-stream", cwe = { "cwe-690", "cwe-476" }, kind = "stream",
        uses = { "fclose(data); /*!*/", "printf(\"%d\\n\", fgetc(data)); /*!*/" }, guards = NULL },
}

for _, each in ipairs(M) do
    each.asked = {}
    for _, tag in ipairs(type(each.cwe) == "string" and { each.cwe } or each.cwe) do each.asked[tag] = true end
end

return M
