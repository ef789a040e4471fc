rule "key-id" {
  title = "A key id",
  tags = { "secret" },
  severity = "high",
  prefilter = any { "KEYA", "KEYB" },
  confirm = {
    regex [[\b((?:KEYA|KEYB)[A-Z2-7]{16})\b]],
    entropy { capture = 1, at_least = 3.0 },
    except { text = { "EXAMPLE" }, equal = "KEYAAAAAAAAAAAAAAAAA", regex = [[^KEYA0+$]], path = [[_test\.]] },
  },
}

rule "assignment" {
  confirm = {
    regex {
      [[(?i)[\w.-]{0,50}?(?:token|secret)[ \t]{0,20}(?:=|:)[ \t]{0,3}["']?([\w+/-]{12,80})(?:["'\s;]|$)]],
      capture = 1,
    },
    regex [[[a-z][0-9]+]],
  },
}
