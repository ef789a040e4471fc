-- Programs that hide what they do: packed, bundled, or carrying another program inside.

local PE = "MZ" .. ("\0"):rep(58) .. "\x40\0\0\0" .. "PE\0\0\x64\x86\3\0" .. ("\0"):rep(12) .. "\xf0\0\x22\0"
local ELF = "\x7fELF\2\1\1" .. ("\0"):rep(9) .. "\2\0\x3e\0\1\0\0\0" .. ("\0"):rep(40)

-- The others build on it; by itself it says nothing.
rule "is-program" {
  title     = "A program for Windows or Linux",
  tags      = { "file", "executable" },
  severity  = "info",
  private   = true,
  prefilter = any { hex "4D 5A", hex "7F 45 4C 46" },
  confirm   = {
    regex [[\A(?:MZ|\x7fELF)]],
    condition [[uint32be(0) == 0x7f454c46 or uint32(uint32(0x3c)) == 0x4550]],
  },
  examples  = {
    match = { PE, ELF },
    miss  = { "MZ" .. ("\0"):rep(100), "see MZ and \x7fELF" },
  },
}

rule "packed-with-upx" {
  title     = "Program packed with UPX",
  tags      = { "file", "executable", "packer" },
  severity  = "medium",
  meta      = { reference = "https://upx.github.io",
                remediation = "Unpack it with `upx -d` and look at what is inside." },
  prefilter = any { hex "55 50 58 21", "UPX0" },
  confirm   = { condition [[rule("is-program")]] },
  examples  = {
    match = { PE .. ("\0"):rep(60) .. "UPX0\0\0\0\0UPX1\0\0\0\0UPX!\x0d\x24",
              ELF .. ("\0"):rep(100) .. "UPX!\x0d\x16\2\x0a" },
    miss  = { "the packer writes UPX! into the file", PE .. "no packer" },
  },
}

rule "packed-section-names" {
  title     = "Section names of a packer (ASPack, Petite, MPRESS, Themida, VMProtect, Enigma)",
  tags      = { "file", "executable", "packer" },
  severity  = "medium",
  meta      = { remediation = "Look at it in a sandbox; honest software is seldom packed so." },
  prefilter = any { ".aspack\0", ".petite\0", ".MPRESS1", ".themida", ".vmp0\0\0\0", ".enigma1" },
  confirm   = { condition [[rule("is-program")]] },
  examples  = {
    match = { PE .. ("\0"):rep(64) .. ".aspack\0" .. ("\0"):rep(32),
              PE .. ("\0"):rep(64) .. ".MPRESS1" .. ("\0"):rep(32) },
    miss  = { "sections .aspack\0 and .petite\0", PE .. ("\0"):rep(64) .. ".text\0\0\0" },
  },
}

rule "bundled-python-program" {
  title     = "Python program bundled by PyInstaller",
  tags      = { "file", "executable", "packer", "python" },
  severity  = "low",
  meta      = { reference = "https://pyinstaller.org", remediation = "Extract its archive to see the Python code." },
  prefilter = any { hex "4D 45 49 0C 0B 0A 0B 0E" },
  confirm   = { condition [[rule("is-program")]] },
  examples  = {
    match = { PE .. ("\0"):rep(64) .. "MEI\x0c\x0b\x0a\x0b\x0e" .. ("\0"):rep(80),
              ELF .. "pydata" .. "MEI\x0c\x0b\x0a\x0b\x0e\0\0" },
    miss  = { "MEI\x0c\x0b\x0a\x0b\x0e", PE .. "MEIPASS" },
  },
}

rule "program-inside-a-program" {
  title     = "Windows program that carries another one",
  tags      = { "file", "executable", "dropper" },
  severity  = "medium",
  meta      = { remediation = "Cut the inner program out and look at it; installers do this, droppers too." },
  prefilter = any { "This program cannot be run in DOS mode" },
  confirm   = {
    regex [[This program cannot be run in DOS mode]],
    count { lit "This program cannot be run in DOS mode", at_least = 2, within = "record" },
    condition [[uint16(0) == 0x5A4D]],
  },
  examples  = {
    match = { "MZ\x90\0 This program cannot be run in DOS mode." .. ("\0"):rep(200) ..
                "MZ This program cannot be run in DOS mode.",
              { text = "MZThis program cannot be run in DOS mode|This program cannot be run in DOS mode",
                spans = { { 3, 40 }, { 42, 79 } } } },
    miss  = { "MZ\x90\0 This program cannot be run in DOS mode.",
              "This program cannot be run in DOS mode MZ twice: " ..
              "This program cannot be run in DOS mode" },
  },
}

rule "eicar-test-file" {
  title     = "The EICAR anti-malware test file",
  tags      = { "file", "test" },
  severity  = "low",
  meta      = { reference = "https://www.eicar.org/download-anti-malware-testfile/",
                remediation = "Harmless. Delete it unless it is there to test a scanner." },
  prefilter = any { "EICAR-STANDARD-ANTIVIRUS-TEST-FILE" },
  confirm   = { regex [[\AX5O!P%@AP\[4\\PZX54\(P\^\)7CC\)7\}\$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!\$H\+H\*]] },
  examples  = {
    match = { "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" .. "EICAR-STANDARD-ANTIVIRUS-" .. "TEST-FILE!$H+H*",
              "X5O!P%@AP[4\\PZX54(P^)7CC)7}$" .. "EICAR-STANDARD-ANTIVIRUS-" .. "TEST-FILE!$H+H*\r\n" },
    miss  = { "EICAR-STANDARD-ANTIVIRUS-" .. "TEST-FILE", "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR" },
  },
}
