#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The README's picture is what the client shows now."""
import os

import client_picture
import harness

DOCS = os.path.join(harness.ROOT, "docs", "client.svg")


class Picture(client_picture.Session):
    def test_it_is_what_the_client_shows(self):
        if harness.sanitized():
            self.skipTest("what is shown is the same, and may take more than the minute that the picture shows")
        with open(DOCS) as f:
            drawn = f.read()
        now = self.draw()
        if now != drawn:  # or another minute has begun meanwhile, on a busy machine
            self.doCleanups()
            self.setUp()
            now = self.draw()
        self.assertEqual(now, drawn, "the client shows something else: make docs/client.svg")


if __name__ == "__main__":
    harness.main()
