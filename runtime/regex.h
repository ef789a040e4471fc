/* regex.h: searching one regex in one record: memory for the machine, the record as a moving
 * window, all matches in order. A machine belongs to one thread and serves every regex; it grows to
 * the largest it has met. */
#ifndef HUNCH_REGEX_H
#define HUNCH_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "../kernels/regex_tile.h"
#include "alloc.h"
#include "error.h"

/* One regex of a program, or of a test. */
struct hunch_regex_view {
    struct hp_regex info;
    const struct hp_instr *code;
    const struct hp_class *classes;
};

/* What a machine relies on: opcodes, operands and the numbering of states are in range and code
 * does not run past its end. NULL, or what is wrong ("jumps outside"). Linear in the code; nothing
 * else of `info` than its counts and first_class is used. */
const char *hunch_regex_check(const struct hp_regex *info, const struct hp_instr *code,
                              uint32_t class_count);

/* A record as confirmers read it. `text` is the window they have; where it is not the whole record,
 * `fetch` moves it so that it holds the bytes at - 1 and at (as far as the record has them) and
 * more in the direction of reading. */
struct hunch_source {
    struct hunch_text text;
    hunch_status (*fetch)(struct hunch_source *source, uint64_t at, bool backwards,
                          struct hunch_error *err);
    void *ctx;
    /* Goes from `at` on to a place at or before `to`, the newlines between them added to *lines;
     * *line_start is then behind the last of them, if there was one. NULL: nothing is known but
     * the bytes. */
    uint64_t (*hop)(struct hunch_source *source, uint64_t at, uint64_t to, uint64_t *lines,
                    uint64_t *line_start);
    /* Set from another thread or a clock to end long searches; may be NULL. */
    bool (*cancelled)(struct hunch_source *source);
};

/* The window that holds [at, at + 1) if there is such a byte; HUNCH_OK and text.size <= at at the
 * end. */
hunch_status hunch_source_need(struct hunch_source *source, uint64_t at, bool backwards,
                               struct hunch_error *err);

/* What was read a second time does not go together with what was read before: somebody writes to
 * the file, or a program's regexes do not belong to each other. */
hunch_status hunch_source_changed(struct hunch_error *err);

static inline bool hunch_source_cancelled(struct hunch_source *source)
{
    return source->cancelled != NULL && source->cancelled(source);
}

/* A source over bytes in memory. */
struct hunch_source hunch_source_of(const void *bytes, size_t size);

struct hunch_dfa_set;

struct hunch_machine {
    struct hunch_vm vm;
    const struct hunch_allocator *a;
    size_t states, slot_words, slots; /* capacities */
    uint64_t cost;     /* of a byte with the regex that is loaded: it has so many states, roughly */
    uint64_t patience; /* what may be spent before the cancel flag is looked at again */
    struct hunch_dfa_set
        *dfa; /* dfa.h: searches of whole records use it where it is not NULL; the owner's */
};

void hunch_machine_init(struct hunch_machine *m, const struct hunch_allocator *a);
void hunch_machine_free(struct hunch_machine *m);

/* Makes the machine ready for `regex`; `captures`: keep groups. HUNCH_ERROR_MEMORY. */
hunch_status hunch_machine_load(struct hunch_machine *m, const struct hunch_regex_view *regex,
                                bool captures, struct hunch_error *err);

/* Runs until decided, moving the window. vm.match_end says what was found. */
hunch_status hunch_machine_run(struct hunch_machine *m, struct hunch_source *source,
                               struct hunch_error *err);

/* The same for a machine with vm.ranges: *need_start true, the caller sets vm.start_low and
 * start_high and calls again. */
hunch_status hunch_machine_resume(struct hunch_machine *m, struct hunch_source *source,
                                  bool *need_start, struct hunch_error *err);

/* The leftmost-first match that starts in [low, high] and ends at or before stop. *found false:
 * none. */
hunch_status hunch_regex_find(struct hunch_machine *m, const struct hunch_regex_view *regex,
                              struct hunch_source *source, uint64_t low, uint64_t high,
                              uint64_t stop, bool *found, uint64_t *start, uint64_t *end,
                              struct hunch_error *err);

/* The groups of the match [start, end): slots[2 * g], slots[2 * g + 1] for g = 0 .. group_count,
 * HUNCH_NOWHERE where not set. */
hunch_status hunch_regex_groups(struct hunch_machine *m, const struct hunch_regex_view *regex,
                                struct hunch_source *source, uint64_t start, uint64_t end,
                                uint64_t *slots, struct hunch_error *err);

#endif
