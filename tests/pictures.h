/* SPDX-License-Identifier: MIT */
/* The walkthrough's pictures as the code draws them now, each once in a program: some take a whole handshake. */
#ifndef TESTS_PICTURES_H
#define TESTS_PICTURES_H

/* The SVG of the picture of that name; fails the test where there is none. */
const char *picture(const char *name);

/* A teardown, for the last test. */
int pictures_forget(void **state);

#endif
