"""The files that `carrel create workspace-config --init` writes."""

from __future__ import annotations

from typing import Final

_HEAD = """\
# A workspace of Carrel. `carrel create workspace {file}` makes and starts it; all keys: docs/reference/workspace-yaml.md
name: {name}
description: A place to work

# Whose it is. Without these: your preference (`carrel preferences`), else the server's setting.
# project: default
# domain: development

"""
_BASE = """\
# The image that its processes run in, as it is.
container_image: {image}

"""
_CUSTOM = """\
# The image that its processes run in: built before the workspace is made, and again when something of this changes.
container_image:
  name: {name}-image
  builder: carrel
  python_version: "3.11"
  packages:
    - pandas
  # requirements: requirements.txt
  apt_packages:
    - git
  env:
    PYTHONUNBUFFERED: "1"
  commands:
    - echo "made by $(whoami)"

"""
_TAIL = """\
resources:
  cpu: "2"
  mem: "4Gi"
  gpu: null

# A kind of GPU, such as nvidia-l4, where gpu asks for some.
accelerator: null

# Shell lines at every start: a command, or a list.
on_startup: null

# It stops after so many seconds in which nobody does anything; the files stay.
ttl_seconds: 1200

# Secrets that it needs: `carrel create secret --name my_secret` stores one.
secrets: []
#  - key: my_secret
#    env_var: MY_SECRET
"""
STARTERS: Final = {"base_image": _HEAD + _BASE + _TAIL, "custom_image": _HEAD + _CUSTOM + _TAIL}
"""By what `--init` says."""
DEFAULT_IMAGE: Final = "carrel/workspace-base:py3.11"


def starter(kind: str, file: str, name: str = "my-workspace", image: str = DEFAULT_IMAGE) -> str:
    """The text of a new file. Raises KeyError for a kind that there is not."""
    return STARTERS[kind].format(file=file, name=name, image=image)
