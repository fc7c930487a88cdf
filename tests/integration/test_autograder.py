#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `make autograder.zip` packs, run as Gradescope runs it, in another folder than /autograder: its results.json for
what is right, wrong, empty, and for whatever can be wrong with the grader. ALL=1 builds the grader by setup.sh, as
Gradescope does; else the one that is here takes its place."""
import json
import os
import shutil
import subprocess
import zipfile

import formats
import harness

SECRET = b"5e" * 32 + b"\n"


@harness.unsanitized
class Autograder(harness.TestCase):
    def setUp(self):
        super().setUp()
        if not os.path.exists(harness.program("kit/plain/runner.o")):
            self.skipTest("there is no kit: make kit")
        self.root = os.path.join(self.folder, "autograder")
        self.submission = os.path.join(self.root, "submission")
        os.makedirs(self.submission)

    def pack(self, *options, into="a"):
        """The archive, made by make."""
        build = os.path.join(self.folder, into)
        subprocess.run(["make", "-s", "-C", harness.ROOT, "autograder.zip", f"BUILD={build}", *options], check=True,
                       stdout=subprocess.DEVNULL)
        return os.path.join(build, "autograder.zip")

    def install(self, *options):
        """As Gradescope does: /autograder/source, setup.sh, and run_autograder beside it."""
        source, place = os.path.join(self.root, "source"), os.path.join(self.root, "glasschat")
        with zipfile.ZipFile(self.pack(*options)) as archive:
            for entry in archive.infolist():
                os.chmod(archive.extract(entry, source), entry.external_attr >> 16 & 0o777)
        shutil.copy(os.path.join(source, "run_autograder"), self.root)
        if os.environ.get("ALL"):
            subprocess.run([os.path.join(source, "setup.sh")], env=dict(os.environ, AUTOGRADER=self.root), check=True,
                           stdout=subprocess.DEVNULL)
            self.assertEqual(sorted(os.listdir(source)), ["run_autograder", "setup.sh"]) # and no solution
            return
        os.mkdir(place)
        for name in ("options", "secret"):
            if os.path.exists(os.path.join(source, name)):
                shutil.copy(os.path.join(source, name), place)
        shutil.copy(harness.program("glass"), place)
        shutil.copytree(harness.program("kit"), os.path.join(place, "kit"))

    def hand_in(self, *names):
        for name in names:
            shutil.copy(os.path.join(harness.ROOT, "crypto", name), self.submission)

    def grade(self, graded=True):
        """Returns results.json, by the published rules, and what the teacher sees."""
        done = subprocess.run([os.path.join(self.root, "run_autograder")], cwd=self.root, timeout=300, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ, AUTOGRADER=self.root))
        self.assertEqual((done.returncode, done.stderr), (0 if graded else 1, b""), done.stdout)
        path = os.path.join(self.root, "results", "results.json")
        with open(path, "rb") as f:
            result = formats.gradescope(f.read(), graded)
        os.unlink(path)
        self.assertEqual(os.listdir(os.path.dirname(path)), [])
        self.assertEqual("NOT GRADED" in done.stdout.decode(), not graded)
        return result, done.stdout.decode()

    def points(self, **options):
        tests = self.grade(**options)[0]["tests"]
        return sum(test["score"] for test in tests), sum(test["max_score"] for test in tests)

    def test_the_archive(self):
        """The same bytes each time, setup.sh and run_autograder at its top, as programs; the secret only where one is."""
        secret = os.path.join(self.folder, "secret file")
        with open(secret, "wb") as f:
            f.write(SECRET)
        first, second = self.pack(), self.pack(into="b")
        self.assertEqual(os.stat(first).st_mode & 0o777, 0o600)
        with open(first, "rb") as a, open(second, "rb") as b:
            self.assertEqual(a.read(), b.read())
        with zipfile.ZipFile(first) as archive:
            self.assertIsNone(archive.testzip())
            for name in ("setup.sh", "run_autograder", "tree/tests/deps.sh"):
                self.assertEqual(archive.getinfo(name).external_attr >> 16 & 0o777, 0o755)
            top = {name.split("/")[0] for name in archive.namelist()}
        self.assertEqual(top, {"setup.sh", "run_autograder", "options", "tree"})
        with zipfile.ZipFile(self.pack("GRADE=--ct --given", f"SECRET={secret}")) as archive:
            self.assertEqual((archive.read("options"), archive.read("secret")), (b"--ct --given\n", SECRET))

    def test_submissions(self):
        """Ours, all of it; a wrong one; an empty folder."""
        self.install("GRADE=--exercise pkcs7")
        self.hand_in("pkcs7.c")
        self.assertEqual(self.points(), (8, 8))
        with open(os.path.join(self.submission, "pkcs7.c"), "a", encoding="utf-8") as f:
            f.write("#error ]]> \"<b>\n")
        self.assertEqual(self.points(), (0, 8))
        os.unlink(os.path.join(self.submission, "pkcs7.c"))
        self.assertEqual(self.points(), (0, 8))

    def test_whose_values(self):
        """Those of the people who handed it in, and of the secret."""
        secret = os.path.join(self.folder, "secret")
        with open(secret, "wb") as f:
            f.write(SECRET)
        self.install("GRADE=--exercise pkcs7", f"SECRET={secret}")
        with open(os.path.join(self.submission, "pkcs7.c"), "w", encoding="utf-8") as f:
            f.write('#include "crypto/pkcs7.h"\nsize_t pkcs7_padded_len(size_t len) { return len + 16 - len % 16; }\n'
                    "size_t pkcs7_pad(uint8_t *buf, size_t len) { buf[0] ^= 1; return len + 16 - len % 16; }\n"
                    "int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t n) { *len = n; return -!buf; }\n")
        told = []
        for people in (None, ["b@example.org", "a@example.org"], ["a@example.org", "b@example.org"], ["c@example.org"]):
            if people:
                with open(os.path.join(self.root, "submission_metadata.json"), "w", encoding="utf-8") as f:
                    json.dump({"users": [{"email": email, "id": 1, "name": "N"} for email in people]}, f)
            told.append([test["output"] for test in self.grade()[0]["tests"]])
        self.assertEqual(told[1], told[2])
        self.assertNotEqual(told[0], told[1])
        self.assertNotEqual(told[1], told[3])

    def test_faults_of_the_grader(self):
        """Each says so, to the student and to the teacher, and none is a mark."""
        self.install("GRADE=--exercise pkcs7")
        self.hand_in("pkcs7.c")
        place = os.path.join(self.root, "glasschat")
        kit, glass = os.path.join(place, "kit"), os.path.join(place, "glass")
        self.grade()
        os.rename(os.path.join(kit, "plain/run_pkcs7.o"), os.path.join(kit, "aside"))
        self.assertIn("run it again", self.grade(graded=False)[0]["output"])
        os.rename(os.path.join(kit, "aside"), os.path.join(kit, "plain/run_pkcs7.o"))
        os.rename(kit, kit + "-aside")
        self.assertIn("kit", self.grade(graded=False)[1])
        os.rename(kit + "-aside", kit)
        for program in ("exit 0", "exit 1", "kill -9 $$", "echo '{\"tests\": []}'; exit 1", "echo '{'; exit 0",
                        "echo '{\"tests\": [{\"score\": 0}]}'; exit 3"):
            os.unlink(glass)
            with open(glass, "w", encoding="utf-8") as f:
                f.write(f"#!/bin/sh\n{program}\n")
            os.chmod(glass, 0o755)
            self.assertIn("no mark", self.grade(graded=False)[0]["output"], program)
        os.unlink(glass)
        self.assertIn("FileNotFoundError", self.grade(graded=False)[1])
        with open(os.path.join(self.root, "submission_metadata.json"), "w", encoding="utf-8") as f:
            f.write("{}")
        self.assertIn("KeyError", self.grade(graded=False)[1])


if __name__ == "__main__":
    harness.main()
