"""Rules on the front matter: what each state requires, types, shapes, limits, keys and pictures."""

from newsroom_cli.rules.metadata.key_names import imported_embargo, near_miss_key
from newsroom_cli.rules.metadata.languages import lang_unknown
from newsroom_cli.rules.metadata.limits import (
    date_before_first_entry,
    description_length,
    duplicate_tag,
    title_length,
    urgency_range,
)
from newsroom_cli.rules.metadata.pictures import image_described, image_missing
from newsroom_cli.rules.metadata.required import author_empty, reprint_origin, required
from newsroom_cli.rules.metadata.shapes import (
    address_malformed,
    id_shape,
    section_unknown,
    slug_file_name,
    slug_flaw,
    slug_shape,
    subject_shape,
    unknown_state,
    wrong_type,
)

__all__ = ["METADATA", "slug_flaw"]

METADATA = (
    required,
    author_empty,
    wrong_type,
    unknown_state,
    id_shape,
    slug_file_name,
    slug_shape,
    section_unknown,
    lang_unknown,
    title_length,
    description_length,
    date_before_first_entry,
    urgency_range,
    subject_shape,
    duplicate_tag,
    near_miss_key,
    imported_embargo,
    address_malformed,
    image_missing,
    image_described,
    reprint_origin,
)
"""Every rule on the front matter, in the order they run."""
