"""CPUs and memory as Kubernetes writes them: `2`, `500m`, `4Gi`. Parse and format side by side."""

from __future__ import annotations

import re
from decimal import Decimal

from carrel.definition.scalars import text_of, whole_of

_CPU = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,3})?)(m?)")
_MEMORY = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,3})?)(Ki|Mi|Gi|Ti|k|M|G|T)?")
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}
LEAST_CPU = Decimal("0.01")
MOST_CPU = 4096
LEAST_MEMORY = 16 * 2**20
MOST_MEMORY = 64 * 2**40
MOST_GPUS = 64


def read_cpu(value: object) -> float | None:
    """CPUs; null: as the settings say."""
    if value is None:
        return None
    text = text_of(value, most=40).strip()
    match = _CPU.fullmatch(text)
    if match is None:
        raise ValueError(f'{text[:40]!r} is no number of CPUs: write "2", or "500m" for half of one')
    cpus = Decimal(match[1]) / (1000 if match[2] else 1)
    if not LEAST_CPU <= cpus <= MOST_CPU:
        raise ValueError(f'{text[:40]!r} is not possible: from "10m" to "{MOST_CPU}" CPUs')
    return float(cpus)


def format_cpu(cpus: float) -> str:
    """`2`, `500m`, `1500m`."""
    return str(int(cpus)) if cpus == int(cpus) else f"{round(cpus * 1000)}m"


def read_memory(value: object) -> int | None:
    """Bytes; null: as the settings say."""
    if value is None:
        return None
    text = text_of(value, most=40).strip()
    match = _MEMORY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:40]!r} is no amount of memory: write {_would_do(text)}")
    size = int(Decimal(match[1]) * _UNITS[match[2] or ""])
    if size < LEAST_MEMORY:
        raise ValueError(f'{text[:40]!r} is too little: the least is "16Mi"{_forgotten_unit(match)}')
    if size > MOST_MEMORY:
        raise ValueError(f'{text[:40]!r} is not possible: the most is "64Ti"')
    return size


def _would_do(text: str) -> str:
    """What a person probably meant."""
    match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*([kmgt])(?:i?b?)", text, re.IGNORECASE)
    return f'"{match[1]}{match[2].upper()}i"' if match else '"4Gi" or "512Mi"'


def _forgotten_unit(match: re.Match[str]) -> str:
    return f'; did you mean "{match[1]}Gi"?' if not match[2] and match[1] not in {"0", "0.0"} else ""


def format_memory(size_bytes: int) -> str:
    """`4Gi`, with the largest unit that needs no fraction; plain bytes where none does."""
    for unit in ("Ti", "Gi", "Mi", "Ki"):
        if size_bytes % _UNITS[unit] == 0:
            return f"{size_bytes // _UNITS[unit]}{unit}"
    return str(size_bytes)


def read_gpu(value: object) -> int:
    """How many GPUs; null: none."""
    if value is None:
        return 0
    number = whole_of(value)
    if not 0 <= number <= MOST_GPUS:
        raise ValueError(f'{number} is not possible: null for none, or "1" to "{MOST_GPUS}"')
    return number
