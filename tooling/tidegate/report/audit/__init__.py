"""Reports of `audit`."""
