"""One file per verb or family of verbs: open, call, save, say.

What a command needs beyond its options is imported where it runs, so that help and completion start fast.
"""
