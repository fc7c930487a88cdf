/* SPDX-License-Identifier: MIT */
/* The program of `make ct`: run under valgrind, or built with the memory sanitizer, it prints a line for each check;
 * run with neither, it lists the backends that this processor can run. tests/ct/run.py makes a table of all that. */
#include <stdio.h>

#include "tests/ct/check.h"
#include "tests/ct/secret.h"

int main(void)
{
    if (secret_engine() == NULL) {
        check_list_backends();
        check_list_powers();
        return 0;
    }
    check_backends();
    check_primitives();
    check_key_schedule();
    check_record();
    check_powers();
#if !defined(CT_NO_GMP)
    check_numbers();
    check_handshake();
#endif
    check_leaky();
    return 0;
}
