/* SPDX-License-Identifier: MIT */
/* The second field of stat is the program's name in parentheses, and may hold anything: what counts begins after the
 * last closing one. */
#include "app/workbench/load/process.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int read_cpu(struct process_use *use, long pid)
{
    char path[64], text[1024];
    unsigned long user, system;
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return -1;
    size_t len = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[len] = '\0';
    const char *rest = strrchr(text, ')');
    if (rest == NULL || sscanf(rest + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        return -1;
    use->cpu_seconds = (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
    return 0;
}

int process_read(struct process_use *use, long pid)
{
    char path[64], line[256];
    if (read_cpu(use, pid) != 0)
        return -1;
    snprintf(path, sizeof path, "/proc/%ld/status", pid);
    FILE *f = fopen(path, "r");
    int found = 0;
    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL)
        found = sscanf(line, "VmRSS: %lf", &use->resident_kib) == 1;
    if (f != NULL)
        fclose(f);
    return found ? 0 : -1;
}
