# SPDX-License-Identifier: MIT
"""What the tests of calls share: known answers and keys of vectors/, and users of the second implementation."""
import functools

from cryptography.hazmat.primitives.asymmetric import rsa

import glasschat_client as wire
import harness
from glasschat_identity import Identity
from glasschat_peer import Peer


@functools.cache
def records(stem):
    """The records of vectors/<stem>.txt."""
    with open(f"{harness.ROOT}/vectors/{stem}.txt", encoding="ascii") as f:
        text = "".join(line for line in f if not line.startswith("#"))
    return [{name.strip(): value.strip() for name, value in (line.split("=", 1) for line in record.strip().split("\n"))}
            for record in text.split("\n\n") if record.strip()][:-1]


@functools.cache
def key(name):
    """A key of vectors/keys.txt."""
    k = {name: int(value, 16) for name, value in
         next(record for record in records("keys") if record["name"] == name).items() if name not in ("name", "source")}
    public = rsa.RSAPublicNumbers(65537, k["n"])
    return rsa.RSAPrivateNumbers(k["p"], k["q"], k["d"], k["dp"], k["dq"], k["qinv"], public).private_key()


@functools.cache
def identity(name):
    return Identity(name, key(name))


class CallCase(harness.TestCase):
    def peer(self, server, name, **kw):
        """A user of the second implementation, with the key of this name where there is one."""
        known = key(name) if name in ("alice", "bob") else None
        try:
            found = Peer(server.port, name, **{"key": known, **kw})
        except wire.Refused as refused:
            if refused.args[0] == wire.E_UNKNOWN_TYPE:
                self.skipTest("this server knows no calls")
            raise
        self.addCleanup(found.stop)
        return found
