/* cache.c: see cache.h. */
#include "cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"

char *hunch_cache_default(const struct hunch_allocator *a)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char path[4096];
    int n;
    if (base != NULL && base[0] == '/') {
        n = snprintf(path, sizeof path, "%s", base);
    } else if (home != NULL && home[0] == '/') {
        n = snprintf(path, sizeof path, "%s/.cache", home);
    } else {
        return NULL;
    }
    if (n < 0 || (size_t)n + 8 > sizeof path)
        return NULL;
    mkdir(path, 0700);
    strcat(path, "/hunch");
    return hunch_strdup(a, path);
}

bool hunch_cache_private(const char *folder)
{
    struct stat st;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return false;
    return lstat(folder, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
           (st.st_mode & 077) == 0;
}
