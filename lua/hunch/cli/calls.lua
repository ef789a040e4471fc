-- Every call of the command and every option of it: the one place that the parser, the help texts and the
-- suggestions read. docs/COMMAND.md is compared with it by a spec.
local M = {}

local HELP = { key = "help", short = "-h", long = "--help", help = "show this text" }
local RULE_OPERANDS = { key = "rules", name = "RULES (a rule file or folder)", min = 1 }
local BACKEND = { key = "backend", long = "--backend", value = "NAME", kind = "choice",
                  choices = { "auto", "ref", "cpu", "cuda" }, help = "where to run (auto)" }
local THREADS = { key = "threads", long = "--threads", value = "N", kind = "integer", max = 1024,
                  help = "worker threads; 0: one for each core (0)" }
local DEVICE_MEMORY = { key = "device_memory", long = "--device-memory", value = "SIZE", kind = "size", min = 1,
                        help = "bytes of a GPU's memory to use (what is free)" }
local RULES = { key = "rules", short = "-r", long = "--rules", value = "RULES", kind = "path", many = true,
                help = "rule file, folder or compiled program; repeatable" }
local FORMAT_TEXT = { key = "format", long = "--format", value = "FORMAT", kind = "choice",
                      choices = { "text", "jsonl" }, help = "text (default) or JSON Lines" }

M.list = {
    {
        name = "scan", usage = "-r RULES [-r RULES…] [options] [PATH…]",
        summary = "Scan files, folders or standard input (no PATH, or -). Exit status: 0 nothing found, 1 matches,\n"
            .. "2 usage or rules at fault, 3 not everything was scanned, 130 interrupted.",
        operands = { key = "paths", name = "PATH" },
        options = {
            RULES,
            { key = "format", long = "--format", value = "FORMAT", kind = "choice",
              choices = { "text", "jsonl", "sarif", "html" }, help = "how findings are written (text)" },
            { key = "output", short = "-o", long = "--output", value = "FILE", kind = "output",
              help = "write the report to FILE" },
            { key = "input", long = "--input", value = "KIND", kind = "choice", choices = { "files", "jsonl" },
              help = "jsonl: standard input holds one record a line (files)" },
            { key = "include", long = "--include", value = "GLOB", many = true,
              help = "scan only paths that match; repeatable" },
            { key = "exclude", long = "--exclude", value = "GLOB", many = true,
              help = "leave out paths that match; repeatable" },
            { key = "gitignore", long = "--gitignore", help = "leave out what .gitignore files name" },
            { key = "max_file_size", long = "--max-file-size", value = "SIZE", kind = "size", min = 1,
              help = "larger files are reported as not scanned (no limit)" },
            { key = "rule", long = "--rule", value = "NAME", many = true, help = "only this rule; repeatable" },
            { key = "tag", long = "--tag", value = "TAG", many = true,
              help = "only rules with this tag; repeatable" },
            { key = "max_matches", long = "--max-matches", value = "N", kind = "integer", min = 1,
              help = "matches per rule and record (10000)" },
            { key = "deadline", long = "--deadline", value = "SECONDS", kind = "number",
              help = "stop after so long; what is left is reported" },
            { key = "redact", long = "--redact", help = "show only the first characters of what matched" },
            { key = "exit_zero", long = "--exit-zero", help = "exit with 0 although there are matches" },
            { key = "no_progress", long = "--no-progress", help = "no progress bar" },
            { key = "profile", long = "--profile", help = "show what each rule cost" },
            { key = "decisions", long = "--decisions", help = "show which route each dispatch took, and why" },
            BACKEND, THREADS, DEVICE_MEMORY,
            { key = "tile_size", long = "--tile-size", value = "SIZE", kind = "size", min = 64,
              help = "bytes in a tile; changes speed only" },
            { key = "route", long = "--route", value = "ROUTE", kind = "choice",
              choices = { "auto", "fused", "chained", "serial" },
              help = "how rules run in a dispatch; changes speed only (auto)" },
            { key = "speculate", long = "--speculate", value = "MODE", kind = "choice",
              choices = { "auto", "force", "disable" }, help = "confirm before the prefilter is known (auto)" },
            { key = "policy", long = "--policy", value = "POLICY", kind = "choice",
              choices = { "cost-model", "commit-rate" }, help = "who chooses the route (cost-model)" },
            { key = "link", long = "--link", value = "UNIT", kind = "choice", choices = { "path", "dir", "file" },
              help = "which files graph rules link together" },
            { key = "link_with", long = "--link-with", value = "PATH", kind = "path", many = true,
              help = "files that belong to every link unit; repeatable" },
            HELP,
        },
    },
    {
        name = "test", usage = "[options] RULES…",
        summary = "Run the examples of every rule. Exit status: 0 all hold, 1 one fails, 2 rules at fault.",
        operands = RULE_OPERANDS,
        options = {
            { key = "rule", long = "--rule", value = "NAME", many = true, help = "only this rule; repeatable" },
            { key = "verbose", short = "-v", long = "--verbose", help = "name every rule that passes as well" },
            BACKEND, HELP,
        },
    },
    {
        name = "check", usage = "[options] RULES…",
        summary = "Show what is wrong with rules. Exit status: 0 clean or warnings, 1 errors, 2 unreadable.",
        operands = RULE_OPERANDS,
        options = { FORMAT_TEXT, HELP },
    },
    {
        name = "explain", usage = "[options] RULES…",
        summary = "Show what became of rules: parse tree, literals, class, group, program, routes and why.",
        operands = RULE_OPERANDS,
        options = {
            { key = "rule", long = "--rule", value = "NAME", help = "only this rule" },
            FORMAT_TEXT, HELP,
        },
    },
    {
        name = "compile", usage = "RULES… -o FILE",
        summary = "Compile rules to a program that loads in milliseconds; `hunch scan -r FILE` takes it.",
        operands = RULE_OPERANDS,
        options = {
            { key = "output", short = "-o", long = "--output", value = "FILE", kind = "output",
              help = "where the program goes" },
            HELP,
        },
    },
    {
        name = "bench", usage = "-r RULES [options] PATH…",
        summary = "Measure scanning: prefilter alone and the full rules, by number of threads, medians over runs.",
        operands = { key = "paths", name = "PATH", min = 1 },
        options = {
            RULES,
            { key = "runs", long = "--runs", value = "N", kind = "integer", min = 1, help = "runs of each (5)" },
            { key = "thread_counts", long = "--threads", value = "N", kind = "integer", max = 1024, many = true,
              help = "a number of threads; repeatable (1 and one for each core)" },
            BACKEND, DEVICE_MEMORY, FORMAT_TEXT, HELP,
        },
    },
    {
        name = "info", usage = "[options]",
        summary = "Versions, backends, devices and caches.",
        operands = { key = "operands", name = "operand", max = 0 },
        options = {
            { key = "tuning", long = "--tuning", help = "show what scans have learned and kept" },
            FORMAT_TEXT, HELP,
        },
    },
    {
        name = "graph", usage = "[options] FILE",
        summary = "Show a source file's functions: blocks, statements, operations. Exit status: 0 shown, 2 unreadable.",
        operands = { key = "files", name = "FILE", min = 1, max = 1 },
        options = {
            { key = "format", long = "--format", value = "FORMAT", kind = "choice", choices = { "text", "json", "dot" },
              help = "text (default), JSON, or dot for graphviz" },
            { key = "function", long = "--function", value = "NAME", help = "only this function" },
            { key = "language", long = "--language", value = "NAME", kind = "choice",
              choices = { "c", "java", "javascript", "python" },
              help = "what the file is written in (by its name)" },
            HELP,
        },
    },
    {
        name = "import", usage = "gitleaks|kingfisher|yara FILE… -o DIR",
        summary = "Translate another tool's rules (not built yet).",
        operands = { key = "files", name = "FILE" },
        options = {
            { key = "output", short = "-o", long = "--output", value = "DIR", help = "where the rules go" },
            HELP,
        },
    },
}

---@param name string
---@return table?
function M.find(name)
    for _, call in ipairs(M.list) do
        if call.name == name then
            return call
        end
    end
end

--- Names of all calls, `help` and `version` too.
---@return string[]
function M.names()
    local names = {}
    for i, call in ipairs(M.list) do
        names[i] = call.name
    end
    names[#names + 1] = "version"
    names[#names + 1] = "help"
    return names
end

return M
