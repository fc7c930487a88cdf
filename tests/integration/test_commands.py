#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The client's commands about one's own account: from a script, at a terminal, against the real server, and against one
that is written from the specification and looks at what the client sends."""
import base64
import fcntl
import os
import re
import shutil
import signal
import struct
import subprocess
import termios
import time
import urllib.parse

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import glasschat_client as wire
import glasschat_server
import harness

PASSWORD = "correct horse"
NEW = "a better horse"


def code_of(secret, at=None):
    """The six digits, by oathtool where it is installed: nobody of ours."""
    at = int(time.time() if at is None else at)
    text = base64.b32encode(secret).decode()
    if shutil.which("oathtool"):
        command = ["oathtool", "--totp", "--base32", text, "--now", f"@{at}"]
    else:
        command = [harness.program("glass"), "totp", "--key", text, "--time", str(at)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Commands(harness.TestCase):
    def run_client(self, port, lines, *options, user="alice", password=PASSWORD, status=0, code=""):
        path = os.path.join(self.folder, "password")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as f:
            f.write(password + "\n" + (code + "\n" if code else ""))
        done = subprocess.run([harness.program("glasschat"), f"{user}@127.0.0.1:{port}", "--home",
                               os.path.join(self.folder, "home"), "--password-file", path, *options],
                              capture_output=True, input="\n".join(lines).encode() + b"\n", timeout=harness.PATIENCE)
        out, err = done.stdout.decode(), done.stderr.decode()
        self.assertEqual(done.returncode, status, out + err)
        return out, err

    def peer(self, part):
        """A server that lets anybody in, then plays this part; what it found wrong fails the test."""
        def enter(peer):
            request = peer.next()
            while request.type != wire.LOG_IN:
                peer.answer(request)
                request = peer.next()
            peer.answer(request)
            part(peer)
            peer.answer(peer.expect(wire.LOG_OUT))
            peer.close()
        server = self.started(glasschat_server.Server(enter))
        self.addCleanup(lambda: self.assertIsNone(server.failure))
        return server

    @staticmethod
    def names(*names):
        return struct.pack(">H", len(names)) + b"".join(wire.v8(name.encode()) for name in names)

    @staticmethod
    def fields(request, count):
        out = [request.fields.text(1) for _ in range(count)]
        assert not request.fields.data
        return out


class Scripts(Commands):
    """The answers to the questions are the script's next lines."""

    def test_the_password(self):
        server = self.server()
        new = ["--register", "--email", "alice@example.org"]
        out, err = self.run_client(server.port, ["/password", PASSWORD, "", NEW, "/who"], *new)
        self.assertIn("* password changed\n* in lobby: alice", out)
        self.assertEqual(err, "")
        self.run_client(server.port, [], status=1)
        self.run_client(server.port, [], password=NEW)

    def test_no_answer_is_ever_said(self):
        """However wrong the first of them is, all of them are taken as answers; where one is not asked for, nothing is
        said any more."""
        server = self.server()
        listener = self.client(server, "bob")
        new = ["--register", "--email", "alice@example.org"]
        answers = ((["/password", "short", "", NEW], "password not changed: a password has 8 to 128 bytes"),
                   (["/password", "x" * 9000, "", NEW], "password not changed: a password has 8 to 128 bytes"),
                   (["/password", PASSWORD, "12345", NEW], "password not changed: a code has six digits"),
                   (["/password", PASSWORD, "1234567", NEW], "password not changed: a code has six digits"),
                   (["/password", PASSWORD, "", "short"], "password not changed: a password has 8 to 128 bytes"),
                   (["/password", "not the password", "", NEW], "password not changed: wrong password\n"),
                   (["/2fa on", "short", ""], "no second factor begun: a password has 8 to 128 bytes"),
                   (["/2fa off", PASSWORD, "x"], "second factor not ended: a code has six digits"),
                   (["/2fa on", PASSWORD, "123456"], "no second factor begun: wrong code"))
        for lines, why in answers:
            _, err = self.run_client(server.port, [*lines, "behind it"], *new, status=1)
            self.assertIn("glasschat: " + why, err)
            new = []
            listener.expect(r"\[lobby\] alice: behind it\n")
        for lines in (["/delete-account", "alicf", PASSWORD, ""], ["/delete-account", "alice\0", PASSWORD, ""],
                      ["/delete-account", PASSWORD], ["/certificate /nowhere", PASSWORD, ""],
                      ["/delete-account", "alice", "short", ""], ["/delete-account", "alice", "not the password", ""]):
            _, err = self.run_client(server.port, [*lines, "never said"], status=1)
            self.assertRegex(err, r"\Aglasschat: .*: .* \(line [124]: nothing behind it was done or said\)\n\Z")
        for lines in (["/password"], ["/password", PASSWORD], ["/password", PASSWORD, ""], ["/delete-account"]):
            _, err = self.run_client(server.port, lines, status=1)
            self.assertIn("the input ended where an answer was expected", err)
        listener.expect(r"\* alice left lobby")
        heard = {l for l in listener.out.text.split("\n") if l.startswith("[lobby]")}
        self.assertEqual(heard, {"[lobby] alice: behind it"})

    UNCLEAR = [  # each a line that is no command, and what it was to be
        "/pasword", "/Password", "/PASSWORD", "/", "/ password", "/password\r", "/password\0", "/pass\0word", " /password",
        "\t/password", "\u00a0/password", "\u200b/password", "\u2060\ufeff/password", "\x1b[200~/password",
        b"\xff/password", "\uff0fpassword", "\u2215password", "\u2044password", "\u200b \uff0f\uff50", ".password",
        "\\password", "7password", "password", "Password ", "2fa on", "delete-account",
        "/password now", "/password " + NEW, "/2fa ON", "/2fa", "/2fa on now", "/2fa off 123456", "/2fa confirm",
        "/2fa confirm 12345", "/2fa confirm 123456 now", "/2fa\u00a0on", "/certificate", "/certificate two words",
        "/certificate @bob now", "/certificate @Bob", "/certificate @", "/delete-certificate @bob", "/delete-account alice",
        "/join exam room", "/join", "/join Exam", "/leave the room", "/who is there", "/rooms all", "/block bob carol",
        "/block", "/block Bob", "/unblock bob carol", "/blocks bob", "/help me", "/quit now",
        "/certificate " + "x" * 9000, "/password" + " " * 9000, "x" * 9000,
        "pasword", "Passwort", "passwrod", "delete-acount", "lobby> /password", "> /password", "$ /pasword",
        '"/password"', "`/password`", "'/password", "\u201c/password\u201d", "//password", "//Password", "lobby> /2fa on",
        "> /delete-account", "lobby> /join exam",
        "/join exam\rhorse", "/leave Horse", "/who Horse!", "/block bob\rhorse", "/unblock Horse", "/certificate horse",
        "/certificate mine\rhorse", "/certificate @bob\rhorse", "/2fa confirm horse", "/2fa on\rhorse", "/delete-horse"]

    def test_a_line_that_is_not_understood_ends_a_script(self):
        """What stands behind it may answer what was never asked: with whatever line end, none of it is said. Nor is any
        of the line shown, which has a password in it where its ends were lost."""
        server = self.server("--max-rate", "1000", "--free-tries", "1000")
        listener = self.client(server, "bob")
        self.run_client(server.port, ["the first"], "--register", "--email", "alice@example.org")
        for i, line in enumerate(self.UNCLEAR):
            line = line if isinstance(line, bytes) else line.encode()
            end = b"\r\n" if i % 2 else b"\n"
            lines = end.join([b"%d before" % i, line, b"not the password", b"123456", b"another horse", b"never", b""])
            done = subprocess.run([harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home",
                                   self.path("home"), "--password-file", self.path("password")], input=lines,
                                  capture_output=True, timeout=harness.PATIENCE)
            err = done.stderr.decode()
            self.assertEqual(done.returncode, 1, (line, err))
            self.assertRegex(err, r"\Aglasschat: .*\(line 2: nothing behind it was done or said\)\n\Z", line)
            self.assertNotIn("horse", err)
            listener.expect(rf"\[lobby\] alice: {i} before\n")
        self.run_client(server.port, ["the last"])
        listener.expect(r"\[lobby\] alice: the last\n")
        heard = re.findall(r"^\[lobby\].*$", listener.out.text, re.M)
        self.assertEqual(heard, ["[lobby] alice: the first", *(f"[lobby] alice: {i} before" for i in
                                                               range(len(self.UNCLEAR))), "[lobby] alice: the last"])

    def test_a_refused_join_or_leave_ends_a_script(self):
        """What follows was meant for another room. It has come whole before the answers, which wait for each other."""
        server = self.server("--max-joined", "2")
        listener = self.client(server, "bob")
        nowhere = "nowhere: "
        new = ["--register", "--email", "alice@example.org"]
        for lines, why in ((["/join exam", "/join more"], "more: the server says: you are in as many rooms as one user may be"),
                           (["/leave nowhere"], nowhere), (["/leave", "/join exam", "/leave nowhere"], nowhere),
                           (["/leave", "/leave"], "you are in no room: /join one")):
            _, err = self.run_client(server.port, ["before", *lines, "never said", "/leave", "/quit"], *new, status=1)
            ends = f" (line {1 + len(lines)}: nothing behind it was done or said)\n"
            self.assertRegex(err, rf"\Aglasschat: {why}.*{re.escape(ends)}\Z")
            listener.expect(r"\[lobby\] alice: before\n")
            new = []
        out, err = self.run_client(server.port, ["/block nobody", "/who nowhere", "/join exam",
                                                 "/join lobby", "the last"], status=1)
        self.assertEqual(err.count("\n"), 2, err)
        listener.expect(r"\[lobby\] alice: the last\n")
        self.assertNotIn("never", listener.out.text)

    def test_more_rooms_than_the_client_knows(self):
        """It refuses by itself what it could not remember."""
        def part(peer):
            for _ in range(63):
                peer.answer(peer.expect(wire.JOIN))
        rooms = [f"/join room-{i}" for i in range(64)]
        _, err = self.run_client(self.peer(part).port, [*rooms, "never said"], status=1)
        self.assertEqual(err, "glasschat: you are in 64 rooms already: /leave one first (line 64: nothing behind it was "
                              "done or said)\n")

    def test_a_byte_order_mark_is_dropped(self):
        server = self.server()
        listener = self.client(server, "bob")
        new = ["--register", "--email", "alice@example.org"]
        for first, password in (("\ufeff/password", PASSWORD), ("\ufeff/password\r", NEW)):
            out, err = self.run_client(server.port, [first, password, "", NEW, "\ufeffa mark of its own"], *new,
                                       password=password)
            self.assertIn("* password changed\n", out)
            self.assertEqual(err, "")
            listener.expect("\\[lobby\\] alice: \ufeffa mark of its own\n")
            new = []
        self.run_client(server.port, ["\ufeff\ufeff/password", PASSWORD, "", NEW], password=NEW, status=1)
        self.run_client(server.port, ["\ufeff//slash"], password=NEW)
        listener.expect(r"\[lobby\] alice: /slash\n")
        self.assertEqual(len(re.findall(r"^\[lobby\]", listener.out.text, re.M)), 3)

    def test_a_password_is_never_said(self):
        """A script that answers as one would at a terminal, where the new password is asked for twice; one that answers
        what is not asked; and one that begins with the password."""
        server = self.server("--free-tries", "1000")
        listener = self.client(server, "bob")
        said = "not said: it was given as a password"
        new = ["--register", "--email", "alice@example.org"]
        for lines, now, number in ((["/password", PASSWORD, "", NEW, NEW, "never"], PASSWORD, 5),
                                   ([NEW, "never"], NEW, 1), (["/who", NEW, "", "never"], NEW, 2),
                                   (["/password", "not the password", "", PASSWORD, "not the password", "never"], NEW, 5),
                                   (["/password", "not the password", "271828", PASSWORD, "271828", "never"], NEW, 5),
                                   (["/password", "four", "", "none", "four", "never"], NEW, 5)):
            _, err = self.run_client(server.port, lines, *new, password=now, status=1)
            self.assertTrue(err.endswith(f"glasschat: {said} (line {number}: nothing behind it was done or said)\n"), err)
            self.assertLessEqual(err.count("\n"), 2)
            new = []
        self.run_client(server.port, ["x" + NEW], password=NEW)
        listener.expect(r"\[lobby\] alice: x" + NEW + "\n")
        self.assertEqual(len(re.findall(r"^\[lobby\]", listener.out.text, re.M)), 1)

    def test_what_looks_like_a_command_and_is_none_is_said(self):
        server = self.server("--max-rate", "1000")
        listener = self.client(server, "bob")
        texts = ["either/or", "http://example.org", "\\o/", "-- /x", "my password is secret", "passport", "#password",
                 "2fa is on", "certificate expired", "//password changes it", "//who", "> /who is there?", "///", "// /x", "quit", "Exit"]
        out, err = self.run_client(server.port, [*texts, "/who  \t", "/quit ", "never"], "--register", "--email",
                                   "a@example.org")
        self.assertEqual(err, "")
        self.assertIn("* in lobby: ", out)
        listener.expect("alice left")
        heard = re.findall(r"^\[lobby\] alice: (.*)$", listener.out.text, re.M)
        self.assertEqual(heard, [text[1:] if text.startswith("//") else text for text in texts])

    def test_a_signal_between_a_command_and_its_answers(self):
        server = self.server()
        listener = self.client(server, "bob")
        alice = self.client(server, "alice")
        alice.type("/who\n/password\nnot the password\n")
        alice.expect(r"in lobby: alice, bob\n")
        listener.expect("alice joined")  # who comes and goes at once may be told of neither
        alice.kill(signal.SIGTERM)
        try:
            alice.type("\nanother horse\nnever\n")
            alice.end_input()
        except OSError:
            pass  # it is gone already
        self.assertEqual(alice.wait(), 1)
        listener.expect("alice left")
        self.assertNotIn("[lobby]", listener.out.text)

    def test_deleting_the_account(self):
        server = self.server()
        new = ["--register", "--email", "alice@example.org"]
        out, err = self.run_client(server.port, ["/delete-account", "alice", PASSWORD, "", "never said"], *new)
        self.assertTrue(out.endswith("* account alice deleted\n"), out)
        self.assertEqual(err, "")
        self.run_client(server.port, [], status=1)
        _, err = self.run_client(server.port, [], *new, status=1)
        self.assertIn("this name is taken", err)

    def test_help_and_the_readme_name_the_same(self):
        server = self.server()
        out, _ = self.run_client(server.port, ["/help"], "--register", "--email", "alice@example.org")
        listed = set(re.findall(r"^\* (//?[a-z0-9-]+)", out, re.M))
        with open(os.path.join(harness.ROOT, "README.md")) as f:
            rows = re.findall(r"^\| (`/.*?) \|", f.read(), re.M)
        told = {word for row in rows for word in re.findall(r"`(//?[a-z0-9-]+)", row)}
        self.assertEqual(listed - {"/quit"}, told)

    def test_what_is_sent(self):
        secret, blocked = bytes(range(20)), []

        def part(peer):
            for kind, count, expected in ((wire.CHANGE_PASSWORD, 3, [PASSWORD, "123456", NEW]),
                                          (wire.BEGIN_SECOND_FACTOR, 2, [PASSWORD, ""]),
                                          (wire.CONFIRM_SECOND_FACTOR, 1, ["654321"]),
                                          (wire.END_SECOND_FACTOR, 2, [NEW, "111111"]),
                                          (wire.BLOCK, 1, ["bob"]), (wire.LIST_BLOCKED, 0, []),
                                          (wire.UNBLOCK, 1, ["bob"]), (wire.LIST_BLOCKED, 0, [])):
                request = peer.expect(kind)
                got = self.fields(request, count)
                assert got == expected, (got, expected)
                if kind == wire.BEGIN_SECOND_FACTOR:
                    peer.answer(request, wire.SECRET, secret)
                elif kind == wire.LIST_BLOCKED:
                    peer.answer(request, wire.BLOCKED, self.names(*["bob"] * len(blocked)))
                else:
                    blocked[:] = [kind] * (kind == wire.BLOCK)
                    peer.answer(request)
        out, err = self.run_client(self.peer(part).port, [
            "/password", PASSWORD, "123456", NEW, "/2fa on", PASSWORD, "", "/2fa confirm 654321", "/2fa off", NEW,
            "111111", "/block bob", "/blocks", "/unblock bob", "/blocks"])
        self.assertEqual(err, "")
        text = base64.b32encode(secret).decode()
        uri = urllib.parse.urlsplit(re.search(r"^\* (otpauth://\S+)$", out, re.M)[1])
        self.assertEqual((uri.scheme, uri.netloc), ("otpauth", "totp"))
        self.assertRegex(urllib.parse.unquote(uri.path), r"^/glasschat:alice@127\.0\.0\.1:\d+$")
        self.assertEqual(urllib.parse.parse_qs(uri.query), {"secret": [text], "issuer": ["glasschat"]})
        self.assertEqual(re.sub(r".*lobby\n", "", out, count=1, flags=re.S).replace(uri.geturl(), "URI").split("\n"), [
            "* password changed", "* URI", f"* secret: {text}",
            "* give this to an authenticator app, then type /2fa confirm and the code it shows",
            "* second factor on: from now on logging in takes a code; this one is used up now, the next one counts",
            "* second factor off",
            "* you don't hear bob any more", "* you don't hear: bob", "* you hear bob again", "* you have blocked nobody",
            ""])

    def test_what_is_refused(self):
        def part(peer):
            for _ in range(2):
                peer.refuse(peer.expect(wire.CONFIRM_SECOND_FACTOR), wire.E_WRONG_CODE, "wrong code: wait")
            peer.refuse(peer.expect(wire.END_SECOND_FACTOR), wire.E_NO_SECOND_FACTOR, "there is none")
            peer.refuse(peer.expect(wire.BLOCK), wire.E_NO_SUCH_USER, "there is no such user")
            # An answer to a ping that comes between the answer and who waits for it changes nothing.
            request = peer.expect(wire.CHANGE_PASSWORD)
            peer.send(wire.STILL_THERE, 0)
            ping = peer.expect(wire.PING)
            peer.refuse(request, wire.E_TRY_LATER, "later")
            peer.answer(ping)
        _, err = self.run_client(self.peer(part).port, [
            "/2fa confirm 000000", "/2fa confirm 000001", "/2fa off", PASSWORD, "123456", "/block bob", "/block alice",
            "/password", PASSWORD, "", NEW], status=1)
        self.assertEqual(err.split("\n"), [
            "glasschat: second factor not confirmed: the server says: wrong code: wait",
            "glasschat: second factor not confirmed: the server says: wrong code: wait",
            "glasschat: second factor not ended: the server says: there is none",
            "glasschat: that is you", "glasschat: bob: there is no such user",
            "glasschat: password not changed: the server says: later", ""])

    def test_a_list_that_goes_on_hides_no_refusal(self):
        """Its next page is asked for when the first has come, which may be behind another request."""
        def part(peer):
            request = peer.next()
            while request.type != wire.LOG_OUT:
                if request.type == wire.CONFIRM_SECOND_FACTOR:
                    peer.refuse(request, wire.E_WRONG_CODE, "wrong code: wait")
                elif request.type == wire.FETCH_CERTIFICATE:
                    peer.refuse(request, wire.E_NO_SUCH_USER, "there is no such user")
                else:
                    room, after = self.fields(request, 2)
                    peer.answer(request, wire.MEMBERS, wire.v8(room.encode()) + bytes([after == ""]) +
                                self.names("carol" if after else "bob"))
                request = peer.next()
            peer.answer(request)
            peer.close()
            raise glasschat_server.Gone()
        out, err = self.run_client(self.peer(part).port, ["/who", "/2fa confirm 123456", "/who", "/certificate @bob"],
                                   status=1)
        self.assertEqual(err.split("\n"), ["glasschat: second factor not confirmed: the server says: wrong code: wait",
                                           "glasschat: bob: there is no such user", ""])
        self.assertEqual(out.split("lobby\n", 1)[1], "* in lobby: bob\n* in lobby: carol\n" * 2)

    def test_a_secret_that_nobody_asked_for(self):
        def part(peer):
            peer.answer(peer.expect(wire.BLOCK), wire.SECRET, bytes(20))
            peer.next()
        _, err = self.run_client(self.peer(part).port, ["/block bob"], status=1)
        self.assertIn("answered what was not asked", err)


def holds(process, secret):
    """The addresses at which what the process can write has these bytes."""
    found = []
    with open(f"/proc/{process.pid}/maps") as maps, open(f"/proc/{process.pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, mode = line.split()[:2]
            start, end = (int(x, 16) for x in span.split("-"))
            if "w" not in mode or line.rstrip().endswith("[vvar]") or end - start > 1 << 32:
                continue  # the last: a sanitizer's shadow
            memory.seek(start)
            at = memory.read(end - start).find(secret)
            if at >= 0:
                found.append(f"{start + at:x} in {line.strip()}")
    return found


class Factor(Commands):
    """With the real server."""

    def start(self, server, *options, terminal=False):
        return self.started(harness.Client(self.folder, "alice", server.port, *options, terminal=terminal))

    def begin(self, client, first=PASSWORD, code=""):
        client.say("/2fa on")
        client.say(first)
        client.say(code)
        return base64.b32decode(client.expect(r"^\* secret: ([A-Z2-7]{32})$")[1])

    def test_a_second_factor_from_beginning_to_end(self):
        server = self.server()
        alice = self.client(server, "alice")
        secret, now = self.begin(alice), time.time()
        wrong = "%06d" % ((int(code_of(secret, now)) + 1) % 1000000)
        alice.say("/2fa confirm " + wrong)
        alice.err.expect("not confirmed: wrong code")
        alice.say("/2fa confirm " + code_of(secret, now))
        alice.expect("second factor on")
        alice.end_input()
        self.assertEqual(alice.wait(), 1)
        _, err = self.run_client(server.port, [], status=1)
        self.assertIn("wrong name, password or code", err)
        _, err = self.run_client(server.port, [], code=code_of(secret, now), status=1)  # it has been used
        self.assertIn("wrong name, password or code", err)
        with open(os.path.join(server.data, "accounts"), "rb") as f:
            self.assertNotIn(secret, f.read())
        out, _ = self.run_client(server.port, ["/who"], code=code_of(secret, now + 30))
        self.assertIn("in lobby: alice", out)
        self.assertNotIn(base64.b32encode(secret).decode(), server.log)

    def test_a_used_code_is_told_apart_from_a_wrong_password(self):
        """To who is logged in; to who is not, only that a code counts once."""
        server = self.server("--free-tries", "100")
        alice = self.client(server, "alice")
        secret, now = self.begin(alice), time.time()
        alice.say("/2fa confirm " + code_of(secret, now))
        alice.expect("second factor on: .* this one is used up now, the next one counts\n")
        for password, code, why in (("not the password", code_of(secret, now + 30), "wrong password\n"),
                                    (PASSWORD, code_of(secret, now), "wrong code: .*used already: wait for the next one"),
                                    (PASSWORD, "", "wrong code: missing"), (PASSWORD, "12345", "a code has six digits")):
            for line in "/2fa off", password, code:
                alice.say(line)
            alice.err.expect("glasschat: second factor not ended: " + why)
        for line in "/2fa off", PASSWORD, code_of(secret, now + 30):
            alice.say(line)
        alice.expect("second factor off")
        for line in "/2fa off", PASSWORD, "123456":
            alice.say(line)
        alice.err.expect("not ended: wrong code: .* without a second factor, give none")
        _, err = self.run_client(server.port, [], code="123456", status=1)
        self.assertEqual(err, "glasschat: not logged in: wrong name, password or code; each code counts once: wait for "
                              "the next one\n")

    def test_logging_in_asks_for_the_code(self):
        server = self.server()
        with wire.Client(server.port) as c:
            c.enter("alice", PASSWORD)
            secret, now = c.begin_second_factor(PASSWORD), time.time()
            c.confirm_second_factor(code_of(secret, now - 30))
        alice = self.started(harness.Process(
            [harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home", self.folder], terminal=True,
            env={"TERM": "dumb"}))
        for question, text in (("password: ", PASSWORD), ("code .*: ", "12345"), ("six digits\r\nunused code .*: ", ""),
                               ("wrong name, password or code\r\npassword: ", PASSWORD),
                               ("code .*: ", code_of(secret, now)), ("lobby> ", "/2fa off"), ("password: ", PASSWORD),
                               ("code .*: ", code_of(secret, now + 30)), ("second factor off\r\n", "/quit")):
            alice.expect(question)
            alice.type(text + "\n")
        self.assertEqual(alice.wait(), 0)
        with wire.Client(server.port) as c:
            c.log_in("alice", PASSWORD)

    def test_no_secret_stays_in_memory(self):
        with open(harness.program("glasschat"), "rb") as f:
            if b"__asan_init" in f.read():
                self.skipTest("a sanitizer keeps what was freed, and more memory than can be read")
        server = self.server()
        alice = self.client(server, "alice")
        # One read; and where what is behind the first line moves to the front, nothing of it overlaps where it was.
        alice.type("".join(line + "\n" for line in ("/password".ljust(100), PASSWORD, "", NEW)))
        alice.expect("password changed")
        secret = self.begin(alice, NEW)
        alice.say("/block nobody")
        alice.err.expect("no such user")
        self.assertTrue(holds(alice, b"alice@example.org"))  # it does find what is there
        for kept in PASSWORD.encode(), NEW.encode(), secret, base64.b32encode(secret):
            self.assertEqual(holds(alice, kept), [], kept)
        for term in "screen", "dumb":
            bob = self.started(harness.Process(
                [harness.program("glasschat"), f"{term}@127.0.0.1:{server.port}", "--home", self.folder, "--register",
                 "--email", "bob@example.org"], terminal=True, env={"TERM": term}))
            for question, text in (("new password: ", PASSWORD), ("repeat password: ", PASSWORD), ("lobby> ", "/password"),
                                   ("password: ", PASSWORD), ("code .*: ", ""), ("new password: ", NEW),
                                   ("repeat password: ", NEW), (r"password changed[^*]*lobby> ", "/who")):
                bob.expect(question)
                bob.type(text + "\n")
            bob.expect("in lobby: ")
            for kept in PASSWORD.encode(), NEW.encode():
                self.assertEqual(holds(bob, kept), [], (kept, term))


class Blocks(Commands):
    def test_who_is_blocked_is_not_heard(self):
        server = self.server()
        alice = self.client(server, "alice")
        with wire.Client(server.port) as bob:
            bob.enter("bob", PASSWORD)
            alice.say("/block bob")
            alice.expect("you don't hear bob")
            bob.say("lobby", "unheard")
            alice.say("/blocks")
            alice.expect(r"\* you don't hear: bob\n")
            alice.say("/unblock bob")
            alice.expect("you hear bob again")
            alice.say("/blocks")
            alice.expect(r"\* you have blocked nobody\n")
            bob.say("lobby", "heard")
            alice.expect(r"\[lobby\] bob: heard")
        self.assertNotIn("unheard", alice.out.text)

    def test_a_server_that_lies(self):
        """What it sends for 64 names of full length is taken; then nothing of what it sends is shown."""
        full = [f"evil{i:028}" for i in range(65)]

        def part(peer):
            listed, kind, fields = case
            if listed:
                peer.answer(peer.next(), wire.BLOCKED, self.names(*full[:64]))
            if command:
                peer.answer(peer.next(), kind, fields)
            else:
                peer.send(kind, 77, fields)
            peer.next()
        server = self.peer(part)
        unasked, broken = "answered what was not asked: leaving it", "breaks the protocol: leaving it"
        for command, kind, fields, why in (
                ("/blocks", wire.BLOCKED, self.names(*full), broken),  # one too many
                ("/blocks", wire.BLOCKED, self.names("evil", "Evil"), broken),
                ("/blocks", wire.BLOCKED, self.names("evil\x1b[2J"), broken),
                ("/blocks", wire.BLOCKED, self.names("evil", ""), broken),
                ("/blocks", wire.BLOCKED, self.names("evil" * 8 + "l"), broken),
                ("/blocks", wire.BLOCKED, self.names("evil", "evil"), broken),
                ("/blocks", wire.BLOCKED, self.names("evil", "eve"), broken),
                ("/blocks", wire.BLOCKED, self.names("evil")[:-1], broken),
                ("/blocks", wire.BLOCKED, self.names("evil") + b"x", broken),
                ("/blocks", wire.BLOCKED, b"\xff\xff" + self.names("evil")[2:], broken),
                ("/blocks", wire.OK, b"", unasked),
                ("/blocks", wire.MEMBERS, wire.v8(b"lobby") + b"\0" + self.names("evil"), unasked),
                ("/rooms", wire.BLOCKED, self.names("evil"), unasked),
                ("/block evil", wire.BLOCKED, self.names("evil"), unasked),
                ("", wire.BLOCKED, self.names("evil"), unasked)):
            case = command == "/blocks", kind, fields
            out, err = self.run_client(server.port, [command] * (2 if case[0] else 1), status=1)
            self.assertIn(why, err)
            self.assertEqual(out.split("lobby\n", 1)[-1], f"* you don't hear: {', '.join(full[:64])}\n" * case[0])

    def test_a_server_that_does_not_know_the_list(self):
        def part(peer):
            peer.refuse(peer.expect(wire.LIST_BLOCKED), wire.E_UNKNOWN_TYPE, "the server does not know this request")
        _, err = self.run_client(self.peer(part).port, ["/blocks"], status=1)
        self.assertEqual(err, "glasschat: the server says: the server does not know this request\n")


class Certificates(Commands):
    def setUp(self):
        super().setUp()
        self.key = rsa.generate_private_key(65537, 3072)

    def pem(self, password=None, kind=serialization.PrivateFormat.PKCS8):
        how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, kind, how)

    def public_pem(self):
        return self.key.public_key().public_bytes(serialization.Encoding.PEM,
                                                  serialization.PublicFormat.SubjectPublicKeyInfo)

    def certificate(self, name, role=2, begins=-1000, ends=1000, **how):
        now = int(time.time())
        return wire.certificate(self.key, role, name, now + begins, now + ends, **how)

    def fingerprint(self):
        return "SHA256:" + base64.b64encode(wire.key_fingerprint(self.key)).decode()

    def glass(self, *args):
        return self.run_program("glass", *args, status=0).stdout.decode()

    def wrong(self):
        """What the certificate of alice can't be, and what is said of it."""
        return ((self.certificate("bob"), "it is made out to bob, not to alice"),
                (self.certificate("alicf"), "it is made out to alicf, not to alice"),
                (self.certificate("alice", broken=1), "its signature is wrong"),
                (self.certificate("alice", issuer=b"i" * 32), "it is signed by another key than its own"),
                (self.certificate("alice", begins=-2000, ends=-500), "it expired on 20"),
                (self.certificate("alice", begins=500), "it is not valid before 20"))

    def test_registered_and_seen(self):
        """All with what a user has: the three programs. The key is sealed; its path is long."""
        server = self.server()
        folder = self.path(os.path.join(*["d" * 100] * 4))
        os.makedirs(folder)
        key, mine = os.path.join(folder, "alice.key"), os.path.join(folder, "alice.certificate")
        secret = self.path("sealed-with", b"of the key\n")
        os.chmod(secret, 0o600)
        self.glass("key", "new", "--password-file", secret, key)
        self.glass("key", "certify", "--user", "alice", "--key", key, "--password-file", secret, "--days", "7", mine)
        self.assertIn("certificate of the user alice\n", self.glass("key", "show", mine))
        said = dict(line.rsplit(" ", 1) for line in self.glass("key", "show", mine).split("\n")[:5])
        new = ["--register", "--email", "a@example.org"]
        out, err = self.run_client(server.port, ["/certificate @alice", "/certificate " + mine, PASSWORD, "",
                                                 "/certificate @alice", "/certificate @nobody"], *new, status=1)
        self.assertEqual(err, "glasschat: nobody: there is no such user\n")
        shown = [f"* certificate of alice: key {said['fingerprint']}, valid from {said['not before']} to "
                 f"{said['not after']}", "* compare that key with alice outside this chat: nothing of it is remembered"]
        self.assertEqual(re.sub(r".*lobby\n", "", out, count=1, flags=re.S).split("\n"), [
            "* alice has no certificate",
            f"* certificate registered, key {said['fingerprint']}; other sessions of this account end", *shown, ""])
        out, err = self.run_client(server.port, ["/certificate @alice", "/certificate @bob"], *new, user="bob")
        self.assertIn("\n".join([*shown, "* bob has no certificate", ""]), out)
        with wire.Client(server.port) as c, open(mine, "rb") as f:
            self.assertEqual(c.enter("carol").fetch_certificate("alice"), f.read())
        self.assertIn("certificate replaced", server.log)
        with wire.Client(server.port) as other:
            other.log_in("carol", "a good password")
            out, err = self.run_client(server.port, ["/delete-certificate", PASSWORD, "", "/certificate @alice"])
            self.assertEqual(err, "")
            self.assertTrue(out.endswith("* certificate deleted, you have none now; other sessions of this account end\n"
                                         "* alice has no certificate\n"), out)
            self.assertEqual(other.fetch_certificate("alice"), b"")
        self.run_client(server.port, ["/delete-certificate", PASSWORD, ""])  # there is none: so it stays

    def test_what_is_sent(self):
        mine = self.certificate("alice")

        def part(peer):
            for code, refusal in ("123456", None), ("", wire.E_BAD_CERTIFICATE), ("", wire.E_LOGIN_FAILED):
                request = peer.expect(wire.REPLACE_CERTIFICATE)
                assert request.fields.data == wire.v8(PASSWORD.encode()) + wire.v8(code.encode()) + wire.v16(mine)
                if refusal:
                    peer.refuse(request, refusal, "it can't be used")
                else:
                    peer.answer(request)
        command = "/certificate " + self.path("mine", mine)
        out, err = self.run_client(self.peer(part).port, [command, PASSWORD, "123456", command, PASSWORD, "", command,
                                                          PASSWORD, ""], status=1)
        self.assertEqual(out.count("* certificate registered, key " + self.fingerprint()), 1)
        self.assertEqual(err, "glasschat: certificate not registered: the server says: it can't be used\n"
                              "glasschat: certificate not registered: wrong password\n")

    def test_deleting_it(self):
        def part(peer):
            for code, refusal in ("123456", None), ("", wire.E_LOGIN_FAILED), ("", wire.E_NOT_SAVED):
                request = peer.expect(wire.REPLACE_CERTIFICATE)
                assert request.fields.data == wire.v8(PASSWORD.encode()) + wire.v8(code.encode()) + wire.v16(b"")
                if refusal:
                    peer.refuse(request, refusal, "it could not be saved")
                else:
                    peer.answer(request)
        command = "/delete-certificate"
        out, err = self.run_client(self.peer(part).port, [
            command, PASSWORD, "123456", command, PASSWORD, "", command, PASSWORD, "", command, "short", "", command,
            PASSWORD, "12345", command, PASSWORD], status=1)
        self.assertEqual(out.count("* certificate deleted"), 1)
        not_done = "glasschat: certificate not deleted: "
        self.assertEqual([line[len(not_done):] for line in err.split("\n") if line.startswith(not_done)], [
            "wrong password", "the server says: it could not be saved", "a password has 8 to 128 bytes",
            "a code has six digits", "the input ended where an answer was expected"])

    def test_what_is_not_sent(self):
        """Whatever is wrong with the file, the server hears nothing of it, nor of what answers the questions."""
        heard = []

        def part(peer):
            request = peer.expect(wire.SAY)
            heard.append(request.fields.data)
            peer.answer(request)
        os.mkfifo(self.path("pipe"))
        good = self.certificate("alice")
        files = [*self.wrong(), (self.certificate("alice", role=1), "it is a server's, not a user's"),
                 (self.pem(), "holds a private key: keep it to yourself"),
                 (b"a copy\n" + self.pem(b"sealed"), "holds a private key"),
                 (self.pem(kind=serialization.PrivateFormat.TraditionalOpenSSL), "holds a private key"),
                 (self.public_pem(), "holds a public key"), (b"", "is no certificate as"), (b"x", "is no certificate"),
                 (good[:-1], "is no certificate"), (good + b"\n", "is no certificate"), (b"\0" * 20000, "is no certificate"),
                 (b"-----BEGIN CERTIFICATE-----\n" + base64.b64encode(good), "is no certificate")]
        cases = [(self.path(f"file{i}", data), why) for i, (data, why) in enumerate(files)]
        cases += [(self.path("none"), "the file: No such file"), (self.folder, "is no file"),
                  (self.path("pipe"), "is no file"), ("/dev/zero", "is no file")]
        private = (self.pem() + self.pem(kind=serialization.PrivateFormat.TraditionalOpenSSL)).decode().split("\n")
        for path, why in cases:
            out, err = self.run_client(self.peer(lambda peer: None).port, ["/certificate " + path, PASSWORD, "",
                                                                           "never said"], status=1)
            self.assertIn(why, err)
            self.assertTrue(err.startswith("glasschat: "))
            self.assertTrue(err.endswith(" (line 1: nothing behind it was done or said)\n"), err)
            for line in private:
                self.assertFalse(len(line) > 30 and line in out + err)
        lines = ["/certificate " + self.path("good", good), "short", "", "behind it"]
        _, err = self.run_client(self.peer(part).port, lines, status=1)
        self.assertEqual(err, "glasschat: certificate not registered: a password has 8 to 128 bytes\n")
        self.assertEqual(heard, [wire.v8(b"lobby") + wire.v16(b"behind it")])

    def test_a_server_that_lies(self):
        """It sends others' certificates, broken ones and old ones under alice's name; the last one is good."""
        wrong = self.wrong()
        far = wire.certificate(self.key, 2, "alice", 0, 2**64 - 1)

        def part(peer):
            for sent in [c for c, _ in wrong] + [far, b""]:
                request = peer.expect(wire.FETCH_CERTIFICATE)
                assert self.fields(request, 1) == ["alice"]
                peer.answer(request, wire.CERTIFICATE, wire.v8(b"alice") + wire.v16(sent))
        out, err = self.run_client(self.peer(part).port, ["/certificate @alice"] * (len(wrong) + 2), status=1,
                                   user="bob")
        said = err.rstrip("\n").split("\n")
        self.assertEqual(len(said), len(wrong), err)
        for line, (_, why) in zip(said, wrong):
            self.assertIn("glasschat: the certificate that the server sent for alice does not verify: " + why, line)
        self.assertEqual(re.sub(r".*lobby\n", "", out, count=1, flags=re.S).split("\n"), [
            f"* certificate of alice: key {self.fingerprint()}, valid from 1970-01-01T00:00:00Z to {2**64 - 1}",
            "* compare that key with alice outside this chat: nothing of it is remembered",
            "* alice has no certificate", ""])

    def test_a_certificate_of_an_account_called_you(self):
        """And one that is made out to what no account is called, as long as a certificate's name may be."""
        shown = ["you", "x" * 255, "alice,not-to-you"]

        def part(peer):
            peer.answer(peer.expect(wire.FETCH_CERTIFICATE), wire.CERTIFICATE,
                        wire.v8(b"you") + wire.v16(self.certificate("you")))
            for name in shown:
                peer.answer(peer.expect(wire.FETCH_CERTIFICATE), wire.CERTIFICATE,
                            wire.v8(b"y0u") + wire.v16(self.certificate(name)))
            peer.refuse(peer.expect(wire.FETCH_CERTIFICATE), wire.E_NO_SUCH_USER, "there is no such user")
            peer.refuse(peer.expect(wire.BLOCK), wire.E_NO_SUCH_USER, "there is no such user")
        out, err = self.run_client(self.peer(part).port, ["/certificate @you", *["/certificate @y0u"] * len(shown),
                                                          "/certificate @you", "/block you"], status=1)
        self.assertRegex(out, r"\n\* certificate of 'you': key .*\n\* compare that key with 'you' outside this chat")
        self.assertEqual(err.split("\n"), [
            *(f"glasschat: the certificate that the server sent for 'y0u' does not verify: it is made out to '{name}', "
              "not to 'y0u'" for name in shown), *["glasschat: 'you': there is no such user"] * 2, ""])

    def test_a_server_that_breaks_the_protocol(self):
        good = self.certificate("alice")
        unasked, broken = "answered what was not asked: leaving it", "breaks the protocol: leaving it"
        alice = wire.v8(b"alice")
        for command, kind, fields, why in (
                ("/certificate @alice", wire.CERTIFICATE, wire.v8(b"bob") + wire.v16(good), unasked),
                ("/certificate @alice", wire.OK, b"", unasked), ("/block alice", wire.CERTIFICATE, alice + wire.v16(good), unasked),
                ("/certificate @alice", wire.CERTIFICATE, alice + wire.v16(self.certificate("alice", role=1)), broken),
                ("/certificate @alice", wire.CERTIFICATE, alice + wire.v16(good[:-1]), broken),
                ("/certificate @alice", wire.CERTIFICATE, alice + wire.v16(b"x" * 3000), broken)):
            def part(peer):
                peer.answer(peer.next(), kind, fields)
                peer.next()
            out, err = self.run_client(self.peer(part).port, [command], status=1, user="bob")
            self.assertIn(why, err)
            self.assertNotIn("SHA256", out.split("in lobby")[-1].split("lobby\n")[-1])

    def test_no_key_stays_in_memory(self):
        if harness.sanitized():
            self.skipTest("a sanitizer keeps what was freed, and more memory than can be read")
        alice = self.client(self.server(), "alice", ready=False, terminal=True, env={"TERM": "dumb"})
        alice.expect("lobby> ")
        alice.type("/certificate " + self.path("key", self.pem()) + "\n")
        alice.expect("holds a private key")
        self.assertTrue(holds(alice, b"alice@example.org"))
        for line in self.pem().split(b"\n")[1:-2]:
            self.assertEqual(holds(alice, line), [])

    def test_at_a_terminal(self):
        """The password isn't shown; nothing typed takes it back."""
        server = self.server()
        mine = self.path("mine", self.certificate("alice"))
        for term in "screen", "dumb":
            alice = self.started(harness.Client(self.folder, "alice", server.port, terminal=True, env={"TERM": term},
                                                register=term == "screen"))
            for question, text in (("lobby> ", "/certificate " + mine), ("password: ", ""),
                                   ("not registered: nothing was typed", "/certificate " + mine),
                                   ("password: ", PASSWORD), ("code .*: ", ""), ("registered, key SHA256:", "/quit")):
                alice.expect(question)
                alice.type(text + "\n")
            self.assertEqual(alice.wait(), 0)
            self.assertNotIn(PASSWORD, alice.out.text)


class Terminals(Commands, harness.Screens):
    """The same as people see it."""

    def answer(self, name, question, text, *keys):
        self.see(name, question)
        self.type(name, text, *keys)

    def change_password(self, server, name, term):
        """While it is asked for, bob talks."""
        self.window(name, server, term=term)
        self.type(name, "/password", "Enter")
        self.answer(name, "\npassword:", PASSWORD[:5])
        self.type("bob", "it arrives", "Enter")
        self.see(name, "[lobby] bob: it arrives\npassword:")
        self.type(name, PASSWORD[5:], "Enter")
        self.answer(name, "code (Enter if none):", "", "Enter")
        self.answer(name, "new password:", NEW, "Enter")
        self.answer(name, "repeat password:", NEW + "x", "Enter")
        self.see(name, "passwords do not match\nnew password:")
        self.type(name, NEW, "Enter")
        self.see(name, "match\nnew password:\nrepeat password:")
        self.type(name, NEW, "Enter")
        self.see(name, "* password changed\nlobby>")
        screen = self.screen(name)
        self.assertNotIn(PASSWORD[5:], screen)
        self.assertNotIn(NEW, screen)
        self.type(name, f"{name} goes on", "Enter")
        self.see("bob", f"[lobby] {name}: {name} goes on")
        with wire.Client(server.port) as c:
            c.log_in(name, NEW)

    def test_the_password(self):
        server = self.server()
        self.window("bob", server)
        self.change_password(server, "alice", "screen")
        self.change_password(server, "carol", "dumb")

    def test_what_is_pasted_behind_a_command_is_never_said(self):
        server = self.server()
        self.window("bob", server)
        for name, term in ("alice", "screen"), ("carol", "dumb"):
            self.window(name, server, term=term)
            self.type(name, f"/password\r{PASSWORD}\r\r{NEW}\r{NEW}\r")
            self.see(name, "\npassword:")
            time.sleep(0.3)

            def answers_with_nothing():
                return self.screen(name).endswith("lobby>") or self.type(name, "", "Enter")

            harness.wait_until(answers_with_nothing, "it asks for no more, whatever it asked for")
            self.type(name, f"the end of {name}", "Enter")
            self.see("bob", f"the end of {name}")
        for secret in PASSWORD, NEW:
            self.assertNotIn(secret, self.screen("bob"))

    def test_what_is_pasted_behind_a_refused_command_is_never_said(self):
        """Here no question comes that would throw it away."""
        server = self.server()
        self.window("bob", server)
        for name, term in ("alice", "screen"), ("carol", "dumb"):
            self.window(name, server, term=term)
            self.type(name, f"/certificate /nowhere\r{PASSWORD}\r\r")
            self.see(name, "not registered")
            self.type(name, "/delete-account", "Enter")
            self.see(name, f"type {name} to delete it")
            self.type(name, f"x\r{PASSWORD}\r\r")
            self.see(name, "that is not your name")
            time.sleep(0.3)
            self.type(name, f"the end of {name}", "Enter")
            self.see("bob", f"the end of {name}")
        self.assertNotIn(PASSWORD, self.screen("bob"))

    def test_what_is_pasted_behind_a_mistyped_command_is_never_said(self):
        """Nor the command itself; and what is typed afterwards is said again."""
        server = self.server("--max-rate", "1000")
        self.window("bob", server)
        for name, term in ("alice", "screen"), ("carol", "dumb"):
            self.window(name, server, term=term)
            for i, line in enumerate(("/pasword", "/Password", " /password", "\u00a0/password", "\uff0fpassword",
                                      ".password", "/2fa ON", "/password now", "/block bob dave", PASSWORD)):
                self.type(name, f"{line}\r{PASSWORD}\r\r{NEW}\r")
                self.see(name, "glasschat: ")
                harness.wait_until(lambda: self.screen(name).endswith("lobby>"), "the prompt is back")
                time.sleep(0.2)
                self.type(name, f"{i} of {name}", "Enter")
                self.see("bob", f"{name}: {i} of {name}")
                self.tmux("clear-history", "-t", f"={name}:")
                self.tmux("send-keys", "-t", f"={name}:", "-R")
        heard = re.findall(r"^\[lobby\] (.*)$", self.screen("bob", "-S", "-"), re.M)
        self.assertEqual(heard, [f"{name}: {i} of {name}" for name in ("alice", "carol") for i in range(10)])

    def test_nothing_typed_takes_it_back(self):
        server = self.server()
        self.window("alice", server)
        for command, question, why in (("/password", "password:", "password not changed"),
                                       ("/2fa on", "password:", "no second factor begun"),
                                       ("/delete-account", "type alice to delete it", "account not deleted")):
            self.type("alice", command, "Enter")
            self.answer("alice", question, "", "Enter")
            self.see("alice", f"glasschat: {why}: ")
            self.tmux("clear-history", "-t", "=alice:")
            self.tmux("send-keys", "-t", "=alice:", "-R")

    def matrix(self, screen):
        """The rows of the code that is on the screen, dark as #."""
        lines = [line for line in screen.split("\n") if re.fullmatch("[ \u2580\u2584\u2588]*\\S[ \u2580\u2584\u2588]*", line)]
        self.assertGreater(len(lines), 10, screen)
        side = max(len(line) for line in lines)
        rows = []
        for line in lines:
            line = line.ljust(side)
            rows.append("".join(".#"[c in "\u2580\u2588"] for c in line))
            rows.append("".join(".#"[c in "\u2584\u2588"] for c in line))
        return [row for row in rows if "#" in row]

    def test_the_code_that_is_drawn_is_the_uri(self):
        if shutil.which("qrencode") is None:
            self.skipTest("qrencode is not installed")
        secret, seen = os.urandom(20), []

        def part(peer):
            request = peer.expect(wire.BEGIN_SECOND_FACTOR)
            peer.answer(request, wire.SECRET, secret)
            request = peer.expect(wire.CONFIRM_SECOND_FACTOR)
            seen.append(request.fields.text(1))
            peer.answer(request)
        server = self.peer(part)
        self.window("alice", server, columns=130, rows=50)
        self.type("alice", "/2fa on", "Enter")
        self.answer("alice", "password:", PASSWORD, "Enter")
        self.answer("alice", "code (Enter if none):", "", "Enter")
        self.see("alice", "/2fa confirm and the code it shows")
        screen = self.screen("alice")
        uri = re.search(r"otpauth://\S+", screen)[0]
        self.assertIn("secret=" + base64.b32encode(secret).decode(), uri)
        drawn = self.matrix(screen)
        theirs = subprocess.run(["qrencode", "-t", "ASCII", "-l", "M", "-m", "0", "-o", "-"], input=uri.encode(),
                                capture_output=True, check=True).stdout.decode().split("\n")
        theirs = [line[::2].replace(" ", ".") for line in theirs if line]
        left = min(row.index("#") for row in drawn)
        self.assertEqual([row[left:left + len(theirs)] for row in drawn], theirs)
        self.assertIn("107m", self.screen("alice", "-e"))  # dark on light, whatever the terminal's colors
        if shutil.which("zbarimg"):
            margin = ["." * len(theirs)] * 4
            pixels = [row.center(len(theirs) + 8, ".") for row in margin + theirs + margin]
            picture = os.path.join(self.folder, "code.pbm")
            with open(picture, "w") as f:
                f.write("P1\n%d %d\n" % (4 * len(pixels[0]), 4 * len(pixels)))
                for row in pixels:
                    f.write(4 * ("".join(4 * ("1 " if c == "#" else "0 ") for c in row) + "\n"))
            read = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, text=True).stdout
            self.assertEqual(read.strip(), uri)
        code = code_of(secret)
        self.type("alice", f"/2fa confirm {code}", "Enter")
        self.see("alice", "* second factor on")
        self.assertEqual(seen, [code])

    def test_the_secret_is_on_no_command_line(self):
        """A qrencode in the way writes down how it was called."""
        tools = os.path.join(self.folder, "bin")
        os.mkdir(tools)
        said = os.path.join(self.folder, "said")
        script = os.path.join(tools, "qrencode")
        with open(script, "w") as f:
            f.write(f'#!/bin/sh\nenv >{said}\necho "$0 $*" >>{said}\ntr "\\0" " " </proc/$PPID/cmdline >>{said}\n'
                    'printf "\\033[2J##\\n"\necho it complains >&2\n')
        os.chmod(script, 0o755)
        secret = os.urandom(20)

        def part(peer):
            peer.answer(peer.expect(wire.BEGIN_SECOND_FACTOR), wire.SECRET, secret)
        server = self.peer(part)
        alice = self.started(harness.Process(
            [harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home", self.folder], terminal=True,
            env={"PATH": tools + ":" + os.environ["PATH"], "TERM": "xterm"}))
        fcntl.ioctl(alice.stdin, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        for question, text in (("password: ", PASSWORD), ("code .*: ", ""), ("lobby> ", "/2fa on"),
                               ("password: ", PASSWORD), ("code .*: ", ""), (r"\* secret: \S+", "/quit")):
            alice.expect(question)
            alice.type(text + "\n")
        self.assertEqual(alice.wait(), 0)
        with open(said) as f:
            said = f.read()
        self.assertIn("qrencode -t ASCII", said)
        self.assertNotIn(base64.b32encode(secret).decode(), said)
        self.assertNotIn("otpauth", said)
        self.assertNotIn("\x1b[2J", alice.out.text)  # what it says is no drawing, so nothing is drawn
        self.assertNotIn("it complains", alice.out.text + alice.err.text)  # nor does it write past us

    def test_stopped_at_a_password(self):
        """The shell gets a terminal that shows what is typed; back at the question it is hidden again."""
        server = self.server()
        alice = self.started(harness.Job([harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home",
                                          self.folder]))
        alice.expect("password: ")
        for sig in (signal.SIGTSTP, signal.SIGSTOP):  # of the second the client hears only when it goes on
            self.assertFalse(alice.echoes())
            alice.stop(sig)
            shown = termios.tcgetattr(alice.stdin)
            if sig == signal.SIGTSTP:
                self.assertTrue(alice.echoes())
            shown[3] |= termios.ECHO  # as bash does for itself, and does not undo
            termios.tcsetattr(alice.stdin, termios.TCSANOW, shown)
            alice.go_on()
            alice.expect("password: ")
            harness.wait_until(lambda: not alice.echoes(), "it hides what is typed")
        alice.type(PASSWORD + "\n")
        alice.expect("code .*: ")
        self.assertEqual(alice.out.text.count("password: "), 3)  # once more for each stop

    def waits_in(self, pid):
        """The number of the system call; None while it runs, or waits for something else."""
        with open(f"/proc/{pid}/syscall") as f:
            number = f.read().split()[0]
        return None if number in ("running", "-1") else number

    def test_stopped_with_its_shell(self):
        """Ctrl-Z stops a script, too, and the shell has the terminal before the client has heard of it: to hold the client
        until then, the terminal takes no output, and there is some. Then both go on."""
        server = self.server()
        bob = wire.Client(server.port).enter("bob", PASSWORD)
        self.addCleanup(bob.close)
        with open(os.path.join(self.folder, "password"), "w") as f:
            os.chmod(f.name, 0o600)
            f.write(PASSWORD)
        alice = self.started(harness.Job(
            ["sh", "-c", '"$@"; echo the end of the script', "sh", harness.program("glasschat"),
             f"alice@127.0.0.1:{server.port}", "--home", self.folder, "--register", "--email", "a@example.org",
             "--password-file", f.name], env={"TERM": "xterm"}))
        alice.expect("in lobby")
        client = harness.children(alice.job())[0]
        tty = os.open(f"/proc/{client}/fd/0", os.O_RDWR | os.O_NOCTTY)
        self.addCleanup(os.close, tty)
        alice.type("/password\n")
        alice.expect("password: ")
        for turn in range(2):
            poll = harness.wait_until(lambda: self.waits_in(client), "it waits")
            modes = termios.tcgetattr(tty)
            modes[0] &= ~termios.IXON  # or Ctrl-Z would let the output go on
            termios.tcsetattr(tty, termios.TCSANOW, modes)
            termios.tcflow(tty, termios.TCOOFF)
            bob.say("lobby", f"turn {turn}")
            harness.wait_until(lambda: self.waits_in(client) not in (poll, None), "it waits for the terminal")
            alice.type("\x1a")
            harness.wait_until(alice.has_terminal, "the shell has the terminal")
            termios.tcflow(tty, termios.TCOON)
            harness.wait_until(lambda: harness.is_stopped(client), "it stops")
            alice.go_on()
            alice.expect("password: ")
            harness.wait_until(lambda: not alice.echoes() and not harness.is_stopped(client), "it hides what is typed")
        alice.type("\n")
        alice.expect("nothing was typed[^>]*lobby> ")
        alice.type("/quit\n")
        alice.expect("the end of the script")

    def begun_in_the_background(self, *options, **env):
        """A client of alice, and how the terminal was before. When it goes on, the shell has had the terminal for itself."""
        server = self.server()
        wire.Client(server.port).enter("alice", PASSWORD).close()
        alice = self.started(harness.Job([harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home",
                                          self.folder, *options], background=True, env=env))
        usual, keys = termios.tcgetattr(alice.stdin), termios.tcgetattr(alice.stdin)
        keys[3] &= ~(termios.ICANON | termios.ECHO)
        termios.tcsetattr(alice.stdin, termios.TCSANOW, keys)
        alice.go_on()
        harness.wait_until(lambda: harness.children(alice.pid) and alice.is_stopped(), "it stops")
        termios.tcsetattr(alice.stdin, termios.TCSANOW, usual)
        alice.go_on()
        return alice, usual

    def test_begun_in_the_background(self):
        """A question wants a line, though each key counted when it was begun."""
        alice, _ = self.begun_in_the_background(TERM="dumb")
        alice.expect("password: ")
        self.assertTrue(termios.tcgetattr(alice.stdin)[3] & termios.ICANON)
        for key in PASSWORD + "\n":
            alice.type(key)
        alice.expect("code .*: ")
        alice.type("\n")
        alice.expect("in lobby")
        self.assertNotIn(PASSWORD, alice.out.text)
        alice.type("/quit\n")

    def test_begun_in_the_background_with_a_line_editor(self):
        """What the shell had for itself is not how the terminal is left."""
        password = os.path.join(self.folder, "password")
        with open(password, "w") as f:
            os.chmod(password, 0o600)
            f.write(PASSWORD)
        alice, usual = self.begun_in_the_background("--password-file", password, TERM="xterm")
        alice.expect("lobby> ")
        alice.type("/quit\n")
        harness.wait_until(lambda: not harness.children(alice.pid), "it ends")
        self.assertEqual(termios.tcgetattr(alice.stdin)[:4], usual[:4])

    def test_ended_at_a_password(self):
        """Whatever ends it, the terminal shows what is typed again."""
        server = self.server()
        signals = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM, signal.SIGUSR1,
                   signal.SIGUSR2, signal.SIGXCPU)
        for sig in signals:
            alice = self.started(harness.Process(
                ["sh", "-c", '"$@"; echo over; cat', "sh", harness.program("glasschat"),
                 f"alice@127.0.0.1:{server.port}", "--home", self.folder], terminal=True))
            alice.expect("password: ")
            os.kill(harness.children(alice.pid)[0], sig)
            alice.expect("over")
            self.assertTrue(termios.tcgetattr(alice.stdin)[3] & termios.ECHO, sig)
            alice.close()

    def test_nobody_could_let_it_go_on(self):
        """Without a shell Ctrl-Z must not stop it, at the question or behind it: it would be stopped for ever."""
        server = self.server()
        alice = self.client(server, "alice", terminal=True, env={"TERM": "xterm"})
        alice.type("\x1a/who\n")
        alice.expect("in lobby: alice")
        bob = self.started(harness.Process(
            [harness.program("glasschat"), f"alice@127.0.0.1:{server.port}", "--home", self.folder], terminal=True))
        bob.expect("password: ")
        bob.type("\x1a")
        bob.expect("password: ")  # once more: the signal was seen
        bob.type(PASSWORD + "\n")
        bob.expect("code .*: ")
        bob.type("\n")
        bob.expect("in lobby")
        self.assertNotIn(PASSWORD, bob.out.text)


if __name__ == "__main__":
    harness.main()
