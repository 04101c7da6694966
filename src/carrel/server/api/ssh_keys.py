"""SSH: where the gateway is, users' keys, certificates."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from carrel.core.problems import Problem
from carrel.server.actions import ssh_certificates, ssh_keys
from carrel.server.actions.installation import HostKeys
from carrel.server.actions.public_keys import fingerprint_of
from carrel.server.api.asking import Asking, WithParts
from carrel.server.api.workspace_documents import ANSWER, REQUEST
from carrel.server.store.ssh_keys import SshKey

router = APIRouter(tags=["ssh"])
MAX_KEY_LENGTH = 20_000
SSH_PORT = 22
KeyLine = Annotated[str, Field(min_length=1, max_length=MAX_KEY_LENGTH)]


class SshDocument(BaseModel):
    """The way in by SSH: `ssh NAME@host -p PORT`."""

    model_config = {**ANSWER, "title": "Ssh"}

    enabled: bool
    host: str
    port: int
    """0: there is no gateway."""
    host_key: str
    """The gateway's public key, one OpenSSH line."""
    fingerprint: str
    known_hosts: str
    """A line for `known_hosts`; empty where there is no gateway."""
    certificate_hours: int
    """Life of certificates; 0: none are issued."""
    problem: str
    """Why the gateway does not listen."""


class SshKeyDocument(BaseModel):
    """A public key of yours."""

    model_config = {**ANSWER, "title": "SshKey"}

    id: str
    title: str
    fingerprint: str
    public_key: str
    created_at: datetime
    used_at: datetime | None


class SshKeyList(BaseModel):
    """Your public keys, newest first."""

    model_config = ANSWER

    items: list[SshKeyDocument]


class SshKeyCreate(BaseModel):
    """A public key to store."""

    model_config = REQUEST

    public_key: KeyLine
    """One OpenSSH line, as in `id_ed25519.pub`."""
    title: Annotated[str, Field(max_length=ssh_keys.MAX_TITLE)] = ""
    """Empty: the key's comment."""


class SshCertificateCreate(BaseModel):
    """A device's key to sign."""

    model_config = REQUEST

    public_key: KeyLine
    """One OpenSSH line."""


class SshCertificate(BaseModel):
    """A certificate with which one may come by SSH."""

    model_config = ANSWER

    certificate: str
    """One OpenSSH line, for the file `KEY-cert.pub` beside the key."""
    expires_at: datetime


def _document(key: SshKey) -> SshKeyDocument:
    return SshKeyDocument(
        id=key.id,
        title=key.title,
        fingerprint=key.fingerprint,
        public_key=key.public_key,
        created_at=key.created_at,
        used_at=key.used_at,
    )


@router.get("/ssh")
async def get_ssh(parts: WithParts, actor: Asking) -> SshDocument:
    """Host, port and host key of the SSH gateway."""
    del actor  # anybody who is signed in
    gateway = parts.gateway()
    line = (await HostKeys(parts.store).gateway_key()).public
    name = gateway.host if gateway.port == SSH_PORT else f"[{gateway.host}]:{gateway.port}"
    return SshDocument(
        enabled=bool(gateway.port) and not gateway.problem,
        host=gateway.host,
        port=gateway.port,
        host_key=line,
        fingerprint=fingerprint_of(line),
        known_hosts=" ".join((name, *line.split()[:2])) if gateway.port else "",
        certificate_hours=parts.settings.ssh_certificate_hours,
        problem=gateway.problem,
    )


@router.get("/ssh-keys")
async def list_ssh_keys(parts: WithParts, actor: Asking) -> SshKeyList:
    """Your public keys, newest first."""
    async with parts.store.reading() as session:
        found = await ssh_keys.list_ssh_keys(actor, session)
    return SshKeyList(items=[_document(key) for key in found])


@router.post("/ssh-keys", status_code=HTTP_201_CREATED)
async def add_ssh_key(parts: WithParts, actor: Asking, body: SshKeyCreate) -> SshKeyDocument:
    """Store a public key; with it you come by SSH as yourself."""
    async with parts.store.writing() as session:
        return _document(await ssh_keys.add_ssh_key(actor, session, body.public_key, body.title))


@router.delete("/ssh-keys/{key}", status_code=HTTP_204_NO_CONTENT)
async def remove_ssh_key(parts: WithParts, actor: Asking, key: str) -> None:
    """Remove a public key; connections made with it end within seconds."""
    async with parts.store.writing() as session:
        await ssh_keys.remove_ssh_key(actor, session, key)


@router.post("/ssh-certificates", status_code=HTTP_201_CREATED)
async def issue_ssh_certificate(parts: WithParts, actor: Asking, body: SshCertificateCreate) -> SshCertificate:
    """Sign a device's key for a few hours; the certificate ends with the token that asks for it."""
    if not parts.settings.ssh_certificate_hours:
        hint = "Store the key instead: `carrel ssh-key add`."
        raise Problem("not_allowed", "This server issues no SSH certificates.", hint)
    authority = await HostKeys(parts.store).user_authority()
    async with parts.store.writing() as session:
        issued = await ssh_certificates.issue_certificate(actor, session, parts.settings, authority, body.public_key)
    return SshCertificate(certificate=issued.certificate, expires_at=issued.expires_at)
