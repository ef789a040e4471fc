/* fake_nvrtc.h: the compiler of fake_cuda_module.c, which includes it behind what both use. */
#ifndef HUNCH_FAKE_NVRTC_H
#define HUNCH_FAKE_NVRTC_H

struct _nvrtcProgram {
    char *text, *name, *log, *cubin;
};

FAKE nvrtcResult nvrtcVersion(int *major, int *minor)
{
    CALL(nvrtcVersion);
    long version = setting("nvrtc", 0, 1300);
    *major = (int)(version / 100);
    *minor = (int)(version % 100);
    return NVRTC_SUCCESS;
}

FAKE nvrtcResult nvrtcCreateProgram(nvrtcProgram *program, const char *source, const char *name,
                                    int header_count, const char *const *headers,
                                    const char *const *header_names)
{
    bool portable = false;
    const char *included = ""; /* its kernels are the source's */
    CALL(nvrtcCreateProgram);
    for (int i = 0; i < header_count; i++) {
        portable = portable ||
                   (strcmp(header_names[i], "portable.h") == 0 && strstr(headers[i], "HUNCH_TILE"));
        if (strcmp(header_names[i], "prefilter.cu") == 0 && strstr(source, "\"prefilter.cu\""))
            included = headers[i];
    }
    for (const char *at = source; (at = strstr(at, "\n#include \"")) != NULL;) {
        size_t length = strcspn(at += strlen("\n#include \""), "\"");
        bool there = false;
        for (int i = 0; i < header_count && !there; i++)
            there = strlen(header_names[i]) == length && memcmp(header_names[i], at, length) == 0;
        portable = portable && there; /* what is included is there */
    }
    if (!portable)
        return INVALID_VALUE;
    *program = calloc(1, sizeof **program);
    if (asprintf(&(*program)->text, "%s%s", source, included) < 0)
        abort();
    (*program)->name = strdup(name);
    return NVRTC_SUCCESS;
}

FAKE nvrtcResult nvrtcDestroyProgram(nvrtcProgram *program)
{
    CALL(nvrtcDestroyProgram);
    free((*program)->text);
    free((*program)->name);
    free((*program)->log);
    free((*program)->cubin);
    free(*program);
    *program = NULL;
    return NVRTC_SUCCESS;
}

static int fail_at(nvrtcProgram p, size_t line, const char *what)
{
    char text[300];
    snprintf(text, sizeof text, "%s(%zu): error: %s\n1 error detected in the compilation\n",
             p->name, line, what);
    p->log = strdup(text);
    return NVRTC_COMPILATION;
}

/* Adds the names that stand behind a word, and what it goes on with up to `open`. */
static void collect(nvrtcProgram p, const char *word, const char *open, const char *end)
{
    for (const char *at = p->text; (at = strstr(at, word)) != NULL;) {
        at += strlen(word);
        if (*open)
            at += strcspn(at, open) + 1;
        size_t n = strcspn(at, end);
        strncat(p->cubin, at, n);
        strcat(p->cubin, " ");
    }
}

FAKE nvrtcResult nvrtcCompileProgram(nvrtcProgram p, int count, const char *const *options)
{
    const char *architecture = NULL, *standard = NULL, *error = strstr(p->text, "#error");
    int failed = begin("nvrtcCompileProgram");
    usleep(1000 * (useconds_t)setting("compile_ms", 0, 0));
    if (failed != NVRTC_SUCCESS)
        return fail_at(p, 7, "this was asked for");
    for (int i = 0; i < count; i++) {
        if (strncmp(options[i], "--gpu-architecture=", 19) == 0)
            architecture = options[i] + 19;
        if (strcmp(options[i], "--std=c++17") == 0)
            standard = options[i];
    }
    if (architecture == NULL || standard == NULL)
        return fail_at(p, 0, "an option is missing");
    if (atol(architecture + 3) > setting("knows", 0, 120)) {
        p->log = strdup("nvrtc: error: invalid value for --gpu-architecture (-arch)\n");
        return NVRTC_COMPILATION;
    }
    if (error != NULL) {
        size_t line = 1;
        for (const char *at = p->text; at < error; at++)
            line += *at == '\n';
        return fail_at(p, line, "#error directive");
    }
    p->cubin = malloc(strlen(p->text) + 200);
    sprintf(p->cubin, "FAKE CUBIN %s ", architecture);
    const char *threads = strstr(p->text, "#define HUNCH_PREFILTER_THREADS ");
    if (threads != NULL)
        sprintf(p->cubin + strlen(p->cubin), "@%ld ",
                atol(threads + strlen("#define HUNCH_PREFILTER_THREADS ")));
    collect(p, "\nHUNCH_KERNEL", "(", ",");
    collect(p, "__global__ void ", "", "(");
    return NVRTC_SUCCESS;
}

FAKE nvrtcResult nvrtcGetCUBINSize(nvrtcProgram p, size_t *size)
{
    CALL(nvrtcGetCUBINSize);
    *size = strlen(p->cubin) + 1;
    return NVRTC_SUCCESS;
}

FAKE nvrtcResult nvrtcGetCUBIN(nvrtcProgram p, char *bytes)
{
    CALL(nvrtcGetCUBIN);
    strcpy(bytes, p->cubin);
    return NVRTC_SUCCESS;
}

FAKE nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram p, size_t *size)
{
    CALL(nvrtcGetProgramLogSize);
    *size = p->log ? strlen(p->log) + 1 : 1;
    return NVRTC_SUCCESS;
}

FAKE nvrtcResult nvrtcGetProgramLog(nvrtcProgram p, char *text)
{
    CALL(nvrtcGetProgramLog);
    strcpy(text, p->log ? p->log : "");
    return NVRTC_SUCCESS;
}

#endif
