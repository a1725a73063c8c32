"""A chat model, at an endpoint that speaks OpenAI's protocol or on this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

from lsccli.core.errors import LscError
from lsccli.core.models.loading import load_model, load_processor

if TYPE_CHECKING:
    from lsccli.core.models.reference import FoundModel
    from lsccli.core.models.roles import ChatRole


class Message(TypedDict):
    """One turn of a chat; `role` is system, user or assistant."""

    role: str
    content: str


class Chat(Protocol):
    """Who answers."""

    def answer(self, messages: Sequence[Message]) -> str:
        """What it says to these; LscError in one line where it cannot be asked."""
        ...


def open_chat(role: ChatRole, device: str, dtype: str) -> Chat:
    """The chat model of a role of the profile."""
    if role.model is None:
        return Endpoint(role)
    return Local(role.model.find(), role, device, dtype)


class Endpoint:
    """An endpoint that speaks OpenAI's chat completions, asked by the library openai.

    Busy and failing endpoints are asked again, by that library, `retries` times.
    """

    def __init__(self, role: ChatRole) -> None:
        try:
            import openai
        except ImportError as error:
            raise LscError('A chat endpoint needs the library openai: pip install "lsccli[chat]".') from error
        self._failed = openai.OpenAIError
        self._role = role
        self._client = openai.OpenAI(
            base_url=role.endpoint,
            api_key=os.environ.get(role.key_from) or "none",
            timeout=role.timeout,
            max_retries=role.retries,
        )

    def answer(self, messages: Sequence[Message]) -> str:
        """What it says to these."""
        role = self._role
        turns: Any = list(messages)
        try:
            found = self._client.chat.completions.create(
                model=role.name or "",
                messages=turns,
                temperature=role.temperature,
                max_tokens=role.max_new_tokens,
                seed=role.seed,
            )
        except self._failed as error:
            told = " ".join(str(error).split()) or type(error).__name__
            raise LscError(f"The chat endpoint {role.endpoint} fails: {told.rstrip('.')}.") from error
        choices = found.choices or []
        return (choices[0].message.content or "") if choices else ""


class Local:
    """A causal language model with a chat template, by transformers."""

    def __init__(self, found: FoundModel, role: ChatRole, device: str, dtype: str) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self._tokenizer: Any = load_processor(AutoTokenizer, found.directory)
        if not self._tokenizer.chat_template:
            raise LscError(f"{found.directory} has no chat template, so that it is no chat model.")
        self._model = load_model(AutoModelForCausalLM, found.directory, device=device, dtype=dtype)
        self._role = role

    def answer(self, messages: Sequence[Message]) -> str:
        """What it says to these; the same to the same, also with a temperature."""
        import torch

        role = self._role
        told = self._tokenizer.apply_chat_template(
            list(messages), add_generation_prompt=True, return_dict=True, return_tensors="pt"
        ).to(self._model.device)
        length = told["input_ids"].shape[1]
        warm: dict[str, Any] = {"temperature": role.temperature} if role.temperature else {}
        with torch.inference_mode(), torch.random.fork_rng():
            torch.manual_seed(role.seed)
            tokens = self._model.generate(
                **told, do_sample=bool(warm), max_new_tokens=role.max_new_tokens, **warm
            )
        text: str = self._tokenizer.decode(tokens[0, length:], skip_special_tokens=True)
        return text
