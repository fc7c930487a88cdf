#!/usr/bin/python3
"""Runs every tests/integration/test_*.py and prints the name of each test that fails. Arguments are parts of names: only
the tests that contain one of them are run."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flat(test)
        else:
            yield test


def main():
    sys.path.insert(0, HERE)
    tests = list(flat(unittest.defaultTestLoader.discover(HERE, pattern="test_*.py")))
    if len(sys.argv) > 1:
        tests = [t for t in tests if any(part in t.id() for part in sys.argv[1:])]
    result = unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(tests))
    bad = result.failures + result.errors
    for test, _ in bad:
        print(f"FAILED: {test.id()}")
    print(f"{result.testsRun} integration tests, {len(bad)} failed, {len(result.skipped)} skipped")
    return 1 if bad or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
