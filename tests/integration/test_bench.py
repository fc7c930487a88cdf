#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glass bench: that it runs every usable backend and says so. How fast anything is, is never asserted."""
import itertools
import json
import os
import xml.etree.ElementTree

import harness

QUICK = ("bench", "--seconds", "0.00001")
WHOLE = 4 * harness.PATIENCE  # all rows: RSA keys are made for several libraries, which is luck


class Bench(harness.TestCase):
    def test_every_backend_is_measured(self):
        file = os.path.join(self.folder, "bench.json")
        chart = os.path.join(self.folder, "bench.svg")
        done = self.run_program("glass", *QUICK, "--json", file, "--svg", chart, status=0, patience=WHOLE)
        out = done.stdout.decode()
        with open(file) as f:
            results = json.load(f)["results"]
        measured = {(r["primitive"], r["by"]) for r in results}
        panels = {t.text for t in xml.etree.ElementTree.parse(chart).iter("{http://www.w3.org/2000/svg}text")
                  if t.get("class") == "title"}
        self.assertLessEqual({r["primitive"] for r in results if r["size"]}, panels)
        self.assert_a_colour_means_one_thing(chart)
        for line in self.run_program("glass", "backends", status=0).stdout.decode().splitlines():
            primitive, backend, state = line.split(None, 2)
            if state in ("picked", "usable"):
                for name in {"aes": ("aes", "cbc encrypt", "cbc decrypt"), "sha256": ("sha256",)}.get(primitive, ()):
                    self.assertIn((name, backend), measured)
        for r in results:
            self.assertGreater(r["seconds"], 0)
            self.assertIn(r["primitive"], out)
        self.assertEqual({r["size"] for r in results if r["primitive"] == "sha256"}, {64, 256, 1024, 4096, 16384})

    def assert_a_colour_means_one_thing(self, chart):
        """In all panels: a name has one colour, and no other name has it. What is picked is the fastest of ours."""
        meaning, same = {}, {"picked": "ours, the fastest"}
        for panel in xml.etree.ElementTree.parse(chart).iter("{http://www.w3.org/2000/svg}g"):
            for mark, text in itertools.pairwise(panel):
                if text.get("class") == "legend":
                    colour, name = mark.get("fill") or mark.get("stroke"), same.get(text.text, text.text)
                    self.assertEqual(meaning.setdefault(colour, name), name, colour)
                    self.assertEqual(meaning.setdefault(name, colour), colour, name)

    def test_no_clock_is_measured_that_no_core_has(self):
        """Additions done several in a cycle would show as a clock several times too fast. Noise only makes it slower."""
        file = os.path.join(self.folder, "bench.json")
        self.run_program("glass", *QUICK, "--json", file, "hkdf", status=0)
        with open(file) as f:
            self.assertLess(json.load(f)["hertz"], 8e9)

    def test_one_primitive(self):
        out = self.run_program("glass", *QUICK, "sha256", status=0).stdout.decode()
        self.assertIn("sha256", out)
        self.assertNotIn("cbc encrypt", out)

    def test_every_name_that_is_listed_names_something(self):
        listed = self.run_program("glass", "bench", "nothing", status=2).stderr.decode()
        names = listed.partition("there are: ")[2].partition(";")[0].split(", ")
        self.assertIn("pbkdf2 1000", names)
        for name in names:
            self.assertIn(f"\n{name}  ", self.run_program("glass", *QUICK, name, status=0).stdout.decode())

    def test_wrong_use(self):
        for args, why in ((["nothing"], "nothing names no primitive"), (["--seconds", "0"], "--seconds takes a number"),
                          (["--seconds", "x"], "--seconds takes a number"), (["--json"], "--json needs a value")):
            self.misuse("glass", ["bench", *args], why)
        self.assertIn(b"sha256", self.run_program("glass", "bench", "nothing", status=2).stderr)  # says what there is

    def test_what_can_t_be_written(self):
        for option in ("--json", "--svg"):
            for file in ("/dev/full", os.path.join(self.folder, "none", "file")):
                ended = self.run_program("glass", *QUICK, option, file, "sha256", status=1)
                self.assertEqual(ended.stderr.count(b"\n"), 1)
                self.assertIn(file.encode(), ended.stderr)

    def test_ratios_to_each_library(self):
        """To those that this build has, where they do the same. "ratio" itself is libcrypto's."""
        file = os.path.join(self.folder, "bench.json")
        out = self.run_program("glass", *QUICK, "--json", file, "hmac", status=0).stdout.decode()
        with open(file) as f:
            written = json.load(f)
        results, libraries = written["results"], written["libraries"]
        for name, version in libraries.items():
            self.assertRegex(version, r"^[0-9]")
            self.assertIn(f"{name} {version}", out)
        for r in results:
            with self.subTest(r):
                ours = r["by"].split()[0] not in libraries
                self.assertEqual(set(r.get("ratios", {})), set(libraries) if ours else set())
                self.assertEqual("ratio" in r, ours and "openssl" in libraries)
                if "ratio" in r:
                    self.assertEqual({k: r[k] for k in ("ratio", "ratio_spread", "too_busy")}, r["ratios"]["openssl"])
                for told in r.get("ratios", {}).values():
                    if abs(told["ratio_spread"] - 0.1) > 0.001:  # which are rounded
                        self.assertEqual(told["too_busy"], told["ratio_spread"] > 0.1)

    def test_rows_fit_a_terminal(self):
        out = self.run_program("glass", *QUICK, status=0, patience=WHOLE).stdout.decode()
        for line in out.partition("\n\n")[2].splitlines():
            self.assertLessEqual(len(line), 100)


if __name__ == "__main__":
    harness.main()
