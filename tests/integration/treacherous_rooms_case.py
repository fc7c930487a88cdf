# SPDX-License-Identifier: MIT
"""What the tests of a treacherous server and sealed rooms share: real clients, and members of the second
implementation, all of them through `glass lab treacherous`.

    alice, bob, carol = self.room("alice", "bob", "carol")
    self.betray("withhold-line alice bob")
    self.talk("hello", alice, carol)            and it is on carol's screen, once and without a mark
    self.check({carol: ["hello"]})              that stands on her screen, and the tap has no word of it

MembersCase has, among them, one of the second implementation who breaks the rules: a member, or the founder.
"""
import re
import time

import glasschat_call as calls
import glasschat_client as wire
import harness
from glasschat_member import Member
from sealed_case import who
from treacherous_case import TreacherousCase

ROOM = "+exam"
NEW = "new, not compared"
OLD_LIST, ANEW = "said to the list before", "began anew"
MISSING, UNSEEN = "something before it is missing", "said after a line that was not shown here"
STOPPED = r"^glasschat: \+exam: alice, who founded it, signed two lists that can't both be: it is over"


class Insider(Member):
    """Keeps all that it was ever given, so that it can be shown what was not."""

    def __init__(self, *args, **kw):
        self.given_to_me = []
        super().__init__(*args, **kw)

    def _inside(self, call, kind, value):
        self.given_to_me.append((call.peer, kind))
        super()._inside(call, kind, value)


class TreacherousRoomsCase(TreacherousCase):
    names = ("alice", "bob", "carol")

    def setUp(self):
        super().setUp()
        self.said = []

    # Who is there

    def room(self, *names, misdeed="none"):
        """Real clients in a room that the first has founded."""
        self.begin(names=names, misdeed=misdeed)
        founder, *others = (self.users[name] for name in names)
        self.found(founder)
        for i, other in enumerate(others):
            self.invite(founder, other)
            self.accept(founder.user, other)
            for earlier in others[:i]:
                earlier.expect(rf"^\* \+exam: {other.user} was added: ")
                earlier.expect(rf"^\* first call with {other.user}, ")
                other.expect(rf"^\* first call with {earlier.user}, ")
        return founder, *others

    def found(self, founder):
        founder.say("/seal " + ROOM)
        founder.expect(r"^\* what is said in \+exam is signed: ")

    def invite(self, founder, other):
        name = other.user if hasattr(other, "user") else other.identity.name
        founder.say("/invite " + name)
        founder.expect(rf"^\* \+exam: {name} was added: ")

    def accept(self, founder, other):
        other.expect(rf"^\* \+exam: to be in it: /accept \+exam {founder}; ")
        other.say(f"/accept {ROOM} {founder}")
        other.expect(r"^\* what is said in \+exam is signed: ")

    def enter(self, name, *others):
        """Once more, and into the room; these have his key when it returns, and he theirs."""
        user = self.again(name)
        user.say("/join " + ROOM)
        user.expect(r"^\* what is said in \+exam is signed: ")
        self.settle(user, *others)
        return user

    def settle(self, user, *others):
        """They have a call, and all that goes into it first is behind what is shown: each side says what comes after."""
        for other in others:
            other.expect(rf"^\* {user.user} joined \+exam$")
            for one, to in (user, other), (other, user), (user, other):
                self.tell(one.user, to.user, "we have a call")

    def insider(self, name):
        found = Insider(self.betrayer.port, name, key=who(name).key)
        self.addCleanup(found.stop)
        return found

    def joined(self, founder, member):
        """The founder, a real client, takes in a member of the second implementation."""
        self.invite(founder, member)
        member.wait_state(ROOM, "asked")
        member.accept(ROOM)

    # What is said

    def says(self, text, sender):
        self.said.append(text)
        sender.say(text)

    def tells(self, text, member):
        self.said.append(text)
        return member.tell(ROOM, text)

    @staticmethod
    def hears(text, sender, *listeners, marks=""):
        for listener in listeners:
            words = re.escape(f" ({marks})" if marks else "")
            listener.expect(rf"^\[\+exam\] {sender}, {NEW}{words}: {re.escape(text)}$")

    def talk(self, text, sender, *listeners, marks=""):
        self.says(text, sender)
        self.hears(text, sender.user, *listeners, marks=marks)

    def withheld(self, name):
        """How much that is sealed has come by for this user: what is withheld is part of it."""
        return self.betrayer.tap.count(f"to {name}, type 102,".encode())

    def until_withheld(self, name, count):
        """Others may have heard it before it comes by."""
        harness.wait_until(lambda: self.withheld(name) >= count, "it comes by")

    @staticmethod
    def heard(user):
        """All that stands on a screen as said in a sealed room."""
        return re.findall(r"^\[\+\w+\] \w+, [^:]*: (.*)$", user.out.text, re.M)

    @staticmethod
    def unopened(user, sender):
        user.expect(rf"^\* \+exam: something that {sender} said could not be opened$", patience=2 * harness.PATIENCE)

    def not_said(self, text, user, why):
        """Said into the room, and given back."""
        self.says(text, user)
        user.err.expect(rf"^glasschat: not said in \+exam: {why}; it was: {re.escape(text)}$")

    def check(self, heard):
        """Of each user what stands on the screen; and no word of anything is in the tap."""
        for user, texts in heard.items():
            self.assertEqual(self.heard(user), texts, user.user)
        tap = self.betrayer.tap
        for text in self.said:
            if len(text) >= 8:  # shorter ones can be there by chance
                self.assertNotIn(text.encode(), tap)


class MembersCase(TreacherousRoomsCase):
    def with_insider(self):
        """Alice, who has founded it, and bob; and carol, who follows the rules so far."""
        alice, bob = self.room("alice", "bob")
        carol = self.insider("carol")
        self.joined(alice, carol)
        bob.expect(r"^\* \+exam: carol was added: ")
        for name in "alice", "bob":
            carol.wait_key(ROOM, name)
        self.tells("so far", carol)
        self.hears("so far", "carol", alice, bob)
        return alice, bob, carol

    def with_founder(self, *options):
        """Alice is the one who breaks the rules; bob and carol are real."""
        self.begin(*options, names=("bob", "carol"))
        alice = self.insider("alice")
        bob, carol = (self.users[name] for name in ("bob", "carol"))
        alice.found(ROOM)
        for user in bob, carol:
            alice.invite(ROOM, user.user)
            self.accept("alice", user)
        bob.expect(r"^\* \+exam: carol was added: ")
        carol.expect(r"^\* first call with bob, ")
        for user in bob, carol:
            alice.wait_key(ROOM, user.user)
        self.tells("so far", alice)
        self.hears("so far", "alice", bob, carol)
        return alice, bob, carol

    def is_over(self, member, call):
        """What follows is answered, once a second: there is no such call."""
        def is_told():
            with member.changed:
                if call.status not in calls.OVER:
                    member.give(call, b"\3")
            time.sleep(0.5)
            return call.status in calls.OVER
        harness.wait_until(is_told, "the call ends")

    def post(self, member, sealed):
        """Anything sealed, into the room."""
        member.answer_to(member.post(wire.SEAL, wire.v8(ROOM.encode()) + wire.v16(sealed)))
