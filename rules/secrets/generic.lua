-- Assignments that look like a credential of any kind: a telling name and a value that looks random.
-- These are the rules that guess most; entropy, stop words and shapes keep them quiet.

-- Values that name a secret without being one.
local STOP_WORDS = {
  "example", "placeholder", "changeme", "change_me", "change-me", "change_this", "dummy", "sample", "redacted",
  "xxxx", "****", "....", "----", "____", "todo", "fixme", "insert", "replace", "your", "some", "fake", "mock",
  "foobar", "abcdef", "qwerty", "012345", "123456", "987654", "deadbeef", "lorem", "none", "null", "undefined",
  "true", "false", "default", "password", "passwd", "secret", "token", "config", "param", "value", "string",
  "environ", "getenv", "process.", "self.", "this.", "vault:", "localhost", "http", "www.", ".com", ".org",
  "public", "private", "access", "client", "session", "service", "account", "request", "response", "header",
  "function", "return", "button", "label", "input", "field", "hidden", "error", "invalid", "missing", "required",
  "generate", "encrypt", "decrypt", "random", "manager", "provider", "factory", "handler", "module", "import",
  "insecure", "django",
}

local function looks_random(minimum)
  return entropy { at_least = minimum }
end

-- Tokens that say whose they are have rules of their own.
local function not_a_known_token()
  return except { regex = {
    [[^(?:A[KS]IA|AIza|ya29\.|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|xox[a-z]-|]] ..
      [[[rs]k_(?:live|test)_|sk-|hf_|npm_|eyJ|SG\.|]] ..
      [[key-|dop_v1_|shp[a-z]{2}_|hv[sb]\.|dapi|NRAK-|glsa_|lin_api_|figd_|pypi-|dckr_|whsec_)]],
  } }
end

local function not_a_word()
  return except {
    words = STOP_WORDS,
    regex = {
      -- words and camelCase; numbers and dates; variables, templates and calls
      [[^[a-z]+(?:[_.-][a-z]+)*$|^[A-Z]+(?:[_.-][A-Z]+)*$|^[A-Z]?[a-z]+(?:[A-Z][a-z]+)+$]],
      [[^\d+(?:[.,:/-]\d+)*$]],
      [=[^[$%#<{\[(@/\\]|[>})\]]$|\$\{|\{\{|%[sd(]|\w\(]=],
    },
  }
end

local function quiet_files()
  return except { path = {
    [[(?i)\.(?:lock|svg|min\.js|map|ipynb|csv|sum|pbxproj|xcscheme)$]],
    [[(?i)(?:^|/)(?:package-lock\.json|pnpm-lock\.yaml|yarn\.lock|go\.sum|cargo\.lock|poetry\.lock)$]],
  } }
end

-- `name = "value"`, where the name may have words before it and after it.
local function assigned(name, value)
  return "(?i:" .. name .. [=[)[0-9A-Za-z_]{0,16}["'`\]]{0,2}\s{0,5}(?::=|=>|==?|:)\s{0,5}["'`](?P<value>]=] .. value ..
    [=[)["'`]]=]
end

rule "generic-api-key" {
  title     = "API key, unknown service",
  tags      = { "secret", "generic" },
  severity  = "medium",
  meta      = { remediation = "Find out whose key it is and revoke it there; read it from the environment." },
  prefilter = any { lit("api_key", "nocase"), lit("apikey", "nocase"), lit("api-key", "nocase"),
    lit("api.key", "nocase"), lit("access_key", "nocase"), lit("accesskey", "nocase"), lit("access-key", "nocase") },
  confirm   = {
    regex { assigned([[(?:api[_.-]?key|access[_-]?key)]], [[[0-9A-Za-z_+/.=~-]{20,128}]]), capture = "value" },
    looks_random(3.5), not_a_known_token(), not_a_word(), quiet_files(),
  },
  examples  = {
    match = { 'api_key = "' .. 'DNDoXhfpSPmnGAW9VZbxSpoKV0Tf3I6V' .. '"',
              'config["apiKey"] = ' .. "'ea30f5e724dc92af200f4d33f222f36308aab5d2'",
              '"X-Api-Key": "' .. 'ChybDCi4oVrcbEJsWN4Mm73v' .. '"' },
    miss  = { 'api_key = "your_api_key_goes_here_12345"', 'api_key = os.environ["API_KEY_OF_THE_SHOP"]',
              'apiKey: "aaaaaaaaaaaaaaaaaaaaaaaa"', 'api_key = "production-weather-service"' },
  },
}

rule "generic-secret" {
  title     = "Secret or token, unknown service",
  tags      = { "secret", "generic" },
  severity  = "medium",
  meta      = { remediation = "Find out what it opens and replace it there; read it from the environment." },
  prefilter = any { lit("secret", "nocase"), lit("token", "nocase"), lit("credential", "nocase"),
    lit("auth_key", "nocase"), lit("authkey", "nocase"), lit("private_key", "nocase"), lit("signing_key", "nocase"),
    lit("encryption_key", "nocase") },
  confirm   = {
    regex { assigned([[(?:(?P<paging>(?:next|client|page|pagination|continuation|resume|sync|idempotency)]] ..
      [[[_.-]?token)|]] ..
      [[secret|token|credential|auth_?key|private_key|signing_key|encryption_key)]],
      [[[0-9A-Za-z_+/.=~-]{16,200}]]), capture = "value" },
    except { on = "capture", capture = "paging", regex = { "." } }, -- a place in a list, not a secret
    looks_random(3.6), not_a_known_token(), not_a_word(), quiet_files(),
  },
  examples  = {
    match = { 'client_secret: "' .. 'lG6MkAivMXPoAsfXvBDBsMcA0nQ2J5lj' .. '"',
              'const webhookSecret = `' .. '07c089da0739f4c323438170c67647536dff4410d2488f0e' ..
                '`;', 'auth_token => "' .. '1jHUYa5K3kTg0BvSj6n7zKL13WTBrzSgoLYI1n5L' .. '"' },
    miss  = { 'NextToken: "' .. '8fK2mQ9xLr7TzW4bVn1Y"',
              'csrf_token: "{{ csrf_token() }}-0a1b2c3d4e5f"', 'token_type = "refresh_or_bearer"',
              'secret = "not-so-very-important-words"', 'tokenizer: "bert-base-uncased-v2"' },
  },
}

rule "generic-password" {
  title     = "Password in code or configuration",
  tags      = { "secret", "generic", "password" },
  severity  = "medium",
  meta      = { remediation = "Change the password; read it from the environment or a secret store." },
  prefilter = any { lit("password", "nocase"), lit("passwd", "nocase"), lit("passphrase", "nocase"),
    lit("pwd", "nocase") },
  confirm   = {
    regex { assigned([[(?:password|passwd|passphrase|\bpwd|_pwd)]], [[[^\s"'`]{8,64}]]), capture = "value" },
    only { regex = { [[\d]] } }, only { regex = { [[[A-Za-z]{2}]] } },
    looks_random(2.8), not_a_word(), quiet_files(),
  },
  examples  = {
    match = { 'db_password = "' .. 'RIA92QF050ClHW' .. '"', "password: 'T7!q" .. "v9#Lm2Wz'",
              'SMTP_PASSWORD="' .. 'gYYgDTakHF' .. '-' .. '076898' .. '"' },
    miss  = { 'password = "changeme123"', 'password: "${DB_PASSWORD_1}"', 'password_field = "user[passwd2]"',
              'passwordLabel: "Enter_it_twice"' },
  },
}

rule "generic-dotenv-secret" {
  title     = "Secret in an environment file",
  tags      = { "secret", "generic", "dotenv" },
  severity  = "medium",
  meta      = { remediation = "Keep environment files out of the tree; replace the secret." },
  prefilter = any { "KEY=", "SECRET=", "TOKEN=", "PASSWORD=", "PASSWD=", "PWD=" },
  confirm   = {
    regex([[^(?:export )?[A-Z0-9_]{0,40}(?:KEY|SECRET|TOKEN|PASSWORD|PASSWD|PWD)=["']?([^\s"'#]{8,200})]], "m"),
    path [[(?:^|/)(?:\.env(?:\.[A-Za-z0-9_-]{1,20})?|[^/]{1,60}\.env)$]],
    except { path = { [[(?i)(?:example|sample|template|dist)$]] } },
    except { on = "capture", capture = 1, regex = { "^[$<{]", [[^(?i:https?:|/|\./)]] }, words = {
      "example", "placeholder", "changeme", "change_me", "xxxx", "your", "dummy", "redacted", "123456", "localhost" } },
    entropy { capture = 1, at_least = 3.2 },
  },
  examples  = {
    match = { { text = 'APP_ENV=prod\nPAYMENT_SECRET=' .. '2qqXBlXQ1ydAj5EsB0AuNmWS' ..
                         '\n', path = 'shop/.env' },
              { text = 'export SMTP_PASSWORD="' .. 'NAZdwExLAIAqL9Bi' ..
                         '"', path = '.env.production' } },
    miss  = { { text = 'PAYMENT_SECRET=' .. 'gTJgtqfDMDqg9dOE7WAjRjMH' ..
                         '\n', path = 'shop/.env.example' },
              { text = 'PAYMENT_SECRET=${PAYMENT_SECRET}\n', path = 'shop/.env' },
              { text = 'PAYMENT_SECRET=' .. 'Nxr79blX2NxOt1VaycM9j3Pv' ..
                         '\n', path = 'notes.txt' } },
  },
}
