#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The client as a job of a real shell, stopped and continued by somebody who is not at its terminal: once it is back in the
foreground there is its prompt, the terminal is as it needs it, and what is typed is one line."""
import fcntl
import os
import shlex
import signal
import struct
import termios

import harness

READY = r"SH\$ "


class JobControl(harness.TestCase):
    def begin(self, term):
        """bash, with the client as its job, and somebody who hears what the client says."""
        server = self.server()
        self.bob = self.client(server, "bob")
        password = self.path("password")
        with open(os.open(password, os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(harness.PASSWORD + "\n")
        alice = [harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home", self.path("home"), "--register",
                 "--email", "alice@example.org", "--password-file", password]
        self.shell = self.started(harness.Process(["bash", "--norc", "--noprofile", "-i"], terminal=True, env={
            **harness.NO_LEAK_CHECK, "TERM": term, "PS1": "SH$ ", "HISTFILE": "/dev/null"}))
        self.be_wide(80)
        self.shell.expect(READY)
        self.shell.type(shlex.join(alice) + "\n")
        self.shell.expect("lobby> ")
        self.pid = harness.children(self.shell.pid)[0]
        self.wanted = 0 if term == "xterm" else termios.ICANON | termios.ECHO  # an editor gets and shows each key

    def be_wide(self, columns):
        fcntl.ioctl(self.shell.stdin, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def modes(self):
        return termios.tcgetattr(self.shell.stdin)[3] & (termios.ICANON | termios.ECHO)

    def stop(self):
        os.kill(self.pid, signal.SIGSTOP)
        self.shell.expect("Stopped")
        self.shell.expect(READY)

    def go_on(self):
        self.shell.type("fg\n")
        self.shell.expect(r"glasschat alice@.*\n")
        self.shell.expect("lobby> ")

    def assert_talks(self, text):
        harness.wait_until(lambda: self.modes() == self.wanted, "the terminal is as it was")
        self.shell.type(text + "\n")
        self.bob.expect(rf"^\[lobby\] alice: {text}$")
        self.assertNotIn("lobby> lobby> ", self.shell.out.text)

    def assert_comes_back(self, term):
        self.begin(term)
        for text in ("once", "twice"):
            self.stop()
            self.shell.type("echo for the sh''ell\n")
            self.shell.expect("for the shell")
            self.shell.expect(READY)
            self.go_on()
            self.assert_talks(text)

    def test_editor(self):
        self.assert_comes_back("xterm")

    def test_plain_line(self):
        self.assert_comes_back("dumb")

    def assert_waits_for_fg(self, term):
        """It is continued, but the shell has the terminal: nothing comes into the line that is typed there, nothing of
        it goes to the client, and one fg is enough."""
        self.begin(term)
        self.stop()
        before = len(self.shell.out.text)
        os.kill(self.pid, signal.SIGCONT)
        harness.wait_until(lambda: harness.is_stopped(self.pid), "it stops again")
        self.shell.type("echo for the sh''ell\n")
        self.shell.expect("for the shell")
        self.shell.expect(READY)
        self.assertNotIn("lobby", self.shell.out.text[before:])
        self.go_on()
        self.assert_talks("back again")

    def test_continued_behind_an_editor(self):
        self.assert_waits_for_fg("xterm")

    def test_continued_behind_a_plain_line(self):
        self.assert_waits_for_fg("dumb")

    def test_another_width(self):
        """The terminal became narrower meanwhile: what is typed goes on in the next row where it is now full."""
        self.begin("xterm")
        self.stop()
        self.be_wide(20)
        self.go_on()
        self.shell.type("x" * 30)
        self.shell.expect(r"x{13} *[\r\b]+x")


if __name__ == "__main__":
    harness.main()
