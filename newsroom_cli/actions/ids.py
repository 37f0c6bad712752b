"""Ids of new stories, made by chance."""

from __future__ import annotations

from datetime import datetime

from newsroom_cli.settings.settings import Settings

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_id(at: datetime, settings: Settings) -> str:
    """Return a story's id: the day in the newsroom's zone and eight characters nobody mistakes for others."""
    import secrets

    return f"{at.astimezone(settings.timezone):%Y%m%d}-{''.join(secrets.choice(_ALPHABET) for _ in range(8))}"
