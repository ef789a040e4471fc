-- Crashes in the logs of programs: stack traces and panics of the common languages, and database trouble.

rule "java-stack-trace" {
  title     = "Java stack trace",
  tags      = { "log", "crash", "java" },
  severity  = "low",
  meta      = { remediation = "Read the last `Caused by`." },
  prefilter = any { "Exception", "Error" },
  confirm   = {
    regex([[\b(?:[a-z_][A-Za-z0-9_]{0,60}\.){1,12}[A-Z][A-Za-z0-9_$]{0,80}(?:Exception|]] ..
      [[Error)(?:: [^\n]{0,500})?\r?\n\s{1,8}at [A-Za-z0-9_.$<>/@-]{3,200}\([^)\n]{1,120}\)]]),
  },
  examples  = {
    match = { "java.lang.NullPointerException: name\n\tat com.acme.Shop.find(Shop.java:42)\n",
              "Caused by: java.io.IOException\r\n    at java.base/java.net.Socket.connect(Unknown Source)" },
    miss  = { "throws java.io.IOException {", "java.lang.IllegalStateException: no trace" },
  },
}

rule "python-traceback" {
  title     = "Python traceback",
  tags      = { "log", "crash", "python" },
  severity  = "low",
  meta      = { remediation = "Read its last line." },
  prefilter = any { "Traceback (most recent call last):" },
  confirm   = {
    regex([[Traceback \(most recent call last\):\r?\n\s{0,40}]] ..
      [[(?:[^\n]{0,40} )?File "[^"\n]{1,300}", line \d{1,7}]]),
  },
  examples  = {
    match = { 'Traceback (most recent call last):\n  File "/srv/shop/app.py", line 31, in add_to_cart\n',
              'Traceback (most recent call last):\r\n  File "<stdin>", line 1, in <module>\r\nKeyError: 1' },
    miss  = { "print('Traceback (most recent call last):')", 'File "app.py", line 3' },
  },
}

rule "javascript-stack-trace" {
  title     = "JavaScript stack trace",
  tags      = { "log", "crash", "javascript" },
  severity  = "low",
  meta      = { remediation = "Read the first frame that is your own." },
  prefilter = any { "Error" },
  confirm   = {
    regex([[\b(?:[A-Z][A-Za-z]{0,30})?Error(?: \[[A-Z_]{3,60}\])?(?:: [^\n]{0,500})?\r?\n {2,8}at ]] ..
      [[(?:async )?[^\n]{1,300}:\d{1,7}:\d{1,7}\)?]]),
  },
  examples  = {
    match = { "TypeError: x is not a function\n    at Object.<anonymous> (/srv/shop/index.js:10:5)",
              "Error [ERR_HTTP_HEADERS_SENT]: Cannot set headers\n    at async run (file:///srv/a.mjs:3:1)" },
    miss  = { "throw new Error(message)", "TypeError: x is not a function" },
  },
}

rule "go-panic" {
  title     = "Go panic",
  tags      = { "log", "crash", "go" },
  severity  = "medium",
  meta      = { remediation = "Read the first goroutine's frames." },
  prefilter = all { "panic: ", "goroutine " },
  confirm   = { regex([[^panic: [^\n]{1,500}(?:\n[^\n]{0,300}){0,3}\n\n?goroutine \d{1,9} \[]], "m") },
  examples  = {
    match = { "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n",
              "panic: boom\n[recovered]\n\ngoroutine 18 [running]:" },
    miss  = { "don't panic: goroutine leaks are easy", "panic: boom" },
  },
}

rule "rust-panic" {
  title     = "Rust panic",
  tags      = { "log", "crash", "rust" },
  severity  = "medium",
  meta      = { remediation = "Run again with RUST_BACKTRACE=1." },
  prefilter = any { " panicked at " },
  confirm   = { regex [[\bthread '[^'\n]{1,80}'(?: \(\d{1,9}\))? panicked at [^\n]{1,300}]] },
  examples  = {
    match = { "thread 'main' panicked at src/main.rs:4:5:\nboom",
              "thread 'tokio-runtime-worker' panicked at 'no row', src/db.rs:9:1" },
    miss  = { "the thread panicked at noon", "thread 'main' finished" },
  },
}

rule "native-crash" {
  title     = "Crash report of a native program (sanitizer, glibc, abort)",
  tags      = { "log", "crash", "native" },
  severity  = "medium",
  meta      = { remediation = "Keep the report; memory errors are security bugs until shown otherwise." },
  prefilter = any { "AddressSanitizer", "ThreadSanitizer", "LeakSanitizer", "double free or corruption",
    "stack smashing detected",
    "terminate called after throwing", "runtime error: " },
  confirm   = {
    regex([[\bERROR: (?:Address|Leak)Sanitizer: [^\n]{1,120}|WARNING: ThreadSanitizer: [^\n]{1,120}|]] ..
      [[\bdouble free or corruption \([a-z!]{2,10}\)|\*\*\* stack smashing detected \*\*\*|]] ..
      [[terminate called after throwing an instance of '[^'\n]{1,120}'|]] ..
      [[:\d{1,7}:\d{1,5}: runtime error: [^\n]{1,120}]]),
  },
  examples  = {
    match = { "==77==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010",
              "terminate called after throwing an instance of 'std::bad_alloc'" },
    miss  = { "built with AddressSanitizer", "Python runtime error: see above" },
  },
}

rule "database-error" {
  title     = "Database error in an application's log",
  tags      = { "log", "database" },
  severity  = "low",
  meta      = { remediation = "Deadlocks and connection limits come back: find the query, size the pool." },
  prefilter = any { "deadlock detected", "Deadlock found", "too many connections", "Too many connections",
    "ORA-0", "SQLSTATE[",
    "remaining connection slots" },
  confirm   = {
    regex([[\bdeadlock detected\b|\bDeadlock found when trying to get lock\b|]] ..
      [[(?:\b[Tt]oo many connections\b)|\bORA-0\d{4}: [^\n]{1,160}|SQLSTATE\[[0-9A-Z]{5}\]|]] ..
      [[\bremaining connection slots are reserved\b]]),
  },
  examples  = {
    match = { "ERROR:  deadlock detected at character 12",
              "FATAL: remaining connection slots are reserved for superusers",
              "SQLSTATE[HY000]: General error", "ORA-01017: invalid username/password; logon denied" },
    miss  = { "no deadlock was found", "ORA-0 is no code" },
  },
}

rule "debug-mode-in-production" {
  title     = "A web application says that it runs in debug mode",
  tags      = { "log", "web", "configuration" },
  severity  = "medium",
  meta      = { remediation = "Switch debug mode off: it shows sources and lets visitors run code." },
  prefilter = any { "Debug mode: on", "Debugger PIN: ", "DEBUG = True", "APP_DEBUG=true" },
  confirm   = {
    regex([[\* Debug mode: on\b|\* Debugger PIN: \d{3}-\d{3}-\d{3}|]] ..
      [[You're seeing this error because you have DEBUG = True]]),
  },
  examples  = {
    match = { " * Debug mode: on", " * Debugger PIN: 123-456-789" },
    miss  = { " * Debug mode: off", "DEBUG = True  # settings.py" },
  },
}

rule "password-in-log" {
  title     = "Something that looks like a password in a log line",
  tags      = { "log", "secret", "password" },
  severity  = "high",
  meta      = { remediation = "Change the password and stop logging it." },
  prefilter = any { lit("password", "nocase"), lit("passwd", "nocase") },
  confirm   = {
    regex { [[(?i:^[^\n]{0,400}\b(?:INFO|DEBUG|WARN(?:ING)?|ERROR|TRACE)\b[^\n]{0,400}?]] ..
      [=[\b(?:password|passwd)["']?\s{0,2}[=:]\s{0,2}["']?)]=] ..
      [[([^\s"'&,;*<>{}\[\]()]{6,64})]], flags = "m", capture = 1 },
    only { regex = { [[\d]] } },
    except { words = { "xxxx", "redact", "filter", "hidden", "null", "none", "false", "true", "****", "password" } },
  },
  examples  = {
    match = { "2025-10-12 06:10:00 DEBUG login user=jane password=t3a" .. "P0t-x",
              'WARN body={"passwd": "' .. 'kett1e99"}' },
    miss  = { "2025-10-12 INFO password=[FILTERED]", "DEBUG password: ********",
              "password=t3a-without-a-level" },
  },
}
