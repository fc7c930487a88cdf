#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The client at a terminal, with a real server: what it asks, and what is on the screen."""
import os
import signal
import termios
import time

import glasschat_client as wire
import harness
from client_case import PASSWORD
from screens import Screens


class Questions(harness.TestCase):
    """What is asked at a terminal."""

    def start(self, server, *options, user="alice", home="home"):
        """A client on a terminal that has no password file: it will ask."""
        return self.started(harness.Process(
            [harness.program("glasschat"), f"{user}@127.0.0.1:{server.port}", "--home",
             os.path.join(self.folder, home), *options], terminal=True))

    def test_thinking_about_a_password_takes_longer_than_a_handshake_may(self):
        server = self.server("--handshake-seconds", "1")
        alice = self.start(server, "--register", "--email", "alice@example.org")
        alice.expect("new password: ?")
        time.sleep(2.5)
        alice.type("correct horse\n")
        alice.expect("repeat password: ?")
        alice.type("correct horse\n")
        alice.expect("in lobby")
        self.assertNotIn("correct horse", alice.out.text)
        alice.type("exit\n")
        self.assertEqual(alice.wait(), 0)
        server.expect_log("disconnect .*user=alice.*logged out")

    def test_a_signal_at_the_password(self):
        server = self.server()
        for sig in signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP:
            alice = self.start(server)
            alice.expect("password: ?")
            self.assertFalse(termios.tcgetattr(alice.stdin)[3] & termios.ECHO)
            alice.kill(sig)
            self.assertEqual(alice.wait(), 1, sig)
            self.assertTrue(termios.tcgetattr(alice.stdin)[3] & termios.ECHO, sig)

    def test_three_tries(self):
        server = self.server()
        alice = self.start(server)
        for _ in range(3):
            alice.expect("password: ?")
            alice.type("not the password\n")
            alice.expect(r"code \(Enter if none\): ?")
            alice.type("\n")
        alice.expect("glasschat: not logged in: wrong name, password or code")
        self.assertEqual(alice.wait(), 1)
        self.assertNotIn("not the password", alice.out.text)

    def test_name_and_passwords_are_asked_for_until_they_can_be_one(self):
        server = self.server()
        alice = self.started(harness.Process(
            [harness.program("glasschat"), f"127.0.0.1:{server.port}", "--home", os.path.join(self.folder, "home"),
             "--register", "--email", "alice@example.org"], terminal=True))
        for answer in ("Alice", "a" * 33, "root", "alice"):
            alice.expect("user name: ?")
            alice.type(answer + "\n")
        for first, second in (("short", None), ("x" * 129, None), (PASSWORD, PASSWORD[:-1] + "x"), (PASSWORD, PASSWORD)):
            alice.expect("new password: ?")
            alice.type(first + "\n")
            if second:
                alice.expect("repeat password: ?")
                alice.type(second + "\n")
        alice.expect("in lobby")
        self.assertNotIn(PASSWORD, alice.out.text)


class Terminals(Screens):
    """The same as people see it."""

    def test_what_is_typed_survives_what_arrives(self):
        if not self.edits():
            self.skipTest("built without libedit")
        server = self.server()
        self.window("alice", server)
        self.window("bob", server)
        self.see("alice", "bob joined")
        half = "a line of mine that is longer than the window is wide, \u5b57\u5b57\u5b57\u5b57 and so on"
        self.type("alice", half)
        self.see("alice", "so on")
        self.type("bob", "it arrives", "Enter")
        self.see("alice", "[lobby] bob: it arrives")
        self.type("alice", "", *["Left"] * 30)
        self.type("bob", "again", "Enter")
        self.see("alice", "[lobby] bob: it arrives\n[lobby] bob: again\nlobby> a line of mine that is longer than")
        self.assertEqual(self.screen("alice").count("a line of mine"), 1)
        self.resize("alice", 40)
        self.type("bob", "resized", "Enter")
        self.see("alice", "[lobby] bob: resized\nlobby> a line of mine")
        self.assertEqual(self.screen("alice").count("a line of mine"), 1)
        self.type("alice", "", "End")
        self.type("alice", " it went", "Enter")
        self.see("bob", "so on it went")

    def test_without_an_editor_nothing_typed_is_lost(self):
        server = self.server()
        self.window("alice", server, term="dumb")
        self.window("bob", server)
        self.type("alice", "half a ")
        self.see("alice", "half a")
        self.type("bob", "it arrives", "Enter")
        self.see("alice", "[lobby] bob: it arrives\nlobby>")
        self.type("alice", "", "C-r")
        self.see("alice", "half a")
        self.type("alice", "line", "Enter")
        self.see("bob", "[lobby] alice: half a line")

    def test_without_an_editor_the_shell_gets_a_row_of_its_own(self):
        server = self.server()
        for name, key in (("alice", "C-d"), ("bob", "C-c")):
            self.window(name, server, term="dumb")
            self.type(name, "", key)
            self.see(name, "status 0\n")
            self.assertRegex(self.screen(name), r"(?m)^status 0$")

    def test_nobody_can_fake_a_line(self):
        server = self.server()
        self.window("alice", server)
        with wire.Client(server.port) as eve:
            eve.enter("eve", PASSWORD)
            eve.say("lobby", "x" + " " * (60 - len("[lobby] eve: x")) + "[lobby] bob: I agree")
            eve.say("lobby", "y\n[lobby] bob: I agree too")
            self.see("alice", "agree too")
        for line in self.screen("alice").split("\n"):
            self.assertFalse(line.startswith("[lobby] bob"), line)

    def test_the_terminal_is_put_back(self):
        server = self.server()
        self.window("alice", server)
        for name, end in (("alice", ("C-d",)), ("bob", ("C-c",)), ("carol", None)):
            if name != "alice":
                self.window(name, server)
            self.type(name, "half")
            if end:
                self.type(name, "", *(("C-u",) + end if name == "alice" else end))
            else:
                server.kill(signal.SIGKILL)
                self.see(name, "connect again?")
                self.type(name, "", "C-u", "C-d")
            self.see(name, "status " + ("0" if end else "1"))
            self.see(name, " echo ")
            self.see(name, " icanon ")


if __name__ == "__main__":
    harness.main()
