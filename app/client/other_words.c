/* SPDX-License-Identifier: MIT */
/* By the alphabet. None of them is done in the other's place: what follows it was meant for another program. */
#include "app/client/other_words.h"

#include <string.h>

#define ONE_SCREEN "all rooms are on one screen; /join goes to another one"
#define OPTIONS "what can be set are the options that glasschat --help lists"
#define AT_START "it is said at the start: glasschat --"
#define AGAIN "/quit, and start glasschat again, with USER@HOST"

static const struct {
    const char *name, *words;
} all[] = {
    {"away", "nobody is shown as away; say it, or /quit"},
    {"back", "nobody is shown as away"},
    {"ban", "/block stops hearing a user"},
    {"beep", AT_START "bell"},
    {"bell", AT_START "bell"},
    {"buffer", ONE_SCREEN},
    {"bye", "/quit leaves"},
    {"clear", "Ctrl-L clears the screen"},
    {"color", AT_START "color never, or always"},
    {"connect", AGAIN},
    {"disconnect", "/quit leaves"},
    {"exit", "/quit leaves"},
    {"hilight", OPTIONS},
    {"ignore", "/block stops hearing a user"},
    {"j", "/join goes into a room"},
    {"kick", "/remove takes a user off the list of a sealed room; from others nobody can be sent away"},
    {"lastlog", "nothing is kept to be searched; scroll back on your terminal"},
    {"list", "/rooms lists all rooms"},
    {"log", "nothing is kept on disk; /save keeps what was said in a sealed room"},
    {"me", "there are no actions; say it in words"},
    {"names", "/who lists who is in a room"},
    {"nick", "an account keeps its name; glasschat --register makes another one"},
    {"notice", "/msg says something to one user alone"},
    {"part", "/leave leaves a room"},
    {"q", "/quit leaves, and /call talks with one user alone"},
    {"query", "/call talks with one user alone, until /leave"},
    {"quote", "nothing goes to the server as it is typed; glasschat --explain shows what does"},
    {"raw", "nothing goes to the server as it is typed; glasschat --explain shows what does"},
    {"reconnect", "glasschat --reconnect does it by itself after a cut; there Enter does it, too"},
    {"server", AGAIN},
    {"set", OPTIONS},
    {"times", AT_START "times"},
    {"topic", "a room has a name and no topic"},
    {"unignore", "/unblock hears a user again"},
    {"whois", "/who lists who is in a room, /peers whose keys are known"},
    {"win", ONE_SCREEN},
    {"window", ONE_SCREEN},
};

const char *other_words_at(size_t i)
{
    return i < sizeof all / sizeof *all ? all[i].name : NULL;
}

const char *other_words_find(const char *line, size_t len)
{
    size_t n = 0;
    while (n < len && line[n] != ' ' && line[n] != '\t')
        n++;
    for (size_t i = 0; i < sizeof all / sizeof *all && n > 0 && line[0] == '/'; i++)
        if (strlen(all[i].name) == n - 1 && memcmp(line + 1, all[i].name, n - 1) == 0)
            return all[i].words;
    return NULL;
}
