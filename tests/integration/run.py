#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs every tests/integration/test_*.py and prints the name of each test that fails. Arguments are parts of names: only
the tests that contain one of them are run.

The tests mostly wait, so several run at a time, each in a process of its own: JOBS of them, else three for each
processor, and at most 8, which is what their bounds on time were tried with. Those that are `@harness.waits` do nothing
for most of their time: they begin first, and half as many of them run beside the others. Those that are
`@harness.alone`, or of a class that says `alone = True`, measure something that others would disturb; they run one after
the other, at the end.

AGAIN=1 is for machines that are shared, where a test can fail for want of a processor: what failed is run three times
more, by itself. A failure in any of these counts, and so do more than two such tests. What passed then is UNSTEADY, with
the words of its failure above, and has to be looked into by a person."""
import json
import os
import random
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
UNSTEADY_MAX = 2
JOBS_MAX = 8


def flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


def is_marked(test, mark):
    return getattr(test, mark, False) or getattr(getattr(test, test._testMethodName), mark, False)


def run(name):
    """Runs one test by its full name; returns its state, what there is to say of it, and its seconds."""
    started = time.monotonic()
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromName(name).run(result)
    seconds = time.monotonic() - started
    for _, text in result.failures + result.errors:
        return "FAILED", text, seconds
    for _, why in result.skipped:
        return "skipped", why, seconds
    return ("ok" if result.testsRun == 1 else "FAILED"), "", seconds


def begin(name):
    """Runs one test in a fresh process, so that it inherits no other's threads or children: a fork of this one, which has
    read all the files and has no thread. Returns the process, and the file where its outcome will be."""
    outcome = tempfile.TemporaryFile("w+")
    pid = os.fork()
    if pid == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            json.dump(run(name), outcome)
            outcome.flush()
        finally:
            os._exit(0)
    return pid, outcome


def run_each(queues):
    """Runs the tests of each queue, of which so many at a time; gives each name and outcome as soon as it is there."""
    running = {}
    while running or any(names for names, _ in queues):
        for names, places in queues:
            while names and sum(queue is names for _, _, queue in running.values()) < places:
                name = names.pop(0)
                pid, outcome = begin(name)
                running[pid] = name, outcome, names
        pid, _ = os.wait()
        name, outcome, _ = running.pop(pid)
        with outcome:
            outcome.seek(0)
            text = outcome.read()
        yield name, json.loads(text) if text else ("FAILED", "its process ended before it did", 0)


def tell(name, outcome, counts):
    state, text, seconds = outcome
    counts[state].append(name)
    print(f"{state:8} {name} ({seconds:.1f} s)" + (f": {text}" if state == "skipped" else ""), flush=True)
    if state == "FAILED":
        print(text, flush=True)


def look_again(counts):
    """Takes out of the failed ones those that pass three times when nothing runs beside them."""
    if len(counts["FAILED"]) > UNSTEADY_MAX:
        return
    for name in list(counts["FAILED"]):
        again = {"ok": [], "skipped": [], "FAILED": []}
        for _ in range(3):
            tell(name, run(name), again)
        if len(again["ok"]) == 3:
            counts["FAILED"].remove(name)
            counts["ok"].append(name)
            print(f"UNSTEADY: {name}")


def main():
    sys.path.insert(0, HERE)
    tests = list(flat(unittest.defaultTestLoader.discover(HERE, pattern="test_*.py")))
    if len(sys.argv) > 1:
        tests = [t for t in tests if any(part in t.id() for part in sys.argv[1:])]
    alone = [t.id() for t in tests if is_marked(t, "alone")]
    waiting = [t.id() for t in tests if is_marked(t, "waits")]
    together = [t.id() for t in tests if t.id() not in alone + waiting]
    random.Random(0).shuffle(together)  # or all of a file wait for the same second, and nothing is done
    counts = {"ok": [], "skipped": [], "FAILED": []}
    jobs = int(os.environ.get("JOBS") or min(JOBS_MAX, 3 * os.cpu_count()))
    for name, outcome in run_each([(waiting, (jobs + 1) // 2), (together, jobs)]):
        tell(name, outcome, counts)
    for name in alone:
        tell(name, run(name), counts)
    if os.environ.get("AGAIN") == "1":
        look_again(counts)
    for name in counts["FAILED"]:
        print(f"FAILED: {name}")
    ran = sum(len(names) for names in counts.values())
    print(f"{ran} integration tests, {len(counts['FAILED'])} failed, {len(counts['skipped'])} skipped")
    return 1 if counts["FAILED"] or ran == len(counts["skipped"]) else 0


if __name__ == "__main__":
    sys.exit(main())
