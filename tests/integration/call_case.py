# SPDX-License-Identifier: MIT
"""What the tests of calls share: known answers and keys of vectors/, users of the second implementation, and what they
say to the real client."""
import functools
import re

from cryptography.hazmat.primitives.asymmetric import rsa

import glasschat_call as calls
import glasschat_client as wire
import harness
from glasschat_identity import Failure, Identity
from glasschat_peer import Peer

NEW = "new, not compared"


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


class ClientCalls(CallCase):
    """Alice has the real client, bob the second implementation, unless a test says otherwise."""

    def two(self, *options, user="alice", peer="bob", **kw):
        server = self.server()
        return server, self.client(server, user, *options), self.peer(server, peer, **kw)

    def called(self, peer, name="alice"):
        """A live call to the client, which may not have said yet that it is ready."""
        def call():
            try:
                return peer.call(name)
            except Failure:
                return None
        return harness.wait_until(call, "a call to " + name)

    def hears(self, client, text, name="bob", state=NEW):
        client.expect(rf"^\[{name}, {state}\] {re.escape(text)}$")

    def speaks(self, client, peer, text, user="alice"):
        """From the client, to the peer."""
        client.say(f"/msg {peer.identity.name} {text}")
        self.assertEqual(peer.wait_text(user), text)

    def answers(self, peer, client, text, user="alice", state=NEW):
        """From the peer, to the client, which acknowledges it."""
        call, sequence = peer.say(user, text)
        self.hears(client, text, peer.identity.name, state)
        call.wait_acked(sequence)
        return call

    def finds_out(self, peer, call):
        """That the client has no such call any more: from an empty frame, when something is said."""
        def told():
            with peer.changed:
                if call.status not in calls.OVER:
                    call.say("not to be seen")
                return call.status in calls.OVER
        harness.wait_until(told, "the end of a call")
        self.assertIn((call.peer, call.number, b""), peer.seen)

    def not_confirmed(self, client, *texts):
        for text in texts:
            client.expect(rf"^\* not confirmed: to bob: {text}$")
