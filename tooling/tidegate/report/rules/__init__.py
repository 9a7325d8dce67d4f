"""The rules that a repository has, and what their examples showed."""
