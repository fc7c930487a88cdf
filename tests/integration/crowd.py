#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Many strangers or members at once, in a process of their own so that they don't slow down what measures them:

    crowd.py members PORT N NAME   N members NAME0, NAME1, ... log in; "ready"; on the line "farewell" each waits for the
                                   server's good-bye, and how many heard it is printed: "N of N"
                                   on the line "reset" half of them are made to end with a reset; "ready" again
    crowd.py logins PORT N NAME    N connections shake hands, "ready"; at a line all log in at once; "N of N logins";
                                   all leave
    crowd.py hellos PORT N         N connections send a ClientHello and wait, then all are closed; "done"
    crowd.py churn PORT N          N come and leave again, one after the other, some amid the handshake; "done"
    crowd.py vanish PORT N NAME    N members log in, and from then on are as if their machines were gone; "ready"

The accounts must be there: register(port, count, name) makes them."""
import ctypes
import resource
import socket
import struct
import sys
import time

from glasschat_client import Client, Closed, Cut, LOG_IN, OK, v8

PASSWORD = "a good password"
SO_ATTACH_FILTER = 26  # asm-generic/socket.h; Python has no name for it


class Quick(Client):
    """A client that saves its own time: no secret of its own, and the server's value is not checked."""

    def private_exponent(self, group):
        return 5

    def check_public_value(self, y):
        pass


def register(port, count, name):
    with Quick(port, timeout=60) as c:
        for i in range(count):
            c.register(name + str(i), "crowd@example.org", PASSWORD)


def ready():
    print("ready", flush=True)
    return sys.stdin.readline().strip()


def log_in(clients, name, then=lambda client: None):
    """All at once; then(client) is what each does next. Returns how many were let in."""
    numbers = [c.post(LOG_IN, v8(b"%s%d" % (name.encode(), i)) + v8(PASSWORD.encode()) + v8(b""))
               for i, c in enumerate(clients)]
    let_in = 0
    for c, number in zip(clients, numbers):
        let_in += c.answer_to(number).type == OK
        then(c)
    return let_in


def hears_goodbye(client):
    try:
        while True:
            client.next()
    except Closed:
        client.sock.close()
        return True
    except (Cut, OSError):
        return False


def members(port, count, name):
    clients = []
    for i in range(count):
        clients.append(Quick(port, timeout=60))
        clients[-1].log_in(name + str(i), PASSWORD)
    order = ready()
    if order == "reset":  # every second one is to end with a reset, not a FIN
        for c in clients[::2]:
            c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        ready()
    if order == "farewell":
        print(f"{sum([hears_goodbye(c) for c in clients])} of {count}", flush=True)


def logins(port, count, name):
    clients = [Quick(port, timeout=600) for _ in range(count)]
    ready()
    started = time.monotonic()
    print(f"{log_in(clients, name)} of {count} logins in {time.monotonic() - started:.1f} s", flush=True)


def disappear(sock):
    """From now on the kernel drops each packet that comes for this socket, before TCP sees it: nothing is answered, not
    even by an acknowledgement. (The filter is one instruction: of each packet, 0 bytes pass.)"""
    return_0 = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(return_0)))


def vanish(port, count, name):
    clients = [Quick(port, timeout=60) for _ in range(count)]
    for c in clients:  # when this process ends, none of those gone should keep trying to say so
        c.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    log_in(clients, name, lambda c: disappear(c.sock))
    ready()


def hellos(port, count):
    hello = Quick(port, handshake=False).client_hello()
    held = []
    for _ in range(count):
        held.append(socket.create_connection(("127.0.0.1", port)))
        held[-1].sendall(hello)
    for s in held:
        s.close()
    print("done", flush=True)


def churn(port, count):
    for i in range(count):
        if i % 100 == 0:
            Quick(port, timeout=60).close()
            continue
        with socket.create_connection(("127.0.0.1", port)) as s:
            if i % 3 == 1:
                s.sendall(b"\x01\x01\x01\xb2" + bytes(i % 400))  # a part of a ClientHello
            if i % 3 == 2:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # leaves with a reset
    print("done", flush=True)


if __name__ == "__main__":
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    globals()[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
