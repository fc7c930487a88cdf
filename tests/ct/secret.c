/* SPDX-License-Identifier: MIT */
/* The one file that knows the engines. valgrind's requests are instructions that do nothing elsewhere; the memory
 * sanitizer's are functions of its run-time library. */
#include "tests/ct/secret.h"

#include <stdint.h>

#include "crypto/ct.h"

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define ENGINE_MSAN 1
#endif
#endif

#if defined(ENGINE_MSAN)

#include <sanitizer/msan_interface.h>

#define STRING(x) #x
#define AS_STRING(x) STRING(x)

/* Asked for by the run-time library as the program starts. */
const char *__msan_default_options(void)
{
    return "exit_code=" AS_STRING(SECRET_LEAK_STATUS);
}

const char *secret_engine(void)
{
    return "msan";
}

void secret_mark(void *p, size_t len)
{
    __msan_poison(p, len);
}

void secret_publish(const void *p, size_t len)
{
    __msan_unpoison(p, len);
}

int secret_everywhere(const void *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (__msan_test_shadow((const uint8_t *)p + i, 1) < 0)
            return 0;
    return 1;
}

unsigned secret_leaks(void)
{
    return 0;
}

#else

#include <valgrind/memcheck.h>

const char *secret_engine(void)
{
    return RUNNING_ON_VALGRIND ? "valgrind" : NULL;
}

void secret_mark(void *p, size_t len)
{
    VALGRIND_MAKE_MEM_UNDEFINED(p, len);
}

void secret_publish(const void *p, size_t len)
{
    VALGRIND_MAKE_MEM_DEFINED(p, len);
}

int secret_everywhere(const void *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t undefined = 0;
        VALGRIND_GET_VBITS((const uint8_t *)p + i, &undefined, 1);
        if (undefined == 0)
            return 0;
    }
    return 1;
}

unsigned secret_leaks(void)
{
    return VALGRIND_COUNT_ERRORS;
}

#endif

/* What crypto/ and net/ call through ct_public. */
void ct_check_public(const void *p, size_t len)
{
    secret_publish(p, len);
}
