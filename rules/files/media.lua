-- Archives, images, databases: magic numbers that tell what a file is whatever its name says.

local function zeros(text, size)
  return text .. ("\0"):rep(size - #text)
end

-- One rule a format: the magic number at the start of the record.
local function magic(name, title, tag, literal, pattern, match, miss)
  rule(name) {
    title     = title,
    tags      = { "file", tag },
    severity  = "info",
    meta      = { remediation = "None by itself." },
    prefilter = any(literal),
    confirm   = { regex([[\A]] .. pattern) },
    examples  = { match = match, miss = miss },
  }
end

magic("zip-archive", "ZIP archive, or a document made of one", "archive", { hex "50 4B 03 04", hex "50 4B 05 06" },
  [[PK(?:\x03\x04|\x05\x06)]], { "PK\3\4\x14\0\0\0", zeros("PK\5\6", 22) }, { "text PK\3\4", "PK\1\2" })
magic("gzip-archive", "gzip data", "archive", hex "1F 8B 08", [=[\x1f\x8b\x08[\x00-\x1f]]=],
  { zeros("\x1f\x8b\8\0", 20), "\x1f\x8b\8\8abcd\2\3name\0" }, { "\x1f\x8b\9\0", "x\x1f\x8b\8\0" })
magic("bzip2-archive", "bzip2 data", "archive", hex "42 5A 68 3? 31 41 59 26 53 59", [[BZh[1-9]1AY&SY]],
  { "BZh91AY&SY\1\2", "BZh11AY&SY" }, { "BZh01AY&SY", "BZh9 archive" })
magic("xz-archive", "xz data", "archive", hex "FD 37 7A 58 5A 00", [[\xfd7zXZ\x00]],
  { "\xfd7zXZ\0\0\4\xe6", "\xfd7zXZ\0" }, { "7zXZ\0", "\xfd7zXY\0" })
magic("zstd-archive", "Zstandard data", "archive", hex "28 B5 2F FD", [[\x28\xb5\x2f\xfd]],
  { "\x28\xb5\x2f\xfd\x24\x00", "\x28\xb5\x2f\xfd" }, { "\x28\xb5\x2f\xfc", "\0\x28\xb5\x2f\xfd" })
magic("7z-archive", "7-Zip archive", "archive", hex "37 7A BC AF 27 1C", [[7z\xbc\xaf\x27\x1c]],
  { "7z\xbc\xaf\x27\x1c\0\4", "7z\xbc\xaf\x27\x1c" }, { "7z archive", "-7z\xbc\xaf\x27\x1c" })
magic("rar-archive", "RAR archive", "archive", hex "52 61 72 21 1A 07 0?", [[Rar!\x1a\x07(?:\x00|\x01\x00)]],
  { "Rar!\x1a\7\0\xcf", "Rar!\x1a\7\1\0" }, { "Rar!\x1a\7\2", "The Rar!\x1a\7\0" })
magic("cabinet-archive", "Windows cabinet", "archive", hex "4D 53 43 46 00 00 00 00", [[MSCF\x00\x00\x00\x00]],
  { zeros("MSCF", 36), "MSCF\0\0\0\0\x2c\1" }, { "MSCF\0\0\0\1", "xMSCF\0\0\0\0" })
magic("png-image", "PNG image", "image", hex "89 50 4E 47 0D 0A 1A 0A", [[\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR]],
  { "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1", { text = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", spans = { { 1, 16 } } } },
  { "\x89PNG\n\x1a\n", "\x89PNG\r\n\x1a\n\0\0\0\0IHDR" })
magic("jpeg-image", "JPEG image", "image", hex "FF D8 FF", [=[\xff\xd8\xff[\xc0-\xfe]]=],
  { "\xff\xd8\xff\xe0\0\x10JFIF", "\xff\xd8\xff\xe1\0\x20Exif" }, { "\xff\xd8\xff", "\0\xff\xd8\xff\xe0" })
magic("gif-image", "GIF image", "image", hex "47 49 46 38 (37|39) 61", [[GIF8[79]a]],
  { "GIF89a\1\0\1\0", "GIF87a" }, { "GIF88a", " GIF89a" })
magic("webp-image", "WebP image", "image", hex "52 49 46 46 [4] 57 45 42 50", [[RIFF(?s:.{4})WEBPVP8]],
  { "RIFF\x24\0\0\0WEBPVP8 ", "RIFF\1\2\3\4WEBPVP8L" }, { "RIFF\x24\0\0\0WAVEfmt ", "RIFF\0WEBPVP8 " })
magic("sqlite-database", "SQLite database", "database", hex "53 51 4C 69 74 65 20 66 6F 72 6D 61 74 20 33 00",
  [[SQLite format 3\x00]], { zeros("SQLite format 3", 100), "SQLite format 3\0\16\0" },
  { "SQLite format 3 is documented", "x" .. zeros("SQLite format 3", 100) })
magic("keepass-database", "KeePass password database", "database", hex "03 D9 A2 9A (65|67) FB 4B B5",
  [[\x03\xd9\xa2\x9a[\x65\x67]\xfb\x4b\xb5]],
  { "\3\xd9\xa2\x9a\x67\xfb\x4b\xb5\0\0\4\0", "\3\xd9\xa2\x9a\x65\xfb\x4b\xb5" },
  { "\3\xd9\xa2\x9a\x66\xfb\x4b\xb5", "\0\3\xd9\xa2\x9a\x67\xfb\x4b\xb5" })
magic("java-keystore", "Java key store", "database", hex "FE ED FE ED 00 00 00 (01|02)",
  [=[\xfe\xed\xfe\xed\x00\x00\x00[\x01\x02]]=], { "\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1", "\xfe\xed\xfe\xed\0\0\0\1" },
  { "\xfe\xed\xfe\xed\0\0\0\3", "\xfe\xed\xfa\xce\0\0\0\2" })

rule "tar-archive" {
  title     = "tar archive",
  tags      = { "file", "archive" },
  severity  = "info",
  meta      = { remediation = "None by itself." },
  prefilter = any { "ustar" },
  confirm   = { regex [[ustar(?:\x00|  )]], field { at = 257, type = "u32be", equal = 0x75737461 } },
  examples  = {
    match = { { text = zeros("dir/file", 257) .. "ustar\x0000", spans = { { 258, 263 } } },
              zeros("a", 257) .. "ustar  \0" },
    miss  = { zeros("a", 256) .. "ustar  \0", "ustar" },
  },
}

rule "iso-image" {
  title     = "ISO 9660 image of a disc",
  tags      = { "file", "archive" },
  severity  = "info",
  meta      = { remediation = "Look inside before it is mounted; mail should carry none." },
  prefilter = any { hex "01 43 44 30 30 31 01" },
  confirm   = {
    regex [[\x01CD001\x01]],
    field { at = 0x8000, type = "u32be", equal = 0x01434430 },
    field { at = 0x8004, type = "u32be", mask = 0xffffff00, equal = 0x30310100 },
  },
  examples  = {
    match = { { text = zeros("", 0x8000) .. "\1CD001\1\0", spans = { { 0x8001, 0x8007 } } },
              zeros("", 0x8000) .. "\1CD001\1\x20LINUX" },
    miss  = { zeros("", 0x7fff) .. "\1CD001\1\0\0", "\1CD001\1" },
  },
}

rule "image-with-script" {
  title     = "Image that holds PHP code",
  tags      = { "file", "image", "web-shell" },
  severity  = "high",
  meta      = { remediation = "Delete it, look for requests for it, and serve uploads without an interpreter." },
  prefilter = any { lit("<?php", "nocase") },
  confirm   = {
    regex([[(?i:<\?php)\s[^\x00]{0,200}?\b(?:eval|system|exec|passthru|shell_exec|assert|]] ..
      [[base64_decode)\s{0,4}\(]]),
    condition [[uint16be(0) == 0xffd8 or uint32be(0) == 0x47494638 or uint32be(0) == 0x89504e47]],
  },
  examples  = {
    match = { "GIF89a\1\0\1\0<?php system($_GET['c']); ?>",
              "\xff\xd8\xff\xe0 JFIF <?php\n@eval(base64_decode($x));" },
    miss  = { "<?php system('ls'); // makes a GIF89a", "GIF89a\1\0\1\0<?php echo 1;" },
  },
}
