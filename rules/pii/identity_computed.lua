-- National numbers whose check digits need arithmetic of their own: a Lua function decides, last of all.
-- No number here belongs to a person.

-- The decimal digits of a text, as numbers.
local function digits_of(text)
  local list = {}
  for digit in text:gmatch "%d" do list[#list + 1] = tonumber(digit) end
  return list
end

-- Sum of digits[i] * weights[i].
local function weighted(digits, weights)
  local sum = 0
  for i, weight in ipairs(weights) do sum = sum + digits[i] * weight end
  return sum
end

rule "spain-dni-or-nie" {
  title     = "Spanish identity number (DNI, NIE)",
  tags      = { "pii", "identity", "es" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  prefilter = any { lit("dni", "nocase"), lit("nie", "nocase"), lit("nif", "nocase") },
  confirm   = {
    regex { [[(?i:\b(?:dni|nie|nif)\b)[^\n\d]{0,16}?\b((?:[XYZ]\d{7}|\d{8})-?[A-HJ-NP-TV-Z])\b]], capture = 1 },
    host(function(match)
      local first, digits, letter = match.text:match "^([XYZ]?)(%d+)%-?(%u)$"
      if not first then return false end
      local lead = { X = "0", Y = "1", Z = "2" }
      local place = tonumber((lead[first] or "") .. digits) % 23 + 1
      return ("TRWAGMYFPDXBNJZSQVHLCKE"):sub(place, place) == letter
    end),
  },
  examples  = {
    match = { "DNI: 48273615L", "nie=Y4829361L", { text = "NIF 07319264-C.", spans = { { 5, 14 } } } },
    miss  = { "DNI: 48273615M", "48273615L", "DNI: 4827361L" },
  },
}

rule "netherlands-bsn" {
  title     = "Dutch citizen service number (BSN)",
  tags      = { "pii", "identity", "nl" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  prefilter = any { lit("bsn", "nocase"), lit("burgerservicenummer", "nocase"), lit("sofinummer", "nocase") },
  confirm   = {
    regex { [[(?i:\b(?:bsn|burgerservicenummer|sofinummer)\b)[^\n\d]{0,16}?\b(\d{9})\b]], capture = 1 },
    host(function(match)
      return weighted(digits_of(match.text), { 9, 8, 7, 6, 5, 4, 3, 2, -1 }) % 11 == 0
    end),
  },
  examples  = {
    match = { "BSN: 273918060", "burgerservicenummer = 902134772" },
    miss  = { "BSN: 273918061", "order 273918060" },
  },
}

rule "brazil-cpf" {
  title     = "Brazilian taxpayer number (CPF)",
  tags      = { "pii", "identity", "br" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  confirm   = {
    regex [[\b\d{3}\.\d{3}\.\d{3}-\d{2}\b]],
    entropy { at_least = 2.2 }, -- 111.111.111-11 checks and is nobody
    host(function(match)
      local digits = digits_of(match.text)
      for length = 9, 10 do
        local sum = 0
        for i = 1, length do sum = sum + digits[i] * (length + 2 - i) end
        if sum * 10 % 11 % 10 ~= digits[length + 1] then return false end
      end
      return true
    end),
  },
  examples  = {
    match = { "CPF 482.736.159-28", "cpf=073.192.648-03;" },
    miss  = { "CPF 482.736.159-29", "111.111.111-11", "1482.736.159-28" },
  },
}

rule "france-social-security-number" {
  title     = "French social security number (NIR)",
  tags      = { "pii", "identity", "fr" },
  severity  = "high",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  confirm   = {
    regex [[\b[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?(?:\d{2}|2[AB]) ?\d{3} ?\d{3} ?\d{2}\b]],
    host(function(match)
      local text = match.text:gsub(" ", ""):gsub("2A", "19"):gsub("2B", "18")
      return 97 - tonumber(text:sub(1, 13)) % 97 == tonumber(text:sub(14))
    end),
  },
  examples  = {
    match = { "NIR 1 84 03 75 116 042 35", "secu=184037511604235", "2 84 07 2A 104 217 97" },
    miss  = { "NIR 1 84 03 75 116 042 36", "184137511604235", "99184037511604235" },
  },
}

rule "poland-pesel" {
  title     = "Polish identification number (PESEL)",
  tags      = { "pii", "identity", "pl" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  prefilter = any { lit("pesel", "nocase") },
  confirm   = {
    regex { [[(?i:\bpesel\b)[^\n\d]{0,16}?\b(\d{11})\b]], capture = 1 },
    host(function(match)
      return weighted(digits_of(match.text), { 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1 }) % 10 == 0
    end),
  },
  examples  = {
    match = { "PESEL: 84031712648", '"pesel": "02250918375"' },
    miss  = { "PESEL: 84031712649", "84031712648" },
  },
}

rule "switzerland-ahv-number" {
  title     = "Swiss social security number (AHV, AVS)",
  tags      = { "pii", "identity", "ch" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  prefilter = any { "756." },
  confirm   = {
    regex [[\b756\.\d{4}\.\d{4}\.\d{2}\b]],
    host(function(match)
      return weighted(digits_of(match.text), { 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1 }) % 10 == 0
    end),
  },
  examples  = {
    match = { "AHV-Nr. 756.2839.4017.53", "avs=756.9172.6403.82" },
    miss  = { "AHV-Nr. 756.2839.4017.54", "1756.2839.4017.53" },
  },
}

rule "germany-tax-id" {
  title     = "German tax identification number",
  tags      = { "pii", "identity", "de" },
  severity  = "medium",
  meta      = { remediation = "Delete it, or keep it encrypted in the system of record." },
  prefilter = any { lit("steuer", "nocase"), lit("idnr", "nocase") },
  confirm   = {
    regex { [[(?i:\b(?:steuer-?id(?:entifikationsnummer)?|idnr)\b)[^\n\d]{0,16}?]] ..
      [[\b([1-9]\d ?\d{3} ?\d{3} ?\d{3})\b]], capture = 1 },
    host(function(match)
      local digits, product = digits_of(match.text), 10 -- ISO 7064 MOD 11,10
      for i = 1, 10 do
        local sum = (digits[i] + product) % 10
        product = (sum == 0 and 10 or sum) * 2 % 11
      end
      return (11 - product) % 10 == digits[11]
    end),
  },
  examples  = {
    match = { "Steuer-ID: 48 273 615 906", "IdNr. 91732648051" },
    miss  = { "Steuer-ID: 48 273 615 907", "Konto 48273615906" },
  },
}
