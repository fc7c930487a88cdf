#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server while somebody sets the clock: docs/threat-model.md has the table."""
import glob
import os
import time

import glasschat_client as wire
import harness
from account_case import totp
from fault_case import ShimCase
from server_case import PASSWORD


class Clock(ShimCase):
    """Somebody sets the clock while the server runs. Only time stamps and codes follow it."""

    def test_an_hour_forward_and_back(self):
        server = self.server_on_shim("--handshake-seconds", "60")
        self.set_an_hour_forward_and_back(server, self.shim.set_clock)

    def test_an_hour_forward_and_back_with_libfaketime(self):
        """The same by somebody else's shim, which opens a file again and again and so needs a server without sandbox."""
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not found:
            self.skipTest("apt-get install faketime")
        if harness.sanitized():
            self.skipTest("libfaketime comes before a sanitizer is ready; the other test of the clock runs with it")
        path = os.path.join(self.folder, "clock")

        def set_clock(seconds):
            with open(path + ".new", "w") as f:
                f.write("%+d\n" % seconds)
            os.rename(path + ".new", path)

        set_clock(0)
        env = {"LD_PRELOAD": found[0], "FAKETIME_TIMESTAMP_FILE": path, "FAKETIME_NO_CACHE": "1",
               "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        server = self.server("--handshake-seconds", "60", "--sandbox", "off", env=env)
        self.set_an_hour_forward_and_back(server, set_clock)

    def set_an_hour_forward_and_back(self, server, set_clock):
        a, b = self.member(server, "anna"), self.member(server, "bert")
        codes = self.member(server, "codes")
        secret = codes.begin_second_factor(PASSWORD)
        codes.confirm_second_factor(totp(secret, time.time()))
        half = self.connect(server, handshake=False)
        for hours in (1, -1, 0):
            guesser, victim = self.connect(server), "victim%d" % (hours + 1)
            for _ in range(3):
                self.assert_refused(wire.E_LOGIN_FAILED, guesser.log_in, victim, PASSWORD)
            guessed = time.monotonic()
            set_clock(3600 * hours)
            self.assert_refused(wire.E_TRY_LATER, guesser.log_in, victim, PASSWORD)  # for a second, and no longer
            time.sleep(1.2)
            self.assert_refused(wire.E_LOGIN_FAILED, guesser.log_in, victim, PASSWORD)
            self.assertLess(time.monotonic() - guessed, harness.PATIENCE)
            self.assert_clock_is(3600 * hours, a, b)
            if hours > 0:  # a code that is good at no other time
                self.connect(server).log_in("codes", PASSWORD, totp(secret, time.time() + 3600))
        self.assert_hear_each_other(a, b)
        half.handshake()
        half.ask(wire.PING)
        self.assertEqual([cause for user, cause in self.disconnects(server) if user in ("anna", "bert", "-")], [])

    def assert_clock_is(self, offset, a, b):
        """The server's, from what anna says to bert."""
        a.say("lobby", "what time is it?")
        self.assertLess(abs(b.wait_for(wire.SAID).time - time.time() - offset), 5)


if __name__ == "__main__":
    harness.main()
