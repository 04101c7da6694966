"""Cursors of lists: opaque to clients, the last item's place inside."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from carrel.core.problems import Problem


def format_cursor(created_at: datetime, item_id: str) -> str:
    """A cursor that points after an item."""
    return urlsafe_b64encode(json.dumps([created_at.isoformat(), item_id]).encode()).decode().rstrip("=")


def parse_cursor(text: str) -> tuple[datetime, str]:
    """Where a cursor points. Raises `bad_value`."""
    try:
        at, item_id = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return datetime.fromisoformat(at), str(item_id)
    except (ValueError, TypeError) as error:
        raise Problem("bad_value", "The cursor is not one of ours.", hint="Begin again without `cursor`.") from error
