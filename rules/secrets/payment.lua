-- Keys of payment services and shops: Stripe, Square, PayPal, Shopify, Plaid, Adyen and others.
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

rule "stripe-secret-key" {
  title     = "Stripe secret or restricted key",
  tags      = { "secret", "payment", "stripe" },
  severity  = "critical",
  meta      = { reference = "https://docs.stripe.com/keys",
                remediation = "Roll the key in the dashboard and read the request log." },
  prefilter = any { "sk_live_", "rk_live_" },
  confirm   = { regex [[\b[rs]k_live_[A-Za-z0-9]{20,247}\b]], entropy { at_least = 3.6 }, no_placeholder() },
  examples  = {
    match = { 'STRIPE_KEY=sk_live_' .. 'mvrDynvzXOQaEaGs4d9szfjw',
              'Stripe("rk_live_' ..
                'igCpCxQNFFuQPFHIIBg15aNrZdR3y2ZHnZV21yOCnaw3k6l10lpXS0AtpCCbpJow' ..
                'QYA1Xjrqc78XFxKQEKYGL9ku3GZkQyQCIla' .. '")' },
    miss  = { 'pk_live_' .. 'a54vuX4Yf4XZJtOICov3yRO8', 'sk_live_' .. 'xxxxxxxxxxxxxxxxxxxxxxxx' },
  },
}

rule "stripe-test-key" {
  title     = "Stripe test-mode secret key",
  tags      = { "secret", "payment", "stripe" },
  severity  = "low",
  meta      = { remediation = "Roll the key in the dashboard; test data only." },
  prefilter = any { "sk_test_", "rk_test_" },
  confirm   = { regex [[\b[rs]k_test_[A-Za-z0-9]{20,247}\b]], entropy { at_least = 3.6 }, no_placeholder() },
  examples  = {
    match = { 'STRIPE_KEY=sk_test_' .. 'OQavUe2AL1pnA7SQzQUOe3ks',
              'sk_test_51' .. 'O7uLvgJswEhr43IXoWkw7JJdwtihZ0Dss8zqflD7ud1ZUbXIS27oc6QYEsz9Fpnx' ..
                'kKKlOxWKdVq7VLMYJRk0S3mI6Lfj6JygF' },
    miss  = { 'sk_test_...', 'pk_test_' .. '3URcPSphHmt6DwvZcHabIlDv' },
  },
}

rule "stripe-webhook-secret" {
  title     = "Signing secret of a webhook (Stripe, Svix)",
  tags      = { "secret", "payment", "stripe" },
  severity  = "medium",
  meta      = { remediation = "Roll the endpoint's signing secret." },
  prefilter = any { "whsec_" },
  confirm   = { regex [[\bwhsec_[A-Za-z0-9+/]{24,64}={0,2}]], entropy { at_least = 3.6 } },
  examples  = {
    match = { 'STRIPE_WEBHOOK_SECRET=whsec_' .. 'iASMVN3Wiq73u8itzkQvJONzuQcgDXyB',
              'whsec_' .. '4A4Y3uYXaFOwYkuf/fybH0ApfR5gE618yjIEUaJXK4l' .. '=' },
    miss  = { 'whsec_' .. 'IWN5aHJRAA', 'whsec_' .. '...' },
  },
}

rule "square-access-token" {
  title     = "Square access token",
  tags      = { "secret", "payment", "square" },
  severity  = "critical",
  meta      = { remediation = "Replace the token in the developer dashboard." },
  prefilter = any { "EAAA", "sq0atp-" },
  confirm   = {
    regex { [[\b((?:EAAA[A-Za-z0-9_-]{60}|sq0atp-[A-Za-z0-9_-]{22}))]] .. STOP, capture = 1 },
    entropy { at_least = 3.8 },
  },
  examples  = {
    match = { 'SQUARE_TOKEN=EAAA' .. 'EnlvtcyxpMEBLC2s_Z3qWXkjTIvJDbq1gqi7ItESMG_YqrXoINJm2RcU3-Cb',
              'token: sq0atp-' .. 'QyXQ0ndJw6GW7jrOdPLMus' },
    miss  = { 'EAAA' .. 'r1tigFiHMG9OxlA5-N5D', 'sq0xtp-' .. 'VBrFDcdrgBqtzQhFxAm2k3' },
  },
}

rule "square-oauth-secret" {
  title     = "Square OAuth application secret",
  tags      = { "secret", "payment", "square" },
  severity  = "critical",
  meta      = { remediation = "Replace the application secret in the developer dashboard." },
  prefilter = any { "sq0csp-" },
  confirm   = { regex { [[\b(sq0csp-[A-Za-z0-9_-]{43})]] .. STOP, capture = 1 }, entropy { at_least = 3.8 } },
  examples  = {
    match = { 'SQUARE_SECRET=sq0csp-' .. 'QQmRxofO7fmbtm2TaSClQP4m4RzQyCgMBIZs7yJpv5T',
              '"sq0csp-' .. 'BK-gEbz7hkscaEe81XSMcRVIj8zcPH7PP_BwQkyhOn8' .. '"' },
    miss  = { 'sq0csp-' .. 'HIjt3nL577wIqlSks36M', 'sq0idp-' .. 'ysrs02uTJ2JMqv7XXKd6fP' },
  },
}

rule "braintree-access-token" {
  title     = "PayPal Braintree access token",
  tags      = { "secret", "payment", "paypal" },
  severity  = "critical",
  meta      = { remediation = "Revoke the token in the control panel." },
  prefilter = any { "access_token$production$" },
  confirm   = {
    regex [[\baccess_token\$production\$[0-9a-z]{16}\$[0-9a-f]{32}\b]], entropy { at_least = 3.6 },
  },
  examples  = {
    match = { 'BRAINTREE=access_token$production$' .. 'iw9u573ke0g2aswu' .. '$' ..
                'ad1e301109061399859314583f0a0833',
              'gateway("access_token$production$' .. 'zh6hs7haae4rty8s' .. '$' ..
                '836e7db3b3b4a5477930e634a757e171' .. '")' },
    miss  = { 'access_token$sandbox$' .. '19ila94spdy5xq33' .. '$' ..
                'a9bc27a327bfe20cc246ff921cebae36',
              'access_token$production$' .. '6m71d5sclhrrouxw' },
  },
}

rule "paypal-client-secret" {
  title     = "PayPal REST client secret",
  tags      = { "secret", "payment", "paypal" },
  severity  = "critical",
  meta      = { remediation = "Add a new secret to the app and disable the old one." },
  prefilter = any { lit("paypal", "nocase") },
  confirm   = {
    regex { assigned([[paypal[\w.-]{0,20}secret]], [[E[A-Za-z0-9_-]{79}]]), capture = 1 },
    entropy { at_least = 4.5 },
  },
  examples  = {
    match = { 'PAYPAL_CLIENT_SECRET=E' ..
                'OIift4YXJX-U28gKte11OjHsmMAbWAMS5of3xcwMOmkRW158TNivWa9LeyHPIxvs' ..
                'u1UAbG53X4Vf8Pp',
              'paypal_secret: "E' ..
                'mtuPBde7lOKbWn4IJpHONkf6LtOgSCQrfmU0MMq7NbKlMlXkvzsiMQRXW-FsDR_S' ..
                'rcirtLdGwdqXzy5' .. '"' },
    miss  = { 'PAYPAL_CLIENT_SECRET=E' .. 'OcUtVGrevuj1r5AjobxUl5gdaM7QCvKkXfPDOWFA',
              'PAYPAL_CLIENT_ID=A' ..
                'KxjOtpzTmuz4iuva9d_4U1D8BqHLT4t-qtb9oC6wT9ta00CNN75F8ZrGZ7IktC-_' ..
                'dMvxeOfGteOgt3G' },
  },
}

rule "shopify-token" {
  title     = "Shopify access token or shared secret",
  tags      = { "secret", "payment", "shopify" },
  severity  = "critical",
  meta      = { reference = "https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens",
                remediation = "Uninstall the app or rotate its credentials in the admin." },
  prefilter = any { "shpat_", "shpca_", "shppa_", "shpss_" },
  confirm   = { regex [[\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b]], entropy { at_least = 3.2 } },
  examples  = {
    match = { 'SHOPIFY_TOKEN=shpat_' .. 'f577fbdf6a957792476e6e18eeffa9c3',
              'X-Shopify-Access-Token: shpca_' .. '9b3b8a88c5ff66b47edbc2f08f44a5c8' },
    miss  = { 'shpat_' .. '1ccab7c650422b6e', 'shpxx_' .. '0ade1232bf84aee94d51d1ae0768afc8' },
  },
}

rule "adyen-api-key" {
  title     = "Adyen API key",
  tags      = { "secret", "payment", "adyen" },
  severity  = "critical",
  meta      = { remediation = "Generate a new key for the API credential." },
  prefilter = any { "AQE" },
  confirm   = {
    regex [[AQE[a-z]hm[A-Za-z0-9+/]{60,200}={0,2}-[A-Za-z0-9+/]{40,60}={0,2}-[^\s"'<>]{12,24}]],
    entropy { at_least = 4.5 },
  },
  examples  = {
    match = { 'ADYEN_API_KEY=AQEyhm' ..
                '5n352FZYsmlSgw2uFRY+Ec9NDQA6H7mpZI8b2Q3nsRxco3lbLcZxLIeefzYEPUcf' ..
                'Y7OlW7xV70TqOGdHlZr/uQfQGJhaKAnx' .. '-' ..
                'jirEYtDqYhhnuOw8537EgPoi3JkWJm2pMCBYuQonHMM' .. '=-' .. 'JTDLCyZfywpdlE1e',
              'x-api-key: AQEqhm' ..
                '2TKWRnVX8bSOUz4yT7zUoIEUsucDmjxz+zn5QuJr7k7rwP36DD3IDNkPieJNSlcj' ..
                'AGPrHYazAGgPsbwi' .. '==-' .. 'bevBzCfwv4GI4B5EmG116Il1bbfwCVYToadaYicfLuw4' ..
                '-' .. 'OaX8IPWJ' .. '(' .. '2qrIH' .. ')8{2' },
    miss  = { 'AQEyhm' .. 'B1oei4CUBQwjoN4/vcPt',
              'AQE1hm' .. 'mOQqTVXWxDMEk/3JCan5WXsBAnpe4WhC78oOU+OPrGFLWD/2karK4fVoNP1QnFiT' ..
                '/Rbkv7nP7euNDkVmzsz34KnTeE3xTNxf' .. '-' ..
                'Lfw/RYOI+jp0o77VQDUJnaMgvrFNr1vNkJKxeYXiWIS' .. '=-' .. 'ItjZHGApefkg1BsK' },
  },
}

rule "plaid-access-token" {
  title     = "Plaid access token",
  tags      = { "secret", "payment", "plaid" },
  severity  = "high",
  meta      = { remediation = "Call /item/access_token/invalidate." },
  prefilter = any { "access-production-", "access-development-", "access-sandbox-" },
  confirm   = {
    regex([[\baccess-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-]] ..
      [[[0-9a-f]{4}-[0-9a-f]{12}\b]]),
    entropy { at_least = 3.2 },
  },
  examples  = {
    match = { 'token = "access-production-' .. '4f374a6c-3a16-4987-83fa-9f33a0570ca9' .. '"',
              'access-sandbox-' .. 'e7890415-70f7-4eb5-aac9-33b7eb1c3666' },
    miss  = { 'access-production-' .. '00f49072',
              'access-staging-' .. 'ee157ad4-5211-414b-ba03-f30b62f52999' },
  },
}

rule "razorpay-key" {
  title     = "Razorpay live key ID",
  tags      = { "secret", "payment", "razorpay" },
  severity  = "high",
  meta      = { remediation = "Regenerate the key pair in the dashboard." },
  prefilter = any { "rzp_live_" },
  confirm   = { regex [[\brzp_live_[A-Za-z0-9]{14}\b]], entropy { at_least = 3.2 } },
  examples  = {
    match = { 'RAZORPAY_KEY_ID=rzp_live_' .. 'zQfjPsKYmXl8js',
              'key: "rzp_live_' .. 'fqp85boeyNnQaW' .. '"' },
    miss  = { 'rzp_test_' .. 'A8pxlVsbTmNbDc', 'rzp_live_' .. 'MnMqK9' },
  },
}

rule "flutterwave-secret-key" {
  title     = "Flutterwave secret key",
  tags      = { "secret", "payment", "flutterwave" },
  severity  = "critical",
  meta      = { remediation = "Regenerate the API keys in the dashboard." },
  prefilter = any { "FLWSECK-" },
  confirm   = { regex [[\bFLWSECK-[0-9a-fA-F]{32}-X\b]], entropy { at_least = 3.2 } },
  examples  = {
    match = { 'FLW_SECRET_KEY=FLWSECK-' .. '7e69bfd65aa63c54290b5e9901dbec1c' .. '-X',
              '"FLWSECK-' .. '7bdc393d700f3dbd93cec9bda6067227' .. '-X"' },
    miss  = { 'FLWSECK_TEST-' .. '8c686bcc8d8e933e0ef4211e92ebf3da' .. '-X',
              'FLWSECK-' .. 'bfa4130f18efe3bb5272' .. '-X' },
  },
}

rule "mollie-api-key" {
  title     = "Mollie live API key",
  tags      = { "secret", "payment", "mollie" },
  severity  = "critical",
  meta      = { remediation = "Reset the key under Developers > API keys." },
  prefilter = all { "live_", lit("mollie", "nocase") },
  confirm   = {
    regex { assigned([[mollie[\w.-]{0,16}key]], [[live_[A-Za-z0-9]{30}]]), capture = 1 },
    entropy { at_least = 3.8 },
  },
  examples  = {
    match = { 'MOLLIE_API_KEY=live_' .. 'eVNZ6tQCQSKj4kUxxtvyc4WTwZyIyg',
              'mollie.setApiKey("x"); // mollie_key: live_' .. 'eVkAl7M4D65ChHiWAvCt23IusS2aJX' },
    miss  = { 'MOLLIE_API_KEY=test_' .. 'ggdlGSVfYkiaLirFk1uT24AtX7uylY',
              'live_' .. 'ghiNarX2j8XXLQUoD7iC9J5vqt3xcr' },
  },
}

rule "mercadopago-token" {
  title     = "Mercado Pago access token",
  tags      = { "secret", "payment", "mercadopago" },
  severity  = "critical",
  meta      = { remediation = "Renew the credentials of the application." },
  prefilter = any { "APP_USR-" },
  confirm   = { regex [[\bAPP_USR-\d{10,16}-\d{6}-[0-9a-f]{32}-\d{6,10}\b]], entropy { at_least = 3.4 } },
  examples  = {
    match = { 'MP_ACCESS_TOKEN=APP_USR-' .. '8020089338976233' .. '-' .. '147937' .. '-' ..
                '0fb4ebd8b89654048bc45ec50aa39edd' .. '-' .. '470403969',
              '"APP_USR-' .. '4870168974239735' .. '-' .. '644709' .. '-' ..
                '6801072b26e3cb7b38b2adca6ac24e3b' .. '-' .. '67134401' .. '"' },
    miss  = { 'APP_USR-' .. '3861082606650752' .. '-' .. 'a447ccea4dea75742faaafae749e8b63',
              'APP_USR-' .. '72ff8f61-fdc4-466a-8577-6b27406d8e71' },
  },
}

rule "easypost-api-key" {
  title     = "EasyPost production API key",
  tags      = { "secret", "payment", "easypost" },
  severity  = "high",
  meta      = { remediation = "Disable the key under API keys." },
  prefilter = any { "EZAK" },
  confirm   = { regex [[\bEZAK[A-Za-z0-9]{54}\b]], entropy { at_least = 4.2 } },
  examples  = {
    match = { 'EASYPOST_KEY=EZAK' .. 'HezLi40BXfVd1PHlqY1AtCrnnp2SouQvHdICUbnLF1clJWDse3QtIz',
              'EasyPost("EZAK' .. 'hc38m1OdRqgNUpZwjPuYyfW4O6dIU8qpebZlgwECrlrOwzcoFe8EFd' ..
                '")' },
    miss  = { 'EZTK' .. 'Txmps0HHT9M18qGRcAbCzICC5X9KCR8yyGKJKU6HK6x0txZ6z9ffk2',
              'EZAK' .. 'MIfzwDTguUttBd2dMwWu' },
  },
}
