#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the checks of tests/ct under every engine, prints the table, and fails where something leaks, where an engine
lost sight of the secrets, or where a backend that this processor can run passed under no engine.

    run.py DIR      the programs are DIR/gcc/ct-checks, DIR/clang/..., DIR/msan/...; logs are left beside them
"""
import pathlib
import re
import subprocess
import sys
import time

VALGRIND = ["valgrind", "-q", "--error-limit=no", "--leak-check=no", "--suppressions=tests/ct/gmp.supp"]
ENGINES = {"valgrind, gcc": ("gcc", VALGRIND), "valgrind, clang": ("clang", VALGRIND), "memory sanitizer": ("msan", [])}
SECONDS = 300

# What tests/ct/backends.c calls of each backend, so that a new call can't be forgotten; `usable` handles no secret.
CALLS = {
    "aes": {"expand", "encrypt", "decrypt", "cbc_encrypt", "cbc_decrypt", "cbc_encrypt_many"},
    "sha256": {"compress", "compress_two", "finish"},
    "sha256_many": {"update", "update_words"},
    "pbkdf2": {"chain"},
    "etm": {"seal"},
    "bignum": {"powm", "powm_two", "powm_e", "powm_public"},
}
# Headers of crypto/ that no file of tests/ct includes, and why.
REACHED = {"break_even": "handles nothing secret", "cpu": "handles nothing secret", "der": "by pem", "dh_comb": "by dh",
           "dh_group": "handles nothing secret", "pbes2": "by pem", "pem_result": "handles nothing secret",
           "pem_text": "by pem", "unroll": "holds a macro"}


def start(engine, top):
    folder, command = ENGINES[engine]
    log = open(top / folder / "ct-checks.log", "w")
    return subprocess.Popen(command + [str(top / folder / "ct-checks")], stdout=subprocess.PIPE, stderr=log, text=True)


def rows(text):
    return [line.split("\t") for line in text.splitlines()]


def explain(top, engine, title):
    """What the engine said of one check: the log between its heading and the next."""
    text = (top / ENGINES[engine][0] / "ct-checks.log").read_text(errors="replace")
    found = text.partition(f"== {title}\n")[2].partition("\n== ")[0].splitlines()
    print(f"\n{engine}, {title}:", *found[:40], sep="\n    ")


def families():
    """The names of all arrays of backends in crypto/: each must be walked by tests/ct/backends.c."""
    text = "".join(p.read_text() for p in pathlib.Path("crypto").glob("*.h"))
    return re.findall(r"^extern const struct \w+ \*const (\w+)_impls\[\];", text, re.M)


def forgotten():
    """Code that no check of tests/ct calls: new backends' functions, new headers."""
    for path in sorted(pathlib.Path("crypto").glob("*_impl.h")):
        stem = path.name[: -len("_impl.h")]
        body = re.search(rf"struct {stem}_impl {{(.*?)^}};", path.read_text(), re.M | re.S)
        calls = set(re.findall(r"\(\*(\w+)\)", body.group(1))) if body else set()
        for call in calls - {"usable"} - CALLS.get(stem, set()):
            yield f"{path} has a call {call} that tests/ct/backends.c does not know"
    included = "".join(p.read_text() for p in pathlib.Path("tests/ct").glob("*.[ch]"))
    for path in sorted(pathlib.Path("crypto").glob("*.h")):
        stem = re.sub(r"_(impl|ref|ni_chain|ni_rounds|ifma_product)$", "", path.stem)
        if stem not in REACHED and not re.search(rf'"crypto/{stem}(_impl)?\.h"', included):
            yield f"{path}: no check of tests/ct includes it"


def undocumented():
    """Files in which ct_public is called another number of times than docs/constant-time.md lists."""
    text = pathlib.Path("docs/constant-time.md").read_text()
    for path in sorted([*pathlib.Path("crypto").glob("*.[ch]"), *pathlib.Path("net").glob("*.[ch]")]):
        calls = len(re.findall(r"^\s+ct_public\(", path.read_text(), re.M))
        listed = len(re.findall(rf"^\| `{path}`", text, re.M))
        if calls != listed:
            yield f"{path} makes secrets public in {calls} places, docs/constant-time.md lists {listed}"


def judge(table, usable):
    """Complaints about the results: kind, stem, name -> engine -> result."""
    for (kind, stem, name), results in table.items():
        for engine, result in results.items():
            wanted = "leaks" if kind == "leaky" else "ok"
            if result not in (wanted, "unusable"):
                yield engine, f"{stem} {name}", f"{result}, should be {wanted}"
        if kind == "leaky" and len(results) != len(ENGINES):
            yield None, f"{stem} {name}", "did not run under every engine"
    for stem, name in usable:
        if "ok" not in table.get(("backend", stem, name), {}).values():
            yield None, f"{stem} {name}", "this processor can run it, and no engine has checked it"
    for stem in families():
        if stem not in {s for s, _ in usable}:
            yield None, stem, f"no backend of {stem}_impls was checked: tests/ct/backends.c does not walk it"


def show(table):
    stems = list(dict.fromkeys(stem for _, stem, _ in table))
    titles = {"backend": "backend", "code": "code", "leaky": "leaks on purpose: must be seen"}
    for kind, title in titles.items():
        print(f"\n{title:34}" + "".join(f"{engine:18}" for engine in ENGINES))
        for (k, stem, name), results in sorted(table.items(), key=lambda row: stems.index(row[0][1])):
            if k == kind:
                said = [results.get(e, "-").replace("leaks", "seen" if kind == "leaky" else "LEAKS") for e in ENGINES]
                print(f"  {stem:12} {name:18} " + "".join(f"{s:18}" for s in said))


def main():
    top, began = pathlib.Path(sys.argv[1]), time.time()
    running = {engine: start(engine, top) for engine in ENGINES}
    table, complaints = {}, []
    for engine, process in running.items():
        text, _ = process.communicate(timeout=SECONDS)
        if process.returncode != 0 or text == "":
            complaints.append((None, engine, f"ended with status {process.returncode}; see its log"))
        for kind, stem, name, result in rows(text):
            table.setdefault((kind, stem, name), {})[engine] = result
    listed = subprocess.run([str(top / "gcc" / "ct-checks")], stdout=subprocess.PIPE, text=True, check=True).stdout
    usable = [(stem, name) for _, stem, name in rows(listed)]
    show(table)
    print("\nleft out: rsa_generate (how many candidates it throws away shows; see docs/constant-time.md)")
    complaints += judge(table, usable)
    complaints += [(None, "the tree", text) for text in [*undocumented(), *forgotten()]]
    for engine, title, text in complaints:
        if engine is not None:
            explain(top, engine, title)
    for engine, title, text in complaints:
        print(f"ct: {title}{f' ({engine})' if engine else ''}: {text}", file=sys.stderr)
    print(f"{'failed' if complaints else 'nothing branches on a secret'}; {time.time() - began:.0f} s")
    sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
