/* inner names hide outer ones */
int x = 1;
static int y;
extern int z;
enum { RED, GREEN = 5, BLUE };
typedef int number;
int hide(int a)
{
    int x = a;
    {
        int x = 2;
        x = x + y;
        {
            extern int x;
            x = 3;
        }
    }
    for (int a = 0; a < BLUE; a++)
        x += a;
    enum { RED = 9 };
    number n = RED;
    return x + a + z + n + GREEN;
}
int counter(void)
{
    static int calls = 10, *where = &x;
    {
        static int calls;
        calls++;
    }
    return ++calls + *where;
}
int after(void) { return x + RED; }
