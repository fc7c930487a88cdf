#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What an operator does with a running server: its log in a file, rotated and as JSON; what it says of itself when it is asked; what it has
given up; where it is installed."""
import glob
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import time
import unittest

from cryptography.hazmat.primitives import serialization

import glasschat_client as wire
import harness
from glasschat_client import Client

PASSWORD = "a good password"


class OpsCase(harness.TestCase):
    def connect(self, server, **kw):
        client = Client(server.port, timeout=harness.PATIENCE, **kw)
        self.addCleanup(client.sock.close)
        return client

    def read(self, name):
        with open(self.path(name)) as f:
            return f.read()


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
        """No file of its own takes their numbers, so that what is logged goes into none."""
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
        """By a link of either kind that was turned there: the log goes on where it was, and the file is as it was."""
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
        """Neither the end of the server nor of anybody's session."""
        server = self.server()
        member = self.connect(server).enter("anna", PASSWORD)
        server.kill(signal.SIGHUP)
        member.say("lobby", "still here")
        self.connect(server).enter("bert", PASSWORD)
        server.stop()

    def test_hang_up_at_a_terminal(self):
        """Whoever closes the window ends the server that ran in it, in order."""
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
        """No signal ends a program in the middle of a file: each says that it could not write."""
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
        """The bell of the workers is a descriptor: where none is left that is said, and not that it is processes."""
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


class Status(OpsCase):
    def numbers(self, server):
        """What SIGUSR1 makes it say: the numbers, and how many connections ended for each cause."""
        server.kill(signal.SIGUSR1)
        line = server.expect_log(r" info status (uptime=.*)$")[1]
        numbers = {name: int(n) for name, n in re.findall(r"(\w+)=(\d+)", line)}
        harness.wait_until(lambda: self.causes(server)[1] == numbers["ended"], "a line for each cause")
        return numbers, self.causes(server)[0]

    def causes(self, server):
        last = server.log.rsplit(" info status ", 1)[1]
        causes = dict(re.findall(r'status: ended cause="([^"]*)" connections=(\d+)$', last, re.M))
        causes = {cause: int(n) for cause, n in causes.items()}
        return causes, sum(causes.values())

    def assert_counts(self, server, doing, **expected):
        """What doing() adds to the counters that are named, after a while, and that all others stay."""
        before = self.numbers(server)[0]
        doing()
        moving = {"uptime", "bytes_in", "bytes_out", "jobs", "certificate_days"}

        def more():
            after = self.numbers(server)[0]
            return {name: after[name] - before[name] for name in after
                    if name not in moving and after[name] != before[name]}
        try:
            harness.wait_until(lambda: more() == expected, "counters", patience=harness.PATIENCE / 3)
        except AssertionError:
            self.assertEqual(more(), expected)

    def test_each_counter(self):
        server = self.server("--max-per-address", "2", "--free-tries", "2", "--handshake-seconds", "5", "--max-tries",
                             "20", "--max-registrations", "3")
        a, b = self.connect(server), self.connect(server)
        count = lambda doing, **expected: self.assert_counts(server, doing, **expected)
        refuse = lambda ask, *args: self.assertRaises(wire.Refused, ask, *args)
        count(lambda: (a.register("anna", "a@example.org", PASSWORD), b.register("bert", "b@example.org", PASSWORD)),
              registrations=2, accounts=2)
        count(lambda: refuse(a.register, "anna", "a@example.org", PASSWORD), registrations_failed=1)
        count(lambda: refuse(a.register, "operator", "a@example.org", PASSWORD), registrations_failed=1)
        count(lambda: a.register("carl", "a@example.org", PASSWORD), registrations=1, accounts=1)
        count(lambda: refuse(a.register, "dora", "a@example.org", PASSWORD), registrations_failed=1)
        count(lambda: refuse(a.log_in, "anna", "wrong" + PASSWORD), logins_failed=1)
        # At once, as the delay is a second.
        count(lambda: (refuse(a.log_in, "anna", "wrong" + PASSWORD), refuse(a.log_in, "anna", PASSWORD)),
              logins_failed=1, logins_delayed=1)
        count(lambda: (a.log_in("carl", PASSWORD), b.log_in("bert", PASSWORD)), logins=2, logged_in=2)
        count(lambda: a.say("lobby", "to one"), messages=1, deliveries=1)
        count(lambda: a.join("den"), rooms=1)
        count(lambda: a.say("den", "to nobody"), messages=1)
        count(lambda: a.leave("den"), rooms=-1)
        count(lambda: socket.create_connection(("127.0.0.1", server.port)).close(), refused=1)
        stranger = []
        count(lambda: stranger.append(self.connect(server, handshake=False, source="127.0.0.2")),
              accepted=1, connections=1, in_handshake=1)
        server.expect_log("did not finish the handshake in time")
        count(lambda: self.connect(server, source="127.0.0.2").close(), accepted=1, handshakes=1, ended=1)
        numbers, causes = self.numbers(server)
        self.assertEqual(causes, {"it did not finish the handshake in time": 1, "it said good-bye": 1})
        self.assertEqual((numbers["handshakes"], numbers["handshakes_failed"], numbers["accepted"]), (3, 1, 4))

    def test_causes(self):
        """Each end under the cause that its own line in the log has."""
        server = self.server()
        for name in ("anna", "bert"):
            self.connect(server).enter(name, PASSWORD)
        again = self.connect(server)
        again.log_in("anna", PASSWORD)
        self.connect(server, handshake=False).sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        self.connect(server).sock.close()
        server.expect_log(r"disconnect(.|\n)*disconnect(.|\n)*disconnect")
        causes = self.numbers(server)[1]
        said = re.findall(r' disconnect .*cause="([^"]*)"$', server.log, re.M)
        self.assertEqual(len(causes), 3)
        self.assertEqual(causes, {cause: said.count(cause) for cause in said})

    def test_bytes(self):
        """As many as cross the wire, those of connections that have ended too."""
        server = self.server()
        proxy = self.proxy(server)
        for name in ("anna", "bert"):
            client = Client(proxy.port, timeout=harness.PATIENCE)
            self.addCleanup(client.sock.close)
            client.enter(name, PASSWORD)
            client.say("lobby", "x" * 1000)
            if name == "anna":
                client.close()
        server.expect_log("disconnect")
        numbers = self.numbers(server)[0]
        self.assertEqual((numbers["bytes_in"], numbers["bytes_out"]), (len(proxy.up), len(proxy.down)))

    def test_a_certificate_that_ends(self):
        """Is told at the start, and the days that are left are in the status."""
        made = self.server()
        made.stop()
        for begins, ends, days, warns in ((0, 90, 90, None), (0, 7, 7, "valid for less than 30 days"),
                                          (-9, -2, 0, "not valid at this time"), (2, 40, 40, "not valid at this time")):
            self.certify(begins, ends)
            server = self.server()
            self.connect(server).close()  # who goes by the key doesn't mind
            self.assertEqual(self.numbers(server)[0]["certificate_days"], days)
            told = re.findall(r" warn server\.certificate is (.*?)(?::.*)? not_before=\S+ not_after=\S+$", server.log, re.M)
            self.assertEqual(told, [warns] if warns else [])
            server.stop()

    def test_too_few_descriptors_are_told(self):
        for descriptors, told in (("100:100", True), ("140:140", False)):
            server = self.server("--max-clients", "100", before=("prlimit", "--nofile=" + descriptors))
            server.stop()
            self.assertEqual(" warn fewer descriptors than --max-clients needs" in server.log, told, server.log)

    def certify(self, begins, ends):
        """The server's own key signs another certificate, valid from and to days from now."""
        with open(self.path("data/server.key"), "rb") as f:
            key = serialization.load_pem_private_key(f.read(), None)
        now = int(time.time())
        self.path("data/server.certificate",
                  wire.certificate(key, 1, "localhost", now + begins * 86400, now + ends * 86400 + 3600))

    def test_console(self):
        server = self.server("--console")
        self.connect(server).enter("anna", PASSWORD)
        server.expect(r"anna joined lobby")
        server.type("/status\n")
        for line in ("1 connections now", "1 of them logged in", "1 rooms now", "1 accounts", "1 connections taken",
                     "1 handshakes finished", "1 accounts registered", "1 logins", "0 messages said"):
            server.expect(r"^\* +%s$" % line)
        server.type("hello\n/status\n")
        server.expect(r"^\* +1 messages said$")
        server.expect(r"^\* +1 messages queued for those who hear them$")


@unittest.skipIf(harness.sanitized(), "sanitizers need more than the sandbox leaves")
class Sandbox(OpsCase):
    def status(self, pid):
        """Of each thread, what the kernel says."""
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
        """Where the kernel refuses, the server says what is left, and goes on."""
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
        """A whole life under strace: no call after the start is refused."""
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


class Install(OpsCase):
    def install(self, destdir, prefix):
        """What is built already; -o all: nothing is built for it."""
        done = subprocess.run(["make", "-s", "-o", "all", "install", "BUILD=" + harness.BUILD, "DESTDIR=" + destdir,
                               "PREFIX=" + prefix], cwd=harness.ROOT, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def unit(self, path):
        """Its settings; those that are there twice as a list."""
        settings = {}
        with open(path) as f:
            for name, value in re.findall(r"^(\w+)=(.*)$", f.read(), re.M):
                settings[name] = settings[name] + [value] if isinstance(settings.get(name), list) else \
                    [settings[name], value] if name in settings else value
        return settings

    def test_where_packages_want_it(self):
        self.install(self.path("root"), "/usr")
        found = {os.path.join(folder, name)[len(self.path("root")):]: os.stat(os.path.join(folder, name)).st_mode & 0o777
                 for folder, _, names in os.walk(self.path("root")) for name in names}
        self.assertEqual(found, {
            "/usr/bin/glass": 0o755, "/usr/bin/glasschat": 0o755, "/usr/bin/glasschatd": 0o755,
            "/usr/lib/systemd/system/glasschatd.service": 0o644, "/usr/lib/sysusers.d/glasschatd.conf": 0o644,
            "/usr/share/bash-completion/completions/glass": 0o644,
            "/usr/share/bash-completion/completions/glasschat": 0o644,
            "/usr/share/bash-completion/completions/glasschatd": 0o644,
            "/usr/share/man/man1/glass.1": 0o644, "/usr/share/man/man1/glasschat.1": 0o644,
            "/usr/share/man/man8/glasschatd.8": 0o644})
        unit = self.unit(self.path("root/usr/lib/systemd/system/glasschatd.service"))
        self.assertTrue(unit["ExecStart"].startswith("/usr/bin/glasschatd --listen "))
        self.assertEqual((unit["User"], unit["NoNewPrivileges"]), ("glasschat", "yes"))
        self.assertEqual((unit["ExecReload"], unit["LogsDirectory"], unit["StartLimitIntervalSec"]),
                         ("/bin/kill -HUP $MAINPID", "glasschat", "0"))
        with open(self.path("root/usr/lib/sysusers.d/glasschatd.conf")) as f:
            self.assertRegex(f.read(), r"(?m)^u glasschat - ")

    def test_what_systemd_says(self):
        try:
            subprocess.run(["systemd-analyze", "--version"], capture_output=True, check=True)
        except (FileNotFoundError, subprocess.CalledProcessError):
            self.skipTest("systemd-analyze is not there")
        self.install("", self.path("usr"))
        unit = self.path("usr/lib/systemd/system/glasschatd.service")
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True)
        complaints = [line for line in done.stderr.splitlines() if "glasschatd" in line]
        self.assertEqual((done.returncode, complaints), (0, []), done.stderr)
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=15", unit],
                              capture_output=True, text=True)  # of 100: the fewer the better
        self.assertEqual(done.returncode, 0, done.stdout[-2000:])

    def test_its_own_options_are_understood(self):
        """The command line of the unit, but for the address and the folder."""
        unit = self.unit(os.path.join(harness.ROOT, "app/server/glasschatd.service"))
        command = unit["ExecStart"].replace("$GLASSCHATD_OPTIONS", "--max-clients 300").split()
        self.assertEqual((command[0], command[2], command[4]),
                         ("/usr/local/bin/glasschatd", "[::]:7447", "/var/lib/glasschat"))
        command[2], command[4] = "127.0.0.1:0", self.path("data")
        server = self.started(harness.Process([harness.program("glasschatd"), *command[1:], *harness.SANDBOX]))
        server.expect("^listening on ")
        server.kill(signal.SIGTERM)
        self.assertEqual(server.wait(), 0)


if __name__ == "__main__":
    harness.main()
