"""Reports of `rollback`."""
