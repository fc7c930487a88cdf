/* SPDX-License-Identifier: MIT */
/* glass figure [NAME] : a picture of the walkthrough as SVG; without a name the list: name, chapter, title. */
#include <string.h>

#include "app/workbench/commands.h"
#include "app/workbench/figures/figure.h"

#define USAGE "glass figure [NAME]"

static void list(void)
{
    for (const struct figure *f = figures; f->name != NULL; f++)
        printf("%-10s %-18s %s\n", f->name, f->chapter, f->title);
}

int cmd_figure(struct args *args)
{
    const struct args_option options[] = {{0}};
    args_parse(args, options, 0, 1, USAGE);
    if (args->count == 0)
        list();
    else if (figures_write(stdout, args->value[0]) != 0)
        args_fail("there is no picture of that name; `glass figure` lists them");
    return STATUS_DONE;
}
