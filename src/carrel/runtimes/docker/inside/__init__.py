"""Programs that throw-away containers run, on the toolbox's Python: the standard library and nothing else."""

from importlib.resources import files

ALSO_HERE = {"placing": "carrel.runtimes"}
"""Programs whose work is done in this process as well, on local folders: the package that has them."""


def program(name: str) -> str:
    """The text of one program, to be given to `python3 -c`."""
    return files(ALSO_HERE.get(name, __name__)).joinpath(f"{name}.py").read_text()
