rule "nested" {
  prefilter = all { "alpha", any { lit("beta", "nocase"), lit("gamma", "wide") }, none { "omega" } },
}

rule "some-of" {
  prefilter = at_least(2, { "one", "two", lit("three", "word"), hex "4D 5A ?? [2-4] (50|51)" }),
  confirm = {
    field { at = 0, type = "u16le", equal = 0x5A4D },
    field { at = -4, from = "end", type = "i32be", less = -1 },
  },
}

rule "absent" { prefilter = none { "copyright" } }

rule "named" { confirm = { path [[(?i)\.env$]] } }
