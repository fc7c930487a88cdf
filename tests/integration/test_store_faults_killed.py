#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server, killed before each call that writes, syncs or renames: what was acknowledged is there afterwards, what
was refused is not, and the files load. So do copies that are taken while it works."""
import hashlib
import os
import re
import subprocess
import unittest

from cryptography.hazmat.primitives.serialization import load_pem_private_key

import glasschat_client as wire
import harness
from glasschat_client import Refused
from store_case import NEW, NO_LEAK_CHECK, PASSWORD, Faults, calls_of, check_accounts, may_trace, strace, unsynced


@unittest.skipUnless(may_trace(), "strace is not there, or may not trace")
@harness.unsanitized
class Killed(Faults):
    def points_of_start(self, folder):
        """Every call of a start until the server is ready, to be killed before it."""
        self.traced(folder).close()
        calls = calls_of(self.trace)
        ready = next(i for i, call in enumerate(calls) if '"listening on' in call[3])
        points = [call[1:3] for call in calls[:ready + 1]]
        self.assertEqual({call[0] for call in calls[:ready + 1]}, {calls[0][0]})  # all of one thread
        self.assertEqual(unsynced(calls[:ready], os.path.join(folder, "data")), set())
        return points

    def test_first_start(self):
        points = self.points_of_start(self.new_folder("whole"))
        names = {name for name, _ in points}
        self.assertLessEqual({"write", "pwrite64", "fsync"}, names)
        self.assertTrue(names & {"renameat", "renameat2", "rename"}, names)
        for call, count in points:
            with self.subTest(call=call, count=count):
                folder = self.new_folder("%s-%d" % (call, count))
                self.start_killed(folder, call, count)
                self.assert_whole_or_not_there(os.path.join(folder, "data"))

    def assert_whole_or_not_there(self, data):
        """The key, if there is one, is whole, and the next start goes on from where this one was killed, with that key."""
        key_file = os.path.join(data, "server.key")
        key = None
        if os.path.exists(key_file):
            with open(key_file, "rb") as f:
                key = f.read()
            load_pem_private_key(key, None)
        first = self.server_in(os.path.dirname(data))
        with open(key_file, "rb") as f:
            self.assertIn(key, (None, f.read()))
        for name in os.listdir(data):
            self.assertIn(name, ("lock", "server.key", "server.certificate", "storage.key", "accounts", "codes",
                                 "control"))
            self.assertEqual(os.stat(os.path.join(data, name)).st_mode & 0o777, 0o600)
        self.connect(first).register("alice", "a@example.org", PASSWORD)
        first.close()
        second = self.server_in(os.path.dirname(data))
        self.assertEqual(second.fingerprint, first.fingerprint)
        self.assertTrue(self.log_in(second, "alice"))
        second.close()

    def test_start_that_removes_a_cut_line(self):
        like = self.folder_with_account()
        with open(os.path.join(like, "data", "accounts"), "a") as f:
            f.write("half\temail=h@exam")
        whole = self.new_folder("whole", like)
        points = self.points_of_start(whole)
        self.assertIn("ftruncate", {name for name, _ in points})
        for call, count in points:
            with self.subTest(call=call, count=count):
                folder = self.new_folder("%s-%d" % (call, count), like)
                self.start_killed(folder, call, count)
                server = self.server_in(folder)
                self.assertTrue(self.log_in(server, "old"))
                self.assertEqual(check_accounts(self.accounts(folder)), ["old"])
                server.close()

    def points_of(self, folder, ask, begins=r'"listening on'):
        """The calls before each of which a server is to be killed: the loop's after the first in which `begins` is
        written (strace shows 32 bytes of it), and of the workers, which take turns, only those that write and sync."""
        server = self.traced(folder)
        client = self.connect(server)
        ask(client)
        client.close()
        server.expect_log(" disconnect ")
        server.close()
        calls = calls_of(self.trace)
        main = calls[0][0]
        begin = next(i for i, call in enumerate(calls) if re.search(begins, call[3]))
        points = [call[1:3] for call in calls[begin + 1:] if call[0] == main or call[1] in ("pwrite64", "fdatasync")]
        self.assertIn(("pwrite64", 1), points)
        self.assertIn(("fdatasync", 1), points)
        self.assertIn("write", {name for name, _ in points})   # the log, after the sync
        self.assertIn("sendto", {name for name, _ in points})  # the answer, after that
        return points

    def ask_until_killed(self, folder, ask, call, count):
        """Whether the request was acknowledged."""
        server = self.traced(folder, "%s:signal=SIGKILL:when=%d" % (call, count))
        acknowledged = False
        try:
            client = self.connect(server)
            ask(client)
            acknowledged = True
            client.close()
        except (wire.Cut, wire.Closed, OSError):
            pass
        self.assertEqual(server.wait(), -9, server.log)
        return acknowledged

    def killed_at_each(self, ask, **kw):
        """For each call: a server on the folder of one killed there, that folder, and whether the request was
        acknowledged."""
        like = self.folder_with_account()
        acknowledged = 0

        for call, count in self.points_of(self.new_folder("whole", like), ask, **kw):
            with self.subTest(call=call, count=count):
                folder = self.new_folder("%s-%d" % (call, count), like)
                told = self.ask_until_killed(folder, ask, call, count)
                acknowledged += told
                server = self.server_in(folder)
                yield server, folder, told
                server.close()
        self.assertGreater(acknowledged, 0)

    def folder_with_dead_lines(self, lines=600):
        """The account "old", changed so often that the next start writes the file anew."""
        folder = self.folder_with_account()
        with open(os.path.join(folder, "data", "accounts")) as f:
            header, line = f.read().splitlines(keepends=True)
        with open(os.path.join(folder, "data", "accounts"), "w") as f:
            f.write(header + line * lines)
        return folder

    def assert_old_or_new(self, folder, lines):
        names = check_accounts(self.accounts(folder))
        self.assertEqual(set(names), {"old"})
        self.assertIn(len(names), lines)
        server = self.server_in(folder)
        self.assertTrue(self.log_in(server, "old"))
        server.expect_log(" accounts compacted " if len(names) > 1 else " login ")
        self.assertEqual(check_accounts(self.accounts(folder)), ["old"])
        self.assertNotIn("accounts.new", os.listdir(os.path.join(folder, "data")))
        server.close()

    def test_compaction(self):
        """Killed at each call of the worker that compacts. strace counts each thread's calls for itself, and no other
        thread has made as many of that kind by then."""
        like = self.folder_with_dead_lines()
        server = self.traced(self.new_folder("whole", like))
        server.expect_log(" accounts compacted lines_before=600 lines_after=1")
        server.close()
        calls = calls_of(self.trace)
        worker = next(call[0] for call in calls if call[1] == "pwrite64")
        self.assertNotEqual(worker, calls[0][0])
        points = [call[1:3] for call in calls if call[0] == worker]
        self.assertEqual([re.sub("at2?$", "", name) for name, _ in points if name != "write"],
                         ["unlink", "pwrite64", "fdatasync", "rename", "fdatasync"])
        for call, count in points:
            if call in ("write", "unlink", "unlinkat"):  # the start makes such calls before the worker does
                continue
            with self.subTest(call=call, count=count):
                folder = self.new_folder("%s-%d" % (call, count), like)
                command = strace(os.path.join(folder, "trace"), "%s:signal=SIGKILL:when=%d" % (call, count))
                process = self.started(harness.Process(
                    command + [harness.program("glasschatd"), "--listen", "127.0.0.1:0", "--data",
                               os.path.join(folder, "data"), *harness.SANDBOX], env=NO_LEAK_CHECK))
                self.assertEqual(process.wait(), -9, process.err.text)
                left = os.path.exists(os.path.join(folder, "data", "accounts.new"))
                self.assertEqual(left, (call, count) != ("fdatasync", 2))
                self.assert_old_or_new(folder, [1] if not left else [600])

    def test_compaction_whose_folder_can_not_be_synced(self):
        folder = self.folder_with_dead_lines()
        server = self.traced(folder, "fdatasync:error=EIO:when=2")
        server.expect_log(r" error \"?accounts closed.* error=\"Input/output error\"")
        self.assert_not_saved(self.connect(server), "alice")
        self.assertTrue(self.log_in(server, "old"))
        server.close()
        self.assert_old_or_new(folder, [1])

    def test_compaction_while_it_runs(self):
        """Changes that were acknowledged before it, and one that waits for it."""
        like = self.folder_with_dead_lines(499)
        killed = set()
        for call in ("renameat", "renameat2"):
            with self.subTest(call=call):
                folder = self.new_folder(call, like)
                trace = os.path.join(folder, "trace")  # of this file's renames alone: others are renamed too
                before = [*strace(trace, call + ":signal=SIGKILL:when=1"), "-P", "accounts.new"]
                server = self.server_in(folder, before=before, env=NO_LEAK_CHECK)
                new = PASSWORD
                try:
                    for i in range(5):
                        client = self.connect(server)
                        client.log_in("old", new)
                        client.change_password(new, PASSWORD + str(i))
                        new = PASSWORD + str(i)
                        client.close()
                except (wire.Cut, OSError):
                    new = {new, PASSWORD + str(i)}
                if isinstance(new, str):
                    continue  # libc makes the other call
                self.assertEqual(server.wait(), -9, server.log)
                server = self.server_in(folder)
                self.assertEqual(sum(self.log_in(server, "old", password) for password in new), 1)
                self.assertEqual(check_accounts(self.accounts(folder)).count("old"), 1)
                killed.add(call)
                server.close()
        self.assertTrue(killed)

    def test_registration(self):
        def ask(client):
            client.register("alice", "a@example.org", PASSWORD)

        for server, folder, told in self.killed_at_each(ask):
            names = check_accounts(self.accounts(folder))
            self.assertEqual(self.log_in(server, "alice"), "alice" in names)
            self.assertTrue("alice" in names or not told)
            self.assertTrue(self.log_in(server, "old"))
            if "alice" not in names:
                self.connect(server).register("alice", "a@example.org", PASSWORD)

    def test_password_change(self):
        def ask(client):
            client.log_in("old", PASSWORD)
            client.change_password(PASSWORD, NEW)

        seen = set()
        for server, folder, told in self.killed_at_each(ask, begins=r"Z info +login"):
            check_accounts(self.accounts(folder))
            changed = self.log_in(server, "old", NEW)
            self.assertEqual(self.log_in(server, "old"), not changed)  # one of the two, and never both
            self.assertTrue(changed or not told)
            seen.add(changed)
        self.assertEqual(seen, {False, True})

    def test_deletion(self):
        def ask(client):
            client.log_in("old", PASSWORD)
            client.delete_account(PASSWORD)

        seen = set()
        for server, folder, told in self.killed_at_each(ask, begins=r"Z info +login"):
            deleted = "old\tdeleted=1\t#" in self.accounts(folder)
            check_accounts(self.accounts(folder))
            self.assertEqual(self.log_in(server, "old"), not deleted)
            self.assertTrue(deleted or not told)
            with self.assertRaises(Refused) as refused:
                self.connect(server).register("old", "new@example.org", PASSWORD)
            self.assertEqual(refused.exception.args[0], wire.E_NAME_TAKEN)
            seen.add(deleted)
        self.assertEqual(seen, {False, True})

    def test_removal_from_the_codes(self):
        """The operator's command itself, without a server, killed at each call: bob's line stays as it is, and where
        alice's account is removed the next command that opens the folder leaves nothing of that name in the codes."""
        like = self.new_folder("like")
        roster = os.path.join(self.folder, "roster.tsv")
        with open(roster, "w") as f:
            f.write("".join("%s\t%s@example.org\t%s\n" % (name, name, PASSWORD) for name in ("alice", "bob")))
        glasschatd = [harness.program("glasschatd"), "--pbkdf2-iterations", "1", "--data"]
        subprocess.run([*glasschatd, os.path.join(like, "data"), "account", "add", "--from", roster], check=True,
                       capture_output=True)
        with open(os.path.join(like, "data", "codes"), "w") as f:
            f.write("glasschat codes 1\n")
            for name in ("alice", "bob"):
                text = "%s\t3 1\t1 2 0\t0 0 0\t0 0 0\t%s\t" % (name, 32 * "7")
                f.write(text + "#" + hashlib.sha256(text.encode()).hexdigest()[:8] + "\n")

        def codes(folder):
            with open(os.path.join(folder, "data", "codes")) as f:
                return f.read().splitlines()[1:]

        bob = codes(like)[1]

        def remove(folder, *inject):
            self.trace = os.path.join(folder, "trace")
            return subprocess.run([*[word for word in strace(self.trace, *inject) if word != "-D"], *glasschatd,
                                   os.path.join(folder, "data"), "account", "remove", "alice"], capture_output=True,
                                  env=dict(os.environ, **NO_LEAK_CHECK), timeout=harness.PATIENCE).returncode

        whole = self.new_folder("whole", like)
        self.assertEqual(remove(whole), 0)
        self.assertEqual(codes(whole), [bob])
        points = sorted({call[1:3] for call in calls_of(self.trace)})
        self.assertIn("renameat", re.sub("2", "", " ".join(name for name, _ in points)))
        seen = set()
        for call, count in points:
            with self.subTest(call=call, count=count):
                folder = self.new_folder("%s-%d" % (call, count), like)
                remove(folder, "%s:signal=SIGKILL:when=%d" % (call, count))
                self.assertEqual([line for line in codes(folder) if line.startswith("bob")], [bob])
                removed = "alice\tdeleted=1\t#" in self.accounts(folder)
                subprocess.run([*glasschatd, os.path.join(folder, "data"), "account", "list"], check=True,
                               capture_output=True)
                self.assertEqual([line for line in codes(folder) if line.startswith("bob")], [bob])
                self.assertEqual("alice" in "".join(codes(folder)), not removed)
                self.assertNotIn("codes.new", os.listdir(os.path.join(folder, "data")))
                seen.add(removed)
        self.assertEqual(seen, {False, True})

    def test_many_accounts_of_the_operator(self):
        """A server that is killed while it writes them: those that are saved are the first ones of the roster, and the
        operator is told that the server went away. At most 1024 are written at once, and there are more such
        parts than workers: so some worker makes its second call, by which it is killed."""
        like = self.folder_with_account()
        names = ["user%d" % i for i in range(1024 * (os.cpu_count() + 1))]
        roster = os.path.join(self.folder, "roster.tsv")
        with open(roster, "w") as f:
            f.write("".join("%s\t%s@example.org\t%s\n" % (name, name, PASSWORD) for name in names))
        for call, count in (("pwrite64", 1), ("fdatasync", 1), ("pwrite64", 2), ("fdatasync", 2), ("sendto", 2)):
            with self.subTest(call=call, count=count):
                folder = self.new_folder("%s-%d" % (call, count), like)
                server = self.traced(folder, "%s:signal=SIGKILL:when=%d" % (call, count))
                done = subprocess.run([harness.program("glasschatd"), "--data", os.path.join(folder, "data"),
                                       "--pbkdf2-iterations", "1", "account", "add", "--from", roster],
                                      capture_output=True, timeout=harness.PATIENCE)
                self.assertEqual(server.wait(), -9)
                self.assertEqual(done.returncode, 1)
                self.assertIn(b"the server went away", done.stderr)
                again = self.server_in(folder)
                there = check_accounts(self.accounts(folder))
                self.assertEqual(there, (["old"] + names)[:len(there)])
                self.assertTrue(self.log_in(again, "old"))
                if call == "sendto":  # its second: the first answered whether a server is there
                    self.assertEqual(len(there), 1 + len(names))  # all were on disk before the answer
                again.close()

    def test_sync_that_fails(self):
        folder = self.folder_with_account()
        server = self.traced(folder, "fdatasync:error=EIO:when=1")
        client = self.connect(server)
        self.assert_not_saved(client, "alice")
        server.expect_log(r" error \"?accounts closed.* error=\"Input/output error\"")
        self.assert_not_saved(client, "berta")
        self.assertFalse(self.log_in(server, "alice"))
        self.assertTrue(self.log_in(server, "old"))
        server.close()
        calls = [call[1] for call in calls_of(self.trace)]
        self.assertEqual(calls.count("fdatasync"), 1)  # after a sync that failed no later one could be trusted
        self.assertEqual(calls.count("pwrite64"), 1)
        again = self.server_in(folder)
        self.assertTrue(self.log_in(again, "old"))
        self.assertNotIn("berta", check_accounts(self.accounts(folder)))
        self.connect(again).register("berta", "b@example.org", PASSWORD)


class Backup(Faults):
    def test_a_copy_taken_while_the_server_works(self):
        """Accounts are made and changed without a pause, the file is compacted, and copies are taken: each of them
        loads, and holds what was acknowledged when it began."""
        like = self.folder_with_account()
        with open(os.path.join(like, "data", "accounts")) as f:
            header, line = f.read().splitlines(keepends=True)
        with open(os.path.join(like, "data", "accounts"), "w") as f:
            f.write(header + line * 490)
        server = self.server_in(like, "--max-tries", "1000", *harness.FAST)
        copies, acknowledged = [], []
        client = self.connect(server)
        for i in range(24):
            client.register("u%d" % i, "u@example.org", PASSWORD)
            acknowledged.append("u%d" % i)
            if i % 6 == 0:
                copy = self.new_folder("copy%d" % i)
                copies.append((copy, set(acknowledged),
                               subprocess.Popen(["cp", "-rp", os.path.join(like, "data"), copy])))
            owner = self.connect(server)
            owner.log_in("old", PASSWORD)
            owner.change_password(PASSWORD, PASSWORD)
            owner.close()
        server.expect_log("accounts compacted")
        for copy, names, process in copies:
            self.assertEqual(process.wait(), 0)
            again = self.server_in(copy)
            self.assertTrue(self.log_in(again, "old"))
            self.assertLessEqual(names | {"old"}, set(check_accounts(self.accounts(copy))))
            self.assertEqual(again.fingerprint, server.fingerprint)
            again.close()


if __name__ == "__main__":
    harness.main()
