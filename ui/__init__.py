"""Doors for people: the terminal (`ui.cli`) and the chat page (`ui.page`). They decide nothing; `rag` does the work."""
