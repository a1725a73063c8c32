"""A text encoder with a longer window than CLIP's 77 tokens is read to its end, wherever it is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lsccli.core.methods.base import METHODS, Item
from lsccli.core.models.profile import Profile, load_profile
from lsccli.core.models.reference import ModelRef
from lsccli.core.receiver.diffusion import DiffusionReceiver
from lsccli.core.text.attention import WordAttention
from lsccli.core.text.encoder import load_text_encoder
from tests.tiny import make_pipeline

# One token each, 100 of them with the two special ones: more than 77, fewer than 128.
WORDS = (("a", "red", "ball", "next", "to", "brown", "dog") * 14) + ("cat",)
OTHER = (*WORDS[:90], "bicycle", *WORDS[91:])


@pytest.fixture(scope="module")
def long(tiny_profile: Path, tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """The small profile with a receiver whose text encoder has 128 positions."""
    folder = tmp_path_factory.mktemp("long")
    make_pipeline(folder / "receiver", window=128)
    (folder / "long.toml").write_text(
        f'extends = "{tiny_profile}"\nname = "long"\n[receiver]\nmodel = "receiver"\n'
    )
    return load_profile(str(folder / "long.toml"))


def receiver(profile: Profile) -> DiffusionReceiver:
    role = profile.need("receiver")
    return DiffusionReceiver(role.model.find().directory, role, "cpu", "float32", 1)


def attention(profile: Profile) -> WordAttention:
    return WordAttention(*load_text_encoder(profile, "cpu"))


def test_attention_and_the_methods_on_it_see_every_word(long: Profile) -> None:
    matrix, other = attention(long).matrices([WORDS, OTHER])
    assert matrix.shape == (99, 99)
    assert not np.isnan(matrix).any()
    # CLIP looks back only: a word changes what itself and those after it give, nothing before.
    np.testing.assert_allclose(matrix[:90, :90], other[:90, :90], atol=1e-6)
    assert not np.allclose(matrix[90:], other[90:], atol=1e-6)
    item = Item(" ".join(WORDS), WORDS, "most", {"bob_attention": matrix}, {})
    found: Any = METHODS.find("partBob").make(item)
    assert sorted(found.order) == list(range(99))
    assert found.order[-20:] != tuple(range(79, 99))  # not ranked last in order, as unseen words are


def test_a_short_window_sees_what_it_can(tiny_profile: Path) -> None:
    (matrix,) = attention(load_profile(str(tiny_profile))).matrices([WORDS])
    assert np.flatnonzero(~np.isnan(np.diagonal(matrix))).tolist() == list(range(22))  # 24 less two


def test_heat_maps_and_drawings_see_every_word(long: Profile) -> None:
    bob = receiver(long)
    (maps,) = bob.heat_maps([WORDS], 100)
    assert maps.shape == (99, 24, 24)
    assert np.isfinite(maps).all()
    assert bob.window_overflow(" ".join(WORDS)) == 0
    drawn = bob.draw([" ".join(WORDS), " ".join(OTHER)], 100)
    assert (drawn[0] != drawn[1]).any()
    assert bob.window_overflow(" ".join(WORDS * 2)) == 2 * 99 + 2 - 128


def test_a_short_window_has_maps_of_what_it_sees(tiny_profile: Path) -> None:
    bob = receiver(load_profile(str(tiny_profile)))
    (maps,) = bob.heat_maps([WORDS], 100)
    assert np.isfinite(maps).all(axis=(1, 2)).tolist() == [True] * 22 + [False] * 77
    assert bob.window_overflow(" ".join(WORDS)) == 99 + 2 - 24
    drawn = bob.draw([" ".join(WORDS), " ".join(OTHER)], 100)
    assert (drawn[0] == drawn[1]).all()


def test_the_narrower_of_tokenizer_and_model_counts(long: Profile, tiny_profile: Path) -> None:
    model, tokenizer = load_text_encoder(long, "cpu")
    assert WordAttention(model, tokenizer).window == 128
    tokenizer.model_max_length = 10**30
    assert WordAttention(model, tokenizer).window == 128
    model = ModelRef(str(tiny_profile.parent / "receiver"))
    role = long.need("text_encoder").model_copy(update={"model": model})
    short = replace(long, roles={**long.roles, "text_encoder": role})
    assert attention(short).window == 24
