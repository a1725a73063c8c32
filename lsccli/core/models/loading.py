"""What all loaders of models share: safetensors only, whole weights, quiet libraries, batches of one shape.

Nothing is fetched here (`ModelRef.find` has done that) and no code that comes with a model is run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from lsccli.core.errors import LscError
from lsccli.core.models.variants import variant_of

Unit = TypeVar("Unit")

LOCAL = {"local_files_only": True, "trust_remote_code": False}
_LIBRARIES = ("transformers", "diffusers")
DTYPES = ("float32", "float16", "bfloat16")


def torch_dtype(name: str) -> Any:
    """The torch dtype of this name; LscError for any but float32, float16 and bfloat16."""
    import torch

    if name not in DTYPES:
        raise LscError(f"Unknown dtype {name!r}; choose one of {', '.join(DTYPES)}.")
    return getattr(torch, name)


@contextmanager
def quiet() -> Iterator[list[str]]:
    """Keep what the model libraries log off the screen; yields the list that collects it."""
    from diffusers.utils import logging as of_diffusers
    from transformers.utils import logging as of_transformers

    messages: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    loggers = [logging.getLogger(name) for name in _LIBRARIES]
    before = [(list(logger.handlers), logger.level) for logger in loggers]
    bars = [library for library in (of_diffusers, of_transformers) if library.is_progress_bar_enabled()]
    for library in bars:
        library.disable_progress_bar()
    for logger in loggers:
        logger.handlers = [Collector()]
        logger.setLevel(logging.WARNING)
    try:
        yield messages
    finally:
        for logger, (handlers, level) in zip(loggers, before, strict=True):
            logger.handlers = handlers
            logger.setLevel(level)
        for library in bars:
            library.enable_progress_bar()


def load_model(cls: Any, directory: Path, *, device: str, dtype: str = "float32", **options: Any) -> Any:
    """A transformers model in evaluation mode, its weights whole; LscError in one line where they are not.

    Weights that a checkpoint lacks would silently be random: that is an error here. A pooler may lack,
    because nothing in lsc reads one.
    """
    variant = variant_of(directory)
    if variant is not None:
        options["variant"] = variant
    with quiet(), one_line(directory):
        model, info = cls.from_pretrained(
            directory,
            dtype=torch_dtype(dtype),
            use_safetensors=True,
            output_loading_info=True,
            **LOCAL,
            **options,
        )
    absent = {*info["missing_keys"], *(key for key, *_ in info["mismatched_keys"])}
    absent = {key for key in absent if "pooler" not in key.split(".")}
    if absent:
        raise LscError(
            f"{directory} is no whole {cls.__name__}: it lacks {len(absent)} weights, such as {min(absent)}."
        )
    return place(model, device).eval().requires_grad_(False)


def load_processor(cls: Any, directory: Path) -> Any:
    """A processor or tokenizer as shipped in the directory."""
    with quiet(), one_line(directory):
        return cls.from_pretrained(directory, **LOCAL)


def place(model: Any, device: str) -> Any:
    """The model on the device; LscError where that does not exist or is too small."""
    import torch

    try:
        return model.to(device)
    except torch.OutOfMemoryError as error:
        raise LscError(
            f"Device {device} has too little memory for the model; try --dtype float16."
        ) from error
    except (RuntimeError, AssertionError) as error:  # torch without CUDA raises an AssertionError
        raise LscError(f"Device {device} cannot be used: {_first_line(error)}.") from error


@contextmanager
def one_line(directory: Path) -> Iterator[None]:
    """Turn the many errors of a loader into one line that names the directory."""
    try:
        yield
    except LscError:
        raise
    except Exception as error:  # damaged files raise whatever their parser raises
        raise LscError(f"Cannot load the model in {directory}: {_first_line(error)}.") from error


@contextmanager
def memory_for(batch_size: int) -> Iterator[None]:
    """Turn an out-of-memory error into advice."""
    import torch

    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _too_big(batch_size) from error
    except RuntimeError as error:
        # The CPU allocator and Apple's have no error class of their own.
        if "out of memory" in str(error) or "can't allocate memory" in str(error):
            raise _too_big(batch_size) from error
        raise


def batches(items: Sequence[Unit], size: int) -> Iterator[tuple[list[Unit], int]]:
    """Chunks of exactly `size` items, the last one filled with its own last item, and how many are real.

    Every batch has one shape, so that the result for an item does not depend on how many others there are.
    """
    if size < 1:
        raise ValueError(f"batch size must be at least 1, not {size}")
    for start in range(0, len(items), size):
        chunk = list(items[start : start + size])
        yield chunk + [chunk[-1]] * (size - len(chunk)), len(chunk)


def in_batches(run: Callable[[list[Unit]], list[Any]], items: Sequence[Unit], size: int) -> list[Any]:
    """`run` over `items` in batches of one shape: one result per item, in their order."""
    results: list[Any] = []
    with quiet(), memory_for(size):
        for chunk, real in batches(items, size):
            results += run(chunk)[:real]
    return results


def _too_big(batch_size: int) -> LscError:
    advice = (
        f"a smaller --batch-size (now {batch_size})"
        if batch_size > 1
        else "--dtype float16 or a smaller model"
    )
    return LscError(f"Out of memory: try {advice}; what is finished is kept.")


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
