-- Tokens and webhooks of chat services: Slack, Discord, Telegram, Teams, Google Chat.
-- Examples are made up, and glued together so that this file holds no token itself.

-- What follows a token of the alphabet [A-Za-z0-9_-] that has a fixed length.
local STOP = [[(?:[^0-9A-Za-z_-]|$)]]

local function no_placeholder()
  return except { words = { "example", "xxxx", "placeholder", "changeme", "your_", "dummy", "redacted" } }
end

rule "slack-bot-token" {
  title     = "Slack bot token",
  tags      = { "secret", "chat", "slack" },
  severity  = "high",
  meta      = { reference = "https://docs.slack.dev/authentication/tokens",
                remediation = "Revoke the token under OAuth & Permissions of the app." },
  prefilter = any { "xoxb-" },
  confirm   = { regex [[\bxoxb-[0-9]{10,13}-[0-9]{10,13}-[A-Za-z0-9]{24}\b]], entropy { at_least = 3.5 } },
  examples  = {
    match = { 'SLACK_TOKEN=xoxb-' .. '947332149582' .. '-' .. '1592266809412' .. '-' ..
                'l776WICcVbBrep1Io4J0hYvx',
              'client = WebClient("xoxb-' .. '73762494451' .. '-' .. '18345083055' .. '-' ..
                'Zkw6xKK3hAlcf1QOjCU1rYY5' .. '")' },
    miss  = { 'xoxb-' .. '261735954931' .. '-' .. 'CxkBbuJ2cmAQKRwV43DP7fu7',
              'xoxb-' .. 'not-a-real-token' },
  },
}

rule "slack-user-token" {
  title     = "Slack user token",
  tags      = { "secret", "chat", "slack" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token; it acts as the person." },
  prefilter = any { "xoxp-", "xoxe.xox" },
  confirm   = {
    regex [[\bxoxp-(?:[0-9]{10,13}-){3}[a-f0-9]{28,34}\b|\bxoxe\.xox[bp]-\d-[A-Za-z0-9]{146,176}\b]],
    entropy { at_least = 3.5 },
  },
  examples  = {
    match = { 'token=xoxp-' .. '281579725069' .. '-' .. '918635569347' .. '-' .. '9265205438490' ..
                '-' .. 'df7b6a06c5320d3cd072f62b28ab139f',
              'xoxe.xoxp-1-' .. 'YtgBCHBtAxmmmnVSNWVHNeE69FCZJ68MrZOPibOOxTchFc2s5SmcyFOlcZ06PjbF' ..
                'WHpfgyQz5qRcYfvHIpAtwtmpa3OLplPD2csstdH8K5DKdbqqLFBYoSPpvmJZHGyh' ..
                'eAdHNoIlCDi9wxD7OVEKMCnmdl1rhYO2kAPybY' },
    miss  = { 'token=xoxp-' .. '445228768602' .. '-' .. '109a59903199903c72aa03e70493de0c',
              'xoxe.xoxp-1-' .. '9CuTlExOASylzIsh5WW43LIomzWbmVNons5v4AON' },
  },
}

rule "slack-app-token" {
  title     = "Slack app-level token",
  tags      = { "secret", "chat", "slack" },
  severity  = "high",
  meta      = { remediation = "Revoke the token under Basic Information of the app." },
  prefilter = any { "xapp-" },
  confirm   = { regex [[\bxapp-\d-A[A-Z0-9]{8,12}-\d{10,14}-[a-f0-9]{64}\b]], entropy { at_least = 3.5 } },
  examples  = {
    match = { 'SLACK_APP_TOKEN=xapp-1-A' .. '57XTZIPEOX' .. '-' .. '0127490329973' .. '-' ..
                'b30b7d9443763698163f338ca5b708b9847ab3eda5a3ff07b08da27ac73c6558',
              '"xapp-1-A' .. '96SJS0ZP1' .. '-' .. '830095779946' .. '-' ..
                '5e95954b043d754a8aa59863763de08faa6da05365d8e070505dc4a746f63a28' .. '"' },
    miss  = { 'xapp-1-A' .. '7KBMW8FQ6C' .. '-' .. '2425027758092' .. '-' .. '58e65581888b045411e5',
              'xapp-1-B' .. 'SIY91EVHFZ' .. '-' .. '4697870236049' .. '-' ..
                '2764ceaf757a4640562b36d53f769a2208b05d1dcf08620fe288760a684ae49f' },
  },
}

rule "slack-legacy-token" {
  title     = "Slack legacy or session token",
  tags      = { "secret", "chat", "slack" },
  severity  = "high",
  meta      = { remediation = "Sign the session out, or regenerate the legacy token." },
  prefilter = any { "xoxs-", "xoxo-", "xoxa-", "xoxr-", "xoxc-" },
  confirm   = {
    regex [[\bxox[acors]-(?:\d-)?(?:[0-9]{8,13}-){1,3}[a-f0-9]{24,64}\b]], entropy { at_least = 3.5 },
  },
  examples  = {
    match = { 'xoxs-' .. '963468542217' .. '-' .. '815040041987' .. '-' .. '873121083691' .. '-' ..
                '328f9131cf505db6787a3f856583d5c9b3582451e6f4c7e0c3bdb25580ea0e80',
              'token: xoxa-2-' .. '507667837112' .. '-' .. '836568899339' .. '-' ..
                '53692e35dfadbe190c0b066980d7edc0' },
    miss  = { 'xoxs-' .. '261deb4bc9ec94bbc8c6122d',
              'xoxz-' .. '949933312744' .. '-' .. '044571064323' .. '-' .. '286865594836' .. '-' ..
                '0aec3b106b4c56d3a07cd5bb7fb88a65' },
  },
}

rule "slack-webhook" {
  title     = "Slack incoming webhook or workflow trigger",
  tags      = { "secret", "chat", "slack" },
  severity  = "medium",
  meta      = { remediation = "Remove the webhook from the app and add a new one." },
  prefilter = any { "hooks.slack.com/" },
  confirm   = {
    regex([[\bhooks\.slack\.com/(?:services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}|]] ..
      [[(?:triggers|workflows)/T?[A-Z0-9]{8,12}/[A-Z0-9]{8,14}/[A-Za-z0-9/]{18,80})\b]]),
    entropy { at_least = 3.5 }, no_placeholder(),
  },
  examples  = {
    match = { 'url: https://hooks.slack.com/services/T' .. 'B8RFBHZT0' .. '/B' .. 'VA6J9BPXYX' ..
                '/' .. 'ULKcR1wBi4hylEtknr2cYyty',
              'https://hooks.slack.com/triggers/T' .. '1VLV15V8M4' .. '/' .. '4956660866462' ..
                '/' .. '6aeffdffec1d6871ee1dda977a8de787' },
    miss  = { 'https://hooks.slack.com/services/T' .. '895SFS8QX' .. '/B' .. 'M3R3QA5XP8' .. '/',
              'https://hooks.slack.com/services/T' ..
                '00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX' },
  },
}

rule "discord-bot-token" {
  title     = "Discord bot token",
  tags      = { "secret", "chat", "discord" },
  severity  = "high",
  meta      = { remediation = "Reset the token in the developer portal." },
  prefilter = any { lit("discord", "nocase"), lit("bot ", "nocase") },
  confirm   = {
    regex { [[(?i:discord[^\n]{0,80}?[\s"'=:(]|\bbot )]] ..
      [[([MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38})]] ..
      [[(?:[^0-9A-Za-z_-]|$)]], capture = 1 },
    entropy { at_least = 4.2 },
  },
  examples  = {
    match = { 'DISCORD_TOKEN=MT' .. 'lyjvTMmCzKSLrrMUV7dIDZ8Y' .. '.' .. '763Lhw' .. '.' ..
                'Pn_IyOjN9yOE2lLBuGdNte-y2XTer6VtRt4Oxr',
              'Authorization: Bot OD' .. 'l3RLwuqbeZYUi9Dm7vLcB7' .. '.' .. 'Dowrkg' .. '.' ..
                '2hPzzGJ1jrokvuuN7LQ9zf34bYy' },
    miss  = { 'DISCORD_TOKEN=MT' .. '02Aeq7JNdBilkq5PYOmhnKNY' .. '.' .. 'R5xjP5',
              'DISCORD_TOKEN=XT' .. 'IcFHSwOxnLZdyVAZ6ro22cIB' .. '.' .. '28wVRH' .. '.' ..
                'QRjIs8_bKh7yfQjQF6DuUPla_y5b-tfZg7xz_c' },
  },
}

rule "discord-webhook" {
  title     = "Discord webhook",
  tags      = { "secret", "chat", "discord" },
  severity  = "medium",
  meta      = { remediation = "Delete the webhook under Integrations of the channel." },
  prefilter = any { "/api/webhooks/" },
  confirm   = {
    regex [[\bdiscord(?:app)?\.com/api/webhooks/\d{17,20}/[A-Za-z0-9_-]{60,80}]], entropy { at_least = 4.0 },
  },
  examples  = {
    match = { 'https://discord.com/api/webhooks/' .. '575983759823758789' .. '/' ..
                'YdPdJ_YA_0j95HHthX996KgXHhQb5CXQ67Egi88oPxP7yk82iKEm13i3r86H6WQ4' .. 'omvd',
              'https://discordapp.com/api/webhooks/' .. '6190694591079869423' .. '/' ..
                'XdSVvFpV-te2nlWUZBAP5o_s_CtFTMSgaz51PbY_8KHX3Kb3ougTm1RzMJKX6Vxn' .. '2VZO' ..
                '?wait=true' },
    miss  = { 'https://discord.com/api/webhooks/' .. '299759161783178476' .. '/',
              'https://discord.com/api/webhooks/<id>/<token>' },
  },
}

rule "telegram-bot-token" {
  title     = "Telegram bot token",
  tags      = { "secret", "chat", "telegram" },
  severity  = "high",
  meta      = { reference = "https://core.telegram.org/bots/api",
                remediation = "Ask BotFather to revoke the token." },
  prefilter = any { ":AA" },
  confirm   = {
    regex { [[\b((?:bot)?(?:\d{8,10}):AA[A-Za-z0-9_-]{33})]] .. STOP, capture = 1 },
    entropy { at_least = 3.8 },
  },
  examples  = {
    match = { 'TELEGRAM_TOKEN=' .. '1371256708' .. ':AA' .. 'qvogjCta4QqXB9vyHefPyfJCpJOiUEPUS',
              'https://api.telegram.org/bot' .. '072600206' .. ':AA' ..
                'rneHFHP8DSy01pQZS_1qIxALFzhYMos2n' .. '/getMe' },
    miss  = { 'TELEGRAM_TOKEN=' .. '7404828785' .. ':AA' .. 'ucr5OhCpLXSXqSRDBSB3',
              'TELEGRAM_TOKEN=' .. '6858992679' .. ':BB' .. 'UIolGBwTakQpdTB_cgrAVrjoo7SruVQXK' },
  },
}

rule "teams-webhook" {
  title     = "Microsoft Teams incoming webhook",
  tags      = { "secret", "chat", "teams" },
  severity  = "medium",
  meta      = { remediation = "Remove the connector from the channel." },
  prefilter = any { "webhook.office.com/" },
  confirm   = {
    regex([[\b[a-z0-9]{1,40}\.webhook\.office\.com/webhookb2/[0-9a-f-]{36}@[0-9a-f-]{36}/]] ..
      [[IncomingWebhook/[0-9a-f]{32}/[0-9a-f-]{36}]]),
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'https://acme.webhook.office.com/webhookb2/' ..
                '4e4efb46-0684-44b5-ba8b-065681e8d647' .. '@' ..
                '4b2a97b9-4a04-4a66-b8c3-aaf465026a11' .. '/IncomingWebhook/' ..
                'e7173a5aebee98a854025d4a50ea566a' .. '/' ..
                '7c7ecfe0-4b33-4b23-97ba-351feb640dcf',
              'url = "https://shop1.webhook.office.com/webhookb2/' ..
                'd724d656-244c-41af-84cf-2829daa1aa06' .. '@' ..
                '7acc6de2-5d7a-4613-a5fd-a9b6b5755669' .. '/IncomingWebhook/' ..
                'e760c939d79b90a04ea3236ba22d31d3' .. '/' ..
                '3651c325-8517-4e79-99b8-97d9cea1c53a' .. '"' },
    miss  = { 'https://acme.webhook.office.com/webhookb2/' ..
                '8c937ab5-d6ca-4728-bb86-4da84c5a2bb8', 'https://acme.webhook.office.com/' },
  },
}

rule "google-chat-webhook" {
  title     = "Google Chat webhook",
  tags      = { "secret", "chat", "google" },
  severity  = "medium",
  meta      = { remediation = "Delete the webhook in the space's apps and integrations." },
  prefilter = any { "chat.googleapis.com/v1/spaces/" },
  confirm   = {
    regex([[\bchat\.googleapis\.com/v1/spaces/[A-Za-z0-9_-]{8,24}/]] ..
      [[messages\?key=[A-Za-z0-9_-]{39}&token=[A-Za-z0-9_%-]{40,60}]]),
    entropy { at_least = 4.0 },
  },
  examples  = {
    match = { 'https://chat.googleapis.com/v1/spaces/AAAA' .. 'J2S9qU4' .. '/messages?key=AIza' ..
                'esmKFgJxvpTDZtVSoyHJFW_KEV489ADIvBf' .. '&token=' ..
                't5ERcbNp0ghXLutYAQns6aav9FPcsSXsbeTQWTsebmH',
              'curl "https://chat.googleapis.com/v1/spaces/AAQA' .. '7mAGXqY' ..
                '/messages?key=AIza' .. 'ys9cV3nHVJZfVePEOEZOVeJSlmTURL3d6EL' .. '&token=' ..
                'o98Xv_h7H-INxQKkzPOMMOQQ2UgjMmemFGZuXkI2B6p' .. '%3D"' },
    miss  = { 'https://chat.googleapis.com/v1/spaces/AAAA' .. 'KGIjFDE' .. '/messages',
              'https://chat.googleapis.com/v1/spaces/AAAA' .. 'gaEmnLq' ..
                '/messages?key=KEY&token=TOKEN' },
  },
}
