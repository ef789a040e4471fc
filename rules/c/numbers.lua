-- Numbers from outside that nobody has compared with what makes sense: indices, lengths, sizes, counts, divisors.
-- How much was read is a number that the reader knows, and a single character is a small one: neither is from outside.

-- How long a text is, and where something is in it, is no more than there is memory.
local measured = call { "strlen", "strnlen", "wcslen", "wcsnlen", "strspn", "strcspn", "wcsspn", "wcscspn" }

-- A number that was found less than something that is not from outside itself.
local bounded = guard { compare = { "<", "<=", "==" }, with = "clean" }

-- All edges but `unknown` and `masked`: what comes out of a function that nobody knows need not be the number that went
-- in, and x % n and x & 15 are bounded.
local edges = { "assign", "phi", "argument", "return", "store", "load", "field", "index", "arithmetic", "library",
  "guard", "content" }

-- What a character is, is a small number.
local small = call { "isalnum", "isalpha", "isdigit", "isspace", "toupper", "tolower" }

rule "c-loop-bound-from-outside" {
  title     = "A number from outside says how often a loop runs",
  tags      = { "c", "numbers", "cwe-606", "cwe-400", "cwe-834" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/606.html",
                remediation = "Compare it with the most that makes sense before the loop." },
  language  = "c",
  prefilter = any { "while", "for" },
  confirm   = {
    -- not the command line: whoever starts a program may say how much it is to do
    flows_to {
      from   = outside { "input", "environment" },
      to     = { loop_bound() },
      except = { measured, small },
      unless = { bounded },
      edges  = edges,
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <stdlib.h>
static int ask(void) {
  char line[40];
  return fgets(line, sizeof line, stdin) == NULL ? 0 : atoi(line);
}
static void repeat(int n) { for (int i = 0; i < n; i++) puts("x"); }
int main(void) { repeat(ask()); return 0; }]],
      [[#include <stdio.h>
static int left;
static void count(void) { while (left > 0) { puts("x"); left--; } }
int main(void) { if (fscanf(stdin, "%d", &left) == 1) count(); return 0; }]],
      -- another number is compared
      [[#include <unistd.h>
#include <stdio.h>
struct head { int kind, count; };
static void take(struct head *h) { read(0, h, sizeof *h); }
int main(void) {
  struct head h;
  take(&h);
  if (h.kind > 10) return 1;
  for (int i = 0; i < h.count; i++) puts("x");
  return 0;
}]],
      -- only one of two ways is checked
      [[#include <stdio.h>
int main(int argc, char **argv) {
  int n = 0;
  scanf("%d", &n);
  if (argc > 1 && n > 100) n = 100;
  for (int i = 0; i != n; i++) puts("x");
  return 0;
}]],
    },
    miss = {
      [[#include <stdio.h>
#include <stdlib.h>
static void repeat(int n) { for (int i = 0; i < n; i++) puts("x"); }
int main(void) {
  char line[40];
  if (fgets(line, sizeof line, stdin) == NULL) return 1;
  int n = atoi(line);
  if (n > 0 && n < 100) repeat(n);
  return 0;
}]],
      [[#include <stdio.h>
int main(void) {
  int n = 0;
  fscanf(stdin, "%d", &n);
  for (int i = 0; i < 10; i++) printf("%d\n", n);
  return 0;
}]],
      -- left early
      [[#include <stdio.h>
enum { MOST = 64 };
static int ask(int *n) { return scanf("%d", n) == 1 ? 0 : -1; }
int main(void) {
  int n;
  if (ask(&n) < 0) return 1;
  if (n > MOST) return 1;
  while (n-- > 0) puts("x");
  return 0;
}]],
      -- cut to what is there
      [[#include <unistd.h>
#include <stdio.h>
static unsigned least(unsigned a, unsigned b) { return a < b ? a : b; }
int main(void) {
  unsigned n;
  char text[16] = "";
  read(0, &n, sizeof n);
  n = n < sizeof text ? n : sizeof text;
  for (unsigned i = 0; i < n; i++) putchar(text[i]);
  return least(1, 2);
}]],
    },
  },
}

rule "c-index-from-outside" {
  title     = "A number from outside is the index of an array",
  tags      = { "c", "numbers", "cwe-129", "cwe-121", "cwe-122", "cwe-125", "cwe-126", "cwe-787" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/129.html",
                remediation = "Compare it with the length of the array, and with 0 where it has a sign." },
  language  = "c",
  prefilter = any { "[" },
  confirm   = {
    flows_to {
      from   = outside { "input", "environment", "arguments" },
      to     = { index() },
      except = { measured, small },
      unless = { bounded },
      edges  = edges,
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
static int table[10];
static int at(int i) { return table[i]; }
int main(int argc, char **argv) { return at(atoi(argv[1])); }]],
      [[#include <stdio.h>
struct cell { int at, value; };
static void set(int *row, const struct cell *cell) { row[cell->at] = cell->value; }
int main(void) {
  int row[8] = {0};
  struct cell cell = {0, 1};
  if (scanf("%d", &cell.at) != 1) return 1;
  set(row, &cell);
  return row[0];
}]],
      -- 0 is the lower bound only
      [[#include <stdlib.h>
static int table[10];
int main(void) { int i = atoi(getenv("ROW")); return i >= 0 ? table[i] : 1; }]],
    },
    miss = {
      [[#include <stdlib.h>
static int table[10];
static int at(unsigned i) { return i < sizeof table / sizeof table[0] ? table[i] : 0; }
int main(int argc, char **argv) { return at((unsigned)strtoul(argv[1], 0, 10)); }]],
      [[#include <stdio.h>
struct cell { int at, value; };
static void set(int *row, const struct cell *cell) { row[cell->at] = cell->value; }
int main(void) {
  int row[8] = {0};
  struct cell cell = {3, 1};
  if (scanf("%d", &cell.value) != 1) return 1;
  set(row, &cell);
  return row[3];
}]],
      [[#include <stdio.h>
#include <string.h>
int main(void) {
  char line[80];
  if (fgets(line, sizeof line, stdin) == NULL) return 1;
  line[strcspn(line, "\n")] = 0;
  return puts(line);
}]],
      [[#include <unistd.h>
int main(void) {
  char text[80];
  ssize_t n = read(0, text, sizeof text - 1);
  if (n < 0) return 1;
  text[n] = 0;
  return text[0];
}]],
    },
  },
}

rule "c-copy-length-from-outside" {
  title     = "A number from outside says how many bytes are copied",
  tags      = { "c", "numbers", "cwe-120", "cwe-121", "cwe-122", "cwe-126", "cwe-130", "cwe-194", "cwe-195",
    "cwe-805" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/805.html",
                remediation = "Compare it with the room there is before the bytes are copied." },
  language  = "c",
  prefilter = any { "cpy", "mem", "cat", "copy", "read", "recv", "fgets" },
  confirm   = {
    flows_to {
      from   = outside { "input", "environment", "arguments" },
      to     = {
        argument { "memcpy", "memmove", "mempcpy", "memset", "strncpy", "stpncpy", "strncat", "wmemcpy", "wmemmove",
          "wmemset", "wcsncpy", "wcsncat", "bcopy", "read", "recv", "recvfrom", "CopyMemory", "RtlCopyMemory", 3 },
        argument { "fgets", "fgetws", "bzero", 2 },
      },
      except = { measured, small },
      unless = { bounded },
      edges  = edges,
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
#include <string.h>
static char to[64];
static unsigned long length(void) { return strtoul(getenv("LENGTH"), 0, 10); }
void copy(const char *text) { memcpy(to, text, length()); }]],
      [[#include <unistd.h>
struct head { unsigned length; };
static void take(int fd, struct head *h) { read(fd, h, sizeof *h); }
int main(void) {
  struct head h;
  char body[64];
  take(0, &h);
  read(0, body, h.length);
  return body[0];
}]],
    },
    miss = {
      [[#include <stdlib.h>
#include <string.h>
static char to[64];
static unsigned long length(void) { return strtoul(getenv("LENGTH"), 0, 10); }
void copy(const char *text) {
  unsigned long n = length();
  if (n > sizeof to) return;
  memcpy(to, text, n);
}]],
      [[#include <stdio.h>
#include <string.h>
static char to[64];
static void keep(const char *text, size_t room) { if (strlen(text) < room) memcpy(to, text, strlen(text) + 1); }
int main(void) { char line[64]; fgets(line, sizeof line, stdin); keep(line, sizeof to); return to[0]; }]],
    },
  },
}

rule "c-allocation-from-outside" {
  title     = "A number from outside says how much memory is asked for",
  tags      = { "c", "numbers", "cwe-789", "cwe-194", "cwe-195", "cwe-400", "cwe-680", "cwe-770" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/789.html",
                remediation = "Compare it with the most that makes sense; then products of it do not overflow." },
  language  = "c",
  prefilter = any { "alloc" },
  confirm   = {
    flows_to {
      from   = outside { "input", "environment" },
      to     = {
        argument { "malloc", "alloca", "_alloca", "valloc", "xmalloc", "g_malloc", 1 },
        argument { "calloc", "xcalloc", 1, 2 },
        argument { "realloc", "xrealloc", "aligned_alloc", "memalign", 2 }, argument { "reallocarray", 2, 3 },
      },
      except = { measured, small },
      unless = { bounded },
      edges  = edges,
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <stdlib.h>
static unsigned count(void) { unsigned n = 0; return scanf("%u", &n) == 1 ? n : 0; }
static int *row(unsigned n) { return calloc(n, sizeof(int)); }
int main(void) { return row(count()) == 0; }]],
      [[#include <stdlib.h>
#include <sys/socket.h>
struct head { int kind; unsigned length; };
static struct head head;
static void take(int fd) { recv(fd, &head, sizeof head, 0); }
char *body(int fd) { take(fd); return malloc(head.length + 1); }]],
    },
    miss = {
      [[#include <stdlib.h>
static char *room(unsigned long n) { return n <= 4096 ? malloc(n) : NULL; }
int main(void) { char *n = getenv("ROOM"); return n == NULL || room(strtoul(n, 0, 10)) == 0; }]],
      [[#include <stdlib.h>
#include <string.h>
static char *copy(const char *text) { char *to = malloc(strlen(text) + 1); return to ? strcpy(to, text) : NULL; }
int main(void) { return copy(getenv("HOME")) == NULL; }]],
    },
  },
}

rule "c-wait-from-outside" {
  title     = "A number from outside says how long the program waits",
  tags      = { "c", "numbers", "cwe-400" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/400.html",
                remediation = "Compare it with the longest wait that makes sense." },
  language  = "c",
  prefilter = any { "sleep", "Sleep", "alarm" },
  confirm   = {
    flows_to {
      from   = outside { "input", "environment" },
      to     = { argument { "sleep", "usleep", "Sleep", "SleepEx", "nanosleep", "thrd_sleep", 1 } },
      except = { measured, small },
      unless = { bounded },
      edges  = edges,
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <unistd.h>
struct order { unsigned wait; };
static void obey(struct order order) { sleep(order.wait); }
int main(void) { struct order order; if (scanf("%u", &order.wait) == 1) obey(order); return 0; }]],
      [[#include <stdlib.h>
#include <unistd.h>
static unsigned pause_of(void) { char *text = getenv("PAUSE"); return text ? (unsigned)atoi(text) : 1; }
int main(void) { return usleep(pause_of() * 1000); }]],
    },
    miss = {
      [[#include <stdio.h>
#include <unistd.h>
struct order { unsigned wait; };
static void obey(struct order order) { if (order.wait < 60) sleep(order.wait); }
int main(void) { struct order order; if (scanf("%u", &order.wait) == 1) obey(order); return 0; }]],
      [[#include <stdlib.h>
#include <unistd.h>
static unsigned pause_of(const char *text) { return text == NULL ? 1 : 2; }
int main(void) { return sleep(pause_of(getenv("PAUSE"))); }]],
    },
  },
}

rule "c-divisor-from-outside" {
  title     = "Something is divided by a number from outside that may be 0",
  tags      = { "c", "numbers", "cwe-369" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/369.html",
                remediation = "Refuse 0 before dividing." },
  language  = "c",
  prefilter = any { "/", "%" },
  confirm   = {
    flows_to {
      from   = outside { "input", "environment", "arguments" },
      to     = { divisor() },
      except = { measured, small },
      unless = { guard { compare = "!=", with = "zero" }, guard { compare = { ">", "==" }, with = "constant" } },
      edges  = edges,
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
static int share(int n) { return 100 / n; }
int main(int argc, char **argv) { return share(atoi(argv[1])); }]],
      -- that there is a text says nothing of the number in it
      [[#include <stdlib.h>
int main(void) { const char *text = getenv("PARTS"); return text != NULL ? 60 / atoi(text) : 0; }]],
      [[#include <stdio.h>
static int divisor;
static int ask(void) { return scanf("%d", &divisor); }
int main(void) { if (ask() != 1 || divisor > 10) return 1; return 7 % divisor; }]],
    },
    miss = {
      [[#include <stdlib.h>
static int share(int n) { if (n == 0) return 0; return 100 / n; }
int main(int argc, char **argv) { return share(atoi(argv[1])); }]],
      [[#include <stdio.h>
static int part(int n) { return n / 7; }
int main(void) { int n = 1; scanf("%d", &n); return part(n); }]],
      [[#include <stdio.h>
int main(void) { int n; if (scanf("%d", &n) != 1 || n < 1) return 1; return 1000 / n; }]],
    },
  },
}

-- The number as it came: what is computed with it has bounds of its own.
local as_it_came = { "assign", "phi", "argument", "return", "store", "load", "field", "index", "library", "guard",
  "content" }

rule "c-negative-index-from-outside" {
  title     = "A number from outside that may be negative is the index of an array",
  tags      = { "c", "numbers", "cwe-124", "cwe-127", "cwe-129", "cwe-786", "cwe-839" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/839.html",
                remediation = "Compare it with 0 as well, or keep it in a type without a sign." },
  language  = "c",
  prefilter = any { "[" },
  confirm   = {
    flows_to {
      from   = outside { "input", "environment", "arguments" },
      to     = { signed_index() },
      except = { measured, small },
      unless = { guard { compare = { ">", ">=", "==" }, with = "clean" } },
      edges  = as_it_came,
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
static int table[10];
static int at(int i) { return i < 10 ? table[i] : 0; }
int main(int argc, char **argv) { return at(atoi(argv[1])); }]],
      [[#include <stdio.h>
struct cell { long at; int value; };
int main(void) {
  int row[8] = {0};
  struct cell cell;
  if (scanf("%ld %d", &cell.at, &cell.value) != 2 || cell.at >= 8) return 1;
  row[cell.at] = cell.value;
  return row[0];
}]],
    },
    miss = {
      [[#include <stdlib.h>
static int table[10];
static int at(int i) { return i >= 0 && i < 10 ? table[i] : 0; }
int main(int argc, char **argv) { return at(atoi(argv[1])); }]],
      -- no sign, or none where it is compared
      [[#include <stdlib.h>
static int table[10];
static int at(unsigned i) { return i < 10 ? table[i] : 0; }
static int like(int i) { return (unsigned)i < 10 ? table[i] : 0; }
static int size(int i) { return i < sizeof table / sizeof table[0] ? table[i] : 0; }
int main(int argc, char **argv) { return at(atoi(argv[1])) + like(atoi(argv[2])) + size(atoi(argv[3])); }]],
    },
  },
}

rule "c-negative-length-from-outside" {
  title     = "A number from outside that may be negative says how many bytes there are",
  tags      = { "c", "numbers", "cwe-194", "cwe-195", "cwe-839" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/195.html",
                remediation = "Compare it with 0 before it becomes a size, which has no sign: -1 is the largest one." },
  language  = "c",
  prefilter = any { "cpy", "mem", "cat", "copy", "read", "recv", "alloc" },
  confirm   = {
    flows_to {
      from   = outside { "input", "environment", "arguments" },
      to     = {
        signed_argument { "memcpy", "memmove", "mempcpy", "memset", "strncpy", "stpncpy", "strncat", "wmemcpy",
          "wmemmove", "wmemset", "wcsncpy", "wcsncat", "bcopy", "read", "recv", "recvfrom", 3 },
        signed_argument { "malloc", "alloca", 1 }, signed_argument { "calloc", 1, 2 },
        signed_argument { "realloc", "bzero", 2 },
      },
      except = { measured, small },
      unless = { guard { compare = { ">", ">=", "==" }, with = "clean" } },
      edges  = as_it_came,
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <string.h>
static char to[64];
static void copy(const char *text, int n) { if (n < 64) memcpy(to, text, n); }
int main(int argc, char **argv) { int n = 0; if (scanf("%d", &n) == 1) copy(argv[0], n); return to[0]; }]],
      [[#include <stdlib.h>
struct part { short length; };
static void find(struct part *p) { p->length = (short)atoi(getenv("LENGTH")); }
int main(void) { struct part p; find(&p); return p.length < 100 ? malloc((size_t)p.length) == NULL : 1; }]],
    },
    miss = {
      [[#include <stdio.h>
#include <string.h>
static char to[64];
static void copy(const char *text, int n) { if (n > 0 && n < 64) memcpy(to, text, n); }
int main(int argc, char **argv) { int n = 0; if (scanf("%d", &n) == 1) copy(argv[0], n); return to[0]; }]],
      [[#include <stdio.h>
#include <string.h>
static char to[64];
static void copy(const char *text, unsigned n) { if (n < 64) memcpy(to, text, n); }
int main(int argc, char **argv) { unsigned n = 0; if (scanf("%u", &n) == 1) copy(argv[0], n); return to[0]; }]],
    },
  },
}

-- A number that was written as one; those that come in bytes are put together by shifts and sums.
local written = call { "scanf", "fscanf", "fwscanf", "wscanf", "atoi", "atol", "atoll", "strtol", "strtoll", "_wtoi",
  "wcstol" }

rule "c-overflow-from-outside" {
  title     = "Something is added to a number from outside that may be too large, or it is multiplied",
  tags      = { "c", "numbers", "cwe-190", "cwe-680" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/190.html",
                remediation = "Compare it with the most that makes sense before anything is computed with it." },
  language  = "c",
  prefilter = any { "+", "*" },
  confirm   = {
    flows_to {
      from   = written,
      to     = { operand { "add", "multiply" } },
      except = { measured, small },
      unless = { bounded },
      edges  = as_it_came,
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
static int twice(int n) { return n * 2; }
int main(void) { int n = 0; return scanf("%d", &n) == 1 ? twice(n) : 0; }]],
      [[#include <stdlib.h>
struct order { long count, price; };
static void take(struct order *o) { o->count = strtol(getenv("COUNT"), NULL, 10); o->count++; }
int main(void) { struct order o = { 0, 7 }; take(&o); return o.count > o.price; }]],
    },
    miss = {
      [[#include <stdio.h>
static int twice(int n) { return n < 1000 ? n * 2 : 0; }
int main(void) { int n = 0; return scanf("%d", &n) == 1 ? twice(n) : 0; }]],
      -- digits of a text
      [[#include <stdio.h>
int main(void) {
  char line[20];
  if (fgets(line, sizeof line, stdin) == NULL) return 1;
  return (line[0] - '0') * 10 + (line[1] - '0');
}]],
      [[#include <stdio.h>
#include <stdlib.h>
int main(void) { int n = 0; return scanf("%d", &n) == 1 && abs(n) < 100 ? n * n : 0; }]],
    },
  },
}

rule "c-truncation-from-outside" {
  title     = "A number from outside is kept in a character or a short integer, which may not hold it",
  tags      = { "c", "numbers", "cwe-197" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/197.html",
                remediation = "Compare it with the most that the type holds, or keep it in a wider one." },
  language  = "c",
  prefilter = any { "char", "short", "int8_t", "int16_t" },
  confirm   = {
    flows_to {
      from   = written,
      to     = { narrowed() },
      except = { measured, small },
      unless = { bounded },
      edges  = as_it_came,
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
static void show(short n) { printf("%d\n", n); }
int main(void) { int n = 0; if (scanf("%d", &n) == 1) show((short)n); return 0; }]],
      [[#include <stdlib.h>
struct packet { unsigned char hops; };
int main(void) { struct packet p; long n = strtol(getenv("HOPS"), NULL, 10); p.hops = n; return p.hops; }]],
    },
    miss = {
      [[#include <stdio.h>
static void show(short n) { printf("%d\n", n); }
int main(void) { int n = 0; if (scanf("%d", &n) == 1 && n < 1000) show((short)n); return 0; }]],
      -- a character is one
      [[#include <stdio.h>
int main(void) { char line[20]; return fgets(line, sizeof line, stdin) != NULL && (char)line[0] == 'y'; }]],
      [[#include <stdlib.h>
struct packet { unsigned char hops; };
int main(void) { struct packet p; long n = strtol(getenv("HOPS"), NULL, 10); p.hops = n & 0x7f; return p.hops; }]],
    },
  },
}

rule "c-underflow-from-outside" {
  title     = "Something is subtracted from a number from outside that may be too small, or it is multiplied",
  tags      = { "c", "numbers", "cwe-191" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/191.html",
                remediation = "Compare it with the least that makes sense before anything is subtracted." },
  language  = "c",
  prefilter = any { "-", "*" },
  confirm   = {
    flows_to {
      from   = written,
      to     = { operand { "subtract", "multiply" } },
      except = { measured, small },
      unless = { guard { compare = { ">", ">=", "==" }, with = "clean" } },
      edges  = as_it_came,
    },
  },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <stdlib.h>
static size_t body(size_t length) { return length - 8; }
int main(void) {
  char line[20];
  return fgets(line, sizeof line, stdin) == NULL || body(strtol(line, NULL, 10)) > 4;
}]],
      [[#include <stdio.h>
static int left;
static void take(void) { left--; }
int main(void) { if (scanf("%d", &left) == 1) take(); return left; }]],
    },
    miss = {
      [[#include <stdio.h>
#include <stdlib.h>
static size_t body(size_t length) { return length >= 8 ? length - 8 : 0; }
int main(void) {
  char line[20];
  return fgets(line, sizeof line, stdin) == NULL || body(strtol(line, NULL, 10)) > 4;
}]],
      [[#include <stdio.h>
static int left;
static void take(void) { if (left > 0) left--; }
int main(void) { if (scanf("%d", &left) == 1) take(); return left; }]],
    },
  },
}
