-- Value flow in small JavaScript programs: spec/graph/precision_javascript, see spec/support/precision.lua.
local precision = require "support.precision"

precision.describe {
    language = "JavaScript", folder = "spec/graph/precision_javascript", ending = ".js", comment = "//",
    first = "a.js", least = 40,
    topics = { "calls", "modules", "values", "ways" },
    text = [[
rule "flow" { language = "javascript", confirm = { taint {
  from = { field { "req.query" }, global { "process.argv", "location.hash" } },
  to = { argument { "child_process.exec", 1 }, field { "innerHTML" } },
  except = { call "quote", field "length" },
  unless = { guard { call "isSafe", on = 1 }, guard { call ".test", on = 2 },
    guard { compare = "==", with = "constant" } },
} } }
]],
}
