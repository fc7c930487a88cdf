# SPDX-License-Identifier: MIT
"""What the tests of accounts share: a server that is started again, and codes of a second factor."""
import hmac
import os
import time

import glasschat_client as wire
from server_case import PASSWORD, ServerCase

NEW = "another password"


class AccountCase(ServerCase):
    def line(self, server, name):
        """The last line of that name in the accounts file, as a dict of its fields."""
        with open(os.path.join(server.data, "accounts")) as f:
            lines = [line.rstrip("\n").split("\t") for line in f if line.split("\t")[0] == name]
        return dict(field.split("=", 1) for field in lines[-1][1:-1])

    def restarted(self, server, options=(), **kw):
        server.stop()
        return self.server(*options, **kw)  # on the same folder

    def before_and_after_restart(self, server):
        yield server
        yield self.restarted(server)

    def assert_logs_in(self, server, name, password=PASSWORD, code=""):
        c = self.connect(server)
        c.log_in(name, password, code)
        return c

    def assert_no_login(self, server, name, password=PASSWORD, code=""):
        self.assert_refused(wire.E_LOGIN_FAILED, self.connect(server).log_in, name, password, code)


def totp(secret, when):
    """RFC 6238 with six digits, from the standard library."""
    digest = hmac.digest(secret, (int(when) // 30).to_bytes(8, "big"), "sha1")
    at = digest[19] & 15
    return "%06d" % ((int.from_bytes(digest[at:at + 4], "big") & 0x7fffffff) % 1000000)


WRONG_CODE = "123456"


def wait_for_a_fresh_step():
    """Until half of a step is left, at least: codes of the last one are good no longer than that."""
    while time.time() % 30 > 15:
        time.sleep(0.2)


def begin_second_factor(client, *args):
    """A secret whose codes of these minutes are all different, and none of them WRONG_CODE: there are only a million, and
    two may be the same by chance."""
    while True:
        secret, now = client.begin_second_factor(*args), time.time()
        codes = [WRONG_CODE] + [totp(secret, now + 30 * step) for step in range(-2, 10)]
        if len(set(codes)) == len(codes):
            return secret


class CodeCase(AccountCase):
    """Codes of the last step, this one and the next: three that are good at any time, in this order."""

    def enrolled(self, server, name="anna"):
        """A member with a second factor; its first code is used up."""
        c = self.member(server, name)
        wait_for_a_fresh_step()
        self.secret = begin_second_factor(c, PASSWORD)
        self.start = time.time() // 30 * 30
        c.confirm_second_factor(self.code(-1))
        return c

    def code(self, step=0):
        """The code of a step, counted from the start. A test so slow that the code could be out of date fails here."""
        if step < 0 and time.time() > self.start + 25:
            raise AssertionError("too slow: the code may be out of date")
        return totp(self.secret, self.start + 30 * step)
