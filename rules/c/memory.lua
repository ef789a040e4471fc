-- Memory: pointers that may be null, reads without a bound, memory that is gone.

-- Whoever compares with null has looked, whatever comes of it: where the pointer is null, a status says so to callers.
local looked_at = guard { compare = { "!=", "==" }, with = "null" }

-- The pointer itself: not what is read from where it points to, nor what holds it.
local pointer = { "assign", "phi", "argument", "return", "store", "load", "field", "index", "guard" }

rule "c-allocation-unchecked" {
  title     = "Memory from malloc is used without a look at whether there was any",
  tags      = { "c", "memory", "cwe-690", "cwe-476", "cwe-252" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/690.html",
                remediation = "Compare the pointer with NULL before it is used." },
  language  = "c",
  prefilter = any { "alloc", "dup" },
  confirm   = {
    flows_to {
      from   = call { "malloc", "calloc", "realloc", "reallocarray", "aligned_alloc", "valloc", "strdup", "strndup",
        "wcsdup" },
      to     = { address(),
        argument { "strcpy", "strncpy", "strcat", "strncat", "memcpy", "memmove", "memset", "sprintf", "snprintf",
          "wcscpy", "wcscat", "strlen", "fgets", "fread", 1 } },
      unless = { looked_at },
      edges  = pointer,
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
struct node { struct node *next; int value; };
static struct node *node_new(void) { return calloc(1, sizeof(struct node)); }
int main(void) { struct node *n = node_new(); n->value = 3; return n->value; }]],
      [[#include <stdlib.h>
#include <string.h>
static void name(char *to) { strcpy(to, "none"); }
int main(void) { char *text = malloc(10); name(text); return text[0]; }]],
      -- another pointer is looked at
      [[#include <stdlib.h>
int main(int argc, char **argv) {
  int *one = malloc(sizeof *one), *two = malloc(sizeof *two);
  if (one == NULL) return 1;
  *one = 1;
  *two = 2;
  return *one;
}]],
    },
    miss = {
      [[#include <stdlib.h>
struct node { struct node *next; int value; };
static struct node *node_new(void) { return calloc(1, sizeof(struct node)); }
int main(void) { struct node *n = node_new(); if (n == NULL) return 1; n->value = 3; return n->value; }]],
      [[#include <stdio.h>
#include <stdlib.h>
static void *get(size_t n) {
  void *p = malloc(n);
  if (!p) { fputs("no memory\n", stderr); exit(1); }
  return p;
}
int main(void) { int *p = get(sizeof *p); *p = 1; return *p; }]],
      [[#include <stdlib.h>
#include <string.h>
int main(void) {
  char *text = NULL, **to = &text;
  if ((*to = strdup("a")) != NULL) text[0] = 'b';
  return text ? text[0] : 0;
}]],
    },
  },
}

rule "c-file-unchecked" {
  title     = "What fopen gives is used without a look at whether the file is open",
  tags      = { "c", "memory", "cwe-690", "cwe-476", "cwe-252" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/690.html",
                remediation = "Compare what fopen gives with NULL." },
  language  = "c",
  prefilter = any { "open", "tmpfile" },
  confirm   = {
    flows_to {
      from   = call { "fopen", "fopen64", "_wfopen", "freopen", "popen", "tmpfile", "opendir" },
      to     = {
        argument { "fprintf", "vfprintf", "fscanf", "fclose", "fgetc", "getc", "fseek", "ftell", "rewind", "fflush",
          "pclose", "readdir", "closedir", "fileno", "fwprintf", 1 },
        argument { "fputs", "fputc", "putc", 2 }, argument { "fgets", "fgetws", "getline", 3 },
        argument { "fread", "fwrite", "getdelim", 4 },
      },
      unless = { looked_at },
      edges  = pointer,
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
static FILE *log_file;
static void begin(void) { log_file = fopen("log", "a"); }
static void say(const char *text) { fputs(text, log_file); }
int main(void) { begin(); say("begun"); return 0; }]],
      [[#include <stdio.h>
struct source { FILE *file; int line; };
static void start(struct source *s) { s->file = fopen("in", "r"); s->line = 0; }
int main(void) { struct source s; char text[80]; start(&s); fgets(text, sizeof text, s.file); return text[0]; }]],
    },
    miss = {
      [[#include <stdio.h>
struct source { FILE *file; int line; };
static int start(struct source *s) { s->file = fopen("in", "r"); return s->file != NULL; }
int main(void) {
  struct source s;
  char text[80];
  start(&s);
  if (s.file == NULL) return 1;
  return fgets(text, sizeof text, s.file) == NULL;
}]],
      [[#include <stdio.h>
static void say(FILE *f, const char *text) { fputs(text, f); }
int main(void) {
  FILE *f = fopen("log", "a");
  if (!f) f = stderr;
  say(f, "begun");
  return f != stderr ? fclose(f) : 0;
}]],
    },
  },
}

rule "c-read-without-bound" {
  title     = "Text is read into memory whatever its length",
  tags      = { "c", "memory", "cwe-242", "cwe-120", "cwe-676" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/242.html",
                remediation = "Use fgets, or say in the format how much there is room for, as in %79s." },
  prefilter = any { lit("gets", "word"), lit("_getws", "word"), "scanf" },
  confirm   = {
    path [[\.(?:c|h|cc|cpp|cxx|hpp)$]],
    regex([[(?m)^[ \t]*(?:[^"/*\s](?:[^"/\n]|/[^/*"\n]){0,200}?)?\b]] .. -- no comment stands before
      [[(?:(?:gets|_getws)[ \t]*\([^()\n]|(?:scanf|fw?scanf|wscanf)[ \t]*\((?:[^"();\n]{1,80},)?[ \t]*]] ..
      [[L?"(?:[^"%\\\n]|\\.|%[^ls"\n]|%l[^s"\n]){0,200}%l?s)]]),
  },
  examples  = {
    match = {
      { path = "a.c", text = [[#include <stdio.h>
static char line[80];
static char *ask(void) { return gets(line); }
int main(void) { return ask() == NULL; }]] },
      { path = "b.c", text = [[#include <stdio.h>
struct user { int id; char name[20]; };
static int ask(struct user *u) { return scanf("%d %s", &u->id, u->name); }
int main(void) { struct user u; return ask(&u); }]] },
      { path = "c.c", text = [[#include <stdio.h>
int main(void) { char word[9]; if (fscanf(stdin, "%s", word) != 1) return 1; return word[0]; }]] },
    },
    miss = {
      { path = "a.c", text = [[#include <stdio.h>
static char line[80];
static char *ask(void) { return fgets(line, sizeof line, stdin); } /* gets(line) has no bound */
int main(void) { return ask() == NULL; }]] },
      { path = "b.c", text = [[#include <stdio.h>
struct user { int id; char name[20]; };
static int ask(struct user *u) { return scanf("%d %19s", &u->id, u->name); }
int main(void) { struct user u; return ask(&u); }]] },
      { path = "notes.txt", text = "gets(line) is gone since C11" },
    },
  },
}

rule "c-stack-memory-returned" {
  title     = "Memory of a function's own frame is given back, and is gone by then",
  tags      = { "c", "memory", "cwe-562", "cwe-825" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/562.html",
                remediation = "Give back memory from malloc, or let the caller hand in the room." },
  language  = "c",
  prefilter = any { "alloca", "strdupa", "strndupa" },
  confirm   = {
    flows_to {
      from  = call { "alloca", "_alloca", "__builtin_alloca", "strdupa", "strndupa" },
      to    = { returned "*" },
      edges = pointer,
    },
  },
  examples  = {
    match = {
      [[#include <alloca.h>
#include <string.h>
static char *copy(const char *text) {
  char *to = alloca(strlen(text) + 1);
  strcpy(to, text);
  return to;
}
int main(int argc, char **argv) { return copy(argv[0])[0]; }]],
      [[#include <alloca.h>
struct room { char *at; int size; };
static char *get(int size) {
  struct room room;
  room.at = alloca(size);
  room.size = size;
  char *at = room.at;
  return at;
}
int main(void) { return get(4)[0]; }]],
    },
    miss = {
      [[#include <alloca.h>
#include <stdlib.h>
#include <string.h>
static char *twice(const char *text) {
  char *room = alloca(2 * strlen(text) + 1), *to;
  strcpy(room, text);
  strcat(room, text);
  to = strdup(room);
  return to;
}
int main(int argc, char **argv) { return twice(argv[0]) == NULL; }]],
      [[#include <alloca.h>
#include <string.h>
static unsigned long length(const char *text) { char *to = alloca(99); strncpy(to, text, 99); return strlen(to); }
int main(int argc, char **argv) { return length(argv[0]) > 3; }]],
    },
  },
}

rule "c-stack-memory-freed" {
  title     = "Memory of a function's own frame is given to free",
  tags      = { "c", "memory", "cwe-590" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/590.html",
                remediation = "Free what malloc gave, and nothing else." },
  language  = "c",
  prefilter = any { "alloca", "strdupa", "strndupa" },
  confirm   = {
    flows_to {
      from  = call { "alloca", "_alloca", "__builtin_alloca", "strdupa", "strndupa" },
      to    = { argument { "free", "realloc", "reallocarray", 1 } },
      edges = pointer,
    },
  },
  examples  = {
    match = {
      [[#include <alloca.h>
#include <stdlib.h>
static void drop(char *text) { free(text); }
int main(void) { char *room = alloca(10); room[0] = 0; drop(room); return 0; }]],
      [[#include <alloca.h>
#include <stdlib.h>
struct room { char *at; int size; };
static char *more(struct room *r) { r->size *= 2; return realloc(r->at, r->size); }
int main(void) { struct room r = { 0, 8 }; r.at = alloca(8); return more(&r) == 0; }]],
    },
    miss = {
      [[#include <alloca.h>
#include <stdlib.h>
static void drop(char *text) { free(text); }
int main(void) { char *room = alloca(10); room[0] = 0; drop(malloc(3)); return room[0]; }]],
      [[#include <alloca.h>
#include <stdlib.h>
#include <string.h>
int main(void) { char *room = alloca(10), *copy; strcpy(room, "a"); copy = strdup(room); free(copy); return 0; }]],
    },
  },
}

-- What holds memory that was given back, until something else is put there; followed into functions, and out of them
-- where they return it: what they gave back of one object says nothing of the next one.
local taken = { "assign", "phi", "argument", "returned", "store", "load", "field", "index", "guard" }
local freed = argument { "free", "cfree", "kfree", "vfree", "kvfree", "g_free", "xmlFree", "curl_free",
  "sqlite3_free", "OPENSSL_free", "GlobalFree", "LocalFree", "CoTaskMemFree", 1 }

rule "c-use-after-free" {
  title     = "Memory is used after it was given back",
  tags      = { "c", "memory", "cwe-416", "cwe-825", "cwe-672" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/416.html",
                remediation = "Put NULL where the pointer was, and use nothing of it after free." },
  language  = "c",
  prefilter = any { "free", "Free" },
  confirm   = {
    flows_to {
      from  = freed,
      to    = { address(),
        argument { "strcpy", "strncpy", "strcat", "memcpy", "memmove", "memset", "sprintf", "snprintf", "strlen",
          "strcmp", "strdup", "printf", "puts", "fputs", "fwrite", 1 },
        argument { "strcpy", "strncpy", "strcat", "memcpy", "memmove", "strcmp", "printf", "fprintf", 2 } },
      edges = taken,
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
struct node { struct node *next; int value; };
int take(struct node *n) { free(n); return n->value; }]],
      [[#include <stdlib.h>
struct node { struct node *next; int value; };
void drop(struct node *n) { for (; n != NULL; n = n->next) free(n); }]],
      -- another name of it, and a function that looks at it
      [[#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static void show(const char *text) { putchar(text[0]); }
int main(void) {
  char *text = malloc(10), *same = text;
  if (text == NULL) return 1;
  strcpy(text, "a");
  free(text);
  show(same);
  return 0;
}]],
      -- in a field
      [[#include <stdlib.h>
struct job { char *name; };
int name(struct job *job) { free(job->name); return job->name[0]; }]],
    },
    miss = {
      [[#include <stdlib.h>
struct node { struct node *next; int value; };
int take(struct node *n) { int value = n->value; free(n); return value; }]],
      [[#include <stdlib.h>
struct node { struct node *next; int value; };
void drop(struct node *n) {
  while (n != NULL) {
    struct node *next = n->next;
    free(n);
    n = next;
  }
}]],
      [[#include <stdlib.h>
#include <string.h>
struct job { char *name; };
static void done(struct job *job) { free(job->name); job->name = NULL; }
int name(struct job *job, const char *to) {
  done(job);
  job->name = strdup(to);
  return job->name != NULL ? job->name[0] : 0;
}]],
      -- on another way
      [[#include <stdlib.h>
int first(char *text, int keep) {
  if (!keep) {
    free(text);
    return 0;
  }
  return text[0];
}]],
    },
  },
}

rule "c-double-free" {
  title     = "Memory is given back twice",
  tags      = { "c", "memory", "cwe-415", "cwe-675", "cwe-1341" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/415.html",
                remediation = "Put NULL where the pointer was: free(NULL) does nothing." },
  language  = "c",
  prefilter = any { "free", "Free" },
  confirm   = { flows_to { from = freed, to = freed, edges = taken } },
  examples  = {
    match = {
      [[#include <stdlib.h>
void done(char *text) { free(text); free(text); }]],
      [[#include <stdlib.h>
int copy(char *text, int size) {
  char *more = malloc(size);
  int bad = more == NULL;
  if (bad) {
    free(text);
  }
  free(more);
  free(text);
  return bad;
}]],
      [[#include <stdlib.h>
struct job { char *name; };
static void done(char *name) { free(name); }
void twice(struct job *job) { free(job->name); done(job->name); }]],
    },
    miss = {
      [[#include <stdlib.h>
void done(char **text) { free(*text); *text = NULL; free(*text); }]],
      [[#include <stdlib.h>
void done(char *text, int all) {
  if (all) { free(text); return; }
  free(text);
}]],
      [[#include <stdlib.h>
void each(char **list, int n) { for (int i = 0; i < n; i++) free(list[i]); free(list); }]],
    },
  },
}

rule "c-use-after-close" {
  title     = "A file or folder is used after it was closed",
  tags      = { "c", "memory", "cwe-910", "cwe-672", "cwe-675", "cwe-1341" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/910.html",
                remediation = "Close it where nobody has a use for it any more, once." },
  language  = "c",
  prefilter = any { "fclose", "closedir" },
  confirm   = {
    flows_to {
      from  = argument { "fclose", "closedir", 1 },
      to    = {
        argument { "fclose", "closedir", "readdir", "fprintf", "vfprintf", "fscanf", "fgetc", "getc", "fflush", "fseek",
          "ftell", "rewind", "feof", "ferror", "fileno", 1 },
        argument { "fputs", "fputc", "putc", "ungetc", 2 },
        argument { "fgets", "getline", 3 },
        argument { "fread", "fwrite", 4 },
      },
      edges = taken,
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
void note(FILE *to, const char *text) { fputs(text, to); fclose(to); fprintf(to, "done\n"); }]],
      [[#include <stdio.h>
struct log { FILE *file; };
int say(struct log *log) { fclose(log->file); return fputs("more", log->file); }]],
    },
    miss = {
      [[#include <stdio.h>
void note(FILE *to, const char *text) { fputs(text, to); fprintf(to, "done\n"); fclose(to); }]],
      [[#include <stdio.h>
int both(const char *one, const char *two) {
  FILE *file = fopen(one, "r");
  if (file != NULL) fclose(file);
  file = fopen(two, "r");
  if (file == NULL) return 1;
  int c = fgetc(file);
  fclose(file);
  return c;
}]],
    },
  },
}
