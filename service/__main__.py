"""`python -m service` is the `tarrafa` command."""

from service.cli import main

main()
