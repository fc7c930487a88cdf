#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`glass grade`: each point is had by the work that it stands for, and by nothing else: not by another exercise's code,
not by code that behaves where it is watched, not by a crash of the grader; and right work that is written in another way
than ours has all of them."""
import email.mime
import glob
import hmac
import json
import os
import pathlib
import shutil
import subprocess
import time

import harness

TIMING, MEMORY = "nothing depends on a secret but the results", "no error of memory"


def ours(name):
    for folder in ("crypto", "net", "app/peer"):
        path = os.path.join(harness.ROOT, folder, name)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                return f.read()
    raise FileNotFoundError(name)


def changed(name, old, new):
    text = ours(name)
    assert text.count(old) == 1, (name, old)
    return text.replace(old, new)


@harness.unsanitized
class Points(harness.TestCase):
    def setUp(self):
        super().setUp()
        if not os.path.exists(harness.program("kit/plain/runner.o")):
            self.skipTest("there is no kit: make kit")
        self.work, self.scratch = os.path.join(self.folder, "work"), os.path.join(self.folder, "scratch")
        os.mkdir(self.work)
        os.mkdir(self.scratch)

    def hand_in(self, name, text):
        with open(os.path.join(self.work, name), "w", encoding="utf-8") as f:
            f.write(text)

    def run_glass(self, exercise, *options, form="json"):
        done = subprocess.run([harness.program("glass"), "grade", "--form", form, "--exercise", exercise, *options,
                               self.work], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600, check=False,
                              env=dict(os.environ, TMPDIR=self.scratch))
        self.assertEqual(done.stderr, b"")
        self.assertIn(done.returncode, (0, 1), done.stdout)
        self.assertEqual(os.listdir(self.scratch), [])
        return done.stdout.decode()

    def grade(self, exercise, *options):
        """Each check that was not passed, and what is said of it; by its name."""
        return {r["description"]: f"{(r['cause'] or {}).get('rationale')} {(r['cause'] or {}).get('help')}"
                for r in json.loads(self.run_glass(exercise, *options))["results"] if r["passed"] is not True}

    # --- the call that failed ---

    def skeleton(self, name):
        shutil.copy(glob.glob(os.path.join(harness.ROOT, "docs/exercises/*", name))[0], self.work)

    def first_failure(self, exercise, *options):
        """What the first check that failed was given, as bytes by name; and what should have come."""
        data = next(r["data"] for r in json.loads(self.run_glass(exercise, "--given", *options))["results"]
                    if r["passed"] is False)
        inputs = data["inputs"]
        self.assertEqual([i["len"] for i in inputs], [len(i["first"]) // 2 for i in inputs])
        return {i["name"]: bytes.fromhex(i["first"]) for i in inputs}, bytes.fromhex(data.get("expected", ""))

    def test_the_call_can_be_made_again_by_hand(self):
        """All that went in is shown, in each form: what comes of it by somebody else's code is what should have come."""
        self.skeleton("hkdf.c")
        given, expected = self.first_failure("hkdf")
        self.assertEqual(set(given), {"salt", "ikm"})
        self.assertEqual(hmac.digest(given["salt"], given["ikm"], "sha256"), expected)
        for form in "text", "junit", "gradescope":
            self.assertIn(f"salt = {given['salt'].hex()}", self.run_glass("hkdf", "--given", form=form))
        self.assertEqual(self.first_failure("hkdf", "--detail", "actual"), (given, b""))
        self.assertNotIn("inputs", self.run_glass("hkdf", "--given", "--detail", "none"))
        self.assertNotIn("salt = ", self.run_glass("hkdf", "--given", "--detail", "none", form="text"))

    def test_a_state_is_shown_as_a_block(self):
        """Byte r + 4c is row r, column c, as in what is shown beside it."""
        self.skeleton("aes_ref.c")
        given, expected = self.first_failure("aes")
        state = given["state"]
        self.assertEqual(bytes(state[(4 * (c + r) + r) % 16] for c in range(4) for r in range(4)), expected)

    # --- what is not one's own work ---

    def test_objects_that_are_planted(self):
        """Under a tool code may read and write some files: neither the kit's objects nor those that are linked."""
        kit = harness.program("kit/plain/sha256.o")
        self.hand_in("pkcs7.c", ours("pkcs7.c") + f"""
            #include <fcntl.h>
            #include <stdio.h>
            #include <unistd.h>
            __attribute__((constructor)) static void plant(void)
            {{
                if (open("{kit}", O_RDONLY) >= 0 || open("../planted", O_WRONLY | O_CREAT, 0600) >= 0 ||
                    open("../pkcs7.c.o", O_WRONLY) >= 0)
                    _exit(42);
            }}
            """)
        self.assertEqual(self.grade("pkcs7", "--given", "--ct", "--sanitize"), {})

    def test_a_file_that_is_refused_is_refused_for_good(self):
        """Also where another exercise has the same file."""
        self.assertEqual(os.path.getsize(email.mime.__file__), 0) # and so it does compile
        self.hand_in("aes_ref.c", f'#include "{email.mime.__file__}"\n' + ours("aes_ref.c"))
        self.hand_in("bytes.c", '#include <valgrind/memcheck.h>\n' + ours("bytes.c"))
        results = json.loads(self.run_glass("02 03 04 01", "--given"))
        self.assertEqual(results["points"], 0)

    def test_assembly(self):
        for code in ('__asm__(".incbin \\"/etc/hostname\\"");', 'void f(void); void f(void) { __asm__ volatile("nop; nop"); }',
                     '#define A(a, b) a##b\nA(__as, m__)(".include \\"x\\"");'):
            self.hand_in("pkcs7.c", ours("pkcs7.c") + code + "\n")
            self.assertIn("inline assembly", self.grade("pkcs7", "--given")["the padded length"], code)
        self.hand_in("pkcs7.c", ours("pkcs7.c") +
                     'size_t barrier(size_t x);\nsize_t barrier(size_t x) { __asm__("" : "+r"(x)); return x; }\n')
        self.assertEqual(self.grade("pkcs7", "--given"), {})

    # --- being another program where one is watched ---

    def test_code_that_looks_for_a_sanitizer(self):
        unpad = "int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)\n{\n"
        beside = "    (void)((const volatile uint8_t *)buf)[buf_len];\n"
        self.hand_in("pkcs7.c", changed("pkcs7.c", unpad, unpad +
                     "#if !defined(__SANITIZE_ADDRESS__)\n" + beside + "#endif\n"))
        self.assertIn("reads 1 byte", self.grade("pkcs7", "--given", "--sanitize")[MEMORY])
        for words in ("__attribute__((no_sanitize_address)) int f(void);", "extern void __asan_init(void) __attribute__((weak));",
                      'const char *__asan_default_options(void);'):
            self.hand_in("pkcs7.c", ours("pkcs7.c") + words + "\n")
            self.assertIn("for the sanitizers", self.grade("pkcs7", "--given")["the padded length"], words)

    def test_code_that_answers_by_the_order_of_the_questions(self):
        """It unpads what each check begins with, and has looked at no padding."""
        head, _, _ = ours("pkcs7.c").partition("int pkcs7_unpad(")
        self.hand_in("pkcs7.c", head + """int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t n)
            {
                static size_t first = SIZE_MAX;
                if (first == SIZE_MAX) first = n;
                if (first != 16) return -1;
                *len = n - buf[n - 1];
                return 0;
            }
            """)
        result = json.loads(self.run_glass("pkcs7", "--given", "--ct", "--sanitize"))
        self.assertEqual(result["points"], 3) # what pads is right
        self.assertIn("in another order", json.dumps(result))

    def test_a_call_of_the_function_where_it_is_watched(self):
        """The trap flag shows who is stepped through."""
        if os.uname().machine != "x86_64":
            self.skipTest("the flag is x86's")
        unpad = "int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)\n{\n"
        self.hand_in("pkcs7.c", changed("pkcs7.c", unpad, unpad +
                     "    if (__builtin_ia32_readeflags_u64() & 0x100)\n        return 0;\n"))
        self.assertIn("where it is watched", self.grade("pkcs7", "--given", "--ct")[TIMING])
        # Nor is it of use to leave nothing that could be compared, by ending where the same calls are not watched.
        self.hand_in("pkcs7.c", "#include <fcntl.h>\n#include <stdlib.h>\n" + changed("pkcs7.c", unpad, unpad +
                     "    static int calls;\n"
                     "    if ((__builtin_ia32_readeflags_u64() & 0x100) != 0 || open(\"/proc/self/maps\", O_RDONLY) >= 0)\n"
                     "        return 0;\n"
                     "    if (calls++ == 0 && buf_len == 32 && buf[31] == 1)\n        abort();\n"))
        self.assertEqual(list(self.grade("pkcs7", "--given", "--ct")), [TIMING])

    def test_bytecode_for_the_linker(self):
        """What gcc leaves for its link, which can read the kit."""
        with open(os.path.join(self.folder, "lto.c"), "w", encoding="utf-8") as f:
            f.write(f"""__asm__(".globl pkcs7_unpad\\npkcs7_unpad: .incbin \\"{harness.program('kit/plain/pkcs7.o')}\\"");""")
        lto = os.path.join(self.folder, "lto.o")
        subprocess.run(["gcc", "-flto", "-O2", "-c", "-o", lto, os.path.join(self.folder, "lto.c")], check=True)
        sections = subprocess.run(["objdump", "-h", lto], stdout=subprocess.PIPE, check=True).stdout.decode()
        head, _, _ = ours("pkcs7.c").partition("int pkcs7_unpad(")
        for name in [word for word in sections.split() if word.startswith(".gnu.lto_")]:
            part = os.path.join(self.folder, "part")
            subprocess.run(["objcopy", "-O", "binary", f"--only-section={name}", "--set-section-flags",
                            f"{name}=alloc", lto, part], check=True)
            with open(part, "rb") as f:
                content = ", ".join(str(byte) for byte in f.read())
            head += f'__attribute__((used, section("{name}"))) static const unsigned char s{len(head)}[] = {{{content}}};\n'
        self.hand_in("pkcs7.c", head)
        self.assertIn("a section of its own", self.grade("pkcs7", "--given")["the padded length"])

    def test_a_byte_beside_a_buffer(self):
        self.hand_in("pkcs7.c", changed("pkcs7.c", "int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)\n{\n",
                     "int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)\n{\n"
                     "    (void)((const volatile uint8_t *)buf)[buf_len];\n"))
        self.assertIn("reads 1 byte", self.grade("pkcs7", "--given", "--sanitize")[MEMORY])
        self.hand_in("pkcs7.c", changed("pkcs7.c", "int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)\n{\n",
                     "int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)\n{\n"
                     "    (void)((const volatile uint8_t *)buf)[buf_len + 70];\n"))
        self.assertIn("reads 1 byte", self.grade("pkcs7", "--given", "--sanitize")[MEMORY])

    def test_words_where_no_word_lies(self):
        self.hand_in("ct.c", ours("ct.c"))
        self.hand_in("bytes.c", changed("bytes.c", "void bytes_xor(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t len)\n{\n",
                     "void bytes_xor(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t len)\n{\n"
                     "    for (; len >= 8; out += 8, a += 8, b += 8, len -= 8)\n"
                     "        *(uint64_t *)out = *(const uint64_t *)a ^ *(const uint64_t *)b;\n"))
        self.assertIn("misaligned", self.grade("bytes", "--given", "--sanitize")[MEMORY])

    def test_right_answers_come_first(self):
        self.hand_in("pkcs7.c", '#include "crypto/pkcs7.h"\n'
                     "size_t pkcs7_padded_len(size_t len) { return len + 16 - len % 16; }\n"
                     "size_t pkcs7_pad(uint8_t *buf, size_t len) { (void)buf; return len; }\n"
                     "int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t n) { *len = n; return -!buf; }\n")
        failed = self.grade("pkcs7", "--given", "--ct", "--sanitize")
        for check in (TIMING, MEMORY):
            self.assertIn("right answers first", failed[check])

    def test_good_padding_comes_before_what_is_refused(self):
        self.hand_in("pkcs7.c", changed("pkcs7.c", "*len = buf_len - n;", "(void)len;"))
        failed = self.grade("pkcs7", "--given")
        self.assertEqual(len([d for d in failed if d.endswith("refused")]), 3, failed)
        for description in failed:
            if description.endswith("refused"):
                self.assertIn("good padding first: this is some", failed[description], description)

    def test_marks_of_ones_own(self):
        """Neither a raise of one's own nor signals that are sent and held back take the call out of the counting."""
        leaky = changed("pkcs7.c", "good &= ~is_padding | ct_eq(buf[buf_len - 1 - i], n);",
                        "if (is_padding && buf[buf_len - 1 - i] != n) return -1;")
        name = "int pkcs7_unpad(size_t *len, const uint8_t *buf, size_t buf_len)"
        self.assertEqual(leaky.count(name), 1)
        hiding = leaky.replace(name, name.replace("int pkcs7_unpad", "static int leaky")) + f"""
            #include <signal.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            /* What is traced is stopped by it all the same. */
            __attribute__((constructor)) static void ignore(void) {{ signal(SIGUSR1, SIG_IGN); }}
            {name}
            {{
                sigset_t marks;
                sigemptyset(&marks);
                sigaddset(&marks, SIGUSR1);
                int result = leaky(len, buf, buf_len);
                sigprocmask(SIG_UNBLOCK, &marks, NULL);
                syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
                sigprocmask(SIG_BLOCK, &marks, NULL);
                return result;
            }}
            """
        # The first call of each series is not counted: there a mark of one's own stops the runner for good.
        for text, words in (("int raise(int s);\nint raise(int s) { return s - s; }\n" + leaky, "pkcs7.c:"),
                            (hiding, "no answer within")):
            self.hand_in("pkcs7.c", "#define _GNU_SOURCE\n" + text)
            failed = self.grade("pkcs7", "--given", "--ct")
            self.assertEqual(list(failed), [TIMING])
            self.assertIn(words, failed[TIMING])

    def test_what_is_declared_public_in_pieces(self):
        first = "    if (buf_len == 0 || buf_len % BLOCK_LEN != 0)"
        self.hand_in("pkcs7.c", changed("pkcs7.c", first, "    ct_public(buf, buf_len);\n"
                     "    ct_public(buf, ((size_t)1 << 32) - buf_len);\n" + first))
        self.assertIn("declared", self.grade("pkcs7", "--given", "--ct")[TIMING])

    # --- the grader's own end ---

    def test_aborting_where_nobody_expects_it(self):
        name = "void sha256_digest(uint8_t digest[static SHA256_DIGEST_LEN], const void *data, size_t len)\n{\n"
        self.hand_in("sha256_ref.c", ours("sha256_ref.c"))
        self.hand_in("sha256.c", "#include <stdlib.h>\n" + changed("sha256.c", name, name + "    if (digest == data)\n        abort();\n"))
        failed = self.grade("sha256", "--given")
        self.assertEqual(len(failed), 1)
        self.assertIn("crashed", " ".join(failed.values()))

    def test_what_nobody_may_choose_not_to_have_graded(self):
        """More includes than a list has room for, a program that no kernel starts, a file that may be read by nobody."""
        self.hand_in("pkcs7.c", ours("pkcs7.c") + '__attribute__((section(".interp"), used)) static const char '
                     'interp[] = "/nonexistent";\n')
        self.assertEqual(json.loads(self.run_glass("pkcs7", "--given"))["points_max"], 8)
        self.hand_in("pkcs7.c", '#if __INCLUDE_LEVEL__ < 190\n#include "././././././././././././././././././././pkcs7.c"\n'
                     "#else\n" + ours("pkcs7.c") + "#endif\n" * 1)
        self.assertEqual(json.loads(self.run_glass("pkcs7", "--given"))["points_max"], 8)
        self.hand_in("pkcs7.c", ours("pkcs7.c"))
        os.chmod(os.path.join(self.work, "pkcs7.c"), 0)
        if os.getuid() != 0:
            self.assertIn("read by nobody", self.grade("pkcs7", "--given")["the padded length"])

    def test_what_was_never_set(self):
        """It costs the checks whose answers it changes, and the call is told; not those that never need it."""
        self.hand_in("pkcs7.c", changed("pkcs7.c", "    return padded_len;\n", "    static unsigned calls;\n"
                     "    if (++calls > 20 && len % 16 == 0)\n        buf[len] ^= 1;\n    return padded_len;\n"))
        failed = self.grade("pkcs7", "--given")
        self.assertEqual(list(failed), ["a full block of padding"])
        self.assertIn("a variable that was never set", failed["a full block of padding"])

    def test_slow_and_right(self):
        """All of its calls once more take as long as all of its checks did."""
        self.hand_in("pkcs7.c", "#include <time.h>\n" + changed("pkcs7.c", "    return padded_len;\n",
                     "    for (clock_t until = clock() + 26 * CLOCKS_PER_SEC / 10; len % 16 == 0 && clock() < until;)\n"
                     "        ;\n    return padded_len;\n"))
        self.assertEqual(self.grade("pkcs7", "--given"), {})

    def test_another_answer_the_second_time(self):
        """It is no fault of the grader's, which nobody may choose."""
        name = "void Cipher(uint8_t out[static 16], const uint8_t in[static 16], const uint8_t *w, unsigned Nr)\n{\n"
        self.hand_in("aes_ref.c", changed("aes_ref.c", name, name + "    static unsigned calls;\n"
                     "    if (out == in && calls++ % 2 == 0) {\n        out[0] ^= 1;\n        return;\n    }\n"))
        failed = self.grade("aes", "--given")
        self.assertEqual(list(failed), ["out is in"])
        self.assertIn("two answers", failed["out is in"])

    def test_one_result_one_mark(self):
        """hmac.c that calls a function of its own sha256.c: that is fine, but where it is looked at alone."""
        for name in ("sha256.c", "sha256_ref.c", "hmac.c", "bytes.c"):
            self.hand_in(name, ours(name))
        self.hand_in("sha256.c", ours("sha256.c") + "int helper(void);\nint helper(void) { return 0; }\n")
        self.hand_in("hmac.c", ours("hmac.c") + "int helper(void);\nint use(void);\nint use(void) { return helper(); }\n")
        result = json.loads(self.run_glass("hmac", "--ct"))
        self.assertEqual(sum(r["data"]["points"] for r in result["results"]), result["points"])
        self.assertGreater(result["points"], 0)
        text = self.run_glass("hmac", "--ct", form="text")
        self.assertIn(f"{result['points']} of {result['points_max']} points", text)
        self.assertIn("does not build with what is given", text)

    # --- right, and not as ours ---

    def test_what_it_stands_on_is_looked_at_where_it_was_not_asked_for(self):
        self.hand_in("hmac.c", ours("hmac.c"))
        self.hand_in("sha256.c", ours("sha256.c"))
        self.assertIn("sha256 first", " ".join(self.grade("hmac").values()))
        self.hand_in("sha256_ref.c", ours("sha256_ref.c"))
        self.assertEqual(self.grade("hmac"), {})

    def test_what_lies_beside_declared_open(self):
        """By a sanitizer's own function, whose name is put together where nobody reads it."""
        self.hand_in("pkcs7.c", "#include <dlfcn.h>\n" + changed("pkcs7.c", "    size_t padded_len = pkcs7_padded_len(len);\n",
                     "    size_t padded_len = pkcs7_padded_len(len);\n    void *(*find)(void *, const char *) = dlsym;\n"
                     "    void (*open)(const volatile void *, size_t) = find(NULL, \"__asan_unpoison\" \"_memory_region\");\n"
                     "    if (open != NULL)\n        open(buf, padded_len + 8);\n"
                     "    (void)((const volatile uint8_t *)buf)[padded_len];\n"))
        self.assertEqual(list(self.grade("pkcs7", "--given", "--sanitize")), [MEMORY])

    def test_memory_that_is_asked_for(self):
        """The first malloc of a process takes a longer way than the second: that tells nothing of a secret."""
        self.hand_in("pkcs7.c", "#include <stdlib.h>\n" + changed("pkcs7.c", "    if (buf_len == 0 || buf_len % BLOCK_LEN != 0)",
                     "    volatile char *p = malloc(buf_len + 1);\n    if (p != NULL)\n        p[0] = 1;\n    free((char *)p);\n"
                     "    if (buf_len == 0 || buf_len % BLOCK_LEN != 0)"))
        self.assertEqual(self.grade("pkcs7", "--given", "--ct", "--sanitize"), {})

    def test_the_mathematical_library(self):
        self.hand_in("totp.c", "#include <math.h>\n" + ours("totp.c") +
                     "unsigned power(unsigned n);\nunsigned power(unsigned n) { return (unsigned)pow(10, n); }\n")
        self.assertEqual(self.grade("totp", "--given"), {})

    def test_blanks_in_paths(self):
        kit = os.path.join(self.folder, "a kit $1 #2")
        shutil.copytree(harness.program("kit"), kit)
        self.scratch = os.path.join(self.folder, "a scratch")
        os.mkdir(self.scratch)
        self.hand_in("pkcs7.c", ours("pkcs7.c"))
        self.assertEqual(self.grade("pkcs7", "--given", "--kit", kit), {})

    # --- a class ---

    def test_a_class_is_gone_on_with_as_it_was_begun(self):
        classes, results = os.path.join(self.folder, "class"), os.path.join(self.folder, "results")
        os.makedirs(os.path.join(classes, "alice"))
        shutil.copy(os.path.join(harness.ROOT, "crypto/pkcs7.c"), os.path.join(classes, "alice"))
        secret = self.path("secret", b"0123456789abcdef\n")

        def grade_class(*options, results=results):
            return subprocess.run([harness.program("glass"), "grade", "--given", "--class", classes, "--results", results,
                                   *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False)
        self.assertEqual(grade_class("--exercise", "pkcs7").returncode, 0)
        self.assertEqual(grade_class("--exercise", "06").returncode, 0)
        for options in (["--exercise", "pkcs7 sha256"], ["--exercise", "pkcs7", "--secret-file", secret],
                        ["--exercise", "pkcs7", "--detail", "none"]):
            done = grade_class(*options)
            self.assertEqual(done.returncode, 1, options)
            self.assertIn(b"begun with other options (" +
                          (b"another secret" if "--secret-file" in options else b"given exercises pkcs7)"), done.stderr)
        more = os.path.join(self.folder, "more")
        self.assertEqual(grade_class("--exercise", "bytes pkcs7", results=more).returncode, 0)
        self.assertIn(b"begun with other options (given exercises bytes pkcs7)",
                      grade_class("--exercise", "bytes", results=more).stderr)
        os.mkdir(os.path.join(classes, ".hidden"))
        hidden = f"glass: {classes}/.hidden is hidden: passed over\n".encode()
        self.assertEqual(grade_class("--exercise", "pkcs7").stderr, hidden)
        time.sleep(1.1) # the system's clock for files may be that coarse
        os.chmod(os.path.join(classes, "alice", "pkcs7.c"), 0o600)
        done = grade_class("--exercise", "pkcs7")
        self.assertEqual(done.stderr, hidden + f"glass: {classes}/alice/pkcs7.c was written after alice was graded; the mark "
                         f"stays until that student's files in {results}/students are removed\n".encode())
        pathlib.Path(classes, "alice", "notes.txt").write_text("not asked for")
        os.unlink(os.path.join(results, "students", "alice.txt"))
        self.assertEqual(grade_class("--exercise", "pkcs7").stderr, hidden) # graded anew, as one of the three was missing
        self.assertTrue(os.path.exists(os.path.join(results, "students", "alice.txt")))

    def test_a_class_in_which_something_lies_wrong(self):
        classes = pathlib.Path(self.folder, "class")
        results = classes / "results"
        text = ours("pkcs7.c")
        for student, name in (("ann", "pkcs7.c"), ("nick", "home\x1bwork/pkcs7.c"), ("olga", "PKCS7.c"), ("zoe", "pkcs7.txt")):
            (classes / student / name).parent.mkdir(parents=True)
            (classes / student / name).write_text(text)

        def grade_class(folder=classes):
            done = subprocess.run([harness.program("glass"), "grade", "--given", "--exercise", "pkcs7", "--class", folder,
                                   "--results", results, "--jobs", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=300, check=False, text=True)
            return done.returncode, done.stderr
        self.assertEqual(grade_class(), (0, "".join(
            f"glass: {classes}/{name} has no file that was asked for: see {results}/students/{name}.txt\n"
            for name in ("nick", "olga", "zoe"))))
        for name, words in (("nick", "pkcs7.c; it lies in home\ufffdwork/, a folder too deep"),
                            ("olga", "pkcs7.c; PKCS7.c is another name"), ("zoe", "pkcs7.c")):
            self.assertIn(f"not handed in: {words}", (results / f"students/{name}.txt").read_text())
        shutil.move(classes / "olga", self.folder)
        self.assertEqual(grade_class(), (0, f"glass: {results} is where the results go: passed over\n"
                                            f"glass: olga was graded, and has no folder in {classes} any more: not in the table\n"))
        self.assertNotIn("results", (results / "class.csv").read_text())
        self.assertEqual(grade_class(classes / "ann"), (1, f"glass: {classes}/ann/pkcs7.c is no folder: passed over\n"
                                                           f"glass: {classes}/ann has no student's folder in it\n"))


if __name__ == "__main__":
    harness.main()
