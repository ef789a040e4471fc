-- Keys of monitoring services: Grafana, Datadog, New Relic, Sentry, Dynatrace and others.
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

rule "grafana-service-account-token" {
  title     = "Grafana service account token",
  tags      = { "secret", "monitoring", "grafana" },
  severity  = "high",
  meta      = { remediation = "Delete the token of the service account." },
  prefilter = any { "glsa_" },
  confirm   = { regex [[\bglsa_[A-Za-z0-9]{32}_[a-fA-F0-9]{8}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'GRAFANA_TOKEN=glsa_' .. 'ZAPWvzInBPNdC985NJPqoNLlwitEL5X2' .. '_' .. '22881a7d',
              '"glsa_' .. 'svVEgJV9nBKVSBsDCH7baDww5cSDpXNV' .. '_' .. '4051b59f' .. '"' },
    miss  = { 'glsa_' .. 'Tx61yBRaFaerN9lfBdNr3xhYNLm1kD9c',
              'glsa_' .. 'JEbawBCUsOvV' .. '_' .. 'b5cdfda9' },
  },
}

rule "grafana-cloud-token" {
  title     = "Grafana Cloud access policy token",
  tags      = { "secret", "monitoring", "grafana" },
  severity  = "high",
  meta      = { remediation = "Delete the token of the access policy." },
  prefilter = any { "glc_eyJ" },
  confirm   = { regex [[\bglc_eyJ[A-Za-z0-9+/]{60,400}={0,2}]], entropy { at_least = 4.2 } },
  examples  = {
    match = { 'GRAFANA_CLOUD=glc_eyJ' .. 'v' ..
                'MEF7zn8bV0r6ey8TFrE/biIU5jG/EINTuPQ9LMZYHVSStpRMRXXaFcjBK9ySNu39' ..
                'x4dYJF4D4sgQ+/uH9xggm2f1aCbw4+e+2qxwFuKsqjbVODikMywYr9Kg' .. '==',
              'password: glc_eyJ' .. 'v' ..
                'bXhfZxOPnbzz5XrCyhtksbfn8pGL64mVp46mn/HJleWJjIU65m9H6jOxnHpVPZq/' ..
                'fuTNdWXGYAtPKIQ6Ctjoz9avY6' },
    miss  = { 'glc_eyJ' .. 'v' .. 'eicUdQcWjwrEdU0JJ68F',
              'glc_' .. 'q+9W8gSR7ZM7Gq7dmNa/OY42Z+kCxvDYYzeTKm4wr0xF2Db1vAak4y4hLHv8T1N7' ..
                'eT6zNJkQs4kcQHXydAoeecK9ckNNSlU78ui7wJYRaHKsWqBwtjVnjRYj' },
  },
}

rule "datadog-key" {
  title     = "Datadog API or application key",
  tags      = { "secret", "monitoring", "datadog" },
  severity  = "high",
  meta      = { remediation = "Revoke the key in the organisation settings." },
  prefilter = any { lit("datadog", "nocase"), lit("dd_", "nocase"), lit("dd-", "nocase") },
  confirm   = {
    regex { assigned([[(?:datadog|\bdd)[_-](?:api|app|application)[_-]?key]],
      [[[a-f0-9]{40}|[a-f0-9]{32}]]), capture = 1 },
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'DD_API_KEY=' .. '85065fccddbebc2b2563457556629daa',
              'datadog_app_key: "' .. '8c629b4ed50b7583131201800f1d398c1fb2fc59' .. '"',
              'DD-APPLICATION-KEY: ' .. '626a1d586f28795e76005bf17beafea63eec2a1b' },
    miss  = { 'DD_API_KEY=' .. '9d96072f624e', 'DD_SITE=datadoghq.eu' },
  },
}

rule "newrelic-key" {
  title     = "New Relic user, ingest or license key",
  tags      = { "secret", "monitoring", "newrelic" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the API keys page." },
  prefilter = any { "NRAK-", "NRII-", "NRJS-", "NRAA-", "FFFFNRAL" },
  confirm   = {
    regex { [[\b((?:NRAK-[A-Z0-9]{27}|NRII-[A-Za-z0-9_-]{32}|NRJS-[a-f0-9]{19}|NRAA-[a-f0-9]{27}|]] ..
      [[(?:eu01xx)?[a-f0-9]{30,36}FFFFNRAL))]] .. STOP, capture = 1 },
    entropy { at_least = 3.0 },
  },
  examples  = {
    match = { 'NEW_RELIC_API_KEY=NRAK-' .. 'N1JG194EL26LG7ZD7TX5L80CP4C',
              'license_key: ' .. 'bf45868826ac9bd1f46bac3c5a251450' .. 'FFFFNRAL',
              'insert NRII-' .. 'aRrvlO1pekEriNctjItUTTWSdYUZo-oY' },
    miss  = { 'NRAK-' .. 'ZOEP4SQ0UX', 'NRXX-' .. '6V9U7A7E33P2VMEGVA96IXCQJH5' },
  },
}

rule "sentry-token" {
  title     = "Sentry organisation or user token",
  tags      = { "secret", "monitoring", "sentry" },
  severity  = "high",
  meta      = { remediation = "Delete the token in the settings." },
  prefilter = any { "sntrys_eyJ", "sntryu_" },
  confirm   = {
    regex { [[\b((?:sntryu_[a-f0-9]{64}|sntrys_eyJ[A-Za-z0-9+/=_-]{80,400}))]] .. STOP, capture = 1 },
    entropy { at_least = 3.4 },
  },
  examples  = {
    match = { 'SENTRY_AUTH_TOKEN=sntryu_' ..
                '814edeb2616ad770a19f8af9a998cbd050391d9192bf06ace1ef64003c93f168',
              'SENTRY_AUTH_TOKEN=sntrys_eyJ' .. 'pYX' ..
                '66ot26qYAnMdnM0OmzyRNOX2kq+T9w+WfRPh3L7We3r/9EWr05EML2FOSgAvvF/l' ..
                '0R5jLPzgVoR12C9RQ0BXDxJEy86OevAYM0m5kOWrgLytXGt0U44/C5jYzf5R2wm2' ..
                'VBppCt95AD3Mov5hSz/2qrb24gPjrpEw' .. '_' ..
                'P8ZBTRvZ+8nwwJnt90j2XZXMAPQphYzmbx71VlhkMXc' },
    miss  = { 'sntryu_' .. '0fab191b76be7cb10be7',
              'sntrys_eyJ' .. 'pYX' .. 'w3egIfhDGDZTY5xrq/Vh' },
  },
}

rule "dynatrace-token" {
  title     = "Dynatrace access token",
  tags      = { "secret", "monitoring", "dynatrace" },
  severity  = "high",
  meta      = { remediation = "Revoke the token in the access token page." },
  prefilter = any { "dt0c01.", "dt0s01.", "dt0s02." },
  confirm   = { regex [[\bdt0(?:c01|s0[12])\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}\b]], entropy { at_least = 4.0 } },
  examples  = {
    match = { 'DT_TOKEN=dt0c01.' .. 'REVNXVQJCW7LPOF6JSLBHGGP' .. '.' ..
                'WRU2LIHDGS36L6LALRNNRFHM3B4LJ3XJMFWVF4US5BTDPA5YSO36KLS7EF67QJVR',
              'Api-Token dt0s01.' .. 'INVE3YG4' .. '.' ..
                'HR2G5Z3R3M3NSILUMWGHZYIJIXMN3RYXLZQN3JTIG6V4Z4OPUKVHLXP2FDZLAZS2' },
    miss  = { 'dt0c01.' .. 'KPL7B2SPDMPZXDXP4PQPC4AW',
              'dt0c09.' .. 'KOG22ZSAYRYK6K6QWVMA7BIX' .. '.' ..
                'PEIRU22IBTVIECM2SVSK6FVJBWNHRN3FZPQAW3LLMYSM3D35MVF5A2GPZBAVH5EV' },
  },
}

rule "honeycomb-or-axiom-key" {
  title     = "Honeycomb or Axiom API key",
  tags      = { "secret", "monitoring" },
  severity  = "medium",
  meta      = { remediation = "Disable the key in the team settings." },
  prefilter = any { "hcaik_", "hcbik_", "xaat-", "xapt-" },
  confirm   = {
    regex([[\b(?:hc[ab]ik_[0-9a-z]{58}|xa[ap]t-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-]] ..
      [[[0-9a-f]{12})\b]]),
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'HONEYCOMB=hcaik_' .. 'c9omd2wseogc2db6gy5ryu2uq8tolba9ixjd4u6puq4yt8jra0olb61v2k',
              'AXIOM_TOKEN=xaat-' .. '15e9be97-dc7c-48dc-a42d-37305a576c51' },
    miss  = { 'hcaik_' .. 'rgbzzqpqpy3iuqn7trbg', 'xaat-' .. '2db1b843' },
  },
}

rule "pagerduty-token" {
  title     = "PagerDuty API key",
  tags      = { "secret", "monitoring", "pagerduty" },
  severity  = "high",
  meta      = { remediation = "Disable the key under Integrations > API access keys." },
  prefilter = any { lit("pagerduty", "nocase"), lit("pager_duty", "nocase") },
  confirm   = {
    regex { assigned([[pager_?duty[\w.-]{0,20}(?:token|key)]],
      [[[uy]\+?[A-Za-z0-9_-]{18,19}|[a-f0-9]{32}]]), capture = 1 },
    entropy { at_least = 3.2 }, no_placeholder(),
  },
  examples  = {
    match = { 'PAGERDUTY_TOKEN=u+' .. 'UpC41ckYYEwS4bpGTE',
              'pagerduty_integration_key: "' .. 'd82caf1cedaea495383125d8e6aba111' .. '"' },
    miss  = { 'PAGERDUTY_TOKEN=u+' .. 'WTXLij', 'PAGERDUTY_SERVICE=P' .. '7MI86B' },
  },
}

rule "opsgenie-api-key" {
  title     = "Opsgenie API key",
  tags      = { "secret", "monitoring", "opsgenie" },
  severity  = "high",
  meta      = { remediation = "Delete the integration's key." },
  prefilter = any { lit("opsgenie", "nocase"), lit("geniekey", "nocase") },
  confirm   = {
    regex { [[(?i:opsgenie[\w.-]{0,16}key["']?\s{0,4}[=:]\s{0,4}["']?|]] ..
      [[\bGenieKey\s{1,2})([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b]], capture = 1 },
    entropy { at_least = 3.0 },
  },
  examples  = {
    match = { 'OPSGENIE_API_KEY=' .. 'aa921551-e052-46ba-ab94-aa21f9f02a6d',
              'Authorization: GenieKey ' .. 'ca1e8930-8aa7-46d2-abf7-6836c7a6f222' },
    miss  = { 'OPSGENIE_TEAM=' .. 'd0d74dae-3f95-4f6f-aacf-ec22dc4d5860', 'GenieKey <key>' },
  },
}

rule "splunk-hec-token" {
  title     = "Splunk HTTP event collector token",
  tags      = { "secret", "monitoring", "splunk" },
  severity  = "medium",
  meta      = { remediation = "Disable the token under Data inputs." },
  prefilter = any { lit("splunk", "nocase") },
  confirm   = {
    regex { [[(?i:splunk[\w.-]{0,16}token["']?\s{0,4}[=:]\s{0,4}["']?|]] ..
      [[authorization:\s{0,4}splunk\s{1,2})([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-]] ..
      [[){3}[0-9a-fA-F]{12})\b]], capture = 1 },
    entropy { at_least = 3.0 },
  },
  examples  = {
    match = { 'SPLUNK_HEC_TOKEN=' .. '2bc433a9-bce6-4246-bcfc-88e8d0c2d24d',
              'Authorization: Splunk ' .. '87edaea4-f323-40fa-a5a2-adf50de0efab' },
    miss  = { 'SPLUNK_INDEX=' .. '984a318b-a402-46f6-8dfe-d62ff0b46de2',
              'Authorization: Splunk ' .. '00000000-0000-0000-0000-000000000000' },
  },
}
