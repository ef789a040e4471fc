// pair: both sides of a range, kept
// flow
void f(int c) {
    int i, n = atoi(getenv("N"));
    const int ok = n > 100 && n >= 0;
    if (c && ok) for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(int c) {
    int i, n = atoi(getenv("N"));
    const int ok = n < 100 && n >= 0;
    if (c && ok) for (i = 0; i < n; i++) work();
}
// pair: one comparison, kept, that leaves early
// flow
void f(void) {
    int i, n = atoi(getenv("N"));
    _Bool bad = n > 100;
    if (!bad) return;
    for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(void) {
    int i, n = atoi(getenv("N"));
    _Bool bad = n > 100;
    if (bad) return;
    for (i = 0; i < n; i++) work();
}
// pair: one of two tests, kept, that leaves early
// flow
void f(void) {
    int i, n = atoi(getenv("N"));
    _Bool bad = n > 100 && n < 1000;
    if (bad) return;
    for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(void) {
    int i, n = atoi(getenv("N"));
    _Bool bad = n > 100 || n < -100;
    if (bad) return;
    for (i = 0; i < n; i++) work();
}
// pair: a flag that is set where the value was tested
// flow
void f(void) {
    char *d = getenv("A");
    int ok = 0;
    if (d != 0) ok = 1;
    if (ok) system(d); // SINK
}
// clean
void f(void) {
    char *d = getenv("A");
    int ok = 0;
    if (is_safe(d)) ok = 1;
    if (ok) system(d);
}
// pair: a flag that one more way sets
// flow
void f(int c) {
    char *d = getenv("A");
    int ok = 0;
    if (is_safe(d)) ok = 1;
    else if (c) ok = 1;
    if (ok) system(d); // SINK
}
// clean
void f(int c) {
    char *d = getenv("A");
    int ok = 0;
    if (is_safe(d)) ok = 1;
    else if (c) ok = 0;
    if (ok) system(d);
}
// pair: a way on which nobody knows what the flag is
// flow
void f(int c) {
    char *d = getenv("A");
    int ok = c;
    if (is_safe(d)) ok = 1;
    if (ok) system(d); // SINK
}
// clean
void f(int c) {
    char *d = getenv("A");
    int ok = c;
    if (!is_safe(d)) ok = 0;
    if (ok) system(d);
}
// pair: the value changes between the test and the branch on it
// flow
void f(void) {
    char *d = getenv("A");
    int ok = 0;
    if (is_safe(d)) ok = 1;
    d = getenv("B");
    if (ok) system(d); // SINK
}
// clean
void f(void) {
    char *d = getenv("A");
    int ok = 0;
    d = getenv("B");
    if (is_safe(d)) ok = 1;
    if (ok) system(d);
}
// pair: the flag changes between the test and the branch on it
// flow
void f(int c) {
    int i, n = atoi(getenv("N")), ok = n < 100 && n >= 0;
    ok = c;
    if (ok) for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(int c) {
    int i, n = atoi(getenv("N")), ok = n < 100 && n >= 0;
    c = ok;
    if (c) for (i = 0; i < n; i++) work();
}
// pair: the text changes between the test and the branch on it
// flow
void f(void) {
    char b[99];
    fgets(b, 99, stdin);
    int ok = 0;
    if (is_safe(b)) ok = 1;
    fgets(b, 99, stdin);
    if (ok) system(b); // SINK
}
// clean
void f(void) {
    char b[99];
    fgets(b, 99, stdin);
    int ok = 0;
    if (is_safe(b)) ok = 1;
    puts("asked");
    if (ok) system(b);
}
// pair: the flag is of the loop's turn before
// flow
void f(void) {
    int ok = 0;
    for (;;) {
        char *d = getenv("A");
        if (ok) system(d); // SINK
        ok = 0;
        if (is_safe(d)) ok = 1;
    }
}
// clean
void f(void) {
    int ok = 0;
    for (;;) {
        char *d = getenv("A");
        ok = 0;
        if (is_safe(d)) ok = 1;
        if (ok) system(d);
    }
}
// pair: a flag that may be left from the loop's turn before
// flow
void f(int c) {
    int ok = 0;
    for (;;) {
        char *d = getenv("A");
        if (c) ok = is_safe(d);
        if (ok) system(d); // SINK
    }
}
// clean
void f(int c) {
    for (;;) {
        char *d = getenv("A");
        int ok = 0;
        if (c) ok = is_safe(d);
        if (ok) system(d);
    }
}
// pair: a flag with a value other than 1
// flow
enum { NONE, SAFE, OTHER };
void f(int c) {
    char *d = getenv("A");
    int kind = NONE;
    if (is_safe(d)) kind = SAFE;
    else if (c) kind = OTHER;
    if (kind != NONE) system(d); // SINK
}
// clean
enum { NONE, SAFE, OTHER };
void f(int c) {
    char *d = getenv("A");
    int kind = NONE;
    if (is_safe(d)) kind = SAFE;
    else if (c) kind = OTHER;
    if (kind == SAFE) system(d);
}
// pair: a status that is one of several
// flow
void f(int c) {
    int i, n = atoi(getenv("N")), status = 0;
    if (n > 100) status = 1;
    else if (c) status = -1;
    if (status == -1) return;
    for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(int c) {
    int i, n = atoi(getenv("N")), status = 0;
    if (n > 100) status = -1;
    else if (c) status = 1;
    if (status == -1) return;
    for (i = 0; i < n; i++) work();
}
// pair: a kept test of a kept test
// flow
void f(int c) {
    int i, n = atoi(getenv("N")), small = n < 100 && n >= 0, ok = small || c;
    if (ok) for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(int c) {
    int i, n = atoi(getenv("N")), small = n < 100 && n >= 0, ok = small && c;
    if (ok) for (i = 0; i < n; i++) work();
}
// pair: the opposite of a kept test
// flow
void f(void) {
    int i, n = atoi(getenv("N")), small = n < 100 && n >= 0, large = !small;
    if (large) for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(void) {
    int i, n = atoi(getenv("N")), small = n < 100 && n >= 0, large = !small;
    if (!large) for (i = 0; i < n; i++) work();
}
// pair: a value that is overwritten where the flag is set
// flow
void f(int c) {
    char *d = getenv("A");
    int own = 0;
    if (c) { own = 1; d = "ls"; }
    if (!own) system(d); // SINK
}
// clean
void f(int c) {
    char *d = getenv("A");
    int own = 0;
    if (c) { own = 1; d = "ls"; }
    if (own) system(d);
}
// pair: two tests joined by &
// flow
void f(void) {
    int i, n = atoi(getenv("N")), ok = (n < 100) | (n >= 0);
    if (ok) for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(void) {
    int i, n = atoi(getenv("N")), ok = (n < 100) & (n >= 0);
    if (ok) for (i = 0; i < n; i++) work();
}
// pair: two tests joined by |
// flow
void f(void) {
    int i, n = atoi(getenv("N")), bad = (n > 100) & (n < 0);
    if (bad) return;
    for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(void) {
    int i, n = atoi(getenv("N")), bad = (n > 100) | (n < 0);
    if (bad) return;
    for (i = 0; i < n; i++) work();
}
// pair: a flag in a field
// flow
struct s { char *text; int ok; };
void f(struct s *s, struct s *t) {
    s->text = getenv("A");
    t->ok = 0;
    s->ok = 0;
    if (is_safe(s->text)) t->ok = 1;
    if (s->ok == 0) system(s->text); // SINK
}
// clean
struct s { char *text; int ok; };
void f(struct s *s) {
    s->text = getenv("A");
    s->ok = 0;
    if (is_safe(s->text)) s->ok = 1;
    if (s->ok) system(s->text);
}
// pair: a test between
// flow
void f(int c) {
    char *d = getenv("A");
    int ok = 0;
    if (is_safe(d)) ok = 1;
    if (d != 0) { if (c) system(d); } // SINK
}
// clean
void f(int c) {
    char *d = getenv("A");
    int ok = 0;
    if (is_safe(d)) ok = 1;
    if (d != 0) puts("asked");
    if (d != 0) { if (ok) system(d); }
}
// pair: a flag that is asked for behind a guard
// flow
void f(int c) {
    char *d = getenv("A");
    int is_set = 0;
    if (d != 0) is_set = c;
    if (!is_safe(d)) puts("no");
    if (is_set) system(d); // SINK
}
// clean
void f(int c) {
    char *d = getenv("A");
    int is_set = 0;
    if (d != 0) is_set = c;
    if (!is_safe(d)) return;
    if (is_set) system(d);
}
// pair: one of several, and the flag
// flow
void f(int c) {
    int i, n = atoi(getenv("N")), ok = n < 100 && n >= 0;
    if (c == 1 && ok) for (i = 0; i < n; i++) work();
    else if (c == 2 && !ok) for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(int c) {
    int i, n = atoi(getenv("N")), ok = n < 100 && n >= 0;
    if (c == 1 && ok) for (i = 0; i < n; i++) work();
    else if (c == 2 && ok) for (i = 0; i < n; i++) work();
}
// pair: the text changes, and what the test gave was kept
// flow
void f(void) {
    char b[99];
    fgets(b, 99, stdin);
    int ok = is_safe(b);
    fgets(b, 99, stdin);
    if (ok) system(b); // SINK
}
// clean
void f(void) {
    char b[99];
    fgets(b, 99, stdin);
    int ok = is_safe(b);
    puts(b);
    if (ok) system(b);
}
