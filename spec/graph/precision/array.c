// pair: elements with constant indices
// flow
void f(void) {
    char *a[3];
    a[0] = "ls";
    a[1] = getenv("A");
    system(a[1]); // SINK
}
// clean
void f(void) {
    char *a[3];
    a[0] = "ls";
    a[1] = getenv("A");
    system(a[0]);
}
// pair: an initialiser
// flow
void f(void) { char *a[] = { "ls", getenv("A") }; system(a[1]); } // SINK
// clean
void f(void) { char *a[] = { "ls", getenv("A") }; system(a[0]); }
// pair: an element that is overwritten
// flow
void f(void) {
    char *a[2];
    a[1] = getenv("A");
    a[0] = "ls";
    system(a[1]); // SINK
}
// clean
void f(void) {
    char *a[2];
    a[1] = getenv("A");
    a[1] = "ls";
    system(a[1]);
}
// pair: an index that nobody knows is written
// flow
void f(int i) {
    char *a[2] = { "ls", "ps" };
    a[i] = getenv("A");
    system(a[0]); // SINK
}
// clean
void f(int i) {
    char *a[2] = { "ls", "ps" };
    i = 1;
    a[i] = getenv("A");
    system(a[0]);
}
// pair: an index that nobody knows is read
// flow
void f(int i) {
    char *a[2] = { "ls", getenv("A") };
    system(a[i]); // SINK
}
// clean
void f(int i) {
    char *a[2] = { "ls", getenv("A") };
    a[1] = "ps";
    system(a[i]);
}
// pair: an index that a loop counts
// flow
void f(void) {
    char *a[4];
    int i;
    for (i = 0; i < 4; i++) a[i] = i > 0 ? getenv("A") : "ls";
    system(a[0]); // SINK
}
// clean
void f(void) {
    char *a[4];
    int i;
    for (i = 0; i < 4; i++) a[i] = i > 9 ? "ps" : "ls";
    a[1] = getenv("A");
    system(a[0]);
}
// pair: the array goes elsewhere
// flow
static void fill(char **to, int n) { while (n-- > 0) to[n] = getenv("A"); }
void f(void) {
    char *a[2] = { "ls", "ps" };
    fill(a, 2);
    system(a[0]); // SINK
}
// clean
static void fill(char **to, int n) { while (n-- > 0) to[n] = getenv("A"); }
void f(void) {
    char *a[2] = { "ls", "ps" }, *b[2];
    fill(b, 2);
    system(a[0]);
}
// pair: a pointer into the array
// flow
void f(void) {
    char *a[2] = { "ls", "ps" }, **p = &a[1];
    p--;
    *p = getenv("A");
    system(a[0]); // SINK
}
// clean
void f(void) {
    char *a[2] = { "ls", "ps" }, *b[2], **p = &b[1];
    p--;
    *p = getenv("A");
    system(a[0]);
}
// pair: arguments of the program
// flow
int main(int argc, char **argv) {
    argv[2] = getenv("A");
    system(argv[argc - 1]); // SINK
    return 0;
}
// clean
int main(int argc, char **argv) {
    argv[2] = getenv("A");
    system(argv[1]);
    return argc;
}
// pair: arguments of the program, handed on
// flow
static void set(char **to) { to[2] = getenv("A"); }
int main(int argc, char **argv) {
    set(argv - 1);
    system(argv[1]); // SINK
    return argc;
}
// clean
static void set(char **to) { to[2] = "ls"; }
int main(int argc, char **argv) {
    set(argv - 1);
    system(argv[1]);
    return argc;
}
// pair: the next arguments
// flow
int main(int argc, char **argv) {
    argv[2] = getenv("A");
    argv++;
    system(argv[1]); // SINK
    return argc;
}
// clean
int main(int argc, char **argv) {
    argv[2] = getenv("A");
    system(argv[1]);
    argc++;
    return argc;
}
// pair: a guard on an element
// flow
void f(void) {
    char *a[2] = { getenv("A"), getenv("B") };
    if (is_safe(a[0])) system(a[1]); // SINK
}
// clean
void f(void) {
    char *a[2] = { getenv("A"), getenv("B") };
    if (is_safe(a[1])) system(a[1]);
}
// pair: an element of an element
// flow
void f(void) {
    char *a[2][2];
    a[0][0] = "ls";
    a[1][0] = getenv("A");
    system(a[1][0]); // SINK
}
// clean
void f(void) {
    char *a[2][2];
    a[0][0] = "ls";
    a[1][0] = "ps";
    system(a[1][0]);
}
