"""Values of any type at any key: a plan, or a problem that says where; never another error."""

from __future__ import annotations

from contextlib import suppress

import pytest
from tests.unit.devcontainer.compose.compose_repository import FILE, planned

from carrel.core.problems import Problem

TEXTS = [
    "services: {app: {image: a, deploy: [x]}}",
    "services: {app: {image: a, deploy: {resources: x}}}",
    "services: {app: {image: a, gpus: {a: b}}}",
    "services: {app: {image: a, gpus: [x]}}",
    "services: {app: {image: [a]}}",
    "services: {app: {image: a, build: []}}",
    "services: {app: {build: {}}}",
    "services: {app: {image: a, volumes: {a: b}}}",
    "services: {app: {image: a, volumes: [{type: volume}]}}",
    "services: {app: {image: a, volumes: [{type: volume, target: /x, volume: x}]}}",
    "services: {app: {image: a, networks: {n: x}}}\nnetworks: {n: }",
    "services: {app: {image: a, networks: [[x]]}}",
    "services: {app: {image: a, depends_on: x}}",
    "services: {app: {image: a, depends_on: {b: x}}}",
    "services: {app: {image: a, environment: [[x]]}}",
    "services: {app: {image: a, environment: {a: {b: c}}}}",
    "services: {app: {image: a, env_file: [[x]]}}",
    "services: {app: {image: a, env_file: {x: y}}}",
    "services: {app: {image: a, healthcheck: x}}",
    "services: {app: {image: a, healthcheck: {test: {a: b}}}}",
    "services: {app: {image: a, healthcheck: {test: x, retries: many}}}",
    "services: {app: {image: a, command: 'x \"'}}",
    "services: {app: {image: a, ulimits: x}}",
    "services: {app: {image: a, ulimits: {nofile: {soft: 1}}}}",
    "services: {app: {image: a, sysctls: x}}",
    "services: {app: {image: a, extra_hosts: 5}}",
    "services: {app: {image: a, labels: 5}}",
    "services: {app: {image: a, secrets: [{source: [x]}]}}",
    "services: {app: {image: a, secrets: [s]}}\nsecrets: [s]",
    "services: {app: {image: a, secrets: [s]}}\nsecrets: {s: x}",
    "services: {app: {image: a, volumes: ['v:/v']}}\nvolumes: [v]",
    "services: {app: {image: a, tmpfs: {a: b}}}",
    "services: {app: {image: a, tmpfs: relative}}",
    "services: {app: {image: a, ports: 5}}",
    "services: {app: {image: a, ports: [{a: b}]}}",
    "services: {app: {image: a, ports: [true]}}",
    "services: {app: {image: a, links: x}}",
    "services: {app: {image: a, volumes_from: x}}",
    "services: {app: {image: a, devices: [{}]}}",
    "services: {app: {image: a, security_opt: {a: b}}}",
    "services: {app: {image: a, mem_limit: {a: b}}}",
    "services: {app: {image: a, cpus: x}}",
    "services: {app: {build: {context: [x]}}}",
    "services: {app: {build: {context: ., labels: [a]}}}",
    "services: {app: {build: {context: ., extra_hosts: 5}}}",
    "services: {app: {build: {context: ., platforms: x}}}",
    "services: {app: {build: {context: ., args: x}}}",
    "services: {app: {build: {context: ., cache_from: {a: b}}}}",
    "services: {app: !override {image: a}}",
    "services: !override {app: {image: a}}",
    "services: {app: !reset }",
    "name: 5\nservices: {app: {image: a}}",
    "include: [{path: [5]}]\nservices: {app: {image: a}}",
    "include: [5]\nservices: {app: {image: a}}",
    "include: [{}]\nservices: {app: {image: a}}",
    "services: {app: {image: a, extends: {file: 5, service: x}}}",
    "services: {app: {image: a, profiles: 5}}",
    "services: {app: {image: a, logging: x}}",
    "services: {app: {image: a, scale: [x]}}",
    "services: {5: {image: a}, app: {image: b}}",
    "services: {app: {image: a, privileged: maybe}}",
    "services: {app: {image: a, shm_size: 5}}",
    "networks: [x]\nservices: {app: {image: a}}",
    "volumes: {v: x}\nservices: {app: {image: a}}",
    "services: {app: {image: a, expose: {a: b}}}",
    "services: {app: {image: a, container_name: [x]}}",
    "services: {app: {image: a, user: !reset x}}",
    "",
    "services:",
    "[]",
    "services: {app: {image: a, labels: {a: !override x}}}",
    "services: {app: {image: a, environment: !override {a: !reset x}}}",
    "services: {app: {image: a, volumes: [!reset x, '/y']}}",
    "services: {app: {image: a, network_mode: 'service:app'}}",
    "services: {app: {image: a, network_mode: 'service:gone'}}",
    "services: {'a b': {image: x}, app: {image: a}}",
    "services: {app: {image: '-x'}}",
    "services: {app: {image: a, deploy: {resources: {reservations: {devices: x}}}}}",
]


@pytest.mark.parametrize("text", TEXTS)
async def test_a_value_of_any_type_is_read_or_is_a_problem(text: str) -> None:
    with suppress(Problem):
        made = await planned({FILE: text, ".devcontainer/Dockerfile": "FROM x"})
        assert made.primary == "app"
