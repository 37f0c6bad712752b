"""Rules on the front matter: what each state requires, types, shapes, limits, keys and pictures."""

from newsroom_cli.rules.metadata import key_names, languages, limits, pictures, required, shapes

METADATA = (
    required.required,
    required.author_empty,
    shapes.wrong_type,
    shapes.unknown_state,
    shapes.id_shape,
    shapes.slug_file_name,
    shapes.slug_shape,
    shapes.section_unknown,
    languages.lang_unknown,
    limits.title_length,
    limits.description_length,
    limits.date_before_first_entry,
    limits.urgency_range,
    shapes.subject_shape,
    limits.duplicate_tag,
    key_names.near_miss_key,
    key_names.imported_embargo,
    shapes.address_malformed,
    pictures.image_missing,
    pictures.image_described,
    required.reprint_origin,
)
"""Every rule on the front matter, in the order they run."""
