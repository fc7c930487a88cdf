#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Whatever reads a terminal, where Ctrl-C throws away what was typed after the program was told of it and before it has
read it. That moment is a second long here: strace holds what the calls that wait return. A read that waited would be
deaf to everything, Ctrl-C too, until the next key."""
import os
import signal
import unittest

import harness
from store_case import NO_LEAK_CHECK, may_trace

WAITS = "?poll,?ppoll,?select,?pselect6,?epoll_wait,?epoll_pwait"


@unittest.skipUnless(may_trace(), "strace is not there, or may not trace")
class Gone(harness.TestCase):
    waits = True  # strace holds up each call by a second

    def setUp(self):
        super().setUp()
        self.trace = os.path.join(self.folder, "trace")
        self.data = os.path.join(self.folder, "data")
        self.slowly = ["strace", "-D", "-qq", "-o", self.trace, "-e", "signal=none", "-e", "trace=" + WAITS, "-e",
                       f"inject={WAITS}:delay_exit=1000000"]

    def start(self, command, term="xterm"):
        return self.started(harness.Process(self.slowly + command, terminal=True, env={**NO_LEAK_CHECK, "TERM": term}))

    def told(self):
        """How often the program was told of something."""
        with open(self.trace) as f:
            return sum("(DELAYED)" in line and "Timeout" not in line for line in f)

    def assert_ends(self, process, prompt, typed, status):
        process.expect(prompt)
        before = self.told()
        process.type(typed)
        harness.wait_until(lambda: self.told() > before, "it is told of what was typed")
        process.type("\x03")
        self.assertEqual(process.wait(), status)

    def client(self, *options):
        return [harness.program("glasschat"), f"alice@127.0.0.1:{self.server().port}", "--home", self.folder, *options]

    def chat(self):
        password = os.path.join(self.folder, "password")
        with open(os.open(password, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(harness.PASSWORD + "\n")
        return self.client("--register", "--email", "alice@example.org", "--password-file", password)

    def test_editor(self):
        self.assert_ends(self.start(self.chat()), "lobby>", "x", 0)

    def test_plain_line(self):
        self.assert_ends(self.start(self.chat(), term="dumb"), "lobby>", "x\n", 0)

    def test_password(self):
        self.assert_ends(self.start(self.client()), "password:", "x\n", 1)

    def test_operators_password(self):
        os.mkdir(self.data, 0o700)
        self.assert_ends(self.start([harness.program("glasschatd"), "--data", self.data, "account", "add", "alice",
                                     "alice@example.org"]), "password:", "x\n", -signal.SIGINT)

    def test_console(self):
        """While it waited for a key, nobody could have talked."""
        self.assert_ends(self.start([harness.program("glasschatd"), "--listen", "127.0.0.1:0", "--data", self.data,
                                     "--console", *harness.SANDBOX]), "listening on", "x\n", 0)


if __name__ == "__main__":
    harness.main()
