import pytest

from carrel.devcontainer.build_options import parse_build_options


@pytest.mark.conformance("C140")
def test_a_known_subset_is_translated() -> None:
    options = parse_build_options(
        ["--build-arg", "A=1", "--label=x=y", "--cache-from", "i", "--add-host=a:1.2.3.4", "--target", "dev", "--platform=linux/amd64",
         "--network=none", "--shm-size=64m", "--no-cache"]
    )  # fmt: skip
    assert (options.args, options.labels, options.cache_from) == ({"A": "1"}, {"x": "y"}, ["i"])
    assert (options.target, options.platform, options.no_cache) == ("dev", "linux/amd64", True)
    assert options.step_options() == {"network": "none", "add-host": "a:1.2.3.4", "shm-size": str(64 * 2**20)}
    assert options.notices == []


@pytest.mark.conformance("C140")
@pytest.mark.parametrize(
    "words",
    [["--network=host"], ["--network", "container:x"], ["--secret", "id=x,src=/etc/shadow"], ["--ssh=default"], ["--security-opt=x"],
     ["--cgroup-parent=/"], ["--build-context", "a=/"], ["--allow=network.host"], ["--push"], ["--output=/"], ["whatever"], ["-f", "/etc/passwd"]],
)  # fmt: skip
def test_all_others_are_refused_by_name(words: list[str]) -> None:
    (notice,) = parse_build_options(words).notices
    assert notice.level == "refused"


def test_options_without_effect_are_remarked() -> None:
    assert [
        notice.level for notice in parse_build_options(["--progress=plain", "-q", "--pull", "-t", "x"]).notices
    ] == ["info"] * 4
