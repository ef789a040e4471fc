/* what compilers add to the language */
#include <stdarg.h>
__extension__ typedef unsigned long long big;
static __inline__ __attribute__((always_inline)) int quick(int n) { return n; }
int values(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int n = va_arg(list, int) + ({ int t = quick(1); t + 1; });
    char *text = va_arg(list, char *);
    __asm__ volatile("nop" : "=r"(n) : "r"(text) : "memory");
    __typeof__(n) same = n;
    unsigned long place = __builtin_offsetof(struct unseen, a.b[3]);
    _Static_assert(sizeof(int) == 4, "int");
    if (__builtin_types_compatible_p(int, long))
        __builtin_unreachable();
    return same + place + alignof(int) + _Generic(n, int: 1, default: 2);
}
int restricted(char *restrict to, const char *__restrict from) { return *to = *from; }
