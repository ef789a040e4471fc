#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line: "ping HOST", "page NUMBER" or "quit". */
int request_read(struct request *to)
{
    static char line[128];
    if (fgets(line, sizeof line, stdin) == NULL)
        return 0;
    line[strcspn(line, "\n")] = '\0';
    if (strncmp(line, "ping ", 5) == 0) {
        to->kind = PING;
        to->host = line + 5;
    } else if (strncmp(line, "page ", 5) == 0) {
        to->kind = PAGE;
        to->page = atoi(line + 5);
    } else {
        to->kind = QUIT;
    }
    return 1;
}
