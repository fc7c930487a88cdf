#!/usr/bin/python3
"""glass bench: that it runs every usable backend and says so. How fast anything is, is never asserted."""
import json
import os

import harness


# What is keyed for measuring stays until the program ends, and no longer: that is no leak worth a report.
NO_LEAK_CHECK = {"ASAN_OPTIONS": "detect_leaks=0"}


class Bench(harness.TestCase):
    def test_every_backend_is_measured(self):
        file = os.path.join(self.folder, "bench.json")
        out = self.run_program("glass", "bench", "--seconds", "0.00001", "--json", file, status=0,
                               env=NO_LEAK_CHECK).stdout.decode()
        with open(file) as f:
            results = json.load(f)["results"]
        measured = {(r["primitive"], r["by"]) for r in results}
        for line in self.run_program("glass", "backends", status=0).stdout.decode().splitlines():
            primitive, backend, state = line.split(None, 2)
            if state in ("picked", "usable"):
                for name in {"aes": ("cbc encrypt", "cbc decrypt"), "sha256": ("sha256",)}.get(primitive, ()):
                    self.assertIn((name, backend), measured)
        for r in results:
            self.assertGreater(r["seconds"], 0)
            self.assertIn(r["primitive"], out)
        self.assertEqual({r["size"] for r in results if r["primitive"] == "sha256"}, {64, 256, 1024, 4096, 16384})

    def test_one_primitive(self):
        out = self.run_program("glass", "bench", "--seconds", "0.00001", "sha256", status=0, env=NO_LEAK_CHECK).stdout.decode()
        self.assertIn("sha256", out)
        self.assertNotIn("cbc encrypt", out)

    def test_wrong_use(self):
        for args in (["nothing"], ["--seconds", "0"], ["--seconds", "x"], ["--json"]):
            self.run_program("glass", "bench", *args, status=2, env=NO_LEAK_CHECK)


if __name__ == "__main__":
    harness.main()
