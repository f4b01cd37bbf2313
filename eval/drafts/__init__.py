"""Questions proposed from a folder, each with its answer and the exact words that hold it, for a person to accept.

`rules` and `writer` propose (the second by a language model), `choose` spreads, `review` asks the person, `store` keeps.
`english` is the one place where the words of a language stand.
"""
