/* c_api_dlopen.c: opens libhunch as a plug-in would, with nothing of it in the global scope, and
 * finds something with it.
 *
 *   c_api_dlopen LIBHUNCH.SO       prints the library's version and the matches
 *
 * The library's own dependencies (Lua, LPeg, Vectorscan) come in with it and stay as private as it
 * is. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "hunch.h"

static void *library;

static void *symbol(const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL)
        fprintf(stderr, "%s\n", dlerror());
    return found;
}

/* ISO C has no conversion from void * to a function; POSIX has. */
#define LOOK_UP(name)                    \
    __typeof__(&name) p_##name;          \
    *(void **)&p_##name = symbol(#name); \
    if (p_##name == NULL)                \
        return 2;

int main(int argc, char **argv)
{
    static const char rules_text[] =
        "rule 'key' { confirm = { regex [[\\bkey-([0-9]{3,})\\b]], host(function(m) return #m.text < 9 end) } }";
    static const char text[] = "key-12 key-345\nkey-6789 key-1234567";
    if (argc != 2 || (library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL)) == NULL) {
        fprintf(stderr, "%s\n", argc == 2 ? dlerror() : "usage: c_api_dlopen LIBRARY");
        return 2;
    }
    if (dlsym(RTLD_DEFAULT, "hunch_version") != NULL) {
        fprintf(stderr, "hunch is in the global scope\n");
        return 2;
    }
    LOOK_UP(hunch_version)
    LOOK_UP(hunch_engine_new)
    LOOK_UP(hunch_engine_free)
    LOOK_UP(hunch_rules_compile_text)
    LOOK_UP(hunch_rules_free)
    LOOK_UP(hunch_scan_records)
    LOOK_UP(hunch_report_match_count)
    LOOK_UP(hunch_report_match)
    LOOK_UP(hunch_report_free)

    struct hunch_error err = {0};
    struct hunch_engine *engine = NULL;
    struct hunch_rules *rules = NULL;
    struct hunch_report *report = NULL;
    struct hunch_engine_options options = {.threads = 2, .cache = ""};
    struct hunch_record record = {"text", 4, text, sizeof text - 1};
    printf("%s\n", p_hunch_version());
    if (p_hunch_engine_new(&options, &engine, &err) != HUNCH_OK ||
        p_hunch_rules_compile_text(engine, "key.lua", rules_text, strlen(rules_text), NULL, &rules,
                                   NULL, &err) != HUNCH_OK ||
        p_hunch_scan_records(rules, &record, 1, NULL, &report, &err) != HUNCH_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (size_t i = 0; i < p_hunch_report_match_count(report); i++) {
        struct hunch_match m;
        p_hunch_report_match(report, i, &m);
        printf("%llu:%llu %.*s\n", (unsigned long long)m.line, (unsigned long long)m.column,
               (int)m.text_length, m.text);
    }
    p_hunch_report_free(report);
    p_hunch_rules_free(rules);
    p_hunch_engine_free(engine);
    return 0;
}
