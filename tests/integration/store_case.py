# SPDX-License-Identifier: MIT
"""What the tests of the store under faults share. strace kills the server at a call or fails the call; it counts each
thread's calls for itself."""
import hashlib
import os
import re
import shutil
import subprocess

import glasschat_client as wire
import harness
from glasschat_client import Client, Refused

PASSWORD = "a good password"
NEW = "another password"
CALLS = r"/^(mkdir(at)?|write|pwrite64|f(data)?sync|rename(at2?)?|ftruncate|unlink(at)?|sendto)$"
NO_LEAK_CHECK = {"ASAN_OPTIONS": "detect_leaks=0", "LSAN_OPTIONS": "detect_leaks=0"}  # it can't be done under strace


def may_trace():
    try:
        return subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def strace(trace, *inject):
    """The server stays our own child, so that its pid and its end are seen (-D)."""
    return ["strace", "-D", "-f", "-y", "-qq", "-o", trace, "-e", "trace=" + CALLS] + ["--inject=" + i for i in inject]


def calls_of(trace):
    """What was called, in order: (thread, call, which of this thread's calls of that name, the whole line)."""
    counts, out = {}, []
    with open(trace) as f:
        for line in f:
            found = re.match(r"(\d+) +(\w+)\(", line)
            if found:
                counts[found.groups()] = counts.get(found.groups(), 0) + 1
                out.append((int(found[1]), found[2], counts[found.groups()], line))
    return out


def unsynced(calls, data):
    """What a power failure after these calls, or between them, could take away of the files in this folder: a new name
    lasts once the folder is synced, and a file must be synced before it gets another's name."""
    waiting, too_early, known = set(), set(), set()
    for _, call, _, line in calls:
        path = re.search(r"\(\d+<(/[^>]*)>", line)
        if not path or not path[1].startswith(data):
            continue
        path = path[1]
        if call in ("fsync", "fdatasync"):
            waiting.discard(path)
        elif call.startswith("rename"):
            too_early |= waiting & {os.path.join(path, re.search(r'"([^"]*)"', line)[1])}
            waiting.add(path)
        elif call in ("write", "pwrite64", "ftruncate"):
            waiting |= {path} if path in known else {path, os.path.dirname(path)}
            known.add(path)
    return waiting | too_early


def check_accounts(text):
    """Checks every line of an accounts file, with checksums computed here; returns the names."""
    assert text.endswith("\n")
    header, *lines = text[:-1].split("\n")
    assert header == "glasschat accounts 1"
    for line in lines:
        before, checksum = line.rsplit("#", 1)
        assert hashlib.sha256(before.encode()).hexdigest()[:8] == checksum, line
    return [line.split("\t")[0] for line in lines]


class Faults(harness.TestCase):
    def connect(self, server):
        client = Client(server.port, timeout=harness.PATIENCE)
        self.addCleanup(client.sock.close)
        return client

    def server_in(self, folder, *options, **kw):
        return self.started(harness.Server(folder, *options, **kw))

    def traced(self, folder, *inject, **kw):
        self.trace = os.path.join(folder, "trace")
        return self.server_in(folder, before=strace(self.trace, *inject), env=NO_LEAK_CHECK, **kw)

    def start_killed(self, folder, call, count):
        """A server that is killed before it is ready."""
        command = strace(os.path.join(folder, "trace"), "%s:signal=SIGKILL:when=%d" % (call, count))
        command += [harness.program("glasschatd"), "--listen", "127.0.0.1:0", "--data", os.path.join(folder, "data"),
                    "--pbkdf2-iterations", harness.ITERATIONS, *harness.SANDBOX]
        process = self.started(harness.Process(command, env=NO_LEAK_CHECK))
        self.assertEqual(process.wait(), -9, process.err.text)
        self.assertNotIn("listening on", process.out.text)

    def new_folder(self, name, like=None):
        folder = os.path.join(self.folder, name)
        if like:
            shutil.copytree(like, folder, ignore=shutil.ignore_patterns("control"))  # a killed server's socket
        else:
            os.mkdir(folder)
        return folder

    def folder_with_account(self):
        """A server's folder with the account "old" in it, to be copied."""
        folder = self.new_folder("like")
        server = self.server_in(folder)
        self.connect(server).register("old", "old@example.org", PASSWORD)
        server.kill()
        server.wait()
        return folder

    def accounts(self, folder):
        with open(os.path.join(folder, "data", "accounts")) as f:
            return f.read()

    def log_in(self, server, name, password=PASSWORD):
        """Whether that name and password are right."""
        try:
            self.connect(server).log_in(name, password)
            return True
        except Refused as refused:
            self.assertEqual(refused.args[0], wire.E_LOGIN_FAILED)
            return False

    def assert_not_saved(self, client, name):
        with self.assertRaises(Refused) as refused:
            client.register(name, name + "@example.org", PASSWORD)
        self.assertEqual(refused.exception.args[0], wire.E_NOT_SAVED)
