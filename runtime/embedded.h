/* The Lua and kernel sources of hunch, and compiled kernels, as the library carries them:
   runtime/embed.lua writes the tables, the loader of the inner Lua states, the command and the GPU
   read them. Immutable, for the life of the process. */
#ifndef HUNCH_EMBEDDED_H
#define HUNCH_EMBEDDED_H

#include <stddef.h>

struct hunch_embedded {
    const char *name; /* module name, "hunch.cli.main"; NULL ends the table */
    const char *path; /* where the source lies, "lua/hunch/cli/main.lua"; for chunk names */
    const unsigned char *data; /* the text, UTF-8, or an image; a zero byte follows it */
    size_t size;               /* bytes of data, without the zero */
};

/* Sorted bytewise by name. */
extern const struct hunch_embedded hunch_embedded_lua[];
/* Sources of the kernels, and the headers they include: "prefilter.cu", "layout.h". */
extern const struct hunch_embedded hunch_embedded_kernels[];
/* What nvcc made of them, "prefilter.cu", for which targets: "sm_75 … + PTX". No entry, and "",
 * where hunch was built without nvcc. */
extern const struct hunch_embedded hunch_embedded_fatbins[];
extern const char hunch_embedded_targets[];

#endif
