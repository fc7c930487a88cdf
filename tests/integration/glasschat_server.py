# SPDX-License-Identifier: MIT
"""A server from the specification alone, as glasschat_client.py is a client: docs/protocol.md sections 2 to 7 and 10. It
shakes hands as it should and then says whatever a test wants, so that the real client meets a server that lies.

    def part(peer):                                  # runs in a thread, for each connection
        request = peer.expect(wire.LOG_IN)
        peer.answer(request)                         # ok
        ...
    server = Server(part)                            # server.port; server.failure: what went wrong in a part
    ...
    server.close()
"""
import functools
import hashlib
import hmac
import os
import socket
import struct
import threading

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

import glasschat_client as wire


class Gone(Exception):
    """The client closed the connection, with a Close or without one."""


class Request:
    """type, request, and the fields as they came."""

    def __init__(self, payload):
        self.type, self.request = struct.unpack(">BI", payload[:5])
        self.fields = wire.Reader(payload[5:])


class Peer:
    """One client, after the handshake."""

    def __init__(self, sock, key, certificate):
        self.sock = sock
        self.handshake(key, certificate)

    def read(self, n):
        data = b""
        while len(data) < n:
            try:
                more = self.sock.recv(n - len(data))
            except OSError:
                more = b""
            if not more:
                raise Gone()
            data += more
        return data

    def read_frame(self):
        header = self.read(4)
        return header, self.read(struct.unpack(">BBH", header)[2])

    def handshake(self, key, certificate):
        hello_header, hello = self.read_frame()
        r = wire.Reader(hello)
        client_random, suites, groups = r.take(32), r.take(r.number(1)), r.take(r.number(1))
        p = wire.GROUPS[r.number(1)]
        client_public = r.take(r.number(2))
        x, suite, server_random = int.from_bytes(os.urandom(48), "big"), suites[0], os.urandom(32)
        size = len(client_public)
        body = (server_random + bytes([suite]) + wire.v16(pow(2, x, p).to_bytes(size, "big")) +
                wire.v16(certificate))
        header = struct.pack(">BBH", wire.SERVER_HELLO, 1, len(body) + 2 + 384)
        context = hashlib.sha256(b"glasschat/1 context\0" + b"\x01" + wire.v8(b"") + wire.v8(b"")).digest()
        digest = hashlib.sha256(context + hello_header + hello + header + body).digest()
        body += wire.v16(key.sign(b"glasschat/1 server hello\0" + digest, wire.PSS, hashes.SHA256()))
        t = hashlib.sha256(context + hello_header + hello + header + body).digest()
        z = pow(int.from_bytes(client_public, "big"), x, p).to_bytes(size, "big")
        prk = hmac.digest(client_random + server_random, z, "sha256")
        self.incoming = wire.Direction(wire.expand(prk, b"glasschat/1 client" + t, 32), suite)
        self.outgoing = wire.Direction(wire.expand(prk, b"glasschat/1 server" + t, 32), suite)
        self.sock.sendall(header + body + self.outgoing.seal(wire.FINISHED, b""))
        assert self.incoming.open(*self.read_frame()) == (wire.FINISHED, b"")

    def next(self):
        """The next request. Raises Gone if the client left."""
        while True:
            content, payload = self.incoming.open(*self.read_frame())
            if content == wire.CLOSE:
                self.close()
                raise Gone()
            if content == wire.KEY_UPDATE:
                self.incoming.update()
            else:
                return Request(payload)

    def expect(self, kind):
        """The next request, which must be of this kind. A client asks unbidden for calls, and at a terminal who is in a
        room; that is answered."""
        request = self.next()
        while request.type in (wire.READY, wire.WHO) and request.type != kind:
            if request.type == wire.READY:
                self.answer(request)
            else:
                self.answer(request, wire.MEMBERS, wire.v8(request.fields.text(1).encode()) + bytes(3))
            request = self.next()
        assert request.type == kind, f"a request of type {request.type}, not {kind}"
        return request

    def send(self, kind, request, fields=b""):
        self.sock.sendall(self.outgoing.seal(wire.APPLICATION, struct.pack(">BI", kind, request) + fields))

    def answer(self, request, kind=wire.OK, fields=b""):
        self.send(kind, request.request, fields)

    def refuse(self, request, code, text):
        self.answer(request, wire.ERROR, struct.pack(">H", code) + wire.v16(text.encode()))

    def close(self):
        self.sock.sendall(self.outgoing.seal(wire.CLOSE, b""))

    def drain(self):
        """Nothing more is said, and what still comes is read: a socket that is closed with bytes unread resets the
        connection, and the client might not get what was said last."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
            while self.sock.recv(65536):
                pass
        except OSError:
            pass  # closed by the part itself, or by the client


@functools.cache
def own_key():
    """Made once: a key takes a second or three of processor time."""
    return rsa.generate_private_key(65537, 3072)


class Server:
    def __init__(self, part):
        self.part, self.failure = part, None
        self.key = own_key()
        self.certificate = wire.certificate(self.key, 1, "127.0.0.1", 0, 2**64 - 1)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        with sock:
            sock.settimeout(60)
            try:
                peer = Peer(sock, self.key, self.certificate)
                try:
                    self.part(peer)
                finally:
                    peer.drain()
            except Gone:
                pass
            except Exception as failure:  # the test's thread is another one: it looks here
                self.failure = failure

    def close(self):
        self.listener.close()
