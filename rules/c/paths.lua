-- Files that text from outside names.

-- What is left of a text that was read as a number can do no harm in another text.
local numbers = call { "atoi", "atol", "atoll", "atof", "strtol", "strtoul", "strtoll", "strtoull", "strtod",
  "strtonum", "_wtoi", "wcstol", "wcstoul", "strlen", "wcslen" }

local opened = {
  argument { "fopen", "fopen64", "_wfopen", "freopen", "open", "open64", "_open", "_wopen", "creat", "unlink",
    "_unlink", "remove", "rmdir", "mkdir", "opendir", "chmod", "chown", "lchown", "truncate", "mkfifo", "CreateFile",
    "CreateFileA", "CreateFileW", "DeleteFile", "DeleteFileA", "DeleteFileW", 1 },
  argument { "rename", "link", "symlink", "MoveFileA", "MoveFileW", "CopyFileA", "CopyFileW", 1, 2 },
  argument { "openat", "unlinkat", "mkdirat", "fopen_s", "_wfopen_s", "_sopen_s", 2 },
}

-- A last part of a path, and names that the system made up, stay where they are.
local clean = { numbers, call { "basename", "__xpg_basename", "PathFindFileNameA", "PathFindFileNameW" },
  argument { "mkstemp", "mkdtemp", 1 } }

-- It is one that the program knows, begins as it must, or has no slash and no two dots in it.
local checked = {
  guard { call { "strcmp", "strcasecmp", "stricmp", "_stricmp", "wcscmp", "wcscasecmp" }, outcome = false },
  guard { call { "strncmp", "strncasecmp", "wcsncmp", "memcmp" }, outcome = false },
  guard { call { "strstr", "strchr", "strrchr", "strpbrk", "wcsstr", "wcschr" }, on = 1, outcome = false },
}

rule "c-path-traversal" {
  title     = "A file is named by text that was read from outside",
  tags      = { "c", "path", "cwe-22", "cwe-23", "cwe-36", "cwe-73" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/22.html",
                remediation = "Refuse names with a slash or .., or test the start of what realpath makes of them." },
  language  = "c",
  confirm   = {
    taint { from = outside { "input", "characters", "links" }, to = opened, except = clean, unless = checked },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <string.h>
static void name(char *path) {
  char page[100];
  if (fgets(page, sizeof page, stdin) != NULL) strcat(path, page);
}
int main(void) {
  char path[256] = "/srv/data/";
  name(path);
  return fopen(path, "r") == NULL;
}]],
      [[#include <unistd.h>
struct request { int kind; char name[64]; };
static void take(int fd, struct request *r) { read(fd, r->name, sizeof r->name); }
int main(void) { struct request r; take(0, &r); return unlink(r.name); }]],
      -- the other name is tested
      [[#include <stdio.h>
#include <string.h>
static char from[80], to[80];
static int ask(char *name) { return fgets(name, 80, stdin) != NULL; }
int main(void) {
  if (!ask(from) || !ask(to) || strchr(from, '/') != NULL) return 1;
  return rename("data", to);
}]],
    },
    miss = {
      [[#include <stdio.h>
#include <unistd.h>
struct request { char kind[8]; char name[64]; };
int main(void) {
  struct request r = { "get", "index" };
  read(0, r.kind, sizeof r.kind);
  return fopen(r.name, "r") == NULL;
}]],
      -- realpath, and what it must begin with
      [[#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static FILE *open_below(const char *base, const char *name) {
  char full[PATH_MAX];
  if (realpath(name, full) == NULL || strncmp(full, base, strlen(base)) != 0) return NULL;
  return fopen(full, "r");
}
int main(void) {
  char name[80];
  if (fgets(name, sizeof name, stdin) == NULL) return 1;
  return open_below("/srv/data/", name) == NULL;
}]],
      [[#include <stdio.h>
#include <string.h>
int main(void) {
  char name[80];
  if (fgets(name, sizeof name, stdin) == NULL) return 1;
  if (strchr(name, '/')) return 1;
  return fopen(name, "r") == NULL;
}]],
    },
  },
}

rule "c-path-from-environment" {
  title     = "A file is named by an environment variable",
  tags      = { "c", "path", "cwe-73", "cwe-22", "cwe-23", "cwe-36" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/73.html",
                remediation = "In a program with more rights than its user, take no file names from the environment." },
  language  = "c",
  prefilter = any { "getenv", "GetEnvironmentVariable" },
  confirm   = { taint { from = outside "environment", to = opened, except = clean, unless = checked } },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static const char *page(void) { return getenv("PAGE"); }
int main(void) {
  char path[256] = "/srv/data/";
  strcat(path, page());
  return fopen(path, "r") == NULL;
}]],
      [[#include <fcntl.h>
#include <stdlib.h>
struct paths { const char *home, *state; };
static void find(struct paths *paths) { paths->home = "/"; paths->state = getenv("STATE"); }
int main(void) { struct paths paths; find(&paths); return open(paths.state, O_RDONLY); }]],
    },
    miss = {
      [[#include <stdio.h>
#include <stdlib.h>
int main(void) { FILE *f = fopen("/etc/app.conf", "r"); return f == NULL && getenv("DEBUG") != NULL; }]],
      [[#include <fcntl.h>
#include <stdlib.h>
struct paths { const char *home, *state; };
static void find(struct paths *paths) { paths->home = getenv("HOME"); paths->state = "/var/lib/state"; }
int main(void) { struct paths paths; find(&paths); return open(paths.state, O_RDONLY); }]],
    },
  },
}

rule "c-temporary-file-name" {
  title     = "A temporary file is opened under a name that somebody else may have taken meanwhile",
  tags      = { "c", "path", "cwe-377", "cwe-367" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/377.html",
                remediation = "Use mkstemp, which makes up the name and opens the file in one." },
  language  = "c",
  prefilter = any { "mktemp", "tmpnam", "tempnam" },
  confirm   = {
    taint {
      from = { call { "mktemp", "tmpnam", "tmpnam_r", "tempnam", "_mktemp", "_tempnam" },
        argument { "mktemp", "tmpnam", "tmpnam_r", "_mktemp", 1 } },
      to   = opened,
      through = { mktemp = { "1 -> return", "outside -> *1" }, tmpnam = { "outside -> *1", "1 -> return" } },
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
static FILE *scratch(void) { char *name = tmpnam(NULL); return fopen(name, "w+"); }
int main(void) { return scratch() == NULL; }]],
      [[#include <fcntl.h>
#include <stdlib.h>
static char name[] = "/tmp/app-XXXXXX";
static void choose(void) { mktemp(name); }
int main(void) { choose(); return open(name, O_RDWR | O_CREAT, 0600); }]],
    },
    miss = {
      [[#include <stdlib.h>
static char name[] = "/tmp/app-XXXXXX";
int main(void) { return mkstemp(name); }]],
      [[#include <stdio.h>
int main(void) { puts(tmpnam(NULL)); return fopen("/var/lib/app/state", "r") == NULL; }]],
    },
  },
}
