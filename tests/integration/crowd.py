#!/usr/bin/python3
"""Many users in one process, for tests of what happens to all of them at once.

    crowd.py PORT N            registers and logs in user0 ... ; says "ready"; then does what it reads:
        hear                   reads at each until the server's Close, answers it, and says how many heard it and how many
                               were told why before
        reset                  makes every second connection end with a reset instead of a FIN when the process is killed

Killing the process makes all of them leave in the same instant.
"""
import socket
import struct
import sys

import glasschat_client as wire

PASSWORD = "a good password"


def hear(clients):
    told = closed = 0
    for client in clients:
        notices = []
        try:
            while True:
                message = client.pushed.pop(0) if client.pushed else client.next()
                notices += [message.text] if message.type == wire.NOTICE else []
        except wire.Closed:
            closed += 1
        client.sock.sendall(client.send.seal(wire.CLOSE, b""))
        told += "the server is stopping" in notices
    print("closed %d told %d" % (closed, told), flush=True)


def reset(clients):
    for client in clients[::2]:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    print("done", flush=True)


def main():
    port, n = int(sys.argv[1]), int(sys.argv[2])
    clients = []
    for i in range(n):
        client = wire.Client(port, groups=(1,), careful=False)
        clients.append(client.enter("user%d" % i, PASSWORD))
    print("ready", flush=True)
    for line in sys.stdin:
        {"hear": hear, "reset": reset}[line.strip()](clients)


if __name__ == "__main__":
    main()
