"""What `check` found, for people: text, JSON and Markdown."""
