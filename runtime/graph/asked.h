/* asked.h: what files of a link unit ask for to be included, and what that was: a unit that is kept
 * holds as long as all of it is the same. */
#ifndef HUNCH_GRAPH_ASKED_H
#define HUNCH_GRAPH_ASKED_H

#include <pthread.h>

#include "graph/evaluate.h"
#include "graph/flow.h"
#include "hunch.h"

struct hunch_asked_one {
    uint32_t name, from; /* places in the text: what was asked for, and by which file */
    uint32_t is_found, reserved;
    struct hunch_key hash; /* of what was found, and of its name */
};

struct hunch_asked {
    const struct hunch_graph_work *work;
    pthread_mutex_t lock; /* of all that follows: files are read by several threads */
    HUNCH_VEC(struct hunch_asked_one) one; /* each name of each file once */
    HUNCH_VEC(char) text;
    struct hunch_key_map known;       /* the same by hash */
    struct hunch_key_map piece;       /* bytes that were hashed, by where they lie */
    HUNCH_VEC(struct hunch_key) hash; /* of each piece */
    bool failed;                      /* no memory, or too many: nothing is kept */
};

void hunch_asked_init(struct hunch_asked *asked, const struct hunch_graph_work *work);
void hunch_asked_free(struct hunch_asked *asked);

/* As work.include; ctx: struct hunch_asked, which remembers it. From several threads. */
const uint8_t *hunch_asked_include(void *ctx, const char *name, const char *from, size_t *size,
                                   const char **found);

/* Asks for all of them again, in this order; false: something has changed, or it is nonsense, and
 * nothing is remembered. `text` ends with a 0. */
bool hunch_asked_again(struct hunch_asked *asked, const struct hunch_asked_one *one, size_t count,
                       const char *text, size_t size);

#endif
