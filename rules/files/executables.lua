-- Programs and what is made of them, known by their first bytes and by fields in their headers.
-- Reading: docs/RULES.md, "Binary files". A rule here reports the magic number, as one match a file.

local function binary(text, size)
  return text .. ("\0"):rep(size - #text)
end

rule "elf-executable" {
  title     = "ELF program or shared library",
  tags      = { "file", "executable", "linux" },
  severity  = "info",
  meta      = { reference = "https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html",
                remediation = "None by itself: binaries among sources deserve a question." },
  prefilter = any { hex "7F 45 4C 46" },
  confirm   = {
    regex [[\A\x7fELF[\x01\x02][\x01\x02]\x01]],
    -- e_type: 2 a program, 3 a shared object. One of its two bytes is 0, whatever the byte order.
    condition [[(uint8(5) == 1 and uint16(16) >= 2 and uint16(16) <= 3) or
                (uint8(5) == 2 and uint16be(16) >= 2 and uint16be(16) <= 3)]],
  },
  examples  = {
    match = { { text = binary("\x7fELF\2\1\1" .. ("\0"):rep(9) .. "\2\0\x3e\0\1\0\0\0", 64), spans = { { 1, 7 } } },
              binary("\x7fELF\1\2\1" .. ("\0"):rep(9) .. "\0\3\0\8\0\0\0\1", 52) },
    miss  = { binary("\x7fELF\2\1\1" .. ("\0"):rep(9) .. "\1\0\x3e\0\1\0\0\0", 64), -- an object file
              binary(" \x7fELF\2\1\1", 64), "\x7fELF" },
  },
}

rule "elf-core-dump" {
  title     = "Core dump: the memory of a crashed program",
  tags      = { "file", "linux" },
  severity  = "medium",
  meta      = { remediation = "Delete it: it holds whatever the program had in memory, keys too." },
  prefilter = any { hex "7F 45 4C 46" },
  confirm   = {
    regex [[\A\x7fELF[\x01\x02]\x01\x01]],
    field { at = 16, type = "u16le", equal = 4 },
  },
  examples  = {
    match = { binary("\x7fELF\2\1\1" .. ("\0"):rep(9) .. "\4\0\x3e\0\1\0\0\0", 64),
              binary("\x7fELF\1\1\1" .. ("\0"):rep(9) .. "\4\0\3\0\1\0\0\0", 52) },
    miss  = { binary("\x7fELF\2\1\1" .. ("\0"):rep(9) .. "\3\0\x3e\0\1\0\0\0", 64), "core dumped" },
  },
}

-- "MZ", e_lfanew at 0x3c says where "PE\0\0" stands.
local function pe(characteristics, sections)
  return "MZ\x90\0\3\0\0\0" .. ("\0"):rep(52) .. "\x40\0\0\0" .. "PE\0\0\x64\x86" .. (sections or "\3\0") ..
    ("\0"):rep(12) .. "\xf0\0" .. characteristics .. "\x0b\2" .. ("\0"):rep(238)
end

rule "pe-executable" {
  title     = "Windows program (PE)",
  tags      = { "file", "executable", "windows" },
  severity  = "info",
  meta      = { reference = "https://learn.microsoft.com/windows/win32/debug/pe-format",
                remediation = "None by itself: binaries among sources deserve a question." },
  prefilter = all { hex "4D 5A", hex "50 45 00 00" },
  confirm   = {
    regex { [[\A(MZ)(?s:.{62,1000}?)PE\x00\x00]], capture = 1 },
    condition [[uint16(0) == 0x5A4D and uint32(uint32(0x3c)) == 0x4550 and uint16(uint32(0x3c) + 22) & 0x2002 == 2]],
  },
  examples  = {
    match = { { text = pe "\x22\0", spans = { { 1, 2 } } }, pe "\2\1" },
    miss  = { pe "\x22\x20", "MZ" .. ("\0"):rep(62) .. "PE\0\0", "MZ and PE\0\0 in a text" },
  },
}

rule "pe-library" {
  title     = "Windows library or driver (PE with the DLL flag)",
  tags      = { "file", "executable", "windows" },
  severity  = "info",
  meta      = { remediation = "None by itself: binaries among sources deserve a question." },
  prefilter = all { hex "4D 5A", hex "50 45 00 00" },
  confirm   = {
    regex { [[\A(MZ)(?s:.{62,1000}?)PE\x00\x00]], capture = 1 },
    condition [[uint32(uint32(0x3c)) == 0x4550 and uint16(uint32(0x3c) + 22) & 0x2000 != 0]],
  },
  examples  = {
    match = { pe "\x22\x20", pe "\2\x21" },
    miss  = { pe "\x22\0", "MZ" .. ("\0"):rep(58) .. "\xff\xff\xff\xff" .. "PE\0\0" },
  },
}

rule "mach-o-executable" {
  title     = "macOS program or library (Mach-O)",
  tags      = { "file", "executable", "macos" },
  severity  = "info",
  meta      = { remediation = "None by itself: binaries among sources deserve a question." },
  prefilter = any { hex "FE ED FA (CE|CF)", hex "(CE|CF) FA ED FE" },
  confirm   = {
    regex [[\A(?:\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe)]],
    condition [[(uint8(0) == 0xfe and uint32be(12) >= 1 and uint32be(12) <= 12) or
                (uint8(0) != 0xfe and uint32(12) >= 1 and uint32(12) <= 12)]],
  },
  examples  = {
    match = { binary("\xcf\xfa\xed\xfe\7\0\0\1\3\0\0\0\2\0\0\0", 32),
              binary("\xfe\xed\xfa\xce\0\0\0\x12\0\0\0\0\0\0\0\6", 28) },
    miss  = { binary("\xcf\xfa\xed\xfe\7\0\0\1\3\0\0\0\xff\0\0\0", 32), "\xcf\xfa\xed\xfe" },
  },
}

rule "mach-o-universal-binary" {
  title     = "macOS universal binary",
  tags      = { "file", "executable", "macos" },
  severity  = "info",
  meta      = { remediation = "None by itself: binaries among sources deserve a question." },
  prefilter = any { hex "CA FE BA BE" },
  confirm   = {
    regex [[\A\xca\xfe\xba\xbe]],
    -- The number of architectures stands where a Java class has its version, which is 45 or more.
    field { at = 4, type = "u32be", more = 0 }, field { at = 4, type = "u32be", less = 20 },
  },
  examples  = {
    match = { binary("\xca\xfe\xba\xbe\0\0\0\2\1\0\0\7", 48), binary("\xca\xfe\xba\xbe\0\0\0\1", 28) },
    miss  = { binary("\xca\xfe\xba\xbe\0\0\0\x41", 48), "\xca\xfe\xba\xbe\0\0\0" },
  },
}

rule "java-class" {
  title     = "Java class",
  tags      = { "file", "executable", "java" },
  severity  = "info",
  meta      = { remediation = "None by itself: compiled classes belong into a build folder." },
  prefilter = any { hex "CA FE BA BE" },
  confirm   = {
    regex [[\A\xca\xfe\xba\xbe]],
    field { at = 6, type = "u16be", more = 44 }, field { at = 6, type = "u16be", less = 100 },
  },
  examples  = {
    match = { binary("\xca\xfe\xba\xbe\0\0\0\x41\0\x1d", 40), binary("\xca\xfe\xba\xbe\0\0\0\x34", 40) },
    miss  = { binary("\xca\xfe\xba\xbe\0\0\0\2", 40), "\xca\xfe\xba\xbe\0\0\0" },
  },
}

rule "webassembly-module" {
  title     = "WebAssembly module",
  tags      = { "file", "executable", "wasm" },
  severity  = "info",
  meta      = { remediation = "None by itself." },
  prefilter = any { hex "00 61 73 6D" },
  confirm   = { regex [[\A\x00asm]], field { at = 4, type = "u32le", equal = 1 } },
  examples  = {
    match = { "\0asm\1\0\0\0", { text = "\0asm\1\0\0\0\1\4\1\x60\0\0", spans = { { 1, 4 } } } },
    miss  = { "\0asm\2\0\0\0", " \0asm\1\0\0\0" },
  },
}

rule "python-bytecode" {
  title     = "Compiled Python",
  tags      = { "file", "executable", "python" },
  severity  = "info",
  meta      = { remediation = "Leave __pycache__ out of the tree." },
  prefilter = any { hex "0D 0D 0A" },
  confirm   = { regex [[\A(?s:.)\x0d\x0d\x0a[\x00-\x03]\x00\x00\x00]] },
  examples  = {
    match = { binary("\xcb\x0d\x0d\x0a\0\0\0\0", 20), binary("\x61\x0d\x0d\x0a\1\0\0\0", 20) },
    miss  = { "\xcb\x0d\x0d\x0a", "text\r\r\n\0\0\0\0" },
  },
}

rule "script-with-shebang" {
  title     = "Script that names its interpreter",
  tags      = { "file", "script" },
  severity  = "info",
  meta      = { remediation = "None by itself." },
  prefilter = any { "#!" },
  confirm   = { regex [[\A(?:\xef\xbb\xbf)?#! ?/[^\s]{1,100}[^\n]{0,100}]] },
  examples  = {
    match = { { text = "#!/bin/sh\necho hi\n", spans = { { 1, 9 } } }, "#! /usr/bin/env python3\n" },
    miss  = { "# !/bin/sh\n", "echo '#!/bin/sh'\n" },
  },
}

rule "windows-shortcut" {
  title     = "Windows shortcut (LNK)",
  tags      = { "file", "windows" },
  severity  = "low",
  meta      = { remediation = "Look at its command line before it is opened; mail should carry none." },
  prefilter = any { hex "4C 00 00 00 01 14 02 00 00 00 00 00 C0 00 00 00 00 00 00 46" },
  confirm   = { regex [[\AL\x00\x00\x00\x01\x14\x02\x00{5}\xc0\x00{6}F]] },
  examples  = {
    match = { binary("L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0F\x9b\0\8\0", 76),
              binary("L\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0F", 76) },
    miss  = { "L\0\0\0\1\x14\2\0", binary("xL\0\0\0\1\x14\2\0\0\0\0\0\xc0\0\0\0\0\0\0F", 76) },
  },
}
