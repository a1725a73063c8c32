"""Bob's images beside the store: kept under the key of their generation, and compared when they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import exists, select, update

from lsccli.core.metrics.base import Pixels
from lsccli.core.run.workspace import Workspace
from lsccli.core.store.artifacts import generation_path, png
from lsccli.core.store.store import add, ids_by_key, in_chunks, look_up, prompt_ids
from lsccli.core.store.tables import Generation, Step


class Drawings:
    """Bob's images of one receiver (the id of its configuration) and seed."""

    def __init__(self, workspace: Workspace, receiver: int, seed: int) -> None:
        self.workspace = workspace
        self.store = workspace.store
        self._receiver = receiver
        self._seed = seed

    def whole(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of the keys whose images are here as they were drawn; says which are damaged."""
        found: set[bytes] = set()
        damaged: list[bytes] = []
        noted: dict[bytes, bytes] = {}
        for chunk in in_chunks(list(keys)):
            for name, digest in self._digests(chunk).items():
                content = self.store.files.read(generation_path(name), digest)
                if content is None:
                    damaged.append(name)
                    continue
                found.add(name)
                if not digest:
                    noted[name] = sha256(content).digest()
        if noted:
            self._note(noted)
        if damaged:
            self._say(damaged)
        return found

    def read(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The files of those of the keys whose images are here as they were drawn."""
        digests = self._digests(list(keys))
        read = {
            name: self.store.files.read(generation_path(name), digest) for name, digest in digests.items()
        }
        return {name: content for name, content in read.items() if content is not None}

    def keep(self, images: Mapping[str, Pixels], keys: Mapping[str, bytes]) -> dict[bytes, bytes]:
        """Write the images of prompts, files first, with the keys of the prompts; the files by their keys."""
        made = {keys[prompt]: png(image) for prompt, image in images.items()}
        with self.store.write() as session:  # nobody drops meanwhile
            rows = [
                {
                    "key": name,
                    "config_id": self._receiver,
                    "seed": self._seed,
                    "run_id": self.workspace.run_id,
                    "sha256": self.store.files.write(generation_path(name), content),
                }
                for name, content in made.items()
            ]
            numbers = prompt_ids(session, list(images))
            for row, prompt in zip(rows, images, strict=True):
                row["prompt_id"] = numbers[prompt]
            # A row that was there already has lost its file.
            add(session, Generation, rows, renew="sha256")
        return made

    def drop(self, keys: Sequence[bytes]) -> None:
        """Forget the images that Bob never received; their rows, and so their scores, stay."""
        with self.store.write() as session:
            unused: list[bytes] = []
            for chunk in in_chunks(list(ids_by_key(session, Generation, keys))):
                sent = exists().where(Step.prompt_id == Generation.prompt_id)  # type: ignore[arg-type]
                unused += session.execute(
                    select(Generation.key).where(Generation.key.in_(chunk), ~sent)  # type: ignore[call-overload, attr-defined]
                ).scalars()
            for chunk in in_chunks(unused):
                session.execute(update(Generation).where(Generation.key.in_(chunk)).values(sha256=None))  # type: ignore[attr-defined]
        with self.store.write() as session:  # one that was drawn again since is somebody's
            for chunk in in_chunks(unused):
                kept = look_up(session, Generation, "key", chunk, "sha256")
                self.store.files.remove(
                    generation_path(name) for name, digest in kept.items() if digest is None
                )

    def _digests(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        with self.store.read() as session:
            kept: dict[bytes, bytes | None] = look_up(session, Generation, "key", keys, "sha256")
        return {name: digest for name, digest in kept.items() if digest is not None}

    def _note(self, digests: Mapping[bytes, bytes]) -> None:
        with self.store.write() as session:
            for name, digest in digests.items():
                row: Any = update(Generation).where(Generation.key == name)  # type: ignore[arg-type]
                session.execute(row.values(sha256=digest))

    def _say(self, damaged: Sequence[bytes]) -> None:
        first = self.store.artifacts / generation_path(damaged[0])
        what = "1 of Bob's images is" if len(damaged) == 1 else f"{len(damaged)} of Bob's images are"
        more = "" if len(damaged) == 1 else f" and {len(damaged) - 1} more"
        self.workspace.watcher.say(
            f"warning: {what} missing or damaged, and will be drawn again: {first}{more}"
        )
