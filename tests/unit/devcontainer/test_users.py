import pytest

from carrel.devcontainer.users import find_user, home_of, parse_passwd, user_name

PASSWD = "root:x:0:0:root:/root:/bin/bash\nbroken\nana:x:1000:1000::/home/people/ana:/bin/zsh\nnobody:x:65534:65534::/nonexistent:/bin/false\n"


@pytest.mark.conformance("C236", "C353")
def test_users_are_found_by_name_and_number() -> None:
    users = parse_passwd(PASSWD)
    assert [user.name for user in users] == ["root", "ana", "nobody"]
    for who in ("ana", "1000", "ana:users"):
        user = find_user(users, who)
        assert user is not None
        assert user.home == "/home/people/ana"
    assert find_user(users, "bob") is None


@pytest.mark.conformance("C353")
def test_nobody_and_zero_are_root() -> None:
    assert [user_name(who) for who in ("", "0", "0:0", "root", "ana:x", "12")] == [
        "root",
        "root",
        "root",
        "root",
        "ana",
        "12",
    ]


@pytest.mark.conformance("C354", "C355")
@pytest.mark.parametrize(
    ("who", "home"),
    [
        ("root", "/root"),
        ("ana", "/home/people/ana"),
        ("bob", "/home/bob"),
        ("nobody", "/home/nobody"),
        ("4711", "/srv/home"),
    ],
)
def test_a_home_is_known_or_guessed_and_never_the_root_folder(who: str, home: str) -> None:
    assert home_of(who, parse_passwd(PASSWD), {"HOME": "/srv/home"}) == home


def test_without_a_passwd_root_lives_in_root_and_others_in_home() -> None:
    assert home_of("root") == "/root"
    assert home_of("vscode") == "/home/vscode"
    assert home_of("1000") == "/home/1000"
