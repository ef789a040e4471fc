/* jumps into loops and blocks, Duff's device, labels that are missing */
int more(int);
void into(int a)
{
    if (a)
        goto inside;
    while (more(a)) {
        a++;
    inside:
        a--;
    }
}
void copy(char *to, char *from, int n)
{
    int rounds = (n + 3) / 4;
    switch (n % 4) {
    case 0:
        do {
            *to++ = *from++;
    case 3:
            *to++ = *from++;
    case 2:
            *to++ = *from++;
    case 1:
            *to++ = *from++;
        } while (--rounds > 0);
    }
}
int nested(int a)
{
    switch (a) {
    case 1:
        switch (more(a)) {
        case 2:
            break;
        default:
            return 2;
        }
        return 1;
    }
    for (int i = 0; i < a; i++)
        for (int j = 0;; j++) {
            if (more(j))
                break;
            if (more(i))
                goto done;
        }
done:
    return 0;
}
void lost(void)
{
    goto nowhere;
}
