# SPDX-License-Identifier: MIT
"""Users of the second implementation who make and take calls (glasschat_call.py) through a server, from
docs/protocol.md section 8 alone.

    with Peer(port, "alice") as alice, Peer(port, "bob") as bob:
        call, sequence = alice.say("bob", "hello")
        assert bob.wait_text("alice") == "hello"
        call.wait_acked(sequence)

A thread of each Peer takes what comes, and answers. Two things of a whole client it leaves to its tests: the bounds of
section 8.8 on how many calls there are (rules 6 and 7), and to say so when a text is not confirmed.
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
        super().__init__(owner.identity, *args, trust=owner.trust, send=self._relay, **kw)
        self.owner = owner
        self.events = []

    def _relay(self, data):
        self.owner.post_relay(self.peer, self.number, data)

    def feed(self, whole):
        events = super().feed(whole)
        self.events += events
        return events

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


for _name in ("start", "seal", "step", "application", "say", "ack", "close", "state"):
    setattr(PeerCall, _name, _locked(_name))


class Peer(Client):
    """A user who has logged in and takes calls. register=False: the account is there already, and key is its key.
    answers=False: calls are not answered. Texts of all calls are in texts too, as (name, text)."""

    def __init__(self, port, name, key=None, password="a good password", register=True, ready=True, ca=None,
                 cert=None, trust=None, answers=True, call_groups=(2, 3), call_suites=(1, 2), **kw):
        self.changed = threading.Condition(threading.RLock())
        self.ended = self.thread = None
        super().__init__(port, **kw)
        try:
            self.identity = Identity(name, key, cert)
            self.trust = trust or Trust(ca)
            self.answering, self.call_groups, self.call_suites = answers, call_groups, call_suites
            self.calls = {}         # by name and number, all that are neither failed nor over
            self.live, self.making, self.taking = {}, {}, {}  # of each name at most one
            self.texts, self.relays, self.answers = collections.deque(), {}, {}
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
                call.cut("the connection to the server ended")
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
                call.cut("answered by error %d" % m.code)
                self._forget(call)
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
                call.cut("the peer has no such call")
                self._forget(call)
        elif call and not is_hello:
            self._feed(call, data)
        elif not call and is_hello:
            self._called(name, number, data)
        elif not call and time.monotonic() - self.told.get(name, -2) >= 1:
            self.told[name] = time.monotonic()
            self.post_relay(name, number, b"")

    def _called(self, name, number, data):
        """Section 8.8, rules 2 and 3."""
        if name == self.identity.name or not self.answering:
            return
        if name in self.making:
            if self.identity.name < name:
                return
            self._give_up(self.making[name], "the peer's own call takes its place")
        if name in self.taking:
            self._give_up(self.taking[name], "a newer call takes its place")
        call = PeerCall(self, name, caller=False, groups=self.call_groups, suites=self.call_suites, number=number)
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
        if call.status in OVER:
            self._forget(call)

    def _opened(self, call):
        before = self.live.get(call.peer)
        if before:
            self._give_up(before, "replaced")
        for table in (self.making, self.taking):
            if table.get(call.peer) is call:
                del table[call.peer]
        self.live[call.peer] = call

    def _second_try(self, call, allowed):
        group = next((g for g in call.groups if g in allowed), call.group)
        if group != call.group and self.making.get(call.peer) is call and not call.again:
            self._forget(call)
            self._make(call.peer, group, again=True)

    def _late(self):
        for call in list(self.calls.values()):
            if call.status != "open" and time.monotonic() - call.began > 15:
                self._give_up(call, "15 s without being open")

    def _give_up(self, call, why):
        call.cut(why)
        self._forget(call)

    def _forget(self, call):
        self.calls.pop((call.peer, call.number), None)
        for table in (self.live, self.making, self.taking):
            if table.get(call.peer) is call:
                del table[call.peer]

    def _make(self, name, group=None, again=False, **kw):
        call = PeerCall(self, name, groups=self.call_groups, suites=self.call_suites, group=group, **kw)
        call.again = again
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
            if name not in self.live and name not in self.making and name not in self.taking:
                raise Failure(tried[-1].why if tried else "no call")
            return self.live.get(name)
        with self.changed:
            tried = []
            if name not in self.live and name not in self.making and name not in self.taking:
                tried.append(self._make(name))
            return self.wait(live, "call with " + name)

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
