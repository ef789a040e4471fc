/* what initialisers store, braces left out, designators */
struct point { int x; int y; };
struct line { struct point from, to; char *name; };
int table[] = {1, 2, 3};
const char *const words[2] = {"one", "two"};
char text[] = "abc", *pointer = "def";
struct line lines[2] = {{{1, 2}, {3, 4}, "a"}, 5, 6, 7, 8, "b"};
struct line other = {.to.y = 9, .name = words[0], .from = {10}};
int sparse[10] = {[3] = 1, 2, [7] = 3};
int (*handlers[])(int) = {0, &abs};
union { int number; char *name; } choice = {.name = "x"};
int grid[2][2] = {1, 2, 3, 4};
void locals(int n, struct point given)
{
    struct point a = {n}, b = given, list[] = {a, b, {n, n}};
    char buffer[100] = "", copy[n], *null = 0;
    struct point *made = &(struct point){1, n};
    int old = {n};
    use((struct point){.y = n}, sizeof buffer, sizeof(struct line), sizeof list);
    made = (void *)0;
}
