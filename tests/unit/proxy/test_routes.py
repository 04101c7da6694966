"""What host names mean."""

from __future__ import annotations

import pytest

from carrel.proxy.routes import Kind, Routes

ROUTES = Routes("https://Carrel.example.org", "apps.example.org", ["carrel.internal"])
LOCAL = Routes("http://127.0.0.1:7070", "localhost")


@pytest.mark.parametrize(
    ("routes", "host", "kind"),
    [
        (ROUTES, b"carrel.example.org", Kind.DASHBOARD),
        (ROUTES, b"carrel.example.org:443", Kind.DASHBOARD),
        (ROUTES, b"carrel.internal", Kind.DASHBOARD),
        (ROUTES, b"localhost:9999", Kind.DASHBOARD),
        (ROUTES, b"3000--blog--ana.apps.example.org", Kind.APP),
        (ROUTES, b"a.b.apps.example.org", Kind.FOREIGN),
        (ROUTES, b"apps.example.org", Kind.FOREIGN),
        (ROUTES, b"evil.example.com", Kind.FOREIGN),
        (ROUTES, b"169.254.169.254", Kind.FOREIGN),
        (LOCAL, b"localhost:7070", Kind.DASHBOARD),
        (LOCAL, b"127.0.0.1", Kind.DASHBOARD),
        (LOCAL, b"[::1]:7070", Kind.DASHBOARD),
        (LOCAL, b"localhost.", Kind.DASHBOARD),
        (LOCAL, b"code--blog--ana.localhost:7070", Kind.APP),
        (LOCAL, b"code--blog--ana.localhost.:7070", Kind.APP),
        (LOCAL, b"127.0.0.1.nip.io", Kind.FOREIGN),
        (LOCAL, b"xlocalhost", Kind.FOREIGN),
        (LOCAL, b"0.0.0.0", Kind.FOREIGN),
    ],
)
def test_a_host_is_the_dashboards_an_apps_or_nobodys(routes: Routes, host: bytes, kind: Kind) -> None:
    assert routes.route(host).kind is kind


def test_an_apps_host_carries_its_label() -> None:
    assert LOCAL.route(b"code--blog--ana.localhost:7070").label == "code--blog--ana"


def test_what_is_remembered_of_host_names_is_bounded() -> None:
    routes = Routes("http://localhost", "localhost")
    for number in range(10_100):
        routes.route(b"x%d.example.com" % number)
    assert len(routes._known) <= 10_001
