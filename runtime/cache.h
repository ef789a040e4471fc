/* cache.h: the folder of what is worth keeping between processes: compiled databases, tunings. It
 * is this user's alone, or it is not used. */
#ifndef HUNCH_CACHE_H
#define HUNCH_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "hunch.h"

/* $XDG_CACHE_HOME/hunch or ~/.cache/hunch, what is above it made; NULL: there is no home, or no
 * memory. Free with hunch_strfree. */
char *hunch_cache_default(const struct hunch_allocator *a);

/* Makes the folder where it is not there; false: it is not ours alone (own uid, 0700, no link). */
bool hunch_cache_private(const char *folder);

/* Why it is not, static text; NULL: it is. */
const char *hunch_cache_problem(const char *folder);

/* All of it, or false. */
bool hunch_cache_read_all(int fd, void *to, size_t size);
bool hunch_cache_write_all(int fd, const void *from, size_t size);

/* What the file FOLDER/KIND-KEY holds; false: a miss. What is damaged, truncated, of another key,
 * somebody else's or no regular file is one too. *bytes is allocated with `a`. folder may be NULL.
 */
bool hunch_cache_read(const struct hunch_allocator *a, const char *folder, const char *kind,
                      const uint8_t key[16], void **bytes, size_t *size);

/* Writes it, to a temporary that is renamed; what cannot be written is no error. Then the files of
 * this kind that were used longest ago are deleted, until all of them have at most `most` bytes. */
void hunch_cache_write(const struct hunch_allocator *a, const char *folder, const char *kind,
                       const uint8_t key[16], const void *bytes, size_t size, uint64_t most);

/* The same of pieces that stand one behind the other in the file. */
struct hunch_cache_piece {
    const void *bytes;
    size_t size;
};
size_t hunch_cache_size(const struct hunch_cache_piece *piece, size_t count); /* of all of them */
void hunch_cache_write_pieces(const struct hunch_allocator *a, const char *folder, const char *kind,
                              const uint8_t key[16], const struct hunch_cache_piece *piece,
                              size_t count, uint64_t most);

/* The second half alone, for who writes many files with `most` UINT64_MAX, which deletes none. */
void hunch_cache_trim(const struct hunch_allocator *a, const char *folder, const char *kind,
                      uint64_t most);

#endif
