/* SPDX-License-Identifier: MIT */
/* What is secret and what is public, told to the engine that watches: valgrind's memcheck or clang's memory sanitizer.
 *
 * Both follow uninitialised memory, bit by bit, through every computation, and complain where such a bit decides a
 * branch or an address. Declaring a key to be such memory makes them watch the key: what the compiler made of the
 * source, and not what the source seems to say, must then not branch on it. (The idea is A. Langley's ctgrind.)
 *
 * Use it:      secret_mark(key, sizeof key);
 *              aes_key_init(&k, key, sizeof key);  aes_encrypt(&k, out, in, 1);
 *              secret_publish(out, 16);                                           ciphertext: anybody may see it
 */
#ifndef TESTS_CT_SECRET_H
#define TESTS_CT_SECRET_H

#include <stddef.h>

/* "valgrind", "msan", or NULL where nobody watches. */
const char *secret_engine(void);

/* From here on the len bytes at p are secret, or public; their values stay as they are. */
void secret_mark(void *p, size_t len);
void secret_publish(const void *p, size_t len);

/* 1 where each of the bytes has at least one bit that depends on a secret. */
int secret_everywhere(const void *p, size_t len);

/* How many branches and addresses that depend on a secret were seen so far. The memory sanitizer can't tell: it ends
 * the process at the first, with status SECRET_LEAK_STATUS. */
unsigned secret_leaks(void);
#define SECRET_LEAK_STATUS 77

#endif
