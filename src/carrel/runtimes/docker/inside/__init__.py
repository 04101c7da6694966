"""Programs that throw-away containers run, on the toolbox's Python: the standard library and nothing else."""

from importlib.resources import files


def program(name: str) -> str:
    """The text of one program, to be given to `python3 -c`."""
    return files(__name__).joinpath(f"{name}.py").read_text()
