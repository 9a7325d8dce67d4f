"""Pull requests: their text, and what was done with them."""
