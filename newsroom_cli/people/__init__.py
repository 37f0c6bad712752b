"""Who works here: policy, the roster's file, a new person's row. Pure."""
