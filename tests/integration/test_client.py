#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The client as people and scripts use it, with a real server."""
import base64
import os
import shutil
import signal
import socket
import struct
import subprocess
import termios
import threading
import time

from cryptography.hazmat.primitives import serialization

import glasschat_client as wire
import glasschat_server
import harness

PASSWORD = "correct horse"


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


class Terminals(harness.Screens):
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
            self.see(name, "status " + ("0" if end else "1"))
            self.see(name, " echo ")
            self.see(name, " icanon ")


class Script(harness.TestCase):
    """The client without a terminal."""

    def setUp(self):
        super().setUp()
        self.password_file("password", PASSWORD + "\n")

    def password_file(self, name, text, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, "w", newline="") as f:
            os.chmod(path, mode)
            f.write(text)
        return path

    def run_client(self, server, lines, *options, user="alice", status=0, new=False, home="home"):
        account = ["--register", "--email", user + "@example.org"] if new else []
        port = server if isinstance(server, int) else server.port
        done = subprocess.run([harness.program("glasschat"), f"{user}@127.0.0.1:{port}", "--home",
                               os.path.join(self.folder, home), "--password-file",
                               os.path.join(self.folder, "password"), *account, *options], capture_output=True,
                              input=lines.encode("utf-8", "surrogateescape"), timeout=harness.PATIENCE)
        out, err = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, status, out + err)
        return out, err

    def refuse(self, server, why, *options, status=1, **kw):
        """It fails with one line that has this in it; the line."""
        _, err = self.run_client(server, "", *options, status=status, **kw)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.startswith("glasschat: "), err)
        self.assertIn(why, err)
        return err

    def test_a_whole_session(self):
        server = self.server()
        lines = "hello\n\n/who\n/rooms\n/join den\n/join lobby\n/leave den\n/who den\n//x\r\nexit\nno"
        out, err = self.run_client(server, lines, new=True, status=1)
        self.assertEqual(out.split("\n")[2:], [
            "* registered alice", "* logged in as alice, in lobby", "* in lobby: alice",
            "* room lobby: 1 member, you among them", "* you joined den", "* you talk in lobby now", "* you left den",
            ""])
        self.assertEqual(err, "glasschat: den: there is no such room\n")
        server.expect_log("disconnect .*user=alice.*logged out")

    def test_lines_arrive_whole_in_their_order(self):
        server = self.server(*harness.FAST)
        listener = self.client(server, "bob")
        lines = "".join(f"line {i}\n" for i in range(1000))
        self.run_client(server, lines, new=True)
        listener.expect(r"\* alice left lobby")
        heard = [l for l in listener.out.text.split("\n") if l.startswith("[lobby]")]
        self.assertEqual(heard, [f"[lobby] alice: line {i}" for i in range(1000)])

    def test_texts_that_break_the_rules_are_not_sent(self):
        server = self.server()
        bad = ["a\x1b[2Jb", "\udcff\udcfe", "\u202eturned", "x" * 4001]
        out, err = self.run_client(server, "\n".join(bad) + "\n" + "x" * 4000 + "\n", new=True, status=1)
        self.assertEqual(err.count("glasschat: not said: "), len(bad))
        self.assertEqual(err.count("\n"), len(bad))

    def test_wrong_password_and_taken_name(self):
        server = self.server()
        self.run_client(server, "", new=True)
        taken = self.refuse(server, "not registered: this name is taken", new=True)
        self.assertIn("log in without --register", taken)
        self.password_file("password", "another password\n")
        self.refuse(server, "not logged in: wrong name, password or code")
        self.refuse(server, "not logged in: wrong name, password or code", user="nobody")

    def test_password_files(self):
        server = self.server()
        self.run_client(server, "", new=True)
        for text, why in (("", "must be the password"), ("short\n", "must be the password"),
                          ("x" * 129, "must be the password"),
                          (PASSWORD + "\n12345\n", "code of six digits"), (PASSWORD + "\n\nmore\n", "two lines only"),
                          (PASSWORD + "\n" * 400, "too long")):
            self.password_file("password", text)
            self.refuse(server, why)
        for text in (PASSWORD, PASSWORD + "\r\n", PASSWORD + "\n\n"):
            self.password_file("password", text)
            self.run_client(server, "")
        self.password_file("password", "\ufeff" + PASSWORD)
        _, err = self.run_client(server, "", user="carol", new=True, status=1)
        self.assertRegex(err, "password: it begins with a byte order mark")
        self.refuse(server, "wrong name, password or code")  # an account may have such a one of before
        self.password_file("password", PASSWORD)
        self.run_client(server, "", user="carol", new=True)
        self.password_file("password", PASSWORD + "\n123456\n")  # there is no second factor, so no code is right
        self.refuse(server, "wrong name, password or code")
        self.password_file("password", PASSWORD, 0o640)
        self.refuse(server, "chmod 600")
        os.remove(os.path.join(self.folder, "password"))
        self.refuse(server, "No such file")

    def test_a_password_file_is_read_before_anything_is_sent(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            self.password_file("password", "short\n")
            self.refuse(listener.getsockname()[1], "must be the password")
            os.remove(os.path.join(self.folder, "password"))
            self.refuse(listener.getsockname()[1], "No such file")
            with self.assertRaises(BlockingIOError):
                listener.accept()

    def test_names_that_nobody_can_have(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            for name in "root", "server":
                self.refuse(listener.getsockname()[1], "kept for the server and its operator", user=name, new=True,
                            status=2)

    def test_wrong_usage(self):
        """Each line is right but for one thing, and that is what the words are about."""
        pin = "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
        for words, *args in (("which server?",), ("is too many", "a@h", "b"), ("is no user name", "Bad@h"),
                             ("is not HOST", "a@h:70000"), ("is not HOST", "a@h:"), ("is not HOST", "a@::1"),
                             ("printable ASCII", "a@h h"), ("unknown option", "a@h", "--nope"),
                             ("--pin needs a value", "a@h", "--pin"), ("--pin takes", "a@h", "--pin", "SHA256:x"),
                             ("--register needs --email", "a@h", "--register"),
                             ("with --register only", "a@h", "--email", "a@b.c"),
                             ("is not an e-mail address", "a@h", "--register", "--email", "nobody"),
                             ("--suite takes", "a@h", "--suite", "rc4"), ("--group takes", "a@h", "--group=dh1024"),
                             ("--home takes", "a@h", "--home", ""), ("--home takes", "a@h", "--home", "x" * 1024),
                             ("choose one", "a@h", "--ca", "x", "--pin", pin), ("who are you?", "h")):
            done = self.run_program("glasschat", *([*args[:1], "--password-file", "x", *args[1:]] if args else []), status=2)
            self.assertIn(words, done.stderr.decode())
        done = self.run_program("glasschat", "a@h", status=2)
        self.assertIn(b"the password must come from --password-file", done.stderr)
        self.assertIn(b"usage: glasschat [USER@]HOST[:PORT]", self.run_program("glasschat", "--help", status=0).stdout)
        self.assertIn(b"glasschat ", self.run_program("glasschat", "--version", status=0).stdout)

    def test_where_no_server_is(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            threading.Thread(target=self.answer, args=(listener, b"SSH-2.0-OpenSSH_9.2\r\n"), daemon=True).start()
            self.refuse(port, "does not speak glasschat")
            threading.Thread(target=self.answer, args=(listener, b""), daemon=True).start()
            self.refuse(port, "cut during the handshake")
        self.refuse(port, "Connection refused: is the server running there, and is the port right?")

    def liar(self, part):
        """A server that lets anybody in, and then plays this part."""
        def enter(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            part(peer)
        return self.started(glasschat_server.Server(enter))

    @staticmethod
    def page(kind, more, *names):
        names = struct.pack(">BH", more, len(names)) + b"".join(
            wire.v8(name.encode()) + (bytes(4) if kind == wire.ROOMS else b"") for name in names)
        return names if kind == wire.ROOMS else wire.v8(b"lobby") + names

    def test_a_list_that_never_ends(self):
        asked = []

        def part(peer):
            while True:
                request = peer.next()
                if request.type == wire.LOG_OUT:
                    peer.answer(request)
                    continue
                kind = {wire.WHO: wire.MEMBERS, wire.LIST_ROOMS: wire.ROOMS}[request.type]
                asked.append(kind)
                peer.answer(request, kind, self.page(kind, 1, f"n{len(asked):06}"))
        server = self.liar(part)
        _, err = self.run_client(server.port, "/who\n/rooms\n", status=1)
        self.assertEqual(err.count("the list goes on after 250 pages"), 2, err)
        self.assertEqual((asked.count(wire.MEMBERS), asked.count(wire.ROOMS)), (250, 250))
        self.assertIsNone(server.failure)

    def test_a_list_that_goes_round_in_circles(self):
        for line, kind in ("/who", wire.MEMBERS), ("/rooms", wire.ROOMS):
            def part(peer):
                peer.answer(peer.next(), kind, self.page(kind, 1, "a", "b"))
                peer.answer(peer.next(), kind, self.page(kind, 1, "b", "c"))
                peer.next()
            server = self.liar(part)
            _, err = self.run_client(server.port, line + "\n", status=1)
            self.assertIn("a list that does not go on", err)
            self.assertIsNone(server.failure)

    def test_a_list_that_ends_in_nothing(self):
        """There is more of it, and no last name to ask behind."""
        for line, kind in ("/who", wire.MEMBERS), ("/rooms", wire.ROOMS):
            def part(peer):
                peer.answer(peer.next(), kind, self.page(kind, 1))
                peer.next()
            server = self.liar(part)
            _, err = self.run_client(server.port, line + "\n", status=1)
            self.assertIn("a list that does not go on", err)
            self.assertIsNone(server.failure)

    def test_what_breaks_the_protocol(self):
        """Section 10.1: nothing of it is shown, the client leaves without a Close, and says so."""
        lobby, said = wire.v8(b"lobby"), wire.v8(b"lobby") + wire.v8(b"eve") + bytes(8)

        def names(*names, members=b""):
            return struct.pack(">H", len(names)) + b"".join(wire.v8(name) + members for name in names)
        many = [b"n%03d" % i for i in range(401)]
        pushes = [
            (wire.PRESENCE, b"\1" + lobby + names(b"eve", b"adam")), (wire.PRESENCE, b"\2" + lobby + names(b"eve", b"eve")),
            (wire.PRESENCE, b"\1" + lobby + names()), (wire.PRESENCE, b"\3" + lobby + names(b"eve")),
            (wire.PRESENCE, b"\1" + lobby + names(*many)), (wire.PRESENCE, b"\1" + lobby + names(b"Eve")),
            (wire.PRESENCE, b"\1" + lobby + names(b"eve")[:-1]), (wire.PRESENCE, b"\1" + lobby + names(b"eve") + b"x"),
            (wire.SAID, said + wire.v16(b"")), (wire.SAID, said + wire.v16(b"eve\x1b[2J")), (wire.SAID, said + b"\xff\xff"),
            (wire.SAID, said + wire.v16(b"eve" * 2000)), (wire.NOTICE, wire.v16(b"eve\xff")), (wire.NOTICE, b""),
            (wire.NOTICE, wire.v16(b"e" * 1001)), (wire.REPLACED, b"x"), (wire.STILL_THERE, b"x"), (101, b"eve"), (255, b""),
            (wire.OK, b""), (wire.SAY, lobby + wire.v16(b"eve")), (0, b""), (63, b""), (95, b"")]
        answers = [
            (wire.MEMBERS, lobby + b"\0" + names(b"eve", b"adam")), (wire.MEMBERS, lobby + b"\0" + names(b"eve", b"eve")),
            (wire.MEMBERS, lobby + b"\2" + names(b"eve")), (wire.MEMBERS, lobby + b"\0" + names(*many)),
            (wire.ROOMS, b"\0" + names(b"eve", b"adam", members=bytes(4))), (wire.OK, b"x"), (70, b""), (wire.SAID, said),
            (wire.ROOMS, b"\0" + names(b"eve", b"eve", members=bytes(4))), (wire.ERROR, b"\0\1" + wire.v16(b"eve\n\x9b")),
            (wire.ERROR, b"\0"), (wire.NOTICE, wire.v16(b"eve")), (wire.PRESENCE, b"\1" + lobby + names(b"eve"))]
        ends = []

        def part(peer):
            request = peer.next()
            peer.send(kind, request.request if asked else 0, fields)
            try:
                ends.append(peer.incoming.open(*peer.read_frame()))
            except glasschat_server.Gone:
                ends.append("cut")
        server = self.liar(part)
        for kind, fields, asked in [(*push, False) for push in pushes] + [(*answer, True) for answer in answers]:
            ends.clear()
            out, err = self.run_client(server.port, "/rooms\n" if kind == wire.ROOMS else "/who\n", status=1)
            self.assertEqual(err, "glasschat: the server sent a message that breaks the protocol: leaving it\n",
                             (kind, fields))
            self.assertTrue(out.endswith("* logged in as alice, in lobby\n"), out)
            harness.wait_until(lambda: ends, "the server sees how it ends")
            self.assertEqual(ends, ["cut"])

    def test_an_answer_of_the_wrong_kind_or_number(self):
        def part(peer):
            request = peer.next()
            peer.send(kind, request.request + off, fields)
            peer.next()
        server = self.liar(part)
        for line, kind, fields, off in (("/who", wire.OK, b"", 0), ("hello", wire.MEMBERS, self.page(wire.MEMBERS, 0), 0),
                                        ("hello", wire.OK, b"", 1), ("hello", wire.OK, b"", 2**32 - 5),
                                        ("hello", wire.ERROR, b"\0\1" + wire.v16(b"eve"), 1)):
            _, err = self.run_client(server.port, line + "\n", status=1)
            self.assertIn("answered what was not asked: leaving it", err)
            self.assertEqual(err.count("\n"), 1)

    def test_a_close_is_answered(self):
        """Before logging in, with a request under way, behind a farewell, at a terminal, and to its own."""
        def before(peer):
            peer.expect(wire.LOG_IN)

        def under_way(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            peer.expect(wire.SAY)

        def replaced(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            peer.send(wire.REPLACED, 0)

        def at_the_end(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            peer.answer(peer.expect(wire.SAY))
            peer.answer(peer.expect(wire.LOG_OUT))
        for part, status in (before, 1), (under_way, 1), (replaced, 1), (at_the_end, 0):
            answers = []

            def closing(peer):
                part(peer)
                peer.close()
                try:
                    while not answers:
                        content, payload = peer.incoming.open(*peer.read_frame())
                        if content != wire.APPLICATION:  # sent before it saw ours
                            answers.append((content, payload))
                    peer.read(1)
                    answers.append("and more")
                except glasschat_server.Gone:
                    answers.append("end")
            server = self.started(glasschat_server.Server(closing))
            _, err = self.run_client(server.port, "hello\n", status=status)
            self.assertEqual(err.count("\n"), status)
            harness.wait_until(lambda: "end" in answers, "the connection ends")
            self.assertEqual(answers, [(wire.CLOSE, b""), "end"], part.__name__)
            self.assertIsNone(server.failure)

    def test_a_refusal_without_a_number(self):
        """It is none the less one: nothing looks done that was not."""
        def part(peer):
            peer.refuse(peer.next(), 0, "no")
            peer.next()
        server = self.liar(part)
        out, err = self.run_client(server.port, "/password\na good password\n\nanother password\n", status=1)
        self.assertIn("glasschat: password not changed: the server says: no\n", err)
        self.assertNotIn("password changed", out)

    def test_members_of_another_room(self):
        def part(peer):
            peer.answer(peer.expect(wire.WHO), wire.MEMBERS, self.page(wire.MEMBERS, 0, "eve"))
            peer.next()
        server = self.liar(part)
        out, err = self.run_client(server.port, "/who den\n", status=1)
        self.assertIn("answered what was not asked", err)
        self.assertNotIn(": eve", out)

    @staticmethod
    def answer(listener, data):
        connection, _ = listener.accept()
        connection.recv(1000)
        connection.sendall(data)
        connection.close()

    def known_servers(self):
        return os.path.join(self.folder, "home", "known-servers")

    def test_a_key_is_pinned_and_a_changed_one_refused(self):
        server = self.server()
        out, _ = self.run_client(server, "", new=True)
        self.assertIn(f"for the first time, key {server.fingerprint}", out)
        with open(self.known_servers()) as f:
            self.assertIn(f"127.0.0.1:{server.port} {server.fingerprint} {self.certificate(server)}\n", f.read())
        self.assertEqual(os.stat(self.known_servers()).st_mode & 0o777, 0o600)
        self.assertEqual(os.stat(os.path.dirname(self.known_servers())).st_mode & 0o777, 0o700)
        out, _ = self.run_client(server, "")
        self.assertIn("known from before", out)

        other = f"127.0.0.1:{server.port} SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"
        with open(self.known_servers(), "w") as f:
            f.write(other)
        why = self.refuse(server, "HAS CHANGED")
        self.assertIn(self.known_servers(), why)
        self.assertIn(server.fingerprint, why)
        with open(self.known_servers(), "w") as f:
            f.write(other[:-5] + "\n")
        self.refuse(server, "line 1 is damaged")
        with open(self.known_servers()) as f:
            self.assertEqual(f.read(), other[:-5] + "\n")
        self.run_client(server, "", "--pin", server.fingerprint)  # another rule: it doesn't look at the file

    @staticmethod
    def certificate(server):
        with open(os.path.join(server.data, "server.certificate"), "rb") as f:
            return base64.b64encode(f.read()).decode()

    def remember(self, text):
        """A home that knows what is written here."""
        os.makedirs(os.path.dirname(self.known_servers()), mode=0o700, exist_ok=True)
        with open(self.known_servers(), "w") as f:
            f.write(text)

    def run_as(self, host, server, *options, status=0):
        """The client on a server that is named so."""
        done = self.run_program("glasschat", f"alice@{host}:{server.port}", "--home", self.path("home"),
                                "--password-file", self.path("password"), *options, status=status, stdin=b"")
        return done.stdout.decode() + done.stderr.decode()

    def test_one_server_one_pin(self):
        """However it is spelled, now or when it was remembered, it must have the key that was remembered."""
        server = self.server()
        self.run_client(server, "", new=True)
        spellings = ("127.1", "127.0.0.1.", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "127.0.0.1")
        for spelling in spellings:
            self.assertIn(f"connected to 127.0.0.1:{server.port}, key {server.fingerprint}, the one known from before",
                          self.run_as(spelling, server))
        for there in spellings:
            wrong = f"{there}:{server.port} SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"
            self.remember(wrong)
            self.assertIn("HAS CHANGED", self.run_as("127.1", server, status=1))
            with open(self.known_servers()) as f:
                self.assertEqual(f.read(), wrong)
        key = f":{server.port} {server.fingerprint}"
        self.remember(f"# a\n127.1{key}\n127.0.0.1{key}\n# b")
        self.assertIn("known from before", self.run_as("127.0.0.1", server))
        with open(self.known_servers()) as f:
            self.assertEqual(f.read(), f"# a\n127.0.0.1{key} {self.certificate(server)}\n# b")

    def test_lines_that_disagree(self):
        server = self.server()
        self.run_client(server, "", new=True)
        both = (f"127.1:{server.port} {server.fingerprint}\n127.0.0.1:{server.port} "
                "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n")
        self.remember(both)
        why = self.refuse(server, "name different keys")
        self.assertRegex(why, r"REFUSED: lines 1 and 2 of .*--pin.*--remember")
        with open(self.known_servers()) as f:
            self.assertEqual(f.read(), both)

    def test_a_compared_key_is_remembered(self):
        """The way out of a refusal, without an editor."""
        server = self.server()
        self.run_client(server, "", new=True)
        self.remember(f"127.0.0.1:{server.port} SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n")
        why = self.refuse(server, "HAS CHANGED")
        self.assertIn("connect once with --pin, what the operator gave, and --remember", why)
        self.run_client(server, "", "--pin", server.fingerprint)
        self.refuse(server, "HAS CHANGED")
        wrong = "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
        self.refuse(server, "not the one given with --pin", "--pin", wrong, "--remember")
        self.refuse(server, "HAS CHANGED")
        out, _ = self.run_client(server, "", "--pin", server.fingerprint, "--remember")
        self.assertIn("given with --pin, and the one that is known from now on\n", out)
        out, _ = self.run_client(server, "")
        self.assertIn("known from before", out)
        for options in (("--remember",), ("--remember", "--ca", "x")):
            done = self.run_program("glasschat", "alice@h", *options, status=2)
            self.assertIn(b"--remember goes with --pin only", done.stderr)

    def test_pin(self):
        server = self.server()
        out, _ = self.run_client(server, "", "--pin", server.fingerprint, new=True)
        self.assertIn("the one given with --pin", out)
        self.assertFalse(os.path.exists(self.known_servers()))
        wrong = "SHA256:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="
        self.refuse(server, "not the one given with --pin", "--pin", wrong)

    def test_authority(self):
        def key(command, *args):
            self.run_program("glass", "key", command, *args, status=0)
        path = lambda name: os.path.join(self.folder, name)
        server = self.server()
        self.run_client(server, "", new=True)
        server.stop()
        key("new", path("authority.key"))
        os.remove(os.path.join(server.data, "server.certificate"))
        key("certify", "--authority", path("authority.key"), "--key", os.path.join(server.data, "server.key"), "--name",
            "127.0.0.1", os.path.join(server.data, "server.certificate"))
        with open(path("authority.key"), "rb") as f:
            public = serialization.load_pem_private_key(f.read(), None).public_key()
        with open(path("authority.pem"), "wb") as f:
            f.write(public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        server = self.server()
        out, _ = self.run_client(server, "", "--ca", path("authority.pem"))
        self.assertIn("certified by the authority", out)
        with open(self.known_servers()) as f:
            self.assertNotIn(f":{server.port} ", f.read())
        self.refuse(server, "not signed by the authority", "--ca", os.path.join(server.data, "server.certificate"))
        self.refuse(server, "neither a certificate nor a PEM public key", "--ca", path("authority.key"))
        self.refuse(server, "No such file", "--ca", path("nothing"))

    def test_interrupted_while_nobody_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            alice = self.started(harness.Client(self.folder, "alice", listener.getsockname()[1]))
            connection, _ = listener.accept()
            connection.recv(1)
            alice.kill(signal.SIGINT)
            self.assertEqual(alice.wait(), -signal.SIGINT)
            connection.close()

    def test_nothing_is_pinned_before_the_server_has_shown_its_key(self):
        """The ServerHello alone can be a copy of an old one: here its Finished never comes."""
        server = self.server("--handshake-seconds", "1")
        seen = bytearray()

        def only_hello(direction, data):
            if direction == "up":
                return data
            seen.extend(data)
            hello = 4 + int.from_bytes(seen[2:4], "big") if len(seen) >= 4 else 0
            if len(seen) - len(data) >= hello > 0:
                return None
            return data if not hello else data[:hello - (len(seen) - len(data))]
        proxy = self.proxy(server, only_hello)
        self.run_client(proxy.port, "", status=1)
        self.assertFalse(os.path.exists(self.known_servers()))

    def test_what_is_offered_and_agreed_is_on_the_wire(self):
        """The first frame each way is in the clear: docs/protocol.md sections 4.2 and 4.4."""
        server = self.server()
        self.run_client(server, "", new=True)
        for options, suites, groups, suite in (((), [1, 2], [2, 3], 1), (("--suite", "aes-128-cbc"), [1], [2, 3], 1),
                                               (("--suite", "aes-256-cbc"), [2], [2, 3], 2),
                                               (("--group", "ffdhe3072"), [1, 2], [2], 1),
                                               (("--group=ffdhe4096", "--suite=aes-256-cbc"), [2], [3], 2)):
            proxy = self.proxy(server)
            self.run_client(proxy.port, "", *options)
            hello = wire.Reader(harness.frames(proxy.up)[0][4:])
            hello.take(32)
            self.assertEqual((list(hello.take(hello.number(1))), list(hello.take(hello.number(1)))), (suites, groups))
            self.assertEqual(hello.number(1), groups[0])
            answer = wire.Reader(harness.frames(proxy.down)[0][4:])
            answer.take(32)
            self.assertEqual(answer.number(1), suite)
            self.assertEqual(answer.number(2), {2: 384, 3: 512}[groups[0]])

    def test_suites_and_groups(self):
        server = self.server()
        self.run_client(server, "", "--suite", "aes-256-cbc", "--group", "ffdhe4096", new=True)
        self.refuse(server, "none of the groups", "--group", "ffdhe2048")

    def test_explain_shows_the_keys_and_only_then(self):
        server = self.server()
        out, err = self.run_client(server, "a text of mine\n", "--explain", new=True)
        self.assertIn("explain: WARNING", err)
        for name in ("client_private", "Z", "prk", "c_secret", "enc_key", "mac_key", "seal_iv"):
            self.assertRegex(err, rf"(?m)^explain: {name}, \d+ bytes$")
        self.assertIn("a text of mine".encode().hex(), err)
        self.assertNotIn("explain", out)
        out, err = self.run_client(server, "a text of mine\n")
        self.assertEqual(err, "")
        self.assertNotIn("explain", out)

    def test_ends_of_the_connection_are_told_apart(self):
        for end, why in ((signal.SIGTERM, "closed the connection"), (signal.SIGKILL, "was cut")):
            server = self.server()
            alice = self.client(server, "alice", register=end == signal.SIGTERM)
            server.kill(end)
            alice.err.expect("glasschat: the (server|connection) " + why)
            self.assertEqual(alice.wait(), 1)
            server.wait()

    def test_a_bit_that_is_turned_on_the_way(self):
        server = self.server()
        turn = []

        def change(direction, data):
            return data[:-1] + bytes([data[-1] ^ 1]) if direction == "down" and turn else data
        alice = self.client(server, "alice", port=self.proxy(server, change).port)
        turn.append(True)
        alice.say("hello")
        alice.err.expect("tampering")
        self.assertEqual(alice.wait(), 1)

    def test_replaced(self):
        server = self.server()
        first = self.client(server, "alice")
        self.client(server, "alice", register=False)
        first.err.expect("logged in elsewhere")
        self.assertEqual(first.wait(), 1)

    def test_interrupted(self):
        server = self.server()
        alice = self.client(server, "alice")
        alice.kill(signal.SIGTERM)
        self.assertEqual(alice.wait(), 1)
        server.expect_log("user=alice .*logged out")

    def test_nobody_reads_what_it_writes(self):
        server = self.server()
        alice = self.client(server, "alice")
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([harness.program("glasschat"), f"bob@127.0.0.1:{server.port}", "--home",
                               os.path.join(self.folder, "home"), "--password-file",
                               os.path.join(self.folder, "password"), "--register", "--email", "b@example.org"],
                              stdin=subprocess.PIPE, stdout=writer, stderr=subprocess.PIPE, timeout=harness.PATIENCE)
        os.close(writer)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write", done.stderr)
        self.assertEqual(alice.child.poll(), None)

    def test_a_script_that_cannot_be_read(self):
        """That is not its end: nobody may take what was left out for done."""
        server = self.server()
        folder = os.open("/", os.O_RDONLY)  # the system opens one, and reads none
        done = subprocess.run([harness.program("glasschat"), f"bob@127.0.0.1:{server.port}", "--home",
                               os.path.join(self.folder, "home"), "--password-file",
                               os.path.join(self.folder, "password"), "--register", "--email", "b@example.org"],
                              stdin=folder, capture_output=True, timeout=harness.PATIENCE)
        os.close(folder)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, b"glasschat: cannot read the input: Is a directory: nothing more was done or said\n")

    def test_started_without_its_standard_descriptors(self):
        """Then the connection must not take their numbers: what is for the screen would go to the network in the clear,
        and what came from there would be taken for what was typed."""
        server = self.server()
        bob = self.client(server, "bob")
        for i, (closed, status) in enumerate((("1>&-", 1), ("2>&-", 1), ("1>&- 2>&-", 1), ("0<&-", 0),
                                              ("0<&- 1>&- 2>&-", 1))):
            user = f"alice{i}"
            command = [harness.program("glasschat"), f"{user}@127.0.0.1:{server.port}", "--home", self.folder,
                       "--password-file", os.path.join(self.folder, "password"), "--register", "--email",
                       "a@example.org"]
            done = subprocess.run(["sh", "-c", f'exec "$@" {closed}', "sh", *command], input=b"/nonsense\n",
                                  capture_output=True, timeout=harness.PATIENCE)
            self.assertEqual(done.returncode, status, (closed, done))
            server.expect_log(f"register.* user={user} ")
            self.assertRegex(server.expect_log("disconnect .*\n")[0], "logged out|said good-bye|closed")
        self.assertEqual(bob.child.poll(), None)

    def test_no_core_dumps(self):
        server = self.server()
        alice = self.client(server, "alice")
        self.assertEqual(harness.core_limit(alice.pid), harness.NO_CORE)

    def test_nothing_readable_on_the_wire(self):
        server = self.server()
        proxy = self.proxy(server)
        self.run_client(proxy.port, "a text that nobody else may read\n", new=True)
        for secret in (PASSWORD, "alice", "example.org", "nobody else may read", "lobby"):
            self.assertNotIn(secret.encode(), bytes(proxy.up) + bytes(proxy.down))


if __name__ == "__main__":
    harness.main()
