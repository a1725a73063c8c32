"""A chat model on this machine says what the plain model says; what is none is one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsccli.core.errors import LscError
from lsccli.core.models.chat import KEY, Local, Message, key_for, open_chat
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
        ChatRole(model=ModelRef(str(directory)), **{"max_new_tokens": 30, **settings}),  # type: ignore[arg-type]
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
    told = model.generate(**ids, max_new_tokens=30, do_sample=False)
    expected = tokenizer.decode(told[0, ids.input_ids.shape[1] :], skip_special_tokens=True)
    assert expected
    assert opened(directory).answer(TURNS) == (expected, True)
    short = opened(directory, max_new_tokens=2).answer(TURNS)
    assert short == (" ".join(expected.split()[:2]), False)


def test_a_template_without_a_system_has_it_in_the_first_turn(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    make_chat(tmp_path)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    tokenizer.chat_template = (
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        + tokenizer.chat_template
    )
    tokenizer.save_pretrained(tmp_path)
    chat = opened(tmp_path)
    joined = [Message(role="user", content=f"rewrite\n\n{SENTENCES[0]}")]
    assert chat.answer(TURNS) == chat.answer(joined)


def test_a_temperature_draws_by_its_seed(directory: Path) -> None:
    answers = [opened(directory, temperature=1.5, seed=seed).answer(TURNS) for seed in (1, 1, 2, 3)]
    assert answers[0] == answers[1]
    assert len(set(answers)) > 1


def test_no_chat_template_and_no_model(tmp_path: Path) -> None:
    make_bert(tmp_path)
    with pytest.raises(LscError, match="has no chat template, so that it is no chat model"):
        opened(tmp_path)


def test_a_key_goes_to_its_host_alone_and_never_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY, raising=False)
    assert key_for("https://api.example/v1") is None
    monkeypatch.setenv(KEY, "api.example=se=cret")
    assert key_for("https://api.example:8443/v1") == "se=cret"
    assert key_for("https://api.example.evil/v1") is None
    assert key_for("https://evil/api.example/v1") is None
    with pytest.raises(LscError, match="without encryption"):
        key_for("http://api.example/v1")
    monkeypatch.setenv(KEY, "secret")  # of nobody
    assert key_for("https://secret/v1") is None
