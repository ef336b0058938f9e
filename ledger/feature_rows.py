"""The feature row behind each decision, kept bit for bit: a bitmap of what is not zero, then those numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, select

from graph.errors import CorruptLog
from ledger.dialect import among, insert_new, upsert
from ledger.tables import decision_features

Row = NDArray[np.float64]


def pack_row(row: Row) -> bytes:
    """Return the bytes of a float64 row of at most 65,535 features."""
    kept = (row != 0) | np.signbit(row)
    packed: bytes = len(row).to_bytes(2, "big") + np.packbits(kept).tobytes() + row[kept].astype("<f8").tobytes()
    return packed


def unpack_row(packed: bytes) -> Row:
    """Return the row that `pack_row` was given; raise `CorruptLog` for bytes that are none."""
    width = int.from_bytes(packed[:2], "big")
    end = 2 + -(-width // 8)
    kept = np.unpackbits(np.frombuffer(packed[2:end], dtype=np.uint8), count=width).astype(bool)
    numbers = packed[end:]
    if len(numbers) != 8 * int(kept.sum()):
        raise CorruptLog(
            "a feature row is cut off", cure="restore the ledger from its backup, or run `tarrafa rebuild`"
        )
    row = np.zeros(width, dtype=np.float64)
    row[kept] = np.frombuffer(numbers, dtype="<f8")
    return row


def write_features(connection: Connection, features: Mapping[str, Row], *, replace: bool) -> None:
    """Keep the rows by transaction; with `replace` a new one stands in place of an old one."""
    rows = [{"tx_id": tx_id, "data": pack_row(row)} for tx_id, row in features.items()]
    (upsert if replace else insert_new)(connection, decision_features, rows)


def find_features(connection: Connection, tx_id: str) -> Row | None:
    """The row of one transaction, or None."""
    packed = connection.execute(select(decision_features.c.data).where(decision_features.c.tx_id == tx_id)).scalar()
    return None if packed is None else unpack_row(packed)


def find_feature_rows(connection: Connection, tx_ids: Iterable[str]) -> dict[str, Row]:
    """The rows of those transactions that have one."""
    wanted = select(decision_features.c.tx_id, decision_features.c.data)
    found = connection.execute(wanted.where(among(connection, decision_features.c.tx_id, tx_ids)))
    return {tx_id: unpack_row(packed) for tx_id, packed in found}


def forget_features(connection: Connection) -> None:
    """Remove every row."""
    connection.execute(delete(decision_features))
