"""Reports of `hold` and `release`."""
