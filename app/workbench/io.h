/* SPDX-License-Identifier: MIT */
/* Files in and out for the commands of `glass`: what can't be read or written ends the program with status 1 and one
 * line that names the file.
 *
 * Read next:   cmd_cbc.c, which streams; cmd_rsa.c, which reads whole files.
 */
#ifndef APP_WORKBENCH_IO_H
#define APP_WORKBENCH_IO_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "net/why.h"

#define IO_CHUNK 65536 /* bytes read at once: large enough that system calls do not count, small enough for the cache */

/* Opens a file for reading; NULL or "-" is standard input. Returns the descriptor; io_close leaves standard input
 * open. */
int io_open(const char *name);
void io_close(int fd);

/* Reads until cap bytes are there or the input ends; returns how many. */
size_t io_read(int fd, const char *name, uint8_t *out, size_t cap);

/* Writes all to standard output. */
void io_write(const uint8_t *data, size_t len);

/* The whole file, at most max bytes, in memory that the caller frees (and wipes, where it is secret). */
uint8_t *io_read_file(const char *name, size_t max, size_t *len);

/* The first line of a file, without its line end: a password, at most cap bytes. The caller wipes it. */
size_t io_read_password(const char *name, uint8_t *out, size_t cap);

/* The same for a teacher's secret, of which flags and each student's values are made: it has at least
 * TEACHER_SECRET_MIN bytes, since whoever guesses it has all of them. */
#define TEACHER_SECRET_MIN 16
#define TEACHER_SECRET_MAX 256
size_t io_read_teacher_secret(const char *name, uint8_t out[static TEACHER_SECRET_MAX]);

/* Writes a file that did not exist, with this mode: 0600 for what is secret. An existing one is never overwritten, and
 * none that isn't whole is left. */
void io_write_new(const char *name, const void *data, size_t len, unsigned mode);

/* A file for secrets that are written bit by bit, as stdio does it: new, its owner's alone, and with a buffer that is
 * wiped. Begin with {0}. -1 and why where it is there already, or can't be made or written. save has it on the disk;
 * drop removes what was made, after any of these, and after nothing. */
struct io_secret {
    const char *path; /* of what was made */
    FILE *file;
    char buffer[4096];
};
int io_secret_begin(struct io_secret *s, const char *path, char why[static WHY_LEN]);
int io_secret_save(struct io_secret *s, char why[static WHY_LEN]);
void io_secret_drop(struct io_secret *s);

/* Opens a file for a report that takes long to make: before it, so that nobody waits for what then can't be written.
 * NULL for no name. io_finish closes it and says what went wrong; it takes that NULL too. */
FILE *io_create(const char *name);
void io_finish(FILE *f, const char *name);

/* Prints bytes in hex and a line end on standard output. */
void io_print_hex(const uint8_t *data, size_t len);

#endif
