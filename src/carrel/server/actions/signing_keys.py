"""The key with which a person's workspaces sign commits: made and kept by the server, and never anywhere else."""

from __future__ import annotations

import struct
from base64 import b64encode
from textwrap import wrap

import asyncssh

from carrel.core.access import Action, Actor, Resource, demand
from carrel.core.problems import Problem
from carrel.core.questions import DIGEST_BYTES
from carrel.core.secret import Secret
from carrel.links.authority import KeyPair, make_key_pair
from carrel.server.store import audit, secrets, users
from carrel.server.store.keys import KeyRing
from carrel.server.store.secrets import SecretName, SecretScope
from carrel.server.store.sessions import ReadSession, WriteSession

NAMESPACE = b"git"
"""What git gives ssh-keygen; a signature of it is good for nothing else (PROTOCOL.sshsig, section 2)."""
_MAGIC = b"SSHSIG"
_HASH = b"sha512"


def _name(user_id: str) -> SecretName:
    return SecretName(SecretScope.SIGNING, user_id, "ssh-key")


async def signing_key(session: ReadSession, keys: KeyRing, user_id: str) -> KeyPair | None:
    """The user's key pair, or None where he has none yet."""
    found = await secrets.reveal(session, keys, _name(user_id))
    return None if found is None else KeyPair(found[0], found[1]["public"])


async def public_signing_key(session: ReadSession, user_id: str) -> str:
    """Its public half, an OpenSSH line; empty where there is none yet."""
    found = await secrets.listed(session, SecretScope.SIGNING, user_id)
    return str(found[0].shown["public"]) if found else ""


async def make_signing_key(actor: Actor, session: WriteSession, keys: KeyRing, *, anew: bool = False) -> str:
    """The public half of the actor's key, made where there is none, or `anew`: an old one signs no more."""
    demand(actor, Action.CREDENTIAL_MANAGE, Resource(actor.user_id))
    present = await public_signing_key(session, actor.user_id)
    if present and not anew:
        return present
    user = await users.get(session, actor.user_id)
    pair = make_key_pair(f"{user.name if user else actor.name} (Carrel)")
    stored = await _store(session, keys, actor.user_id, pair, anew=anew)
    await audit.append(session, actor, "signing_key.made", f"user:{actor.user_id}", {"public": stored})
    return stored


async def _store(session: WriteSession, keys: KeyRing, user_id: str, pair: KeyPair, *, anew: bool) -> str:
    put = secrets.put if anew else secrets.put_new
    await put(session, keys, _name(user_id), pair.private, {"public": pair.public})
    return await public_signing_key(session, user_id)


def sign(private: Secret, digest: bytes) -> str:
    """An SSH signature of a SHA-512 digest in the namespace `git`, armoured.

    Source: OpenSSH, PROTOCOL.sshsig.

    Raises:
        Problem: `bad_value` where it is no digest.
    """
    if len(digest) != DIGEST_BYTES:
        raise Problem("bad_value", f"A SHA-512 digest has {DIGEST_BYTES} bytes.")
    key = asyncssh.import_private_key(private.reveal())
    fields = (NAMESPACE, b"", _HASH)
    signature = key.sign(_MAGIC + _strings(*fields, digest), key.sig_algorithms[0])
    blob = _MAGIC + struct.pack(">I", 1) + _strings(key.public_data, *fields, signature)
    lines = wrap(b64encode(blob).decode(), 70)
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


def _strings(*values: bytes) -> bytes:
    """Each as a `string` of RFC 4251, section 5."""
    return b"".join(struct.pack(">I", len(value)) + value for value in values)
