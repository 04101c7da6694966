"""The command line as a whole: every command in its place, and how a failure ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer

from carrel.cli import (
    apart,
    devcontainer,
    dotfiles,
    git_credential,
    goals,
    hooks,
    image,
    project,
    secret,
    server,
    share,
    template,
    token,
    toolbox,
    user,
)
from carrel.cli.audit import audit
from carrel.cli.cp import cp
from carrel.cli.doctor.command import doctor
from carrel.cli.events import events
from carrel.cli.limits import app as limits_app
from carrel.cli.limits import quota
from carrel.cli.listing import ls, show
from carrel.cli.login import login, logout
from carrel.cli.logs import logs
from carrel.cli.long_forms.groups import groups
from carrel.cli.opening import open_command
from carrel.cli.port_forward import port_forward
from carrel.cli.ports import ports
from carrel.cli.prebuild import prebuild
from carrel.cli.preferences import preferences
from carrel.cli.project_policy import policy
from carrel.cli.running import run_typer
from carrel.cli.schedule import schedule
from carrel.cli.session_help import attach, exec_, ssh, ssh_proxy
from carrel.cli.ssh_setup import keys
from carrel.cli.ssh_setup.certificate import ssh_certificate
from carrel.cli.ssh_setup.code import code
from carrel.cli.ssh_setup.configuration import config_ssh
from carrel.cli.timeline import timeline
from carrel.cli.up import up
from carrel.cli.upgrade import upgrade
from carrel.cli.version import completion, version
from carrel.cli.why import why

WORKSPACES = "Workspaces"
INSIDE = "In a workspace"
TOGETHER = "Working together"
LOOK = "What happened, and why"
HERE = "This machine and the server"

app = typer.Typer(
    name="carrel",
    help="Cloud development environments from a repository's own devcontainer.json.",
    epilog="`carrel up SOURCE` is all you need. Exit codes: docs/reference/cli.md.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS: tuple[tuple[str, tuple[tuple[str, Callable[..., None]], ...]], ...] = (
    (WORKSPACES, (("up", up), ("ls", ls), ("show", show), ("start", goals.start), ("stop", goals.stop))),
    (WORKSPACES, (("restart", goals.restart), ("rebuild", goals.rebuild), ("rm", goals.rm))),
    (WORKSPACES, (("archive", goals.archive), ("unarchive", goals.unarchive), ("upgrade", upgrade))),
    (
        WORKSPACES,
        (("undelete", goals.undelete), ("extend", goals.extend), ("schedule", schedule), ("prebuild", prebuild)),
    ),
    (INSIDE, (("open", open_command), ("ssh", ssh), ("exec", exec_), ("logs", logs))),
    (INSIDE, (("attach", attach), ("code", code), ("ssh-proxy", ssh_proxy))),
    (INSIDE, (("cp", cp), ("ports", ports), ("port-forward", port_forward))),
    (
        TOGETHER,
        (("share", share.share), ("unshare", share.unshare), ("guest-link", share.guest_link), ("who", share.who)),
    ),
    (LOOK, (("events", events), ("timeline", timeline), ("why", why), ("quota", quota), ("audit", audit))),
    (
        HERE,
        (
            ("doctor", doctor),
            ("login", login),
            ("logout", logout),
            ("preferences", preferences),
            ("version", version),
            ("completion", completion),
        ),
    ),
    (HERE, (("config-ssh", config_ssh), ("ssh-host-key", keys.ssh_host_key), ("ssh-certificate", ssh_certificate))),
    (HERE, (("proxy", apart.proxy), ("gateway", apart.gateway))),
)
"""Panels of the help, and the commands in them."""

project.app.command("policy")(policy)
for panel, commands in COMMANDS:
    for name, function in commands:
        app.command(name, rich_help_panel=panel)(function)
for name, group in groups().items():
    app.add_typer(group, name=name, rich_help_panel=WORKSPACES)
for name, group in (
    ("server", server.app),
    ("hooks", hooks.app),
    ("port", share.port_app),
    ("user", user.app),
    ("project", project.app),
    ("token", token.app),
    ("limits", limits_app),
    ("ssh-key", keys.app),
    ("secret", secret.app),
    ("dotfiles", dotfiles.app),
    ("template", template.app),
    ("git-credential", git_credential.app),
    ("toolbox", toolbox.app),
    ("image", image.app),
    ("devcontainer", devcontainer.app),
):
    app.add_typer(group, name=name, rich_help_panel=HERE)


def run_app(arguments: Sequence[str]) -> int:
    """Run the command line; returns the exit status (failures.EXIT_CODES)."""
    return run_typer(app, arguments, "carrel")
