#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Recomputes the known answers of the exchange of many, vectors/ring.txt, from the formulas at crypto/ring.h's top.

Nothing here is shared with the C code: powers are Python's, and K is computed twice, by the formula of Burmester and
Desmedt as it stands in their paper, for each party, and from all exponents.

    tests/ring_check.py            checks the file
    tests/ring_check.py --mutate   also changes each value in turn, and expects each change to be noticed
"""
import functools
import hashlib
import hmac
import os
import sys

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors", "ring.txt")
# RFC 7919, appendix A: number, bits of the prime, the offset in its formula, bytes of an exponent
GROUPS = {"ffdhe2048": (1, 2048, 560316, 32), "ffdhe3072": (2, 3072, 2625351, 40)}


def need(truth, what):
    if not truth:
        raise ValueError(what)


@functools.cache
def prime(group):
    """p = 2^b - 2^(b-64) + (floor(2^(b-130) e) + offset) 2^64 - 1, e being 1/0! + 1/1! + 1/2! + ..."""
    _, bits, offset, _ = GROUPS[group]
    term = total = 1 << (bits - 130 + 64)
    n = 0
    while term:
        n += 1
        term //= n
        total += term
    return 2 ** bits - 2 ** (bits - 64) + ((total >> 64) + offset) * 2 ** 64 - 1


def is_public_value(value, group):
    p = prime(group)
    return 1 < value < p - 1 and pow(value, (p - 1) // 2, p) == 1


@functools.cache
def exchange(group, names, r):
    """z, X and K of an exchange; and the three hashes and two keys, as bytes."""
    id_, bits, _, _ = GROUPS[group]
    p, n, order = prime(group), len(r), (prime(group) - 1) // 2
    z = [pow(2, e, p) for e in r]
    x = [pow(z[(i + 1) % n] * pow(z[i - 1], -1, p), r[i], p) for i in range(n)]
    k = pow(2, sum(r[i] * r[i - 1] for i in range(n)) % order, p)
    for i in range(n):
        own = pow(z[i - 1], n * r[i], p)
        for step in range(n - 1):
            own = own * pow(x[(i + step) % n], n - 1 - step, p) % p
        need(own == k, "party %d has another K" % i)
    z, x = ([v.to_bytes(bits // 8, "big") for v in values] for values in (z, x))
    parties = b"glasschat ring\0" + bytes([id_, n]) + b"".join(bytes([len(name)]) + name for name in names)
    t1 = hashlib.sha256(hashlib.sha256(parties).digest() + b"".join(z)).digest()
    t2 = hashlib.sha256(t1 + b"".join(x)).digest()
    prk = hmac.digest(bytes(32), k.to_bytes(bits // 8, "big"), "sha256")
    labels = b"glasschat ring key", b"glasschat ring confirm"
    keys = [hmac.digest(prk, label + t2 + b"\1", "sha256") for label in labels]
    return z, x, k.to_bytes(bits // 8, "big"), t1, t2, keys


def exponents(text, group):
    data, size = bytes.fromhex(text), GROUPS[group][3]
    need(len(data) % size == 0, "an exponent is cut")
    return tuple(int.from_bytes(data[at:at + size], "big") for at in range(0, len(data), size))


def check_exchange(entry, read):
    names, group = tuple(read("names").encode().split()), read("group")
    r = exponents(read("r"), group)
    need(len(r) == len(names) == int(read("n")), "one exponent for each name")
    z, x, k, t1, t2, keys = exchange(group, names, r)
    for field, values in (("z", z), ("x", x)):
        if field in entry:
            need(read(field) == b"".join(values).hex(), field + " differs")
        else:
            need(read(field + "_digest") == hashlib.sha256(b"".join(values)).hexdigest(), field + " differs")
    for field, value in (("k", k), ("t1", t1), ("t2", t2), ("key", keys[0]), ("confirm", keys[1])):
        need(read(field) == value.hex(), field + " differs")
    need(len(r) == 2 or all(is_public_value(int.from_bytes(v, "big"), group) for v in x), "an X would be refused")


def check_refusal(entry, read):
    """A value in the place of party 1's is refused: in a round, or for the product of all."""
    names, group = tuple(read("names").encode().split()), read("group")
    p, bits = prime(group), GROUPS[group][1]
    r = exponents(read("r"), group)
    z, x = exchange(group, names, r)[:2]
    bad, where = bytes.fromhex(read("bad")), read("refused")
    value = int.from_bytes(bad, "big")
    in_group = len(bad) == bits // 8 and is_public_value(value, group)
    need(read("expect") == "reject" and bad not in (z[1], x[1]), "this is what belongs there")
    if where == "z":
        need(not in_group or bad in (z[0], z[2]), "a good z")
    elif where == "x":
        need(value != 1 if len(r) == 2 else not in_group, "a good X")
    else:
        product = functools.reduce(lambda a, b: a * int.from_bytes(b, "big") % p, [x[0], bad] + x[2:], 1)
        need(where == "product" and in_group and product != 1, "a good product")


def check(entry):
    seen = {"name", "source", "why"}

    def read(field):
        seen.add(field)
        return entry[field]

    (check_refusal if "expect" in entry else check_exchange)(entry, read)
    need(seen >= set(entry), "nothing checks " + ", ".join(set(entry) - seen))


def entries():
    with open(FILE, encoding="ascii") as file:
        blocks = file.read().strip().split("\n\n")
    found = [dict((part.strip() for part in line.split("=", 1)) for line in block.splitlines() if line[0] != "#")
             for block in blocks]
    need(found.pop() == {"end": str(len(blocks) - 1)}, "the file is cut, or its end is wrong")
    return found


def is_refused(entry):
    try:
        check(entry)
    except (ValueError, KeyError, OverflowError):
        return True
    return False


def main():
    for entry in entries():
        try:
            check(entry)
        except (ValueError, KeyError) as error:
            sys.exit("FAILED  vectors/ring.txt, %s: %s" % (entry.get("name"), error))
    print("ok      vectors/ring.txt: %d records" % len(entries()))
    if "--mutate" in sys.argv[1:]:
        count = 0
        for entry in entries():
            for field in set() if "expect" in entry else set(entry) - {"name", "source"}:
                changed = entry[field][:-1] + ("1" if entry[field][-1] != "1" else "2")
                count += 1
                if not is_refused({**entry, field: changed}):
                    sys.exit("FAILED  vectors/ring.txt, %s: a changed %s goes unnoticed" % (entry["name"], field))
        print("ok      vectors/ring.txt: %d changes, all noticed" % count)


if __name__ == "__main__":
    main()
