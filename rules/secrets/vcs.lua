-- Tokens of code hosts: GitHub, GitLab, Bitbucket and Atlassian, Sourcegraph.
-- Examples are made up, and glued together so that this file holds no token itself.

-- What follows a token of the alphabet [A-Za-z0-9_-] that has a fixed length.
local STOP = [[(?:[^0-9A-Za-z_-]|$)]]

-- GitHub's tokens end in six base-62 digits, the CRC-32 of the thirty characters before them.
local function github_checksum()
  return checksum { "crc32-base62", of = 1, digits = 2 }
end

rule "github-personal-token" {
  title     = "GitHub personal access token (classic)",
  tags      = { "secret", "vcs", "github" },
  severity  = "critical",
  meta      = { reference = "https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/",
                remediation = "Delete the token under Settings > Developer settings and read the audit log." },
  prefilter = any { "ghp_" },
  confirm   = { regex [[\bghp_([A-Za-z0-9]{30})([A-Za-z0-9]{6})\b]], github_checksum() },
  examples  = {
    match = { 'git clone https://ghp_' .. '8MkyEvRiCf5iyQ7PW1ftCYkRV5Htwm3ZKrnk' ..
                '@github.com/acme/shop.git',
              'GITHUB_TOKEN=ghp_' .. 'O9GvuXyesTPn0jesSNstdUx4V8ED3Q2uXKPG' },
    miss  = { 'GITHUB_TOKEN=ghp_' .. 'aPiXxZ1DWdsoUjlgynbB8FyliloPd427kvr4',
              'GITHUB_TOKEN=ghp_' .. 'cjj2sbu7QdZoi6uxk9Hc',
              'ghp_' .. 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' },
  },
}

rule "github-oauth-token" {
  title     = "GitHub OAuth access token",
  tags      = { "secret", "vcs", "github" },
  severity  = "critical",
  meta      = { remediation = "Revoke the OAuth app's access for the account." },
  prefilter = any { "gho_" },
  confirm   = { regex [[\bgho_([A-Za-z0-9]{30})([A-Za-z0-9]{6})\b]], github_checksum() },
  examples  = {
    match = { 'oauth_token: gho_' .. 'B8REraQbJXR8gJ3ElXJGI8zUZ1xrUv1kjAjC',
              '{"access_token":"gho_' .. 'QT0VuzKkyjYtF9abhwEtQvnCfFVUyL3Srr7e' .. '"}' },
    miss  = { 'oauth_token: gho_' .. '4s1VMdhvdBh5chPET3E5ZJ8QpyEYtJ25TGgW',
              'oauth_token: gho_' .. 'WEvrf3WLRYwL' },
  },
}

rule "github-app-token" {
  title     = "GitHub App token, user-to-server or server-to-server",
  tags      = { "secret", "vcs", "github" },
  severity  = "high",
  meta      = { remediation = "Revoke the installation token, or wait for the hour or eight that it lives." },
  prefilter = any { "ghu_", "ghs_" },
  confirm   = { regex [[\bgh[us]_([A-Za-z0-9]{30})([A-Za-z0-9]{6})\b]], github_checksum() },
  examples  = {
    match = { 'GH_TOKEN="ghs_' .. 'hfxBuU9kEtUSvVyDH3TOaKPcPz9o5205NxXP' .. '"',
              'token ghu_' .. 'aDlLnkqbIqQLuhbTkEtYqiH6tc7JDS0c5aEM' },
    miss  = { 'GH_TOKEN="ghs_' .. 'enuW4ZyzmFf58fHKHib2dOmsYeovdt2DS61E' .. '"',
              'token ghu_' .. 'Tfb3w5UHLiydvzymPkNp1sFfAUIxj8dUtMb' },
  },
}

rule "github-refresh-token" {
  title     = "GitHub refresh token",
  tags      = { "secret", "vcs", "github" },
  severity  = "critical",
  meta      = { remediation = "Revoke the app's access for the account; it also ends its refresh tokens." },
  prefilter = any { "ghr_" },
  confirm   = { regex [[\bghr_[A-Za-z0-9]{36,76}\b]], entropy { at_least = 4.0 } },
  examples  = {
    match = { 'refresh_token=ghr_' ..
                'xBE9RlZ5OSpGq2EJzwsPzXU1iJFHiQfnSK1yqrAOMrC3JPolPYhf8jt202q7FuHJ' ..
                'ld5gDWRItKkC',
              '"refresh_token": "ghr_' .. 'nGdDSctaaS1ivREOOZqQKt4KDXOj1p35ChDt' .. '"' },
    miss  = { 'refresh_token=ghr_' .. '9yY9FtrIbGy5gEVA',
              'ghr_' .. '000000000000000000000000000000000000' },
  },
}

rule "github-fine-grained-token" {
  title     = "GitHub fine-grained personal access token",
  tags      = { "secret", "vcs", "github" },
  severity  = "critical",
  meta      = { reference = "https://docs.github.com/authentication/keeping-your-account-and-data-secure",
                remediation = "Delete the token under Settings > Developer settings and read the audit log." },
  prefilter = any { "github_pat_" },
  confirm   = { regex [[\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b]], entropy { at_least = 4.0 } },
  examples  = {
    match = { 'GITHUB_TOKEN=github_pat_' .. 'rk8w5ozXdvzhXfqsmvKy4g' .. '_' ..
                'qHqfxhiOBpgr5Ti51Ot5Lsk3FU35bTJpZs8Hd1VvX2WbDf8mMFvUWUrMi3s',
              'https://x:github_pat_' .. 'KYgKzJjpxAv36e0aIcP1FF' .. '_' ..
                '6RfWa0LwJBsgx6w2NpQmwbOHLTkkxTAz5aTf9JTqCoxiEBwHNIHTW3LnGXL' .. '@github.com' },
    miss  = { 'GITHUB_TOKEN=github_pat_' .. 'PKtYL4dLErrVMpzsUpBO8F',
              'github_pat_' .. 'sXCUPGCTirIkS03PIS8Vgg' .. '-' ..
                'B0X29mS53hD5C2FPkUv6HfT48Na6wtnvYEMMd2FI52sDUEudhKVbEgRZDos' },
  },
}

rule "gitlab-personal-token" {
  title     = "GitLab personal, project or group access token",
  tags      = { "secret", "vcs", "gitlab" },
  severity  = "critical",
  meta      = { reference = "https://docs.gitlab.com/security/tokens/",
                remediation = "Revoke the token in GitLab and read the audit events." },
  prefilter = any { "glpat-" },
  confirm   = {
    regex { [[\b(glpat-(?:[0-9A-Za-z_-]{27,300}\.[0-9a-z]{2}\.?[0-9a-z]{7}|[0-9A-Za-z_-]{20}))]] .. STOP, capture = 1 },
    entropy { at_least = 3.2 },
    except { words = { "xxxx", "example", "your" } },
  },
  examples  = {
    match = { 'PRIVATE-TOKEN: glpat-' .. 'OJDLu6Ai5h0t10n06rg4',
              'token = "glpat-' .. 'nJNh7GU24OO4f0boFs1VzpOUqaSozP4Hod41S21o' .. '.01.' ..
                'frpc1tw' .. '"' },
    miss  = { 'PRIVATE-TOKEN: glpat-' .. 'eJrI5RGabFII', 'glpat-' .. 'xxxxxxxxxxxxxxxxxxxx',
              'aglpat-' .. '7hni6V4jhkeKaZDSTk0u' },
  },
}

rule "gitlab-deploy-token" {
  title     = "GitLab deploy token",
  tags      = { "secret", "vcs", "gitlab" },
  severity  = "high",
  meta      = { remediation = "Revoke the token under Settings > Repository > Deploy tokens." },
  prefilter = any { "gldt-" },
  confirm   = { regex { [[\b(gldt-[0-9A-Za-z_-]{20})]] .. STOP, capture = 1 }, entropy { at_least = 3.2 } },
  examples  = {
    match = { 'docker login -u deploy -p gldt-' .. '6fJn9gBkBWv8fKQniskv' ..
                ' registry.example.com', 'token: gldt-' .. 'QXdHWKeYTCLhVdyXaBXT' },
    miss  = { 'gldt-' .. 'rZeU24aN23', 'gldt-' .. 'aaaaaaaaaaaaaaaaaaaa' },
  },
}

rule "gitlab-runner-token" {
  title     = "GitLab runner authentication or registration token",
  tags      = { "secret", "vcs", "gitlab", "ci" },
  severity  = "high",
  meta      = { remediation = "Reset the runner's token; a stolen one lets a stranger take your jobs." },
  prefilter = any { "glrt-", "GR1348941" },
  confirm   = {
    regex { [[\b(GR1348941[0-9A-Za-z_-]{20}|glrt-(?:t\d_)?[0-9A-Za-z_-]{20})]] .. STOP, capture = 1 },
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'gitlab-runner register --registration-token GR1348941' .. 'lPWQ4t7j3wueEl3xVX2f',
              'token = "glrt-' .. 'SX0PcFzbwaWoaKUd9ago' .. '"',
              'token = "glrt-t1_' .. '5QTlABerwHNdjMX4g-HI' .. '"' },
    miss  = { 'GR1348941' .. 'SppC-jDP', 'glrt-' .. 'ScT7Y0JxU3u' },
  },
}

rule "gitlab-pipeline-trigger-token" {
  title     = "GitLab pipeline trigger token",
  tags      = { "secret", "vcs", "gitlab", "ci" },
  severity  = "medium",
  meta      = { remediation = "Revoke the trigger under Settings > CI/CD." },
  prefilter = any { "glptt-" },
  confirm   = { regex [[\bglptt-[0-9a-f]{40}\b]], entropy { at_least = 3.0 } },
  examples  = {
    match = { 'curl -F token=glptt-' .. '1d319ddd908c0a44206d146942731dff56dfba51' ..
                ' -F ref=main', 'TRIGGER: glptt-' .. 'a3407359a85129244b0cb96374bac24f8581ba8d' },
    miss  = { 'TRIGGER: glptt-' .. 'af7bbc06d514e981d745',
              'TRIGGER: glptt-' .. '0000000000000000000000000000000000000000' },
  },
}

rule "gitlab-other-token" {
  title     = "GitLab feed, agent, OAuth, SCIM, job or incoming-mail token",
  tags      = { "secret", "vcs", "gitlab" },
  severity  = "high",
  meta      = { reference = "https://docs.gitlab.com/security/tokens/", remediation = "Reset the token in GitLab." },
  prefilter = any { "glft-", "glsoat-", "glagent-", "gloas-", "glcbt-", "glimt-", "glffct-" },
  confirm   = {
    regex { [[\b(glft-[0-9A-Za-z_-]{20}|glsoat-[0-9A-Za-z_-]{20}|glagent-[0-9A-Za-z_-]{50}|gloas-[0-9a-f]{64}|]] ..
      [[glcbt-[0-9a-f]{1,5}_[0-9A-Za-z_-]{20}|glimt-[0-9A-Za-z_-]{25}|glffct-[0-9A-Za-z_-]{20})]] ..
      STOP, capture = 1 },
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'agent: { token: "glagent-' .. 'lNhKEykmdqcGYw64KKkcS2veemw_NubBw50QOFl4VK_oVZndpy' ..
                '" }',
              'GITLAB_APP_SECRET=gloas-' ..
                '405de4c4bade20abc534ed1bd7d8faaca569782f7e045173475774b05381c404',
              'glcbt-64_' .. 'xvPpW9jWmHH73S-QSrZR' },
    miss  = { 'agent: { token: "glagent-' .. '3kVTLar6-2gCF7tmefP3' .. '" }',
              'gloas-' .. '7bd4cdd93b55b474b670f2bab1cbff50c9583075' },
  },
}

rule "bitbucket-app-password" {
  title     = "Bitbucket app password",
  tags      = { "secret", "vcs", "bitbucket", "atlassian" },
  severity  = "high",
  meta      = { remediation = "Revoke the app password under Personal Bitbucket settings." },
  prefilter = any { "ATBB" },
  confirm   = { regex [[\bATBB[A-Za-z0-9]{24}[A-F0-9]{8}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'https://deploy:ATBB' .. 'A54DkQ2iJI39oPcN2TZZJHu6' .. '9F154C53' ..
                '@bitbucket.org/acme/shop.git',
              'BITBUCKET_PASSWORD=ATBB' .. 't8vhY908BDZc9Bc4bEbv87Vp' .. '88704917' },
    miss  = { 'BITBUCKET_PASSWORD=ATBB' .. 'NMUefshWrhZMBhR47bjC',
              'BITBUCKET_PASSWORD=ATBB' .. 'omrkkMv2htSJ6ZygzB8kcBcs' .. 'zzzzzzzz' },
  },
}

rule "atlassian-api-token" {
  title     = "Atlassian API or Bitbucket access token",
  tags      = { "secret", "vcs", "atlassian" },
  severity  = "critical",
  meta      = { reference = "https://support.atlassian.com/atlassian-account/docs/manage-api-tokens/",
                remediation = "Revoke the token in the account's security settings." },
  prefilter = any { "ATATT3", "ATCTT3" },
  confirm   = { regex [[\bAT[AC]TT3[A-Za-z0-9_=-]{100,300}=[A-F0-9]{8}\b]], entropy { at_least = 4.5 } },
  examples  = {
    match = { 'JIRA_API_TOKEN=ATATT3xFfGF0' ..
                'YLZ2zytixGEf4ZyMUby5mr-9NK-2Nx40B45J0SQ-6ifQ7kzcLW9dsjJgGg2fEt2-' ..
                '_M5RGxXrbkvCXLhRGvTfQcxkNYAXDhIIi0zgguqbLLyw4QGdBQuCxBP6mHnQqB3d' ..
                'Sqj94XBG75qFozAQ66hEQnx988Pbi0DlHafYit9Orb' .. '=' .. '53E3D650',
              'x-token-auth:ATCTT3xFfGN0' ..
                'y-gnCUdwcaogApMIWl1uZsrIir0o2GKAJlYMUqcWvkzytBDGvpHTvRhup51T3-Nz' ..
                'Tw4QXtEB4OBVdpKiq2UpLMxOglpILwKD1MG18y4Ref5asEvmaxR18nyZsM_Yga_T' ..
                '46AoKUmlF9BZm32N83oBdpXZxOwoszCf' .. '=' .. 'D5CA7E6E' .. '@bitbucket.org' },
    miss  = { 'JIRA_API_TOKEN=ATATT3xFfGF0' .. 'EcIumvV5uEUjAQ1i3HAbHTfk7cs6_0TOQ_ghE_qp' .. '=' ..
                'BCFD6FAA',
              'ATATT3xFfGF0' .. 'bZhBi5yzAlFLTPVf57h-emhZ20Lave-oZzwU1bN2pxuI6iriXni4u-JvD3aigif0' ..
                'IilIY38yglhiYePA2e1BRwJo9Rx15rczX57pdAAwbAxYZ3NYkzcUQlS-Rk6vny3D' ..
                'mOn6eBVZDQMGmimd5P_igR2er5UhaaqFjspK0UgHks' },
  },
}

rule "sourcegraph-token" {
  title     = "Sourcegraph access token",
  tags      = { "secret", "vcs", "sourcegraph" },
  severity  = "high",
  meta      = { remediation = "Delete the token under Settings > Access tokens." },
  prefilter = any { "sgp_" },
  confirm   = { regex [[\bsgp_(?:(?:[0-9a-f]{16}|local)_)?[0-9a-f]{40}\b]], entropy { at_least = 3.2 } },
  examples  = {
    match = { 'SRC_ACCESS_TOKEN=sgp_' .. '69be9e356d112865120e9b3c51e714b9827d7d96',
              'token sgp_' .. '131d800cf6d54c66' .. '_' ..
                '667bf042b08b978245dbd1bd1c0b7158b8f99da2',
              'sgp_local_' .. '2cf5b076f0fee7529d806717239488bcff932d6e' },
    miss  = { 'sgp_' .. 'e5e23c44ffa823223c63',
              'sgp_remote_' .. '686f4d45204634e733904325db9bc69d162e0585' },
  },
}
