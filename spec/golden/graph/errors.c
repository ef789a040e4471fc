/* errors stay where they are */
int before(void) { return 1; }
int broken(int a)
{
    a = 1;
    a = = 2;
    if (a { a = 3; }
    return a;
}
int between(void) { return 2; }
int $%& nonsense here;
int after(void) { return 3; }
int open(int a)
{
    return a;
