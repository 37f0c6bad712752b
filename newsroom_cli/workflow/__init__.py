"""What may happen to a story next, and who may do it. Pure."""
