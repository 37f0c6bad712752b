"""`story log`: whose commit brought an entry, whatever was done with it since."""

from __future__ import annotations


def test_entry_that_was_reverted_and_brought_back_by_another_stays_its_makers(gazette):
    slug = gazette.at("review")
    gazette.story("approve", slug, who="Editor")
    made = gazette.head
    for _ in range(2):
        gazette.tick()
        gazette.git("revert", "--no-edit", "HEAD", who="Chief")
    last = gazette.story("log", slug, "--json").json[-1]
    assert (last["action"], last["strength"], last["commit"]) == ("approve", "attributed", made)
