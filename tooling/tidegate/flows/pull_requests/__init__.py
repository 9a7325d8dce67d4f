"""What Tidegate proposes by pull request: how, and how each verb does."""

GATES = "tidegate/gates"
HELD, FROZEN, BLOCKED = "held", "frozen", "blocked"
