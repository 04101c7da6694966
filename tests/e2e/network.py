"""A network between a client and a server that can be cut: a TCP relay that goes silent, as a lost Wi-Fi does."""

from __future__ import annotations

import contextlib
import select
import socket
import threading

CHUNK = 65536


class Network:
    """Forwards connections to a port on loopback until it is cut; mended, it forwards new ones only."""

    def __init__(self, port: int) -> None:
        """Relay to `port`; the relay's own is `port` of this object."""
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._is_cut = threading.Event()
        self._is_mended = threading.Event()
        self._is_mended.set()
        self._is_over = False
        self._open: list[socket.socket] = []
        self.carried = 0
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """From now on nothing arrives, in either direction, and nobody is told: no FIN, no RST."""
        self._is_mended.clear()
        self._is_cut.set()

    def mend(self) -> None:
        """New connections are carried; the old ones stay silent for ever."""
        self._is_cut.clear()
        self._is_mended.set()

    def close(self) -> None:
        """End all."""
        self._is_over = True
        self._is_mended.set()
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self._is_over:
                client, _ = self._listener.accept()
                self._open.append(client)
                if not self._is_cut.is_set():
                    threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        self.connections += 1
        try:
            server = socket.create_connection(("127.0.0.1", self._target))
        except OSError:  # nobody listens there now: so says the network, too
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
            return
        self._open.append(server)
        other = {client: server, server: client}
        with contextlib.suppress(OSError, ValueError):  # closed while it waits
            while not self._is_cut.is_set():
                ready, _, _ = select.select(list(other), [], [], 0.05)
                for one in ready:
                    data = one.recv(CHUNK)
                    if self._is_cut.is_set():
                        return  # what was under way is lost
                    if not data:
                        other[one].shutdown(socket.SHUT_WR)
                        if len(other) == 1:
                            return
                        del other[one]
                        continue
                    other[one].sendall(data)
                    self.carried += len(data)
            return
        client.close()
        server.close()
