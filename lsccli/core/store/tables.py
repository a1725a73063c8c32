"""The tables of the store, as SQLModel classes; `db/schema.sql` is generated from them.

Every result has an integer id, for joins, and a 32-byte key (see `lsccli.core.store.keys`), for memory. A row
means that the result is complete: files are written before rows.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, Text
from sqlmodel import Field, SQLModel

# Versions 1 and 2 were those of lsc 0.1; from 3, that of 0.2.0, on a schema is migrated and never refused.
FIRST_VERSION = 3
SCHEMA_VERSION = 6


def _key() -> Any:
    return Field(sa_column=Column(LargeBinary(32), nullable=False, unique=True))


def _to(target: str, *, nullable: bool = False, index: bool = False) -> Any:
    column = Column(Integer, ForeignKey(target), nullable=nullable, index=index)
    return Field(default=None if nullable else ..., sa_column=column)


def _part_of(target: str) -> Any:
    """A column of what goes when its target does."""
    return Field(sa_column=Column(Integer, ForeignKey(target, ondelete="CASCADE"), nullable=False))


def _json() -> Any:
    return Field(sa_column=Column(JSON, nullable=False))


class Run(SQLModel, table=True):
    """One command: what was typed, with which versions, where, on which device, and how it ended."""

    id: int | None = Field(default=None, primary_key=True)
    command: str
    arguments: list[str] = _json()
    versions: dict[str, str] = _json()
    profile: str
    host: str
    device: str
    started: float  # seconds since 1970-01-01 UTC
    seconds: float | None = None
    status: str = "running"


class RunDetail(SQLModel, table=True):
    """Which process runs a command, by which profile, and what it used, be it made or remembered.

    `process` says when the process began, which tells it from another of its number; `models` is the profile
    as `--models` takes it; `used` is what `lsccli.core.store.uses` has of it, null where nothing was sent.
    """

    __tablename__ = "run_detail"
    run_id: int = Field(sa_column=Column(Integer, ForeignKey("run.id"), primary_key=True))
    pid: int | None = None
    process: str | None = None
    models: str | None = None
    used: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))


class RunStage(SQLModel, table=True):
    """What one stage of a run did: units found, made, remembered, failed, and how long it took."""

    __tablename__ = "run_stage"
    id: int | None = Field(default=None, primary_key=True)
    run_id: int = _to("run.id", index=True)
    stage: str
    units: int
    new: int
    cached: int
    failed: int
    seconds: float


class Config(SQLModel, table=True):
    """All identity settings of one captioner, method, channel, receiver or metric, as resolved."""

    id: int | None = Field(default=None, primary_key=True)
    key: bytes = _key()
    kind: str
    profile: str  # the profile under which it was first used; not part of the key
    settings: dict[str, Any] = _json()


class Image(SQLModel, table=True):
    """One of Alice's images; its key is the SHA-256 of the file."""

    id: int | None = Field(default=None, primary_key=True)
    key: bytes = _key()
    width: int
    height: int


class Look(SQLModel, table=True):
    """How an image looks (see `lsccli.core.data.texture`), where somebody has looked."""

    image_id: int = Field(
        sa_column=Column(Integer, ForeignKey("image.id", ondelete="CASCADE"), primary_key=True)
    )
    texture: float


class Source(SQLModel, table=True):
    """Where an image was registered from; one image may lie in several places."""

    __table_args__ = (Index("source_place", "root", "path", unique=True),)
    id: int | None = Field(default=None, primary_key=True)
    image_id: int = _to("image.id", index=True)
    root: str
    path: str


class Dataset(SQLModel, table=True):
    """A data set as it was registered last.

    `name` is what was given: a folder, an image, or a caption file that is not the one its folder goes by;
    `captions` is the caption file that was read, null where there never was one, and empty where there is
    none any more, or where that is not known (an older store). The one with the highest `registered` was
    registered last.
    """

    __table_args__ = (Index("dataset_name", "name", "root", unique=True),)
    id: int | None = Field(default=None, primary_key=True)
    name: str
    root: str
    captions: str | None = None
    registered: int


class DatasetFile(SQLModel, table=True):
    """An image file of a data set, as of its last registration."""

    __tablename__ = "dataset_file"
    __table_args__ = (
        PrimaryKeyConstraint("dataset_id", "source_id"),
        Index("ix_dataset_file_source_id", "source_id"),
        {"sqlite_with_rowid": False},
    )
    dataset_id: int = _part_of("dataset.id")
    source_id: int = _part_of("source.id")


class DatasetCaption(SQLModel, table=True):
    """What people say of an image file in a data set, as of its last registration: the captions in force."""

    __tablename__ = "dataset_caption"
    __table_args__ = (
        PrimaryKeyConstraint("dataset_id", "source_id", "position"),
        Index("ix_dataset_caption_source_id", "source_id"),
        Index("ix_dataset_caption_caption_id", "caption_id"),
        {"sqlite_with_rowid": False},
    )
    dataset_id: int = _part_of("dataset.id")
    source_id: int = _part_of("source.id")
    position: int = Field(sa_column=Column(Integer, nullable=False))
    caption_id: int = _part_of("caption.id")


class Caption(SQLModel, table=True):
    """Alice's text for an image; `position` counts captions from 0, people's within their file.

    Which of people's captions are in force is in `dataset_caption`.
    """

    id: int | None = Field(default=None, primary_key=True)
    key: bytes = _key()
    image_id: int = _to("image.id", index=True)
    config_id: int = _to("config.id", index=True)
    position: int
    text: str = Field(sa_column=Column(Text, nullable=False))
    words: list[str] = _json()
    run_id: int | None = _to("run.id", nullable=True)


class RankingRow(SQLModel, table=True):
    """An order in which to send the words of a caption: indices, and a score per index or null."""

    __tablename__ = "ranking"
    id: int | None = Field(default=None, primary_key=True)
    key: bytes = _key()
    caption_id: int = _to("caption.id", index=True)
    config_id: int = _to("config.id", index=True)
    seed: int = 0
    order: list[int] = _json()
    scores: list[float | None] = _json()
    run_id: int | None = _to("run.id", nullable=True)


class Transmission(SQLModel, table=True):
    """One ranking over one channel in one trial; its steps are in `step`."""

    id: int | None = Field(default=None, primary_key=True)
    key: bytes = _key()
    ranking_id: int = _to("ranking.id", index=True)
    config_id: int = _to("config.id", index=True)
    trial: int = 0
    run_id: int | None = _to("run.id", nullable=True)


class Prompt(SQLModel, table=True):
    """A text that Bob may be given; each once."""

    id: int | None = Field(default=None, primary_key=True)
    text: str = Field(sa_column=Column(Text, nullable=False, unique=True))


class Step(SQLModel, table=True):
    """After k words: the word sent and received, what it cost in all its rounds, the prompt so far.

    `bit_errors` are wrong bits after channel decoding, in the last round.
    """

    __table_args__ = (
        PrimaryKeyConstraint("transmission_id", "k"),
        Index("step_prompt", "prompt_id"),
        {"sqlite_with_rowid": False},
    )
    transmission_id: int = Field(sa_column=Column(Integer, ForeignKey("transmission.id"), nullable=False))
    k: int = Field(sa_column=Column(Integer, nullable=False))
    sent: str = ""
    received: str = ""
    source_bits: int = 0
    channel_bits: int = 0
    symbols: int = 0
    bit_errors: int = 0
    rounds: int = 0
    prompt_id: int = _to("prompt.id")


class Generation(SQLModel, table=True):
    """Bob's image for one prompt and seed; `sha256` of its file, which lies where the key says.

    The digest is null once the image was dropped, and empty for a file of a time that noted none, until it is
    first read.
    """

    id: int | None = Field(default=None, primary_key=True)
    key: bytes = _key()
    prompt_id: int = _to("prompt.id", index=True)
    config_id: int = _to("config.id", index=True)
    seed: int
    run_id: int | None = _to("run.id", nullable=True)
    sha256: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32)))


class FactRow(SQLModel, table=True):
    """A fact of a caption that is kept in a file, which lies where name and key say, and its `sha256`."""

    __tablename__ = "fact"
    id: int | None = Field(default=None, primary_key=True)
    key: bytes = _key()
    name: str
    sha256: bytes = Field(sa_column=Column(LargeBinary(32), nullable=False))
    run_id: int | None = _to("run.id", nullable=True)


class Score(SQLModel, table=True):
    """One metric between one of Alice's images and one generation."""

    __table_args__ = (Index("score_of", "generation_id", "image_id", "config_id"),)
    id: int | None = Field(default=None, primary_key=True)
    key: bytes = _key()
    image_id: int = _to("image.id")
    generation_id: int = _to("generation.id")
    config_id: int = _to("config.id")
    value: float
    run_id: int | None = _to("run.id", nullable=True)


class Vacancy(SQLModel, table=True):
    """The id of a damaged row that was removed: what has its key, or the next of its table, takes its place.

    So rows that are made again come in the order that they had.
    """

    __table_args__ = (PrimaryKeyConstraint("table_name", "row_id"), {"sqlite_with_rowid": False})
    table_name: str = Field(sa_column=Column(Text, nullable=False))
    row_id: int = Field(sa_column=Column(Integer, nullable=False))
    key: bytes | None = Field(default=None, sa_column=Column(LargeBinary(32)))
