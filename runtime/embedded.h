/* The Lua and kernel sources of hunch as the library carries them: runtime/embed.lua writes the
   table, the loader of the inner Lua states and the command read it. Immutable, for the life of the
   process.
 */
#ifndef HUNCH_EMBEDDED_H
#define HUNCH_EMBEDDED_H

#include <stddef.h>

struct hunch_embedded {
    const char *name; /* module name, "hunch.cli.main"; NULL ends the table */
    const char *path; /* where the source lies, "lua/hunch/cli/main.lua"; for chunk names */
    const unsigned char *data; /* the source text, UTF-8; a zero byte follows it */
    size_t size;               /* bytes of data, without the zero */
};

/* Sorted bytewise by name. */
extern const struct hunch_embedded hunch_embedded_lua[];
/* Sources of the kernels, and the headers they include: "prefilter.cu", "layout.h". */
extern const struct hunch_embedded hunch_embedded_kernels[];

#endif
