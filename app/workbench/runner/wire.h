/* SPDX-License-Identifier: MIT */
/* What the grader and the runner say to each other, over two pipes.
 *
 *      request  u32 length of what follows, u64 nonce, u8 length of the name, the function's name,
 *               u8 flags, u8 number of arguments, the arguments
 *      argument u8 kind, u8 flags, then
 *               WIRE_NUMBER  u64 value
 *               WIRE_BUFFER  u32 length, its bytes
 *               WIRE_WITHIN  u8 which argument before this one, u32 offset: a pointer into its bytes
 *               WIRE_NULL    nothing
 *      answer   u32 length of what follows, u64 nonce, u64 result, u32 leaks, u32 published,
 *               for each WIRE_BUFFER in turn: WIRE_GUARD bytes before it, its bytes, WIRE_GUARD bytes after it
 *
 * Integers are big-endian. The guards are filled by the runner with wire_guard_byte of the nonce and the argument: what
 * a function wrote beside its buffers is seen in them, by the grader.
 *
 * Standard:    none.
 * Timing:      nothing secret: test values.
 * Read next:   runner.h, who answers; app/workbench/check/ask.h, who asks.
 */
#ifndef APP_WORKBENCH_RUNNER_WIRE_H
#define APP_WORKBENCH_RUNNER_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum wire_kind { WIRE_NUMBER, WIRE_BUFFER, WIRE_WITHIN, WIRE_NULL };

enum wire_flag {
    WIRE_SECRET = 1, /* of an argument: a branch or an address that depends on it is a leak */
    WIRE_COUNT = 2   /* of a request: raise SIGUSR1 before and after the call, for whoever counts instructions */
};

#define WIRE_ARGS_MAX 12
#define WIRE_NAME_MAX 63
#define WIRE_GUARD 64
#define WIRE_LEN_MAX (1u << 20) /* of a request or an answer, without its length */

/* The descriptors that the runner finds open: requests come in on one, answers go out on the other. */
enum { WIRE_REQUESTS = 3, WIRE_ANSWERS = 4 };

/* Byte i of the guards of an argument; before and after count on, so that no two neighbours are equal, nor what lies
 * behind two arguments that are compared. */
static inline uint8_t wire_guard_byte(uint64_t nonce, size_t arg, size_t i)
{
    return (uint8_t)((nonce >> 8 * (i % 8)) + 37 * i + 101 * arg);
}

#endif
