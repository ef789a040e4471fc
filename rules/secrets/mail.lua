-- Keys of services that send mail and messages: SendGrid, Mailgun, Mailchimp, Twilio and others.
-- Examples are made up, and glued together so that this file holds no token itself.

-- What follows a token of the alphabet [A-Za-z0-9_-] that has a fixed length.
local STOP = [[(?:[^0-9A-Za-z_-]|$)]]

-- `name = value` in the syntax of most languages and config files; group 1 is the value.
local function assigned(name, value)
  return "(?i:" .. name .. [=[)["'`\]]{0,2}\s{0,5}(?::=|=>|[=:,])\s{0,5}["'`]?(]=] .. value ..
    [=[)(?:["'`\s,;)}\\]|$)]=]
end

local function no_placeholder()
  return except { words = { "example", "xxxx", "placeholder", "changeme", "your_", "dummy", "redacted" } }
end

rule "sendgrid-api-key" {
  title     = "SendGrid API key",
  tags      = { "secret", "mail", "sendgrid" },
  severity  = "high",
  meta      = { remediation = "Delete the key under Settings > API Keys." },
  prefilter = any { "SG." },
  confirm   = {
    regex { [[\b(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})]] .. STOP, capture = 1 },
    entropy { at_least = 4.0 },
  },
  examples  = {
    match = { 'SENDGRID_API_KEY=SG.' .. '15A1bcy_e3Mr3K1Ela0UmF' .. '.' ..
                'vLp9F-McjRb9ZagVjvzpQkCmhRFAS-3sw2cSsgqAOZR',
              'sg = SendGridAPIClient("SG.' .. 'aFQFdfFbcYTnxczv4ZMgjZ' .. '.' ..
                'fwZQtBNxzOyF41ErP6IjalnmwwrcYojSyQltQq5vkp5' .. '")' },
    miss  = { 'SG.' .. 'SubbEXCzV-lto9yT4FRRTw',
              'MSG.' .. 'sdxr614ZiHz_g0PtqD5uHu' .. '.' ..
                'wSVXeWu-Jidg-_Q2sslNXzVYa-zBGiqfy05xt-tHhFV' },
  },
}

rule "mailgun-api-key" {
  title     = "Mailgun API key",
  tags      = { "secret", "mail", "mailgun" },
  severity  = "high",
  meta      = { remediation = "Rotate the key in the account's security settings." },
  prefilter = any { "key-" },
  confirm   = { regex [[\bkey-[0-9a-f]{32}\b]], entropy { at_least = 3.0 } },
  examples  = {
    match = { 'MAILGUN_KEY=key-' .. 'd478f73107f25110c42b72ecac7cec14',
              'auth=("api", "key-' .. 'd2e80f0f835a181dc0af807a296c2be2' .. '")' },
    miss  = { 'key-' .. '22950b635d0c79126eb0', 'key-' .. '00000000000000000000000000000000' },
  },
}

rule "mailgun-private-key" {
  title     = "Mailgun private API key",
  tags      = { "secret", "mail", "mailgun" },
  severity  = "high",
  meta      = { remediation = "Rotate the key in the account's security settings." },
  prefilter = any { lit("mailgun", "nocase") },
  confirm   = {
    regex { assigned([[mailgun[\w.-]{0,20}]], [[[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}]]), capture = 1 },
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'MAILGUN_API_KEY=' .. '126bc9c399ec342b656b4175b9739d41' .. '-' .. 'b94d11a2' .. '-' ..
                'f3b559ee',
              'mailgun.api_key: "' .. '228de9a89b65ecff9fb7c3bf926bfe3e' .. '-' .. '35925ffa' ..
                '-' .. 'e4108e6a' .. '"' },
    miss  = { 'MAILGUN_API_KEY=' .. 'f3466e39bfe49babd954ead26f93fbd3',
              'MAILGUN_DOMAIN=mg.shop.example' },
  },
}

rule "mailchimp-api-key" {
  title     = "Mailchimp API key",
  tags      = { "secret", "mail", "mailchimp" },
  severity  = "high",
  meta      = { remediation = "Disable the key under Extras > API keys." },
  prefilter = any { "-us" },
  confirm   = { regex [[\b[0-9a-f]{32}-us\d{1,2}\b]], entropy { at_least = 3.2 } },
  examples  = {
    match = { 'MAILCHIMP_KEY=' .. '015e40f7e2ca31218fb3bf8edcf74a24' .. '-us12',
              'apikey: "' .. '01c7b2bfab59abfb66bf0619ea023a50' .. '-us6"' },
    miss  = { '5f2f000554e8f42baf1a8c87614b577f' .. '-usa', 'ef0a7a85006e7f6897c0' .. '-us12' },
  },
}

rule "mandrill-api-key" {
  title     = "Mailchimp Transactional (Mandrill) API key",
  tags      = { "secret", "mail", "mailchimp" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the transactional settings." },
  prefilter = any { lit("mandrill", "nocase") },
  confirm   = {
    regex { assigned([[mandrill[\w.-]{0,16}key]], [[(?:md-)?[A-Za-z0-9_-]{22}]]), capture = 1 },
    entropy { at_least = 3.6 }, no_placeholder(),
  },
  examples  = {
    match = { 'MANDRILL_API_KEY=md-' .. 'QHw2ax0su1CAWyG3qr7m3q',
              'mandrill_key: "' .. 'EqSpqpS57QHbdG-cq2xXIQ' .. '"' },
    miss  = { 'MANDRILL_API_KEY=md-' .. 'R0RHsQ4C_l', 'mandrill_key: "aaaaaaaaaaaaaaaaaaaaaa"' },
  },
}

rule "brevo-api-key" {
  title     = "Brevo (Sendinblue) API key",
  tags      = { "secret", "mail", "brevo" },
  severity  = "high",
  meta      = { remediation = "Delete the key under SMTP & API." },
  prefilter = any { "xkeysib-", "xsmtpsib-" },
  confirm   = { regex [[\bx(?:key|smtp)sib-[a-f0-9]{64}-[A-Za-z0-9]{16}\b]], entropy { at_least = 3.6 } },
  examples  = {
    match = { 'BREVO_KEY=xkeysib-' ..
                '1c7ae880d2888eb180b0d40459a35c38096cd619670a84ec366c9255fc9b9b5f' .. '-' ..
                'chfXkcEOjby0kGDW',
              'smtp_password: xsmtpsib-' ..
                'd6690cdbb8a1f5a5f089bed576f975e0859d887d3c70e7b73a991ce8e2ab9f72' .. '-' ..
                'cIklkFWnlo7WbFfi' },
    miss  = { 'xkeysib-' .. '9cedaa9de684d9dd79e147dc5a574523f05047f364599127af55acfffeff2698',
              'xkeysib-' .. '8cc7b94c459e3bd927afc53e31b3e5' .. '-' .. 'VMZuiMI0i6vTY2MY' },
  },
}

rule "postmark-server-token" {
  title     = "Postmark server token",
  tags      = { "secret", "mail", "postmark" },
  severity  = "high",
  meta      = { remediation = "Regenerate the server's API token." },
  prefilter = any { lit("postmark", "nocase") },
  confirm   = {
    regex { assigned([[postmark[\w.-]{0,24}token]],
      [[[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}]]), capture = 1 },
    entropy { at_least = 3.0 },
  },
  examples  = {
    match = { 'POSTMARK_API_TOKEN=' .. '99c5acef-50f7-4a6c-801f-fb1779f533dc',
              'X-Postmark-Server-Token: ' .. '31efae73-c97d-4a4e-9eb7-f1859772414d' },
    miss  = { 'POSTMARK_API_TOKEN=POSTMARK_API_TEST',
              'POSTMARK_TOKEN=' .. '00000000-0000-0000-0000-000000000000' },
  },
}

rule "resend-api-key" {
  title     = "Resend API key",
  tags      = { "secret", "mail", "resend" },
  severity  = "high",
  meta      = { remediation = "Delete the key under API Keys." },
  prefilter = any { "re_" },
  confirm   = { regex [[\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{24}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'RESEND_API_KEY=re_' .. 'HivHHoae' .. '_' .. 'PzV9WytC2CT9zenqt6E70VJ1',
              'new Resend("re_' .. 'Iw9NB76K' .. '_' .. 'iuOj0ONV2o6Zg1bwQEsnrlTI' .. '")' },
    miss  = { 're_' .. 'Gqv771gZ' .. '_' .. 'ELxNBHPbbZ',
              'pre_' .. 'wsfW1cWw' .. '_' .. '1jiPofEbvTXSnNDYxzwblDSR' },
  },
}

rule "twilio-api-key" {
  title     = "Twilio API key",
  tags      = { "secret", "sms", "twilio" },
  severity  = "high",
  meta      = { remediation = "Delete the API key; it pairs with a secret that must go too." },
  prefilter = any { "SK" },
  confirm   = { regex [[\bSK[0-9a-f]{32}\b]], entropy { at_least = 3.0 } },
  examples  = {
    match = { 'TWILIO_API_KEY=SK' .. 'e3e20fcb3379e6b0e52303d48e79cfd8',
              'client = Client("SK' .. '7446fcf18979e4835ec643b1613c90e2' .. '", secret)' },
    miss  = { 'SK' .. '8bd1c2e0dce1bc593131', 'SK' .. '00000000000000000000000000000000' },
  },
}

rule "twilio-auth-token" {
  title     = "Twilio auth token",
  tags      = { "secret", "sms", "twilio" },
  severity  = "critical",
  meta      = { remediation = "Promote the secondary auth token and delete the primary." },
  prefilter = any { lit("twilio", "nocase") },
  confirm   = {
    regex { assigned([[twilio[\w.-]{0,16}token]], [[[0-9a-f]{32}]]), capture = 1 },
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'TWILIO_AUTH_TOKEN=' .. 'dac61379cafc1cff1762727ff1dcda10',
              'twilio.authToken: "' .. 'd9abebd15bf3b33e73140dd8523d5de9' .. '"' },
    miss  = { 'TWILIO_AUTH_TOKEN=${TOKEN}',
              'TWILIO_ACCOUNT_SID=AC' .. '58fb833d84eac38ef3606087f8480831' },
  },
}

rule "vonage-api-secret" {
  title     = "Vonage (Nexmo) API secret",
  tags      = { "secret", "sms", "vonage" },
  severity  = "high",
  meta      = { remediation = "Rotate the secret in the API settings." },
  prefilter = any { lit("nexmo", "nocase"), lit("vonage", "nocase") },
  confirm   = {
    regex { assigned([[(?:nexmo|vonage)[\w.-]{0,12}secret]], [[[A-Za-z0-9]{16}]]), capture = 1 },
    entropy { at_least = 3.2 }, no_placeholder(),
  },
  examples  = {
    match = { 'NEXMO_API_SECRET=' .. 'osoL6RhXRwZ1ATP4',
              'vonage_api_secret: "' .. 'mMOcjzm5wA03F56F' .. '"' },
    miss  = { 'NEXMO_API_SECRET=' .. 'Oifhw1Hs', 'vonage_api_secret: "aaaaaaaaaaaaaaaa"' },
  },
}

rule "sparkpost-or-mailjet-key" {
  title     = "SparkPost or Mailjet API key",
  tags      = { "secret", "mail" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the service's settings." },
  prefilter = any { lit("sparkpost", "nocase"), lit("mailjet", "nocase") },
  confirm   = {
    regex { assigned([[(?:sparkpost|mailjet)[\w.-]{0,16}(?:key|secret)]],
      [[[0-9a-f]{32,40}]]), capture = 1 },
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'SPARKPOST_API_KEY=' .. 'a5d194335302676918ff9b002fdb7297c91308c4',
              'mailjet_secret_key = "' .. '9a0a1aa4130911da1c3413a58c7e8bfc' .. '"' },
    miss  = { 'SPARKPOST_API_KEY=' .. '63eafd2c46a1', 'mailjet: https://api.mailjet.example/v3' },
  },
}
