"""The `tarrafa` command."""

from __future__ import annotations

import os
import sys

CURE = ("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=4096")


def main() -> None:
    """Run the command line; entry point of the installed `tarrafa`.

    Libraries with their own OpenMP runtimes and the embedded store do not fit into glibc's default static TLS
    together (ADR 0001), and the room must be set before the process starts: so it starts itself again, once.
    """
    if sys.platform == "linux" and CURE[1] not in os.environ.get(CURE[0], ""):
        tunables = ":".join(filter(None, (os.environ.get(CURE[0]), CURE[1])))
        os.environ.update({CURE[0]: tunables, "OMP_WAIT_POLICY": os.environ.get("OMP_WAIT_POLICY", "passive")})
        os.execv(sys.executable, [sys.executable, "-m", "service", *sys.argv[1:]])
    from service.commands import run_app  # only now: the imports behind it load native libraries

    run_app()
