#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server and networks that fail it: members who vanish, and a wire that cuts, delays and changes what passes:
docs/threat-model.md has the table."""
import re
import signal
import socket
import time
import unittest

import glasschat_client as wire
import harness
from crowd import register
from fault_case import ROOM, FaultCase, Talkers, size
from server_case import PASSWORD
from store_case import NO_LEAK_CHECK, may_trace


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

        harness.wait_until(lambda: len(lines_of_the_gone()) >= count, "a line for each")  # those who left have it a little later
        lines = lines_of_the_gone()
        self.assertEqual(sorted(line[1:] for line in lines), sorted(("gone%d" % i, cause) for i in range(count)))
        ports = {int(port) for port, _, _ in lines}
        self.assertEqual(ports - tried, set(), "these acknowledged what they were sent")
        harness.wait_until(lambda: not ports & set(server.wires()), "nothing is kept for them")

    @harness.waits
    def test_one_who_vanishes_is_missed(self):
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

    def test_one_who_leaves_without_reading_leaves_nothing(self):
        """However they go, the system keeps nothing for them, as they count no more; but in three seconds, slowly, they
        can have what they are owed."""
        server = self.server(*harness.FAST)
        talker = wire.Client(server.port).enter("talker")
        for how in "nonsense", "Close", "end", "slow":
            with wire.Narrow(server.port).enter(how.lower()) as c:
                port = c.sock.getsockname()[1]
                waits = [0]
                while waits[-1] < 30000 or len(set(waits[-5:])) > 1:  # the kernel takes no more
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
                server.expect_log(f"disconnect .*user={how.lower()} ")
                if how != "slow":  # at once: by itself the system gives up after 8 s more
                    harness.wait_until(lambda: port not in server.wires(), f"nothing to be left of {how}", 4)
        self.assertLess(server.loop_cpu(), 5)

    def test_one_who_vanishes_while_much_is_said(self):
        """Long before they are missed, more waits for them than may: first in the kernel, then in the server."""
        server = self.server(*ROOM, "--max-queue-kib", "32", "--idle-seconds", "86400")
        register(server.port, 20, "gone")
        talkers = Talkers(self, server, 3)
        talkers.padding = "x" * 3900
        talkers.say_one()
        here = {c.sock.getsockname()[1] for c in talkers.clients}
        self.wait_until_all_is_read(server)
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


if __name__ == "__main__":
    harness.main()
