/* glob.h: path patterns, as --include, --exclude and gitignore files use them.
 *
 *   ?  one byte, *  any bytes, [a-z] [!a-z] [[:alpha:]]  one byte of a class: never a '/'
 *   **  as a whole part of the path: any number of folders; elsewhere the same as *
 *   \c  the byte c      {a,b}  (HUNCH_GLOB_BRACES) either
 * A pattern without a '/' (but a last one) is matched against the last name of the path, any other
 * one against the whole path from its root (with HUNCH_GLOB_BRACES a "./" in front is that). A '/'
 * at the end: folders only. Names are bytes, and a leading dot is nothing special. Matching takes
 * at most pattern x path steps.
 */
#ifndef HUNCH_GLOB_H
#define HUNCH_GLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "alloc.h"
#include "error.h"

#define HUNCH_GLOB_BRACES_MOST 1000 /* patterns that one with braces may stand for */
#define HUNCH_GLOB_LENGTH_MOST 4096 /* bytes of a pattern */

enum hunch_glob_flags {
    HUNCH_GLOB_BRACES = 1,  /* {a,b} */
    HUNCH_GLOB_NEGATED = 2, /* only kept for the owner: struct hunch_glob.negated */
};

struct hunch_glob_part {
    uint16_t begin, length; /* in text */
    uint8_t kind;           /* literal, general or ** */
};

struct hunch_glob {
    char *text; /* the pattern without its outer slashes; not NUL-terminated */
    size_t length;
    struct hunch_glob_part *parts; /* between the slashes */
    size_t count;
    bool whole_path;  /* had a '/' in front or inside */
    bool folder_only; /* had a '/' at the end */
    bool absolute;    /* began with '/' */
    bool negated;     /* HUNCH_GLOB_NEGATED */
};

struct hunch_globs {
    const struct hunch_allocator *allocator;
    HUNCH_VEC(struct hunch_glob) list;
};

void hunch_globs_init(struct hunch_globs *g, const struct hunch_allocator *a);
void hunch_globs_done(struct hunch_globs *g);

/* Appends a pattern. ARGUMENT, with the position in the pattern: an open bracket, class or brace,
 * nothing to match, too long. */
hunch_status hunch_globs_add(struct hunch_globs *g, const char *pattern, size_t length,
                             unsigned flags, struct hunch_error *err);

/* path: relative, without '/' at the end. base: the offset of its last name. */
bool hunch_glob_match(const struct hunch_glob *glob, const char *path, size_t length, size_t base,
                      bool folder);

/* Whether any of the patterns matches path as it is shown, or what follows its first `root` bytes
 * (the part that belongs to the argument). A leading "./" of the shown path does not count. */
bool hunch_globs_match(const struct hunch_globs *g, const char *path, size_t length, size_t root,
                       bool folder);

/* Whether a pattern matches path or one of the folders in it: for a file that the user named. */
bool hunch_globs_match_any_part(const struct hunch_globs *g, const char *path, size_t length);

#endif
