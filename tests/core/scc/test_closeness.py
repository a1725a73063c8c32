"""Closeness of words, against the encoder run by hand."""

from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.scc import related
from lsccli.core.channel.link import SCC_CLOSENESS
from lsccli.core.channel.vocabulary import shipped
from lsccli.core.models.profile import load_profile
from lsccli.core.scc.closeness import WordStates
from lsccli.core.text.encoder import load_language_model, load_text_encoder


@pytest.mark.parametrize("load", [load_text_encoder, load_language_model])
def test_is_the_cosine_of_mean_states_without_special_tokens(load, tiny_profile: Path) -> None:
    model, tokenizer = load(load_profile(str(tiny_profile)), "cpu")

    def state(word: str) -> np.ndarray:
        with torch.inference_mode():
            whole = model(**tokenizer(word, return_tensors="pt")).last_hidden_state[0]
        return whole[1:-1].mean(dim=0).double().numpy()

    states = WordStates(model, tokenizer)
    for first, second in (("dog", "puppy"), ("running", "grass"), ("a", "bicycle")):
        a, b = state(first), state(second)
        expected = a @ b / np.sqrt((a @ a) * (b @ b))
        assert states.cosine(first, second) == pytest.approx(expected, abs=2e-5)
        assert states.cosine(second, first) == states.cosine(first, second)
    assert states.cosine("Dog", "dog") == 1.0


def test_does_not_depend_on_company(tiny_profile: Path) -> None:
    parts = load_text_encoder(load_profile(str(tiny_profile)), "cpu")
    alone, crowd = WordStates(*parts), WordStates(*parts)
    crowd.learn([f"word{number}" for number in range(70)] + ["dog", "puppy"])
    assert alone.cosine("dog", "puppy") == crowd.cosine("dog", "puppy")


def test_a_word_of_nothing_is_close_to_none(tiny_profile: Path) -> None:
    assert WordStates(*load_text_encoder(load_profile(str(tiny_profile)), "cpu")).cosine("", "dog") == 0.0


def test_the_default_parts_meanings_in_the_storybook() -> None:
    """WordNet's pairs of Bob's words, judged by what they name in the drawn world."""
    pairs = related(frozenset(shipped("storybook").words))
    states = WordStates(*load_text_encoder(load_profile("storybook"), "cpu"))
    states.learn({word for pair in pairs for word in pair})
    assert min(list(pairs.values()).count(same) for same in (True, False)) >= 15
    wrong = {pair for pair, same in pairs.items() if (states.cosine(*pair) >= SCC_CLOSENESS) is not same}
    assert wrong == set()
