"""Benchmarks that anyone can run: each prints ratios against what one would use instead."""
