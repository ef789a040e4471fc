-- Keys of AI providers: OpenAI, Anthropic, Hugging Face, Groq, xAI, Replicate and others.
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

rule "openai-api-key" {
  title     = "OpenAI API key",
  tags      = { "secret", "ai", "openai" },
  severity  = "high",
  meta      = { remediation = "Revoke the key and read the usage page." },
  prefilter = any { "T3BlbkFJ" },
  confirm   = {
    regex { [[\b(sk-(?:(?:proj|svcacct|admin|service)-]] ..
      [[[A-Za-z0-9_-]{20,100}T3BlbkFJ[A-Za-z0-9_-]{20,100}|]] ..
      [[[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}))]] .. STOP, capture = 1 },
    entropy { at_least = 4.0 },
  },
  examples  = {
    match = { 'OPENAI_API_KEY=sk-' .. 'H2qkb1DERVdiZmV7NKKa' .. 'T3Bl' .. 'bkFJ' ..
                'mi0zb5B71xl56YtvHwp0',
              'client = OpenAI(api_key="sk-proj-' ..
                'WXI4qY7c_5hpXNa0NHICpqMZVpZ5Zh2Lf_tkyR59T1NahKkml_mK_pZHnCLMhFjq' .. '5q_wPCHZ6d' ..
                'T3Bl' .. 'bkFJ' ..
                '3Of3O91fJD2XlD2Urd9qWTroFzWLx0H_4pdTxsXtUra3j4E0MbELfIYX3Psdu8Fe' .. 'QEJD2Ka_F2' ..
                '")' },
    miss  = { 'sk-' .. 'lsxDtgdir0GQXPMUwnT4' .. 'T3Bl' .. 'bkFJ' .. 'tFDLV5bu',
              'sk-' .. 'o5Ct871neqiOl3NJb6hlmWRglUCyJfv1DBTjZbgWA9SFecth' },
  },
}

rule "anthropic-api-key" {
  title     = "Anthropic API key",
  tags      = { "secret", "ai", "anthropic" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the console." },
  prefilter = any { "sk-ant-api", "sk-ant-admin" },
  confirm   = {
    regex { [[\b(sk-ant-(?:api|admin)\d\d-[A-Za-z0-9_-]{93}AA)]] .. STOP, capture = 1 },
    entropy { at_least = 4.2 },
  },
  examples  = {
    match = { 'ANTHROPIC_API_KEY=sk-ant-api03-' ..
                'G0d3bfnJ0UH9fOpG7zphtmY48rF_vmM256hD15z4yt6SpV_qgJurVHrK5_zAZSNm' ..
                'XJGqv6ldr7Vvbvj7sC4CDR7Q4_shL' .. 'AA',
              'x-api-key: sk-ant-admin01-' ..
                'SAtR_R_UEQ3zaSTearyxM8u8SBcD7yGPbnW9P8RZGzjm_S_vFA6iF6UpJDmMP9-H' ..
                'XISXgDvzWqIuTNTLRmNhUo2NQw4oZ' .. 'AA' },
    miss  = { 'sk-ant-api03-' .. '9Ifg6hJDg53AuWdPMBY2ewS83jazNl' .. 'AA', 'sk-ant-api03-...' },
  },
}

rule "huggingface-token" {
  title     = "Hugging Face access token",
  tags      = { "secret", "ai", "huggingface" },
  severity  = "high",
  meta      = { remediation = "Invalidate the token in the settings." },
  prefilter = any { "hf_", "api_org_" },
  confirm   = { regex [[\b(?:hf|api_org)_[A-Za-z]{34}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'HF_TOKEN=hf_' .. 'lwmZROqNApnbqQDndSKofwwocxrGpqSBGY',
              'login(token="api_org_' .. 'BuUbmONrKzEixJeNRQRyCACnASeWdxjZLF' .. '")' },
    miss  = { 'hf_' .. 'tavPJqzziKZQlzYGQWjz', 'hf_' .. 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx' },
  },
}

rule "cohere-api-key" {
  title     = "Cohere API key",
  tags      = { "secret", "ai", "cohere" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the dashboard." },
  prefilter = any { lit("cohere", "nocase") },
  confirm   = {
    regex { assigned([[cohere[\w.-]{0,16}(?:key|token)]], [[[A-Za-z0-9]{40}]]), capture = 1 },
    entropy { at_least = 4.0 }, no_placeholder(),
  },
  examples  = {
    match = { 'COHERE_API_KEY=' .. 'pyLUhoLGE4pLc6TXiujPHGEg3TKHc8FQWltFagAD',
              'cohere_token: "' .. 'KRd7rMp0RbPOVkpEN8rAYiKEESXy2QUntjolMcXZ' .. '"' },
    miss  = { 'COHERE_API_KEY=' .. 'ukBS1ZkCBvgHVNz8ZhH5', 'coherence_key = "very"' },
  },
}

rule "replicate-api-token" {
  title     = "Replicate API token",
  tags      = { "secret", "ai", "replicate" },
  severity  = "high",
  meta      = { remediation = "Disable the token in the account settings." },
  prefilter = any { "r8_" },
  confirm   = { regex [[\br8_[A-Za-z0-9]{37}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'REPLICATE_API_TOKEN=r8_' .. 'wIhhg81cChiMfHM2IRN8xmKcU7zdrg8HP6dGO',
              '"r8_' .. 'QWYiU8FCcQuaQwH7Lm9ZFUgR6pkhfmqLxZyMT' .. '"' },
    miss  = { 'r8_' .. 'agNGYOzOt5YGTh8OlANv', 'er8_' .. 'ldVn3H0kJnFd43jX3E68HcE8m0gojNroj8rcr' },
  },
}

rule "groq-api-key" {
  title     = "Groq API key",
  tags      = { "secret", "ai", "groq" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the console." },
  prefilter = any { "gsk_" },
  confirm   = { regex [[\bgsk_[A-Za-z0-9]{52}\b]], entropy { at_least = 4.2 } },
  examples  = {
    match = { 'GROQ_API_KEY=gsk_' .. 'CdAYiz2wn8jlyxOZfQAgGjxl2JQSsErOcgXA2GviHXdCAEsjEqxG',
              'Groq(api_key="gsk_' .. '8VhByjX4rWH0G91gV5WLEgVLoGMkEyHyRrbZHXWvA3696BquBXqe' ..
                '")' },
    miss  = { 'gsk_' .. 'qN1IOSxQzFIzipgm2icI5pHTcdIbNs',
              'gsk_' .. 'RU6sKkJNtdfbFn22V89rb7mL9ZoAARFR0BwW5ibvEBkynM4NxjEZW1VOs4Z1' },
  },
}

rule "perplexity-api-key" {
  title     = "Perplexity API key",
  tags      = { "secret", "ai", "perplexity" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the API settings." },
  prefilter = any { "pplx-" },
  confirm   = { regex [[\bpplx-[A-Za-z0-9]{48}\b]], entropy { at_least = 4.2 } },
  examples  = {
    match = { 'PPLX_KEY=pplx-' .. 'r6m5EXOdb8EfwiXmIROm9X8yk8hExq51RCmAoHvQkyWgtOOl',
              'Authorization: "pplx-' .. 'Hh12ocx8icOJkBIMIIXB1NsZaHHSBfPJpO2DqGVEeYfKgtGd' ..
                '"' },
    miss  = { 'pplx-' .. 'mVhFaxeIjwYpQFANo2iZ', 'pplx-70b-online' },
  },
}

rule "xai-api-key" {
  title     = "xAI API key",
  tags      = { "secret", "ai", "xai" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the console." },
  prefilter = any { "xai-" },
  confirm   = { regex [[\bxai-[A-Za-z0-9]{80}\b]], entropy { at_least = 4.5 } },
  examples  = {
    match = { 'XAI_API_KEY=xai-' ..
                'KObbsqbeIOHmADGXovFh4smgTLMkPYZSyxDePxcKUzdQCIj5MIYrc543imjPswLI' ..
                'JYtsn11q2LqeQ8YI',
              '"xai-' .. 'pXKC5NaybbSRUsy5jLjZJNmua2MqxzdWc0pJe2CpOFWrWb4PqvyiDOPdDkYcOtes' ..
                'idlbvH2X4xrKdpvg' .. '"' },
    miss  = { 'xai-' .. '0hl7mjs3ckeyLcaHtavmN3lZC50801uxaWyuQa0Z',
              'maxai-' .. 'Msaez6k759FfrIqrvKIJiPtuP2sHsDKOhWdtDBvl1yTxxKRT8oVb542x1LCWe0vU' ..
                'wmBDkIVNtVcAH6HP' },
  },
}

rule "openrouter-api-key" {
  title     = "OpenRouter API key",
  tags      = { "secret", "ai", "openrouter" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the settings." },
  prefilter = any { "sk-or-v1-" },
  confirm   = { regex [[\bsk-or-v1-[0-9a-f]{64}\b]], entropy { at_least = 3.6 } },
  examples  = {
    match = { 'OPENROUTER_KEY=sk-or-v1-' ..
                '8f335bf7d83eff819e7e9252816ac2659803b4aa433cac05e73694227a717a1b',
              '"sk-or-v1-' .. 'cbdb706a304af6318818981f5adc2b864cdfc5afaa99bbf73ae401c0fa502a42' ..
                '"' },
    miss  = { 'sk-or-v1-' .. 'f17791c3ea2e1355c7cc1042397daf2f', 'sk-or-v1-...' },
  },
}

rule "mistral-api-key" {
  title     = "Mistral API key",
  tags      = { "secret", "ai", "mistral" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the console." },
  prefilter = any { lit("mistral", "nocase") },
  confirm   = {
    regex { assigned([[mistral[\w.-]{0,16}(?:key|token)]], [[[A-Za-z0-9]{32}]]), capture = 1 },
    entropy { at_least = 3.8 }, no_placeholder(),
  },
  examples  = {
    match = { 'MISTRAL_API_KEY=' .. 'YeRtCuVr1G0vFRyInHSnzRT8LyVImav0',
              'mistral_key: "' .. 'GNgwudLvlaFGHuyK17YHbOEpdHmiX89L' .. '"' },
    miss  = { 'MISTRAL_API_KEY=' .. 'DmbWnRRqVlJT', 'MISTRAL_MODEL=mistral-large-latest' },
  },
}

rule "deepseek-api-key" {
  title     = "DeepSeek API key",
  tags      = { "secret", "ai", "deepseek" },
  severity  = "high",
  meta      = { remediation = "Delete the key on the platform page." },
  prefilter = all { lit("deepseek", "nocase"), "sk-" },
  confirm   = {
    regex { assigned([[deepseek[\w.-]{0,16}(?:key|token)]], [[sk-[0-9a-f]{32}]]), capture = 1 },
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'DEEPSEEK_API_KEY=sk-' .. '87f7d172b36cbc342dbae63b90a07ccc',
              'deepseek_key: "sk-' .. '08d51fff3d00ee815d36fc6a07e0cef1' .. '"' },
    miss  = { 'DEEPSEEK_API_KEY=sk-' .. '9fa34ed7c577',
              'API_KEY=sk-' .. 'edf5ef35da5e4c0e82c77a9eb71a8f7c' },
  },
}

rule "elevenlabs-api-key" {
  title     = "ElevenLabs API key",
  tags      = { "secret", "ai", "elevenlabs" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the profile." },
  prefilter = any { "sk_" },
  confirm   = {
    regex [[\bsk_[0-9a-f]{48}\b]], entropy { at_least = 3.4 },
    near { regex("eleven|xi-api-key", "i"), within = 2, unit = "lines" },
  },
  examples  = {
    match = { 'ELEVENLABS_API_KEY=sk_' .. '79973201b844cb1e569a1f3f3dfbd6318bf05f5ab219602e',
              'xi-api-key: sk_' .. '878ae0c783bfc20ba03faae0a9df23c62277969f96296e24' },
    miss  = { 'ELEVENLABS_API_KEY=sk_' .. 'fa6ce158e2afbdbd2fc6',
              'sk_' .. 'a78ea5ba243b9e8612af1cd265edcb2cf5c0390b04fda3be' },
  },
}

rule "langsmith-api-key" {
  title     = "LangSmith API key",
  tags      = { "secret", "ai", "langsmith" },
  severity  = "medium",
  meta      = { remediation = "Delete the key in the workspace settings." },
  prefilter = any { "lsv2_pt_", "lsv2_sk_" },
  confirm   = { regex [[\blsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}\b]], entropy { at_least = 3.4 } },
  examples  = {
    match = { 'LANGSMITH_API_KEY=lsv2_pt_' .. '1c60a8d5d53b07bf747cc8a938625dff' .. '_' ..
                '3f4621599f',
              '"lsv2_sk_' .. '8e460d8c4c438849812c432cc7213948' .. '_' .. 'bacd59f359' .. '"' },
    miss  = { 'lsv2_pt_' .. '2ca2c0577240315cfcf1306524a161ce',
              'lsv2_xx_' .. '08d4b31cc813345f7fb8ecf1a0a0e675' .. '_' .. 'b9c355156b' },
  },
}

rule "pinecone-api-key" {
  title     = "Pinecone API key",
  tags      = { "secret", "ai", "pinecone" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the console." },
  prefilter = any { "pcsk_" },
  confirm   = { regex [[\bpcsk_[A-Za-z0-9]{5,6}_[A-Za-z0-9]{63}\b]], entropy { at_least = 4.2 } },
  examples  = {
    match = { 'PINECONE_API_KEY=pcsk_' .. 'DQTVu' .. '_' ..
                'LhI7XHMDfP9XNTjNyLixhR7ZUZVjSvHuWuOTH4x6fl9WpCavErjL36ZQmoKlapT',
              'Pinecone("pcsk_' .. 'HdFaZp' .. '_' ..
                'FlbU02SmR791QFv4lYCY5wBeua3CQESveVJNiB9BesQjldeElLgI7xUgqhJYDbY' .. '")' },
    miss  = { 'pcsk_' .. 'C6FP1' .. '_' .. 'EwFkT1mZ9r1CZb4nVKK8',
              'pcsk_' .. 'QoGpXeav29KDhBozW4wrv0r5dv7jLHplJ5yi0t5qzooRjnnuvtKhxBl4YdTtXub' },
  },
}

rule "nvidia-api-key" {
  title     = "NVIDIA API key",
  tags      = { "secret", "ai", "nvidia" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the organisation's settings." },
  prefilter = any { "nvapi-" },
  confirm   = { regex { [[\b(nvapi-[A-Za-z0-9_-]{64})]] .. STOP, capture = 1 }, entropy { at_least = 4.2 } },
  examples  = {
    match = { 'NVIDIA_API_KEY=nvapi-' ..
                'xf6tDyUIT5euBBGGpkPolVaG0cvvLMe3eY0aunwjsRCULfLtHNZdAkEJEppIcxYD',
              'Authorization: "nvapi-' ..
                'rs7KcjOc6wPfHjC1BVmCrY4Orzb4fqhftA97yGLYvwvY7XnkGW_sFbzCK_5qwtDI' .. '"' },
    miss  = { 'nvapi-' .. 'wUYM-oy8qe9lnh1HUL3g', 'nvapi-' .. 'xxxxxxxx' },
  },
}

rule "weights-and-biases-key" {
  title     = "Weights & Biases API key",
  tags      = { "secret", "ai", "wandb" },
  severity  = "medium",
  meta      = { remediation = "Delete the key in the user settings." },
  prefilter = any { lit("wandb", "nocase") },
  confirm   = {
    regex { assigned([[wandb[\w.-]{0,16}key]], [[[0-9a-f]{40}]]), capture = 1 }, entropy { at_least = 3.3 },
  },
  examples  = {
    match = { 'WANDB_API_KEY=' .. '8de159f8fdba6ce1d50355458aa1c36f21f47a9d',
              'wandb.login(key="x") # wandb_key: ' .. '39ab8f5bd34b498ccafb42977f41f35ebbbcfd4c' },
    miss  = { 'WANDB_API_KEY=' .. 'd91e33f440b6db715302', 'WANDB_PROJECT=shop' },
  },
}

rule "fireworks-or-together-key" {
  title     = "Fireworks or Together AI API key",
  tags      = { "secret", "ai" },
  severity  = "high",
  meta      = { remediation = "Delete the key in the account settings." },
  prefilter = any { "fw_", "tgp_v1_" },
  confirm   = {
    regex { [[\b((?:fw_[A-Za-z0-9]{24}|tgp_v1_[A-Za-z0-9_-]{43}))]] .. STOP, capture = 1 },
    entropy { at_least = 3.8 },
  },
  examples  = {
    match = { 'FIREWORKS_API_KEY=fw_' .. 'spyMz0tzswAC8PGcwwepsISz',
              'TOGETHER_API_KEY=tgp_v1_' .. '5y2467uOO1s0A0AnzPiCqQ29mCjLjeqgnDZaSYngMjz' },
    miss  = { 'fw_' .. 'teaJcpnoW7AN', 'tgp_v1_' .. 'zGScmFwPrVFz' },
  },
}

rule "tavily-api-key" {
  title     = "Tavily API key",
  tags      = { "secret", "ai", "tavily" },
  severity  = "medium",
  meta      = { remediation = "Delete the key in the dashboard." },
  prefilter = any { "tvly-" },
  confirm   = { regex [[\btvly-(?:dev-|prod-)?[A-Za-z0-9]{32}\b]], entropy { at_least = 3.8 } },
  examples  = {
    match = { 'TAVILY_API_KEY=tvly-' .. 'sglOXzyIVqJgD8Pls2dJ57jh6Rvc9qJB',
              '"tvly-dev-' .. 'JvgVLax1J4ozxYHaCPgdmbh9gXtLhCMQ' .. '"' },
    miss  = { 'tvly-' .. 'Vopnp1mu5V', 'tvly-YOUR_API_KEY' },
  },
}
