// pair: the bound of a loop, against a constant
// flow
void f(void) { int i, n = atoi(getenv("N")); for (i = 0; i < n; i++) work(); } // SINK
// clean
void f(void) { int i, n = atoi(getenv("N")); if (n < 100) for (i = 0; i < n; i++) work(); }
// pair: the wrong side of the comparison
// flow
void f(void) { int i, n = atoi(getenv("N")); if (n > 100) for (i = 0; i < n; i++) work(); } // SINK
// clean
void f(void) { int i, n = atoi(getenv("N")); if (100 > n) for (i = 0; i < n; i++) work(); }
// pair: too large a value leaves
// flow
void f(void) {
    int i, n = atoi(getenv("N"));
    if (n > 100) log_it(n);
    for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(void) {
    int i, n = atoi(getenv("N"));
    if (n > 100) return;
    for (i = 0; i < n; i++) work();
}
// pair: too large a value is made smaller
// flow
void f(void) {
    int i, n = atoi(getenv("N")), m = n;
    if (n > 100) m = 100;
    for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(void) {
    int i, n = atoi(getenv("N"));
    if (n > 100) n = 100;
    for (i = 0; i < n; i++) work();
}
// pair: a guard on another value of the same kind
// flow
void f(void) { int i, n = atoi(getenv("N")), m = atoi(getenv("M")); if (m < 9) for (i = 0; i < n; i++) work(); } // SINK
// clean
void f(void) { int i, n = atoi(getenv("N")), m = atoi(getenv("M")); if (m < 9) for (i = 0; i < m; i++) work(n); }
// pair: a field as the bound
// flow
struct s { int n, m; };
void f(struct s *p) { int i; p->n = atoi(getenv("N")); if (p->m < 9) for (i = 0; i < p->n; i++) work(); } // SINK
// clean
struct s { int n, m; };
void f(struct s *p) { int i; p->n = atoi(getenv("N")); if (p->n < 9) for (i = 0; i < p->n; i++) work(); }
// pair: counting down
// flow
void f(void) { int n = atoi(getenv("N")); while (n-- > 0) work(); } // SINK
// clean
void f(void) { int n = atoi(getenv("N")); if (n < 9) while (n-- > 0) work(); }
// pair: a loop over text is not counted by it
// flow
void f(void) { char b[9]; unsigned i; fgets(b, 9, stdin); for (i = 0; i < strlen(b); i++) work(); } // SINK
// clean
void f(void) { char b[9]; unsigned i; fgets(b, 9, stdin); for (i = 0; b[i] != 0; i++) work(); }
// pair: a guard and an or
// flow
void f(int c) { int i, n = atoi(getenv("N")); if (n < 9 || c) for (i = 0; i < n; i++) work(); } // SINK
// clean
void f(int c) { int i, n = atoi(getenv("N")); if (n < 9 && c) for (i = 0; i < n; i++) work(); }
// pair: the cases of a switch are constants
// flow
void f(void) {
    int i, n = atoi(getenv("N"));
    switch (n) {
    case 1: break;
    default: for (i = 0; i < n; i++) work(); // SINK
    }
}
// clean
void f(void) {
    int i, n = atoi(getenv("N"));
    switch (n) {
    case 1: case 2: for (i = 0; i < n; i++) work();
    default: break;
    }
}
