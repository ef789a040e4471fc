-- Text from outside that something parses: formats, queries, logs.

-- What is left of a text that was read as a number can do no harm in another text.
local numbers = call { "atoi", "atol", "atoll", "atof", "strtol", "strtoul", "strtoll", "strtoull", "strtod",
  "strtonum", "_wtoi", "wcstol", "wcstoul", "strlen", "wcslen" }

-- A text that was found equal to one that the program knows is one that the program knows.
local known_text = guard { call { "strcmp", "strcasecmp", "stricmp", "_stricmp", "wcscmp", "wcscasecmp" },
  outcome = false }

rule "c-format-string" {
  title     = "Text from outside is used as a format",
  tags      = { "c", "injection", "cwe-134" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/134.html",
                remediation = "Print it with the format \"%s\"." },
  language  = "c",
  prefilter = any { "printf", "syslog", "err", "warn", "scanf", "strftime" },
  confirm   = {
    taint {
      from   = outside { "input", "characters", "links", "environment", "arguments" },
      to     = {
        argument { "printf", "vprintf", "wprintf", "vwprintf", "printf_s", "wprintf_s", "_tprintf", 1 },
        argument { "fprintf", "vfprintf", "fwprintf", "vfwprintf", "sprintf", "vsprintf", "dprintf", "vdprintf",
          "syslog", "vsyslog", "asprintf", "vasprintf", "err", "errx", "verr", "verrx", 2 },
        argument { "snprintf", "vsnprintf", "swprintf", "vswprintf", "_snprintf", "_vsnprintf", "_snwprintf",
          "_vsnwprintf", "snwprintf", "vsnwprintf", 3 },
        argument { "warn", "warnx", "vwarn", "vwarnx", 1 },
      },
      except = { numbers },
      unless = { known_text, guard { call { "strchr", "strpbrk", "memchr", "wcschr" }, on = 1, outcome = false } },
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
int main(int argc, char **argv) { printf(argv[1]); return 0; }]],
      -- a wrapper
      [[#include <stdio.h>
static void log_line(const char *text) { fprintf(stderr, text); }
int main(void) { char line[80]; if (fgets(line, 80, stdin)) log_line(line); return 0; }]],
      -- a wrapper with arguments, and a struct
      [[#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
struct reply { int code; char text[100]; };
static void say(const char *form, ...) {
  va_list list;
  va_start(list, form);
  vprintf(form, list);
  va_end(list);
}
static void show(const struct reply *reply) { say(reply->text); }
int main(void) {
  struct reply reply;
  reply.code = 1;
  if (read(0, reply.text, sizeof reply.text) > 0) show(&reply);
  return 0;
}]],
      -- another place in it is tested
      [[#include <stdio.h>
#include <string.h>
int main(int argc, char **argv) {
  if (strchr(argv[0], '%') != NULL) return 1;
  char line[80];
  if (fgets(line, sizeof line, stdin) != NULL) printf(line);
  return 0;
}]],
    },
    miss = {
      [[#include <stdio.h>
static void show(const char *text) { printf("%s", text); }
int main(int argc, char **argv) { show(argv[1]); return 0; }]],
      [[#include <stdio.h>
static const char *form_of(int argc) { return argc > 1 ? "%d\n" : "none\n"; }
int main(int argc, char **argv) { printf(form_of(argc), argc); return 0; }]],
      [[#include <stdio.h>
#include <string.h>
static void say(const char *text) { printf(text); }
int main(void) {
  char line[80];
  if (fgets(line, sizeof line, stdin) == NULL) return 1;
  if (strchr(line, '%') != NULL) return 1;
  say(line);
  return 0;
}]],
    },
  },
}

rule "c-sql-injection" {
  title     = "Text from outside is a part of an SQL statement",
  tags      = { "c", "injection", "cwe-89" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/89.html",
                remediation = "Prepare the statement with placeholders and bind the text to them." },
  language  = "c",
  prefilter = any { "mysql_", "sqlite3_", "PQ", "SQLExecDirect", "SQLPrepare", "OCIStmtPrepare" },
  confirm   = {
    taint {
      from   = outside { "input", "characters", "links", "environment", "arguments" },
      to     = {
        argument { "mysql_query", "mysql_real_query", "mysql_send_query", "mysql_stmt_prepare", "sqlite3_exec",
          "sqlite3_get_table", "sqlite3_prepare", "sqlite3_prepare_v2", "sqlite3_prepare_v3", "sqlite3_prepare16",
          "sqlite3_prepare16_v2", "PQexec", "PQexecParams", "PQsendQuery", "PQsendQueryParams", "SQLExecDirect",
          "SQLExecDirectA", "SQLExecDirectW", "SQLPrepare", "SQLPrepareA", "SQLPrepareW", 2 },
        argument { "PQprepare", "PQsendPrepare", "OCIStmtPrepare", 3 },
      },
      except = {
        numbers, call { "PQescapeLiteral", "PQescapeIdentifier", "sqlite3_mprintf", "sqlite3_vmprintf" },
        argument { "mysql_real_escape_string", "PQescapeStringConn", 2 },
        argument { "mysql_escape_string", "PQescapeString", 1 }, argument { "sqlite3_snprintf", 2 },
      },
      unless = { known_text },
      through = {
        mysql_real_escape_string = {}, mysql_escape_string = {}, PQescapeStringConn = {}, PQescapeString = {},
      },
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
static void ask(void *db, const char *name) {
  char sql[200];
  snprintf(sql, sizeof sql, "select * from users where name = '%s'", name);
  mysql_query(db, sql);
}
int main(int argc, char **argv) { ask(connect_db(), argv[1]); return 0; }]],
      [[#include <stdlib.h>
#include <string.h>
static char *where;
static void build(char *sql) { strcpy(sql, "delete from log where "); strcat(sql, where); }
static void find(void *db) { char sql[400]; build(sql); sqlite3_exec(db, sql, 0, 0, 0); }
int main(void) { where = getenv("QUERY"); find(open_db()); return 0; }]],
    },
    miss = {
      [[#include <stdlib.h>
int main(void) { char *id = getenv("ID"); return sqlite3_exec(open_db(), "select 1", 0, 0, &id); }]],
      [[#include <stdlib.h>
static char *quoted(void *db, const char *text) { return PQescapeLiteral(db, text, 9); }
int main(void) { void *db = conn(); PQexec(db, quoted(db, getenv("NAME"))); return 0; }]],
      [[#include <stdio.h>
static void ask(void *db, const char *name) {
  char clean[100], sql[200];
  mysql_real_escape_string(db, clean, name, 40);
  snprintf(sql, sizeof sql, "select * from users where name = '%s'", clean);
  mysql_query(db, sql);
}
int main(int argc, char **argv) { ask(connect_db(), argv[1]); return 0; }]],
    },
  },
}

rule "c-ldap-injection" {
  title     = "Text from outside is a part of an LDAP search",
  tags      = { "c", "injection", "cwe-90" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/90.html",
                remediation = "Escape the text with ldap_bv2escaped_filter_value before it becomes part of a filter." },
  language  = "c",
  prefilter = any { "ldap_" },
  confirm   = {
    taint {
      from   = outside { "input", "characters", "links", "environment", "arguments" },
      to     = { argument { "ldap_search*", 2, 4 }, argument { "ldap_create_sort_keylist", "ldap_put_vrFilter", 2 } },
      except = { numbers, argument { "ldap_bv2escaped_filter_value", 2 }, call { "ldap_dn2ufn", "ldap_escape*" } },
      unless = { known_text },
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
static void find(void *ld, const char *user) {
  char filter[256];
  snprintf(filter, sizeof filter, "(&(objectClass=person)(uid=%s))", user);
  ldap_search_ext_s(ld, "dc=example,dc=org", 2, filter, 0, 0, 0, 0, 0, 0, 0);
}
int main(void) {
  char line[100];
  if (fgets(line, sizeof line, stdin) != NULL) find(open_ldap(), line);
  return 0;
}]],
      [[#include <sys/socket.h>
struct query { char base[64]; char filter[64]; };
static void receive(int fd, struct query *q) { recv(fd, q, sizeof *q, 0); }
int serve(void *ld, int fd) {
  struct query q;
  receive(fd, &q);
  return ldap_search_s(ld, q.base, 2, "(uid=*)", 0, 0, 0);
}]],
    },
    miss = {
      [[#include <stdio.h>
int main(void) {
  char line[100];
  if (fgets(line, sizeof line, stdin) == NULL) return 1;
  return ldap_search_s(open_ldap(), "dc=example,dc=org", 2, "(uid=*)", 0, 0, 0);
}]],
      [[#include <stdio.h>
#include <stdlib.h>
static void find(void *ld, int number) {
  char filter[64];
  snprintf(filter, sizeof filter, "(uidNumber=%d)", number);
  ldap_search_s(ld, "dc=example,dc=org", 2, filter, 0, 0, 0);
}
int main(int argc, char **argv) { find(open_ldap(), atoi(argv[1])); return 0; }]],
    },
  },
}

rule "c-xpath-injection" {
  title     = "Text from outside is a part of an XPath query",
  tags      = { "c", "injection", "cwe-643" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/643.html",
                remediation = "Register the text as a variable of the query with xmlXPathRegisterVariable." },
  language  = "c",
  prefilter = any { "xmlXPath" },
  confirm   = {
    taint {
      from   = outside { "input", "characters", "links", "environment", "arguments" },
      to     = {
        argument { "xmlXPathEval", "xmlXPathEvalExpression", "xmlXPathCompile", "xmlXPathEvalPredicate", 1 },
        argument { "xmlXPathCtxtCompile", "xmlXPathNodeEval", 2 },
      },
      except = { numbers },
      unless = { known_text, guard { call { "strchr", "strpbrk" }, on = 1, outcome = false } },
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
static void *find(void *context, const char *user) {
  char query[200];
  snprintf(query, sizeof query, "//user[@name='%s']/mail", user);
  return xmlXPathEvalExpression((const xmlChar *)query, context);
}
int main(int argc, char **argv) { return find(open_document(), argv[1]) == NULL; }]],
      [[#include <stdlib.h>
#include <string.h>
static char query[200] = "/shop/item";
static void add(const char *more) { strncat(query, more, 100); }
int main(void) { add(getenv("FILTER")); return xmlXPathCompile(query) == NULL; }]],
    },
    miss = {
      [[#include <stdio.h>
static void *find(void *context, int number) {
  char query[200];
  snprintf(query, sizeof query, "//user[@id='%d']/mail", number);
  return xmlXPathEvalExpression((const xmlChar *)query, context);
}
int main(int argc, char **argv) { return find(open_document(), atoi(argv[1])) == NULL; }]],
      [[#include <string.h>
static void *find(void *context, const char *query) {
  return strpbrk(query, "'\"[]") == NULL ? xmlXPathEval(query, context) : NULL;
}
int main(int argc, char **argv) { return find(open_document(), argv[1]) == NULL; }]],
    },
  },
}

rule "c-log-forging" {
  title     = "Text read from outside is written into the system's log as it is",
  tags      = { "c", "injection", "cwe-117" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/117.html",
                remediation = "Replace line breaks and control characters before the text is logged." },
  language  = "c",
  prefilter = any { "syslog", "sd_journal_print", "ReportEvent" },
  confirm   = {
    taint {
      from   = outside { "input", "characters", "links" },
      to     = {
        argument { "syslog", "sd_journal_print", from_on = 3 }, argument { "ReportEventA", "ReportEventW", 8 },
      },
      except = { numbers },
      unless = { known_text, guard { call { "strchr", "strpbrk", "wcschr" }, on = 1, outcome = false } },
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <syslog.h>
struct login { char user[40]; int tries; };
static void note(const struct login *login) { syslog(LOG_NOTICE, "login of %s failed", login->user); }
int main(void) {
  struct login login = { "", 1 };
  if (fgets(login.user, sizeof login.user, stdin) != NULL) note(&login);
  return 0;
}]],
      [[#include <sys/socket.h>
#include <syslog.h>
static void receive(int fd, char **to) { static char text[200]; recv(fd, text, sizeof text, 0); *to = text; }
void serve(int fd) { char *text; receive(fd, &text); syslog(LOG_INFO, "%s", text); }]],
    },
    miss = {
      [[#include <stdio.h>
#include <string.h>
#include <syslog.h>
int main(void) {
  char user[40];
  if (fgets(user, sizeof user, stdin) == NULL || strpbrk(user, "\r\n") != NULL) return 1;
  syslog(LOG_NOTICE, "login of %s failed", user);
  return 0;
}]],
      [[#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
static void note(long count) { syslog(LOG_NOTICE, "%ld logins", count); }
int main(void) { char line[40]; fgets(line, sizeof line, stdin); note(strtol(line, NULL, 10)); return 0; }]],
    },
  },
}
