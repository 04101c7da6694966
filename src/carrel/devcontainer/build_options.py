"""`build.options`: the words of `docker build` that are translated; all others are refused by name (C140)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from carrel.devcontainer.build_arguments import allowed_cache, is_builders
from carrel.devcontainer.ceilings import is_link_local
from carrel.devcontainer.notices import Notice, info
from carrel.devcontainer.policy import RESERVED_LABELS, refusal
from carrel.devcontainer.runargs import size_bytes

_SWITCHES = frozenset({"no-cache", "pull", "quiet", "rm", "force-rm", "compress", "squash", "load", "push"})
_SHORT = {"-q": "quiet", "-t": "tag", "-f": "file", "-m": "memory", "-c": "cpu-shares"}
_WITHOUT_EFFECT = frozenset({"quiet", "rm", "force-rm", "compress", "pull", "progress", "tag", "load"})
_MAX_SHM = 2 * 2**30


@dataclass
class BuildOptions:
    """What was understood and allowed."""

    args: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    cache_from: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    target: str = ""
    platform: str = ""
    network: str = ""
    shm_bytes: int | None = None
    no_cache: bool = False
    notices: list[Notice] = field(default_factory=list)

    def step_options(self) -> dict[str, str]:
        """As `BuildStep.options` wants them."""
        options = {"network": self.network, "add-host": ",".join(self.hosts), "shm-size": str(self.shm_bytes or "")}
        return {key: value for key, value in options.items() if value}


def parse_build_options(words: Sequence[str], origin: str = "devcontainer.json") -> BuildOptions:
    """Read the words one by one."""
    result = BuildOptions()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = _SHORT.get(word, word.removeprefix("--") if word.startswith("--") else "").partition("=")
        if not name:
            result.notices.append(
                refusal("build.options", f"build.options {word[:80]}", "not an option that is known", origin)
            )
            continue
        if not equals and name not in _SWITCHES:
            value = rest.pop(0) if rest else ""
        _take(result, name, value, origin)
    return result


def _take(result: BuildOptions, name: str, value: str, origin: str) -> None:
    key, _, text = value.partition("=")
    if name == "build-arg" and text and not is_builders(key):
        result.args[key] = text
    elif name == "label" and not key.startswith(RESERVED_LABELS):
        result.labels[key] = text
    elif name == "cache-from" and (image := allowed_cache(value)):
        result.cache_from.append(image)
    elif name == "add-host" and not is_link_local(value.replace("=", ":", 1).partition(":")[2]):
        result.hosts.append(value)
    elif name in {"target", "platform"}:
        setattr(result, name, value)
    elif name == "network" and value in {"none", "default"}:
        result.network = value
    elif name == "shm-size" and size_bytes(value):
        result.shm_bytes = min(size_bytes(value) or 0, _MAX_SHM)
    elif name == "no-cache":
        result.no_cache = True
    elif name in _WITHOUT_EFFECT:
        result.notices.append(info(f"build.options --{name}", "has no effect here", origin))
    else:
        text = "the option is not allowed and was left out"
        result.notices.append(refusal("build.options", f"build.options --{name}", text, origin))
