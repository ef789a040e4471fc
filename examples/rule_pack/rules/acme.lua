-- A pack of rules for one company: what its tokens look like, and where they must not be.

rule "acme-deploy-token" {
  title     = "Acme deploy token",
  tags      = { "secret", "acme" },
  severity  = "high",
  prefilter = any { "acme_" },
  confirm   = {
    regex [[\bacme_([0-9A-Za-z]{24})\b]],
    entropy { capture = 1, at_least = 3.0 },
    except { text = { "EXAMPLE" } },
  },
  examples  = {
    match = {
      { text = "token=acme_k3Vq8ZrT1mXw9LbN5cYd7HsA;", spans = { { 7, 35 } } },
      "deploy with acme_Zx81LmQw93RtYu26PoAsDf47 now",
    },
    miss  = {
      "acme_aaaaaaaaaaaaaaaaaaaaaaaa", -- no entropy
      "acme_EXAMPLEk3Vq8ZrT1mXw9LbN5", -- from the manual
      "acme_short",
    },
  },
}

-- One failed login is a typing error; five in one log file are worth a look.
rule "acme-login-storm" {
  title     = "Many failed logins",
  tags      = { "log", "acme" },
  severity  = "medium",
  prefilter = any { "login failed" },
  confirm   = {
    regex [[(?m)^.*login failed for (\w+).*$]],
    count { "login failed", at_least = 5, within = "record" },
    path [[\.log$]],
  },
  meta      = { team = "security" },
  examples  = {
    match = { { text = ("login failed for alice\n"):rep(5), path = "app.log" },
              { text = "start\n" .. ("10:00 login failed for bob from 10.0.0.1\n"):rep(6), path = "var/auth.log" } },
    miss  = { { text = ("login failed for alice\n"):rep(4), path = "app.log" },
              { text = ("login failed for alice\n"):rep(5), path = "app.txt" } },
  },
}

-- A Lua function has the last word: this one knows the two-digit check at the end of a customer number.
rule "acme-customer-number" {
  title     = "Acme customer number",
  tags      = { "pii", "acme" },
  severity  = "low",
  prefilter = any { "AC-" },
  confirm   = {
    regex [[\bAC-(\d{8})-(\d\d)\b]],
    host(function(match)
      local number, check = match.text:match("AC%-(%d+)%-(%d+)")
      return tonumber(number) % 97 == tonumber(check)
    end),
  },
  examples  = {
    match = { "customer AC-12345678-03 called", "AC-00000097-00" },
    miss  = { "customer AC-12345678-15 called", "AC-1234567-14" },
  },
}
