#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server on disks that are full: what was acknowledged is there afterwards, what was refused is not, and the
files load."""
import os
import re
import subprocess
import time

import glasschat_client as wire
import harness
from glasschat_client import Refused
from store_case import NEW, PASSWORD, Faults, check_accounts


class FullDisk(Faults):
    def setUp(self):
        """A file system of 64 KiB in a namespace of its own: it goes with the process that holds it."""
        super().setUp()
        self.disk = self.new_folder("disk")
        command = 'mount -t tmpfs -o size=64k,mode=700 none "$0" && echo ready && exec sleep 600'
        self.holder = self.started(harness.Process(["unshare", "-m", "sh", "-c", command, self.disk]))
        try:
            self.holder.expect("^ready$")
        except AssertionError:
            self.skipTest("no file system can be mounted here (only root may)")
        self.inside = ("nsenter", "-m", "-t", str(self.holder.pid))
        self.seen = "/proc/%d/root%s" % (self.holder.pid, self.disk)  # the same from outside

    def fill(self):
        with open(os.path.join(self.seen, "ballast"), "wb", buffering=0) as f:
            with self.assertRaises(OSError):
                while True:
                    f.write(bytes(4096))

    def make_room(self):
        os.unlink(os.path.join(self.seen, "ballast"))

    def test_registration(self):
        many = ("--max-tries", "1000", *harness.FAST)
        server = self.server_in(self.disk, *many, before=self.inside)
        client = self.connect(server)
        client.register("old", "old@example.org", PASSWORD)
        self.fill()
        made = 0
        with self.assertRaises(Refused) as refused:  # the rest of the file's last page is still free
            while made < 100:
                client.register("u%d" % made, "u@example.org", PASSWORD)
                made += 1
        self.assertEqual(refused.exception.args[0], wire.E_NOT_SAVED)
        server.expect_log(r" error \"?accounts not written.* error=\"No space left on device\"")
        expected = ["old"] + ["u%d" % i for i in range(made)]
        self.assertEqual(check_accounts(self.accounts(self.seen)), expected)
        self.assertFalse(self.log_in(server, "u%d" % made))
        self.assertTrue(self.log_in(server, "old"))
        self.make_room()
        client.register("u%d" % made, "u@example.org", PASSWORD)
        server.kill()
        server.wait()
        again = self.server_in(self.disk, *many, before=self.inside)
        self.assertEqual(check_accounts(self.accounts(self.seen)), expected + ["u%d" % made])
        self.assertTrue(self.log_in(again, "u%d" % made))

    def test_changes_of_an_account(self):
        """A refused request has changed nothing, and the client may go on."""
        server = self.server_in(self.disk, before=self.inside)
        client = self.connect(server)
        client.register("old", "old@example.org", PASSWORD)
        client.log_in("old", PASSWORD)
        self.fill()
        while True:  # the rest of the file's last page is still free
            try:
                client.change_password(PASSWORD, PASSWORD)
            except Refused as refused:
                self.assertEqual(refused.args[0], wire.E_NOT_SAVED)
                break
        with self.assertRaises(Refused) as refused:
            client.change_password(PASSWORD, NEW)
        self.assertEqual(refused.exception.args[0], wire.E_NOT_SAVED)
        client.say("lobby", "still here")
        self.assertFalse(self.log_in(server, "old", NEW))
        self.assertTrue(self.log_in(server, "old"))
        self.make_room()
        again = self.connect(server)
        again.log_in("old", PASSWORD)
        again.change_password(PASSWORD, NEW)
        self.assertTrue(self.log_in(server, "old", NEW))
        check_accounts(self.accounts(self.seen))

    def test_many_accounts_of_the_operator(self):
        """There is not room for all: the command says how many were added, while a server runs and while none does."""
        roster = os.path.join(self.folder, "roster.tsv")
        add = [*self.inside, harness.program("glasschatd"), "--data", os.path.join(self.disk, "data"),
               "--pbkdf2-iterations", "1", "account", "add", "--from", roster]
        server = self.server_in(self.disk, before=self.inside)
        before = 0
        for running in (True, False):
            with open(roster, "w") as f:
                f.write("".join("%s%d\ta@%s.org\t%s\n" % ("anna" if running else "ben", i, "x" * 60, PASSWORD)
                                for i in range(2000)))
            done = subprocess.run(add, capture_output=True, timeout=harness.PATIENCE)
            self.assertEqual(done.returncode, 1)
            told = re.search(rb"can't be written: No space left on device; make room on the disk; (nothing was|(\d+) of 2000 were) added", done.stderr)
            self.assertTrue(told, done.stderr)
            there = check_accounts(self.accounts(self.seen))
            self.assertEqual(len(there), before + int(told[2] or 0))
            before = len(there)
            if running:
                server.stop()
        server = self.server_in(self.disk, before=self.inside)
        self.connect(server).register("alice", "a@example.org", PASSWORD)

    @harness.waits
    def test_delays(self):
        """That they can't be written is said once, and the server goes on; when there is room it writes them."""
        server = self.server_in(self.disk, "--free-tries", "1000", "--max-tries", "1000", before=self.inside)
        client = self.connect(server)
        self.fill()
        names = set(os.listdir(os.path.join(self.seen, "data")))
        for _ in range(2):
            self.assertFalse(self.log_in(server, "nobody"))
            time.sleep(6)  # the server waits five seconds before it writes, as there may be more
        self.assertEqual(server.log.count("delays not written"), 1)
        self.assertEqual(set(os.listdir(os.path.join(self.seen, "data"))), names)
        client.ask(wire.PING)
        self.make_room()
        deadline = time.monotonic() + harness.PATIENCE
        while not os.path.exists(os.path.join(self.seen, "data", "delays")):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.1)
        server.stop()

    def test_first_start(self):
        self.fill()
        for _ in range(2):
            done = subprocess.run([*self.inside, harness.program("glasschatd"), "--listen", "127.0.0.1:0", "--data",
                                   os.path.join(self.disk, "data")], capture_output=True, timeout=harness.PATIENCE)
            self.assertEqual(done.returncode, 1, done.stderr.decode())
            self.assertRegex(done.stderr.decode(), r"\Aglasschatd: .*No space left on device.*\n\Z")
            self.assertFalse(os.path.exists(os.path.join(self.seen, "data", "server.key")))
        self.make_room()
        self.server_in(self.disk, before=self.inside)


if __name__ == "__main__":
    harness.main()
