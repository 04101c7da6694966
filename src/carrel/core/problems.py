"""The catalogue of problems: what can go wrong, as people are told of it (RFC 9457).

A problem has a kind (a stable name for programs), a title, an HTTP status and a hint that says what to do.
`docs/reference/problems.md` is printed from PROBLEMS.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Any


@dataclass(frozen=True)
class ProblemKind:
    """One row of the catalogue."""

    kind: str
    title: str
    status: int
    hint: str


@dataclass
class Problem(Exception):  # noqa: N818  the field's word is "problem" (RFC 9457)
    """A problem of a known kind, with the particulars of this occurrence.

    Args:
        kind: a key of PROBLEMS.
        detail: one or two sentences about this occurrence; never holds a secret.
        hint: what to do, where it is more specific than the catalogue's hint.
        extra: further members of the problem document (RFC 9457 section 3.2), JSON values only.
    """

    kind: str
    detail: str = ""
    hint: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a kind that the catalogue does not have."""
        if self.kind not in PROBLEMS:
            message = f"unknown problem kind: {self.kind}"
            raise ValueError(message)
        super().__init__(self.kind, self.detail)

    def __str__(self) -> str:
        """Title and detail in one line."""
        return f"{self.title}: {self.detail}" if self.detail else self.title

    @property
    def title(self) -> str:
        """The catalogue's title."""
        return PROBLEMS[self.kind].title

    @property
    def status(self) -> int:
        """The HTTP status of this kind."""
        return PROBLEMS[self.kind].status

    def document(self) -> dict[str, Any]:
        """This problem as a JSON-ready `application/problem+json` document."""
        row = PROBLEMS[self.kind]
        document: dict[str, Any] = {
            "type": f"urn:carrel:problem:{row.kind}",
            "kind": row.kind,
            "title": row.title,
            "status": row.status,
            "hint": self.hint or row.hint,
        }
        if self.detail:
            document["detail"] = self.detail
        return document | self.extra


def too_many_requests(detail: str, wait: float) -> Problem:
    """The problem of who comes too often; `wait`: seconds until it is worth trying again, as `Retry-After` says it."""
    seconds = max(1, ceil(wait))
    return Problem("too_many_requests", detail, f"Try again in {seconds} s.", {"retry_after": seconds})


def _catalogue(*rows: tuple[str, str, int, str]) -> dict[str, ProblemKind]:
    return {row[0]: ProblemKind(*row) for row in rows}


# A table: one row a line.
# fmt: off
PROBLEMS = _catalogue(
    # The request
    (
        "malformed_request",
        "The request is not well formed",
        422,
        "Correct the fields named in `errors` and send it again.",
    ),
    ("bad_value", "A value is not acceptable", 400, "Correct the value named in the detail."),
    (
        "bad_name",
        "The name is not usable",
        400,
        "Use 1 to 40 lower-case letters, digits and single hyphens, starting with a letter.",
    ),
    ("name_taken", "The name is taken", 409, "Choose another name, or delete the workspace that has it."),
    (
        "idempotency_mismatch",
        "The idempotency key was used for another request",
        409,
        "Use a new key for a new request.",
    ),
    ("not_authenticated", "Sign in first", 401, "Run `carrel login`, or open the dashboard and sign in."),
    (
        "identity_refused",
        "The sign-in through the identity provider was refused",
        403,
        "Sign in again; if it stays so, ask your administrator.",
    ),
    (
        "provider_unreachable",
        "The identity provider does not answer",
        502,
        "Try again in a moment, or sign in in another way; an administrator looks at `oidc_issuer`.",
    ),
    ("not_allowed", "You may not do this", 403, "Ask an administrator of the project."),
    ("not_found", "There is no such thing", 404, "Check the name; `carrel ls` lists your workspaces."),
    ("method_not_allowed", "This cannot be done to that", 405, "`Allow` names the methods; see docs/reference/api.md."),
    ("wrong_state", "The workspace is not in a state for this", 409, "Look at `carrel show NAME`."),
    ("over_quota", "A limit is reached", 409, "Stop or delete what counts against the limit, or ask for a higher one."),
    ("too_large", "The request is too large", 413, "Send less."),
    ("too_many_requests", "Too many requests", 429, "Wait for the time in `Retry-After`."),
    ("bad_origin", "The request comes from another site", 403, "Open the page from its own address."),
    (
        "internal",
        "Something failed inside Carrel",
        500,
        "The server's log has the details under this request id; please report it.",
    ),
    (
        "unavailable",
        "The server is not ready",
        503,
        "Wait a moment and try again; `carrel doctor` says what is missing.",
    ),
    # Source
    ("bad_source", "The source is not acceptable", 400, "Give an https or ssh git URL, or a local folder."),
    (
        "source_unreachable",
        "The repository cannot be reached",
        502,
        "Check the address and the network; the log has git's own words.",
    ),
    (
        "source_denied",
        "The repository refuses access",
        403,
        "Check the address; for a private repository store a token as a git credential.",
    ),
    (
        "ref_not_found",
        "The repository has no such branch, tag or commit",
        404,
        "Check the ref, or leave it out to use the default branch.",
    ),
    (
        "folder_not_shared",
        "The folder is not visible to the engine",
        400,
        "Use a folder on the machine the engine runs on, or a git URL.",
    ),
    # Environment
    (
        "bad_configuration",
        "The devcontainer configuration is not usable",
        400,
        "Correct the file at the place named, then rebuild.",
    ),
    (
        "choose_configuration",
        "The repository has several configurations",
        409,
        "Choose one with `--devcontainer PATH`.",
    ),
    (
        "refused_by_policy",
        "The policy refuses a part of the configuration",
        403,
        "An administrator can grant it; see the policy's reference.",
    ),
    ("feature_failed", "A feature cannot be used", 400, "Check the feature's address, version and options."),
    ("template_failed", "A template cannot be used", 400, "Check the template's address, version and options."),
    (
        "registry_unreachable",
        "The registry cannot be reached",
        502,
        "Check the network, the address and the registry credentials.",
    ),
    ("registry_denied", "The registry refuses access", 403, "Store credentials for this registry."),
    ("image_missing", "The image does not exist", 404, "Check the image's name, tag and platform."),
    (
        "build_failed",
        "The image build failed",
        422,
        "The build log has the failing step; mend it in the recovery workspace and rebuild.",
    ),
    (
        "hook_failed",
        "A life-cycle hook failed",
        422,
        "`carrel logs NAME` shows its output; mend it and run `carrel hooks run NAME STAGE`.",
    ),
    # Runtime
    (
        "no_engine",
        "There is no container engine",
        503,
        "Install and start Docker Engine (Debian: `apt install docker.io`), then run `carrel doctor`.",
    ),
    ("engine_too_old", "The container engine is too old", 503, "Carrel needs Docker Engine API 1.41 or newer."),
    ("engine_error", "The container engine refused", 502, "The detail has the engine's own words."),
    ("no_space", "The disk is full", 507, "Free space on the engine's disk (`docker system df`), then start again."),
    (
        "no_subnet",
        "No free subnet for the workspace's network",
        503,
        "Widen the setting `network_pool`, or stop workspaces.",
    ),
    (
        "no_accelerator",
        "There is no such accelerator free",
        409,
        "Ask for another one or for none, or wait until one is free; `carrel quota` shows what there is.",
    ),
    (
        "secret_missing",
        "A secret that the workspace wants is missing",
        409,
        "Store it with `carrel create secret`, or take it out of the definition, and start again.",
    ),
    (
        "volume_missing",
        "A volume of the workspace is gone",
        410,
        "Restore the volume from a backup, or delete the workspace. Nothing was created in its place.",
    ),
    ("container_failed", "The workspace's container ended", 502, "`carrel logs NAME` shows its last words."),
    (
        "agent_unreachable",
        "The workspace's agent does not answer",
        504,
        "`carrel restart NAME`; `carrel logs NAME` shows why it does not start.",
    ),
    (
        "toolbox_failed",
        "The toolbox cannot be built",
        502,
        "`carrel toolbox build` shows the whole log; it needs PyPI, npm and a Debian mirror or a registry.",
    ),
    ("no_progress", "A step makes no progress", 504, "Look at the log; `carrel restart NAME` tries again."),
    # Apps
    ("no_such_app", "The workspace has no such app", 404, "`carrel show NAME` lists the apps."),
    ("app_starting", "The app is being started", 503, "It is on its way; try again in a moment. A page does so by itself."),
    ("app_failed", "The app does not start", 502, "`carrel logs NAME --app APP` shows its output."),
    ("not_running", "The workspace is not running", 409, "Start it with `carrel start NAME`."),
    (
        "nothing_listens",
        "Nothing listens on that port",
        502,
        "Start the program in the workspace; `carrel ports NAME` lists what listens.",
    ),
    # Files
    ("no_such_file", "There is no such file or folder", 404, "Relative paths begin at the workspace folder."),
    ("file_exists", "Something is there already", 409, "Choose another name, or allow it to be overwritten."),
    ("file_denied", "The file system does not allow it", 403, "The user of the workspace needs the right to do this."),
    ("bad_archive", "The archive is not usable", 400, "Send a tar stream that is whole and not compressed."),
    # Machine
    ("port_busy", "The port is in use", 503, "Stop the other program, or choose a port with `--port`."),
    (
        "server_running",
        "Another server uses this database",
        503,
        "Stop the other server, or use PostgreSQL to run several.",
    ),
    (
        "key_unknown",
        "The encryption key is not known",
        503,
        "Put back the key file that this database was written with.",
    ),
)
# fmt: on
