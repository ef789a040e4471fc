/* simt.h: runs the kernels of *.cu on the host, for specs and for a backend without a device.
 *
 * The .cu files are compiled as C++17 with -DHUNCH_EMULATOR (device.h gives them CUDA's words);
 * each HUNCH_KERNEL in them can be launched by its name. Lanes are independent between the points
 * where CUDA makes them meet and run in an order that the seed picks: what leans on lock step, on
 * the order of blocks or on a barrier that is not there gives another answer with some seed. */
#ifndef HUNCH_SIMT_H
#define HUNCH_SIMT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum simt_status {
    SIMT_OK,
    SIMT_MEMORY,     /* the host has no more */
    SIMT_NO_KERNEL,  /* no kernel has this name */
    SIMT_BAD_LAUNCH, /* a shape, an amount of shared memory or arguments that a device refuses too
                      */
    SIMT_DEADLOCK,   /* lanes wait for each other where they cannot meet */
    SIMT_DIVERGENCE, /* a barrier met at two places; a lane outside of its own mask */
    SIMT_UNDEFINED,  /* a shuffle from a lane that gives nothing; __trap() */
    SIMT_OVERRUN,    /* shared memory written outside of a variable (reads: AddressSanitizer) */
    SIMT_SPIN        /* lanes wait in a loop for what never comes */
};

struct simt_launch {
    uint32_t grid[3];
    uint32_t block[3];
    uint32_t shared_bytes; /* dynamic shared memory of a block */
    uint32_t resident;   /* blocks that run at once; 0: one with seeds 0 and 1, else up to three */
    uint64_t seed;       /* 0: lanes and blocks upwards, 1: downwards, others: random orders */
    uint64_t spin_limit; /* turns in a row in which nobody gets on; 0: 2^24 */
    uint64_t first_block,
        blocks; /* only these of the grid's run, by their numbers; blocks 0: all */
};

/* What happened beyond the answer. */
struct simt_error {
    enum simt_status status;
    char message[1000]; /* one line: kernel, block, lanes, file:line; "" when all went well */
};

/* A machine keeps the lanes' stacks between launches. One launch at a time; machines on different
 * threads know nothing of each other. NULL when there is no memory. */
struct simt_machine *simt_open(void);
void simt_close(struct simt_machine *machine);

/* Runs the kernel to its end. `args` is its argument struct, args_size its size, which is checked.
 * After an error the kernel's output is whatever was written by then; the machine stays usable. */
enum simt_status simt_run(struct simt_machine *machine, const char *kernel,
                          const struct simt_launch *launch, const void *args, size_t args_size,
                          struct simt_error *error);

/* The kernels that were linked in, in the order of their names; NULL behind the last one. */
const char *simt_kernel_name(size_t index);

/* The size of a kernel's argument struct; 0: there is no such kernel. */
size_t simt_kernel_args(const char *kernel);

const char *simt_status_name(enum simt_status status);

#ifdef __cplusplus
}
#endif
#endif
