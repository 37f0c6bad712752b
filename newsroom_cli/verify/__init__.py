"""Before and after -> findings: every entry was its maker's right, every file says what its ledger says.

Pure; the command line, CI and the server all ask here.
"""

from newsroom_cli.verify.change import Update, dateline_changed, update
from newsroom_cli.verify.objections import (
    Circumstances,
    Kind,
    Objection,
    address_maker,
    begun_by,
    four_eyes,
    no_such_move,
    no_such_role,
    not_entitled,
    not_now,
    objections,
    reporters_of,
    roles_at,
    unacknowledged,
)
from newsroom_cli.verify.scheduling import WAY_OUT, scheduled, void
from newsroom_cli.verify.signed import flaw, proven
from newsroom_cli.verify.signed_words import is_put_right
from newsroom_cli.verify.standing import alone, error, had_by, update_findings

__all__ = [
    "WAY_OUT",
    "Circumstances",
    "Kind",
    "Objection",
    "Update",
    "address_maker",
    "alone",
    "begun_by",
    "dateline_changed",
    "error",
    "flaw",
    "four_eyes",
    "had_by",
    "is_put_right",
    "no_such_move",
    "no_such_role",
    "not_entitled",
    "not_now",
    "objections",
    "proven",
    "reporters_of",
    "roles_at",
    "scheduled",
    "unacknowledged",
    "update",
    "update_findings",
    "void",
]
