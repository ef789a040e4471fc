// pair: a variable is overwritten
// flow
void f(void) { char *d = "ls"; d = getenv("A"); system(d); } // SINK
// clean
void f(void) { char *d = getenv("A"); d = "ls"; system(d); }
// pair: on one way only
// flow
void f(int c) { char *d = getenv("A"); if (c) d = "ls"; system(d); } // SINK
// clean
void f(int c) { char *d = getenv("A"); if (c) d = "ls"; else d = "ps"; system(d); }
// pair: by a pointer to it
// flow
void f(char **q) { char *d = getenv("A"), **p = &d; *q = "ls"; puts(*p); system(d); } // SINK
// clean
void f(void) { char *d = getenv("A"), **p = &d; *p = "ls"; system(d); }
// pair: the text is overwritten
// flow
void f(void) { char b[99]; fgets(b, 99, stdin); strcat(b, "x"); system(b); } // SINK
// clean
void f(void) { char b[99]; fgets(b, 99, stdin); strcpy(b, "x"); system(b); }
// pair: a callee overwrites it
// flow
static void reset(char **p) { if (*p == 0) *p = "ls"; }
void f(void) { char *d = getenv("A"); reset(&d); system(d); } // SINK
// clean
static void reset(char **p) { *p = "ls"; }
void f(void) { char *d = getenv("A"); reset(&d); system(d); }
// pair: a global
// flow
static char *g;
static void run(void) { system(g); } // SINK
void f(void) { g = "ls"; g = getenv("A"); run(); }
// clean
static char *g;
static void run(void) { system(g); }
void f(void) { g = getenv("A"); g = "ls"; run(); }
// pair: an inner variable of the same name
// flow
void f(void) { char *d = "ls"; { char *d = getenv("A"); system(d); } } // SINK
// clean
void f(void) { char *d = "ls"; { char *d = getenv("A"); puts(d); } system(d); }
