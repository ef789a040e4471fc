/* device_rules.h: a program on a device, and one dispatch of records to it. */
#ifndef HUNCH_DEVICE_RULES_H
#define HUNCH_DEVICE_RULES_H

#include "../kernels/slab.h"
#include "device.h"
#include "plan.h"

/* The program's tables, uploaded once. Immutable; batches use it. */
struct hunch_device_rules;

/* `plan` and `device` must outlive it. */
hunch_status hunch_device_rules_new(struct hunch_device *device, const struct hunch_plan *plan,
                                    struct hunch_device_rules **out, struct hunch_error *err);
void hunch_device_rules_free(struct hunch_device_rules *rules);

/* Records beside each other on their way through the device, on one stream. Fill it, send it, and
 * when it is back read its hits; clear it for the next. */
struct hunch_batch;

/* room: bytes of all records; at most HUNCH_BATCH_MOST. */
#define HUNCH_BATCH_MOST 0xf0000000u
hunch_status hunch_batch_new(const struct hunch_device_rules *rules, unsigned stream, uint32_t room,
                             struct hunch_batch **out, struct hunch_error *err);
void hunch_batch_free(struct hunch_batch *b);

void hunch_batch_clear(struct hunch_batch *b);

/* Where the next record's bytes go, and how many of them may. */
uint8_t *hunch_batch_place(struct hunch_batch *b, uint32_t *room);
/* `size` bytes were put there: they are the next record. */
hunch_status hunch_batch_add(struct hunch_batch *b, uint32_t size, struct hunch_error *err);
uint32_t hunch_batch_count(const struct hunch_batch *b);
const uint8_t *hunch_batch_record(const struct hunch_batch *b, uint32_t record, uint32_t *size);

/* Starts copying and searching; the batch must not change until it is back. */
hunch_status hunch_batch_send(struct hunch_batch *b, struct hunch_error *err);
/* Starts searching the bytes of the last send once more. */
hunch_status hunch_batch_search(struct hunch_batch *b, bool prefilter_only,
                                struct hunch_error *err);
/* Waits. Where hits did not fit it searches again with room for all. */
hunch_status hunch_batch_receive(struct hunch_batch *b, struct hunch_error *err);

/* Occurrences of literals, and uses of them that are hits, of the last search. */
void hunch_batch_counts(const struct hunch_batch *b, uint32_t *literals, uint32_t *uses);

/* Hits of one record, in no order. */
const struct hunch_use_hit *hunch_batch_hits(const struct hunch_batch *b, uint32_t record,
                                             uint32_t *count);

#endif
