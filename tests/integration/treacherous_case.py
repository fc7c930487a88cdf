# SPDX-License-Identifier: MIT
"""What the tests of a server that betrays its users share: `glass lab treacherous` between real clients and the real
server, and what is on the screens of those who talk.

    case.begin();  case.meet();  case.betray("replay")
    case.tell("alice", "bob", "hello")          and it is on bob's screen
"""
import contextlib
import os
import re
import time

import harness


def memory(pid):
    """All that a process can write to, as somebody who steals it gets it: in pieces, each from one mapping."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
        for line in maps:
            begin, end = (int(number, 16) for number in line.split()[0].split("-"))
            if line.split()[1].startswith("rw") and end - begin <= 1 << 32:  # beyond: a sanitizer's shadow
                mem.seek(begin)
                with contextlib.suppress(OSError):  # [vvar] and the like
                    yield mem.read(end - begin)


class Treacherous(harness.Process):
    """Misdeeds are lines of its input."""

    def __init__(self, folder, port, *options):
        self.tap_file = os.path.join(folder, "tap")
        super().__init__([harness.program("glass"), "lab", "treacherous", "--server", f"127.0.0.1:{port}", "--tap",
                          self.tap_file, *options])
        ready = self.expect(r"^listening on \S+:(\d+) key (SHA256:\S+)$")
        self.port, self.fingerprint = int(ready[1]), ready[2]

    def betray(self, misdeed):
        """From when this returns on."""
        self.type(misdeed + "\n")
        self.expect(rf"^misdeed {re.escape(misdeed)}$")

    @property
    def tap(self):
        with open(self.tap_file, "rb") as f:
            return f.read()


class TreacherousCase(harness.TestCase):
    names = ("alice", "bob")

    def begin(self, *options, names=None, misdeed="none"):
        """The real server, the treacherous one, and users who have logged in through it."""
        self.real = self.server(*options)
        self.betrayer = self.started(Treacherous(self.folder, self.real.port, "--misdeed", misdeed))
        self.users = {}
        for name in names or self.names:
            self.users[name] = self.client(self.betrayer, name, ready=False)
        for user in self.users.values():
            user.expect("lobby")
            self.there(user)
        return self.betrayer

    def there(self, user):
        """Its key is open, and calls reach it: lines are read only then."""
        user.say("/identity")
        user.expect(r"^\* your key is (\S+),")

    def again(self, name, *options):
        """The same user with the same folder, once more."""
        user = self.users[name] = self.client(self.betrayer, name, *options, register=False)
        self.there(user)
        return user

    def restart(self, name, *options):
        self.users[name].close()
        return self.again(name, *options)

    def betray(self, misdeed):
        self.betrayer.betray(misdeed)

    def say(self, name, to, text):
        self.users[name].say(f"/msg {to} {text}")

    def tell(self, name, to, text, state="new, not compared"):
        """Says it, and it is on the other's screen."""
        self.say(name, to, text)
        self.users[to].expect(rf"^\[{name}, {state}\] {re.escape(text)}$")

    def meet(self, one="alice", other="bob"):
        """A live call with a few turns behind it."""
        self.tell(one, other, "we meet")
        self.tell(other, one, "so we do")

    def fails(self, name, to, text="this is lost", why=None):
        """Nothing of it is shown to the other, and whoever said it is told: that it was not said (why), or that it is
        not confirmed. Returns how."""
        user = self.users[name]
        before = len(user.err.text)
        self.say(name, to, text)
        lost = re.compile(rf"^\* not confirmed: to {to}: {re.escape(text)}$", re.M)
        unsaid = re.compile(rf"^glasschat: not said to {to}: .*$", re.M)
        how = self.told(user, lambda: lost.search(user.out.text) or unsaid.search(user.err.text, before), text)
        if why:
            user.err.expect(why)
        self.assert_unseen(to, text)
        return how[0]

    @staticmethod
    def told(user, what, text):
        try:
            return harness.wait_until(what, "it is told")
        except AssertionError as error:
            raise AssertionError(f"{error}: {text}; {user.user} has\n{user.out.text}\n{user.err.text}") from None

    def attempt(self, text, name="alice", to="bob", behind=False):
        """Says it under a misdeed; returns what whoever said it is told, and how often it is on the other's screen. It
        is never there twice, and never confirmed if it is not there. /receipts are on. behind: others are said
        meanwhile, one a second, as what a call has lost shows when it is used, and not before 15 s else."""
        user = self.users[name]
        out, err = len(user.out.text), len(user.err.text)

        def told():
            if f"* not confirmed: to {to}: {text}\n" in user.out.text[out:]:
                return "not confirmed"
            if f"* {to} has it\n" in user.out.text[out:]:
                return "confirmed"
            return f"not said to {to}: " in user.err.text[err:] and "not said"
        self.say(name, to, text)
        more = 0
        while behind and not told():
            time.sleep(1)
            self.say(name, to, "and more")
            more += 1
        how = self.told(user, told, text)
        if more:
            self.betray("end")
            self.told(user, lambda: len(re.findall(
                rf"^\* not confirmed: to {to}: .|^\* {to} has it$", user.out.text[out:], re.M)) + len(re.findall(
                    f"not said to {to}: ", user.err.text[err:])) == 1 + more, "all of them")
        shown = self.shown(to, text)
        self.assertIn(shown, {"confirmed": (1,), "not said": (0,), "not confirmed": (0, 1)}[how], (text, how))
        return how, shown

    def shown(self, name, text):
        """How often it stands on a screen, as a direct message."""
        return len(re.findall(rf"^\[\w+, [^]]*\] {re.escape(text)}$", self.users[name].out.text, re.M))

    def assert_unseen(self, name, text):
        self.assertNotIn(text, self.users[name].out.text)

    def number(self, name, peer):
        """The safety number, as it is shown."""
        user = self.users[name]
        user.say(f"/verify {peer}")
        found = user.expect(r"^\*     ((?:\d{5} ?){6})\n\*     ((?:\d{5} ?){6})$")
        return " ".join((found[1] + " " + found[2]).split())
