"""The command line: parsing, wiring, and the one place where errors become exit codes."""
