"""Plain SQL for reports."""

import numpy as np

from lsccli.core.report.sql import fetch_rows, in_list, integers
from lsccli.core.store.store import Store


def test_rows_and_columns(store: Store) -> None:
    query = "SELECT value, value * value FROM json_each('[1, 2, 3]')"
    with store.read() as session:
        assert fetch_rows(session, query + " WHERE value > ?", (1,)).fetchall() == [(2, 4), (3, 9)]
        np.testing.assert_array_equal(integers(session, query, 2), [[1, 1], [2, 4], [3, 9]])
        assert integers(session, query + " WHERE value > 3", 2).shape == (0, 2)
        assert fetch_rows(session, f"SELECT 2 IN {in_list([1, 2])}, 2 IN {in_list([])}").fetchone() == (1, 0)
