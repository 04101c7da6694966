"""A signature is one that OpenSSH verifies, in git's namespace and no other."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from carrel.core.problems import Problem
from carrel.core.secret import Secret
from carrel.links.authority import make_key_pair
from carrel.server.actions.signing_keys import sign


@pytest.mark.parametrize(("namespace", "is_good"), [("git", True), ("file", False)])
def test_openssh_verifies_it_in_gits_namespace_only(tmp_path: Path, namespace: str, is_good: bool) -> None:
    pair, message = make_key_pair("ana"), b"tree 0\n\nMessage\n"
    (tmp_path / "signature").write_text(sign(pair.private, hashlib.sha512(message).digest()))
    (tmp_path / "signers").write_text(f"ana@example.org {pair.public}\n")
    words = ("-Y", "verify", "-n", namespace, "-I", "ana@example.org")
    files = ("-f", str(tmp_path / "signers"), "-s", str(tmp_path / "signature"))
    done = subprocess.run(["ssh-keygen", *words, *files], input=message, capture_output=True, check=False)
    assert (done.returncode == 0) == is_good, done


def test_nothing_but_a_digest_is_signed() -> None:
    with pytest.raises(Problem, match="SHA-512"):
        sign(Secret(""), b"SSHSIG anything else")
