// pair: the upper bits of a number
// flow
void f(void) {
    unsigned long n = strtoul(getenv("N"), 0, 0), i;
    for (i = 0; i < n >> 40; i++) work(); // SINK
}
// clean
void f(void) {
    unsigned long n = strtoul(getenv("N"), 0, 0), i;
    for (i = 0; i < n >> 56; i++) work();
}
// pair: the upper bits of a shorter number
// flow
void f(void) {
    unsigned long n = strtoul(getenv("N"), 0, 0), i;
    for (i = 0; i < n >> 24; i++) work(); // SINK
}
// clean
void f(void) {
    unsigned i, n = strtoul(getenv("N"), 0, 0);
    for (i = 0; i < n >> 24; i++) work();
}
// pair: the upper bits of a cast
// flow
void f(void) {
    unsigned long n = strtoul(getenv("N"), 0, 0);
    unsigned i, m = n;
    for (i = 0; i < m + n >> 24; i++) work(); // SINK
}
// clean
void f(void) {
    unsigned long n = strtoul(getenv("N"), 0, 0);
    unsigned i;
    for (i = 0; i < (unsigned)n >> 24; i++) work();
}
// pair: shifted by what nobody knows
// flow
void f(int k) {
    unsigned i, n = strtoul(getenv("N"), 0, 0);
    for (i = 0; i < n >> k; i++) work(); // SINK
}
// clean
void f(int k) {
    unsigned i, n = strtoul(getenv("N"), 0, 0);
    k = 28;
    for (i = 0; i < n >> 28; i++) work(k);
}
// pair: shifted in place
// flow
void f(void) {
    unsigned i, n = strtoul(getenv("N"), 0, 0);
    n >>= 4;
    for (i = 0; i < n; i++) work(); // SINK
}
// clean
void f(void) {
    unsigned i, n = strtoul(getenv("N"), 0, 0);
    n >>= 28;
    for (i = 0; i < n; i++) work();
}
// pair: some bits, or all but some
// flow
void f(void) {
    unsigned i, n = strtoul(getenv("N"), 0, 0);
    for (i = 0; i < (n & ~7u); i++) work(); // SINK
}
// clean
void f(void) {
    unsigned i, n = strtoul(getenv("N"), 0, 0);
    for (i = 0; i < (n & 7u); i++) work();
}
// pair: all but the sign
// flow
void f(void) {
    int i, n = atoi(getenv("N"));
    for (i = 0; i < (n & 0x7fffffff); i++) work(); // SINK
}
// clean
void f(void) {
    int i, n = atoi(getenv("N"));
    for (i = 0; i < (0xffff & n); i++) work();
}
// pair: a remainder, or how often
// flow
void f(void) {
    int i, n = atoi(getenv("N"));
    for (i = 0; i < n / 10; i++) work(); // SINK
}
// clean
void f(void) {
    int i, n = atoi(getenv("N"));
    for (i = 0; i < n % 10; i++) work();
}
// pair: what is left of a constant
// flow
void f(void) {
    int i, n = atoi(getenv("N"));
    for (i = 0; i < 1000000 % n; i++) work(); // SINK
}
// clean
void f(void) {
    int i, n = atoi(getenv("N"));
    for (i = 0; i < n % 1000000; i++) work();
}
