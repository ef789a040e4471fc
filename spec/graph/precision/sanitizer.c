// pair: what a sanitizer returns is clean
// flow
void f(void) { char *d = getenv("A"); system(d); } // SINK
// clean
void f(void) { char *d = quote(getenv("A")); system(d); }
// pair: a sanitizer that is called beside, and whose result is not used
// flow
void f(void) { char *d = getenv("A"); quote(d); system(d); } // SINK
// clean
void f(void) { char *d = getenv("A"); d = quote(d); system(d); }
// pair: sanitized on one way only
// flow
void f(int c) {
    char *d = getenv("A");
    if (c) d = quote(d);
    system(d); // SINK
}
// clean
void f(int c) {
    char *d = getenv("A");
    if (c) d = quote(d); else d = "ls";
    system(d);
}
// pair: a sanitizer that cleans a place
// flow
void f(void) { char b[64], o[64]; fgets(b, 64, stdin); escape(o); system(b); } // SINK
// clean
void f(void) { char b[64]; fgets(b, 64, stdin); escape(b); system(b); }
// pair: tainted again behind the sanitizer
// flow
void f(void) {
    char b[64];
    fgets(b, 64, stdin);
    escape(b);
    strcat(b, getenv("A"));
    system(b); // SINK
}
// clean
void f(void) {
    char b[64];
    fgets(b, 64, stdin);
    strcat(b, getenv("A"));
    escape(b);
    system(b);
}
// pair: a function of the program that wraps the sanitizer
// flow
static char *wrap(char *s) { quote(s); return s; }
void f(void) { system(wrap(getenv("A"))); } // SINK
// clean
static char *wrap(char *s) { return quote(s); }
void f(void) { system(wrap(getenv("A"))); }
// pair: a sanitizer that the program defines
// flow
char *other(char *s) { return s; }
void f(void) { system(other(getenv("A"))); } // SINK
// clean
char *quote(char *s) { return s; }
void f(void) { system(quote(getenv("A"))); }
