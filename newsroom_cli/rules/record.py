"""The findings of the reader, the ledger and the verifier as rules: none can be silenced or lowered."""

from __future__ import annotations

from functools import partial

from newsroom_cli.model import Severity
from newsroom_cli.rules.registry import Rule, Since

_fixed = partial(Rule, fixed=True)

READING = (
    _fixed("front-matter-missing", "A story begins with a line `---` and its keys."),
    _fixed("front-matter-unclosed", "The keys end with a line of exactly `---`."),
    _fixed("front-matter-not-keys", "The front matter is keys with values, not a list and not a single text."),
    _fixed("yaml-syntax", "The front matter is YAML that can be read one way only."),
    _fixed(
        "yaml-alias", "The front matter has no anchors, aliases and merge keys: every value is written where it counts."
    ),
    _fixed("yaml-tag", "The front matter has no YAML tags: every value is text, a list or a table."),
    _fixed("duplicate-key", "No key stands twice; readers would disagree on which one counts."),
    _fixed("not-utf-8", "A story is UTF-8. It is never converted by guess."),
    _fixed("byte-order-mark", "A story begins with `---`, not with a byte order mark."),
    _fixed("nul-byte", "A story holds no NUL bytes."),
    _fixed("control-character", "The front matter holds no control and no direction characters."),
    _fixed("line-ends", "Lines end in LF or CRLF, not in CR alone."),
    _fixed("not-a-file", "Stories, pictures and ledgers are regular files, not links, folders or submodules."),
    _fixed("story-file-name", "A story's file ends in `.md`; a site would build any other ending unchecked."),
)
"""Rules on files that cannot be read."""

RECORD = (
    _fixed(
        "not-adopted",
        "A draft written by hand is taken in (`story adopt`): then it has an id and a ledger.",
        Severity.INFO,
        since=Since.INITIAL,
    ),
    _fixed("duplicate-id", "No two files have one id."),
    _fixed(
        "duplicate-slug",
        "No two stories have one slug (NFC, case-folded), and none has the slug that another's alias or address names.",
    ),
    _fixed("ledger-missing", "The ledger a story's id names is there."),
    _fixed("ledger-line", "Every line of a ledger is exactly one entry as `story` writes it."),
    _fixed("ledger-chain", "Every entry names the SHA-256 of the line above and counts on from it."),
    _fixed("ledger-foreign", "Every entry of a ledger is of its story."),
    _fixed("entry-without-row", "Every entry is a move the pipeline has."),
    _fixed("entry-state", "Every entry starts from the state the story was in and leads where its row says."),
    _fixed("entry-set", "An entry sets the keys its row sets, to the values that follow, and no other."),
    _fixed("entry-time", "An entry is not before the one above it, nor later than now (ten minutes are allowed)."),
    _fixed("signature-wrong", "A signature is of its entry; of a new one, by a valid key of the person it names."),
    _fixed("note-missing", "An entry whose row asks for a note has one."),
    _fixed("not-entitled", "Every entry was made by somebody who has the role it names."),
    _fixed("sign-off-order", "Sign-offs are given in the order of the row."),
    _fixed("four-eyes", "Nobody passes a story of their own, nor gives two of its sign-offs."),
    _fixed("record-by-hand", "Keys that only `story` writes say what the ledger says."),
    _fixed("published-words-changed", "The words readers have are those the publisher signed.", since=Since.PUBLIC),
    _fixed(
        "published-picture-changed", "The pictures readers have are those the publisher signed.", since=Since.PUBLIC
    ),
    _fixed(
        "override-unacknowledged",
        "Where four eyes were lifted, another person has acknowledged it (`story ack`).",
        Severity.WARNING,
    ),
    _fixed("schedule-void", "What is to go out at a time is what was signed for it.", Severity.WARNING),
    _fixed("update-before-original", "An update goes public while readers have the story it updates, not before."),
    _fixed("story-removed", "The file of a story that was public stays, unless the story was killed."),
)
"""Rules on a story and its ledger, which have to agree."""

NEWSROOM = (
    Rule(
        "no-roster",
        "A newsroom lists its people (`[[people]]`, `story people add`).\n\n"
        "Without a roster anybody may give any role; only four eyes are kept: nobody passes their own story. Found\n"
        "where the whole newsroom is checked and has stories.",
        Severity.INFO,
    ),
)
"""Rules on a newsroom as a whole."""

HISTORY = (
    _fixed("merge-conflict", "A change can be merged into its base."),
    _fixed("ledger-rewritten", "A ledger only grows: the base's lines are its beginning."),
    _fixed("ledger-removed", "A ledger stays, but for that of a draft never submitted."),
    _fixed("tree-entries", "In git's trees every name stands once, in git's order, and is a plain name."),
    _fixed("ledger-stray", "Below `.newsroom/ledger/` there is nothing but stories' ledgers, each in its place."),
    _fixed("entry-not-attributed", "A new entry came in a commit of its own by the person it names."),
    _fixed("entry-not-signed", "A new entry whose role signs carries a signature (`[signing] required`)."),
    _fixed("writers-incomplete", "A new entry names everybody whose commits changed the words it signs."),
    _fixed(
        "words-not-seen",
        "An entry names words that the story had where the entry was made.\n\n"
        "An error where it is somebody else's yes (a row with `not_by`), until somebody says yes to words that are\n"
        "there; in an audit an info where that was done, where a squash left nothing of the words, and of any other\n"
        "entry.",
        mild=Severity.INFO,
    ),
    _fixed(
        "words-changed-beside",
        "What somebody passed on one branch was not changed on another that is merged with it.",
        Severity.WARNING,
    ),
    _fixed("id-changed", "A story keeps its id."),
    _fixed("dateline-changed", "A public story keeps the date line it went out with.", since=Since.PUBLIC),
    _fixed("slug-without-alias", "A public story whose slug changes keeps the old one among its `aliases`."),
    _fixed("judges-with-stories", "What judges stories does not change together with stories."),
    _fixed("judges-not-entitled", "What judges stories is changed by those whom the base names for it."),
    _fixed(
        "configuration-strands",
        "A change of configuration leaves no story and nobody behind.\n\n"
        "Found are a state that goes, or becomes public or ceases to be, while stories stand in it; an address that\n"
        "moves from one person to another, or that `.mailmap` takes from its person; two people who become one while\n"
        "sign-offs of both wait; a second public state whose move signs new words for readers with fewer people than\n"
        "the first. A warning where `[trust] judges` names whoever made the change.",
        mild=Severity.WARNING,
    ),
    _fixed(
        "configuration-unreadable",
        "The configuration and the baseline can be read, at every commit of the line too.\n\n"
        "A warning in an audit at a commit that touches no story.",
        mild=Severity.WARNING,
    ),
    _fixed(
        "undone-before-merge",
        "What was forged on a side branch and undone before it was merged is told (`story audit`).",
        Severity.INFO,
    ),
    _fixed(
        "judges-changed", "A change to configuration says so; the base's is in force until it is merged.", Severity.INFO
    ),
)
"""Rules on what a change does to its base (`--base`)."""
