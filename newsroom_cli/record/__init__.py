"""A story's record: entries, ledgers, and what they fold to. Pure."""
