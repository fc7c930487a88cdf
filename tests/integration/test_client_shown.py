#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What is shown, and how: colours, times, the bell and one's own name, on terminals that have colours and on others, in a
pipe, and at the operator's console."""
import re
import struct
import subprocess

import glasschat_client as wire
import glasschat_server
import harness
from direct_case import DirectCase
from screens import Screens
from server_case import ServerCase

COLOURS = {"TERM": "xterm-256color", "NO_COLOR": ""}
DIM, BOLD, PLAIN = "\x1b[2m", "\x1b[1m", "\x1b[0m"
MARK = f"\x1b[1;7m@{PLAIN} "
MORNING = 1796118060  # 2026-12-01T09:41:00Z


def coloured(name):
    return rf"\x1b\[38;5;\d+m{name}\x1b\[0m"


def exactly(text):
    return re.escape(text)


class Terminals(DirectCase):
    """The bytes that a terminal gets."""

    def pair(self, *options, env=None):
        server = self.server()
        alice = self.client(server, "alice", *options, terminal=True, env={**COLOURS, **(env or {})})
        eve = self.enter(server, "eve")
        alice.expect("eve joined")
        return alice, eve

    def enter(self, server, name):
        client = wire.Client(server.port)
        self.addCleanup(client.close)
        return client.enter(name, harness.PASSWORD)

    def test_colours(self):
        alice, eve = self.pair()
        self.assertIn(f"{DIM}* eve joined lobby{PLAIN}", alice.out.text)
        eve.say("lobby", "hello")
        colour = alice.expect(rf"\[lobby\] {coloured('eve')}: hello(?!\x1b\[0m)")[0]
        eve.say("lobby", "again")
        self.assertIn(colour.replace("hello", ""), alice.expect(r"\[lobby\].*again")[0])
        eve.say("lobby", "psst, Alice!")
        alice.expect(rf"{exactly(MARK)}\[lobby\] {coloured('eve')}: psst, {exactly(BOLD + 'Alice' + PLAIN)}!")
        alice.type("/who nowhere\n")
        alice.expect(r"[^m]glasschat: nowhere: ")  # errors are plain

    def test_no_text_has_looks_of_its_own(self):
        """An escape sequence would be the only way to be dim, and a text of the right words is not."""
        server = self.server()
        alice = self.client(server, "alice", terminal=True, env=COLOURS)
        eve = self.enter(server, "eve")
        alice.expect("eve joined")
        at = alice.out.at
        with self.assertRaises(wire.Refused):
            eve.say("lobby", f"x{PLAIN}\r{DIM}* bob left")
        eve.say("lobby", "* bob left lobby" + " " * 70 + "* notice: the server stops")
        alice.expect("server stops")
        shown = alice.out.text[at:]
        self.assertRegex(shown, r": \* bob left lobby")
        self.assertNotIn(DIM, shown.split("server stops")[0])

    def test_a_server_that_sends_escape_sequences(self):
        """Its texts are judged as others' are: tests/test_style.c shows what would become of one that was not."""
        def part(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            peer.send(wire.NOTICE, 0, wire.v16(f"x{PLAIN}y".encode()))
            peer.drain()
        server = self.started(glasschat_server.Server(part))
        alice = self.client(server, "alice", terminal=True, env=COLOURS, register=False, ready=False)
        alice.expect("breaks the protocol")
        self.assertNotIn(f"x{PLAIN}y", alice.out.text)

    def test_terminals_without_colours(self):
        for options, env, marked in (((), {"NO_COLOR": "1"}, True), (("--color", "never"), {}, True),
                                     ((), {"TERM": "vt220"}, True), ((), {"TERM": "dumb"}, False),
                                     ((), {"TERM": ""}, False)):
            with self.subTest(options=options, env=env):
                self.setUp()
                alice, eve = self.pair(*options, env=env)
                eve.say("lobby", "psst, Alice!")
                before = alice.expect(r"(.*)\[lobby\] eve: psst, Alice!")[1]
                self.assertEqual(before.endswith("@ "), marked, ascii(before))
                self.assertNotRegex(alice.out.text, r"\x1b\[[\d;]*m")

    def test_a_dumb_terminal_that_is_to_have_colours(self):
        alice, eve = self.pair("--color", "always", env={"TERM": "dumb", "NO_COLOR": "1"})
        eve.say("lobby", "hello")
        alice.expect(coloured("eve"))

    def test_the_bell(self):
        alice, eve = self.pair("--bell")
        eve.say("lobby", "malice!")
        eve.say("lobby", "psst, alice")
        eve.say("lobby", "alice?")
        alice.expect(r"\?")
        self.assertNotIn("\a", alice.out.text.split("psst")[0])
        self.assertIn(alice.out.text.count("\a"), (1, 2))  # once a second, and the second may have ended between the two
        quiet, eve = self.pair_again()
        eve.say("lobby", "psst, alice")
        quiet.expect("psst")
        self.assertNotIn("\a", quiet.out.text)

    def pair_again(self):
        self.setUp()
        return self.pair()

    def called(self, server, *options):
        """Alice, when she takes calls."""
        alice = self.client(server, "alice", *options, terminal=True, env=COLOURS)
        alice.type("/identity\n")
        alice.expect("your key is")
        return alice

    def test_what_is_said_to_one_alone_rings(self):
        server = self.server()
        alice = self.called(server, "--bell")
        bob = self.user(server, "bob")
        bob.say("/msg alice hello")
        alice.expect(rf"\[{coloured('bob')}, new, not compared\] hello")
        alice.expect("\a")
        self.leave(bob)

    def test_a_sealed_room(self):
        server = self.server()
        alice = self.called(server)
        bob = self.user(server, "bob")
        bob.say("/seal +den")
        bob.say("/invite alice")
        alice.expect(r"bob invites you")
        alice.type("/accept +den bob\n")
        alice.expect(r"you are in the sealed room")
        bob.expect("alice was added|alice joined")
        alice.type("/join +den\n")
        bob.expect("alice joined [+]den|alice, who is there|joined [+]den")
        bob.say("well, alice")
        alice.expect(rf"{exactly(MARK)}\[\+den\] {coloured('bob')}, new, not compared[^:]*: well, "
                     + exactly(BOLD + "alice" + PLAIN))
        self.leave(bob)


class Times(harness.TestCase):
    """What comes has the server's stamp: here a server that turns its clock as it wants."""

    def start(self, *options, terminal=True, stamps=(MORNING,)):
        def part(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            for i, stamp in enumerate(stamps):
                peer.send(wire.SAID, 0, wire.v8(b"lobby") + wire.v8(b"eve") + struct.pack(">Q", stamp)
                          + wire.v16(b"line %d" % i))
            peer.drain()
        server = self.started(glasschat_server.Server(part))
        return self.client(server, "alice", *options, terminal=terminal, register=False, ready=False,
                           env={"TERM": "xterm", "TZ": "XYZ-05:30"})

    def test_a_day_and_the_next(self):
        alice = self.start("--times", stamps=(MORNING, MORNING + 86400, MORNING + 86460, 2**64 - 1))
        alice.expect(r"15:11 \[lobby\] eve: line 0")
        alice.expect(r"\* 2026-12-02(.|\n)*15:11 \[lobby\] eve: line 1")
        alice.expect(r"15:12 \[lobby\] eve: line 2")
        alice.expect(r"--:-- \[lobby\] eve: line 3")
        self.assertEqual(alice.out.text.count("* 2026-12-02"), 1)
        self.assertRegex(alice.out.text, r"\d\d:\d\d \* connected to")
        self.assertNotRegex(alice.out.text, r"\d\d:\d\d lobby>")

    def test_a_pipe(self):
        alice = self.start("--times", terminal=False, stamps=(MORNING, MORNING + 86400))
        alice.expect(r"^2026-12-01T09:41:00Z \[lobby\] eve: line 0$")
        alice.expect(r"^2026-12-02T09:41:00Z \[lobby\] eve: line 1$")
        for line in alice.out.text.splitlines():
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [*\[]")

    def test_none_is_shown_without_the_option(self):
        alice = self.start(stamps=(MORNING, MORNING + 86400))
        alice.expect("line 1")
        self.assertNotIn("2026-12", alice.out.text)
        self.assertNotIn("15:11", alice.out.text)


class Pipes(DirectCase):
    def listen(self, *options):
        """What is in a pipe of what others say."""
        self.setUp()
        server = self.server()
        alice = self.client(server, "alice", *options, env=COLOURS)
        with wire.Client(server.port) as eve:
            eve.enter("eve", harness.PASSWORD)
            alice.expect("eve joined.*\n")
            eve.say("lobby", "hello")
            eve.say("lobby", "psst, Alice!")
            alice.expect(r"Alice!|\x1b\[1mAlice.*!")
        alice.expect("eve left.*\n")
        self.leave(alice)
        return alice.out.text.split("in lobby", 1)[1].split("\n", 1)[1]

    def test_nothing_is_added(self):
        """With a terminal's options, too."""
        for options in (), ("--bell",), ("--color", "auto"), ("--color", "never", "--bell"):
            self.assertEqual(self.listen(*options), "* eve joined lobby\n[lobby] eve: hello\n[lobby] eve: psst, Alice!\n"
                                                    "* eve left lobby\n")

    def test_colours_that_are_asked_for(self):
        self.assertRegex(self.listen("--color=always"),
                         rf"^{exactly(DIM)}\* eve joined lobby{exactly(PLAIN)}\n\[lobby\] {coloured('eve')}: hello\n"
                         rf"{exactly(MARK)}\[lobby\] {coloured('eve')}: psst, {exactly(BOLD + 'Alice' + PLAIN)}!\n"
                         rf"{exactly(DIM)}\* eve left lobby{exactly(PLAIN)}\n$")

    def test_what_is_no_answer(self):
        done = subprocess.run([harness.program("glasschat"), "alice@localhost", "--color", "yes"], capture_output=True)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"--color takes auto, always or never, not 'yes'", done.stderr)


class Console(ServerCase):
    def test_a_terminal(self):
        server = self.server("--console", "--times", terminal=True, env={**COLOURS, "TZ": "UTC"})
        anna = self.member(server, "anna")
        server.expect(rf"{exactly(DIM)}\d\d:\d\d {exactly(PLAIN + DIM)}\* anna joined lobby{exactly(PLAIN)}")
        anna.say("lobby", "is there an operator?")
        server.expect(rf"{exactly(DIM)}\d\d:\d\d {exactly(PLAIN + MARK)}\[lobby\] {coloured('anna')}: is there an "
                      + exactly(BOLD + "operator" + PLAIN) + r"\?")
        server.type("/say nowhere text\n")
        server.expect(r"\x1b\[K(\x1b\[\?7l)?! ")

    def test_a_pipe(self):
        for options, begin in ((), ""), (("--times",), r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ "):
            self.setUp()
            server = self.server("--console", *options, env=COLOURS)
            anna = self.member(server, "anna")
            server.expect(rf"^{begin}\* anna joined lobby$")
            anna.say("lobby", "is there an operator?")
            server.expect(rf"^{begin}\[lobby\] anna: is there an operator\?$")
            server.stop()

    def test_usage(self):
        self.misuse("glasschatd", ["--color", "yes"], "--color takes auto, always or never")


class Screen(Screens):
    """The same as people see it."""

    def test_what_is_typed_survives_colours(self):
        """Rows are broken where they were, and what is being typed is drawn again where it belongs."""
        server = self.server()
        self.window("alice", server, "--times", term="screen-256color")
        self.window("bob", server)
        self.see("alice", "bob joined")
        half = "half a line of mine that is longer than the window is wide, and so on"
        self.type("alice", half)
        self.see("alice", "so on")
        self.type("bob", "alice, it arrives, and is as long as a row and a little more", "Enter")
        self.see("alice", "a little more")
        rows = self.screen("alice").split("\n")
        at = next(i for i, row in enumerate(rows) if "it arrives" in row)
        self.assertRegex(rows[at], r"^\d\d:\d\d @ \[lobby\] bob: alice, it arrives, and is as")
        self.assertTrue(rows[at + 1].startswith("    "), rows[at + 1])
        if self.edits():
            self.assertTrue(rows[at + 2].startswith("lobby> half a line of mine"), rows)
        seen = self.screen("alice", "-e").split("\n")
        self.assertRegex(seen[at], r"\x1b\[38;5;\d+mbob\x1b\[39m: \x1b\[1malice\x1b\[0m")
        self.assertNotRegex(seen[at + 1], r"\x1b\[38|\x1b\[2m")


if __name__ == "__main__":
    harness.main()
