/* what of #if is in */
#if 0
int not_this(void) { return 1; }
#elif defined(__linux__) && __STDC_VERSION__ >= 199901L
int this(void) { return 2; }
#else
int nor_this(void) { return 3; }
#endif
#ifdef _WIN32
int windows;
#endif
#ifndef UNKNOWN
int kept(void) { return 4; }
#else
int kept_too(void) { return 5; }
#endif
#define LEVEL 3
#define FEATURE(x) ((x) <= LEVEL)
#if FEATURE(2) && !FEATURE(4) /* a comment
over lines */ && 'a' == 97
int level(void) { return 6; }
#endif
int split(int a
#ifdef UNKNOWN
, int b)
{
#else
)
{
#endif
#ifdef UNKNOWN_TOO
    a = 1;
#else
    a = 2;
#endif
#if LEVEL > 5
    a = 3;
#elif LEVEL == 3
    a = 4;
#elif LEVEL == 3
    a = 5;
#endif
    return a;
}
