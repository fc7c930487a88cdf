#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What `glass grade` writes for other systems, by the rules of those who read it (formats.py): of a submission that is
right, one that is wrong in every way, one that is hostile, and where the grader itself is at fault."""
import json
import os
import shutil
import subprocess

import formats
import harness

READERS = {"json": formats.check50, "junit": formats.junit, "gradescope": formats.gradescope}
# Bytes that some form has no place for: the end of a CDATA section, quotes, controls, a terminal's escapes, C1 controls
# as UTF-8, no UTF-8, a surrogate, and two that XML has no character for.
HOSTILE = b"]]> \"'<b>&amp;\\u0000 ,; \x01\x1b[2J\x7f \xc2\x9b31m \xff\xfe\xed\xa0\x80 \xef\xbf\xbe \xef\xbf\xbf \xe2\x80\xae z"


def solution(name):
    with open(os.path.join(harness.ROOT, "crypto", name), "rb") as f:
        return f.read()


@harness.unsanitized
class Outputs(harness.TestCase):
    def setUp(self):
        super().setUp()
        if not os.path.exists(harness.program("kit/plain/runner.o")):
            self.skipTest("there is no kit: make kit")
        self.work = os.path.join(self.folder, "work")
        os.mkdir(self.work)

    def hand_in(self, data, name="pkcs7.c"):
        with open(os.path.join(self.work, name), "wb") as f:
            f.write(data)

    def glass(self, *options, status):
        done = subprocess.run([harness.program("glass"), "grade", *options, self.work], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=300, check=False)
        self.assertEqual((done.returncode, done.stderr), (status, b""), options)
        return done.stdout

    def read_all(self, *options, status=1):
        """Each form, read by its reader; they agree on every check. Returns check50's."""
        read = {form: reader(self.glass("--form", form, *options, status=status)) for form, reader in READERS.items()}
        results = read["json"]["results"]
        verdicts = {True: [], False: ["failure"], None: ["skipped"]}
        cases = [case for suite in read["junit"] for case in suite.findall("testcase")]
        self.assertEqual([[child.tag for child in case] for case in cases], [verdicts[r["passed"]] for r in results])
        tests = read["gradescope"]["tests"]
        self.assertEqual([test["name"] for test in tests], [r["name"] for r in results])
        self.assertEqual([test["score"] for test in tests], [r["data"]["points"] for r in results])
        self.assertEqual(sum(test["max_score"] for test in tests), read["json"]["points_max"])
        points = [int(value.get("value")) for suite in read["junit"] for value in suite.iter("property")
                  if value.get("name") == "points"]
        self.assertEqual(sum(points), read["json"]["points"])
        return results

    def test_what_is_right(self):
        self.hand_in(solution("pkcs7.c"))
        results = self.read_all("--given", "--exercise", "pkcs7", "--ct", "--sanitize", status=0)
        self.assertEqual({r["passed"] for r in results}, {True})

    def test_what_is_wrong(self):
        """A wrong result, a wrong byte, a byte beside the buffer, a crash; in each detail."""
        self.hand_in(b"""
#include "crypto/pkcs7.h"
size_t pkcs7_padded_len(size_t len) { return len; }
size_t pkcs7_pad(uint8_t *buf, size_t len)
{
    size_t n = 16 - len % 16;
    for (size_t i = 0; i < n; i++)
        buf[len + i] = 0;
    if (n == 16)
        buf[len + n] = 1;
    return len + n;
}
int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)
{
    *len = buf_len - buf[buf_len - 1];
    return *(volatile char *)8;
}
""")
        for detail in ("full", "actual", "none"):
            results = self.read_all("--given", "--exercise", "pkcs7", "--detail", detail)
            causes = [r["cause"] for r in results if r["passed"] is False]
            if detail == "full":
                self.assertLessEqual({"wrong result", "wrong byte", "crashed"}, {r["data"].get("kind") for r in results})
                self.assertTrue(any("expected" in cause for cause in causes))
            else:
                self.assertFalse(any("expected" in cause or "help" in cause for cause in causes))
            if detail == "none":
                self.assertEqual({cause["rationale"] for cause in causes}, {"failed"})

    def test_what_is_missing_and_not_run(self):
        self.hand_in(solution("hmac.c"), "hmac.c")
        results = self.read_all()
        told = {r["data"]["stem"]: (r["passed"], r["cause"]["rationale"]) for r in results}
        self.assertEqual(told["sha256"], (False, "not handed in: sha256_ref.c"))
        self.assertEqual(told["hmac"], (None, "sha256 first"))

    def test_what_is_hostile(self):
        """Whatever a submission makes the compiler and the linker say: a text, a name, a file's name."""
        name = b"".join(b"\\%03o" % byte for byte in HOSTILE if byte not in b"\0\n")
        for file, source in {
                "pkcs7.c": b"#error " + HOSTILE + b"\n",
                "bytes.c": b"#error before\0after\n",
                "cbc.c": b'#line 1 "' + name + b'"\n#error here\n',
                "hmac.c": b'extern int f(void) __asm__("' + name + b'");\nint g(void);\nint g(void) { return f(); }\n',
                "hkdf.c": bytes(range(256)) * 4,
                "pbkdf2.c": b"#error " + "ä€𝄞".encode() * 300 + b"\n"}.items():
            self.hand_in(source, file)
        results = self.read_all("--given")
        self.assertEqual({r["passed"] for r in results}, {False})
        told = next(r["cause"]["rationale"] for r in results if r["data"]["stem"] == "pkcs7")
        self.assertIn("]]> \"'<b>&amp;\\u0000 ,;", told)
        with open(harness.program("kit/cc"), encoding="utf-8") as f:
            as_they_are = "clang" not in f.read() # which puts something in the place of each control character
        for words in ("\x01\x1b[2J\x7f", "\ufffd") if as_they_are else ():
            self.assertIn(words, told) # JSON has a place for all of them, and readers get them back
        for form in ("text", *READERS): # nor does a terminal obey what one looks into
            text = self.glass("--form", form, "--given", status=1).decode()
            self.assertNotRegex(text, r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]")
        text = self.glass("--given", status=1).decode()
        for stem in ("bytes", "cbc", "pkcs7", "hmac", "hkdf", "pbkdf2"):
            self.assertRegex(text, f"(?m)^[0-9]+ {stem} .*can't be built: .")

    def test_hostile_folders_of_a_class(self):
        """Folders' names are what a school's system made of students' names."""
        names = [b"=cmd|'calc'!A0", b"-1", b"@x", b"+1", b"q\"uote, comma; semicolon", b"two\nlines", b"car\rriage",
                 b"tab\tbed", b"\xff\xfe", b"\x1b[31mred", "Ägidius 𝄞".encode(), b"it's", b"--json"]
        results = os.path.join(self.folder, "results")
        for name in names:
            os.mkdir(os.path.join(self.work.encode(), name))
        done = subprocess.run([harness.program("glass"), "grade", "--given", "--exercise", "pkcs7", "--class", self.work,
                               "--results", results, "--jobs", "4"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=300, check=False)
        self.assertEqual(done.returncode, 0)
        told = done.stderr.decode().splitlines()
        self.assertEqual([line for line in told if not line.startswith("glass: ") or "no file that was asked for" not in line], [])
        self.assertEqual(len(told), len(names))
        self.assertNotRegex(done.stderr.decode(), "[\x00-\x08\x0b-\x1f\x7f]")
        with open(os.path.join(results, "class.csv"), "rb") as f:
            rows = formats.table(f.read())
        self.assertEqual(len(rows), len(names))
        self.assertLessEqual({"Ägidius 𝄞", 'q"uote, comma; semicolon', "two?lines", "??", "?[31mred", "'-1", "it's"},
                             {row["student"] for row in rows})
        for name in os.listdir(os.path.join(results, "students").encode()):
            if name.endswith(b".json"):
                with open(os.path.join(results.encode(), b"students", name), "rb") as f:
                    formats.check50(f.read())

    def test_a_fault_of_the_grader(self):
        """No score anywhere, for part of the work as little as for all of it; an error in JUnit; null in check50."""
        kit = os.path.join(self.folder, "kit")
        shutil.copytree(harness.program("kit"), kit)
        os.unlink(os.path.join(kit, "plain/run_pkcs7.o"))
        for name in ("pkcs7.c", "bytes.c", "ct.c"):
            self.hand_in(solution(name), name)
        for options in (("--kit", kit), ("--cc", "/nonexistent/cc")):
            whole = formats.gradescope(self.glass("--form", "gradescope", *options, status=3), graded=False)
            self.assertIs(whole["extra_data"]["graded"], False)
            cases = formats.junit(self.glass("--form", "junit", *options, status=3)).findall("testsuite/testcase")
            results = formats.check50(self.glass("--json", *options, status=3))["results"]
            faults = [len(case.findall("error")) for case in cases]
            self.assertIn(1, faults)
            self.assertEqual([r["passed"] is None and "first" not in r["cause"]["rationale"] for r in results],
                             [fault == 1 for fault in faults])


def changed(data, path, value):
    """The JSON with one thing in it changed, or left out."""
    whole = at = json.loads(data)
    for step in path[:-1]:
        at = at[step]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(whole).encode()


class Readers(harness.TestCase):
    """Each reader takes a good report, and refuses it with one thing wrong."""

    CHECK50 = json.dumps({"slug": "a", "version": "1", "results": [
        {"name": "n", "description": "d", "passed": False, "log": [], "cause": {"rationale": "r"}, "data": {},
         "dependency": None}]}).encode()
    SCOPE = json.dumps({"output": "", "tests": [{"name": "n", "score": 1, "max_score": 2, "status": "failed"}]}).encode()
    UNIT = (b'<testsuites><testsuite id="0" package="p" name="n" timestamp="2026-01-02T03:04:05" hostname="h" tests="1" '
            b'failures="1" errors="0" skipped="0" time="0"><properties><property name="a" value="b"/></properties>'
            b'<testcase name="n" classname="c" time="0"><failure type="t" message="m">x</failure></testcase>'
            b'<system-out/><system-err/></testsuite></testsuites>')

    def refuses(self, reader, data):
        with self.assertRaises(formats.Wrong, msg=data):
            reader(data)

    def test_check50(self):
        formats.check50(self.CHECK50)
        for path, value in ((["slug"], None), (["version"], 1), (["results", 0, "dependency"], None),
                            (["results", 0, "passed"], 0), (["results", 0, "passed"], "false"), (["results", 0, "more"], 1),
                            (["results", 0, "cause"], None), (["results", 0, "cause", "rationale"], ""),
                            (["results", 0, "cause", "help"], ""), (["results", 0, "cause", "actual"], "00"),
                            (["results", 0, "log"], [1]), (["results", 0, "dependency"], "other")):
            self.refuses(formats.check50, changed(self.CHECK50, path, value))
        self.refuses(formats.check50, changed(self.CHECK50, ["results"], json.loads(self.CHECK50)["results"] * 2))
        self.refuses(formats.check50, self.CHECK50.replace(b'"slug": "a"', b'"slug": "a", "slug": "b"'))
        self.refuses(formats.check50, self.CHECK50.replace(b'"r"', b'"\xff"'))
        self.refuses(formats.check50, self.CHECK50.replace(b'"r"', b'"\x01"'))

    def test_gradescope(self):
        formats.gradescope(self.SCOPE)
        for path, value in ((["tests", 0, "score"], None), (["tests", 0, "score"], "1"), (["tests", 0, "score"], 3),
                            (["tests", 0, "score"], True), (["tests", 0, "status"], "skipped"), (["tests"], []),
                            (["tests", 0, "output_format"], "html"), (["tests", 0, "points"], 1), (["output"], 1),
                            (["visibility"], "shown"), (["test_output_format"], "md")):
            self.refuses(formats.gradescope, changed(self.SCOPE, path, value))
        told = {"output": "Not graded", "tests": [{"name": "n"}]}
        formats.gradescope(json.dumps(told).encode(), graded=False)
        self.refuses(formats.gradescope, json.dumps(told).encode())
        for value in ({**told, "score": 0}, {**told, "output": ""}, {**told, "tests": [{"score": 0}]},
                      {**told, "tests": [{"max_score": 1}]}, {**told, "tests": [{"status": "failed"}]}):
            with self.assertRaises(formats.Wrong, msg=value):
                formats.gradescope(json.dumps(value).encode(), graded=False)

    def test_junit(self):
        formats.junit(self.UNIT)
        for old, new in ((b' package="p"', b""), (b' hostname="h"', b""), (b'id="0"', b'id="1"'), (b":05", b":05Z"),
                         (b'tests="1"', b'tests="2"'), (b'failures="1"', b'failures="0"'), (b' type="t"', b""),
                         (b"<system-out/>", b""), (b' time="0"><fail', b"><fail"), (b">x<", b">\x01<"), (b"failure", b"fault"),
                         (b"<testcase", b"text<testcase"), (b'errors="0"', b'errors=""'), (b">x<", b">\xff<"),
                         (b"</failure>", b'</failure><error type="t"/>'), (b'name="n" c', b'name="" c')):
            self.assertIn(old, self.UNIT)
            self.refuses(formats.junit, self.UNIT.replace(old, new))

    def test_table(self):
        formats.table(b'student,points\r\n"a, ""b""",1\r\n')
        for data in (b"student,points\na,1\n", b"student\r\na,1\r\n", b'student\r\n"two\r\nlines"\r\n', b"student\r\n=1\r\n",
                     b'student\r\n"\x1b"\r\n', b"student\r\na"):
            with self.assertRaises((formats.Wrong, formats.csv.Error), msg=data):
                formats.table(data)


if __name__ == "__main__":
    harness.main()
