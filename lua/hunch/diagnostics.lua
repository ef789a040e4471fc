--- What is wrong with rules: the codes, how a diagnostic is made, how it reads.
-- Every pass reports through `add`; nothing is thrown. A code is never given another meaning. Its page,
-- with an example that has the fault and one that has not, is docs/DIAGNOSTICS.md.
local M = {}

--- code -> what it stands for. E: error, no program is made · W: warning · N: note.
M.codes = {
    -- reading and running rule files
    E001 = "a rule file or folder cannot be read",
    E002 = "a rule file is not Lua",
    E003 = "a rule file raises an error",
    E004 = "a rule file uses more memory than its budget",
    E005 = "a rule file runs more instructions than its budget",
    E006 = "a rule file runs longer than it may, or was interrupted",
    E007 = "the rules of a file are nested too deep or are too many",
    E008 = "a file of words cannot be read",
    W009 = "a rule file declares no rule",
    W010 = "something in a folder of rules is not read",
    -- rules
    E101 = "a rule has a name and no body",
    E102 = "the name of a rule is not usable",
    E103 = "two rules have one name",
    E104 = "a rule has a field that no rule has",
    E105 = "a field of a rule has a value of the wrong type",
    E106 = "a severity is not one of the five",
    E107 = "a rule has nothing that could match",
    E108 = "there are more rules, stages or bytes than a program can hold",
    E110 = "an example is not of the form of an example",
    W111 = "a rule has no examples that match, or none that miss",
    W112 = "a tag, or an example, is there twice",
    -- prefilters and literals
    E201 = "a prefilter has no items",
    E202 = "a literal is empty",
    E203 = "the number of at_least is not between 1 and the number of items",
    E204 = "a prefilter holds something that is no literal and no list of literals",
    E205 = "a flag of a literal is unknown",
    E206 = "a hex string cannot be read",
    E207 = "a prefilter can never hold",
    E208 = "a literal is too long",
    E209 = "lists of a prefilter are nested too deep",
    W210 = "a literal is there twice",
    -- stages
    E301 = "an entry of confirm is not a stage",
    E302 = "a stage has a field that it does not know",
    E303 = "a field of a stage has a value of the wrong type",
    E304 = "a field that a stage needs is missing",
    E305 = "a stage can never be passed",
    E306 = "a capture does not exist",
    E307 = "a capture is named and no regex stage comes before",
    E308 = "a checksum is unknown",
    E309 = "fields of a stage exclude each other",
    -- regexes
    E401 = "a regex cannot be read",
    E402 = "a regex can never match",
    W403 = "a regex matches the empty string",
    W404 = "a regex that the rule can do without can never match",
    -- conditions
    E501 = "a condition cannot be read",
    E502 = "a pattern of a condition has a name that conditions cannot use",
    E503 = "a condition is never true",
    W504 = "a pattern of a condition is not used",
    -- rules that need rules
    E601 = "a rule that does not exist is referred to",
    E602 = "rules need each other in a circle",
    -- what the later passes find out
    N701 = "a prefilter was derived from the rule's stages",
    W702 = "the regex matches text that the declared prefilter does not let through",
    N703 = "it was not decided whether the prefilter is implied by the regex",
    W704 = "a regex is tried at every position",
    N705 = "a rule looks at every record",
    E706 = "a regex or hex string compiles to something too large",
    E707 = "a condition compiles to something too large",
    -- program graphs
    E801 = "a language is missing, unknown or of no use",
    E802 = "a stage stands where a graph rule cannot have it",
    E803 = "an entry of a graph stage is no spot, no guard and no action",
    E804 = "a name cannot stand in source code",
    E805 = "a flow of a library function cannot be read",
}

local SEVERITY = { E = "error", W = "warning", N = "note" }

---@class hunch.Diagnostic
---@field code string
---@field severity "error"|"warning"|"note"
---@field file string|nil
---@field line integer|nil 1-based
---@field column integer|nil 1-based, in bytes
---@field message string one sentence
---@field hint string|nil what to do
---@field rule string|nil

---Adds a diagnostic to state.diagnostics.
---@param state table of the compiler
---@param code string a key of M.codes
---@param place table|nil { file =, line =, column = }: a node's `where` will do
---@param message string
---@param more table|nil { hint =, rule =, line =, column = }
---@return hunch.Diagnostic
function M.add(state, code, place, message, more)
    assert(M.codes[code], "a diagnostic needs a code of the registry")
    more = more or {}
    local diagnostic = {
        code = code, severity = SEVERITY[code:sub(1, 1)],
        file = place and place.file, line = more.line or (place and place.line),
        column = more.column or (place and place.column),
        message = message, hint = more.hint, rule = more.rule,
    }
    if diagnostic.line == 0 then diagnostic.line = nil end
    state.diagnostics[#state.diagnostics + 1] = diagnostic
    return diagnostic
end

---How many diagnostics of a severity there are.
function M.count(list, severity)
    local n = 0
    for _, diagnostic in ipairs(list) do
        if diagnostic.severity == severity then n = n + 1 end
    end
    return n
end

---Sorts by file (in the order of the sources, others first), line, column, code, message.
function M.sort(list, sources)
    local order = {}
    for i, source in ipairs(sources or {}) do order[source.name] = i end
    local function key(d)
        return { order[d.file or ""] or 0, d.file or "", d.line or 0, d.column or 0, d.code, d.message, d.rule or "" }
    end
    local keys = {}
    for _, d in ipairs(list) do keys[d] = key(d) end
    table.sort(list, function(a, b)
        local x, y = keys[a], keys[b]
        for i = 1, #x do
            if x[i] ~= y[i] then return x[i] < y[i] end
        end
        return false
    end)
end

---A rule file's text for `render`, which finds its lines at once however many diagnostics there are.
---@param text string
function M.source(text)
    local starts = { 1 }
    for at in text:gmatch "\n()" do starts[#starts + 1] = at end
    return { text = text, starts = starts }
end

local WIDTH, NAME = 160, 60 -- bytes of a line, and of a rule's name, that are shown

--- The n-th line without its end, of a long one the part around the column; the column in it. Lines may be as
-- long as their file, so only what is shown is copied.
local function line_of(source, n, column)
    local text, from = source.text, source.starts[n]
    if not from then return nil end
    local to = (source.starts[n + 1] or #text + 2) - 2
    if text:byte(to) == 13 and to >= from then to = to - 1 end
    if to - from < WIDTH then return text:sub(from, to), column end
    local first = math.max(from, math.min(from + (column or 1) - 1 - WIDTH // 2, to - WIDTH + 1))
    local last = math.min(to, first + WIDTH - 1)
    for _ = 1, 3 do -- whole characters
        if first > from and text:byte(first) & 0xC0 == 0x80 then first = first - 1 end
        if last < to and text:byte(last + 1) & 0xC0 == 0x80 then last = last + 1 end
    end
    local before = first > from and "..." or ""
    return before .. text:sub(first, last) .. (last < to and "..." or ""),
        column and from + column - first + #before
end

--- A name on one line; of a long one the beginning.
local function short(name)
    if #name > NAME then
        name = name:sub(1, NAME):gsub("[\xC0-\xFF]?[\x80-\xBF]*$", "") .. "..."
    end
    return (name:gsub("[%c\127]", "?"))
end

---A diagnostic as plain text: place, code, message, the source line with a caret, what to do.
---@param diagnostic hunch.Diagnostic
---@param source table|nil of its file
---@return string
function M.render(diagnostic, source)
    local d = diagnostic
    local place = d.file and d.file .. ":" or ""
    if d.line then place = place .. d.line .. ":" .. (d.column and d.column .. ":" or "") end
    -- Rules made in a loop stand on one line: only the name tells them apart.
    local rule = d.rule and not d.message:find(d.rule, 1, true) and (' (rule "%s")'):format(short(d.rule)) or ""
    local parts = { (place ~= "" and place .. " " or "") .. d.severity .. " " .. d.code .. ": " .. d.message .. rule }
    local line, column
    if source and d.line then line, column = line_of(source, d.line, d.column) end
    if line and line:find "%S" then -- Lua finds some faults at the end of a file, where there is nothing to show
        local gutter = "  " .. d.line .. " | "
        parts[#parts + 1] = gutter .. line:gsub("[%c\127]", function(c) return c == "\t" and c or "?" end)
        if column then
            local before = line:sub(1, column - 1):gsub("[\128-\191]", ""):gsub("[^\t]", " ")
            parts[#parts + 1] = (" "):rep(#gutter - 2) .. "| " .. before .. "^"
        end
    end
    if d.hint then parts[#parts + 1] = "  help: " .. d.hint end
    return table.concat(parts, "\n") .. "\n"
end

---The entry of a list of names that is nearest to `name`, or nil when none is near.
---@param name any
---@param names string[]
function M.nearest(name, names)
    if type(name) ~= "string" or #name > 64 then return nil end
    local best, least = nil, (#name < 4 and 1 or math.max(2, #name // 3)) + 1
    for _, other in ipairs(names) do
        local row = {}
        for j = 0, #other do row[j] = j end
        for i = 1, #name do
            local diagonal = row[0]
            row[0] = i
            for j = 1, #other do
                local cost = name:byte(i) == other:byte(j) and 0 or 1
                diagonal, row[j] = row[j], math.min(diagonal + cost, row[j] + 1, row[j - 1] + 1)
            end
        end
        if row[#other] < least then best, least = other, row[#other] end
    end
    return best
end

return M
