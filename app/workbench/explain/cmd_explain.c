/* SPDX-License-Identifier: MIT */
/* glass explain --html FILE [--seed N | --session RECORDING]   a whole session, byte by byte, as a page
 * glass explain --session RECORDING [--full]                   the same told line by line
 * glass explain --session RECORDING --pcap NAME                the same as two captures for Wireshark: NAME.wire.pcap,
 *                                                              what crossed the wire; NAME.inside.pcap, what was in it
 */
#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_html.h"
#include "app/workbench/explain/explain_pcap.h"
#include "app/workbench/explain/explain_text.h"

#define USAGE "glass explain [--html FILE] [--seed N] [--session RECORDING] [--full] [--pcap NAME]"

static const char help[] =
    "usage: glass explain --html FILE [--seed N]\n"
    "       glass explain --html FILE --session RECORDING\n"
    "       glass explain --session RECORDING [--full]\n"
    "       glass explain --session RECORDING --pcap NAME\n"
    "\n"
    "A whole session, byte by byte: a page for a browser, of a conversation that is made up of a seed or of what\n"
    "`glasschat --record` recorded; a recording told line by line; or a recording as two captures for Wireshark,\n"
    "NAME.wire.pcap and NAME.inside.pcap. RECORDING may be - for standard input; no file that is there is "
    "overwritten.\n";

int cmd_explain(struct args *args)
{
    const char *html = NULL, *seed = NULL, *session = NULL, *pcap = NULL;
    bool full = false;
    const struct args_option options[] = {{"html", &html, NULL}, {"seed", &seed, NULL}, {"session", &session, NULL},
                                          {"pcap", &pcap, NULL}, {"full", NULL, &full}, {0}};
    args_help(args, help);
    args_parse(args, options, 0, 0, USAGE);
    if ((html != NULL) + (pcap != NULL) + full > 1)
        args_wrong("--html, --pcap and --full are three ways to look at a session: one at a time", USAGE);
    if (seed != NULL && html == NULL)
        args_wrong("--seed goes with --html", USAGE);
    if ((html != NULL && *html == '\0') || (pcap != NULL && *pcap == '\0'))
        args_wrong("what is to be written needs a name", USAGE);
    if (html != NULL)
        return explain_html(html, seed, session, USAGE);
    if (session == NULL)
        args_wrong("--html or --session is missing", USAGE);
    return pcap != NULL ? explain_pcap(session, pcap) : explain_text(session, full);
}
