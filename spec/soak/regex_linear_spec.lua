-- All matches of a record take time in proportion to its size, whatever the regex leaves undecided. Times are printed,
-- and judged only for growth that is far from linear.
local figures = require "support.figures"
local parse = require "hunch.regex.parse".parse
local search = require "support.search_module"
local search_case = require "support.search_case"

local MB = 1 << 20

--- Seconds of a search for all matches; the hits of anchors are found before.
local function seconds(case, text, overlap)
    local options = { count = true, dfa = true, everywhere = case:way() == "everywhere", overlap = overlap }
    if case:way() == "hits" then options.hits = case:hits(text, true) end
    local started = search.clock()
    local n = assert(case.object:search(text, options))
    return search.clock() - started, n
end

local function grows_linearly(pattern, unit, options)
    options = options or {}
    it(("%s on %s%s"):format(pattern, unit:sub(1, 20), options.overlap and ", overlapping" or ""), function()
        local case = search_case.new(assert(parse(pattern)), options)
        local times, line
        local function measure()
            times, line = {}, {}
            for i, size in ipairs { 1, 2, 4 } do
                local text = unit:rep(size * MB // #unit) .. (options.tail or "")
                local n
                times[i], n = seconds(case, text)
                line[i] = ("%d MB: %.2f s, %d matches"):format(size, times[i], n)
            end
            figures.say("%-28s on %s: %s", pattern, unit:sub(1, 20):gsub("%c", " "), table.concat(line, "; "))
            -- Quadratic growth is a factor of 16; below half a second the clock shows other things.
            return times[3] < 0.5 or times[3] < 10 * times[1]
        end
        -- What else runs beside it can only make it look worse, and not three times.
        assert.is_true(measure() or measure() or measure(), line[3])
    end)
end

describe("time grows with the text:", function()
    grows_linearly("(?s:.*b)|a", "a")
    grows_linearly("(a*)*b", "a")
    grows_linearly("(a|aa)*b|a", "a")
    grows_linearly("(x+x+)+y", "x")
    grows_linearly("[a-q][^u-z]{13}x", "a")
    grows_linearly("[a-q][^u-z]{13}x", "abcdefghijklmnopq")
    grows_linearly(".*foo|bar", "bar")
    grows_linearly(".*foo|bar", "xbar xfo\n")
    grows_linearly("(?s).*foo|bar", "bar")
    grows_linearly("(?s)a.*b.*c|a", "ab")
    grows_linearly("key[^;]*;", "key")
    grows_linearly("key[^;]*;", "key;")
    grows_linearly("[a-z]*key[^;]*;", "key")
    grows_linearly([[\b[a-z]+key[^;]*;]], "key")
    grows_linearly("[0-9]{9}", "1")
    grows_linearly("[0-9]{9}[^1]", "1")
    grows_linearly("[0-9]{9}(?:[^b]*b)?", "123456789a")
    grows_linearly("(?:a?){20}a{20}", "a")
    grows_linearly("(?:a{1,20}){1,20}b|a", "a")
    grows_linearly("(?s)AA.*?BB", "A", { overlap = true, tail = "BB" })
    grows_linearly("(?s)AA.*?BB|CC.*?DD", "AACC", { overlap = true, tail = "BBDD" })
    grows_linearly("(?s)AA.{10,200}?BB", ("A"):rep(126) .. "BB", { overlap = true })
end)
