// pair: carried to the next turn
// flow
void f(int n) { char *a = "ls", *b = "ls"; while (n--) { system(b); b = a; a = getenv("A"); } } // SINK
// clean
void f(int n) { char *a = "ls", *b = "ls"; while (n--) { system(b); a = getenv("A"); puts(a); a = b; } }
// pair: set again each turn
// flow
void f(int n) { char *d = getenv("A"); while (n--) { system(d); d = "ls"; } } // SINK
// clean
void f(int n) { char *d = getenv("A"); while (n--) { d = "ls"; system(d); } }
// pair: the loop may not run
// flow
void f(int n) { char *d = getenv("A"); while (n--) { d = "ls"; } system(d); } // SINK
// clean
void f(int n) { char *d = getenv("A"); do { d = "ls"; } while (n--); system(d); }
// pair: text that grows
// flow
void f(int n) { char b[99] = ""; while (n--) { strcat(b, getenv("A")); } system(b); } // SINK
// clean
void f(int n) { char b[99] = ""; while (n--) { strcat(b, "x"); puts(getenv("A")); } system(b); }
// pair: a list
// flow
struct n { struct n *next; char *t; };
void f(struct n *l) { for (; l; l = l->next) { system(l->t); l->next->t = getenv("A"); } } // SINK
// clean
struct n { struct n *next; char *t, *u; };
void f(struct n *l) { for (; l; l = l->next) { system(l->t); l->next->u = getenv("A"); } }
// pair: a loop that runs once
// flow
void f(void) { int i; char *d = "ls"; for (i = 0; i < 1; i++) { d = getenv("A"); } system(d); } // SINK
// clean
void f(void) { int i; char *d = "ls"; for (i = 0; i < 0; i++) { d = getenv("A"); } system(d); }
// pair: what runs once is behind what it ran
// flow
void f(void) { char *d = getenv("A"); for (int i = 0; i < 1; i++) { if (rand()) i--; else d = "ls"; } system(d); } // SINK
// clean
void f(void) { char *d = getenv("A"); for (int i = 0; i < 1; i++) d = "ls"; system(d); }
// pair: it does not run again
// flow
void f(void) { char *d = "ls"; for (int i = 0; i < 2; i++) { system(d); d = getenv("A"); } } // SINK
// clean
void f(void) { char *d = "ls"; for (int i = 0; i < 1; i++) { system(d); d = getenv("A"); } }
