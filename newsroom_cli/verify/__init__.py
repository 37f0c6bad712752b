"""Before and after -> findings: every entry was its maker's right, every file says what its ledger says.

Pure; the command line, CI and the server all ask here.
"""

from newsroom_cli.verify.change import StoryChange, check_change, dateline_changed
from newsroom_cli.verify.objections import (
    Kind,
    Objection,
    SignOffContext,
    address_maker,
    check_beginning,
    check_four_eyes,
    make_error,
    no_such_move,
    no_such_role,
    not_entitled,
    not_now,
    objections,
    open_overrides,
    reporters_of,
    roles_at,
)
from newsroom_cli.verify.scheduling import WAY_OUT, scheduling_entry, why_void
from newsroom_cli.verify.signed import judge_signature, signature_flaw
from newsroom_cli.verify.signed_words import is_put_right
from newsroom_cli.verify.standing import check_followup, check_record, readers_had

__all__ = [
    "WAY_OUT",
    "Kind",
    "Objection",
    "SignOffContext",
    "StoryChange",
    "address_maker",
    "check_beginning",
    "check_change",
    "check_followup",
    "check_four_eyes",
    "check_record",
    "dateline_changed",
    "is_put_right",
    "judge_signature",
    "make_error",
    "no_such_move",
    "no_such_role",
    "not_entitled",
    "not_now",
    "objections",
    "open_overrides",
    "readers_had",
    "reporters_of",
    "roles_at",
    "scheduling_entry",
    "signature_flaw",
    "why_void",
]
