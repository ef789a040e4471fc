// pair: fields of a struct
// flow
struct s { char *a, *b; };
void f(void) { struct s x; x.a = getenv("A"); x.b = "ls"; system(x.a); } // SINK
// clean
struct s { char *a, *b; };
void f(void) { struct s x; x.a = getenv("A"); x.b = "ls"; system(x.b); }
// pair: fields by a pointer
// flow
struct s { char *a, *b; };
void f(struct s *x) { x->a = getenv("A"); x->b = "ls"; system(x->a); } // SINK
// clean
struct s { char *a, *b; };
void f(struct s *x) { x->a = getenv("A"); x->b = "ls"; system(x->b); }
// pair: two structs of one kind
// flow
struct s { char *a; };
void f(void) { struct s x, y; x.a = getenv("A"); y.a = "ls"; system(x.a); } // SINK
// clean
struct s { char *a; };
void f(void) { struct s x, y; x.a = getenv("A"); y.a = "ls"; system(y.a); }
// pair: a struct is copied
// flow
struct s { char *a, *b; };
void f(void) { struct s x, y; x.a = getenv("A"); x.b = "ls"; y = x; system(y.a); } // SINK
// clean
struct s { char *a, *b; };
void f(void) { struct s x, y; x.a = getenv("A"); x.b = "ls"; y = x; x.b = y.a; system(y.b); }
// pair: the field of a field
// flow
struct i { char *p, *q; };
struct s { struct i a, b; };
void f(void) { struct s x; x.a.p = getenv("A"); x.a.q = x.b.p = "ls"; system(x.a.p); } // SINK
// clean
struct i { char *p, *q; };
struct s { struct i a, b; };
void f(void) { struct s x; x.a.p = getenv("A"); x.a.q = x.b.p = "ls"; system(x.b.p); system(x.a.q); }
// pair: elements of arrays
// flow
void f(int i, int j) { char *a[4], *b[4]; a[i] = getenv("A"); b[i] = "ls"; system(a[j]); } // SINK
// clean
void f(int i, int j) { char *a[4], *b[4]; a[i] = getenv("A"); b[i] = "ls"; system(b[j]); }
// pair: an array of structs
// flow
struct s { char *a, *b; };
void f(int i) { struct s x[4]; x[i].a = getenv("A"); x[i].b = "ls"; system(x[0].a); } // SINK
// clean
struct s { char *a, *b; };
void f(int i) { struct s x[4]; x[i].a = getenv("A"); x[i].b = "ls"; system(x[0].b); }
// pair: members of a union are one
// flow
union u { char *a, *b; };
void f(void) { union u x; x.a = getenv("A"); system(x.b); } // SINK
// clean
union u { char *a, *b; };
void f(void) { union u x; x.a = getenv("A"); x.b = "ls"; system(x.a); }
// pair: two pointers to one variable
// flow
void f(void) { char *d = "ls", **p = &d, **q = &d; *p = getenv("A"); system(*q); } // SINK
// clean
void f(void) { char *d = "ls", *e, **p = &e, **q = &d; *p = getenv("A"); system(*q); }
// pair: freed and allocated again
// flow
void f(void) { char *d = malloc(9); fgets(d, 9, stdin); free(malloc(9)); system(d); } // SINK
// clean
void f(void) { char *d = malloc(9); fgets(d, 9, stdin); free(d); d = malloc(9); strcpy(d, "ls"); system(d); }
// pair: allocated by one function for two
// flow
static char *make(void) { char *p = malloc(9); if (p == 0) exit(1); return p; }
void f(void) { char *a = make(), *b = make(); fgets(a, 9, stdin); strcpy(b, "ls"); system(a); } // SINK
// clean
static char *make(void) { char *p = malloc(9); if (p == 0) exit(1); return p; }
void f(void) { char *a = make(), *b = make(); fgets(a, 9, stdin); strcpy(b, "ls"); system(b); }
// pair: made longer
// flow
void f(void) { char *d = malloc(9); fgets(d, 9, stdin); d = realloc(d, 99); system(d); } // SINK
// clean
void f(void) { char *d = malloc(9), *e = malloc(9); fgets(d, 9, stdin); strcpy(e, "ls"); e = realloc(e, 99); system(e); }
// pair: what is read into a whole is in its fields
// flow
struct s { char a[9], b[9]; };
void f(int fd) { struct s x; read(fd, &x, sizeof x); system(x.a); } // SINK
// clean
struct s { char a[9], b[9]; };
void f(int fd) { struct s x; read(fd, &x, sizeof x); strcpy(x.a, "ls"); system(x.a); }
// pair: a tainted offset is no tainted text
// flow
void f(void) { char *t = "a\0b"; int n = atoi(getenv("N")); system(getenv("A") + n); } // SINK
// clean
void f(void) { char t[] = "a\0b"; int n = atoi(getenv("N")); system(t + n); }
// pair: a part of the text is overwritten
// flow
void f(void) { char b[99]; fgets(b, 99, stdin); strcpy(b + 3, "x"); b[0] = 'y'; system(b); } // SINK
// clean
void f(void) { char b[99]; memset(b, 0, 99); strcpy(b + 3, "x"); b[0] = 'y'; system(b); }
