/* structs, unions, arrays, pointers */
struct point { int x, y; char name[8]; };
union both { int number; char *text; struct point at; };
struct tree { struct tree *left; struct point at; union { int a; char *b; }; struct { int c; }; union { int d; } u; };
typedef struct { union both value; int (*run)(int); } object;
struct unseen;
struct point make(void);
void use(struct tree *t, object o, struct unseen *un, char **list, int grid[3][4])
{
    struct point p = t->at, *q = &p, all[2];
    p.x = q->y;
    *q = all[1];
    all[0].name[2] = 'a';
    t->left->left->at.x = 1;
    t->a = 2;
    t->b = 0;
    t->c = 3;
    t->u.d = 4;
    o.value.text = list[1];
    o.value.at.y = *list[0];
    o.run(1);
    (*o.run)(2);
    un->field = grid[1][2];
    q = (struct point *)un;
    p = make();
    int y = make().y;
    char *s = p.name, **w = &s, *v = &p.name[3];
    list[y++] = *w++;
    *s = 1[v];
    char c = "text"[2];
    (p).x = (y, 5);
    p = y ? all[0] : *q;
}
