# SPDX-License-Identifier: MIT
"""Who a user is to another, from docs/protocol.md sections 7 and 8.7 alone: keys, certificates, trust, safety
numbers."""
import hashlib
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from glasschat_client import PSS, Reader, certificate, key_fingerprint, v8

NEW, COMPARED, VOUCHED, CHANGED = "new", "compared", "vouched", "changed"


class Failure(Exception):
    """What a call fails of."""


def need(truth, why):
    if not truth:
        raise Failure(why)


class Identity:
    """A user's name, key and certificate; a fresh key where none is given."""

    def __init__(self, name, key=None, cert=None):
        self.name, self.key = name, key or rsa.generate_private_key(65537, 3072)
        now = int(time.time())
        self.certificate = cert or certificate(self.key, 2, name, now - 86400, now + 86400 * 365)
        self.fingerprint = key_fingerprint(self.key)

    def sign(self, message):
        return self.key.sign(message, PSS, hashes.SHA256())


def fingerprint_of(modulus):
    return hashlib.sha256(b"glasschat/1 key\0" + modulus).digest()


def holds(key, signature, message):
    try:
        key.verify(signature, message, PSS, hashes.SHA256())
    except InvalidSignature:
        return False
    return True


class Certificate:
    """One that passed section 7.3 in kind 2; Failure for any other."""

    def __init__(self, data, peer, own_fingerprint):
        self.data = data
        need(len(data) >= 820 and len(data) == 819 + data[2], "the layout of the certificate")
        r = Reader(data)
        version, role, name = r.number(1), r.number(1), r.take(r.number(1))
        self.not_before, self.not_after = r.number(8), r.number(8)
        modulus, self.issuer, self.signature = r.take(384), r.take(32), r.take(384)
        need(version == 1 and role in (1, 2) and all(0x21 <= c <= 0x7e for c in name), "a field of the certificate")
        need(self.not_before <= self.not_after, "the certificate's validity")
        need(modulus[0] & 0x80 and modulus[-1] & 1, "the certificate's modulus")
        self.key = rsa.RSAPublicNumbers(65537, int.from_bytes(modulus, "big")).public_key()
        self.fingerprint = fingerprint_of(modulus)
        need(role == 2, "a server's certificate")
        need(name == peer.encode(), "somebody else's certificate")
        need(self.fingerprint != own_fingerprint, "one's own key")
        need(self.issuer != self.fingerprint or self.signed_by(self.key), "the certificate's own signature")

    def signed_by(self, key):
        """By a public key."""
        modulus = key.public_numbers().n.to_bytes(384, "big")
        return (self.issuer == fingerprint_of(modulus)
                and holds(key, self.signature, b"glasschat/1 certificate\0" + self.data[:-384]))


class Trust:
    """Section 8.7: which keys are believed. known: from a name to [fingerprint, state]; ca: an authority's public key.
    A test may put another function in the place of `believes`."""

    def __init__(self, ca=None):
        self.ca, self.known, self.shown = ca, {}, {}

    def believes(self, name, cert):
        if self.ca:
            return cert.signed_by(self.ca) and cert.not_before <= time.time() <= cert.not_after
        if name in self.known and self.known[name][0] != cert.fingerprint:
            self.shown[name] = cert.fingerprint
            return False
        return True

    def opened(self, name, cert):
        """The call is open: the key is written down."""
        if self.ca:
            self.known[name] = [cert.fingerprint, VOUCHED]
        else:
            self.known.setdefault(name, [cert.fingerprint, NEW])

    def state(self, name):
        return CHANGED if name in self.shown else self.known[name][1] if name in self.known else None

    def accept(self, name, fingerprint):
        """The user has seen both fingerprints, and takes the one that was shown."""
        assert self.shown.get(name) == fingerprint
        self.known[name] = [self.shown.pop(name), NEW]

    def compared(self, name):
        self.known[name][1] = COMPARED


def safety_number(*users):
    """Of two users, each a name and a fingerprint: 60 digits."""
    password = b"".join(v8(name.encode()) + fingerprint for name, fingerprint in sorted(users))
    data = hashlib.pbkdf2_hmac("sha256", password, b"glasschat/1 safety", 100000, 60)
    return "".join("%05d" % (int.from_bytes(data[i:i + 5], "big") % 100000) for i in range(0, 60, 5))
