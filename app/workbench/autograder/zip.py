#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Packs what Gradescope wants of an autograder, from the top of the tree: setup.sh and run_autograder at the top of the
archive, the sources that setup.sh builds the grader of in tree/, the options for `glass grade`, and the teacher's secret
where there is one. The same tree gives the same bytes.

    zip.py OUT.zip OPTIONS [SECRET]
"""
import os
import pathlib
import sys
import zipfile

HERE = pathlib.Path("app/workbench/autograder")
TREE = ["LICENSE", "Makefile", "tests/deps.sh"]
KINDS = ["*.[ch]", "*.css", "*.js"]
FOLDERS = ["crypto", "net", "app/dissect", "app/message", "app/peer", "app/sandbox", "app/terminal", "app/workbench"]


def contents(options, secret):
    yield "setup.sh", (HERE / "setup.sh").read_bytes()
    yield "run_autograder", (HERE / "run_autograder").read_bytes()
    yield "options", options.encode() + b"\n"
    if secret:
        yield "secret", pathlib.Path(secret).read_bytes()
    sources = [p for folder in FOLDERS for kind in KINDS for p in pathlib.Path(folder).rglob(kind)]
    for path in sorted([*map(pathlib.Path, TREE), *pathlib.Path("app").glob("*.h"), *sources]):
        yield f"tree/{path}", path.read_bytes()


def main():
    out, options, secret = (sys.argv[1:] + [""])[:3]
    pathlib.Path(out).unlink(missing_ok=True)
    fd = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600) # the secret is in it
    with open(fd, "wb") as f, zipfile.ZipFile(f, "w") as archive:
        for name, data in contents(options, secret):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            program = name == "run_autograder" or name.endswith(".sh")
            info.create_system, info.external_attr = 3, (0o100755 if program else 0o100644) << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    print(f"{out}: for Gradescope, on its Ubuntu 22.04")


main()
