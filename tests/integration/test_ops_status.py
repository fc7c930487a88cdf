#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a running server says of itself, when asked and unasked."""
import json
import os
import re
import signal
import socket
import time

from cryptography.hazmat.primitives import serialization

import glasschat_client as wire
import harness
from glasschat_client import Client
from ops_case import PASSWORD, OpsCase


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
        """doing() adds this to the counters named, sooner or later, and nothing to others, but for the moving ones."""
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
        count(lambda: refuse(a.relay, "bert", bytes(16), b""), relays_refused=1)
        count(lambda: (b.ready(), a.relay("bert", bytes(16), wire.frame(wire.ALERT, b"\1\0"))),
              relays=1, relayed_bytes=6)
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
        """Each end is counted under the cause that its line in the log gives."""
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
        """As many as cross the wire, those of ended connections included."""
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
        """The server warns of it at the start, and its status has the days that are left."""
        made = self.server()
        made.stop()
        for begins, ends, days, warns in ((0, 90, 90, None), (0, 7, 7, "valid for less than 30 days"),
                                          (-9, -2, 0, "not valid at this time"), (2, 40, 40, "not valid at this time")):
            self.certify(begins, ends)
            server = self.server()
            self.connect(server).close()  # a client that goes by the key doesn't mind
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
        """The server's own key signs another certificate, valid from `begins` to `ends` days from now."""
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

    def asked(self, server, *options, status=0):
        return self.run_program("glasschatd", "--data", server.data, "status", *options, status=status).stdout.decode()

    def test_the_command(self):
        """It tells what the log does, under the same names, and the words of the console."""
        server = self.server("--console", "--max-clients", "100")
        held = self.connect(server)
        held.enter("anna", PASSWORD)
        rows = self.asked(server)
        server.type("/status\n")
        server.expect(r"^\* +\d+ connections ended\r?$")
        still = lambda text: re.sub(r"\d+ (seconds|bytes)", r"N \1", text)
        shown = re.findall(r"^\*((?: |!) *\d+ .*?)\r?$", server.out.text, re.M)
        self.assertEqual([still(row) for row in shown], still(rows).splitlines())
        self.assertLess(max(map(len, rows.splitlines())), 80)
        told = json.loads(self.asked(server, "--json"))
        numbers = self.numbers(server)[0]
        for name, n in numbers.items():
            if name != "uptime":
                self.assertEqual(told[name], n, name)
        self.assertEqual((told["clients_left"], told["ended_because"], told["unusual"]), (99, {}, []))
        self.assertEqual(told["log_errors"], 0)
        self.assertNotIn("anna", json.dumps(told) + rows)

    def test_what_is_unusual_comes_first(self):
        server = self.server("--max-clients", "10", "--max-per-address", "9", "--handshake-seconds", "3600")
        self.assertNotIn("!", self.asked(server))
        held = [self.connect(server) for _ in range(9)]
        for i, client in enumerate(held):
            client.enter(f"user{i}", PASSWORD)
        socket.create_connection(("127.0.0.1", server.port)).close()
        harness.wait_until(lambda: self.numbers(server)[0]["refused"] == 1, "one is refused")
        rows = self.asked(server).splitlines()
        self.assertEqual(rows[:3], ["!          1 connections more until --max-clients is reached",
                                    "!          1 connections refused: a bound was reached, or descriptors ran out",
                                    f" {rows[2].split()[0]:>11} seconds since the start"])
        held += [self.connect(server, handshake=False, source="127.0.0.2") for _ in range(2)]
        gave_way = "it gave way to another, as there is room for no more"
        harness.wait_until(lambda: gave_way in json.loads(self.asked(server, "--json"))["unusual"], "one gives way")
        self.assertIn("!          1 ended because " + gave_way, self.asked(server))
        told = json.loads(self.asked(server, "--json"))
        self.assertEqual(told["unusual"], ["clients_left", "refused", gave_way])
        self.assertEqual(told["ended_because"][gave_way], 1)

    def test_where_no_server_runs(self):
        server = self.server()
        server.stop()
        for data in server.data, self.path("nothing"):
            for options in (), ("--json",):
                done = self.run_program("glasschatd", "--data", data, "status", *options, status=1)
                self.assertEqual(done.stdout, b"")
                self.assertRegex(done.stderr.decode(), r"^glasschatd: no server answers in .*: start it, or give")
        self.assertFalse(os.path.exists(self.path("nothing")))


if __name__ == "__main__":
    harness.main()
