# SPDX-License-Identifier: MIT
"""The tables of docs/protocol.md section 10.9, and which test covers which row."""
import os
import re

import harness

PASSWORD = "a good password"
STAYS = "stays"


def rows(who):
    """The first column of a table of that section, and what its row says of the end."""
    with open(os.path.join(harness.ROOT, "docs", "protocol.md"), encoding="utf-8") as f:
        section = f.read().split("### 10.9 ", 1)[1].split("\n## ", 1)[0]
    server, client = section.split("\nThe client in", 1)
    table = re.findall(r"^\| (.*?) \|(.*?)\| (.*?) \|$", server if who == "server" else client, re.M)
    return {event: (answer.strip(), then) for event, answer, then in table if event != "event"}


def event(row):
    """Marks the test of a row."""
    def mark(test):
        test.row = row
        return test
    return mark


def marked(case):
    return [test.row for test in vars(case).values() if hasattr(test, "row")]
