#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Exports what a student gets: skeletons, headers, pages, the prebuilt glass and what it grades with, and no solution.

    BUILD=build MAKE=make export.py --out DIR [--exercises "pkcs7 sha256"] [--given own|archive]
                                    [--student ID --secret-file FILE] [--dialect FILE] [--machines "x86_64 aarch64"]

`make handout OUT=DIR` calls it. It writes into a folder beside DIR, which takes DIR's place once all is in it. Exit
status 0: done, 1: failed, 2: wrong usage.
"""
import argparse
import hashlib
import hmac
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import dialect

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent
BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
BUILDS = ("plain", "sanitized")
# What is read beside the exercises. What a page of these links to and is not handed out is named and no link.
PAGES = ["docs/walkthrough", "docs/labs", "docs/protocol.md", "docs/threat-model.md", "docs/constant-time.md", "vectors",
         "LICENSE"]
# Of their folders these kinds alone: a backup copy or a solution that lies there is nobody's to read. No answers.
KINDS = (".md", ".svg", ".txt", ".pem", ".h")
# Where what is written anew stands, and of app/ the headers that go with it: as KIT_APP of the Makefile has them.
SOURCES = ("crypto", "net", "app/peer")
APP_HEADERS = ("app/message/name.h", "app/peer/room_list.h", "app/peer/sender_key.h")
STANDS = {"own": "What an exercise stands on is your own earlier work: one that stands on a failed one is not run.",
          "archive": "What an exercise stands on is given, as objects without their source: do them in any order. (02 "
                     "to 04 go on in one file, and each needs what is there before it.)"}


class Refused(Exception):
    """What the teacher has to change, in words."""


# --- What is asked ---------------------------------------------------------------------------------------------------

def arguments():
    parser = argparse.ArgumentParser(prog="handout", description="exports a student's tree", allow_abbrev=False)
    parser.add_argument("--out", required=True)
    parser.add_argument("--exercises", default="")
    parser.add_argument("--given", choices=["own", "archive"], default="own")
    parser.add_argument("--student", default="")
    parser.add_argument("--secret-file", default="")
    parser.add_argument("--dialect", default="")
    parser.add_argument("--machines", default=platform.machine())
    return parser.parse_args()


def free_place(out):
    """The folder must be nobody's: nothing that stands there is ever mixed with a handout."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise Refused(f"{out} is there, and no folder: name a new one")
    if out.exists() and any(out.iterdir()):
        raise Refused(f"{out} is not empty: name a new folder, or remove that one")
    if not out.parent.is_dir():
        raise Refused(f"there is no folder {out.parent} to put it in")


def chosen_of(table, words, given):
    """The exercises to hand out, in the table's order."""
    words = words.split() or [e["stem"] for e in table]
    names = {e["stem"]: {e["stem"], e["number"], f"{e['number']}-{e['stem']}"} for e in table}
    unknown = [w for w in words if w not in set().union(*names.values())]
    if unknown:
        raise Refused(f"there is no exercise {unknown[0]}: there are {' '.join(e['stem'] for e in table)}")
    chosen = [e for e in table if names[e["stem"]] & set(words)]
    stems = {e["stem"] for e in chosen}
    for exercise in chosen if given == "own" else []:
        missing = [n for n in exercise["needs"] if n not in stems]
        if missing:
            raise Refused(f"{exercise['stem']} stands on {missing[0]}, which is not handed out: add it to EXERCISES, or "
                          "GIVEN=archive hands out ours, without its source")
    return chosen


def student_of(student, secret_file):
    """Nobody but the teacher can compute the value, and it tells nothing of the teacher's secret."""
    if bool(student) != bool(secret_file):
        raise Refused("STUDENT and SECRET_FILE go together: the secret draws the student's values")
    if not student:
        return None
    if not re.fullmatch(r"[A-Za-z0-9._@+-]{1,64}", student):
        raise Refused("STUDENT is 1 to 64 letters, digits and . _ @ + -")
    try:
        secret = pathlib.Path(secret_file).read_bytes().split(b"\n")[0] # as glass reads it
    except OSError as e:
        raise Refused(f"SECRET_FILE {secret_file} can't be read: {e.strerror}") from e
    if len(secret) < 16:
        raise Refused(f"the first line of {secret_file} is shorter than 16 bytes, and could be guessed: make one with "
                      "`openssl rand -hex 32`")
    return hmac.new(secret, b"glasschat handout\0" + student.encode(), hashlib.sha256).hexdigest()


# --- What is built ---------------------------------------------------------------------------------------------------

def run(command, what):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Refused(f"{what} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


class Machine:
    """A machine that the handout is for: its compiler, and the folder in which all for it is built."""

    def __init__(self, name, source, build):
        self.name, self.source, self.own = name, source, name == platform.machine()
        self.build = build if self.own else build / f"handout-{name}"
        self.prefix = "" if self.own else f"{name}-linux-gnu-"
        self.cc = os.environ.get("CC", "cc") if self.own else self.prefix + "gcc"
        if shutil.which(self.cc.split()[0]) is None:
            raise Refused(f"{self.cc} is missing, which builds for {name}: tests/foreign.sh says which packages do; or "
                          f"leave {name} out of MACHINES")

    def make(self):
        """What is built for it. For this machine and without a dialect, `make handout` has built it already."""
        if self.own and self.source == TOP:
            return self.source / self.build
        options = [f"BUILD={self.build}", f"CC={self.cc}"]
        if not self.own:
            options += [f"AR={self.prefix}ar", "LIBCRYPTO=no", "LIBNETTLE=no", "LIBGCRYPT=no"]
        run([os.environ.get("MAKE", "make"), "-s", "-C", str(self.source), *options, "kit", f"{self.build}/handout/glass"],
            f"building for {self.name}")
        return self.source / self.build

    def tool(self, name):
        return self.prefix + name


def headers_of(source):
    return sorted([*source.glob("crypto/*.h"), *source.glob("net/*.h"), *(source / h for h in APP_HEADERS)])


def public_names(source, exercise):
    """What an exercise may call: what the headers declare. Of the steps in *_ref.h only what its own solution uses."""
    own = [p for name in exercise["files"] for folder in SOURCES if (p := source / folder / name).exists()]
    headers = [h for h in headers_of(source) if not h.stem.endswith("_ref")]
    return {name for path in own + headers
            for name in re.findall(r"[A-Za-z_]\w*", re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S))}


def defined_names(machine, path):
    lines = run([machine.tool("nm"), "-g", "--defined-only", str(path)], "nm").splitlines()
    return {line.split()[2] for line in lines if len(line.split()) == 3 and line.split()[1] in "TDRBC"}


def put_together(machine, objects, visible, to):
    """One object of several, in which nothing is to be seen but the names in `visible`."""
    joined = to.with_suffix(".joined")
    run([machine.tool("ld"), "-r", "-o", str(joined), *map(str, objects)], "ld")
    defined = defined_names(machine, joined)
    hidden = sorted(n for n in defined if n.removeprefix("__odr_asan.") not in visible and "asan" not in n.removeprefix("__odr_asan."))
    renamed = to.with_suffix(".names")
    renamed.write_text("".join(f"{name} given_{i}\n" for i, name in enumerate(hidden)))
    localized = to.with_suffix(".local")
    localized.write_text("".join(f"given_{i}\n" for i in range(len(hidden))))
    if hidden:
        run([machine.tool("objcopy"), f"--redefine-syms={renamed}", str(joined)], "objcopy")
        run([machine.tool("objcopy"), f"--localize-symbols={localized}", str(joined)], "objcopy")
    run([machine.tool("objcopy"), "--strip-unneeded", str(joined), str(to)], "objcopy")
    for path in (joined, renamed, localized):
        path.unlink()


def objects_of(exercise, table, own):
    """What an exercise is linked with besides the student's files, as app/workbench/grade/submission.c reads it: a/b is
    a where what it stands on is given, and b where it is the student's."""
    theirs = set()
    for other in table if own else []:
        if other["stem"] in exercise["needs"]:
            theirs |= {pathlib.Path(f).stem for f in other["files"]}
    words = [word.split("/")[own if "/" in word else 0] for word in exercise["given"].split()]
    return [w for w in words if w not in theirs]


def export_kit(machine, built, to, table, chosen, given):
    shutil.copytree(built / "kit/include", to / "include")
    (to / "cc").write_text((built / "kit/cc").read_text().replace(machine.prefix, ""))
    for kind in BUILDS:
        (to / kind).mkdir()
        for exercise in chosen:
            visible = public_names(machine.source, exercise)
            for own in [False, True] if given == "own" and exercise["needs"] else [False]:
                words = objects_of(exercise, table, own)
                if words:
                    put_together(machine, [built / f"kit/{kind}/{w}.o" for w in words], visible,
                                 to / kind / f"{'own' if own else 'given'}_{exercise['stem']}.o")
        for name in ["runner", *(f"run_{e['stem']}" for e in chosen)]:
            run([machine.tool("objcopy"), "--strip-unneeded", str(built / f"kit/{kind}/{name}.o"),
                 str(to / kind / f"{name}.o")], "objcopy")


def export_machine(machine, built, out, table, chosen, given):
    folder = out / "bin" / machine.name
    (folder / "kit").mkdir(parents=True)
    shutil.copy(built / "handout/glass", folder / "glass")
    export_kit(machine, built, folder / "kit", table, chosen, given)


# --- What is read ----------------------------------------------------------------------------------------------------

def is_for_students(path, skeletons):
    return not path.name.startswith((".", "answers")) and (path.suffix in KINDS or path.name in skeletons)


def copy(source, out, path, skeletons=()):
    if (source / path).is_dir():
        for child in sorted((source / path).iterdir()):
            if child.is_dir() or is_for_students(child, skeletons):
                copy(source, out, f"{path}/{child.name}", skeletons)
    else:
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path, out / path)


# In this tree what is tried lies in build/, which a student's `make clean` would take away; the skeletons lie in work/.
def try_in_work(page):
    text = re.sub(r"(?m)^(mkdir -p|cp docs/\S+) build/(work|practice)\n", "", page.read_text())
    page.write_text(re.sub(r"\bbuild/(work|practice)\b", "work", text))


def export_pages(source, out, chosen):
    for path in [*PAGES, "docs/exercises/README.md"]:
        copy(source, out, path)
    try_in_work(out / "docs/exercises/README.md")
    for e in chosen:
        copy(source, out, f"docs/exercises/{e['number']}-{e['stem']}", e["files"])
    for header in headers_of(source):
        if not header.stem.endswith(("_rounds", "_chain")):
            copy(source, out, str(header.relative_to(source)))


def export_work(source, out, chosen):
    """A skeleton for each file that is handed in. Some lie in the folder of an exercise before, as the file grows."""
    (out / "work").mkdir()
    for name in sorted({f for e in chosen for f in e["files"]}):
        found = sorted(source.glob(f"docs/exercises/*/{name}"))
        if not found:
            raise Refused(f"there is no skeleton {name} in docs/exercises")
        shutil.copyfile(found[0], out / "work" / name)


def unlink_what_is_not_there(out):
    for page in sorted(out.rglob("*.md")):
        def mend(match):
            target = match[2].split("#")[0]
            there = not target or "://" in target or target.startswith("mailto:") or (page.parent / target).exists()
            return match[0] if there else match[1]
        rows = []
        for line in page.read_text().splitlines(keepends=True):
            row = re.match(r"\| \[[0-9]+ \w+\]\(([^)]*)\) \|", line) # of an exercise in the table of all
            if row is None or (page.parent / row[1]).exists():
                rows.append(line)
        page.write_text(re.sub(r"\[([^]]*)\]\(([^)\n]*)\)", mend, "".join(rows))) # the words may go over a line's end


def export_student(out, chosen, given, student, key, says):
    first = next((e for e in chosen if e["stem"] == "pkcs7"), next((e for e in chosen if not e["needs"]), chosen[0]))
    values = {"EXERCISES": " ".join(e["stem"] for e in chosen), "GIVEN": given, "DIALECT": says,
              "FIRST": first["stem"], "PAGE": f"docs/exercises/{first['number']}-{first['stem']}/README.md",
              "FILES": " and ".join(f"`work/{f}`" for f in first["files"]), "STANDS": STANDS[given]}
    for name in ("Makefile", "README.md"):
        text = (HERE / "student" / name).read_text()
        (out / name).write_text(re.sub(r"@([A-Z]+)@", lambda m: values[m[1]], text))
    if key is not None:
        (out / "student").write_text(student + "\n")
        (out / "student.key").write_text(key + "\n")


def settle(out):
    """The same rights whatever this user's umask is."""
    for path in [out, *out.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.name == "glass" else 0o644)


# --- All of it -------------------------------------------------------------------------------------------------------

def export(o, scratch):
    key = student_of(o.student, o.secret_file)
    classes = dialect.read(o.dialect) if o.dialect else None
    source, build = (dialect.copy_of(TOP, BUILD, classes, scratch) if classes else (TOP, BUILD))
    machines = [Machine(name, source, build) for name in o.machines.split()]
    if platform.machine() not in o.machines.split(): # whose glass says what there is
        raise Refused(f"MACHINES has to have {platform.machine()}, this machine: its glass knows the exercises")
    built = {m.name: m.make() for m in machines}
    glass = built[platform.machine()] / "handout/glass"
    table = json.loads(run([str(glass), "grade", "--list", "--json"], "glass"))["exercises"]
    chosen = chosen_of(table, o.exercises, o.given)
    out = scratch / "handout"
    out.mkdir()
    for machine in machines:
        export_machine(machine, built[machine.name], out, table, chosen, o.given)
    export_pages(source, out, chosen)
    export_work(source, out, chosen)
    export_student(out, chosen, o.given, o.student, key, dialect.says(classes) if classes else "")
    unlink_what_is_not_there(out)
    settle(out)
    return out, chosen


def main():
    o = arguments()
    place = pathlib.Path(os.path.abspath(o.out))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        free_place(place)
        with tempfile.TemporaryDirectory(prefix=".handout-", dir=place.parent) as scratch:
            out, chosen = export(o, pathlib.Path(scratch))
            free_place(place)
            os.rename(out, place) # an empty folder is replaced
    except (Refused, dialect.Wrong) as e:
        sys.exit(f"handout: {e}")
    except KeyboardInterrupt:
        sys.exit(1)
    print(f"handout: {len(chosen)} exercises for {o.machines} in {o.out}")


if __name__ == "__main__":
    main()
