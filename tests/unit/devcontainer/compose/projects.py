"""Compose projects of the shapes that people use: files, what is asked of the oracle, and why it may not understand them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Case:
    """One project in a folder of its own."""

    name: str
    files: Mapping[str, str]
    order: tuple[str, ...] = ("compose.yml",)
    profiles: tuple[str, ...] = ()
    not_in_v1: str = ""
    """Why Compose 1.29 cannot read it; empty: it can."""
    environment: Mapping[str, str] = field(default_factory=dict)


def _case(name: str, text: str, *more: str, **other: str) -> Case:
    """A project of one file; `more` are the reason and nothing else, `other` further files."""
    return Case(
        name,
        {"compose.yml": text, **{key.replace("__", "."): value for key, value in other.items()}},
        not_in_v1=more[0] if more else "",
    )


ANCHORS = """\
x-base: &base
  image: busybox
  environment: &env
    A: "1"
    B: two
services:
  one:
    <<: *base
    command: ["sleep", "1"]
  two:
    <<: *base
    environment:
      <<: *env
      B: three
"""
CASES = (
    _case("no version", "services:\n  app:\n    image: busybox\n    command: sleep 5\n"),
    _case("version 3.8", 'version: "3.8"\nservices:\n  app:\n    image: busybox\n    working_dir: /w\n    user: "1000:1000"\n'),
    _case("environment as a list", "services:\n  app:\n    image: a\n    environment: [A=1, B=x=y, 'C=']\n"),
    _case("environment as a mapping", "services:\n  app:\n    image: a\n    environment: {A: 1, B: text, C: '', D: 'true'}\n"),
    _case("anchors", 'version: "3.8"\n' + ANCHORS),
    _case("command in shell words", "services:\n  app:\n    image: a\n    command: sh -c 'echo \"a b\"'\n    entrypoint: /e x\n"),
    _case("short ports", "services:\n  app:\n    image: a\n    ports: ['80', '8080:81', '127.0.0.1:9000:90', '53:53/udp', '7000-7001:7000-7001']\n"),
    _case("long ports", 'version: "3.8"\nservices:\n  app:\n    image: a\n    ports: [{target: 80, published: 8080, protocol: tcp}]\n'),
    _case("short volumes", "services:\n  app:\n    image: a\n    volumes: ['.:/src', './d:/d:ro', 'data:/data', /anonymous, '..:/up']\nvolumes:\n  data:\n"),
    _case("long volumes", 'version: "3.8"\nservices:\n  app:\n    image: a\n    volumes: [{type: bind, source: ./d, target: /d, read_only: true}, {type: volume, source: v, target: /v}]\nvolumes: {v: {}}\n'),
    _case("depends_on as a list", "services:\n  app:\n    image: a\n    depends_on: [db]\n  db:\n    image: b\n"),
    _case("depends_on with conditions", "services:\n  app:\n    image: a\n    depends_on: {db: {condition: service_healthy}}\n  db:\n    image: b\n    healthcheck: {test: [CMD, x], interval: 5s}\n"),
    Case("build as a path", {"compose.yml": "services:\n  app:\n    build: ./app\n", "app/Dockerfile": "FROM a\n"}),
    _case("build in full", "services:\n  app:\n    build: {context: ., dockerfile: D, target: t, args: {A: '1'}}\n    image: named\n"),
    _case("network of another service", "services:\n  app:\n    image: a\n    network_mode: service:db\n  db:\n    image: b\n"),
    _case("networks with aliases", "services:\n  app:\n    image: a\n    networks: {back: {aliases: [x, y]}, front: {}}\nnetworks: {back: {}, front: {}}\n"),
    _case("health check", "services:\n  app:\n    image: a\n    healthcheck: {test: curl x, interval: 90s, timeout: 10s, retries: 3, start_period: 5s}\n"),
    _case("ulimits and sysctls", "services:\n  app:\n    image: a\n    ulimits: {nproc: 65535, nofile: {soft: 20, hard: 40}}\n    sysctls: [net.core.somaxconn=1024]\n"),
    _case("extends in a file", "services:\n  base:\n    image: a\n    environment: {A: '1', B: '2'}\n    command: x\n  app:\n    extends: {service: base}\n    environment: {B: '3'}\n"),
    Case("extends another file", {"compose.yml": "services:\n  app:\n    extends: {file: sub/common.yml, service: base}\n    ports: ['80']\n",
                                  "sub/common.yml": "services:\n  base:\n    image: a\n    volumes: ['./here:/here']\n    labels: [a=b]\n"}),
    Case("two files", {"compose.yml": "services:\n  app:\n    image: a\n    command: one\n    environment: [A=1, B=2]\n    ports: ['80:80']\n    volumes: ['.:/src', 'v:/v']\nvolumes: {v: {}}\n",
                       "more.yml": "services:\n  app:\n    command: two words\n    environment: {B: '3', C: '4'}\n    ports: ['81:81']\n    volumes: ['./other:/src']\n  db:\n    image: b\n"},
         ("compose.yml", "more.yml")),
    Case("three files", {"compose.yml": "services:\n  app:\n    image: a\n", "b.yml": "services:\n  app:\n    image: b\n    labels: {x: '1'}\n",
                         "c.yml": "services:\n  app:\n    image: c\n    labels: {y: '2'}\n"}, ("compose.yml", "b.yml", "c.yml")),
    Case("interpolation from .env", {".env": "TAG=1.2\nEMPTY=\n# note\nQUOTED='a b'\n", "compose.yml": "services:\n  app:\n    image: x:${TAG}\n    environment:\n      A: ${EMPTY:-default}\n      B: ${EMPTY-}\n      C: $$literal\n      D: ${NONE:-d}\n      E: $QUOTED\n"}),
    Case("env files", {"compose.yml": "services:\n  app:\n    image: a\n    env_file: [one.env, two.env]\n    environment: {B: own}\n", "one.env": "A=1\nB=2\nC=3\n", "two.env": "C=4\n"}),
    Case("profiles", {"compose.yml": "services:\n  app:\n    image: a\n  tool:\n    image: t\n    profiles: [debug]\n"}, profiles=("debug",)),
    _case("tmpfs, hosts, labels", "services:\n  app:\n    image: a\n    tmpfs: /run\n    extra_hosts: ['x:10.0.0.1']\n    labels: [a=b]\n    init: true\n    privileged: true\n    cap_add: [NET_ADMIN]\n"),
    _case("name", "name: desk\nservices:\n  app:\n    image: a\n", "`name` without `version` (C206)"),
    _case("reset and override", "services:\n  app:\n    image: a\n    command: !override [x]\n    ports: !reset []\n", "YAML tags (C206)"),
    Case("include", {"compose.yml": "include: [sub/db.yml]\nservices:\n  app:\n    image: a\n", "sub/db.yml": "services:\n  db:\n    image: b\n    volumes: ['./data:/data']\n"}, not_in_v1="`include`"),
    _case("alternative value", "services:\n  app:\n    image: a\n    environment: {A: '${HOME_OF:+x}', B: '${N:-${M:-inner}}'}\n", "`:+` and nested defaults"),
    _case("extends as a word", "services:\n  base:\n    image: a\n  app:\n    extends: base\n", "short `extends` with volumes of 3.x"),
    Case("single values and lists are united", {"compose.yml": 'version: "3.8"\nservices:\n  app:\n    image: a\n    dns: 1.1.1.1\n    expose: [\'80\', \'81\']\n    tmpfs: [/a]\n', "b.yml": 'version: "3.8"\nservices:\n  app:\n    dns: [2.2.2.2]\n    expose: [\'81\',\'82\']\n    tmpfs: /b\n'}, ("compose.yml", "b.yml")),
    Case("a health check's test is replaced", {"compose.yml": 'version: "3.8"\nservices:\n  app:\n    image: a\n    healthcheck: {test: [CMD, a, b], interval: 5s, retries: 3}\n', "b.yml": 'version: "3.8"\nservices:\n  app:\n    healthcheck: {test: curl x, timeout: 2s}\n'}, ("compose.yml", "b.yml")),
    Case("arguments of a build", {"compose.yml": 'version: "3.8"\nservices:\n  app:\n    build: {context: ., args: [A=1, B=2]}\n', "b.yml": 'version: "3.8"\nservices:\n  app:\n    build: {args: {B: 3, C: 4}, target: t}\n'}, ("compose.yml", "b.yml")),
    Case("depends_on of two files", {"compose.yml": 'version: "3.8"\nservices:\n  app:\n    image: a\n    depends_on: [b]\n  b: {image: b}\n  c: {image: c}\n', "b.yml": 'version: "3.8"\nservices:\n  app:\n    depends_on: [c]\n'}, ("compose.yml", "b.yml")),
    Case("environment wins over env files, and .env fills names", {"compose.yml": 'version: "3.8"\nservices:\n  app:\n    image: a\n    env_file: a.env\n    environment:\n      - X=own\n      - FROM_ENV\n', "a.env": 'X=file\nY=y=z\n#c\nZ= spaced value \nQ="q v"\n', ".env": "FROM_ENV=env\n"}),
    Case("ports with addresses and ranges", {"compose.yml": 'version: "3.8"\nservices:\n  app:\n    image: a\n    ports: [\'127.0.0.1:8000-8002:9000-9002\', \'6060:6060/udp\', \'3000-3002\', \'127.0.0.1::5000\', 80]\n'}),
    Case("a command is replaced as a whole", {"compose.yml": 'version: "3.8"\nservices:\n  app:\n    image: a\n    entrypoint: [a, b]\n    command: [c]\n', "b.yml": 'version: "3.8"\nservices:\n  app:\n    command: d \'e f\'\n'}, ("compose.yml", "b.yml")),
    Case("secrets and configs", {"compose.yml": 'version: "3.8"\nservices:\n  app:\n    image: a\n    secrets: [s, {source: t, target: /r, mode: 288}]\n    configs: [{source: c, target: /c}]\nsecrets: {s: {file: ./s}, t: {file: ./t}}\nconfigs: {c: {file: ./c}}\n'}),
    Case("extends over three files in three folders", {"compose.yml": 'version: "3.8"\nservices:\n  app:\n    extends: {file: b.yml, service: mid}\n    environment: {C: \'3\'}\n', "b.yml": 'version: "3.8"\nservices:\n  mid:\n    extends: {file: c/c.yml, service: low}\n    environment: {B: \'2\'}\n    volumes: [\'./m:/m\']\n', "c/c.yml": 'version: "3.8"\nservices:\n  low:\n    image: l\n    environment: {A: \'1\'}\n    volumes: [\'./l:/l\']\n    env_file: l.env\n', "c/l.env": "L=1\n"}),
    Case("two anchors at once", {"compose.yml": 'version: "3.8"\nx-a: &a {A: \'1\', B: \'2\'}\nx-b: &b {B: \'3\', C: \'4\'}\nservices:\n  app:\n    image: a\n    environment:\n      <<: [*a, *b]\n      D: \'5\'\n'}),
    Case("a file in a folder with the context above it", {"sub/compose.yml": 'version: "3.8"\nservices:\n  app:\n    build: {context: .., dockerfile: sub/D}\n    volumes: [\'..:/w\', \'./x:/x\']\n'}, ("sub/compose.yml",)),
    Case("paths of a second file start at the first one's folder", {"a/compose.yml": 'version: "3.8"\nservices:\n  app:\n    image: a\n    volumes: [\'./x:/x\']\n    env_file: e.env\n', "b/over.yml": 'version: "3.8"\nservices:\n  app:\n    volumes: [\'./y:/y\']\n', "a/e.env": "A=1\n"}, ("a/compose.yml", "b/over.yml")),
)  # fmt: skip
