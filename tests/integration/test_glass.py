#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glass as a program: its table of commands, its exit status, its one line on stderr."""
import os
import subprocess
import xml.etree.ElementTree

import harness

NO_LEAK_CHECK = {"ASAN_OPTIONS": "detect_leaks=0"}  # a program that stops at an error frees nothing


class Program(harness.TestCase):
    def test_an_unknown_command_is_repeated(self):
        self.assertIn(b"'frob'", self.run_program("glass", "frob", status=2).stderr)
        self.assertIn(b"missing", self.run_program("glass", status=2).stderr)

    def test_output_that_can_not_be_written_is_a_failure(self):
        commands = (["sha256"], ["--help"], ["--version"], ["backends"], ["hmac", "--key", "00"], ["sha256", "--help"],
                    ["aes", "--key", "00" * 16, "00" * 16], ["cbc", "--key", "00" * 16, "--iv", "00" * 16],
                    ["hkdf", "--ikm", "00", "--length", "8160"], ["totp", "--key", "GEZDGNBVGY3TQOJQ", "--time", "59"])
        for command in commands:
            with open("/dev/full", "wb") as full:
                done = subprocess.run([harness.program("glass"), *command], stdin=subprocess.DEVNULL, stdout=full,
                                      stderr=subprocess.PIPE, timeout=harness.PATIENCE,
                                      env=dict(os.environ, **NO_LEAK_CHECK))
            self.assertEqual(done.returncode, 1, (command, done.stderr))
            self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
            self.assertIn(b"No space left on device", done.stderr)

    def test_no_core_dumps(self):
        """A command that waits for what it is to read is one of all: none has another limit."""
        glass = self.started(harness.Process([harness.program("glass"), "sha256"]))
        harness.wait_until(lambda: harness.core_limit(glass.pid) == harness.NO_CORE, "no core file")

    def test_a_picture_for_each_name(self):
        names = [line.split()[0] for line in self.run_program("glass", "figure", status=0).stdout.decode().splitlines()]
        self.assertIn("handshake", names)
        for name in names:
            root = xml.etree.ElementTree.fromstring(self.run_program("glass", "figure", name, status=0).stdout)
            self.assertEqual(root.tag, "{http://www.w3.org/2000/svg}svg")
        self.assertIn(b"glass figure", self.run_program("glass", "figure", "nothing", status=1).stderr)

    def test_backends_lists_everything_that_has_some(self):
        picked = {}
        for line in self.run_program("glass", "backends", status=0).stdout.decode().splitlines():
            primitive, name, state = line.split(None, 2)
            self.assertIn(state, ("picked", "usable", "not on this processor"))
            picked.setdefault(primitive, []).extend([name] if state == "picked" else [])
        arrays = [name[:-len("_impl.h")] for name in os.listdir(os.path.join(harness.ROOT, "crypto"))
                  if name.endswith("_impl.h") and name != "dh_impl.h"]  # which takes bignum's
        self.assertEqual(sorted(picked), sorted(arrays))
        for primitive, names in picked.items():
            self.assertEqual(len(names), 1, primitive)


if __name__ == "__main__":
    harness.main()
