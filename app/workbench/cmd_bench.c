/* glass bench [--json FILE] [--seconds S] [NAME] : how fast each primitive is, beside libcrypto where that is found. */
#include <stdlib.h>
#include <string.h>

#include "app/workbench/bench.h"
#include "app/workbench/commands.h"

#define USAGE "glass bench [--json FILE] [--seconds S] [NAME]"
#define RUN_SECONDS 0.004 /* of one timed run; there are some 150 subjects, and 15 rounds of each */

int cmd_bench(struct args *args)
{
    if (args->count > 0 && strcmp(args->value[0], "attack") == 0)
        return cmd_bench_attack(&(struct args){args->count - 1, args->value + 1});
    if (args->count > 0 && strcmp(args->value[0], "timing") == 0)
        return cmd_bench_timing(&(struct args){args->count - 1, args->value + 1});
    const char *json = NULL, *seconds_text = NULL;
    const struct args_option options[] = {{"json", &json, NULL}, {"seconds", &seconds_text, NULL}, {0}};
    args_parse(args, options, 0, 1, USAGE);
    double seconds = RUN_SECONDS;
    if (seconds_text != NULL) {
        char *end;
        seconds = strtod(seconds_text, &end);
        if (*end != '\0' || !(seconds >= 0.00001 && seconds <= 1))
            args_wrong("--seconds takes a number from 0.00001 to 1, the time of one timed run", USAGE);
    }
    const char *name = args->count > 0 && *args->value[0] != '\0' ? args->value[0] : NULL;
    struct bench *b = bench_open(seconds);
    bench_ours(b, name);
    bench_openssl(b, name);
    if (b->subjects == 0)
        args_wrong("no primitive's name begins so", USAGE);
    bench_measure(b, true);
    bench_print(b);
    if (json != NULL)
        bench_write_json(b, json);
    bench_close(b);
    return STATUS_DONE;
}
