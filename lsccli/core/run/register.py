"""Images into the store, with people's captions of them: a data set as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from lsccli.core.captioners.base import CAPTIONERS
from lsccli.core.data.dataset import Dataset, ImageFile
from lsccli.core.data.pictures import AT_MOST, PictureError, decode, size_of
from lsccli.core.data.texture import texture
from lsccli.core.run.caption import caption_row
from lsccli.core.run.workspace import Configuration, Failure, Workspace
from lsccli.core.store.datasets import Entry, Registration
from lsccli.core.store.results import caption_key
from lsccli.core.store.store import add, ids_by_key, look_up
from lsccli.core.store.tables import Caption, Image, Look

_BATCH = 64


@dataclass(frozen=True)
class _File:
    """An image file as read: its entry in the data set, and its bytes with their SHA-256."""

    entry: ImageFile
    key: bytes


def register(
    workspace: Workspace, dataset: Dataset, limit: int | None
) -> tuple[list[int], int, list[Failure]]:
    """Put the first `limit` images of a data set into the store, with people's captions, as they are now.

    Gives the images' ids, how many of them have got people's captions now, and the failures. A file that
    cannot be read as an image is a failure and is left out. Files that the data set had and has no more are
    no part of it any longer, where `limit` does not leave open whether they are there; results stay. Where
    all is known already, nothing is written.
    """
    entries = dataset.entries[:limit]
    numbers: list[int] = []
    captioned: set[int] = set()
    failures: list[Failure] = []
    given = next(spec.name for spec in CAPTIONERS.all().values() if spec.given)
    identity = workspace.models.captioner_identity(given)
    people = any(entry.captions for entry in entries)
    config = workspace.configuration("captioner", identity) if people else None
    registration = Registration(workspace.store, dataset.name, dataset.root, dataset.captions)
    with workspace.progress("register images", len(entries)):
        for start in range(0, len(entries), _BATCH):
            batch = []
            for entry in entries[start : start + _BATCH]:
                try:
                    batch.append(_File(entry, sha256(entry.path.read_bytes()).digest()))
                except OSError as error:
                    failures.append(_unreadable(entry, error))
            numbers += _register_batch(workspace, registration, batch, config, captioned, failures)
            workspace.watcher.advance(min(_BATCH, len(entries) - start))
    if len(entries) == len(dataset.entries):
        gone = registration.drop_others({_below(entry.path, dataset.root) for entry in entries})
        if gone:
            more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
            workspace.watcher.say(
                f"no longer in {dataset.name}, left out from now on: {gone[0]}{more} (what was made stays)"
            )
    return list(dict.fromkeys(numbers)), len(captioned), failures


def _register_batch(
    workspace: Workspace,
    registration: Registration,
    batch: Sequence[_File],
    config: Configuration | None,
    captioned: set[int],
    failures: list[Failure],
) -> list[int]:
    names = [file.key for file in batch]
    with workspace.store.read() as session:
        ids = ids_by_key(session, Image, names)
        of = {number: key for key, number in ids.items()}
        seen = {of[number] for number in look_up(session, Look, "image_id", list(of), "image_id")}
    looks: dict[bytes, tuple[int, int, float]] = {}
    here = []
    for file in batch:
        try:
            if file.key not in seen and file.key not in looks:
                looks[file.key] = _look(file.entry.path)
            here.append(file)
        except (OSError, PictureError) as error:
            if file.key in ids:  # an earlier lsc could read it: it stays, only how it looks is not known
                here.append(file)
            else:
                failures.append(_unreadable(file.entry, error))
    entries = [
        Entry(
            _below(file.entry.path, registration.root),
            file.key,
            tuple(
                caption_key(file.key, config.identity, position, text)
                for position, text in enumerate(file.entry.captions)
                if config is not None
            ),
        )
        for file in here
    ]
    if not looks and all(registration.has(entry) for entry in entries):
        return [ids[file.key] for file in here]
    with workspace.store.write() as session:
        add(session, Image, [{"key": key, "width": w, "height": h} for key, (w, h, _) in looks.items()])
        ids = ids_by_key(session, Image, [file.key for file in here])
        add(session, Look, [{"image_id": ids[key], "texture": t} for key, (_, _, t) in looks.items()])
        if config is not None:
            rows = [
                caption_row(ids[file.key], file.key, config, position, text, text, workspace.run_id)
                for file in here
                for position, text in enumerate(file.entry.captions)
            ]
            known = ids_by_key(session, Caption, [row["key"] for row in rows])
            new = [row for row in rows if row["key"] not in known]
            captioned |= {row["image_id"] for row in new}
            add(session, Caption, new)
        registration.put(session, entries, ids)
    return [ids[file.key] for file in here]


def _look(path: Path) -> tuple[int, int, float]:
    """Width and height in pixels, and the texture; the file is decoded, which finds a broken one."""
    content = path.read_bytes()
    picture = decode(content, at_most=AT_MOST)
    return *size_of(content), texture(picture)


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _unreadable(entry: ImageFile, error: Exception) -> Failure:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Failure(str(entry.path), f"not readable as an image: {reason}")
