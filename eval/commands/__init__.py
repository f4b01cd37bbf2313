"""The commands of the evaluation, a module each: `arguments` adds to its parser, `run` does it and gives the exit code."""
