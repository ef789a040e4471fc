/* gpu_start_bare: gpu_start as it is where hunch was built without nvcc: NVRTC compiles the
 * kernels, or they come from the cache. These tables take the place of the library's. */
#include "gpu_start.c"

#include "embedded.h"

const struct hunch_embedded hunch_embedded_fatbins[] = {{0}};
const char hunch_embedded_targets[] = "";
