#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whatever comes and goes, or fails over and over, the log is bounded: a burst of lines of each kind, then some a second,
and how many were left out. What is logged and what is left out are together all that happened."""
import re
import socket
import struct
import time

import glasschat_client as wire
import harness
from crowd import Quick
from glasschat_client import v8
from server_case import PASSWORD, ServerCase

BURST, A_SECOND = 4096, 20  # app/server/base/log_limit.h
MORE = BURST + 500
NO_LINGER = struct.pack("ii", 1, 0)


class Quiet(ServerCase):
    def lines(self, server, event):
        return len(re.findall(rf"^\S+ \w+ {event} ", server.log, re.M))

    def told(self, server, about):
        return sum(int(n) for n in re.findall(rf' lines left out about="{about}" lines=(\d+)$', server.log, re.M))

    def assert_bounded(self, server, event, about, happened, seconds):
        """seconds: in which it all happened, or more."""
        logged = self.lines(server, event)
        self.assertLessEqual(logged, BURST + A_SECOND * seconds + 1)
        self.assertEqual(logged + self.told(server, about), happened)
        self.assertLessEqual(server.log.count("lines left out"), 2 + seconds / 10)

    def come_and_go(self, server, times):
        ended = times + server.status("ended")
        for _ in range(times):
            with socket.create_connection(("127.0.0.1", server.port), harness.PATIENCE) as c:
                c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)  # or the kernel would keep each for a minute
        harness.wait_until(lambda: server.status("ended") == ended, "all have ended")

    def test_a_crowd_that_renews_itself(self):
        """What is left out is told soon, though nothing more happens, and at the end."""
        server = self.server()
        started = time.monotonic()
        self.come_and_go(server, MORE)
        harness.wait_until(lambda: self.lines(server, "disconnect") + self.told(server, "strangers who left") == MORE,
                           "what is left out is told")
        self.assert_bounded(server, "disconnect", "strangers who left", MORE, time.monotonic() - started)
        self.come_and_go(server, 1000)
        self.connect(server).enter("anna", PASSWORD)
        server.expect_log("login user=anna")
        server.stop()
        self.assert_bounded(server, "disconnect from=.* user=-", "strangers who left", MORE + 1000,
                            time.monotonic() - started)
        self.assertEqual(len(re.findall("disconnect .* user=anna ", server.log)), 1)

    def test_logins_that_fail_over_and_over(self):
        server = self.server("--max-tries", "1000", "--free-tries-address", "100000", "--max-rate", "100000",
                             iterations="1")
        started = time.monotonic()
        left = MORE
        while left > 0:
            with Quick(server.port, timeout=harness.PATIENCE) as c:
                tries = min(left, 999)
                numbers = [c.post(wire.LOG_IN, v8(b"nobody%d" % i) + v8(b"a wrong password") + v8(b""))
                           for i in range(left, left - tries, -1)]
                for number in numbers:
                    self.assert_refused(wire.E_LOGIN_FAILED, c.answer_to, number)
                left -= tries
        server.stop()
        self.assert_bounded(server, "login failed", "logins and changes that failed", MORE, time.monotonic() - started)

    def test_a_member_who_changes_over_and_over(self):
        server = self.server(*harness.FAST)
        for name in ("anna", "bert"):
            self.connect(server).register(name, "a@example.org", PASSWORD)
        anna = self.connect(server)
        anna.log_in("anna", PASSWORD)
        started = time.monotonic()
        for _ in range(MORE // 100):
            for number in [anna.post(kind, v8(b"bert")) for _ in range(50) for kind in (wire.BLOCK, wire.UNBLOCK)]:
                anna.answer_to(number)
        server.stop()
        self.assert_bounded(server, "(register|blocked|unblocked)", "accounts that were registered or changed",
                            2 + MORE // 100 * 100, time.monotonic() - started)


if __name__ == "__main__":
    harness.main()
