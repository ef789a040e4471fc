/* faults.cu: kernels with the mistakes that the emulator must find, for
 * spec/kernels/faults_spec.lua. They are never run on a device. */
#include "portable.h"

struct fault_args {
    uint32_t *out;
    uint64_t n;
};

/* Each lane reads its right neighbour's word; between write and read a barrier is missing. */
HUNCH_KERNEL(spec_no_barrier_kernel, 1024, struct fault_args, args)
{
    HUNCH_SHARED(uint32_t, word, 1024);
    word[threadIdx.x] = threadIdx.x;
    args.out[threadIdx.x] = word[(threadIdx.x + 1u) % blockDim.x];
}

/* Leans on lanes of a warp running side by side: no __syncwarp between the steps. */
HUNCH_KERNEL(spec_lock_step_kernel, 32, struct fault_args, args)
{
    HUNCH_SHARED(uint32_t, word, 32);
    word[threadIdx.x] = 1;
    __syncwarp();
    for (uint32_t delta = 16; delta > 0; delta /= 2)
        if (threadIdx.x < delta)
            word[threadIdx.x] += word[threadIdx.x + delta];
    if (threadIdx.x == 0)
        args.out[0] = word[0];
}

/* The lanes below n come to a barrier of their own. */
HUNCH_KERNEL(spec_two_barriers_kernel, 1024, struct fault_args, args)
{
    if (threadIdx.x < args.n)
        __syncthreads(); /* the first */
    else
        args.out[threadIdx.x] = 1;
    __syncthreads(); /* the second */
}

/* A barrier that some lanes never reach, since they wait for those that are there. */
HUNCH_KERNEL(spec_deadlock_kernel, 1024, struct fault_args, args)
{
    if (threadIdx.x < 16u)
        __syncthreads();
    else if (threadIdx.x < 32u)
        args.out[threadIdx.x] = __ballot_sync(0xffffffffu, 1);
    __syncthreads(); /* the rest */
}

/* Lawful: lanes that have ended are not waited for. */
HUNCH_KERNEL(spec_early_end_kernel, 1024, struct fault_args, args)
{
    if (threadIdx.x >= args.n)
        return;
    __syncthreads();
    args.out[threadIdx.x] = __ballot_sync(0xffffffffu, 1);
}

HUNCH_KERNEL(spec_wrong_mask_kernel, 1024, struct fault_args, args)
{
    args.out[threadIdx.x] = __ballot_sync(0xffffu, 1);
}

/* A shuffle from a lane that has gone. */
HUNCH_KERNEL(spec_gone_kernel, 32, struct fault_args, args)
{
    if (threadIdx.x == 9u)
        return;
    args.out[threadIdx.x] = __shfl_sync(0xffffffffu, threadIdx.x, (int)args.n);
}

/* Writes (n < 1000) or reads (from 1000 on) word n of ten. */
HUNCH_KERNEL(spec_overrun_kernel, 1024, struct fault_args, args)
{
    HUNCH_SHARED(uint32_t, before, 3);
    HUNCH_SHARED(uint32_t, ten, 10);
    HUNCH_SHARED(uint32_t, behind, 5);
    before[0] = behind[0] = 0;
    args.out[1] = before[0] + behind[0];
    if (threadIdx.x == 5u) {
        if (args.n < 1000u)
            ten[args.n] = 1;
        else
            args.out[0] = ten[args.n - 1000u];
    }
}

HUNCH_KERNEL(spec_dynamic_overrun_kernel, 1024, struct fault_args, args)
{
    HUNCH_SHARED_DYNAMIC(uint8_t, bytes);
    bytes[args.n] = 1;
    args.out[0] = bytes[0];
}

/* Reads args.out[n] of global memory. */
HUNCH_KERNEL(spec_global_overrun_kernel, 1024, struct fault_args, args)
{
    const uint32_t word = args.out[args.n];
    if (threadIdx.x == 0)
        args.out[0] = word;
}

/* A function of its own, where nothing is known of the array. */
static __device__ __attribute__((noinline)) void set_word(uint32_t *words, uint64_t i)
{
    words[i] = 1;
}

/* A local array overrun behind a barrier: the switch of stacks must not hide it. */
HUNCH_KERNEL(spec_local_overrun_kernel, 1024, struct fault_args, args)
{
    uint32_t local[8];
    for (uint32_t i = 0; i < 8u; i++)
        set_word(local, i);
    __syncthreads();
    set_word(local, args.n);
    __syncthreads();
    args.out[threadIdx.x] = local[0];
}

/* Waits for a word that nobody writes. */
HUNCH_KERNEL(spec_spin_kernel, 1024, struct fault_args, args)
{
    while (atomicAdd(&args.out[0], 0u) == 0u) {}
}

/* The lane that holds the lock waits at a barrier for those that want it. */
HUNCH_KERNEL(spec_lock_at_barrier_kernel, 1024, struct fault_args, args)
{
    while (atomicCAS(&args.out[0], 0u, 1u) != 0u)
        __nanosleep(20);
    __syncthreads();
    atomicExch(&args.out[0], 0u);
}

HUNCH_KERNEL(spec_trap_kernel, 1024, struct fault_args, args)
{
    if (threadIdx.x == args.n)
        __trap();
}

/* 49,152 bytes are what a block may have. */
HUNCH_KERNEL(spec_too_much_kernel, 1024, struct fault_args, args)
{
    HUNCH_SHARED(uint32_t, half, 6144);
    HUNCH_SHARED(uint32_t, rest, 6145);
    half[0] = rest[0] = 0;
    args.out[0] = half[0] + rest[0];
}

/* Stale words of shared memory show as the poison 0xa5a5a5a5. */
HUNCH_KERNEL(spec_stale_kernel, 1024, struct fault_args, args)
{
    HUNCH_SHARED(uint32_t, word, 4);
    args.out[blockIdx.x] = word[3];
    word[3] = 1;
}
