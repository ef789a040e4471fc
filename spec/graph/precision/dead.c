// pair: a condition that is a constant
// flow
void f(void) { char *d = "ls"; if (1) d = getenv("A"); system(d); } // SINK
// clean
void f(void) { char *d = "ls"; if (0) d = getenv("A"); system(d); }
// pair: a constant variable of the file
// flow
static const int on = 1;
void f(void) { char *d = "ls"; if (on) d = getenv("A"); system(d); } // SINK
// clean
static const int on = 0;
void f(void) { char *d = "ls"; if (on) d = getenv("A"); system(d); }
// pair: a variable that nobody writes
// flow
static int on;
void set(int x) { on = x; }
void f(void) { char *d = "ls"; if (on) d = getenv("A"); system(d); } // SINK
// clean
static int on;
void f(void) { char *d = "ls"; if (on) d = getenv("A"); system(d); }
// pair: a function that returns a constant
// flow
static int off(int x) { return x; }
void f(int c) { char *d = "ls"; if (off(c)) d = getenv("A"); system(d); } // SINK
// clean
static int off(int x) { return 0; }
void f(int c) { char *d = "ls"; if (off(c)) d = getenv("A"); system(d); }
// pair: a local constant, through arithmetic
// flow
void f(void) { int x = 3; char *d = "ls"; if (x * 2 == 6) d = getenv("A"); system(d); } // SINK
// clean
void f(void) { int x = 3; char *d = "ls"; if (x * 2 == 7) d = getenv("A"); system(d); }
// pair: a case that is not taken
// flow
void f(void) { char *d = "ls"; switch (6) { case 5: d = "ps"; break; default: d = getenv("A"); } system(d); } // SINK
// clean
void f(void) { char *d = "ls"; switch (6) { case 6: d = "ps"; break; default: d = getenv("A"); } system(d); }
// pair: behind a call that never comes back
// flow
void f(int c) { char *d = getenv("A"); if (c) puts("x"); system(d); } // SINK
// clean
void f(int c) { char *d = getenv("A"); exit(1); system(d); }
// pair: behind a function that never comes back
// flow
static void stop(int c) { if (c) exit(1); }
void f(void) { char *d = getenv("A"); stop(atoi(d)); system(d); } // SINK
// clean
static void stop(int c) { while (1) if (c) exit(1); }
void f(void) { char *d = getenv("A"); stop(atoi(d)); system(d); }
// pair: early return
// flow
void f(int c) { char *d = getenv("A"); if (c) { puts(d); } system(d); } // SINK
// clean
void f(int c) { char *d = "ls"; if (c) { d = getenv("A"); puts(d); return; } system(d); }
// pair: early return out of a loop
// flow
void f(int c) { char *d = "ls"; while (c--) { system(d); d = getenv("A"); } } // SINK
// clean
void f(int c) { char *d = "ls"; while (c--) { system(d); d = getenv("A"); break; } }
// pair: a value that is set on both ways
// flow
void f(int c) { int on; char *d = "ls"; if (c) on = 1; else on = 0; if (on) d = getenv("A"); system(d); } // SINK
// clean
void f(int c) { int on; char *d = "ls"; if (c) on = 0; else on = 0; if (on) d = getenv("A"); system(d); }
// pair: a flag that only ever gets the value that it has
// flow
static int on = 0;
void clear(void) { on = 0; }
void set(void) { on = 1; }
void f(void) { char *d = "ls"; if (on) d = getenv("A"); system(d); } // SINK
// clean
static int on = 0;
void clear(void) { on = 0; }
void f(void) { char *d = "ls"; clear(); if (on) d = getenv("A"); system(d); }
// pair: a flag of a function that keeps its first value
// flow
void f(int n) { static int on = 3; char *d = "ls"; on = n; if (on != 3) d = getenv("A"); system(d); } // SINK
// clean
void f(int n) { static int on = 3; char *d = "ls"; on = 3; if (on != 3) d = getenv("A"); system(d); }
