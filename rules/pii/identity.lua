-- Numbers that states give to people. Where a number carries a check digit, the digit is checked;
-- where it does not, a word beside it has to say what it is. No number here belongs to a person.

rule "us-social-security-number" {
  title     = "US social security number",
  tags      = { "pii", "identity", "us" },
  severity  = "high",
  meta      = { reference = "https://www.ssa.gov/employer/randomization.html",
                remediation = "Delete it, or keep it encrypted in the system of record." },
  prefilter = any { "-" },
  confirm   = {
    regex { [[(?:^|[^0-9A-Za-z_.-])((?:00[1-9]|0[1-9]\d|[1-578]\d{2}|6(?:[0-57-9]\d|6[0-57-9]))-]] ..
      [[(?:0[1-9]|[1-9]\d)-(?:000[1-9]|00[1-9]\d|0[1-9]\d{2}|[1-9]\d{3}))(?:[^0-9A-Za-z_-]|$)]], capture = 1 },
    except { equal = { "078-05-1120", "219-09-9999", "123-45-6789" }, regex = { "^(?:111-11-1|222-22-2|333-33-3)" } },
  },
  examples  = {
    match = { "SSN: 536-22-8147", "ssn,name\n412-68-3094,Roe" },
    miss  = { "SSN: 000-22-8147", "SSN: 123-45-6789", "tel 1536-22-8147", "536-00-8147" },
  },
}

rule "us-medicare-beneficiary-identifier" {
  title     = "US Medicare beneficiary identifier",
  tags      = { "pii", "identity", "health", "us" },
  severity  = "high",
  meta      = { reference = "https://www.cms.gov/medicare/new-medicare-card",
                remediation = "Delete it, or keep it encrypted in the system of record." },
  prefilter = any { lit("medicare", "nocase"), lit("mbi", "nocase") },
  confirm   = {
    regex { [[(?i:\b(?:medicare|mbi)\b[^\n]{0,40}?[\s:#=])]] ..
      [[([1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d-?]] ..
      [[[AC-HJKMNP-RT-Y]{2}\d{2})\b]], capture = 1 },
  },
  examples  = {
    match = { "MBI: 1EG4-TE5-MK72", "Medicare number 9AA9AA9AA99" },
    miss  = { "MBI: 1SG4-TE5-MK72", "order 1EG4-TE5-MK72" },
  },
}

rule "uk-national-insurance-number" {
  title     = "UK national insurance number",
  tags      = { "pii", "identity", "gb" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  prefilter = any { lit("ni", "nocase"), lit("national insurance", "nocase") },
  confirm   = {
    regex { [[(?i:\b(?:ni|nino|national insurance)\b[^\n]{0,24}?[\s:#=]["']?)]] ..
      [[([A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D])\b]], capture = 1 },
    except { regex = { "^(?:BG|GB|KN|NK|NT|TN|ZZ)" } },
  },
  examples  = {
    match = { "NI number: AB 12 34 56 C", "nino=JG103759A" },
    miss  = { "NI number: QQ 12 34 56 C", "nino BG103759A", "NI number: AB 12 34 56 E", "AB 12 34 56 C" },
  },
}

rule "uk-nhs-number" {
  title     = "UK NHS number",
  tags      = { "pii", "identity", "health", "gb" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  prefilter = any { lit("nhs", "nocase") },
  confirm   = {
    regex { [[(?i:\bnhs\b[ \w#.]{0,16}[:#= ]{1,3})(\d{3}[ -]?\d{3}[ -]?\d{4})(?:\D|$)]], capture = 1 },
    checksum { "mod11" },
  },
  examples  = {
    match = { "NHS number: 943 476 5919", "nhs_no = 1; NHS No: 487-263-1056" },
    miss  = { "NHS number: 943 476 5918", "number: 943 476 5919" },
  },
}

rule "canada-social-insurance-number" {
  title     = "Canadian social insurance number beside a word that says so",
  tags      = { "pii", "identity", "ca" },
  severity  = "high",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  prefilter = any { lit("sin", "nocase"), lit("social insurance", "nocase"), lit("nas", "nocase") },
  confirm   = {
    regex { [[(?i:\b(?:sin|nas|social insurance)\b[ \w#]{0,16}[:#= ]{1,3})([1-79]\d{2}[ -]?\d{3}[ -]?\d{3})(?:\D|$)]],
      capture = 1 },
    luhn {},
  },
  examples  = {
    match = { "SIN: 729 138 461", "Social insurance number: 729138461" },
    miss  = { "SIN: 729 138 462", "sin 45 = 0.85", "account 729 138 461" },
  },
}

rule "sweden-personal-number" {
  title     = "Swedish personal identity number",
  tags      = { "pii", "identity", "se" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  confirm   = {
    regex { [[\b(?:(?:19|20)?)(\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-\d{4})\b]], capture = 1 },
    luhn {},
  },
  examples  = {
    match = { "personnummer 811218-9876", { text = "19640823-3234", spans = { { 3, 13 } } } },
    miss  = { "811218-9875", "811318-9876", "phone 081121-89876" },
  },
}

rule "south-africa-id-number" {
  title     = "South African identity number",
  tags      = { "pii", "identity", "za" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  confirm   = {
    regex [[\b\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}[01]8\d\b]],
    luhn {},
  },
  examples  = {
    match = { "ID number: 8001015009087", "id=9202204720083" },
    miss  = { "ID number: 8001015009088", "id=8013015009087", "1700000000000" },
  },
}

rule "india-aadhaar-number" {
  title     = "Indian Aadhaar number",
  tags      = { "pii", "identity", "in" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep only its last four digits." },
  confirm   = {
    regex { [[(?:^|[^0-9A-Za-z_.-] ?)([2-9]\d{3} \d{4} \d{4}|[2-9]\d{3}-\d{4}-\d{4})(?:[^0-9A-Za-z_ -]|\s\D|\s?$)]],
      capture = 1 },
    checksum { "verhoeff" },
  },
  examples  = {
    match = { "Aadhaar: 4587 2193 6451", "uid 7823-1945-0674." },
    miss  = { "Aadhaar: 4587 2193 6452", "4587 2193 6451 0000", "1587 2193 6451" },
  },
}

rule "italy-fiscal-code" {
  title     = "Italian fiscal code (codice fiscale)",
  tags      = { "pii", "identity", "it" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  confirm   = {
    regex [[\b[A-Z]{6}\d{2}[ABCDEHLMPRST](?:0[1-9]|[12]\d|3[01]|4[1-9]|[56]\d|7[01])[A-Z]\d{3}[A-Z]\b]],
  },
  examples  = {
    match = { "CF: RSSMRA85T10A562S", "codice fiscale VRDGPP13R10B293P" },
    miss  = { "RSSMRA85T39A562S", "RSSMRA85F10A562S", "ABCDEF12" },
  },
}

rule "mexico-curp" {
  title     = "Mexican population register code (CURP)",
  tags      = { "pii", "identity", "mx" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  confirm   = {
    regex([[\b[A-Z][AEIOUX][A-Z]{2}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[HMX][A-Z]{2}]] ..
      [[[B-DF-HJ-NP-TV-Z]{3}[0-9A-Z]\d\b]]),
  },
  examples  = {
    match = { "CURP: HEGG560427MVZRRL04", "curp=BOXW310820HNERXN09" },
    miss  = { "HEGG561327MVZRRL04", "HEGG560427ZVZRRL04" },
  },
}

rule "passport-machine-readable-zone" {
  title     = "Machine-readable zone of a passport",
  tags      = { "pii", "identity" },
  severity  = "high",
  meta      = { reference = "https://www.icao.int/publications/pages/publication.aspx?docnum=9303",
                remediation = "Delete it, or keep it encrypted in the system of record." },
  prefilter = any { "<<" },
  confirm   = {
    regex [[\bP[A-Z<][A-Z<]{3}[A-Z<]{37}<<\r?\n[A-Z0-9<]{9}\d[A-Z<]{3}\d{7}[MFX<]\d{7}[A-Z0-9<]{14}[0-9<]\d]],
  },
  examples  = {
    match = { "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
              "mrz: P<D<<ROE<<JANE<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\n" ..
                "C01X00T478D<<6408125F2702283<<<<<<<<<<<<<<<4\n" },
    miss  = { "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n", "template P<T> << x;" },
  },
}

rule "imei" {
  title     = "IMEI of a mobile phone",
  tags      = { "pii", "device" },
  severity  = "low",
  meta      = { remediation = "Leave device numbers out of what is published or logged." },
  prefilter = any { lit("imei", "nocase") },
  confirm   = {
    regex { [[(?i:\bimei\b[ \w#]{0,12}["']?[:#= ]{1,3}["']?)(\d{2}-?\d{6}-?\d{6}-?\d)(?:\D|$)]], capture = 1 },
    luhn {},
  },
  examples  = {
    match = { "IMEI: 352099001761481", 'imei="86-742103-918273-8"' },
    miss  = { "IMEI: 352099001761482", "number 352099001761481" },
  },
}

rule "date-of-birth" {
  title     = "Date of birth beside a word that says so",
  tags      = { "pii", "identity" },
  severity  = "low",
  meta      = { remediation = "Keep the year or the age where that is enough." },
  prefilter = any { lit("birth", "nocase"), lit("dob", "nocase"), lit("geburtsdatum", "nocase"),
    lit("geboren", "nocase"), lit("naissance", "nocase") },
  confirm   = {
    regex { [[(?i:\b(?:date[ _-]?of[ _-]?birth|birth[ _-]?da(?:te|y)|dob|geburtsdatum|geboren(?: am)?|]] ..
      [[date de naissance))]] ..
      [=[["']?\s{0,2}[:=]?\s{0,2}["']?((?:19|20)\d{2}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./](?:19|20)\d{2})(?:\D|$)]=],
      capture = 1 },
  },
  examples  = {
    match = { "date_of_birth: 1984-02-29", "Geboren am 3.11.1972" },
    miss  = { "date_of_birth: null", "build date 1984-02-29" },
  },
}
