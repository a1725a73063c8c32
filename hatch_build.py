"""The README as a package index shows it, where a link relative to the repository leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

# A link of Markdown whose target is neither an address nor a place in the same page; ! opens an image.
_RELATIVE = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?![a-z]+:|#)(?P<path>[^)\s]+)\)")


def readme(text: str, repository: str | None) -> str:
    """The text with relative links made absolute; with no repository known, the file is named instead."""

    def replaced(link: re.Match[str]) -> str:
        if repository is None:
            return f"{link['text']} (`{link['path']}`)"
        kind = "raw" if link["image"] else "blob"
        return f"{link['image']}[{link['text']}]({repository.rstrip('/')}/{kind}/HEAD/{link['path']})"

    return _RELATIVE.sub(replaced, text)


class CustomMetadataHook(MetadataHookInterface):
    """Sets `readme`, the one dynamic field of pyproject.toml."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Put the text in place of README.md."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        made = readme(text, metadata.get("urls", {}).get("Repository"))
        metadata["readme"] = {"content-type": "text/markdown", "text": made}
