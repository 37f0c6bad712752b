"""Text <-> story: a strict reader of YAML front matter, an editor that changes only the lines it must, the hash.

Every scalar is its text after quotes and escapes; plain empty, `~` and `null` are null. Whatever cannot be read
raises Unreadable with one finding at its line and column.
"""

from newsroom_cli.story.frontmatter.editing import edit
from newsroom_cli.story.frontmatter.hashing import content_hash
from newsroom_cli.story.frontmatter.reading import decode, read_story, with_fields
from newsroom_cli.story.frontmatter.rendering import render

__all__ = ["content_hash", "decode", "edit", "read_story", "render", "with_fields"]
