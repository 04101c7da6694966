"""Certificates for links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncssh
import pytest
from asyncssh.public_key import SSHOpenSSHCertificate

from carrel.core.secret import Secret
from carrel.links.authority import VALIDITY, Credential, LinkAuthority, make_key_pair

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def _openssh(credential: Credential) -> SSHOpenSSHCertificate:
    assert isinstance(credential.certificate, SSHOpenSSHCertificate)
    return credential.certificate


def test_a_certificate_names_its_principal_and_only_that() -> None:
    certificate = _openssh(LinkAuthority(make_key_pair().private).issue("abc:7", NOW))
    assert certificate.principals == ["abc:7"]


def test_a_certificate_is_signed_by_the_authority_that_agents_trust() -> None:
    authority = LinkAuthority(make_key_pair().private)
    certificate = _openssh(authority.issue("abc:7", NOW))
    assert certificate.signing_key == asyncssh.import_public_key(authority.public_key)


def test_a_certificate_ends_after_its_validity() -> None:
    certificate = _openssh(LinkAuthority(make_key_pair().private).issue("abc:7", NOW))
    assert certificate._valid_before == int((NOW + VALIDITY).timestamp())
    assert certificate._valid_after < int(NOW.timestamp())
    assert timedelta(minutes=5) == VALIDITY


def test_each_certificate_is_for_a_key_of_its_own() -> None:
    authority = LinkAuthority(make_key_pair().private)
    first, second = authority.issue("abc:7", NOW), authority.issue("abc:7", NOW)
    assert first.key.public_data != second.key.public_data


def test_a_host_key_pair_belongs_together_and_hides_its_private_half() -> None:
    pair = make_key_pair("agent of abc")
    private = asyncssh.import_private_key(pair.private.reveal())
    assert private.export_public_key().decode().strip() == pair.public
    assert "\n" not in pair.public
    assert "PRIVATE" not in repr(pair)


def test_a_key_that_is_none_is_refused_without_quoting_it() -> None:
    with pytest.raises(ValueError, match="not an OpenSSH private key") as raised:
        LinkAuthority(Secret("hunter2"))
    assert "hunter2" not in str(raised.value)
    assert raised.value.__suppress_context__
