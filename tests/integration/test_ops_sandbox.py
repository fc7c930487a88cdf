#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a running server has given up, and that it needs none of it."""
import os
import re
import shutil
import signal
import subprocess
import unittest

import glasschat_client as wire
import harness
from ops_case import PASSWORD, OpsCase


@unittest.skipIf(harness.sanitized(), "sanitizers need more than the sandbox leaves")
class Sandbox(OpsCase):
    def status(self, pid):
        """What the kernel says of each thread."""
        for thread in os.listdir("/proc/%d/task" % pid):
            with open("/proc/%d/task/%s/status" % (pid, thread)) as f:
                yield dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)

    def says(self, server):
        server.expect_log(" listening on=")
        return re.search(r" listening .*sandbox=(\S+)$", server.log, re.M)[1].split(",")

    def test_the_kernel_agrees(self):
        """What the log says holds for every thread."""
        server = self.server()
        says = self.says(server)
        self.connect(server).enter("anna", PASSWORD)
        threads = list(self.status(server.pid))
        self.assertGreater(len(threads), 1)
        for thread in threads:
            self.assertEqual(thread["NoNewPrivs"], str(int("no-new-privs" in says)))
            self.assertEqual(thread["Seccomp"], "2" if "seccomp" in says else "0")
            if "no-capabilities" in says:
                self.assertEqual((int(thread["CapEff"], 16), int(thread["CapPrm"], 16)), (0, 0))
            self.assertEqual(int(thread["VmLck"].split()[0]) > 0, "memory-locked" in says or "key-locked" in says)
        self.assertEqual(harness.core_limit(server.pid), harness.NO_CORE)

    def test_off(self):
        server = self.server("--sandbox", "off")
        server.expect_log(r" warn --sandbox off: ")
        self.assertEqual(self.says(server), ["off"])
        for thread in self.status(server.pid):
            self.assertEqual((thread["NoNewPrivs"], thread["Seccomp"]), ("0", "0"))

    def test_a_container_that_forbids_it(self):
        """Where the kernel refuses, the server says what protection is left, and goes on."""
        none = "landlock_create_ruleset,seccomp,prctl,capset,capget,mlock,mlockall"
        for refused, left in (("seccomp", "no-capabilities"), ("landlock_create_ruleset", "no-capabilities,seccomp"),
                              (none, "unavailable")):
            with self.subTest(refused=refused):
                server = self.traced("trace=" + refused, "inject=%s:error=EPERM" % refused)
                server.expect_log(r" listening on=.* sandbox=(\S*,)?%s$" % left)
                self.assertNotIn("landlock-" if "landlock" in refused else "seccomp", server.log)
                self.connect(server).enter("anna", PASSWORD)
                server.stop()
                shutil.rmtree(server.data)

    def traced(self, *expressions, options=()):
        """A server under strace, which writes the calls to self.path("trace")."""
        if shutil.which("strace") is None or subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode:
            self.skipTest("strace is not there, or may not trace")
        before = ["strace", "-D", "-f", "-qq", "-o", self.path("trace")]
        for expression in expressions:
            before += ["-e", expression]
        return self.server(*options, before=before)

    def test_nothing_that_it_needs_is_refused(self):
        """A server's whole life under strace: no call after the start is refused."""
        server = self.traced(options=("--log-file", self.path("log"), "--console", "--max-tries", "50"))
        a, b = self.connect(server).enter("anna", PASSWORD), self.connect(server)
        b.register("bert", "b@example.org", PASSWORD)
        with self.assertRaises(wire.Refused):
            b.log_in("bert", "wrong" + PASSWORD)
        b.log_in("bert", PASSWORD)
        a.join("den")
        a.change_password(PASSWORD, PASSWORD + "!")
        self.run_program("glasschatd", "--data", server.data, "account", "list", status=0)
        self.run_program("glasschatd", "--data", server.data, "account", "lock", "bert", status=0)
        self.run_program("glasschatd", "--data", server.data, "account", "unlock", "bert", status=0)
        b = self.connect(server)
        b.log_in("bert", PASSWORD)
        a.block("bert")
        a.unblock("bert")
        a.say("lobby", "hello")
        b.wait_for(wire.SAID)
        server.type("/status\n/who\nhello\n")
        a.wait_for(wire.SAID)
        os.rename(self.path("log"), self.path("log.1"))
        server.kill(signal.SIGHUP)
        harness.wait_until(lambda: os.path.exists(self.path("log")), "a new log")
        server.kill(signal.SIGUSR1)
        self.connect(server, handshake=False).sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        b.sock.close()
        a.close()
        server.stop()
        calls = self.read("trace")
        if "seccomp" not in self.read("log.1"):
            self.skipTest("no seccomp here")
        _, sealed, after = calls.partition("seccomp(")
        refused = re.findall(r"^.* = -1 (?:EPERM|EACCES|ENOSYS) .*$", after, re.M)
        self.assertTrue(sealed)
        self.assertEqual([line for line in refused if "/proc/sys/vm/overcommit_memory" not in line], [])


if __name__ == "__main__":
    harness.main()
