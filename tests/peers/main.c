/* SPDX-License-Identifier: MIT */
/* peers-load irc|mqtt GROUP MODE ...: `glass load`, but of another server. The pacing, the measuring and the report are
 * those of app/workbench/load/load.c and cmd_load.c themselves; tests/peers/swarm_tls.c takes the place of
 * app/workbench/load/swarm.c at link time. Only servers and clients differ. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/workbench/commands.h"
#include "tests/peers/chat.h"

const struct chat *chat_picked;
const char *chat_group;

int main(int argc, char **argv)
{
    const struct chat *const chats[] = {&chat_irc, &chat_mqtt};
    for (size_t i = 0; argc > 2 && i < sizeof chats / sizeof chats[0]; i++)
        if (strcmp(argv[1], chats[i]->name) == 0)
            chat_picked = chats[i];
    if (chat_picked == NULL) {
        fputs("usage: peers-load irc|mqtt GROUP MODE ..., from MODE on as `glass load`\n", stderr);
        return STATUS_USAGE;
    }
    chat_group = argv[2];
    (void)sigaction(SIGPIPE, &(struct sigaction){.sa_handler = SIG_IGN}, NULL); /* libssl writes without MSG_NOSIGNAL */
    struct args args = {argc - 3, argv + 3};
    return cmd_load(&args);
}
