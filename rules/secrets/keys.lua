-- Private keys and signed tokens: PEM, OpenSSH, PGP, PuTTY, age, WireGuard, JWK, JWT, key files.
-- Examples are made up, and glued together so that this file holds no key itself.

-- What may stand between the armour line and the key: line ends, escaped or not, and quotes.
local BREAK = [=[(?:\\[nr]|["',+\s]){1,64}]=]
-- `Proc-Type: 4,ENCRYPTED` and its like.
local HEADERS = [=[(?:[A-Z][A-Za-z-]{2,20}: [^\n\\]{1,80}(?:\\[nr]|\s){1,8}){0,4}]=]

rule "private-key-pem" {
  title     = "Private key in PEM or OpenSSH format",
  tags      = { "secret", "private-key" },
  severity  = "critical",
  meta      = { reference = "https://www.rfc-editor.org/rfc/rfc7468",
                remediation = "Replace the key pair everywhere its public half is trusted." },
  prefilter = all { "-----BEGIN ", "PRIVATE KEY-----" },
  confirm   = {
    regex([[-----BEGIN (?:(?:RSA|EC|DSA|OPENSSH|ENCRYPTED) )?PRIVATE KEY-----]] .. BREAK .. HEADERS ..
      [[[A-Za-z0-9+/]{40,76}]]),
    except { regex = { [[\.\.\.|[xX]{16}|A{16}|EXAMPLE]] } },
  },
  examples  = {
    match = { '-----BEGIN ' .. 'RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA' ..
                'CddgJsqO0BECfENeCstxAbvBV6rhvFd1KcxO7F94okP2MDGw' .. '\n' ..
                'Zc9blfiGL4Ui3uP+vx64ukOV2ikjXm9+3dtD4U8ri8zF8UhcAIXuAW9qzOOVnMvF' .. '\n',
              '-----BEGIN ' .. 'OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE' ..
                'FViD9Wmr5JLTIXLrAW0i+AEZ4zSLMWbHpmMKz8NztPBH7tEj+x1' .. '\n',
              'key = "-----BEGIN ' .. 'EC PRIVATE KEY-----\\nMHcCAQEEI' ..
                'BT2sMV++0Ppg7DAhgRXmB9v54kUpG4RFhmuWzYIY3wx6dsm0STTibzk' .. '\\n"',
              '-----BEGIN ' .. 'RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-' ..
                'CBC,' .. 'E0C52D479B638B08A9FBC83AE16B99B3' .. '\n\n' ..
                'gLt8Mh7JTRZvaEP0Ysh5zGVZcBBU+SiAtbBpi6gGOCQZRb3V6KVsgi68P0mPrfrB' .. '\n' },
    miss  = { '-----BEGIN ' .. 'RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----',
              'if line == "-----BEGIN ' .. 'PRIVATE KEY-----" then in_key = true end',
              '-----BEGIN ' .. 'PUBLIC KEY-----\n' ..
                '07mY/KjKbqUMa/ES8vwQyzfOu94zZIjknCQP2CGzsFaOywClMGe22/+2M7W/IWbT' .. '\n' },
  },
}

rule "private-key-pgp" {
  title     = "PGP private key block",
  tags      = { "secret", "private-key", "pgp" },
  severity  = "critical",
  meta      = { remediation = "Publish a revocation certificate and make a new key." },
  prefilter = any { "-----BEGIN PGP PRIVATE KEY BLOCK-----" },
  confirm   = { regex([[-----BEGIN PGP PRIVATE KEY BLOCK-----]] .. BREAK .. HEADERS .. [[[A-Za-z0-9+/]{40,76}]]) },
  examples  = {
    match = { '-----BEGIN ' .. 'PGP PRIVATE KEY BLOCK-----\n\nlQOYB' ..
                '6OOm3pl/+J/qWAmp2jcJHjmAeYWBVGMN+9QtHCSGpla0ZouAvM38miJ7vms' .. '\n' ..
                'HhoBbAZ5p1pcwy4qIsw0t/Nd561HJISE6BR0mAxVA4Cg1J7MskV8uTakjN7xWS7q' .. '\n',
              '-----BEGIN ' .. 'PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\nlQHYB' ..
                '0FGadiM2Zl8JauI07lT2+9RpJn5PInTwwfIcSdCf7c+mWaKZ95tuFChcloG' .. '\n' },
    miss  = { '-----BEGIN ' .. 'PGP PUBLIC KEY BLOCK-----\n\nmQENB' ..
                'uBlcx5Hgo4lXt3SRMPEah+a1BVfgfRFHswQaI34ru8mgjv+pg17TYDR5YZ6' .. '\n',
              '-----BEGIN ' .. 'PGP PRIVATE KEY BLOCK-----\n\n' },
  },
}

rule "private-key-putty" {
  title     = "PuTTY private key file",
  tags      = { "secret", "private-key", "ssh" },
  severity  = "critical",
  meta      = { remediation = "Take the public key off every host that trusts it and make a new pair." },
  prefilter = any { "PuTTY-User-Key-File-" },
  confirm   = {
    regex [[PuTTY-User-Key-File-[23]: [a-z0-9@.-]{4,48}]],
    near { lit "Private-Lines: ", within = 16384, unit = "bytes", after = true },
  },
  examples  = {
    match = { 'PuTTY-User-Key-File-' ..
                '2: ssh-rsa\r\nEncryption: none\r\nPrivate-Lines: 14\r\nAAABAQ' ..
                'uAC/iwa6oV4fHogznjueEr7gTtOGO6jDBtY6TubgvI68LBeOB8UJtT',
              'PuTTY-User-Key-File-' ..
                '3: ssh-ed25519\nEncryption: aes256-cbc\nPrivate-Lines: 1\n' ..
                'TUNSK32pOklm1Kd+S7CDdKlCyKt6gXn17uwt7SDFRHFU' },
    miss  = { 'PuTTY-User-Key-File-' .. '2: ssh-rsa\r\nEncryption: none\r\n',
              'PuTTY-User-Key-File-9: ssh-rsa\nPrivate-Lines: 14\n' },
  },
}

rule "private-key-age" {
  title     = "age identity (secret key)",
  tags      = { "secret", "private-key", "age" },
  severity  = "critical",
  meta      = { reference = "https://age-encryption.org/v1",
                remediation = "Make a new identity and encrypt again what the old one could read." },
  prefilter = any { "AGE-SECRET-KEY-1" },
  confirm   = { regex [[\bAGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b]], entropy { at_least = 3.6 } },
  examples  = {
    match = { 'AGE-SECRET-KEY-1' .. '80M3DT56DNDF0PTMQUUW8MCPA6255JWQRSGKH732DYZNU3ZVZEMD8Q8Q7G',
              'SOPS_AGE_KEY=AGE-SECRET-KEY-1' ..
                '6FEEGK0RW442C3AA8MUPTJGPXZQY82HLGVYYJMGW37U0NVZ0DLLV6S2LJ3' },
    miss  = { 'AGE-SECRET-KEY-1' .. 'PZHS9UA0ZUXQPX4H9JQ8JNVNNHQ0U3',
              'AGE-SECRET-KEY-1' .. 'BBBBB' ..
                '5XLWVASYE6DR2SRNRA7DPV8RYZEYTAQEW8PPX6H6Z77AJRMDLM38S' },
  },
}

rule "private-key-wireguard" {
  title     = "WireGuard private key",
  tags      = { "secret", "private-key", "vpn" },
  severity  = "high",
  meta      = { remediation = "Make a new key pair and give the public half to every peer." },
  prefilter = all { lit("PrivateKey", "nocase") },
  confirm   = {
    regex { [[(?im:^[ \t]{0,8}PrivateKey[ \t]{0,4}=[ \t]{0,4})([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)(?:\s|$)]],
      capture = 1 },
    entropy { at_least = 4.2 },
  },
  examples  = {
    match = { '[Interface]\nPrivateKey = ' .. '5if5BlQl0NMIkQyVPI273A7eirJMFKM6lGla/8cHZq' ..
                'E=\nAddress = 10.8.0.2/32\n',
              'PrivateKey=' .. '7JiXrmabxpo5FwLqqbZgNXSSfySyb1l2bwhR4KfsPc' .. '0=' },
    miss  = { '[Interface]\nPrivateKey = <key>\n',
              'PublicKey = ' .. 'gNg/6xkOxiSZDoCcOY9f4jU6+W+ql4+RIba6OGzSRk' .. 'E=\n' },
  },
}

rule "private-key-jwk" {
  title     = "Private JSON web key",
  tags      = { "secret", "private-key", "jwk" },
  severity  = "critical",
  meta      = { reference = "https://www.rfc-editor.org/rfc/rfc7517",
                remediation = "Take the key out of the key set and sign with a new one." },
  prefilter = any { '"d"' },
  confirm   = {
    regex { [["d"\s{0,4}:\s{0,4}"([A-Za-z0-9_-]{42,700})"]], capture = 1 },
    entropy { at_least = 4.5 },
    near { lit '"kty"', within = 4096, unit = "bytes", before = true, after = true },
  },
  examples  = {
    match = { '{"kty":"EC","crv":"P-256","x":"' .. 'bcnSS27lrn_Gk0ghFarjT_cU36n3ZqwYKAqbiCykDgk' ..
                '","y":"' .. 'LZLMxlMphqgmWlDnCbwro135L8KXPUnxxlrLM_e4_OY' .. '","d":"' ..
                'aqrO36Rvq6e8MDqDPIz8hesOl7KtNs-r4KBK9unZs7Z' .. '"}',
              '{ "d" : "' .. 'mG6nG1f2SoA39HVzdnfMP6JqWd2o9a2GlmgdCLk-1L5IlNAyiOonNsf5U3HC5oaZ' ..
                'aLtZw7evwhIEuOLxbkAIBW' .. '", "kty" : "OKP", "crv" : "Ed25519", "x" : "' ..
                'bpJdntbmi_ywIUkyP2KkqpvJAj8ASg1-PgapxvMOvcT' .. '" }' },
    miss  = { '{"kty":"EC","crv":"P-256","x":"' .. 'eEJVzIhivfVOx586wxzblYFyDsGsGIT3Zj2-j9u3peG' ..
                '","y":"' .. 'LVod9SkEtg74uZ0d2PbWxdSc7Cx2DqEVk99jeORsrlh' .. '"}',
              '{"kty":"EC","d":"' .. 'c6HZXyL5ESZ0' .. '"}' },
  },
}

rule "private-key-kubernetes" {
  title     = "Client key in a kubeconfig",
  tags      = { "secret", "private-key", "kubernetes" },
  severity  = "critical",
  meta      = { remediation = "Remove the user's role bindings and sign a new certificate." },
  prefilter = any { "client-key-data" },
  confirm   = { regex [[client-key-data:\s{1,4}["']?LS0tLS1CRUdJTi[A-Za-z0-9+/]{100,1000}]] },
  examples  = {
    match = { '    client-key-data: LS0tLS1CRUdJTiBSU0Eg' ..
                '2FOgvxxklSyp/TRkMh0K2b6AO70Nzmfgv1UgcRgQ1VPOG8Q+udgC3J7ogtUHDe1V' ..
                'NZGZzAn7PWxYXaYSt02QzjWZJi3CLdCe2vc/s1+SIzDhytZhImguQlTYX9f6f9ky' ..
                'of2Wxe+Vg1n8MwR6ot9Abso+0jcPjq858D5vf6seiM34AhcT1Pn4O+qKQnmlvbxB' .. 'immB7sYB' ..
                '==',
              'client-key-data: "LS0tLS1CRUdJTiBF' ..
                'hSQoZ7/Gbh9aMp0tLxSqPG4jZGW+WsqLuREXsqDRIPaulY8gKVvaN6HdC+QQNyYD' ..
                'IYl75lB4NcBlsbG/Jq15l3WMF9rOsfSATTJSrgxNJm7tx26JbQznJapNaCDVBtFN' .. '"' },
    miss  = { 'client-key-data: REDACTED',
              'client-certificate-data: LS0tLS1CRUdJTiBD' ..
                'h+nrKJEUbECeklb+CC0KU6uwLAJYqOhdYgJgu04QXEep3c7tZAyFyKXb+gN6yb+h' ..
                'fHwXcyoz4yJeOlg4rsrXbRbDI8703KGufsV7bXdpKuJUhci5Ln2s6K2eFT3uVXgI' },
  },
}

rule "json-web-token" {
  title     = "JSON web token",
  tags      = { "secret", "jwt" },
  severity  = "medium",
  meta      = { reference = "https://www.rfc-editor.org/rfc/rfc7519",
                remediation = "End the session it stands for; rotate the signing key if it was made with yours." },
  prefilter = any { "eyJ" },
  confirm   = {
    regex { [[\b(eyJ[A-Za-z0-9_-]{15,1000}\.eyJ[A-Za-z0-9_-]{15,1000}\.[A-Za-z0-9_-]{20,1000})]], capture = 1 },
    entropy { at_least = 4.5 },
    -- The signature of the token that introductions to JWT print.
    except { text = { "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c" } },
  },
  examples  = {
    match = { 'Cookie: session=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9' .. 'RcjupdcHSiuf' .. '.' ..
                'K9nwOwuCkNcU8F0H_XhcugTbX_8AE2RDPqGhG1L7Mw8',
              '"token": "eyJ' .. 'hbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJ' ..
                'cN60QWx9NH2TYjFUQsoG4oeOwvwLqZljA_m6kchRSgrjppYOMxslKici80YmFOm6' .. '.' ..
                '5xTPJtWuqHOK84zoiYUVt9W8fzpO1OY6-UjNQ6cihd35mZbVXp_SrqqvacgljnXC' ..
                'j-6tePCEvQ_6frR-7ERDFa' .. '"' },
    miss  = { 'eyJhbGciOiJIUzI1NiJ9.eyJ' .. 'AGxPVQmus_Z-Lbd9dq4yDGMXydyRjq',
              'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0' ..
                '.SflKxwRJSMeKKF2QT4fwpMeJf36POk6y' ..
              'JV_adQssw5c' },
  },
}

rule "private-key-file-name" {
  title     = "A file that by its name is a private key or key store",
  tags      = { "secret", "private-key", "file-name" },
  severity  = "medium",
  meta      = { remediation = "Keep key files out of the tree; load them from the secret store when needed." },
  confirm   = {
    path [[(?:^|/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|[^/]{1,80}\.(?i:p12|pfx|jks|keystore|kdbx|ppk|agekey))$]],
  },
  examples  = {
    match = { { text = "", path = "home/dev/.ssh/id_ed25519" }, { text = "x", path = "deploy/server.PFX" },
              { text = "x", path = "team.kdbx" } },
    miss  = { { text = "", path = "home/dev/.ssh/id_ed25519.pub" }, { text = "x", path = "src/pfx.go" } },
  },
}
