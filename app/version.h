/* SPDX-License-Identifier: MIT */
/* What `--version` of the three programs prints. */
#ifndef APP_VERSION_H
#define APP_VERSION_H

#define GLASSCHAT_VERSION "1.0"

#endif
