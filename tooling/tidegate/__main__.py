"""`python -m tidegate` is the same as `tidegate`."""

from tidegate.cli.entry import entry

entry()
