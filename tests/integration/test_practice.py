#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`glass practice` on a terminal: a student begins in an empty folder, fails, takes hints, passes, and is told what comes
next; editors save in their ways, folders come and go, and what is remembered may be anything."""
import hashlib
import os
import re
import shutil
import signal
import subprocess
import termios
import time

import harness

KEYS = r"q end"
SKELETON = os.path.join(harness.ROOT, "docs/exercises/06-pkcs7/pkcs7.c")
SOLUTION = os.path.join(harness.ROOT, "crypto/pkcs7.c")


@harness.unsanitized
class Practice(harness.TestCase):
    def setUp(self):
        super().setUp()
        if not os.path.exists(harness.program("kit/plain/runner.o")):
            self.skipTest("there is no kit: make kit")
        self.work = self.path("work")
        self.file = os.path.join(self.work, "pkcs7.c")
        self.remembered = os.path.join(self.work, ".practice")
        self.scratch = self.path("scratch")
        os.mkdir(self.work)
        os.mkdir(self.scratch)
        self.environment = {"TMPDIR": self.scratch, "TERM": "dumb", **harness.NO_LEAK_CHECK}

    def once(self, *options, status, work=None):
        done = subprocess.run([harness.program("glass"), "practice", *options, work or self.work], cwd=harness.ROOT,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=harness.PATIENCE, check=False,
                              env=dict(os.environ, **self.environment))
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout.decode()

    def practice(self, *options, work=None):
        """On a terminal that is wide enough for whole lines; its first words and the keys have been said."""
        command = 'stty cols 300; exec "$@"'
        glass = self.started(harness.Process(["sh", "-c", command, "sh", harness.program("glass"), "practice", *options,
                                              work or self.work], terminal=True, env=self.environment, cwd=harness.ROOT))
        glass.expect(KEYS)
        return glass

    def pkcs7(self):
        return self.practice("--exercise", "pkcs7")

    def save(self, text):
        """As an editor that writes a new file and renames it."""
        with open(self.file + "~", "w", encoding="utf-8") as f:
            f.write(text)
        os.rename(self.file + "~", self.file)

    def solution(self, wrong=False):
        with open(SOLUTION, encoding="utf-8") as f:
            text = f.read()
        broken = text.replace("ct_lt(n, BLOCK_LEN + 1)", "ct_lt(n, BLOCK_LEN)")
        self.assertNotEqual(text, broken)
        return broken if wrong else text

    def assert_ends(self, glass, key="q", status=0):
        glass.type(key)
        self.assertEqual(glass.wait(), status)
        self.assertEqual(os.listdir(self.scratch), [])

    # --- A student's way through an exercise ------------------------------------------------------------------------

    def test_from_nothing_to_passed(self):
        glass = self.pkcs7()
        self.assertRegex(glass.out.text, r"next: 06 pkcs7, PKCS#7 padding: pkcs7.c; docs/exercises/06-pkcs7/README.md")
        self.assertRegex(glass.out.text, r"pkcs7.c is not in \S+ yet; s copies its skeleton there")
        self.assertFalse(os.path.exists(self.file))
        glass.type("s")
        glass.expect(r"pkcs7.c is yours now")
        glass.expect(r"06 pkcs7: 0 of 8 points\s+FAILED  the padded length\s+the padded length: yours 0, should be 16")
        glass.expect(r"h hint 1 of 3")
        with open(self.file, "rb") as ours, open(SKELETON, "rb") as theirs:
            self.assertEqual(ours.read(), theirs.read())
        self.assertNotIn("hint 1 of 3, where", glass.out.text)
        self.save(self.solution(wrong=True))
        glass.expect(r"06 pkcs7: 6 of 8 points\s+FAILED  good padding is taken off")
        for hint in (r"hint 1 of 3, where: the check is \"good padding is taken off\"\s+You write pkcs7.c.*RFC 5652",
                     r"hint 2 of 3, the difference: .*should be 0\s+in pkcs7_unpad\(",
                     r"hint 3 of 3, what it may be: 16 bytes of padding were refused[\s\S]*Only the last byte is looked at"):
            glass.type("h")
            glass.expect(hint)
        glass.type("h")
        glass.expect("those were all hints")
        self.assertNotIn("crypto/pkcs7.c\r\n", glass.out.text) # ours is shown to nobody who has not passed
        self.save(self.solution())
        glass.expect(r"06 pkcs7: passed, 8 of 8 points\s+with 3 hints\s+how we wrote it: crypto/pkcs7.c\s+2 more points")
        glass.expect(r"next: 07 sha256, SHA-256: sha256_ref.c and sha256.c")
        glass.expect(KEYS)
        self.assert_ends(glass)

    def test_it_remembers(self):
        self.save(self.solution())
        self.assertIn("passed, 8 of 8", self.once("--exercise", "pkcs7", status=0))
        with open(SOLUTION, "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        with open(self.remembered, encoding="ascii") as f:
            self.assertIn(f"at sha256\npassed pkcs7 {digest}\n", f.read())
        glass = self.practice()
        self.assertIn("next: 07 sha256", glass.out.text)
        self.assertNotIn("06 pkcs7", glass.out.text) # it is as it was when it passed
        self.assert_ends(glass)
        self.save(self.solution(wrong=True))
        glass = self.practice()
        glass.expect(r"06 pkcs7: 6 of 8 points\s+FAILED")
        self.save(self.solution())
        glass.expect(r"06 pkcs7: passed")
        self.assert_ends(glass)

    def test_an_exercise_that_stands_on_others(self):
        for name in ("hmac.c", "sha256.c", "sha256_ref.c"):
            shutil.copy(os.path.join(harness.ROOT, "crypto", name), self.work)
        told = self.once("--exercise", "hmac", status=0)
        self.assertRegex(told, r"07 sha256: passed[\s\S]*08 hmac: passed[\s\S]*next: 09 hkdf")
        os.remove(os.path.join(self.work, "sha256.c"))
        os.remove(self.remembered)
        self.assertRegex(self.once("--exercise", "hmac", status=1), r"07 sha256: 0 of 8 points\n +not handed in: sha256.c")
        self.assertIn("08 hmac: passed", self.once("--exercise", "hmac", "--given", status=0))

    def test_without_a_terminal(self):
        told = self.once("--exercise", "06", status=1)
        self.assertRegex(told, r"its skeleton: cp docs/exercises/06-pkcs7/pkcs7.c " + self.work)
        shutil.copy(SKELETON, self.work)
        self.assertNotIn("hint", self.once("--exercise", "06", status=1))
        told = self.once("--exercise", "06", "--hint", "2", status=1)
        self.assertIn("hint 2 of 3", told)
        self.assertNotIn("hint 3 of 3", told)
        self.misuse("glass", ["practice", "--exercise", "nothing", self.work], "there is no such exercise")
        self.misuse("glass", ["practice", "--hint", "4", self.work], "hint")
        self.run_program("glass", "practice", self.path("nowhere"), status=1)

    # --- Saving -----------------------------------------------------------------------------------------------------

    def test_saves_in_every_way(self):
        self.save(self.solution(wrong=True))
        glass = self.pkcs7()
        glass.expect("6 of 8 points")
        with open(self.file, "w", encoding="utf-8") as f: # in its place, in many writes
            for line in self.solution(wrong=True).splitlines(keepends=True):
                f.write(line)
                f.flush()
        glass.expect("6 of 8 points")
        os.rename(self.file, self.file + ".bak") # as vim does with a backup
        self.save(self.solution(wrong=True))
        glass.expect("6 of 8 points")
        os.utime(self.file)
        glass.expect("6 of 8 points")
        glass.type("\n")
        glass.expect("6 of 8 points")
        time.sleep(1.5)
        self.assertEqual(glass.out.text.count("6 of 8 points"), 5)
        self.save("#error not yet\n" + self.solution())
        glass.expect(r"06 pkcs7: 0 of 8 points, can't be built\s+.*not yet")
        self.assert_ends(glass)

    def test_a_folder_that_goes_and_comes_back(self):
        self.save(self.solution(wrong=True))
        glass = self.pkcs7()
        glass.expect("6 of 8 points")
        os.remove(self.file)
        glass.expect(r"pkcs7.c is not in \S+ yet; s copies")
        shutil.rmtree(self.work)
        glass.type("\n")
        glass.expect(r"work is gone, or can't be read")
        glass.type("s")
        os.mkdir(self.work)
        self.save(self.solution(wrong=True))
        glass.expect("6 of 8 points")
        os.rename(self.work, self.work + "-aside")
        os.mkdir(self.work)
        self.save(self.solution())
        glass.expect("06 pkcs7: passed")
        self.assert_ends(glass)

    def test_what_is_there_is_never_overwritten(self):
        glass = self.pkcs7()
        os.symlink(SOLUTION, self.file)
        glass.expect("symbolic link")
        glass.type("s\n")
        glass.expect("symbolic link")
        self.assert_ends(glass)
        self.assertTrue(os.path.islink(self.file))
        with open(SOLUTION, encoding="utf-8") as f:
            self.assertEqual(f.read(), self.solution())

    # --- What is remembered -----------------------------------------------------------------------------------------

    def test_a_broken_memory(self):
        shutil.copy(SKELETON, self.work)
        for text, why in ((b"nonsense\n", "at line 1"), (b"at pkcs7\npassed pkcs7 00\n", "at line 2"),
                          (b"\0\xff" * 1000, "at line 1"), (b"x" * 70000, "can't be read"),
                          (b"hints pkcs7 99999999999999999999\n", "at line 1"), (b"\033[2J\n" * 9, "at line 1")):
            with open(self.remembered, "wb") as f:
                f.write(text)
            told = self.once("--exercise", "pkcs7", status=1)
            self.assertRegex(told, re.escape(".practice") + ".*" + why)
            self.assertNotIn("\033", told)
            self.assertNotIn(".practice", self.once("--exercise", "pkcs7", status=1)) # mended

    def test_a_memory_that_is_no_file(self):
        shutil.copy(SKELETON, self.work)
        victim = self.path("victim", b"at pkcs7\n")
        os.symlink(victim, self.remembered)
        self.assertIn(".practice can't be read", self.once("--exercise", "pkcs7", status=1))
        with open(victim, "rb") as f:
            self.assertEqual(f.read(), b"at pkcs7\n")
        os.remove(self.remembered)
        os.mkfifo(self.remembered)
        self.assertIn(".practice can't be read", self.once("--exercise", "pkcs7", status=1))
        os.remove(self.remembered)
        os.mkdir(self.remembered)
        self.assertIn(".practice can't be written", self.once("--exercise", "pkcs7", status=1))

    # --- The terminal -----------------------------------------------------------------------------------------------

    def job(self):
        """Under a shell, so that the terminal's modes can be seen after it."""
        return self.started(harness.Job([harness.program("glass"), "practice", "--exercise", "pkcs7", self.work],
                                        env=self.environment, cwd=harness.ROOT))

    def modes(self, process):
        return termios.tcgetattr(process.stdin)[:4]

    def test_the_terminal_is_as_it_was(self):
        """After q, and after Ctrl-C while a student's endless loop is graded."""
        endless = self.solution().replace("{\n", "{\n    for (volatile int i = 1; i;)\n        continue;\n")
        for keys, status, text in (("\x03", -signal.SIGINT, endless), ("q", 0, self.solution(wrong=True))):
            self.save(text)
            glass = self.started(harness.Process(["sh", "-c", 'read -r line; exec "$@"', "sh", harness.program("glass"),
                                                  "practice", "--exercise", "pkcs7", self.work],
                                                 terminal=True, env=self.environment, cwd=harness.ROOT))
            before = self.modes(glass)
            self.assertTrue(before[3] & termios.ECHO)
            glass.type("\n")
            glass.expect(KEYS)
            self.assertFalse(self.modes(glass)[3] & (termios.ECHO | termios.ICANON))
            if keys == "q":
                glass.expect("6 of 8 points")
            else:
                harness.wait_until(lambda: any("run-pkcs7" in name for folder in os.listdir(self.scratch)
                                               for name in os.listdir(os.path.join(self.scratch, folder))), "a runner")
            glass.type(keys)
            self.assertEqual(glass.child.wait(harness.PATIENCE), status)
            self.assertEqual(self.modes(glass), before)
            self.assertEqual(os.listdir(self.scratch), [])

    def test_it_stops_and_goes_on(self):
        self.save(self.solution(wrong=True))
        glass = self.job()
        glass.expect("6 of 8 points")
        glass.expect(KEYS)
        glass.type("\x1a")
        harness.wait_until(glass.is_stopped, "it is stopped")
        self.assertTrue(self.modes(glass)[3] & termios.ECHO)
        glass.go_on()
        glass.expect(KEYS)
        self.save(self.solution())
        glass.expect("06 pkcs7: passed")
        glass.type("q")
        harness.wait_until(lambda: not harness.children(glass.pid), "it ends")
        self.assertTrue(glass.echoes())


if __name__ == "__main__":
    harness.main()
