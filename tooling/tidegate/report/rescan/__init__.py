"""What runs, scanned again."""
