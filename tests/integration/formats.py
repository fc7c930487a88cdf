# SPDX-License-Identifier: MIT
"""The forms that schools' systems read, as those who read them have published them: what a report may hold, and what it
must. Each function takes a report's bytes, fails with the place that is wrong, and returns what was read.

    result = formats.check50(data)      JSON of check50 3: CheckResult in its runner, and its renderers for text and HTML
    suites = formats.junit(data)        both schemas of JUnit's XML: Ant's (JUnit.xsd of windyroad/JUnit-Schema), and
                                        Jenkins' (junit-10.xsd of its xUnit plugin)
    result = formats.gradescope(data)   results.json: gradescope-autograders.readthedocs.io, "Autograder Specifications"
    rows = formats.table(data)          RFC 4180

junit reads it once more with python3-junitparser, where that is installed. test_outputs shows that none of them takes
what is wrong.
"""
import csv
import io
import json
import re
import xml.etree.ElementTree

NUMBER = (int, float)


class Wrong(Exception):
    pass


def need(true, where, what):
    if not true:
        raise Wrong(f"{where}: {what}")


def strict_json(data):
    """RFC 8259, UTF-8: no NaN, and no name twice in an object, which readers resolve differently."""
    def once(pairs):
        names = [name for name, _ in pairs]
        need(len(names) == len(set(names)), "JSON", f"a name stands twice: {names}")
        return dict(pairs)

    def no_constant(word):
        raise Wrong(f"JSON: {word}")

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=no_constant)
    except ValueError as e: # of the text, or of the UTF-8
        raise Wrong(f"JSON: {e}") from None


def is_a(value, kind):
    """A JSON value's type, or one of several; True is no number."""
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return bool in kinds if isinstance(value, bool) else isinstance(value, kinds)


def fields(value, where, required, optional=()):
    """An object with these names, of these types; others only where optional is None."""
    need(is_a(value, dict), where, "is no object")
    for name, kind in required.items():
        need(name in value, where, f"has no {name}")
        need(is_a(value[name], kind), f"{where}.{name}", f"is {value[name]!r}")
    for name in value if optional is not None else ():
        need(name in required or name in optional, where, f"knows no {name}")
        if name in optional:
            need(is_a(value[name], optional[name]), f"{where}.{name}", f"is {value[name]!r}")


# --- check50 ----------------------------------------------------------------------------------------------------------

def check50(data):
    """`check50 --output json`. A result has these seven fields, each of them always; passed is true, false or null. Its
    readers look for cause.rationale in whatever did not pass, for cause.help where there is one (text), and show
    cause.expected and cause.actual beside each other where both are there. A further name at the top or in cause is
    passed over; in a result too, by from_dict. dependency is the name of another result, or null."""
    whole = strict_json(data)
    fields(whole, "the whole", {"slug": str, "results": list, "version": str}, None)
    names = [result.get("name") for result in whole["results"] if is_a(result, dict)]
    need(len(names) == len(set(names)), "results", "a name stands twice")
    for i, result in enumerate(whole["results"]):
        where = f"results[{i}]"
        fields(result, where, {"name": str, "description": str, "log": list, "data": dict},
               {"passed": (bool, type(None)), "cause": (dict, type(None)), "dependency": (str, type(None))})
        for name in ("passed", "cause", "dependency"):
            need(name in result, where, f"has no {name}")
        need(all(is_a(line, str) for line in result["log"]), where, "log is no list of lines")
        need(result["dependency"] in [None] + names, where, "depends on what is not there")
        if result["passed"] is not True:
            cause = result["cause"]
            fields(cause, where + ".cause", {"rationale": str}, None)
            need(cause["rationale"], where, "rationale is empty")
            for name in ("help", "expected", "actual"):
                need(name not in cause or is_a(cause[name], str), where, f"{name} is no text")
            need(cause.get("help") != "", where, "help is empty: readers print a line for it")
            need(("expected" in cause) == ("actual" in cause), where, "expected without actual")
    return whole


# --- JUnit ------------------------------------------------------------------------------------------------------------

COUNT = re.compile(r"[0-9]{1,9}")
TIME = re.compile(r"[0-9]+(\.[0-9]+)?") # xs:decimal in the one schema, thousands with commas in the other: what both take
STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}") # Ant: no zone
TOKEN = re.compile(r"\S+( \S+)*") # xs:token, as it stands after the reader has put its blanks in order
TEXT = re.compile(r"(?s).*")
# The attributes of an element: those that one of the schemas wants, then those that both allow.
SUITE = {"name": TOKEN, "package": TOKEN, "id": COUNT, "timestamp": STAMP, "hostname": TOKEN, "tests": COUNT,
         "failures": COUNT, "errors": COUNT, "time": TIME}, {"skipped": COUNT}
CASE = {"name": TOKEN, "classname": TOKEN, "time": TIME}, {}
VERDICTS = {"failure": ({"type": TEXT}, {"message": TEXT}), "error": ({"type": TEXT}, {"message": TEXT}),
            "skipped": ({}, {"message": TEXT, "type": TEXT})}


def attributes(element, forms):
    required, optional = forms
    for name, form in required.items():
        need(name in element.attrib, element.tag, f"has no {name}")
        need(form.fullmatch(element.get(name)), element.tag, f"{name} is {element.get(name)!r}")
    for name, value in element.attrib.items():
        need(name in required or name in optional, element.tag, f"knows no {name}")
        need(name in required or optional[name].fullmatch(value), element.tag, f"{name} is {value!r}")


def no_text(element):
    need(not (element.text or "").strip(), element.tag, "has text")
    need(not any((child.tail or "").strip() for child in element), element.tag, "has text")


def junit_case(case):
    attributes(case, CASE)
    no_text(case)
    need(len(case) <= 1, "testcase", "has more than one verdict")
    for verdict in case:
        need(verdict.tag in VERDICTS, "testcase", f"has {verdict.tag}")
        attributes(verdict, VERDICTS[verdict.tag])
        need(len(verdict) == 0, verdict.tag, "has elements")


def junit_suite(suite, number):
    attributes(suite, SUITE)
    no_text(suite)
    need(int(suite.get("id")) == number, "testsuite", f"the id is {suite.get('id')} and not {number}")
    order = [child.tag for child in suite]
    need(re.fullmatch("properties( testcase)* system-out system-err", " ".join(order)), "testsuite", f"has {order}")
    for value in suite.find("properties"):
        need(value.tag == "property", "properties", f"has {value.tag}")
        attributes(value, ({"name": TOKEN, "value": TEXT}, {}))
    cases = suite.findall("testcase")
    for case in cases:
        junit_case(case)
    for count, found in (("tests", len(cases)), ("failures", len(suite.findall("*/failure"))),
                         ("errors", len(suite.findall("*/error"))), ("skipped", len(suite.findall("*/skipped")))):
        need(int(suite.get(count)) == found, "testsuite", f"{count} is {suite.get(count)}, and there are {found}")


def junit(data):
    try:
        suites = xml.etree.ElementTree.fromstring(data)
    except xml.etree.ElementTree.ParseError as e:
        raise Wrong(f"XML: {e}") from None
    need(suites.tag == "testsuites" and not suites.attrib, suites.tag, "is not testsuites alone")
    no_text(suites)
    for number, suite in enumerate(suites):
        need(suite.tag == "testsuite", "testsuites", f"has {suite.tag}")
        junit_suite(suite, number)
    read_by_junitparser(data, suites)
    return suites


def read_by_junitparser(data, suites):
    try:
        import junitparser
    except ImportError:
        return
    read = list(junitparser.JUnitXml.fromstring(data))
    need([suite.tests for suite in read] == [len(suite.findall("testcase")) for suite in suites], "junitparser",
         "sees other tests")
    for theirs, ours in zip(read, suites):
        seen = [[type(verdict).__name__.lower() for verdict in case.result] for case in theirs]
        need(seen == [[verdict.tag for verdict in case] for case in ours.findall("testcase")], "junitparser",
             f"sees other verdicts: {seen}")


# --- Gradescope -------------------------------------------------------------------------------------------------------

VISIBILITY = ("hidden", "after_due_date", "after_published", "visible")
FORMAT = ("text", "html", "simple_format", "md", "ansi")
WORDS = {"visibility": VISIBILITY, "stdout_visibility": VISIBILITY, "output_format": FORMAT, "name_format": FORMAT,
         "test_output_format": FORMAT, "test_name_format": FORMAT, "status": ("passed", "failed")}
TEST = {"score": NUMBER, "max_score": NUMBER, "status": str, "name": str, "name_format": str, "number": str, "output": str,
        "output_format": str, "tags": list, "visibility": str, "extra_data": dict}
WHOLE = {"score": NUMBER, "execution_time": NUMBER, "output": str, "output_format": str, "test_output_format": str,
         "test_name_format": str, "visibility": str, "stdout_visibility": str, "extra_data": dict, "tests": list,
         "leaderboard": list}


def words(value, where):
    for name, allowed in WORDS.items():
        need(name not in value or value[name] in allowed, where, f"{name} is {value.get(name)!r}")


def gradescope(data, graded=True):
    """Every name may be missing, but there is a score: one for the whole, or one of each test. That is how a mark comes
    about; of what was not graded (graded=False) there must be none, anywhere, and text that says so. Text is shown as
    plain text: what a submission says must not be taken for HTML or Markdown."""
    whole = strict_json(data)
    fields(whole, "the whole", {}, WHOLE)
    words(whole, "the whole")
    tests = whole.get("tests", [])
    for i, test in enumerate(tests):
        fields(test, f"tests[{i}]", {}, TEST)
        words(test, f"tests[{i}]")
        need(0 <= test.get("score", 0) <= test.get("max_score", test.get("score", 0)), f"tests[{i}]", "scores too much")
        need(all(is_a(tag, str) for tag in test.get("tags", [])), f"tests[{i}]", "tags are no words")
        formats = [test.get(name, whole.get("test_" + name, "text")) for name in ("output_format", "name_format")]
        need(formats == ["text", "text"], f"tests[{i}]", "is not shown as plain text")
    need(whole.get("output_format", "text") == "text", "the whole", "is not shown as plain text")
    scores = ["score" in test for test in tests]
    if graded:
        need("score" in whole or (scores and all(scores)), "the whole", "a score is missing")
    else:
        need("score" not in whole and not any(scores), "the whole", "a score, and it was not graded")
        need(not any("max_score" in test or "status" in test for test in tests), "the whole", "a verdict without a score")
        need("ot graded" in whole.get("output", ""), "the whole", "does not say that it was not graded")
    return whole


# --- CSV --------------------------------------------------------------------------------------------------------------

def table(data):
    """Lines that end in CR LF, fields in quotes where they need them, as many in each line as in the first. A line is a
    line: what splits at line ends first, as spreadsheets' imports and shell scripts do, sees the same."""
    text = data.decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    need(text.endswith("\r\n") and len(rows) == text.count("\n") == text.count("\r"), "CSV", "a line is no line")
    need(all(len(row) == len(rows[0]) for row in rows), "CSV", "lines differ in their fields")
    need(not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]", text), "CSV", "a control character")
    need(not any(field[:1] in tuple("=+-@\t\r") for row in rows for field in row if field), "CSV", "a formula")
    return [dict(zip(rows[0], row)) for row in rows[1:]]
