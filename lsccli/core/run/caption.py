"""Stage caption: images into the store, and words for each."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

from lsccli.core.data.dataset import Dataset
from lsccli.core.data.images import to_rgb
from lsccli.core.errors import LscError
from lsccli.core.registry import base as registry
from lsccli.core.run.context import Bench, Failure, StageResult, timed
from lsccli.core.run.judge import Original, originals
from lsccli.core.store.keys import key
from lsccli.core.store.store import add, config_id, ids_by_key
from lsccli.core.store.tables import Caption, Image, Source
from lsccli.core.text.words import split_words

_BATCH = 64


def register(bench: Bench, dataset: Dataset, limit: int | None) -> tuple[list[int], int, list[Failure]]:
    """Put the first `limit` images of a data set into the store, with people's captions.

    Gives the images' ids, how many of them have got people's captions now, and the failures.
    A file that cannot be read as an image is a failure and is left out.
    """
    entries = dataset.entries[:limit]
    numbers: list[int] = []
    captioned: set[int] = set()
    failures: list[Failure] = []
    settings = bench.models.captioner_identity("dataset")
    with bench.progress("register images", len(entries)):
        for start in range(0, len(entries), _BATCH):
            batch = []
            for entry in entries[start : start + _BATCH]:
                try:
                    content = entry.path.read_bytes()
                    image = _decode(content)
                except (OSError, ValueError, SyntaxError) as error:
                    failures.append(Failure(str(entry.path), f"not readable as an image: {_brief(error)}"))
                    continue
                batch.append((entry, sha256(content).digest(), image.size))
            numbers += _store_images(bench, dataset.root, batch, settings, captioned)
            bench.watcher.advance(min(_BATCH, len(entries) - start))
    return list(dict.fromkeys(numbers)), len(captioned), failures


def _store_images(
    bench: Bench, root: Path, batch: Sequence[Any], settings: dict[str, Any], captioned: set[int]
) -> list[int]:
    with bench.store.write() as session:
        rows = [{"key": name, "width": size[0], "height": size[1]} for _, name, size in batch]
        add(session, Image, rows)
        ids = ids_by_key(session, Image, [name for _, name, _ in batch])
        places = [
            {"image_id": ids[name], "root": str(root), "path": _below(entry.path, root)}
            for entry, name, _ in batch
        ]
        add(session, Source, places)
        # A file that was replaced since: its place now holds another image.
        for place in places:
            session.connection().exec_driver_sql(
                "UPDATE source SET image_id = ? WHERE root = ? AND path = ? AND image_id <> ?",
                (place["image_id"], place["root"], place["path"], place["image_id"]),
            )
        if any(entry.captions for entry, _, _ in batch):
            config = config_id(session, "captioner", bench.profile.name, settings)
            captions = [
                _row(ids[name], name, config, settings, position, text, bench.run_id)
                for entry, name, _ in batch
                for position, text in enumerate(entry.captions)
            ]
            known = ids_by_key(session, Caption, [row["key"] for row in captions])
            captioned |= {row["image_id"] for row in captions if row["key"] not in known}
            add(session, Caption, captions)
        return [ids[name] for _, name, _ in batch]


def caption(bench: Bench, images: Sequence[int], captioner: str) -> StageResult:
    """Caption those of the images that have no caption by this captioner yet."""
    result = StageResult("caption", units=len(images))
    with timed(result):
        spec = registry.find_captioner(captioner)
        settings = bench.models.captioner_identity(captioner)
        found = originals(bench, images)
        with bench.store.write() as session:
            config = config_id(session, "captioner", bench.profile.name, settings)
        names = {number: _key(original.key, settings, 0, None) for number, original in found.items()}
        if not spec.roles:
            without = _without_captions(bench, found, config)
            result.fail(without, len(without))
            return result
        with bench.store.read() as session:
            known = ids_by_key(session, Caption, list(names.values()))
        todo = [found[number] for number in images if names[number] not in known]
        with bench.progress(f"caption ({spec.name})", len(todo)):
            for start in range(0, len(todo), _BATCH):
                _caption_batch(bench, todo[start : start + _BATCH], config, settings, result)
    return result


def _caption_batch(
    bench: Bench, batch: Sequence[Original], config: int, settings: dict[str, Any], result: StageResult
) -> None:
    readable, pictures = [], []
    for original in batch:
        try:
            pictures.append(to_rgb(_decode(original.read())))
            readable.append(original)
        except (LscError, OSError, ValueError) as error:
            result.fail([Failure(str(original.places[0]), _brief(error))], 1)
    size = bench.models.batch_size
    model = bench.models.captioner(settings["captioner"])
    for start in range(0, len(readable), size):
        part = readable[start : start + size]
        texts = model.caption(pictures[start : start + size])
        rows = [
            _row(original.id, original.key, config, settings, 0, text, bench.run_id)
            for original, text in zip(part, texts, strict=True)
        ]
        with bench.store.write() as session:
            result.new += add(session, Caption, rows)
        bench.watcher.advance(len(part))


def _row(
    image: int, name: bytes, config: int, settings: dict[str, Any], position: int, text: str, run: int | None
) -> dict[str, Any]:
    own = text if settings["captioner"] == "dataset" else None
    return {
        "key": _key(name, settings, position, own),
        "image_id": image,
        "config_id": config,
        "position": position,
        "text": text,
        "words": [word.text for word in split_words(text)],
        "run_id": run,
    }


def _key(image: bytes, settings: dict[str, Any], position: int, text: str | None) -> bytes:
    # People's captions are inputs, not results: their text is part of the key.
    return key("caption", image=image, captioner=settings, position=position, text=text)


def _without_captions(bench: Bench, found: dict[int, Original], config: int) -> list[Failure]:
    from lsccli.core.store.selection import captions

    with bench.store.read() as session:
        having = {row.image_id for row in captions(session, config, list(found), every=False)}
    return [
        Failure(str(original.places[0]), "the data set has no caption for it")
        for number, original in found.items()
        if number not in having
    ]


def _decode(content: bytes) -> Any:
    from PIL import Image as PillowImage

    image = PillowImage.open(BytesIO(content))
    image.load()
    return image


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _brief(error: Exception) -> str:
    if "BytesIO" in str(error):  # Pillow names the buffer, which says nothing to a user
        return "unknown or damaged format"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
