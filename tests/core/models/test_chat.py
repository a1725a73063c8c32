"""A chat model on this machine says what the plain model says; what is none is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsccli.core.errors import LscError
from lsccli.core.models.chat import Local, Message, open_chat
from lsccli.core.models.reference import ModelRef
from lsccli.core.models.roles import ChatRole
from tests.tiny import SENTENCES, make_bert, make_chat

TURNS = [Message(role="system", content="rewrite"), Message(role="user", content=SENTENCES[0])]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chat")
    make_chat(folder)
    return folder


def opened(directory: Path, **settings: float) -> Local:
    chat = open_chat(
        ChatRole(model=ModelRef(str(directory)), max_new_tokens=6, **settings),  # type: ignore[arg-type]
        "cpu",
        "float32",
    )
    assert isinstance(chat, Local)
    return chat


def test_it_says_what_the_plain_model_says(directory: Path) -> None:
    import torch
    from transformers import AutoTokenizer, LlamaForCausalLM

    tokenizer = AutoTokenizer.from_pretrained(directory)
    model = LlamaForCausalLM.from_pretrained(directory, dtype=torch.float32).eval()
    ids = tokenizer(f"[system] rewrite [END] [user] {SENTENCES[0]} [END] [assistant]", return_tensors="pt")
    told = ids.input_ids
    for _ in range(6):  # greedy, by hand
        logits = model(told).logits[0, -1]
        logits[[0, 2, 3, 4]] = -torch.inf  # as its generation_config.json says
        best = logits.argmax()
        if best == tokenizer.eos_token_id:
            break
        told = torch.cat([told, best[None, None]], 1)
    expected = tokenizer.decode(told[0, ids.input_ids.shape[1] :], skip_special_tokens=True)
    assert expected
    assert opened(directory).answer(TURNS) == expected


def test_a_temperature_draws_by_its_seed(directory: Path) -> None:
    answers = [opened(directory, temperature=1.5, seed=seed).answer(TURNS) for seed in (1, 1, 2, 3)]
    assert answers[0] == answers[1]
    assert len(set(answers)) > 1


def test_no_chat_template_and_no_model(tmp_path: Path) -> None:
    make_bert(tmp_path)
    with pytest.raises(LscError, match="has no chat template, so that it is no chat model"):
        opened(tmp_path)
