# SPDX-License-Identifier: MIT
"""What the integration tests share: the real server, real clients and a proxy between them, each with a time bound.

    class Talk(harness.TestCase):
        def test_two_talk(self):
            server = self.server()
            alice, bob = self.client(server, "alice"), self.client(server, "bob")
            alice.say("hello")
            bob.expect(r"alice: hello")

Everything that a test starts is ended after it, by its pid. Files live in a fresh folder. BUILD names the folder of the
programs ("build"), so that builds with sanitizers are tested in the same way.
"""
import codecs
import collections
import contextlib
import fcntl
import functools
import os
import pty
import re
import resource
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import termios
import threading
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("BUILD", "build"))
PATIENCE = float(os.environ.get("PATIENCE", "30"))  # seconds for anything that should happen; sanitizers are slow
ITERATIONS = "1000"  # of PBKDF2 in tests, except where the cost itself is tested
PASSWORD = "correct horse"
# For a server where much is said fast, when that is not what is tested.
FAST = ("--max-rate", "100000", "--max-said", "100000000", "--max-said-room", "100000000")

# Terminals here are in UTF-8 mode, and where they are not, a test says so.
os.environ["LC_ALL"] = "C.UTF-8"

# Tests started in the background, or under nohup, have these ignored, and every program here would inherit that.
for ignored in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(ignored) == signal.SIG_IGN:
        signal.signal(ignored, signal.SIG_DFL)


def program(name):
    return os.path.join(BUILD, name)


def sanitized(by=rb"__([atm]san_init|ubsan_handle)"):
    """Whether the programs were built with SANITIZE: a sanitizer needs more of the system than glasschatd's sandbox leaves."""
    if not os.path.exists(program("glasschatd")):
        return False
    with open(program("glasschatd"), "rb") as f:
        return re.search(by, f.read()) is not None


SANDBOX = ("--sandbox", "off") if sanitized() else ()


@functools.cache
def iterations(seconds):
    """How many of PBKDF2's keep this machine, with this build, busy for about so long: time for something to happen."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([program("glass"), "pbkdf2", "--password-file", "-", "--salt", "00", "--iterations", "200000",
                    "--length", "32"], input=b"a good password", stdout=subprocess.DEVNULL, check=True)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return str(int(seconds * 200000 / max(spent, 0.005)))


# Left out with a sanitizer, unless ALL=1 asks for all: it is slow there, and the same code runs under it in other tests.
unsanitized = unittest.skipIf(sanitized() and not os.environ.get("ALL"), "with a sanitizer it tells nothing new: ALL=1")


def waits(test):
    """Marks a test that does nothing for most of its time, as it waits for a bound of many seconds: run.py begins these
    first, beside the others."""
    test.waits = True
    return test


def alone(test):
    """Marks a test that looks at the clock: run.py runs nothing beside it."""
    test.alone = True
    return test


def wait_until(holds, what, patience=PATIENCE):
    """Until holds() is true; returns what it gave."""
    deadline = time.monotonic() + patience
    while not (held := holds()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience} s: {what}")
        time.sleep(0.02)
    return held


def can_read(fd, timeout=None):
    """Whether there is something to be had, or the end; timeout in milliseconds."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(timeout))


class Output:
    """What a process writes to one descriptor, collected by a thread, so that no program waits for a reader. expect
    waits for a line; the text has all that was written before it is looked at: what a process wrote before something
    that the test has seen is in it."""

    def __init__(self, fd):
        self.fd = fd
        self.decode = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode
        self.collected = ""
        self.at = 0
        self.changed = threading.Condition()
        self.ended = False
        self.thread = threading.Thread(target=self.collect, daemon=True)
        self.thread.start()

    def take(self):
        """What can be had now; the lock is held."""
        while not self.ended and can_read(self.fd, timeout=0):
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                data = b""
            self.ended = not data
            self.collected += self.decode(data, self.ended)
            self.changed.notify_all()

    def collect(self):
        while not self.ended:
            can_read(self.fd)
            with self.changed:
                self.take()
        os.close(self.fd)

    @property
    def text(self):
        with self.changed:
            self.take()
            return self.collected

    def expect(self, pattern, patience=PATIENCE):
        """Waits for the pattern after what was matched before; returns the match."""
        deadline = time.monotonic() + patience
        with self.changed:
            while True:
                found = re.compile(pattern, re.M).search(self.text, self.at)
                if found:
                    self.at = found.end()
                    return found
                left = deadline - time.monotonic()
                if left <= 0 or self.ended:
                    why = "the output ended" if self.ended else f"not within {patience} s"
                    raise AssertionError(f"no {pattern!r} ({why}) in:\n{self.text[self.at:]}\n(before that:)\n{self.text[:self.at]}")
                self.changed.wait(left)


class Process:
    """A running program with pipes (or, with terminal=True, a terminal of its own) and both outputs collected. What is
    shown has no colours, unless env has NO_COLOR empty."""

    def __init__(self, command, terminal=False, env=None, cwd=None):
        self.command = command
        environment = {**os.environ, "NO_COLOR": "1", **(env or {})}
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        if terminal:
            self.stdin, child = pty.openpty()
            self.child = subprocess.Popen(command, stdin=child, stdout=child, stderr=child, env=environment, cwd=cwd,
                                          start_new_session=True,
                                          preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
            os.close(child)
            os.close(out_read)
            os.close(out_write)
            os.close(err_read)
            os.close(err_write)
            self.out = self.err = Output(os.dup(self.stdin))
        else:
            self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out_write, stderr=err_write,
                                          env=environment, cwd=cwd)
            with contextlib.suppress(OSError):  # more than a log here ever has, as the server waits for no reader of it
                fcntl.fcntl(err_write, fcntl.F_SETPIPE_SZ, 1 << 20)
            os.close(out_write)
            os.close(err_write)
            self.stdin = self.child.stdin.fileno()
            self.out, self.err = Output(out_read), Output(err_read)

    @property
    def pid(self):
        return self.child.pid

    def type(self, text):
        os.write(self.stdin, text.encode())

    def is_read(self):
        """Whether all that was typed into its pipe has been read."""
        return fcntl.ioctl(self.stdin, termios.FIONREAD, b"\0\0\0\0") == b"\0\0\0\0"

    def expect(self, pattern, patience=PATIENCE):
        return self.out.expect(pattern, patience)

    def end_input(self):
        if self.child.stdin:
            self.child.stdin.close()

    def wait(self, patience=PATIENCE):
        """The exit status; negative for a signal."""
        try:
            status = self.child.wait(patience)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.command[0]} still runs after {patience} s; it said:\n{self.out.text}\n{self.err.text}")
        self.out.thread.join(patience)
        self.err.thread.join(patience)
        return status

    def kill(self, sig=signal.SIGKILL):
        if self.child.poll() is None:
            self.child.send_signal(sig)

    def close(self):
        self.kill()
        self.child.wait()
        try:
            if self.child.stdin:
                self.child.stdin.close()
            else:
                os.close(self.stdin)
        except OSError:
            pass
        self.err.thread.join(1)
        report = re.search(r"(WARNING: ThreadSanitizer|ERROR: \w+Sanitizer|runtime error:)(.|\n)*", self.err.text)
        if report:  # whatever the test made of the process's end
            raise AssertionError(report[0])


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(child) for child in f.read().split()]


def is_stopped(pid):
    """All its threads: its parent is told only when the last one is, and a shell takes it for running until then."""
    states = set()
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/stat") as f:
            states.add(f.read().rsplit(")", 1)[1].split()[0])
    return states == {"T"}


def core_limit(pid):
    """The soft one and the hard one."""
    with open(f"/proc/{pid}/limits") as f:
        return re.search(r"Max core file size\s+(\S+)\s+(\S+)", f.read()).groups()


# With a limit of 1 Linux gives no core file to a program either; only root can raise a 0.
NO_CORE = ("0", "0") if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0 and os.geteuid() != 0 else ("1", "1")


# For a program whose terminal is taken from under it: the SIGCONT of a hang-up undoes the SIGSTOP with which the search
# for leaks begins at the exit, and the search then waits for it for ever, using all of a processor.
NO_LEAK_CHECK = {"ASAN_OPTIONS": ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "detect_leaks=0"]))}


class Job(Process):
    """A program as a job of a shell at a terminal: when it stops, the shell gets the terminal back. go_on starts a
    job in the background, and continues one that was stopped."""

    def __init__(self, command, background=False, env=None, cwd=None):
        begin = 'read -r line; "$@" &' if background else '"$@";'
        super().__init__(["sh", "-mc", begin + " while read -r line; do fg; done", "sh", *command], terminal=True,
                         env={**NO_LEAK_CHECK, **(env or {})}, cwd=cwd)

    def job(self):
        """The program's pid, or that of the script that started it."""
        return children(self.pid)[0]

    def is_stopped(self):
        return is_stopped(self.job())

    def has_terminal(self):
        """Whether the shell itself has it."""
        return os.tcgetpgrp(self.stdin) == self.pid

    def stop(self, sig):
        """Sends a signal, and waits until the shell has the terminal."""
        os.kill(self.job(), sig)
        wait_until(lambda: self.is_stopped() and self.has_terminal(), "it stops")

    def go_on(self):
        self.type("\n")

    def echoes(self):
        return bool(termios.tcgetattr(self.stdin)[3] & termios.ECHO)


# One connection in the kernel's table: its state, bytes that the peer has not acknowledged, how often it tried again,
# bytes that the server has not read.
Wire = collections.namedtuple("Wire", "state unacknowledged retransmitted unread")


class Server(Process):
    def __init__(self, folder, *options, before=(), env=None, iterations=ITERATIONS, terminal=False, name="glasschatd"):
        self.data = os.path.join(folder, "data")
        listen = () if "--listen" in options else ("--listen", "127.0.0.1:0")
        super().__init__([*before, program(name), *listen, "--data", self.data,
                          "--pbkdf2-iterations", iterations, *SANDBOX, *options], env=env, terminal=terminal)
        ready = self.expect(r"^listening on (\S+):(\d+) key (SHA256:\S+?)\r?$")
        self.host, self.port, self.fingerprint = ready[1], int(ready[2]), ready[3]

    @property
    def log(self):
        return self.err.text

    def expect_log(self, pattern, patience=PATIENCE):
        return self.err.expect(pattern, patience)

    def stop(self):
        """Ends it as an operator does; the exit status must be 0."""
        self.kill(signal.SIGTERM)
        status = self.wait()
        if status != 0:
            raise AssertionError(f"the server ended with {status}:\n{self.log}")

    def status(self, number):
        """One of the numbers that SIGUSR1 makes it say."""
        self.kill(signal.SIGUSR1)
        return int(self.expect_log(rf" status .*\b{number}=(\d+)")[1])

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.pid}/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def cpu(self, thread=None):
        """Seconds of processor time so far: the process's, or one thread's."""
        with open(f"/proc/{self.pid}/" + ("stat" if thread is None else f"task/{thread}/stat")) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def loop_cpu(self):
        """The same of the thread that runs the loop: the first one, which has the process's number."""
        return self.cpu(self.pid)

    def wires(self):
        """How its connections look to the kernel: from the peer's port to a Wire."""
        found, ours = {}, ":%04X" % self.port
        with open("/proc/net/tcp") as f:
            for line in f:
                if ours in line:
                    _, here, there, state, queues, _, retransmitted = line.split()[:7]
                    if here.endswith(ours):
                        found[int(there[-4:], 16)] = Wire(state, int(queues[:8], 16), int(retransmitted, 16),
                                                          int(queues[9:], 16))
        return found


class Client(Process):
    def __init__(self, folder, user, port, *options, password=PASSWORD, register=True, terminal=False, env=None):
        self.user = user
        self.home = os.path.join(folder, "home-" + user)
        password_file = os.path.join(folder, "password-" + user)
        with open(password_file, "w") as f:
            os.chmod(password_file, 0o600)
            f.write(password + "\n")
        new = ["--register", "--email", user + "@example.org"] if register else []
        super().__init__([program("glasschat"), f"{user}@127.0.0.1:{port}", "--home", self.home,
                          "--password-file", password_file, *new, *options], terminal=terminal, env=env)

    def say(self, line):
        self.type(line + "\n")


class Proxy:
    """Passes bytes between a client and the server, keeps a copy of them, and lets a test change them.

    change(direction, data) is called with "up" (to the server) or "down" and what was read; it returns what is to be
    passed on: bytes, or a list of pieces, each a segment of its own; None in its place cuts the connection.
    """

    def __init__(self, port, change=None):
        self.target = port
        self.change = change or (lambda direction, data: data)
        self.up, self.down = bytearray(), bytearray()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            self.sockets += [client, server]
            for s in (client, server):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(client, server), daemon=True).start()

    def serve(self, client, server):
        try:
            while True:
                readable, _, _ = select.select([client, server], [], [])
                for source in readable:
                    direction = "up" if source is client else "down"
                    data = source.recv(65536)
                    if not data:
                        return
                    (self.up if direction == "up" else self.down).extend(data)
                    data = self.change(direction, data)
                    for piece in data if isinstance(data, list) else [data]:
                        if piece is None:
                            return
                        (server if source is client else client).sendall(piece)
        except (OSError, ValueError):
            pass
        finally:
            client.close()
            server.close()

    def close(self):
        self.listener.close()
        for s in self.sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it, which closes it
            except OSError:
                pass


def frames(stream):
    """Cuts a copy of one direction into whole frames."""
    stream, out = bytes(stream), []
    while len(stream) >= 4 and len(stream) >= 4 + int.from_bytes(stream[2:4], "big"):
        end = 4 + int.from_bytes(stream[2:4], "big")
        out.append(stream[:end])
        stream = stream[end:]
    return out


class TestCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="glasschat-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name, content=None):
        """The path of a file in the folder, which is written if there is content for it."""
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, "wb") as f:
                f.write(content)
        return path

    def allow_descriptors(self):
        """As many as the hard limit allows: a crowd's connections are all the test's own."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

    def own_port(self):
        """A port at which nothing listens, and which the system gives to nobody while the test lasts: for servers that
        listen there one after the other."""
        keeper = socket.socket()
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: both may have it
        keeper.bind(("127.0.0.1", 0))
        self.addCleanup(keeper.close)
        return keeper.getsockname()[1]

    def started(self, process):
        self.addCleanup(process.close)
        return process

    def server(self, *options, **kw):
        return self.started(Server(self.folder, *options, **kw))

    def client(self, server, user, *options, ready=True, port=None, **kw):
        """A client that has logged in (ready=False: that has been started)."""
        client = self.started(Client(self.folder, user, port or server.port, *options, **kw))
        if ready:
            client.expect(r"lobby")
        return client

    def proxy(self, server, change=None):
        return self.started(Proxy(server.port, change))

    def misuse(self, name, args, why):
        """A program that is used wrongly says what was wrong: a refusal alone might have another reason."""
        self.assertIn(why, self.run_program(name, *args, status=2).stderr.decode().partition("usage:")[0], args)

    def run_program(self, name, *args, status, stdin=b"", env=None, patience=None):
        """Runs a program to its end; its status must be this one, and a failure is one line on stderr."""
        done = subprocess.run([program(name), *args], input=stdin, capture_output=True, timeout=patience or PATIENCE,
                              env=dict(os.environ, **(env or {})), cwd=self.folder)
        self.assertEqual(done.returncode, status, f"{name} {args}: {done.stdout!r} {done.stderr.decode()}")
        if status != 0:
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr.decode())
        return done


def main():
    unittest.main(verbosity=2)
