"""Who may talk to the page: only the page itself, from this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost")
READING = ("GET", "HEAD", "OPTIONS")


class OwnPage(TrustedHostMiddleware):
    """400 for a site that resolves its own name to this machine, 403 for another site's page that sends something."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, allowed_hosts=list(LOOPBACK))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin = headers.get("origin")
        if origin is not None and scope["method"] not in READING and urlsplit(origin).netloc != headers.get("host"):
            await PlainTextResponse("Only the page itself may send anything.", 403)(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
