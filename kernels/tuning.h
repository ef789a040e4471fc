/* tuning.h: the sizes that a measurement may change, in one place; a value that cannot work does
 * not compile. */
#ifndef HUNCH_TUNING_H
#define HUNCH_TUNING_H

/* Lanes of a block that does one item a lane (tiles.cu). */
#ifndef HUNCH_TILES_THREADS
#define HUNCH_TILES_THREADS 128
#endif

#if HUNCH_TILES_THREADS < 32 || HUNCH_TILES_THREADS > 1024 || HUNCH_TILES_THREADS % 32 != 0
#error "HUNCH_TILES_THREADS is a multiple of 32, up to 1024"
#endif

#endif
