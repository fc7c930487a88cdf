#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""glass explain --html: each value on the page computed again, from the page's bytes and by other code; and the page in
a browser, from a keyboard, at several widths, light, dark and on paper. What needs the browser is left out where there
is no Chromium, and without ALL=1, as it takes long to start."""
import base64
import filecmp
import functools
import hashlib
import hmac
import html.parser
import os
import re
import stat
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

import browser
import glasschat_client as gc
import harness

DOCS = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "session.html")


class Reader(html.parser.HTMLParser):
    """Boxes by id, each with the bytes in it; the tables; the bytes of each whole."""

    def __init__(self, text):
        super().__init__()
        self.bytes, self.values, self.tables, self.path = {}, {}, [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables:
            self.tables[-1][-1].append("")
        self.path.append((tag, attrs))

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.path.pop()[0] == tag, (tag, self.getpos())

    def handle_data(self, data):
        code = next((a for t, a in reversed(self.path) if t == "code"), {}).get("class")
        if any(t in ("td", "th") for t, _ in self.path):
            self.tables[-1][-1][-1] += data
        elif code == "b":
            whole = next(a["data-whole"] for _, a in reversed(self.path) if "data-whole" in a)
            self.bytes[whole] = self.bytes.get(whole, b"") + bytes.fromhex(data)
        elif code == "v":
            box = next(a["id"] for t, a in reversed(self.path) if t == "details")
            self.values[box] = self.values.get(box, b"") + bytes.fromhex(data)


@functools.cache
def page_of(seed):
    """The page of a seed: a key is made for it, which takes a moment."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "page.html")
        subprocess.run([harness.program("glass"), "explain", "--html", path, "--seed", seed], check=True)
        with open(path, encoding="utf-8") as f:
            return f.read()


# --- AES and SHA-256, from their standards ---------------------------------------------------------------------------

def times(a, b):
    """The product of two bytes in GF(2^8), FIPS 197 section 4.2."""
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a, b = (a << 1) ^ (0x11b if a & 0x80 else 0), b >> 1
    return product


def s_box(x):
    """FIPS 197 section 5.1.1: the inverse, then an affine map."""
    inverse = next((y for y in range(256) if times(x, y) == 1), 0)
    bits = 0x63
    for shift in range(5):
        bits ^= (inverse << shift | inverse >> (8 - shift)) & 0xff
    return bits


S_BOX = bytes(map(s_box, range(256)))


def round_keys(key):
    """FIPS 197 section 5.2."""
    words, rcon = [key[i:i + 4] for i in range(0, len(key), 4)], 1
    nk = len(words)
    for i in range(nk, 4 * (nk + 7)):
        word = words[-1]
        if i % nk == 0:
            word = bytes(S_BOX[b] for b in word[1:] + word[:1])
            word, rcon = bytes([word[0] ^ rcon]) + word[1:], times(rcon, 2)
        elif nk > 6 and i % nk == 4:
            word = bytes(S_BOX[b] for b in word)
        words.append(bytes(a ^ b for a, b in zip(words[-nk], word)))
    return [b"".join(words[i:i + 4]) for i in range(0, len(words), 4)]


def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def mix(column):
    return bytes(times(column[r], 2) ^ times(column[(r + 1) % 4], 3) ^ column[(r + 2) % 4] ^ column[(r + 3) % 4]
                 for r in range(4))


def aes_steps(key, iv, plaintext):
    """Name, what is added and the state after it, for each step of a CBC block."""
    keys = round_keys(key)
    state = plaintext
    yield "plaintext", b"", state
    state = xor(state, iv)
    yield "xor iv", iv, state
    state = xor(state, keys[0])
    yield "AddRoundKey", keys[0], state
    for number, round_key in enumerate(keys[1:], 1):
        state = bytes(S_BOX[b] for b in state)
        yield "SubBytes", b"", state
        state = bytes(state[(i + 4 * (i % 4)) % 16] for i in range(16))
        yield "ShiftRows", b"", state
        if number < len(keys) - 1:
            state = b"".join(mix(state[i:i + 4]) for i in range(0, 16, 4))
            yield "MixColumns", b"", state
        state = xor(state, round_key)
        yield "AddRoundKey", round_key, state


def primes(count):
    found = []
    number = 2
    while len(found) < count:
        if all(number % p for p in found):
            found.append(number)
        number += 1
    return found


def root_bits(number, degree):
    """The first 32 bits of the fraction of a root, FIPS 180-4 sections 4.2.2 and 5.3.3."""
    low, high, wanted = 0, number << 32, number << (32 * degree)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle ** degree <= wanted else (low, middle - 1)
    return low & 0xffffffff


K = [root_bits(p, 3) for p in primes(64)]
H = [root_bits(p, 2) for p in primes(8)]


def rotr(x, n):
    return (x >> n | x << (32 - n)) & 0xffffffff


def sha_rows(state, block):
    """The rows of the table of one block, FIPS 180-4 section 6.2.2; and the state after it."""
    w = [int.from_bytes(block[i:i + 4], "big") for i in range(0, 64, 4)]
    for t in range(16, 64):
        s0 = rotr(w[t - 15], 7) ^ rotr(w[t - 15], 18) ^ w[t - 15] >> 3
        s1 = rotr(w[t - 2], 17) ^ rotr(w[t - 2], 19) ^ w[t - 2] >> 10
        w.append((s1 + w[t - 7] + s0 + w[t - 16]) & 0xffffffff)
    v, rows = list(state), [["H", "", "", "", ""] + [f"{x:08x}" for x in state]]
    for t in range(64):
        a, b, c, d, e, f, g, h = v
        t1 = (h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (e & f ^ ~e & g) + K[t] + w[t]) & 0xffffffff
        t2 = ((rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + (a & b ^ a & c ^ b & c)) & 0xffffffff
        v = [(t1 + t2) & 0xffffffff, a, b, c, (d + t1) & 0xffffffff, e, f, g]
        rows.append([str(t)] + [f"{x:08x}" for x in [w[t], K[t], t1, t2] + v])
    state = [(x + y) & 0xffffffff for x, y in zip(state, v)]
    return rows + [["H + v", "", "", "", ""] + [f"{x:08x}" for x in state]], state


def hmac_blocks(key, data):
    for pad, message in ((0x36, data), (0x5c, hashlib.sha256(xor(key.ljust(64, b"\0"), b"\x36" * 64) + data).digest())):
        whole = xor(key.ljust(64, b"\0"), bytes([pad]) * 64) + message
        bits = 8 * len(whole)
        whole += b"\x80" + b"\0" * ((-len(whole) - 9) % 64) + bits.to_bytes(8, "big")
        yield [whole[i:i + 64] for i in range(0, len(whole), 64)]


class Values(harness.TestCase):
    """The page against docs/protocol.md and the standards."""

    def setUp(self):
        super().setUp()
        self.text = page_of("7")
        self.page = Reader(self.text)

    def test_docs_have_what_the_code_writes(self):
        self.run_program("glass", "explain", "--html", self.path("docs.html"), status=0)
        self.assertTrue(filecmp.cmp(DOCS, self.path("docs.html"), shallow=False),
                        "docs/session.html is another: make docs/session.html")

    def test_it_is_well_formed_xml_too(self):
        text = re.sub(r"(<(script|style)>).*?(</\2>)", r"\1\3", self.text, flags=re.S)
        root = xml.etree.ElementTree.fromstring(text)
        ids = [e.get("id") for e in root.iter() if e.get("id")]
        self.assertEqual(len(ids), len(set(ids)))
        links = [e.get("href") for e in root.iter("a")]
        self.assertEqual([h for h in links if h[0] != "#" or h[1:] not in ids], [])
        self.assertEqual([e.attrib for e in root.iter() if any(a.startswith(("on", "style")) for a in e.attrib)], [])
        self.assertLess(len(self.text.encode()), 1000000)

    def test_its_policy_allows_its_own_style_and_script_alone(self):
        policy = re.search(r'Content-Security-Policy" content="([^"]*)"', self.text).group(1)
        self.assertIn("default-src 'none'", policy)
        for name in ("style", "script"):
            content = re.search(f"<{name}>(.*?)</{name}>", self.text, re.S).group(1)
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            self.assertIn(f"{name}-src 'sha256-{digest}'", policy)
        self.assertNotIn("unsafe", policy)

    def keys(self, number):
        return tuple(self.page.values[f"k{number}-{part}"] for part in ("secret", "enc_key", "mac_key"))

    def test_the_key_schedule_is_that_of_the_protocol(self):
        v = {name[2:]: value for name, value in self.page.values.items() if name.startswith("v-")}
        p, number = gc.GROUPS[2], lambda name: int.from_bytes(v[name], "big")
        for side in ("client", "server"):
            self.assertEqual(pow(2, number(f"{side}_private"), p), number(f"{side}_public"))
        self.assertEqual(pow(number("server_public"), number("client_private"), p), number("Z"))
        hello, answer = self.page.bytes["f1"], self.page.bytes["f2"]
        self.assertEqual(v["C"], hashlib.sha256(b"glasschat/1 context\0\1\0\0").digest())
        self.assertEqual(v["T"], hashlib.sha256(v["C"] + hello + answer).digest())
        self.assertEqual(v["signed_hash"], hashlib.sha256(v["C"] + hello + answer[:-386]).digest())
        self.assertEqual(v["signature"], answer[-384:])
        self.assertEqual(v["prk"], hmac.digest(v["client_random"] + v["server_random"], v["Z"], "sha256"))
        secrets = {gc.expand(v["prk"], f"glasschat/1 {side}".encode() + v["T"], 32): side
                   for side in ("client", "server")}
        self.assertEqual({self.keys(n)[0] for n in (1, 2)}, set(secrets))
        client = next(n for n in (1, 2) if secrets[self.keys(n)[0]] == "client")
        self.assertEqual(self.keys(3)[0], gc.expand(self.keys(client)[0], b"glasschat/1 update", 32))
        for n in (1, 2, 3):
            secret, enc_key, mac_key = self.keys(n)
            self.assertEqual(enc_key, gc.expand(secret, b"glasschat/1 encrypt", 16))
            self.assertEqual(mac_key, gc.expand(secret, b"glasschat/1 authenticate", 32))

    def test_each_record_opens_under_the_keys_that_it_leads_to(self):
        records = sorted((int(whole[1:]) for whole in self.page.bytes if whole[0] == "p"))
        self.assertEqual(len(records), len(self.page.bytes) // 2 - 1)
        for n in records:
            section = self.text[self.text.index(f'id="f{n}"'):]
            how = re.search(r'<dl class="how">.*?#k(\d)-enc_key.*?#k(\d)-mac_key.*?"number">(.*?)</code>', section,
                            re.S)
            sequence = bytes.fromhex(re.sub(r"<.*?>", "", how.group(3)))
            frame, plaintext = self.page.bytes[f"f{n}"], self.page.bytes[f"p{n}"]
            enc_key, mac_key = self.keys(how.group(1))[1], self.keys(how.group(2))[2]
            self.assertEqual(hmac.digest(mac_key, sequence + frame[:-32], "sha256"), frame[-32:])
            cipher = Cipher(algorithms.AES(enc_key), modes.CBC(frame[4:20])).decryptor()
            self.assertEqual(cipher.update(frame[20:-32]) + cipher.finalize(), plaintext)

    def test_the_steps_of_aes_are_those_of_the_standard(self):
        frame, plaintext = self.page.bytes["f3"], self.page.bytes["p3"]
        rows = [[r[2], bytes.fromhex(r[3]), bytes.fromhex(r[4])] for r in self.page.tables[0][1:]]
        self.assertEqual(rows, [list(step) for step in aes_steps(self.keys(1)[1], frame[4:20], plaintext[:16])])
        self.assertEqual(rows[-1][2], frame[20:36])

    def test_the_rounds_of_sha256_are_those_of_the_standard(self):
        frame, tables = self.page.bytes["f3"], iter(self.page.tables[1:])
        for blocks in hmac_blocks(self.keys(1)[2], bytes(8) + frame[:-32]):
            state = H
            for block in blocks:
                rows, state = sha_rows(state, block)
                self.assertEqual(next(tables)[1:], rows)
        self.assertEqual(b"".join(x.to_bytes(4, "big") for x in state), frame[-32:])
        self.assertEqual(list(tables), [])

    def test_wrong_use(self):
        for args, why in (([], "--html or --session is missing"), (["--html"], "--html needs a value"),
                          (["--html", ""], "what is to be written needs a name"),
                          (["--session", "x", "--pcap", ""], "what is to be written needs a name"),
                          (["--html", "x", "--seed", "-1"], "--seed takes a number"),
                          (["--html", "x", "--seed", "1", "--session", "y"], "a recorded session has no --seed")):
            self.misuse("glass", ["explain", *args], why)
        with open(self.path("mine"), "w", encoding="ascii") as mine:
            mine.write("what is there stays")
        self.run_program("glass", "explain", "--html", self.path("mine"), status=1)
        with open(self.path("mine"), encoding="ascii") as mine:
            self.assertEqual(mine.read(), "what is there stays")
        unwritten = self.run_program("glass", "explain", "--html", "no/where", status=1)
        self.assertIn(b"can't be made", unwritten.stderr)
        missing = self.run_program("glass", "explain", "--html", "x", "--session", "no/where", status=1)
        self.assertIn(b"no/where", missing.stderr)
        self.assertFalse(os.path.exists(self.path("x")))


class Recorded(harness.TestCase):
    """A recording, put together of what the page of a seed says that a client had."""

    def recording(self, page):
        v, lines = page.values, []
        add = lambda name, value: lines.append(f"{len(lines) / 1000:.6f} {name} {value.hex()}")
        for name in ("C", "client_random", "client_private", "client_public"):
            add(name, v[f"v-{name}"])
        add("client_hello", page.bytes["f1"])
        add("server_hello", page.bytes["f2"])
        for name in ("signed_hash", "Z", "prk", "T"):
            add(name, v[f"v-{name}"])
        add("c_secret", v["k2-secret"])
        add("s_secret", v["k1-secret"])
        keys = lambda n: [add(part, v[f"k{n}-{part}"]) for part in ("secret", "enc_key", "mac_key")]
        keys(2)
        keys(1)
        sequence = {"open": 0, "seal": 0}
        for n in range(3, len(page.bytes) // 2 + 2):
            frame, plaintext = page.bytes[f"f{n}"], page.bytes[f"p{n}"]
            way = "open" if hmac.digest(v["k1-mac_key"], sequence["open"].to_bytes(8, "big") + frame[:-32],
                                        "sha256") == frame[-32:] else "seal"
            add(f"{way}_sequence", sequence[way].to_bytes(8, "big"))
            if way == "seal":
                add("seal_iv", frame[4:20])
                add("seal_plaintext", plaintext)
            add(f"{way}_frame", frame)
            if way == "open":
                add("open_plaintext", plaintext[:-plaintext[-1]])
            elif plaintext[0] == 2:
                keys(3)
            sequence[way] += 1
        head = "glasschat recording 1\nrole client\nserver chat.example:7447\nbegan 1772582400\n"
        return (head + "\n".join(lines) + "\nend\n").encode()

    def setUp(self):
        super().setUp()
        self.played = Reader(page_of("7"))
        self.file = self.path("recording", self.recording(self.played))

    def test_it_is_drawn_like_a_played_one(self):
        self.run_program("glass", "explain", "--html", self.path("page.html"), "--session", self.file, status=0)
        with open(self.path("page.html"), encoding="utf-8") as f:
            text = f.read()
        page = Reader(text)
        self.assertEqual(page.bytes, self.played.bytes)
        self.assertEqual(page.tables, self.played.tables)
        self.assertNotIn("v-server_private", page.values)
        self.assertIn("This side was not recorded", text)
        self.assertIn("chat.example:7447", text)
        self.assertIn("This page holds every key", text)

    def test_it_is_nobody_elses_to_read(self):
        command = ("explain", "--html", self.path("secret.html"), "--session", self.file)
        self.assertIn(b"every key", self.run_program("glass", *command, status=0).stderr)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("secret.html")).st_mode), 0o600)
        self.assertIn(b"is there already", self.run_program("glass", *command, status=1).stderr)

    def test_a_damaged_one_leaves_nothing(self):
        with open(self.file, "rb") as f:
            damaged = f.read().replace(b" Z ", b" z ")
        done = self.run_program("glass", "explain", "--html", self.path("none.html"), "--session",
                                self.path("damaged", damaged), status=1)
        self.assertIn(b"damaged", done.stderr)
        self.assertFalse(os.path.exists(self.path("none.html")))


# Where the page is wider than the window, or something on it reaches out of the window and can't be scrolled to.
TOO_WIDE = """Array.from(document.querySelectorAll('body *')).filter(e => {
    const r = e.getBoundingClientRect();
    return r.width > 0 && (r.right > innerWidth + 1 || r.left < -1) && !e.closest('.wide, .away, .skip');
}).map(e => e.outerHTML.slice(0, 80))"""

STAGE = """(id => { const s = document.getElementById(id);
    return s.querySelector('.now').textContent + s.querySelector('.drawing').outerHTML; })"""


@unittest.skipUnless(os.environ.get("ALL"), "a browser takes long to start: ALL=1")
@unittest.skipUnless(browser.CHROMIUM, "no chromium is installed: apt-get install chromium")
@harness.unsanitized
class InBrowser(harness.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = browser.Browser()
        cls.addClassCleanup(cls.shared.close)

    def setUp(self):
        super().setUp()
        self.browser, self.run_script = self.shared, self.shared.run
        self.browser.look(1280)
        self.browser.open(self.path("page.html", page_of("7").encode()))

    def test_opens_without_a_word(self):
        self.run_script("document.querySelectorAll('button').forEach(b => b.click())")
        self.assertEqual(self.browser.complaints(), [])

    def test_a_link_to_nothing_leads_nowhere(self):
        for fragment in ("%", "%ff", "nothing"):
            with self.subTest(fragment):
                self.run_script(f"location.hash = '#{fragment}'; new Promise(done => setTimeout(done, 50))")
                self.assertEqual(self.browser.complaints(), [])

    def test_what_leads_nowhere_looks_so(self):
        look = """(() => { const b = document.querySelector('#aes-stage [data-go=%s]'), s = getComputedStyle(b);
            return [b.getAttribute('aria-disabled'), s.opacity, s.cursor]; })()"""
        off, on = ["true", "0.45", "default"], ["false", "1", "pointer"]
        for at, ways in (("first", {"first": off, "back": off, "on": on, "last": on}),
                         ("on", {"first": on, "back": on, "on": on, "last": on}),
                         ("last", {"first": on, "back": on, "on": off, "last": off})):
            self.run_script(f"document.querySelector('#aes-stage [data-go={at}]').click()")
            self.assertEqual({way: self.run_script(look % way) for way in ways}, ways)

    def test_each_box_opens_from_the_keyboard(self):
        boxes = self.run_script("document.querySelectorAll('details').length")
        self.assertGreater(boxes, 100)
        wrong = self.run_script("""(() => { document.getElementById('close-all').click();
            return Array.from(document.querySelectorAll('details:not(.group)')).filter(d => {
                const s = d.querySelector('summary'), before = d.open; s.focus();
                if (document.activeElement !== s || before) return true;
                s.click();
                return !d.open || !d.querySelector('.inside, .wide').getClientRects().length; }).length; })()""")
        self.assertEqual(wrong, 0)
        self.run_script("document.getElementById('close-all').click();"
                        "document.querySelector('#f1-client_random > summary').focus()")
        self.browser.key("Enter", 13)
        self.assertTrue(self.run_script("document.getElementById('f1-client_random').open"))

    def test_a_key_leads_to_where_it_is_used_and_back(self):
        self.run_script("document.getElementById('close-all').click();"
                        "document.querySelector('svg a[href=\"#k1-mac_key\"]').dispatchEvent("
                        "new MouseEvent('click', {bubbles: true}))")
        harness.wait_until(lambda: self.run_script("document.getElementById('k1-mac_key').open"), "the key's box opens")
        self.run_script("document.querySelector('#k1-mac_key a[href$=\"-tag\"]').click()")
        harness.wait_until(lambda: self.run_script("document.querySelector(location.hash).open"), "the tag's box opens")
        where = self.run_script("location.hash")
        self.assertRegex(where, r"^#f\d+-tag$")
        self.assertEqual(self.run_script("document.activeElement.parentElement.id"), where[1:])

    def test_forward_and_back_draws_the_same(self):
        for stage in ("aes-stage", "sha-stage"):
            forward, back, again = self.run_script(f"""(() => {{
                const state = () => {STAGE}('{stage}'), steps = Number(document.querySelector('#{stage} input').max);
                const button = way => document.querySelector('#{stage} [data-go=' + way + ']');
                const go = way => {{ button(way).click(); return state(); }};
                const forward = [go('first')], back = [];
                for (let i = 0; i < steps; i++) forward.push(go('on'));
                back.push(go('on'));
                for (let i = 0; i < steps; i++) back.unshift(go('back'));
                return [forward, back, [go('back'), go('last')]];
            }})()""")
            self.assertEqual(forward, back)
            self.assertEqual(len(set(forward)), len(forward))
            self.assertEqual(again, [forward[0], forward[-1]])

    def test_the_drawing_shows_the_standards_values(self):
        page = Reader(page_of("7"))
        steps = list(aes_steps(page.values["k1-enc_key"], page.bytes["f3"][4:20], page.bytes["p3"][:16]))
        by_rows = lambda block: "".join(f"{block[4 * c + r]:02x}" for r in range(4) for c in range(4)) if block else ""
        drawn = self.run_script("""(() => {
            const grid = n => Array.from(document.querySelectorAll('#aes-stage [data-grid=' + n + '] > *')).map(
                c => c.firstChild.textContent).join('');
            const slider = document.querySelector('#aes-stage input'), drawn = [];
            for (let i = 0; i <= slider.max; i++) {
                slider.value = i;
                slider.dispatchEvent(new Event('input'));
                drawn.push(['before', 'with', 'after'].map(grid));
            }
            return drawn;
        })()""")
        before = b""
        for (name, added, state), shown in zip(steps, drawn, strict=True):
            self.assertEqual(shown, [by_rows(before), by_rows(added), by_rows(state)], name)
            before = state

    def test_steps_from_the_keyboard(self):
        now = lambda: self.run_script("document.querySelector('#aes-stage .now').textContent")
        self.run_script("document.querySelector('#aes-stage input').focus()")
        for key, code, shown in (("ArrowRight", 39, "Step 1,"), ("ArrowRight", 39, "Step 2,"),
                                 ("ArrowLeft", 37, "Step 1,"), ("Home", 36, "Step 0,")):
            self.browser.key(key, code)
            self.assertIn(shown, now())
        self.run_script("(s => { s.value = s.options[3].value; s.dispatchEvent(new Event('change')); })"
                        "(document.querySelector('#aes-stage .controls select'))")
        self.assertIn("round 3: SubBytes", now())

    def test_what_a_byte_is_made_of(self):
        mixed = self.run_script("""(() => {
            const on = document.querySelector('#aes-stage [data-go=on]');
            while (!document.querySelector('#aes-stage .now').textContent.includes('MixColumns')) on.click();
            document.querySelector('#aes-stage [data-grid=after] button').focus();
            return document.querySelector('#aes-stage .origin').textContent;
        })()""")
        self.browser.key("ArrowRight", 39)
        other = self.run_script("document.querySelector('#aes-stage .origin').textContent")
        self.assertNotEqual(mixed, other)
        for text in (mixed, other):
            terms, result = text.split(" = ")
            value = 0
            for term in terms.split(" \u2295 "):
                factor, byte = term.split("\u00b7")
                value ^= times(int(byte, 16), int(factor, 16))
            self.assertEqual(value, int(result, 16))

    def test_fits_each_width_and_can_be_read_in_each_light(self):
        self.run_script("document.getElementById('open-all').click()")
        for width in (320, 390, 768, 1280):
            self.browser.look(width)
            self.assertEqual(self.run_script(TOO_WIDE), [], width)
        for dark in (False, True):
            self.browser.look(1280, dark)
            ratio, where = self.run_script(browser.CONTRAST)
            self.assertGreaterEqual(ratio, 4.5, where)

    def test_on_paper_everything_is_open(self):
        self.run_script("document.getElementById('close-all').click(); dispatchEvent(new Event('beforeprint'))")
        self.browser.look(1000, media="print")
        shut = self.run_script("Array.from(document.querySelectorAll('details')).filter(d => !d.open).length")
        self.assertEqual(shut, 0)
        self.assertEqual(self.run_script("document.querySelector('nav').getClientRects().length"), 0)
        self.run_script("dispatchEvent(new Event('afterprint'))")
        self.assertGreater(self.run_script("document.querySelectorAll('details:not([open])').length"), 100)
        self.assertTrue(self.browser.pdf().startswith(b"%PDF"))

    def test_can_be_read_without_its_script(self):
        self.browser.call("Emulation.setScriptExecutionDisabled", value=True)
        self.browser.open(self.path("page.html"))
        self.browser.call("Emulation.setScriptExecutionDisabled", value=False)
        self.assertTrue(self.run_script("document.getElementById('aes-stage').hidden"))
        self.run_script("document.querySelector('#aes .steps').open = true")
        self.assertGreater(self.run_script("document.getElementById('aes-table').getBoundingClientRect().height"), 100)


if __name__ == "__main__":
    harness.main()
