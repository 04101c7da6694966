"""`carrel ssh-key`: the public keys with which one comes by SSH; `carrel ssh-host-key`: whom one meets there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from carrel.cli.calling import call
from carrel.cli.options import Output
from carrel.cli.output import Format, note, print_json, print_table
from carrel.core.problems import Problem

if TYPE_CHECKING:
    from carrel.client.client import Client
    from carrel.client.ssh import SshKey

app = typer.Typer(no_args_is_help=True, help="Your SSH keys: `ssh NAME@HOST -p PORT` lets their holders in as you.")
USUAL = ("id_ed25519.pub", "id_ed25519_sk.pub", "id_ecdsa.pub", "id_ecdsa_sk.pub", "id_rsa.pub")
MAX_BYTES = 20_000
KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="Its id, its title or its fingerprint.")]


@app.command()
def add(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A .pub file; `-`: standard input. Without it the usual one in ~/.ssh."),
    ] = "",
    title: Annotated[str, typer.Option("--title", help="For you to know it by; without it the key's comment.")] = "",
    output: Output = Format.TABLE,
) -> None:
    """Store a public key."""
    line = _read(file)
    stored = call(lambda client: client.ssh.add_key(line, title))
    if output is Format.JSON:
        print_json(stored)
    else:
        note(f"Stored {stored.fingerprint}{f' ({stored.title})' if stored.title else ''}.")


@app.command("list")
def list_keys(output: Output = Format.TABLE) -> None:
    """List your keys, newest first."""
    found = call(lambda client: client.ssh.keys())
    if output is Format.JSON:
        print_json(found)
    elif not found:
        note("There is none. `carrel ssh-key add` stores one.")
    else:
        rows = [
            (key.id, key.title, key.public_key.partition(" ")[0], key.fingerprint, _day(key.used_at)) for key in found
        ]
        print_table(("ID", "TITLE", "KIND", "FINGERPRINT", "USED"), rows)


@app.command()
def remove(key: KeyArgument) -> None:
    """Remove a key; connections made with it end within seconds."""

    async def use(client: Client) -> SshKey:
        found = [one for one in await client.ssh.keys() if key in {one.id, one.title, one.fingerprint}]
        if len(found) != 1:
            what = "several such SSH keys" if found else "no such SSH key"
            raise Problem("not_found", f"You have {what}: {key[:80]!r}.", hint="`carrel ssh-key list` shows their ids.")
        await client.ssh.remove_key(found[0].id)
        return found[0]

    removed = call(use)
    note(f"Removed {removed.fingerprint}.")


def ssh_host_key(output: Output = Format.TABLE) -> None:
    """Print the gateway's host key as a line for known_hosts."""
    way = call(lambda client: client.ssh.way())
    if output is Format.JSON:
        print_json(way)
        return
    if way.problem:
        note(f"warning: the gateway does not listen: {way.problem}")
    if not way.known_hosts:
        hint = "An administrator sets gateway_port, or gateway_address for a gateway of its own process."
        raise Problem("not_found", "This server has no SSH gateway.", hint)
    print(way.known_hosts)


def _read(file: str) -> str:
    if file == "-":
        return sys.stdin.read(MAX_BYTES)
    path = Path(file).expanduser() if file else _usual()
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            return stream.read(MAX_BYTES)
    except OSError as error:
        raise Problem("bad_value", f"{path} cannot be read: {error.strerror}.", "Give a .pub file.") from error


def _usual() -> Path:
    folder = Path.home() / ".ssh"
    for name in USUAL:
        if (folder / name).is_file():
            return folder / name
    raise Problem("bad_value", f"There is no public key in {folder}.", "`ssh-keygen -t ed25519` makes one.")


def _day(moment: object) -> str:
    return str(moment)[:10] if moment is not None else "never"
