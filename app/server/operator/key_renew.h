/* SPDX-License-Identifier: MIT */
/* `glasschatd key renew`: a new key for the server, which clients that know the old one believe.
 *
 * Standard:    docs/protocol.md section 7.4.
 * Use it:      return key_renew_main("./glasschat-data", "example.org");
 * Read next:   datadir_renew in app/server/store/datadir.h, what happens on disk.
 */
#ifndef APP_SERVER_OPERATOR_KEY_RENEW_H
#define APP_SERVER_OPERATOR_KEY_RENEW_H

/* Renews the key, and says what it did, or in one line why not. Returns the exit status. It works on the folder alone,
 * and is refused while a server runs on it: that server would go on showing the old key. */
int key_renew_main(const char *data, const char *host);

#endif
