#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server under faults that it has to survive: docs/threat-model.md has the table. The sizes here are for every
change; SOAK=1 (make soak) takes the larger ones. Latencies are printed, and judged with a wide margin:
machines that test are busy."""
import glob
import mmap
import os
import re
import signal
import socket
import struct
import sys
import time
import unittest

import glasschat_client as wire
import harness
from crowd import Quick, register
from glasschat_client import v8, v16
from test_account import totp
from test_server import PASSWORD, ServerCase
from test_store_faults import NO_LEAK_CHECK, may_trace

SOAK = os.environ.get("SOAK") == "1"
ROOM = ("--max-per-address", "20000", "--max-clients", "20000", "--max-handshakes", "10000", "--max-registrations",
        "10000", *harness.FAST)


def size(short, long):
    return long if SOAK else short


class FaultCase(ServerCase):
    def crowd(self, server, what, count, *name, known=False):
        """crowd.py says how each behaves; the accounts it needs are made, if they aren't known yet."""
        if name and not known:
            register(server.port, count, name[0])
        command = [sys.executable, os.path.join(os.path.dirname(os.path.abspath(__file__)), "crowd.py"), what]
        return self.started(harness.Process(command + [str(server.port), str(count), *name]))

    def wait_until_members(self, server, watcher, count):
        harness.wait_until(lambda: watcher.rooms().members["lobby"] == count, f"{count} members of the lobby",
                           size(harness.PATIENCE, 300))

    def assert_memory_is_back(self, resident, allowed):
        """Resident bytes, measured again and again while the same is done: what an allocator keeps comes to an end. A
        worker's stack and its share of the heap come with its first job, and there is a worker for each processor."""
        print("    resident kB: " + ", ".join(str(m >> 10) for m in resident), flush=True)
        if not harness.sanitized():  # a sanitizer keeps what was freed
            self.assertLess(min(resident[-2:]) - resident[0], allowed + os.cpu_count() * (32 << 10))


class Talkers:
    """Ten members of a room who talk in turns; every text must reach each of the others."""

    def __init__(self, case, server, count=10):
        self.clients = [case.member(server, "talker%d" % i) for i in range(count)]
        self.latencies = []
        self.turn = 0
        self.padding = ""

    def say_one(self):
        speaker = self.clients[self.turn % len(self.clients)]
        self.turn += 1
        text = "text %d %s" % (self.turn, self.padding)
        started = time.monotonic()
        number = speaker.post(wire.SAY, v8(b"lobby") + v16(text.encode()))
        for c in self.clients:
            if c is not speaker:
                while c.wait_for(wire.SAID).text != text:
                    pass
                self.latencies.append(time.monotonic() - started)
        speaker.answer_to(number)

    def talk_until(self, over):
        while not over():
            self.say_one()

    def report(self, what):
        """Prints and forgets the latencies; returns the median and the 99th percentile."""
        ms = sorted(1000 * s for s in self.latencies)
        self.latencies = []
        at = [ms[min(len(ms) - 1, int(len(ms) * part))] for part in (0.5, 0.99, 1)]
        print("    %s: %d deliveries, p50 %.1f ms, p99 %.1f ms, max %.1f ms" % (what, len(ms), *at), flush=True)
        return at[:2]


class Resources(FaultCase):
    def as_many_as_there_is_room_for(self, server, name):
        """Members, none of whom gives way; the one for whom there is no room waits, unanswered."""
        members = []
        try:
            while True:
                members.append(Quick(server.port, timeout=3, handshake=False))
                members[-1].handshake()
                members[-1].log_in(f"{name}{len(members)}", PASSWORD)
        except TimeoutError:
            return [c.sock for c in members]

    def test_no_descriptors_left(self):
        server = self.server(before=("prlimit", "--nofile=64:64"))
        a, b = self.member(server, "anna"), self.member(server, "bert")
        register(server.port, 64, "full")
        members = self.as_many_as_there_is_room_for(server, "full")
        crowd = members + [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
        server.expect_log(r"refused .*Too many open files")
        cpu, log, started = server.cpu(), len(server.log), time.monotonic()
        while time.monotonic() - started < 4:
            self.assert_hear_each_other(a, b)
            time.sleep(0.2)
        self.assertLess(server.cpu() - cpu, 0.05 * (time.monotonic() - started))
        self.assertLess(len(server.log) - log, 5000)
        for s in crowd:
            s.close()
        for c in [self.enterContext(Quick(server.port, timeout=harness.PATIENCE)) for _ in range(40)]:
            c.ask(wire.PING)  # there is room again
        self.assert_hear_each_other(a, b)
        self.assertLess(server.log.count("refused"), 5)

    def fill_kernel(self, server, slow, talkers):
        """Talks until nothing more of it goes to the slow one's connection: from then on it waits in the server."""
        port = slow.sock.getsockname()[1]
        before, now = -1, 0
        while now != before or now == 0:
            for _ in range(10):
                talkers.say_one()
            before, now = now, server.wires()[port].unacknowledged

    def test_slow_reader(self):
        """Up to 40 MB are said to somebody who has stopped reading: more than all buffers of the kernel hold."""
        server = self.server(*harness.FAST)
        talkers = Talkers(self, server, 3)
        for _ in range(200):
            talkers.say_one()
        usual, _ = talkers.report("nobody slow")
        slow = self.member(server, "slow")
        memory = most = server.memory()
        talkers.padding = "x" * 3900
        self.fill_kernel(server, slow, talkers)
        talkers.latencies = []
        talkers.padding = ""
        for _ in range(300):
            talkers.say_one()
        self.assertLess(talkers.report("one reads nothing, and the kernel takes no more for it")[0], 3 * usual + 5)
        talkers.padding = "x" * 3900
        while "does not read" not in server.log and talkers.turn * 4000 < 40e6:
            talkers.say_one()
            if talkers.turn % 20 == 0:
                most = max(most, server.memory())
        self.expect_disconnect(server, "the peer does not read what it is sent")
        talkers.say_one()
        self.assertEqual(talkers.clients[0].rooms().members["lobby"], 3)
        if not harness.sanitized():  # a sanitizer keeps what was freed
            self.assertLess(most - memory, 2 << 20)
        slow.sock.close()

    def test_coming_and_going_leaves_nothing(self):
        count = size(2000, 100000)
        # Nor does it take one descriptor, or one place of those that are counted, that it does not give back.
        server = self.server(*ROOM, "--max-clients", "1500", "--max-per-address", "1500", "--max-handshakes", "1500",
                             before=("prlimit", "--nofile=256:256"))
        a, b = self.member(server, "anna"), self.member(server, "bert")
        memory = []
        for _ in range(4):  # the first fills what is kept for later use
            self.crowd(server, "churn", count // 3 if memory else 500).expect("done", size(harness.PATIENCE, 600))
            self.assert_hear_each_other(a, b)
            memory.append(server.memory())
        self.assert_memory_is_back(memory[1:], 256 << 10)

    def test_a_day_of_chat_at_a_hundred_times_the_speed(self):
        """Or, where it must not last a quarter of an hour, some minutes of that day: a part is an hour of it, or half a
        minute."""
        server = self.server(*ROOM)
        talkers = Talkers(self, server)
        memory, started = [], time.monotonic()
        for part in range(1, 25):
            end = started + size(0.3, 36) * part
            talkers.talk_until(lambda: time.monotonic() > end)
            self.crowd(server, "churn", size(10, 100)).expect("done")
            talkers.latencies.clear()
            memory.append(server.memory())
        self.assert_memory_is_back(memory[4:], 256 << 10)


class Storms(FaultCase):
    """While many come at once, ten go on talking, and nothing of what they say is lost."""

    def assert_heard_in_time(self, latencies):
        """Far more than it should be: machines that test are busy."""
        self.assertLess(latencies[0], 100)
        self.assertLess(latencies[1], 1000)

    def assert_workers_do_it(self, server, storm, what):
        """Whatever the machine is doing besides: of the processor time that a storm costs, the loop's thread, for which
        all others wait, uses little. Here nobody talks, who would use some of it too."""
        loop, all_threads = server.loop_cpu(), server.cpu()
        storm()
        loop, workers = server.loop_cpu() - loop, server.cpu() - all_threads
        workers -= loop
        print("    %s: %.2f s of processor time in the loop, %.2f s in the workers" % (what, loop, workers), flush=True)
        self.assertGreater(workers, 4 * loop)

    def test_a_storm_of_handshakes(self):
        server = self.server(*ROOM)
        talkers = Talkers(self, server)
        for _ in range(100):
            talkers.say_one()
        talkers.report("before")
        storm = self.crowd(server, "hellos", size(300, 2500))
        talkers.talk_until(lambda: "done" in storm.out.text)
        self.assert_heard_in_time(talkers.report("handshakes begun and left"))
        harness.wait_until(lambda: len(self.disconnects(server)) >= size(300, 2500), "all of them are gone", 60)

        def storm_alone():
            gone = len(self.disconnects(server)) + 300
            self.crowd(server, "hellos", 300).expect("done")
            harness.wait_until(lambda: len(self.disconnects(server)) >= gone, "all of them are gone", 60)

        self.assert_workers_do_it(server, storm_alone, "300 handshakes")
        self.assertEqual(talkers.clients[0].rooms().members["lobby"], 10)

    def test_workers_step_back(self):
        """What takes long leaves a processor to the loop when both want it."""
        server = self.server()
        usual = os.getpriority(os.PRIO_PROCESS, 0)
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, server.pid), usual)  # the loop's
        workers = {int(thread) for thread in os.listdir(f"/proc/{server.pid}/task")} - {server.pid}
        nice = sorted(os.getpriority(os.PRIO_PROCESS, thread) for thread in workers)
        if harness.sanitized():
            nice = nice[-os.cpu_count():]  # the thread sanitizer has a thread of its own
        self.assertEqual(nice, [min(usual + 5, 19)] * os.cpu_count())  # 19 is the last: then there is no way back

    def test_a_storm_of_logins(self):
        count = size(50, 500)
        server = self.server(*ROOM, iterations=size("200000", "600000"))
        talkers = Talkers(self, server)
        storm = self.crowd(server, "logins", count, "late")
        storm.expect("ready", 120)
        storm.type("go\n")
        talkers.talk_until(lambda: " logins in " in storm.out.text)
        self.assert_heard_in_time(talkers.report("logins"))
        self.assertEqual(storm.expect(r"^(\d+) of \d+ logins")[1], str(count))
        self.assertEqual(storm.wait(), 0)

        again = self.crowd(server, "logins", 50, "late", known=True)
        again.expect("ready", 120)

        def storm_alone():
            again.type("go\n")
            again.expect("^50 of 50 logins", 120)

        self.assert_workers_do_it(server, storm_alone, "50 logins")


class Ends(FaultCase):
    def test_many_leave_in_the_same_instant(self):
        count = size(300, 1000)
        server = self.server(*ROOM)
        watcher = self.member(server, "watcher")
        crowd = self.crowd(server, "members", count, "m")
        crowd.expect("ready", 300)
        self.wait_until_members(server, watcher, count + 1)
        crowd.type("reset\n")
        crowd.expect("ready")
        crowd.kill()
        self.wait_until_members(server, watcher, 1)
        cut = 'cause="the connection was cut: no good-bye came"'
        harness.wait_until(lambda: server.log.count(cut) == count + 1, "a line for each, and who registered them")
        self.assert_hear_each_other(watcher, self.member(server, "anna"))
        server.stop()
        self.assertNotIn("Sanitizer", server.log)

    def test_sigterm_with_many_clients(self):
        count = size(300, 1000)
        server = self.server(*ROOM)
        crowd = self.crowd(server, "members", count, "m")
        crowd.expect("ready", 300)
        server.kill(signal.SIGTERM)
        crowd.type("farewell\n")
        crowd.expect(rf"^{count} of {count}$")
        self.assertEqual(server.wait(), 0)
        self.assertNotIn("Sanitizer", server.log)


class Vanishing(FaultCase):
    """Members whose machines are gone: crowd.py makes the kernel drop what comes for them, so nothing is closed, answered
    or acknowledged."""

    def tried_again(self, server):
        """The ports of those to whom the server's kernel sends again and again what is not acknowledged."""
        return {port for port, wire in server.wires().items() if wire.unacknowledged > 0 and wire.retransmitted > 0}

    def assert_were_gone(self, server, start, tried, count, cause):
        """Each of them has one line in the log from start on, was really gone, and not even the kernel keeps for minutes
        what it can't deliver."""
        def lines_of_the_gone():
            return re.findall(r'disconnect from=\S+:(\d+) user=(gone\d+) cause="(.*)"$', server.log[start:], re.M)

        harness.wait_until(lambda: len(lines_of_the_gone()) >= count, "a line for each")  # who left has it a little later
        lines = lines_of_the_gone()
        self.assertEqual(sorted(line[1:] for line in lines), sorted(("gone%d" % i, cause) for i in range(count)))
        ports = {int(port) for port, _, _ in lines}
        self.assertEqual(ports - tried, set(), "these acknowledged what they were sent")
        harness.wait_until(lambda: not ports & set(server.wires()), "nothing is kept for them")

    def test_who_vanishes_is_missed(self):
        """While nothing is said, and while something is; and with them a real client, stopped, whose kernel answers."""
        server = self.server(*ROOM, "--idle-seconds", "2", "--answer-seconds", "4")
        register(server.port, 300, "gone")
        self.member(server, "stopped").close()
        watcher = self.member(server, "watcher")
        memory = []
        for turn in range(4):
            start, tried = len(server.log), set()
            crowd = self.crowd(server, "vanish", 300, "gone", known=True)
            stopped = self.client(server, "stopped", register=False, password=PASSWORD)
            stopped.kill(signal.SIGSTOP)

            def all_are_missed():
                if turn > 0:
                    watcher.say("lobby", "is anybody there?")
                tried.update(self.tried_again(server))
                return watcher.rooms().members["lobby"] == 1 and "ready" in crowd.out.text

            harness.wait_until(all_are_missed, "all are missed", 300)
            self.assert_were_gone(server, start, tried, 300, "it did not answer")
            memory.append(server.memory())
            crowd.kill()
            stopped.kill()
            harness.wait_until(lambda: server.log.count('user=stopped cause="it did not answer"') == turn + 1, "its line")
        self.assert_memory_is_back(memory[1:], 2 << 20)

    def test_who_leaves_without_reading_leaves_nothing(self):
        """However he goes, the system keeps nothing for him, who counts no more; but in three seconds, slowly, he can
        have what he is owed."""
        server = self.server(*harness.FAST)
        talker = wire.Client(server.port).enter("talker")
        for how in "nonsense", "Close", "end", "slow":
            with wire.Client(server.port).enter(how.lower()) as c:
                port = c.sock.getsockname()[1]
                waits = [0]
                while waits[-1] < 30000 or len(set(waits[-5:])) > 1:  # the kernel takes no more for him
                    talker.say("lobby", "x" * 4000)
                    waits.append(server.wires()[port].unacknowledged)
                if how == "nonsense":
                    c.sock.sendall(b"\xff" * 64)
                elif how == "end":
                    c.sock.shutdown(socket.SHUT_WR)
                else:
                    c.sock.sendall(c.send.seal(wire.CLOSE, b""))
                if how == "slow":
                    time.sleep(1)
                    with self.assertRaises(wire.Closed):
                        while True:
                            c.next()
                else:
                    harness.wait_until(lambda: port not in server.wires(), f"nothing to be left of {how}", 20)
            server.expect_log(f"disconnect .*user={how.lower()} ")
        self.assertLess(server.loop_cpu(), 5)

    def test_who_vanishes_while_much_is_said(self):
        """Long before they are missed, more waits for them than may: first in the kernel, then in the server."""
        server = self.server(*ROOM, "--max-queue-kib", "32", "--idle-seconds", "86400")
        register(server.port, 20, "gone")
        talkers = Talkers(self, server, 3)
        talkers.padding = "x" * 3900
        talkers.say_one()
        here = {c.sock.getsockname()[1] for c in talkers.clients}
        memory, most = [], server.memory()
        for _ in range(3):
            start, turn = len(server.log), talkers.turn
            crowd = self.crowd(server, "vanish", 20, "gone", known=True)
            crowd.expect("ready")
            talkers.say_one()
            tried = set()

            def all_try_again():
                tried.update(self.tried_again(server) - here)
                return len(tried) == 20

            harness.wait_until(all_try_again, "nobody of them acknowledges anything")
            while server.log.count("disconnect", start) < 20 and (talkers.turn - turn) * 4000 < 40e6:
                talkers.say_one()
                most = max(most, server.memory())
            self.assert_were_gone(server, start, tried, 20, "the peer does not read what it is sent")
            self.assertEqual(talkers.clients[0].rooms().members["lobby"], 3)
            memory.append(server.memory())
            crowd.kill()
        if not harness.sanitized():  # a sanitizer keeps what was freed
            self.assertLess(most - memory[0], 2 << 20)
        self.assert_memory_is_back(memory, 512 << 10)


class Sends(FaultCase):
    @unittest.skipUnless(may_trace(), "strace is not there, or may not trace")
    def test_what_the_system_does_not_send(self):
        """Without memory for it in the kernel an answer is lost: the connection ends, and its client need not wait."""
        server = self.server(before=("strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=sendto",
                                     "-e", "inject=sendto:error=ENOBUFS:when=10"), env=NO_LEAK_CHECK)
        a = self.member(server, "anna")
        with self.assertRaises(wire.Cut):
            for _ in range(20):
                a.ask(wire.PING)
        server.expect_log("disconnect .*user=anna cause=.the network connection failed")
        self.member(server, "bert").ask(wire.PING)


class Wires(FaultCase):
    """The real client and the real server, and between them a wire with faults. tests/test_session_faults.c does the same
    with every byte of a session; here is a sample of them, through sockets and processes."""

    def setUp(self):
        super().setUp()
        self.hub = self.server("--handshake-seconds", "4", "--idle-seconds", "4", "--answer-seconds", "2",
                               "--free-tries", "1000")
        self.member(self.hub, "walker").close()
        self.expect_disconnect(self.hub, "it said good-bye")

    def session(self, change=None):
        """One session through a proxy; the client, ended, and the proxy. The server has one line about it."""
        before = len(self.disconnects(self.hub))
        proxy = harness.Proxy(self.hub.port, change)
        client = harness.Client(self.folder, "walker", proxy.port, "--pin", self.hub.fingerprint, register=False,
                                password=PASSWORD)
        try:
            try:
                client.type("hello\n/who\nexit\n")
            except BrokenPipeError:
                pass  # it has ended already
            client.wait()
            harness.wait_until(lambda: len(self.disconnects(self.hub)) > before, "the server's line")
        finally:
            client.close()
            proxy.close()
        self.assertEqual(self.disconnects(self.hub)[before + 1:], [], self.hub.log)
        return client, proxy

    def assert_good(self, client):
        self.assertEqual((client.child.returncode, client.err.text), (0, ""))
        self.assertIn("in lobby: walker", client.out.text)

    def test_segments_of_one_byte(self):
        self.assert_good(self.session(lambda way, data: [data[i:i + 1] for i in range(len(data))])[0])

    def test_every_segment_late(self):
        def late(way, data):
            time.sleep(0.1)
            return data
        self.assert_good(self.session(late)[0])

    def disturbed(self, way, at, fault):
        """A session whose byte number `at`, that way, has the fault: None is in the place of what follows, or a change
        of its bits."""
        passed = {"up": 0, "down": 0}

        def change(direction, data):
            start = passed[direction]
            passed[direction] += len(data)
            if direction != way or not start <= at < passed[direction]:
                return data
            here = at - start
            if fault is None:
                return [data[:here], None]
            return data[:here] + bytes([data[here] ^ fault]) + data[here + 1:]

        return self.session(change)[0]

    def sample(self, way, fault):
        proxy = self.session()[1]
        # Up: both hellos, the login, two requests and the log-out. What may follow nobody waits for.
        stream = b"".join(harness.frames(proxy.up)[:6]) if way == "up" else proxy.down
        count = size(8, 100)
        for i in range(count):
            at = i * (len(stream) - 1) // (count - 1)
            with self.subTest(way=way, at=at, fault=fault):
                client = self.disturbed(way, at, 1 << i % 8 if fault else None)
                self.assertEqual((client.child.returncode, client.err.text.count("\n")), (1, 1),
                                 f"{at} of {len(stream)}: {client.err.text}{client.out.text}{self.hub.log[-600:]}")
        self.assert_good(self.session()[0])

    def test_cut_to_the_server(self):
        self.sample("up", False)

    def test_cut_to_the_client(self):
        self.sample("down", False)

    def test_changed_to_the_server(self):
        self.sample("up", True)

    def test_changed_to_the_client(self):
        self.sample("down", True)


class Shim:
    """tests/faults/shim.c, and the page that drives it."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "faults-page")
        with open(self.path, "wb") as f:
            f.write(bytes(32))
        with open(self.path, "r+b") as f:
            self.page = mmap.mmap(f.fileno(), 32)
        self.env = {"FAULTS_PAGE": self.path}
        self.server = "glasschatd"
        if harness.sanitized():  # whose allocator can't be replaced: in this server the calls of our code are
            self.server = "glasschatd-faults"
        else:
            self.env["LD_PRELOAD"] = harness.program("faults.so")

    def fail_allocation(self, nth):
        """The nth from now fails; 0: none."""
        struct.pack_into("=q", self.page, 0, nth)

    @property
    def failed(self):
        return struct.unpack_from("=q", self.page, 8)[0]

    def set_clock(self, seconds):
        struct.pack_into("=q", self.page, 16, seconds)

    def monotonic(self):
        return struct.unpack_from("=q", self.page, 24)[0]

    def set_monotonic(self, seconds):
        struct.pack_into("=q", self.page, 24, seconds)


class ShimCase(FaultCase):
    def setUp(self):
        super().setUp()
        self.shim = Shim(self.folder)
        for needed in (self.shim.env.get("LD_PRELOAD"), harness.program(self.shim.server)):
            self.assertTrue(needed is None or os.path.exists(needed), f"make test-integration builds {needed}")

    def server_on_shim(self, *options):
        return self.server(*options, env=self.shim.env, name=self.shim.server)


class Allocations(ShimCase):
    """Each allocation in turn fails, once."""

    def session(self, server, name):
        """All that there is in a session; what was acknowledged, when it ended otherwise than it should."""
        done = []
        try:
            c = Quick(server.port, timeout=harness.PATIENCE)
        except (wire.Alert, wire.Cut, ConnectionError):
            return done
        with c:
            try:
                c.register(name, "a@example.org", PASSWORD)
                done.append("registered")
                c.log_in(name, PASSWORD)
                c.join("den")
                c.say("den", "x" * 3000)
                c.rooms()
                c.who("den")
                c.leave("den")
                c.say("lobby", "hello")
                c.close()
                done.append("all")
            except (wire.Closed, wire.Cut, wire.Refused, ConnectionError):
                pass
        return done

    def test_an_allocation_fails_in_a_session(self):
        server = self.server_on_shim(*ROOM)
        nth = lost = 0
        register(server.port, 1, "listener")
        while self.shim.failed == nth:
            nth += 1
            listener = Quick(server.port, timeout=harness.PATIENCE)
            listener.log_in("listener0", PASSWORD)
            self.shim.fail_allocation(nth)
            done = self.session(server, "u%d" % nth)
            self.shim.fail_allocation(0)
            self.assertIsNone(server.child.poll(), f"allocation {nth} ended the server: {server.log}")
            with listener:  # it may have been this one's, who hears what is said: then it has ended
                lost += not self.still_there(listener)
            with Quick(server.port, timeout=harness.PATIENCE) as c:
                if "registered" in done:
                    c.log_in("u%d" % nth, PASSWORD)  # what was acknowledged is there
                c.ask(wire.PING)
                c.close()
        print(f"    {nth - 1} allocations in a session, each failed once; {lost} of who listened", flush=True)
        self.assertGreater(nth, 20)
        self.assertLess(lost, nth / 2)
        self.assertEqual(done, ["registered", "all"])  # the last had all that it asked for
        server.stop()

    def registers_without_memory(self, server, nth):
        """Three times on one connection; how often it was refused for that, and whether the server then hung up."""
        refused = 0
        with Quick(server.port, timeout=harness.PATIENCE) as c:
            try:
                for i in range(3):
                    self.shim.fail_allocation(nth)
                    try:
                        c.register("n%dn%d" % (nth, i), "a@example.org", PASSWORD)
                    except wire.Refused as why:
                        refused += why.args[0] == wire.E_NOT_SAVED
                    self.shim.fail_allocation(0)
                c.ask(wire.PING)
            except (wire.Closed, wire.Cut, ConnectionError):
                return refused, True
            finally:
                self.shim.fail_allocation(0)
            return refused, False

    def test_a_registration_without_memory_is_a_try(self):
        """Whatever it lacks the memory for: it counts as others that fail, to the last that a connection has."""
        server = self.server_on_shim(*ROOM, "--max-tries", "3")
        nth = failed = counted = 0
        while self.shim.failed > failed or nth == 0:
            failed = self.shim.failed
            nth += 1
            refused, over = self.registers_without_memory(server, nth)
            counted += refused == 3
            self.assertTrue(over or refused < 3, f"allocation {nth}")
        self.assertGreater(counted, 0)
        server.stop()

    def still_there(self, client):
        try:
            client.ask(wire.PING)
            client.close()
            return True
        except (wire.Closed, wire.Cut, ConnectionError):
            return False

    def test_an_allocation_fails_at_the_start(self):
        self.server().stop()  # makes the files
        started = nth = 0
        while self.shim.failed == nth:
            nth += 1
            self.shim.fail_allocation(nth)
            server = self.started(harness.Process(
                [harness.program(self.shim.server), "--listen", "127.0.0.1:0", "--data",
                 os.path.join(self.folder, "data"), "--pbkdf2-iterations", "1000", *harness.SANDBOX], env=self.shim.env))
            harness.wait_until(lambda: "listening on" in server.out.text or server.out.ended, f"allocation {nth}")
            self.shim.fail_allocation(0)
            if "listening on" in server.out.text:
                started += 1
                server.kill(signal.SIGTERM)
                self.assertEqual(server.wait(), 0)
            else:
                self.assertEqual(server.wait(), 1, f"allocation {nth}: {server.err.text}")
                self.assertRegex(server.err.text, r"(^|\n)glasschatd: .*\n$")
        print(f"    {nth - 1} allocations at the start, each failed once; {started} starts went well", flush=True)
        self.assertGreater(nth, 5)


class Clock(ShimCase):
    """Somebody sets the clock while the server runs. Only time stamps and codes follow it."""

    def test_an_hour_forward_and_back(self):
        server = self.server_on_shim("--handshake-seconds", "60")
        self.set_an_hour_forward_and_back(server, self.shim.set_clock)

    def test_an_hour_forward_and_back_with_libfaketime(self):
        """The same by somebody else's shim, which opens a file again and again and so needs a server without sandbox."""
        found = glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")
        if not found:
            self.skipTest("apt-get install faketime")
        if harness.sanitized():
            self.skipTest("libfaketime comes before a sanitizer is ready; the other test of the clock runs with it")
        path = os.path.join(self.folder, "clock")

        def set_clock(seconds):
            with open(path + ".new", "w") as f:
                f.write("%+d\n" % seconds)
            os.rename(path + ".new", path)

        set_clock(0)
        env = {"LD_PRELOAD": found[0], "FAKETIME_TIMESTAMP_FILE": path, "FAKETIME_NO_CACHE": "1",
               "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        server = self.server("--handshake-seconds", "60", "--sandbox", "off", env=env)
        self.set_an_hour_forward_and_back(server, set_clock)

    def set_an_hour_forward_and_back(self, server, set_clock):
        a, b = self.member(server, "anna"), self.member(server, "bert")
        codes = self.member(server, "codes")
        secret = codes.begin_second_factor(PASSWORD)
        codes.confirm_second_factor(totp(secret, time.time()))
        half = self.connect(server, handshake=False)
        for hours in (1, -1, 0):
            guesser, victim = self.connect(server), "victim%d" % (hours + 1)
            for _ in range(3):
                self.assert_refused(wire.E_LOGIN_FAILED, guesser.log_in, victim, PASSWORD)
            guessed = time.monotonic()
            set_clock(3600 * hours)
            self.assert_refused(wire.E_TRY_LATER, guesser.log_in, victim, PASSWORD)  # for a second, and no longer
            time.sleep(1.2)
            self.assert_refused(wire.E_LOGIN_FAILED, guesser.log_in, victim, PASSWORD)
            self.assertLess(time.monotonic() - guessed, harness.PATIENCE)
            self.assert_clock_is(3600 * hours, a, b)
            if hours > 0:  # a code that is good at no other time
                self.connect(server).log_in("codes", PASSWORD, totp(secret, time.time() + 3600))
        self.assert_hear_each_other(a, b)
        half.handshake()
        half.ask(wire.PING)
        self.assertEqual([cause for user, cause in self.disconnects(server) if user in ("anna", "bert", "-")], [])

    def assert_clock_is(self, offset, a, b):
        """The server's, from what anna says to bert."""
        a.say("lobby", "what time is it?")
        self.assertLess(abs(b.wait_for(wire.SAID).time - time.time() - offset), 5)


if __name__ == "__main__":
    harness.main()
