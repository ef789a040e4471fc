/* A C program that uses hunch: compiles a rule file, scans what it is given, prints what it finds.
 *
 *   cc grep_secrets.c -o grep_secrets $(pkg-config --cflags --libs hunch)
 *   ./grep_secrets rules/secrets src/ other.txt
 *   ./grep_secrets rules/secrets < one-record
 *
 * Exit status: 0 nothing found, 1 something found, 2 rules at fault, 3 not everything was scanned.
 */
#include <hunch.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

static volatile bool interrupted; /* the library reads it, the signal handler sets it */

static void on_signal(int number)
{
    (void)number;
    interrupted = true;
}

struct counts {
    const struct hunch_rules *rules;
    uint64_t found, incomplete;
};

/* Called in canonical order: by record, then rule, then place. The pointers are valid during the
 * call. */
static void on_match(void *ctx, const struct hunch_match *match)
{
    struct counts *counts = ctx;
    size_t length;
    const char *rule = hunch_rules_name(counts->rules, match->rule, &length);
    printf("%.*s:%" PRIu64 ":%" PRIu64 ": %.*s: %.*s\n", (int)match->record_length, match->record,
           match->line, match->column, (int)length, rule, (int)match->text_length, match->text);
    counts->found++;
}

static void on_incomplete(void *ctx, const struct hunch_incomplete *entry)
{
    struct counts *counts = ctx;
    fprintf(stderr, "not everything was scanned: %.*s: %s: %s\n", (int)entry->record_length,
            entry->record ? entry->record : "", entry->reason, entry->detail ? entry->detail : "");
    counts->incomplete++;
}

static void print_diagnostics(const struct hunch_report *report)
{
    for (size_t i = 0; i < hunch_report_diagnostic_count(report); i++) {
        struct hunch_diagnostic d;
        hunch_report_diagnostic(report, i, &d);
        fprintf(stderr, "%s:%" PRIu32 ": %s: %s\n", d.file, d.line, d.severity, d.message);
    }
}

/* Standard input as a stream: the answer does not depend on how the bytes are cut into pieces. */
static hunch_status scan_input(struct hunch_rules *rules, const struct hunch_scan_options *options,
                               struct hunch_report **report, struct hunch_error *err)
{
    struct hunch_stream *stream = NULL;
    hunch_status status = hunch_stream_new(rules, "stdin", options, &stream, err);
    char chunk[4096];
    size_t size;
    while (status == HUNCH_OK && (size = fread(chunk, 1, sizeof chunk, stdin)) > 0)
        status = hunch_stream_feed(stream, chunk, size, err);
    if (status == HUNCH_OK)
        status = hunch_stream_finish(stream, report, err);
    hunch_stream_free(stream);
    return status;
}

int main(int argc, char **argv)
{
    struct hunch_engine *engine = NULL;
    struct hunch_rules *rules = NULL;
    struct hunch_report *diagnostics = NULL, *report = NULL;
    struct hunch_error err = {.code = HUNCH_OK};
    struct counts counts = {0};
    int exit_status = 2;

    if (argc < 2) {
        fprintf(stderr, "usage: grep_secrets RULES [PATH...]\n");
        return 2;
    }
    /* The library leaves signals alone; ending a scan early is the host's decision. */
    signal(SIGINT, on_signal);

    if (hunch_engine_new(NULL, &engine, &err) != HUNCH_OK)
        goto done;
    const char *rule_paths[] = {argv[1]};
    if (hunch_rules_compile(engine, rule_paths, 1, NULL, &rules, &diagnostics, &err) != HUNCH_OK) {
        print_diagnostics(diagnostics);
        goto done;
    }
    counts.rules = rules;
    struct hunch_scan_options options = {
        .on_match = on_match,
        .on_incomplete = on_incomplete,
        .ctx = &counts,
        .cancel_flag = &interrupted,
    };
    hunch_status status = argc > 2 ? hunch_scan_paths(rules, (const char *const *)argv + 2,
                                                      (size_t)argc - 2, &options, &report, &err)
                                   : scan_input(rules, &options, &report, &err);
    if (status != HUNCH_OK)
        goto done;
    const struct hunch_stats *stats = hunch_report_stats(report);
    fprintf(stderr, "%" PRIu64 " findings in %" PRIu64 " records, %" PRIu64 " bytes\n",
            counts.found, stats->records, stats->bytes);
    exit_status = counts.incomplete ? 3 : counts.found ? 1 : 0;

done:
    if (err.code != HUNCH_OK)
        fprintf(stderr, "grep_secrets: %s\n", err.message);
    hunch_report_free(report);
    hunch_report_free(diagnostics);
    hunch_rules_free(rules);
    hunch_engine_free(engine);
    return exit_status;
}
