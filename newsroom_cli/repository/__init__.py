"""Git and files: the only rooms that know either."""
