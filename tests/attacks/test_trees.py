"""Files where `story` or a file system might look past them: names, links, attributes, objects."""

from __future__ import annotations

import unicodedata

import pytest
from conftest import story_text
from receiving import at_the_hook, bare_beside

from attacks.forging import (
    append,
    caught,
    caught_among_others,
    entry_of,
    findings_of,
    forge,
    hide,
    on_main,
    on_the_commits,
)


def copy_of(desk, slug, path, **changes):
    """Put a story's file a second time into the tree, with other values of some keys."""
    text = desk.read(desk.path_of(slug))
    for old, new in changes.items():
        text = text.replace(old, new)
    desk.write(path, text)


def test_second_file_with_one_id(base):
    copy_of(base, "harbour-fire", "stories/copy.md", **{"slug: harbour-fire": "slug: copy", "Monday": "Tuesday"})
    base.commit()
    caught_among_others(base, "duplicate-id")


def test_second_file_whose_id_is_written_with_escapes(base):
    story_id = base.id_of("harbour-fire")
    hidden = f'id: "{story_id[:8]}\\x2d{story_id[9:]}"'
    copy_of(base, "harbour-fire", "stories/copy.md", **{f"id: {story_id}": hidden, "slug: harbour-fire": "slug: copy"})
    base.commit()
    caught_among_others(base, "id-shape")


def test_second_file_whose_id_stands_behind_long_keys(base):
    story_id = base.id_of("harbour-fire")
    copy_of(base, "harbour-fire", "stories/copy.md",
            **{f"id: {story_id}\n": f"x: {'y' * 9000}\nid: {story_id}\n", "slug: harbour-fire": "slug: copy"})  # fmt: skip
    base.commit()
    caught_among_others(base, "duplicate-id")


@pytest.mark.parametrize("name", ["Council-Budget", "COUNCIL-BUDGET", "council-bud\u212aet", "council-budget"])
def test_twin_of_a_slug_by_case(base, name):
    name = name.replace("\u212a", "g")
    base.write(f"stories/{name}.md", story_text())
    base.commit()
    caught_among_others(base, "duplicate-slug")


@pytest.mark.parametrize(
    "alias", ["harbour-fire", "/stories/Harbour-Fire/", "harbour%2Dfire.html", '"har\\x62our-fire"'], ids=range(4)
)
def test_slug_of_another_story_taken_as_an_alias(base, alias):
    base.at("review", "flood", title="Flood")
    base.change(base.path_of("flood"), "lang: en", f"lang: en\naliases: [{alias}]")
    base.story("save", "flood")
    caught(base, "duplicate-slug")


def test_story_named_like_an_alias_of_another(base):
    """Readers who follow the old address would get the new story."""
    base.git("switch", "--quiet", "main")
    base.at("review", "flood", title="Flood")
    base.change(base.path_of("flood"), "lang: en", "lang: en\naliases: [/2024/frost/]")
    base.story("save", "flood")
    base.git("switch", "--quiet", "-C", "change")
    base.story("new", "Frost", "--slug", "frost")
    caught(base, "duplicate-slug")


def test_twin_of_a_slug_by_unicode_form(base):
    settled_name = unicodedata.normalize("NFC", "caf\u00e9")
    base.git("switch", "--quiet", "main")
    base.write("newsroom.toml", 'slugs = "unicode"\n')
    base.commit()
    base.at("draft", settled_name, title="Cafe")
    base.git("switch", "--quiet", "-C", "change")
    base.write(f"stories/{unicodedata.normalize('NFD', settled_name)}.md", story_text())
    base.commit()
    caught_among_others(base, "duplicate-slug")


@pytest.mark.parametrize("folder", ["Stories", "STORIES", "storie\u017f", ".Newsroom/ledger", ".NEWSROOM/ledger"])
def test_folder_that_is_ours_on_file_systems_without_case(base, folder):
    base.write(f"{folder}/2025/11/harbour-fire.md", story_text(title="Evil", state="publish"))
    base.commit("evil")
    caught_among_others(base, "story-file-name")


@pytest.mark.parametrize("name", ["evil.markdown", "evil.MD", "evil.mdx", "evil.md.markdown", "evil.html", "evil.htm",
                                  "evil.adoc", "evil.asciidoc", "evil.org", "evil.rst", "evil.pandoc", "evil.njk",
                                  "evil.liquid", "evil.mkd", "evil.mkdn"])  # fmt: skip
def test_story_with_another_ending(base, name):
    base.write(f"stories/2025/11/{name}", story_text(title="Evil", state="publish"))
    base.commit("evil")
    caught(base, "story-file-name")


@pytest.mark.parametrize("name", ["notes/harbour-fire.md", "stories/harbour-fire.markdown", "stories/harbour-fire.txt",
                                  "stories/harbour-fire.html", "stories/.harbour-fire"])  # fmt: skip
def test_public_story_moved_out_of_sight(base, name):
    (base.root / "notes").mkdir()
    base.git("mv", base.path_of("harbour-fire"), name)
    base.commit(who="Editor")
    caught_among_others(base, "story-removed")


def test_public_story_removed(base):
    base.git("rm", "--quiet", base.path_of("harbour-fire"))
    base.commit(who="Editor")
    caught(base, "story-removed")


def test_story_turned_into_a_link(base):
    story = base.root / base.path_of("council-budget")
    story.unlink()
    story.symlink_to("/etc/passwd")
    base.commit()
    caught(base, "not-a-file")


def test_folder_of_stories_turned_into_a_link(base):
    base.git("mv", "stories", "real")
    (base.root / "stories").symlink_to("real")
    base.commit("link")
    caught_among_others(base, "not-a-file")


@pytest.mark.parametrize("place", ["stories/module.md", "stories/2025/12", ".newsroom/desk"])
def test_submodule_among_stories(base, place):
    base.git("update-index", "--add", "--cacheinfo", f"160000,{base.head},{place}")
    base.git("commit", "--quiet", "-m", "module")
    caught(base, "not-a-file")


def test_ids_of_two_stories_swapped(base):
    base.git("switch", "--quiet", "main")
    base.at("review", "flood", title="Flood")
    base.git("switch", "--quiet", "-C", "change")
    one, other = base.path_of("council-budget"), base.path_of("flood")
    ids = base.id_of("council-budget"), base.id_of("flood")
    base.change(one, *ids)
    base.change(other, *reversed(ids))
    base.commit()
    caught(base, "id-changed")


def test_ids_of_a_public_story_and_another_swapped(base):
    one, other = base.path_of("council-budget"), base.path_of("harbour-fire")
    ids = base.id_of("council-budget"), base.id_of("harbour-fire")
    base.change(one, *ids)
    base.change(other, *reversed(ids))
    base.commit()
    caught_among_others(base, "record-by-hand", "published-words-changed")


def test_story_washed_by_adopting_it_anew(base):
    path, ledger = base.path_of("council-budget"), base.ledger_of("council-budget")
    rows = [
        row
        for row in base.read(path).splitlines(keepends=True)
        if not row.startswith(("id:", "state:", "draft:", "slug:"))
    ]
    base.git("rm", "--quiet", path, ledger)
    base.commit()
    base.write(path, "".join(rows).replace("Reporter <reporter@", "Stringer <stringer@"))
    base.story("submit", "council-budget", who="Stringer")
    base.story("approve", "council-budget", who="Reporter")
    caught(base, "ledger-removed", "id-changed")


# What git might be told to see


@pytest.mark.parametrize("attributes", [
    "* -diff -merge", "*.md -text -diff binary", "* ident", "*.md text eol=crlf",
    ".newsroom/** text eol=crlf", "* filter=lfs diff=lfs merge=lfs -text", "* export-ignore export-subst", "* merge=union",
    "* merge=ours", "stories/** linguist-generated=true -diff",
])  # fmt: skip
def test_attributes_that_change_what_is_seen(base, attributes):
    base.write(".gitattributes", f"{attributes}\n")
    base.commit("attributes")
    append(base, "council-budget", entry_of(base, "council-budget", by="Editor"))
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.commit("forged")
    caught(base, "entry-not-attributed", "published-words-changed")


@pytest.mark.parametrize("attributes", ["* -diff -merge", "* binary", "* diff=x", "stories/** -text -diff"])
def test_attributes_of_ones_own_clone(base, attributes):
    (base.root / ".git/info").mkdir(exist_ok=True)
    (base.root / ".git/info/attributes").write_text(f"{attributes}\n", "utf-8")
    base.git("config", "diff.x.textconv", "true")
    hide(base)
    caught_among_others(base, "record-by-hand")


def test_replaced_objects(base):
    good = base.head
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    bad = base.commit()
    base.git("replace", bad, good)
    caught(base, "published-words-changed")


def test_replaced_blob(base):
    good = base.git("rev-parse", f"HEAD:{base.path_of('harbour-fire')}")
    base.change(base.path_of("harbour-fire"), "Monday", "Tuesday")
    base.commit()
    base.git("replace", base.git("rev-parse", f"HEAD:{base.path_of('harbour-fire')}"), good)
    caught(base, "published-words-changed")


def test_tag_and_branch_names_that_hide_the_base(base):
    hide(base)
    base.git("tag", "main", "HEAD")
    assert "refs/heads/main" in base.refused("check", "--base", "main", exit=3)


def test_huge_story_and_huge_entry(base):
    base.change(base.path_of("council-budget"), "Monday", "Monday " * 300_000)
    base.story("save", "council-budget")
    forge(base, "council-budget", by="Editor", commit_as="Reporter", note="x" * 2_000_000)
    caught_among_others(base, "entry-not-attributed")


@pytest.mark.parametrize("name", ["a\nb.md", "::error::x.md", "a b.md", "-x.md", "\x1b[31m.md", "%0A.md", "{}.md", '"x".md', "\\.md",
                                  ":(top)x.md", "*.md"])  # fmt: skip
def test_hostile_file_name(base, name):
    base.write(f"stories/{name}", story_text(title="Evil", state="publish"))
    base.commit("evil")
    caught_among_others(base, "record-by-hand")


def test_story_named_like_one_on_main_meanwhile(base):
    base.at("draft", "flood", title="Flood")
    base.git("switch", "--quiet", "main")
    base.at("draft", "Flood".lower(), title="Other flood")
    base.git("mv", base.path_of("flood"), "stories/flood.md")
    base.commit()
    base.git("switch", "--quiet", "change")
    caught_among_others(base, "duplicate-slug")


# Trees that git's own commands read in two ways


def tree_of(desk, entries):
    """A tree of these entries, (mode, object, name), as they are given, whatever git would write."""
    raw = b"".join(b"%s %s\0%s" % (mode.encode(), name.encode(), bytes.fromhex(one)) for mode, one, name in entries)
    path = desk.root.parent / "scratch/tree"
    path.write_bytes(raw)
    return desk.git("hash-object", "-t", "tree", "-w", "--literally", str(path))


def entries_of(desk, folder):
    rows = (row.split() for row in desk.git("ls-tree", f"HEAD:{folder}").splitlines())
    return [(mode.lstrip("0"), one, name) for mode, _, one, name in rows]


def planted(desk, folder, entries):
    """Commit a tree with these entries in place of a folder, and the trees above it."""
    tree = tree_of(desk, entries)
    while folder:
        folder, _, name = folder.rpartition("/")
        rows = entries_of(desk, folder)
        tree = tree_of(desk, [(mode, tree if one == name else blob, one) for mode, blob, one in rows])
    commit = desk.git("commit-tree", tree, "-p", "HEAD", "-m", "typo")
    desk.git("reset", "--quiet", "--soft", commit)


def forged_blob(desk, slug="harbour-fire"):
    path = desk.path_of(slug)
    return desk.git("hash-object", "-w", "--stdin", stdin=desk.read(path).replace("Monday", "Tuesday"))


def refused_alone(desk):
    """CI and the hook refuse the branch itself: git checks out and merges no such tree as a host would."""
    old, new = desk.git("rev-parse", "main", "change").split("\n")
    bare = bare_beside(desk.root, desk.root.parent / "server.git", old)
    for said in (on_the_commits(desk), at_the_hook(desk, bare, old=old, new=new)):
        assert said.exit == 1, said.all
        assert "tree-entries" in findings_of(said, "error"), said.all


def found_afterwards(desk):
    """An audit finds it, and nothing is said of what readers have."""
    found = desk.story("audit", "--json", exit=1).json["findings"]
    assert "tree-entries" in {one["rule"] for one in found if one["severity"] == "error"}
    assert "in git's tree twice" in desk.story("verify-published", exit=3).err


@pytest.mark.parametrize("at", [0, 1], ids=["before", "behind"])
def test_tree_that_names_a_file_twice(base, at):
    folder, _, name = base.path_of("harbour-fire").rpartition("/")
    rows = entries_of(base, folder)
    place = next(number for number, row in enumerate(rows) if row[2] == name)
    planted(base, folder, [*rows[: place + at], ("100644", forged_blob(base), name), *rows[place + at :]])
    refused_alone(base)
    found_afterwards(base)


@pytest.mark.parametrize("at", [0, 1], ids=["before", "behind"])
def test_tree_that_names_a_folder_twice(base, at):
    folder, _, name = base.path_of("harbour-fire").rpartition("/")
    above, _, month = folder.rpartition("/")
    twin = tree_of(base, [("100644", forged_blob(base), name)])
    rows = entries_of(base, above)
    planted(base, above, [*rows[:at], ("40000", twin, month), *rows[at:]])
    refused_alone(base)
    found_afterwards(base)


@pytest.mark.parametrize("name", ["stories/2025/11/harbour-fire.md", "stories/evil.md", "..", ".GIT", "AAA"])
def test_tree_that_is_not_sorted_or_names_paths(base, name):
    planted(base, "", [*entries_of(base, ""), ("100644", forged_blob(base), name)])
    refused_alone(base)


@pytest.mark.parametrize("name", ["stories/evil.md", "..", ".GIT", "AAA"])
def test_tree_that_no_step_shows_is_found_where_the_line_ends(base, name):
    """Every change of it begins with what was there; only the tree itself says that git wrote it not."""
    planted(base, "", [*entries_of(base, ""), ("100644", base.git("rev-parse", "HEAD:README.md"), name)])
    found = [one for one in base.story("audit", "--json", exit=1).json["findings"] if one["rule"] == "tree-entries"]
    assert [(one["severity"], one["commit"]) for one in found] == [("error", base.head)]
    planted(base, "", entries_of(base, "")[:-1])
    base.story("audit", exit=0)


def test_tree_that_names_a_file_twice_behind_a_merge(base):
    """A branch that has to be merged: git's merge has a single file, of the two one knows not which."""
    on_main(base, "approve", "council-budget", who="Editor")
    folder, _, name = base.path_of("harbour-fire").rpartition("/")
    rows = entries_of(base, folder)
    planted(base, folder, [*rows, *[("100644", one, row) for _, one, row in rows if row == name]])
    assert "tree-entries" in findings_of(on_the_commits(base), "error")
