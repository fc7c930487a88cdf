#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glass load: that what it says of a server is what happened. How fast that was is never asserted."""
import json
import os
import xml.etree.ElementTree

import harness

USERS = ("ann", "ben", "cid", "dora")


class Load(harness.TestCase):
    def prepare(self):
        """A server with four accounts, and the file that names them."""
        server = self.server(*harness.FAST)
        for name in USERS:
            client = self.client(server, name)
            client.type("/quit\n")
            client.wait()
        self.accounts = os.path.join(self.folder, "accounts.txt")
        with open(self.accounts, "w") as f:
            f.writelines(f"{name}\t{name}@example.org\t{harness.PASSWORD}\n" for name in USERS)
        return server

    def load(self, server, mode, *args, status=0):
        result = os.path.join(self.folder, "load.json")
        ended = self.run_program("glass", "load", mode, "--connect", f"127.0.0.1:{server.port}", "--clients", "4",
                                 "--accounts", self.accounts, "--seconds", "1", "--server-pid", str(server.pid),
                                 "--json", result, *args, status=status)
        with open(result) as f:
            return json.load(f), (ended.stdout if status == 0 else ended.stderr).decode()

    def assert_each_reached(self, others, result):
        """Each text goes to so many; those under way when the second began and ended belong to either side, and on a busy
        machine that may be what is said in a third of it."""
        self.assertLessEqual(abs(result["deliveries"] - others * result["said"]), others * result["said"] / 3)

    def test_a_room(self):
        chart = os.path.join(self.folder, "load.svg")
        result, out = self.load(self.prepare(), "room", "--rate", "600", "--svg", chart)
        self.assertEqual((result["reached"], result["failed"], result["refused"]), (4, 0, 0))
        self.assert_each_reached(3, result)
        self.assertGreater(result["said"], 50)
        latency = result["latency_ms"]
        self.assertGreater(latency["p50"], 0)
        self.assertLessEqual(latency["p50"], latency["p99"])
        self.assertLessEqual(latency["p99"], latency["max"])
        self.assertGreater(result["server"]["resident_kib_after"], 1000)
        self.assertIn("latency:", out)
        xml.etree.ElementTree.parse(chart)

    def test_a_rate_too_low_for_a_single_text(self):
        server = self.prepare()
        done = self.run_program("glass", "load", "room", "--connect", f"127.0.0.1:{server.port}", "--clients", "4",
                                "--accounts", self.accounts, "--seconds", "2", "--rate", "1", status=2)
        self.assertIn(b"--rate is in deliveries", done.stderr)

    def test_help(self):
        done = self.run_program("glass", "load", "--help", status=0)
        for word in (b"usage: glass load MODE", b"handshakes", b"--server-pid", b"--in-flight"):
            self.assertIn(word, done.stdout)

    def test_as_fast_as_it_goes(self):
        result, _ = self.load(self.prepare(), "room")
        self.assertGreater(result["deliveries"], 100)

    def test_pairs(self):
        result, _ = self.load(self.prepare(), "pairs", "--rate", "100")
        self.assert_each_reached(1, result)

    def test_all_join_one_more_room(self):
        result, out = self.load(self.prepare(), "joins")
        self.assertEqual((result["reached"], result["joined"]), (4, 4))
        # At most one notice to each of the four of each of the four; gathered, fewer.
        self.assertTrue(1 <= result["notices"] <= 16, result["notices"])
        self.assertGreater(result["telling_seconds"], 0)
        self.assertIn("one more room: 4 joined", out)

    def test_comings_and_goings(self):
        server = self.prepare()
        for mode in ("logins", "handshakes", "hellos", "idle"):
            result, _ = self.load(server, mode)
            self.assertEqual((mode, result["reached"], result["failed"]), (mode, 4, 0))
        # Those who registered, those of logins, and those of idle.
        self.assertEqual(server.log.count(" login user="), 3 * len(USERS))

    def test_sending_alone(self):
        ended = self.run_program("glass", "load", "sends", "--clients", "10", "--rate", "1000", "--seconds", "1",
                                 status=0)
        self.assertIn(b"100 said, 0 refused; 1000 deliveries", ended.stdout)
        self.assertIn(b"s a million deliveries", ended.stdout)

    def test_a_server_of_another_key(self):
        wrong = "SHA256:" + "A" * 43 + "="
        result, out = self.load(self.prepare(), "room", "--pin", wrong, status=1)
        self.assertEqual(result["reached"], 0)
        self.assertIn("4 of 4 clients", out)

    def test_wrong_password(self):
        server = self.prepare()
        with open(self.accounts, "w") as f:
            f.writelines(f"{name}\tx@example.org\twrong password\n" for name in USERS)
        result, out = self.load(server, "room", status=1)
        self.assertEqual(result["failed"], 4)
        self.assertIn("the server says", out)

    def test_elsewhere_only_when_asked_twice(self):
        for options in ([], ["--remote"], ["--really"], ["--remote", "--really"]):  # the last lacks a --pin
            ended = self.run_program("glass", "load", "handshakes", "--clients", "1", "--connect", "192.0.2.1:7447",
                                     *options, status=2)
            self.assertIn(b"--pin" if len(options) == 2 else b"--really", ended.stderr)

    def test_wrong_use(self):
        for args, why in (
                ([], "an argument is missing"), (["party", "--clients", "2"], "the mode is"),
                (["room"], "--clients is missing"), (["room", "--clients", "2"], "--accounts is missing"),
                (["room", "--clients", "0"], "--clients takes a number"),
                (["pairs", "--clients", "1", "--accounts", "x"], "it takes two to talk"),
                (["hellos", "--clients", "1", "--connect", "a:b:c"], "--connect takes"),
                (["hellos", "--clients", "1", "--text-bytes", "4001"], "--text-bytes takes a number"),
                (["hellos", "--clients", "1", "--clients", "1"], "--clients is given twice"),
                (["hellos", "more", "--clients", "1"], "too many arguments"),
                (["sends", "--clients", "2"], "--rate is missing")):
            self.misuse("glass", ["load", *args], why)
        self.run_program("glass", "load", "idle", "--clients", "2", "--accounts", "/nowhere", status=1)


if __name__ == "__main__":
    harness.main()
