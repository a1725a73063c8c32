"""A chat endpoint on this machine that speaks OpenAI's protocol and learns from the turns that it is shown.

It finds for each word of the captions it was shown the word that the answers say instead, by how often both
occur together (Dice's coefficient), and rewrites by that. So it knows no more than its pairs.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Messages = list[dict[str, str]]


def learnt(messages: Messages) -> str:
    """The last caption, each word as the answers before have it."""
    turns = [m["content"].split() for m in messages if m["role"] != "system"]
    pairs, last = list(zip(turns[:-1:2], turns[1::2], strict=False)), turns[-1]
    of_alice = Counter(word for hers, _ in pairs for word in set(hers))
    of_bob = Counter(word for _, his in pairs for word in set(his))
    both = Counter((a, b) for hers, his in pairs for a in set(hers) for b in set(his))

    def said(word: str) -> str:
        found = {b: 2 * n / (of_alice[word] + of_bob[b]) for (a, b), n in both.items() if a == word}
        # His own word, where he says hers as well, or where two fit equally well.
        return max(found, key=lambda b: (found[b], b == word, b), default=word)

    return " ".join(said(word) for word in last)


class Server:
    """A running endpoint: its address, the requests it got, and what it answers."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.answer: Callable[[Messages], str] = learnt
        self.failures: list[int] = []  # status codes to answer with first
        self.finish = "stop"
        self.body: dict[str, Any] | None = None  # to answer with instead
        self.url = ""


@contextmanager
def chat_server() -> Iterator[Server]:
    """An endpoint for the time of a test."""
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            state.requests.append(asked)
            state.keys.append(self.headers.get("Authorization", ""))
            if self.path != "/v1/chat/completions":
                return self._send(404, {"error": {"message": f"no such path {self.path}"}})
            if state.failures:
                return self._send(state.failures.pop(0), {"error": {"message": "busy\njust now"}})
            if state.body is not None:
                return self._send(200, state.body)
            message = {"role": "assistant", "content": state.answer(asked["messages"])}
            choice = {"index": 0, "message": message, "finish_reason": state.finish}
            self._send(
                200,
                {
                    "id": "1", "object": "chat.completion", "created": 0, "model": asked["model"],
                    "choices": [choice],
                },
            )  # fmt: skip

        def _send(self, status: int, body: dict[str, Any]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
