"""Text <-> story: front matter, pictures, schema and words. Pure."""
