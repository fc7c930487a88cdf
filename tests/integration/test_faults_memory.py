#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The real server when memory can't be had: docs/threat-model.md has the table."""
import os
import signal

import glasschat_client as wire
import harness
from crowd import Quick, register
from fault_case import ROOM, ShimCase
from server_case import PASSWORD


class Allocations(ShimCase):
    """Each allocation in turn fails, once."""

    def session(self, server, name):
        """All that there is in a session; what was acknowledged, when it ended otherwise than it should."""
        done = []
        try:
            c = Quick(server.port, timeout=harness.PATIENCE)
        except (wire.Alert, wire.Cut, ConnectionError):
            return done
        with c:
            try:
                c.register(name, "a@example.org", PASSWORD)
                done.append("registered")
                c.log_in(name, PASSWORD)
                c.join("den")
                c.say("den", "x" * 3000)
                c.rooms()
                c.who("den")
                c.leave("den")
                c.relay("listener0", bytes(16), wire.frame(wire.RECORD, bytes(4160)))
                c.ready()
                c.join("+den")
                c.seal("+den", bytes(4580))
                c.say("lobby", "hello")
                c.close()
                done.append("all")
            except (wire.Closed, wire.Cut, wire.Refused, ConnectionError):
                pass
        return done

    def test_an_allocation_fails_in_a_session(self):
        server = self.server_on_shim(*ROOM)
        nth = lost = 0
        register(server.port, 1, "listener")
        while self.shim.failed == nth:
            nth += 1
            listener = Quick(server.port, timeout=harness.PATIENCE)
            listener.log_in("listener0", PASSWORD)
            listener.ready()
            listener.join("+den")
            self.shim.fail_allocation(nth)
            done = self.session(server, "u%d" % nth)
            self.shim.fail_allocation(0)
            self.assertIsNone(server.child.poll(), f"allocation {nth} ended the server: {server.log}")
            with listener:  # it may have been the listener's memory: then it has ended
                lost += not self.still_there(listener)
            with Quick(server.port, timeout=harness.PATIENCE) as c:
                if "registered" in done:
                    c.log_in("u%d" % nth, PASSWORD)  # what was acknowledged is there
                c.ask(wire.PING)
                c.close()
        print(f"    {nth - 1} allocations in a session, each failed once; {lost} of the listener's", flush=True)
        self.assertGreater(nth, 20)
        self.assertLess(lost, nth / 2)
        self.assertEqual(done, ["registered", "all"])  # the last had all that it asked for
        server.stop()

    def registers_without_memory(self, server, nth):
        """Three times on one connection; how often it was refused for that, and whether the server then hung up."""
        refused = 0
        with Quick(server.port, timeout=harness.PATIENCE) as c:
            try:
                for i in range(3):
                    self.shim.fail_allocation(nth)
                    try:
                        c.register("n%dn%d" % (nth, i), "a@example.org", PASSWORD)
                    except wire.Refused as why:
                        refused += why.args[0] == wire.E_NOT_SAVED
                    self.shim.fail_allocation(0)
                c.ask(wire.PING)
            except (wire.Closed, wire.Cut, ConnectionError):
                return refused, True
            finally:
                self.shim.fail_allocation(0)
            return refused, False

    def test_a_registration_without_memory_is_a_try(self):
        """Whatever it lacks the memory for: it counts as a failed try like others, to the last that a connection has."""
        server = self.server_on_shim(*ROOM, "--max-tries", "3")
        nth = failed = counted = 0
        while self.shim.failed > failed or nth == 0:
            failed = self.shim.failed
            nth += 1
            refused, over = self.registers_without_memory(server, nth)
            counted += refused == 3
            self.assertTrue(over or refused < 3, f"allocation {nth}")
        self.assertGreater(counted, 0)
        server.stop()

    def still_there(self, client):
        try:
            client.ask(wire.PING)
            client.close()
            return True
        except (wire.Closed, wire.Cut, ConnectionError):
            return False

    def test_an_allocation_fails_at_the_start(self):
        self.server().stop()  # makes the files
        started = nth = 0
        while self.shim.failed == nth:
            nth += 1
            self.shim.fail_allocation(nth)
            server = self.started(harness.Process(
                [harness.program(self.shim.server), "--listen", "127.0.0.1:0", "--data",
                 os.path.join(self.folder, "data"), "--pbkdf2-iterations", "1000", *harness.SANDBOX], env=self.shim.env))
            harness.wait_until(lambda: "listening on" in server.out.text or server.out.ended, f"allocation {nth}")
            self.shim.fail_allocation(0)
            if "listening on" in server.out.text:
                started += 1
                server.kill(signal.SIGTERM)
                self.assertEqual(server.wait(), 0)
            else:
                self.assertEqual(server.wait(), 1, f"allocation {nth}: {server.err.text}")
                self.assertRegex(server.err.text, r"(^|\n)glasschatd: .*\n$")
        print(f"    {nth - 1} allocations at the start, each failed once; {started} starts went well", flush=True)
        self.assertGreater(nth, 5)


if __name__ == "__main__":
    harness.main()
