"""Output: what results look like on a screen, in JSON and in a CI log. Results go to stdout, talk to stderr."""
