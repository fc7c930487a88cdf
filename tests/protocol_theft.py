#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What a thief can open: docs/protocol.md section 8.4, "What this gives", as a program.

Conversations are made up at random, with Records on their way in both directions. After each thing that happens, all
that either side keeps is copied. Then the thief, who also has every frame, works out whatever follows from what was
stolen, with the real keys; and what he has opened must be what the document says, no more and no less, for each theft,
and for any two. Three ratchets that forget too little, or mix in too little, must fail the same test.

Then one side leaves out steps that are due. Its peer must find that out by its acks, before it says anything that a thief
can open and should not; where nobody looks at acks, the same test must fail.
"""
import copy
import functools
import random
import sys

import protocol_check as protocol
from protocol_check import APPLICATION, CLOSE, EXPONENT_LEN, FINISHED, OTHER, Side, Wrong, fixed_source, need, octets

GROUP, SUITE = 1, 1  # the fastest
NEVER = 1 << 30
CONVERSATIONS, LAZY_CONVERSATIONS, ACTIONS = 3, 30, 40
ACK = b"ack"  # what is inside need not be as section 8.6 says, so long as it can be told apart

content_of = functools.cache(protocol.content_of)
expand = functools.cache(protocol.expand)


class Record:
    """A frame, and when it was sealed and opened. under: the latest step of its direction before it; 0 before any. after:
    the latest step of either side before it, as its sender knew. acked: when its sender has opened its ack."""

    def __init__(self, sender, sequence, frame, sealed, under, step, after):
        self.sender, self.sequence, self.frame, self.sealed, self.under, self.step, self.after = (
            sender, sequence, frame, sealed, under, step, after)
        self.is_said = False  # it is a text or an ack
        self.opened = self.acked = NEVER


class Theft:
    """All that one side keeps, at one time."""

    def __init__(self, time, side):
        self.time, self.role, self.kept = time, side.role, copy.deepcopy(vars(side))


class Conversation:
    """Between two sides of some class that was made up from a seed. It ends where a side has found the other out."""

    looks_at_acks = True

    def __init__(self, seed, side):
        self.choose, self.seed, self.time, self.drawn = random.Random(seed), seed, 0, 0
        prk, transcript = self.draw(32), self.draw(32)
        self.sides = {role: side(role, GROUP, SUITE, prk, transcript) for role in OTHER}
        self.coming = {role: [] for role in OTHER}
        self.under = {role: 0 for role in OTHER}
        self.unacknowledged = {role: [] for role in OTHER}  # what each has said
        self.owed = {role: 0 for role in OTHER}             # of these: how many the other side has opened and not acked
        self.records, self.thefts, self.found_out = [], [], False
        self.steps = []  # of each step when it was drawn, and when the other side opened it
        self.tick()
        self.seal("server", FINISHED)
        self.seal("client", FINISHED)
        self.say("client")
        for _ in range(ACTIONS):
            if not self.found_out:
                self.act(self.choose.choice(sorted(OTHER)), self.choose.random())
        for role in ("client", "server"):
            if not self.found_out:
                self.seal(role, CLOSE)
        for role in OTHER:
            while self.coming[role] and not self.found_out:
                self.open(role)

    def draw(self, length):
        self.drawn += 1
        return fixed_source("%s, %d" % (self.seed, self.drawn), length)

    def act(self, role, chance):
        """Opens what came, more often than it says something: both must be rare enough for turns to change."""
        if self.coming[role] and chance < 0.6:
            self.open(role)
        elif self.sides[role].n is not None:
            self.say(role, ACK if self.owed[OTHER[role]] and chance < 0.8 else b"text")

    def acked(self, role):
        """Section 8.6: an ack from a side whose own latest step is below that after which the acked Record was sealed."""
        record, side = self.unacknowledged[role].pop(0), self.sides[role]
        peers_step = side.n if side.private is None else side.n - 1
        if peers_step < record.after and self.looks_at_acks:
            self.found_out = True
        else:
            record.acked = self.time

    def tick(self):
        """Whatever happened, the thief may come now."""
        self.thefts += [Theft(self.time, side) for side in self.sides.values()]
        self.time += 1

    def sent(self, role, sequence, frame, step):
        record = Record(role, sequence, frame, self.time, self.under[role], step, self.sides[role].n)
        self.records.append(record)
        self.coming[OTHER[role]].append(record)
        self.tick()

    def seal(self, role, content_type, payload=b""):
        side = self.sides[role]
        sequence = side.sequence[role]
        self.sent(role, sequence, side.seal(self.draw(16), content_type, payload), None)

    def say(self, role, payload=b"text"):
        side = self.sides[role]
        if side.step_is_due():
            sequence = side.sequence[role]
            frame = side.seal_step(self.draw(16), self.draw(EXPONENT_LEN[GROUP]))[0]
            self.steps.append([self.time, NEVER])
            self.sent(role, sequence, frame, side.n)
            self.under[role] = side.n
        self.seal(role, APPLICATION, payload)
        self.records[-1].is_said = True
        if payload == ACK:
            self.owed[OTHER[role]] -= 1
        else:
            self.unacknowledged[role].append(self.records[-1])

    def open(self, role):
        record = self.coming[role].pop(0)
        content = self.sides[role].open(record.frame)
        if content == (APPLICATION, ACK):
            self.acked(role)
        elif content[0] == APPLICATION:
            self.owed[OTHER[role]] += 1
        record.opened = self.time
        if record.step is not None:
            self.steps[record.step][1] = self.time
        self.tick()


# --- What the thief can work out --------------------------------------------------------------------------------------

class Thief:
    """secrets: by direction and sequence number; roots, exponents and values by the number of the step. Everything is
    what it would be in a real theft: nothing is taken from the conversation but its frames."""

    def __init__(self, records, thefts):
        self.records, self.opened = records, set()
        self.secrets, self.roots, self.exponents, self.values = {}, {}, {}, {}
        for theft in thefts:
            kept = theft.kept
            need(set(kept) == {"role", "group", "suite", "secret", "sequence", "root", "n", "private", "public"},
                 "a side keeps something else than section 8.4 says")
            n = kept["n"] or 0
            for role in OTHER:
                self.secrets[role, kept["sequence"][role]] = kept["secret"][role]
            self.roots[n] = kept["root"]
            if kept["private"] is not None:
                self.exponents[n] = kept["private"]
                self.values[n] = protocol.public_of(kept["private"], GROUP)
            if kept["public"] is not None:
                self.values[n] = kept["public"]
        while any([self.read(), self.mix()]):
            pass

    def read(self):
        """Opens what it has a secret for, in the order of sealing; whether that was anything new."""
        before = len(self.opened)
        for record in self.records:
            where = record.sender, record.sequence
            if where not in self.secrets or where in self.opened or not self.secrets[where]:
                continue
            content = content_of(self.secrets[where], SUITE, record.sequence, record.frame, (0, 1, 3, 4))
            need(content is not None, "a secret that opens nothing")
            self.opened.add(where)
            if record.step is not None:
                self.values[record.step] = value = content[1][2:]
                for n in [n for n in self.exponents if self.values[n] == value]:  # drawn once and used twice
                    self.exponents[record.step] = self.exponents[n]
            if not record.step:
                self.secrets.setdefault((record.sender, record.sequence + 1),
                                        expand(self.secrets[where], b"glasschat/1 update", 32))
        return len(self.opened) > before

    def z(self, n):
        for own, other in ((n, n - 1), (n - 1, n)):
            if own in self.exponents and other in self.values:
                return protocol.shared(self.values[other], self.exponents[own], GROUP)
        return None

    def mix(self):
        """Takes each step that it can; whether that was anything new."""
        new = False
        for record in self.records:
            n = record.step
            after = record.sender, record.sequence + 1
            known = n in self.roots and after in self.secrets
            if n and not known and n - 1 in self.roots and self.z(n) is not None:
                t = protocol.hmac256(self.roots[n - 1], self.z(n))
                self.roots[n] = expand(t, b"glasschat/1 next root", 32)
                self.secrets[after] = expand(t, b"glasschat/1 ratchet" + octets(n, 8), 32)
                new = True
        return new


# --- What the document says -------------------------------------------------------------------------------------------

def first_own_step(conversation, theft):
    """The first step, 1 or later, that this side draws after the theft; of a caller who has not drawn step 0, 1."""
    if theft.role == "client" and theft.kept["n"] is None:
        return 1
    steps = conversation.steps
    return next((n for n in range(1, len(steps)) if (n % 2 == 0) == (theft.role == "client")
                 and steps[n][0] > theft.time), NEVER)


def one_theft_opens(conversation, theft):
    first = first_own_step(conversation, theft)
    return {(r.sender, r.sequence) for r in conversation.records
            if (r.sealed > theft.time and r.under < first)
            or (r.sender != theft.role and r.sealed <= theft.time < r.opened)}


def two_thefts_open(conversation, earlier, later):
    """What neither of them opens alone."""
    n, first = earlier.kept["n"] or 0, first_own_step(conversation, earlier)
    for v in range(n + 1, min(first, len(conversation.steps) - 1) + 1):  # root_(v-1) is known
        drawn, answered = conversation.steps[v][0], opened_by_sender(conversation, v + 1)
        if (v % 2 == 0) == (later.role == "client") and drawn <= later.time < answered:
            return {(r.sender, r.sequence) for r in conversation.records if r.under == v and r.sender == later.role}
    return set()


def opened_by_sender(conversation, n):
    return conversation.steps[n][1] if n < len(conversation.steps) else NEVER


def check(side):
    singles = pairs = 0
    for seed in range(CONVERSATIONS):
        conversation = Conversation(seed, side)
        claims = [one_theft_opens(conversation, theft) for theft in conversation.thefts]
        for theft, claim in zip(conversation.thefts, claims):
            compare(conversation, [theft], claim)
            singles += 1
        for i, later in enumerate(conversation.thefts):
            for k, earlier in enumerate(conversation.thefts[:i]):
                if earlier.time < later.time:
                    compare(conversation, [earlier, later],
                            claims[i] | claims[k] | two_thefts_open(conversation, earlier, later))
                    pairs += 1
    return singles, pairs


def compare(conversation, thefts, claim):
    opened = Thief(conversation.records, thefts).opened
    need(opened == claim, "conversation %d, stolen %s: opened and not said: %s; said and not opened: %s" % (
        conversation.seed, [(theft.role, theft.time) for theft in thefts], sorted(opened - claim),
        sorted(claim - opened)))


# --- Ratchets that are none -------------------------------------------------------------------------------------------

class SecretStays(Side):
    """A secret seals more than one Record: what was said before can be opened."""

    def _pass(self, direction, content_type):
        self.sequence[direction] += 1


class ValueStays(Side):
    """Steps are made with the same exponent again: a theft is never over."""

    def seal_step(self, iv, private):
        return super().seal_step(iv, bytes(31) + self.role.encode()[:1])


class RootStays(Side):
    """The next secret doesn't depend on the last: an exponent alone opens what was sealed under its step."""

    def _ratchet(self, direction, n, z):
        root = self.root
        t = super()._ratchet(direction, n, z)
        self.root = root
        return t


# --- A side that leaves out steps -------------------------------------------------------------------------------------

class Blind(Conversation):
    """Acks are taken whatever they show: who never steps keeps its peer from drawing anew."""

    looks_at_acks = False


def lazy(role, seed):
    """A side as it should be, but for the one of this role, which leaves out most steps that are due."""
    chance = random.Random(seed)

    class Lazy(Side):
        def step_is_due(self):
            return super().step_is_due() and (self.role != role or self.n is None or self.private is not None
                                              or (role == "server" and self.n == 0) or chance.random() < 0.3)
    return Lazy


def check_lazy(kind):
    """What the other side says after it has opened the ack of something that it sealed after a theft from it, or under a
    step that it drew after a theft from its peer, stays closed to the thief. Returns in how many conversations the lazy
    side was found out."""
    found_out = 0
    for seed in range(LAZY_CONVERSATIONS):
        for role in sorted(OTHER):
            conversation = kind(seed, lazy(role, seed))
            found_out += conversation.found_out
            for theft in conversation.thefts:
                check_healed(conversation, theft, OTHER[role])
    return found_out


def check_healed(conversation, theft, sender):
    said = [r for r in conversation.records if r.sender == sender and r.is_said]
    acked = min((r.acked for r in said if theft.time < (r.sealed if theft.role == sender
                                                        else conversation.steps[r.under][0])), default=NEVER)
    late = {(sender, r.sequence) for r in said if r.sealed > acked} & Thief(conversation.records, [theft]).opened
    need(not late, "conversation %d, stolen %s: opened in spite of acks: %s" % (
        conversation.seed, (theft.role, theft.time), sorted(late)))


def main():
    try:
        print("ok      docs/protocol.md section 8.4: %d thefts, %d pairs of thefts" % check(Side))
    except Wrong as error:
        sys.exit("FAILED  docs/protocol.md section 8.4: %s" % error)
    for weak in (SecretStays, ValueStays, RootStays):
        try:
            check(weak)
        except Wrong:
            continue
        sys.exit("FAILED  %s: nothing notices that %s" % (weak.__name__, weak.__doc__))
    try:
        found_out = check_lazy(Conversation)
        need(found_out > LAZY_CONVERSATIONS // 3, "hardly anybody is found out: %d" % found_out)
        print("ok      docs/protocol.md section 8.6: %d who left steps out were found out" % found_out)
    except Wrong as error:
        sys.exit("FAILED  docs/protocol.md section 8.6: %s" % error)
    try:
        check_lazy(Blind)
    except Wrong:
        return
    sys.exit("FAILED  Blind: nothing notices that %s" % Blind.__doc__)


main()
