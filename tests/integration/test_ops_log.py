#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A running server's log in a file: rotated, as JSON, and what stands in its way."""
import glob
import json
import os
import resource
import signal
import subprocess
import unittest

import glasschat_client as wire
import harness
from ops_case import PASSWORD, OpsCase


class Log(OpsCase):
    def test_rotation(self):
        server = self.server("--log-file", self.path("log"))
        self.connect(server).enter("anna", PASSWORD)
        harness.wait_until(lambda: " login user=anna" in self.read("log"), "anna's login in the log")
        os.rename(self.path("log"), self.path("log.1"))
        self.connect(server).enter("bert", PASSWORD)
        harness.wait_until(lambda: " login user=bert" in self.read("log.1"), "the old file goes on until SIGHUP")
        server.kill(signal.SIGHUP)
        harness.wait_until(lambda: os.path.exists(self.path("log")) and "log reopened" in self.read("log"), "a new file")
        self.connect(server).enter("carl", PASSWORD)
        harness.wait_until(lambda: " login user=carl" in self.read("log"), "carl's login in the new file")
        self.assertNotIn("carl", self.read("log.1"))
        self.assertEqual(os.stat(self.path("log")).st_mode & 0o777, 0o600)
        server.stop()
        self.assertIn(" stopping", self.read("log"))
        self.assertEqual(server.log, "")

    def test_without_standard_descriptors(self):
        """No file of the server's gets their numbers, so nothing is logged into one."""
        server = self.server(before=["sh", "-c", 'exec "$@" 0<&- 2>&-', "sh"])
        self.connect(server).enter("anna", PASSWORD)
        server.stop()
        self.assertEqual(os.path.getsize(os.path.join(server.data, "lock")), 0)
        with open(os.path.join(server.data, "accounts")) as f:
            self.assertEqual(len(f.readlines()), 2)
        done = subprocess.run(["sh", "-c", 'exec "$@" 1>&-', "sh", *server.command[server.command.index("sh", 1) + 1:]],
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"cannot write to standard output", done.stderr)

    def test_rotation_into_nothing(self):
        """A folder that is gone: the server says so in the old file, and goes on."""
        os.mkdir(self.path("logs"))
        server = self.server("--log-file", self.path("logs/log"))
        os.rename(self.path("logs"), self.path("moved"))
        server.kill(signal.SIGHUP)
        harness.wait_until(lambda: "can't be reopened" in self.read("moved/log"), "a line about it")
        self.connect(server).enter("anna", PASSWORD)
        server.stop()

    def test_rotation_onto_a_file_of_the_folder(self):
        """Through a link of either kind that leads there: the log goes on where it was, the file stays as it was."""
        server = self.server("--log-file", self.path("log"))
        os.rename(self.path("log"), self.path("log.1"))
        for link in os.symlink, os.link:
            link(os.path.join(server.data, "accounts"), self.path("log"))
            before = self.read("log.1").count("data folder's own accounts")
            server.kill(signal.SIGHUP)
            harness.wait_until(lambda: self.read("log.1").count("data folder's own accounts") > before, "a line about it")
            os.unlink(self.path("log"))
        self.connect(server).enter("anna", PASSWORD)
        server.kill(signal.SIGHUP)
        harness.wait_until(lambda: os.path.exists(self.path("log")) and "log reopened" in self.read("log"), "a new file")
        server.stop()
        self.server().stop()

    def test_hang_up_without_a_file(self):
        """It ends neither the server nor anybody's session."""
        server = self.server()
        member = self.connect(server).enter("anna", PASSWORD)
        server.kill(signal.SIGHUP)
        member.say("lobby", "still here")
        self.connect(server).enter("bert", PASSWORD)
        server.stop()

    def test_hang_up_at_a_terminal(self):
        """Closing the window ends the server that runs in it, in an orderly way."""
        server = self.server(terminal=True)
        member = self.connect(server).enter("anna", PASSWORD)
        server.kill(signal.SIGHUP)
        self.assertEqual(member.wait_for(wire.NOTICE).text, "the server is stopping")
        with self.assertRaises(wire.Closed):
            member.next()
        member.sock.sendall(member.send.seal(wire.CLOSE, b""))
        self.assertEqual(server.wait(), 0)

    def test_no_such_folder(self):
        done = self.run_program("glasschatd", "--log-file", self.path("no/log"), status=1)
        self.assertRegex(done.stderr.decode(), r"cannot open the log .*/no/log: No such file .*--log-file")

    def test_a_file_of_the_folder_is_no_log(self):
        """Under its name, by a link, and before the first start has made it."""
        data = ("--data", self.path("data"))
        os.mkdir(self.path("data"), 0o700)
        done = self.run_program("glasschatd", *data, "--log-file", self.path("data/accounts"), status=1)
        self.assertRegex(done.stderr.decode(), "data/accounts is the data folder's own accounts; .*--log-file")
        self.assertEqual(os.listdir(self.path("data")), ["lock"])
        self.server().stop()
        os.link(self.path("data/accounts"), self.path("log"))
        os.symlink("data/server.key", self.path("other"))
        before = {name: open(self.path("data/" + name), "rb").read() for name in os.listdir(self.path("data"))}
        for log in ("log", "other", "data/codes", "data/lock", "data/storage.key"):
            self.run_program("glasschatd", *data, "--log-file", self.path(log), status=1)
        self.assertEqual({name: open(self.path("data/" + name), "rb").read() for name in before}, before)
        self.server("--log-file", self.path("data/log")).stop()

    def test_files_may_not_grow(self):
        """No signal ends a program in the middle of a file: it says that it could not write."""
        for command in ((), ("account", "add", "anna", "a@example.org", "--password-file", self.path("pw", b"12345678"))):
            done = subprocess.run([harness.program("glasschatd"), *command, "--data", self.path("data")],
                                  capture_output=True, timeout=harness.PATIENCE,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)))
            self.assertEqual((done.returncode, done.stderr.count(b"\n")), (1, 1), (command, done))
            self.assertIn(b"File too large; raise the limit on the size of files (ulimit -f)", done.stderr, command)

    def test_a_clock_before_1970(self):
        """No certificate, no account and no lock gets a time that nothing can read again."""
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not found or harness.sanitized():
            self.skipTest("apt-get install faketime; it comes before a sanitizer is ready")
        early = {"LD_PRELOAD": found[0], "FAKETIME": "1965-05-05 05:05:05"}
        password = self.path("pw", b"12345678")
        os.chmod(password, 0o600)
        data = ("--data", self.path("data"))
        for command in ((), ("account", "add", "anna", "a@example.org", "--password-file", password), ("key", "renew")):
            done = self.run_program("glasschatd", *data, *command, status=1, env=early)
            self.assertEqual(done.stderr.decode(), "glasschatd: this machine's clock stands before 1970: set it, and "
                                                   "start again\n")
        self.assertFalse(os.path.exists(self.path("data")))
        self.run_program("glass", "key", "new", self.path("key"), status=0)
        done = self.run_program("glass", "key", "certify", "--user", "anna", "--key", self.path("key"),
                                self.path("certificate"), status=1, env=early)
        self.assertIn("clock stands before 1970", done.stderr.decode())
        self.assertFalse(os.path.exists(self.path("certificate")))

    @unittest.skipIf(harness.sanitized(), "a sanitizer needs descriptors itself")
    def test_threads_without_descriptors(self):
        """The workers' bell is a descriptor: where none is left the error names descriptors, not processes."""
        password = self.path("pw", b"12345678")
        os.chmod(password, 0o600)
        account = ("--data", self.path("data"), "account")
        self.run_program("glasschatd", *account, "add", "anna", "a@example.org", "--password-file", password, status=0)
        said = []
        for most in range(4, 20):  # standard input, output and error, and what comes before the workers
            done = subprocess.run([harness.program("glasschatd"), *account, "list"], capture_output=True,
                                  timeout=harness.PATIENCE, stdin=subprocess.DEVNULL,
                                  preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
            said += [done.stderr.decode()] if b"cannot start threads" in done.stderr else []
        self.assertEqual(done.returncode, 0, done)
        self.assertTrue(said)
        for words in said:
            self.assertEqual(words, "glasschatd: cannot start threads: Too many open files; "
                                    "raise the limit on open files (ulimit -n)\n")

    def test_json(self):
        server = self.server("--log-format", "json")
        client = self.connect(server)
        client.register("anna", "a@example.org", PASSWORD)
        with self.assertRaises(wire.Refused):
            client.log_in("anna", "wrong" + PASSWORD)
        client.log_in("anna", PASSWORD)
        client.close()
        server.expect_log(r'"event":"disconnect"')
        server.stop()
        lines = [json.loads(line) for line in server.log.splitlines()]
        events = [line["event"] for line in lines]
        for event in ("listening", "register", "login failed", "login", "disconnect", "stopping"):
            self.assertIn(event, events)
        for line in lines:
            self.assertRegex(line["time"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
            self.assertIn(line["level"], ("error", "warn", "info"))
        login = lines[events.index("login")]
        self.assertEqual(sorted(login), ["event", "from", "level", "time", "user"])
        self.assertEqual(login["user"], "anna")


if __name__ == "__main__":
    harness.main()
