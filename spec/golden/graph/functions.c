/* definitions and calls of every kind */
#include <stdlib.h>
#include "own.h"
static int twice(int (*f)(int), int n) { return f(f(n)); }
int (*choose(int which))(int) { return which ? &abs : abs; }
int old(a, b, c)
    char *a;
    int b;
{
    return a[b] + c;
}
int none() { return none(1); }
void variadic(const char *format, ...) { variadic(format, 1, "x"); }
static void stop(int code) __attribute__((noreturn));
_Noreturn void stop_too(void);
static void stop(int code) { exit(code); }
int checks(int a)
{
    if (a == 1)
        stop(1);
    if (a == 2)
        stop_too();
    if (a == 3)
        abort();
    return choose(a)(a) + twice(choose(0), 1);
}
int exits(int exit) { return exit; }
extern int elsewhere(void);
int arrays(char buffer[10], void callback(int)) { callback(1); return buffer[0]; }
