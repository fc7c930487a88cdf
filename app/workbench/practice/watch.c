/* SPDX-License-Identifier: MIT */
/* The events are thrown away unread. To add the same folder again changes nothing; another one under that name gets a
 * mark of its own, and the old one goes. */
#include "app/workbench/practice/watch.h"

#include <unistd.h>

#define REST_WATCHED 1000
#define REST_ALONE 250

#if defined(__linux__) && !defined(GLASSCHAT_PORTABLE)
#include <sys/inotify.h>

void watch_open(struct watch *w)
{
    *w = (struct watch){inotify_init1(IN_NONBLOCK | IN_CLOEXEC), -1};
}

void watch_renew(struct watch *w, const char *folder)
{
    char events[4096];
    if (w->fd < 0)
        return;
    int mark = inotify_add_watch(w->fd, folder,
                                 IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_MOVE | IN_CREATE | IN_DELETE |
                                     IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
    if (w->mark >= 0 && mark != w->mark)
        (void)inotify_rm_watch(w->fd, w->mark);
    w->mark = mark;
    while (read(w->fd, events, sizeof events) > 0)
        ;
}
#else
void watch_open(struct watch *w)
{
    *w = (struct watch){-1, -1};
}

void watch_renew(struct watch *w, const char *folder)
{
    (void)w;
    (void)folder;
}
#endif

int watch_rest(const struct watch *w)
{
    return w->mark >= 0 ? REST_WATCHED : REST_ALONE;
}

void watch_close(struct watch *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}
