"""Where a workspace's files come from: addresses of repositories and folders, checked at the door.

What a person types is untrusted: no scheme outside the allow-list, no credential in an address, nothing that a
command line could take for an option (untrusted-input.md).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import ip_address
from posixpath import normpath
from urllib.parse import SplitResult, urlsplit

from carrel.core.problems import Problem
from carrel.core.spec import FolderSource, GitSource

DEFAULT_SCHEMES = frozenset({"https", "ssh"})
MAX_LENGTH = 2000
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]")
_SCP = re.compile(r"(?P<user>[A-Za-z0-9._-]+)@(?P<host>[A-Za-z0-9.-]+):(?P<path>(?!/{2})[^:]+)")
_BARE = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+/[^/:]+/.+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_PAGE = re.compile(r"(?P<repository>/.+?)/(?:-/)?(?P<kind>tree|pull|merge_requests)/(?P<what>.+?)/?")
_REF = re.compile(r"(?![-/.])(?!.*(?:\.\.|@\{|//|\.lock(?:/|$)|/\.|/$|\.$))[^\s~^:?*\[\\\x00-\x20\x7f]+")


def git_source(url: str, ref: str = "", schemes: Collection[str] = DEFAULT_SCHEMES) -> GitSource:
    """A git source from what a person gave.

    Forms: `https://host/path`, `ssh://user@host/path`, `user@host:path`, `host.tld/owner/repository`, and the pages of
    a branch (`.../tree/NAME`) or a pull request (`.../pull/N`, `.../merge_requests/N`) of a forge.

    Args:
        url: the address.
        ref: branch, tag, commit or `pull/N`; empty is the default branch, or what the page's address says.
        schemes: those that the server allows.

    Raises:
        Problem: `bad_source`.
    """
    text = url.strip()
    if not text or text.startswith("-") or len(text) > MAX_LENGTH or _CONTROL.search(text):
        raise _bad("It is empty, too long, begins with a hyphen, or holds spaces or control characters.")
    if "::" in text.split("/", 1)[0]:
        raise _bad("Addresses of remote helpers (`name::...`) are not accepted.")
    if "://" not in text:
        text = _with_scheme(text)
    parts = _split(text)
    _check(parts, schemes)
    path, page_ref = _page(parts)
    return GitSource(url=parts._replace(path=path).geturl(), ref=check_ref(ref or page_ref))


def check_ref(ref: str) -> str:
    """`ref` if it may be given to git (git-check-ref-format(1), and `pull/N`). Raises `bad_source`."""
    ref = ref.strip()
    if ref and (len(ref) > 255 or not _REF.fullmatch(ref)):
        raise _bad("The ref is not a possible name of a branch, tag, commit or pull request.", "Check the ref.")
    return ref


def folder_source(path: str) -> FolderSource:
    """A folder of the server's machine, by its absolute path. Raises `bad_source`."""
    if not path.startswith("/") or len(path) > MAX_LENGTH or re.search(r"[\x00-\x1f\x7f]", path):
        raise _bad("A folder is given by its absolute path, without control characters.", "Give an absolute path.")
    normal = normpath(path)
    if normal.lstrip("/").split("/")[0] in {"", "proc", "sys", "dev", "run", "boot", "etc"}:
        raise _bad("The system's own folders are not accepted.", "Give a folder of your own.")
    return FolderSource("/" + normal.lstrip("/"))


def host_of(url: str) -> str:
    """Host of a checked git URL, with its port where it has one: what a git credential is stored under."""
    netloc = urlsplit(url).netloc
    return netloc.rsplit("@", 1)[-1].casefold()


def is_this_machine(url: str) -> bool:
    """Whether the host of a checked git URL names the machine itself."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_credential_host(host: str) -> str:
    """`host` or `host:port`, case-folded, if a git credential can be stored under it. Raises `bad_value`."""
    name, _, port = host.strip().casefold().partition(":")
    if not _HOST.fullmatch(name) or len(host) > 253 or (port and not port.isdecimal()):
        raise Problem("bad_value", f"{host[:80]!r} is not a host.", hint="Give a host such as `github.com`.")
    return f"{name}:{port}" if port else name


def _bad(detail: str, hint: str = "") -> Problem:
    return Problem("bad_source", detail, hint=hint)


def _with_scheme(text: str) -> str:
    """The forms without a scheme: scp's, and a forge's address as people say it."""
    scp = _SCP.fullmatch(text)
    if scp:
        return f"ssh://{scp['user']}@{scp['host']}/{scp['path'].lstrip('/')}"
    if _BARE.fullmatch(text):
        return f"https://{text}"
    raise _bad("It is neither a git URL nor a folder.")


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise _bad("The address is malformed.") from error
    return parts._replace(scheme=parts.scheme.casefold(), fragment="")


def _check(parts: SplitResult, schemes: Collection[str]) -> None:
    if parts.scheme not in schemes:
        allowed = ", ".join(sorted(schemes))
        hint = f"This server accepts {allowed} (setting `allow_git_schemes`)."
        raise _bad(f"The scheme {parts.scheme[:20]!r} is not accepted.", hint)
    if parts.scheme == "file":
        if parts.netloc or not parts.path.startswith("/"):
            raise _bad("A file address is `file:///PATH`.")
        return
    if parts.password is not None or (parts.username is not None and parts.scheme != "ssh"):
        hint = "Give the address without it, and store it with `carrel git-credential add HOST`."
        raise _bad("The address holds a credential, which would be kept in plain sight.", hint)
    if parts.query:
        raise _bad("The address has a query, where a credential could be kept in plain sight.")
    if not _HOST.fullmatch(parts.netloc.rsplit("@", 1)[-1].removesuffix(f":{parts.port}")):
        raise _bad("The address has no usable host.")
    if _is_link_local(parts.hostname or ""):
        raise _bad("The address is link-local, where clouds keep their metadata.")
    if parts.username is not None and not _USER.fullmatch(parts.username):
        raise _bad("The user name in the address is not usable.")
    if not parts.path.strip("/"):
        raise _bad("The address has a host but no repository.")


def _is_link_local(host: str) -> bool:
    try:
        return ip_address(host).is_link_local
    except ValueError:
        return False


def _page(parts: SplitResult) -> tuple[str, str]:
    """Path of the repository and the ref, from the address of a page of a forge."""
    match = _PAGE.fullmatch(parts.path)
    known = parts.netloc == "github.com" or "/-/" in parts.path
    if parts.scheme != "https" or not match or not known:
        return parts.path, ""
    if match["kind"] == "tree":
        return match["repository"], match["what"]
    number = match["what"].split("/")[0]
    kind = "pull" if match["kind"] == "pull" else "merge-requests"
    return match["repository"], f"{kind}/{number}"
