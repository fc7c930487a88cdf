#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The socket through which `glasschatd account ...` reaches the running server: whose it is, what somebody else may send
to it, and what the command does when another than the server answers."""
import os
import signal
import socket
import stat
import threading
import time

import harness
from account_cli_case import PASSWORD, AccountCliCase


class Socket(AccountCliCase):
    def setUp(self):
        super().setUp()
        self.one = self.server()

    def test_the_socket_is_the_operators_alone(self):
        mode = os.stat(os.path.join(self.data, "control"))
        self.assertTrue(stat.S_ISSOCK(mode.st_mode))
        self.assertEqual(stat.S_IMODE(mode.st_mode), 0o600)
        self.one.stop()
        self.assertFalse(os.path.exists(os.path.join(self.data, "control")))

    def test_a_killed_servers_socket_is_no_obstacle(self):
        self.one.kill()
        self.one.wait()
        self.account("add", "--from", self.roster(["alice"]))
        self.one = self.server()
        self.assertEqual(self.names(), ["alice"])

    def control(self, blocking=True):
        s = socket.socket(socket.AF_UNIX)
        s.setblocking(blocking)
        s.connect(os.path.join(self.data, "control"))
        s.settimeout(harness.PATIENCE)
        self.addCleanup(s.close)
        return s

    def test_hostile_lines_are_refused(self):
        self.account("add", "--from", self.roster(["alice"]))
        s = self.control()
        lines = s.makefile("rb")
        for line in (b"", b" ", b"nonsense", b"lock", b"lock ", b"lock nobody", b"commit x", b"list x", b"reset alice",
                     b"reset alice 1:2:3", b"\xff\xfe", b"lock alice bob", b"add"):
            s.sendall(line + b"\n")
            self.assertTrue(lines.readline().startswith(b"error "), line)
        for text in (b"alice", b"bob\tdeleted=1", b"bob\temail=x\tcreated=1\tpbkdf2=1:a:b", b"x" * 4000):
            s.sendall(b"add " + text + b"\ncommit\n")
            self.assertRegex(lines.readline(), rb"^error 1 0 is ")
        s.sendall(b"commit\n")
        self.assertEqual(lines.readline(), b"ok 0\n")
        self.assertEqual(self.names(), ["alice"])
        for bad in (b"x" * 10000, b"lock al\0ice\n"):
            s = self.control()
            s.sendall(bad)
            try:
                self.assertEqual(s.recv(100), b"")
            except ConnectionResetError:
                pass
        self.assertEqual(self.names(), ["alice"])

    def test_many_and_silent_ones_give_way(self):
        silent = [self.control() for _ in range(20)]
        self.account("add", "--from", self.roster(["alice"]))
        self.assertEqual(self.names(), ["alice"])
        self.assertLess(self.one.cpu(), 5)
        for s in silent:
            s.close()

    def test_no_descriptors_left(self):
        """The operator has some open too, and the server is at rest all the same."""
        self.one.stop()
        self.one = self.server(before=("prlimit", "--nofile=64:64"))
        crowd = [socket.create_connection(("127.0.0.1", self.one.port)) for _ in range(100)]
        harness.wait_until(lambda: self.one.log.count("it gave way") >= len(crowd) - 64, "nobody more has room")
        cpu, started = self.one.cpu(), time.monotonic()
        self.account("add", "--from", self.roster(["alice", "bob"]))
        for i in range(10):
            self.account("unlock" if i % 2 else "lock", "alice")
        four = [self.control() for _ in range(4)]
        for s in four * 2:
            s.sendall(b"lock nobody\n")
            self.assertRegex(s.recv(100), rb"\Aerror there is no account of the name nobody; .*\n\Z")
        self.assertEqual(self.names(), ["alice", "bob"])  # the fifth is served, and the first of the four is gone
        self.assertEqual([self.silent(s) for s in four], [False, True, True, True])
        for s in four:
            s.close()
        time.sleep(1.5)
        self.assertLess(self.one.cpu() - cpu, 0.2 + 0.05 * (time.monotonic() - started))
        self.assertEqual(self.names(), ["alice", "bob"])
        for c in crowd:
            c.close()
        self.log_in(self.one, "bob", f"{PASSWORD} bob").close()

    def silent(self, s):
        """Whether the connection is there, and says nothing."""
        s.setblocking(False)
        try:
            return s.recv(100) != b""
        except BlockingIOError:
            return True

    @harness.waits
    def test_a_server_that_does_not_answer_is_given_up(self):
        self.account("add", "--from", self.roster(["alice"]))
        os.kill(self.one.pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            self.account("lock", "alice", status=1)
            self.assertRegex(self.errors, "runs and does not answer; nothing was done")
            self.assertLess(time.monotonic() - started, 15)
            waiting = []
            with self.assertRaises(BlockingIOError):  # more than the system lets wait there
                while len(waiting) < 1000:
                    waiting.append(self.control(blocking=False))
            self.account("lock", "alice", status=1)
            self.assertRegex(self.errors, "runs and does not answer; nothing was done")
            self.assertLess(time.monotonic() - started, 30)
        finally:
            os.kill(self.one.pid, signal.SIGCONT)
        self.assertEqual(self.account("list").split("\t")[3], "-")

    def test_a_server_that_was_taken_over_does_not_reach_the_terminal(self):
        """It says what moves cursors and names windows; none of it is printed."""
        self.one.stop()
        lines = [b"error \x1b]0;owned\x07 no", b"error \xc2\x9b2J", b"ok \x7f", b"bob\x1b[31m\tb@example.org\t12\tlocked",
                 b"bob\tb@example.org\t12\t\rlocked", b"bob\0\tb@example.org\t12\t"]
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(os.path.join(self.data, "control"))
            listener.listen(8)

            def serve():
                for line in lines:
                    peer, _ = listener.accept()
                    with peer, peer.makefile("rwb") as lines_of:
                        lines_of.readline()
                        lines_of.write(b"ok\n")
                        lines_of.flush()
                        lines_of.readline()
                        lines_of.write(line + b"\nok\n")
                        lines_of.flush()
                        lines_of.readline()
            threading.Thread(target=serve, daemon=True).start()
            for _ in lines:
                self.assertEqual(self.account("list", status=1), "")
                self.assertEqual(self.errors, "glasschatd: the server answers what it should not\n")

    def test_one_who_leaves_in_the_middle(self):
        line = b"add bob\temail=b@example.org\tcreated=1\tpbkdf2=1:%s:%s\n" % (b"A" * 22 + b"==", b"A" * 43 + b"=")
        for cut in (3, len(line), len(line) + 3):
            s = self.control()
            s.sendall((line + b"commit\n")[:cut])
            s.close()
        self.assertEqual(self.names(), [])
        s = self.control()
        s.sendall(line + b"commit\n")
        s.close()
        harness.wait_until(lambda: self.names() == ["bob"], "bob is added")

    def test_a_reader_that_does_not_read_waits_alone(self):
        self.account("add", "--from", self.write("long.tsv", "".join(
            f"u{i}\tx@{'y' * 60}.{'y' * 60}.org\t{PASSWORD}\n" for i in range(500))))
        s = self.control()
        before = self.one.memory()
        s.setblocking(False)
        try:
            for _ in range(100000):
                s.send(b"list\n" * 100)
        except BlockingIOError:
            pass
        self.assertEqual(len(self.names()), 500)
        self.assertLess(self.one.memory() - before, 2 << 20)


if __name__ == "__main__":
    harness.main()
