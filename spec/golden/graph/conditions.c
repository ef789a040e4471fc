/* && || ! ?: and commas as control flow */
int f(int);
int values(int a, int b)
{
    int both = a && b, one = a ? b : f(a), none = !(a || b);
    a && f(a);
    a ? f(1) : f(2);
    if (a && (b || !f(a)))
        return both;
    while (f(1), f(2))
        ;
    return a ?: one + none;
}
int constants(int a)
{
    if (a && 0)
        f(3);
    while (1)
        if (f(a))
            break;
    do
        f(4);
    while (0);
    return sizeof(int) == 4 ? 1 : f(5);
}
int expected(char *p)
{
    if (__builtin_expect(!!(p), 1))
        return *p;
    return 0;
}
