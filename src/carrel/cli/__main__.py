"""`python -m carrel.cli` is the carrel command."""

from carrel.cli.main import main

main()
