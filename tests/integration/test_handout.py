#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make handout`: what a student gets has no solution in it, builds, and grades our own solutions with all points.

ALL=1 adds what is slow: the points for constant time and for memory, another compiler's kit, another machine, and a
class's dialect from its constants to the last point."""
import filecmp
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import harness

sys.path.insert(0, os.path.join(harness.ROOT, "handout"))
import dialect  # noqa: E402
import export  # noqa: E402
import standard  # noqa: E402

TOP = pathlib.Path(harness.ROOT)
ALL = bool(os.environ.get("ALL"))
DIALECT = b"""# a class of its own
sbox   = 7f
sha256 = 67a91383 b198e1b4 6b2dbe42 37cb9c23 21fb3e80 8192e702 ff5ca5a9 19e70416
hkdf   = class-17d40c57
"""
H0_TOLD = "your start values are FIPS 180-4's; this class has its own"
# Which checks our own, standard solutions fail there, and what is told of each.
FAILS_IN_DIALECT = {
    "SubBytes": "your SubBytes is FIPS 197's; this class's constant is 7f",
    "InvSubBytes": "your InvSubBytes is FIPS 197's; this class's constant is 7f",
    "SubWord": "your SubWord is FIPS 197's; this class's constant is 7f",
    "the schedule of a key of 128 bits": "w[4], byte 0",
    "the schedule of a key of 256 bits": "w[8], byte 0",
    "schedules of random keys": "w[4], byte 0",
    "Cipher with 10 rounds": "your SubBytes is FIPS 197's",
    "Cipher with 14 rounds": "your SubBytes is FIPS 197's",
    "InvCipher with 10 rounds": "InvSubBytes",
    "InvCipher with 14 rounds": "InvSubBytes",
    "out is in": "your SubBytes is FIPS 197's",
    "the constants K and the initial hash value": H0_TOLD,
    "messages of 0 to 55 bytes, one block with the padding": H0_TOLD,
    "longer messages": H0_TOLD,
    "a message in parts of any size": H0_TOLD,
    "the client's secret": "your label is glasschat's own; this class's is \"class-17d40c57 client\"",
    "the server's secret": "your label is glasschat's own; this class's is \"class-17d40c57 server\"",
}
SHORT = 60 # bytes of a body that is not looked for: `return true;` stands in many places


def table():
    done = subprocess.run([harness.program("handout/glass"), "grade", "--list", "--json"], capture_output=True, check=True)
    return json.loads(done.stdout)["exercises"]


def solution(name):
    return next(p for folder in ("crypto", "net", "app/peer") if (p := TOP / folder / name).exists())


def squeezed(text):
    return re.sub(r"\s+", " ", text)


def functions(path):
    """Name and squeezed body of each function of a C file that looks as ours do."""
    for found in re.finditer(r"^[a-z][^;{}=]*?\b(\w+)\([^;{}]*\)\n\{\n(.*?)^\}", path.read_text(), re.M | re.S):
        yield found[1], squeezed(found[2]).strip()


def given_bodies():
    """What the skeletons give on purpose stands below a line that says so."""
    text = ""
    for path in TOP.glob("docs/exercises/*/*.c"):
        text += path.read_text().partition("--- Given")[2]
    return squeezed(text)


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in pathlib.Path(folder).rglob("*") if p.is_file())


class Handout(harness.TestCase):
    def setUp(self):
        super().setUp()
        if not os.path.exists(harness.program("handout/glass")):
            self.skipTest("there is no handout/glass: handouts are made of builds without SANITIZE")

    def run_export(self, *options):
        command = ["/usr/bin/python3", "-B", str(TOP / "handout/export.py"), *options]
        return subprocess.run(command, cwd=TOP, capture_output=True, text=True, timeout=1200)

    def export(self, *options, name="out"):
        out = pathlib.Path(self.folder) / name
        done = self.run_export("--out", str(out), *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return out

    def secret(self):
        path = pathlib.Path(self.folder) / "secret"
        path.write_text("the secret of the teacher\n")
        return str(path)

    def make(self, out, *options):
        env = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "CC", "BUILD")}
        done = subprocess.run(["make", *options], cwd=out, env=env, capture_output=True, text=True, timeout=1200)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def solve(self, out, source=TOP):
        for path in (out / "work").iterdir():
            shutil.copyfile(source / solution(path.name).relative_to(TOP), path)

    def assertAllPoints(self, out, count):
        said = self.make(out, "grade", *(["GRADE=--ct --sanitize"] if ALL else []))
        self.assertIn(f"{count} of {count} exercises", said.splitlines()[-1], said)

    # --- What is looked for ---

    def check_texts(self, out):
        for name in files(out):
            self.assertFalse(re.match(r"(\.git|tests|handout)/|app/(?!\w+/\w+\.h$)|docs/(\w+/answers|teaching)\.md", name), name)
            if name.endswith(".c"):
                self.assertRegex(name, r"^(work|docs/exercises/[0-9]+-\w+)/\w+\.c$")
        given = given_bodies()
        bodies = {(path.name, function): body for folder in ("crypto", "net", "app/peer")
                  for path in TOP.glob(f"{folder}/*.c")
                  for function, body in functions(path) if len(body) >= SHORT and body not in given}
        for wanted in (("pkcs7.c", "pkcs7_unpad"), ("aes_ref.c", "KeyExpansion"), ("aes_bitslice.c", "sub_bytes"),
                       ("sha256_ref.c", "sha256_round"), ("key_schedule.c", "key_schedule_context"),
                       ("sender_key.c", "sender_key_advance")):
            self.assertIn(wanted, bodies) # so that what is looked for is not nothing
        for name in files(out):
            try:
                text = squeezed((out / name).read_text())
            except UnicodeDecodeError:
                continue
            for (source, function), body in bodies.items():
                self.assertNotIn(body, text, f"{name} has {function} of {source}")

    def check_links(self, out):
        for page in out.rglob("*.md"):
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
                if "://" not in target:
                    self.assertTrue((page.parent / target).exists(), f"{page}: {target}")
        rules = (out / "Makefile").read_text()
        for target in re.findall(r"`make ([a-z]+)", (out / "README.md").read_text()):
            self.assertRegex(rules, rf"(?m)^{target}:")
        self.assertNotRegex((out / "README.md").read_text() + rules, r"@[A-Z]+@")

    def check_symbols(self, out):
        [machine] = (out / "bin").iterdir()
        nm = subprocess.run(["nm", machine / "glass"], capture_output=True, text=True)
        self.assertEqual(nm.stdout, "")
        self.assertIn("no symbols", nm.stderr)
        strings = subprocess.run(["grep", "-c", str(TOP), machine / "glass"], capture_output=True, text=True)
        self.assertEqual(strings.stdout.strip(), "0")
        for exercise in table():
            own = {function for name in exercise["files"] for function, _ in functions(solution(name))}
            self.assertGreater(len(own), 1)
            for path in machine.glob(f"kit/*/*_{exercise['stem']}.o"):
                names = subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout
                seen = {line.split()[-1] for line in names.splitlines() if line.split()[-2] != "U"}
                if not path.name.startswith("run_"):
                    self.assertEqual(seen & own, set(), path)

    def dialect_copy(self, path):
        """The sources of the tree in a class's dialect, as a make of the handout has them."""
        to = pathlib.Path(self.folder) / "dialect"
        for name in dialect.COPIED:
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (TOP / name).is_dir() else shutil.copy2)(TOP / name, to / name)
        dialect.apply(to, dialect.read(path))
        return to

    # --- The tests ---

    def test_the_standard_recomputes_what_was_published(self):
        for stem, (make, record) in standard.FILES.items():
            published = (TOP / f"vectors/{stem}.txt").read_text().split("\n\n")
            engine = make(0x63 if make is standard.Aes else standard.H0)
            again = standard.rewrite("\n\n".join(published), record, engine).replace(", recomputed for this class", "")
            blocks = again.split("\n\n")
            self.assertGreater(len(blocks), 1)
            for block in blocks[:-1]:
                self.assertIn(block.strip(), [p.strip() for p in published], stem)

    def test_a_dialect_hits_what_it_must_or_nothing(self):
        path = self.path("class", DIALECT)
        copy = self.dialect_copy(path)
        changed = [n for n in files(copy / "crypto") if not filecmp.cmp(copy / "crypto" / n, TOP / "crypto" / n, shallow=False)]
        self.assertEqual(changed, ["aes_backends.c", "aes_bitslice.c", "aes_ref.c", "aes_ref.h", "etm.c", "sha256_ref.c",
                                   "sha256_ref.h"])
        self.assertIn("0x67a91383", (copy / "crypto/sha256_ref.c").read_text())
        with self.assertRaisesRegex(dialect.Wrong, "crypto/aes_ref.c has changed: 0 places are, and 1 should be"):
            dialect.apply(copy, dialect.read(path))
        for text, words in ((b"sbox = 63\n", "the standard's"), (b"sbox = 7f\nsbox = 7e\n", "each name once"), (b"", "changes nothing"),
                            (b"sbox = 0x7f\n", "a byte in hex"), (b"sha256 = 1 2\n", "eight words"), (b"rsa = 1\n", "no rsa"),
                            (b'hkdf = "\n', "small letters")):
            with self.assertRaisesRegex(dialect.Wrong, words):
                dialect.read(self.path("bad", text))
        self.assertRefused("can't be read", "--out", self.path("new"), "--dialect", self.path("none"))

    def test_a_class_of_its_own(self):
        if not ALL:
            self.skipTest("it builds the tree once more: ALL=1")
        path = self.path("class", DIALECT)
        out = self.export("--dialect", path)
        self.check_texts(out)
        self.check_links(out)
        count = len(table())
        self.solve(out)
        done = subprocess.run([out / "bin" / os.uname().machine / "glass", "grade", "--given", "--json", out / "work"],
                              capture_output=True, text=True)
        failed = {}
        for result in json.loads(done.stdout)["results"]:
            if result["passed"] is not True:
                cause = result["cause"] or {}
                failed[result["description"]] = f"{cause.get('rationale', '')} {cause.get('help', '')}"
        self.assertEqual(sorted(failed), sorted(FAILS_IN_DIALECT))
        for description, words in FAILS_IN_DIALECT.items():
            self.assertIn(words, failed[description], description)
        self.solve(out, self.dialect_copy(path))
        self.assertAllPoints(out, count)

    def test_it_has_no_solution_builds_and_counts(self):
        exercises = table()
        out = self.export("--student", "alice", "--secret-file", self.secret())
        self.check_texts(out)
        self.check_links(out)
        self.check_symbols(out)
        said = self.make(out)
        self.assertIn(f"\n0 of {len(exercises)} exercises, 0 of ", said)
        self.assertNotIn("warning", said)
        self.assertIn("0 of 1 exercises", self.make(out, "grade", "EXERCISE=pkcs7"))
        self.solve(out)
        self.assertAllPoints(out, len(exercises))

    def test_what_is_given_is_enough_and_reaches_no_solution(self):
        exercises = table()
        out = self.export("--given", "archive")
        self.assertFalse([n for n in files(out) if "/own_" in n])
        self.check_symbols(out)
        for path in (out / "work").iterdir():
            path.write_text("typedef int nothing;\n")
        said = self.make(out, "grade")
        self.assertEqual(len(re.findall(r"can't be built: .*undefined reference", said)), len(exercises), said)
        self.solve(out)
        self.assertAllPoints(out, len(exercises))
        self.assertIn(f"{exercises[0]['number']} {exercises[0]['stem']}: passed", self.make(out, "practice"))

    def test_what_lies_there_by_accident(self):
        """Backup copies, hidden files, and solutions beside the skeletons."""
        skeletons = ["pkcs7.c"]
        for name in ("answers.md", "answers.md~", ".README.md.swp", "README.md.orig", "solution.c", "answers-new.md", "a.o"):
            self.assertFalse(export.is_for_students(pathlib.Path("docs/exercises") / name, skeletons), name)
        for name in ("README.md", "pkcs7.c", "a.svg"):
            self.assertTrue(export.is_for_students(pathlib.Path("docs/exercises") / name, skeletons), name)

    def test_a_choice_of_exercises(self):
        out = self.export("--exercises", "sha256 06")
        self.assertEqual(files(out / "work"), ["pkcs7.c", "sha256.c", "sha256_ref.c"])
        self.assertIn("\n0 of 2 exercises", self.make(out))
        self.assertIn("next: 06 pkcs7", self.make(out, "practice"))
        self.assertIn("next: 07 sha256", self.make(out, "practice", "EXERCISE=sha256"))
        self.check_links(out)
        pages = (out / "docs/exercises/README.md").read_text()
        self.assertIn("[06 pkcs7]", pages)
        self.assertNotIn("cbc]", pages)
        self.assertNotRegex(pages, r"(?m)build/(work|practice)|^cp ")

    def test_students_differ_in_their_values_alone(self):
        secret = self.secret()
        options = ["--exercises", "bytes", "--secret-file", secret, "--student"]
        alice, again, bob = (self.export(*options, who, name=f"{who}{n}") for n, who in enumerate(("alice", "alice", "bob")))
        self.assertEqual(files(alice), files(bob))
        differing = filecmp.cmpfiles(alice, again, files(alice), shallow=False)
        self.assertEqual((differing[1], differing[2]), ([], []))
        differing = filecmp.cmpfiles(alice, bob, files(alice), shallow=False)
        self.assertEqual((differing[1], differing[2]), (["student", "student.key"], []))
        self.assertNotIn("of the teacher", (alice / "student.key").read_text())
        asked = [self.make(out, "grade") for out in (alice, again, bob)]
        self.assertEqual(asked[0], asked[1])
        self.assertNotEqual(asked[0], asked[2])

    def assertRefused(self, words, *options):
        before = sorted(os.listdir(self.folder))
        done = self.run_export(*options)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, words)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_what_is_refused_leaves_nothing(self):
        full = pathlib.Path(self.folder) / "full"
        full.mkdir()
        (full / "mine").write_text("mine")
        link = pathlib.Path(self.folder) / "link"
        link.symlink_to("nowhere")
        new = os.path.join(self.folder, "new")
        empty = pathlib.Path(self.folder) / "empty"
        empty.write_text("")
        self.assertRefused("is not empty", "--out", str(full))
        self.assertEqual((full / "mine").read_text(), "mine")
        self.assertRefused("no folder", "--out", str(full / "mine"))
        self.assertRefused("no folder", "--out", str(link))
        self.assertRefused("there is no folder", "--out", os.path.join(self.folder, "a", "b"))
        self.assertRefused("no exercise nothing", "--out", new, "--exercises", "nothing")
        self.assertRefused("hmac stands on sha256", "--out", new, "--exercises", "hmac")
        self.assertRefused("go together", "--out", new, "--student", "alice")
        self.assertRefused("is shorter than 16 bytes", "--out", new, "--student", "alice", "--secret-file", str(empty))
        self.assertRefused("vax-linux-gnu-gcc is missing", "--out", new, "--machines", f"{os.uname().machine} vax")

    def test_one_that_is_ended_leaves_nothing(self):
        out = pathlib.Path(self.folder) / "out"
        command = ["/usr/bin/python3", "-B", str(TOP / "handout/export.py"), "--out", str(out)]
        process = subprocess.Popen(command, cwd=TOP, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + harness.PATIENCE
        while not list(pathlib.Path(self.folder).glob(".handout-*/handout/bin")):
            self.assertIsNone(process.poll())
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(harness.PATIENCE), 1)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    harness.main()
