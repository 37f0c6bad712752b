"""A whole newsroom: its stories, and what they share."""
