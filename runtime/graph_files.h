/* graph_files.h: the files of a scan that graph rules look at: which, of which link unit, and which
 * of them an #include means. */
#ifndef HUNCH_GRAPH_FILES_H
#define HUNCH_GRAPH_FILES_H

#include "scan.h"

struct hunch_graph_member {
    const char *name; /* 0-ended; a copy */
    size_t name_length;
    const struct hunch_record *record; /* in memory, or NULL: a file */
    struct hunch_dir *dir;             /* a file: a reference */
    size_t base;
    bool follow;
    bool shared; /* of --link-with: part of every unit of its language, and reported by none */
    uint32_t language;
    size_t argument;     /* path under which it was found, or HP_NONE */
    uint32_t unit;       /* HP_NONE of shared ones */
    size_t found, count; /* of the scan's findings */
    HUNCH_VEC(char) lost;
    struct hunch_graph_record result;
};

struct hunch_graph_unit {
    uint32_t language;
    size_t first, count; /* of `by_unit` */
};

struct hunch_graph_files {
    const struct hunch_allocator *a;
    HUNCH_VEC(struct hunch_graph_member) member; /* as scanned, then shared ones */
    size_t shared;                               /* the first shared one */
    HUNCH_VEC(struct hunch_graph_unit) unit;
    HUNCH_VEC(size_t) by_unit; /* members that are not shared, unit by unit, in their order */
    HUNCH_VEC(size_t) by_tail; /* all members, by the last part of their names, then by name */
    HUNCH_VEC(struct hunch_walk *) walk; /* whose directories members hold */
    HUNCH_VEC(size_t) by_name;           /* all that are not shared, by name: files only */
};

/* languages: bits 1 << enum hunch_graph_language. MEMORY; ARGUMENT: a path of link_with that is
 * not there. */
hunch_status hunch_graph_files_collect(struct hunch_graph_files *f, struct hunch_scan *scan,
                                       uint32_t languages, struct hunch_error *err);
void hunch_graph_files_free(struct hunch_graph_files *f);

/* The member that `#include "name"` in the file `from` means: the one it names from there, else
 * the nearest whose path ends so; NULL: none. */
const struct hunch_graph_member *hunch_graph_files_included(const struct hunch_graph_files *f,
                                                            uint32_t language, const char *name,
                                                            const char *from);

/* A file by its name, NULL: it is none of them. */
const struct hunch_graph_member *hunch_graph_files_named(const struct hunch_graph_files *f,
                                                         const char *name, size_t length);

#endif
