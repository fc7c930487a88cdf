#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Grades what is known: our own solutions must get all points, each wrong one of list.txt must lose exactly those of the
checks that it names, and be told what is the matter; a skeleton gets none, and each page says how many there are.

    BUILD=build run.py [NAME or number of an exercise]...          ALL=1: every check, also of what is no matter of it;
                                                           EACH=3: each third of the wrong ones

A record of list.txt: `name`, `exercise` (its number), `kind` (wrong, timing or memory), then either `file` with pairs of
`from` and `to` (a whole line of our own solution, blanks at its ends apart, and what stands in its place) or `source` (a
whole file in wrong/, in the place of `file`), `mistake` (what the student did), `fails` (the checks that fail, by
semicolons; `nothing else`), and `told` (words of the first failure: what the student reads; several by semicolons).
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

TOP = pathlib.Path(__file__).resolve().parents[2]
HERE = TOP / "tests/exercises"
GLASS = TOP / os.environ.get("BUILD", "build") / "glass"
# Which points are looked at: those that the kind of mistake is about, and with ALL=1 all of them.
LOOKS = {"wrong": [], "timing": ["--ct"], "memory": ["--sanitize"]}
ALL = ["--ct", "--sanitize"]


def records(path):
    record = []
    for line in path.read_text().splitlines() + [""]:
        if line.startswith("#"):
            continue
        if line.strip():
            key, _, value = line.partition("=")
            record.append((key.strip(), value.strip()))
        elif record:
            yield record
            record = []


def solution(name):
    """Our own file of that name."""
    found = [p for folder in ("crypto", "net", "app/peer") if (p := TOP / folder / name).exists()]
    if not found:
        raise SystemExit(f"exercises: there is no {name} in crypto/, net/ or app/peer/")
    return found[0]


def edit(text, changes, name):
    for old, new in changes:
        lines = text.split("\n")
        hits = [i for i, line in enumerate(lines) if line.strip() == old]
        if len(hits) != 1:
            raise SystemExit(f"exercises: {name}: {len(hits)} lines are: {old}")
        lines[hits[0]] = new
        text = "\n".join(lines)
    return text


def wrong_form(record):
    """The text of a record's file; ends the program where a line that it changes is not there."""
    fields = dict(record)
    if "source" in fields:
        return (HERE / "wrong" / fields["source"]).read_text()
    changes, old = [], None
    for key, value in record:
        if key == "from":
            old = value
        elif key == "to":
            changes.append((old, value))
    return edit(solution(pathlib.Path(fields["file"]).name).read_text(), changes, fields["name"])


def table():
    return json.loads(subprocess.run([GLASS, "grade", "--list", "--json"], capture_output=True, check=True).stdout)["exercises"]


def submission(folder, record=None):
    """All our own solutions, or with one file in its wrong form."""
    for exercise in table():
        for name in exercise["files"]:
            shutil.copy(solution(name), folder / name)
    if record is not None:
        name = pathlib.Path(dict(record)["file"]).name
        (folder / name).write_text(wrong_form(record))


def grade(folder, exercise=None, options=()):
    command = [GLASS, "grade", "--json", *options, *(["--exercise", exercise] if exercise else []), folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    try:
        return json.loads(done.stdout)["results"]
    except ValueError:
        raise SystemExit(f"exercises: {done.stdout}{done.stderr}")


def first_words(result):
    cause = result["cause"] or {}
    return f"{cause.get('rationale', '')} {cause.get('help', '')}"


def judge(record):
    fields = dict(record)
    with tempfile.TemporaryDirectory() as name:
        submission(pathlib.Path(name), record)
        options = ALL if os.environ.get("ALL") else LOOKS[fields["kind"]]
        results = grade(name, fields["exercise"], ["--given", *options])
    there = {r["description"] for r in results}
    # Leaks and errors of memory are only looked for in what gives right answers.
    later = {r["description"] for r in results if os.environ.get("ALL") and "right answers first" in first_words(r)}
    wanted = [part.strip() for part in fields["fails"].split(";") if part.strip() in there - later]
    lost = [r["description"] for r in results if r["passed"] is not True and r["description"] not in later]
    if sorted(lost) != sorted(wanted):
        told = "\n".join(f"    {r['description']}: {r['passed']}: {first_words(r)}" for r in results if r["passed"] is not True)
        return f"should fail: {'; '.join(wanted)}\n  and fails: {'; '.join(lost) or 'nothing'}\n{told}"
    failed = [first_words(r) for r in results if r["passed"] is False]
    first = "\n".join(failed if os.environ.get("ALL") else failed[:1]) # with every check another may come before it
    missing = [part.strip() for part in fields["told"].split(";") if part.strip() not in first]
    return f"is told: {first}\n  and not: {'; '.join(missing)}" if missing else None


def judge_own(mode):
    with tempfile.TemporaryDirectory() as name:
        submission(pathlib.Path(name))
        results = grade(name, options=mode)
    return "".join(f"\n    {r['name']}: {first_words(r)}" for r in results if r["passed"] is not True)


def judge_handed_out():
    """What a page says of the points is what the table says; and the skeletons build, and are worth nothing."""
    with tempfile.TemporaryDirectory() as folder:
        for exercise in table():
            page = TOP / f"docs/exercises/{exercise['number']}-{exercise['stem']}/README.md"
            points = re.findall(r"^\| .* \| ([0-9][0-9 +]*) \|$", page.read_text(), re.M)
            if sum(int(n) for cell in points for n in cell.split("+")) != exercise["points"]:
                yield f"{page}: its points are not {exercise['points']}"
        for path in (TOP / "docs/exercises").glob("*/*.c"):
            shutil.copy(path, folder)
        for result in grade(folder, options=["--given", "--ct", "--sanitize"]):
            if result["passed"] is True or "built" in first_words(result) or "handed in" in first_words(result):
                yield f"the skeleton of {result['name']}: {result['passed']}: {first_words(result)}"


def main():
    only = sys.argv[1:]
    named = {dict(r).get("source") for r in records(HERE / "list.txt")}
    unnamed = sorted(p.name for p in (HERE / "wrong").iterdir() if p.name not in named)
    if unnamed:
        raise SystemExit(f"exercises: list.txt names none of: {' '.join(unnamed)}")
    for record in records(HERE / "list.txt"):
        wrong_form(record)  # also of those that are not graded now
    chosen = [r for r in records(HERE / "list.txt") if not only or dict(r)["name"] in only or dict(r)["exercise"] in only]
    chosen = chosen[::int(os.environ.get("EACH", 1))]
    failed = 0
    modes = [] if only else [ALL + ["--given"], []]
    with ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count() or 1))) as pool:
        own = [pool.submit(judge_own, mode) for mode in modes]  # first, as they take the longest
        handed_out = None if only else pool.submit(lambda: list(judge_handed_out()))
        for record, wrong in zip(chosen, pool.map(judge, chosen)):
            if wrong:
                failed += 1
                print(f"exercises: {dict(record)['exercise']} {dict(record)['name']}: {wrong}")
        for wrong in handed_out.result() if handed_out else []:
            failed += 1
            print(f"exercises: {wrong}")
        for options, judged in zip(modes, own):
            if judged.result():
                failed += 1
                print(f"exercises: our own solutions lose points with {' '.join(options)}:{judged.result()}")
    if failed:
        raise SystemExit(f"exercises: {failed} of {len(chosen)} are not graded as they should be")
    print(f"exercises: {len(chosen)} wrong solutions lose their points and no others" + ("" if only else "; our own lose none"))


if __name__ == "__main__":
    main()
