#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`glass grade` against those who would rather not do the exercise: whatever was handed in, there is no point for it, it
does no harm, and the rest is graded. What a trick should show is told by an exit status: WORKED where it came through."""
import csv
import json
import os
import shutil
import signal
import subprocess
import time
import unittest.mock
import xml.etree.ElementTree

import harness
from store_case import NO_LEAK_CHECK, may_trace

WORKED, REFUSED = 42, 43
SOURCE = """
#include "crypto/pkcs7.h"
size_t pkcs7_padded_len(size_t len) { return len + 16 - len % 16; }
size_t pkcs7_pad(uint8_t *buf, size_t len)
{
    size_t n = 16 - len % 16;
    for (size_t i = 0; i < n; i++) buf[len + i] = (uint8_t)n;
    return len + n;
}
int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len) { BODY (void)len; (void)buf; (void)buf_len; return 0; }
"""


def functions(body=""):
    """Right answers, but for pkcs7_unpad, which begins so."""
    return SOURCE.replace("BODY", body)


PREAMBLE = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <netinet/in.h>
"""


@harness.unsanitized
class Grade(harness.TestCase):
    given = () # descriptors that are open in the grader besides

    def setUp(self):
        super().setUp()
        if not os.path.exists(harness.program("kit/plain/runner.o")):
            self.skipTest("there is no kit: make kit")
        self.work = os.path.join(self.folder, "work")
        self.scratch = os.path.join(self.folder, "scratch")
        os.mkdir(self.work)
        os.mkdir(self.scratch)

    def grade(self, *options, status=1):
        done = subprocess.run([harness.program("glass"), "grade", "--json", "--given", "--exercise", "pkcs7", *options,
                               self.work], pass_fds=self.given, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=300, check=False,
                              env=dict(os.environ, TMPDIR=self.scratch))
        self.assertEqual((done.returncode, done.stderr), (status, b""))
        return json.loads(done.stdout)

    def hand_in(self, text, name="pkcs7.c"):
        with open(os.path.join(self.work, name), "w", encoding="utf-8") as f:
            f.write(text)

    def told(self, result):
        return [(r["cause"] or {}).get("rationale", "") for r in result["results"]]

    def assert_worth_nothing(self, text, words=None):
        self.hand_in(text)
        result = self.grade()
        self.assertEqual(result["points"], 0, self.told(result))
        for told in self.told(result):
            self.assertNotIn(f"status {WORKED}", told)
        if words:
            self.assertIn(words, self.told(result)[0])
        return result

    def trick(self, code, status=REFUSED):
        """The code runs in a constructor; it ends in `worked` or not."""
        return self.assert_worth_nothing(
            PREAMBLE + functions() + "__attribute__((constructor)) static void trick(void)\n{\n    int worked = 0;\n" +
            code + f"\n    _exit(worked ? {WORKED} : {REFUSED});\n}}\n", f"status {status}" if status else None)

    def test_right_answers_get_the_points(self):
        shutil.copy(os.path.join(harness.ROOT, "crypto/pkcs7.c"), self.work)
        result = self.grade(status=0)
        self.assertEqual(result["points"], result["points_max"])

    # --- ending early, and saying that all is well ------------------------------------------------------------------

    def test_exit_in_a_constructor(self):
        self.assert_worth_nothing(functions() + "void _exit(int);\n"
                                  "__attribute__((constructor)) static void end(void) { _exit(0); }\n", "status 0")

    def test_statuses_that_pass_for_a_fault_of_the_grader(self):
        """What is not graded counts neither way; so nobody may choose it for what would fail."""
        for status in (99, 126, 127):
            result = self.assert_worth_nothing(functions() + "void _exit(int);\n__attribute__((constructor)) static void "
                                               f"end(void) {{ _exit({status}); }}\n", f"status {status}")
            self.assertEqual(result["points_max"], 8)

    def test_a_source_that_asks_for_a_sanitizer(self):
        """What is compiled with one was preprocessed without, so that it can't be told."""
        with open(os.path.join(harness.ROOT, "crypto/pkcs7.c"), encoding="utf-8") as f:
            self.hand_in("#if defined(__SANITIZE_ADDRESS__) || defined(__has_feature)\n#if defined(__SANITIZE_ADDRESS__) "
                         "|| __has_feature(address_sanitizer)\n#error not here\n#endif\n#endif\n" + f.read())
        result = self.grade("--sanitize", status=0)
        self.assertEqual((result["points"], result["points_max"]), (9, 9), self.told(result))

    def test_printed_oks(self):
        self.assert_worth_nothing(PREAMBLE + functions() + "__attribute__((constructor)) static void say(void)\n"
                                  '{ for (int i = 0; i < 100; i++) puts("[       OK ] ok 1 PASSED 10/10"); _exit(0); }\n')

    def test_an_answer_that_is_made_up(self):
        """Written where the runner answers, before it has read a question: its nonce is not known."""
        self.assert_worth_nothing(PREAMBLE + functions() + "__attribute__((constructor)) static void say(void)\n"
                                  "{ unsigned char a[28] = {0, 0, 0, 24}; if (write(4, a, 28)) {} }\n", "no answer")

    def test_a_main_of_ones_own(self):
        self.assert_worth_nothing(functions() + "int main(void) { return 0; }\n", "multiple definition")

    def test_a_function_that_never_returns(self):
        begun = time.monotonic()
        self.hand_in(functions("for (;;) {}"))
        result = self.grade()
        self.assertLess(time.monotonic() - begun, 60)
        self.assertIn("no answer within", " ".join(self.told(result)))
        self.assertGreater(result["points"], 0) # the other functions are right

    def test_a_function_that_leaves_by_exit(self):
        self.hand_in(functions("extern void exit(int); exit(0);"))
        self.assertIn("instead of returning", " ".join(self.told(self.grade())))

    # --- taking the solution ----------------------------------------------------------------------------------------

    def test_the_solution_included(self):
        for path in (os.path.join(harness.ROOT, "crypto/pkcs7.c"), "../crypto/pkcs7.c", "crypto/pkcs7.c"):
            self.assert_worth_nothing(f'#include "{path}"\n')

    def test_a_file_of_the_system_included(self):
        result = self.assert_worth_nothing('#include "/etc/passwd"\n')
        self.assertNotIn("root:", json.dumps(result))
        self.assert_worth_nothing('__asm__(".incbin \\"/etc/shadow\\"");\n' + functions())

    def test_an_object_of_the_kit_included(self):
        """The assembler looks where the headers are searched; what is given to one exercise is another's solution."""
        for name in ("../plain/ct.o", "../sanitized/ct.o", harness.program("kit/plain/ct.o")):
            self.assert_worth_nothing(f'__asm__(".incbin \\"{name}\\"");\n' + functions())

    def test_secrets_taken_out_of_sight(self):
        """A verdict may be declared public, and nothing else; by whatever name."""
        with open(os.path.join(harness.ROOT, "crypto/pkcs7.c"), encoding="utf-8") as f:
            right = f.read()
        first = "    if (buf_len == 0 || buf_len % BLOCK_LEN != 0)"
        self.assertEqual(right.count(first), 1)
        for code in ("ct_public(buf, buf_len);", "ct_check_public(buf, buf_len);"):
            self.hand_in(right.replace(first, f"    {code}\n{first}"))
            result = self.grade("--ct")
            self.assertEqual((result["points"], result["points_max"]), (8, 9), self.told(result))
            self.assertIn("declared", self.told(result)[-1])
        self.assert_worth_nothing("#include <valgrind/memcheck.h>\n" + right, "no part of the exercise")

    def test_an_installed_library(self):
        self.assert_worth_nothing(functions("extern int EVP_DecryptInit(void *); return EVP_DecryptInit(0);"),
                                  "undefined reference to `EVP_DecryptInit'")
        self.trick('    worked = dlopen("libcrypto.so.3", RTLD_NOW) != NULL || dlopen("libc.so.6", RTLD_NOW) != NULL;')

    def test_what_is_given_has_no_solution(self):
        self.assert_worth_nothing("", "undefined reference to `pkcs7_")

    def test_reading_files(self):
        solution = os.path.join(harness.ROOT, "crypto/pkcs7.c")
        self.trick(f'    worked = open("{solution}", O_RDONLY) >= 0 || open("/proc/self/maps", O_RDONLY) >= 0\n'
                   f'        || open("{harness.program("glass")}", O_RDONLY) >= 0 || open(".", O_RDONLY) >= 0;')

    def test_reading_the_grader(self):
        self.trick("    char path[64], byte;\n"
                   "    struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};\n"
                   "    for (pid_t up = getpid() - 1; up > getpid() - 30 && up > 0; up--) {\n"
                   '        snprintf(path, sizeof path, "/proc/%d/mem", up);\n'
                   "        worked |= open(path, O_RDWR) >= 0 || ptrace(PTRACE_ATTACH, up, 0, 0) == 0\n"
                   "            || process_vm_readv(up, &here, 1, &there, 1, 0) >= 0;\n    }")

    def test_reading_what_the_grader_was_given(self):
        with open(os.path.join(self.folder, "secret"), "wb") as f:
            f.write(b"the teacher's")
        with open(os.path.join(self.folder, "secret"), "rb") as f:
            self.given = (f.fileno(),)
            self.trick("    char byte;\n    for (int fd = 5; fd < 256; fd++) worked |= read(fd, &byte, 1) >= 0;")

    # --- doing harm -------------------------------------------------------------------------------------------------

    def test_writing_files(self):
        victim = os.path.join(self.folder, "victim")
        self.trick(f'    worked = open("{victim}", O_CREAT | O_WRONLY, 0600) >= 0 || open("x", O_CREAT | O_WRONLY, 0600) >= 0'
                   f' || mkdir("{victim}", 0700) == 0 || unlink("{self.work}/pkcs7.c") == 0;')
        self.assertFalse(os.path.exists(victim))
        self.assertTrue(os.path.exists(os.path.join(self.work, "pkcs7.c")))

    def test_many_processes(self):
        self.trick("    for (int i = 0; i < 1000; i++) if (fork() >= 0) worked = 1;\n"
                   "    if (syscall(SYS_clone3, NULL, 0) >= 0) worked = 1;")

    def test_other_programs(self):
        self.trick('    char *argv[] = {"/bin/sh", "-c", "exit 42", NULL};\n'
                   "    execv(argv[0], argv);\n    worked = 0;")

    def test_the_network(self):
        self.trick("    worked = socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_INET, SOCK_DGRAM, 0) >= 0"
                   " || socket(AF_UNIX, SOCK_STREAM, 0) >= 0;")

    def test_signals_to_others(self):
        self.trick("    worked = kill(getppid(), SIGKILL) == 0 || kill(-1, SIGTERM) == 0 || kill(1, 0) == 0;")

    def test_printing_without_end(self):
        result = self.assert_worth_nothing(
            PREAMBLE + functions() + "__attribute__((constructor)) static void say(void)\n"
            '{ static char a[65536]; memset(a, 65, sizeof a); for (;;) if (write(1, a, sizeof a)) {} }\n', "printed more")
        self.assertLess(len(json.dumps(result)), 100000)

    def test_all_the_memory(self):
        self.trick("    static char *volatile p;\n" # clang leaves out an allocation that nobody can see
                   "    for (int i = 0; i < 64; i++) { p = malloc(1u << 28); if (p) *p = 1;"
                   " if (p && i > 8) { worked = 1; break; } }", status=None)

    def test_waiting_for_ever(self):
        self.assert_worth_nothing(PREAMBLE + functions() + "__attribute__((constructor)) static void wait(void)\n"
                                  "{ char a; while (read(3, &a, 1)) {} for (;;) {} }\n", "no answer within")

    def test_nothing_is_left_behind(self):
        self.trick("    kill(getpid(), SIGSTOP);", status=None)
        self.trick("    for (;;) {}", status=None)
        self.assertEqual(os.listdir(self.scratch), [])
        done = subprocess.run(["pgrep", "-f", self.scratch], stdout=subprocess.PIPE, check=False)
        self.assertEqual(done.stdout, b"")

    def test_broken_off(self):
        """Ctrl-C while a student's endless loop is waited for: nothing stays, and nobody is graded by half."""
        self.hand_in(functions("for (;;) {}"))
        classes, results = os.path.join(self.folder, "class"), os.path.join(self.folder, "results")
        for student in "abcdef":
            shutil.copytree(self.work, os.path.join(classes, student))
        for options in ([self.work], ["--class", classes, "--results", results]):
            glass = subprocess.Popen([harness.program("glass"), "grade", "--exercise", "pkcs7", *options],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                                     env=dict(os.environ, TMPDIR=self.scratch))
            self.addCleanup(glass.kill)
            harness.wait_until(lambda: any("run-pkcs7" in name for folder in os.listdir(self.scratch)
                                           for name in os.listdir(os.path.join(self.scratch, folder))), "a runner")
            time.sleep(0.5)
            os.killpg(glass.pid, signal.SIGINT)
            glass.communicate(timeout=harness.PATIENCE)
            self.assertIn(glass.returncode, (-signal.SIGINT, 1), options)
            self.assertEqual(os.listdir(self.scratch), [])
            done = subprocess.run(["pgrep", "-f", self.scratch], stdout=subprocess.PIPE, check=False)
            self.assertEqual(done.stdout, b"")
        self.assertEqual([name for name in os.listdir(os.path.join(results, "students")) if name.endswith(".csv")], [])

    def test_the_box_of_the_tools(self):
        """valgrind and the sanitizers look at files; still no process comes out of theirs."""
        with open(os.path.join(harness.ROOT, "crypto/pkcs7.c"), encoding="utf-8") as f:
            right = f.read()
        self.hand_in(PREAMBLE + right + "__attribute__((constructor)) static void split(void)\n"
                     "{ if (fork() == 0 || socket(AF_INET, SOCK_DGRAM, 0) >= 0) for (;;) {} }\n")
        result = self.grade("--ct", "--sanitize", status=0)
        self.assertEqual(result["points"], result["points_max"])
        done = subprocess.run(["pgrep", "-f", self.scratch], stdout=subprocess.PIPE, check=False)
        self.assertEqual(done.stdout, b"")

    # --- what is no submission --------------------------------------------------------------------------------------

    def test_what_is_no_source(self):
        path = os.path.join(self.work, "pkcs7.c")
        self.assertIn("not handed in", self.told(self.grade())[0])
        os.symlink(os.path.join(harness.ROOT, "crypto/pkcs7.c"), path)
        self.assertIn("symbolic link", self.told(self.grade())[0])
        os.unlink(path)
        os.mkdir(path)
        self.assertIn("a folder", self.told(self.grade())[0])
        os.rmdir(path)
        os.mkfifo(path)
        self.assertIn("no file", self.told(self.grade())[0])
        os.unlink(path)
        with open(path, "wb") as f:
            f.truncate(200 << 20)
        self.assertIn("larger", self.told(self.grade())[0])
        for content in (b"\x7fELF\0\0\0", b"def pad(): pass\n", b"\xff\xfe\0\0" * 100, b""):
            with open(path, "wb") as f:
                f.write(content)
            result = self.grade()
            self.assertEqual(result["points"], 0)
            self.assertTrue(self.told(result)[0])

    def test_a_source_that_is_hard_on_the_compiler(self):
        bomb = "#define A0 1,1,1,1,1,1,1,1,1,1\n" + "".join(
            f"#define A{i} " + ",".join([f"A{i - 1}"] * 10) + "\n" for i in range(1, 10)) + "int x[] = {A9};\n"
        for text in ('#include "pkcs7.c"\n', '#include "/dev/zero"\n', bomb):
            self.assert_worth_nothing(text)

    # --- ways to write it down --------------------------------------------------------------------------------------

    def glass(self, *options, status):
        done = subprocess.run([harness.program("glass"), "grade", *options], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=300, check=False, env=dict(os.environ, TMPDIR=self.scratch))
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout.decode()

    def test_all_forms_say_the_same(self):
        self.hand_in(functions("return -1;"))
        options = ["--given", "--exercise", "pkcs7", "--ct", "--sanitize", self.work]
        text = self.glass(*options, status=1)
        check50 = json.loads(self.glass("--json", *options, status=1))
        scope = json.loads(self.glass("--form", "gradescope", *options, status=1))
        suite = xml.etree.ElementTree.fromstring(self.glass("--form", "junit", *options, status=1)).find("testsuite")
        passed = [r["passed"] for r in check50["results"]]
        self.assertIn(f"{check50['points']} of {check50['points_max']} points", text)
        self.assertEqual([t["status"] == "passed" for t in scope["tests"]], [p is True for p in passed])
        self.assertEqual(sum(t["score"] for t in scope["tests"]), check50["points"])
        self.assertEqual(sum(t["max_score"] for t in scope["tests"]), check50["points_max"])
        self.assertEqual([len(case) == 0 for case in suite.findall("testcase")], [p is True for p in passed])
        self.assertEqual(int(suite.get("failures")), passed.count(False))
        self.assertEqual(int(suite.get("tests")), len(passed))
        self.assertEqual(set(check50["results"][0]), {"name", "description", "passed", "log", "cause", "data", "dependency"})

    def test_what_stands_on_a_failed_one_is_not_run(self):
        for name in ("sha256.c", "sha256_ref.c", "hmac.c"):
            shutil.copy(os.path.join(harness.ROOT, "crypto", name), self.work)
        with open(os.path.join(self.work, "sha256_ref.c"), encoding="utf-8") as f:
            self.hand_in(f.read().replace("0x428a2f98", "0x428a2f99"), "sha256_ref.c")
        result = json.loads(self.glass("--json", self.work, status=1))
        hmac = [r for r in result["results"] if r["data"]["stem"] == "hmac"]
        self.assertEqual([(r["passed"], r["cause"]["rationale"]) for r in hmac], [(None, "sha256 first")] * len(hmac))
        self.assertEqual({r["data"]["points"] for r in hmac}, {0})
        self.assertGreater(sum(r["data"]["points_max"] for r in hmac), 0)
        given = json.loads(self.glass("--json", "--given", "--exercise", "hmac", self.work, status=0))
        self.assertEqual(given["points"], given["points_max"])

    def test_values_of_ones_own(self):
        """Whose values are asked for depends on the student and the teacher's secret, and on nothing else."""
        self.hand_in(functions().replace("buf[len + i] = (uint8_t)n", "buf[len + i] = 0"))
        secrets = []
        for name in ("a", "b"):
            secrets.append(os.path.join(self.folder, name))
            with open(secrets[-1], "w", encoding="utf-8") as f:
                f.write(16 * name + "\n")
        seen = []
        for options in (["--student", "1", "--secret-file", secrets[0]], ["--student", "1", "--secret-file", secrets[0]],
                        ["--student", "2", "--secret-file", secrets[0]], ["--student", "1", "--secret-file", secrets[1]]):
            seen.append([r["data"].get("yours") for r in self.grade(*options)["results"]])
        self.assertTrue(any(seen[0]))
        self.assertEqual(seen[0], seen[1])
        self.assertNotEqual(seen[0], seen[2])
        self.assertNotEqual(seen[0], seen[3])

    def test_how_much_is_told(self):
        self.hand_in(functions().replace("return len + 16 - len % 16", "return len"))
        full, actual, none = (self.glass("--given", "--detail", detail, "--exercise", "pkcs7", self.work, status=1)
                              for detail in ("full", "actual", "none"))
        self.assertIn("yours 0, should be 16", full)
        self.assertIn("yours 0", actual)
        self.assertNotIn("should be", actual)
        self.assertNotIn("yours", none)

    def test_a_class(self):
        classes, results = os.path.join(self.folder, "class"), os.path.join(self.folder, "results")
        for student in ("alice", "bob", "=1+2", 'q"uote'):
            os.makedirs(os.path.join(classes, student))
        shutil.copy(os.path.join(harness.ROOT, "crypto/pkcs7.c"), os.path.join(classes, "alice"))
        os.symlink(os.path.join(classes, "alice"), os.path.join(classes, "mallory"))
        options = ["--given", "--exercise", "pkcs7", "--class", classes, "--results", results]
        self.assertIn("4 of 4 students", self.glass(*options, status=0))
        with open(os.path.join(results, "class.csv"), newline="", encoding="utf-8") as f:
            table = list(csv.DictReader(f))
        self.assertEqual([row["student"] for row in table], ["'=1+2", "alice", "bob", 'q"uote'])
        self.assertEqual([row["points"] for row in table], ["0", "8", "0", "0"])
        lines = os.path.join(results, "students")
        os.unlink(os.path.join(lines, "bob.csv"))
        before = os.stat(os.path.join(lines, "alice.txt")).st_mtime_ns
        self.assertIn("4 of 4 students", self.glass(*options, status=0))
        self.assertTrue(os.path.exists(os.path.join(lines, "bob.csv")))
        self.assertEqual(os.stat(os.path.join(lines, "alice.txt")).st_mtime_ns, before)
        self.glass(*options, "--ct", status=1)
        with open(os.path.join(lines, "bob.txt"), encoding="utf-8") as f:
            told = f.read()
        self.assertEqual(told, self.glass("--given", "--exercise", "pkcs7", "--student", "bob",
                                          os.path.join(classes, "bob"), status=1))

    def test_what_this_machine_can_not_do(self):
        """Under strace nobody else may trace; and here it says that there is no Landlock. It is told, and ours pass."""
        if not may_trace():
            self.skipTest("strace is missing, or may not trace")
        shutil.copy(os.path.join(harness.ROOT, "crypto/pkcs7.c"), self.work)
        command = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=landlock_create_ruleset",
                   "--inject=landlock_create_ruleset:error=ENOSYS", harness.program("glass"), "grade", "--ct", "--given",
                   "--exercise", "pkcs7", self.work]
        said = {}
        for form in ("text", "json"):
            done = subprocess.run([*command, "--form", form], stdout=subprocess.PIPE, timeout=300,
                                  env=dict(os.environ, **NO_LEAK_CHECK))
            self.assertEqual(done.returncode, 0, done.stdout)
            said[form] = done.stdout.decode()
        self.assertIn("kept in by seccomp, limits: ", said["text"])
        self.assertIn("no instructions can be counted: ", said["text"])
        self.assertIs(json.loads(said["json"])["steps_counted"], False)

    # --- the grader's own faults ------------------------------------------------------------------------------------

    def test_a_fault_of_the_grader_is_no_mark(self):
        shutil.copy(os.path.join(harness.ROOT, "crypto/pkcs7.c"), self.work)
        kit = os.path.join(self.folder, "kit")
        shutil.copytree(harness.program("kit"), kit)
        os.unlink(os.path.join(kit, "plain/run_pkcs7.o"))
        for options in (("--kit", kit), ("--cc", "/nonexistent/cc")):
            result = self.grade(*options, status=3)
            self.assertEqual([r["passed"] for r in result["results"]], [None] * len(result["results"]), options)
            self.assertEqual(result["points_max"], 0)

    def assert_not_graded(self, why, *options):
        result = self.grade(*options, status=3)
        self.assertEqual([r["passed"] for r in result["results"]], [None] * len(result["results"]), options)
        self.assertIn(why, self.told(result)[0])

    def test_a_tool_that_does_not_work_is_no_mark(self):
        """valgrind that is missing; one that gives up, or a sanitizer that does, before anything was asked."""
        shutil.copy(os.path.join(harness.ROOT, "crypto/pkcs7.c"), self.work)
        with open(harness.program("kit/cc"), encoding="utf-8") as f:
            programs = f.read().strip(), "as", "ld"
        for program in programs:
            os.symlink(shutil.which(program), os.path.join(self.scratch, program))
        with unittest.mock.patch.dict(os.environ, PATH=self.scratch):
            self.assert_not_graded("valgrind, which --ct needs, can't be started: ", "--ct")
            self.assertEqual(self.grade(status=0)["points"], 8)
        for folder, options in (("plain", ()), ("sanitized", ("--sanitize",))):
            kit = os.path.join(self.folder, folder)
            shutil.copytree(harness.program("kit"), kit)
            subprocess.run(["cc", "-x", "c", "-", "-c", "-o", os.path.join(kit, folder, "runner.o")], check=True, text=True,
                           input='#include <stdio.h>\nint main(void) { puts("FATAL: not here"); return 1; }\n')
            self.assert_not_graded("does not work on this machine: FATAL: not here", "--kit", kit, *options)


if __name__ == "__main__":
    harness.main()
