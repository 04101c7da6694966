"""Whether a request may come from the page that it comes from (design.md 5).

Apps of different people are neighbours below one domain, which browsers count as one site: SameSite cookies do not keep
them apart, so the request itself has to say that it comes from the app's own pages.
"""

from __future__ import annotations

from carrel.proxy.head import RequestHead

_SAFE_METHODS = frozenset({b"GET", b"HEAD", b"OPTIONS"})
_OWN = frozenset({b"", b"same-origin", b"none"})
"""Values of Sec-Fetch-Site: absent (not a browser), the app's own page, typed by a person."""


def may_come_from(request: RequestHead, scheme: bytes) -> bool:
    """Whether the request comes from the app's own pages, or is a plain navigation to it.

    Args:
        request: its Origin, Sec-Fetch-Site and Sec-Fetch-Mode are looked at.
        scheme: of the app's public address.
    """
    origin = request.field(b"origin").lower()
    own = scheme + b"://" + request.host
    site = request.field(b"sec-fetch-site").lower()
    if request.wants_websocket:
        return origin == own
    # An app that sends `Referrer-Policy: no-referrer` makes its own forms say `Origin: null`.
    if (
        origin
        and origin != own
        and request.method not in _SAFE_METHODS
        and not (origin == b"null" and site == b"same-origin")
    ):
        return False
    return site in _OWN or (request.method in _SAFE_METHODS and is_navigation(request))


def is_navigation(request: RequestHead) -> bool:
    """Whether a person's browser loads this as a page of its own: the only kind that is sent to sign in."""
    if request.method not in {b"GET", b"HEAD"} or request.wants_websocket:
        return False
    mode = request.field(b"sec-fetch-mode").lower()
    if mode:
        return mode == b"navigate" and request.field(b"sec-fetch-dest").lower() in {b"", b"document"}
    return b"text/html" in request.field(b"accept").lower()
