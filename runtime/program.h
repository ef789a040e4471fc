/* program.h: a compiled program in memory: checked once when loaded, immutable and shared from then
 * on. Everything behind the pointers is trusted by the tile functions because hunch_program_load
 * has looked at all of it. */
#ifndef HUNCH_PROGRAM_H
#define HUNCH_PROGRAM_H

#include "../kernels/confirm_tile.h"
#include "alloc.h"
#include "error.h"
#include "regex.h"

struct hunch_program {
    const uint8_t *bytes;
    size_t size;
    const struct hp_header *header;
/* One typed pointer and count a section: p->literal, p->literal_count, ... */
#define HP_FIELD(name, type) \
    const type *name;        \
    uint32_t name##_count;
    HP_FIELD(literal, struct hp_literal)
    HP_FIELD(literal_user, uint32_t)
    HP_FIELD(pattern, struct hp_pattern)
    HP_FIELD(anchor, struct hp_anchor)
    HP_FIELD(regex, struct hp_regex)
    HP_FIELD(instr, struct hp_instr)
    HP_FIELD(classes, struct hp_class)
    HP_FIELD(guard, struct hp_guard)
    HP_FIELD(word, uint32_t)
    HP_FIELD(rule, struct hp_rule)
    HP_FIELD(stage, struct hp_stage)
    HP_FIELD(host, struct hp_host)
    HP_FIELD(graph, struct hp_graph)
    HP_FIELD(spot, struct hp_spot)
    HP_FIELD(test, struct hp_test)
    HP_FIELD(action, struct hp_action)
    HP_FIELD(flow, struct hp_flow)
#undef HP_FIELD
    const uint8_t *blob;
    uint32_t blob_count;
    const struct hunch_allocator *a;
};

/* Copies `bytes` and checks the copy. HUNCH_ERROR_PROGRAM with the byte position where it is
 * damaged, truncated, of another version or out of its own bounds; HUNCH_ERROR_MEMORY. Free with
 * hunch_program_free. */
hunch_status hunch_program_load(const struct hunch_allocator *a, const void *bytes, size_t size,
                                struct hunch_program **out, struct hunch_error *err);
void hunch_program_free(struct hunch_program *p);

/* Is this the beginning of a program file? */
bool hunch_program_is(const void *bytes, size_t size);

/* The checksum: XXH3, 128 bits, big-endian as the library's canonical form. */
void hunch_hash128(const void *bytes, size_t size, uint8_t out[16]);

/* The same of pieces, as if one stood behind the other. */
struct hunch_cache_piece;
void hunch_hash128_pieces(const struct hunch_cache_piece *piece, size_t count, uint8_t out[16]);

/* One regex of the program, ready for a machine. */
struct hunch_regex_view hunch_program_regex(const struct hunch_program *p, uint32_t index);

/* Its sections for tile functions; they lie where the program does. */
struct hunch_tables hunch_program_tables(const struct hunch_program *p);

/* The second half of hunch_program_load: program_check.c. */
hunch_status hunch_program_check(const struct hunch_program *p, struct hunch_error *err);

#endif
