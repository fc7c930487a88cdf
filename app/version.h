/* SPDX-License-Identifier: MIT */
/* What `--version` of the three programs prints, and the manual pages. A release sets it here, and in CHANGELOG.md what
 * was unreleased gets its name: tests/check_tree.sh compares the two. */
#ifndef APP_VERSION_H
#define APP_VERSION_H

#define GLASSCHAT_VERSION "1.0"

#endif
