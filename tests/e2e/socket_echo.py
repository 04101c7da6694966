"""Run inside a workspace, by the toolbox's Python alone: a page that says hello, and WebSockets that echo short messages."""

import base64
import hashlib
import socket
import sys
import threading


def serve(client: socket.socket) -> None:
    """One connection."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(65536)
    fields = dict(line.partition(b": ")[::2] for line in head.lower().split(b"\r\n"))
    if fields.get(b"upgrade") != b"websocket":
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
        client.close()
        return
    key = next(line[19:] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key: "))
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    client.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )
    while frame := client.recv(65536):
        length, mask = frame[1] & 0x7F, frame[2:6]
        payload = bytes(byte ^ mask[n % 4] for n, byte in enumerate(frame[6 : 6 + length]))
        client.sendall(frame[:1] + bytes((length,)) + payload)


with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listening:
    while True:
        threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()
