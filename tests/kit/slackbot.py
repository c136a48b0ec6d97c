"""Slack's Web API as its documentation has it, as far as a bot here uses it."""

import asyncio
import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from service.lookalike.loopback import Loopback

TOKEN, CHANNEL = "xoxb-canary-CANARY0123456789", "C0123456789"


@dataclass(kw_only=True)
class SlackApi:
    """A workspace with one channel; *says* is what a method answers next instead of doing it, in their order.

    LOST: do it, and answer nothing. HANG: do nothing.
    """

    scopes: frozenset[str] = frozenset({"chat:write", "channels:history"})
    messages: list[dict[str, Any]] = field(default_factory=list)
    says: dict[str, list[web.Response | str]] = field(default_factory=lambda: defaultdict(list))
    asked: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)  # the ids of what was posted or updated

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**20)
        app.router.add_post("/api/{method}", self._answer)
        self._server = Loopback(app)
        await self._server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.__aexit__(None, None, None)

    @property
    def url(self) -> str:
        """What stands before the methods' names."""
        return f"{self._server.url}/api"

    @property
    def texts(self) -> list[str]:
        """What stands in the channel, in its order."""
        return [one["text"] for one in self.messages]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.asked.append(method)
        said = self.says[method].pop(0) if self.says[method] else None
        if isinstance(said, web.Response):
            return said
        if said == "HANG":
            await asyncio.Event().wait()
        if said not in (None, "LOST"):
            return web.json_response({"ok": False, "error": said})
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        is_json = request.content_type == "application/json"
        sent = json.loads(await request.text()) if is_json else dict(await request.post())
        done = self._done(method, sent)
        if said == "LOST":
            assert request.transport is not None
            request.transport.close()
            await asyncio.sleep(0)
        return web.json_response(done)

    def _done(self, method: str, sent: dict[str, Any]) -> dict[str, Any]:
        if sent["channel"] != CHANNEL:
            return {"ok": False, "error": "channel_not_found"}
        match method:
            case "chat.postMessage":
                return self._posted(sent)
            case "chat.update":
                return self._updated(sent)
            case "conversations.history" | "conversations.replies":
                return self._listed(sent)
        return {"ok": False, "error": "unknown_method"}

    def _posted(self, sent: dict[str, Any]) -> dict[str, Any]:
        thread = sent.get("thread_ts")
        if thread is not None and thread not in [one["ts"] for one in self.messages]:
            return {"ok": False, "error": "thread_not_found"}
        made = {**sent, "ts": f"{1503435956 + len(self.messages)}.000247"}
        self.messages.append(made)
        self._note(made)
        return {"ok": True, "channel": CHANNEL, "ts": made["ts"], "message": made}

    def _updated(self, sent: dict[str, Any]) -> dict[str, Any]:
        for one in self.messages:
            if one["ts"] == sent["ts"]:
                one.update(sent)
                self._note(sent)
                return {"ok": True, "channel": CHANNEL, "ts": sent["ts"], "text": sent["text"], "message": one}
        return {"ok": False, "error": "message_not_found"}

    def _note(self, sent: dict[str, Any]) -> None:
        self.written.append(sent.get("metadata", {}).get("event_payload", {}).get("id", ""))

    def _listed(self, sent: dict[str, Any]) -> dict[str, Any]:
        if "channels:history" not in self.scopes:
            return {"ok": False, "error": "missing_scope", "needed": "channels:history"}
        thread = sent.get("ts")
        found = [
            one
            for one in self.messages
            if thread in (one.get("thread_ts"), one["ts"]) or (thread is None and "thread_ts" not in one)
        ]
        if sent.get("include_all_metadata") != "true":
            found = [{key: value for key, value in one.items() if key != "metadata"} for one in found]
        return {"ok": True, "messages": found[::-1][: int(sent["limit"])], "has_more": False}
