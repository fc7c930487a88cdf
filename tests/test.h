/* SPDX-License-Identifier: MIT */
/* What every test program includes: CMocka with what it wants before it. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/vec.h"

/* Runs them all. A test that fails in the middle of a file of known answers says which record it was at. */
#define RUN(tests) vec_run((tests), sizeof(tests) / sizeof *(tests))

#endif
