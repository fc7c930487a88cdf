#!/usr/bin/python3
"""The client's commands about one's own account: from a script, at a terminal, against the real server, and against one
that is written from the specification and looks at what the client sends."""
import base64
import os
import re
import shutil
import struct
import subprocess
import termios
import time
import urllib.parse

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

    def peer(self, part, **kw):
        """A server that lets anybody in, then plays this part; what it found wrong fails the test."""
        def enter(peer):
            peer.answer(peer.expect(wire.LOG_IN))
            part(peer)
            peer.answer(peer.expect(wire.LOG_OUT))
            peer.close()
        server = self.started(glasschat_server.Server(enter))
        self.addCleanup(lambda: self.assertIsNone(server.failure))
        return server.port

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
        """However wrong the first of them is, all of them are taken as answers."""
        server = self.server()
        listener = self.client(server, "bob")
        new = ["--register", "--email", "alice@example.org"]
        answers = ((["/password", "short", "", NEW], "password not changed: a password has 8 to 128 bytes"),
                   (["/password", "x" * 9000, "", NEW], "password not changed: a password has 8 to 128 bytes"),
                   (["/password", PASSWORD, "12345", NEW], "password not changed: a code has six digits"),
                   (["/password", PASSWORD, "1234567", NEW], "password not changed: a code has six digits"),
                   (["/password", PASSWORD, "", "short"], "password not changed: a password has 8 to 128 bytes"),
                   (["/password", "not the password", "", NEW], "password not changed: wrong password or code"),
                   (["/delete-account", "alicf", PASSWORD, ""], "account not deleted: that is not your name"),
                   (["/delete-account", "alice", "short", ""], "account not deleted: a password has 8 to 128 bytes"),
                   (["/2fa on", "short", ""], "no second factor begun: a password has 8 to 128 bytes"),
                   (["/2fa off", PASSWORD, "x"], "second factor not ended: a code has six digits"),
                   (["/2fa confirm", "/2fa", "/2fa confirm 12345"], "which code?"))
        for lines, why in answers:
            _, err = self.run_client(server.port, [*lines, "behind it"], *new, status=1)
            self.assertIn("glasschat: " + why, err)
            new = []
            listener.expect(r"\[lobby\] alice: behind it\n")
        for lines in (["/password"], ["/password", PASSWORD], ["/password", PASSWORD, ""], ["/delete-account"]):
            _, err = self.run_client(server.port, lines, status=1)
            self.assertIn("the input ended where an answer was expected", err)
        listener.expect(r"\* alice left lobby")
        heard = {l for l in listener.out.text.split("\n") if l.startswith("[lobby]")}
        self.assertEqual(heard, {"[lobby] alice: behind it"})

    def test_deleting_the_account(self):
        server = self.server()
        new = ["--register", "--email", "alice@example.org"]
        out, err = self.run_client(server.port, ["/delete-account", "alice", PASSWORD, "", "never said"], *new)
        self.assertTrue(out.endswith("* account alice deleted\n"), out)
        self.assertEqual(err, "")
        self.run_client(server.port, [], status=1)
        _, err = self.run_client(server.port, [], *new, status=1)
        self.assertIn("this name is taken", err)

    def test_what_is_sent(self):
        secret = bytes(range(20))

        def part(peer):
            for kind, count, expected in ((wire.CHANGE_PASSWORD, 3, [PASSWORD, "123456", NEW]),
                                          (wire.BEGIN_SECOND_FACTOR, 2, [PASSWORD, ""]),
                                          (wire.CONFIRM_SECOND_FACTOR, 1, ["654321"]),
                                          (wire.END_SECOND_FACTOR, 2, [NEW, "111111"]),
                                          (wire.BLOCK, 1, ["bob"]), (wire.UNBLOCK, 1, ["bob"])):
                request = peer.expect(kind)
                got = self.fields(request, count)
                assert got == expected, (got, expected)
                if kind == wire.BEGIN_SECOND_FACTOR:
                    peer.answer(request, wire.SECRET, secret)
                else:
                    peer.answer(request)
        out, err = self.run_client(self.peer(part), [
            "/password", PASSWORD, "123456", NEW, "/2fa on", PASSWORD, "", "/2fa confirm 654321", "/2fa off", NEW,
            "111111", "/block bob", "/unblock bob"])
        self.assertEqual(err, "")
        text = base64.b32encode(secret).decode()
        uri = urllib.parse.urlsplit(re.search(r"^\* (otpauth://\S+)$", out, re.M)[1])
        self.assertEqual((uri.scheme, uri.netloc), ("otpauth", "totp"))
        self.assertRegex(urllib.parse.unquote(uri.path), r"^/glasschat:alice@127\.0\.0\.1:\d+$")
        self.assertEqual(urllib.parse.parse_qs(uri.query), {"secret": [text], "issuer": ["glasschat"]})
        self.assertEqual(re.sub(r".*lobby\n", "", out, count=1, flags=re.S).replace(uri.geturl(), "URI").split("\n"), [
            "* password changed", "* URI", f"* secret: {text}",
            "* give this to an authenticator app, then type /2fa confirm and the code it shows",
            "* second factor on: from now on logging in takes a code", "* second factor off",
            "* you don't hear bob any more", "* you hear bob again", ""])

    def test_what_is_refused(self):
        def part(peer):
            for _ in range(2):
                peer.refuse(peer.expect(wire.CONFIRM_SECOND_FACTOR), wire.E_LOGIN_FAILED, "wrong")
            peer.refuse(peer.expect(wire.END_SECOND_FACTOR), wire.E_NO_SECOND_FACTOR, "there is none")
            peer.refuse(peer.expect(wire.BLOCK), wire.E_NO_SUCH_USER, "there is no such user")
            # An answer to a ping that comes between the answer and who waits for it changes nothing.
            request = peer.expect(wire.CHANGE_PASSWORD)
            peer.send(wire.STILL_THERE, 0)
            ping = peer.expect(wire.PING)
            peer.refuse(request, wire.E_TRY_LATER, "later")
            peer.answer(ping)
        _, err = self.run_client(self.peer(part), [
            "/2fa confirm 000000", "/2fa confirm 000001", "/2fa off", PASSWORD, "123456", "/block bob", "/block Bob",
            "/block", "/block alice", "/password", PASSWORD, "", NEW], status=1)
        self.assertEqual(err.split("\n"), [
            "glasschat: second factor not confirmed: wrong code", "glasschat: second factor not confirmed: wrong code",
            "glasschat: second factor not ended: there is none",
            "glasschat: 'Bob' is no user: a name is 1 to 32 of a-z 0-9 _ -, starting with a letter",
            "glasschat: whom? /block NAME", "glasschat: that is you", "glasschat: bob: there is no such user",
            "glasschat: password not changed: later", ""])

    def test_a_secret_that_nobody_asked_for(self):
        def part(peer):
            peer.answer(peer.expect(wire.BLOCK), wire.SECRET, bytes(20))
            peer.next()
        _, err = self.run_client(self.peer(part), ["/block bob"], status=1)
        self.assertIn("answered what was not asked", err)


if __name__ == "__main__":
    harness.main()
