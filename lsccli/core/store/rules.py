"""What a row of each table must be: its types and ranges from the columns, and what else its results are.

A rule is an SQL condition on a row that a sound row fulfils. The same rules are looked at whenever a store is
opened, where the first row that breaks one is enough, and by `lsc verify`, which names them all.
"""

from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, Float, Integer, LargeBinary
from sqlmodel import SQLModel

import lsccli.core.store.tables  # noqa: F401  (defines the tables)
from lsccli.core.numbers import LARGEST

# Whole numbers up to here are exact in floating point, in which reports compute.
_EXACT = 2**53


@dataclass(frozen=True)
class Rule:
    """A condition that each row of a table fulfils, and what is wrong with one that does not.

    `column` is the one that may as well be empty, where there is one.
    """

    table: str
    sound: str
    fault: str
    column: str | None = None

    @property
    def query(self) -> str:
        """SQL for the names (primary keys) of the rows that break it."""
        names = ", ".join(f'"{name}"' for name in key_columns(self.table))
        return f"SELECT {names} FROM {self.table} WHERE ({self.sound}) IS NOT 1"


def rules() -> list[Rule]:
    """The rules of all tables, those of single columns first: the others rely on them."""
    tables = SQLModel.metadata.sorted_tables
    own = [_of_column(table.name, column) for table in tables for column in table.columns]
    return own + _FURTHER


def _of_column(table: str, column: Column[Any]) -> Rule:
    name = f'{table}."{column.name}"'
    kind = column.type
    if (special := _COLUMNS.get(f"{table}.{column.name}")) is not None:
        sound, fault = special[0].format(name=name), special[1]
    elif isinstance(kind, JSON):
        sound, fault = f"typeof({name}) = 'text' AND lsc_json({name})", "is no JSON"
    elif isinstance(kind, LargeBinary):
        sound, fault = f"typeof({name}) = 'blob' AND length({name}) = 32", "is no SHA-256"
    elif isinstance(kind, Integer):
        least = 1 if column.name == "id" or column.foreign_keys else 0
        sound = f"typeof({name}) = 'integer' AND {name} BETWEEN {least} AND {_EXACT}"
        fault = f"is no whole number of at least {least}"
    elif isinstance(kind, Float):
        sound = f"typeof({name}) IN ('real', 'integer') AND abs({name}) <= {LARGEST!r}"
        fault = f"is no finite number of at most {LARGEST:g}"
    else:
        sound, fault = f"typeof({name}) = 'text'", "is no text"
    if column.nullable:
        sound = f"({name} IS NULL OR ({sound}))"
    return Rule(table, sound, f"{column.name} {fault}", column.name if column.nullable else None)


# CASE, for what follows THEN is an error of SQLite where the text is no JSON.
_ARRAY = (
    "CASE WHEN typeof({name}) = 'text' AND json_valid({name}) "
    "THEN json_type({name}) = 'array' AND NOT EXISTS (SELECT 1 FROM json_each({name}) AS w WHERE "
)
_OF_JSON = "CASE WHEN typeof({name}) = 'text' AND lsc_json({name}) THEN json_type({name}) IN "
# Columns of which more is known than their type says.
_COLUMNS = {
    "step.k": ("typeof({name}) = 'integer' AND {name} BETWEEN 0 AND 1000000", "is no number of words"),
    "image.width": ("typeof({name}) = 'integer' AND {name} BETWEEN 1 AND 10000000", "is no size"),
    "image.height": ("typeof({name}) = 'integer' AND {name} BETWEEN 1 AND 10000000", "is no size"),
    "look.texture": ("typeof({name}) IN ('real', 'integer') AND {name} BETWEEN 0 AND 1", "is no share"),
    "generation.seed": ("typeof({name}) = 'integer' AND {name} >= 0", "is no seed"),
    "generation.sha256": ("typeof({name}) = 'blob' AND length({name}) IN (0, 32)", "is no SHA-256"),
    "run.arguments": (_ARRAY + "w.type <> 'text') END", "is no list of texts"),
    "run.versions": (_OF_JSON + "('object') END", "is no JSON object"),
    "run_detail.used": (_OF_JSON + "('object', 'null') END", "is no JSON object"),
    "fact.name": (
        "typeof({name}) = 'text' AND length({name}) BETWEEN 1 AND 200 AND {name} NOT GLOB '*[^a-zA-Z0-9_-]*' "
        "AND {name} NOT GLOB '-*'",
        "is no name of a fact",
    ),
    "caption.words": (
        _ARRAY + "w.type <> 'text') END",
        "is no list of words",
    ),
    "ranking.order": (
        _ARRAY + "w.type <> 'integer') END",
        "is no list of whole numbers",
    ),
    "ranking.scores": (
        _ARRAY + "NOT (w.type = 'null' OR "
        f"w.type IN ('integer', 'real') AND abs(w.value) <= {LARGEST!r})) END",
        "is no list of numbers",
    ),
}
_WORDS = (
    "(SELECT CASE WHEN json_valid(c.words) THEN json_array_length(c.words) END FROM caption c "
    "WHERE c.id = ranking.caption_id)"
)
_ORDER = 'ranking."order"'
_FURTHER = [
    Rule(
        "config",
        "CASE WHEN lsc_json(settings) THEN json_type(settings) = 'object' AND (kind NOT IN "
        "('captioner', 'method', 'channel', 'metric') OR json_type(settings, '$.' || kind) = 'text') END",
        "settings do not say what they are of",
    ),
    Rule(
        "ranking",
        f"""CASE WHEN json_valid({_ORDER}) AND json_valid(ranking.scores) THEN
            json_array_length(ranking.scores) IN (json_array_length({_ORDER}), {_WORDS}) AND
            (SELECT count(DISTINCT w.value) = count(*) AND coalesce(min(w.value), 0) >= 0 AND
                coalesce(max(w.value), -1) < {_WORDS} FROM json_each({_ORDER}) AS w) END""",
        "is no order of the caption's words",
    ),
    Rule(
        "transmission",
        "(SELECT count(*) > 0 AND min(k) = 0 AND max(k) = count(*) - 1 FROM step "
        "WHERE step.transmission_id = transmission.id)",
        "has not all its steps",
    ),
]


def prepare(connection: sqlite3.Connection) -> None:
    """Give a connection the function that the rules use."""
    connection.create_function("lsc_json", 1, _readable, deterministic=True)


def _readable(text: Any) -> bool:
    try:
        json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, TypeError, RecursionError):
        return False
    return True


def _refuse(text: str) -> float:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def first_fault(connection: sqlite3.Connection) -> str | None:
    """What is wrong with the first row that breaks a rule; None where every row of every table is sound."""
    by_table: dict[str, list[Rule]] = {}
    for rule in rules():
        by_table.setdefault(rule.table, []).append(rule)
    prepare(connection)
    for table, own in by_table.items():
        every = " AND ".join(f"(({rule.sound}) IS 1)" for rule in own)
        if not connection.execute(f"SELECT 1 FROM {table} WHERE NOT ({every}) LIMIT 1").fetchone():
            continue
        for rule in own:
            if connection.execute(f"{rule.query} LIMIT 1").fetchone():
                return f"{table}: {rule.fault}"
    return None


def key_columns(table: str) -> list[str]:
    """The columns that name a row of the table."""
    return [column.name for column in SQLModel.metadata.tables[table].primary_key.columns]
