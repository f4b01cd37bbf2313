"""Answers by a language model: `connection` asks one, `prompts` holds every word said to it, `writer` makes claims of what it writes.

`providers`, `server` and `transport` are the wire and its failures; `markers`, `prose`, `drafts` and `refusals` read the
growing text; `rewrite` completes follow-ups. Nothing here is imported before a model is asked.
"""
