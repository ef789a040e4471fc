/* walk.h: the files under the paths that a user named, one after the other, in canonical order.
 *
 * Order: the arguments as given; below a directory bytewise by full path ("a.txt" before "a/b").
 * Below an argument symbolic links are not followed, ".git" directories, FIFOs, sockets and devices
 * are passed over, unless options.others asks for them; hidden files are files like any other. An
 * argument that is a symbolic link is followed. Whatever cannot be handed out is an item of its
 * own, in its place in the order. With several arguments each directory is walked once and each
 * named file comes once; each name of a file with several hard links is a file. Names are bytes.
 * Any depth, any size of a directory. An argument that equals options.input is no file: it is
 * handed out, once, in its place. One thread at a time may use a walk.
 */
#ifndef HUNCH_WALK_H
#define HUNCH_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include "alloc.h"
#include "dir.h"
#include "error.h"

struct hunch_walk;

struct hunch_walk_options {
    const char *const *include; /* globs (glob.h, braces too): only files for which one holds, or */
    size_t include_count;       /* that lie in a folder for which one holds; none: all */
    const char *const *exclude; /* globs: no file for which one holds, no such folder */
    size_t exclude_count;
    const char *input; /* what standard input is called, "-"; NULL: nothing is */
    bool gitignore;    /* honour .gitignore and .ignore files, those above an argument too */
    bool others;       /* symbolic links, FIFOs, sockets and devices are items, too: OTHER */
    int open_most;     /* directories kept open for files handed out; 0: chosen by the walk */
};

enum hunch_walk_kind {
    HUNCH_WALK_END,
    HUNCH_WALK_FILE,    /* read it: read.h */
    HUNCH_WALK_OTHER,   /* below an argument, with options.others: no regular file, no folder */
    HUNCH_WALK_INPUT,   /* the argument that stands for standard input */
    HUNCH_WALK_PROBLEM, /* reason, error and detail say what was not scanned and why */
};

/* Belongs to the walk, valid until its next call. */
struct hunch_walk_item {
    enum hunch_walk_kind kind;
    const char
        *path; /* as shown: argument without '/' at its end + '/' + the rest, NUL-terminated */
    size_t path_length;
    struct hunch_dir
        *dir;    /* FILE, OTHER: where path + base is opened from; NULL: the working directory. */
    size_t base; /* Take a reference (hunch_dir_ref) to open it after the next call. */
    bool follow; /* named by the user: a symbolic link is followed */
    size_t argument;    /* the path under which it was found, from 0 */
    const char *reason; /* PROBLEM: "unreadable" or "not-a-file" */
    const char *detail; /* PROBLEM: why, static text */
    int error;          /* PROBLEM: errno, or 0 */
};

/* paths and the options' strings must stay as long as the walk; options may be NULL. ARGUMENT: a
 * glob that cannot be read. */
hunch_status hunch_walk_new(const struct hunch_allocator *a, const char *const *paths, size_t count,
                            const struct hunch_walk_options *options, struct hunch_walk **walk,
                            struct hunch_error *err);

/* The next item. A failure (MEMORY) ends the walk: every later call fails alike. */
hunch_status hunch_walk_next(struct hunch_walk *w, struct hunch_walk_item *item,
                             struct hunch_error *err);

/* Every reference taken to a directory must have been given back. NULL: nothing. */
void hunch_walk_free(struct hunch_walk *w);

#endif
