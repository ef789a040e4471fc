// pair: a comparison in a function of one's own
// flow
static int is_small(int n) { return n > 0 || n < 100; }
void f(void) { int i, n = atoi(getenv("N")); if (is_small(n)) for (i = 0; i < n; i++) work(); } // SINK
// clean
static int is_small(int n) { return n > 0 && n < 100; }
void f(void) { int i, n = atoi(getenv("N")); if (is_small(n)) for (i = 0; i < n; i++) work(); }
// pair: one that returns early
// flow
static int is_bad(int n) { if (n < 0) return 1; if (n > 100) return 0; return 0; }
void f(void) {
    int i, n = atoi(getenv("N"));
    if (is_bad(n)) return;
    for (i = 0; i < n; i++) work(); // SINK
}
// clean
static int is_bad(int n) { if (n < 0) return 1; if (n > 100) return 2; return 0; }
void f(void) {
    int i, n = atoi(getenv("N"));
    if (is_bad(n)) return;
    for (i = 0; i < n; i++) work();
}
// pair: the other outcome
// flow
static int check(int n) { if (n > 100) return -1; return 0; }
void f(void) { int i, n = atoi(getenv("N")); if (check(n) != 0) for (i = 0; i < n; i++) work(); } // SINK
// clean
static int check(int n) { if (n > 100) return -1; return 0; }
void f(void) { int i, n = atoi(getenv("N")); if (check(n) == 0) for (i = 0; i < n; i++) work(); }
// pair: what it returned is kept
// flow
static int is_small(int n) { return n > 0 && n < 100; }
void f(int c) {
    int i, n = atoi(getenv("N")), ok = is_small(n);
    if (c) ok = 1;
    if (ok) for (i = 0; i < n; i++) work(); // SINK
}
// clean
static int is_small(int n) { return n > 0 && n < 100; }
void f(int c) {
    int i, n = atoi(getenv("N")), ok = is_small(n);
    if (c) ok = 0;
    if (ok) for (i = 0; i < n; i++) work();
}
// pair: another parameter
// flow
static int is_small(int n, int m) { return m < 100; }
void f(void) { int i, n = atoi(getenv("N")); if (is_small(n, 5)) for (i = 0; i < n; i++) work(); } // SINK
// clean
static int is_small(int n, int m) { return m < 100; }
void f(void) { int i, n = atoi(getenv("N")); if (is_small(5, n)) for (i = 0; i < n; i++) work(); }
// pair: the parameter is another value then
// flow
static int is_small(int n) { n = n / 2; if (n < 100) return 1; return 0; }
void f(void) { int i, n = atoi(getenv("N")); if (is_small(n)) for (i = 0; i < n; i++) work(); } // SINK
// clean
static int is_small(int n) { int half = n / 2; if (half < 50 && n < 100) return 1; return 0; }
void f(void) { int i, n = atoi(getenv("N")); if (is_small(n)) for (i = 0; i < n; i++) work(); }
// pair: the caller's value is another one then
// flow
static int is_small(int n) { return n < 100; }
void f(void) {
    int i, n = atoi(getenv("N")), ok = is_small(n);
    n = atoi(getenv("M"));
    if (ok) for (i = 0; i < n; i++) work(); // SINK
}
// clean
static int is_small(int n) { return n < 100; }
void f(void) {
    int i, n = atoi(getenv("N")), ok = is_small(n), m = n;
    if (ok) for (i = 0; i < m; i++) work();
}
// pair: a guard behind a function of one's own
// flow
static int is_good(char *text) { return text != 0 && *text != 0; }
void f(void) { char b[9]; fgets(b, 9, stdin); if (is_good(b)) system(b); } // SINK
// clean
static int is_good(char *text) { return text != 0 && is_safe(text); }
void f(void) { char b[9]; fgets(b, 9, stdin); if (is_good(b)) system(b); }
// pair: it writes what it tested
// flow
static int is_good(char *text) { int ok = is_safe(text); fgets(text, 9, stdin); return ok; }
void f(void) { char b[9]; fgets(b, 9, stdin); if (is_good(b)) system(b); } // SINK
// clean
static int is_good(char *text) { int ok = is_safe(text); puts(text); return ok; }
void f(void) { char b[9]; fgets(b, 9, stdin); if (is_good(b)) system(b); }
// pair: two functions deep
// flow
static int is_small(int n) { return n < 100; }
static int is_good(int n, int c) { return c || is_small(n); }
void f(int c) { int i, n = atoi(getenv("N")); if (is_good(n, c)) for (i = 0; i < n; i++) work(); } // SINK
// clean
static int is_small(int n) { return n < 100; }
static int is_good(int n, int c) { return c && is_small(n); }
void f(int c) { int i, n = atoi(getenv("N")); if (is_good(n, c)) for (i = 0; i < n; i++) work(); }
// pair: one of two that may be called
// flow
static int is_small(int n) { return n < 100; }
static int is_any(int n) { return 1; }
void f(int c) {
    int i, n = atoi(getenv("N")), (*check)(int) = c ? is_small : is_any;
    if (check(n)) for (i = 0; i < n; i++) work(); // SINK
}
// clean
static int is_small(int n) { return n < 100; }
static int is_any(int n) { return 1; }
void f(int c) {
    int i, n = atoi(getenv("N"));
    if (is_any(n) && is_small(n)) for (i = 0; i < n; i++) work();
}
