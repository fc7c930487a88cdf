#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glass bench attack and glass bench timing: that they run, say what they should, and write files that others can read.
How fast anything is, and what t comes out, is never asserted."""
import itertools
import json
import os
import re
import xml.etree.ElementTree

import harness

BITS = (20, 32, 40, 48)
SVG = "{http://www.w3.org/2000/svg}"


class Attack(harness.TestCase):
    def test_tables_and_json(self):
        file, chart = os.path.join(self.folder, "attack.json"), os.path.join(self.folder, "attack.svg")
        out = self.run_program("glass", "bench", "attack", "--seconds", "1", "--json", file, "--svg", chart,
                               status=0).stdout.decode()
        for line in out.splitlines():
            self.assertLessEqual(len(line), 100, line)
        for stored in ("salted SHA-256", "PBKDF2, 1 iteration ", "PBKDF2, 1,000 ", "PBKDF2, 100,000 ", "PBKDF2, 600,000 "):
            self.assertEqual(len(re.findall("^  " + stored + ".*[0-9] (ns|us|ms|s|min|h|days|years)", out, re.M)), 2)
        self.assertRegex(out, r"2048 bits +2\^1025\.0 +steps +10\^\d+ years")
        with open(file) as f:
            found = json.load(f)
        self.assertEqual([g["iterations"] for g in found["guesses"]], [0, 1, 1000, 100000, 600000])
        for g in found["guesses"]:
            self.assertGreater(g["login_seconds"], 0)
            self.assertGreater(g["guesses_per_second"], 0)
        self.assertEqual([(d["bits"], d["method"]) for d in found["logarithms"]],
                         [(b, m) for b in BITS for m in ("giant steps", "kangaroos")])
        for d in found["logarithms"]:
            self.assertEqual(d["p"].bit_length(), d["bits"])
            self.assertEqual(d["p"] % 8, 7)
            self.assertEqual(pow(2, d["p"] // 2, d["p"]), 1)
            self.assertGreaterEqual(d["runs"], 1)
            self.assertLess(d["steps"], 100 * d["expected_steps"])
        for e in found["extrapolated"]:
            self.assertAlmostEqual(e["log2_steps"], 1.54 + (e["bits"] - 1) / 2, delta=0.06)
        svg = xml.etree.ElementTree.parse(chart).getroot()
        self.assertEqual(svg.tag, SVG + "svg")
        words = [t.text for t in svg.iter(SVG + "text")]
        for word in ("guesses", "kangaroos", "age of the universe", "4 diceware words"):
            self.assertIn(word, words)
        meaning = {}
        for panel in svg.iter(SVG + "g"):
            for mark, text in itertools.pairwise(panel):
                if text.get("class") == "legend":
                    meaning.setdefault(mark.get("fill") or mark.get("stroke"), []).append(text.text)
        self.assertEqual(sorted(len(names) for names in meaning.values()), [1] * 7 + [3], meaning)
        self.assertIn(["kangaroos", "as sqrt(q)", "measured"], meaning.values())
        for word in ("1 s", "1 h", "1 year", "10^100 years", "one core, logarithmic"):
            self.assertIn(word, words)
        drawn = len(list(svg.iter(SVG + "circle")))
        self.assertEqual(drawn, 4 + 4 + 7 + 3 + 9)  # measured twice; extrapolated, measured, the universe

    def test_wrong_use(self):
        for args, why in ((["nothing"], "too many arguments"), (["--seconds", "0"], "--seconds takes a number"),
                          (["--seconds", "1.5"], "--seconds takes a number"), (["--seconds"], "--seconds needs a value"),
                          (["--seconds", "99999999999999999999"], "--seconds takes a number"),
                          (["--nothing"], "--nothing is no option"), (["--json"], "--json needs a value")):
            self.misuse("glass", ["bench", "attack", *args], why)

    def test_a_file_that_cannot_be_written(self):
        for option in ("--json", "--svg"):  # said at once, not after an hour
            done = self.run_program("glass", "bench", "attack", "--seconds", "3600", option, "/nowhere/file", status=1)
            self.assertIn("/nowhere/file", done.stderr.decode())


LINE = r"^  .{16} (\S.{11}) +(\d+)000 +([\d.]+) +([\d.]+) +([\d.]+)  [#: ]{20} (leaks|none seen)"


class Timing(harness.TestCase):
    def test_the_final_table(self):
        out = self.run_program("glass", "bench", "timing", "--seconds", "1", status=0).stdout.decode()
        for line in out.splitlines():
            self.assertLessEqual(len(line), 100, line)
        lines = re.findall(LINE + "$", out, re.M)
        forms = [form.strip() for form, *_ in lines]
        self.assertEqual(forms[:7], ["early exit", "ct_equal", "early exit", "pkcs7_unpad", "four tables", "ref", "bitslice"])
        for _, calls, fixed, random, t, verdict in lines:
            self.assertGreaterEqual(int(calls), 1)
            self.assertGreater(float(fixed), 0)
            self.assertGreater(float(random), 0)
            if abs(float(t) - 4.5) > 0.1:
                self.assertEqual(verdict, "leaks" if float(t) > 4.5 else "none seen")
        self.assertIn("proves nothing", out)
        self.assertNotIn("\033", out)

    def test_a_terminal_sees_it_grow(self):
        glass = self.started(harness.Process([harness.program("glass"), "bench", "timing", "--seconds", "1"], terminal=True))
        calls = []
        for _ in range(2):
            calls.append(int(glass.expect(r"pkcs7_unpad +(\d+)")[1]))
            glass.expect("\033\\[[78]A")  # back up, over the same lines
        self.assertGreater(calls[1], calls[0])
        self.assertEqual(glass.wait(), 0)

    def test_wrong_use(self):
        for args, why in ((["nothing"], "too many arguments"), (["--seconds", "0"], "--seconds takes a number"),
                          (["--seconds"], "--seconds needs a value"), (["--json", "x"], "--json is no option")):
            self.misuse("glass", ["bench", "timing", *args], why)


if __name__ == "__main__":
    harness.main()
