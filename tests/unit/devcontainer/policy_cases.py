"""The policy table for every place that a setting can come from: what is asked, and what has to come of it.

Each row of RULES has an entry for each origin; a row without one fails `test_policy_matrix.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.unit.devcontainer.policy_wishes import (
    DOCKERFILE,
    Case,
    Limited,
    Refused,
    Stopped,
    Unread,
    build,
    built,
    env,
    hosts,
    labels,
    mounts,
    ports,
    runs,
    shared,
    steps,
    targets,
)

ORIGINS = ("config", "feature", "image", "compose")
BINDS = (
    "/", "/etc", "/proc", "/sys", "/var/run", "/var/run/docker.sock", "/run/podman/podman.sock", "/home",
    "/workspaces/blog/../other", "/workspaces/blogger", "..", "../../etc", "${localWorkspaceFolder}/..",
    "${localWorkspaceFolder}/../../etc", "${localEnv:HOME}/.ssh", "${localEnv:NONE:/etc}", "${localWorkspaceFolderBasename}/../../..",
)  # fmt: skip
COMPOSE_BINDS = (
    "/", "/etc", "/proc", "/var/run/docker.sock", "~/.ssh", "../../..", "../../../etc", "${NONE:-/etc}", "C:/Windows",
)  # fmt: skip
TARGETS = (
    "/",
    "/proc",
    "/proc/sys",
    "/sys/fs/cgroup",
    "/dev",
    "/opt",
    "/opt/carrel",
    "/opt/carrel/bin",
    "/x/../opt/carrel/bin",
    "/.carrel",
)
NAMESPACES = (
    "--network=host", "--network=container:x", "--net=host", "--pid=host", "--pid=container:x", "--ipc=host", "--uts=host", "--userns=host",
    "--cgroupns=host", "--cgroup-parent=/", "--volumes-from=x", "--link=x", "--mac-address=x",
)  # fmt: skip
OTHER_FLAGS = (
    "--publish=80:80", "-p80:80", "-P", "--env-file=/etc/passwd", "--sysctl=kernel.core_pattern=x", "--oom-kill-disable", "--oom-score-adj=-1000",
    "--device-cgroup-rule=a *:* rwm", "--device-read-bps=/dev/sda:1", "--runtime=x", "--cidfile=/x", "--group-add=docker", "--use-api-socket",
    "--label-file=/etc/passwd", "--health-cmd=x", "--log-driver=syslog", "--storage-opt=size=1t", "--isolation=x", "--pids-limit=-1", "--annotation=a=b",
)  # fmt: skip
PRIVILEGED_FLAGS = ("--privileged", "--privileged=true", "--privileged=1", "--privileged=T")
CAPABILITIES = ("--cap-add=ALL", "--cap-add=SYS_ADMIN", "--cap-add=cap_net_admin")
SECURITY = (
    "seccomp=unconfined", "apparmor=unconfined", "label=disable", "systempaths=unconfined", "no-new-privileges:false", "seccomp=/etc/passwd",
)  # fmt: skip
LINK_LOCAL = ("169.254.169.254", "169.254.0.1", "fe80::1", "::ffff:169.254.169.254", "fd00:ec2::254")
OPTIONS = (
    "--ssh=default", "--secret=id=x,src=/etc/passwd", "--network=host", "--network=container:x", "--allow=security.insecure", "--output=/etc",
    "--output=type=local,dest=/", "--iidfile=/x", "--metadata-file=/x", "--build-context=x=/etc", "--cache-to=type=local,dest=/x", "--isolation=x",
    "--file=/etc/passwd", "-f=/etc/passwd", "--cgroup-parent=/", "--security-opt=seccomp=unconfined", "--memory=1g", "--builder=x", "--unknown", "word",
    "--add-host=x:169.254.169.254", "--label=dev.carrel.workspace=x", "--build-arg=BUILDKIT_SYNTAX=evil/frontend", "--cache-from=type=local,src=/etc",
)  # fmt: skip
CACHES = (
    "type=local,src=/etc", "type=local,src=/var/lib/carrel", "type=gha", "type=s3,bucket=x", "-x", "carrel-env/other:0123", "deadbeef", "type=registry",
)  # fmt: skip
RUNS = (
    "RUN --security=insecure id", "RUN --network=host id", "RUN --mount=type=cache,target=/c --network=host id", "run   --security=insecure id",
    "RUN \\\n  --network=host \\\n id", "RUN --device=nvidia.com/gpu=all id",
)  # fmt: skip
ADDS = (
    "ADD http://169.254.169.254/latest/meta-data /x", "ADD http://metadata.google.internal/ /x", "ADD http://127.0.0.1:7070/ /x",
    "ADD http://localhost/ /x", "ADD http://2852039166/ /x", "ADD http://0xA9FEA9FE/ /x", "ADD http://0251.0376.0251.0376/ /x", "ADD http://10.0.0.1/ /x",
    "ADD http://[::1]/ /x", "ADD http://[::ffff:169.254.169.254]/ /x", "ADD --chown=1 http://192.168.1.1/ /x", 'ADD ["http://169.254.169.254/", "/x"]',
    "ARG HOST=169.254.169.254\nADD http://$HOST/ /x", "ARG A=http://169.254\nARG B=.169.254/\nADD $A$B /x", "ADD a \\\n http://169.254.169.254/ \\\n /x",
    "ADD https://user@169.254.169.254/ /x", "ADD git@10.0.0.1:x.git /x", "ADD http://db/ /x", "ONBUILD ADD http://169.254.169.254/ /x",
    "# note\nadd\thttp://169.254.169.254/ /x", "ADD ${X#y}://$HOST/ /x",
)  # fmt: skip
FRONTENDS = (
    "# syntax=evil/frontend", "#syntax=registry.example/docker/dockerfile", "# check=skip=all\n# syntax = evil/frontend:1", "\ufeff# syntax=evil/x",
    "// syntax=evil/x", '{"syntax": "evil/x"}', "#SYNTAX=evil/x",
)  # fmt: skip
IMAGES = (
    "FROM carrel-env/other:0123", "FROM docker.io/carrel-env/other:0123", "FROM base AS a\nCOPY --from=carrel-env/other:0123 / /x",
    "FROM base\nRUN --mount=type=bind,from=carrel-env/other:0123,target=/x id", "ARG A=carrel-\nARG B=env/other:0123\nFROM ${A}${B}",
    "FROM c3ce9b7503af", "FROM sha256:c3ce9b7503af", "FROM base\nCOPY --from=c3 / /x", "ARG A=x\nFROM ${A/x/carrel-env/other:0123}",
    "# escape=`\nFROM base\nRUN a\\\nCOPY --from=carrel-env/other:0123 / /x", "FROM base\nRUN <<E\nCOPY --from=carrel-env/other:0123 / /x\nE",
)  # fmt: skip
NAMES = ("A=B", "A\nRUN id", "A B", "", 'A"', "A\u0000B", "${A}")
USERS = ("root\nRUN id", "a b", 'x"', "x\u0000", "root\ndrop-net-admin=0", "$HOME")

TABLE: Mapping[str, Mapping[str, list[Case]]] = {
    "privileged": {
        "config": [Refused({"privileged": True}), *(Refused(runs(flag)) for flag in PRIVILEGED_FLAGS)],
        "feature": [Refused({"privileged": True})],
        "image": [Refused({"privileged": True})],
        "compose": [Refused("privileged: true"), Refused("privileged: 'yes'"), Refused("privileged: ${NONE:-true}")],
    },
    "capAdd": {
        "config": [Refused({"capAdd": ["SYS_PTRACE"]}), Refused({"capAdd": ["ALL"]}), *(Refused(runs(flag)) for flag in CAPABILITIES)],
        "feature": [Refused({"capAdd": ["SYS_ADMIN"]})],
        "image": [Refused({"capAdd": ["cap_sys_admin"]})],
        "compose": [Refused("cap_add: [ALL]"), Refused("cap_add: [CAP_NET_ADMIN]")],
    },
    "securityOpt": {
        "config": [*(Refused({"securityOpt": [one]}) for one in SECURITY), *(Refused(runs("--security-opt", one)) for one in SECURITY)],
        "feature": [Refused({"securityOpt": [one]}) for one in SECURITY],
        "image": [Refused({"securityOpt": [one]}) for one in SECURITY],
        "compose": [Refused(f"security_opt: ['{one}']") for one in SECURITY],
    },
    "device": {
        "config": [Refused(runs("--device", "/dev/kvm")), Refused(runs("--device=/dev/sda:/dev/x:rwm")), Refused(runs("--device=nvidia.com/gpu=all"))],
        "feature": [Unread(runs("--device=/dev/kvm")), Unread({"devices": ["/dev/kvm"]})],
        "image": [Unread(runs("--device=/dev/kvm"))],
        "compose": [Refused("devices: ['/dev/kvm:/dev/kvm']"), Refused("devices: [{source: /dev/sda, target: /dev/x}]"), Stopped("devices: [{target: /dev/x}]", kind="bad_configuration", words="source")],
    },
    "volume": {
        "config": [
            Limited(mounts("source=cache,target=/x,type=volume"), got=shared, value=[]),
            Refused(mounts("type=volume,source=v,target=/y,volume-opt=type=none,volume-opt=o=bind,volume-opt=device=/")),
            Refused(mounts({"type": "volume", "source": "v", "target": "/y", "volume-driver": "x"})),
            Refused(mounts("type=volume,source=v,target=/y,volume-subpath=../../etc")),
            Refused(runs("--mount", "type=volume,source=v,target=/y,volume-driver=local,volume-opt=device=/")),
            Limited(runs("-v", "a/../../etc:/x"), got=shared, value=[]),
        ],
        "feature": [Limited(mounts({"type": "volume", "source": "cache", "target": "/x"}), got=shared, value=[])],
        "image": [Limited(mounts("source=cache,target=/x,type=volume"), got=shared, value=[]), Refused(mounts("source=v,target=/y,volume-opt=device=/"))],
        "compose": [
            Limited("volumes: ['v:/x']", top="volumes: {v: {external: true}}", got=shared, value=[]),
            Limited("volumes: ['v:/x']", top="volumes: {v: {name: other}}", got=shared, value=[]),
            Refused("volumes: []", top="volumes: {v: {driver_opts: {type: none, o: bind, device: /}}}"),
            Refused("volumes: [{type: volume, source: v, target: /y, volume: {subpath: ../../etc}}]", top="volumes: {v: }"),
        ],
    },
    "tmpfs": {
        "config": [Limited(mounts("type=tmpfs,target=/x,tmpfs-size=64g"), got=lambda p, c: [m.size_bytes for m in c.mounts if m.target == "/x"], value=[2**31]), Limited(runs("--tmpfs", "/x:size=64g"), got=targets, value=["/x"])],
        "feature": [Limited(mounts({"type": "tmpfs", "target": "/x"}), got=targets, value=["/x"])],
        "image": [Limited(mounts({"type": "tmpfs", "target": "/x"}), got=targets, value=["/x"])],
        "compose": [Limited("tmpfs: '/x:size=64g'", got=lambda p, c: [m.size_bytes for m in c.mounts if m.target == "/x"], value=[2**31])],
    },
    "bind": {
        "config": [
            *(Refused(mounts(f"type=bind,source={one},target=/x")) for one in BINDS),
            *(Refused(mounts({"type": "bind", "source": one, "target": "/x"})) for one in BINDS),
            *(Refused(runs("-v", f"{one}:/x")) for one in ("/", "/etc", "../..", "/var/run/docker.sock")),
            Refused(runs("-v=/etc:/x:ro")), Refused(runs("-v/etc:/x")), Refused(runs("-itv", "/etc:/x")), Refused(runs("--volume=/etc:/x")), Refused(runs("--mount=type=bind,src=/etc,dst=/x")),
            Refused(mounts("type=npipe,source=x,target=/x")), Refused(mounts("type=bind,source=/etc,source=/,target=/x")),
        ],
        "feature": [Refused(mounts({"type": "bind", "source": one, "target": "/x"})) for one in BINDS],
        "image": [Refused(mounts(f"type=bind,source={one},target=/x")) for one in BINDS],
        "compose": [
            *(Refused(f"volumes: ['{one}:/x']") for one in COMPOSE_BINDS),
            Refused("volumes: [{type: bind, source: /etc, target: /x}]"), Refused("volumes: [{type: npipe, source: x, target: /x}]"),
            Refused("secrets: [s]", top="secrets: {s: {file: /etc/shadow}}"), Refused("configs: [s]", top="configs: {s: {file: ../../../etc/passwd}}"),
            Refused("secrets: [s]", top="secrets: {s: {environment: HOME}}"), Refused("volumes_from: ['container:other']"),
            Refused("init: /usr/bin/other-init"),
        ],
    },
    "target": {
        "config": [*(Refused(mounts(f"source=v,target={one},type=volume")) for one in TARGETS), *(Refused(runs("-v", f"v:{one}")) for one in TARGETS),
                   *(Stopped({"workspaceMount": f"type=bind,source=${{localWorkspaceFolder}},target={one}", "workspaceFolder": one}, words=one.rpartition("/")[2]) for one in TARGETS)],
        "feature": [Refused(mounts({"type": "volume", "source": "v", "target": one})) for one in TARGETS],
        "image": [*(Refused(mounts(f"source=v,target={one},type=volume")) for one in TARGETS), Unread({"workspaceMount": "source=/,target=/opt/carrel,type=bind", "workspaceFolder": "/"})],
        "compose": [Refused(f"volumes: ['v:{one}']", top="volumes: {v: }") for one in TARGETS],
    },
    "namespace": {
        "config": [Unread({"pid": "host"})],  # flags of runArgs are refused by their names
        "feature": [Unread(runs("--pid=host"))],
        "image": [Unread(runs("--network=host"))],
        "compose": [
            *(Refused(f"{key}: host") for key in ("pid", "ipc", "uts", "userns_mode", "cgroup", "network_mode")),
            Refused("pid: 'container:x'"), Refused("ipc: 'service:app'"), Refused("network_mode: 'container:x'"), Refused("network_mode: other_network"),
            Refused("cgroup_parent: /x"), Refused("device_cgroup_rules: ['a *:* rwm']"), Refused("external_links: [x]"), Refused("volumes: []", top="networks: {n: {external: true}}"),
            Refused("volumes: []", top="networks: {n: {driver: macvlan, driver_opts: {parent: eth0}}}"), Refused("volumes: []", top="networks: {n: {driver: host}}"),
        ],
    },
    "sysctl": {
        "config": [Unread({"sysctls": {"kernel.core_pattern": "x"}})],
        "feature": [Unread({"sysctls": {"kernel.core_pattern": "x"}})],
        "image": [Unread({"sysctls": {"kernel.core_pattern": "x"}})],
        "compose": [Refused("sysctls: {kernel.core_pattern: x}"), Refused("sysctls: [net.ipv4.ip_forward=1]"), Refused("sysctls: {vm.overcommit_memory: 1}"),
                    Limited("sysctls: {net.core.somaxconn: 9}", got=lambda p, c: dict(c.sysctls), value={"net.core.somaxconn": "9"})],
    },
    "runArgs": {
        "config": [Refused(runs(flag)) for flag in (*NAMESPACES, *OTHER_FLAGS)],
        "feature": [Unread(runs(flag)) for flag in ("--privileged", "-v=/:/x")],
        "image": [Unread(runs(flag)) for flag in ("--privileged", "-v=/:/x")],
        "compose": [Refused("runtime: other"), Refused("oom_score_adj: -1000"), Refused("oom_kill_disable: true"), Refused("credential_spec: {file: /etc/passwd}")],
    },
    "initializeCommand": {
        "config": [Limited({"initializeCommand": "touch /host"}, got=lambda p, c: [one.level for one in p.notices], value=["warning"])],
        "feature": [Unread({"initializeCommand": "touch /host"})],
        "image": [Unread({"initializeCommand": "touch /host"})],
        "compose": [Unread("x-initialize: touch /host")],
    },
    "localEnv": {
        "config": [Limited({"containerEnv": {"A": "${localEnv:CARREL_TEST_SECRET}", "B": "${env:CARREL_TEST_SECRET:none}"}}, got=env, value={"A": "", "B": "none"})],
        "feature": [Limited({"mounts": [{"type": "volume", "source": "${localEnv:CARREL_TEST_SECRET}v", "target": "/x"}]}, got=targets, value=["/x"])],
        "image": [Limited({"containerEnv": {"A": "${localEnv:CARREL_TEST_SECRET}"}}, got=env, value={"A": ""})],
        "compose": [Limited("environment: {A: '${CARREL_TEST_SECRET:-none}', CARREL_TEST_SECRET: }", got=env, value={"A": "none"})],
    },
    "shm": {
        "config": [Limited(runs("--shm-size=64g"), got=lambda p, c: c.limits.shm_bytes, value=2**31)],
        "feature": [Unread({"shmSize": "64g"})],
        "image": [Unread(runs("--shm-size=64g"))],
        "compose": [Limited("shm_size: 64g", got=lambda p, c: c.limits.shm_bytes, value=2**31)],
    },
    "ulimit": {
        "config": [Limited(runs("--ulimit", "nofile=-1"), got=lambda p, c: dict(c.ulimits), value={"nofile": (1048576, 1048576)}), Refused(runs("--ulimit=rtprio=99")), Refused(runs("--ulimit", "nice=40"))],
        "feature": [Unread(runs("--ulimit=nofile=-1"))],
        "image": [Unread(runs("--ulimit=nofile=-1"))],
        "compose": [Limited("ulimits: {nofile: -1}", got=lambda p, c: dict(c.ulimits), value={"nofile": (1048576, 1048576)}), Refused("ulimits: {rtprio: 99}")],
    },
    "gpus": {
        "config": [Limited(runs("--gpus", "all"), got=lambda p, c: c.limits.gpus, value=0), Limited(runs("--gpus=²"), got=lambda p, c: c.limits.gpus, value=0), Limited({"hostRequirements": {"gpu": True}}, got=lambda p, c: c.limits.gpus, value=0)],
        "feature": [Unread({"hostRequirements": {"gpu": True}})],
        "image": [Limited({"hostRequirements": {"gpu": {"cores": 9}}}, got=lambda p, c: c.limits.gpus, value=0)],
        "compose": [Limited("gpus: all", got=lambda p, c: c.limits.gpus, value=0), Limited("deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: ²}]}}}", got=lambda p, c: c.limits.gpus, value=0)],
    },
    "hostRequirements": {
        "config": [Limited({"hostRequirements": {"cpus": 512, "memory": "9tb"}}, got=lambda p, c: (c.limits.cpus, c.limits.memory_bytes), value=(2, 2**30))],
        "feature": [Unread({"hostRequirements": {"cpus": 512}})],
        "image": [Limited({"hostRequirements": {"cpus": 512}}, got=lambda p, c: c.limits.cpus, value=2)],
        "compose": [Limited("deploy: {resources: {limits: {cpus: '64', memory: 64G}}}", got=lambda p, c: (c.limits.cpus, c.limits.memory_bytes), value=(2, 2**30)), Limited("cpus: 64", got=lambda p, c: c.limits.cpus, value=2)],
    },
    "appPort": {
        "config": [Limited({"appPort": ["80:80", 8080]}, got=ports, value=("80", "8080")), Limited({"forwardPorts": [3000]}, got=ports, value=("3000",))],
        "feature": [Unread({"forwardPorts": [3000]})],
        "image": [Limited({"forwardPorts": [3000]}, got=ports, value=("3000",))],
        "compose": [Limited("ports: ['0.0.0.0:80:80']", got=lambda p, c: any(one.key == "ports" for one in p.notices), value=True)],
    },
    "add-host": {
        "config": [*(Refused(runs("--add-host", f"x:{one}")) for one in LINK_LOCAL), Limited(runs("--add-host=db:10.0.0.1"), got=hosts, value=("db:10.0.0.1",)), Limited(runs("--add-host=a b:1.2.3.4"), got=hosts, value=())],
        "feature": [Unread(runs("--add-host=x:169.254.169.254"))],
        "image": [Unread(runs("--add-host=x:169.254.169.254"))],
        "compose": [*(Refused(f"extra_hosts: {{x: '{one}'}}") for one in LINK_LOCAL), Limited("extra_hosts: ['x=host-gateway']", got=hosts, value=("x:host-gateway",)), Limited('extra_hosts: ["x\\ny:1.2.3.4"]', got=hosts, value=())],
    },
    "label": {
        "config": [*(Refused(runs("--label", one)) for one in ("dev.carrel.workspace=x", "com.docker.x=1", "devcontainer.metadata=[]")), Limited(runs("-l", "a=b"), got=labels, value={"a": "b"})],
        "feature": [Unread({"labels": {"dev.carrel.workspace": "x"}})],
        "image": [Unread({"labels": {"dev.carrel.workspace": "x"}})],
        "compose": [Refused("labels: {dev.carrel.workspace: x}"), Refused("labels: ['devcontainer.metadata=[]']"), Limited("labels: [a=b]", got=labels, value={"a": "b"})],
    },
    "env": {
        "config": [*(Stopped({"containerEnv": {one: "x"}}, kind="bad_configuration", words="containerEnv") for one in NAMES), Refused(runs("-e", "A B=x")), *(Refused({"remoteEnv": {one: "x"}}) for one in NAMES), Refused({"remoteEnv": {"A": "x\0"}})],
        "feature": [Stopped({"containerEnv": {one: "x"}}, kind="feature_failed", words="containerEnv") for one in NAMES],
        "image": [*(Refused({"containerEnv": {one: "x"}}) for one in NAMES), Refused({"remoteEnv": {"A=B": None}})],
        "compose": [Refused("environment: {'A B': x}"), Refused('environment: {"A\\nB": x}'), Refused('environment: {A: "x\\0y"}')],
    },
    "user": {
        "config": [*(Stopped({key: one}, kind="bad_configuration", words=key) for one in USERS for key in ("containerUser", "remoteUser")), Stopped(runs("--user", "a b"), kind="bad_configuration", words="User")],
        "feature": [Unread({"remoteUser": "root", "containerUser": "root"})],
        "image": [Stopped({"remoteUser": one}, kind="bad_configuration", words="remoteUser") for one in USERS],
        "compose": [Stopped('user: "root\\ndrop-net-admin=0"', kind="bad_configuration", words="ser"), Stopped("user: a b", kind="bad_configuration", words="ser")],
    },
    "image": {
        "config": [Stopped(build(), files=built(text), words="line") for text in IMAGES],
        "feature": [Unread({"image": "carrel-env/other:0123"})],
        "image": [Unread({"image": "carrel-env/other:0123"})],
        "compose": [*(Stopped("build: .", files=built(text), words="line") for text in IMAGES), Stopped("image: '-x'", kind="bad_configuration", words="-x")],
    },
    "build.files": {
        "config": [
            Stopped(build(context="../.."), files=DOCKERFILE, words="../.."), Stopped(build(context="/"), files=DOCKERFILE, words="/"),
            Stopped(build(dockerfile="/etc/passwd"), words="/etc/passwd"), Stopped(build(dockerfile="../../../etc/passwd"), words="etc/passwd"),
            Stopped({"build": {"dockerfile": "${localEnv:X:/etc/passwd}"}}, words="/etc/passwd"), Stopped({"dockerFile": "../../x"}, words="../../x"),
            Stopped({"dockerComposeFile": "../../x.yml", "service": "a"}, words="../../x.yml"),
        ],
        "feature": [Unread({"build": {"dockerfile": "/etc/passwd"}})],
        "image": [Unread({"build": {"dockerfile": "/etc/passwd"}})],
        "compose": [
            Stopped(f"build: {one}", files=DOCKERFILE, words="repository")
            for one in ("../../..", "/", "{context: ., dockerfile: ../../../etc/passwd}", "https://example.org/x.git", "git@example.org:x.git", "'ssh://x/y'")
        ],
    },
    "build.options": {
        "config": [Refused(build(options=[one]), files=DOCKERFILE) for one in OPTIONS],
        "feature": [Unread({"build": {"options": ["--ssh=default"]}})],
        "image": [Unread({"build": {"options": ["--ssh=default"]}})],
        "compose": [
            Refused(f"build: {{context: ., {one}}}", files=DOCKERFILE)
            for one in ("network: host", "ssh: [default]", "secrets: [x]", "privileged: true", "entitlements: [security.insecure]", "additional_contexts: {x: /etc}",
                        "cache_to: ['type=local,dest=/x']", "tags: [other]", "isolation: x", "extra_hosts: {x: 169.254.169.254}", "labels: {dev.carrel.x: y}")
        ],
    },
    "build.args": {
        "config": [Refused(build(args={one: "evil/x"}), files=DOCKERFILE) for one in ("BUILDKIT_SYNTAX", "BUILDKIT_CACHE_MOUNT_NS", "buildkit_syntax")],
        "feature": [Unread({"build": {"args": {"BUILDKIT_SYNTAX": "x"}}})],
        "image": [Unread({"build": {"args": {"BUILDKIT_SYNTAX": "x"}}})],
        "compose": [Refused("build: {context: ., args: {BUILDKIT_SYNTAX: evil/x}}", files=DOCKERFILE)],
    },
    "build.cacheFrom": {
        "config": [*(Refused(build(cacheFrom=one), files=DOCKERFILE) for one in CACHES), Limited(build(cacheFrom=["type=registry,ref=r.example/x:1"]), files=DOCKERFILE, got=steps, value=[({}, ("r.example/x:1",), {})])],
        "feature": [Unread({"build": {"cacheFrom": "type=local,src=/etc"}})],
        "image": [Unread({"build": {"cacheFrom": "type=local,src=/etc"}})],
        "compose": [Refused(f"build: {{context: ., cache_from: ['{one}']}}", files=DOCKERFILE) for one in CACHES],
    },
    "build.frontend": {
        "config": [*(Stopped(build(), files=built(f"{one}\nFROM base\n"), words="own frontend") for one in FRONTENDS), Limited(build(), files=built("# syntax=docker/dockerfile:1.7\nFROM base\n"), got=steps, value=[({}, (), {})])],
        "feature": [Unread({"syntax": "evil/x"})],
        "image": [Unread({"syntax": "evil/x"})],
        "compose": [*(Stopped("build: .", files=built(f"{one}\nFROM base\n"), words="own frontend") for one in FRONTENDS), Stopped('build: {context: ., dockerfile_inline: "# syntax=evil/x\\nFROM base"}', words="own frontend")],
    },
    "build.run": {
        "config": [Stopped(build(), files=built(f"FROM base\n{one}\n"), words="not allowed") for one in RUNS],
        "feature": [Unread({"run": "--security=insecure"})],
        "image": [Unread({"run": "--security=insecure"})],
        "compose": [Stopped("build: .", files=built(f"FROM base\n{one}\n"), words="not allowed") for one in RUNS],
    },
    "build.add": {
        "config": [
            *(Stopped(build(), files=built(f"FROM base\n{one}\n"), words="ADD") for one in ADDS),
            *(Limited(build(), files=built(f"FROM base\n{one}\n"), got=steps, value=[({}, (), {})])
              for one in ("ADD https://github.com/x/y.tgz /x", "ARG V=1\nADD https://example.org/$V.tgz /x", "ARG JAR=target/*.jar\nADD ${JAR} app.jar", "ADD . /x", "ADD --checksum=sha256:0 https://example.org/x /x", "RUN curl http://localhost/", "ADD localhost.conf 10.0.0.1 /x")),
        ],
        "feature": [Unread({"add": "http://169.254.169.254/"})],
        "image": [Unread({"add": "http://169.254.169.254/"})],
        "compose": [Stopped("build: .", files=built(f"FROM base\n{one}\n"), words="ADD") for one in ADDS],
    },
    "composeFile": {
        "config": [Stopped({"dockerComposeFile": one, "service": "app"}, words=one) for one in ("/etc/compose.yml", "../../compose.yml")],
        "feature": [Unread({"dockerComposeFile": "/etc/compose.yml"})],
        "image": [Unread({"dockerComposeFile": "/etc/compose.yml", "service": "x"})],
        "compose": [
            *(Stopped(f"extends: {{file: {one}, service: x}}", words="outside the repository") for one in ("/etc/x.yml", "../../x.yml", "https://example.org/x.yml")),
            *(Stopped(f"env_file: {one}", words="outside the repository") for one in ("/etc/passwd", "../../.env", "~/../../../../../etc/passwd")),
            *(Stopped("image: x", top=f"include: [{one}]", words="outside the repository") for one in ("/etc/x.yml", "../../x.yml", "https://example.org/x.git", "'oci://example.org/x'", "git@example.org:x.git", "{path: x.yml, project_directory: ../..}", "{path: x.yml, env_file: /etc/passwd}")),
        ],
    },
    "features": {
        "config": [Stopped({"features": {one: {}}}, kind=kind, words=words) for one, kind, words in (
            ("/etc/feature", "feature_failed", "/etc/feature"), ("../../feature", "feature_failed", "feature"), ("http://example.org/devcontainer-feature-x.tgz", "feature_failed", "http"))],
        "feature": [Stopped({"dependsOn": {one: {}}}, kind="feature_failed", words="feature") for one in ("/etc/feature", "../../feature", "http://example.org/devcontainer-feature-x.tgz")],
        "image": [Unread({"features": {"/etc/feature": {}}})],
        "compose": [Unread("x-features: {'/etc/feature': {}}")],
    },
    "customizations": {
        "config": [Refused({"customizations": {"vscode": {"settings": {"security.workspace.trust.enabled": False}}}}), Refused({"settings": {"task.allowAutomaticTasks": "on"}})],
        "feature": [Refused({"customizations": {"vscode": {"settings": {"security.workspace.trust.startupPrompt": "never"}}}})],
        "image": [Refused({"customizations": {"vscode": {"settings": {"security.workspace.trust.enabled": False}}}})],
        "compose": [Unread("x-customizations: {}")],
    },
}  # fmt: skip
"""Row of RULES -> origin -> cases."""
