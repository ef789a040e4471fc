-- Keys of other services: project tools, forms, maps, social networks, feature flags.
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

rule "postman-api-key" {
  title     = "Postman API key",
  tags      = { "secret", "saas", "postman" },
  severity  = "high",
  meta      = { remediation = "Revoke the key in the settings." },
  prefilter = any { "PMAK-" },
  confirm   = { regex [[\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b]], entropy { at_least = 3.4 } },
  examples  = {
    match = { 'X-Api-Key: PMAK-' .. '13315df36b06feb24c1d85f0' .. '-' ..
                '896ca327e1c6f9298e2447869d256ecd4d',
              'POSTMAN=PMAK-' .. '560726909a9b52ee522085a9' .. '-' ..
                '902da6b595c82f8db8ef6a36fd59f1c920' },
    miss  = { 'PMAK-' .. 'd10cb15d717760a1614b90fe', 'PMAT-' .. 'CS7ZZ5STU0HK7G906QUV98YQ3R' },
  },
}

rule "linear-api-key" {
  title     = "Linear API key or OAuth token",
  tags      = { "secret", "saas", "linear" },
  severity  = "high",
  meta      = { remediation = "Revoke the key in the security settings." },
  prefilter = any { "lin_api_", "lin_oauth_" },
  confirm   = { regex [[\blin_(?:api_[A-Za-z0-9]{40}|oauth_[a-f0-9]{64})\b]], entropy { at_least = 3.4 } },
  examples  = {
    match = { 'LINEAR_API_KEY=lin_api_' .. 'Vs66zJvqzbd7WrHQevWalaattb4CbfwREjr25uyY',
              'Bearer "lin_oauth_' ..
                'f939302e8a15e3ff16445e96584c7876fa3f6503ed2be176aa5857badf9f55ed' .. '"' },
    miss  = { 'lin_api_' .. 'tHRYqZ0n0I',
              'lin_xyz_' .. 'fTmuMOcnZtvdZYuJa51Jgm9KtE2EBnbj7px7fZpr' },
  },
}

rule "notion-token" {
  title     = "Notion integration token",
  tags      = { "secret", "saas", "notion" },
  severity  = "high",
  meta      = { remediation = "Refresh the secret of the integration." },
  prefilter = any { "ntn_", "secret_" },
  confirm   = {
    regex [[\b(?:ntn_\d{11}[A-Za-z0-9]{35}|secret_[A-Za-z0-9]{43})\b]], entropy { at_least = 4.0 },
  },
  examples  = {
    match = { 'NOTION_TOKEN=ntn_' .. '05079942671' .. 'rldIwciT6YqTcTWiww3GaEFtUm8UOtSKCag',
              'new Client({ auth: "secret_' .. 'Kh4beLIdVldTnWlTQEqqi6BrXRe2S4opdqwVj875RtP' ..
                '" })' },
    miss  = { 'ntn_' .. '20358667638', 'secret_' .. 'YHatOpgq27' },
  },
}

rule "airtable-token" {
  title     = "Airtable personal access token",
  tags      = { "secret", "saas", "airtable" },
  severity  = "high",
  meta      = { remediation = "Delete the token in the builder hub." },
  prefilter = any { "pat" },
  confirm   = { regex [[\bpat[A-Za-z0-9]{14}\.[a-f0-9]{64}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'AIRTABLE=pat' .. 'B0Y5ptupWHpVnj' .. '.' ..
                'c672eab08a3ea1dade8cbdb208096b904324663f347b1f892d5b09c2b5214934',
              'Authorization: "pat' .. 'siWwCBbJagZRvT' .. '.' ..
                '6245d22db84078d6323e652eaeadf0f05d4ba78f68815e3f32fcd76967d38be1' .. '"' },
    miss  = { 'pat' .. 'XzCDkJ1PXifA9d',
              'path.' .. 'e3744b1786c80836ab7a8e364259f55978e6b7ea862624e6245ad00e93c19796' },
  },
}

rule "figma-token" {
  title     = "Figma personal access token",
  tags      = { "secret", "saas", "figma" },
  severity  = "high",
  meta      = { remediation = "Revoke the token in the settings." },
  prefilter = any { "figd_" },
  confirm   = { regex { [[\b(figd_[A-Za-z0-9_-]{40})]] .. STOP, capture = 1 }, entropy { at_least = 3.8 } },
  examples  = {
    match = { 'FIGMA_TOKEN=figd_' .. 'CRTQJAKk2Q6kZxOEQihpsXFDYAI5JRGLnajfhKYn',
              'X-Figma-Token: figd_' .. 'tQMOgycalsw6exdQBGHTUAoD8I-ExmSuP6TpFdEh' },
    miss  = { 'figd_' .. 'qK2ORhED6M',
              'figd_' .. 'th6QJW_F7c9CxHP5umanNUqAv5YbaUhdXZWMjt90y-nlfxjKKBsi39l3Y9om' },
  },
}

rule "asana-token" {
  title     = "Asana personal access token",
  tags      = { "secret", "saas", "asana" },
  severity  = "high",
  meta      = { remediation = "Revoke the token in the developer console." },
  prefilter = any { lit("asana", "nocase") },
  confirm   = {
    regex { assigned([[asana[\w.-]{0,16}token]],
      [[[0-2]/\d{12,17}(?:/\d{12,17})?:[a-f0-9]{32}]]), capture = 1 },
    entropy { at_least = 3.0 },
  },
  examples  = {
    match = { 'ASANA_TOKEN=1/' .. '9908667962813236' .. ':' .. '4797a438dfb4ac3d5be592fd03b567dd',
              'asana_access_token: "2/' .. '8407675855106085' .. '/' .. '5116764643054057' .. ':' ..
                '7a0c65a00121fcd79f00dbc50e8585d5' .. '"' },
    miss  = { 'ASANA_TOKEN=1/' .. '8421960556154240', 'ASANA_PROJECT=' .. '9830384575885338' },
  },
}

rule "contentful-token" {
  title     = "Contentful management token",
  tags      = { "secret", "saas", "contentful" },
  severity  = "high",
  meta      = { remediation = "Revoke the token in the settings." },
  prefilter = any { "CFPAT-" },
  confirm   = { regex { [[\b(CFPAT-[A-Za-z0-9_-]{43})]] .. STOP, capture = 1 }, entropy { at_least = 4.0 } },
  examples  = {
    match = { 'CONTENTFUL=CFPAT-' .. 'JiVj2y4vo3kDseDuwxyu85vTEShIPI6Q-e6_T747u4I',
              'Bearer "CFPAT-' .. 'P7Nsw9UHVe4KJSMqtsKqGXy330zdIg8l_S81lFnzxDq' .. '"' },
    miss  = { 'CFPAT-' .. 'woCx027les',
              'CFPAT-' .. '6gIQ63tqoHzgtPkhhhuyetCMjD8HsG56mayCeeFd_CEosFARQPPDM0FP0w26' },
  },
}

rule "typeform-token" {
  title     = "Typeform personal token",
  tags      = { "secret", "saas", "typeform" },
  severity  = "medium",
  meta      = { remediation = "Delete the token in the profile." },
  prefilter = any { "tfp_" },
  confirm   = {
    regex { [[\b(tfp_[A-Za-z0-9_.=-]{40,64})]] .. STOP, capture = 1 }, entropy { at_least = 4.0 },
  },
  examples  = {
    match = { 'TYPEFORM=tfp_' .. 'CpN1fliazRClDWxi_HgSBFqOtKTOUQazKDgXuaQ4NJeH',
              'token: "tfp_' .. '6mfPeePj9gR2U5qVMbeZINZSur1FlzQASHmsdAsvumKU4cceRh3W-Ojg2pr' ..
                '"' },
    miss  = { 'tfp_' .. 'puAz08H00R', 'stfp_' .. 'VVj3ZJkOUu3S-yR-MKV7PVTYmoO7f3PJRxsPzv4lQV7M' },
  },
}

rule "mapbox-secret-token" {
  title     = "Mapbox secret access token",
  tags      = { "secret", "saas", "mapbox", "maps" },
  severity  = "medium",
  meta      = { remediation = "Delete the token in the account." },
  prefilter = any { "sk.eyJ" },
  confirm   = { regex [[\bsk\.eyJ[A-Za-z0-9_-]{60,100}\.[A-Za-z0-9_-]{20,24}]], entropy { at_least = 4.0 } },
  examples  = {
    match = { 'MAPBOX_TOKEN=sk.eyJ' .. '1Ijoi' ..
                'gqLl-dD6BZQt8hv4CzpYkUMxXobuDDA1c8z2CJoslL6dTGfDT3PBC-hxnFRtSE8f' ..
                'YMCsDkpOtxEEgGon' .. '.' .. 'zFDL-lcXiEMGwzPlE0XhMF',
              'accessToken = "sk.eyJ' .. '1Ijoi' ..
                '60D1fckQJQvJUHvFAhWApc7vN7yzLryqVW99pewiiN090m4cVnW3GWFHg4hvciqo' .. 'SH6v4R' ..
                '.' .. '2qPeJ10IBnyrCIfFceNs3a' .. '"' },
    miss  = { 'pk.eyJ' .. '1Ijoi' ..
                '3D9R5_DvQSD0EYKF1fhEWUyAgLZrdplKmofICwGCgqqFPmI5V0DZZEZx1yW7HA5s' ..
                'jVD7AHp8elm0qu2d' .. '.' .. 'AOIEi4Q5j4bxs5njTk8iNF',
              'sk.eyJ' .. '1Ijoi' .. 'MSo7xe_o4V_fBENSIvfO' },
  },
}

rule "facebook-access-token" {
  title     = "Facebook (Meta) access token",
  tags      = { "secret", "saas", "facebook" },
  severity  = "high",
  meta      = { remediation = "Invalidate the token in the app's settings." },
  prefilter = any { "EAA" },
  confirm   = { regex [[\bEAA[MC][A-Za-z0-9]{80,300}\b]], entropy { at_least = 4.2 } },
  examples  = {
    match = { 'FB_TOKEN=EAAC' ..
                '9lcSBiYUpVJYykfVGMtyvjfcRoClHkl4lSa5upsxr3ip5fgyWkCKSYWo5AbJTHWe' ..
                'J6Iya4CWEUGqLWUHwBuEW64Hydu2HWAJTe0KTOQG2oj6bYEDExYj0PHV65I8Wkry' ..
                'tzSPdVq282SiYYyJy2LAWTbhwD9Ri5Fu',
              'access_token=EAAM' ..
                '7v1sqVbjGmlwCwD844ZWbVoXCchxQsNPdR2OmXB8dw6qFGroZ95TfCPGs3Lax5Da' ..
                'sq6tTOkoy8lkA5KpqYZf1qdl6KoDTGC74ntcxfsPdFC8OzUvT081Knat' },
    miss  = { 'EAAC' .. 'qj8fXymwW3zU4aNd7AsE',
              'XEAAC' .. 'BdJWLc61haIxmDIaJP9GyV3d0SjC4wysAzkU3j6G44WYcg1iZpMWUHsHP77EUyMh' ..
                'FLcnwbrz6RM9t6yyORXzzpVHubPMfqrhNnlkvEuuJN0OK9orKo20asr8K5tTOwKW' ..
                'yY8uofTUC52n3z0USiGCSQ2VHYjtNY2q' },
  },
}

rule "twitter-bearer-token" {
  title     = "Twitter (X) app bearer token",
  tags      = { "secret", "saas", "twitter" },
  severity  = "high",
  meta      = { remediation = "Regenerate the bearer token in the developer portal." },
  prefilter = any { "AAAAAAAAAAAAAAAAAAAAA" },
  confirm   = {
    regex [[\bA{21}[A-Za-z0-9]{8,20}(?:%[A-F0-9]{2}|[A-Za-z0-9]){60,120}]], entropy { at_least = 3.0 },
    except { regex = { "A{40}" } },
  },
  examples  = {
    match = { 'TWITTER_BEARER=AAAAAAAAAAAAAAAAAAAAA' .. 'InvrFK7Qjjq' .. '%2F' ..
                'Jax1w4EtVTxacJrGYgiwsqfMOeqNCW' .. '%3D' ..
                'lrU69l6qI8gYvrvbIUAwmXfuGB8cxVuFNEyU5YEgCaDT',
              'Bearer "AAAAAAAAAAAAAAAAAAAAA' ..
                '62YlNGWYTFQ9q2F8TVavUeCuG9Q1jh3rpEAFseFxWUlUhKPnY0dW96LRyx0pmmw1' ..
                'oWEhlWFRMPIgSzbh2H2cNZazdoATYA2R' .. '"' },
    miss  = { 'AAAAAAAAAAAAAAAAAAAAA' .. 'QEoASZdnYW0yp4NZZ6Lc',
              'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==' },
  },
}

rule "launchdarkly-key" {
  title     = "LaunchDarkly SDK or API key",
  tags      = { "secret", "saas", "launchdarkly" },
  severity  = "medium",
  meta      = { remediation = "Reset the SDK key, or delete the access token." },
  prefilter = any { lit("launchdarkly", "nocase"), lit("ld_", "nocase") },
  confirm   = {
    regex { assigned([[(?:launchdarkly|\bld_)[\w.-]{0,16}key]],
      [[(?:sdk|api|mob)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}]]), capture = 1 },
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'LAUNCHDARKLY_SDK_KEY=sdk-' .. 'f7039cd0-8297-4afe-8dcd-7e2eb6312ef1',
              'LD_API_KEY="api-' .. 'a0993a4a-52b2-492e-9650-8130d079dcaa' .. '"' },
    miss  = { 'LAUNCHDARKLY_SDK_KEY=sdk-' .. 'ef8fab91',
              'sdk-' .. '8cf65316-917b-48c1-80f0-03c415fe5d07' },
  },
}

rule "algolia-admin-key" {
  title     = "Algolia API key",
  tags      = { "secret", "saas", "algolia", "search" },
  severity  = "medium",
  meta      = { remediation = "Rotate the key in the API keys page." },
  prefilter = any { lit("algolia", "nocase") },
  confirm   = {
    regex { assigned([[algolia[\w.-]{0,20}key]], [[[a-f0-9]{32}]]), capture = 1 }, entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'ALGOLIA_ADMIN_KEY=' .. 'be5355998348744683c8607d08f44fa8',
              'algolia_api_key: "' .. 'a7eae07b8362741167d54faea39a27af' .. '"' },
    miss  = { 'ALGOLIA_ADMIN_KEY=' .. '2e46ab7b249c', 'ALGOLIA_APP_ID=' .. 'Q77UOCRXAL' },
  },
}

rule "cloudinary-url" {
  title     = "Cloudinary URL with the API secret",
  tags      = { "secret", "saas", "cloudinary" },
  severity  = "high",
  meta      = { remediation = "Replace the API key in the console." },
  prefilter = any { "cloudinary://" },
  confirm   = {
    regex [[\bcloudinary://\d{15}:[A-Za-z0-9_-]{27}@[a-z0-9-]{2,40}]], entropy { at_least = 4.0 },
  },
  examples  = {
    match = { 'CLOUDINARY_URL=cloudinary://' .. '579455096402539' .. ':' ..
                'pcFbjiAVrnbsL5hM2jtLh2zTAwC' .. '@tea-shop',
              '"cloudinary://' .. '628074849779087' .. ':' .. 'oiuQiubMw5jPSxpmM9mN6S-CvNL' ..
                '@demo2"' },
    miss  = { 'cloudinary://<key>:<secret>@demo', 'cloudinary://' .. '798790163660014' .. '@demo' },
  },
}

rule "zendesk-api-token" {
  title     = "Zendesk API token",
  tags      = { "secret", "saas", "zendesk" },
  severity  = "high",
  meta      = { remediation = "Delete the token in the admin centre." },
  prefilter = any { lit("zendesk", "nocase") },
  confirm   = {
    regex { assigned([[zendesk[\w.-]{0,20}(?:token|key)]], [[[A-Za-z0-9]{40}]]), capture = 1 },
    entropy { at_least = 4.0 }, no_placeholder(),
  },
  examples  = {
    match = { 'ZENDESK_API_TOKEN=' .. 'AOrmVS9HCPrwICJFk6AaQLSvlGkNincMtK8lXmEx',
              'zendesk.secret_key: "' .. 'BffeHeKjLX6S6d0IU5tCHD1CTSVWYyMnwLdFQ4VC' .. '"' },
    miss  = { 'ZENDESK_API_TOKEN=' .. 'CkpV8b4QuIJT', 'ZENDESK_SUBDOMAIN=tea' },
  },
}

rule "hubspot-token" {
  title     = "HubSpot private app token",
  tags      = { "secret", "saas", "hubspot" },
  severity  = "high",
  meta      = { remediation = "Rotate the token in the private app." },
  prefilter = any { "pat-na", "pat-eu" },
  confirm   = {
    regex [[\bpat-(?:na|eu)\d-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b]],
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'HUBSPOT=pat-na1-' .. '56c0bfbb-c093-4583-b425-da48ef340518',
              'Bearer "pat-eu1-' .. 'c67997dc-cfa6-4fb9-8e53-e68031e476e6' .. '"' },
    miss  = { 'pat-na1-' .. '72a6c1f0', 'pat-xx1-' .. 'a1f10702-360e-4aff-a746-c9d85a71c434' },
  },
}

rule "readme-or-shippo-token" {
  title     = "ReadMe, Shippo, Frame.io or Prefect token",
  tags      = { "secret", "saas" },
  severity  = "medium",
  meta      = { remediation = "Delete the token in the service's settings." },
  prefilter = any { "rdme_", "shippo_live_", "fio-u-", "pnu_" },
  confirm   = {
    regex { [[\b((?:rdme_[a-z0-9]{70}|shippo_live_[a-f0-9]{40}|fio-u-[A-Za-z0-9_-]{64}|pnu_[A-Za-z0-9]{36}))]] ..
      STOP, capture = 1 },
    entropy { at_least = 3.3 },
  },
  examples  = {
    match = { 'README_KEY=rdme_' ..
                'kt9l3zxvimb9v6qyckbl5e38bk4xhmp18hssuqy92vax7gw74bdwt4in897om239' .. 'pv1der',
              'shippo_live_' .. '4e0200fb5bce576097d076bd9d3577dda9c6294b',
              'PREFECT_API_KEY=pnu_' .. 'GSNY1q4nRasyNlByPd8Z7JLKqVN1ZJsj59hp' },
    miss  = { 'rdme_' .. 'fcjdsibb7sd8kbm2y4wq',
              'shippo_test_' .. '4afa29229458e705a9e47f56bf5e0771f79965f7' },
  },
}
