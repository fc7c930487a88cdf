#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes one static site of the documents, from the top of the tree, and checks it: `site.py OUT`.

pandoc turns each document into a page at the same place, README.md into index.html. A link to a document leads to its
page, one to a folder to the page of its README, one to any other text to a page that shows it. Then every page and
picture is read as a browser would read it: see Page and complaints. What is wrong is told in a line each, and the
status is 1."""
import concurrent.futures
import glob
import html
import html.parser
import os
import re
import shutil
import subprocess
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
SESSION = "docs/session.html"
AS_IT_IS = (".svg", ".png", ".html")


# --- The documents, in the order in which they are read ---------------------------------------------------------------

def folder(path):
    """The documents in a folder: its README, those that it links to, in its order, then the others."""
    readme = f"{path}/README.md"
    there = {readme, *glob.glob(f"{path}/*.md"), *glob.glob(f"{path}/*/README.md")}
    linked = [target(readme, link) for link in re.findall(r"\]\(([^)]+)\)", read(readme))]
    return list(dict.fromkeys([readme, *(p for p in linked if p in there), *sorted(there)]))


def groups():
    """The navigation: names, and the documents below each."""
    return {
        "Begin": ["README.md", "docs/using.md", SESSION, "docs/wireshark.md"],
        "Walkthrough": folder("docs/walkthrough"),
        "Exercises": folder("docs/exercises"),
        "Labs": folder("docs/labs"),
        "How it works": ["docs/protocol.md", "docs/threat-model.md", "SECURITY.md", "docs/constant-time.md",
                         "docs/performance.md"],
        "For a class": ["docs/teaching.md", "handout/README.md", "docs/operator.md"],
        "Changing it": ["docs/development.md", "tests/README.md", "vectors/README.md", "CHANGELOG.md"],
    }


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def title(path):
    """The first heading; of a page that is there already, what its title says."""
    found = re.search(r"<title>(.*?)</title>" if path.endswith(".html") else r"(?m)^# (.*)", read(path))
    return found[1].replace("`", "") if found else path


# --- Links ------------------------------------------------------------------------------------------------------------

def target(source, link):
    """What a link in a document leads to, from the top of the tree; None if that is not in the tree."""
    parts = urllib.parse.urlsplit(link)
    path = os.path.normpath(os.path.join(os.path.dirname(source), urllib.parse.unquote(parts.path)))
    if parts.scheme or parts.netloc or not parts.path or path.startswith(("/", "..")):
        return None
    return os.path.normpath(f"{path}/README.md") if os.path.isdir(path) else path


def place(path):
    """Where in the site the page of a file is."""
    if os.path.basename(path) == "README.md":
        return path.removesuffix("README.md") + "index.html"
    if path.endswith(AS_IT_IS):
        return path
    return path.removesuffix(".md") + ".html"


def relative(source, path):
    return urllib.parse.quote(os.path.relpath(place(path), os.path.dirname(place(source)) or "."))


# --- A page -----------------------------------------------------------------------------------------------------------

REFERENCE = re.compile(r'(<(?:a|img) (?:[^>]* )?(?:href|src)=")([^"]+)')


def navigation(source, named, titles):
    """A list for each group, of which the one with this page is open."""
    parts = []
    for name, group in named.items():
        links = [f'<li><a href="{relative(source, path)}"{" aria-current=page" if path == source else ""}>'
                 f"{html.escape(titles[path])}</a></li>" for path in group]
        parts.append(f"<details{' open' if source in group else ''}><summary>{name}</summary>\n<ul>\n"
                     + "\n".join(links) + "\n</ul></details>")
    return "\n".join(parts)


def neighbours(source, order, titles):
    """Links to the page before and the page after."""
    at = order.index(source) if source in order else None
    beside = [] if at is None else [("prev", at - 1), ("next", at + 1)]
    return "\n".join(f'<a rel="{rel}" href="{relative(source, order[i])}">{html.escape(titles[order[i]])}</a>'
                     for rel, i in beside if 0 <= i < len(order))


def pandoc(text, name, **variables):
    """docs/site/page.html, filled in. (A table with a line longer than --columns would be given widths.)"""
    options = [f"--variable={key}={value}" for key, value in variables.items()]
    return subprocess.run(
        ["pandoc", "--from=gfm", "--to=html5", f"--template={HERE}/page.html", f"--metadata=pagetitle={name}", "--toc",
         "--toc-depth=3", "--no-highlight", "--wrap=preserve", "--columns=10000", *options],
        input=text, stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout


def shown(path):
    """A file that is no document, as one."""
    fence = "~" * 40
    return f"# {path}\n\n{fence}\n{read(path)}\n{fence}\n"


def page(source, text, named, titles):
    """The page of a document, and what it leads to."""
    order = [path for group in named.values() for path in group if path != SESSION]
    name = title(source) if source == "README.md" else titles.get(source, source) + " - glasschat"
    made = pandoc(text, name, root=os.path.relpath(".", os.path.dirname(source) or "."),
                  navigation=navigation(source, named, titles), along=neighbours(source, order, titles))
    made = re.sub(r"<table.*?</table>", r'<div class="wide">\g<0></div>', made, flags=re.S)
    made = re.sub(r"<p>(<img [^>]*>)</p>", r'<p class="wide">\1</p>', made)
    leads_to = set()

    def lead(match):
        to = target(source, html.unescape(match[2]))
        if to is None:
            return match[0]
        leads_to.add(to)
        hash_mark, anchor = match[2].partition("#")[1:]
        return match[1] + relative(source, to) + hash_mark + anchor

    head, main, foot = re.split(r"(<main.*</main>)", made, flags=re.S)
    return head + REFERENCE.sub(lead, main) + foot, leads_to


# --- The site ---------------------------------------------------------------------------------------------------------

def forgotten(named):
    """Documents that the navigation does not have."""
    there = {*glob.glob("*.md"), *glob.glob("docs/**/*.md", recursive=True)}
    return sorted(there.difference(*named.values()))


def build(out, named):
    """Writes all pages, then what they lead to."""
    titles = {path: title(path) for group in named.values() for path in group}
    documents = [path for path in titles if path != SESSION]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        made = list(pool.map(lambda path: page(path, read(path), named, titles), documents))
    for path, (text, _) in zip(documents, made):
        write(out, place(path), text)
    for path in sorted({SESSION, *(p for _, leads_to in made for p in leads_to)} - {*documents}):
        if path.endswith(AS_IT_IS) and os.path.isfile(path):
            copy(path, out, path)
        elif not path.endswith(".md") and os.path.isfile(path):
            write(out, place(path), page(path, shown(path), named, titles)[0])
    copy(os.path.join(HERE, "site.css"), out, "site.css")


def write(out, name, text):
    path = os.path.join(out, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def copy(path, out, name):
    os.makedirs(os.path.dirname(os.path.join(out, name)), exist_ok=True)
    shutil.copyfile(path, os.path.join(out, name))


# --- The check --------------------------------------------------------------------------------------------------------

class Page(html.parser.HTMLParser):
    """What is checked of a page, or of a picture: its ids, where its links lead, what it loads, and pictures without
    words."""
    LOADS = {"src", "srcset", "poster", "data", "background"}

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.loads, self.wordless = [], [], [], []
        self.style, self.in_style = "", False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.in_style = tag == "style"
        attrs = [(name, value or "") for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        self.style += "".join(value for name, value in attrs if name == "style" or value.startswith("url("))
        refers = [value for name, value in attrs if name in ("href", "xlink:href")]
        self.loads += [value for name, value in attrs if name in self.LOADS]
        if tag in ("a", "area"):
            self.links += refers
        else:
            self.loads += refers
        if tag == "img" and not dict(attrs).get("alt", "").strip():
            self.wordless.append(dict(attrs).get("src"))

    def handle_pi(self, data):
        self.loads += re.findall(r"""href=["']([^"']*)""", data)

    def handle_data(self, data):
        self.style += data if self.in_style else ""

    def handle_endtag(self, tag):
        self.in_style = False


def mistake(pages, out, name, link, loaded):
    """What is wrong with a link of a page, or with what it loads; None if nothing is."""
    parts = urllib.parse.urlsplit(link)
    if parts.scheme or parts.netloc:
        if loaded:
            return f"loads {link} from elsewhere"
        return None if parts.scheme in ("http", "https", "mailto") else f"{link} is neither relative nor of the web"
    path = name
    if parts.path:
        path = os.path.normpath(os.path.join(os.path.dirname(name), urllib.parse.unquote(parts.path)))
    if path.startswith(("/", "..")) or not os.path.isfile(os.path.join(out, path)):
        return f"{link} leads to nothing in the site"
    if parts.fragment and path in pages and urllib.parse.unquote(parts.fragment) not in pages[path].ids:
        return f"{link} leads to no anchor of {path}"
    return None


def complaints(out):
    """What is wrong with a site, a line each."""
    names = sorted(os.path.relpath(p, out) for kind in ("html", "svg")
                   for p in glob.glob(f"{out}/**/*.{kind}", recursive=True))
    pages = {name: Page(read(os.path.join(out, name))) for name in names}
    for name, found in pages.items():
        mistakes = [mistake(pages, out, name, link, loaded) for loaded, links in enumerate((found.links, found.loads))
                    for link in links]
        mistakes += [f"the picture {source} has no words in its place" for source in found.wordless]
        mistakes += [f"has the id {i} twice" for i in dict.fromkeys(found.ids) if found.ids.count(i) > 1]
        mistakes += [f"its style loads {what}" for what in style_loads(found.style)]
        yield from (f"{name}: {why}" for why in mistakes if why)
    yield from (f"site.css: loads {what}" for what in style_loads(read(os.path.join(out, "site.css"))))


def style_loads(style):
    """What a style would load; `url(#x)` is something on the same page."""
    return re.findall(r"@import[^;]*|url\((?!['\"]?#)[^)]*\)", style)


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: docs/site/site.py OUT, from the top of the tree")
    if not shutil.which("pandoc"):
        sys.exit("site: pandoc is missing: apt-get install pandoc")
    out = sys.argv[1]
    try:
        os.makedirs(out)
        named = groups()
        build(out, named)
    except OSError as error:
        sys.exit(f"site: {error.filename}: {error.strerror}")
    except subprocess.CalledProcessError:
        sys.exit("site: pandoc failed")
    wrong = [f"{path}: is in no group of docs/site/site.py" for path in forgotten(named)] + list(complaints(out))
    for line in wrong:
        print(f"site: {line}", file=sys.stderr)
    if wrong:
        sys.exit(1)
    print(f"{out}/index.html")


if __name__ == "__main__":
    main()
