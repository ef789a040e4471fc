/* text after the preprocessor, and where it stands */
#define SYSTEM system
#define VALUE (limit + 1)
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define STRING(x) #x
#define EXPANDED(x) STRING(x)
#define JOIN(a, b) a##b
#define LOG(format, ...) printf(format, ##__VA_ARGS__)
#define EACH(i, n) for (i = 0; i < (n); i++)
#define LOOP(x) AGAIN(x)
#define AGAIN(x) LOOP(x) + 1
#define EMPTY
#define SWAP(a, b) do { int t = a; a = b; b = t; } while (0)
#define ALIAS MAX
#define MANY_LINES(a) \
    one(a); \
    two(a)
int limit;
int main(int argc, char **argv)
{
    int i, JOIN(na, me) = VALUE;
    SYSTEM(argv[1]); LOG("none"); LOG("two %d", 1, 2);
    EACH (i, 3) { SWAP(i, argc); }
    char *a = STRING(a "b" 'c'), *b = EXPANDED(SYSTEM(1));
    i = LOOP(2) EMPTY;
    MANY_LINES(
        ALIAS(1,
              i));
#undef SYSTEM
    return SYSTEM(0) + __LINE__;
}
