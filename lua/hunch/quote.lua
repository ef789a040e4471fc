--- Bytes as one writes them in a rule file.
---@param bytes string
---@return string
return function(bytes)
    return '"' .. bytes:gsub('[%c"\\\128-\255]', function(c)
        return c == '"' and '\\"' or c == "\\" and "\\\\" or c == "\n" and "\\n" or ("\\x%02X"):format(c:byte())
    end) .. '"'
end
