/* SPDX-License-Identifier: MIT */
/* What every test program includes: CMocka, and known answers. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include "tests/cmocka.h"
#include "tests/vec.h"

/* Runs them all. A test that fails in the middle of a file of known answers says which record it was at. */
#define RUN(tests) vec_run((tests), sizeof(tests) / sizeof *(tests))

#endif
