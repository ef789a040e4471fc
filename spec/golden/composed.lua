rule "header" {
  private = true,
  prefilter = any { hex "7F 45 4C 46" },
  confirm = { field { at = 0, type = "u32be", equal = 0x7F454C46 } },
}

rule "counted" {
  prefilter = any { "fail" },
  confirm = {
    count { lit("fail", "nocase"), at_least = 2, at_most = 9, within = "line" },
    near { lit "user", within = 2, unit = "lines", before = true },
    near { "header", within = 4096 },
  },
}

rule "conditional" {
  confirm = {
    condition {
      [[#a > 2 and @b[1] < filesize and any of ($a, $b) and for any i in (1..#a) : (@a[i] > 10) and rule("header")]],
      patterns = { a = lit "alpha", b = regex [[b[0-9]{3,5}]] },
    },
  },
}

rule "checked" {
  confirm = {
    regex [[\b(tok_([0-9A-Za-z]{30})([0-9A-Za-z]{6}))\b]],
    checksum { "crc32-base62", of = 2, digits = 3 },
    host(function(match) return #match.text > 3 end),
  },
}

rule "class-run" { prefilter = any { "sha" }, confirm = { regex [[\b[a-f0-9]{40}\b]] } }
