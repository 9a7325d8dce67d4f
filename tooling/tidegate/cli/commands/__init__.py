"""One verb a file. Each has `configure(parser)` and `run(arguments, terminal) -> exit code`."""
