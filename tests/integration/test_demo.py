#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make demo` shows what it says that it shows: a message as it was, and the Record that it became; and what the
server has of a line in a sealed room."""
import os
import re
import signal
import subprocess
import tempfile
import unittest

import harness

TEXT = b"Hello Bob, can anybody else read this?"
SEALED_TEXT = b"This the server passes on, and cannot read."
ROOM = b"\x05+plan"
SEAL = 20
HEADER, IV, BLOCK, TAG = 4, 16, 16, 32


def dumped(text, heading):
    """The bytes of the dump below that heading."""
    below = text.split(f"\n== {heading}", 1)[1].split("\n== ", 1)[0]
    rows = re.findall(r"^    [0-9a-f]{4} ((?: [0-9a-f]{2}){1,16}) ", below, re.MULTILINE)
    return bytes.fromhex("".join(rows))


@unittest.skipIf(harness.sanitized(), "it starts the server as it is, in a sandbox that leaves a sanitizer too little")
class Demo(harness.TestCase):
    def demo(self):
        """Starts it in a process group of its own; the folder in which it makes its own is self.scratch."""
        self.scratch = tempfile.mkdtemp(dir=self.folder)
        env = dict(os.environ, BUILD=harness.BUILD, DEMO_PAUSE="0", TMPDIR=self.scratch)
        demo = subprocess.Popen(["sh", "app/demo.sh"], env=env, cwd=harness.ROOT, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.addCleanup(self.end, demo)
        return demo

    @staticmethod
    def end(demo):
        """Whatever has been left of it."""
        try:
            os.killpg(demo.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        demo.wait()
        demo.stdout.close()
        demo.stderr.close()

    def test_nothing_is_left_however_it_ends(self):
        for how in ("nobody reads on", signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
            with self.subTest(how):
                demo = self.demo()
                while not demo.stdout.readline().startswith("server says:"):
                    self.assertIsNone(demo.poll())
                if isinstance(how, signal.Signals):
                    demo.send_signal(how)
                else:
                    demo.stdout.close()
                self.assertEqual(demo.wait(4 * harness.PATIENCE), 128 + getattr(how, "value", signal.SIGPIPE))
                self.assertEqual(os.listdir(self.scratch), [])
                with self.assertRaises(ProcessLookupError):
                    os.killpg(demo.pid, 0)

    def test_the_message_and_its_record(self):
        demo = self.demo()
        out, err = demo.communicate(timeout=4 * harness.PATIENCE)
        self.assertEqual((demo.returncode, err), (0, ""))
        plaintext = dumped(out, "Alice's message as it was")
        frame = dumped(out, "And as it crossed the wire")
        self.assertIn(TEXT, plaintext)
        self.assertEqual(len(plaintext) % BLOCK, 0)
        self.assertEqual(plaintext[-plaintext[-1]:], bytes([plaintext[-1]]) * plaintext[-1])
        self.assertEqual(len(frame), HEADER + IV + len(plaintext) + TAG)
        self.assertEqual(int.from_bytes(frame[2:HEADER], "big"), len(frame) - HEADER)
        self.assertNotIn(TEXT[:8], frame)
        seen = dumped(out, "What the server saw of that")
        self.assertEqual(seen[:2], bytes([1, SEAL]))
        self.assertEqual(seen[6:6 + len(ROOM)], ROOM)
        self.assertNotIn(SEALED_TEXT[:8], seen)
        self.assertRegex(out, r"bob sees:   \[\+plan\] alice, new, not compared: " + SEALED_TEXT.decode())
        self.assertEqual(os.listdir(self.scratch), [])


if __name__ == "__main__":
    harness.main()
