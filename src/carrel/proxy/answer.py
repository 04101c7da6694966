"""Responses that the proxy itself gives."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus

from carrel.core.problems import Problem


@dataclass(frozen=True)
class Answer:
    """A whole response."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    fields: tuple[tuple[str, str], ...] = field(default=())
    """Further header fields."""

    def encode(self, *, close: bool, without_body: bool = False) -> bytes:
        """As bytes of HTTP/1.1.

        Args:
            close: the connection ends after it.
            without_body: it answers HEAD.
        """
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in self.fields]
        if self.body:
            lines.append(f"Content-Type: {self.content_type}")
        lines += [
            f"Content-Length: {len(self.body)}",
            "Cache-Control: no-store",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: same-origin",
        ]
        if close:
            lines.append("Connection: close")
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        return head if without_body else head + self.body


def redirect(location: str, *fields: tuple[str, str]) -> Answer:
    """See another address, by GET."""
    return Answer(303, fields=(("Location", location), *fields))


def problem_answer(problem: Problem, status: int = 0) -> Answer:
    """A problem for programs (RFC 9457).

    Args:
        problem: what it is.
        status: another status than the catalogue's.
    """
    document = problem.document()
    if status:
        document["status"] = status
    return Answer(document["status"], json.dumps(document).encode(), "application/problem+json", retry_after(problem))


def retry_after(problem: Problem) -> tuple[tuple[str, str], ...]:
    """The field that says when to come again, where the problem knows."""
    return (("Retry-After", str(problem.extra["retry_after"])),) if "retry_after" in problem.extra else ()


def json_answer(value: object) -> Answer:
    """A JSON document."""
    return Answer(200, json.dumps(value).encode(), "application/json")
