-- luacheck's settings for the whole tree.
std = "lua54"
max_line_length = 120
codes = true
cache = false

-- Unused arguments are part of a callback's shape; `self` too.
unused_args = false

files["spec"] = { std = "lua54+busted" }
files["examples/**/*_spec.lua"] = { std = "lua54+busted" }

-- Rule files run in the sandbox: these names are there, the ones taken away are not.
local rule_language = {
    read_globals = {
        "rule", "any", "all", "none", "at_least", "lit", "hex", "regex", "path", "count", "near", "entropy", "luhn",
        "checksum", "except", "only", "field", "condition", "host", "taint", "flows_to", "dominates", "post_dominates",
        "call", "argument", "parameter", "returned", "global", "loop_bound", "outside", "index", "address", "divisor", "guard",
        "signed_index", "operand", "signed_argument", "narrowed",
        "assign", "test", "use", "library",
    },
}
files["rules"] = rule_language
files["spec/golden"] = rule_language
files["examples/**/rules"] = rule_language

-- Written by spec/support/train_ngram.lua: a table of strings.
files["lua/hunch/ngram_data.lua"] = { max_line_length = false }
