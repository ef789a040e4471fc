-- What SARIF 2.1.0 asks of the objects that our report uses, as a JSON Schema in our own words. It is narrower
-- than the official schema (`make soak` uses that one): a member that we do not mean to write is an error here.
local function object(required, properties)
    return { type = "object", required = required, properties = properties, additionalProperties = false }
end

local function list(items, unique)
    return { type = "array", items = items, uniqueItems = unique }
end

local text = { type = "string" }
local message = object({ "text" }, { text = text })
local level = { enum = { "none", "note", "warning", "error" } }
local position = { type = "integer", minimum = 1 }
local offset = { type = "integer", minimum = 0 }
local uri = { type = "string", format = "uri-reference" }

local region = object({ "startLine", "byteOffset", "byteLength", "snippet" }, {
    startLine = position, startColumn = position, endLine = position, endColumn = position,
    byteOffset = offset, byteLength = offset,
    snippet = { oneOf = { object({ "text" }, { text = text }), object({ "binary" }, { binary = text }) } },
})

local function location(inner)
    local members, required = { artifactLocation = object({ "uri" }, { uri = uri }) }, { "artifactLocation" }
    if inner then
        members.region, required[2] = inner, "region"
    end
    return object({ "physicalLocation" }, { physicalLocation = object(required, members) })
end

local step = object({ "location", "nestingLevel" }, { location = object({ "physicalLocation", "message" }, {
    physicalLocation = object({ "artifactLocation", "region" }, {
        artifactLocation = object({ "uri" }, { uri = uri }),
        region = object({ "startLine" }, { startLine = position }),
    }),
    message = message,
}), nestingLevel = offset })

local result = object({ "ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints" }, {
    ruleId = text, ruleIndex = offset, level = level, message = message,
    locations = list(location(region)),
    partialFingerprints = object({ "hunchMatch/v1" }, { ["hunchMatch/v1"] = text }),
    codeFlows = list(object({ "threadFlows" }, { threadFlows = list(object({ "locations" },
                                                                           { locations = list(step) })) })),
})

local descriptor = object({ "id", "shortDescription", "defaultConfiguration", "properties" }, {
    id = text, shortDescription = message, fullDescription = message, help = message,
    helpUri = { type = "string", format = "uri" },
    defaultConfiguration = object({ "level" }, { level = level }),
    properties = object({ "tags", "security-severity" }, {
        tags = list(text, true), ["security-severity"] = text, meta = { type = "object" },
    }),
})

local notification = object({ "level", "descriptor", "message" }, {
    level = level, descriptor = object({ "id" }, { id = text }), message = message,
    associatedRule = object({ "id" }, { id = text, index = offset }),
    locations = list(location()),
})

local invocation = object({ "executionSuccessful", "exitCode", "toolExecutionNotifications", "properties" }, {
    executionSuccessful = { type = "boolean" }, exitCode = { type = "integer" },
    toolExecutionNotifications = list(notification), properties = { type = "object" },
})

local driver = object({ "name", "version", "rules" }, { name = text, version = text, rules = list(descriptor, true) })

local run = object({ "tool", "columnKind", "defaultEncoding", "results", "invocations" }, {
    tool = object({ "driver" }, { driver = driver }),
    columnKind = { enum = { "unicodeCodePoints" } }, defaultEncoding = { enum = { "UTF-8" } },
    results = list(result), invocations = list(invocation),
})

return object({ "$schema", "version", "runs" }, {
    ["$schema"] = { type = "string", format = "uri" }, version = { enum = { "2.1.0" } }, runs = list(run),
})
