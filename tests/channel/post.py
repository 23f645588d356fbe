"""An SMTP server on a port of this machine (RFC 5321, without extensions), which can be down, refuse, or hang up."""

import socketserver
import threading
from types import TracebackType

import msgspec


class Letter(msgspec.Struct, frozen=True):
    sender: str
    to: tuple[str, ...]
    data: bytes


class Post:
    """Up between `with` and its end, and from `down()` on not there at all, until `up()`. `letters` were accepted;
    `spoken` is every byte that clients said; `refused` addresses get 550; `hangs_up` cuts that many letters off before
    they are accepted."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.spoken = bytearray()
        self.refused: set[str] = set()
        self.hangs_up = 0
        self._server: socketserver.ThreadingTCPServer | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def up(self) -> None:
        post = self

        class Line(socketserver.StreamRequestHandler):
            timeout = 20

            def handle(self) -> None:
                post._speak(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address, daemon_threads = True, True

        self._server = Server(("127.0.0.1", self.port), Line)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def down(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> "Post":
        self.up()
        return self

    def __exit__(self, _kind: type | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.down()

    def _speak(self, line: socketserver.StreamRequestHandler) -> None:
        def say(text: str) -> None:
            line.wfile.write(f"{text}\r\n".encode())

        say("220 post.test ESMTP")
        sender, to = "", list[str]()
        while said := line.rfile.readline(4096):
            self.spoken += said
            word, rest = said[:4].decode("ascii", "replace").upper(), said[4:].decode("utf-8", "replace").strip()
            if word in ("EHLO", "HELO", "NOOP"):
                say("250 post.test")
            elif word == "RSET":
                sender, to = "", []
                say("250 forgotten")
            elif word == "MAIL":
                sender, to = _address(rest), []
                say("250 sender")
            elif word == "RCPT" and _address(rest) in self.refused:
                say("550 nobody of that name")
            elif word == "RCPT":
                to.append(_address(rest))
                say("250 recipient")
            elif word == "DATA" and to:
                say("354 go on")
                data = self._data(line)
                if self.hangs_up:
                    self.hangs_up -= 1
                    return
                self.letters.append(Letter(sender, tuple(to), data))
                say("250 taken")
            elif word == "QUIT":
                say("221 bye")
                return
            else:
                say("503 not now")

    def _data(self, line: socketserver.StreamRequestHandler) -> bytes:
        parts = []
        while (said := line.rfile.readline(65_536)) not in (b".\r\n", b""):
            self.spoken += said
            parts.append(said[1:] if said.startswith(b".") else said)
        return b"".join(parts)


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]
