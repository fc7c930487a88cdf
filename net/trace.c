/* SPDX-License-Identifier: MIT */
/* Tracing is a plain call, and NULL is off: nothing else has to know whether anybody watches. */
#include "net/trace.h"

void trace_event(const struct trace *trace, const char *name, const uint8_t *data, size_t len)
{
    if (trace != NULL)
        trace->event(trace->arg, name, data, len);
}
