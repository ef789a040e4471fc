-- Payment data: card numbers, IBANs, bank routing numbers. Every number here is made up or printed in a standard.

rule "payment-card-number" {
  title     = "Payment card number (Visa, Mastercard, American Express, Discover, JCB, Diners)",
  tags      = { "pii", "payment" },
  severity  = "high",
  meta      = { reference = "https://www.pcisecuritystandards.org",
                remediation = "Delete the number or replace it by a token of the payment service." },
  confirm   = {
    regex { [[(?:^|[^0-9A-Za-z._/-])((?:4\d{3}|5[1-5]\d{2}|2(?:2[2-9]|[3-6]\d|7[01])\d|6(?:011|5\d{2}|4[4-9]\d)|]] ..
      [[35(?:2[89]|[3-8]\d))(?:[ -]?\d{4}){3}|]] ..
      [[3[47]\d{2}[ -]?\d{6}[ -]?\d{5}|3(?:0[0-5]|[68]\d)\d[ -]?\d{6}[ -]?\d{4})]] ..
      [[(?:[^0-9A-Za-z_.-]|\.(?:\D|$)|$)]], capture = 1 },
    luhn {},
    entropy { at_least = 2.0 }, -- 4242 4242 4242 4242 and 5555 5555 5555 4444 are for trying out
    except { regex = { [[^4000[ -]?0|^3782[ -]?822463|^3714[ -]?496353|^4012[ -]?8888|^4222[ -]?2222]] } },
  },
  examples  = {
    match = { "card: 4532 0119 8273 6452", "5400128736451927;12/29;jane", "amex 3712 846351 90284",
              { text = "pay 2223-0091-8273-6452.", spans = { { 5, 23 } } } },
    miss  = { "card: 4532 0119 8273 6453", "card: 4242 4242 4242 4242", "order 1234567890123456",
              "0x4532011982736452", "4532011982736452013" },
  },
}

rule "payment-card-track-data" {
  title     = "Magnetic stripe data of a payment card",
  tags      = { "pii", "payment" },
  severity  = "critical",
  meta      = { remediation = "Delete it at once: stripe data may not be kept at all." },
  prefilter = any { "%B", ";" },
  confirm   = {
    regex [[%B(\d{13,19})\^[A-Z .'/-]{2,26}\^\d{7}[\d ]{0,40}\?|;(\d{13,19})=\d{7}\d{0,30}\?]],
    luhn { capture = "first" },
  },
  examples  = {
    match = { "%B4532011982736452^ROE/JANE^29121010000000000?", "swipe ;4532011982736452=29121010000000000?" },
    miss  = { "%B4532011982736450^ROE/JANE^29121010000000000?", ";4532011982736452=2912?" },
  },
}

-- National lengths of an IBAN, of ISO 13616's registry; grouped in fours or not at all.
local LENGTHS = {
  [15] = "NO", [16] = "BE", [18] = "DK|FI|FO|GL|NL", [19] = "MK|SI", [20] = "AT|BA|EE|KZ|LT|LU|XK",
  [21] = "CH|CR|HR|LI|LV", [22] = "BG|BH|DE|GB|GE|IE|ME|RS", [23] = "AE|GI|IL|TL",
  [24] = "AD|CZ|ES|MD|PK|RO|SA|SE|SK|TN|VG",
  [25] = "LY|PT", [26] = "IS|TR", [27] = "BI|FR|GR|IT|MC|MR|SM", [28] = "AL|AZ|BY|CY|DO|GT|HU|LB|PL|SV",
  [29] = "BR|EG|PS|QA|UA", [30] = "JO|KW|MU",
}

local function iban_pattern()
  local forms = {}
  for length = 15, 30 do
    if LENGTHS[length] then
      local groups, rest = (length - 4) // 4, (length - 4) % 4
      forms[#forms + 1] = ("(?:%s)\\d{2}(?: ?[A-Z0-9]{4}){%d}%s"):format(LENGTHS[length], groups,
        rest > 0 and (" ?[A-Z0-9]{%d}"):format(rest) or "")
    end
  end
  return [[\b(]] .. table.concat(forms, "|") .. [[)\b]]
end

rule "iban" {
  title     = "International bank account number (IBAN)",
  tags      = { "pii", "payment" },
  severity  = "medium",
  meta      = { reference = "https://www.iso.org/standard/81090.html",
                remediation = "Keep account numbers in the system of record only." },
  confirm   = { regex(iban_pattern()), checksum { "iban", of = 1 } },
  examples  = {
    match = { "IBAN: DE89 3704 0044 0532 0130 00 EUR", "GB82WEST12345698765432", "to NL64 ABNA 0417 1643 01.",
              { text = "CH9300762011623852957", spans = { { 1, 21 } } } },
    miss  = { "IBAN: DE88 3704 0044 0532 0130 00", "DE89370400440532013", "GB82WEST1234569876543X",
              "BUILD12345678901234" },
  },
}

rule "us-bank-routing-number" {
  title     = "US bank routing number beside a word that says so",
  tags      = { "pii", "payment", "us" },
  severity  = "low",
  meta      = { remediation = "Keep account data in the system of record only." },
  prefilter = any { lit("routing", "nocase"), lit("aba", "nocase") },
  confirm   = {
    regex { [[(?i:\b(?:routing|aba)\b[ \w#]{0,24}[:#= ]{1,3})([0-3]\d{8})(?:\D|$)]], capture = 1 },
    checksum { "aba" },
  },
  examples  = {
    match = { "Routing number: 123000220", "ABA # 021000021" },
    miss  = { "Routing number: 123000221", "routing table 192168001 entries" },
  },
}

rule "swift-bic" {
  title     = "SWIFT code (BIC) beside a word that says so",
  tags      = { "pii", "payment" },
  severity  = "info",
  meta      = { remediation = "None where it is a bank's public code; look at what stands beside it." },
  prefilter = any { lit("swift", "nocase"), lit("bic", "nocase") },
  confirm   = {
    regex { [[(?i:\b(?:swift|bic)\b(?:[ /-]?(?:code|bic))?\s{0,2}[:=]\s{0,2})]] ..
      [[([A-Z]{6}[A-Z2-9][A-NP-Z0-9](?:[A-Z0-9]{3})?)\b]], capture = 1 },
  },
  examples  = {
    match = { "BIC: COBADEFFXXX", "SWIFT code: NEDSZAJJ" },
    miss  = { "BIC: unknown", "func swift() { return COBADEFFXXX }" },
  },
}
