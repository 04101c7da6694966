"""Where a notice's setting stands: `file:line`, the service's file, the feature, or the image. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from carrel.devcontainer.inputs import Inputs
from carrel.devcontainer.locate import OWN, position_of
from carrel.devcontainer.metadata import read_label
from carrel.devcontainer.notices import Notice

_WORD = re.compile(r"[A-Za-z_]+")


def placed(notices: Iterable[Notice], inputs: Inputs) -> tuple[Notice, ...]:
    """The notices with their places, each once."""
    return tuple(dict.fromkeys(one if one.place else replace(one, place=place_of(one, inputs)) for one in notices))


def place_of(notice: Notice, inputs: Inputs) -> str:
    """`.devcontainer/devcontainer.json:3`, `compose.yml:12`, `feature ghcr.io/a/b:1 of the image x`, `image x`."""
    image = f"image {inputs.image.reference}"
    if notice.origin == OWN:
        return _in_configuration(notice, inputs)
    if notice.origin == "image":
        return image
    if notice.origin.startswith("feature "):
        inherited = any(entry.origin == notice.origin for entry in read_label(inputs.image.labels))
        installed = any(f"feature {one.name}" == notice.origin for one in inputs.features)
        return f"{notice.origin} of the {image}" if inherited and not installed else notice.origin
    if notice.origin.startswith("service "):
        return _in_service(notice, inputs)
    return ", ".join(inputs.compose.project.files) if inputs.compose is not None else ""


def _in_configuration(notice: Notice, inputs: Inputs) -> str:
    if not inputs.found:
        return ""
    document = inputs.configuration.document
    position = position_of(document, notice.key) if document is not None else None
    return f"{inputs.configuration.path}:{position.line}" if position else inputs.configuration.path


def _in_service(notice: Notice, inputs: Inputs) -> str:
    if inputs.compose is None:
        return notice.origin
    service = inputs.compose.project.services.get(notice.origin.removeprefix("service "))
    key = _WORD.match(notice.key)
    if service is None:
        return notice.origin
    return service.places.get(key[0] if key else "") or service.places.get("") or notice.origin
