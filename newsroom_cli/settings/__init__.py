"""The configuration's text <-> settings, and the pipeline as a table."""
