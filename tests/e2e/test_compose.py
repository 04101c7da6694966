"""Compose: an app and a PostgreSQL from Debian's packages in one workspace (Show 4 of the environment engine)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.contract.images import busybox_image
from tests.e2e.installation import Installation
from tests.e2e.repositories import Repositories

from carrel.core.workspace import new_id
from carrel.runtimes.docker.runtime import DockerRuntime
from carrel.runtimes.docker.settings import DockerSettings

COMPOSE = """\
services:
  app:
    build:
      context: .
      dockerfile: Dockerfile
    volumes:
      - ..:/workspaces/app
    command: sleep infinity
    depends_on:
      db:
        condition: service_healthy
    environment: &database
      PGUSER: carrel
      PGPASSWORD: ${PASSWORD:-desk}
      PGDATABASE: carrel
  db:
    build: db
    restart: unless-stopped
    environment: *database
    ports: ["5432:5432"]
    volumes:
      - data:/var/lib/database
      - ../init.sql:/docker-entrypoint-initdb.d/init.sql:ro
    healthcheck:
      test: pg_isready -h 127.0.0.1
      interval: 1s
      timeout: 5s
      retries: 60
volumes:
  data:
"""
APP = """\
FROM {base}
RUN apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql-client \\
 && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --shell /bin/bash --uid 1000 dev
"""
DATABASE = """\
FROM {base}
RUN apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql \\
 && rm -rf /var/lib/apt/lists/*
ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/bin
COPY start.sh /usr/local/bin/
RUN install --directory --owner postgres --mode 0700 /var/lib/database
USER postgres
ENTRYPOINT ["sh", "/usr/local/bin/start.sh"]
"""
START = """\
set -e
data=/var/lib/database/data
if [ ! -s $data/PG_VERSION ]; then
    echo "$PGPASSWORD" > /tmp/password
    initdb --pgdata $data --username "$PGUSER" --auth scram-sha-256 --pwfile /tmp/password
    echo 'host all all all scram-sha-256' >> $data/pg_hba.conf
    pg_ctl --pgdata $data --options '-c listen_addresses=' --wait start
    for file in /docker-entrypoint-initdb.d/*; do psql --dbname postgres --file "$file"; done
    pg_ctl --pgdata $data --wait stop
fi
exec postgres -D $data -c 'listen_addresses=*'
"""
FILES = {
    ".devcontainer/docker-compose.yml": COMPOSE,
    ".devcontainer/db/start.sh": START,
    "init.sql": "CREATE DATABASE carrel;\n\\c carrel\nCREATE TABLE words (word text);\nINSERT INTO words VALUES ('desk');\n",
}
CONFIGURATION = {
    "dockerComposeFile": "docker-compose.yml",
    "service": "app",
    "workspaceFolder": "/workspaces/app",
    "remoteUser": "dev",
    "forwardPorts": ["db:5432"],
}
WORDS = "psql -h {host} -Atc 'SELECT word FROM words ORDER BY word'"


@pytest.fixture(scope="module")
def base() -> str:
    """The image that everything is built on."""
    return asyncio.run(_base())


async def _base() -> str:
    runtime = DockerRuntime(DockerSettings(new_id()))
    try:
        return await runtime.base_image(lambda _: None)
    finally:
        await runtime.close()


def _files(base: str, compose: str = COMPOSE) -> dict[str, object]:
    return {
        **FILES,
        ".devcontainer/docker-compose.yml": compose,
        ".devcontainer/devcontainer.json": CONFIGURATION,
        ".devcontainer/Dockerfile": APP.format(base=base),
        ".devcontainer/db/Dockerfile": DATABASE.format(base=base),
    }


@pytest.mark.conformance("C177", "C184", "C190", "C199", "C200", "C201", "C202", "C203")
def test_app_and_database_live_stop_start_and_go_together(
    shared: Installation, repositories: Repositories, base: str
) -> None:
    url = repositories.make("compose", _files(base))  # type: ignore[arg-type]
    workspace = shared.create(url, name="compose")["id"]
    shared.until_phase(workspace, "running", seconds=600)
    assert shared.workspace(workspace)["degraded"] == ""
    assert len(shared.containers_of(workspace)) == 2
    assert shared.sh("compose", WORDS.format(host="db")) == "desk"
    assert (
        shared.sh("compose", "id -un; pwd; cat init.sql | head -n 1") == "dev\n/workspaces/app\nCREATE DATABASE carrel;"
    )
    shared.sh("compose", "psql -h db -c \"INSERT INTO words VALUES ('carrel')\"; echo note > notes.txt")
    published = shared.docker("ps", "--filter", f"label=dev.carrel.workspace={workspace}", "--format", "{{.Ports}}")
    assert "".join(published) == ""

    shared.api("POST", f"/workspaces/{workspace}/stop")
    shared.until_phase(workspace, "stopped")
    assert shared.docker("ps", "-q", "--filter", f"label=dev.carrel.workspace={workspace}") == []
    shared.api("POST", f"/workspaces/{workspace}/start")
    shared.until_phase(workspace, "running")
    assert shared.sh("compose", f"{WORDS.format(host='db')}; cat notes.txt") == "carrel\ndesk\nnote"

    before = set(shared.container_ids(workspace))
    shared.sh("compose", "echo 'ENV MARK=new' >> .devcontainer/Dockerfile")
    shared.api("POST", f"/workspaces/{workspace}/rebuild", {})
    shared.until(workspace, lambda _: len(set(shared.container_ids(workspace)) - before) == 2)
    shared.until_phase(workspace, "running")
    assert shared.sh("compose", f"{WORDS.format(host='db')}; cat notes.txt; echo $MARK") == "carrel\ndesk\nnote\nnew"

    shared.api("DELETE", f"/workspaces/{workspace}?purge=true")
    shared.until_gone(workspace)
    assert shared.containers_of(workspace) == shared.volumes_of(workspace) == shared.networks_of(workspace) == []


def test_the_app_may_be_in_the_database_s_network(shared: Installation, repositories: Repositories, base: str) -> None:
    compose = COMPOSE.replace("    command: sleep", "    network_mode: service:db\n    command: sleep")
    url = repositories.make("inside", _files(base, compose))  # type: ignore[arg-type]
    workspace = shared.create(url, name="inside")["id"]
    shared.until_phase(workspace, "running", seconds=600)
    assert shared.sh("inside", WORDS.format(host="localhost")) == "desk"


SELECTED = """\
services:
  app: &busybox
    image: ${IMAGE}
    command: sleep 3600
    volumes: ["..:/workspaces/w", "shared:/shared"]
    depends_on:
      job: {condition: service_completed_successfully}
      db: {condition: service_healthy}
  job:
    <<: *busybox
    depends_on: [db]
    command: [sh, -c, "echo $$(cat /shared/db) then job >> /shared/job"]
  db:
    extends: {file: common.yml, service: store}
    profiles: [data]
    command: sh -c 'echo db > /shared/db; touch /ready; trap exit TERM; sleep 3600 & wait'
    healthcheck: {test: test -e /ready, interval: 500ms, retries: 30}
  debug:
    <<: *busybox
    profiles: [debug]
volumes: {shared: }
"""


@pytest.mark.conformance("C179", "C181", "C184", "C190", "C201", "C205")
def test_only_services_that_are_needed_run_in_their_order(shared: Installation, repositories: Repositories) -> None:
    files: dict[str, Any] = {
        ".devcontainer/docker-compose.yml": SELECTED,
        ".devcontainer/common.yml": "services:\n  store:\n    image: ${IMAGE}\n    volumes: ['shared:/shared']\n",
        ".devcontainer/.env": f"IMAGE={busybox_image()}\n",
        ".devcontainer/devcontainer.json": {
            "dockerComposeFile": ["docker-compose.yml"],
            "service": "app",
            "runServices": ["job"],
            "workspaceFolder": "/workspaces/w",
            "remoteUser": "root",
        },
    }
    workspace = shared.create(repositories.make("selected", files), name="selected")["id"]
    shared.until_phase(workspace, "running")
    assert shared.workspace(workspace)["degraded"] == ""
    assert [name.rpartition("-")[2] for name in shared.containers_of(workspace)] == ["app", "db", "job"]
    assert shared.sh("selected", "cat /shared/job") == "db then job"
    shared.api("POST", f"/workspaces/{workspace}/stop")
    shared.until_phase(workspace, "stopped")
    shared.api("POST", f"/workspaces/{workspace}/start")
    shared.until_phase(workspace, "running")
    assert set(shared.sh("selected", "cat /shared/job").splitlines()) == {"db then job"}
    shared.api("DELETE", f"/workspaces/{workspace}?purge=true")
    shared.until_gone(workspace)
    assert shared.containers_of(workspace) == shared.volumes_of(workspace) == shared.networks_of(workspace) == []
