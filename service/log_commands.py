"""`tarrafa log`: proof that the event log is as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graph.log.sqlite import SqliteEventLog
from service.bootstrap import now_ms
from service.home import HomePaths
from service.settings import Settings, load_settings
from service.show import show_rows
from service.terminal import Home, console

if TYPE_CHECKING:
    from service.sealing import Finding

log_app = typer.Typer(help="The event log: verify it, seal it, check it against a seal.", no_args_is_help=True)

SealFile = Annotated[Path, typer.Argument(metavar="FILE", help="Checkpoint written by `tarrafa log seal`.")]


@log_app.command("verify")
def verify(home: Home = None) -> None:
    """Walk the whole log; status 1 and the first bad entry when something was edited, removed, moved or cut off."""
    with _log(load_settings(home=home)) as log:
        found = log.verify()
        conflicts = sum(1 for _ in log.conflicts())
        rows = [
            ("log", log.log_id),
            ("sound entries", f"{found.entries:,}"),
            ("chain", found.chain),
            ("conflicts kept", f"{conflicts:,}"),
            ("state", "sound" if found.ok else f"entry {found.first_bad}: {found.problem}"),
        ]
        show_rows(console, ("event log", ""), rows)
        if not found.ok:
            raise typer.Exit(1)


@log_app.command("seal")
def seal_log(
    out: Annotated[Path, typer.Option("--out", help="Where the checkpoint goes; keep it away from the log.")],
    home: Home = None,
) -> None:
    """Walk the log and write a signed checkpoint of it."""
    from service.sealing import seal, signing_key, write_checkpoint  # its library takes start-up time

    settings = load_settings(home=home)
    with _log(settings) as log:
        checkpoint = seal(log, signing_key(settings.identity.signing_key_file), now_ms=now_ms())
    write_checkpoint(checkpoint, out)
    console.print(f"sealed {checkpoint.entries:,} entries in {out}", highlight=False, markup=False, soft_wrap=True)


@log_app.command("key")
def key() -> None:
    """Print the public key that checkpoints of this installation are signed with."""
    from service.sealing import public_key_of, signing_key

    typer.echo(public_key_of(signing_key(load_settings().identity.signing_key_file)))


@log_app.command("check")
def check(
    file: SealFile,
    public_key: Annotated[
        str | None, typer.Option("--public-key", help="The key it must be signed with, in hex.")
    ] = None,
    only_signature: Annotated[
        bool, typer.Option("--only-signature", help="Without a log: is this a checkpoint of that key?")
    ] = False,
    home: Home = None,
) -> None:
    """Check a checkpoint, and that the log still begins with exactly what it sealed; status 1 when not."""
    from service.sealing import check_log, check_signature, read_checkpoint

    checkpoint = read_checkpoint(file)
    findings = check_signature(checkpoint, public_key=public_key)
    if not only_signature:
        with _log(load_settings(home=home)) as log:
            findings += check_log(checkpoint, log)
    _told(findings)


@contextmanager
def _log(settings: Settings) -> Iterator[SqliteEventLog]:
    """The log of a home; it may be in use by another process meanwhile."""
    with closing(SqliteEventLog(HomePaths(settings.home).log, create=False)) as log:
        yield log


def _told(findings: Sequence[Finding]) -> None:
    rows = [(one.about, "ok" if one.ok else "WRONG", one.detail) for one in findings]
    show_rows(console, ("checked", "", "found"), rows)
    if not all(one.ok for one in findings):
        raise typer.Exit(1)
