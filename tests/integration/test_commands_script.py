#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The client's commands about one's own account from a script: what is said and sent, and what ends it."""
import base64
import os
import re
import signal
import subprocess
import urllib.parse

import glasschat_client as wire
import glasschat_server
import harness
from commands_case import NEW, PASSWORD, Commands


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
            self.assertRegex(err, r"\Aglasschat: .*: .* \(line [124]: nothing after it was done or said\)\n\Z")
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
        "/join +den", "/leave +den", "/who +Den", "/seal den", "/seal +horse den", "/accept +den", "/invite", "/remove Horse",
        "/invite bob\rhorse", "/remove bob", "/close", "/close +den", "/seal +Horse", "/accept +den Horse",
        "/block", "/block Bob", "/unblock bob carol", "/blocks bob", "/help me", "/quit now",
        "/certificate " + "x" * 9000, "/password" + " " * 9000, "x" * 9000,
        "pasword", "Passwort", "passwrod", "delete-acount", "lobby> /password", "> /password", "$ /pasword",
        '"/password"', "`/password`", "'/password", "\u201c/password\u201d", "//password", "//Password", "lobby> /2fa on",
        "> /delete-account", "lobby> /join exam",
        "/join exam\rhorse", "/leave Horse", "/who Horse!", "/block bob\rhorse", "/unblock Horse", "/certificate horse",
        "/certificate mine\rhorse", "/certificate @bob\rhorse", "/2fa confirm horse", "/2fa on\rhorse", "/delete-horse"]

    def test_a_line_that_is_not_understood_ends_a_script(self):
        """What stands after it may answer what was never asked: with whatever line end, none of it is said. Nor is any
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
            self.assertRegex(err, r"\Aglasschat: .*\(line 2: nothing after it was done or said\)\n\Z", line)
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
                           (["/leave", "/leave"], "you talk in no room: /join one")):
            _, err = self.run_client(server.port, ["before", *lines, "never said", "/leave", "/quit"], *new, status=1)
            ends = f" (line {1 + len(lines)}: nothing after it was done or said)\n"
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
        self.assertEqual(err, "glasschat: you are in 64 rooms already: /leave one first (line 64: nothing after it was "
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
            self.assertTrue(err.endswith(f"glasschat: {said} (line {number}: nothing after it was done or said)\n"), err)
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
        listener.expect("alice joined")  # of somebody who comes and goes at once neither may be told
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
        self.assertEqual(listed, told)

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
        self.assertEqual(self.after_login(out).replace(uri.geturl(), "URI").split("\n"), [
            "* password changed", "* URI", f"* secret: {text}",
            "* give this to an authenticator app, then type /2fa confirm and the code it shows",
            "* second factor on: from now on logging in takes a code; this one is used up now, the next one counts",
            "* second factor off",
            "* bob is blocked", "* you don't hear: bob", "* you hear bob again", "* you have blocked nobody",
            ""])

    def test_what_is_refused(self):
        def part(peer):
            for _ in range(2):
                peer.refuse(peer.expect(wire.CONFIRM_SECOND_FACTOR), wire.E_WRONG_CODE, "wrong code: wait")
            peer.refuse(peer.expect(wire.END_SECOND_FACTOR), wire.E_NO_SECOND_FACTOR, "there is none")
            peer.refuse(peer.expect(wire.BLOCK), wire.E_NO_SUCH_USER, "there is no such user")
            # An answer to a ping that comes before the answer that is waited for changes nothing.
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
        """Its next page is asked for when the first has come, which may be after another request."""
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
        self.assertEqual(self.after_login(out), "* in lobby: bob\n* in lobby: carol\n" * 2)

    def test_a_secret_that_nobody_asked_for(self):
        def part(peer):
            peer.answer(peer.expect(wire.BLOCK), wire.SECRET, bytes(20))
            peer.next()
        _, err = self.run_client(self.peer(part).port, ["/block bob"], status=1)
        self.assertIn("answered what was not asked", err)


class Blocks(Commands):
    def test_who_is_blocked_is_not_heard(self):
        server = self.server()
        alice = self.client(server, "alice")
        with wire.Client(server.port) as bob:
            bob.enter("bob", PASSWORD)
            alice.say("/block bob")
            alice.expect("bob is blocked")
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
            self.assertEqual(self.after_login(out), f"* you don't hear: {', '.join(full[:64])}\n" * case[0])

    def test_a_server_that_does_not_know_the_list(self):
        def part(peer):
            peer.refuse(peer.expect(wire.LIST_BLOCKED), wire.E_UNKNOWN_TYPE, "the server does not know this request")
        _, err = self.run_client(self.peer(part).port, ["/blocks"], status=1)
        self.assertEqual(err, "glasschat: the server says: the server does not know this request\n")


if __name__ == "__main__":
    harness.main()
