"""Dev container templates: listed, fetched, applied. A library without a server, as the rest of the engine.

    async with RegistryClient(settings) as registry:
        for summary in await list_templates("ghcr.io/devcontainers/templates", registry): ...
        template = await fetch_template("ghcr.io/devcontainers/templates/python:1", registry)
    applied = apply_template(template, Choice(options={"imageVariant": "3.12"}, omit_paths=[".github/*"]))
    write_files(applied, folder)
    print(applied.as_json())

`apply_template` is pure; what it refuses and `fetch_template` cannot get is a `Problem`.
"""

from carrel.devcontainer.templates.apply import AddedFeature, Applied, Choice, apply_template
from carrel.devcontainer.templates.fetch import TemplateSummary, fetch_template, list_templates, template_metadata
from carrel.devcontainer.templates.record import Template, template_from
from carrel.devcontainer.templates.write import write_files

__all__ = [
    "AddedFeature",
    "Applied",
    "Choice",
    "Template",
    "TemplateSummary",
    "apply_template",
    "fetch_template",
    "list_templates",
    "template_from",
    "template_metadata",
    "write_files",
]
