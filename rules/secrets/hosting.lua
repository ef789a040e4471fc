-- Tokens of hosting platforms: DigitalOcean, Cloudflare, Heroku, Fly.io, Vercel, Netlify and others.
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

rule "digitalocean-token" {
  title     = "DigitalOcean access, OAuth or refresh token",
  tags      = { "secret", "hosting", "digitalocean" },
  severity  = "critical",
  meta      = { remediation = "Delete the token under API > Tokens." },
  prefilter = any { "dop_v1_", "doo_v1_", "dor_v1_" },
  confirm   = { regex [[\bdo[opr]_v1_[a-f0-9]{64}\b]], entropy { at_least = 3.4 } },
  examples  = {
    match = { 'DIGITALOCEAN_TOKEN=dop_v1_' ..
                '6048ae334dede50513c8ac0827841e96f2a7702b38358706290a41ba561ca5d1',
              'doctl auth init -t doo_v1_' ..
                '77a05acc897dd79c2be72a0a16b5835aae98f64532f5283af7d2c52b113d4402' },
    miss  = { 'dop_v1_' .. '4e5a1a54e423f3a1b711',
              'dox_v1_' .. '32fbb41025447a5c31877b291793b609ef97ce2f05ae6bb130e7b741050fba0d' },
  },
}

rule "cloudflare-origin-ca-key" {
  title     = "Cloudflare Origin CA key",
  tags      = { "secret", "hosting", "cloudflare" },
  severity  = "critical",
  meta      = { remediation = "Change the key in the profile's API tokens." },
  prefilter = any { "v1.0-" },
  confirm   = { regex [[\bv1\.0-[a-f0-9]{24}-[a-f0-9]{146}\b]], entropy { at_least = 3.4 } },
  examples  = {
    match = { 'CF_ORIGIN_CA=v1.0-' .. 'ec828941ece3dff412e3b692' .. '-' ..
                'aee639d013272b55b6e3aba811647d4edcb4a1ed5ec48633fae6e286c4af746c' ..
                '39f759adf621f8d18b65e9c224c80da689fdd243c2004dc01e69817ed090a8e7' ..
                '746d8d586b99b9e1cc',
              '"v1.0-' .. 'b7c37f8cfac80d849aa17028' .. '-' ..
                '0169b34ea95273280586e6f01db610ca48857007f69c37267e4587a2e7e9ce10' ..
                '3809b17a5f81a3ff6889920274f1639df780c20bbb57526898fb313da2d735eb' ..
                'c48eee4da06e0cb0e5' .. '"' },
    miss  = { 'v1.0-' .. '110a502525292c2f84ef405a', 'v1.0-beta' },
  },
}

rule "cloudflare-api-token" {
  title     = "Cloudflare API token or global key",
  tags      = { "secret", "hosting", "cloudflare" },
  severity  = "critical",
  meta      = { remediation = "Roll the token in the profile's API tokens." },
  prefilter = any { lit("cloudflare", "nocase"), lit("cf_", "nocase") },
  confirm   = {
    regex { assigned([[(?:cloudflare|\bcf_)[\w.-]{0,16}(?:token|key)]],
      [[[A-Za-z0-9_-]{40}|[0-9a-f]{37}]]), capture = 1 },
    entropy { at_least = 3.4 }, no_placeholder(),
  },
  examples  = {
    match = { 'CLOUDFLARE_API_TOKEN=' .. 'BYHOzkc5UM12tR-_PKSqLxNaeTsq7yCyN28PVUf8',
              'cf_api_key: "' .. 'f79ab936c1453b57603a590ac0d847558109a' .. '"' },
    miss  = { 'CLOUDFLARE_API_TOKEN=' .. 'MOgLpRi8UAcogOT3rEA1',
              'CF_ZONE_ID=' .. '49578c4699bbf519d6e34c9ee92c050e' },
  },
}

rule "heroku-api-key" {
  title     = "Heroku API key",
  tags      = { "secret", "hosting", "heroku" },
  severity  = "critical",
  meta      = { remediation = "Regenerate the key in the account settings." },
  prefilter = any { "HRKU-" },
  confirm   = { regex { [[\b(HRKU-[A-Za-z0-9_-]{60})]] .. STOP, capture = 1 }, entropy { at_least = 3.8 } },
  examples  = {
    match = { 'HEROKU_API_KEY=HRKU-AA' ..
                'pC7TKeuOy_lDw-50Lyr523oExsZEKRPkFnyHWxcPbERD4UZbMHj88AQrGY',
              'password HRKU-AA' .. 'pP-xH8ZG4pro9QLOAKfNqG3HdizQbX6osTwIavKYDolG8T9SjwGmpBkP-v' },
    miss  = { 'HRKU-' .. '6qy4tXjSpRDUUXXnHzfm',
              'HRKU-AA' .. 'WUppAFDAb235lMjeVSUHGwOPq-zANI3BYgaKD-CXZclyZDcbMOYafby6RxSCm4gS' ..
                'KexNwxBbP9jfC9YRDfvUWP55qp' },
  },
}

rule "heroku-legacy-api-key" {
  title     = "Heroku API key (older form)",
  tags      = { "secret", "hosting", "heroku" },
  severity  = "critical",
  meta      = { remediation = "Regenerate the key in the account settings." },
  prefilter = any { lit("heroku", "nocase") },
  confirm   = {
    regex { assigned([[heroku[\w.-]{0,16}(?:key|token)]],
      [[[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}]]), capture = 1 },
    entropy { at_least = 3.0 },
  },
  examples  = {
    match = { 'HEROKU_API_KEY=' .. '5f9d0a28-e78d-4a4a-9366-6b686adf7939',
              'heroku.token: "' .. 'b0dc8a4f-a006-40a9-a71a-17708dc6295a' .. '"' },
    miss  = { 'HEROKU_APP_ID=' .. '74c91074-d12b-4623-9953-587d4be95263', 'HEROKU_API_KEY=$KEY' },
  },
}

rule "flyio-token" {
  title     = "Fly.io access token",
  tags      = { "secret", "hosting", "flyio" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token with `fly tokens revoke`." },
  prefilter = any { "fo1_", "fm1a_", "fm1r_", "fm2_" },
  confirm   = {
    regex { [[\b((?:fo1_[A-Za-z0-9_-]{43}|fm1[ar]_[A-Za-z0-9+/]{100,900}={0,3}|fm2_[A-Za-z0-9+/]{100,900}={0,3}))]] ..
      STOP, capture = 1 },
    entropy { at_least = 4.2 },
  },
  examples  = {
    match = { 'FLY_API_TOKEN=fo1_' .. 'M0n63o0_lhCdUQ5g_pkmVenukHGKbEybunhjDU2lg1B',
              'FLY_API_TOKEN="FlyV1 fm2_' ..
                'PnpQ0IsE3YKeOT1QgO9qnqTjl6kmHN+FqueAsSKDJN5xVkejqCgTV2H2G219NxCH' ..
                '7q2EmyPBqIs/iLatC7y9da8q6rKZ6yYvOTO91Ybj3I+eEZ3tWwMBft6UiLwvbons' ..
                'gAK+Ac+8blN8nu2LgfGbk/Oc/j8+5SMQMQERvhiXDxFqbtidEvy7mNPwUU84UOQy' ..
                'jwjU5OlGgwrUXq9MnSyJr5lviIeRmx0HJfdqzlYMEhry0dmn' .. '=="' },
    miss  = { 'fo1_' .. 'YcDfWm3HsHeVqOU98wW6',
              'fm2_' .. 'LEh1+HTrP3uAgJovSVa2+1UjV+MJn5WybE3qeebF' },
  },
}

rule "vercel-token" {
  title     = "Vercel API or blob token",
  tags      = { "secret", "hosting", "vercel" },
  severity  = "critical",
  meta      = { remediation = "Delete the token in the account settings." },
  prefilter = any { lit("vercel", "nocase") },
  confirm   = {
    regex { assigned([[vercel[\w.-]{0,24}token]],
      [[vercel_blob_rw_[A-Za-z0-9]{16}_[A-Za-z0-9]{30}|[A-Za-z0-9]{24}]]), capture = 1 },
    entropy { at_least = 3.6 }, no_placeholder(),
  },
  examples  = {
    match = { 'VERCEL_TOKEN=' .. 's4DE2OiInXGrP3mrYjWng7NI',
              'VERCEL_BLOB_READ_WRITE_TOKEN=vercel_blob_rw_' .. 'xqYRUxVoViSPvnsw' .. '_' ..
                'VGALHrsu8reRKZXQwe04Eute9A4J4l' },
    miss  = { 'VERCEL_TOKEN=' .. '0wtlm7P46U',
              'VERCEL_PROJECT=prj_' .. 'WINCYI3ArKtC8yowBntP5GeC' },
  },
}

rule "netlify-token" {
  title     = "Netlify personal access token",
  tags      = { "secret", "hosting", "netlify" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token under User settings > Applications." },
  prefilter = any { "nfp_" },
  confirm   = { regex [[\bnfp_[A-Za-z0-9]{36}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'NETLIFY_AUTH_TOKEN=nfp_' .. 'Zlq56VtOihGc1AMDSl1inPMQ7VRWQQ43lrMJ',
              '"nfp_' .. 'ilfsNcnwFhfhZpiimy9ll4Wrf3l63biHjCIc' .. '"' },
    miss  = { 'nfp_' .. 'XCM6Kil9Lv',
              'nfp_' .. 'dyGa5bsn2KzXJjyAA26rw2QurHVWcAfArJB517Iatk06A2UUYz' },
  },
}

rule "render-api-key" {
  title     = "Render API key",
  tags      = { "secret", "hosting", "render" },
  severity  = "critical",
  meta      = { remediation = "Revoke the key in the account settings." },
  prefilter = any { "rnd_" },
  confirm   = { regex [[\brnd_[A-Za-z0-9]{28,32}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'RENDER_API_KEY=rnd_' .. 'XYCkATYZ4xI03lLxCRDNzDIohkTv',
              'Authorization: "rnd_' .. 'NpeW2vqPHJ9sVVs0vaLItk6s1jdO7SxP' .. '"' },
    miss  = { 'rnd_' .. 'fabdVjZQLY', 'brnd_' .. 'iFuymY2Pn3acYV2vHOlXa6tnsC8E' },
  },
}

rule "supabase-key" {
  title     = "Supabase access token or secret key",
  tags      = { "secret", "hosting", "supabase" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token, or rotate the project's API keys." },
  prefilter = any { "sbp_", "sb_secret_" },
  confirm   = {
    regex { [[\b((?:sbp_[0-9a-f]{40}|sb_secret_[A-Za-z0-9_-]{31}))]] .. STOP, capture = 1 },
    entropy { at_least = 3.4 },
  },
  examples  = {
    match = { 'SUPABASE_ACCESS_TOKEN=sbp_' .. '80cfe254181cbfbe442e04be6df5356a40019df1',
              'createClient(url, "sb_secret_' .. 'cdf0u4y8JLNVIKiyed41s2adWL40kA6' .. '")' },
    miss  = { 'sb_publishable_' .. 'Lkv7XMFIOXE7P-tNKUkVgMlfaZQ8eCA', 'sbp_' .. 'ccd52e17aa0f' },
  },
}

rule "planetscale-token" {
  title     = "PlanetScale token or password",
  tags      = { "secret", "hosting", "planetscale", "database" },
  severity  = "critical",
  meta      = { remediation = "Delete the token or password in the settings." },
  prefilter = any { "pscale_tkn_", "pscale_pw_", "pscale_oauth_" },
  confirm   = { regex [[\bpscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.=-]{32,64}]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'PLANETSCALE_TOKEN=pscale_tkn_' .. '7Oo5E0yeGGetxPkYR857gGunZasKmlMr7pftXrEl5wX',
              'DB_PASS=pscale_pw_' .. 'SPQamN7BtRtpsplmhMbI9tm9f62xPGq4IgudULiO0wa' },
    miss  = { 'pscale_tkn_' .. 'JYp_g8yTfC',
              'pscale_id_' .. 'z1EsCOeWF7C8Fgl5frCrObGffuzngYAuMngYIuyp7iU' },
  },
}

rule "neon-api-key" {
  title     = "Neon API key",
  tags      = { "secret", "hosting", "neon", "database" },
  severity  = "critical",
  meta      = { remediation = "Revoke the key in the account settings." },
  prefilter = any { "napi_" },
  confirm   = { regex [[\bnapi_[a-z0-9]{64}\b]], entropy { at_least = 4.0 } },
  examples  = {
    match = { 'NEON_API_KEY=napi_' ..
                'am1b0wughomki833lna5hlwi7yggewjp707zucnaqj1c76a3v35k2bq6kci3a9ds',
              '"napi_' .. '76h2gqxzdcg7n398ls9mk83zyzgtxyiwkq3ndtr37s5vdst4jnwmgbn64inloyi8' ..
                '"' },
    miss  = { 'napi_' .. 'q6nl1rfkclzb48wficz8',
              'snapi_' .. 'ugvgzfl8c6pm8r5mzhnedqfacsaj3ochxuie6j9p491zt5tbjo3duspvrtipvst3' },
  },
}

rule "scaleway-access-key" {
  title     = "Scaleway access key",
  tags      = { "secret", "hosting", "scaleway" },
  severity  = "medium",
  meta      = { remediation = "Delete the API key; its secret half must go too." },
  prefilter = any { "SCW" },
  confirm   = { regex [[\bSCW[A-Z0-9]{17}\b]], entropy { at_least = 3.2 }, no_placeholder() },
  examples  = {
    match = { 'SCW_ACCESS_KEY=SCW' .. 'JCVM0KNC1PH3RITW9',
              'access_key: SCW' .. 'XY7GY9L9HIYOIG3A4' },
    miss  = { 'SCW' .. 'KRYLJIPR', 'SCW' .. 'XXXXXXXXXXXXXXXXX' },
  },
}

rule "linode-token" {
  title     = "Linode (Akamai) personal access token",
  tags      = { "secret", "hosting", "linode" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token in the profile." },
  prefilter = any { lit("linode", "nocase") },
  confirm   = {
    regex { assigned([[linode[\w.-]{0,16}token]], [[[0-9a-f]{64}]]), capture = 1 },
    entropy { at_least = 3.4 },
  },
  examples  = {
    match = { 'LINODE_TOKEN=' .. 'ad91cd1085123ef8e2eb894b449b0ee904db6c1858954ad7e851d54700dd499d',
              'linode_cli_token: "' ..
                '689896344036f284f40c0797f0c8c1b11e64cc4908a22acde68e3bd5e90fb758' .. '"' },
    miss  = { 'LINODE_TOKEN=' .. 'd29344430eb1a1d12865889d2d40f244',
              'LINODE_TOKEN=${LINODE_TOKEN}' },
  },
}

rule "hetzner-token" {
  title     = "Hetzner Cloud API token",
  tags      = { "secret", "hosting", "hetzner" },
  severity  = "critical",
  meta      = { remediation = "Delete the token in the project's security settings." },
  prefilter = any { lit("hcloud", "nocase"), lit("hetzner", "nocase") },
  confirm   = {
    regex { assigned([[(?:hcloud|hetzner)[\w.-]{0,16}token]], [[[A-Za-z0-9]{64}]]), capture = 1 },
    entropy { at_least = 4.4 },
  },
  examples  = {
    match = { 'HCLOUD_TOKEN=' .. 'IvbHJX9onDXAotYNwFjrFznwqcBOfBik7mzB6lGVc07Aw9YSNbu8p399YjNZ1khm',
              'hetzner_api_token = "' ..
                'yGw5PzaZjpv0Yq0qteVbK6oofDji1VqdyaQ49GFfMtbIQ2cPPXeaEknEcfiIoxaJ' .. '"' },
    miss  = { 'HCLOUD_TOKEN=' .. '1FVODWSWgs7Com7MTULsJVfdV72sTONj',
              'HCLOUD_TOKEN=var.hcloud_token' },
  },
}
