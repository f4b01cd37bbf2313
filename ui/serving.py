"""The commands of the server: `serve`, `keys` and `widgets`."""

from __future__ import annotations

import gc
import signal
import sys
from argparse import Namespace
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from ui.opening import opened, remember, settings_of
from ui.terminal import Terminal, clean

SWITCH_SECONDS = 0.001  # after which a thread lets others go on: a sync must not keep those who ask waiting

if TYPE_CHECKING:
    from rag import ServerSettings
    from ui.server.keys import Role


def serve(args: Namespace, terminal: Terminal) -> int:
    """Serves until it is interrupted."""
    gc.disable()  # what is imported stays: to look for garbage in it is a fifth of the start
    try:
        return _serve(args, terminal)
    finally:
        gc.enable()


def _serve(args: Namespace, terminal: Terminal) -> int:
    from ui.server.running import Server, listening  # imported late, as all that needs a web framework

    folders = args.folders or args.folder
    settings = settings_of(args, folders)
    server_settings = settings.server
    with listening(server_settings.host, server_settings.port) as sock, opened(args, folders, settings) as assistant:
        from ui.indexing import Indexing
        from ui.server.app import create_app
        from ui.server.logs import to_stderr

        indexing = Indexing(assistant)
        indexing.watch.switch(not args.no_watch)
        app = create_app(assistant, indexing=indexing, chat=not args.no_chat)
        if not args.no_chat and not app.state.chat:
            terminal.note("The chat page has no log-in, so it is left out where there are keys or widgets.")
        if folders:
            remember(assistant)
        to_stderr(server_settings.log_level)
        indexing.start()
        address = address_of(server_settings, sock.getsockname()[1])
        shape = {"address": address, "interface": f"{address}/openapi.json"}
        said = [f"Citewise is at {address} (Ctrl-C ends it)", f"What it answers to: {address}/openapi.json"]
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it ends as it does by Ctrl-C
        sys.setswitchinterval(SWITCH_SECONDS)

        def started() -> None:
            gc.enable()
            if not args.no_watch:  # else a page that is opened begins it, to tell what changed
                indexing.watch.begin()
            terminal.result(shape, said)

        with suppress(KeyboardInterrupt):
            Server(app, sock, started).run()
    return 0


def address_of(settings: ServerSettings, port: int) -> str:
    """Where the server is found."""
    host = f"[{settings.host}]" if ":" in settings.host.strip("[]") else settings.host
    return f"http://{host.replace('[[', '[').replace(']]', ']')}:{port}"


def keys(args: Namespace, terminal: Terminal) -> int:
    """Adds, lists or revokes keys."""
    from ui.server.keys import Keys

    known = Keys()
    match args.action:
        case "add":
            role: Role = "write" if args.write else "read"
            key = known.add(args.name, role)
            terminal.result({"name": args.name, "role": role, "key": key}, [key])
            terminal.note("This is the only time that the key is shown; only its hash is kept.")
        case "revoke":
            known.revoke(args.name)
            terminal.result({"revoked": args.name}, [f"{clean(args.name)} opens nothing any more."])
        case _:
            rows = [{name: value for name, value in asdict(key).items() if name != "sha256"} for key in known.all()]
            lines = [f"{clean(row['name']):20} {row['role']:6} {row['created']}" for row in rows]
            terminal.result({"keys": rows}, lines or ["There are no keys."])
    return 0


def widgets(args: Namespace, terminal: Terminal) -> int:
    """Adds, lists or revokes widgets."""
    from ui.assets import widget as script
    from ui.server.keys import Keys
    from ui.server.widgets import Widgets

    known = Widgets(Keys().file.with_name("widgets.json"))
    match args.action:
        case "add":
            added = known.add(args.name, args.origin, args.only)
            server = settings_of(args, args.folder).server
            address = (
                f"https://{server.names.split(',')[0].strip()}" if server.names else address_of(server, server.port)
            )
            tags = [
                f'<script type="module" src="{address}/widget/widget.js"></script>',
                f'<citewise-widget widget-id="{added.id}"></citewise-widget>',
            ]
            terminal.result({**asdict(added), "tags": tags, "integrity": script()[1]}, tags)
            terminal.note(f"These two tags are for pages of {clean(', '.join(added.origins))}.")
        case "revoke":
            known.revoke(args.name)
            terminal.result({"revoked": args.name}, [f"{clean(args.name)} asks nothing any more."])
        case _:
            rows = [asdict(widget) for widget in known.all()]
            lines = [f"{clean(row['name']):20} {row['id']}  {clean(', '.join(row['origins']))}" for row in rows]
            terminal.result({"widgets": rows}, lines or ["There are no widgets."])
    return 0
