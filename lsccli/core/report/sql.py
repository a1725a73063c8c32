"""Plain SQL for reports: a table at once, as columns; row objects would cost more than the query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sqlmodel import Session

from lsccli.core.errors import LscError
from lsccli.core.report.stats import Ints


def fetch_rows(session: Session, sql: str, values: Sequence[Any] = ()) -> Any:
    """Rows as plain tuples, from the driver's own cursor."""
    connection = session.connection().connection.driver_connection
    if connection is None:
        raise LscError("The connection to the store is lost.")
    return connection.execute(sql, tuple(values))


def integers(session: Session, sql: str, columns: int, values: Sequence[Any] = ()) -> Ints:
    """(rows, columns) of a query that gives whole numbers only."""
    kinds = np.dtype([(str(n), np.int64) for n in range(columns)])
    return np.fromiter(fetch_rows(session, sql, values), kinds).view(np.int64).reshape(-1, columns)


def in_list(ids: Iterable[int]) -> str:
    """`(1,2,3)` for SQL: integers only, and not bound to the limit on variables."""
    return "(" + ",".join(str(int(number)) for number in ids) + ")"
