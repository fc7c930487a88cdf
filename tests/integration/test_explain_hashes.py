#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glass sha256, hmac, hkdf, pbkdf2 and totp with --explain: they end in what the command alone prints, and whoever pastes
the other programs' commands that are shown gets the same."""
import subprocess

import harness

ABC = b"abc"
KEY = "4a656665"
BLOCK = "aa" * 64
LONG = "aa" * 131
IKM = "0b" * 22
SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238's key in base32
LARGEST = 32768

# Each as (arguments, standard input). Nothing, something, and the most of it.
EXPLAINED = [
    (["sha256"], b""),
    (["sha256"], ABC),
    (["sha256", "-"], b"\n"),
    (["sha256"], bytes(range(256)) * 2),
    (["sha256"], b"\xff" * LARGEST),
    (["hmac", "--key", KEY], b"what do ya want for nothing?"),
    (["hmac", "--key", ""], b""),
    (["hmac", "--key", ""], ABC),
    (["hmac", "--key", "00"], b""),
    (["hmac", "--key", BLOCK], ABC),
    (["hmac", "--key", LONG], b"\0" * 64),
    (["hmac", "--key", "ab" * 4096], b"\xff" * LARGEST),
    (["hkdf", "--ikm", IKM, "--salt", "000102", "--info", "f0f1", "--length", "42"], b""),
    (["hkdf", "--ikm", IKM, "--length", "42"], b""),
    (["hkdf", "--prk", "5c" * 32, "--info", "f0f1", "--length", "42"], b""),
    (["hkdf", "--prk", "5c" * 32, "--length", "1"], b""),
    (["hkdf", "--ikm", IKM, "--salt", "", "--info", "", "--length", "1"], b""),
    (["hkdf", "--ikm", "", "--salt", LONG, "--info", "00" * 128, "--length", "32"], b""),
    (["hkdf", "--ikm", "ab" * 4096, "--salt", "cd" * 4096, "--length", "8160"], b""),
    (["pbkdf2", "--password-file", "-", "--salt", "73616c74", "--iterations", "1", "--length", "64"], b"passwd"),
    (["pbkdf2", "--password-file", "-", "--salt", "4e61436c", "--iterations", "80000", "--length", "64"], b"Password\n"),
    (["pbkdf2", "--password-file", "-", "--salt", "", "--iterations", "3", "--length", "1"], b""),
    (["pbkdf2", "--password-file", "-", "--salt", "00", "--iterations", "4", "--length", "100"], b"'$x \"\xff"),
    (["totp", "--key", SEED, "--time", "59", "--digits", "8"], b""),
    (["totp", "--key", SEED, "--time", "20000000000", "--digits", "7"], b""),
    (["totp", "--key", SEED, "--time", str(2 ** 63 - 1)], b""),
    (["totp", "--key", "", "--time", "0"], b""),
    (["totp", "--key", "AAAAAAAA" * 20, "--time", "1111111111"], b""),
]


def plain(text):
    """Without what programs print between digits, and in one case."""
    return "".join(text.replace(":", "").split()).lower()


class Typed(harness.TestCase):
    def test_a_totp_secret_as_apps_and_letters_show_it(self):
        def code(key, status=0):
            return self.run_program("glass", "totp", "--key", key, "--time", "59", status=status).stdout
        grouped = " ".join(SEED[i:i + 4] for i in range(0, len(SEED), 4))
        self.assertEqual(code(SEED), b"287082\n")  # RFC 6238, appendix B, its last six digits
        for key in SEED.lower(), grouped, grouped.lower(), f"\t{grouped}  ", SEED.title():
            self.assertEqual(code(key), code(SEED), key)
        for key in "GE======", "ge", "g e", "GE==", " ge = ":
            self.assertEqual(code(key), code("GE======"), key)
        for key in "g", "GF", "gez1", "GEZD-GNBV", "=", "G\u00c9", "==GE", "A" * 4096:
            code(key, status=2)


@harness.unsanitized
class Explained(harness.TestCase):
    def test_the_end_is_what_the_command_prints(self):
        for args, stdin in EXPLAINED:
            result = self.run_program("glass", *args, stdin=stdin, status=0).stdout.decode().split()[0]
            text = self.run_program("glass", *args, "--explain", stdin=stdin, status=0).stdout.decode()
            heading = text.rindex("\n\nThe same by ")
            self.assertTrue(plain(text[:heading]).endswith(result), (args, text[-2000:]))

    def test_others_compute_the_same(self):
        for args, stdin in EXPLAINED:
            text = self.run_program("glass", *args, "--explain", stdin=stdin, status=0).stdout.decode()
            commands = [line[4:] for line in text.splitlines() if line.startswith("  $ ")]
            self.assertEqual(len(commands), 2 if args[0] == "totp" else 1, args)
            shown = plain("".join(line for line in text.splitlines(True) if not line.startswith("  $ ")))
            for command in commands:
                done = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True,
                                      timeout=harness.PATIENCE, cwd=self.folder)
                said = done.stdout.decode()
                said = plain(said.partition("= ")[2] or said)  # openssl dgst names its input first
                self.assertEqual((done.returncode, done.stderr), (0, b""), command)
                self.assertGreater(len(said), 1, command)
                self.assertIn(said, shown, command)

    def test_one_round(self):
        """Of the first block, and of another one."""
        for args, first in ((["--round", "0"], "t = 0 of block 1 of 2"), (["--block", "2", "--round", "63"], "t = 63 of block 2 of 2")):
            text = self.run_program("glass", "sha256", "--explain", *args, stdin=b"x" * 64, status=0).stdout.decode()
            self.assertIn(first, text.splitlines()[0])
            self.assertIn("\nAfter it: ", text)

    def test_a_file(self):
        path = self.path("message", ABC)
        by_name = self.run_program("glass", "sha256", path, "--explain", status=0).stdout
        self.assertEqual(by_name, self.run_program("glass", "sha256", "--explain", stdin=ABC, status=0).stdout)

    def test_too_much(self):
        path = self.path("large", b"x" * (LARGEST + 1))
        for args in (["sha256"], ["hmac", "--key", KEY]):
            done = self.run_program("glass", *args, "--explain", path, status=1)
            self.assertIn(b"--explain takes at most 32768 bytes", done.stderr)
            self.assertEqual(done.stdout, b"")

    def test_wrong_use(self):
        for args, why in ((["--round", "1"], "go with --explain"), (["--block", "1"], "go with --explain"),
                          (["--explain", "--block", "1"], "goes with --round"),
                          (["--explain", "--round", "64"], "--round takes a number from 0 to 63"),
                          (["--explain", "--round", "-1"], "--round takes a number from 0 to 63"),
                          (["--explain", "--round", "1", "--block", "0"], "--block takes a number from 1 to 1"),
                          (["--explain", "--round", "1", "--block", "2"], "--block takes a number from 1 to 1"),
                          (["--explain", "--backend", "ref"], "no backend"), (["--explain", "a", "b"], "one file")):
            self.misuse("glass", ["sha256", *args], why)
        for command in ("hmac", "hkdf", "pbkdf2", "totp"):
            self.misuse("glass", [command, "--explain"], "is missing")

    def test_help_says_what_is_shown(self):
        for command, words in (("pbkdf2", b"and the password too"), ("hmac", b"the key too"), ("totp", b"the key too"),
                               ("sha256", b"--round T"), ("hkdf", b"every step")):
            self.assertIn(words, self.run_program("glass", command, "--help", status=0).stdout)


if __name__ == "__main__":
    harness.main()
