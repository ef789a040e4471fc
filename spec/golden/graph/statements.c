/* every statement */
int next(void);
int walk(int n, int *list)
{
    int i, sum = 0, last;
    for (i = 0; i < n; i++) {
        if (list[i] < 0)
            continue;
        else if (list[i] == 7)
            break;
        sum += list[i];
    }
    while (sum > 100)
        sum /= 2;
    do
        sum--;
    while (next());
    for (;;) {
        if (next())
            goto out;
        ;
    }
    sum = 5; /* never runs */
out:
    switch (sum) {
    case 1:
        n = 1;
    case 'a':
    case -3:
        return n;
    default:
        n++;
        break;
    case 1 + 2 * 3:
        n--;
    }
    if (0)
        n = 99;
    if (1)
        return last = n;
    return 0;
}
