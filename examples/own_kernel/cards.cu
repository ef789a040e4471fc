/* cards.cu: the kernels of own_kernel.c, compiled by hunch where there is a GPU. One lane does one
 * tile. Two tiles of "card 4111111111111111 …" and "no number here …":
 *
 *   cards_fused_kernel      counts = 1, 0, then the counter tail: 1 committed, 1 rolled back
 *   cards_prefilter_kernel  counts = 1, 0: the gate holds in the first tile
 *   cards_confirm_kernel    tiles = 0: counts = 1
 *
 * A struct of arguments has the address and the size of each input, of each output, then what the
 * launch adds. Outputs are all 0 when a kernel starts. */
#include "portable.h"

#include "card_tile.h"

#define CARDS_THREADS 128

struct cards_args {
    const uint8_t *text;
    uint64_t text_size;
    uint32_t *counts;
    uint64_t counts_size; /* bytes */
    uint64_t tiles;
};

/* The confirmer does not wait for the gate: only what it found does. */
HUNCH_KERNEL(cards_fused_kernel, CARDS_THREADS, struct cards_args, args)
{
    const uint64_t tile = (uint64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (tile >= args.tiles)
        return;
    const uint32_t count = card_count(args.text, args.text_size, tile);
    const int holds = card_gate(args.text, args.text_size, tile);
    args.counts[tile] = holds ? count : 0;
    atomicAdd(&args.counts[args.tiles + (holds ? 0 : 1)], 1u);
}

HUNCH_KERNEL(cards_prefilter_kernel, CARDS_THREADS, struct cards_args, args)
{
    const uint64_t tile = (uint64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (tile < args.tiles)
        args.counts[tile] = (uint32_t)card_gate(args.text, args.text_size, tile);
}

struct cards_confirm_args {
    const uint8_t *text;
    uint64_t text_size;
    const uint32_t *tiles; /* in which the gate holds */
    uint64_t tiles_size;   /* bytes */
    uint32_t *counts;
    uint64_t counts_size;
};

HUNCH_KERNEL(cards_confirm_kernel, CARDS_THREADS, struct cards_confirm_args, args)
{
    const uint64_t i = (uint64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < args.tiles_size / sizeof *args.tiles)
        args.counts[i] = card_count(args.text, args.text_size, args.tiles[i]);
}
