#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A class whose marks are known: so many students, drawn by a seed, and what `glass grade --class` makes of them.

    BUILD=build class.py STUDENTS [SEED]

Each student has our own solutions: as they are, or with known mistakes (list.txt), with files missing, or with something
in the place of a file that would rather not be graded; some have names that are hard on a table. Grading is broken off
in the middle and gone on with. Then every mark of class.csv must be what the generator knows:

- of the exercise that a mistake is about, the points of the checks that list.txt names are lost, and no others;
- of another exercise that has the same file, what it gets when that mistake is graded alone;
- nothing for an exercise whose file is missing or hostile; all points for the rest.
"""
import collections
import csv
import functools
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import run

OPTIONS = ["--given"]
NAMES = ["=1+1", 'quo"te', "comma, semicolon;", "two\nlines", "\x1b[31mred", "Ägidius 𝄞", "--json", "it's"]
# What stands in the place of a file, by name: a function of its path.
HOSTILE = {
    "says that all is well and ends": lambda path: path.write_text(
        path.read_text() + '\n#include <stdio.h>\n#include <unistd.h>\n__attribute__((constructor)) static void trick(void)'
                           '\n{ puts("OK 100/100"); fflush(stdout); _exit(0); }\n'),
    "prints without end": lambda path: path.write_text(
        path.read_text() + "\n#include <unistd.h>\n__attribute__((constructor)) static void trick(void)\n"
                           "{ static char a[65536]; for (;;) if (write(1, a, sizeof a)) {} }\n"),
    "never ends": lambda path: path.write_text(
        path.read_text() + "\n__attribute__((constructor)) static void trick(void) { for (volatile int a = 0; a == 0;); }\n"),
    "includes the solution": lambda path: path.write_text(f'#include "{run.solution(path.name)}"\n'),
    "is a link to it": lambda path: (path.unlink(), path.symlink_to(run.solution(path.name))),
    "is a folder": lambda path: (path.unlink(), path.mkdir()),
    "is 200 MB": lambda path: os.truncate(path, 200 << 20),
    "is no C": lambda path: path.write_bytes(b"\x7fELF\0\xff]]> \"'\x1b[2J\n" * 50),
    "says hostile words": lambda path: path.write_bytes(b'#error ]]> "<&\x1b[2J\xff\n'),
}


@functools.cache
def exercises():
    return run.table()


@functools.cache
def checks():
    """The points of each check, by stem and description."""
    with tempfile.TemporaryDirectory() as folder:
        run.submission(pathlib.Path(folder))
        points = collections.defaultdict(dict)
        for result in run.grade(folder, options=OPTIONS):
            points[result["data"]["stem"]][result["description"]] = result["data"]["points_max"]
    return points


def full():
    return {stem: sum(points.values()) for stem, points in checks().items()}


def with_file(name):
    return [e["stem"] for e in exercises() if name in e["files"]]


@functools.cache
def mistakes():
    return [dict(r) | {"record": r, "name of the file": pathlib.Path(dict(r)["file"]).name}
            for r in run.records(run.HERE / "list.txt") if dict(r)["kind"] == "wrong"]


@functools.cache
def alone(name):
    """What the mistake of that name gets, by stem, when it is graded by itself."""
    with tempfile.TemporaryDirectory() as folder:
        run.submission(pathlib.Path(folder), next(m["record"] for m in mistakes() if m["name"] == name))
        marks = dict.fromkeys(full(), 0)
        for result in run.grade(folder, options=OPTIONS):
            marks[result["data"]["stem"]] += result["data"]["points"]
    return marks


def make_mistakes(chance, folder, marks):
    """Up to three, each in a file of its own that no other exercise of the others has."""
    taken = set()
    for mistake in chance.sample(mistakes(), 3):
        name = mistake["name of the file"]
        stems = with_file(name)
        if taken & set(stems):
            continue
        taken |= set(stems)
        with tempfile.TemporaryDirectory() as other:
            run.submission(pathlib.Path(other), mistake["record"])
            (folder / name).write_bytes((pathlib.Path(other) / name).read_bytes())
        for stem in stems:
            if next(e for e in exercises() if e["stem"] == stem)["number"] == mistake["exercise"]:
                fails = {part.strip() for part in mistake["fails"].split(";")}
                marks[stem] = sum(points for check, points in checks()[stem].items() if check not in fails)
            else:
                marks[stem] = alone(mistake["name"])[stem]


def take_away(chance, folder, marks):
    files = sorted({name for e in exercises() for name in e["files"]})
    for name in chance.sample(files, chance.randint(1, len(files))):
        (folder / name).unlink()
        marks.update(dict.fromkeys(with_file(name), 0))


def be_hostile(chance, folder, marks):
    name = chance.choice(sorted({name for e in exercises() for name in e["files"]}))
    HOSTILE[chance.choice(sorted(HOSTILE))](folder / name)
    marks.update(dict.fromkeys(with_file(name), 0))


def generate(folder, students, seed):
    """The class in that folder, and what each student must get: by the name that class.csv shows."""
    chance, known = random.Random(seed), {}
    kinds = [None, make_mistakes, make_mistakes, make_mistakes, take_away, be_hostile]
    for i in range(students):
        name = f"{i:03}" + (" " + NAMES[i // 6 % len(NAMES)] if i % 6 == 5 else "")
        name = name[4:] + name[:3] if name[4:].startswith("=") else name
        work = folder / name
        work.mkdir(parents=True)
        run.submission(work)
        marks = full()
        if kinds[i % len(kinds)] is not None:
            kinds[i % len(kinds)](chance, work, marks)
        shown = "".join(c if c >= " " else "?" for c in name)
        known["'" + shown if shown.startswith("=") else shown] = marks
    return known


def grade(classes, results, patience=None):
    """The seconds that it took; broken off after so many, if it has not ended by then."""
    begun = time.monotonic()
    glass = subprocess.Popen([run.GLASS, "grade", *OPTIONS, "--class", classes, "--results", results, "--jobs",
                              os.environ.get("JOBS", str(os.cpu_count()))], stdout=subprocess.DEVNULL,
                             start_new_session=True)
    try:
        status = glass.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(glass.pid, signal.SIGINT)
        glass.wait(60)
        return time.monotonic() - begun
    if status != 0:
        raise SystemExit(f"class: glass ended with status {status}")
    return time.monotonic() - begun


def compare(known, results):
    with open(results / "class.csv", newline="", encoding="utf-8") as f:
        table = {row["student"]: row for row in csv.DictReader(f)}
    if sorted(table) != sorted(known):
        yield f"the students are others: {sorted(set(table) ^ set(known))}"
    for student, marks in known.items():
        row = table.get(student, {})
        wrong = [f"{stem} {row.get(stem)}, not {points}" for stem, points in marks.items() if row.get(stem) != str(points)]
        if row.get("points") != str(sum(marks.values())):
            wrong.append(f"{row.get('points')} points, not {sum(marks.values())}")
        if wrong:
            yield f"{student!r}: {'; '.join(wrong)}"


def main():
    students, seed = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "1"
    with tempfile.TemporaryDirectory() as name:
        classes, results = pathlib.Path(name) / "class", pathlib.Path(name) / "results"
        known = generate(classes, students, seed)
        first = grade(classes, results, patience=students)
        done = {p: p.stat().st_mtime_ns for p in (results / "students").glob("*.csv")}
        second = grade(classes, results)
        failures = list(compare(known, results))
        failures += [f"{p.stem} was graded twice" for p in done if p.stat().st_mtime_ns != done[p]]
    for failure in failures:
        print(f"class: {failure}")
    if failures:
        raise SystemExit(f"class: {len(failures)} of {students} students, drawn by seed {seed}, got other marks")
    print(f"class: {students} students have the marks that they should; broken off with {len(done)} of them after "
          f"{first:.0f} s, and done {second:.0f} s later")


if __name__ == "__main__":
    main()
