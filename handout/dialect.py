#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A class's dialect: other constants, written into a copy of the tree, so that code copied from elsewhere fails by name.

    dialect.py --seed WORD        draws one and prints it: a file for `make handout DIALECT=FILE`

Whatever is replaced has to be found exactly as often as it is said here: else the tree has changed, and nothing is
exported. handout/README.md says what such a file holds.
"""
import argparse
import hashlib
import os
import re
import shutil

import standard

FIPS = {"sbox": 0x63, "sha256": standard.H0, "hkdf": "glasschat/1"}
# What is built is made of these; of the documents, what export.py takes.
COPIED = ["Makefile", "app", "crypto", "net", "docs", "vectors", "LICENSE"]
# Answers to the standard's constants, through more than can be recomputed here: they are left out of the handout.
NO_VECTORS = {"sbox": ["aes", "cbc", "etm", "handshake", "pem", "record", "rng", "rng_fixed", "session"],
              "sha256": ["certificate", "etm", "handshake", "hello", "hkdf", "hmac", "keys", "pbkdf2", "pem", "record",
                         "rsa", "session", "sha256", "rng_fixed"],
              "hkdf": ["handshake", "session"]}


class Wrong(Exception):
    """What is wrong with a dialect, or with the tree, in words."""


# --- The file --------------------------------------------------------------------------------------------------------

def value_of(name, text):
    if name == "sbox" and re.fullmatch(r"[0-9a-f]{2}", text):
        return int(text, 16)
    if name == "sha256" and re.fullmatch(r"([0-9a-f]{8} ){7}[0-9a-f]{8}", text):
        return [int(word, 16) for word in text.split()]
    if name == "hkdf" and re.fullmatch(r"[a-z0-9/._-]{1,20}", text):
        return text
    raise Wrong({"sbox": "sbox is a byte in hex: sbox = 7f", "sha256": "sha256 is eight words of eight hex digits",
                 "hkdf": "hkdf is 1 to 20 small letters, digits and / . _ -"}.get(name, f"there is no {name} to be changed; "
                "there are sbox, sha256 and hkdf"))


def read(path):
    """The constants of a file, those alone that it changes."""
    try:
        with open(path, encoding="ascii") as f:
            lines = f.read().splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise Wrong(f"DIALECT {path} can't be read: {e}") from e
    found = {}
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        name, equals, text = (part.strip() for part in line.partition("="))
        if not equals or name in found:
            raise Wrong(f"{path}: each line is NAME = VALUE, each name once: {line}")
        found[name] = value_of(name, " ".join(text.split()))
        if found[name] == FIPS[name]:
            raise Wrong(f"{path}: {name} is the standard's: leave the line out, or take another value")
    if not found:
        raise Wrong(f"{path}: it changes nothing")
    return found


def draw(word):
    def some(name, n):
        return hashlib.sha256(f"glasschat dialect\0{name}\0{word}".encode()).digest()[:n]
    sbox = next(b for b in some("sbox", 32) if b != FIPS["sbox"])
    words = hashlib.sha256(b"start" + some("sha256", 32)).hexdigest()
    print(f"sbox = {sbox:02x}")
    print("sha256 =", " ".join(words[i:i + 8] for i in range(0, 64, 8)))
    print(f"hkdf = class-{some('hkdf', 4).hex()}")


# --- The substitutions -----------------------------------------------------------------------------------------------

def replace(top, path, old, new, count=1):
    """Replaces each of `count` places where the text stands, no more and no fewer."""
    text = (top / path).read_text()
    hits = text.count(old)
    if hits != count:
        raise Wrong(f"{path} has changed: {hits} places are, and {count} should be: {old.strip().splitlines()[0]}")
    (top / path).write_text(text.replace(old, new))


def c_bytes(table):
    return "".join("    " + ", ".join(f"0x{b:02x}" for b in table[i:i + 16]) + ",\n" for i in range(0, 256, 16))


def c_words(words):
    return "    " + ", ".join(f"0x{w:08x}" for w in words) + ",\n"


def bitsliced(top, name, constant, standards):
    """The inversions of a circuit's outputs q[0..7]: a bit of the constant is a ~."""
    path = "crypto/aes_bitslice.c"
    text = (top / path).read_text()
    body = re.search(rf"static inline void {name}\(uint64_t q\[SLICES\]\)\n{{\n(.*?)\n}}\n", text, re.S)
    if body is None:
        raise Wrong(f"{path} has changed: there is no {name}")
    for bit in range(8):
        found = re.findall(rf"^    q\[{bit}\] = (.*);$", body[1], re.M)
        inverted = standards >> bit & 1
        if len(found) != 1 or found[0].startswith("~(") != bool(inverted):
            raise Wrong(f"{path} has changed: {name} should have one q[{bit}], {'' if inverted else 'not '}inverted")
        plain = found[0][2:-1] if inverted else found[0]
        replace(top, path, f"    q[{bit}] = {found[0]};\n", f"    q[{bit}] = {f'~({plain})' if constant >> bit & 1 else plain};\n",
                text.count(f"    q[{bit}] = {found[0]};\n"))


def apply_sbox(top, constant):
    old, new = standard.sbox(FIPS["sbox"]), standard.sbox(constant)
    replace(top, "crypto/aes_ref.c", c_bytes(old), c_bytes(new))
    replace(top, "crypto/aes_ref.c", c_bytes(standard.inverse(old)), c_bytes(standard.inverse(new)))
    bitsliced(top, "sub_bytes", constant, FIPS["sbox"])
    bitsliced(top, "inverse_affine", standard.inverse_linear(constant), standard.inverse_linear(FIPS["sbox"]))
    # processors have FIPS 197's S-box in their instructions
    replace(top, "crypto/aes_backends.c", "    &aes_vaes,     &aes_ni,\n", "")
    replace(top, "crypto/aes_backends.c", "    &aes_armv8,\n", "")
    replace(top, "crypto/etm.c", "    &etm_ni,\n", "")
    replace(top, "app/workbench/exercises/dialect.h", "#define DIALECT_SBOX 0x63\n", f"#define DIALECT_SBOX 0x{constant:02x}\n")
    told = f"this class's constant of the affine transformation (5.1.1) is {constant:02x}, and not 63"
    replace(top, "crypto/aes_ref.h", " * Standard:    ", f" * Dialect:     {told}.\n * Standard:    ")
    replace(top, "docs/exercises/02-sub_mix/aes_ref.c", " * Standard:    ", f" * Dialect:     {told}.\n * Standard:    ")
    for page in ("02-sub_mix", "03-key_expansion", "04-aes"):
        replace(top, f"docs/exercises/{page}/README.md", "\n## The steps\n",
                f"\n**This class's dialect**: the constant of the affine transformation is `{constant:02x}`, and not 63. The S-box is\n"
                "computed with it; figures 7 and 14 and the standard's examples don't hold. `vectors/aes.txt` has yours.\n\n## The steps\n")


def apply_sha256(top, words):
    replace(top, "crypto/sha256_ref.c", c_words(FIPS["sha256"]), c_words(words))
    told = [" ".join(f"{w:08x}" for w in half) for half in (words[:4], words[4:])]
    lines = f" * Dialect:     this class's start values H(0) are {told[0]}\n *              {told[1]}, and not those of 5.3.3.\n"
    for path in ("crypto/sha256_ref.h", "docs/exercises/07-sha256/sha256_ref.c"):
        replace(top, path, " * Standard:    ", lines + " * Standard:    ")
    replace(top, "docs/exercises/07-sha256/README.md", "\n## The steps\n",
            f"\n**This class's dialect**: the start values `sha256_H0` are `{told[0]}\n{told[1]}`, and not those of 5.3.3. The standard's\n"
            "examples don't hold. `vectors/sha256.txt` has yours.\n\n## The steps\n")


def apply_hkdf(top, prefix):
    for ending, name in (("client", "c_secret"), ("server", "s_secret")):
        old, new = f'"{FIPS["hkdf"]} {ending}"', f'"{prefix} {ending}"'
        replace(top, "net/key_schedule.c", f"static const char {name}_info[] = {old};\n", f"static const char {name}_info[] = {new};\n")
        replace(top, "net/key_schedule.h", f"HKDF-Expand(prk, {old}", f"HKDF-Expand(prk, {new}")
        replace(top, "docs/protocol.md", f"HKDF-Expand(prk, {old}", f"HKDF-Expand(prk, {new}")
    replace(top, "app/workbench/exercises/dialect.h", '#define DIALECT_HKDF "glasschat/1"\n', f'#define DIALECT_HKDF "{prefix}"\n')
    replace(top, "docs/exercises/14-key_schedule/README.md", "\n## The steps\n",
            f"\n**This class's dialect**: the labels of the two secrets begin with `{prefix}`, and not with `glasschat/1`. The label\n"
            "of C is as it was.\n\n## The steps\n")


def apply(top, classes):
    for name, change in (("sbox", apply_sbox), ("sha256", apply_sha256), ("hkdf", apply_hkdf)):
        if name in classes:
            change(top, classes[name])
    written = standard.rewrite_vectors(top / "vectors", classes.get("sbox", FIPS["sbox"]), classes.get("sha256", FIPS["sha256"]))
    for name in {v for c in classes for v in NO_VECTORS[c]} - written:
        (top / f"vectors/{name}.txt").unlink()


def copy_of(top, build, classes, scratch):
    """A copy of the tree in the dialect, and of what is built of it, so that only what differs is built again."""
    to = scratch / "tree"
    to.mkdir()
    for path in COPIED:
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (top / path).is_dir() else shutil.copy2)(top / path, to / path)
    os.makedirs(to / build, exist_ok=True)
    for name in ("config.stamp", "found.cflags", "libedit.libs", "bench.libs"):
        shutil.copy2(top / build / name, to / build / name)
    for part in ("obj/app", "obj/crypto", "obj/net", "kit"):
        if (top / build / part).is_dir():
            shutil.copytree(top / build / part, to / build / part)
    apply(to, classes)
    return to, build


def says(classes):
    """For the student's first page."""
    told = {"sbox": "the constant of AES's S-box (exercise 02)", "sha256": "SHA-256's start values (07)",
            "hkdf": "the labels of the key schedule (14)"}
    return ("\n**Your class has a dialect**, which differs from the standards in " +
            ", ".join(told[c] for c in told if c in classes) +
            ".\nThe pages say how. Code and answers from elsewhere are wrong here, and the standards' own examples too.\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="dialect.py", description="draws a class's dialect")
    parser.add_argument("--seed", required=True, metavar="WORD")
    draw(parser.parse_args().seed)
