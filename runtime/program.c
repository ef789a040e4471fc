/* program.c: loading and freeing a compiled program; what a valid one is: program_check.c. */
#include "program.h"

#include <string.h>

#include "cache.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

_Static_assert(sizeof(struct hp_literal) == 32, "layout");
_Static_assert(sizeof(struct hp_pattern) == 40, "layout");
_Static_assert(sizeof(struct hp_anchor) == 44, "layout");
_Static_assert(sizeof(struct hp_regex) == 32, "layout");
_Static_assert(sizeof(struct hp_instr) == 24, "layout");
_Static_assert(sizeof(struct hp_class) == 32, "layout");
_Static_assert(sizeof(struct hp_guard) == 16, "layout");
_Static_assert(sizeof(struct hp_rule) == 56, "layout");
_Static_assert(sizeof(struct hp_stage) == 48, "layout");
_Static_assert(sizeof(struct hp_host) == 16, "layout");
_Static_assert(sizeof(struct hp_graph) == 64, "layout");
_Static_assert(sizeof(struct hp_spot) == 16, "layout");
_Static_assert(sizeof(struct hp_test) == 32, "layout");
_Static_assert(sizeof(struct hp_action) == 24, "layout");
_Static_assert(sizeof(struct hp_flow) == 24, "layout");
_Static_assert(sizeof(struct hp_header) == 40 + 16 * HP_SECTION_COUNT, "layout");

#define HASHED_FROM (offsetof(struct hp_header, section))

void hunch_hash128(const void *bytes, size_t size, uint8_t out[16])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, size));
    memcpy(out, canonical.digest, 16);
}

void hunch_hash128_pieces(const struct hunch_cache_piece *piece, size_t count, uint8_t out[16])
{
    XXH3_state_t state;
    XXH128_canonical_t canonical;
    (void)XXH3_128bits_reset(&state);
    for (size_t i = 0; i < count; i++)
        if (piece[i].size > 0)
            (void)XXH3_128bits_update(&state, piece[i].bytes, piece[i].size);
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
    memcpy(out, canonical.digest, 16);
}

bool hunch_program_is(const void *bytes, size_t size)
{
    uint64_t magic = HP_MAGIC;
    return size >= sizeof magic && memcmp(bytes, &magic, sizeof magic) == 0;
}

static hunch_status check_header(const uint8_t *bytes, size_t size, struct hunch_error *err)
{
    const struct hp_header *h = (const struct hp_header *)bytes;
    if (!hunch_program_is(bytes, size))
        return hunch_fail_at(
            err, HUNCH_ERROR_PROGRAM, 0,
            "not a compiled hunch program; compile the rules with `hunch compile`");
    if (size < sizeof *h)
        return hunch_fail_at(err, HUNCH_ERROR_PROGRAM, size,
                             "the compiled program is cut off after %zu bytes; compile it again",
                             size);
    if (h->version != HP_VERSION || h->flags != 0)
        return hunch_fail_at(
            err, HUNCH_ERROR_PROGRAM, offsetof(struct hp_header, version),
            "the compiled program has format version %u, this hunch reads %u; compile it again",
            h->version, HP_VERSION);
    if (h->size != size)
        return hunch_fail_at(
            err, HUNCH_ERROR_PROGRAM, size,
            "the compiled program should have %llu bytes but has %zu; compile it again",
            (unsigned long long)h->size, size);
    uint8_t sum[16];
    hunch_hash128(bytes + HASHED_FROM, size - HASHED_FROM, sum);
    if (memcmp(sum, h->checksum, sizeof sum) != 0)
        return hunch_fail_at(
            err, HUNCH_ERROR_PROGRAM, offsetof(struct hp_header, checksum),
            "the compiled program is damaged (its checksum does not fit); compile it again");
    static const size_t element[HP_SECTION_COUNT] = {
#define HP_X(name, type) sizeof(type),
        HP_SECTIONS(HP_X)
#undef HP_X
    };
    uint64_t end = sizeof *h;
    for (int i = 0; i < HP_SECTION_COUNT; i++) {
        const struct hp_section *s = &h->section[i];
        if (s->offset % 8 != 0 || s->offset < end || s->offset > size || s->count >= HP_NONE ||
            s->count > (size - s->offset) / element[i])
            return hunch_fail_at(
                err, HUNCH_ERROR_PROGRAM, offsetof(struct hp_header, section) + 16u * (unsigned)i,
                "the compiled program's section %d lies outside of the file; compile it again", i);
        end = s->offset + s->count * element[i];
    }
    return HUNCH_OK;
}

hunch_status hunch_program_load(const struct hunch_allocator *a, const void *bytes, size_t size,
                                struct hunch_program **out, struct hunch_error *err)
{
    *out = NULL;
    struct hunch_program *p = hunch_alloc_zero(a, sizeof *p);
    if (p == NULL)
        return hunch_fail_memory(err, sizeof *p, "a program");
    p->a = a;
    p->size = size;
    uint8_t *copy = hunch_memdup(a, bytes, size);
    hunch_status status = HUNCH_OK;
    p->bytes = copy;
    if (copy == NULL) {
        status = hunch_fail_memory(err, size, "a program");
        goto done;
    }
    status = check_header(copy, size, err);
    if (status != HUNCH_OK)
        goto done;
    p->header = (const struct hp_header *)copy;
#define SECTION(field, id)                                           \
    p->field = (const void *)(copy + p->header->section[id].offset); \
    p->field##_count = (uint32_t)p->header->section[id].count;
    SECTION(blob, HP_SECTION_BLOB)
    SECTION(literal, HP_SECTION_LITERAL)
    SECTION(literal_user, HP_SECTION_LITERAL_USER)
    SECTION(pattern, HP_SECTION_PATTERN)
    SECTION(anchor, HP_SECTION_ANCHOR)
    SECTION(regex, HP_SECTION_REGEX)
    SECTION(instr, HP_SECTION_INSTR)
    SECTION(classes, HP_SECTION_CLASS)
    SECTION(guard, HP_SECTION_GUARD)
    SECTION(word, HP_SECTION_WORD)
    SECTION(rule, HP_SECTION_RULE)
    SECTION(stage, HP_SECTION_STAGE)
    SECTION(host, HP_SECTION_HOST)
    SECTION(graph, HP_SECTION_GRAPH)
    SECTION(spot, HP_SECTION_SPOT)
    SECTION(test, HP_SECTION_TEST)
    SECTION(action, HP_SECTION_ACTION)
    SECTION(flow, HP_SECTION_FLOW)
#undef SECTION
    status = hunch_program_check(p, err);
done:
    if (status != HUNCH_OK) {
        hunch_program_free(p);
        p = NULL;
    }
    *out = p;
    return status;
}

void hunch_program_free(struct hunch_program *p)
{
    if (p == NULL)
        return;
    if (p->bytes)
        hunch_free(p->a, (void *)(uintptr_t)p->bytes, p->size);
    hunch_free(p->a, p, sizeof *p);
}

struct hunch_regex_view hunch_program_regex(const struct hunch_program *p, uint32_t index)
{
    const struct hp_regex *r = &p->regex[index];
    struct hunch_regex_view view = {*r, p->instr + r->code, p->classes};
    return view;
}

struct hunch_tables hunch_program_tables(const struct hunch_program *p)
{
    struct hunch_tables t = {.blob = p->blob,
                             .word = p->word,
                             .pattern = p->pattern,
                             .anchor = p->anchor,
                             .regex = p->regex,
                             .instr = p->instr,
                             .classes = p->classes,
                             .rule = p->rule,
                             .stage = p->stage};
    return t;
}
