/* dfa.h: the regex machine's threads turned into states of a DFA, made as they are met: what a
 * search without groups costs is then one table look-up a byte. Exact: a state is the ordered list
 * of threads, so order of preference is kept. A cache belongs to one worker; past its budget it is
 * emptied, and a regex for which that happens too often is left to the machine of
 * kernels/regex_tile.h, whose answer is the same. */
#ifndef HUNCH_DFA_H
#define HUNCH_DFA_H

#include "../kernels/dfa_tile.h"
#include "regex.h"

struct hunch_dfa;

/* All DFAs of a worker. */
struct hunch_dfa_set {
    const struct hunch_allocator *a;
    struct hunch_dfa **dfa; /* one a regex of the program, made when first used */
    uint32_t count;
    size_t bytes;      /* of all of them */
    uint64_t patience; /* threads that may be followed before the cancel flag is looked at again */
    uint64_t transitions; /* made so far */
    bool origins; /* noted where threads come from, for hunch_dfa_write_origins; set before use */
};

typedef HUNCH_VEC(uint32_t) hunch_dfa_words;

/* false: no memory. */
bool hunch_dfa_set_init(struct hunch_dfa_set *set, const struct hunch_allocator *a,
                        uint32_t regexes);
void hunch_dfa_set_done(struct hunch_dfa_set *set);

struct hunch_dfa_run {
    uint64_t end;   /* of the leftmost-first match; HUNCH_NOWHERE: none */
    uint64_t reset; /* the match starts at or after this position: where the last thread before it
                       had died */
    uint64_t at;    /* where it was decided: the bytes before here were read */
};

/* Runs from `at`; with `search` a match may start anywhere from there, else only at `at`. *usable
 * false: this regex has used up what it may, or it was not decided before the byte at `until`
 * (HUNCH_NOWHERE: as far as it takes); use a machine. Other failures are those of the source. */
hunch_status hunch_dfa_find(struct hunch_dfa_set *set, uint32_t index,
                            const struct hunch_regex_view *regex, struct hunch_source *source,
                            uint64_t at, uint64_t until, bool search, bool *usable,
                            struct hunch_dfa_run *run, struct hunch_error *err);

/* What the set has of a regex now, as a table behind the words that are there; row 0 must be taken.
 * false: no memory. */
bool hunch_dfa_write(struct hunch_dfa_set *set, uint32_t index, struct hunch_learned *known,
                     const struct hunch_allocator *a, hunch_dfa_words *word);

/* Behind that, where the threads of its states come from, unless there would then be more than
 * `most` words, or it is not noted. false: no memory. */
bool hunch_dfa_write_origins(const struct hunch_dfa_set *set, uint32_t index,
                             struct hunch_learned *known, const struct hunch_allocator *a,
                             hunch_dfa_words *word, size_t most);

#endif
