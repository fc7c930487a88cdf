#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Long work on a terminal says how far it is, in one row of which nothing is left; a pipe hears nothing of it."""
import fcntl
import os
import re
import shutil
import signal
import struct
import termios

import harness

ERASED = "\r\033[K"
ACCOUNTS = 16


class Progress(harness.TestCase):
    def at_terminal(self, *command, columns=80, term="xterm"):
        """A program on a terminal of its own that is so wide."""
        process = self.started(harness.Process([harness.program(command[0]), *command[1:]], terminal=True,
                                               env={"TERM": term, **harness.NO_LEAK_CHECK}, cwd=self.folder))
        fcntl.ioctl(process.stdin, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
        return process

    def assert_nothing_left(self, text, columns=80):
        """Each row is drawn over and never filled, and after the last one is erased."""
        rows = text.split(ERASED)
        self.assertGreater(len(rows), 2, text)
        for row in rows[1:-1]:
            drawn, end, line = row.partition("\r")
            self.assertEqual((end, line), ("\r", ""), text)
            self.assertLess(len(drawn), columns)
            self.assertNotIn("\n", drawn)
        self.assertNotIn("so far", rows[-1])

    def account_add(self):
        """Hashing their passwords takes some seconds, whether this processor hashes sixteen at once, which is as long as
        a few, or one after the other."""
        backends = self.run_program("glass", "backends", status=0).stdout.decode()
        seconds = 3 / ACCOUNTS if re.search(r"(?m)^pbkdf2_many +one-by-one +picked", backends) else 1
        lines = "".join(f"user{i}\tuser{i}@example.org\tpassword-{i}\n" for i in range(ACCOUNTS))
        with open(os.open(self.path("accounts"), os.O_WRONLY | os.O_CREAT, 0o600), "w") as f:
            f.write(lines)
        shutil.rmtree(self.path("data"), ignore_errors=True)
        return ("glasschatd", "--data", self.path("data"), "--pbkdf2-iterations", harness.iterations(seconds),
                "account", "add", "--from", self.path("accounts"))

    def test_many_accounts(self):
        process = self.at_terminal(*self.account_add())
        process.expect(rf"hashing passwords: \d+ of {ACCOUNTS} accounts")
        process.expect(f"{ACCOUNTS} accounts added")
        self.assertEqual(process.wait(), 0)
        self.assert_nothing_left(process.out.text[process.out.text.index(ERASED):])

    def test_ctrl_c(self):
        process = self.at_terminal(*self.account_add())
        process.expect("hashing passwords")
        process.type("\x03")
        self.assertEqual(process.wait(), -signal.SIGINT)
        self.assertEqual(process.out.text.rpartition(ERASED)[2].replace("^C", ""), "")

    def test_nothing_in_a_pipe_or_on_a_dumb_terminal(self):
        done = self.run_program(*self.account_add(), status=0)
        self.assertEqual(done.stdout, f"{ACCOUNTS} accounts added\n".encode())
        self.assertNotRegex(done.stderr, rb"hashing|\r|\033")
        process = self.at_terminal(*self.account_add(), term="dumb")
        process.expect(f"{ACCOUNTS} accounts added")
        self.assertNotRegex(process.out.text, "hashing|\033|\r[^\n]")

    def test_bench(self):
        command = ("glass", "bench", "--seconds", "0.005", "sha256")
        process = self.at_terminal(*command, columns=40)
        process.expect(r"measuring sha256, \d+ bytes: \d+ %")
        process.expect(r" 16384 ")
        self.assertEqual(process.wait(), 0)
        self.assert_nothing_left(process.out.text, columns=40)
        self.assertEqual(self.run_program(*command, status=0).stderr, b"")

    def test_bench_is_on_its_way_within_one_size(self):
        process = self.at_terminal("glass", "bench", "--seconds", "0.2", "sha256")
        process.expect(r"measuring sha256, 64 bytes: [1-9]\d* %")
        process.type("\x03")
        self.assertEqual(process.wait(), -signal.SIGINT)

    def test_load(self):
        server = self.server()
        ann = self.client(server, "ann")
        ann.type("/quit\n")
        ann.wait()
        accounts = self.path("accounts", f"ann\tann@example.org\t{harness.PASSWORD}\n".encode())
        command = ("glass", "load", "idle", "--connect", f"127.0.0.1:{server.port}", "--clients", "1", "--seconds", "2",
                   "--accounts", accounts)
        process = self.at_terminal(*command)
        process.expect(r"resting: \d+ %")
        self.assertEqual(process.wait(), 0)
        self.assert_nothing_left(process.out.text)
        self.assertEqual(self.run_program(*command, status=0).stderr, b"")

    def test_grading(self):
        if not os.path.exists(harness.program("kit/plain/runner.o")):
            self.skipTest("there is no kit: make kit")
        for student in ("ann", "ben", "cid"):
            os.makedirs(os.path.join(self.path("class"), student))
            shutil.copy(os.path.join(harness.ROOT, "crypto/pkcs7.c"), os.path.join(self.path("class"), student))
        os.mkdir(os.path.join(self.path("class"), "dora"))  # who handed in nothing, of which a line tells
        command = ("glass", "grade", "--given", "--exercise", "pkcs7", "--class", self.path("class"), "--results")
        process = self.at_terminal(*command, self.path("results"), "--jobs", "1")
        process.expect(r"grading: \d of 4 students")
        process.expect("dora has no file that was asked for")
        process.expect("4 of 4 students are graded")
        self.assertEqual(process.wait(), 0)
        self.assertNotRegex(process.out.text.rpartition(ERASED)[2], "grading")
        done = self.run_program(*command, self.path("others"), "--jobs", "1", status=0)
        self.assertEqual(done.stderr.count(b"\n"), 1)
        self.assertNotRegex(done.stderr, rb"grading|\r|\033")
        for stem in ("bytes", "cbc", "hmac", "hkdf"):
            shutil.copy(os.path.join(harness.ROOT, f"crypto/{stem}.c"), self.path("class/ann"))
        process = self.at_terminal("glass", "grade", "--given", "--exercise", "bytes cbc hmac hkdf", self.path("class/ann"))
        process.expect(r"grading \d\d \w+: \d of 4 exercises")
        process.wait()

    def test_keys(self):
        """On one processor they take so long that not all of them are done within half a second."""
        allowed = os.sched_getaffinity(0)
        self.addCleanup(os.sched_setaffinity, 0, allowed)
        os.sched_setaffinity(0, {min(allowed)})
        makers = [self.at_terminal("glass", "key", "new", self.path(f"key{i}")) for i in range(16)]
        makers.append(self.at_terminal("glasschatd", "--listen", "127.0.0.1:0", "--data", self.path("data"), *harness.SANDBOX))
        for maker in makers[:-1]:
            self.assertEqual(maker.wait(harness.PATIENCE * 2), 0)
            self.assertNotIn("making", maker.out.text.rpartition(ERASED)[2])
        self.assertTrue(any("making a key" in maker.out.text for maker in makers))
        makers[-1].expect("listening on ")
        self.assertNotIn("making", makers[-1].out.text.rpartition(ERASED)[2])

    def test_the_client_tells_of_its_key(self):
        server = self.server()
        alice = self.client(server, "alice", terminal=True, env={"TERM": "xterm", **harness.NO_LEAK_CHECK}, ready=False)
        alice.expect(r"\* making your key\b")
        alice.expect("logged in as alice")
        bob = self.client(server, "bob", terminal=True, env={"TERM": "dumb", **harness.NO_LEAK_CHECK})
        self.assertNotIn("making", bob.out.text)
        cid = self.client(server, "cid")
        self.assertNotIn("making", cid.out.text + cid.err.text)


if __name__ == "__main__":
    harness.main()
