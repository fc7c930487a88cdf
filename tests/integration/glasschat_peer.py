# SPDX-License-Identifier: MIT
"""Users of the second implementation who make and take calls (glasschat_call.py) through a server, from
docs/protocol.md section 8 alone.

    with Peer(port, "alice") as alice, Peer(port, "bob") as bob:
        call, sequence = alice.say("bob", "hello")
        assert bob.wait_text("alice") == "hello"
        call.wait_acked(sequence)

A thread of each Peer takes what comes, and answers. Its bounds are attributes, and its clock can be put forward (later),
as nobody waits for long in a test.
"""
import collections
import os
import select
import threading
import time

from glasschat_call import GROUP_NOT_ALLOWED, OVER, Call
from glasschat_client import (CLIENT_HELLO, ERROR, PING, RELAY, RELAYED, STILL_THERE, Client, Closed, Cut, Refused, v8,
                              v16)
from glasschat_identity import Failure, Identity, Trust, safety_number

PATIENCE = float(os.environ.get("PATIENCE", "30"))


class PeerCall(Call):
    """A call of a Peer, whose thread feeds it; methods that wait give up after PATIENCE."""

    def __init__(self, owner, *args, **kw):
        super().__init__(owner.identity, *args, trust=owner.trust, send=self._relay, clock=owner.clock, **kw)
        self.owner = owner
        self.events, self.used = [], self.began
        self.wanted = self.again = False  # by one's own user; after an Alert
        vars(self).update(owner.habits)

    def _relay(self, data):
        self.owner.post_relay(self.peer, self.number, data)

    def feed(self, whole):
        events = super().feed(whole)
        self.events += events
        if events:
            self.used = self.clock()
        return events

    def say(self, text):
        with self.owner.changed:
            self.used = self.clock()
            return super().say(text)

    def cut(self, why):
        self.events += super().cut(why)

    def wait(self, holds, what):
        return self.owner.wait(holds, "%s, in a call that is %s (%s)" % (what, self.status, self.why))

    def wait_open(self):
        self.wait(lambda: self.status not in ("new", "hello", "finished", "step 0"), "a call that opens")
        if self.status != "open":
            raise Failure(self.why)
        return self

    def wait_over(self):
        """Returns "failed", "cut" or "closed"."""
        return self.wait(lambda: self.status in OVER and self.status, "the end of a call")

    def wait_text(self):
        return self.wait(lambda: self.texts and [self.texts.pop(0)], "a text")[0]

    def wait_acked(self, sequence):
        self.wait(lambda: sequence in self.acked, "an ack of %d" % sequence)


def _locked(name):
    """A method that sends may be called by the test while the Peer's thread feeds the call."""
    def method(self, *args, **kw):
        with self.owner.changed:
            return getattr(Call, name)(self, *args, **kw)
    return method


for _name in ("start", "seal", "step", "application", "ack", "close", "state"):
    setattr(PeerCall, _name, _locked(_name))


class Peer(Client):
    """A user who has logged in and takes calls. register=False: the account is there already, and key is its key.
    answers=False: calls are not answered. habits: attributes of each of its calls. Texts of all calls are in texts too,
    as (name, text), and so are its own in not_confirmed."""

    strangers_max, taking_max, unwanted_max = 16, 256, 256

    def __init__(self, port, name, key=None, password="a good password", register=True, ready=True, ca=None,
                 cert=None, trust=None, answers=True, habits=None, call_groups=(2, 3), call_suites=(1, 2), **kw):
        self.put_forward, self.habits = 0, habits or {}
        self.changed = threading.Condition(threading.RLock())
        self.ended = self.thread = None
        super().__init__(port, **kw)
        try:
            self.identity = Identity(name, key, cert)
            self.trust = trust or Trust(ca)
            self.answering, self.call_groups, self.call_suites = answers, call_groups, call_suites
            self.calls = {}         # by name and number, all that are neither failed nor over
            self.live, self.making, self.taking = {}, {}, {}  # of each name at most one
            self.over = []          # the calls that were any of these
            self.texts, self.relays, self.answers = collections.deque(), {}, {}
            self.not_confirmed = collections.deque()
            self.told = {}          # when a peer was last told that there is no such call
            self.seen = []          # all that was relayed to this one, as (name, number, frame)
            if register:
                self.register(name, name + "@example.org", password, self.identity.certificate)
            self.log_in(name, password)
            if ready:
                self.ready()
        except BaseException:
            self.sock.close()
            raise
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Without a Close: the connection is just gone."""
        with self.changed:
            self.ended = self.ended or Cut("stopped")
        self.thread.join(PATIENCE)
        self.sock.close()

    def clock(self):
        return time.monotonic() + self.put_forward

    def later(self, seconds):
        """So much later than it was."""
        with self.changed:
            self.put_forward += seconds
            self._late()

    def wait(self, holds, what, patience=PATIENCE):
        deadline = time.monotonic() + patience
        with self.changed:
            while not (held := holds()):
                if self.ended or time.monotonic() > deadline:
                    raise AssertionError("%s: no %s (%r)" % (self.identity.name, what, self.ended))
                self.changed.wait(0.5)
            return held

    # The thread

    def _run(self):
        try:
            while not self.ended:
                readable = select.select([self.sock], [], [], 0.1)[0]
                message = self.next() if readable else None
                with self.changed:
                    if message:
                        self._handle(message)
                    self._late()
                    self.changed.notify_all()
        except (Cut, Closed, AssertionError, OSError) as error:
            with self.changed:
                self.ended = self.ended or error
        with self.changed:
            for call in list(self.calls.values()):
                self._give_up(call, "the connection to the server ended")
            self.changed.notify_all()

    def _handle(self, m):
        if m.type == RELAYED:
            self.seen.append((m.name, m.call, m.frame))
            self._relayed(m.name, m.call, m.frame)
        elif m.type == STILL_THERE:
            self.post(PING)
        elif m.request in self.relays:
            call = self.calls.get(self.relays.pop(m.request))
            if m.type == ERROR and call:
                self._give_up(call, "answered by error %d" % m.code)
        elif m.request:
            self.answers[m.request] = m
        else:
            self.pushed.append(m)

    def post(self, kind, fields=b"", request=None):
        with self.changed:
            return super().post(kind, fields, request)

    def answer_to(self, request):
        if not self.thread:
            return super().answer_to(request)
        m = self.wait(lambda: self.answers.pop(request, None), "answer to a request")
        if m.type == ERROR:
            raise Refused(m.code, m.text)
        return m

    def wait_for(self, *types):
        def first():
            return next((self.pushed.pop(i) for i, m in enumerate(self.pushed) if m.type in types), None)
        return self.wait(first, "push")

    # Relays

    def post_relay(self, name, number, data):
        """Any frame to anybody; the answer is looked at when it comes."""
        with self.changed:
            request = self.post(RELAY, v8(name.encode()) + number + v16(data))
            self.relays[request] = (name, number)

    def _relayed(self, name, number, data):
        call = self.calls.get((name, number))
        is_hello = data[:1] == bytes([CLIENT_HELLO])
        if not data:
            if call:
                self._give_up(call, "the peer has no such call")
        elif call and not is_hello:
            self._feed(call, data)
        elif not call and is_hello:
            self._called(name, number, data)
        elif not call and self.clock() - self.told.get(name, -2) >= 1:
            self.told[name] = self.clock()
            self.post_relay(name, number, b"")

    def _called(self, name, number, data):
        """Section 8.8, rules 2, 3 and 6."""
        before = self.making.get(name) or self.taking.get(name)
        if name == self.identity.name or not self.answering or (name in self.making and self.identity.name < name):
            return
        call = PeerCall(self, name, caller=False, groups=self.call_groups, suites=self.call_suites, number=number)
        if before:
            call.wanted = before.wanted
            self._give_up(before, "another call takes its place")
        if not self.trust.state(name):
            self._bound([taken for taken in self.taking.values() if not self.trust.state(taken.peer)],
                        self.strangers_max)
        self._bound(self.taking.values(), self.taking_max)
        self.calls[name, number] = self.taking[name] = call
        self._feed(call, data)

    def _feed(self, call, data):
        for event in call.feed(data):
            if event[0] == "text":
                self.texts.append((call.peer, event[2]))
            elif event[0] == "open":
                self._opened(call)
            elif event[0] == "alert" and event[1] == GROUP_NOT_ALLOWED:
                self._second_try(call, event[2])
            elif event[0] == "inside":
                self._inside(call, *event[1:])
        if call.status in OVER:
            self._forget(call)

    def _inside(self, call, kind, value):
        """For glasschat_member.py."""

    def _opened(self, call):
        before = self.live.get(call.peer)
        if before:
            call.wanted = call.wanted or before.wanted
            self._give_up(before, "replaced")
        for table in (self.making, self.taking):
            if table.get(call.peer) is call:
                del table[call.peer]
        self.live[call.peer] = call
        unwanted = [live for live in self.live.values() if not live.wanted and not live.said_close]
        if len(unwanted) > self.unwanted_max:
            min(unwanted, key=lambda live: live.used).close()

    def _bound(self, calls, most):
        """One more comes: the oldest gives way."""
        taken = [call for call in calls if not call.wanted]
        if len(taken) >= most:
            self._give_up(min(taken, key=lambda call: call.began), "newer calls take its place")

    def _second_try(self, call, allowed):
        group = next((g for g in call.groups if g in allowed), call.group)
        if group != call.group and self.making.get(call.peer) is call and not call.again:
            self._forget(call)
            self._make(call.peer, group, call.wanted, again=True)

    def _late(self):
        for call in list(self.calls.values()):
            if call.is_late():
                self._give_up(call, "not answered in time")
            else:
                self._tell(call)

    def _tell(self, call):
        self.not_confirmed += [(call.peer, text) for text in call.not_confirmed()]

    def _give_up(self, call, why):
        call.cut(why)
        self._forget(call)

    def _forget(self, call):
        if self.calls.pop((call.peer, call.number), None):
            self.over.append(call)
        for table in (self.live, self.making, self.taking):
            if table.get(call.peer) is call:
                del table[call.peer]
        self._tell(call)

    def _make(self, name, group=None, wanted=True, again=False, **kw):
        call = PeerCall(self, name, groups=self.call_groups, suites=self.call_suites, group=group, **kw)
        call.wanted, call.again = wanted, again
        self.calls[name, call.number] = self.making[name] = call
        return call.start()

    # For tests

    def begin_call(self, name, **kw):
        """A call that has just been started, whatever else there is."""
        with self.changed:
            return self._make(name, **kw)

    def call(self, name):
        """The live call to a user; makes one where there is none, or waits for the one that is on its way."""
        def live():
            found = self.live.get(name)
            return found if found and not found.said_close else None

        def none():
            return not live() and name not in self.making and name not in self.taking

        def live_or_failed():
            if none():
                raise Failure(tried[-1].why if tried else "no call")
            return live()
        with self.changed:
            tried = [self._make(name)] if none() else []
            call = self.wait(live_or_failed, "call with " + name)
            call.wanted = True
            return call

    def wait_call(self, name):
        """A live call with this user, whoever makes it."""
        return self.wait(lambda: self.live.get(name), "call with " + name)

    def say(self, name, text):
        """To a user; returns the call and the text's sequence number."""
        with self.changed:
            call = self.call(name)
            return call, call.say(text)

    def wait_text(self, name):
        """The next text of this user, in whatever call."""
        def first():
            found = next(((i, text) for i, (who, text) in enumerate(self.texts) if who == name), None)
            if found:
                del self.texts[found[0]]
                return [found[1]]
            return None
        return self.wait(first, "text of " + name)[0]

    def safety_number(self, name):
        return safety_number((self.identity.name, self.identity.fingerprint), (name, self.trust.known[name][0]))
