"""Who counts as having come."""

from __future__ import annotations

import pytest

from carrel.agent.attachments import GRACE_SECONDS, Attachments


@pytest.mark.conformance("C392")
def test_the_first_who_comes_is_told_and_who_comes_back_at_once_is_not() -> None:
    now, came = [0.0], []
    attachments = Attachments(lambda: came.append(now[0]), lambda: now[0])
    with attachments.attached(), attachments.attached():
        assert came == [0.0]
    now[0] += GRACE_SECONDS - 1
    attachments.come()
    attachments.leave()
    assert came == [0.0]
    now[0] += GRACE_SECONDS
    attachments.come()
    assert came == [0.0, now[0]]
