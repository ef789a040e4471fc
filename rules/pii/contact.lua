-- How to reach a person: e-mail addresses and telephone numbers.

rule "email-address" {
  title     = "E-mail address",
  tags      = { "pii", "contact" },
  severity  = "info",
  meta      = { remediation = "Leave addresses of people out of what is published or logged." },
  prefilter = any { "@" },
  confirm   = {
    regex [[\b[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}\b]],
    except {
      regex = {
        [[@(?:[\w-]+\.)*(?i:example\.(?:com|org|net|edu)|(?:\w+\.)?(?:test|invalid|localhost|local|internal|lan))$]],
        [[^(?i:no-?reply|do-?not-?reply|git|postmaster|root|nobody|you|user|name|your[._-]?name)@]],
        [[\.(?i:png|jpe?g|gif|svg|webp|ico|css|js|ts|json|html|ya?ml|service|socket|timer|target|mount)$]],
      },
    },
  },
  examples  = {
    match = { "From: jane.roe@mailbox.example",
              { text = "<max+tea@sub.tea-lovers.example>", spans = { { 2, 31 } } } },
    miss  = { "mail me at jane@example.com", "icon@2x.png", "git@code.example:acme/shop.git", "user@ host" },
  },
}

rule "phone-number-international" {
  title     = "Telephone number in international form",
  tags      = { "pii", "contact" },
  severity  = "info",
  meta      = { reference = "https://www.itu.int/rec/T-REC-E.164",
                remediation = "Leave numbers of people out of what is published or logged." },
  prefilter = any { "+" },
  confirm   = {
    regex { [[(?:^|[^0-9A-Za-z+/=_.-])(\+[1-9]\d{0,2}[ .-]?(?:\(0?\d{1,4}\)|\d{1,4})(?:[ .-]?\d{2,4}){2,4})]] ..
      [[(?:[^0-9A-Za-z+/=_-]|$)]], capture = 1 },
    except { regex = { [[555[ .-]?01\d\d$]], [[^\+\d{1,7}$]] } }, -- kept free for films
    entropy { at_least = 2.2 },
  },
  examples  = {
    match = { "tel: +49 30 901820", "call +14155238886 now", "+44 (0)20 7946 0991" },
    miss  = { "tel: +1 415 555 0132", "a+123456", "UTC+0200", "+11111111111" },
  },
}

rule "phone-number-us" {
  title     = "Telephone number of North America",
  tags      = { "pii", "contact", "us" },
  severity  = "info",
  meta      = { remediation = "Leave numbers of people out of what is published or logged." },
  confirm   = {
    regex { [[(?:^|[^0-9A-Za-z+/=_.-])((?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-.])[2-9]\d{2}[-.]\d{4})]] ..
      [[(?:[^0-9A-Za-z_.-]|\.?$|\.\s)]], capture = 1 },
    except { regex = { [[555[-.]01\d\d$]] } },
    entropy { at_least = 2.2 },
  },
  examples  = {
    match = { "Phone: (415) 523-8886", "fax 212-736-5048, room 2" },
    miss  = { "Phone: (415) 555-0132", "serial 9212-736-50481", "v 212-136-5048" },
  },
}
