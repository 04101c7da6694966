"""runArgs under the policy: what each flag of `docker run` may set; unknown flags are refused by name (C154-C162)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from carrel.devcontainer.allowance import Allowance
from carrel.devcontainer.ceilings import want_host, want_hostname, want_label, want_shm, want_ulimit, want_working_dir
from carrel.devcontainer.mounts import MountRequest, parse_mount
from carrel.devcontainer.notices import info, warning
from carrel.devcontainer.policy import FLAGS, refusal
from carrel.devcontainer.runargs import Option, is_on, parse_run_args, size_bytes

Judge = Callable[[Allowance, Option, str], None]
_COUNT = re.compile(r"[0-9]{1,4}")
_SIGNS_OF_A_PATH = ("/", ".", "~")


def judge_run_args(allowance: Allowance, words: Sequence[str], origin: str = "devcontainer.json") -> None:
    """Every flag in its order, later ones win.

    Raises:
        Problem: `bad_configuration`, the words are no options.
    """
    for option in parse_run_args(words):
        key = f"runArgs --{option.flag}"
        judge = _JUDGES.get(option.flag)
        if judge is not None:
            judge(allowance, option, origin)
        elif option.flag in FLAGS:
            allowance.notices.append(info(key, FLAGS[option.flag], origin))
        else:
            allowance.notices.append(refusal("runArgs", key, "the flag is not allowed and was left out", origin))


def _env(allowance: Allowance, option: Option, origin: str) -> None:
    name, equals, value = option.value.partition("=")
    if equals:
        allowance.env[name] = value
    elif name in allowance.local_env:
        allowance.env[name] = allowance.local_env[name]
    else:
        allowance.notices.append(warning("runArgs --env", f"{name} has no value here and was left out", origin))


def _label(allowance: Allowance, option: Option, origin: str) -> None:
    name, _, value = option.value.partition("=")
    want_label(allowance, name, value, "runArgs --label", origin)


def _host(allowance: Allowance, option: Option, origin: str) -> None:
    name, _, address = option.value.replace("=", ":", 1).partition(":")
    want_host(allowance, name, address, "runArgs --add-host", origin)


def _shm(allowance: Allowance, option: Option, origin: str) -> None:
    asked = size_bytes(option.value)
    if asked is None:
        allowance.notices.append(warning("runArgs --shm-size", f"{option.value!r} is no size", origin))
    else:
        want_shm(allowance, asked, "runArgs --shm-size", origin)


def _ulimit(allowance: Allowance, option: Option, origin: str) -> None:
    name, _, value = option.value.partition("=")
    soft, _, hard = value.partition(":")
    try:
        asked = (int(soft), int(hard or soft))
    except ValueError:
        allowance.notices.append(warning("runArgs --ulimit", f"{option.value[:80]!r} is no limit", origin))
        return
    want_ulimit(allowance, name, asked, "runArgs --ulimit", origin)


def _gpus(allowance: Allowance, option: Option, origin: str) -> None:
    value = option.value.removeprefix("count=")
    asked = int(value) if _COUNT.fullmatch(value) else allowance.policy.max_gpus or 1
    allowance.want_gpus(asked, "runArgs --gpus", origin)


def _privileged(allowance: Allowance, option: Option, origin: str) -> None:
    if is_on(option):
        allowance.want_privileged("runArgs --privileged", origin)


def _volume(allowance: Allowance, option: Option, origin: str) -> None:
    source, _, rest = option.value.partition(":")
    target, _, flags = rest.partition(":")
    if not target:
        request = MountRequest("volume", source)
    else:
        kind = "bind" if source.startswith(_SIGNS_OF_A_PATH) else "volume"
        request = MountRequest(kind, target, source, "ro" in flags.split(","))
    allowance.want_mount(request, "runArgs --volume", origin)


def _mount(allowance: Allowance, option: Option, origin: str) -> None:
    allowance.want_mount(parse_mount(option.value, "runArgs --mount"), "runArgs --mount", origin)


def _tmpfs(allowance: Allowance, option: Option, origin: str) -> None:
    target, _, rest = option.value.partition(":")
    sizes = [one.removeprefix("size=") for one in rest.split(",") if one.startswith("size=")]
    request = MountRequest("tmpfs", target, options={"tmpfs-size": sizes[-1]} if sizes else {})
    allowance.want_mount(request, "runArgs --tmpfs", origin)


def _hostname(allowance: Allowance, option: Option, origin: str) -> None:
    want_hostname(allowance, option.value, "runArgs --hostname", origin)


def _user(allowance: Allowance, option: Option, _origin: str) -> None:
    allowance.user = option.value


def _workdir(allowance: Allowance, option: Option, origin: str) -> None:
    want_working_dir(allowance, option.value, "runArgs --workdir", origin)


def _capability(allowance: Allowance, option: Option, origin: str) -> None:
    allowance.want_capability(option.value, "runArgs --cap-add", origin)


def _security(allowance: Allowance, option: Option, origin: str) -> None:
    allowance.want_security_option(option.value, "runArgs --security-opt", origin)


def _device(allowance: Allowance, option: Option, origin: str) -> None:
    allowance.want_device(option.value, "runArgs --device", origin)


def _always_on(_allowance: Allowance, _option: Option, _origin: str) -> None:
    """`--init`: Carrel's init is the first process anyway."""


_JUDGES: dict[str, Judge] = {
    "add-host": _host,
    "cap-add": _capability,
    "device": _device,
    "env": _env,
    "gpus": _gpus,
    "hostname": _hostname,
    "init": _always_on,
    "label": _label,
    "mount": _mount,
    "privileged": _privileged,
    "security-opt": _security,
    "shm-size": _shm,
    "tmpfs": _tmpfs,
    "ulimit": _ulimit,
    "user": _user,
    "volume": _volume,
    "workdir": _workdir,
}
"""Flag -> what judges it."""
