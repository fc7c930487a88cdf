#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Files that never give what is wanted of them: no wait is endless, and each ends with one line."""
import fcntl
import os
import select
import signal
import subprocess
import unittest

import glasschat_client as wire
import harness

PASSWORD = harness.PASSWORD


class Waiting(harness.TestCase):
    def started_program(self, name, *args):
        process = subprocess.Popen([harness.program(name), *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=self.folder)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def ends(self, process, status, why=""):
        out, err = process.communicate(timeout=harness.PATIENCE)
        self.assertEqual(process.returncode, status, (process.args, out, err))
        self.assertIn(why, err.decode(), process.args)
        self.assertEqual(err.count(b"\n"), status != 0, err)
        return out

    def pipe(self, name):
        os.mkfifo(self.path(name), 0o600)
        return self.path(name)

    def client(self, server, *options, name="alice", home="home"):
        return self.started_program("glasschat", f"{name}@127.0.0.1:{server.port}", "--home", self.path(home), *options)

    @harness.waits
    def test_what_never_comes(self):
        """For each program that reads a pipe, one that nobody opens; a lock that is never released. All at once, as
        each takes seconds. A writer that opens the pipe and takes longer is waited for."""
        server = self.server()
        password = self.path("password", PASSWORD.encode() + b"\n")
        os.chmod(password, 0o600)
        nobody, late = self.pipe("nobody"), self.pipe("late")
        os.mkdir(self.path("locked"), 0o700)
        locked = os.open(self.path("locked/known-servers.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        self.addCleanup(os.close, locked)
        fcntl.flock(locked, fcntl.LOCK_EX)
        unwritten = [
            self.client(server, "--password-file", nobody),
            self.client(server, "--password-file", password, "--ca", nobody),
            self.started_program("glasschatd", "account", "reset", "alice", "--data", server.data, "--password-file", nobody),
            self.started_program("glass", "pbkdf2", "--password-file", nobody, "--salt", "00", "--iterations", "1",
                                 "--length", "1")]
        waits = self.started_program("glass", "pbkdf2", "--password-file", late, "--salt", "00", "--iterations", "1",
                                     "--length", "1")
        busy = self.client(server, "--password-file", password, home="locked")
        with open(late, "wb") as f:
            for process in unwritten:
                self.ends(process, 1, "nobody: nothing came from it in time: see that somebody writes to it")
            self.ends(busy, 1, "/locked/known-servers.lock: another program does not let go of it: end that one, then "
                               "try again")
            f.write(PASSWORD.encode())
        self.ends(waits, 0)

    def test_what_is_no_file(self):
        server = self.server()
        password = self.path("password", PASSWORD.encode() + b"\n")
        os.chmod(password, 0o600)
        folder = self.path("folder")
        os.mkdir(folder, 0o700)
        a_folder = "it is a folder: name a file"
        self.ends(self.client(server, "--password-file", folder), 1, a_folder)
        self.ends(self.client(server, "--password-file", password, "--ca", folder), 1, a_folder)
        self.ends(self.started_program("glasschatd", "account", "reset", "alice", "--data", server.data, "--password-file",
                                       folder), 1, a_folder)
        self.ends(self.started_program("glass", "pbkdf2", "--password-file", folder, "--salt", "00", "--iterations", "1",
                                       "--length", "1"), 1, a_folder)
        for make in os.mkdir, os.mkfifo:
            home = self.path(make.__name__)
            os.mkdir(home, 0o700)
            make(os.path.join(home, "known-servers"), 0o700)
            self.ends(self.client(server, "--password-file", password, home=make.__name__), 1,
                      "/known-servers: is no file: move it away, or choose another --home")

    @unittest.skipIf(harness.sanitized(rb"__tsan_init"), "TSan runs signal handlers only after the call that waits")
    def test_what_nobody_reads(self):
        """A client whose output waits for a reader ends when told to, and leaves the pipe as it was."""
        server = self.server("--max-rate", "1000", "--max-said", "1000000", "--max-said-room", "1000000")
        with wire.Client(server.port) as eve:
            eve.enter("eve")
            for i, sig in enumerate((signal.SIGTERM, signal.SIGINT)):
                read_end, write_end = os.pipe()
                fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
                password = self.path("password", PASSWORD.encode() + b"\n")
                os.chmod(password, 0o600)
                alice = subprocess.Popen(
                    [harness.program("glasschat"), f"alice{i}@127.0.0.1:{server.port}", "--home", self.path("home"),
                     "--password-file", password, "--register", "--email", "a@example.org"], stdin=subprocess.PIPE,
                    stdout=write_end, stderr=subprocess.PIPE if i == 0 else write_end)
                self.addCleanup(alice.communicate)
                self.addCleanup(alice.kill)
                server.expect_log(f"login .*user=alice{i}")
                for _ in range(40):
                    eve.say("lobby", "x" * 3900)
                harness.wait_until(lambda: select.select([], [write_end], [], 0)[1] == [], "the pipe is full")
                alice.send_signal(sig)
                self.assertEqual(alice.wait(timeout=harness.PATIENCE), 1)
                if i == 0:
                    self.assertEqual(alice.stderr.read(), b"glasschat: cannot write to standard output: nobody reads it; "
                                                          b"send it elsewhere\n")
                self.assertEqual(fcntl.fcntl(write_end, fcntl.F_GETFL) & os.O_NONBLOCK, 0)
                os.close(read_end)
                os.close(write_end)

    def test_a_pipe_that_somebody_writes(self):
        """As a shell makes of <(command): the authority's key and the password, which may come in parts."""
        server = self.server()
        subprocess.run([harness.program("glass"), "key", "new", self.path("a.key")], check=True, capture_output=True)
        public = subprocess.run([harness.program("glass"), "key", "show", self.path("a.key")], check=True,
                                capture_output=True)
        done = subprocess.run(
            ["bash", "-c", 'exec "$0" "$1" --home "$2" --register --email a@example.org --ca <(sed -n "/BEGIN/,$ p" "$3") '
             '--password-file <(umask 077; printf corr; sleep 0.1; echo ect horse)', harness.program("glasschat"),
             f"alice@127.0.0.1:{server.port}", self.path("home"), self.path("public", public.stdout)],
            capture_output=True, stdin=subprocess.DEVNULL, timeout=harness.PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"is not signed by the authority", done.stderr)


if __name__ == "__main__":
    harness.main()
