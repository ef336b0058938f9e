"""IBM AMLSim folders: `nodes.csv` and `transactions.csv`, times in steps of a day, labels per account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from graph.errors import RejectedRecord
from graph.events import Movement
from ingest.loaders.intake import Intake
from ingest.loaders.labels import account_label
from ingest.loaders.layout import why_not_text
from ingest.loaders.step_time import StepClock, parse_step
from ingest.loaders.text_rows import count_lines, picked_rows
from ingest.loaders.time_order import Group
from ingest.validate import parse_label, rounded_cents

_NODES = ("nodeid", "isFraud", "fraudStep")
_TRANSACTIONS = ("sourceNodeId", "targetNodeId", "value", "time")
_CLOCK = StepClock()


class AmlSim:
    """One AMLSim output, or a folder of several: then every account id gets its folder's name in front.

    An account is known to be fraudulent from the end of its `fraudStep`; where that is -1, and for honest accounts,
    the label comes at the end of the last step.
    """

    name = "amlsim"
    layout = f"folder with nodes.csv ({', '.join(_NODES)}) and transactions.csv ({', '.join(_TRANSACTIONS)})"
    ids_from_content = True

    def why_not(self, path: Path) -> str | None:
        if not path.is_dir():
            return "it is not a folder"
        return None if _folders(path) else _why_not_folder(path)

    def files(self, path: Path) -> Sequence[Path]:
        return [folder / file for folder in _folders(path) for file in ("nodes.csv", "transactions.csv")]

    def count_rows(self, path: Path) -> int:
        return sum(count_lines(file) for file in self.files(path))

    def read(self, path: Path, intake: Intake) -> Iterator[Group]:
        for folder in _folders(path):
            yield from _read_folder(folder, "" if folder == path else f"{folder.name}/", intake)


def _folders(path: Path) -> list[Path]:
    """The folder itself, or those of its folders that are AMLSim outputs."""
    if _why_not_folder(path) is None:
        return [path]
    return sorted(folder for folder in path.iterdir() if folder.is_dir() and _why_not_folder(folder) is None)


def _why_not_folder(path: Path) -> str | None:
    for file, columns in (("nodes.csv", _NODES), ("transactions.csv", _TRANSACTIONS)):
        if not (path / file).is_file():
            return f"no {file}"
        reason = why_not_text(path / file, columns)
        if reason is not None:
            return f"{file}: {reason}"
    return None


def _read_folder(folder: Path, prefix: str, intake: Intake) -> Iterator[Group]:
    last_step = 0
    for line, cells, raw in picked_rows(folder / "transactions.csv", _TRANSACTIONS, intake):
        source, target, value, time = cells
        try:
            step = parse_step(time)
            tx_id, ts = _CLOCK.place(step, f"{prefix}{','.join(cells)}")
            movement = Movement(
                event_id=f"tx:amlsim-{tx_id}",
                ts=ts,
                source=prefix + source.strip(),
                target=prefix + target.strip(),
                amount_cents=rounded_cents(value),
            )
        except RejectedRecord as error:
            intake.reject(line, error, raw)
            continue
        last_step = max(last_step, step)
        yield (movement,)
    for line, cells, raw in picked_rows(folder / "nodes.csv", _NODES, intake):
        node, fraud, fraud_step = cells
        try:
            label = parse_label(fraud)
            known = parse_step(fraud_step, lowest=-1) if fraud_step else -1
            if label is None:
                intake.drop("account_without_label")
                continue
            ts = _CLOCK.end_of(known if known >= 0 else last_step)
            yield (account_label(prefix + node.strip(), label, ts=ts, list_name="amlsim"),)
        except RejectedRecord as error:
            intake.reject(line, error, raw)
