"""The kinds of events: append-only, numbered per workspace, visible to its people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

EVENTS: dict[str, str] = {
    "created": "The workspace was accepted.",
    "goal_changed": "Somebody (or a policy) asked for another goal: `goal`, `by`, `reason`.",
    "updated": "Settings of the workspace were changed: `fields`, `by`; of another version of its template: `template`, `version`.",
    "template_not_updated": "The newest version of its template could not be taken at this start, which went on without it: `template`, `version`, `kind`, `detail`.",
    "phase_changed": "The phase is another one: `phase`, `previous`.",
    "step_failed": "A step failed and is tried again: `step`, `kind`, `detail`, `retry_at`.",
    "failed": "A step failed for good: `step`, `kind`, `detail`, `hint`.",
    "source_fetched": "The source is in the project volume: `commit`, `branch`.",
    "template_files": "Files of the template's `version` were put into the project: `placed` (how many were written or removed), `kept` (those that stay as somebody else made them), `more` (how many of these besides).",
    "environment_resolved": "The configuration was read: `config`, `image`, `revision`.",
    "notice": "Something a person should know, a refusal by policy or a warning: `subject`, `place`, `detail`, `who`.",
    "recovery": "The environment could not be made; a recovery workspace with the files is started: `kind`, `detail`.",
    "image_ready": "The image is there: `image`, `built` (false: nothing had to be built), `fetched` (true: from the build cache).",
    "build_cache": "The build cache could not be used, and the image was built, or is not kept there: `detail`.",
    "started": "The containers run: `start`.",
    "ready": "People can work: `took_ms`.",
    "hook_finished": "A life-cycle hook ended: `stage`, `name`, `origin`, `exit_code`.",
    "hook_failed": "A life-cycle hook failed: `stage`, `name`, `origin`, `exit_code`, `detail`, `log` (its stream).",
    "hooks_asked": "Somebody asked for a stage of hooks to be run again: `stage`, `by`.",
    "container_ended": "A container ended by itself and is started again: `container`, `exit_code`, `out_of_memory`.",
    "service_ended": "A service beside the main container ended by itself: `container`, `exit_code`, `out_of_memory`; `restarts`: how often its restart policy has started it again, `runs`: it runs.",
    "activity": "Evidence of activity moved the idle stop: `signal`, `until`.",
    "extended": "The end of life was moved, because a counted busy signal lasts or somebody asked: `until`, `signal`.",
    "prebuilt": "The prebuild has run its hooks up to updateContent: `image`, `commit`; `failed`: one of them failed, it is of no use.",
    "prebuild_taken": "The workspace began as a prebuild: `commit`, `made_at`.",
    "ending_soon": "It will be stopped: `at`, `rule` (`deadline` or `schedule`), `reason`; `carrel extend` moves a deadline.",
    "schedule_refused": "A scheduled start was refused: `at`, `kind`, `detail`, `next` (when it is tried again).",
    "retention_notice": "It is about to be put aside, moved to the trash or removed for good: `step` (`archive`, `trash`, `purge`), `at`, `reason`.",
    "archived": "Policy put it aside: `reason`.",
    "stopping": "Why it is being stopped: `reason`.",
    "stopped": "It is stopped; files are kept: `reason`.",
    "deleted": "It is in the trash: `purge_after`.",
    "shared": "It was given to somebody: `user` or `guest` (for whom the link is), `level`, `ports`, `until`, `by`, `share`.",
    "unshared": "A share or a guest link was taken away: `user` or `guest`, `by`, `share`.",
    "port_listening": "A program began to listen: `port`, `process`, `protocol`, `label`, `on_auto_forward` (what a tool does about it), `require_local_port`.",
    "port_closed": "Nothing listens there any more: `port`.",
    "port_opened": "A port or an app was opened to more people, or closed: `port`, `visibility`, `until`, `by`.",
    "person_joined": "Somebody other than the owner came in: `person`, `how`.",
    "undeleted": "It was taken out of the trash: `by`.",
    "purged": "Nothing is left of it.",
    "secrets_changed": "Secrets of the running workspace changed; its files and new processes have them: `added`, `changed`, `removed` (names).",
    "configuration_changed": "Files of the configuration differ from those in use; a rebuild applies them: `files`.",
}


@dataclass(frozen=True)
class Event:
    """One event of a workspace."""

    kind: str
    data: dict[str, Any] = field(default_factory=dict)
    number: int = 0
    """Per workspace, without gaps, assigned when stored."""
    at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a kind that the table does not have."""
        if self.kind not in EVENTS:
            message = f"unknown event kind: {self.kind}"
            raise ValueError(message)


@dataclass(frozen=True)
class Span:
    """A timed piece of a start: wait, toolbox, volumes, source, environment, build, home, create, start, agent, hooks, app, first_byte."""

    name: str
    began: datetime
    ended: datetime
    start: int = 0
    detail: str = ""
