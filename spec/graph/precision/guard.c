// pair: a guard on the value
// flow
void f(void) { char *d = getenv("A"); is_safe(d); system(d); } // SINK
// clean
void f(void) { char *d = getenv("A"); if (is_safe(d)) system(d); }
// pair: a guard that leaves early
// flow
void f(void) {
    char *d = getenv("A");
    if (!is_safe(d)) puts("unsafe");
    system(d); // SINK
}
// clean
void f(void) {
    char *d = getenv("A");
    if (!is_safe(d)) return;
    system(d);
}
// pair: the wrong outcome of a guard
// flow
void f(void) { char *d = getenv("A"); if (!is_safe(d)) system(d); } // SINK
// clean
void f(void) { char *d = getenv("A"); if (!is_safe(d)) puts("no"); else system(d); }
// pair: a guard on another value
// flow
void f(void) { char *d = getenv("A"), *e = getenv("B"); if (is_safe(e)) system(d); } // SINK
// clean
void f(void) { char *d = getenv("A"), *e = getenv("B"); if (is_safe(e)) system(e); if (is_safe(d)) system(d); }
// pair: a guard on a value that is then another one
// flow
void f(void) {
    char *d = getenv("A");
    if (is_safe(d)) {
        d = getenv("B");
        system(d); // SINK
    }
}
// clean
void f(void) {
    char *d = getenv("A");
    d = getenv("B");
    if (is_safe(d)) {
        system(d);
    }
}
// pair: a guard on a copy
// flow
void f(void) { char *d = getenv("A"), *e = d; e = "x"; if (is_safe(e)) system(d); } // SINK
// clean
void f(void) { char *d = getenv("A"), *e = d; if (is_safe(e)) system(d); }
// pair: a guard whose outcome is kept in a variable
// flow
void f(void) { char *d = getenv("A"); int ok = is_safe(d); ok = 1; if (ok) system(d); } // SINK
// clean
void f(void) { char *d = getenv("A"); int ok = is_safe(d); if (ok) system(d); }
// pair: a guard that does not dominate: one of two ways
// flow
void f(int c) {
    char *d = getenv("A");
    if (c || is_safe(d))
        system(d); // SINK
}
// clean
void f(int c) {
    char *d = getenv("A");
    if (c && is_safe(d))
        system(d);
}
// pair: a guard that does not dominate: a label behind it
// flow
void f(int c) {
    char *d = getenv("A");
    if (c) goto run;
    if (!is_safe(d)) return;
run:
    system(d); // SINK
}
// clean
void f(int c) {
    char *d = getenv("A");
    if (c) goto run;
run:
    if (!is_safe(d)) return;
    system(d);
}
// pair: a guard that does not dominate: a loop that may not run
// flow
void f(int n) {
    char *d = getenv("A");
    while (n > 0) { if (!is_safe(d)) return; n = next(); }
    system(d); // SINK
}
// clean
void f(int n) {
    char *d = getenv("A");
    do { if (!is_safe(d)) return; n = next(); } while (n > 0);
    system(d);
}
// pair: a guard in the caller
// flow
static void run(char *d) { system(d); } // SINK
void f(void) { char *d = getenv("A"); is_safe(d); run(d); }
// clean
static void run(char *d) { system(d); }
void f(void) { char *d = getenv("A"); if (is_safe(d)) run(d); }
// pair: a guard in the caller, text in a place
// flow
static void run(char *d) { system(d); } // SINK
void f(void) { char b[9], o[9]; fgets(b, 9, stdin); fgets(o, 9, stdin); if (is_safe(o)) run(b); }
// clean
static void run(char *d) { system(d); }
void f(void) { char b[9]; fgets(b, 9, stdin); if (is_safe(b)) run(b); }
// pair: the text changes behind the guard
// flow
void f(void) {
    char b[99];
    fgets(b, 99, stdin);
    if (is_safe(b)) {
        fgets(b, 99, stdin);
        system(b); // SINK
    }
}
// clean
void f(void) {
    char b[99];
    fgets(b, 99, stdin);
    if (is_safe(b)) {
        strcat(b, " > out");
        system(b);
    }
}
// pair: a test of a text that a function has added to
// flow
static void add(char *t) { strcat(t, getenv("A")); }
void f(char *u) { char t[80] = "a"; add(t); if (is_safe(u)) system(t); } // SINK
// clean
static void add(char *t) { strcat(t, getenv("A")); }
void f(char *u) { char t[80] = "a"; add(t); if (is_safe(t)) system(t); }
// pair: a text, or one that the program knows
// flow
void f(int c) { char t[80], u[80], *d = c ? t : u; fgets(t, 80, stdin); if (is_safe(d)) system(t); } // SINK
// clean
void f(int c) { char t[80], *d = c ? t : "ls"; fgets(t, 80, stdin); if (is_safe(d)) system(d); }
