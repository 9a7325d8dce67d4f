"""What came of a pull request that was to be merged."""
