/* SPDX-License-Identifier: MIT */
/* Something to wait for that tells of changes in a folder, where the system has it.
 *
 * It only wakes whoever waits: what changed is seen by looking. So a folder on another machine, in which others'
 * changes make no events, one that is replaced by another, and events that got lost are all the same: a look now and
 * then finds what is new.
 *
 * Standard:    Linux inotify(7).
 * Use it:      struct watch w;
 *              watch_open(&w);
 *              for (;;) { watch_renew(&w, "work"); poll w.fd, watch_rest(&w) milliseconds at most; look }
 *              watch_close(&w);
 * Timing:      nothing secret.
 * Read next:   practice_view.c, which waits.
 */
#ifndef APP_WORKBENCH_PRACTICE_WATCH_H
#define APP_WORKBENCH_PRACTICE_WATCH_H

struct watch {
    int fd;   /* to be polled for POLLIN; -1 where there is none */
    int mark; /* the folder that is watched; -1: none */
};

void watch_open(struct watch *w);

/* Watches what stands under that name now, and takes in what there was to tell. */
void watch_renew(struct watch *w, const char *folder);

/* How many milliseconds to wait at most before a look. */
int watch_rest(const struct watch *w);

void watch_close(struct watch *w);

#endif
