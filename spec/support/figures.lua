--- What a long comparison compared: lines that `make soak` shows beneath the name of the spec.
local M = {}

--- 1234567 -> "1,234,567"
function M.count(n)
    local digits = ("%d"):format(n)
    local head = #digits % 3
    local out = digits:sub(1, head) .. digits:sub(head + 1):gsub("%d%d%d", ",%0")
    return (out:gsub("^,", ""))
end

--- A line of the soak; nothing in a short run. Integers among the arguments are for %s, written as M.count does.
function M.say(format, ...)
    if not os.getenv "HUNCH_SOAK" then return end
    local words = table.pack(...)
    for i = 1, words.n do
        if math.type(words[i]) == "integer" then words[i] = M.count(words[i]) end
    end
    print("\nfigure: " .. format:format(table.unpack(words, 1, words.n)))
end

return M
