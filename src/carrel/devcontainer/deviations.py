"""Where the text of the specification and its reference implementation part ways, and which of them Carrel follows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Deviation:
    """One row."""

    number: str
    specification: str
    reference: str
    here: str


def _table(*rows: tuple[str, str, str, str]) -> dict[str, Deviation]:
    return {row[0]: Deviation(*row) for row in rows}


# fmt: off
DEVIATIONS = _table(
    ("D01", "Lockfile keys and `dependsOn` are lower-cased.", "Keeps the user's spelling and looks up exactly.", "Writes lower case, reads both."),
    ("D02", "Within a round the feature with most options first.", "Fewest first.", "As the reference: the order is observable."),
    ("D03", "Tags from oldest to newest.", "Compares text: `10` before `9`.", "Compares versions."),
    ("D04", "Local features are never equal.", "The same folder with the same options is one.", "As the reference."),
    ("D05", "Tarballs are equal by content.", "Equal by URL.", "By content, else by URL."),
    ("D06", "An unknown entry of overrideFeatureInstallOrder may fail.", "Fails for OCI, ignores local paths.", "A warning."),
    ("D07", "An order that contradicts dependencies should fail.", "Installs later.", "Installs later."),
    ("D08", "`build.context` is the configuration's folder by default.", "The Dockerfile's folder.", "As the reference."),
    ("D09", "`.devcontainer/<folder>/devcontainer.json` is searched.", "Only on request.", "As the specification; of several one must be chosen."),
    ("D10", "", "`up` refuses other file names.", "Any name on request."),
    ("D11", "JSON with comments.", "Repairs syntax errors silently.", "An error with line and column; comments and trailing commas are fine."),
    ("D12", "No other properties.", "No validation.", "Unknown properties give a warning and are kept; wrong types are an error."),
    ("D13", "workspaceMount and workspaceFolder need each other.", "Takes either alone.", "Takes either alone, with a warning."),
    ("D14", "The default mount is `/workspace`.", "`/workspaces/<repository>`.", "As the reference."),
    ("D15", "The container is kept alive by a sleeping shell.", "By a script that traps TERM.", "By Carrel's init, which runs feature entrypoints as well."),
    ("D16", "After waitFor the rest runs in the background.", "Everything in the foreground.", "As the specification."),
    ("D18", "`null` in remoteEnv removes a variable.", "Sets the text `null`.", "As the specification."),
    ("D19", "`${devcontainerId}` is replaced in every property listed.", "Stays literal in `exec`.", "As the specification."),
    ("D20", "`${containerEnv:X}` is the value in the running container.", "Of the container's configuration; no PATH for bare images.", "Of the configuration, with an engine's default PATH."),
    ("D21", "`${containerEnv:X}` in remoteEnv only.", "Nearly everywhere.", "In remoteEnv and in hooks."),
    ("D22", "`${localEnv:X:default}`", "The default ends at the next colon.", "As the reference."),
    ("D23", "The maximum of hostRequirements.", "Without any: nulls; required and optional GPU: `{}`.", "Absent; required."),
    ("D24", "gpu is merged.", "Looks at devcontainer.json only.", "Merged."),
    ("D25", "Unmet requirements give a warning.", "Are not checked.", "Are checked against the workspace's size."),
    ("D31", "Options are environment variables.", "Are evaluated by a shell.", "Reach the script literally."),
    ("D32", "Enumerations and types of options are strict.", "Nothing is enforced.", "A warning."),
    ("D33", "A text in place of options is the version.", "A boolean as well.", "As the reference."),
    ("D34", "Template options have defaults.", "A default of `false` becomes empty.", "`false`."),
    ("D35", "The config blob is empty, the layer a .tgz.", "`{}`, and a plain tar.", "Reads all."),
    ("D39", "Ports are forwarded, secrets asked for.", "Carried without action.", "Acted upon."),
    ("D40", "Without a configuration the tool decides.", "An error.", "A default image, and a remark."),
    ("D41", "The uid is updated if remoteUser or containerUser is set.", "Also for the image's own user.", "As the reference."),
    ("D44", "Mounts as in `--mount`.", "Compose: reduced to `source:target`.", "All options are kept."),
    ("D45", "Labels identify a container.", "Compose: project and service.", "Carrel's own labels."),
    ("D46", "", "An existing container keeps its label's metadata.", "The same; a change is offered as a rebuild."),
    ("D48", "Secrets act like remoteEnv.", "Not for `exec`.", "For every process of the user."),
    ("D57", "installsAfter only orders.", "Must be resolvable.", "One that is not is ignored."),
    ("own 1", "Features with other options are installed again.", "Takes a boolean and a text for the same value, and drops one.", "As the specification."),
    ("own 2", "", "Takes a continued line, or a line of a here-document, that begins with FROM for a stage.", "As a builder reads it."),
    ("own 3", "", "Can mount the common folder of a linked git worktree; takes over containers that others made.", "Neither: a local folder is all that is mounted, and every container is Carrel's own."),
    ("own 4", "", "A waitFor that it does not know waits for everything, a userEnvProbe starts a plain shell.", "The same, with a warning; the default probe."),
)
# fmt: on
