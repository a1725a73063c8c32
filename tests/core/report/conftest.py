"""A store filled by hand, and a registry of made-up names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from lsccli.core.registry import base as registry
from lsccli.core.registry.base import CaptionerSpec, MethodSpec, MetricSpec
from lsccli.core.store.store import Store, add, config_id, ids_by_key, prompt_ids
from lsccli.core.store.tables import Caption, Generation, Image, Ranking, Score, Source, Step, Transmission


def name_of(*facts: object) -> bytes:
    """A 32-byte key out of anything."""
    return hashlib.sha256(repr(facts).encode()).digest()


class Maker:
    """Fills a store with made-up results."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def config(self, kind: str, profile: str = "storybook", **settings: Any) -> int:
        with self.store.write() as session:
            return config_id(session, kind, profile, {kind: settings.pop(kind, "x"), **settings})

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
        over = self.config("channel", **{"channel": "ideal", "source_code": "ascii8", **(channel or {})})
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
        ranking = self._add(
            Ranking,
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
        return self._add(Generation, key=key, prompt_id=text, config_id=by, seed=seed, path=None, run_id=None)

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


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = fast(Store(f"sqlite:///{tmp_path / 'lsc.sqlite'}"))
    yield made
    made.close()


@pytest.fixture
def maker(store: Store) -> Maker:
    return Maker(store)


def _run(item: object) -> list[int]:
    return []


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry, with names that the tests use."""
    methods = {
        name: MethodSpec(name, _run, "", "", "0", "", importances=importances, oracle=name == "allBob")
        for name, importances in (("order", ()), ("partBob", ("most", "least")), ("allBob", ()))
    }
    metrics = {
        name: MetricSpec(name, _run, "", better, "")
        for name, better in (("stlpips-alex", "lower"), ("psnr", "higher"))
    }
    captioners = {name: CaptionerSpec(name, None, "", (), "") for name in ("blip", "clip", "dataset")}
    monkeypatch.setattr(registry, "methods", lambda: methods)
    monkeypatch.setattr(registry, "metrics", lambda: metrics)
    monkeypatch.setattr(registry, "captioners", lambda: captioners)
