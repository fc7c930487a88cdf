#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What reaches a terminal: one that is not in UTF-8 mode, one that draws wider than expected; and what a pipe gets."""
import fcntl
import os
import re
import shutil
import signal
import struct
import subprocess
import termios
import time

import glasschat_client as wire
import glasschat_server
import harness

PASSWORD = harness.PASSWORD
NOT_UTF8 = {"LC_ALL": "C"}
CSI_IN_UTF8 = "\u00db"  # C3 9B: its second byte is CSI to a terminal that obeys bytes


class Case(harness.TestCase):
    def eve(self, server, name="eve"):
        client = wire.Client(server.port)
        self.addCleanup(client.close)
        client.enter(name, PASSWORD)
        return client

    def at_terminal(self, *command, columns=80, **env):
        process = self.started(harness.Process([harness.program(command[0]), *command[1:]], terminal=True,
                                               env=dict(TERM="xterm", **env), cwd=self.folder))
        fcntl.ioctl(process.stdin, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        return process

    def client_at_terminal(self, server, name, *options, env=None, columns=80, **kw):
        client = self.started(harness.Client(self.folder, name, server.port, *options, terminal=True,
                                             env=dict(TERM="xterm", **(env or {})), **kw))
        fcntl.ioctl(client.stdin, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        client.expect("in lobby")
        return client

    def assert_ascii(self, text):
        self.assertTrue(text.isascii(), ascii([line for line in text.split("\n") if not line.isascii()]))


class NotUtf8(Case):
    """The user's locale says that the terminal is not in UTF-8 mode: it gets ASCII."""

    def test_what_is_said(self):
        server = self.server()
        locales = NOT_UTF8, {"LC_ALL": "", "LC_CTYPE": "POSIX", "LANG": "C.UTF-8"}, {"LC_ALL": "no_such"}
        for name, env in zip(("alice", "bob", "carol"), locales):
            alice = self.client_at_terminal(server, name, env=env)
            eve = self.eve(server, "eve" + name)
            eve.say("lobby", f"{CSI_IN_UTF8}2J\u5b57\n\\u{{db}} end")
            alice.expect(r"eve\w+: \\u\{db\}2J\\u\{5b57\}\\u\{a\}\\u\{5c\}u\{db\} end")
            self.assert_ascii(alice.out.text)
            alice.type("/quit\n")
            self.assertEqual(alice.wait(), 0)

    def test_a_locale_that_is_utf8_shows_it(self):
        server = self.server()
        for env in {"LC_ALL": "C.UTF-8"}, {"LC_ALL": "", "LC_CTYPE": "C.UTF-8", "LANG": "C"}:
            alice = self.client_at_terminal(server, "a" + str(len(env)), env=env)
            self.eve(server, "eve" + alice.user).say("lobby", f"{CSI_IN_UTF8}2J\n\\u{{db}} end")
            alice.expect(r"eve\w+: \u00db2J\u23ce\\u\{db\} end")

    def test_what_is_typed_and_pasted(self):
        """libedit echoes it, draws it again after each line that arrives, and keeps it in its history."""
        server = self.server()
        alice, eve = self.client_at_terminal(server, "alice", env=NOT_UTF8), self.eve(server)
        alice.expect("lobby> ")
        alice.type(f"{CSI_IN_UTF8}2J \u5b57 half")
        alice.expect("half")
        eve.say("lobby", "it arrives")
        alice.expect("it arrives")
        alice.type(" a line\n")
        self.assertEqual(eve.wait_for(wire.SAID).text, f"{CSI_IN_UTF8}2J \u5b57 half a line")
        alice.type("\x10\n")  # the line before
        self.assertEqual(eve.wait_for(wire.SAID).text, f"{CSI_IN_UTF8}2J \u5b57 half a line")
        alice.type("/quit\n")
        self.assertEqual(alice.wait(), 0)
        self.assert_ascii(alice.out.text)

    def test_errors_of_each_program(self):
        """Error lines quote the command line and files."""
        name = f"{CSI_IN_UTF8}2J"
        with open(self.path("accounts.csv"), "w") as f:
            f.write(f"{name} a@example.org {PASSWORD}\n")
        for command in (["glasschat", "alice@localhost", "--ca", name], ["glasschat", name],
                        ["glasschat", "alice@localhost", "--password-file", name],
                        ["glasschatd", "--data", name + "/x"], ["glasschatd", "--" + name],
                        ["glasschatd", "account", "--data", "d", name],
                        ["glasschatd", "account", "list", "--data", name],
                        ["glasschatd", "--data", "d", "account", "add", "--from", "accounts.csv"],
                        ["glasschatd", "--data", "d", "--log-file", name + "/log"],
                        ["glass", name], ["glass", "key", "show", name], ["glass", "sha256", "--backend", name],
                        ["glass", "key", "show", "--" + name]):
            done = self.at_terminal(*command, **NOT_UTF8)
            self.assertIn(done.wait(), (1, 2), command)
            self.assertRegex(done.out.text, r"^(\x1b\[\?7l)?glass\w*: ")
            self.assert_ascii(done.out.text)

    def test_what_the_workbench_shows(self):
        with open(self.path(CSI_IN_UTF8), "w") as f:
            f.write("x")
        done = self.at_terminal("glass", "sha256", CSI_IN_UTF8, **NOT_UTF8)
        self.assertEqual(done.wait(), 0)
        self.assertIn("  \\u{db}", done.out.text)
        self.assert_ascii(done.out.text)

    def test_the_code_that_is_drawn(self):
        """Each module is two coloured blanks, and the code is the one that qrencode draws."""
        if shutil.which("qrencode") is None:
            self.skipTest("qrencode is not installed")

        def part(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            peer.answer(peer.expect(wire.BEGIN_SECOND_FACTOR), wire.SECRET, b"twenty bytes for it.")
            peer.expect(wire.LOG_OUT)
        server = self.started(glasschat_server.Server(part))
        alice = self.client_at_terminal(server, "alice", env=NOT_UTF8, columns=150, register=False)
        for question, answer in ("lobby> ", "/2fa on"), ("password: ", PASSWORD), ("code .*: ", ""):
            alice.expect(question)
            alice.type(answer + "\n")
        uri = alice.expect(r"(otpauth://\S+?)(\x1b|\r)")[1]
        self.assert_ascii(alice.out.text)
        theirs = subprocess.run(["qrencode", "-t", "ASCII", "-l", "M", "-m", "4", "-o", "-"], input=uri.encode(),
                                capture_output=True, check=True).stdout.decode()
        ours = re.sub("\x1b\\[40m  ", "##", re.sub("\x1b\\[47m  ", "  ", alice.out.text)).replace("\x1b[0m\r", "")
        self.assertIn(theirs, ours)

    def test_the_console(self):
        server = self.server("--console", terminal=True, env=dict(TERM="xterm", **NOT_UTF8))
        eve = self.eve(server)
        server.expect("eve joined")
        eve.say("lobby", f"{CSI_IN_UTF8}2J\n\\u{{db}} end")
        server.expect(r"\[lobby\] eve: \\u\{db\}2J\\u\{a\}\\u\{5c\}u\{db\} end")
        self.assert_ascii(server.out.text)

    def test_pipes_get_utf8_whatever_the_locale(self):
        server = self.server("--console", env=NOT_UTF8)
        alice = self.client(server, "alice", env=NOT_UTF8)
        self.eve(server).say("lobby", f"{CSI_IN_UTF8}\u5b57 \\u{{db}}")
        for process in alice, server:
            process.expect(r"\[lobby\] eve: \u00db\u5b57 \\u\{db\}$")
            self.assertNotIn("\x1b", process.out.text)


class Editor(Case):
    def test_a_paste_starts_no_program(self):
        """ESC x leads to libedit's own commands, one of them to vi's keys, of which v starts vi with what was typed."""
        folder = self.path("bin")
        os.mkdir(folder)
        with open(os.open(os.path.join(folder, "vi"), os.O_WRONLY | os.O_CREAT, 0o755), "w") as f:
            f.write(f"#!/bin/sh\ntouch {self.path('ran')}\n")
        server = self.server()
        eve = self.eve(server)
        client = self.client_at_terminal(server, "alice", env={"PATH": folder + ":" + os.environ["PATH"]})
        for piece in ("\x1bx", "bind -v\r", "said\x1bv", "\r", "//done\r"):
            client.type(piece)
        while eve.wait_for(wire.SAID).text != "/done":
            pass
        self.assertFalse(os.path.exists(self.path("ran")))

    def test_no_secret_comes_back(self):
        """Ctrl-P gives back what was typed before: after a line that has a secret in it, the line before that."""
        if b"libedit" not in subprocess.run(["ldd", harness.program("glasschat")], capture_output=True).stdout:
            self.skipTest("built without libedit")
        server = self.server()
        eve = self.eve(server)
        client = self.client_at_terminal(server, "alice")
        client.type("said\r")
        self.assertEqual(eve.wait_for(wire.SAID).text, "said")
        for line, answer in (("/2fa confirm 123456", "second factor not confirmed"), ("/2fa 123456", "/2fa on, then"),
                             ("/password old new", "/password is used like this"), ("/passwd new", "there is no command"),
                             ("/pasword new", "there is no command"), (".password new", "it looks like a command"),
                             (harness.PASSWORD, "it was given as a password")):
            client.type(line + "\r")
            client.expect(answer)
            client.type("\x10\r")
            self.assertEqual(eve.wait_for(wire.SAID).text, "said", line)
        for line, answer in (("/who", "in lobby: "), ("/join den two", "/join is used like this"),
                             ("/certificate @eve", "eve has no certificate")):
            client.type(line + "\r")
            client.expect(answer)
            client.type("\x10\r")
            client.expect(answer)


class Rows(Case):
    """The programs break lines themselves, and have the terminal clip each row, lest it break one again."""

    def test_each_row_clips(self):
        server = self.server("--console", terminal=True, env={"TERM": "xterm"})
        fcntl.ioctl(server.stdin, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
        alice = self.client_at_terminal(server, "alice", columns=40)
        server.expect("alice joined")
        self.eve(server).say("lobby", "x " * 40 + "the end")
        for process in alice, server:
            process.expect("the end\x1b\\[\\?7h\r\n")
            self.assert_rows(process.out.text, 40)

    def test_no_word_of_a_help_text_is_broken(self):
        for command in ("glasschat",), ("glasschatd",), ("glass",), ("glass", "load"), ("glass", "explain"):
            with self.subTest(command):
                whole = self.run_program(*command, "--help", status=0).stdout.decode()
                shown = self.started(harness.Process(
                    ["sh", "-c", 'stty columns 80 && exec "$0" "$@"', harness.program(command[0]), *command[1:], "--help"],
                    terminal=True, env={"TERM": "xterm"}))
                self.assertEqual(shown.wait(), 0)
                rows = re.sub("\x1b\\[\\?7[lh]|\r", "", shown.out.text).split("\n")
                self.assertLess(max(map(len, rows)), 80)
                self.assertEqual(" ".join(rows).split(), whole.split())

    def assert_rows(self, text, columns):
        rows = [row for row in text.split("\n") if "x x" in row or "the end" in row]
        self.assertGreater(len(rows), 1)
        for row in rows:
            found = re.fullmatch(r"(?:.*\r\x1b\[J|.*\r\x1b\[K)?\x1b\[\?7l(.*)\x1b\[\?7h\r", row)
            self.assertTrue(found, ascii(row))
            self.assertLess(len(found[1]), columns)
        for row in rows[1:]:
            self.assertIn("\x1b[?7l    ", row)
        self.assertEqual(text.count("\x1b[?7l"), text.count("\x1b[?7h"))

    def test_auto_wrap_is_on_whatever_ends_or_stops_it(self):
        server = self.server("--max-rate", "100000")
        eve = self.eve(server)
        for i, sig in enumerate((signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP)):
            alice = self.client_at_terminal(server, f"alice{i}", columns=40)
            if sig == signal.SIGTSTP:
                alice.close()
                alice = self.started(harness.Job(alice.command[:alice.command.index("--register")],
                                                 env={"TERM": "xterm"}))
                fcntl.ioctl(alice.stdin, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
                alice.expect("in lobby")
            for _ in range(20):
                eve.say("lobby", "many words " * 100)
            alice.expect("many words")
            if sig == signal.SIGTSTP:
                alice.stop(sig)
            else:
                alice.kill(sig)
                alice.wait()
            self.assertGreater(alice.out.text.count("\x1b[?7l"), 20)
            harness.wait_until(lambda: alice.out.text.rfind("\x1b[?7h") > alice.out.text.rfind("\x1b[?7l"), "it is on")

    def test_long_values_at_a_terminal(self):
        """The log: what follows a break is indented, whatever a stranger has put there."""
        server = self.server(terminal=True, env={"TERM": "xterm"})
        fcntl.ioctl(server.stdin, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
        server.out.at = len(server.out.text)
        before = server.out.at
        self.eve(server, "e" * 32)
        server.expect("info login (.|\n)*from=.*\n")
        rows = server.out.text[before:].strip().split("\n")
        self.assertGreater(len(rows), 4)
        for row in rows:
            found = re.fullmatch("\x1b\\[\\?7l(.*)\x1b\\[\\?7h\r?", row)
            self.assertTrue(found, ascii(row))
            self.assertLess(len(found[1]), 40)
            self.assertRegex(found[1], r"^(\d{4}-\d\d-|    )")

    def test_a_terminal_that_obeys_nothing_gets_no_sequence(self):
        """Nor when something is said while a line is typed or a question answered; and no code is drawn in colours."""
        server = self.server()
        eve = self.eve(server)
        for term in "dumb", "":
            alice = self.started(harness.Client(self.folder, "a" + term, server.port, terminal=True, env={"TERM": term}))
            fcntl.ioctl(alice.stdin, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 90, 0, 0))
            alice.expect("in lobby\r\nlobby> ")
            eve.say("lobby", "to one who types")
            alice.expect("\r\n\\[lobby\\] eve: to one who types\r\nlobby> ")
            alice.type("/2fa on\n")
            alice.expect("password: ")
            eve.say("lobby", "to one who answers")
            alice.expect("\r\n\\[lobby\\] eve: to one who answers\r\npassword: ")
            for text, next_ in (PASSWORD, "code .*: "), ("", "secret: .*\n"):
                alice.type(text + "\n")
                alice.expect(next_)
            self.assertNotIn("\x1b", alice.out.text)


class Names(Case):
    """A name can't be taken for somebody else's, nor for the program's own words."""

    def test_an_account_called_you(self):
        server = self.server("--console")
        alice = self.client(server, "alice")
        for name in "you", "y0u":
            other = self.eve(server, name)
            for process in alice, server:
                process.expect(rf"^\* '{name}'(?: \(looks like 'you'\))? joined lobby$")
            other.say("lobby", "I resign")
            for process in alice, server:
                process.expect(rf"^\[lobby\] '{name}'(?: \(looks like 'you'\))?: I resign$")
        alice.say("/join den\n/who lobby\n/block you\n/blocks\n/unblock you\n/certificate @you")
        alice.expect(r"^\* you joined den$")
        alice.expect(r"^\* in lobby: alice, operator, 'y0u' \(looks like 'you'\), 'you' \(looks like 'y0u'\)$")
        alice.expect(r"^\* 'you' is blocked$")
        alice.expect(r"^\* you don't hear: 'you'$")
        alice.expect(r"^\* you hear 'you' again$")
        alice.expect(r"^\* 'you' has no certificate$")

    def test_a_room_called_you(self):
        server = self.server("--console")
        server.type("/join you\n")
        server.expect(r"^\* lines go to 'you' now$")
        alice, other = self.client(server, "alice"), self.eve(server, "bob")
        alice.say("/join you\n/join lobby\n/join you")
        for said in r"\* you joined 'you'", r"\* you talk in lobby now", r"\* you talk in 'you' now":
            alice.expect(rf"^{said}$")
        other.join("you")
        other.say("you", "I resign")
        alice.say("/rooms\n/who")
        for said in (r"\* bob joined 'you'", r"\['you'\] bob: I resign", r"\* room 'you': 3 members, you among them",
                     r"\* in 'you': alice, bob, operator"):
            alice.expect(rf"^{said}$")
        for said in r"\* bob joined 'you'", r"\['you'\] bob: I resign":
            server.expect(rf"^{said}$")
        server.type("/rooms\n/who\n")
        for said in r"\* room 'you': 3 members", r"\* in 'you': alice":
            server.expect(rf"^{said}$")
        other.leave("you")
        alice.expect(r"^\* bob left 'you'$")
        alice.say("/leave")
        alice.expect(r"^\* you left 'you'$")
        alice.say("/leave you")
        alice.err.expect(r"^glasschat: 'you': ")

    def test_the_second_of_two_that_look_alike(self):
        """When they join, in what they say first, and in the list of who is there."""
        server = self.server("--console")
        alice = self.client(server, "alice")
        bob = self.eve(server, "bob")
        alice.expect(r"^\* bob joined lobby$")
        b0b = self.eve(server, "b0b")
        for process in alice, server:
            process.expect(r"^\* b0b \(looks like bob\) joined lobby$")
        b0b.say("lobby", "one")
        b0b.say("lobby", "two")
        bob.say("lobby", "three")
        for process in alice, server:
            process.expect(r"^\[lobby\] b0b \(looks like bob\): one\n\[lobby\] b0b: two$")
            process.expect(r"^\[lobby\] bob(?: \(looks like b0b\))?: three$")
        alice.say("/who")
        alice.expect(r"^\* in lobby: alice, b0b \(looks like bob\), bob \(looks like b0b\), operator$")
        server.type("/who\n")
        server.expect(r"^\* in lobby: bob \(looks like b0b\)$")
        b0b.leave("lobby")
        alice.expect(r"^\* b0b left lobby$")
        b0b.join("lobby")
        alice.expect(r"^\* b0b \(looks like bob\) joined lobby$")

    def test_one_who_was_there_before_and_is_silent(self):
        """At a terminal: the client asks who is there, and does not show it."""
        server = self.server()
        self.eve(server, "bob")
        self.eve(server, "carol").join("den")
        alice = self.client_at_terminal(server, "alice")
        alice.expect("lobby> ")
        self.eve(server, "b0b")
        alice.expect(r"\* b0b \(looks like bob\) joined lobby")
        alice.type("/join den\n")
        alice.expect("den> ")
        self.eve(server, "caro1").join("den")
        alice.expect(r"\* caro1 \(looks like carol\) joined lobby")
        alice.expect(r"\* caro1 \(looks like carol\) joined den")
        alice.type("/quit\n")
        self.assertEqual(alice.wait(), 0)
        self.assertNotIn("* in ", alice.out.text)

    def test_looking_like_oneself_or_the_operator(self):
        server = self.server()
        alice = self.client(server, "alice")
        for name, like in ("a1ice", "alice"), ("operat0r", "operator"):
            other = self.eve(server, name)
            alice.expect(rf"^\* {name} \(looks like {like}\) joined lobby$")
            other.say("lobby", "hello")
            alice.expect(rf"^\[lobby\] {name} \(looks like {like}\): hello$")


class RealTerminals(Case):
    """In GNU screen, which obeys C1 bytes where it is not in UTF-8 mode, and can draw what is ambiguous twice as wide."""

    def setUp(self):
        super().setUp()
        if shutil.which("screen") is None:
            self.skipTest("screen is not installed")
        os.mkdir(self.path("sockets"), 0o700)
        self.environment = dict(os.environ, SCREENDIR=self.path("sockets"), TERM="xterm")

    def screen(self, *args):
        return subprocess.run(["screen", "-S", "test", *args], env=self.environment, capture_output=True)

    def start(self, server, *how, config=b""):
        """alice's client, on a screen of 24 times 80."""
        with open(self.path("password"), "w") as f:
            os.chmod(self.path("password"), 0o600)
            f.write(PASSWORD + "\n")
        self.screen("-c", self.path("screenrc", config), *how, "-dm", harness.program("glasschat"),
                    f"alice@127.0.0.1:{server.port}", "--home", self.path("home"), "--register", "--email",
                    "alice@example.org", "--password-file", self.path("password"))
        self.addCleanup(self.screen, "-X", "quit")
        self.see("in lobby")

    def hardcopy(self):
        """What is on the screen, through a new file each time; None while screen doesn't listen, as when it starts."""
        self.hardcopies = getattr(self, "hardcopies", 0) + 1
        copy = self.path(f"hardcopy{self.hardcopies}")
        if self.screen("-X", "hardcopy", copy).returncode != 0:
            return None
        deadline = time.monotonic() + 2
        while not os.path.exists(copy) or os.path.getsize(copy) < 24:  # screen takes its time to write it
            if time.monotonic() > deadline:
                return None
            time.sleep(0.02)
        with open(copy, "rb") as f:
            return f.read().decode("utf-8", "backslashreplace")

    def shown(self):
        return harness.wait_until(self.hardcopy, "a copy of the screen")

    def see(self, text):
        harness.wait_until(lambda: text in self.shown(), text)

    def test_bytes_that_it_obeys(self):
        self.environment["LC_ALL"] = "C"
        server = self.server()
        self.start(server)
        eve = self.eve(server)
        eve.say("lobby", "before")
        self.see("[lobby] eve: before")
        eve.say("lobby", f"{CSI_IN_UTF8}2J cleared")
        self.see("cleared")
        self.assertIn("[lobby] eve: before\n[lobby] eve: \\u{db}2J cleared\n", self.shown())

    def test_what_it_draws_wider(self):
        server = self.server()
        self.start(server, "-U", config=b"cjkwidth on\ndefutf8 on\n")
        eve = self.eve(server)
        eve.say("lobby", "\u00a7" * 33 + " [lobby] bob: I resign")
        eve.say("lobby", "after")
        self.see("[lobby] eve: after")
        self.assertEqual(self.shown().count("\\xa7\\xff"), 33)  # the copy is not UTF-8: a character, and its right half
        for line in self.shown().split("\n"):
            self.assertFalse(line.startswith("[lobby] bob"), self.shown())


if __name__ == "__main__":
    harness.main()
