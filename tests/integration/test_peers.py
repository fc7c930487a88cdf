#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tests/peers/peers.py: it says clearly what is missing, refuses figures that would measure the generator, and,
where a peer is installed, measures it and glasschatd. How fast either was is never asserted."""
import contextlib
import io
import json
import os
import subprocess
import sys
import unittest

import harness

FOLDER = os.path.join(harness.ROOT, "tests", "peers")
sys.path.insert(0, FOLDER)
import peers
import servers

INSTALLED = [peer.name for peer in servers.PEERS if peer.find(peers.SBIN)]


def run(*args):
    return subprocess.run(["/usr/bin/python3", os.path.join(FOLDER, "peers.py"), *args], capture_output=True, text=True,
                          timeout=300)


class Peers(harness.TestCase):
    def test_none_is_installed(self):
        ended = run("--path", self.folder)
        self.assertEqual((ended.returncode, ended.stdout), (1, ""))
        self.assertEqual(ended.stderr, "peers: not installed: ngircd, inspircd, mosquitto; "
                                       "apt-get install ngircd inspircd mosquitto\n")

    def test_an_unknown_peer(self):
        ended = run("--only", "sendmail")
        self.assertEqual(ended.returncode, 1)
        self.assertIn("no peer 'sendmail' here, but ngircd, inspircd, mosquitto", ended.stderr)

    def test_figures_that_measure_the_generator_are_refused(self):
        good = {"deliveries": 1000, "talking_seconds": 1.0, "refused": 0, "failed": 0,
                "latency_ms": {"p90": 9.9}}
        peers.judge(good, 0.79, 1000, 10)
        peers.judge(good, 0.99, 0, 10)  # no rate, as fast as it goes: one of the two is always busy
        for change, share, rate in (({}, 0.8, 1000), ({"deliveries": 960}, 0.1, 1000), ({"refused": 1}, 0.1, 1000),
                                    ({"failed": 1}, 0.1, 1000), ({"deliveries": 0}, 0.1, 0),
                                    ({"latency_ms": {"p90": 10.1}}, 0.1, 1000)):
            with self.assertRaises(peers.Refused):
                peers.judge({**good, **change}, share, rate, 10)

    def test_the_ratio_is_of_the_best(self):
        table = peers.Table(["glasschatd", "slow", "quick"])
        rounds = ({"glasschatd": 3, "slow": 12, "quick": 6}, {"glasschatd": 3, "slow": 1, "quick": 6},
                  {"glasschatd": 9, "slow": 12, "quick": 4})
        for name, figure in (pair for figures in rounds for pair in figures.items()):
            with contextlib.redirect_stderr(io.StringIO()):
                table.measure(type("", (), {"name": name}), lambda s: ({"row": figure}, 0.1, 0.2))
        self.assertEqual(table.ratio("row"), (0.5, "quick"))
        self.assertEqual(table.as_json({})["rows"][0]["best"], "quick")

    @harness.alone
    @unittest.skipUnless(INSTALLED, "no peer is installed")
    @unittest.skipIf(len(os.sched_getaffinity(0)) < 2, "it takes two cores")
    @unittest.skipIf(harness.sanitized(), "it starts glasschatd with its sandbox")
    def test_tiny(self):
        if not os.path.exists(harness.program("peers-load")):
            self.skipTest("built without libssl")
        file = os.path.join(self.folder, "peers.json")
        ended = run("--tiny", "--only", ",".join(INSTALLED), "--json", file)
        self.assertEqual(ended.returncode, 0, ended.stdout + ended.stderr)
        with open(file) as f:
            found = json.load(f)
        # A busy machine may miss the rate, and then says so; what has no rate can always be measured.
        for row in found["rows"]:
            if not row["row"].startswith(("200 a second", "the same", "handshake, X25519")):
                self.assertEqual(set(row["figures"]), {"glasschatd", *INSTALLED}, row["row"] + ended.stderr)
        self.assertEqual(sum(row["row"].startswith("handshake") for row in found["rows"]), 2)


if __name__ == "__main__":
    harness.main()
