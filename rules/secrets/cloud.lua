-- Credentials of the large clouds: AWS, Google, Azure, Alibaba, Tencent, IBM, Yandex.
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

rule "aws-access-key-id" {
  title     = "AWS access key ID",
  tags      = { "secret", "cloud", "aws" },
  severity  = "high",
  meta      = { reference = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html",
                remediation = "Deactivate the key in IAM, look for its use in CloudTrail, and delete it." },
  prefilter = any { "AKIA", "ASIA", "ABIA", "ACCA" },
  confirm   = {
    regex [[\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b]],
    entropy { at_least = 3.0 },
    except { text = { "EXAMPLE" } },
  },
  examples  = {
    match = { 'aws_access_key_id = AKIA' .. 'MQSJN6LDTDPUR5VR',
              '{"AccessKeyId": "ASIA' .. 'GXFPH2TEO6V6XZGP' .. '"}' },
    miss  = { 'aws_access_key_id = AKIA' .. 'IOSFODNN7EXAMPLE', 'AKIA' .. '32UVKQRGSRMO',
              'id: AKIA' .. 'AAAAAAAAAAAAAAAA' },
  },
}

rule "aws-secret-access-key" {
  title     = "AWS secret access key",
  tags      = { "secret", "cloud", "aws" },
  severity  = "critical",
  meta      = { reference = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
                remediation = "Deactivate the key pair in IAM, look for its use in CloudTrail, and delete it." },
  prefilter = all { lit("secret", "nocase"), lit("key", "nocase") },
  confirm   = {
    regex { assigned([[(?:aws|amazon|s3)[\w.-]{0,24}secret[\w.-]{0,24}key|secret_?access_?key]],
      "[A-Za-z0-9/+]{40}"), capture = 1 },
    entropy { at_least = 4.2 },
    no_placeholder(),
  },
  examples  = {
    match = { 'aws_secret_access_key = ' .. 'RWJkgD+4OA7EXwMWiWfePI0TjuwJScLbauanPN7c',
              '"SecretAccessKey": "' .. 'aUiKG+laOf4RbikYU62Xqhq5j4dbF5ft4WGtFRKI' .. '",' },
    miss  = { 'aws_secret_access_key = wJalrXUtnFEMI' .. '/K7MDENG/bPxRfiCYEXAMPLEKEY',
              'aws_secret_access_key = ' .. '3x3l7C6fLeOdYwCB/D+0sTPhd8w0WxK9Bjo4',
              'aws_secret_access_key = ${AWS_SECRET}' },
  },
}

rule "aws-session-token" {
  title     = "AWS session token",
  tags      = { "secret", "cloud", "aws" },
  severity  = "high",
  meta      = { remediation = "Revoke the sessions of the role; a session token dies by itself within 36 hours." },
  prefilter = all { lit("session", "nocase"), lit("token", "nocase") },
  confirm   = {
    regex { assigned([[(?:aws_?)?session_?token]], "(?:FwoGZXIvYXdz|IQoJb3JpZ2lu)[A-Za-z0-9/+]{120,1000}={0,2}"),
      capture = 1 },
    entropy { at_least = 4.5 },
    except { text = { "EXAMPLE" } },
  },
  examples  = {
    match = { 'export AWS_SESSION_TOKEN=IQoJb3JpZ2lu' ..
                '6p+zqpqNcxZlKq1O+Swl5UM7+NZrwC14LoeAwEHb29LcbO5b30QW8Ryp9bb1o0i8' ..
                '4HuCFJdFmBqbGmePdsSEB5zo8jEJU/3yLp7nmoHxhULCESghCSr5mM5WXexctVmH' ..
                'T4gj6fkHLcQSC2DW6LRCKhhGICtNye+T09HJoVcWkhMrhASsLecQbvocpOlc6Nmx' ..
                'l2LIqmQvNAL8qRtx2oHrHbTqw66AZ92VePykKw4Zdf2VF49l7185qRh/HJ3+j8r4' .. '==',
              'aws_session_token = FwoGZXIvYXdz' ..
                'VtiAOXWnHue7OzU19nCekhm9W3CQqsrj4qy7ZMeCSW7lV0t1nk80YgTbPrsIud2U' ..
                'Jh317ciIfAwU2j0ABm9EgJHPglOYiD6qMmmjNj8iCvJ/i8K6oNVyT+NbJi5y35mK' ..
                'VaOXEoxTo47YQhODgV2RmbOVuSI7fLmQhUtgY2FXopX8zhBh2CMN' },
    miss  = { 'export AWS_SESSION_TOKEN=IQoJb3JpZ2lu' .. 'K1EORrvJNSPNpgvnXh85jNJJQ1chBEq0eN6MsPF6',
              'session_token: ' ..
                'oa3SX1kuj2cEtog0C3+JmV9IqTWkIbfG1ubYPbhP277XDyFY4Gnilsc1e+w/1D80' },
  },
}

rule "aws-bedrock-api-key" {
  title     = "Amazon Bedrock API key",
  tags      = { "secret", "cloud", "aws", "ai" },
  severity  = "high",
  meta      = { remediation = "Delete the key under Bedrock > API keys." },
  prefilter = any { "ABSKQmVkcm9ja0FQSUtleS" },
  confirm   = { regex [[\bABSKQmVkcm9ja0FQSUtleS[A-Za-z0-9+/]{80,260}={0,2}]], entropy { at_least = 4.0 } },
  examples  = {
    match = { 'AWS_BEARER_TOKEN_BEDROCK=ABSK' .. 'QmVkcm9ja0FQSUtleS' ..
                'cT4zS0/tgQlPdfWebW/5zw9mFM959nonWGB4xh5kG+zr3BfcRAJVq+vxlCoBuYzs' ..
                'aMWW6MQx+QB6REqbnKr2gFn+XCO5ZLLou8tz4RCPmXL531' .. '=',
              'key: "ABSK' .. 'QmVkcm9ja0FQSUtleS' ..
                'POysoFk+R5Cit5LD2tuzEfYrAV5wvbSTji9nmZoP86cxntloOgR8SQC2JshxY8Jl' ..
                'JNBn8PZfgeUpPpP2mtHYgNMx5c6c9XZS3W4gD4rL' .. '"' },
    miss  = { 'ABSK' .. 'QmVkcm9ja0FQSUtleS' .. '66BebOrcXS44EMT1XVwm',
              'XABSK' .. 'QmVkcm9ja0FQSUtleS' ..
                'NMZAIUX1uPMq82zzhGSwvwRzyUsA3MancU8NFvqeWp8jJ9yip+DKuo37Yj91NUYd' ..
                'x+BmcH/2wqDMVOXL4rKs9zZU8PCUoG/IY3LDixlxut7bz1' },
  },
}

rule "aws-mws-auth-token" {
  title     = "Amazon MWS auth token",
  tags      = { "secret", "cloud", "aws" },
  severity  = "high",
  meta      = { remediation = "Revoke the developer's access in Seller Central and move to SP-API." },
  prefilter = any { "amzn.mws." },
  confirm   = { regex [[\bamzn\.mws\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b]],
                entropy { at_least = 3.2 } },
  examples  = {
    match = { 'mws_token: amzn.mws.' .. '909c508c-98e0-42f8-8f41-9bf43dc85801',
              'auth("amzn.mws.' .. 'c5701785-68a8-4e08-a8ac-4714f9d2b6fb' .. '")' },
    miss  = { 'amzn.mws.' .. 'adde65a1' .. '-' .. '29e0',
              'amzn.mws.' .. '00000000-0000-0000-0000-000000000000' },
  },
}

rule "gcp-api-key" {
  title     = "Google API key",
  tags      = { "secret", "cloud", "gcp" },
  severity  = "medium",
  meta      = { reference = "https://cloud.google.com/docs/authentication/api-keys",
                remediation = "Delete the key, or restrict it to the callers and APIs that need it." },
  prefilter = any { "AIza" },
  confirm   = { regex { [[\b(AIza[0-9A-Za-z_-]{35})]] .. STOP, capture = 1 }, entropy { at_least = 3.6 },
                no_placeholder() },
  examples  = {
    match = { 'maps.load("AIza' .. 'jRvDK-3aeZdq93Q_NPCiRY47LLIljpMrC2B' .. '")',
              'GOOGLE_API_KEY=AIza' .. 'vcjFDtpWZiXHCldID-cUL99kxggHlYcp55e' },
    miss  = { 'AIza' .. 'Zefw-RhXSHEFFAg9oQECLe9Qsh6rTW',
              'AIza' .. 'cXUB3w9LjKs6_8fKWkVKWnY8OD-0FcHNdoB' .. 'MwjTbS',
              'AIza' .. 'XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX' },
  },
}

rule "gcp-oauth-client-secret" {
  title     = "Google OAuth client secret",
  tags      = { "secret", "cloud", "gcp" },
  severity  = "high",
  meta      = { remediation = "Reset the client secret under APIs & Services > Credentials." },
  prefilter = any { "GOCSPX-" },
  confirm   = { regex { [[\b(GOCSPX-[0-9A-Za-z_-]{28})]] .. STOP, capture = 1 }, entropy { at_least = 3.4 } },
  examples  = {
    match = { '"client_secret": "GOCSPX-' .. 'KYmUn_w10GeJrv27Xz-BdUrwb_b9' .. '"',
              'client_secret: GOCSPX-' .. 'iqGLdKYu8wT3WL67fib2zfnkwfj0' },
    miss  = { 'GOCSPX-' .. 'p5CgirY5ZCNwqmaZuHYl', 'GOCSPX-' .. 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa' },
  },
}

rule "gcp-oauth-access-token" {
  title     = "Google OAuth access token",
  tags      = { "secret", "cloud", "gcp" },
  severity  = "medium",
  meta      = { remediation = "Revoke the grant; the token itself expires within an hour." },
  prefilter = any { "ya29." },
  confirm   = { regex [[\bya29\.[0-9A-Za-z_-]{40,1000}]], entropy { at_least = 4.0 } },
  examples  = {
    match = { 'Authorization: Bearer ya29.' ..
                'UwQR9uERdMAn4ub7KWGM6jZSO5xdqOnU1QqlGiyzIO7QLDfICRTw4YhtRQnPQBnG' ..
                's7oH2aDoCBO_SwP_3wx9MGyMNjJBopJ7EAr2n4sWLhhdFNBSiSuA676J',
              'access_token="ya29.' ..
                'JClr3XLaLPkh4b5N7S2lw3Po0qR4IEacXpnEJkO7i2jlp4ge1u3DKFY1lyZCI7zr' ..
                '4J2_BKdGFhaxPs8mZpEK6cCVSqGkg0VG' .. '"' },
    miss  = { 'ya29.' .. 'Zd1ZwB_YCQy5',
              'version maya29.' .. 'o5fBTXZuC39TjNJXRqg9sZylhaIPiccK7eOZkgtacB2QIoVRd215MhkZZ6m6' },
  },
}

rule "gcp-oauth-refresh-token" {
  title     = "Google OAuth refresh token",
  tags      = { "secret", "cloud", "gcp" },
  severity  = "high",
  meta      = { remediation = "Revoke the app's access in the account's security settings." },
  prefilter = any { "1//0" },
  confirm   = { regex { [[(?:^|[^0-9A-Za-z/])(1//0[0-9A-Za-z_-]{60,110})]] .. STOP, capture = 1 },
                entropy { at_least = 4.2 } },
  examples  = {
    match = { '"refresh_token": "1//0' ..
                'oRQhUkICjWvmAj3r3RRXe-69qdwSZkFvWZ69eedai9yRPieDeFzYstbUEmnFCZO_' ..
                'OracuS1AURQSVEvtEpm1ABysNm-Cs22pT3V' .. '"',
              'refresh = 1//0' ..
                'XRp5oemKBVIsIr7q9qhe6tMI9_UUv1LkGfDJIHbMS8x9KcGr6lUTVF9sv2UCbTyO' },
    miss  = { '"refresh_token": "1//0' .. '408mEBI85IV9pa0jQ1St' .. '"',
              'https://host/1//0' ..
                '40Jafo2Cl_OqLnsz3b4pcUzIJ084lLLtx_GS2pQRa9o5eCJgDRLa49drB-sBLYOo' ..
                '7mW-emEhFx5taa7uekVUHNCB8vx0kJ_xRK1' },
  },
}

rule "gcp-service-account-key" {
  title     = "Private key of a Google service account",
  tags      = { "secret", "cloud", "gcp", "private-key" },
  severity  = "critical",
  meta      = { reference = "https://cloud.google.com/iam/docs/keys-create-delete",
                remediation = "Delete the key of the service account and use workload identity instead." },
  prefilter = all { "private_key", "PRIVATE KEY-----" },
  confirm   = {
    regex { [["private_key"\s{0,4}:\s{0,4}"(-----BEGIN (?:RSA )?PRIVATE KEY-----\\n[A-Za-z0-9+/=\\]{64,1000})]],
      capture = 1 },
    near { regex [["type"\s{0,4}:\s{0,4}"service_account"]], within = 8192, unit = "bytes" },
  },
  examples  = {
    match = { '{"type": "service_account", "private_key": "-----BEGIN ' ..
                'PRIVATE KEY-----\\nMIIE' ..
                '2uSxbNTRenJjxfgIfumABD5LYvdcKhGrmlolu1ljqsI0gKZguv0ZKtLvpxl5' .. '\\n' ..
                'eJugSKmQjvSo87U9jf6RFPFpqXRZtaBnGaxebplOkMCRaZrMHU1LS8MDQZ6+qlE6' .. '\\n"}',
              '"type":"service_account","private_key":"-----BEGIN ' .. 'PRIVATE KEY-----\\nMIIE' ..
                'Unw9MjZPByX7yeaisaK/Atsk08CW19hrlRgaVk/6BlSgYlJnJx1YBEce2Z8ygqEb' ..
                'q8dcKWEvMn4oX8PSc0II1Ux9qBh2fiJR9xs3OPv3LSX/6N3frQ98eDeLF5x2' .. '==\\n"' },
    miss  = { '{"type": "service_account", "private_key": "-----BEGIN ' ..
                'PRIVATE KEY-----\\n...\\n"}',
              '{"type": "service_account", "private_key_id": "' ..
                'a3ba202c03fcf37f87df7ff080fe1b4ca96aa115' .. '"}' },
  },
}

rule "azure-storage-account-key" {
  title     = "Azure storage account key in a connection string",
  tags      = { "secret", "cloud", "azure" },
  severity  = "critical",
  meta      = { reference = "https://learn.microsoft.com/azure/storage/common/storage-account-keys-manage",
                remediation = "Rotate both keys of the storage account; prefer Entra ID or short-lived SAS." },
  prefilter = any { "AccountKey=" },
  confirm   = { regex { [[AccountKey=([A-Za-z0-9+/]{86}==)]], capture = 1 }, entropy { at_least = 4.5 },
                -- The key of the public storage emulator.
                except { text = { "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6" } } },
  examples  = {
    match = { 'DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=' ..
                'kE7HFmRIQGJGIdeshqyYeotYcPRHOdV0PdJotBemj9uaDcd5aJeNWX43FY8cZ0ED' ..
                'Trybzi5GKJqhWPbjuWXtvt' .. '==;EndpointSuffix=core.windows.net',
              'AccountName=logs;AccountKey=' ..
                '7p677UBLrLyzo9yTgV3hyMEE+WsWl68DppFcTipjeC8GfXJDbVm71K8XZoSRyJie' ..
                'Iqr6fp7OgeussdLYQ2nyZN' .. '==' },
    miss  = { 'AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlm' .. 'EtlCDXJ1' ..
                'OUzFT50uSRZ6' ..
                'IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
              'AccountName=shop;AccountKey=' .. 'nZiV4HMhvC86sIgvTC2z00hCCuMHAaE8xZEosf4T' ..
                '==' },
  },
}

rule "azure-client-secret" {
  title     = "Client secret of an Entra ID (Azure AD) application",
  tags      = { "secret", "cloud", "azure" },
  severity  = "critical",
  meta      = { reference = "https://learn.microsoft.com/entra/identity-platform/quickstart-register-app",
                remediation = "Remove the secret from the app registration and add a new one." },
  prefilter = any { "7Q~", "8Q~" },
  confirm   = {
    regex { [[(?:^|[^0-9A-Za-z_~.-])([0-9A-Za-z_~.]{3}[78]Q~[0-9A-Za-z_~.-]{31,34})(?:[^0-9A-Za-z_~.-]|$)]],
      capture = 1 },
    entropy { at_least = 3.8 },
  },
  examples  = {
    match = { 'AZURE_CLIENT_SECRET=k3P8Q~' .. 'JpHdnEA2rb6_W44sbEUXvd8-tQNuphR9eZ',
              '"clientSecret": "Zb.7Q~' .. 'R91U8XxtTs8GRWqdLpslDbCh5NqXqZw' .. '"' },
    miss  = { 'k3P8Q~' .. 'nyHlcjoiHf3O', 'k3P9Q~' .. '3Q1yZlWnOo-sqMoUiLk74t7kb7OQCOo2Ww' },
  },
}

rule "azure-sas-token" {
  title     = "Azure shared access signature",
  tags      = { "secret", "cloud", "azure" },
  severity  = "high",
  meta      = { remediation = "Rotate the key that signed it, or delete its stored access policy." },
  prefilter = all { "sig=", "sv=20" },
  confirm   = {
    regex [[\bsv=20\d\d-\d\d-\d\d&[^\s"'<>]{0,300}\bsig=[A-Za-z0-9%/+]{40,64}(?:%3[Dd]|=)]],
  },
  examples  = {
    match = { '?sv=2022-11-02&ss=b&srt=sco&sp=rl&se=2031-01-01T00:00:00Z&sig=' ..
                'bjH5suThfgk6RA5zaqO9ZpxPuCpRw1hI8Dw4vhsCLRw' .. '%3D',
              'https://shop.blob.core.windows.net/img?sv=2021-06-08&sr=c&sp=r&s' .. 'ig=' ..
                'rseJc6VhKJspqMuaOPIw' .. '%2F' .. 'H7z9Ghx2hNZ2nNQH8e9CeV' .. '%3D' },
    miss  = { '?sv=2022-11-02&ss=b&srt=sco&sp=rl&sig=***',
              '?sv=20&sig=' .. 'NkwRaQeETxvIlNoBKPVX19lZGF5RUSqtYQoFbJIBT8K' .. '%3D' },
  },
}

rule "azure-shared-access-key" {
  title     = "Azure Service Bus, Event Hubs or IoT Hub access key",
  tags      = { "secret", "cloud", "azure" },
  severity  = "high",
  meta      = { remediation = "Regenerate the keys of the shared access policy." },
  prefilter = any { "SharedAccessKey=" },
  confirm   = { regex { [[SharedAccessKeyName=[^;\s]{1,256};SharedAccessKey=([A-Za-z0-9+/]{43}=)]], capture = 1 },
                entropy { at_least = 4.0 } },
  examples  = {
    match = { 'Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=R' ..
                'oot;SharedAccessKey=' .. 'aJlgSD7/2i3rlPfuVRh1YS9bCcWjwt0HQ51Oyev1Yl4' .. '=',
              'HostName=hub.azure-devices.net;SharedAccessKeyName=device;Shared' .. 'AccessKey=' ..
                'i14qFv5tLeshdD/IwlxvOfyUpty3kNAVN0wyIzIjzKq' .. '=' },
    miss  = { 'SharedAccessKeyName=Root;SharedAccessKey=<key>',
              'SharedAccessKey=' .. 'GC96KtInLx6QvdaDu+7H' .. '=' },
  },
}

rule "azure-devops-token" {
  title     = "Azure DevOps personal access token",
  tags      = { "secret", "cloud", "azure", "vcs" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token under User settings > Personal access tokens." },
  prefilter = all { "JQQJ9", "AZDO" },
  confirm   = { regex [[\b[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{19}AZDO[A-Za-z0-9]{4}\b]], entropy { at_least = 4.0 } },
  examples  = {
    match = { 'AZURE_DEVOPS_EXT_PAT=' .. 'EBIbHvzyukPx2YpYawzNwnp7fQgjHkntHosgB6mqlsDDoEsOXBsQ' ..
                'JQQJ9' .. '9' .. 'UFaHIMOqed6w4W4z9a' .. 'AZDO' .. 'FgDA',
              'pat: ' .. '11f851bbtKWepBU0hEP756yX0Wc9Q0UwLuBpYbablySUrWW32NLg' .. 'JQQJ9' .. '9' ..
                'Xz2CW96cO6lFUlCQla' .. 'AZDO' .. 'fSr4' },
    miss  = { 'wxzeF0uYAeOBdPEDaiUJQ5OIS5JmLjw9atDq6hzQ' .. 'JQQJ9' .. '9' .. 'oymRKjglh9FLMnlTnG' ..
                'AZDO' .. 'zGzf',
              'KFjK3k8fJF8VnMkGwNV4DbvNCX47gAjiz3Z8qQEF4fRJhgDKbRHG' .. 'JQQJ9' .. '9' ..
                'QglUGhbCM0vWVoGxpj' .. 'AZFU' .. 'YuRF' },
  },
}

rule "azure-resource-key" {
  title     = "Key of an Azure resource (registry, search, Cosmos DB, functions, batch)",
  tags      = { "secret", "cloud", "azure" },
  severity  = "high",
  meta      = { remediation = "Regenerate the key of the named resource." },
  prefilter = any { "AzSe", "+ACR", "ACDb", "AzFu", "+ABa" },
  confirm   = {
    regex { [[(?:^|[^A-Za-z0-9+/_-])]] ..
      [[([A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}|[A-Za-z0-9+/]{42}\+ACR[A-D][A-Za-z0-9]{5}|]] ..
      [[[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]==|[A-Za-z0-9+/]{76}(?:ACDb|\+ABa)[A-Za-z0-9+/]{5}[AQgw]==)]] ..
      [[(?:[^A-Za-z0-9+/=_-]|$)]], capture = 1 },
    entropy { at_least = 4.0 },
  },
  examples  = {
    match = { 'api-key: ' .. '0pEXMUWCiW8j3zZDYMzkCDht6MLeWQ14ggRyADt4kc' .. 'AzSeB' .. 'CWDYk',
              'docker login -p ' .. '3+eTw09n8v2yjRIFKAed8sZI5HGXiQgZNsQjiGjfiZ' .. '+ACRC' ..
                'By9sy' .. ' shop.azurecr.io',
              'AccountEndpoint=https://c.documents.azure.com/;key: ' ..
                '5ZVdtT1zMzwOAs7Q1tP3i+1Jt/SCjjYymVnyHrfDLsKa1tQkcSMchfVVb+sZqPvZ' ..
                'CGxj+uRsjCRs' .. 'ACDb' .. 'Gy7mv' .. 'A==' },
    miss  = { 'api-key: ' .. 'e0w3Fp3rlslGte4rjkyz7JieZYKBkg' .. 'AzSeB' .. 'a17n7',
              'api-key: ' .. '0yjSzbxnWM9jERw7F4eiwojDKbqnvNmd5SAYIegEWk' .. 'AzSeE' .. 'IhjK0' },
  },
}

rule "alibaba-access-key-id" {
  title     = "Alibaba Cloud access key ID",
  tags      = { "secret", "cloud", "alibaba" },
  severity  = "high",
  meta      = { remediation = "Disable the AccessKey pair in RAM and delete it." },
  prefilter = any { "LTAI" },
  confirm   = { regex [[\bLTAI[A-Za-z0-9]{20}\b]], entropy { at_least = 3.6 }, no_placeholder() },
  examples  = {
    match = { 'ALIBABA_CLOUD_ACCESS_KEY_ID=LTAI' .. 'lQXiiif8cU5Y1LyrretM',
              'accessKeyId: "LTAI' .. 'OMAWjccAVavwG1L1C0Ml' .. '"' },
    miss  = { 'LTAI' .. '4GtToyVqUj', 'LTAI' .. 'XXXXXXXXXXXXXXXXXXXX' },
  },
}

rule "tencent-secret-id" {
  title     = "Tencent Cloud secret ID",
  tags      = { "secret", "cloud", "tencent" },
  severity  = "high",
  meta      = { remediation = "Disable the key under CAM > API keys." },
  prefilter = any { "AKID" },
  confirm   = { regex [[\bAKID[A-Za-z0-9]{32}\b]], entropy { at_least = 3.8 }, no_placeholder() },
  examples  = {
    match = { 'TENCENTCLOUD_SECRET_ID=AKID' .. 'NEQCmsTl9athdkzHjafLwGQaDqYyP3jd',
              '"secretId": "AKID' .. 'clStQVSvzE10vw1TxHomwoUQugMIkFq6' .. '"' },
    miss  = { 'AKID' .. 'QahLIOSVI2cMTAAxp1LG', 'AKID' .. 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' },
  },
}

rule "ibm-cloud-api-key" {
  title     = "IBM Cloud API key",
  tags      = { "secret", "cloud", "ibm" },
  severity  = "high",
  meta      = { remediation = "Delete the key under Manage > Access (IAM) > API keys." },
  prefilter = all { any { lit("ibm", "nocase"), lit("bluemix", "nocase") }, lit("key", "nocase") },
  confirm   = { regex { assigned([[(?:ibm|bluemix)[\w.-]{0,20}key]], "[A-Za-z0-9_-]{44}"), capture = 1 },
                entropy { at_least = 4.3 }, no_placeholder() },
  examples  = {
    match = { 'IBMCLOUD_API_KEY=' .. '5N92RINElRq1RQNpSMOY_FsSCzSaIiTH5gMaLGvCkv1g',
              'ibm_api_key: "' .. 'PUn7cLB50o4Nn3luG2_XGSrd7IzgkpDqplDTTofOtvtK' .. '"' },
    miss  = { 'IBMCLOUD_API_KEY=' .. 'hqUFkCU41s1KeXwZ_fQ5pdt_6pyprN',
              'ibm_api_key: "' .. 'dd21880f29afcc460d1c4f8de379f73edf72ea38d879' .. '"' },
  },
}

rule "yandex-cloud-key" {
  title     = "Yandex Cloud API key",
  tags      = { "secret", "cloud", "yandex" },
  severity  = "high",
  meta      = { remediation = "Delete the key of the service account." },
  prefilter = any { "AQVN" },
  confirm   = { regex { [[\b(AQVN[A-Za-z0-9_-]{35,36})]] .. STOP, capture = 1 }, entropy { at_least = 4.0 } },
  examples  = {
    match = { 'Authorization: Api-Key AQVN' .. 'zI_amhaVHjOGp8UYK0A_1VvSICp3-GD21Ey',
              'YC_API_KEY=AQVN' .. 'TFsURwJJC3-YmlBxXSoPZMm0ig3EjhFbrPgJ' },
    miss  = { 'AQVN' .. 'ViCnP1kR4e2TJ1HlVkqx',
              'AQVN' .. 'unBCdkyv86HY3fe3EhS7D9T5QUtPvcKPkXRuDHmPOp_p-QTwh1' },
  },
}
