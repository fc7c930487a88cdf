#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""`make site`: each document is a page of it, its check finds what is wrong, and in a browser every page fits, can be
read in each light and can be printed. What needs pandoc or a browser is left out without ALL=1."""
import glob
import os
import shutil
import subprocess
import sys
import unittest

import browser
import harness

TOOL = os.path.join("docs", "site", "site.py")
SESSION = "docs/session.html"
NO_DOCUMENTS = {"handout/student/README.md", "tests/integration/folders-1.0/README.md"}
slow = unittest.skipUnless(os.environ.get("ALL"), "pandoc and a browser take long: ALL=1")
with_pandoc = unittest.skipUnless(shutil.which("pandoc"), "pandoc is not installed: apt-get install pandoc")
with_chromium = unittest.skipUnless(browser.CHROMIUM, "no chromium is installed: apt-get install chromium")


def documents():
    """Every Markdown file of the tree that is there to be read."""
    found = glob.glob("**/*.md", root_dir=harness.ROOT, recursive=True)
    return sorted(path for path in found if not path.startswith("build") and path not in NO_DOCUMENTS)


class Case(harness.TestCase):
    def make(self, tree=harness.ROOT, status=0, **env):
        """Makes the site of a tree; what it said, and its pages."""
        out = self.path("site")
        done = subprocess.run([sys.executable, TOOL, out], cwd=tree, env=dict(os.environ, **env), capture_output=True,
                              encoding="utf-8")
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr, sorted(glob.glob("**/*.html", root_dir=out, recursive=True))

    def copied(self):
        """A copy of what the site is made of."""
        tree = self.path("tree")
        shutil.copytree(os.path.join(harness.ROOT, "docs"), os.path.join(tree, "docs"))
        shutil.copytree(os.path.join(harness.ROOT, "net", "wireshark"), os.path.join(tree, "net", "wireshark"))
        for path in documents():
            os.makedirs(os.path.dirname(os.path.join(tree, path)), exist_ok=True)
            shutil.copyfile(os.path.join(harness.ROOT, path), os.path.join(tree, path))
        return tree


class Refused(Case):
    def test_without_pandoc_it_says_what_is_missing(self):
        self.assertEqual(self.make(status=1, PATH="")[0], "site: pandoc is missing: apt-get install pandoc\n")


# What is planted into the page of a document, or into a picture, and what is said of it.
MISTAKES = {
    "docs/labs/replay.md": {
        "[a](gone.md)": "gone.html leads to nothing in the site",
        "[a](../protocol.md#gone)": "../protocol.html#gone leads to no anchor of docs/protocol.html",
        "[a](#gone)": "#gone leads to no anchor of docs/labs/replay.html",
        "[a](../man)": "../man/index.html leads to nothing in the site",
        "[a](/etc/passwd)": "/etc/passwd leads to nothing in the site",
        "[a](../../../a.md)": "../../../a.md leads to nothing in the site",
        "[a](file:///etc/passwd)": "file:///etc/passwd is neither relative nor of the web",
        "![a](gone.svg)": "gone.svg leads to nothing in the site",
    },
    "docs/operator.md": {
        "![a](https://example.org/a.png)": "loads https://example.org/a.png from elsewhere",
        "<script src=\"//example.org/a.js\"></script>": "loads //example.org/a.js from elsewhere",
        "<link rel=\"stylesheet\" href=\"http://example.org/a.css\">": "loads http://example.org/a.css from elsewhere",
        "<style>a { background: url(a.png) }</style>": "its style loads url(a.png)",
        "![](bench.svg)": "the picture bench.svg has no words in its place",
        "<b id=\"the-text\">a</b>": "has the id the-text twice",
    },
    "docs/bench.svg": {
        "<image href=\"https://example.org/a.png\"/>": "loads https://example.org/a.png from elsewhere",
        "<?xml-stylesheet href=\"https://example.org/a.css\"?>": "loads https://example.org/a.css from elsewhere",
        "<style>@import 'a.css';</style>": "its style loads @import 'a.css'",
        "<path fill=\"url(a.svg#b)\"/>": "its style loads url(a.svg#b)",
        "<use href=\"#gone\"/>": "#gone leads to no anchor of docs/bench.svg",
    },
}


@slow
@with_pandoc
class Built(Case):
    def test_each_document_is_a_page(self):
        said, pages = self.make()
        self.assertEqual(said, "")
        expected = [path.replace("README.md", "index.html").replace(".md", ".html") for path in documents()]
        self.assertEqual(pages, sorted([*expected, SESSION, "net/wireshark/glasschat.lua.html"]))

    def test_each_mistake_is_named(self):
        tree = self.copied()
        for path, mistakes in MISTAKES.items():
            with open(os.path.join(tree, path), "a", encoding="utf-8") as f:
                f.write("".join(f"\n{text}\n" for text in mistakes))
        with open(os.path.join(tree, "docs", "new.md"), "w", encoding="utf-8") as f:
            f.write("# New\n")
        expected = [f"{path.replace('.md', '.html')}: {line}" for path, mistakes in MISTAKES.items()
                    for line in mistakes.values()]
        expected += ["docs/new.md: is in no group of docs/site/site.py"]
        told = self.make(tree, status=1)[0].splitlines()
        self.assertEqual(sorted(told), sorted(f"site: {line}" for line in expected))


@slow
@with_pandoc
@with_chromium
class InBrowser(Case):
    def setUp(self):
        super().setUp()
        self.pages = self.make()[1]
        self.assertIn(SESSION, self.pages)
        self.browser = browser.Browser()
        self.addCleanup(self.browser.close)

    def open_each(self, but=None):
        for page in self.pages:
            if page == but:
                continue
            self.browser.open(self.path(os.path.join("site", page)))
            yield page

    def test_each_page_fits_and_can_be_read_in_each_light(self):
        for page in self.open_each():
            self.assertEqual(self.browser.complaints(), [], page)
            for width in (320, 390, 1000, 1600):
                self.browser.look(width)
                self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), width, (page, width))
            for dark in (False, True):
                self.browser.look(1000, dark)
                ratio, where = self.browser.run(browser.CONTRAST)
                self.assertGreaterEqual(ratio, 4.5, (page, dark, where))

    def test_on_paper_is_the_text_alone(self):
        for page in self.open_each(but=SESSION): # test_session_page prints that
            self.browser.look(672, dark=True, media="print") # what A4 leaves between the margins
            self.assertLessEqual(self.browser.run("document.documentElement.scrollWidth"), 672, page)
            shown = "Array.from(document.querySelectorAll('nav')).filter(n => n.getClientRects().length).length"
            self.assertEqual(self.browser.run(shown), 0, page)
        self.assertTrue(self.browser.pdf().startswith(b"%PDF"))


if __name__ == "__main__":
    harness.main()
