#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glass lab: what it prints and how it ends; the viewer on a terminal. That attacks succeed where they should and only
there is tests/test_lab.c's."""
import os
import re
import signal
import subprocess

import harness
import screens


def labs():
    """The names, as `glass lab` lists them."""
    out = subprocess.run([harness.program("glass"), "lab"], capture_output=True, check=True).stdout.decode()
    return re.findall(r"^  ([a-z-]+)  ", out, re.M)


class Command(harness.TestCase):
    def lab(self, *args, status=0):
        return self.run_program("glass", "lab", *args, status=status).stdout.decode()

    def test_each_lab(self):
        self.assertIn("padding-oracle", labs())
        for name in labs():
            out = self.lab(name, "--seed", "1")
            with self.subTest(name):
                self.assertRegex(out, r"\ntwin: fell: .+\nreal: stood: .+\n$")
                self.assertNotIn("\033", out)
                for line in out.splitlines()[1:]:
                    if not line.startswith(("twin:", "real:")):
                        self.assertLess(len(line), 80, line)

    def test_a_seed_says_what_happens(self):
        self.assertEqual(self.lab("padding-oracle", "--seed", "7"), self.lab("padding-oracle", "--seed", "7"))
        self.assertNotEqual(self.lab("padding-oracle", "--seed", "7"), self.lab("padding-oracle", "--seed", "8"))
        self.assertNotEqual(self.lab("padding-oracle"), self.lab("padding-oracle"))

    def test_the_hits_or_all(self):
        """What is left out is counted, and with --all is there."""
        short, long = self.lab("padding-oracle", "--seed", "7"), self.lab("padding-oracle", "--seed", "7", "--all")
        queries = len(re.findall(r"^query \d+$", short, re.M)) + sum(map(int, re.findall(r"^\.\.\. (\d+) more", short, re.M)))
        self.assertEqual(queries, len(re.findall(r"^query \d+$", long, re.M)))
        self.assertNotIn("more like it", long)
        self.assertIn("The attacker has the secret line.", short)

    def test_the_byte_that_is_said_is_the_one_that_was_changed(self):
        """The IV begins what is sent to the twin, and comes after the header of a Record."""
        for side, iv_at, text in (("--twin-only", 0, b"pay 0010"), ("--real-only", 4, b"\x01pay 0010")):
            out = self.lab("bit-flip", "--seed", "1", side)
            sent = [bytes.fromhex(line) for line in re.findall(r"^  sent   ([0-9a-f]{32})", out, re.M)[:2]]
            changed = [i for i in range(16) if sent[0][i] != sent[1][i]]
            said = re.search(r"IV\[(\d+)\] \^ '0' \^ '9' = IV\[\1\] \^ 09 at byte (\d+)", " ".join(out.split()))
            index, at = map(int, said.groups())
            self.assertEqual((changed, at), ([at], iv_at + index))
            self.assertEqual(text[index:index + 1], b"0")

    def test_which_lines_open_for_eve(self):
        """What came back of each is what is said of it."""
        for side, answers in ("--twin-only", ["yes", "yes"]), ("--real-only", ["yes", "no", "no", "no"]):
            out = self.lab("withheld-removal", "--seed", "1", side)
            self.assertEqual(re.findall(r"^  back   (\w+)$", out, re.M), answers)
            said = re.findall(r"^ {9}(It opens for eve|No key that eve was ever given opens it)\.$", out, re.M)
            self.assertEqual(["yes" if words.startswith("It") else "no" for words in said], answers)

    def test_one_side(self):
        self.assertNotIn("real", self.lab("padding-oracle", "--twin-only").split("\n", 1)[1])
        self.assertNotIn("twin", self.lab("padding-oracle", "--real-only").split("\n", 1)[1])

    def test_wrong_use(self):
        for args, why in ((["nothing"], "there is no lab"), (["padding-oracle", "more"], "too many arguments"),
                          (["padding-oracle", "--seed"], "--seed needs a value"),
                          (["padding-oracle", "--seed", "x" * 65], "--seed is longer"),
                          (["padding-oracle", "--twin-only", "--real-only"], "leave nothing")):
            self.misuse("glass", ["lab", *args], why)


class ManInTheMiddle(harness.TestCase):
    """The attack of the lab, on the programs themselves: through a proxy, whoever the client is."""

    def refused(self, server, port):
        client = self.client(server, "alice", "--pin", server.fingerprint, port=port, ready=False)
        self.assertEqual(client.wait(), 1)
        self.assertEqual(client.out.text, "")
        return client.err.text

    def test_exchanged_values(self):
        """Y = 4 = 2^2 is a good value of every group, and Z = y^2 for whoever is in between."""
        ours, seen = (4).to_bytes(384, "big"), set()

        def change(direction, data):
            at = {("up", 1): len(data) - 384, ("down", 2): 4 + 32 + 1 + 2}.get((direction, data[0]))
            if direction in seen or at is None:
                return data
            seen.add(direction)
            return data[:at] + ours + data[at + 384:]

        server = self.server()
        proxy = self.proxy(server, change)
        self.assertIn("the signature over the handshake is wrong): somebody may be in between; nothing secret was sent",
                      self.refused(server, proxy.port))
        self.assertEqual(seen, {"up", "down"})
        self.assertEqual([frame[0] for frame in harness.frames(proxy.up)], [1])  # a hello, and not one Record

    def test_another_key(self):
        folder = os.path.join(self.folder, "other")
        os.mkdir(folder)
        server, other = self.server(), self.started(harness.Server(folder))
        proxy = self.proxy(other)
        self.assertIn(f"the server shows the key {other.fingerprint}, not the one given with --pin",
                      self.refused(server, proxy.port))
        self.assertEqual([frame[0] for frame in harness.frames(proxy.up)], [1])

    def test_nothing_stays(self):
        """No process and no socket, also where it is ended in the middle."""
        glass = self.started(harness.Process([harness.program("glass"), "lab", "man-in-the-middle"]))
        harness.wait_until(lambda: harness.children(glass.pid), "it has children")
        ends = harness.children(glass.pid)
        glass.kill(signal.SIGKILL)
        harness.wait_until(lambda: not any(map(self.runs, ends)), "they end by themselves")

    @staticmethod
    def runs(pid):
        try:
            with open(f"/proc/{pid}/stat") as f:
                return f.read().rsplit(") ", 1)[1][0] != "Z"
        except OSError:
            return False


class Mutants(harness.TestCase):
    """Find the bug: one line of a file of the tree is broken, another for each student."""

    def setUp(self):
        super().setUp()
        self.secret = self.path("secret", b"the teacher's secret of this term\n")

    def lab(self, student, *args, status=0):
        return self.run_program("glass", "lab", "mutants", "--secret-file", self.secret, "--student", student,
                                "--source", harness.ROOT, *args, status=status)

    def test_each_student(self):
        """Exactly one line differs, and its number is the answer."""
        seen = set()
        for student in ("alice", "bob", "carol", "dave"):
            done = self.lab(student)
            name = done.stderr.decode().partition(",")[0]
            self.assertRegex(name, "^(crypto|net)/[a-z0-9_]+[.][ch]$")
            with open(os.path.join(harness.ROOT, name), "rb") as f:
                pairs = list(zip(f.read().split(b"\n"), done.stdout.split(b"\n"), strict=True))
            broken = [i for i, (right, given) in enumerate(pairs, 1) if right != given]
            self.assertEqual(len(broken), 1, (student, name))
            self.assertIn(f"{student} has found line {broken[0]} of {name}: ",
                          self.lab(student, "--check", str(broken[0])).stdout.decode())
            self.assertIn("is not the broken one", self.lab(student, "--check", str(broken[0] + 1), status=1).stderr.decode())
            self.assertEqual(self.lab(student).stdout, done.stdout)
            seen.add((name, broken[0]))
        self.assertGreater(len(seen), 1)

    def test_another_secret_is_another_mutant(self):
        before = {student: self.lab(student).stdout for student in ("alice", "bob", "carol")}
        self.secret = self.path("other", b"the teacher's secret of the next term\n")
        self.assertNotEqual(before, {student: self.lab(student).stdout for student in before})

    def test_wrong_use(self):
        ours = ["--secret-file", self.secret, "--student", "alice"]
        for args, why in ((["mutants", "--student", "alice"], "--secret-file is missing"),
                          (["mutants", "--secret-file", self.secret], "--student is missing"),
                          (["mutants", *ours, "--step"], "mutants takes"),
                          (["mutants", *ours, "--source", harness.ROOT, "--check", "x"], "--check"),
                          (["bit-flip", "--source", "."], "--source goes with mutants")):
            self.misuse("glass", ["lab", *args], why)
        done = self.run_program("glass", "lab", "mutants", *ours, "--source", self.folder, status=1)
        self.assertIn("tests/mutants/list.txt", done.stderr.decode())


class Viewer(screens.Screens):
    """Forwards and back, as a person sees it."""

    def setUp(self):
        super().setUp()
        self.start("padding-oracle", "--step", "--seed", "7")

    def start(self, *args):
        command = " ".join([harness.program("glass"), "lab", *args])
        self.tmux("new-session", "-d", "-s", "lab", "-x", "80", "-y", "24",
                  f"TERM=screen {command}; echo status $?; stty -a; cat")
        self.see("lab", "step 1 of ")

    def test_forwards_and_back(self):
        for key, step in ((" ", 2), ("n", 3), ("p", 2), ("p", 1), ("p", 1)):
            self.type("lab", key)
            self.see("lab", f"weak twin: step {step} of ")
        self.type("lab", "", "Enter")
        self.see("lab", "step 2 of ")
        self.type("lab", "20")
        self.see("lab", "go to step 20")
        self.type("lab", "", "Enter")
        self.see("lab", "step 20 of ")
        self.type("lab", "N")
        self.see("lab", "D(C)[15] = X[15] ^ 01")
        self.type("lab", "P")
        self.see("lab", "does not end in 01")
        self.type("lab", "G")
        self.see("lab", "real: the tag is checked")
        self.type("lab", "g")
        self.see("lab", "step 1 of ")

    def assert_as_before(self, status):
        self.see("lab", f"status {status}")
        self.see("lab", " icanon ")
        self.assertRegex(self.screen("lab"), r"[^-]echo ")

    def test_its_end(self):
        for key in ("q", "C-c", "C-d"):
            self.type("lab", "", key)
            self.see("lab", "real: stood")
            self.assert_as_before(0)
            self.tmux("kill-session", "-t", "lab")
            self.start("padding-oracle", "--step")

    def test_stopped(self):
        """With its shell's modes while it is stopped, and its own again after that."""
        self.tmux("kill-session", "-t", "lab")
        job = self.started(harness.Job([harness.program("glass"), "lab", "bit-flip", "--step"],
                                       env={"TERM": "xterm"}))
        job.expect("step 1 of ")
        job.type("\x1a")
        harness.wait_until(lambda: job.is_stopped() and job.has_terminal() and job.echoes(), "it stops")
        job.go_on()
        job.expect("step 1 of ")
        job.type("n")
        job.expect("step 2 of ")
        job.type("q")
        job.expect("real: stood")

    def test_a_terminal_that_obeys_nothing(self):
        glass = self.started(harness.Process([harness.program("glass"), "lab", "bit-flip", "--step"], terminal=True,
                                             env={"TERM": "dumb"}))
        glass.expect("step 1 of ")
        glass.type("nq")
        glass.expect("step 2 of ")
        glass.expect("real: stood")
        self.assertEqual(glass.wait(), 0)
        self.assertNotIn("\033", glass.out.text)

    def test_ended_from_elsewhere(self):
        shell = int(self.tmux("display-message", "-p", "-t", "=lab:", "#{pane_pid}"))
        os.kill(harness.children(shell)[0], signal.SIGTERM)
        self.assert_as_before(0)


if __name__ == "__main__":
    harness.main()
