#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make demo` shows what it says that it shows: a message as it was, and the Record that it became."""
import os
import re
import subprocess

import harness

TEXT = b"Hello Bob, can anybody else read this?"
HEADER, IV, BLOCK, TAG = 4, 16, 16, 32


def dumped(text, heading):
    """The bytes of the dump below that heading."""
    below = text.split(f"\n== {heading}", 1)[1].split("\n== ", 1)[0]
    rows = re.findall(r"^    [0-9a-f]{4} ((?: [0-9a-f]{2}){1,16}) ", below, re.MULTILINE)
    return bytes.fromhex("".join(rows))


class Demo(harness.TestCase):
    def test_the_message_and_its_record(self):
        folder = os.path.join(self.folder, "tmp")
        os.mkdir(folder)
        env = dict(os.environ, BUILD=harness.BUILD, DEMO_PAUSE="0", TMPDIR=folder)
        run = subprocess.run(["sh", "app/demo.sh"], env=env, cwd=harness.ROOT, capture_output=True,
                             text=True, timeout=4 * harness.PATIENCE)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        plaintext = dumped(run.stdout, "Alice's message as it was")
        frame = dumped(run.stdout, "And as it crossed the wire")
        self.assertIn(TEXT, plaintext)
        self.assertEqual(len(plaintext) % BLOCK, 0)
        self.assertEqual(plaintext[-plaintext[-1]:], bytes([plaintext[-1]]) * plaintext[-1])
        self.assertEqual(len(frame), HEADER + IV + len(plaintext) + TAG)
        self.assertEqual(int.from_bytes(frame[2:HEADER], "big"), len(frame) - HEADER)
        self.assertNotIn(TEXT[:8], frame)
        self.assertEqual(os.listdir(folder), [])


if __name__ == "__main__":
    harness.main()
