/* SPDX-License-Identifier: MIT */
/* Which sanitizer the tests are built with. Each has an allocator of its own and makes calls of its own, so tests that
 * look at freed memory, take malloc's place or count system calls are left out there.
 *
 * SANITIZED         the address or the thread sanitizer
 * SANITIZED_THREAD  the thread sanitizer
 * MALLOC_IS_OURS    a malloc of the program's own takes the place of the system's, __libc_malloc
 */
#ifndef TESTS_SANITIZED_H
#define TESTS_SANITIZED_H

#include <stdlib.h> /* __GLIBC__ */

#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_THREAD__) || HAS_FEATURE(thread_sanitizer)
#define SANITIZED_THREAD 1
#else
#define SANITIZED_THREAD 0
#endif

#if defined(__SANITIZE_ADDRESS__) || HAS_FEATURE(address_sanitizer) || SANITIZED_THREAD
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#if defined(__GLIBC__) && !SANITIZED
#define MALLOC_IS_OURS 1
#else
#define MALLOC_IS_OURS 0
#endif

#endif
