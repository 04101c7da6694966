"""Rotation of the key that seals secrets: with the server off or running, and in any number of pieces (ADR 0031).

The steps, each whole or not at all: a fresh key in the file; the database says that it seals; everything is sealed
again, a piece at a time; the old keys leave the file. A rotation that was interrupted goes on with its own key.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from carrel.core.problems import Problem
from carrel.server.store import installation, secrets
from carrel.server.store.engine import Store
from carrel.server.store.keys import add_key, keep_key, load_keys

PIECE = 100
"""Secrets of one transaction."""


@dataclass(frozen=True)
class Rotation:
    """What a rotation came to."""

    key_id: str
    """That seals now."""
    sealed: int
    """Secrets that were sealed again."""
    went_on: bool
    """An earlier one, which was interrupted, was brought to its end."""
    old: tuple[str, ...]
    """Keys that are still in the file, and that nothing in the database needs."""


def prepare_key(path: Path) -> str:
    """Put a fresh key into the file without using it: with several machines it is copied to all of them first."""
    return add_key(path).first


async def rotate_keys(store: Store, path: Path) -> Rotation:
    """Seal everything with a fresh key, or with the one that an interrupted rotation or `prepare_key` left in the file.

    Raises:
        Problem: `key_unknown`; nothing is lost then, and another try goes on.
    """
    key_id, went_on = await _choose(store, path)
    async with store.writing() as session:
        await installation.seal_with(session, key_id)
    sealed = 0
    while True:
        async with store.writing() as session:
            piece = await secrets.seal_again(session, store.keys, key_id, PIECE)
        sealed += piece
        if piece == 0:
            break
    old = tuple(one for one in load_keys(path).keys if one != key_id)
    return Rotation(key_id, sealed, went_on, old)


async def drop_old_keys(store: Store, path: Path) -> tuple[str, ...]:
    """Remove from the file what nothing in the database needs any more; the ids.

    Raises:
        Problem: `wrong_state` where something is still sealed with another key, or a newer one waits to be used.
    """
    async with store.reading() as session:
        key_id = await installation.sealing_key(session)
        used = await secrets.used_keys(session)
    others = {one: many for one, many in used.items() if one != key_id}
    if others or load_keys(path).first != key_id:
        detail = ", ".join(f"{many} secrets with {one}" for one, many in others.items())
        hint = "Run `carrel server rotate-keys` to its end first."
        raise Problem("wrong_state", f"Keys are being rotated: {detail or 'the newest is not in use yet'}.", hint)
    return keep_key(path, key_id)


async def _choose(store: Store, path: Path) -> tuple[str, bool]:
    """The key that is to seal, and whether an earlier rotation had chosen it."""
    async with store.reading() as session:
        sealing = await installation.sealing_key(session)
        used = await secrets.used_keys(session)
    newest = load_keys(path).first
    if newest != sealing:  # it was made, and the database does not know of it yet
        return newest, True
    if set(used) - {sealing}:
        return sealing, True
    return add_key(path).first, False
