"""Data sets in the store: which files each has, and what people say of them, as of its last registration."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session

from lsccli.core.store.store import Store, add, ids_by_key
from lsccli.core.store.tables import Caption, Dataset, DatasetCaption, DatasetFile, Source

_DATASET = text("SELECT id, captions, registered FROM dataset WHERE name = :name AND root = :root")
_LAST = text("SELECT coalesce(max(registered), 0) FROM dataset")
_FILES = text("""
    SELECT s.path, i.key FROM dataset_file f JOIN source s ON s.id = f.source_id
    JOIN image i ON i.id = s.image_id WHERE f.dataset_id = :dataset
""")
_SAID = text("""
    SELECT s.path, t.key FROM dataset_caption c JOIN source s ON s.id = c.source_id
    JOIN caption t ON t.id = c.caption_id WHERE c.dataset_id = :dataset ORDER BY c.source_id, c.position
""")


@dataclass(frozen=True)
class Entry:
    """A file of a data set: its path below the root, the keys of its image and of what people say of it."""

    path: str
    image: bytes
    captions: tuple[bytes, ...] = ()


class Registration:
    """A data set under registration: it is the one registered last from now on."""

    def __init__(self, store: Store, name: Path, root: Path, captions: Path | None) -> None:
        """Find the data set, or add it.

        Args:
            name: what it goes by.
            captions: the caption file that was read, where there is one.
        """
        self.store = store
        self.root = root
        own = {"name": str(name), "root": str(root)}
        file = None if captions is None else str(captions)
        with store.read() as session:
            found = session.execute(_DATASET, own).one_or_none()
            last = session.execute(_LAST).scalar_one()
        if file is None and found is not None and found.captions is not None:
            file = ""  # it had some, and says now that it has none
        if found is None or (found.captions, found.registered) != (file, last):
            with store.write() as session:
                last = session.execute(_LAST).scalar_one() + 1
                add(session, Dataset, [{**own, "captions": file, "registered": last}])
                session.execute(
                    text(
                        "UPDATE dataset SET captions = :file, registered = :last "
                        "WHERE name = :name AND root = :root"
                    ),
                    {**own, "file": file, "last": last},
                )
                found = session.execute(_DATASET, own).one()
        self.id: int = found.id
        with store.read() as session:
            self._files: dict[str, bytes] = dict(session.execute(_FILES, {"dataset": self.id}).all())
            self._said: dict[str, list[bytes]] = {}
            for path, key in session.execute(_SAID, {"dataset": self.id}):
                self._said.setdefault(path, []).append(key)

    def has(self, entry: Entry) -> bool:
        """Whether the store says the same of this file already."""
        said = self._said.get(entry.path, [])
        return self._files.get(entry.path) == entry.image and said == list(dict.fromkeys(entry.captions))

    def put(self, session: Session, entries: Sequence[Entry], images: Mapping[bytes, int]) -> None:
        """Keep what is new of these files; their images (ids by key) and captions are in the store."""
        changed = [entry for entry in entries if not self.has(entry)]
        root = str(self.root)
        rows = [{"image_id": images[entry.image], "root": root, "path": entry.path} for entry in changed]
        add(session, Source, rows)
        # A file that was replaced since: its place now holds another image.
        plain = session.connection()
        for row in rows:
            plain.exec_driver_sql(
                "UPDATE source SET image_id = ? WHERE root = ? AND path = ? AND image_id <> ?",
                (row["image_id"], root, row["path"], row["image_id"]),
            )
        captions = ids_by_key(session, Caption, [key for entry in changed for key in entry.captions])
        for entry in changed:
            source = plain.exec_driver_sql(
                "SELECT id FROM source WHERE root = ? AND path = ?", (root, entry.path)
            ).scalar_one()
            own = {"dataset_id": self.id, "source_id": source}
            add(session, DatasetFile, [own])
            plain.exec_driver_sql(
                "DELETE FROM dataset_caption WHERE dataset_id = ? AND source_id = ?", (self.id, source)
            )
            said = dict.fromkeys(entry.captions)
            add(
                session,
                DatasetCaption,
                [{**own, "position": at, "caption_id": captions[key]} for at, key in enumerate(said)],
            )

    def drop_others(self, paths: Collection[str]) -> list[str]:
        """Take all files but these from the data set; the paths of those taken.

        A place that no data set has any more is forgotten; its image and results stay.
        """
        gone = sorted(self._files.keys() - set(paths))
        if gone:
            with self.store.write() as session:
                plain = session.connection()
                for path in gone:
                    own = (self.id, str(self.root), path)
                    for table in ("dataset_caption", "dataset_file"):
                        plain.exec_driver_sql(
                            f"DELETE FROM {table} WHERE dataset_id = ? AND source_id = "
                            "(SELECT id FROM source WHERE root = ? AND path = ?)",
                            own,
                        )
                    plain.exec_driver_sql(
                        "DELETE FROM source WHERE root = ? AND path = ? "
                        "AND id NOT IN (SELECT source_id FROM dataset_file)",
                        own[1:],
                    )
        return gone
