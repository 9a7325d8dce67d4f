"""Reports of `verify`."""
