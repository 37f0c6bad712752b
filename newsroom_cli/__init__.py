"""`story`: a newsroom's workflow in git."""

__version__ = "0.1.0"
