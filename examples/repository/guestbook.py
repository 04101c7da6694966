"""A guest book: one page, one list, no dependencies."""

from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

ENTRIES: list[str] = ["Hello from Carrel"]


def page(entries: list[str]) -> str:
    """The page with all entries, newest first."""
    items = "".join(f"<li>{escape(entry)}</li>" for entry in reversed(entries))
    return (
        "<!doctype html><title>Guest book</title><h1>Guest book</h1>"
        "<form method=post><input name=entry autofocus> <button>Sign</button></form>"
        f"<ul>{items}</ul>"
    )


class GuestBook(BaseHTTPRequestHandler):
    """Shows the page; a POST adds an entry."""

    def do_GET(self) -> None:  # noqa: N802
        body = page(ENTRIES).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:  # noqa: N802
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        ENTRIES.extend(form.get("entry", []))
        self.send_response(303)
        self.send_header("Location", "/")
        self.end_headers()


if __name__ == "__main__":
    print("http://localhost:8000")
    ThreadingHTTPServer(("127.0.0.1", 8000), GuestBook).serve_forever()
