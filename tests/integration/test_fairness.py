#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""While strangers keep the workers busy, clients that did little wait for what is under way and for no more. Judged by the order
in which the server's log has the logins, not by the clock; the times are printed. SOAK=1 takes the larger numbers."""
import os
import select
import time
import unittest

from cryptography.hazmat.primitives.asymmetric import rsa

import glasschat_client as wire
import harness
from crowd import Quick
from glasschat_client import Refused, v8, v16
from account_case import AccountCase
from server_case import PASSWORD, ServerCase

SOAK = os.environ.get("SOAK") == "1"
# A flood that fails: but for these bounds it would be over after 50.
ALL = ("--free-tries-address", "100000", "--max-clients", "20000", "--max-per-address", "20000",
       "--max-waiting", "20000")


def log_in(client, name, password=PASSWORD):
    return client.post(wire.LOG_IN, v8(name.encode()) + v8(password.encode()) + v8(b""))


class Floods(ServerCase):
    """All at once, so that there is a queue; then, one by one, a user with an account, and the operator."""
    alone = True
    HONEST = 3
    CPUS = os.cpu_count()  # each worker may end a batch of 16 while an honest one waits, and another while it is served
    OF_ONE = max(512 if SOAK else 0, 2 * 32 * CPUS * (HONEST + 1))
    OF_EACH = 32 if SOAK else 2 + CPUS

    def setUp(self):
        super().setUp()
        self.allow_descriptors()

    def flood(self, server, addresses, each):
        """Connections that log in under names that nobody has."""
        crowd = [self.enterContext(Quick(server.port, timeout=20 * harness.PATIENCE, source=address))
                 for address in addresses for _ in range(each)]
        for i, c in enumerate(crowd):
            log_in(c, "nobody%d" % i)
        return crowd

    def assert_newcomers_go_first(self, addresses, each, newcomer="127.100.%d.1"):
        server = self.server(*ALL, iterations="100000" if harness.sanitized() else "600000")
        registrar = self.connect(server, source="127.200.0.1")
        honest = []
        for i in range(self.HONEST):
            registrar.register("honest%d" % i, "a@example.org", PASSWORD)
            honest.append(self.connect(server, source=newcomer % (i + 100)))
        crowd = self.flood(server, addresses, each)
        took = []
        for i, c in enumerate(honest):
            started = time.monotonic()
            c.answer_to(log_in(c, "honest%d" % i))
            took.append(time.monotonic() - started)
        self.run_program("glasschatd", "account", "lock", "honest0", "--data", server.data, status=0)
        server.expect_log("locked by the operator user=honest0")
        before = server.log.split("locked by the operator user=honest0")[0].count("login failed user=-")
        print("    %d logins of %d addresses under way: honest ones took %s s; %d of the flood were answered before them "
              "and the operator" % (len(crowd), len(addresses), ", ".join("%.2f" % s for s in took), before), flush=True)
        self.assertLess(before, len(crowd) / 2)
        server.kill()

    def test_one_address(self):
        self.assert_newcomers_go_first(["127.1.0.1"], self.OF_ONE)

    def test_64_addresses(self):
        self.assert_newcomers_go_first(["127.1.%d.1" % i for i in range(64)], self.OF_EACH)

    def test_64_addresses_of_one_network(self):
        """And newcomers of the same network."""
        self.assert_newcomers_go_first(["127.1.1.%d" % (i + 1) for i in range(64)], self.OF_EACH, "127.1.1.%d")


class Handshakes(ServerCase):
    alone = True
    FLOOD = 600

    def test_a_flood_of_one_address(self):
        """When the newcomer is answered, most of those who came before are not. The test may be kept from looking for a
        moment, and then sees too many: one time of three will do. (Where the first who comes is the first to be served
        it is all of them, each time.)"""
        server = self.server(*ALL, "--max-handshakes", "10000")
        answered = [self.answered_before_a_newcomer(server) for _ in range(3)]
        print("    of %d handshakes begun by one address, answered before a newcomer: %s" % (self.FLOOD, answered),
              flush=True)
        self.assertLess(min(answered), self.FLOOD / 2)

    def answered_before_a_newcomer(self, server):
        hello = Quick(server.port, handshake=False).client_hello()
        crowd = [wire.connect(server.port, "127.1.0.1", harness.PATIENCE) for _ in range(self.FLOOD)]
        newcomer = self.connect(server, handshake=False, source="127.100.0.1")
        poll = select.poll()
        for c in crowd:
            poll.register(c, select.POLLIN)
            c.sendall(hello)
        newcomer.sock.sendall(hello)
        newcomer.read_frame()
        answered = len(poll.poll(0))
        for c in crowd:
            c.close()
        return answered


class Left(ServerCase):
    """Nothing of a client that is gone waits for a worker, however long others go first."""
    HANDSHAKES, EACH = 10, 20

    def test_one_that_gave_way_has_nothing_waiting(self):
        # Each login keeps a worker for longer than the test takes, and no handshake that waits runs out of its time.
        server = self.server("--max-handshakes", str(self.HANDSHAKES), "--max-per-address", str(self.EACH),
                             "--handshake-seconds", "3600", iterations="100000000")
        hello = Quick(server.port, handshake=False).client_hello()
        strangers = [self.connect(server, source="127.1.0.1") for _ in range(self.EACH)]
        members = [self.connect(server, source="127.100.%d.1" % i) for i in range(4 * os.cpu_count())]
        for c in members:
            log_in(c, "nobody")
        self.expect_jobs(server, len(members))
        for i, c in enumerate(strangers):
            log_in(c, "nobody%d" % i)
        self.expect_jobs(server, len(members) + self.EACH)
        self.one_more(server, "127.1.0.1", b"")
        self.expect_jobs(server, len(members) + self.EACH - 1)
        crowd = [self.one_more(server, "127.2.%d.1" % i, hello) for i in range(100)]
        poll = select.poll()
        for c in crowd:
            poll.register(c, select.POLLRDHUP)
        harness.wait_until(lambda: len(poll.poll(0)) >= len(crowd) - self.HANDSHAKES, "all others are told to go")
        # A worker that is done with the only login that it took may have answered some hellos meanwhile.
        self.assertLessEqual(server.status("jobs"), len(members) + self.EACH - 1 + self.HANDSHAKES)
        server.kill()

    def one_more(self, server, source, says):
        c = self.enterContext(wire.connect(server.port, source, harness.PATIENCE))
        c.sendall(says)
        return c

    def expect_jobs(self, server, wanted):
        harness.wait_until(lambda: server.status("jobs") == wanted, f"{wanted} jobs")


@unittest.skipIf(harness.sanitized(), "a sanitizer makes our code slow, which is the loop's, and not GMP's")
class Certificates(AccountCase):
    alone = True

    def test_the_workers_check_them(self):
        """When a member sends thousands that are signed wrongly, the loop, for which all others wait, has less to do
        than the workers."""
        server = self.server(*harness.FAST)
        anna = self.member(server, "anna")
        key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
        bad = wire.certificate(key, 2, "anna", 0, 2**64 - 1, broken=1)
        fields = v8(PASSWORD.encode()) + v8(b"") + v16(bad)
        loop, both = server.loop_cpu(), server.cpu()
        for _ in range(50):
            numbers = [anna.post(wire.REPLACE_CERTIFICATE, fields) for _ in range(60)]
            for number in numbers:
                self.assert_refused(wire.E_BAD_CERTIFICATE, anna.answer_to, number)
        loop, both = server.loop_cpu() - loop, server.cpu() - both
        print("    3000 certificates: %.2f s in the loop, %.2f s in the workers" % (loop, both - loop), flush=True)
        self.assertGreater(both - loop, loop)


class Waiting(ServerCase):
    """What one address may have waiting is bounded, and what is beyond that counts as nothing tried."""

    def test_a_bound_for_each_address(self):
        server = self.server("--max-waiting", "3", "--max-tries", "1", iterations="500000")
        self.connect(server, source="127.200.0.1").register("anna", "a@example.org", PASSWORD)
        crowd = [self.connect(server, source="127.1.0.1") for _ in range(20)]
        elsewhere = self.connect(server)
        numbers = [log_in(c, "anna") for c in crowd[:-1]]
        number = crowd[-1].post(wire.REGISTER, v8(b"bert") + v8(b"b@example.org") + v8(PASSWORD.encode()) + b"\0\0")
        elsewhere.log_in("anna", PASSWORD)
        refused = [c for c, n in zip(crowd, numbers) if self.is_refused(c, n)]
        self.assertGreater(len(refused), 0)
        self.assertGreaterEqual(len(numbers) - len(refused), 3)
        try:
            crowd[-1].answer_to(number)
        except Refused as e:
            self.assertEqual(e.args[0], wire.E_TRY_LATER)
        refused[0].log_in("anna", PASSWORD)  # there is room again, and it still has its one try

    def is_refused(self, client, number):
        """It is, for now; or it was let in, and has maybe made place for the next."""
        try:
            while True:
                m = client.next()
                if m.request == number:
                    self.assertIn((m.type, getattr(m, "code", None)), ((wire.OK, None), (wire.ERROR, wire.E_TRY_LATER)))
                    return m.type == wire.ERROR
        except wire.Closed:
            return False


if __name__ == "__main__":
    harness.main()
