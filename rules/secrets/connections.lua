-- Passwords in URLs, connection strings, headers and the small files that hold logins.
-- Examples are made up, and glued together so that this file holds no login itself.

-- `scheme://user:password@host`; group 1 is the password.
local function url_with_password(schemes)
  return [[\b(?i:]] .. schemes .. [[)://[^\s:@/'"<>,]{0,64}:([^\s@/'"<>]{3,128})@[A-Za-z0-9_.\[-]{2,255}]]
end

-- What stands where a password would: variables, templates, asterisks and the words of manuals.
local function real_password()
  return except {
    on = "capture", capture = 1,
    regex = {
      [[^[$<{%\[(*]|\$\{|\{\{|%s|%\(|^#\{]],
      [[^(?i:pass(?:word|wd)?|pwd|secret|change-?me|hunter2|example|test(?:ing)?|user(?:name)?|root|admin|guest|]] ..
      [[token|postgres|mysql|redis|rabbitmq|x{3,}|\.{3,}|your[_-]?\w{0,20}|my[_-]?(?:pass|secret)\w{0,12}|]] ..
      [[pass(?:word|wd)?\d{0,4}|foo|bar|baz|pw|dummy|placeholder|redacted)$]],
    },
  }
end

rule "postgres-url" {
  title     = "PostgreSQL URL with a password",
  tags      = { "secret", "database", "connection-string" },
  severity  = "high",
  meta      = { remediation = "Change the role's password and read the URL from the environment." },
  prefilter = all { lit("postgres", "nocase"), "://" },
  confirm   = { regex(url_with_password "postgres(?:ql)?(?:\\+\\w{2,16})?"), real_password() },
  examples  = {
    match = { 'DATABASE_URL=postgres://shop:' .. 'fK8uRkXaxecI3s' .. '@db.internal:5432/shop',
              'create_engine("postgresql+psycopg2://app:' .. 'g22VZc1B7R' .. '%21@10.0.3.7/app")' },
    miss  = { 'DATABASE_URL=postgres://shop:${DB_PASSWORD}@db.internal/shop', 'postgres://user:password@host/db',
              'postgres://db.internal:5432/shop' },
  },
}

rule "mysql-url" {
  title     = "MySQL or MariaDB URL with a password",
  tags      = { "secret", "database", "connection-string" },
  severity  = "high",
  meta      = { remediation = "Change the account's password and read the URL from the environment." },
  prefilter = all { any { lit("mysql", "nocase"), lit("mariadb", "nocase") }, "://" },
  confirm   = { regex(url_with_password "(?:mysql|mariadb)(?:\\+\\w{2,16})?"), real_password() },
  examples  = {
    match = { 'mysql://shop:' .. 'NUbMT7UnZDDvthGs' .. '@mysql.internal/shop',
              'SQLALCHEMY=mysql+pymysql://app:' .. 'E3tKy0CsU' .. '-' .. '1b9X' ..
                '@10.1.1.4:3306/app' },
    miss  = { 'mysql://root:{{ vault_password }}@localhost/', 'mysql://root@localhost/test' },
  },
}

rule "mongodb-url" {
  title     = "MongoDB URL with a password",
  tags      = { "secret", "database", "connection-string" },
  severity  = "high",
  meta      = { remediation = "Change the database user's password and limit the network access list." },
  prefilter = all { lit("mongodb", "nocase"), "://" },
  confirm   = { regex(url_with_password "mongodb(?:\\+srv)?"), real_password() },
  examples  = {
    match = { 'mongodb+srv://shop:' .. '9U6Txf4T64uO1NJs' .. '@cluster0.ab1cd.mongodb.net/shop',
              'uri: "mongodb://app:' .. 'ykFMoUGhgCmD' .. '@10.2.0.9:27017"' },
    miss  = { 'mongodb+srv://<username>:<password>@cluster0.ab1cd.mongodb.net', 'mongodb://localhost:27017/shop' },
  },
}

rule "redis-url" {
  title     = "Redis URL with a password",
  tags      = { "secret", "database", "connection-string" },
  severity  = "high",
  meta      = { remediation = "Change requirepass or the ACL user's password." },
  prefilter = all { lit("redis", "nocase"), "://" },
  confirm   = { regex(url_with_password "rediss?"), real_password() },
  examples  = {
    match = { 'REDIS_URL=redis://:' .. 'qFB3T9PoNhMhU0Disai9eMNT' .. '@cache.internal:6379/0',
              'rediss://default:' .. 'VD5aVUidzgtgWHcMkl9I' .. '@eu1.cache.example:6380' },
    miss  = { 'REDIS_URL=redis://cache.internal:6379/0', 'redis://:$REDIS_PASSWORD@cache:6379' },
  },
}

rule "amqp-url" {
  title     = "AMQP URL with a password",
  tags      = { "secret", "queue", "connection-string" },
  severity  = "high",
  meta      = { remediation = "Change the broker user's password." },
  prefilter = all { lit("amqp", "nocase"), "://" },
  confirm   = { regex(url_with_password "amqps?"), real_password() },
  examples  = {
    match = { 'CELERY_BROKER=amqp://worker:' .. 'J05OO68iwxv7' .. '@mq.internal:5672//',
              'amqps://shop:' .. '0ZqTViTS0NS2eZxmH7G4574JRpFjbNda' .. '@kea.queue.example/shop' },
    miss  = { 'amqp://guest:guest@localhost:5672//', 'amqp://mq.internal:5672' },
  },
}

rule "mail-or-file-url" {
  title     = "SMTP, FTP, SFTP, LDAP or SMB URL with a password",
  tags      = { "secret", "connection-string" },
  severity  = "high",
  meta      = { remediation = "Change the account's password and read the URL from the environment." },
  prefilter = all { "://", any { lit("smtp", "nocase"), lit("ftp", "nocase"), lit("ldap", "nocase"),
    lit("smb", "nocase"), lit("imap", "nocase"), lit("ssh", "nocase") } },
  confirm   = { regex(url_with_password "smtps?|s?ftps?|ldaps?|smb|imaps?|ssh"), real_password() },
  examples  = {
    match = { 'EMAIL_URL=smtp://mailer:' .. 'mqqKvrQAdS4JfXh2' .. '@mail.internal:587',
              'lftp sftp://backup:' .. 'LXhmE2j02a' .. '@nas.internal/daily' },
    miss  = { 'smtp://mailer:****@mail.internal:587', 'ftp://ftp.example.org/pub/' },
  },
}

rule "http-url-with-password" {
  title     = "Web address with a user's password in it",
  tags      = { "secret", "connection-string" },
  severity  = "medium",
  meta      = { remediation = "Change the password and send it in a header that is not logged." },
  prefilter = all { any { lit("http", "nocase"), lit("git", "nocase"), lit("ws", "nocase") }, "://" },
  confirm   = {
    regex(url_with_password "https?|git|wss?"), real_password(),
    entropy { capture = 1, at_least = 2.0 },
    except { on = "capture", capture = 1, regex = { [[^(?:gh[pousr]_|github_pat_|glpat-|x-oauth-basic)]] } },
  },
  examples  = {
    match = { 'curl https://deploy:' .. 'wX6Tmw7AEE7qsJsyo2' .. '@artifacts.internal/repo/shop.tgz',
              'http://admin:' .. 'EDCnI7Q4ASBo' .. '@192.168.0.1/cgi' },
    miss  = { 'https://user:pass@example.com/', 'https://example.com:8080/@handle',
              'https://oauth2:${TOKEN}@git.internal/x' },
  },
}

rule "mssql-connection-string" {
  title     = "SQL Server connection string with a password",
  tags      = { "secret", "database", "connection-string" },
  severity  = "high",
  meta      = { remediation = "Change the login's password; prefer integrated security." },
  prefilter = any { lit("password", "nocase"), lit("pwd", "nocase") },
  confirm   = {
    regex([[(?i:\b(?:data source|server|address)\s{0,2}=[^;\n"']{2,128};(?:[^;\n"'=]{2,40}=[^;\n"']{0,128};){0,6}]] ..
      [[\s{0,2}(?:password|pwd)\s{0,2}=\s{0,2})([^;\n"'<>]{4,128})]]),
    real_password(),
  },
  examples  = {
    match = { 'Server=tcp:shop.database.windows.net,1433;Database=shop;User ID=' ..
                'app;Password=' .. 'reQOlMDBTS4mp0Kw' .. ';Encrypt=True',
              'Data Source=SQL01;Initial Catalog=erp;User Id=sa;Pwd=' .. 'CKdmNbX538D7' .. '!;' },
    miss  = { 'Server=SQL01;Database=erp;Trusted_Connection=True;',
              'Server=SQL01;User Id=sa;Password=${SA_PASSWORD};' },
  },
}

rule "jdbc-url-with-password" {
  title     = "JDBC URL with a password parameter",
  tags      = { "secret", "database", "connection-string" },
  severity  = "high",
  meta      = { remediation = "Change the password and hand it over as a property, not in the URL." },
  prefilter = all { "jdbc:", lit("password=", "nocase") },
  confirm   = { regex [[jdbc:[a-z0-9:]{2,40}:?//?[^\s"'<>]{3,256}[?&;](?i:password)=([^\s&;"'<>]{3,128})]],
                real_password() },
  examples  = {
    match = { 'jdbc:postgresql://db.internal:5432/shop?user=app&password=' .. 'DIzeee0jx8PnP4',
              'spring.datasource.url=jdbc:sqlserver://SQL01:1433;databaseName=e' ..
                'rp;user=sa;password=' .. 'wkqwfzR24PMc' },
    miss  = { 'jdbc:postgresql://db.internal/shop?user=app&password=${DB_PASSWORD}', 'jdbc:h2:mem:test;password=' },
  },
}

rule "authorization-basic" {
  title     = "Basic authorization header",
  tags      = { "secret", "http" },
  severity  = "high",
  meta      = { reference = "https://www.rfc-editor.org/rfc/rfc7617",
                remediation = "Change the password that the header carries." },
  prefilter = all { lit("authorization", "nocase"), lit("basic ", "nocase") },
  confirm   = {
    regex { [[(?i:\bauthorization["']?\s{0,4}[:=,]\s{0,4}["']?basic {1,4})([A-Za-z0-9+/]{15,400}={0,2})]],
      capture = 1 },
    entropy { at_least = 3.2 },
    -- user:password and username:password
    except { regex = { "^dXNlcjpwYXNz", "^dXNlcm5hbWU6cGFzc3dvcmQ", "^QWxhZGRpbjpvcGVu" } },
  },
  examples  = {
    match = { 'Authorization: Basic ' .. 'ZGVwbG95' .. 'OWGo8E8FDlhADNzMtEvU' .. '==',
              '-H "authorization: basic ' .. 'c2hvcDpx' .. 'M/4Z0fB27+69l/PQ' .. '"' },
    miss  = { 'Authorization: Basic ' .. 'dXNlcjpwYXNzd29yZA==',
              'Authorization: Basic realm="shop"',
              'Authorization: Basic ' .. 'QWxhZGRpbjpvcGVuIHNlc2FtZQ==' },
  },
}

rule "authorization-bearer" {
  title     = "Bearer authorization header with an opaque token",
  tags      = { "secret", "http" },
  severity  = "medium",
  meta      = { reference = "https://www.rfc-editor.org/rfc/rfc6750",
                remediation = "Revoke the token at the service that issued it." },
  prefilter = all { lit("authorization", "nocase"), lit("bearer ", "nocase") },
  confirm   = {
    regex { [[(?i:\bauthorization["']?\s{0,4}[:=,]\s{0,4}["']?bearer {1,4})([A-Za-z0-9_.=~+/-]{20,1000})]],
      capture = 1 },
    entropy { at_least = 3.8 },
    except { words = { "example", "xxxx", "token", "your", "secret" } },
  },
  examples  = {
    match = { 'Authorization: Bearer ' .. 'z8HrXpYDffOirxNu8tkZ5zpY9AUbo7PqMwcztXGD',
              "headers['Authorization'] = 'x'\n" .. '"authorization": "Bearer ' ..
                'Hvr0z91flrJR1vtpoOgLOvhcI4I_7gC2KXAPaNM6cl_TxE8c' .. '"' },
    miss  = { 'Authorization: Bearer $ACCESS_TOKEN', 'Authorization: Bearer your_access_token_goes_here' },
  },
}

rule "netrc-login" {
  title     = "Login in a .netrc file",
  tags      = { "secret", "login" },
  severity  = "high",
  meta      = { remediation = "Change the password and take the file out of the tree." },
  prefilter = all { "login", "password" },
  confirm   = {
    regex([[^[ \t]{0,8}(?:machine[ \t]{1,4}\S{1,128}|default)\s{1,8}login[ \t]{1,4}\S{1,64}\s{1,8}]] ..
      [[password[ \t]{1,4}(\S{4,128})]], "m"),
    real_password(),
  },
  examples  = {
    match = { 'machine api.internal login deploy password ' .. 'YW60Qu2Mjznyvs',
              'machine git.internal\n  login ci\n  password ' .. 'CqukeKgwxTLh0lQz4WHK' .. '\n' },
    miss  = { 'machine api.internal login deploy password <password>', 'login with your password first' },
  },
}

rule "pgpass-login" {
  title     = "Login in a .pgpass file",
  tags      = { "secret", "login", "database" },
  severity  = "high",
  meta      = { remediation = "Change the role's password and take the file out of the tree." },
  confirm   = {
    regex([[^[^:\s#]{1,128}:(?:\d{2,5}|\*):[^:\s]{1,64}:[^:\s]{1,64}:([^:\s]{3,128})$]], "m"),
    path [[(?:^|/)\.?pgpass(?:\.conf)?$]],
    real_password(),
  },
  examples  = {
    match = { { text = 'db.internal:5432:shop:app:' .. 'LLMFhJpQ2vON', path = 'home/dev/.pgpass' },
              { text = '# logins\n*:*:*:backup:' .. 'YHpnlKc8ex5VhhpvtA' ..
                         '\n', path = 'pgpass.conf' } },
    miss  = { { text = 'db.internal:5432:shop:app:' .. 'Ztn2mhK9Jjbn', path = 'README.md' },
              { text = '#host:port:database:user:password', path = '.pgpass' } },
  },
}

rule "htpasswd-hash" {
  title     = "Password hash as htpasswd writes it",
  tags      = { "secret", "hash" },
  severity  = "medium",
  meta      = { remediation = "Change the passwords; the hashes can be guessed offline." },
  prefilter = any { ":$apr1$", ":$2y$", ":$2a$", ":$2b$", ":{SHA}" },
  confirm   = {
    regex([[^[A-Za-z0-9_.@-]{1,64}:(?:\$apr1\$[A-Za-z0-9./]{1,8}\$[A-Za-z0-9./]{22}|]] ..
      [[\$2[aby]\$\d\d\$[A-Za-z0-9./]{53}|\{SHA\}[A-Za-z0-9+/]{27}=)]], "m"),
  },
  examples  = {
    match = { 'admin:$apr1$k3Pq81zL$' .. '4IWoCvq81fW0KprBMHFa6y' .. '\n',
              'ops:$2y$10$' .. 'hehTSAEIAIQZkA0ouWZ9oHANp2L8Th5DA9hb2gjhr9PalN4PPdY0S',
              'jan:{SHA}' .. 'b+ur7VLYOn605xtngdT14nlm9hW' .. '=\n' },
    miss  = { 'admin:$apr1$k3Pq81zL$' .. '5YxuYnMziH' .. '\n', 'ops:x:1001:1001::/home/ops:/bin/sh',
              'hash := "$2y$10$' .. 'NHTGzeeJ2GSgGUmrMIvOvI79QnYh1F2wz86a81uFUpURAnp6xm3AH' ..
                '"' },
  },
}

rule "unix-shadow-hash" {
  title     = "Password hash of a Unix account",
  tags      = { "secret", "hash" },
  severity  = "high",
  meta      = { remediation = "Change the passwords of the accounts; the hashes can be guessed offline." },
  prefilter = any { ":$6$", ":$5$", ":$1$", ":$y$" },
  confirm   = {
    regex([[^[a-z_][a-z0-9_-]{0,31}:\$(?:6\$(?:rounds=\d{4,9}\$)?[A-Za-z0-9./]{8,16}\$[A-Za-z0-9./]{86}|]] ..
      [[5\$(?:rounds=\d{4,9}\$)?[A-Za-z0-9./]{8,16}\$[A-Za-z0-9./]{43}|1\$[A-Za-z0-9./]{1,8}\$[A-Za-z0-9./]{22}|]] ..
      [[y\$[A-Za-z0-9./]{3,8}\$[A-Za-z0-9./]{1,86}\$[A-Za-z0-9./]{43}):\d{0,6}:]], "m"),
  },
  examples  = {
    match = { 'root:$6$k3Pq81zLwW0aXm2e$' ..
                '2REvaB47hy22N3juxjnZ05RNHqWwC5y50E2mGr363VGwPbFQN4JKuI0SsgK5jDpC' ..
                'ccUhaJIUgTaXlUoIjJlhi1' .. ':19700:0:99999:7:::',
              'deploy:$y$j9T$' .. '3KhoWNPVdkwiEhWyjcXFu0' .. '$' ..
                'TNP45bXlapgZNME5cAzMxergGzmYAz7Mi1FYoxtDdxA' .. ':19801:0:99999:7:::' },
    miss  = { 'root:*:19700:0:99999:7:::',
              'root:$6$k3Pq81zLwW0aXm2e$' .. 'mhLPzmbj6QguAnkSpjjfWZfFRo9l9AUf8kC7YuOg' ..
                ':19700:0:99999:7:::' },
  },
}

rule "password-on-command-line" {
  title     = "Password given on a command line",
  tags      = { "secret", "login", "shell" },
  severity  = "medium",
  meta      = { remediation = "Change the password; pass it in a file or on standard input." },
  prefilter = any { "curl ", "sshpass ", "mysql ", "mysqldump ", "docker login" },
  confirm   = {
    regex([[\b(?:curl (?:[^\n|;]{0,200}? )?(?:-u|--user)[ =]["']?[^\s:"'$]{1,64}:|]] ..
      [[sshpass {1,4}-p {0,4}["']?|mysql(?:dump)? (?:[^\n|;]{0,200}? )?(?:-p|--password=)["']?|]] ..
      [[docker login (?:[^\n|;]{0,200}? )?(?:-p|--password)[ =]["']?)([^\s"'$<|;-][^\s"'$<|;]{5,127})]]),
    real_password(),
    entropy { capture = 1, at_least = 2.8 },
  },
  examples  = {
    match = { 'curl -s -u deploy:' .. '2iG696ILUpDmmIO3' .. ' https://artifacts.internal/',
              'sshpass -p ' .. 'zTGxIjDPx4Bl' .. ' ssh root@10.0.0.9 uptime',
              'mysqldump -u backup -p' .. 'Lfom0PuaCnHpAZ' .. ' shop > shop.sql' },
    miss  = { 'curl -s -u deploy:$TOKEN https://artifacts.internal/', 'mysql -u root -p shop',
              'sshpass -p "$PW" ssh x' },
  },
}

rule "wordpress-database-password" {
  title     = "Database password in a WordPress configuration",
  tags      = { "secret", "database", "php" },
  severity  = "high",
  meta      = { remediation = "Change the database password and keep wp-config.php out of the tree." },
  prefilter = all { "DB_PASSWORD", "define" },
  confirm   = { regex [[define\(\s{0,4}["']DB_PASSWORD["']\s{0,4},\s{0,4}["']([^"'\n]{4,128})["']\s{0,4}\)]],
                except { on = "capture", capture = 1, regex = { "^(?i:password_here|password|root|wordpress)$" } } },
  examples  = {
    match = { "define( 'DB_PASSWORD', " .. '"' .. 'OLpnJwmcuHaaLxyp' .. '" );',
              'define("DB_PASSWORD","' .. 'gejFx7jJVX' .. '!x");' },
    miss  = { "define( 'DB_PASSWORD', 'password_here' );", "define( 'DB_PASSWORD', getenv('DB_PASSWORD') );" },
  },
}

rule "framework-secret-key" {
  title     = "Signing key of a web framework (Django, Flask, Rails, Laravel)",
  tags      = { "secret", "web" },
  severity  = "high",
  meta      = { remediation = "Make a new key; it ends all sessions and signed links." },
  prefilter = any { "SECRET_KEY", "secret_key_base", "APP_KEY" },
  confirm   = {
    regex([[\bSECRET_KEY\s{0,4}=\s{0,4}["']([^"'\n]{32,128})["']|]] ..
      [[secret_key_base["']?\s{0,2}[:=]\s{0,4}["']?([0-9a-f]{64,128})\b|]] ..
      [[\bAPP_KEY\s{0,2}=\s{0,2}base64:([A-Za-z0-9+/]{43}=)]]),
    entropy { at_least = 3.4 },
    except { words = { "insecure", "change", "example", "xxxx", "getenv", "environ" } },
  },
  examples  = {
    match = { 'SECRET_KEY = "' .. 'NupLxYb55kjw9U8eC3Kx' .. '$' .. 'F6MKIAWPdbyY' .. '^' ..
                '4ByqI0LlH1DBTPG6p6' .. '"',
              '  secret_key_base: ' ..
                'bf94ccfc47be19866828fb57643815e593d04b1b240b563cce9c7dd96aef929d' ..
                'eb3584e039e65002cfae4657cd758603cba8e27be16ff3dfd61fac201c5f09ed',
              'APP_KEY=base64:' .. 'AsUuq/RWjjxCaC4V53LVnBwLTvIJi5e0LdOUHyZW3Td' .. '=' },
    miss  = { 'SECRET_KEY = "django-insecure-' ..
                'fMI0GPOyfFZ6TWSuJr5nAxxkAknwUHbpOsllL1QeHjWi4RD6Kv' .. '"',
              "SECRET_KEY = os.environ['SECRET_KEY']",
              'secret_key_base: <%= ENV["SECRET_KEY_BASE"] %>' },
  },
}

rule "group-policy-password" {
  title     = "Password in a Windows group policy preference",
  tags      = { "secret", "windows" },
  severity  = "critical",
  meta      = { reference = "https://learn.microsoft.com/security-updates/securitybulletins/2014/ms14-025",
                remediation = "Change the password: the key that encrypts it is public." },
  prefilter = any { "cpassword=" },
  confirm   = { regex { [[\bcpassword="([A-Za-z0-9+/]{16,256}={0,2})"]], capture = 1 }, entropy { at_least = 3.5 } },
  examples  = {
    match = { '<Properties action="U" cpassword="' ..
                'YJ7ACohiecT93oL6gPds6i1Fej9Tj8ZKOljzX4NVolY' .. '" userName="Administrator"/>',
              'cpassword="' .. 'SrR+TgTU01JzRcmopfiK4DoGR2yyqnntHtmHkkxd4Zkq4u0cmOajlyiFBqvc1kAS' ..
                '"' },
    miss  = { '<Properties action="U" cpassword="" userName="Administrator"/>', 'cpassword="<removed>"' },
  },
}
