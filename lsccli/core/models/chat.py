"""A chat model, at an endpoint that speaks OpenAI's protocol or on this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypedDict
from urllib.parse import urlsplit

from lsccli.core.errors import LscError
from lsccli.core.models.loading import load_model, load_processor, one_line
from lsccli.core.registry.base import PluginError

if TYPE_CHECKING:
    from lsccli.core.models.reference import FoundModel
    from lsccli.core.models.roles import ChatRole


# HOST=KEY: a key goes to the host that it was meant for, whatever endpoint a profile names.
KEY = "LSC_CHAT_KEY"
# Of one request, not of the endpoint: what was asked, or how long it was.
_OF_THE_REQUEST = (400, 413, 422)


class Message(TypedDict):
    """One turn of a chat; `role` is system, user or assistant."""

    role: str
    content: str


class Answer(NamedTuple):
    """What a chat model says; `whole` unless it was cut off at the most tokens that an answer may have."""

    text: str
    whole: bool


class Chat(Protocol):
    """Who answers."""

    def answer(self, messages: Sequence[Message]) -> Answer:
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
        self._failed, self._refused = openai.OpenAIError, openai.APIStatusError
        self._role = role
        self._client = openai.OpenAI(
            base_url=role.endpoint,
            api_key=key_for(role.endpoint or "") or "none",
            timeout=role.timeout,
            max_retries=role.retries,
        )

    def answer(self, messages: Sequence[Message]) -> Answer:
        """What it says to these; PluginError where this request is refused, and others need not be."""
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
            of_one = isinstance(error, self._refused) and error.status_code in _OF_THE_REQUEST
            kind = PluginError if of_one else LscError
            raise kind(f"The chat endpoint {role.endpoint} fails: {told.rstrip('.')}.") from error
        choices: Any = getattr(found, "choices", None) or [None]
        message = getattr(choices[0], "message", None)
        if message is None:
            raise LscError(
                f"The chat endpoint {role.endpoint} gives no chat completion; is it the right path?"
            )
        return Answer(message.content or "", choices[0].finish_reason != "length")


def key_for(endpoint: str) -> str | None:
    """The key of the environment for an endpoint; LscError where it would travel in the clear.

    It is `HOST=KEY`, so that a profile from elsewhere cannot have it sent to a host of its own.
    """
    host, _, key = os.environ.get(KEY, "").partition("=")
    place = urlsplit(endpoint)
    if not key or place.hostname != host.lower():
        return None
    if place.scheme != "https" and host not in ("localhost", "127.0.0.1", "::1"):
        raise LscError(f"The key of {KEY} would go to {host} without encryption: give its https address.")
    return key


class Local:
    """A causal language model with a chat template, by transformers."""

    def __init__(self, found: FoundModel, role: ChatRole, device: str, dtype: str) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self._tokenizer: Any = load_processor(AutoTokenizer, found.directory)
        if not self._tokenizer.chat_template:
            raise LscError(f"{found.directory} has no chat template, so that it is no chat model.")
        self._model = load_model(AutoModelForCausalLM, found.directory, device=device, dtype=dtype)
        self._role = role
        self._directory = found.directory

    def _told(self, messages: Sequence[Message]) -> Any:
        from jinja2 import TemplateError

        how = {"add_generation_prompt": True, "return_dict": True, "return_tensors": "pt"}
        try:
            return self._tokenizer.apply_chat_template(list(messages), **how)
        except TemplateError:  # many templates know no system: then it is the beginning of the first turn
            first, second, *others = messages
            joined = Message(role=second["role"], content=f"{first['content']}\n\n{second['content']}")
            return self._tokenizer.apply_chat_template([joined, *others], **how)

    def answer(self, messages: Sequence[Message]) -> Answer:
        """What it says to these; the same to the same, also with a temperature."""
        import torch

        role = self._role
        with one_line(self._directory):
            told = self._told(messages).to(self._model.device)
        length = told["input_ids"].shape[1]
        warm: dict[str, Any] = {"temperature": role.temperature} if role.temperature else {}
        with torch.inference_mode(), torch.random.fork_rng():
            torch.manual_seed(role.seed)
            tokens = self._model.generate(
                **told, do_sample=bool(warm), max_new_tokens=role.max_new_tokens, **warm
            )
        said = tokens[0, length:]
        ends = self._model.generation_config.eos_token_id
        whole = int(said[-1]) in (ends if isinstance(ends, list) else [ends])
        return Answer(self._tokenizer.decode(said, skip_special_tokens=True), whole)
