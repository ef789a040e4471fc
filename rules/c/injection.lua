-- Text from outside that gets to where it is run, parsed or opened: commands, formats, paths, queries.

-- What reads the environment, arguments, input, files and sockets. What a call writes through its arguments is said by
-- the library.
local function outside()
  return {
    call { "getenv", "secure_getenv", "_wgetenv", "fgets", "fgetws", "gets", "getline", "getdelim", "fread", "read",
      "pread", "readv", "recv", "recvfrom", "recvmsg", "scanf", "fscanf", "wscanf", "fwscanf", "vscanf", "vfscanf",
      "fgetc", "getc", "getchar", "fgetwc", "getwc", "getwchar", "readline", "getpass", "readlink", "_getws" },
    parameter { "main", "wmain", 2, 3 },
  }
end

rule "c-command-injection" {
  title     = "Text from outside is run as a command",
  tags      = { "c", "injection", "cwe-78" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/78.html",
                remediation = "Run a fixed program with execv, or choose from a list of known commands." },
  language  = "c",
  confirm   = {
    taint {
      from = outside(),
      to = {
        argument { "system", "popen", "_popen", "_wpopen", "_wsystem", "wordexp", 1 },
        argument { "exec*", "_exec*", "_wexec*", from_on = 1 },
        argument { "posix_spawn", "posix_spawnp", 2, 5 },
        argument { "_spawn*", "_wspawn*", from_on = 2 },
      },
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
int main(void) { char *editor = getenv("EDITOR"); return system(editor); }]],
      [[#include <stdio.h>
#include <string.h>
static void fill(char *to, int room) { fgets(to, room, stdin); }
int main(void) {
  char command[200] = "ls ";
  fill(command + strlen(command), 100);
  FILE *f = popen(command, "r");
  return f == NULL;
}]],
      { files = {
        ["main.c"] = [[#include "run.h"
int main(int argc, char **argv) { RUN(argv[1]); return 0; }]],
        ["run.h"] = [[#define RUN(x) run(x)
void run(const char *what);]],
        ["run.c"] = [[#include <unistd.h>
#include "run.h"
void run(const char *what) { execlp(what, what, (char *)0); }]],
      } },
    },
    miss = {
      [[#include <stdlib.h>
int main(void) { char *editor = getenv("EDITOR"); return editor != 0 && system("vi") == 0; }]],
      [[#include <stdio.h>
#include <stdlib.h>
int main(void) {
  char line[100];
  fgets(line, sizeof line, stdin);
  char *command = line;
  command = "ls";
  return system(command);
}]],
      [[#include <stdlib.h>
static char *same(char *text) { return text; }
int main(void) { same(getenv("HOME")); return system(same("ls")); }]],
    },
  },
}

rule "c-format-string" {
  title     = "Text from outside is used as a format",
  tags      = { "c", "injection", "cwe-134" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/134.html",
                remediation = "Print it with \"%s\"." },
  language  = "c",
  confirm   = {
    taint {
      from = outside(),
      to = {
        argument { "printf", "vprintf", "wprintf", "vwprintf", 1 },
        argument { "fprintf", "vfprintf", "fwprintf", "vfwprintf", "sprintf", "vsprintf", "dprintf", "vdprintf",
          "syslog", "vsyslog", "asprintf", "vasprintf", 2 },
        argument { "snprintf", "vsnprintf", "swprintf", "vswprintf", 3 },
        argument { "err", "errx", "warn", "warnx", 2 },
      },
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
int main(int argc, char **argv) { printf(argv[1]); return 0; }]],
      [[#include <stdio.h>
static void log_line(const char *text) { fprintf(stderr, text); }
int main(void) { char line[80]; if (fgets(line, 80, stdin)) log_line(line); return 0; }]],
    },
    miss = {
      [[#include <stdio.h>
int main(int argc, char **argv) { printf("%s", argv[1]); return 0; }]],
      [[#include <stdio.h>
int main(int argc, char **argv) { const char *form = argc > 1 ? "%d\n" : "none\n"; printf(form, argc); return 0; }]],
    },
  },
}

rule "c-path-traversal" {
  title     = "A file is named by text from outside",
  tags      = { "c", "injection", "cwe-22" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/22.html",
                remediation = "Refuse names with a slash or .., or open it with openat2 and RESOLVE_BENEATH." },
  language  = "c",
  confirm   = {
    taint {
      from = outside(),
      to = {
        argument { "fopen", "fopen64", "freopen", "open", "open64", "creat", "unlink", "remove", "rmdir", "mkdir",
          "opendir", "chmod", "chown", "truncate", "_wfopen", "_open", 1 },
        argument { "rename", "link", "symlink", 1, 2 },
        argument { "openat", "unlinkat", "mkdirat", 2 },
      },
      except = { call { "basename", "mkstemp" } },
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(void) {
  char path[256] = "/srv/data/";
  strcat(path, getenv("PAGE"));
  return fopen(path, "r") == NULL;
}]],
      [[#include <stdio.h>
#include <unistd.h>
struct request { int kind; char name[64]; };
static void take(int fd, struct request *r) { read(fd, r->name, sizeof r->name); }
int main(void) { struct request r; take(0, &r); return unlink(r.name); }]],
    },
    miss = {
      [[#include <stdio.h>
#include <stdlib.h>
int main(void) { FILE *f = fopen("/etc/app.conf", "r"); return f == NULL && getenv("DEBUG") != NULL; }]],
      [[#include <stdio.h>
#include <unistd.h>
struct request { char kind[8]; char name[64]; };
int main(void) {
  struct request r = { "get", "index" };
  read(0, r.kind, sizeof r.kind);
  return fopen(r.name, "r") == NULL;
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
  confirm   = {
    taint {
      from = outside(),
      to = {
        argument { "mysql_query", "mysql_real_query", "mysql_stmt_prepare", "sqlite3_exec", "sqlite3_prepare",
          "sqlite3_prepare_v2", "sqlite3_prepare_v3", "PQexec", "PQexecParams", "PQsendQuery", "SQLExecDirect",
          "SQLPrepare", 2 },
        argument { "PQprepare", 3 },
      },
      except = { call { "PQescapeLiteral", "PQescapeIdentifier", "sqlite3_mprintf" },
        argument { "mysql_real_escape_string", 2 }, argument { "PQescapeStringConn", 2 } },
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
int main(int argc, char **argv) {
  char sql[200];
  snprintf(sql, sizeof sql, "select * from users where name = '%s'", argv[1]);
  return mysql_query(connect_db(), sql);
}]],
      [[#include <stdlib.h>
static void find(void *db, const char *where) { sqlite3_exec(db, where, 0, 0, 0); }
int main(void) { find(open_db(), getenv("QUERY")); return 0; }]],
    },
    miss = {
      [[#include <stdlib.h>
int main(void) { char *id = getenv("ID"); return sqlite3_exec(open_db(), "select 1", 0, 0, &id); }]],
      [[#include <stdlib.h>
int main(void) { char *name = PQescapeLiteral(conn(), getenv("NAME"), 9); PQexec(conn(), name); return 0; }]],
    },
  },
}

rule "c-environment-from-outside" {
  title     = "Text from outside is put into the environment",
  tags      = { "c", "injection", "cwe-427" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/427.html",
                remediation = "Set variables such as PATH and LD_PRELOAD to fixed values." },
  language  = "c",
  confirm   = {
    taint {
      from = {
        call { "fgets", "fgetws", "gets", "getline", "fread", "read", "recv", "recvfrom", "scanf", "fscanf", "fgetc",
          "getc", "getchar", "readline" },
        call { "getenv", "secure_getenv" },
        parameter { "main", "wmain", 2 },
      },
      to = { argument { "putenv", "_putenv", "_wputenv", 1 }, argument { "setenv", "_putenv_s", 2 } },
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
  char entry[300] = "PATH=";
  strncat(entry, argv[1], 200);
  return putenv(entry);
}]],
      [[#include <stdio.h>
#include <stdlib.h>
int main(void) { char line[90]; fgets(line, sizeof line, stdin); return setenv("LD_LIBRARY_PATH", line, 1); }]],
    },
    miss = {
      [[#include <stdlib.h>
int main(int argc, char **argv) { return argc > 1 ? setenv("LANG", "C", 1) : 0; }]],
      [[#include <stdlib.h>
int main(void) { char *old = getenv("PATH"); return old ? putenv("PATH=/bin:/usr/bin") : 1; }]],
    },
  },
}

rule "c-library-from-outside" {
  title     = "A library is loaded that text from outside names",
  tags      = { "c", "injection", "cwe-114" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/114.html",
                remediation = "Load libraries by fixed, absolute paths." },
  language  = "c",
  confirm   = {
    taint {
      from = outside(),
      to = { argument { "dlopen", "LoadLibrary", "LoadLibraryA", "LoadLibraryW", "LoadLibraryExA", "LoadLibraryExW",
        1 } },
    },
  },
  examples  = {
    match = {
      [[#include <dlfcn.h>
#include <stdlib.h>
int main(void) { return dlopen(getenv("PLUGIN"), RTLD_NOW) == 0; }]],
      [[#include <dlfcn.h>
static const char *name;
static void choose(char **argv) { name = argv[1]; }
int main(int argc, char **argv) { choose(argv); return dlopen(name, 1) == 0; }]],
    },
    miss = {
      [[#include <dlfcn.h>
#include <stdlib.h>
int main(void) { return getenv("PLUGIN") ? dlopen("/usr/lib/app/plugin.so", RTLD_NOW) == 0 : 0; }]],
      [[#include <dlfcn.h>
static const char *names[] = { "/usr/lib/one.so", "/usr/lib/two.so" };
int main(int argc, char **argv) { return dlopen(names[argc > 1], 1) == 0; }]],
    },
  },
}
