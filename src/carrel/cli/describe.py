"""Events as sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from carrel.cli.quantities import format_duration, format_moment
from carrel.core.workspace import Goal

Data = Mapping[str, Any]
GOALS: dict[str, str] = {Goal.RUN: "asked to run", Goal.STOP: "asked to stop", Goal.DELETE: "asked to be deleted"}


def _text(data: Data, name: str) -> str:
    value = data.get(name)
    return "" if value is None else str(value)


def _when(data: Data, name: str) -> str:
    try:
        return format_moment(datetime.fromisoformat(_text(data, name)))
    except ValueError:
        return ""


def _by(data: Data) -> str:
    return f"by {data['by']}" if data.get("by") else ""


def _until(data: Data) -> str:
    return f"until {_when(data, 'until')}" if data.get("until") else ""


def _receiver(data: Data) -> str:
    return _text(data, "user") or f"a guest {_text(data, 'guest')}".strip()


def _join(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _sentence(title: str, *details: str) -> str:
    rest = _join(*details)
    return f"{title}: {rest}" if rest else title


def _took(data: Data) -> str:
    return f"after {format_duration(timedelta(milliseconds=float(data['took_ms'])))}" if data.get("took_ms") else ""


def _status(data: Data) -> str:
    return f"status {data['exit_code']}" if data.get("exit_code") is not None else ""


def _several(data: Data, name: str) -> list[str]:
    value = data.get(name)
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else []


def _version(before: str, data: Data) -> str:
    version = _text(data, "version")
    return f"{before} version {version} of the template {_text(data, 'template')}".strip() if version else ""


def _hook(data: Data) -> str:
    return f"{_text(data, 'stage')} {_text(data, 'name')}".strip()


RETIREMENT = {
    "archive": "will be put aside",
    "trash": "will be moved to the trash",
    "purge": "will be removed for good",
}


SENTENCES: dict[str, Callable[[Data], str]] = {
    "created": lambda d: _sentence("accepted", _by(d)),
    "goal_changed": lambda d: _sentence(GOALS.get(_text(d, "goal"), "asked for something"), _by(d), _text(d, "reason")),
    "updated": lambda d: _sentence(
        _version("settings changed to", d) or "settings changed", *(str(f) for f in d.get("fields") or ()), _by(d)
    ),
    "template_not_updated": lambda d: _sentence(
        _version("starts without", d) or "starts with the template as it was", _text(d, "detail") or _text(d, "kind")
    ),
    "template_files": lambda d: _sentence(
        f"{_text(d, 'placed')} files of the template, version {_text(d, 'version')}, written or removed",
        *(["kept as somebody made them", *_several(d, "kept")] if _several(d, "kept") else ()),
        f"and {_text(d, 'more')} more" if _text(d, "more") not in {"", "0"} else "",
    ),
    "phase_changed": lambda d: f"phase {_text(d, 'phase')}",
    "step_failed": lambda d: _sentence(f"{_text(d, 'step')} failed and is tried again", _text(d, "detail")),
    "failed": lambda d: _sentence("failed", _text(d, "step"), _text(d, "detail"), _text(d, "hint")),
    "source_fetched": lambda d: _sentence("source fetched", _text(d, "branch"), _text(d, "commit")[:12]),
    "environment_resolved": lambda d: _sentence("configuration read", _text(d, "config"), _text(d, "image")),
    "notice": lambda d: _sentence(_text(d, "subject") or "notice", _text(d, "detail"), _text(d, "who")),
    "recovery": lambda d: _sentence("recovery workspace", _text(d, "detail")),
    "image_ready": lambda d: _sentence("image built" if d.get("built") else "image ready", _text(d, "image")),
    "build_cache": lambda d: _sentence("the build cache cannot be used", _text(d, "detail")),
    "started": lambda _: "containers run",
    "ready": lambda d: _sentence("ready", _took(d)),
    "hook_finished": lambda d: _sentence(f"hook {_hook(d)} done", _text(d, "origin")),
    "hook_failed": lambda d: _sentence(
        f"hook {_hook(d)} failed", _text(d, "origin"), _text(d, "detail") or _status(d), _text(d, "log")
    ),
    "hooks_asked": lambda d: _sentence(f"hook {_text(d, 'stage')} to be run again", _by(d)),
    "container_ended": lambda d: _sentence(
        "container ended, started again",
        _text(d, "container"),
        "out of memory" if d.get("out_of_memory") else _status(d),
    ),
    "service_ended": lambda d: _sentence(
        f"service {_text(d, 'container')} ended{', started again' if d.get('runs') else ''}",
        "out of memory" if d.get("out_of_memory") else _status(d),
        f"{_text(d, 'restarts')} times so far" if _text(d, "restarts") not in {"", "0", "1"} else "",
    ),
    "port_listening": lambda d: _sentence(
        f"port {_text(d, 'port')} listens", _text(d, "label"), _text(d, "process"), _text(d, "protocol")
    ),
    "port_closed": lambda d: f"port {_text(d, 'port')} listens no more",
    "port_opened": lambda d: _sentence(f"port {_text(d, 'port')} is {_text(d, 'visibility')} now", _until(d), _by(d)),
    "shared": lambda d: _sentence(f"shared with {_receiver(d)}", _text(d, "level"), _until(d), _by(d)),
    "unshared": lambda d: _sentence(f"no longer shared with {_receiver(d)}", _by(d)),
    "person_joined": lambda d: _sentence(f"{_text(d, 'person')} came in", _text(d, "how")),
    "activity": lambda d: _sentence("activity", _text(d, "signal"), f"runs until {_when(d, 'until')}"),
    "extended": lambda d: _sentence("life extended", f"until {_when(d, 'until')}", _text(d, "signal")),
    "prebuilt": lambda d: _sentence(
        "prebuild failed" if d.get("failed") else "prebuild ready", _text(d, "image"), _text(d, "commit")[:12]
    ),
    "prebuild_taken": lambda d: _sentence(
        "begins with a prebuild", _text(d, "commit")[:12], f"made {_when(d, 'made_at')}" if _when(d, "made_at") else ""
    ),
    "ending_soon": lambda d: _sentence(
        f"will be stopped {_when(d, 'at')}".strip(), _text(d, "rule"), _text(d, "reason")
    ),
    "schedule_refused": lambda d: _sentence(
        "its scheduled start was refused",
        _text(d, "detail"),
        f"tried again {_when(d, 'next')}" if _when(d, "next") else "",
    ),
    "retention_notice": lambda d: _sentence(
        f"{RETIREMENT.get(_text(d, 'step'), 'will be put aside')} {_when(d, 'at')}".strip(), _text(d, "reason")
    ),
    "archived": lambda d: _sentence("put aside", _text(d, "reason")),
    "stopping": lambda d: _sentence("being stopped", _text(d, "reason")),
    "stopped": lambda d: _sentence("stopped, files are kept", _text(d, "reason")),
    "deleted": lambda d: _sentence("in the trash", f"until {_when(d, 'purge_after')}" if d.get("purge_after") else ""),
    "undeleted": lambda d: _sentence("taken out of the trash", _by(d)),
    "purged": lambda _: "purged: nothing is left of it",
    "secrets_changed": lambda d: _sentence(
        "its secrets changed, new processes have them",
        *_several(d, "added"),
        *_several(d, "changed"),
        *_several(d, "removed"),
    ),
    "configuration_changed": lambda d: _sentence(
        "the configuration was changed, a rebuild applies it", *_several(d, "files")
    ),
}


def describe(kind: str, data: Data) -> str:
    """An event in words; a kind of a newer server under its own name."""
    sentence = SENTENCES.get(kind)
    return sentence(data) if sentence else kind.replace("_", " ")
