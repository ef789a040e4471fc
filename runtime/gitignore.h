/* gitignore.h: the rules of .gitignore and .ignore files, as gitignore(5) tells them.
 *
 * Each directory that has such files gets a set of rules with a link to its parent's. A path is
 * judged by the last rule that matches it, the nearest directory first; .ignore before .gitignore.
 * A rule that cannot be read (an open bracket) matches nothing, as with git. Caller: walk.c.
 */
#ifndef HUNCH_GITIGNORE_H
#define HUNCH_GITIGNORE_H

#include <stdbool.h>
#include <stddef.h>
#include "alloc.h"
#include "error.h"

struct hunch_ignore;

/* Paths here begin where the outermost rule file lies: hunch_ignore_above says with which prefix
 * the walk's own paths are to be continued. */

/* Adds the rules of directory fd to those of parent (NULL: none), which *result keeps alive.
 * *result is the parent itself, with one more reference, when there are no rule files. *problem: 0,
 * or the errno with which one could not be read. path_length: of the directory's path, '/'
 * included. */
hunch_status hunch_ignore_enter(const struct hunch_allocator *a, int fd, size_t path_length,
                                struct hunch_ignore *parent, struct hunch_ignore **result,
                                int *problem, struct hunch_error *err);

/* The rules that hold in the directory `path` because of those above it, up to the root of its
 * repository (the nearest one with a ".git", itself included); NULL in *result when it is in none.
 * *prefix: its path from there, '/' at its end, or "": the caller's, hunch_strfree. */
hunch_status hunch_ignore_above(const struct hunch_allocator *a, const char *path,
                                struct hunch_ignore **result, char **prefix, int *problem,
                                struct hunch_error *err);

void hunch_ignore_ref(struct hunch_ignore *ignore);
void hunch_ignore_unref(struct hunch_ignore *ignore); /* NULL: nothing */

/* Whether the path is to be passed over. rules may be NULL. */
bool hunch_ignore_match(const struct hunch_ignore *rules, const char *path, size_t length,
                        bool folder);

#endif
