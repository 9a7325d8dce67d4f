"""The schemas that a repository can use, and the definitions that were added to them."""
