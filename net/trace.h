/* SPDX-License-Identifier: MIT */
/* Watching a handshake and its Records from the inside: every intermediate value, under the name that docs/protocol.md
 * gives it.
 *
 * Use it:      static void show(void *arg, const char *name, const uint8_t *data, size_t len) { ... }
 *              struct trace trace = {.event = show, .arg = stdout};
 *              config.trace = &trace;
 * Timing:      CAUTION: the values are secret (private exponents, keys, plaintext). Nothing traces unless its caller
 *              was told to by an explicit option; NULL is off. Events come from the thread that computes, so from a
 *              worker during session_work.
 * Read next:   tests/test_handshake.c, which compares each value with vectors/handshake.txt.
 */
#ifndef NET_TRACE_H
#define NET_TRACE_H

#include <stddef.h>
#include <stdint.h>

struct trace {
    /* name is one of the names below; data is valid during the call only. */
    void (*event)(void *arg, const char *name, const uint8_t *data, size_t len);
    void *arg;
};

/* Handshake, in the order of protocol.md section 4 and 5: "client_random", "client_private", "client_public" where they
 * are made, "client_hello" where it is made and where it is received, "server_random", "server_private",
 * "server_public", "signed_hash", "signature", "server_hello" in the same way, "T", "Z", "prk", "c_secret", "s_secret";
 * first of all "C"; in kind 2 also "client_signature". "alert", sent or received.
 * A call's: "root" after the handshake and after each step; a step, made or taken: "step" (its number, u64),
 * "step_public", "step_private" where it is made, "step_Z", "step_t".
 * A direction's keys, at its start (first those for sending, then those for receiving) and whenever they change:
 * "secret", "enc_key", "mac_key".
 * A Record: "seal_sequence", "seal_iv", "seal_plaintext" (with its padding), "seal_frame"; "open_sequence",
 * "open_frame", "open_plaintext" (after its tag was checked; without the padding). */

/* Reports one value; does nothing when trace is NULL. */
void trace_event(const struct trace *trace, const char *name, const uint8_t *data, size_t len);

#endif
