"""Bring what a server needs onto the machine: Debian packages, and jars through Maven."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.servers.place import folder, held
from deploy.servers.problem import ServerProblem

_MINUTES = 60


def need_command(command: str, *packages: str) -> str:
    """Return the full path of `command`, installing the Debian `packages` that bring it when it is missing."""
    found = shutil.which(command)
    if found is None:
        install_packages(*packages)
        found = shutil.which(command)
    if found is None:
        raise ServerProblem(f"`{command}` is missing", cure=f"install {' '.join(packages)}, or put it on the PATH")
    return found


def install_packages(*packages: str) -> None:
    """Install Debian packages, as root or through sudo; raise `ServerProblem` where that cannot be done."""
    cure = f"install {' '.join(packages)} by hand"
    if shutil.which("apt-get") is None:
        raise ServerProblem(f"{' '.join(packages)}: this machine has no apt-get", cure=cure)
    prefix: list[str] = []
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            raise ServerProblem(f"{' '.join(packages)}: neither root nor sudo", cure=cure)
        prefix = ["sudo", "-n"]
    options = ["-qq", "-o", "DPkg::Lock::Timeout=300"]
    with held("apt", "install"):
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *options, *arguments]
            run_or_explain(command, cure=cure, timeout_s=15 * _MINUTES)


def fetch_jars(name: str, pom: Path) -> Path:
    """Return a folder with the jars that `pom` names, fetched by Maven unless an equal pom was fetched before."""
    need_command("java", "default-jre-headless")
    library, stamp = folder(name) / "lib", folder(name) / "lib.stamp"
    wanted = hashlib.sha256(pom.read_bytes()).hexdigest()
    if library.is_dir() and stamp.exists() and stamp.read_text() == wanted:
        return library
    maven = need_command("mvn", "maven")
    shutil.rmtree(library, ignore_errors=True)
    command = [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
    command += [f"-DoutputDirectory={library}", "-DincludeScope=runtime"]
    cure = "check that Maven reaches its repository (`mvn -v`, the machine's Maven settings), then `make servers`"
    try:
        run_or_explain(command, cure=cure, timeout_s=15 * _MINUTES)
    except ServerProblem:  # a broken transfer is common on a first download; what came already is kept by Maven
        run_or_explain(command, cure=cure, timeout_s=15 * _MINUTES)
    stamp.write_text(wanted)
    return library


def run_or_explain(command: Sequence[str], *, cure: str, timeout_s: float, user: str | None = None) -> str:
    """Run `command` to its end and return its output; raise `ServerProblem` with its last lines when it fails."""
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd="/" if user else None,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise ServerProblem(f"{' '.join(command[:3])}: {error}", cure=cure) from error
    if done.returncode:
        raise ServerProblem(f"{' '.join(command[:4])} failed: {done.stdout[-800:].strip()}", cure=cure)
    return done.stdout
