-- Tokens of package registries: npm, PyPI, RubyGems, NuGet, Docker, crates.io, Artifactory and others.
-- Examples are made up, and glued together so that this file holds no token itself.

-- What follows a token of the alphabet [A-Za-z0-9_-] that has a fixed length.
local STOP = [[(?:[^0-9A-Za-z_-]|$)]]

rule "npm-access-token" {
  title     = "npm access token",
  tags      = { "secret", "packages", "npm" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token with `npm token revoke` and check what was published." },
  prefilter = any { "npm_" },
  confirm   = {
    regex [[\bnpm_([A-Za-z0-9]{30})([A-Za-z0-9]{6})\b]], checksum { "crc32-base62", of = 1, digits = 2 },
  },
  examples  = {
    match = { '//registry.npmjs.org/:_authToken=npm_' .. 'GL2PqCSnX20jA412QWIUGzi1Co4fJT3kKiby',
              'NPM_TOKEN=npm_' .. '4iCj960SILAcpCYH64wyDtVSIx8xP70TdhYc' },
    miss  = { 'NPM_TOKEN=npm_' .. 'Qprvu3JcLsjNA5BxIVnCMj6NSyfvQF28efsv',
              'NPM_TOKEN=npm_' .. 'O6OYqVi7pwiznEUipZQA', 'npm_config_registry' },
  },
}

rule "npmrc-auth-token" {
  title     = "Registry token or password in an .npmrc",
  tags      = { "secret", "packages", "npm" },
  severity  = "high",
  meta      = { remediation = "Revoke the token; let .npmrc read it from the environment." },
  prefilter = any { "_authToken", "_password", "_auth" },
  confirm   = {
    regex [[(?m:^(?://[^\s:]{1,200}:)?_(?:authToken|password|auth)\s{0,4}=\s{0,4}["']?)([^\s"'$<{]{12,512})]],
    entropy { at_least = 3.2 },
    except { on = "capture", capture = 1, regex = { "^npm_" }, words = { "xxxx", "your", "example" } },
  },
  examples  = {
    match = { '//registry.shop.internal/:_authToken=' .. '5b792ccb-2622-450a-96cf-52192d43ce95',
              '_auth = ' .. 'SaT38moiVBO7ddgrbTPeAzoikEsW' .. '==' },
    miss  = { '//registry.shop.internal/:_authToken=${NPM_TOKEN}', 'always-auth=true' },
  },
}

rule "pypi-upload-token" {
  title     = "PyPI upload token",
  tags      = { "secret", "packages", "pypi" },
  severity  = "critical",
  meta      = { remediation = "Remove the token in the account settings and check the releases." },
  prefilter = any { "pypi-AgEIcHlwaS5vcmc", "pypi-AgENdGVzdC5weXBpLm9yZw" },
  confirm   = {
    regex [[\bpypi-(?:AgEIcHlwaS5vcmc|AgENdGVzdC5weXBpLm9yZw)[A-Za-z0-9_-]{50,500}]],
    entropy { at_least = 4.2 },
  },
  examples  = {
    match = { 'password = pypi-AgEI' .. 'cHlwaS5vcmc' ..
                'h4YpVfcY-jd9iPJW95ODvDbFnNFDJP-qlVRS_X8uPC5ivH6DSegEm7gadAll-PPW' ..
                'RvBsnwGROvcnL2GPpRJLQw45j0Aq78I5H299QRFhkQ60bayWhpva1GeK',
              'TWINE_PASSWORD=pypi-AgEN' .. 'dGVzdC5weXBpLm9yZw' ..
                'h8GcqqiwVgMTlomGFJxu-IgqBHXUT39pXSccD0qCxrv-xAGqtnCcsttr-ZL5Sc84' ..
                '_viE2U3S6cfLLwrrTBcxo9njNYsNgkRzFn' },
    miss  = { 'pypi-AgEI' .. 'cHlwaS5vcmc' .. 'knntsy-ZeZo5wyP2vb4X', 'pypi-' .. 'server.example' },
  },
}

rule "rubygems-api-key" {
  title     = "RubyGems API key",
  tags      = { "secret", "packages", "rubygems" },
  severity  = "critical",
  meta      = { remediation = "Delete the key in the account settings and check the gems." },
  prefilter = any { "rubygems_" },
  confirm   = { regex [[\brubygems_[0-9a-f]{48}\b]], entropy { at_least = 3.4 } },
  examples  = {
    match = { ':rubygems_api_key: rubygems_' .. '34a98c0b8eb33cb056a9803b2681e66e0d69f6904affaa2a',
              'GEM_HOST_API_KEY=rubygems_' .. '948624e1c9f462806962cfa52ad7e2892af20b2288ae7df3' },
    miss  = { 'rubygems_' .. 'd4bb3e1b612881b28f3f', 'rubygems_mirror' },
  },
}

rule "nuget-api-key" {
  title     = "NuGet API key",
  tags      = { "secret", "packages", "nuget" },
  severity  = "critical",
  meta      = { remediation = "Delete the key in the account and check the packages." },
  prefilter = any { "oy2" },
  confirm   = { regex [[\boy2[a-z0-9]{43}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'dotnet nuget push -k oy2' .. 'r0g5522u809bqncdkvwcdgvymc2m08ww2qkfo0g9mfl',
              'NUGET_API_KEY=oy2' .. '7tfo3mq2i81nolku2s7c43usxtkrskvx0ccgedurzph' },
    miss  = { 'oy2' .. 'j5l5jgrggi6n6cgjzav4',
              'toy2' .. 'vwfa0rbpcirhql1wsanv7tv0954gloy2crilcwnoagx' },
  },
}

rule "docker-access-token" {
  title     = "Docker Hub access token",
  tags      = { "secret", "packages", "docker" },
  severity  = "critical",
  meta      = { remediation = "Delete the token in the account's security settings." },
  prefilter = any { "dckr_pat_", "dckr_oat_" },
  confirm   = {
    regex { [[\b(dckr_(?:pat_[A-Za-z0-9_-]{27}|oat_[A-Za-z0-9_-]{32}))]] .. STOP, capture = 1 },
    entropy { at_least = 3.8 },
  },
  examples  = {
    match = { 'docker login -u shop ' .. '-p dckr_pat_' .. 'mhdwH-pw7k0wQdzKKI7KRg6RStD',
              'DOCKER_TOKEN=dckr_oat_' .. '3jJRIEhMwKJlJ1LWUfuvaEai0wHeMEp9' },
    miss  = { 'dckr_pat_' .. 'D-ZUDxefu8', 'dckr_pat_' .. 'xxxxx' },
  },
}

rule "docker-config-auth" {
  title     = "Registry login in a Docker config",
  tags      = { "secret", "packages", "docker" },
  severity  = "high",
  meta      = { remediation = "Change the registry password; use a credential helper." },
  prefilter = any { '"auth"' },
  confirm   = {
    regex { [["auth"\s{0,4}:\s{0,4}"([A-Za-z0-9+/]{16,400}={0,2})"]], capture = 1 },
    entropy { at_least = 3.4 }, near { lit '"auths"', within = 4096, unit = "bytes", before = true },
  },
  examples  = {
    match = { '{"auths":{"registry.shop.internal":{"auth":"ZGVwbG95' .. '5zKspVhGhzYoVN1J/AxTE6eG' ..
                '"}}}',
              '{ "auths": { "r.example": { "auth": "' .. 'ZxjebOBzx4b5ADPXDG+gR/hMZWEH/6VfCM+4oPq' ..
                '=" } } }' },
    miss  = { '{"auths":{"registry.shop.internal":{"auth":""}}}',
              '{"auth":"ZGVwbG95' .. 'rNvxzisiXoOzikZPJPn1XwxH' .. '"}' },
  },
}

rule "crates-io-token" {
  title     = "crates.io API token",
  tags      = { "secret", "packages", "rust" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token in the account settings." },
  prefilter = any { "cio" },
  confirm   = { regex [[\bcio[A-Za-z0-9]{32}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'CARGO_REGISTRY_TOKEN=cio' .. 'akwfeE1wgKTpZHnCHvEcSxxFMsoEOOCF',
              'token = "cio' .. 'kYMvQAWlEtk7AuwLPctg5ZrAL5kIiZ58' .. '"' },
    miss  = { 'cio' .. '6a99V9k1o5', 'socio' .. '2dhjxX8lalEeAw5UAi5vKMTeFgetkMPM' },
  },
}

rule "clojars-deploy-token" {
  title     = "Clojars deploy token",
  tags      = { "secret", "packages", "clojure" },
  severity  = "critical",
  meta      = { remediation = "Disable the token in the dashboard." },
  prefilter = any { "CLOJARS_" },
  confirm   = { regex [[\bCLOJARS_[a-z0-9]{60}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'CLOJARS_PASSWORD=CLOJARS_' ..
                '5zzpsouiumkw1mfg1utd9ptdp1ir0d7jt0ihllptsrremv7a2ia67x7xyktn',
              '"CLOJARS_' .. 'qsjx1g211ged2hvo3k75qv4yd4gf3nwvtgoee7g3bwu4ikl6tplr6io9qj56' ..
                '"' },
    miss  = { 'CLOJARS_USERNAME=shop', 'CLOJARS_' .. '7oalbutx8vyhg0jod8zi' },
  },
}

rule "packagist-token" {
  title     = "Packagist token",
  tags      = { "secret", "packages", "php" },
  severity  = "high",
  meta      = { remediation = "Delete the token in the organisation's settings." },
  prefilter = any { "packagist_" },
  confirm   = { regex [[\bpackagist_[ou][ru]t_[0-9a-f]{68}\b]], entropy { at_least = 3.4 } },
  examples  = {
    match = { 'PACKAGIST=packagist_uut_' ..
                'eaaed24cb18065ef8db7593f9d3a47fb3f78c3596836c0c628d6a09b2b1b59ae' .. '087b',
              '"packagist_ort_' ..
                '38df42d3bdefdb17c2e1cbab9fba400f9a3e33a6e09a4074b7d480a1068e2d49' .. 'ac55' ..
                '"' },
    miss  = { 'packagist_uut_' .. 'd68cf60b982989afbf4f', 'packagist_mirror' },
  },
}

rule "artifactory-key" {
  title     = "JFrog Artifactory API key or reference token",
  tags      = { "secret", "packages", "artifactory" },
  severity  = "critical",
  meta      = { remediation = "Revoke the key in the user profile." },
  prefilter = any { "AKCp", "cmVmdGtu" },
  confirm   = { regex [[\b(?:AKCp[A-Za-z0-9]{69}|cmVmdGtu[A-Za-z0-9]{56})\b]], entropy { at_least = 4.2 } },
  examples  = {
    match = { 'X-JFrog-Art-Api: AKCp' ..
                'shp2d08NKt9wrWpBNoDqZqRengoDFg4afgM6mEKSQiUyeDxxEBgYy7rYDjXbMUqz' .. 'qghW9',
              'ARTIFACTORY_TOKEN=cmVm' .. 'dGtu' ..
                'Yags4DZBx2s5FP8sjT1I3tlMQeRpl1SVe3TCWKIEo12aP2iDt5o4ryWQ' },
    miss  = { 'AKCp' .. '6QFfKYFo7RkCPjT76T08sJVRWMwZ6A',
              'cmVm' .. 'dGtu' .. 'YkqOraQq85x801GTsV1G' },
  },
}
