-- Text from outside that says what is run: commands, programs, libraries, and where those are looked for.

-- What is left of a text that was read as a number can do no harm in another text.
local function numbers()
  return call { "atoi", "atol", "atoll", "atof", "strtol", "strtoul", "strtoll", "strtoull", "strtod", "strtonum",
    "_wtoi", "wcstol", "wcstoul", "strlen", "wcslen" }
end

-- A text that was found equal to one that the program knows is one that the program knows.
local function known_text()
  return guard { call { "strcmp", "strcasecmp", "stricmp", "_stricmp", "wcscmp", "wcscasecmp" }, outcome = false }
end

rule "c-command-injection" {
  title     = "Text from outside is run by a shell",
  tags      = { "c", "injection", "cwe-78" },
  severity  = "critical",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/78.html",
                remediation = "Run a fixed program with execv and a list of arguments, or choose from known ones." },
  language  = "c",
  prefilter = any { "system", "popen", "wordexp", "ShellExecute", "WinExec" },
  confirm   = {
    taint {
      from   = outside { "input", "characters", "links", "environment", "arguments" },
      to     = {
        argument { "system", "popen", "_popen", "_wpopen", "_wsystem", "wordexp", "WinExec", 1 },
        argument { "ShellExecute", "ShellExecuteA", "ShellExecuteW", 3, 4 },
      },
      except = { numbers() },
      unless = { known_text() },
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
int main(void) {
  char *editor = getenv("EDITOR");
  return editor == NULL ? 1 : system(editor);
}]],
      -- through a pointer into a buffer, filled by a function
      [[#include <stdio.h>
#include <string.h>
static void fill(char *to, int room) { fgets(to, room, stdin); }
int main(void) {
  char command[200] = "ls ";
  fill(command + strlen(command), 100);
  FILE *f = popen(command, "r");
  return f == NULL;
}]],
      -- a struct, a global, a pointer to a pointer
      [[#include <stdlib.h>
#include <unistd.h>
struct request { int length; char text[80]; };
static struct request last;
static void receive(int fd) { last.length = read(fd, last.text, sizeof last.text - 1); }
static void choose(char **command) { *command = last.text; }
int main(void) {
  char *command = "true";
  receive(0);
  choose(&command);
  return system(command);
}]],
      -- a test of another text
      [[#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
  const char *mode = getenv("MODE");
  if (mode == NULL || strcmp(mode, "run") != 0) return 1;
  return system(argv[1]);
}]],
      { files = {
        ["main.c"] = [[#include "run.h"
int main(int argc, char **argv) { RUN(argv[1]); return 0; }]],
        ["run.h"] = [[#define RUN(x) run(x)
void run(const char *what);]],
        ["run.c"] = [[#include <stdlib.h>
#include "run.h"
void run(const char *what) { system(what); }]],
      } },
    },
    miss = {
      [[#include <stdlib.h>
int main(void) { char *editor = getenv("EDITOR"); return editor != NULL && system("vi") == 0; }]],
      -- overwritten
      [[#include <stdio.h>
#include <stdlib.h>
int main(void) {
  char line[100];
  fgets(line, sizeof line, stdin);
  char *command = line;
  command = "ls";
  return system(command);
}]],
      -- one function, two callers
      [[#include <stdlib.h>
static char *same(char *text) { return text; }
int main(void) { same(getenv("HOME")); return system(same("ls")); }]],
      -- one of the known commands
      [[#include <stdlib.h>
#include <string.h>
static int is_known(const char *text) { return strcmp(text, "date") == 0; }
int main(int argc, char **argv) {
  if (argc < 2 || strcmp(argv[1], "date") != 0) return 1;
  char *command = argv[1];
  return is_known("date") ? system("date") : 0;
}]],
      -- a number
      [[#include <stdio.h>
#include <stdlib.h>
static void stop(int pid) {
  char command[40];
  snprintf(command, sizeof command, "kill %d", pid);
  system(command);
}
int main(int argc, char **argv) { stop(atoi(argv[1])); return 0; }]],
    },
  },
}

rule "c-program-from-outside" {
  title     = "Text read from outside says which program runs, or is an argument of it",
  tags      = { "c", "injection", "cwe-78", "cwe-88" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/88.html",
                remediation = "Name the program by a constant and refuse arguments that begin with a dash." },
  language  = "c",
  prefilter = any { "exec", "spawn", "CreateProcess" },
  confirm   = {
    taint {
      -- not the command line: to run what the user says is what programs like `env` are for
      from   = outside { "input", "characters", "links", "environment" },
      to     = {
        argument { "execl", "execlp", "execle", "execv", "execvp", "execvpe", "execve", from_on = 1 },
        argument { "_exec*", "_wexec*", from_on = 1 },
        argument { "fexecve", 2 },
        argument { "posix_spawn", "posix_spawnp", 2, 5 },
        argument { "_spawn*", "_wspawn*", from_on = 2 },
        argument { "CreateProcess", "CreateProcessA", "CreateProcessW", 1, 2 },
      },
      except = { numbers() },
      unless = { known_text() },
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <unistd.h>
static char *ask(char *line, int room) { return fgets(line, room, stdin); }
int main(void) {
  char line[80];
  char *program = ask(line, sizeof line);
  return execlp(program, program, (char *)0);
}]],
      [[#include <unistd.h>
struct job { char name[32]; int kind; };
static void take(int fd, struct job *job) { read(fd, job->name, sizeof job->name); }
static void run(struct job *job) {
  const char *name = job->name;
  execl("/usr/bin/sort", "sort", name, (char *)0);
}
int main(void) { struct job job; take(0, &job); run(&job); return 1; }]],
    },
    miss = {
      [[#include <unistd.h>
int main(int argc, char **argv) { return argc < 2 ? 1 : execvp(argv[1], argv + 1); }]],
      [[#include <stdio.h>
#include <string.h>
#include <unistd.h>
static const char *program_of(const char *word) { return strcmp(word, "list") == 0 ? "/bin/ls" : "/bin/true"; }
int main(void) {
  char line[80];
  if (fgets(line, sizeof line, stdin) == NULL) return 1;
  const char *program = program_of(line);
  return execl(program, program, (char *)0);
}]],
    },
  },
}

rule "c-library-from-outside" {
  title     = "A library is loaded that text from outside names",
  tags      = { "c", "injection", "cwe-114", "cwe-427" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/114.html",
                remediation = "Load libraries by fixed, absolute paths." },
  language  = "c",
  prefilter = any { "dlopen", "dlmopen", "LoadLibrary" },
  confirm   = {
    taint {
      from   = outside { "input", "characters", "links", "environment", "arguments" },
      to     = {
        argument { "dlopen", "LoadLibrary", "LoadLibraryA", "LoadLibraryW", "LoadLibraryEx", "LoadLibraryExA",
          "LoadLibraryExW", 1 },
        argument { "dlmopen", 2 },
      },
      except = { numbers() },
      unless = { known_text() },
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
static void *load(void) { return dlopen(name, 1); }
int main(int argc, char **argv) { choose(argv); return load() == 0; }]],
    },
    miss = {
      [[#include <dlfcn.h>
#include <stdlib.h>
int main(void) { return getenv("PLUGIN") ? dlopen("/usr/lib/app/plugin.so", RTLD_NOW) == 0 : 0; }]],
      [[#include <dlfcn.h>
static const char *names[] = { "/usr/lib/one.so", "/usr/lib/two.so" };
static void *load(int which) { return dlopen(names[which != 0], 1); }
int main(int argc, char **argv) { return load(argc > 1) == 0; }]],
    },
  },
}

rule "c-environment-from-outside" {
  title     = "Text from outside is put into the environment of programs that run later",
  tags      = { "c", "injection", "cwe-427", "cwe-426", "cwe-15" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/427.html",
                remediation = "Set variables such as PATH and LD_PRELOAD to fixed values." },
  language  = "c",
  prefilter = any { "putenv", "setenv", "SetEnvironmentVariable" },
  confirm   = {
    taint {
      from   = outside { "input", "characters", "links", "environment", "arguments" },
      to     = {
        argument { "putenv", "_putenv", "_wputenv", 1 },
        argument { "setenv", "_putenv_s", "_wputenv_s", "SetEnvironmentVariable", "SetEnvironmentVariableA",
          "SetEnvironmentVariableW", 1, 2 },
      },
      except = { numbers() },
      unless = { known_text() },
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
#include <string.h>
static void add(char *entry, const char *more) { strncat(entry, more, 200); }
int main(int argc, char **argv) {
  static char entry[300] = "PATH=";
  add(entry, argv[1]);
  return putenv(entry);
}]],
      [[#include <stdio.h>
#include <stdlib.h>
struct setting { char name[40], value[90]; };
static void apply(const struct setting *s) { setenv(s->name, s->value, 1); }
int main(void) {
  struct setting s = { "LD_LIBRARY_PATH", "" };
  if (fgets(s.value, sizeof s.value, stdin) != NULL) apply(&s);
  return 0;
}]],
    },
    miss = {
      [[#include <stdlib.h>
int main(int argc, char **argv) { return argc > 1 ? setenv("LANG", "C", 1) : 0; }]],
      [[#include <stdio.h>
#include <stdlib.h>
static void set(const char *name, int number) {
  char text[20];
  snprintf(text, sizeof text, "%d", number);
  setenv(name, text, 1);
}
int main(int argc, char **argv) { set("JOBS", atoi(argv[1])); return putenv("PATH=/bin:/usr/bin"); }]],
    },
  },
}

rule "c-configuration-from-outside" {
  title     = "Text from outside becomes a setting of the system",
  tags      = { "c", "injection", "cwe-15" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/15.html",
                remediation = "Choose from known values, or refuse what is not of the form that it must have." },
  language  = "c",
  prefilter = any { "sethostname", "setdomainname", "SetComputerName", "setlogin" },
  confirm   = {
    taint {
      from   = outside { "input", "characters", "links", "environment", "arguments" },
      to     = {
        argument { "sethostname", "setdomainname", "setlogin", "SetComputerName", "SetComputerNameA",
          "SetComputerNameW", 1 },
        argument { "SetComputerNameExA", "SetComputerNameExW", 2 },
      },
      except = { numbers() },
      unless = { known_text() },
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <string.h>
#include <unistd.h>
static int apply(const char *name) { return sethostname(name, strlen(name)); }
int main(void) {
  char line[80];
  if (fgets(line, sizeof line, stdin) == NULL) return 1;
  return apply(line);
}]],
      [[#include <stdlib.h>
#include <unistd.h>
struct network { char *host, *domain; };
static void find(struct network *n) { n->host = "here"; n->domain = getenv("DOMAIN"); }
int main(void) { struct network n; find(&n); return setdomainname(n.domain, 9); }]],
    },
    miss = {
      [[#include <stdlib.h>
#include <unistd.h>
struct network { char *host, *domain; };
static void find(struct network *n) { n->host = "here"; n->domain = getenv("DOMAIN"); }
int main(void) { struct network n; find(&n); return sethostname(n.host, 4); }]],
      [[#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  const char *name = argv[1];
  if (argc < 2 || (strcmp(name, "one") != 0 && strcmp(name, "two") != 0)) return 1;
  return strcmp(name, "one") == 0 ? sethostname(name, 3) : sethostname("two", 3);
}]],
    },
  },
}
