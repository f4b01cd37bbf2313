"""Who may talk to the page: only the page itself, from this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost")
UNFRAMED = {"Content-Security-Policy": "frame-ancestors 'self'", "X-Frame-Options": "SAMEORIGIN"}


class OwnPage(TrustedHostMiddleware):
    """400 for a site that resolves its own name to this machine, 403 for another site's page that sends or reads something
    (Gradio lets every page of this machine read it); and no other site's page shows it in a frame, where clicks could be
    led astray."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, allowed_hosts=list(LOOPBACK))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def unframed(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = MutableHeaders(scope=message)
                for name, value in UNFRAMED.items():
                    kept.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        origin = headers.get("origin")
        if origin is not None and not same_site(origin, headers.get("host")):
            await PlainTextResponse("Only the page itself may ask for anything.", 403)(scope, receive, send)
        else:
            await super().__call__(scope, receive, unframed)


def same_site(origin: str, host: str | None) -> bool:
    """Whether an Origin header names the server that a Host header does."""
    try:
        return urlsplit(origin).netloc == host
    except ValueError:  # as of "http://["
        return False
