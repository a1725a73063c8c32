"""Images into the store, with people's captions of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from lsccli.core.captioners.base import CAPTIONERS
from lsccli.core.data.dataset import Dataset, ImageFile
from lsccli.core.data.pictures import AT_MOST, PictureError, decode, size_of
from lsccli.core.run.caption import caption_row
from lsccli.core.run.workspace import Configuration, Failure, Workspace
from lsccli.core.store.store import add, ids_by_key
from lsccli.core.store.tables import Caption, Image, Source

_BATCH = 64


@dataclass(frozen=True)
class _File:
    """An image file as read: its entry in the data set and the SHA-256 of its bytes."""

    entry: ImageFile
    key: bytes


def register(
    workspace: Workspace, dataset: Dataset, limit: int | None
) -> tuple[list[int], int, list[Failure]]:
    """Put the first `limit` images of a data set into the store, with people's captions.

    Gives the images' ids, how many of them have got people's captions now, and the failures. A file that
    cannot be read as an image is a failure and is left out. Where all is known already, nothing is written.
    """
    entries = dataset.entries[:limit]
    numbers: list[int] = []
    captioned: set[int] = set()
    failures: list[Failure] = []
    given = next(spec.name for spec in CAPTIONERS.all().values() if spec.given)
    identity = workspace.models.captioner_identity(given)
    people = any(entry.captions for entry in entries)
    config = workspace.configuration("captioner", identity) if people else None
    with workspace.progress("register images", len(entries)):
        for start in range(0, len(entries), _BATCH):
            batch = []
            for entry in entries[start : start + _BATCH]:
                try:
                    batch.append(_File(entry, sha256(entry.path.read_bytes()).digest()))
                except OSError as error:
                    failures.append(_unreadable(entry, error))
            numbers += _register_batch(workspace, dataset.root, batch, config, captioned, failures)
            workspace.watcher.advance(min(_BATCH, len(entries) - start))
    return list(dict.fromkeys(numbers)), len(captioned), failures


def _register_batch(
    workspace: Workspace,
    root: Path,
    batch: Sequence[_File],
    config: Configuration | None,
    captioned: set[int],
    failures: list[Failure],
) -> list[int]:
    with workspace.store.read() as session:
        ids = ids_by_key(session, Image, [file.key for file in batch])
        here_before: Any = select(Source.path, Source.image_id).where(Source.root == str(root))  # type: ignore[call-overload]
        places = dict(session.execute(here_before).all())
    sizes: dict[bytes, tuple[int, int]] = {}
    here = []
    for file in batch:
        try:
            if file.key not in ids and file.key not in sizes:
                sizes[file.key] = _size(file.entry.path)
            here.append(file)
        except (OSError, PictureError) as error:
            failures.append(_unreadable(file.entry, error))
    moved = [file for file in here if places.get(_below(file.entry.path, root)) != ids.get(file.key, -1)]
    if sizes or moved:
        with workspace.store.write() as session:
            add(session, Image, [{"key": n, "width": w, "height": h} for n, (w, h) in sizes.items()])
            ids = ids_by_key(session, Image, [file.key for file in here])
            _place(session, root, [(file, ids[file.key]) for file in moved])
    if config is not None:
        _give_captions(workspace, here, ids, config, captioned)
    return [ids[file.key] for file in here]


def _place(session: Session, root: Path, files: Sequence[tuple[_File, int]]) -> None:
    rows = [
        {"image_id": image, "root": str(root), "path": _below(file.entry.path, root)} for file, image in files
    ]
    add(session, Source, rows)
    # A file that was replaced since: its place now holds another image.
    for row in rows:
        session.connection().exec_driver_sql(
            "UPDATE source SET image_id = ? WHERE root = ? AND path = ? AND image_id <> ?",
            (row["image_id"], row["root"], row["path"], row["image_id"]),
        )


def _give_captions(
    workspace: Workspace,
    files: Sequence[_File],
    ids: dict[bytes, int],
    config: Configuration,
    captioned: set[int],
) -> None:
    rows = [
        caption_row(ids[file.key], file.key, config, position, text, text, workspace.run_id)
        for file in files
        for position, text in enumerate(file.entry.captions)
    ]
    with workspace.store.read() as session:
        known = ids_by_key(session, Caption, [row["key"] for row in rows])
    new = [row for row in rows if row["key"] not in known]
    if new:
        captioned |= {row["image_id"] for row in new}
        with workspace.store.write() as session:
            add(session, Caption, new)


def _size(path: Path) -> tuple[int, int]:
    """Width and height in pixels; the whole file is decoded, so that a broken one is found here."""
    content = path.read_bytes()
    decode(content, at_most=AT_MOST)
    return size_of(content)


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _unreadable(entry: ImageFile, error: Exception) -> Failure:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Failure(str(entry.path), f"not readable as an image: {reason}")
