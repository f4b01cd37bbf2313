"""Questions proposed from a folder, each with its answer and the exact words that hold it, for a person to accept.

`rules` and `model_writer` propose, `choose` spreads, `review` asks the person, `store` keeps.
`english` is the one place where the words of a language stand.
"""
