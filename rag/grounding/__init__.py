"""The check of a sentence against its sources: `facts` reads both, `verify` compares them, `align` finds the source.

`reading` holds a text's words by root and sense, `contradict` what is denied or turned round.
"""
