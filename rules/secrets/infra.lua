-- Tokens of infrastructure tools: Terraform, Vault, Databricks, CI services, identity and networks.
-- Examples are made up, and glued together so that this file holds no token itself.

-- What follows a token of the alphabet [A-Za-z0-9_-] that has a fixed length.
local STOP = [[(?:[^0-9A-Za-z_-]|$)]]

-- `name = value` in the syntax of most languages and config files; group 1 is the value.
local function assigned(name, value)
  return "(?i:" .. name .. [=[)["'`\]]{0,2}\s{0,5}(?::=|=>|[=:,])\s{0,5}["'`]?(]=] .. value ..
    [=[)(?:["'`\s,;)}\\]|$)]=]
end

rule "terraform-cloud-token" {
  title     = "HCP Terraform (Terraform Cloud) API token",
  tags      = { "secret", "infra", "terraform" },
  severity  = "critical",
  meta      = { remediation = "Delete the token in the user or team settings." },
  prefilter = any { ".atlasv1." },
  confirm   = { regex [[\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}]], entropy { at_least = 4.2 } },
  examples  = {
    match = { 'credentials "app.terraform.io" { token = "' .. 'AmTwPYbCMoP6xS' .. '.atlasv1.' ..
                'zbb_7hAJT76N8slHOeF3eANcTyrwY55sUIJOHT67FVhOv3XTEwsJLahjfP-hwDGx' .. 'hE5' ..
                '" }',
              'TF_TOKEN_app_terraform_io=' .. 'x5LFNymwePrUJT' .. '.atlasv1.' ..
                'oXz5_Smgvyw6y2BzCzUbVnN34wLN06evKiRcA2mlHl5Ok54BYMBO6krOdvAu' },
    miss  = { 'jV4uP2wXNEGgZG' .. '.atlasv1.' .. 'XNdGjJ0OJNJwSxo7iydU',
              '4U2tPR' .. '.atlasv1.' ..
                'tLz9PuZp7QlRyFDaKLSVYYbOuBnRfP6IfghBGEIBDb7HhMlc05Y-XYbaKzFV5sJ0' .. 'akG' },
  },
}

rule "vault-token" {
  title     = "HashiCorp Vault service, batch or recovery token",
  tags      = { "secret", "infra", "vault" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token's accessor." },
  prefilter = any { "hvs.", "hvb.", "hvr." },
  confirm   = {
    regex { [[\b(hv[sbr]\.[A-Za-z0-9_-]{24,300})]] .. STOP, capture = 1 }, entropy { at_least = 3.6 },
  },
  examples  = {
    match = { 'VAULT_TOKEN=hvs.CAESI' ..
                'xnmao5fq6YjKnqJpXix3btSwgtrzFYmSH102RpTN_Li7LS3nUJJGXWhZx8OvM5A6' ..
                'PzTNmeb0CsFAxkCn2Yoj8JrSC5',
              'vault login hvb.' ..
                '89qTa7bx1sYYuViUHKN9H93baV_H5FV9F91EIX7DWpddW5xVVA4cBKb48qLJS1zQ' ..
                'UltE3D3Ch2QD6NKuo1fHEuo8xS2YYiWZ8zBNorzaXZ1mQZBcjfjbIDkbVa3w6wOY' ..
                'M9mzgHPC8A2VXToFww6UjQ' },
    miss  = { 'hvs.' .. 'p7gQ8-TzbW',
              'hvx.' .. 'FCfpjvGnn01Uf01rTAxo-vJWXM1Q2JH_qm3Hld9XLAMc8hVX_QFq8vqNWg34pqGH' ..
                'Y-XKQbQ0vHkxbStVzNdqrn_E8f' },
  },
}

rule "vault-legacy-token" {
  title     = "HashiCorp Vault token (before 1.10)",
  tags      = { "secret", "infra", "vault" },
  severity  = "high",
  meta      = { remediation = "Revoke the token's accessor." },
  prefilter = any { lit("vault", "nocase") },
  confirm   = {
    regex { assigned([[vault[\w.-]{0,16}token]], [[[sbr]\.[A-Za-z0-9]{24}]]), capture = 1 },
    entropy { at_least = 3.4 },
  },
  examples  = {
    match = { 'VAULT_TOKEN=s.' .. '6g19u9wVDG93q7p9rD7c67S1',
              'X-Vault-Token: s.' .. 'krNNqwYoSKHEf7gvbDDf4Dk8' },
    miss  = { 'VAULT_TOKEN=s.' .. 'RVjIicnw0d', 'VAULT_ADDR=https://vault.internal:8200' },
  },
}

rule "databricks-token" {
  title     = "Databricks personal access token",
  tags      = { "secret", "infra", "databricks" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token in the user settings." },
  prefilter = any { "dapi" },
  confirm   = { regex [[\bdapi[a-f0-9]{32}(?:-\d)?\b]], entropy { at_least = 3.2 } },
  examples  = {
    match = { 'DATABRICKS_TOKEN=dapi' .. 'cc3c92ea0e2e179d686635f0903c3cdd',
              'token = "dapi' .. 'a463cec8e540bd6a7c9d1f6596fb3c88' .. '-2"' },
    miss  = { 'dapi' .. '2bcc3b9a68a9', 'rapidapi' .. '81249dd5d4ef2b085cf95f1791bb8b44' },
  },
}

rule "pulumi-access-token" {
  title     = "Pulumi access token",
  tags      = { "secret", "infra", "pulumi" },
  severity  = "critical",
  meta      = { remediation = "Delete the token in the account settings." },
  prefilter = any { "pul-" },
  confirm   = { regex [[\bpul-[a-f0-9]{40}\b]], entropy { at_least = 3.3 } },
  examples  = {
    match = { 'PULUMI_ACCESS_TOKEN=pul-' .. '47c125bd2ca8d29afb1a5408f8003097328e224c',
              '"pul-' .. '69de13221d73a9a95fd3152509a7b1969d3c9aba' .. '"' },
    miss  = { 'pul-' .. '9f3ac10a450d', 'pul-' .. '0000000000000000000000000000000000000000' },
  },
}

rule "doppler-token" {
  title     = "Doppler token",
  tags      = { "secret", "infra", "doppler" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token in the workspace." },
  prefilter = any { "dp.pt.", "dp.st.", "dp.ct.", "dp.scim.", "dp.audit.", "dp.sa." },
  confirm   = {
    regex [[\bdp\.(?:pt|ct|sa|scim|audit|st(?:\.[a-z0-9_-]{2,35})?)\.[A-Za-z0-9]{40,44}\b]],
    entropy { at_least = 4.0 },
  },
  examples  = {
    match = { 'DOPPLER_TOKEN=dp.pt.' .. 'iBjUIwJu9c0HexVeJixZ3QTQC82Kwm4g5ANsHj4b2yo',
              'DOPPLER_TOKEN=dp.st.prd.' .. 't32vCjXIYvHmYzlIT4Ye42Rj6qTSvzXyosZ7ACMvXvA' },
    miss  = { 'dp.pt.' .. 'tgajtszh8qeg',
              'dp.xx.' .. 'Tp3vw54dajTGlyBckkWdlOoTw5H5phnH16Yhhstt7NZ' },
  },
}

rule "circleci-token" {
  title     = "CircleCI personal token",
  tags      = { "secret", "infra", "ci", "circleci" },
  severity  = "critical",
  meta      = { remediation = "Delete the token in the user settings." },
  prefilter = any { "CCIPAT_" },
  confirm   = { regex [[\bCCIPAT_[A-Za-z0-9]{22}_[a-f0-9]{40}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'CIRCLE_TOKEN=CCIPAT_' .. 'WhkMU5Yera9UKOWigDz67l' .. '_' ..
                '4910351975b92928d983a6d385913335dc46e666',
              '"CCIPAT_' .. '6bAtcyXydsRc5tybTNIesk' .. '_' ..
                'd84a92a5e5d79ef8ee2f5c44df11df7302af24bd' .. '"' },
    miss  = { 'CCIPAT_' .. 'epVU4Etum7TpY2wdz8sQ07',
              'CCIPAT_' .. 'rCGB9o2KS0' .. '_' .. '872233f724e6aed3fe4d31d6aacc88d546ce0b03' },
  },
}

rule "buildkite-token" {
  title     = "Buildkite API or agent token",
  tags      = { "secret", "infra", "ci", "buildkite" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token in the settings." },
  prefilter = any { "bkua_", "bkct_" },
  confirm   = { regex [[\b(?:bkua_[a-f0-9]{40}|bkct_[A-Za-z0-9_-]{20,90})]], entropy { at_least = 3.3 } },
  examples  = {
    match = { 'BUILDKITE_TOKEN=bkua_' .. 'f22240bb6407b763a974a6473e6f35e090099393',
              'token="bkct_' .. 'NkNYDnx3zYEZgFEiy6MjDVfsP6PQVlhvyu-NZJvcmXub' .. '"' },
    miss  = { 'bkua_' .. '17002600b291', 'bkxx_' .. '319502a3b137dfa2284803a774e7d7462f97b4fa' },
  },
}

rule "sonarqube-token" {
  title     = "SonarQube token",
  tags      = { "secret", "infra", "ci", "sonarqube" },
  severity  = "medium",
  meta      = { remediation = "Revoke the token in the security tab of the account." },
  prefilter = any { "squ_", "sqp_", "sqa_" },
  confirm   = { regex [[\bsq[uap]_[a-f0-9]{40}\b]], entropy { at_least = 3.3 } },
  examples  = {
    match = { 'SONAR_TOKEN=squ_' .. '2e4849742237e8b7d26fe3d3a00d123c0d27cdd1',
              '-Dsonar.token=sqp_' .. 'c8a3c4fe08f5ca7bd1ad49ff6488747f6fca1e8e' },
    miss  = { 'squ_' .. 'c0b06cfcb543', 'sqx_' .. '960ff12117b92a5ae8e205f83e5287c8372200d1' },
  },
}

rule "snyk-token" {
  title     = "Snyk API token",
  tags      = { "secret", "infra", "ci", "snyk" },
  severity  = "high",
  meta      = { remediation = "Revoke the token in the account settings." },
  prefilter = any { lit("snyk", "nocase") },
  confirm   = {
    regex { assigned([[snyk[\w.-]{0,16}(?:token|key)]],
      [[[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}]]), capture = 1 },
    entropy { at_least = 3.0 },
  },
  examples  = {
    match = { 'SNYK_TOKEN=' .. '22abdca0-4e30-4474-a422-3f59b58baf3d',
              'snyk_api_key: "' .. '9bf68181-49e8-4922-926e-599e98faf928' .. '"' },
    miss  = { 'SNYK_ORG=' .. '775a5fa5-049a-495a-bda5-81101f667998', 'SNYK_TOKEN=$SNYK_TOKEN' },
  },
}

rule "tailscale-key" {
  title     = "Tailscale key",
  tags      = { "secret", "infra", "network", "tailscale" },
  severity  = "critical",
  meta      = { remediation = "Revoke the key in the admin console." },
  prefilter = any { "tskey-" },
  confirm   = {
    regex [[\btskey-(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{8,20}(?:CNTRL)?-[A-Za-z0-9]{20,60}\b]],
    entropy { at_least = 3.8 },
  },
  examples  = {
    match = { 'tailscale up --authkey tskey-auth-k' .. 'jkHeFXmAOFP' .. 'CNTRL-' ..
                '6KpeUoRcuHKMswLzM73enYtQEBuVpXVA',
              'TS_API=tskey-api-k' .. 'FLwUHmCz7V9' .. 'CNTRL-' ..
                'WGx4EW3dTXkbyJv0SIToV5mlwdCMejl6' },
    miss  = { 'tskey-auth-' .. 'zxrYex',
              'tskey-foo-k' .. '2nlQRwf4Eyu' .. 'CNTRL-' .. 'R3j1LeKmZ6J8U5fKJRvdxUsbHa1Kk6qK' },
  },
}

rule "okta-api-token" {
  title     = "Okta API token",
  tags      = { "secret", "infra", "identity", "okta" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token under Security > API." },
  prefilter = any { lit("okta", "nocase"), lit("ssws", "nocase") },
  confirm   = {
    regex { [[(?i:okta[\w.-]{0,16}(?:token|key)["']?\s{0,4}[=:]\s{0,4}["']?|]] ..
      [[\bSSWS\s{1,2})(00[A-Za-z0-9_-]{40})(?:[^0-9A-Za-z_-]|$)]], capture = 1 },
    entropy { at_least = 4.0 },
  },
  examples  = {
    match = { 'OKTA_API_TOKEN=00' .. 'wSu4TT9FpyKmhWycG6V01wOOpDCe0UmXGHly0QYh',
              'Authorization: SSWS 00' .. 'GWM4gRtLVSurNbSi_l1po0k3K618e8N7e5K4amrU' },
    miss  = { 'OKTA_API_TOKEN=00' .. 'yCCHbDBiEqEv', 'OKTA_DOMAIN=acme.okta.example' },
  },
}

rule "onepassword-service-token" {
  title     = "1Password service account token",
  tags      = { "secret", "infra", "secrets", "onepassword" },
  severity  = "critical",
  meta      = { remediation = "Delete the service account." },
  prefilter = any { "ops_eyJ" },
  confirm   = { regex [[\bops_eyJ[A-Za-z0-9+/_-]{200,1000}={0,2}]], entropy { at_least = 4.5 } },
  examples  = {
    match = { 'OP_SERVICE_ACCOUNT_TOKEN=ops_eyJ' .. 'zaWdu' ..
                'BZvAZO0GZwucqH2g1cULtgZgTM2T8k3D7nyzceGRJKvbxKE2p4+QM+eu43unhMDS' ..
                'h3V9ix7jNXQrsqXqNl4IRVHQuC6u6hbEoQDEdt3jWI9SfoV3g4vGLnzGJVi9/RON' ..
                '+5GmWDqNTqkz4n2anniDxipcdkQAmckRxbMFgY0QIaZWWFy+LQZuQgRJRNUjOfN0' ..
                'GRCTdHaEIbpNoDlUavouJHH1M1xPBMeu/KCo5AfrBeMGus/41PRPmmcBI5G2Ohol' ..
                'fGGLXrKfXFTrnRengrlLXNUyNB2nbq7U5YmR1ReVBvMpF10jctObkh+Nx/YMoDnO',
              '"ops_eyJ' .. 'zaWdu' ..
                'wy7JpuNqmDhj+1yM8xQc6T/FAkW1s9iobrX0/bZT357uRhb/l+P69e1NVPGfUeT8' ..
                'ZVDCH28nkfVXlhizmykCACDiz8/CFh8vTQQCaKAnm3lDYewaAVfx9Wwso2IoiUcd' ..
                'wsBw4+sNOZ8KNiIiav2j2NBN9WlOmFHSAGZUXphumfdI/Csl+CfiKEmayu+moaEP' ..
                'KonGwukZ57mB45h85cZ9L5MKxCALyGbkA6a1sMoKCGPFgnfUtmfmg4DGXCnpGecf' ..
                'XrkxT7JwdwC+CwxzYmiUDzMo+QWL10wLMYcPnx6933VgvHTdnyVHUPN0DJZZHZzF' ..
                'ICWZ0aFC2aMNgtAHvuznrT6bDo0WF3q/C+AGdn9d7XgnGI4AXiHhHicL8QXhPcSJ' ..
                '6rGxHOp7Uljs4Ib4' .. '=="' },
    miss  = { 'ops_eyJ' .. 'zaWdu' ..
                'rJUazAFJDw7YmTDBLlM2uLwKafGeFFIT/J5LnEAXHmm4J+zQPGaR/YIWJkte',
              'devops_eyJ' .. 'zaWdu' ..
                'rEbK1nLGy1Q8oho+tK6HBIeelcnhtW6uwLZCFjHIYm118trEv6aCXZulLk++vMMZ' ..
                'DOL8fLSVacShkcjLDdvFysP/6rLJofgRkmuWoWkdFJJbPykNlx3RFUbskEUxOjss' ..
                'w249I5gd6wASgzXtok0yut3wztl5Xdvp1PNBszndC1ZtsOH15hj1Htm9wj7lI9yv' ..
                'AyMnR1AbvwIVxwispb9VtcC2pWH6QFgYBD3tnu2RQ6KUyAnHtapnR0Vbmg21GILr' ..
                'NkP4GqIPfHPTkvQ3vnI9QCySjrAXKXFzlFAUC4mdu75SZ3ZJaNgjs0dj30J7Mz2D' },
  },
}

rule "onepassword-secret-key" {
  title     = "1Password secret key",
  tags      = { "secret", "infra", "secrets", "onepassword" },
  severity  = "high",
  meta      = { remediation = "Regenerate the secret key in the account settings." },
  prefilter = any { "A3-" },
  confirm   = {
    regex [[\bA3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}\b]],
    entropy { at_least = 3.6 },
  },
  examples  = {
    match = { 'secret key: A3-' .. 'XQRQ16' .. '-' .. 'WRJYI1' .. '-' .. 'SIOUE' .. '-' .. 'F58JO' ..
                '-' .. '34LWW' .. '-' .. 'ZNJB2',
              'A3-' .. '7FKA25' .. '-' .. 'R28DJU3GYPV' .. '-' .. 'A5NL8' .. '-' .. 'VQS6S' .. '-' ..
                'U05E0' },
    miss  = { 'A3-' .. 'AHX4SD' .. '-' .. 'AMQ1RX' .. '-' .. 'LT8RP',
              'A4-' .. 'WAXPLA' .. '-' .. 'L80M1I' .. '-' .. 'H0YUF' .. '-' .. 'WSPS7' .. '-' ..
                'O6MUL' .. '-' .. 'KJ1SL' },
  },
}

rule "elastic-cloud-api-key" {
  title     = "Elastic Cloud API key",
  tags      = { "secret", "infra", "search", "elastic" },
  severity  = "high",
  meta      = { remediation = "Invalidate the API key in the console." },
  prefilter = any { "essu_" },
  confirm   = { regex [[\bessu_[A-Za-z0-9+/_-]{40,160}={0,2}]], entropy { at_least = 4.2 } },
  examples  = {
    match = { 'EC_API_KEY=essu_' ..
                'KsUl5Ifvm1H81Y2pngEyE9+xaZfH0kI5/MUeglAywlc7NF+K6gLtsWGM3TOCE0Jh' ..
                '0/6ABkLFB0MFQbT8' .. '==',
              'Authorization: ApiKey essu_' ..
                'w+K8LTlQHzufppo14tv9z7TRCNWgcNk4X/qRq0gyKZdHACkujC7SsDE1nFCszj0r' ..
                'CrODI6oTBPKwFn' },
    miss  = { 'essu_' .. 'NsQqE+ATxv',
              'jessu_' .. 'gW6BIR68RvXizFWrSmWWV99Ui1MfCOTyCda8FrUwwVG8fn9nr57YbPNYa5FQCrVe' ..
                '/HoVhrunTV+0Ktu7' },
  },
}

rule "ngrok-authtoken" {
  title     = "ngrok auth token",
  tags      = { "secret", "infra", "network", "ngrok" },
  severity  = "high",
  meta      = { remediation = "Reset the token in the dashboard." },
  prefilter = any { lit("ngrok", "nocase"), lit("authtoken", "nocase") },
  confirm   = {
    regex { assigned([[(?:ngrok[\w.-]{0,16}token|authtoken)]],
      [[[12][A-Za-z0-9]{26}_[A-Za-z0-9]{21}]]), capture = 1 },
    entropy { at_least = 4.0 },
  },
  examples  = {
    match = { 'authtoken: 2' .. 'sjPC9u9HsOxsSHqNr298DXzQtA' .. '_' .. 'Lg5rUaPVqM4rQo1KzR0O2',
              'NGROK_AUTHTOKEN=1' .. 'wNVkHeiPBpqlC8J1N6lG6HdCWR' .. '_' ..
                'D7O1q0x9FuUb6XRJVPPmY' },
    miss  = { 'authtoken: 2' .. 'W8iIi3370oC1Jo29jsm1xYvxxO', 'NGROK_AUTHTOKEN=${TOKEN}' },
  },
}
