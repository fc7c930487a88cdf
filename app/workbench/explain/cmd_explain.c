/* SPDX-License-Identifier: MIT */
/* glass explain --html FILE [--seed N | --session RECORDING] : a whole session, byte by byte, as a page. */
#include "app/workbench/commands.h"
#include "app/workbench/explain/explain_html.h"

#define USAGE "glass explain --html FILE [--seed N | --session RECORDING]"

int cmd_explain(struct args *args)
{
    const char *html = NULL, *seed = NULL, *session = NULL;
    const struct args_option options[] = {
        {"html", &html, NULL}, {"seed", &seed, NULL}, {"session", &session, NULL}, {0}};
    args_parse(args, options, 0, 0, USAGE);
    return explain_html(args_need(html, "html", USAGE), seed, session, USAGE);
}
