# SPDX-License-Identifier: MIT
"""Output that can't be written is no success: every command of every program, with its output sent to a full disk."""
import os
import re
import resource
import subprocess

import glasschat_transcript as transcript
import harness
from call_case import identity

HEX = "00" * 16
# For each command of glass, arguments with which it prints something; {key}, {file}, {session} and {receipt} are there.
GLASS = {
    "sha256": ["{file}"], "hmac": ["--key", "00", "{file}"], "hkdf": ["--ikm", "00", "--length", "20"],
    "pbkdf2": ["--password-file", "{file}", "--salt", "00", "--iterations", "1", "--length", "20"],
    "aes": ["--key", HEX, HEX], "cbc": ["--key", HEX, "--iv", HEX], "pkcs7": ["{file}"],
    "dh": ["--group", "ffdhe2048", "--private", "01" * 32], "ring": ["--group", "ffdhe2048"],
    "rsa": ["sign", "--key", "{key}", "{file}"], "totp": ["--key", "GEZDGNBVGY3TQOJQ", "--time", "59"],
    "bignum": [], "key": ["show", "{key}"], "backends": [], "bench": ["--seconds", "0.01", "sha256"],
    "lab": [], "grade": ["--list"], "practice": ["--once", "{folder}"],
    "explain": ["--session", "{session}"],
    "etm": ["--enc-key", HEX, "--mac-key", HEX + HEX, "--iv", HEX], "rng": ["16", "--hex"], "base64": ["{file}"],
    "figure": [], "transcript": ["verify", "{receipt}"],
    "load": ["sends", "--clients", "2", "--rate", "10", "--seconds", "1"],
}


class Output(harness.TestCase):
    def full(self, name, *args, stdin=b""):
        with open("/dev/full", "wb") as full:
            return subprocess.run([harness.program(name), *args], input=stdin, stdout=full, stderr=subprocess.PIPE,
                                  timeout=harness.PATIENCE, env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))

    def assert_says_so(self, name, *args, stdin=b""):
        with self.subTest(command=(name, *args)):
            done = self.full(name, *args, stdin=stdin)
            said = [line for line in done.stderr.decode().splitlines() if re.match(name + ": (?!warning)", line)]
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertEqual(len(said), 1, done.stderr)
            self.assertRegex(said[0], "No space left on device|some of it was lost")

    def test_a_file_that_may_not_grow(self):
        """No signal ends a program in the middle of a file without a word, and no half of a key is left."""
        server = self.server()
        for name, *args in (("glass", "key", "new", self.path("key")), ("glasschatd", "--help"),
                            ("glasschat", f"anna@127.0.0.1:{server.port}", "--home", self.path("new"),
                             "--password-file", self.path("password", b"12345678\n"))):
            with self.subTest(program=name), open(self.path(name, b""), "wb") as out:
                os.chmod(self.path("password", b"12345678\n"), 0o600)
                done = subprocess.run([harness.program(name), *args], stdin=subprocess.DEVNULL, stdout=out,
                                      stderr=subprocess.PIPE, timeout=harness.PATIENCE,
                                      preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertRegex(done.stderr.decode(), rf"(?m)\A{name}: .*File too large")
        self.assertFalse(os.path.exists(self.path("key")))

    def commands_of_glass(self):
        help_text = self.run_program("glass", "--help", status=0).stdout.decode()
        return re.findall(r"(?m)^  (\w+)", help_text)

    def test_glass(self):
        self.path("file", b"some bytes")
        self.run_program("glass", "key", "new", self.path("key"), status=0)
        self.path("session", b"glasschat recording 1\nrole client\nserver a:1\nbegan 1764460000\nend\n")
        os.chmod(self.path("session"), 0o600)
        room = transcript.Room(identity("alice"))
        self.path("receipt", transcript.text(room.lines()))
        places = {name: self.path(name) for name in ("file", "key", "session", "receipt")}
        places["folder"] = self.folder
        self.assertEqual(sorted(set(self.commands_of_glass())), sorted(GLASS))
        self.assert_says_so("glass", "--help")
        self.assert_says_so("glass", "--version")
        for command, args in GLASS.items():
            self.assert_says_so("glass", command, "--help")
            self.assert_says_so("glass", command, *[arg.format(**places) for arg in args])
        signed = subprocess.run([harness.program("glass"), "rsa", "sign", "--key", places["key"], places["file"]],
                                capture_output=True, check=True)
        self.path("signature", signed.stdout)
        self.assert_says_so("glass", "rsa", "verify", "--key", places["key"], "--signature", self.path("signature"),
                            places["file"])

    def test_glasschatd(self):
        data = ("--data", self.path("data"), "--pbkdf2-iterations", "1")
        self.assert_says_so("glasschatd", "--help")
        self.assert_says_so("glasschatd", "--version")
        self.assert_says_so("glasschatd", *data, "--listen", "127.0.0.1:0", *harness.SANDBOX)
        for words, given in ((["add", "anna", "a@example.org"], True), (["list"], False), (["lock", "anna"], False),
                             (["unlock", "anna"], False), (["reset", "anna"], True), (["remove", "anna"], False)):
            password = ["--password-file", "-"] if given else []
            self.assert_says_so("glasschatd", *data, *password, "account", *words, stdin=b"correct horse\n")
        self.assert_says_so("glasschatd", *data, "key", "renew")

    def test_glasschat(self):
        """Also a client that is in the middle of a conversation: it ends, though answers are still to come."""
        server = self.server()
        self.assert_says_so("glasschat", "--help")
        self.assert_says_so("glasschat", "--version")
        self.path("password", harness.PASSWORD.encode())
        os.chmod(self.path("password"), 0o600)
        self.assert_says_so("glasschat", "anna@127.0.0.1:%d" % server.port, "--register", "--email", "a@example.org",
                            "--home", self.path("home"), "--password-file", self.path("password"), stdin=b"/who\n")
