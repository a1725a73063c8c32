"""The store's facts as plain tables with all their settings, streamed: a table need not fit into memory."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from sqlalchemy import text

from lsccli.core.captioners.base import GIVEN
from lsccli.core.channel.costs import model_of_json, zlib_of_json
from lsccli.core.errors import LscError
from lsccli.core.report.escape import csv_cell, json_cell, json_text
from lsccli.core.store.selection import Given
from lsccli.core.store.store import Store

FILE_TYPES = ("csv", "json", "parquet")
_CHUNK = 5000

# Image and caption of whatever has an alias c; the file is where the image was registered first.
_FILE = "(SELECT root || '/' || path FROM source WHERE image_id = i.id ORDER BY id LIMIT 1)"
# Bob's image below the artifacts folder; null once dropped.
_DRAWING = """CASE WHEN g.sha256 IS NOT NULL
    THEN 'generations/' || substr(lower(hex(g.key)), 1, 2) || '/' || lower(hex(g.key)) || '.png' END"""
_CAPTION = f"""
    lower(hex(i.key)) AS image, {_FILE} AS file, cc.settings ->> 'captioner' AS captioner,
    c.position AS position, c.text AS caption, cc.profile AS profile"""
_METHOD = """
    mc.settings ->> 'method' AS method, mc.settings ->> 'importance' AS importance, r.seed AS seed"""
_OF_CAPTION = "caption c JOIN image i ON i.id = c.image_id JOIN config cc ON cc.id = c.config_id"
_OF_RANKING = "ranking r JOIN config mc ON mc.id = r.config_id JOIN caption c ON c.id = r.caption_id"


@dataclass(frozen=True)
class ExportTable:
    """One table: its columns (name, type: text, integer, number or json), and the query for them.

    The query has `{where}` for conditions on the image `i`, and on the captioner `cc` where it has one.
    """

    columns: dict[str, str]
    query: str
    has_captioner: bool = True


_CAPTION_COLUMNS = {
    "image": "text",
    "file": "text",
    "captioner": "text",
    "position": "integer",
    "caption": "text",
    "profile": "text",
}
_METHOD_COLUMNS = {"method": "text", "importance": "text", "seed": "integer"}

TABLES = {
    "captions": ExportTable(
        {
            **_CAPTION_COLUMNS,
            "words": "json",
            "zlib_bits": "integer",
            "model_bits": "number",
            "captioner_settings": "json",
        },
        f"""SELECT {_CAPTION}, c.words, zlib_bits(c.words), model_bits(c.words), cc.settings
            FROM {_OF_CAPTION} {{where}} ORDER BY c.id""",
    ),
    "rankings": ExportTable(
        {
            **_CAPTION_COLUMNS,
            **_METHOD_COLUMNS,
            "words": "json",
            "order": "json",
            "scores": "json",
            "captioner_settings": "json",
            "method_settings": "json",
        },
        f"""SELECT {_CAPTION}, {_METHOD}, c.words, r."order", r.scores, cc.settings, mc.settings
            FROM {_OF_RANKING} JOIN image i ON i.id = c.image_id JOIN config cc ON cc.id = c.config_id
            {{where}} ORDER BY r.id""",
    ),
    "steps": ExportTable(
        {
            **_CAPTION_COLUMNS,
            **_METHOD_COLUMNS,
            "channel": "text",
            "trial": "integer",
            "k": "integer",
            "sent": "text",
            "received": "text",
            "source_bits": "integer",
            "channel_bits": "integer",
            "symbols": "integer",
            "prompt": "text",
            "captioner_settings": "json",
            "method_settings": "json",
            "channel_settings": "json",
        },
        f"""SELECT {_CAPTION}, {_METHOD}, xc.settings ->> 'channel', t.trial, s.k, s.sent, s.received,
                s.source_bits, s.channel_bits, s.symbols, p.text, cc.settings, mc.settings, xc.settings
            FROM transmission t JOIN ranking r ON r.id = t.ranking_id JOIN config mc ON mc.id = r.config_id
            JOIN caption c ON c.id = r.caption_id JOIN image i ON i.id = c.image_id
            JOIN config cc ON cc.id = c.config_id JOIN config xc ON xc.id = t.config_id
            JOIN step s ON s.transmission_id = t.id JOIN prompt p ON p.id = s.prompt_id
            {{where}} ORDER BY t.id, s.k""",
    ),
    "scores": ExportTable(
        {
            "image": "text",
            "file": "text",
            "prompt": "text",
            "receiver_seed": "integer",
            "drawing": "text",
            "metric": "text",
            "value": "number",
            "profile": "text",
            "receiver_settings": "json",
            "metric_settings": "json",
        },
        f"""SELECT lower(hex(i.key)), {_FILE}, p.text, g.seed, {_DRAWING}, vc.settings ->> 'metric', v.value,
                gc.profile, gc.settings, vc.settings
            FROM score v JOIN image i ON i.id = v.image_id JOIN generation g ON g.id = v.generation_id
            JOIN prompt p ON p.id = g.prompt_id JOIN config gc ON gc.id = g.config_id
            JOIN config vc ON vc.id = v.config_id {{where}} ORDER BY v.id""",
        has_captioner=False,
    ),
}


def table_rows(
    store: Store, table: ExportTable, images: Sequence[int] | None, captioner: str | None, people: Given
) -> Iterator[Sequence[Sequence[Any]]]:
    """The rows of a table in chunks, JSON columns as text; of these images and this captioner, or of all.

    Of people's captions those of `people` only, which are in force.
    """
    conditions: list[str] = []
    given: dict[str, str] = {}
    if table.has_captioner:
        conditions.append(
            "(cc.settings ->> 'captioner' <> :given OR c.id IN (SELECT value FROM json_each(:in_force)))"
        )
        given |= {"given": GIVEN, "in_force": json.dumps(people.ids)}
    if images is not None:
        # One parameter for any number of images.
        conditions.append("i.id IN (SELECT value FROM json_each(:images))")
        given["images"] = json.dumps(list(images))
    if captioner is not None:
        conditions.append("cc.settings ->> 'captioner' = :captioner")
        given["captioner"] = captioner
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    with store.read() as session:
        connection: Any = session.connection().connection.driver_connection
        connection.create_function("zlib_bits", 1, zlib_of_json, deterministic=True)
        connection.create_function("model_bits", 1, model_of_json, deterministic=True)
        found = session.connection().execute(text(table.query.format(where=where)), given)
        yield from found.partitions(_CHUNK)


def write_table(target: IO[Any], form: str, name: str, chunks: Iterator[Sequence[Sequence[Any]]]) -> int:
    """Write chunks of rows of the table `name`; how many there were.

    csv and json are written to a text stream, parquet to a binary one. JSON columns are JSON text in csv and
    parquet, and values in json.
    """
    columns = TABLES[name].columns
    writers: dict[str, Callable[..., int]] = {"csv": _csv, "json": _json, "parquet": _parquet}
    return writers[form](target, name, columns, chunks)


def _csv(target: IO[str], name: str, columns: dict[str, str], chunks: Iterator[Any]) -> int:
    count = 0
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(columns)
    told = [json_cell if kind == "json" else csv_cell for kind in columns.values()]
    for chunk in chunks:
        writer.writerows([tell(value) for tell, value in zip(told, row, strict=True)] for row in chunk)
        count += len(chunk)
    return count


def _json(target: IO[str], name: str, columns: dict[str, str], chunks: Iterator[Any]) -> int:
    count = 0
    target.write(f'{{"{name}": [')
    for chunk in chunks:
        for row in chunk:
            fact = {
                column: json.loads(value) if kind == "json" and value is not None else value
                for (column, kind), value in zip(columns.items(), row, strict=True)
            }
            target.write((",\n" if count else "\n") + json_text(fact))
            count += 1
    target.write("\n]}\n")
    return count


def _parquet(target: IO[bytes], name: str, columns: dict[str, str], chunks: Iterator[Any]) -> int:
    pyarrow, parquet = need_pyarrow()
    types = {
        "text": pyarrow.string(),
        "json": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
    }
    schema = pyarrow.schema([(column, types[kind]) for column, kind in columns.items()])
    count = 0
    with parquet.ParquetWriter(target, schema) as writer:
        for chunk in chunks:
            turned = zip(*chunk, strict=True)
            arrays = [pyarrow.array(values, field.type) for values, field in zip(turned, schema, strict=True)]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
            count += len(chunk)
    return count


def need_pyarrow() -> tuple[Any, Any]:
    """pyarrow and its parquet module; LscError where it is not installed."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise LscError("--format parquet needs pyarrow: pip install 'lsccli[parquet]'") from error
    return pyarrow, pyarrow.parquet
