#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `glass COMMAND --explain` prints, and that other people's programs compute the same.

EXPLAINED has command lines whose explanations hold what the command prints without --explain; PARTS has parts of one,
and WRONG what is refused. To add a primitive is to add lines. Each line that begins with `  $ ` is given to sh, with
the same standard input; what it prints has to be in the explanation, blanks, colons and the case of letters apart.
"""
import re
import subprocess

import harness

KEY128 = "2b7e151628aed2a6abf7158809cf4f3c"
KEY256 = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
IV = "000102030405060708090a0b0c0d0e0f"
BLOCK = "3243f6a8885a308d313198a2e0370734"
CBC128, CBC256 = ["cbc", "--key", KEY128, "--iv", IV], ["cbc", "--key", KEY256, "--iv", IV]
TEXT = b"attack at dawn, or a little later"
SEALED = bytes.fromhex("7cb67c26108bde81778c75e35e1fcc0b89ce1278ba84850e3afe9c43edcfb763"
                       "3344df942fe0e96f6792e388475e1cc0")
EMPTY = bytes.fromhex("c84af0b613435d5d9182801a9bd9320b")

# These print bytes, and all others hex digits among other words.
BYTES = ("cbc", "pkcs7")
# For these nobody else's command is known.
ALONE = ("pkcs7",)

# What is typed after `glass`, and standard input.
EXPLAINED = [
    (["aes", "--key", KEY128, BLOCK], b""),
    (["aes", "--key", KEY256, BLOCK], b""),
    (["aes", "--key", KEY128, "--decrypt", BLOCK], b""),
    (["aes", "--key", KEY256, "--decrypt", "--backend", "bitslice", BLOCK], b""),
    (CBC128, b""),
    (CBC128, TEXT),
    (CBC256, b"x" * 16),
    (CBC256, b"x" * 2000),
    (CBC128 + ["--decrypt"], SEALED),
    (CBC128 + ["--decrypt"], EMPTY),
    (CBC256 + ["--no-padding"], b"x" * 64),
    (CBC256 + ["--no-padding", "--decrypt"], b"x" * 64),
    (["pkcs7"], TEXT),
    (["pkcs7", "-"], b"x" * 32),
    (["pkcs7", "--remove"], TEXT + b"\x0f" * 15),
    (["pkcs7", "--remove"], b"\x10" * 16),
]

# A part of an explanation: what is typed, standard input, what stands in it, what does not.
PARTS = [
    (["aes", "--round", "0", "--key", KEY128, BLOCK], b"", "round[ 0].input ", "round[ 1]"),
    (["aes", "--round", "10", "--key", KEY128, BLOCK], b"", "round[10].output ", "round[ 9]"),
    (["aes", "--round", "14", "--decrypt", "--key", KEY256, BLOCK], b"", "round[14].ioutput", "round[13]"),
    (CBC128 + ["--block", "2"], TEXT, "Block #2", "Block #1"),
    (CBC128 + ["--block", "3"], TEXT, "Padding (RFC 5652", "Block #2"),
]

# What is refused: what is typed, standard input, status, and what is said on stderr.
WRONG = [
    (["aes", "--explain", "--round", "11", "--key", KEY128, BLOCK], b"", 2, "--round takes a number from 0 to 10"),
    (["aes", "--explain", "--round", "15", "--key", KEY256, BLOCK], b"", 2, "--round takes a number from 0 to 14"),
    (["aes", "--explain", "--round", "-1", "--key", KEY128, BLOCK], b"", 2, "--round takes a number"),
    (["aes", "--round", "1", "--key", KEY128, BLOCK], b"", 2, "--round is for --explain alone"),
    (["aes", "--explain", "--key", KEY128, "00"], b"", 2, "the block must be 16 bytes in hex"),
    (CBC128 + ["--block", "1"], TEXT, 2, "--block is for --explain alone"),
    (CBC128 + ["--explain", "--block", "0"], TEXT, 2, "--block takes a number from 1 to 3"),
    (CBC128 + ["--explain", "--block", "4"], TEXT, 2, "--block takes a number from 1 to 3"),
    (CBC128 + ["--explain", "--block", "1", "--no-padding"], b"", 1, "there is no block that could be shown"),
    (CBC128 + ["--explain", "--no-padding"], TEXT, 1, "the input is no whole number of 16-byte blocks: leave out"),
    (CBC128 + ["--explain", "--decrypt"], SEALED[1:], 1, "the input is no whole number of 16-byte blocks: it was cut"),
    (CBC128 + ["--explain"], b"x" * 65537, 1, "--explain takes at most 65536 bytes of input"),
    (CBC128 + ["--explain", "--decrypt"], SEALED[:-16], 1, "the padding is wrong"),
    (["pkcs7", "--explain"], b"x" * 65537, 1, "standard input is larger than the 65536 bytes"),
    (["pkcs7", "--explain", "--remove"], b"x" * 16, 1, "the padding is wrong"),
    (["pkcs7", "/nowhere/at/all"], b"", 1, "/nowhere/at/all can't be opened"),
    (["pkcs7", "one", "two"], b"", 2, "too many arguments"),
]

COMMAND = re.compile(r"^  \$ (.*)$", re.M)


def plain(text):
    """Hex digits as everybody writes them: rows run on, and whether letters are large does not matter."""
    return re.sub(r"[\s:]", "", text).lower()


@harness.unsanitized
class Explain(harness.TestCase):
    def run_bytes(self, command, stdin):
        done = subprocess.run(command, input=stdin, capture_output=True, timeout=harness.PATIENCE, cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, b""), command)
        return done.stdout

    def glass(self, args, stdin):
        return self.run_bytes([harness.program("glass"), *args], stdin)

    def explained(self, args, stdin):
        return self.glass(args + ["--explain"], stdin).decode()

    def commands(self, explanation, stdin):
        """Runs what the explanation gives a reader to type; returns how many there were."""
        lines = COMMAND.findall(explanation)
        for line in lines:
            printed = self.run_bytes(["sh", "-c", line], stdin).decode()
            self.assertTrue(printed or "(empty)" in explanation, line)
            self.assertIn(plain(printed), plain(COMMAND.sub("", explanation)), line)
        return len(lines)

    def test_the_result_is_the_commands(self):
        for args, stdin in EXPLAINED:
            with self.subTest(args=args, stdin=stdin[:40]):
                result = self.glass(args, stdin)
                digits = [result.hex()] if args[0] in BYTES else re.findall(r"\b[0-9a-f]{6,}\b", result.decode())
                self.assertNotEqual(digits, [])
                explanation = plain(COMMAND.sub("", self.explained(args, stdin)))
                for value in digits:
                    self.assertIn(value, explanation)

    def test_other_programs_compute_the_same(self):
        for args, stdin in EXPLAINED:
            with self.subTest(args=args, stdin=stdin[:40]):
                number = self.commands(self.explained(args, stdin), stdin)
                self.assertEqual(number > 0, args[0] not in ALONE)

    def test_a_part(self):
        for args, stdin, there, not_there in PARTS:
            with self.subTest(args=args, stdin=stdin[:40]):
                part = self.explained(args, stdin)
                self.assertIn(there, part)
                self.assertNotIn(not_there, part)
                self.assertNotEqual(self.commands(part, stdin), 0)

    def test_what_is_refused(self):
        for args, stdin, status, why in WRONG:
            with self.subTest(args=args, stdin=stdin[:40]):
                done = self.run_program("glass", *args, stdin=stdin, status=status)
                self.assertIn(why, done.stderr.decode())
                self.assertNotIn("Result", done.stdout.decode())

    def test_the_largest_message(self):
        explanation = self.explained(CBC128, b"x" * 65536)
        self.assertIn("Block #4097", explanation)
        self.assertEqual(self.commands(explanation, b"x" * 65536), 1)


@harness.unsanitized
class Padding(harness.TestCase):
    def test_there_and_back(self):
        for size in (0, 1, 15, 16, 17, 65535, 65536, 200001):
            padded = self.run_program("glass", "pkcs7", self.path("message", b"\x01" * size), status=0).stdout
            self.assertEqual(padded, b"\x01" * size + bytes([16 - size % 16]) * (16 - size % 16))
            message = self.run_program("glass", "pkcs7", "--remove", stdin=padded, status=0).stdout
            self.assertEqual(message, b"\x01" * size)

    def test_why_is_told_to_whoever_asks(self):
        """Without --explain the same words for everything that is wrong, and none of the bytes."""
        said = set()
        for wrong in (b"", b"x" * 15, b"x" * 16, b"x" * 15 + b"\0", b"x" * 13 + b"\1\3\3"):
            done = self.run_program("glass", "pkcs7", "--remove", stdin=wrong, status=1)
            self.assertEqual(done.stdout, b"")
            said.add(done.stderr)
        self.assertEqual(said, {b"glass: the padding is wrong; --explain shows why\n"})
        done = self.run_program("glass", "pkcs7", "--remove", "--explain", stdin=wrong, status=1)
        self.assertIn(b"The byte at i = 2 is 01, and has to be 03.", done.stdout)
        self.assertIn(b"A receiver must never tell that", done.stdout)
        self.assertNotIn(b"Result", done.stdout)


if __name__ == "__main__":
    harness.main()
