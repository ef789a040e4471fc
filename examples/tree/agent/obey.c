#include "request.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGES = 3 };

static const char *const title[PAGES] = {"load", "disks", "users"};
static int shown[PAGES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void run(const char *form, const char *what)
{
    char command[256];
    snprintf(command, sizeof command, form, what);
    system(command);
}

static int count(int page)
{
    pthread_mutex_lock(&lock);
    if (shown[page] > 100)
        return 0;
    const int times = ++shown[page];
    pthread_mutex_unlock(&lock);
    return times;
}

static void show(int page)
{
    if (page < 0 || page >= PAGES)
        return;
    if (count(page) > 0)
        puts(title[page]);
}

void request_obey(const struct request *request)
{
    switch (request->kind) {
    case PING: run("ping -c 1 %s", request->host); break;
    case PAGE:
        show(request->page);
        printf("next: %s\n", title[request->page + 1]);
        break;
    case QUIT: exit(0);
    }
}
