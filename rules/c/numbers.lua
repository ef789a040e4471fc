-- Numbers from outside that are used unchecked: bounds of loops, indices, lengths, sizes, divisors.

local function outside()
  return {
    call { "getenv", "secure_getenv", "fgets", "fgetws", "gets", "getline", "getdelim", "fread", "read", "pread",
      "recv", "recvfrom", "recvmsg", "scanf", "fscanf", "wscanf", "fwscanf", "fgetc", "getc", "getchar", "readline" },
    parameter { "main", "wmain", 2 },
  }
end

-- A number that was found less than something that is not from outside itself.
local function bounded()
  return { guard { compare = { "<", "<=", "==" }, with = "clean" } }
end

rule "c-loop-bound-from-outside" {
  title     = "A number from outside says how often a loop runs",
  tags      = { "c", "numbers", "cwe-606" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/606.html",
                remediation = "Compare it with the most that makes sense before the loop." },
  language  = "c",
  confirm   = { taint { from = outside(), to = { loop_bound() }, unless = bounded() } },
  examples  = {
    match = {
      [[#include <stdio.h>
#include <stdlib.h>
int main(void) {
  char line[40];
  int n, i;
  fgets(line, sizeof line, stdin);
  n = atoi(line);
  for (i = 0; i < n; i++) puts("x");
  return 0;
}]],
      [[#include <stdio.h>
int main(void) {
  int n = 0;
  if (fscanf(stdin, "%d", &n) == 1) while (n > 0) { puts("x"); n--; }
  return 0;
}]],
    },
    miss = {
      [[#include <stdio.h>
#include <stdlib.h>
int main(void) {
  char line[40];
  int n, i;
  fgets(line, sizeof line, stdin);
  n = atoi(line);
  if (n < 100) for (i = 0; i < n; i++) puts("x");
  return 0;
}]],
      [[#include <stdio.h>
int main(void) {
  int n = 0, i;
  fscanf(stdin, "%d", &n);
  for (i = 0; i < 10; i++) printf("%d\n", n);
  return 0;
}]],
    },
  },
}

rule "c-index-from-outside" {
  title     = "A number from outside is the index of an array",
  tags      = { "c", "numbers", "cwe-129" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/129.html",
                remediation = "Compare it with the length of the array, and with 0 where it has a sign." },
  language  = "c",
  confirm   = { taint { from = outside(), to = { index() }, unless = bounded() } },
  examples  = {
    match = {
      [[#include <stdlib.h>
int table[10];
int main(int argc, char **argv) { return table[atoi(argv[1])]; }]],
      [[#include <stdio.h>
int main(void) {
  int at, row[8] = {0};
  if (scanf("%d", &at) != 1) return 1;
  row[at] = 1;
  return row[0];
}]],
    },
    miss = {
      [[#include <stdlib.h>
int table[10];
int main(int argc, char **argv) {
  unsigned at = (unsigned)strtoul(argv[1], 0, 10);
  return at < 10 ? table[at] : 0;
}]],
      [[#include <stdio.h>
int main(void) {
  int value, row[8] = {0};
  if (scanf("%d", &value) != 1) return 1;
  row[3] = value;
  return row[3];
}]],
    },
  },
}

rule "c-length-from-outside" {
  title     = "A number from outside says how many bytes are copied",
  tags      = { "c", "numbers", "cwe-120" },
  severity  = "high",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/120.html",
                remediation = "Compare it with the room there is before the bytes are copied." },
  language  = "c",
  confirm   = {
    taint {
      from = outside(),
      to = { argument { "memcpy", "memmove", "memset", "strncpy", "strncat", "wmemcpy", "read", "recv", 3 },
        argument { "bcopy", 3 }, argument { "fgets", 2 } },
      unless = bounded(),
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
#include <string.h>
char to[64];
void copy(const char *text) { memcpy(to, text, strtoul(getenv("LENGTH"), 0, 10)); }]],
      [[#include <string.h>
#include <unistd.h>
struct head { unsigned length; };
int main(void) {
  struct head h;
  char body[64];
  read(0, &h, sizeof h);
  read(0, body, h.length);
  return body[0];
}]],
    },
    miss = {
      [[#include <stdlib.h>
#include <string.h>
char to[64];
void copy(const char *text) {
  unsigned long n = strtoul(getenv("LENGTH"), 0, 10);
  if (n > sizeof to) return;
  memcpy(to, text, n);
}]],
      [[#include <stdio.h>
#include <string.h>
int main(void) { char line[64], to[64]; fgets(line, sizeof line, stdin); memcpy(to, line, sizeof to); return to[0]; }]],
    },
  },
}

rule "c-allocation-from-outside" {
  title     = "A number from outside says how much memory is asked for",
  tags      = { "c", "numbers", "cwe-789" },
  severity  = "medium",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/789.html",
                remediation = "Compare it with the most that makes sense first." },
  language  = "c",
  confirm   = {
    taint {
      from = outside(),
      to = { argument { "malloc", "alloca", "valloc", 1 }, argument { "calloc", 1, 2 }, argument { "realloc", 2 },
        argument { "reallocarray", 2, 3 } },
      unless = bounded(),
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
int main(int argc, char **argv) { return malloc(strtoul(argv[1], 0, 10)) == 0; }]],
      [[#include <stdio.h>
#include <stdlib.h>
int main(void) { unsigned n; if (scanf("%u", &n) != 1) return 1; return calloc(n, 16) == 0; }]],
    },
    miss = {
      [[#include <stdlib.h>
int main(int argc, char **argv) {
  unsigned long n = strtoul(argv[1], 0, 10);
  return n <= 4096 && malloc(n) == 0;
}]],
      [[#include <stdio.h>
#include <stdlib.h>
int main(void) { unsigned n; scanf("%u", &n); return calloc(4, 16) == 0 || n; }]],
    },
  },
}

rule "c-divisor-from-outside" {
  title     = "A number from outside is divided by",
  tags      = { "c", "numbers", "cwe-369" },
  severity  = "low",
  meta      = { reference = "https://cwe.mitre.org/data/definitions/369.html",
                remediation = "Refuse 0 before dividing." },
  language  = "c",
  confirm   = {
    taint {
      from = outside(),
      to = { divisor() },
      unless = { guard { compare = { "!=", ">", "<" }, with = "constant" }, guard { compare = "!=", with = "any" } },
    },
  },
  examples  = {
    match = {
      [[#include <stdlib.h>
int main(int argc, char **argv) { return 100 / atoi(argv[1]); }]],
      [[#include <stdio.h>
int main(void) { int n = 1; scanf("%d", &n); return 7 % n; }]],
    },
    miss = {
      [[#include <stdlib.h>
int main(int argc, char **argv) { int n = atoi(argv[1]); if (n == 0) return 1; return 100 / n; }]],
      [[#include <stdio.h>
int main(void) { int n = 1; scanf("%d", &n); return n / 7; }]],
    },
  },
}
