"""Measurements of one part each, over data of its own: what the figures of docs/results.md come from."""
