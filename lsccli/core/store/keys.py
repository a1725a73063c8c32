"""The name under which a result is remembered: SHA-256 of all that can change its value.

A key is the SHA-256 of canonical JSON (RFC 8785 in spirit: sorted names, no white space, UTF-8, no NaN).
Every setting of every model is a dataclass field declared `identity` (it is in the key) or `runtime`
(it is not: device, batch size, workers); a field that is neither is an error.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KEY_VERSION = 1


def canonical_json(value: Any) -> str:
    """JSON of `value`, names sorted, no white space; ValueError on NaN, infinity or a non-JSON type."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except TypeError as error:
        raise ValueError(f"not canonical JSON: {error}") from error


def key(kind: str, **facts: Any) -> bytes:
    """The 32-byte key of a result of this `kind` from `facts` (JSON values; bytes are keys of others)."""
    named = {name: fact.hex() if isinstance(fact, bytes) else fact for name, fact in facts.items()}
    text = canonical_json({"kind": kind, "key_version": KEY_VERSION, **named})
    return hashlib.sha256(text.encode()).digest()


def identity(default: Any = dataclasses.MISSING, **options: Any) -> Any:
    """A dataclass field whose value can change a result."""
    return _declared("identity", default, options)


def runtime(default: Any = dataclasses.MISSING, **options: Any) -> Any:
    """A dataclass field that only says how a result is computed: device, batch size, workers."""
    return _declared("runtime", default, options)


def _declared(role: str, default: Any, options: dict[str, Any]) -> Any:
    return dataclasses.field(default=default, metadata={"role": role}, **options)


def undeclared(settings: Any) -> list[str]:
    """Names of the fields of a dataclass that are declared neither identity nor runtime."""
    return [
        f.name for f in dataclasses.fields(settings) if f.metadata.get("role") not in ("identity", "runtime")
    ]


def identity_of(settings: Any) -> dict[str, Any]:
    """The identity fields of a dataclass by name; ValueError where one is undeclared or still "auto"."""
    if missing := undeclared(settings):
        raise ValueError(f"{type(settings).__name__} declares neither identity nor runtime: {missing}")
    facts = {
        f.name: getattr(settings, f.name)
        for f in dataclasses.fields(settings)
        if f.metadata["role"] == "identity"
    }
    if "auto" in facts.values():
        raise ValueError(f"{type(settings).__name__} is not resolved: {facts}")
    return facts


def digest_of_files(files: Mapping[str, Path]) -> str:
    """Hexadecimal SHA-256 over names and contents of files: the same wherever they lie."""
    total = hashlib.sha256()
    for name in sorted(files):
        with files[name].open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        total.update(f"{name}\0{content}\n".encode())
    return total.hexdigest()
