#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/client.svg, the README's picture: a real session of a server and four clients at terminals, as one of them sees
it. It is the same each time: what differs, ports and keys, has gone off the screen, and the time zone is one in which it
is 09:41. `make docs/client.svg` draws it; test_client_picture.py says when it differs from what the client shows."""
import html
import re
import sys
import time
import unittest

import harness
from screens import Screens

COLUMNS, ROWS = 84, 14
WIDE, HIGH, MARGIN = 9, 20, 12  # of a character, and around them all
STEPS = (0, 95, 135, 175, 215, 255)

# The terminal's own colours, light and dark; what is dim is between these two.
STYLE = """text { font: 15px monospace; white-space: pre; fill: #1b1f24 }
.page { fill: #ffffff; stroke: #d0d5dc; stroke-width: 1.5 } .dim { fill: #5b6472 } .bold { font-weight: bold }
.block { fill: #1b1f24 } .turned { fill: #ffffff }
@media (prefers-color-scheme: dark) {
text { fill: #e6e9ee } .page { fill: #15181d; stroke: #3a414b } .dim { fill: #9aa4b2 }
.block { fill: #e6e9ee } .turned { fill: #15181d }
}"""


def zone():
    """One in which it is 09:41 now, and for most of a minute to come."""
    east = (9 * 3600 + 41 * 60 + 1 - int(time.time())) % 86400
    if east > 43200:
        east -= 86400
    minutes, seconds = divmod(abs(east), 60)
    return "PIC%s%02d:%02d:%02d" % ("-" if east >= 0 else "+", *divmod(minutes, 60), seconds)


def runs(row, on):
    """(column, text, looks) of what tmux says of a row; looks, and on: those of SGR that are on, and a colour. They go on
    in the next row."""
    column, found = 0, []
    for sequence, text in re.findall(r"\x1b\[([\d;]*)m|([^\x1b]+)", row):
        if text:
            found.append((column, text, dict(on)))
            column += len(text)
            continue
        codes = [int(code or 0) for code in sequence.split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                on.clear()
            elif code in (39, 49):
                on.pop("colour", None)
            elif code == 38:
                on["colour"], codes = codes[1] - 16, codes[2:]
            else:
                on[{1: "bold", 2: "dim", 7: "turned"}[code]] = True
    return found


def svg(rows):
    width, height = COLUMNS * WIDE + 2 * MARGIN, len(rows) * HIGH + 2 * MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
           'aria-labelledby="title what">', '<title id="title">The client at a terminal</title>',
           '<desc id="what">What alice sees of a session:', *[html.escape(re.sub(r"\x1b\[[\d;]*m", "", row)) for row in rows],
           "</desc>", f"<style>\n{STYLE}\n</style>",
           f'<rect class="page" x="1" y="1" width="{width - 2}" height="{height - 2}" rx="8"/>']
    on = {}
    for at, row in enumerate(rows):
        y = MARGIN + at * HIGH
        for column, text, looks in runs(row, on):
            indent = len(text) - len(text.lstrip(" "))
            x, text = MARGIN + (column + indent) * WIDE, text.strip(" ")
            if not text:
                continue
            if "turned" in looks:
                out.append(f'<rect class="block" x="{x}" y="{y + 1}" width="{len(text) * WIDE}" height="{HIGH - 2}"/>')
            fill = ""
            if "colour" in looks:
                n = looks["colour"]
                fill = ' style="fill: #%02x%02x%02x"' % (STEPS[n // 36], STEPS[n // 6 % 6], STEPS[n % 6])
            names = " ".join(name for name in ("bold", "dim", "turned") if name in looks)
            out.append(f'<text x="{x}" y="{y + 15}" textLength="{len(text) * WIDE}"' + (f' class="{names}"' if names else "")
                       + f"{fill}>{html.escape(text)}</text>")
    return "\n".join([*out, "</svg>"]) + "\n"


class Session(Screens):
    def runTest(self):
        picture = self.draw()
        with open(sys.argv[1], "w") as f:
            f.write(picture)

    def draw(self):
        """The picture."""
        if not self.edits():
            self.skipTest("built without libedit")
        server = self.server()
        for name in "alice", "carol":
            self.window(name, server, "--times", columns=COLUMNS, rows=ROWS,
                        term=f"screen-256color TZ={zone()} NO_COLOR=")
        self.see("alice", "carol joined")
        self.type("carol", "/msg alice hello", "Enter")
        self.see("alice", "] hello")
        self.type("alice", "", "C-l")
        harness.wait_until(lambda: self.screen("alice").startswith("lobby"), "all above the prompt is gone")
        self.tell(server, ("alice", "/who", "in lobby: alice, carol"), ("bob", None, "bob joined lobby"),
                  ("bob", "good morning! Does anybody have the lecture notes?", "notes?"),
                  ("carol", "alice has, of chapter 7. Why is the tag computed after the encryption?", "encryption?"),
                  ("carol", "/msg alice I have them, too, but don't tell bob", "tell bob"),
                  ("b0b", None, "b0b (looks like bob) joined lobby"),
                  ("b0b", "send them to me, please", "please"))
        self.type("alice", "so that whoever changes a byte on the way is found out before any")
        self.see("alice", "before any")
        return svg(self.screen("alice", "-e").split("\n"))

    def tell(self, server, *lines):
        """Who says what; None: comes. What alice sees then."""
        for name, text, seen in lines:
            if text is None:
                self.window(name, server, columns=COLUMNS)
            else:
                self.type(name, text, "Enter")
            self.see("alice", seen)


if __name__ == "__main__":
    done = unittest.TextTestRunner(verbosity=0).run(Session())
    sys.exit(not done.wasSuccessful() or len(done.skipped) > 0)
