"""Reports of what runs where."""
