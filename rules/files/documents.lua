-- Documents that can do something: Office macros, PDF actions, RTF objects, and file names that lie.

local OLE = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" .. ("\0"):rep(16) .. "\x3e\0\3\0\xfe\xff\9\0"

local function wide(text)
  return (text:gsub(".", "%0\0"))
end

rule "ole-compound-file" {
  title     = "OLE compound file: old Office document, MSI package or Outlook message",
  tags      = { "file", "document" },
  severity  = "info",
  meta      = { reference = "https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb",
                remediation = "None by itself." },
  prefilter = any { hex "D0 CF 11 E0 A1 B1 1A E1" },
  confirm   = { regex [[\A\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1]], field { at = 28, type = "u16le", equal = 0xfffe } },
  examples  = {
    match = { { text = OLE, spans = { { 1, 8 } } }, OLE .. ("\0"):rep(480) },
    miss  = { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" .. ("\0"):rep(40), "x" .. OLE },
  },
}

rule "office-macro-ole" {
  title     = "Old Office document with macros",
  tags      = { "file", "document", "macro" },
  severity  = "medium",
  meta      = { remediation = "Open it only without macros; ask the sender for one without." },
  prefilter = any { lit("_VBA_PROJECT", "wide") },
  confirm   = {
    regex [[_\x00V\x00B\x00A\x00_\x00P\x00R\x00O\x00J\x00E\x00C\x00T\x00]],
    field { at = 0, type = "u32be", equal = 0xd0cf11e0 },
  },
  examples  = {
    match = { OLE .. ("\0"):rep(512) .. wide "_VBA_PROJECT", OLE .. wide "Macros" .. wide "_VBA_PROJECT" .. "\0\0" },
    miss  = { OLE .. ("\0"):rep(512) .. wide "WordDocument",
              "text " .. wide "_VBA_PROJECT" },
  },
}

rule "office-macro-zip" {
  title     = "Office document with macros (docm, xlsm, pptm, or renamed)",
  tags      = { "file", "document", "macro" },
  severity  = "medium",
  meta      = { remediation = "Open it only without macros; ask the sender for one without." },
  prefilter = all { hex "50 4B 03 04", "vbaProject.bin" },
  confirm   = {
    -- A local file header, its name 26 bytes behind the signature's end.
    regex [[PK\x03\x04(?s:.{26})(?:word|xl|ppt)/vbaProject\.bin]],
    field { at = 0, type = "u32be", equal = 0x504b0304 },
  },
  examples  = {
    match = { "PK\3\4" .. ("\0"):rep(26) .. "word/vbaProject.bin\0",
              "PK\3\4" .. ("\1"):rep(26) .. "xl/vbaProject.bin" },
    miss  = { "PK\3\4" .. ("\0"):rep(26) .. "word/document.xml", "see word/vbaProject.bin in PK\3\4" },
  },
}

rule "office-macro-autorun" {
  title     = "Macro that runs when a document is opened",
  tags      = { "file", "document", "macro", "script" },
  severity  = "medium",
  meta      = { remediation = "Read the macro before the document is opened." },
  prefilter = all { lit("sub ", "nocase"), any { lit("autoopen", "nocase"), lit("auto_open", "nocase"),
    lit("document_open", "nocase"), lit("workbook_open", "nocase"), lit("autoexec", "nocase") } },
  confirm   = {
    regex([[^[ \t]{0,8}(?:(?:public|private) )?sub (?:autoopen|auto_open|autoexec|]] ..
      [[document_open|workbook_open)\b]], "im"),
    near { regex([[\b(?:shell|createobject|wscript\.|powershell|urldownloadtofile)]], "i"), within = 60, unit = "lines",
           after = true },
  },
  examples  = {
    match = { "Sub AutoOpen()\n  Shell \"cmd /c whoami\"\nEnd Sub\n",
              "x = 1\nPrivate Sub Document_Open()\n Set o = CreateObject(\"WScript.Shell\")\n" },
    miss  = { "Sub AutoOpen()\n  MsgBox \"Welcome\"\nEnd Sub\n", "Sub Report()\n  Shell \"calc\"\nEnd Sub\n" },
  },
}

rule "pdf-document" {
  title     = "PDF document",
  tags      = { "file", "document" },
  severity  = "info",
  meta      = { remediation = "None by itself." },
  prefilter = any { "%PDF-" },
  confirm   = { regex [[\A%PDF-[12]\.\d]] },
  examples  = {
    match = { { text = "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", spans = { { 1, 8 } } }, "%PDF-2.0\n" },
    miss  = { "text %PDF-1.7", "%PDF-x" },
  },
}

rule "pdf-active-content" {
  title     = "PDF that runs something when it is opened",
  tags      = { "file", "document", "script" },
  severity  = "medium",
  meta      = { remediation = "Open it in a viewer without scripts; read what the action does." },
  prefilter = any { "/JavaScript", "/JS", "/Launch" },
  confirm   = {
    regex [[/(?:JavaScript|JS|Launch)\b]],
    field { at = 0, type = "u32be", equal = 0x25504446 },
    near { regex [[/(?:OpenAction|AA)\b]], within = 65536, unit = "bytes", before = true, after = true },
  },
  examples  = {
    match = { "%PDF-1.7\n1 0 obj\n<< /OpenAction << /S /JavaScript >> >>\n",
              "%PDF-1.5\n<< /AA << /O << /S /Launch /F (calc) >> >> >>" },
    miss  = { "%PDF-1.7\n1 0 obj\n<< /S /JavaScript >>\n", "docs: /OpenAction runs /JavaScript" },
  },
}

rule "rtf-with-object" {
  title     = "RTF document with an embedded object",
  tags      = { "file", "document" },
  severity  = "medium",
  meta      = { remediation = "Open it in a viewer that loads no objects." },
  prefilter = any { "\\objdata" },
  confirm   = { regex [[\\objdata\b]], field { at = 0, type = "u32be", equal = 0x7b5c7274 } },
  examples  = {
    match = { "{\\rtf1{\\object\\objemb{\\*\\objdata 0105000002}}}", "{\\rt{\\objdata 01}}" },
    miss  = { "{\\rtf1 plain text}", "the keyword \\objdata of {\\rtf1" },
  },
}

rule "double-file-extension" {
  title     = "File whose name pretends to be a document",
  tags      = { "file", "file-name", "windows" },
  severity  = "medium",
  meta      = { remediation = "Do not open it; look at it as bytes." },
  confirm   = {
    path([[(?i)\.(?:pdf|docx?|xlsx?|pptx?|rtf|txt|jpe?g|png|gif|mp4|zip)[ ._]{0,40}]] ..
      [[\.(?:exe|scr|com|pif|bat|cmd|vbs|js|jse|wsf|hta|lnk|msi)$]]),
  },
  examples  = {
    match = { { text = "", path = "mail/invoice.pdf.exe" }, { text = "x", path = "Holiday.JPG      .scr" } },
    miss  = { { text = "", path = "tools/setup.exe" }, { text = "x", path = "notes.pdf.txt" } },
  },
}

rule "right-to-left-file-name" {
  title     = "File name that is shown in another order than it is written",
  tags      = { "file", "file-name", "unicode" },
  severity  = "high",
  meta      = { remediation = "Rename it: the end of the name is not what is shown." },
  confirm   = { path [[\x{202E}|\x{2067}|\x{2066}]] },
  examples  = {
    match = { { text = "", path = "mail/gepj.\u{202E}cod.exe" }, { text = "", path = "a\u{2067}b" } },
    miss  = { { text = "\u{202E}", path = "plain.txt" }, { text = "", path = "שלום.txt" } },
  },
}
