/* gitignore.c: see gitignore.h. */
#define _GNU_SOURCE
#include "gitignore.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "glob.h"
#include "read.h"

#define RULES_MOST ((size_t)16 << 20) /* bytes of one rule file */

enum { RULES_IGNORE, RULES_GIT, RULES_EXCLUDE, RULES_KINDS };

/* In order of weight; a match in a file of the first kind, on whatever level, ends the question. */
static const char *const rule_files[RULES_KINDS] = {".ignore", ".gitignore", ".git/info/exclude"};

struct hunch_ignore {
    const struct hunch_allocator *allocator;
    struct hunch_ignore *parent; /* of the nearest directory above that has rules */
    size_t references;           /* a walk has one thread */
    size_t path_length;          /* of the directory; what follows it is what the rules see */
    struct hunch_globs rules[RULES_KINDS];
};

void hunch_ignore_ref(struct hunch_ignore *ignore)
{
    ignore->references++;
}

void hunch_ignore_unref(struct hunch_ignore *ignore)
{
    while (ignore && --ignore->references == 0) {
        struct hunch_ignore *parent = ignore->parent;
        for (int kind = 0; kind < RULES_KINDS; kind++)
            hunch_globs_done(&ignore->rules[kind]);
        hunch_free(ignore->allocator, ignore, sizeof *ignore);
        ignore = parent;
    }
}

/* One line without its end. */
static hunch_status add_line(struct hunch_globs *rules, const char *line, size_t length)
{
    unsigned flags = 0;
    if (length > 0 && line[length - 1] == '\r')
        length--;
    while (length > 0 && line[length - 1] == ' ') {
        size_t slashes = 0; /* an odd number of backslashes before it keeps the blank */
        while (slashes + 1 < length && line[length - 2 - slashes] == '\\')
            slashes++;
        if (slashes % 2 == 1)
            break;
        length--;
    }
    if (length == 0 || line[0] == '#')
        return HUNCH_OK;
    if (line[0] == '!') {
        flags = HUNCH_GLOB_NEGATED;
        line++;
        length--;
    }
    hunch_status status = hunch_globs_add(rules, line, length, flags, NULL);
    return status == HUNCH_ERROR_MEMORY ? status : HUNCH_OK;
}

static hunch_status add_lines(struct hunch_globs *rules, const char *text, size_t size)
{
    const char *end = text + size;
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        if (!stop)
            stop = end;
        hunch_status status = add_line(rules, text, (size_t)(stop - text));
        if (status)
            return status;
        text = stop + 1;
    }
    return HUNCH_OK;
}

static hunch_status load(struct hunch_ignore *ignore, int kind, int fd, int *problem,
                         struct hunch_error *err)
{
    struct hunch_buffer buffer = {0};
    struct hunch_read read;
    /* Without this look, each directory would pay for a buffer. */
    if (faccessat(fd, rule_files[kind], F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        return HUNCH_OK;
    hunch_status status = hunch_read_whole(ignore->allocator, fd, rule_files[kind], 0, RULES_MOST,
                                           RULES_MOST + 1, &buffer, &read, err);
    if (!status && read.state == HUNCH_READ_WHOLE) {
        status = add_lines(&ignore->rules[kind], (const char *)buffer.bytes, read.size);
        if (status)
            hunch_fail_memory(err, read.size, "the rules of a .gitignore file");
    } else if (!status && read.error != ENOENT && read.error != ENOTDIR && !*problem) {
        *problem = read.state == HUNCH_READ_PROBLEM ? (read.error ? read.error : EINVAL) : EFBIG;
    }
    hunch_buffer_free(ignore->allocator, &buffer);
    return status;
}

hunch_status hunch_ignore_enter(const struct hunch_allocator *a, int fd, size_t path_length,
                                struct hunch_ignore *parent, struct hunch_ignore **result,
                                int *problem, struct hunch_error *err)
{
    *problem = 0;
    *result = NULL;
    struct hunch_ignore *ignore = hunch_alloc_zero(a, sizeof *ignore);
    if (!ignore)
        return hunch_fail_memory(err, sizeof *ignore, "the rules of a .gitignore file");
    ignore->allocator = a;
    ignore->references = 1;
    ignore->path_length = path_length;
    size_t count = 0;
    for (int kind = 0; kind < RULES_KINDS; kind++) {
        hunch_globs_init(&ignore->rules[kind], a);
        hunch_status status = load(ignore, kind, fd, problem, err);
        if (status) {
            hunch_ignore_unref(ignore);
            return status;
        }
        count += ignore->rules[kind].list.count;
    }
    if (parent)
        parent->references++;
    if (count == 0) {
        hunch_ignore_unref(ignore);
        *result = parent;
    } else {
        ignore->parent = parent;
        *result = ignore;
    }
    return HUNCH_OK;
}

/* The length of the repository root's path in `path` (absolute, without '/' at its end; "" is
 * the root of everything), or SIZE_MAX. */
static size_t find_repository(char *path)
{
    for (size_t length = strlen(path);;) {
        char saved = path[length];
        path[length] = '\0';
        int fd = open(length ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        bool found = fd >= 0 && faccessat(fd, ".git", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
        if (fd >= 0)
            close(fd);
        path[length] = saved;
        if (found)
            return length;
        if (length == 0)
            return SIZE_MAX;
        while (path[--length] != '/')
            ;
    }
}

hunch_status hunch_ignore_above(const struct hunch_allocator *a, const char *path,
                                struct hunch_ignore **result, char **prefix, int *problem,
                                struct hunch_error *err)
{
    char real[PATH_MAX + 2];
    size_t root = SIZE_MAX;
    struct hunch_ignore *rules = NULL;
    hunch_status status = HUNCH_OK;

    *result = NULL;
    *prefix = NULL;
    *problem = 0;
    if (realpath(path, real)) {
        if (strcmp(real, "/") == 0)
            real[0] = '\0';
        root = find_repository(real);
    }
    bool found = root != SIZE_MAX;
    size_t length = found ? strlen(real) : 0, at = root;
    if (found)
        real[length++] = '/';
    real[length] = '\0';
    /* at: the '/' after the directory whose rules come next; the last one is the walk's to enter.
     */
    while (found && at + 1 < length) {
        char saved = real[at + 1];
        real[at + 1] = '\0';
        int fd = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        real[at + 1] = saved;
        if (fd >= 0) {
            struct hunch_ignore *below;
            int trouble;
            status = hunch_ignore_enter(a, fd, at - root, rules, &below, &trouble, err);
            close(fd);
            if (status)
                goto fail;
            hunch_ignore_unref(rules);
            rules = below;
            if (!*problem)
                *problem = trouble;
        }
        at = (size_t)(strchr(real + at + 1, '/') - real);
    }
    *prefix = hunch_strdup(a, found ? real + root + 1 : "");
    if (!*prefix) {
        status = hunch_fail_memory(err, length, "a path");
        goto fail;
    }
    *result = rules;
    return HUNCH_OK;
fail:
    hunch_ignore_unref(rules);
    return status;
}

bool hunch_ignore_match(const struct hunch_ignore *rules, const char *path, size_t length,
                        bool folder)
{
    if (!rules)
        return false;
    size_t base = length;
    while (base > 0 && path[base - 1] != '/')
        base--;
    for (int kind = 0; kind < RULES_KINDS; kind++) {
        for (const struct hunch_ignore *level = rules; level; level = level->parent) {
            const struct hunch_globs *globs = &level->rules[kind];
            size_t skip = level->path_length;
            for (size_t i = globs->list.count; i-- > 0;) {
                const struct hunch_glob *glob = &globs->list.items[i];
                if (hunch_glob_match(glob, path + skip, length - skip, base - skip, folder))
                    return !glob->negated;
            }
        }
    }
    return false;
}
