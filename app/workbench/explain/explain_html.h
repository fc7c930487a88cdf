/* SPDX-License-Identifier: MIT */
/* glass explain --html FILE: a session as a page, from a seed or from a recording.
 *
 * Standard:    none.
 * Use it:      return explain_html("session.html", "1", NULL, usage);
 * Timing:      CAUTION: a page of a recording has every key and every word of it; it is made with mode 0600.
 * Read next:   page.h, the page; story.h, what is in it.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_HTML_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_HTML_H

/* Writes the page of a seed, in decimal (NULL: that of docs/session.html), or of a recorded session, which has no seed.
 * A page that is there already is replaced by one of a seed, never by one of a recording. Returns the program's exit
 * status; what can't be done ends the program, with the usage where it was asked for wrongly. */
int explain_html(const char *path, const char *seed, const char *recording, const char *usage);

#endif
