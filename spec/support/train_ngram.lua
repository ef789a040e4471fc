-- Makes lua/hunch/ngram_data.lua, the byte model behind the choice of literals.
--   lua5.4 spec/support/train_ngram.lua LIST > lua/hunch/ngram_data.lua
-- LIST has a line `bytes<TAB>path` for each sample: so many bytes are taken from the file, in evenly spaced blocks.
-- The shipped model was made from 12 MB: half source text (Python, C, Perl, Lua, JavaScript, JSON, XML), the rest
-- English documentation, system logs and x86-64 binaries in about equal parts. Run it on anything alike; what
-- depends on it is how fast a scan is, never what it finds.

local BLOCK = 4096
local SYMBOLS = 144 -- 0..127: ASCII; 128 + n: the high bytes 0x80 + 8n .. 0x87 + 8n
local ENTRIES = { [3] = 4200, [4] = 2600, [5] = 1100, [6] = 600 } -- n-grams kept by length
local CLASS_LENGTHS = { 8, 12, 16, 20, 24, 32, 40, 64 }
local CLASSES = { -- name, Lua pattern set: runs that are longer in real text than pair statistics say
    { "digit", "0-9" },
    { "hex_lower", "0-9a-f" },
    { "hex_upper", "0-9A-F" },
    { "hex", "0-9A-Fa-f" },
    { "lower", "a-z" },
    { "upper", "A-Z" },
    { "upper_digit", "0-9A-Z" },
    { "letter", "A-Za-z" },
    { "lower_digit", "0-9a-z" },
    { "alnum", "0-9A-Za-z" },
    { "word", "0-9A-Za-z_" },
    { "token", "0-9A-Za-z_.%-=" },
    { "uuid", "0-9A-Fa-f%-" },
    { "digit_dot", "0-9." },
    { "digit_dash", "0-9%-" },
    { "digit_spaced", "0-9 %-" },
    { "digit_phone", "0-9 %-.()+" },
    { "hex_colon", "0-9A-Fa-f:%-" },
    { "upper_digit_spaced", "0-9A-Z %-" },
    { "base64", "0-9A-Za-z+/=" },
    { "name", "0-9A-Za-z_./+=%-:@" },
    { "visible", "!-~" },
    { "printable", " -~" },
    { "zero", "%z" },
    { "high", "\128-\255" },
}

local function read_samples(list)
    local samples = {}
    for line in io.lines(list) do
        local bytes, path = line:match("^(%d+)\t(.+)$")
        local file = assert(io.open(path, "rb"))
        local size = file:seek("end")
        local blocks = math.max(1, tonumber(bytes) // BLOCK)
        local step = math.max(BLOCK, size // blocks)
        for at = 0, size - 1, step do
            file:seek("set", at)
            samples[#samples + 1] = file:read(BLOCK)
        end
        file:close()
    end
    return samples
end

local function symbol(byte)
    return byte < 128 and byte or 128 + ((byte - 128) >> 3)
end

local function char_of(bits) -- 64 levels of a quarter bit, as printable characters without quote and backslash
    local level = math.max(0, math.min(63, math.floor(bits * 4 + 0.5)))
    local code = 35 + level
    return string.char(code >= 92 and code + 1 or code)
end

local function log2(x)
    return math.log(x, 2)
end

local function pair_table(samples)
    local single, pairs_of = {}, {}
    for s = 0, SYMBOLS - 1 do
        single[s], pairs_of[s] = 0.5, {}
    end
    local total = 0
    for _, text in ipairs(samples) do
        local previous
        for i = 1, #text do
            local s = symbol(text:byte(i))
            single[s] = single[s] + 1
            total = total + 1
            if previous then
                local row = pairs_of[previous]
                row[s] = (row[s] or 0) + 1
            end
            previous = s
        end
    end
    local bits, cells = { [-1] = {} }, {}
    for s = 0, SYMBOLS - 1 do
        bits[-1][s] = -log2(single[s] / total)
        cells[#cells + 1] = char_of(bits[-1][s])
    end
    for a = 0, SYMBOLS - 1 do
        bits[a] = {}
        for b = 0, SYMBOLS - 1 do
            -- An unseen pair falls back on a tenth of what the second symbol's own rate says.
            local count = (pairs_of[a][b] or 0) + 5 * single[b] / total * 0.1
            bits[a][b] = math.min(15.75, -log2(count / (single[a] + 0.5)))
            cells[#cells + 1] = char_of(bits[a][b])
        end
    end
    return bits, table.concat(cells)
end

local function count_grams(samples, length)
    local counts = {}
    for _, text in ipairs(samples) do
        for run in text:gmatch("[ -~]+") do
            for i = 1, #run - length + 1 do
                local gram = run:sub(i, i + length - 1)
                counts[gram] = (counts[gram] or 0) + 1
            end
        end
    end
    return counts
end

local function train(samples)
    local pair_bits, pair_cells = pair_table(samples)
    local known = {} -- kept n-grams -> bits of the last byte given those before it
    local function estimate(gram)
        for from = 1, #gram - 2 do
            local bits = known[gram:sub(from)]
            if bits then
                return bits
            end
        end
        return pair_bits[symbol(gram:byte(-2))][symbol(gram:byte(-1))]
    end
    local shorter = count_grams(samples, 2)
    local sections = {}
    for length = 3, 6 do
        local counts = count_grams(samples, length)
        local candidates = {}
        for gram, count in pairs(counts) do
            if count >= 12 then
                local bits = -log2(count / (shorter[gram:sub(1, -2)] + 1))
                local gain = estimate(gram) - bits
                -- What the pairs hold too rare matters most: hits that come unexpected cost time.
                local weight = count * (gain > 0 and gain or -gain / 4)
                if math.abs(gain) >= 0.5 then
                    candidates[#candidates + 1] = { gram, bits, weight }
                end
            end
        end
        table.sort(candidates, function(x, y)
            if x[3] ~= y[3] then
                return x[3] > y[3]
            end
            return x[1] < y[1]
        end)
        local kept = {}
        for i = 1, math.min(ENTRIES[length], #candidates) do
            kept[i] = candidates[i]
        end
        table.sort(kept, function(x, y) return x[1] < y[1] end)
        local out = {}
        for i, item in ipairs(kept) do
            known[item[1]] = item[2]
            out[i] = item[1] .. char_of(item[2])
        end
        sections[length] = table.concat(out)
        shorter = counts
    end
    return pair_cells, sections
end

local function class_rates(samples, total)
    local rows = {}
    for _, class in ipairs(CLASSES) do
        local hits = {}
        for i = 1, #CLASS_LENGTHS do
            hits[i] = 0
        end
        for _, text in ipairs(samples) do
            for run in text:gmatch("[" .. class[2] .. "]+") do
                for i, length in ipairs(CLASS_LENGTHS) do
                    if #run < length then
                        break
                    end
                    hits[i] = hits[i] + #run - length + 1
                end
            end
        end
        for i = 1, #hits do
            hits[i] = string.format("%.0f", math.max(1, hits[i] * 2 ^ 20 / total))
        end
        rows[#rows + 1] = { class[1], class[2], hits }
    end
    return rows
end

local function quote(data)
    local lines = {}
    for from = 1, #data, 100 do
        local part = data:sub(from, from + 99):gsub('[\\"]', "\\%0"):gsub("^ ", "\\x20")
        lines[#lines + 1] = "    " .. part
    end
    return '"\\z\n' .. table.concat(lines, "\\z\n") .. '"'
end

local samples = read_samples(assert(arg[1], "usage: train_ngram.lua LIST"))
local total = 0
for _, text in ipairs(samples) do
    total = total + #text
end
local pair_cells, sections = train(samples)
io.write("-- The byte model's numbers, made by spec/support/train_ngram.lua; read by ngram.lua, which says what they ",
    "mean.\n\n")
io.write("return {\n")
io.write("pairs = ", quote(pair_cells), ",\n")
for length = 3, 6 do
    io.write("grams", length, " = ", quote(sections[length]), ",\n")
end
io.write("class_lengths = { ", table.concat(CLASS_LENGTHS, ", "), " },\n")
io.write("classes = {\n")
for _, row in ipairs(class_rates(samples, total)) do
    local set = row[2]:gsub("[\128-\255]", function(c) return "\\" .. c:byte() end)
    io.write('    { "', row[1], '", "', set, '", { ', table.concat(row[3], ", "), " } },\n")
end
io.write("},\n}\n")
