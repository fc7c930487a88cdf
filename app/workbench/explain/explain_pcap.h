/* SPDX-License-Identifier: MIT */
/* `glass explain --session FILE --pcap NAME`: a recording becomes NAME.wire.pcap and NAME.inside.pcap.
 *
 * Use it:      return explain_pcap(session, pcap);
 * Errors:      what can't be read or written ends the program with status 1; neither file may be there already.
 * Read next:   pcap_session.h, what is in the files; docs/wireshark.md, how to look at them.
 */
#ifndef APP_WORKBENCH_EXPLAIN_EXPLAIN_PCAP_H
#define APP_WORKBENCH_EXPLAIN_EXPLAIN_PCAP_H

/* Returns the exit status. */
int explain_pcap(const char *session, const char *name);

#endif
