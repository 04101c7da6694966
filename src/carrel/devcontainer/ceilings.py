"""Wishes that have a ceiling and no grant: shared memory, limits of processes, names for addresses, labels, host names.

Judged in one place, whether they come from runArgs, from `build` or from a Compose service.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence

from carrel.devcontainer.allowance import Allowance
from carrel.devcontainer.notices import warning
from carrel.devcontainer.policy import RESERVED_LABELS, ULIMITS, refusal

_MIN_SHM = 64 * 2**20
_HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9_])?")
_CREDENTIALS = (ipaddress.ip_network("fd00:ec2::/32"), ipaddress.ip_network("fd20:ce::/32"))
"""Where clouds answer over IPv6, beside the link-local addresses."""
GATEWAY = "host-gateway"
"""The engine's word for its own address on the bridge."""


def is_link_local(address: str) -> bool:
    """Whether an address is one where clouds answer with the machine's credentials; also mapped into IPv6."""
    try:
        found = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped or found.sixtofour
        return found.is_link_local or bool(mapped and mapped.is_link_local) or any(found in net for net in _CREDENTIALS)
    return found.is_link_local


def is_address(text: str) -> bool:
    """Whether a text is an IP address, as the hosts file has it."""
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def want_host(allowance: Allowance, name: str, address: str, key: str, origin: str) -> None:
    """A line of the hosts file."""
    if is_link_local(address):
        allowance.notices.append(refusal("add-host", key, f"{address} is link-local; {name} is left out", origin))
    elif _HOST_NAME.fullmatch(name) and (address == GATEWAY or is_address(address)):
        allowance.extra_hosts.append(f"{name}:{address}")
    else:
        allowance.notices.append(warning(key, f"{f'{name}:{address}'!r} is no name:address", origin))


def want_label(allowance: Allowance, name: str, value: str, key: str, origin: str) -> None:
    """A label of the container."""
    if name.startswith(RESERVED_LABELS):
        allowance.notices.append(refusal("label", key, f"{name} is a reserved label", origin))
    elif name and name.isprintable():
        allowance.labels[name] = value
    else:
        allowance.notices.append(warning(key, f"{name!r} is no name of a label", origin))


def want_shm(allowance: Allowance, asked: int, key: str, origin: str) -> None:
    """The size of /dev/shm in bytes."""
    ceiling = allowance.policy.max_shm_bytes
    allowance.shm_bytes = max(_MIN_SHM, min(asked, ceiling))
    if asked > ceiling:
        allowance.notices.append(warning(key, f"capped at {ceiling} bytes", origin))


def want_ulimit(allowance: Allowance, name: str, asked: Sequence[int], key: str, origin: str) -> None:
    """A limit of the processes: (soft, hard); negative is unlimited."""
    if name not in ULIMITS:
        allowance.notices.append(refusal("ulimit", key, f"{name} is not among the limits that may be set", origin))
        return
    ceiling = allowance.policy.max_nofile if name == "nofile" else allowance.policy.max_ulimit
    soft, hard = (ceiling if one < 0 or one > ceiling else one for one in asked)
    allowance.ulimits[name] = (min(soft, hard), hard)
    if [soft, hard] != list(asked) and name == "nofile":
        allowance.notices.append(warning(key, f"{name} is capped at {ceiling}", origin))


def want_hostname(allowance: Allowance, name: str, key: str, origin: str) -> None:
    """The container's own name."""
    if not name or _HOST_NAME.fullmatch(name):
        allowance.hostname = name
    else:
        allowance.notices.append(warning(key, f"{name[:80]!r} is no host name", origin))


def want_working_dir(allowance: Allowance, folder: str, key: str, origin: str) -> None:
    """The folder that the command starts in."""
    if not folder or (folder.startswith("/") and folder.isprintable()):
        allowance.working_dir = folder
    else:
        allowance.notices.append(warning(key, f"{folder[:80]!r} is no absolute folder", origin))
