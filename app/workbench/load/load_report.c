/* SPDX-License-Identifier: MIT */
/* What a run of load came to: for people, as JSON, as a chart. */
#include <math.h>

#include "app/workbench/load/load.h"
#include "app/workbench/svg.h"

#define PERCENTILES 5
#define LABEL_LEN 21 /* any size_t in decimal, and a NUL */

static const double parts[PERCENTILES] = {0.5, 0.9, 0.99, 0.999, 1};
static const char *const part_names[PERCENTILES] = {"p50", "p90", "p99", "p99.9", "max"};

static double milliseconds(const struct load *l, size_t i)
{
    return 1e-6 * (parts[i] < 1 ? latency_at(&l->latency, parts[i]) : (double)l->latency.max);
}

static double cpu_arriving(const struct load *l)
{
    return l->arrived.cpu_seconds - l->at_start.cpu_seconds;
}

static double cpu_talking(const struct load *l)
{
    return l->at_end.cpu_seconds - l->arrived.cpu_seconds;
}

static bool delivers(const struct load *l)
{
    return l->after == LOAD_TALK || l->after == LOAD_SENDS;
}

static void print_server(const struct load *l)
{
    if (!l->server_known) {
        puts("server: unknown (--server-pid PID says its processor time and memory)");
        return;
    }
    if (!delivers(l))
        printf("server: %.2f s of processor time, %.2f ms a client\n", cpu_arriving(l),
               1e3 * cpu_arriving(l) / (double)l->options.clients);
    if (l->after == LOAD_JOIN)
        printf("server: %.2f s of processor time for the joining\n", cpu_talking(l));
    else if (delivers(l) && l->deliveries > 0)
        printf("server: %.2f s of processor time, %.2f s a million deliveries\n", cpu_talking(l),
               1e6 * cpu_talking(l) / (double)l->deliveries);
    if (l->options.goal >= SWARM_LOBBY)
        printf("server: %.0f KiB resident, %.2f KiB more for each client than before they came\n",
               l->at_end.resident_kib,
               (l->at_end.resident_kib - l->at_start.resident_kib) / (double)l->options.clients);
}

void load_print(const struct load *l)
{
    printf("%s: %zu clients, %zu at once; %zu arrived in %.2f s, %.1f a second\n", l->mode, l->options.clients,
           l->options.at_once, l->reached, l->arriving, (double)l->reached / l->arriving);
    if (l->after == LOAD_JOIN)
        printf("one more room: %zu joined it in %.3f s; the last of %llu notices of that after %.3f s\n", l->joined,
               l->joining, (unsigned long long)l->notices, l->telling);
    if (delivers(l) && l->talking > 0) {
        printf("%zu-byte texts: %llu said, %llu refused; ", l->options.text_len, (unsigned long long)l->said,
               (unsigned long long)l->refused);
        printf("%llu deliveries in %.2f s, %.0f a second\n", (unsigned long long)l->deliveries, l->talking,
               (double)l->deliveries / l->talking);
    }
    if (l->after == LOAD_TALK && l->talking > 0) {
        printf("latency:");
        for (size_t i = 0; i < PERCENTILES; i++)
            printf("%s %s %.3f ms", i > 0 ? "," : "", part_names[i], milliseconds(l, i));
        putchar('\n');
    }
    print_server(l);
}

/* The mode is one of ours, and why is left out, as it may hold what a server sent. */
void load_write_json(const struct load *l, FILE *f)
{
    fprintf(f, "{\"mode\": \"%s\", \"clients\": %zu, \"reached\": %zu, \"failed\": %zu, ", l->mode, l->options.clients,
            l->reached, l->failed);
    fprintf(f, "\"arriving_seconds\": %.4f, ", l->arriving);
    fprintf(f, "\"text_bytes\": %zu, \"rate\": %.0f, \"talking_seconds\": %.4f, \"said\": %llu, \"refused\": %llu, ",
            l->options.text_len, l->rate, l->talking, (unsigned long long)l->said, (unsigned long long)l->refused);
    fprintf(f, "\"deliveries\": %llu, \"latency_ms\": {", (unsigned long long)l->deliveries);
    for (size_t i = 0; i < PERCENTILES; i++)
        fprintf(f, "%s\"%s\": %.4f", i > 0 ? ", " : "", part_names[i], milliseconds(l, i));
    fputs("}", f);
    if (l->after == LOAD_JOIN)
        fprintf(f, ", \"joined\": %zu, \"joining_seconds\": %.6f, \"notices\": %llu, \"telling_seconds\": %.6f",
                l->joined, l->joining, (unsigned long long)l->notices, l->telling);
    if (l->server_known)
        fprintf(f,
                ", \"server\": {\"cpu_arriving\": %.2f, \"cpu_after\": %.2f, \"resident_kib_before\": %.0f, "
                "\"resident_kib_after\": %.0f}",
                cpu_arriving(l), cpu_talking(l), l->at_start.resident_kib, l->at_end.resident_kib);
    fputs("}\n", f);
}

void load_write_svg(const struct load *l, FILE *f)
{
    double y[PERCENTILES], x[LOAD_SECONDS_SHOWN];
    static char labels[LOAD_SECONDS_SHOWN][LABEL_LEN];
    const char *seconds[LOAD_SECONDS_SHOWN];
    size_t n = (size_t)fmin(LOAD_SECONDS_SHOWN, fmax(1, floor(l->talking)));
    for (size_t i = 0; i < PERCENTILES; i++)
        y[i] = milliseconds(l, i);
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)i;
        labels[i][0] = '\0';
        if (n <= 12 || i % 10 == 0)
            snprintf(labels[i], sizeof labels[i], "%zu", i);
        seconds[i] = labels[i];
    }
    const struct svg_series latency[] = {{.name = l->mode, .y = y}}, flow[] = {{.name = l->mode, .y = l->per_second}};
    /* clang-format off */
    const struct svg_panel panels[] = {
        {.title = "Latency", .unit = "milliseconds", .kind = SVG_BARS, .log_y = 1, .labels = part_names,
         .points = PERCENTILES, .series = latency, .series_count = 1},
        {.title = "Deliveries a second", .unit = "", .kind = SVG_LINES, .labels = seconds, .x = x, .x_unit = "second",
         .points = n, .series = flow, .series_count = 1},
    };
    /* clang-format on */
    char subtitle[200];
    snprintf(subtitle, sizeof subtitle, "%zu clients, texts of %zu bytes, %.0f deliveries a second", l->options.clients,
             l->options.text_len, l->talking > 0 ? (double)l->deliveries / l->talking : 0);
    svg_write(f, "glass load", subtitle, panels, 2, 2);
}
