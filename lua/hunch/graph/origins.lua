--- Where text and numbers from outside come into a program: what the spot `outside { "input" }` stands for, by
-- language. A category is a list of spots: kind, names, and of arguments the place, or the first of all places.
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

local JAVA = {
    --- What a request brings to a servlet, a filter or a handler.
    request = {
        { kind = "call", names = { ".getParameter", ".getParameterValues", ".getParameterMap", ".getParameterNames",
            ".getHeader", ".getHeaders", ".getHeaderNames", ".getCookies", ".getQueryString", ".getPathInfo",
            ".getPathTranslated", ".getRequestURI", ".getRequestURL", ".getRemoteUser", ".getPart", ".getParts",
            "HttpServletRequest.getInputStream", "HttpServletRequest.getReader", "ServletRequest.getInputStream",
            "ServletRequest.getReader", "Cookie.getValue", "Cookie.getName", ".getSubmittedFileName" } },
    },
    --- What is read from sockets, other servers, standard input and files.
    input = {
        { kind = "call", names = { "Socket.getInputStream", "accept.getInputStream", "URLConnection.getInputStream",
            "HttpURLConnection.getInputStream", "openConnection.getInputStream", "URL.openStream",
            "DatagramPacket.getData", ".readLine", "Scanner.next*", "Console.readPassword", "Files.readAllLines",
            "Files.readString", "Files.readAllBytes", "Files.lines" } },
        { kind = "global", names = { "System.in" } },
        { kind = "argument", index = 2, names = { "FileInputStream.read", "BufferedReader.read",
            "InputStreamReader.read", "FileReader.read" } },
    },
    --- What a data base gives.
    database = { { kind = "call", names = { "ResultSet.getString", "ResultSet.getObject", "ResultSet.getBytes",
        "executeQuery.getString" } } },
    environment = {
        { kind = "call", names = { "System.getenv" } },
    },
    --- What the virtual machine says of itself, java.io.tmpdir, and what it is started with, -D.
    settings = { { kind = "call", names = { "System.getProperty", "System.getProperties" } } },
    --- Properties, which are read from a file as a rule.
    properties = { { kind = "call", names = { "Properties.getProperty" } } },
    --- The command line.
    arguments = { { kind = "parameter", index = 1, names = { "main" } } },
}

local JAVASCRIPT = {
    --- What a request brings, by the names that handlers of express, koa and others give it.
    request = {
        { kind = "field", names = { "req.query", "req.body", "req.params", "req.headers", "req.cookies", "req.url",
            "req.originalUrl", "req.path", "request.query", "request.body", "request.params", "request.headers",
            "request.cookies", "request.url", "ctx.query", "ctx.params", "ctx.querystring",
            "event.queryStringParameters", "event.pathParameters", "event.body" } },
        { kind = "call", names = { ".param", ".header" } },
    },
    --- A page's own address, and what others gave it.
    page = {
        { kind = "global", names = { "location", "location.search", "location.hash", "location.href",
            "document.location", "document.URL", "document.documentURI", "document.referrer", "document.cookie",
            "document.location.search", "document.location.hash", "document.location.href", "name" } },
    },
    --- The command line.
    arguments = { { kind = "global", names = { "process.argv" } } },
}

local PYTHON = {
    --- Requests, by the frameworks' names for them.
    request = {
        { kind = "global", names = { "flask.request", "flask.request.*", "request", "request.*", "bottle.request",
            "bottle.request.*", "quart.request", "quart.request.*", "sanic.request.*", "web.input", "web.data",
            "cherrypy.request.*" } },
        { kind = "call", names = { "flask.request.*", "request.*", "bottle.request.*", "quart.request.*", "web.input",
            "web.data", "cgi.FieldStorage", "django.http.QueryDict", ".get_argument", ".get_arguments",
            ".get_query_argument", ".get_body_argument", ".get_json" } },
        { kind = "field", names = { "GET", "POST", "COOKIES", "FILES", "META", "query_params", "match_info",
            "rfile" } },
    },
    --- What is read from terminals and sockets.
    input = {
        { kind = "call", names = { "input", "raw_input", "sys.stdin.*", "getpass.getpass", ".recv", ".recvfrom" } },
        { kind = "global", names = { "sys.stdin" } },
    },
    environment = {
        { kind = "global", names = { "os.environ", "os.environb" } },
        { kind = "call", names = { "os.environ.*", "os.getenv", "os.getenvb" } },
    },
    --- The command line.
    arguments = {
        { kind = "global", names = { "sys.argv" } },
        { kind = "call", names = { ".parse_args", ".parse_known_args" } },
    },
}

M.categories = { c = C, java = JAVA, javascript = JAVASCRIPT, python = PYTHON }

--- The categories of a language, sorted.
function M.names(language)
    local list = {}
    for name in pairs(M.categories[language] or {}) do list[#list + 1] = name end
    table.sort(list)
    return list
end

return M
