/* SPDX-License-Identifier: MIT */
/* What is typed the second time is compared and not kept. */
#include "app/terminal/new_password.h"

#include <string.h>

#include "app/message/message.h"
#include "crypto/ct.h"

const char *new_password_question(const struct new_password *n)
{
    return n->typed ? "repeat password: " : "new password: ";
}

static const char *take_first(struct new_password *n, const void *text, size_t len)
{
    if (!password_valid(len))
        return message_error_text(MESSAGE_E_BAD_PASSWORD);
    memcpy(n->password, text, len);
    n->password_len = len;
    n->typed = true;
    return NULL;
}

const char *new_password_answer(struct new_password *n, const void *text, size_t len)
{
    if (!n->typed)
        return take_first(n, text, len);
    n->repeated = len == n->password_len && ct_equal(text, n->password, len) != 0;
    if (n->repeated)
        return NULL;
    new_password_wipe(n);
    return "passwords do not match";
}

void new_password_wipe(struct new_password *n)
{
    ct_wipe(n, sizeof *n);
}
