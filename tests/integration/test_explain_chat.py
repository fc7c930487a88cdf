#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the server and the client tell with --explain: every command that they print computes the value beside it, and
what must not be shown isn't."""
import concurrent.futures
import os
import re
import subprocess

import harness
from client_case import PASSWORD, ClientCase

PREFIX = re.compile(r"(?m)^explain(?: \d+)?:(?: |$)")
PROTOCOL = os.path.join(harness.ROOT, "docs", "protocol.md")

COMPUTED = ("C", "signed_hash", "signature verified", "Z", "prk", "T", "c_secret", "s_secret", "enc_key", "mac_key",
            "ciphertext", "tag", "plaintext")


def steps(text):
    """The steps of what was told, each a list of its lines: an empty line goes before each."""
    lines = [PREFIX.sub("", line) for line in text.splitlines() if PREFIX.match(line)]
    return [step.splitlines() for step in "\n".join(lines).split("\n\n")]


def values(step):
    """The hex values of a step that are not folded, by their names."""
    found, name = {}, None
    for line in step:
        heading = re.match(r"  ([^\s,]+)(?: = .*)?, \d+ bytes? \(.*\):(?: ([0-9a-f]+))?$", line)
        if heading:
            name = heading[1]
            found[name] = heading[2] or ""
        elif name and re.fullmatch(r"    [0-9a-f]+", line):
            found[name] += line.strip()
        else:
            name = None
    return {name: value for name, value in found.items() if value}


def run(command):
    result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False)
    return re.sub(r"^.*= ?|[:\s]", "", result.stdout).lower(), result.stderr


class Explain(ClientCase):
    def computed(self, told):
        """Runs each command of what was told; returns the names of the values that came out."""
        names = []
        for step in told:
            shown = values(step)
            for line in step:
                if not line.startswith("  $ ") or line.startswith("  $ ("):
                    continue
                out, err = run(line[4:])
                self.assertTrue(out, f"{line}\nsays nothing but {err}")
                if "-verify" in line:
                    self.assertEqual(out, "verifiedok", err)
                    names.append("signature verified")
                    continue
                same = [name for name, value in shown.items() if value == out]
                self.assertTrue(same, f"{line}\nsays {out!r} {err}, which is not in\n" + "\n".join(step))
                names += same
        return set(names)

    def test_a_command_that_says_nothing_is_seen(self):
        step = ["A step", "  ciphertext, 64 bytes (what for):", "    " + 48 * "0" + ".." + 8 * "0"]
        self.assertEqual(self.computed([step]), set())
        with self.assertRaises(AssertionError):
            self.computed([[*step, "  $ false"]])

    def sections(self, told):
        """Each step names a section that docs/protocol.md has and a chapter that is there."""
        with open(PROTOCOL) as document:
            headings = re.findall(r"(?m)^#+ (\d+(?:\.\d+)?)\.? ", document.read())
        told_of = 0
        for step in told:
            where = re.search(r" \[([\d.]+), ([0-9a-z-]+)\]$", step[0]) if step else None
            if where is None:
                continue
            told_of += 1
            self.assertIn(where[1], headings)
            chapter = os.path.join(harness.ROOT, "docs", "walkthrough", where[2] + ".md")
            self.assertTrue(os.path.exists(chapter), chapter)
        self.assertGreater(told_of, 20)

    def test_the_client_tells_all_and_each_command_computes_it(self):
        server = self.server()
        out, err = self.run_client(server, "a text of mine\n", "--explain-full", new=True)
        self.assertNotIn("explain", out)
        self.assertIn("explain: WARNING", err)
        self.assertIn("\"a text of mine\"", err)
        self.assertIn(PASSWORD, err)
        told = steps(err)
        self.sections(told)
        self.assertEqual(self.computed(told), {"client_public", *COMPUTED})

    def test_the_server_tells_the_same_but_no_password(self):
        server = self.server("--explain-full")
        self.run_client(server, "a text of mine\n", new=True)
        server.err.expect("explain 1: the connection is over")
        err = server.err.text
        self.assertIn("explain: WARNING", err)
        self.assertIn("\"a text of mine\"", err)
        self.assertNotIn(PASSWORD, err)
        self.assertNotIn(PASSWORD.encode().hex(), err.lower())
        told = steps(err)
        self.sections(told)
        self.assertEqual(self.computed(told), {"server_public", *COMPUTED})

    def test_a_call_is_told_on_both_sides(self):
        """Each step has the same values on both screens, and each command computes them; the server's has no text."""
        server = self.server("--explain-full")
        alice, bob = (self.client(server, name, "--explain-full") for name in ("alice", "bob"))
        bob.say("/call alice")
        bob.expect(r"first call with alice")
        bob.say("between the two of us")
        alice.expect(r"\[bob, new, not compared\] between the two of us")
        alice.say("/msg bob and back")
        bob.expect(r"and back")
        bob.err.expect("Call with alice: our Record 4 is sealed: Application")
        for client in (alice, bob):
            client.say("/quit")
            self.assertEqual(client.wait(), 0)
        shown = []
        for client in (alice, bob):
            told = [step for step in steps(client.err.text) if step and step[0].startswith("Call with ")]
            self.sections(told)
            self.assertLessEqual({"t_1", "root_1", "secret"}, self.computed(told))
            found = {}
            for step in told:
                for name, value in values(step).items():
                    found.setdefault(name, []).append(value)
            shown.append(found)
        for name in ("C", "Z", "c_secret", "s_secret", "root_0", "Z_1", "t_1", "root_1", "secret"):
            self.assertEqual(shown[0][name], shown[1][name], name)
        self.assertIn('"between the two of us"', bob.err.text)
        self.assertNotIn("between the two", server.err.text)

    def test_a_recording_is_told_as_it_was(self):
        """What --record keeps, `glass explain` tells later as --explain tells it at the time."""
        server = self.server()
        recording = self.path("recording")
        _, err = self.run_client(server, "a text of mine\n", "--explain-full", "--record", recording, new=True)
        told = [PREFIX.sub("", line) for line in err.splitlines() if PREFIX.match(line)]
        later = self.run_program("glass", "explain", "--session", recording, "--full", status=0).stdout.decode()
        at = told.index("")
        self.assertEqual(later.splitlines()[1:], told[at:])
        folded = self.run_program("glass", "explain", "--session", recording, status=0).stdout.decode()
        self.assertIn("--full shows it", folded)
        self.run_program("glass", "explain", "--session", recording, "--full", "--html", "x", status=2)

    def test_of_what_is_no_recording_nothing_is_told(self):
        good = b"glasschat recording 1\nrole client\nserver a:1\nbegan 1764460000\n"
        for content, status in ((b"", 1), (good[:22], 1), (good + b"0.000000 C 00\n", 1), (good, 0)):
            path = self.path("recording", content)
            os.chmod(path, 0o600)
            done = self.run_program("glass", "explain", "--session", path, status=status, env=harness.NO_LEAK_CHECK)
            self.assertEqual(done.stdout != b"", status == 0, done.stdout)

    def test_folded(self):
        """Without --explain-full long values are folded, and no line is longer than a short Record's command."""
        server = self.server()
        _, err = self.run_client(server, "", "--explain", new=True)
        self.assertRegex(err, r"(?m)^explain:     [0-9a-f]{48}\.\.[0-9a-f]{8}$")
        self.assertLess(max(map(len, err.splitlines())), 700)
        names = self.computed(steps(err))
        self.assertLessEqual({"C", "c_secret", "s_secret", "enc_key", "mac_key", "ciphertext", "tag"}, names)
        self.assertNotIn("Z", names)

    def test_only_where_it_is_asked_for(self):
        server = self.server()
        out, err = self.run_client(server, "a text of mine\n", new=True)
        self.assertEqual(err, "")
        self.assertNotIn("explain", out + server.err.text)

    def test_a_bit_that_is_turned_on_the_way(self):
        """The Record that does not open is told as that, with nothing of what was wrong."""
        import glasschat_client as wire
        server = self.server()
        turn = []

        def change(direction, data):
            return wire.flipped(data) if direction == "down" and turn else data
        alice = self.client(server, "alice", "--explain", port=self.proxy(server, change).port)
        turn.append(True)
        alice.say("hello")
        alice.err.expect("explain: A Record came that does not open")
        self.assertEqual(alice.wait(), 1)

    def test_lines_are_whole_whoever_else_writes(self):
        """The loop, the workers and the log all write to one file. (Longer lines than PIPE_BUF, of --explain-full, are
        several writes, and the log can come between.)"""
        server = self.server("--explain", "--log-level", "debug")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda i: self.run_client(server, "hello\n", user=f"user{i}", home=f"home{i}", new=True),
                          range(8)))
        server.err.expect("explain 8: the connection is over")
        begins = r"explain(?: \d+)?:(?= |$)|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [a-z]+ "
        for line in server.err.text.splitlines():
            self.assertEqual([found.start() for found in re.finditer(begins, line)], [0], line)

    def test_nobody_waits_for_a_reader_that_stopped(self):
        """A pager that is not scrolled: people talk on, the server ends when told to, and what is missing is said."""
        unread, its_end = os.pipe()
        server = subprocess.Popen([harness.program("glasschatd"), "--listen", "127.0.0.1:0", "--data", self.path("data"),
                                   "--pbkdf2-iterations", "1000", "--explain-full", *harness.SANDBOX],
                                  stdout=subprocess.PIPE, stderr=its_end, text=True)
        os.close(its_end)
        self.addCleanup(lambda: (server.kill(), server.wait(), server.stdout.close()))
        port = int(re.search(r":(\d+) key", server.stdout.readline())[1])
        alice = self.client(None, "alice", port=port)
        bob = self.client(None, "bob", port=port)
        for i in range(40):
            alice.say(f"line {i}")
            bob.expect(rf"alice: line {i}$")
        with os.fdopen(unread, "rb") as told:
            first = os.read(unread, 65536)
            self.assertGreater(len(first), 30000)
            alice.say("/quit")
            self.assertEqual(alice.wait(), 0)
            server.terminate()
            self.assertEqual(server.wait(timeout=harness.PATIENCE), 0)
            self.assertRegex((first + told.read()).decode(),
                             r"\nexplain: \d{2,} lines were left out here: nobody read them\n")

    def test_so_many_are_told_and_no_more(self):
        server = self.server("--explain")
        wires = [harness.socket.create_connection(("127.0.0.1", server.port)) for _ in range(17)]
        self.addCleanup(lambda: [wire.close() for wire in wires])
        server.err.expect(r"explain 17: a client came from \S+, and is not told")
        for wire in wires:
            wire.close()
        server.err.expect("explain 16: the connection is over")
        self.run_client(server, "", new=True)
        self.assertRegex(server.err.text, r"explain 18: The server draws a private exponent")


if __name__ == "__main__":
    harness.main()
