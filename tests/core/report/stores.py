"""Stores filled by hand with made-up results."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import event, select

from lsccli.core.report.curves import Curve, CurveSet
from lsccli.core.report.request import ReportRequest
from lsccli.core.report.stats import Floats
from lsccli.core.report.where import conditions
from lsccli.core.store.selection import Selection
from lsccli.core.store.store import Store, add, ids_by_key, prompt_ids
from lsccli.core.store.tables import (
    Caption,
    Config,
    Dataset,
    DatasetCaption,
    DatasetFile,
    Generation,
    Image,
    Prompt,
    RankingRow,
    Score,
    Source,
    Step,
    Transmission,
)
from lsccli.core.store.uses import Used

ABSENT: Any = object()  # a setting that a row has not


def ask(
    metric: str = "stlpips-alex",
    profile: str = "storybook",
    methods: tuple[str, ...] = (),
    receiver: Any = None,
    where: Sequence[str] = (),
    strict: bool = False,
    used: Used | None = None,
    **selection: Any,
) -> ReportRequest:
    """A request; what else is given selects images and captions."""
    chosen = Selection(**selection)
    wanted = tuple(conditions(where))
    return ReportRequest(metric, profile, chosen, methods, receiver, wanted, strict, used)


def by_image(curves: CurveSet, curve: Curve, ids: Sequence[int]) -> tuple[Floats, Floats]:
    """Scores and bits of a curve, a row per image in the order of `ids`."""
    places = [list(curves.images).index(number) for number in ids]
    return curve.scores[places], curve.bits[places]


def name_of(*facts: object) -> bytes:
    """A 32-byte key out of anything."""
    return hashlib.sha256(repr(facts).encode()).digest()


class Maker:
    """Fills a store with made-up results."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def config(self, kind: str, profile: str = "storybook", **settings: Any) -> int:
        own = {kind: settings.pop(kind, "x"), **settings}
        return self._add(Config, key=name_of("config", kind, own), kind=kind, profile=profile, settings=own)

    def faster(self, store: Store) -> Maker:
        """Another store, filled the same way."""
        return Maker(fast(store))

    def _add(self, table: Any, **row: Any) -> int:
        with self.store.write() as session:
            add(session, table, [row])
            return ids_by_key(session, table, [row["key"]])[row["key"]]

    def image(self, name: str, root: str = "/data", path: str | None = None) -> int:
        number = self._add(Image, key=name_of("image", name), width=64, height=64)
        with self.store.write() as session:
            add(session, Source, [{"image_id": number, "root": root, "path": path or f"{name}.png"}])
        return number

    def say(self, image: int, position: int, caption: int) -> None:
        """Put a caption of people's in force in the one data set, instead of another at its position."""
        with self.store.write() as session:
            add(
                session,
                Dataset,
                [{"id": 1, "name": "/data", "root": "/data", "captions": "", "registered": 1}],
            )
            (source,) = session.execute(select(Source.id).where(Source.image_id == image)).scalars()
            own = {"dataset_id": 1, "source_id": source}
            add(session, DatasetFile, [own])
            session.merge(DatasetCaption(**own, position=position, caption_id=caption))

    def send(
        self,
        image: int,
        words: str,
        *,
        method: str = "order",
        importance: str | None = None,
        captioner: str = "blip",
        position: int = 0,
        seed: int = 0,
        trial: int = 0,
        edition: int = 1,
        channel: Mapping[str, Any] | None = None,
        sent: Sequence[int] | None = None,
    ) -> int:
        """A caption, ranked and sent; every word costs 8 bits a letter, and 8 for the space before it."""
        parts = words.split()
        order = list(range(len(parts))) if sent is None else list(sent)
        by = self.config("captioner", captioner=captioner)
        how = self.config("method", method=method, importance=importance)
        link = {"channel": "ideal", "source_code": "ascii8", "reorder": "none", **(channel or {})}
        over = self.config("channel", **{name: value for name, value in link.items() if value is not ABSENT})
        caption = self._add(
            Caption,
            key=name_of("caption", image, by, position, edition),
            image_id=image,
            config_id=by,
            position=position,
            text=words,
            words=parts,
            run_id=None,
        )
        if captioner == "dataset":
            self.say(image, position, caption)
        ranking = self._add(
            RankingRow,
            key=name_of("ranking", caption, how, seed),
            caption_id=caption,
            config_id=how,
            seed=seed,
            order=order,
            scores=[None] * len(order),
            run_id=None,
        )
        transmission = self._add(
            Transmission,
            key=name_of("transmission", ranking, over, trial),
            ranking_id=ranking,
            config_id=over,
            trial=trial,
            run_id=None,
        )
        prompts = [" ".join(parts[i] for i in order[:k]) for k in range(len(order) + 1)]
        with self.store.write() as session:
            ids = prompt_ids(session, prompts)
            rows = []
            for k, prompt in enumerate(prompts):
                word = parts[order[k - 1]] if k else ""
                bits = 8 * (len(word) + (k > 1))
                rows.append(
                    {
                        "transmission_id": transmission,
                        "k": k,
                        "sent": word,
                        "received": word,
                        "source_bits": bits,
                        "channel_bits": bits,
                        "symbols": bits,
                        "prompt_id": ids[prompt],
                    }
                )
            add(session, Step, rows)
        return transmission

    def draw(self, prompt: str, seed: int = 100, profile: str = "storybook", **receiver: Any) -> int:
        settings = {"model": "sha256:11", "steps": 4, "guidance": 3.0, "width": 64, "height": 64, **receiver}
        by = self.config("receiver", profile, **settings)
        with self.store.write() as session:
            text = prompt_ids(session, [prompt])[prompt]
        key = name_of("generation", text, by, seed)
        return self._add(
            Generation, key=key, prompt_id=text, config_id=by, seed=seed, sha256=None, run_id=None
        )

    def score(
        self,
        image: int,
        values: Mapping[str, float],
        *,
        metric: str = "stlpips-alex",
        size: int = 64,
        seed: int = 100,
        **receiver: Any,
    ) -> None:
        """Prompt -> score, each drawn and scored."""
        by = self.config("metric", metric=metric, size=size)
        for prompt, value in values.items():
            generation = self.draw(prompt, seed, **receiver)
            self._add(
                Score,
                key=name_of("score", image, generation, by),
                image_id=image,
                generation_id=generation,
                config_id=by,
                value=value,
                run_id=None,
            )


def fast(store: Store) -> Store:
    """The store without waiting for the disk after each of the many small writes of a test."""
    event.listen(store._engine, "connect", lambda plain, _: plain.execute("PRAGMA synchronous = OFF"))
    store._engine.dispose()
    return store


def fill(
    maker: Maker, images: int, words: int, methods: list[tuple[str, str | None, str]], seed: int = 0
) -> int:
    """A store of this many images times methods, its scores falling from 0.8 to 0.35; how many steps."""
    draw = np.random.default_rng(seed)
    by_captioner = {name: maker.config("captioner", captioner=name) for name in ("blip", "clip")}
    hows = [maker.config("method", method=name, importance=kind) for name, kind, _ in methods]
    channel = maker.config("channel", channel="ideal", source_code="ascii8", reorder="none")
    receiver = maker.config("receiver", steps=4, guidance=3.0, width=64, height=64)
    metric = maker.config("metric", metric="stlpips-alex", size=64)
    tables: dict[Any, list[dict[str, Any]]] = {
        t: [] for t in (Image, Source, Caption, RankingRow, Transmission, Prompt, Step, Generation, Score)
    }

    def row(table: Any, **facts: Any) -> int:
        tables[table].append({"id": len(tables[table]) + 1, "run_id": None, **facts})
        if table in (Image, Source, Prompt, Step):
            del tables[table][-1]["run_id"]
        return len(tables[table])

    for i in range(images):
        image = row(Image, key=name_of("image", i), width=64, height=64)
        row(Source, image_id=image, root="/data", path=f"{i}.png")
        length = words - i % 4
        level = draw.normal(0, 0.06)
        for number, ((_, _, captioner), how) in enumerate(zip(methods, hows, strict=True)):
            facts = {"config_id": by_captioner[captioner], "position": 0, "text": "", "words": ["w"] * length}
            key = name_of("caption", i, number)
            caption = row(Caption, key=key, image_id=image, **{**facts, "position": 0})
            order = list(range(length))
            key = name_of("ranking", i, number)
            ranking = row(
                RankingRow, key=key, caption_id=caption, config_id=how, seed=0, order=order, scores=order
            )
            key = name_of("transmission", i, number)
            sent = row(Transmission, key=key, ranking_id=ranking, config_id=channel, trial=0)
            for k in range(length + 1):
                prompt = row(Prompt, text=f"{i} {number} {k}")
                bits = 48 * (k > 0)
                row(
                    Step,
                    transmission_id=sent,
                    k=k,
                    sent="",
                    received="",
                    source_bits=bits,
                    channel_bits=bits,
                    symbols=bits,
                    prompt_id=prompt,
                )
                del tables[Step][-1]["id"]
                rate = 2 + 2 * number / len(methods)
                value = 0.35 + 0.45 * np.exp(-rate * k / length) + level + draw.normal(0, 0.02)
                facts = {"prompt_id": prompt, "config_id": receiver, "seed": 100, "sha256": None}
                made = row(Generation, key=name_of("generation", prompt), **facts)
                facts = {"image_id": image, "generation_id": made, "config_id": metric}
                row(Score, key=name_of("score", prompt), **facts, value=float(value))
    # Captions of the same words are one caption to several methods in a real store; here each has its own.
    for number, caption in enumerate(tables[Caption]):
        caption["position"] = number
    with maker.store.write() as session:
        for table, rows in tables.items():
            add(session, table, rows)
    return len(tables[Step])


METHODS_FILLED: list[tuple[str, str | None, str]] = [
    ("order", None, "blip"),
    ("partBob", "most", "blip"),
    ("partBob", "least", "clip"),
    ("allBob", None, "clip"),
]
