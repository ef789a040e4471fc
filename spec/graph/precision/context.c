// pair: one function, a tainted and a clean caller
// flow
static char *same(char *s) { return s; }
void f(void) { char *a = same(getenv("A")), *b = same("ls"); system(a); puts(b); } // SINK
// clean
static char *same(char *s) { return s; }
void f(void) { char *a = same(getenv("A")), *b = same("ls"); system(b); puts(a); }
// pair: the same in two functions
// flow
static char *same(char *s) { return s; }
void f(void) { char *a = same(getenv("A")); system(a); } // SINK
void g(void) { char *a = same("ls"); puts(a); }
// clean
static char *same(char *s) { return s; }
void f(void) { char *a = same(getenv("A")); puts(a); }
void g(void) { char *a = same("ls"); system(a); }
// pair: two deep
// flow
static char *one(char *s) { return s; }
static char *two(char *s) { return one(s); }
void f(void) { char *a = two(getenv("A")); two("ls"); system(a); } // SINK
// clean
static char *one(char *s) { return s; }
static char *two(char *s) { return one(s); }
void f(void) { char *a = two(getenv("A")); a = two("ls"); system(a); }
// pair: which of two arguments
// flow
static char *first(char *a, char *b) { puts(b); return a; }
void f(void) { system(first(getenv("A"), "ls")); } // SINK
// clean
static char *first(char *a, char *b) { puts(b); return a; }
void f(void) { system(first("ls", getenv("A"))); }
// pair: what a callee writes by a pointer
// flow
static void fill(char *d, const char *s) { strcpy(d, s); }
void f(void) { char a[99], b[99]; fill(a, getenv("A")); fill(b, "ls"); system(a); } // SINK
// clean
static void fill(char *d, const char *s) { strcpy(d, s); }
void f(void) { char a[99], b[99]; fill(a, getenv("A")); fill(b, "ls"); system(b); }
// pair: a pointer that a callee sets
// flow
static void set(char **p, char *s) { *p = s; }
void f(void) { char *a, *b; set(&a, getenv("A")); set(&b, "ls"); system(a); puts(b); } // SINK
// clean
static void set(char **p, char *s) { *p = s; }
void f(void) { char *a, *b; set(&a, getenv("A")); set(&b, "ls"); system(b); puts(a); }
// pair: recursion
// flow
static char *down(char *s, int n) { return n > 0 ? down(s, n - 1) : s; }
void f(void) { char *a = down(getenv("A"), 3), *b = down("ls", 3); system(a); puts(b); } // SINK
// clean
static char *down(char *s, int n) { return n > 0 ? down(s, n - 1) : s; }
void f(void) { char *a = down(getenv("A"), 3), *b = down("ls", 3); system(b); puts(a); }
// pair: a function by pointer
// flow
static void run(char *s) { system(s); } // SINK
static void show(char *s) { puts(s); }
void f(void) { void (*p)(char *) = run; show("x"); p(getenv("A")); }
// clean
static void run(char *s) { system(s); }
static void show(char *s) { puts(s); }
void f(void) { void (*p)(char *) = show; run("x"); p(getenv("A")); }
// pair: a function by a pointer in a table
// flow
static void run(char *s) { system(s); } // SINK
static void show(char *s) { puts(s); }
struct op { void (*f)(char *); };
static const struct op table[] = { { run }, { show } };
void f(int i) { table[i].f(getenv("A")); }
// clean
static void run(char *s) { system(s); }
static void show(char *s) { puts(s); }
struct op { void (*f)(char *); };
static const struct op table[] = { { show }, { puts } };
void f(int i) { run("x"); table[i].f(getenv("A")); }
// pair: a function by a pointer that is an argument
// flow
static void run(char *s) { system(s); } // SINK
static void apply(void (*p)(char *), char *s) { p(s); }
void f(void) { apply(run, getenv("A")); }
// clean
static void run(char *s) { system(s); }
static void show(char *s) { puts(s); }
static void apply(void (*p)(char *), char *s) { p(s); }
void f(void) { apply(show, getenv("A")); run("ls"); }
// pair: a struct by value
// flow
struct s { char *a, *b; };
static void run(struct s x) { system(x.a); } // SINK
void f(void) { struct s x; x.a = getenv("A"); x.b = "ls"; run(x); }
// clean
struct s { char *a, *b; };
static void run(struct s x) { system(x.b); }
void f(void) { struct s x; x.a = getenv("A"); x.b = "ls"; run(x); }
// pair: a struct that is returned
// flow
struct s { char *a, *b; };
static struct s make(char *a, char *b) { struct s x; x.a = a; x.b = b; return x; }
void f(void) { struct s x = make(getenv("A"), "ls"); system(x.a); } // SINK
// clean
struct s { char *a, *b; };
static struct s make(char *a, char *b) { struct s x; x.a = a; x.b = b; return x; }
void f(void) { struct s x = make(getenv("A"), "ls"); system(x.b); }
