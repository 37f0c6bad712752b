"""`story new`, `adopt`, `edit`, `save` and `delete`: a story's text, its first entry and its pictures."""

from __future__ import annotations

import re
import unicodedata

import pytest
from conftest import BODY, PEOPLE, PICTURE, Desk


def begun(newsroom: Desk, *args: str, **options) -> dict[str, str]:
    """Begin a story; its path, slug and id as `--json` prints them."""
    return newsroom.story("new", "--json", *args, **options).json


# story new


def test_new_makes_file_and_first_entry_in_one_commit(newsroom):
    made = begun(newsroom, "Council passes the budget")
    assert sorted(made) == ["id", "path", "slug"]
    assert re.fullmatch(r"20251124-[0-9a-z]{8}", made["id"])
    assert (made["slug"], made["path"]) == ("council-passes-the-budget", "stories/2025/11/council-passes-the-budget.md")
    assert newsroom.files_of() == [f".newsroom/ledger/2025/11/24/{made['id']}.jsonl", made["path"]]
    assert newsroom.git("show", "-s", "--format=%s") == "new: council-passes-the-budget"
    (entry,) = newsroom.entries(made["slug"])
    assert (entry["action"], entry["to"], entry["by"], entry["set"]) == (
        "new",
        "draft",
        PEOPLE["Reporter"],
        {"draft": True},
    )
    assert newsroom.rules(exit=0) == []


def test_new_shows_every_key_still_to_fill_with_the_state_it_is_required_from(newsroom):
    text = newsroom.read(begun(newsroom, "Council passes the budget")["path"])
    for line in (
        "section:  # required from review",
        "description:  # required from review",
        "source:  # required from review",
        "title: Council passes the budget",
        "slug: council-passes-the-budget",
        "state: draft",
        "draft: true",
        f"reporter: {PEOPLE['Reporter']}",
        "lang: en",
    ):
        assert f"\n{line}\n" in text
    for key in ("editor", "date", "lastmod", "version", "address"):
        assert f"\n{key}:" not in text


def test_new_says_what_it_made_and_that_it_is_not_shared(newsroom):
    said = newsroom.story("new", "Fire")
    assert f"Began fire: stories/2025/11/fire.md ({newsroom.head[:7]})." in said.err
    assert "Not shared yet" in said.err
    assert said.out == ""


def test_new_works_in_a_process_of_its_own(newsroom):
    made = newsroom.process("new", "Fire", "--json").json
    assert made["slug"] == "fire"
    assert newsroom.process("list", "--json").json[0]["id"] == made["id"]


@pytest.mark.parametrize(
    "title, slug",
    [
        ("武进区召开会议", "wu-jin-qu-zhao-kai-hui-yi"),
        ("Совет принял бюджет", "sovet-prinial-biudzhet"),
        ("L'été à Orléans : œuvres", "l-ete-a-orleans-oeuvres"),
        ("Straße & Fluß", "strasse-fluss"),
        ("  100 %   of it  ", "100-of-it"),
        ("☕🎉", "untitled"),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_title_in_any_script_gives_a_readable_ascii_slug(newsroom, title, slug):
    made = begun(newsroom, title)
    assert made["slug"].isascii()
    assert made["slug"] == slug
    assert newsroom.story("show", slug, "--json").json["title"] == title.strip()


@pytest.mark.parametrize(
    "title, slug",
    [
        ("武进区召开会议", "武进区召开会议"),
        ("Совет принял бюджет", "совет-принял-бюджет"),
        (unicodedata.normalize("NFD", "Café Orléans"), "café-orléans"),
    ],
)
def test_slug_keeps_its_letters_where_the_newsroom_says_unicode(newsroom, title, slug):
    newsroom.write("newsroom.toml", 'slugs = "unicode"\n')
    made = begun(newsroom, title)
    assert made["slug"] == unicodedata.normalize("NFC", slug)
    assert newsroom.story("show", slug, "--json").json["slug"] == made["slug"]
    newsroom.commit("configuration")
    assert newsroom.rules(exit=0) == []


@pytest.mark.parametrize("slugs", ["ascii", "unicode"])
@pytest.mark.parametrize("word", ["budget ", "议会预算", "бюджет "])
def test_slug_of_a_long_title_fits_and_so_do_its_twins(newsroom, slugs, word):
    newsroom.write("newsroom.toml", f'slugs = "{slugs}"\n')
    title = (word * 100)[:115].strip()
    made = [begun(newsroom, title)["slug"] for _ in range(3)]
    assert len(set(made)) == 3
    assert max(len(slug.encode()) for slug in made) <= 80
    assert made[1].endswith("-2")
    assert made[2].endswith("-3")
    newsroom.commit("configuration")
    assert newsroom.rules(exit=0) == []


def test_slug_of_a_title_that_another_story_has_is_numbered(newsroom):
    assert [begun(newsroom, "Fire")["slug"] for _ in range(3)] == ["fire", "fire-2", "fire-3"]
    assert newsroom.rules(exit=0) == []


def test_slug_is_unique_over_folders(newsroom):
    newsroom.write("newsroom.toml", 'path = "{section}"\n')
    assert begun(newsroom, "Fire", "--section", "local")["path"] == "stories/local/fire.md"
    assert begun(newsroom, "Fire", "--section", "sport")["path"] == "stories/sport/fire-2.md"


def test_chosen_slug_that_another_story_has_is_refused(newsroom):
    begun(newsroom, "Fire")
    said = newsroom.refused("new", "Blaze", "--slug", "fire")
    assert "stories/2025/11/fire.md has the slug fire already" in said


@pytest.mark.parametrize(
    "slug",
    [
        "..",
        "../evil",
        "a/b",
        "/etc/passwd",
        "-rf",
        "--help",
        "trail-",
        "x" * 300,
        "é" * 150,
        "Upper",
        "a_b",
        "a--b",
        "a b",
        "a.md",
        ".hidden",
        "",
        " ",
        "a\nb",
        "\x1b[31mred",
        "a\\b",
        "con:",
        "a\u202eb",
        "a\u200bb",
    ],
)
@pytest.mark.parametrize("slugs", ["ascii", "unicode"])
def test_slug_that_cannot_be_is_wrong_usage_and_writes_nothing(newsroom, slug, slugs):
    newsroom.write("newsroom.toml", f'slugs = "{slugs}"\n')
    before = {path for path in newsroom.root.parent.rglob("*") if ".git" not in path.parts}
    said = newsroom.refused("new", "Fire", f"--slug={slug}", exit=2)
    assert "The slug" in said
    assert "\x1b" not in said
    assert {path for path in newsroom.root.parent.rglob("*") if ".git" not in path.parts} == before


def test_chosen_slug_with_letters_needs_the_unicode_setting(newsroom):
    assert "is not ASCII" in newsroom.refused("new", "Fire", "--slug", "武进", exit=2)


def test_chosen_slug_in_decomposed_form_is_refused(newsroom):
    newsroom.write("newsroom.toml", 'slugs = "unicode"\n')
    assert "NFC" in newsroom.refused("new", "Café", "--slug", unicodedata.normalize("NFD", "café"), exit=2)


@pytest.mark.parametrize(
    "there, wanted",
    [("Fire", "fire"), (unicodedata.normalize("NFD", "café"), "café"), ("straße", "strasse")],
    ids=["upper case", "decomposed", "folded"],
)
def test_twin_of_a_slug_in_another_case_or_form_is_refused(newsroom, make_story, there, wanted):
    newsroom.write("newsroom.toml", 'slugs = "unicode"\n')
    newsroom.write(f"stories/{there}.md", make_story())
    assert "already" in newsroom.refused("new", "Something", "--slug", wanted)
    assert begun(newsroom, wanted)["slug"] == f"{wanted}-2"


@pytest.mark.parametrize("title", ["", "   ", "\n"])
def test_title_that_says_nothing_is_wrong_usage(newsroom, title):
    assert "needs a title" in newsroom.refused("new", title, exit=2)


@pytest.mark.parametrize(
    "title", ["\x1b[31mred", "bell\x07", "two\nlines", "a\u202egnp.exe", "\x9b31m", "a\u2028b", "a\rb"]
)
def test_title_with_control_characters_is_refused_and_shown_harmless(newsroom, title):
    said = newsroom.refused("new", title, exit=2)
    assert "control characters" in said
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", said)


HARMLESS_WHERE_SHOWN = ["[/red]", "[bold]x[/bold]", "::error::x", "##[error]x", "a ##[group]b", "100%", "$(id)", "`id`"]


@pytest.mark.parametrize("title", HARMLESS_WHERE_SHOWN)
def test_title_that_looks_like_a_command_is_only_a_title(newsroom, title):
    slug = begun(newsroom, title)["slug"]
    assert newsroom.story("show", slug, "--json").json["title"] == title
    for args in (("list",), ("list", "--json"), ("show", slug), ("show", slug, "--json"), ("log", slug)):
        said = newsroom.story(*args).all
        assert "##[" not in said
        assert not re.search(r"^::", said, re.MULTILINE)
    assert title.replace("##[", "# #[").lstrip(":") in newsroom.story("list").out


def test_title_of_10000_characters_is_a_finding_and_nothing_is_written(newsroom):
    said = newsroom.refused("new", "x" * 10_000)
    assert "error[title-length]: title is 10000 characters; at most 120." in said
    newsroom.write("newsroom.toml", '[rules]\ntitle-length = "off"\n')
    assert len(begun(newsroom, "x" * 10_000)["slug"]) <= 80


@pytest.mark.parametrize(
    "title",
    [
        'Mayor: "We will not" # yet',
        "It's 12:30",
        "- first",
        "* & @ % `",
        "{a: b}",
        "[a]",
        "null",
        "~",
        "no",
        "1.10",
        "0123",
        "2026-11-23",
        "'quoted'",
        '"quoted"',
        "back\\slash \\n",
        "trailing:",
        "---",
        "...",
        "!tag",
        "| block",
        "会议：预算",
        "emoji 👩🏽‍💻",
    ],
)
def test_title_is_kept_to_the_letter(newsroom, title):
    slug = begun(newsroom, "--slug", "fire", "--", title)["slug"]
    assert newsroom.story("show", slug, "--json").json["title"] == title
    newsroom.fill(slug)
    newsroom.story("submit", slug)
    newsroom.story("approve", slug, who="Editor")
    assert newsroom.story("show", slug, "--json").json["title"] == title


@pytest.mark.parametrize(
    "given, written",
    [
        ("Ana Ruiz <ana@gazette.example>", "Ana Ruiz <ana@gazette.example>"),
        ("ana@gazette.example", "ana <ana@gazette.example>"),
        ("Ana Ruiz", "Ana Ruiz"),
        ("王 五 <wang@gazette.example>", "王 五 <wang@gazette.example>"),
    ],
)
def test_reporter_may_be_given_in_several_forms(newsroom, given, written):
    slug = begun(newsroom, "Fire", "--reporter", given, who="Editor")["slug"]
    assert newsroom.story("show", slug, "--json").json["reporter"] == [written]
    assert newsroom.entries(slug)[0]["by"] == PEOPLE["Editor"]


def test_reporter_on_the_roster_may_be_given_by_name_or_address(newsroom):
    newsroom.write(
        "newsroom.toml",
        """
[[people]]
name = "Ana Ruiz"
emails = ["ana@gazette.example", "old@gazette.example"]
roles = ["reporter"]
[[people]]
name = "Li Wei"
emails = ["li@gazette.example"]
roles = ["reporter"]
[[people]]
name = "Li Wei"
emails = ["liwei@gazette.example"]
roles = ["editor"]
""",
    )
    assert "Ana Ruiz <ana@gazette.example>" in newsroom.read(begun(newsroom, "A", "--reporter", "Ana Ruiz")["path"])
    assert "Ana Ruiz <OLD@gazette.example>" in newsroom.read(
        begun(newsroom, "B", "--reporter", "OLD@gazette.example")["path"]
    )
    assert "name of several people" in newsroom.refused("new", "C", "--reporter", "Li Wei", exit=2)


def test_several_reporters_are_a_list(newsroom):
    slug = begun(newsroom, "Fire", "--reporter", PEOPLE["Reporter"], "--reporter", PEOPLE["Stringer"])["slug"]
    assert newsroom.story("show", slug, "--json").json["reporter"] == [PEOPLE["Reporter"], PEOPLE["Stringer"]]


@pytest.mark.parametrize("given", ["", "<>", "A <b", "a <b> c <d>", " "])
def test_reporter_that_is_no_person_is_wrong_usage(newsroom, given):
    assert "not a person" in newsroom.refused("new", "Fire", f"--reporter={given}", exit=2)


def test_new_takes_the_newsrooms_language_source_and_folder(newsroom):
    newsroom.write(
        "newsroom.toml",
        'language = "zh-Hans"\nsource = "武进样报"\ntimezone = "Asia/Shanghai"\npath = "{year}/{month}/{day}"\n',
    )
    newsroom.now = newsroom.now.replace(hour=20)  # the day after, in Shanghai
    made = begun(newsroom, "Fire")
    assert made["path"] == "stories/2025/11/25/fire.md"
    assert made["id"].startswith("20251125-")
    fields = newsroom.story("show", "fire", "--json").json["fields"]
    assert (fields["lang"], fields["source"]) == ("zh-Hans", "武进样报")


def test_options_win_over_the_configuration(newsroom):
    newsroom.write("newsroom.toml", 'language = "zh-Hans"\n[sections]\nlocal = "Local news"\n')
    fields = newsroom.story(
        "show", begun(newsroom, "Fire", "--lang", "en", "--section", "local")["slug"], "--json"
    ).json
    assert (fields["fields"]["lang"], fields["section"]) == ("en", "local")


def test_unknown_section_is_refused_with_a_suggestion(newsroom):
    newsroom.write("newsroom.toml", '[sections]\nlocal = "Local news"\nsport = "Sport"\n')
    said = newsroom.refused("new", "Fire", "--section", "locl")
    assert "there is no section locl" in said
    assert "Did you mean local?" in said


@pytest.mark.parametrize("lang", ["english!", "e", "zh_Hans"])
def test_language_that_is_none_is_refused(newsroom, lang):
    assert "is not a language tag" in newsroom.refused("new", "Fire", "--lang", lang)


@pytest.mark.parametrize("section", ["../../outside", "..", "/outside", "a/../../../outside", ".git/hooks"])
def test_section_does_not_lead_out_of_the_stories(newsroom, section):
    newsroom.write("newsroom.toml", 'path = "{section}"\n')
    newsroom.story("new", "Fire", "--section", section, exit=None)
    made = list(newsroom.root.parent.rglob("fire*.md"))
    assert all((newsroom.root / "stories") in path.parents for path in made), made


# An editor before the first commit


def test_new_edit_opens_the_editor_and_commits_what_was_written(newsroom):
    env = newsroom.editor(
        "sed -i -e 's/^section:.*/section: local/' -e 's/^description:.*/description: A fire./' \"$1\"\n"
        "printf 'Flames everywhere.\\n' >> \"$1\""
    )
    slug = begun(newsroom, "Fire", "--edit", env=env)["slug"]
    text = newsroom.git("show", f"HEAD:{newsroom.path_of(slug)}")
    assert text.endswith("Flames everywhere.")
    assert "\nsection: local\n" in text
    assert newsroom.git("rev-list", "--count", "HEAD") == "1"
    assert newsroom.rules(exit=0) == []


@pytest.mark.parametrize("variable", ["GIT_EDITOR", "VISUAL", "EDITOR"])
def test_editor_is_the_one_git_would_open(newsroom, variable):
    program = newsroom.editor("printf 'Words.\\n' >> \"$1\"", name="my editor")["EDITOR"]
    begun(newsroom, "Fire", "--edit", env={variable: program, "TERM": "xterm"})
    assert newsroom.git("show", "HEAD:stories/2025/11/fire.md").endswith("Words.")


def test_editor_may_come_with_arguments(newsroom):
    program = newsroom.editor('test "$1" = --wait; printf "Words.\\n" >> "$2"')["EDITOR"]
    begun(newsroom, "Fire", "--edit", env={"EDITOR": f"{program} --wait"})
    assert newsroom.git("show", "HEAD:stories/2025/11/fire.md").endswith("Words.")


def test_without_an_editor_nothing_is_begun(newsroom):
    said = newsroom.refused("new", "Fire", "--edit", exit=3, env={"TERM": "dumb"})
    assert "No editor is set." in said


def test_editor_that_fails_begins_nothing(newsroom):
    said = newsroom.refused("new", "Fire", "--edit", exit=3, env=newsroom.editor("exit 7"))
    assert "The editor ended with status 7." in said


def test_editor_that_fails_after_writing_loses_no_word(newsroom):
    env = newsroom.editor('printf "Flames.\\n" >> "$1"; exit 7')
    newsroom.story("new", "Fire", "--edit", exit=3, env=env)
    assert newsroom.read("stories/2025/11/fire.md").endswith("Flames.\n")


def test_text_broken_in_the_editor_is_kept_and_can_be_taken_in_when_mended(newsroom):
    env = newsroom.editor("sed -i 's/^section:.*/section: a: b/' \"$1\"; printf 'Flames.\\n' >> \"$1\"")
    said = newsroom.story("new", "Fire", "--edit", exit=1, env=env)
    path = "stories/2025/11/fire.md"
    assert re.search(rf"{path}:\d+:\d+: error\[yaml-syntax\]", said.err)
    assert f"story adopt {path}" in said.err
    assert newsroom.read(path).endswith("Flames.\n")
    newsroom.change(path, "section: a: b", "section: local")
    newsroom.story("adopt", path)
    assert newsroom.entries("fire")[0]["action"] == "adopt"
    assert newsroom.rules(exit=0) == []


@pytest.mark.parametrize("key", ["id", "slug", "state", "title", "reporter", "lang", "draft"])
def test_key_taken_out_in_the_editor_is_no_fault(newsroom, key):
    env = newsroom.editor(f"sed -i '/^{key}:/d' \"$1\"; printf 'Flames.\\n' >> \"$1\"")
    said = newsroom.story("new", "Fire", "--edit", exit=None, env=env)
    assert said.exit in (0, 1), said.all
    assert newsroom.read("stories/2025/11/fire.md").endswith("Flames.\n")
    if said.exit == 0:
        assert newsroom.rules(exit=0) == []


def test_record_written_by_hand_in_the_editor_counts_for_nothing(newsroom):
    env = newsroom.editor(
        "sed -i -e 's/^state:.*/state: publish/' -e '/^draft:/d' -e 's/^version:.*/version: 7/' \"$1\""
    )
    said = newsroom.story("new", "Fire", "--edit", exit=None, env=env)
    if said.exit == 0:
        assert "\nstate: draft\n" in newsroom.git("show", "HEAD:stories/2025/11/fire.md")
        assert newsroom.rules(exit=0) == []
    else:
        assert said.exit == 1
        assert newsroom.git("rev-list", "--all") == ""


# story adopt


def test_adopt_gives_id_slug_state_and_a_first_entry(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story(title="Fire"))
    said = newsroom.story("adopt", "stories/fire.md", "--json")
    assert said.json == {"path": "stories/fire.md", "slug": "fire", "id": newsroom.id_of("fire")}
    assert "Took in fire: stories/fire.md" in said.err
    assert newsroom.files_of() == [newsroom.ledger_of("fire"), "stories/fire.md"]
    fields = newsroom.story("show", "fire", "--json").json["fields"]
    assert (fields["slug"], fields["state"], fields["draft"]) == ("fire", "draft", "true")
    assert [entry["action"] for entry in newsroom.entries("fire")] == ["adopt"]
    assert newsroom.rules(exit=0) == []


def test_adopt_changes_no_line_that_was_there(newsroom):
    text = (
        f"---\n# mine\ntitle:   'Fire'   # hot\ncustom: [a,b]\nreporter: {PEOPLE['Stringer']}\n---\nFlames.\n\n---\nx"
    )
    newsroom.write("stories/fire.md", text)
    newsroom.commit()
    newsroom.story("adopt", "stories/fire.md")
    removed = [line for line in newsroom.git("show", "--format=", "HEAD").split("\n") if re.match(r"-[^-]", line)]
    assert removed == []
    assert newsroom.story("show", "fire", "--json").json["reporter"] == [PEOPLE["Stringer"]]


def test_adopt_gives_what_is_missing(newsroom):
    newsroom.write("newsroom.toml", 'language = "de"\nsource = "Harbour Gazette"\n')
    newsroom.write("stories/harbour-fire.md", "---\nsection: local\n---\nFlames.\n")
    newsroom.story("adopt", "stories/harbour-fire.md")
    fields = newsroom.story("show", "harbour-fire", "--json").json["fields"]
    assert fields["title"] == "harbour fire"
    assert (fields["lang"], fields["source"], fields["reporter"]) == ("de", "Harbour Gazette", PEOPLE["Reporter"])


def test_adopt_moves_record_keys_of_another_tool_to_imported(newsroom):
    newsroom.write(
        "stories/fire.md",
        "---\nid: 4711\ntitle: Fire\ndate: 2019-05-06\nlastmod: 2019-05-07 10:00:00 -0400\ndraft: false\n"
        "version: v2\neditor: [Ann, Bob]\nstate: live\nembargo: none\ntags: [a]\n---\nFlames.\n",
    )
    newsroom.story("adopt", "stories/fire.md")
    fields = newsroom.story("show", "fire", "--json").json["fields"]
    assert fields["imported"] == {
        "id": "4711",
        "date": "2019-05-06",
        "lastmod": "2019-05-07 10:00:00 -0400",
        "draft": "false",
        "version": "v2",
        "editor": ["Ann", "Bob"],
        "state": "live",
        "embargo": "none",
    }
    assert (fields["state"], fields["draft"], fields["tags"]) == ("draft", "true", ["a"])
    assert not {"date", "lastmod", "version", "editor", "embargo"} & set(fields)
    assert newsroom.rules(exit=0) == []


STOPPED = {"embargo": "2026-12-24T18:00:00+08:00", "publish_at": "2026-12-25T18:00:00+08:00", "pubstatus": "withheld"}


def says_what_stops_nobody(said: str, slug: str) -> bool:
    verbs = (f"story embargo {slug} TIME", f"story publish {slug} --at TIME", f"story hold {slug} --note WHY")
    return all(f"{key} ({value})" in said for key, value in STOPPED.items()) and all(one in said for one in verbs)


def test_adopt_says_what_stops_a_story_no_more_and_an_embargo_is_not_lost(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story(title="Fire", **STOPPED))
    assert says_what_stops_nobody(newsroom.story("adopt", "stories/fire.md").err, "fire")
    assert newsroom.rules(exit=0) == []
    assert "where it stops nobody" in newsroom.refused("submit", "fire")
    newsroom.story("embargo", "fire", STOPPED["embargo"], who="Editor")
    newsroom.change("stories/fire.md", f"  embargo: {STOPPED['embargo']}\n", "")
    newsroom.story("submit", "fire")
    assert newsroom.rules(exit=0) == []


def test_submit_says_what_stops_a_story_no_more(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story(title="Fire", pubstatus="withheld"))
    assert "story hold fire --note WHY" in newsroom.story("submit", "fire").err
    newsroom.write("stories/flood.md", make_story(title="Flood", embargo=STOPPED["embargo"]))
    assert "story embargo flood TIME" in newsroom.refused("submit", "flood")


def test_what_would_stop_a_story_typed_in_the_editor_is_not_lost(newsroom):
    keys = "\\n".join(f"{key}: {value}" for key, value in STOPPED.items())
    editor = newsroom.editor(f"sed -i 's/^lang:.*/&\\n{keys}/' \"$1\"")
    said = newsroom.story("new", "Fire", "--edit", env=editor).err
    assert says_what_stops_nobody(said, "fire")
    assert newsroom.rules(exit=0) == []


def test_adopted_story_of_another_tool_goes_the_whole_way(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story(title="Fire", date="2025-14-07", draft="false", version="1.10"))
    for move, who in (("submit", "Reporter"), ("approve", "Editor"), ("publish", "Editor")):
        newsroom.story(move, "fire", who=who)
    assert newsroom.story("show", "fire", "--json").json["fields"]["imported"]["date"] == "2025-14-07"
    assert newsroom.rules(exit=0) == []


def copied(newsroom: Desk, original: str, copy: str) -> None:
    newsroom.write(f"stories/2025/11/{copy}.md", newsroom.read(newsroom.path_of(original)))


@pytest.mark.parametrize("committed", [False, True], ids=["untracked", "committed"])
@pytest.mark.parametrize("copy", ["another-fire", "zebra-fire"], ids=["sorts before", "sorts behind"])
def test_copy_gets_an_id_of_its_own_and_the_original_keeps_its(newsroom, committed, copy):
    newsroom.at("publish", "fire")
    original = newsroom.read(newsroom.path_of("fire"))
    copied(newsroom, "fire", copy)
    if committed:
        newsroom.commit()
    newsroom.story("adopt", f"stories/2025/11/{copy}.md", who="Stringer")
    assert newsroom.id_of(copy) != newsroom.id_of("fire")
    assert newsroom.read(newsroom.path_of("fire")) == original
    assert len(newsroom.entries("fire")) == 4
    assert newsroom.entries(copy)[0]["action"] == "adopt"
    assert newsroom.story("show", copy, "--json").json["state"] == "draft"
    assert newsroom.rules(exit=0) == []


@pytest.mark.parametrize("copy", ["another-fire", "zebra-fire"], ids=["sorts before", "sorts behind"])
def test_hint_of_a_duplicate_id_names_the_copy(newsroom, copy):
    newsroom.at("draft", "fire")
    copied(newsroom, "fire", copy)
    newsroom.commit("a copy")
    hints = {one["hint"] for one in newsroom.findings() if one["rule"] == "duplicate-id"}
    assert any(f"story adopt stories/2025/11/{copy}.md" in hint for hint in hints)
    assert not any("story adopt stories/2025/11/fire.md" in hint for hint in hints)


def test_submit_of_a_copy_does_not_touch_the_originals_ledger(newsroom):
    newsroom.at("draft", "fire")
    copied(newsroom, "fire", "flood")
    before = newsroom.read(newsroom.ledger_of("fire"))
    newsroom.story("submit", "flood", who="Stringer", exit=None)
    assert newsroom.read(newsroom.ledger_of("fire")) == before
    assert "state: draft" in newsroom.read(newsroom.path_of("fire"))


def test_adopt_again_does_nothing(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story())
    newsroom.story("adopt", "stories/fire.md")
    before = newsroom.everything()
    assert "nothing to do" in newsroom.story("adopt", "stories/fire.md").err
    assert newsroom.everything() == before


@pytest.mark.parametrize("committed", [False, True], ids=["untracked", "committed"])
@pytest.mark.parametrize("name, slug", [("My Fire", "my-fire"), ("Пожар", "pozhar"), ("a_b", "a-b"), ("-x", "x")])
def test_adopt_renames_a_file_whose_name_is_no_slug(newsroom, make_story, name, slug, committed):
    newsroom.write(f"stories/{name}.md", make_story())
    if committed:
        newsroom.commit()
    newsroom.story("adopt", f"stories/{name}.md")
    assert newsroom.path_of(slug) == f"stories/{slug}.md"
    assert not (newsroom.root / f"stories/{name}.md").exists()
    assert newsroom.git("status", "--porcelain") == ""
    assert newsroom.rules(exit=0) == []


def test_adopt_numbers_a_slug_that_another_story_has(newsroom, make_story):
    newsroom.at("draft", "fire")
    newsroom.write("stories/old/fire.md", make_story())
    newsroom.story("adopt", "stories/old/fire.md")
    assert newsroom.path_of("fire-2") == "stories/old/fire-2.md"
    assert newsroom.rules(exit=0) == []


def test_adopt_dry_run_writes_nothing(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story())
    newsroom.commit()
    before = newsroom.everything()
    said = newsroom.story("adopt", "stories/fire.md", "--dry-run")
    assert newsroom.everything() == before
    assert "+state: draft" in said.out


def test_adopt_refuses_what_cannot_be_read_at_its_line(newsroom):
    newsroom.write("stories/fire.md", "---\ntitle: a: b\n---\n")
    newsroom.commit()
    assert "stories/fire.md:2:9: error[yaml-syntax]" in newsroom.refused("adopt", "stories/fire.md")


HAND = "---\ntitle: Min\nlang: en\nreporter: R\n---\nTK is here.\n"


@pytest.mark.parametrize(
    ("path", "written", "again"),
    [
        ("stories/min.md", "min", "story submit min"),
        ("stories/[ab].md", "[ab]", "story submit '[ab]'"),
    ],
)
def test_submit_of_a_hand_written_story_tells_its_flaws_where_they_stand(newsroom, path, written, again):
    newsroom.write(path, HAND)
    said = newsroom.refused("submit", written)
    assert f"{path}:6:1: error[placeholder-left]" in said
    assert f"{path}:1:1: error[required-section]" in said
    assert f"then: {again}" in said
    assert "story save" not in said
    assert "stories/ab.md" not in said


def test_adopt_tells_flaws_where_they_stand(newsroom):
    newsroom.write("stories/long one.md", HAND.replace("Min", "M" * 10_000))
    said = newsroom.refused("adopt", "stories/long one.md")
    assert "stories/long one.md:2:1: error[title-length]" in said


@pytest.mark.parametrize("verb", ["approve", "publish"])
def test_moves_of_a_hand_written_story_name_adopt(newsroom, verb):
    newsroom.write("stories/by hand.md", HAND)
    said = newsroom.refused(verb, "by hand", who="Editor")
    assert "Hint: story adopt 'stories/by hand.md'" in said


def test_checked_hand_written_story_names_adopt(newsroom):
    newsroom.write("stories/by hand.md", HAND)
    said = newsroom.story("check", "--for", "review", exit=1).out
    assert "then: story adopt 'stories/by hand.md'" in said
    assert "story save" not in said


def test_adopt_refuses_what_is_not_there_and_what_is_elsewhere(newsroom, tmp_path, make_story):
    newsroom.at("draft")
    assert "There is no file" in newsroom.refused("adopt", "stories/nothing.md")
    (tmp_path / "outside.md").write_text(make_story())
    assert "outside the repository" in newsroom.refused("adopt", "../outside.md", exit=3)


def test_adopt_takes_in_only_what_is_under_stories(newsroom, make_story):
    newsroom.at("draft")
    newsroom.write("notes/fire.md", make_story())
    assert "stories/" in newsroom.refused("adopt", "notes/fire.md")


@pytest.mark.parametrize("what", ["symlink", "folder"])
def test_adopt_refuses_what_is_no_file(newsroom, tmp_path, make_story, what):
    newsroom.at("draft")
    (tmp_path / "outside.md").write_text(make_story())
    if what == "symlink":
        (newsroom.root / "stories/fire.md").symlink_to(tmp_path / "outside.md")
    else:
        (newsroom.root / "stories/fire.md").mkdir()
    assert "not a regular file" in newsroom.refused("adopt", "stories/fire.md")


# story save


def test_save_commits_the_text_alone(newsroom):
    slug = newsroom.at("draft")
    newsroom.change(newsroom.path_of(slug), "Monday", "Tuesday")
    newsroom.write("other.txt", "untracked\n")
    before = newsroom.read(newsroom.ledger_of(slug))
    newsroom.story("save", slug, "-m", "Day corrected.\nStory: forged", who="Stringer")
    assert newsroom.files_of() == [newsroom.path_of(slug)]
    assert newsroom.git("show", "-s", "--format=%an|%s") == f"Stringer|save: {slug}"
    assert newsroom.git("show", "-s", "--format=%(trailers:only,unfold)").strip() == f"Story: {newsroom.id_of(slug)}"
    assert "> Day corrected." in newsroom.git("show", "-s", "--format=%B")
    assert newsroom.read(newsroom.ledger_of(slug)) == before
    assert newsroom.git("status", "--porcelain") == "?? other.txt"


def test_save_with_nothing_changed_does_nothing(newsroom):
    slug = newsroom.at("draft")
    before = newsroom.everything()
    assert "nothing to do" in newsroom.story("save", slug).err
    assert newsroom.everything() == before


def test_save_takes_a_staged_text_too(newsroom):
    slug = newsroom.at("draft")
    newsroom.change(newsroom.path_of(slug), "Monday", "Tuesday")
    newsroom.git("add", ".")
    newsroom.story("save", slug)
    assert newsroom.git("status", "--porcelain") == ""


def test_save_dry_run_writes_nothing(newsroom):
    slug = newsroom.at("draft")
    newsroom.change(newsroom.path_of(slug), "Monday", "Tuesday")
    before = newsroom.everything()
    assert f"Would commit {newsroom.path_of(slug)}:" in newsroom.story("save", slug, "--dry-run").out
    assert newsroom.everything() == before


@pytest.mark.parametrize(
    "old, new",
    [("state: draft", "state: publish"), ("draft: true\n", ""), ("id: 2", "id: 1")],
    ids=["state", "draft", "id"],
)
def test_save_refuses_a_record_key_changed_by_hand(newsroom, old, new):
    slug = newsroom.at("draft")
    newsroom.change(newsroom.path_of(slug), old, new)
    newsroom.refused("save", slug)


def test_save_of_a_public_story_is_refused_and_the_words_stay(newsroom):
    slug = newsroom.at("publish")
    newsroom.change(newsroom.path_of(slug), "Monday", "Tuesday")
    said = newsroom.refused("save", slug)
    assert f"{slug} is public" in said
    assert "Hint: " in said


def test_save_of_a_story_not_taken_in_names_adopt(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story())
    newsroom.commit()
    newsroom.change("stories/fire.md", "Monday", "Tuesday")
    assert "story adopt stories/fire.md" in newsroom.refused("save", "fire")


def test_save_of_a_text_that_cannot_be_read_loses_nothing(newsroom):
    slug = newsroom.at("draft")
    newsroom.change(newsroom.path_of(slug), "section: local", "section: [")
    assert "error[yaml-syntax]" in newsroom.refused("save", slug)


# story edit


def test_edit_opens_the_editor_and_commits_what_was_written(newsroom):
    slug = newsroom.at("draft")
    newsroom.story("edit", slug, "-m", "A quote.", env=newsroom.editor('printf "More.\\n" >> "$1"'))
    assert newsroom.git("show", f"HEAD:{newsroom.path_of(slug)}").endswith("More.")
    assert newsroom.files_of() == [newsroom.path_of(slug)]
    assert "> A quote." in newsroom.git("show", "-s", "--format=%B")


def test_edit_without_a_change_does_nothing(newsroom):
    slug = newsroom.at("draft")
    before = newsroom.everything()
    assert "nothing to do" in newsroom.story("edit", slug, env=newsroom.editor("true")).err
    assert newsroom.everything() == before


def test_edit_with_an_editor_that_fails_commits_nothing_and_loses_nothing(newsroom):
    slug = newsroom.at("draft")
    head = newsroom.head
    newsroom.story("edit", slug, exit=3, env=newsroom.editor('printf "More.\\n" >> "$1"; exit 3'))
    assert newsroom.head == head
    assert newsroom.read(newsroom.path_of(slug)).endswith("More.\n")


def test_edit_that_breaks_the_front_matter_keeps_the_text_and_names_the_line(newsroom):
    slug = newsroom.at("draft")
    head = newsroom.head
    env = newsroom.editor("sed -i 's/^section:.*/section: [/' \"$1\"; printf 'More.\\n' >> \"$1\"")
    assert "error[yaml-syntax]" in newsroom.story("edit", slug, exit=1, env=env).err
    assert newsroom.head == head
    assert newsroom.read(newsroom.path_of(slug)).endswith("More.\n")


def test_edit_of_a_public_story_is_refused_before_the_editor_opens(newsroom):
    slug = newsroom.at("publish")
    newsroom.refused("edit", slug, env=newsroom.editor('printf "More.\\n" >> "$1"'))


def test_edit_of_a_misspelt_slug_suggests(newsroom):
    newsroom.at("draft")
    said = newsroom.refused("edit", "council-bugdet", env=newsroom.editor("true"))
    assert "Did you mean council-budget?" in said


# story delete


def test_delete_removes_a_draft_never_submitted_with_its_ledger(newsroom):
    slug = newsroom.at("draft")
    path, ledger = newsroom.path_of(slug), newsroom.ledger_of(slug)
    newsroom.write("other.txt", "x\n")
    newsroom.git("add", "other.txt")
    said = newsroom.story("delete", slug)
    assert f"Deleted {slug}: {path}" in said.err
    assert newsroom.files_of() == [ledger, path]
    assert not (newsroom.root / path).exists()
    assert newsroom.git("status", "--porcelain") == "A  other.txt"
    assert newsroom.rules(exit=0) == []


def test_delete_dry_run_writes_nothing(newsroom):
    slug = newsroom.at("draft")
    before = newsroom.everything()
    assert "Would commit" in newsroom.story("delete", slug, "--dry-run").out
    assert newsroom.everything() == before


@pytest.mark.parametrize("state, verb", [("review", "spike"), ("edit", "spike"), ("publish", "unpublish")])
def test_delete_of_any_other_story_names_the_verb_to_use(newsroom, state, verb):
    slug = newsroom.at(state)
    said = newsroom.refused("delete", slug)
    assert f"story {verb} {slug} --note" in said


def test_delete_of_a_draft_that_was_submitted_once_is_refused(newsroom):
    slug = newsroom.at("review")
    newsroom.story("withdraw", slug)
    assert "was submitted" in newsroom.refused("delete", slug)


def test_delete_of_a_hand_written_story_says_what_to_do(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story())
    newsroom.commit()
    assert "rm stories/fire.md" in newsroom.refused("delete", "fire")


@pytest.mark.parametrize("line", [0, 1])
def test_delete_does_not_trust_a_broken_ledger(newsroom, line):
    slug = newsroom.at("review")
    lines = newsroom.read(newsroom.ledger_of(slug)).splitlines(keepends=True)
    lines[line] = "{}\n"
    newsroom.write(newsroom.ledger_of(slug), "".join(lines))
    newsroom.commit()
    newsroom.refused("delete", slug)


# Pictures


PICTURES = {
    "image.png": "![Hall](image.png)",
    "hall plan.png": "![Hall](<hall plan.png>)",
    "sub/a.png": "![Hall](sub/a.png)",
    "图.png": "![图](图.png)",
    "b.png": '<img src="b.png" alt="Hall">',
    "c.png": "[![Hall][ref]](https://gazette.example)\n\n[ref]: c.png",
    "-d.png": "![Hall](./-d.png)",
    ":e.png": "![Hall](./:e.png)",
    "f[1].png": "![Hall](f[1].png)",
    "*.png": "![Hall](./*.png)",
}


@pytest.mark.parametrize("name", PICTURES)
def test_submit_takes_along_the_pictures_the_story_names_and_no_other(newsroom, name):
    newsroom.write(f"stories/2025/11/{name}", PICTURE)
    newsroom.write("stories/2025/11/other.png", PICTURE + b"other")
    slug = newsroom.at("review", body=f"{BODY}\n{PICTURES[name]}\n")
    files = newsroom.git("show", "--format=", "--name-only", "-z").strip("\0").split("\0")
    assert files == sorted([newsroom.ledger_of(slug), newsroom.path_of(slug), f"stories/2025/11/{name}"])
    (blob,) = newsroom.entries(slug)[-1]["assets"].values()
    assert blob == newsroom.git("hash-object", "--", f"stories/2025/11/{name}")
    assert "other.png" in newsroom.git("status", "--porcelain")
    newsroom.story("approve", slug, who="Editor")
    newsroom.story("publish", slug, who="Editor")
    assert newsroom.rules(exit=0) == []


def test_save_and_new_edit_take_pictures_along(newsroom):
    newsroom.write("stories/2025/11/hall.png", PICTURE)
    env = newsroom.editor("printf '![Hall](hall.png)\\n' >> \"$1\"")
    slug = begun(newsroom, "Fire", "--edit", env=env)["slug"]
    assert "stories/2025/11/hall.png" in newsroom.files_of()
    newsroom.write("stories/2025/11/hall.png", PICTURE + b"2")
    newsroom.story("save", slug)
    assert newsroom.files_of() == ["stories/2025/11/hall.png"]


def test_adopt_takes_pictures_along(newsroom, make_story):
    newsroom.write("stories/hall.png", PICTURE)
    newsroom.write("stories/fire.md", make_story(images="[{src: hall.png, alt: Hall, credit: A. Nother}]"))
    newsroom.story("adopt", "stories/fire.md")
    assert "stories/hall.png" in newsroom.files_of()


def test_missing_picture_is_a_warning_in_a_draft_and_stops_the_submission(newsroom):
    newsroom.story("new", "Fire", "--slug", "fire")
    newsroom.fill("fire", body=f"{BODY}\n![Hall](hall.png)\n")
    assert "warning[image-missing]: the picture hall.png is not there." in newsroom.story("save", "fire").err
    assert "error[image-missing]: the picture hall.png is not there." in newsroom.refused("submit", "fire")


@pytest.mark.parametrize("written", ["hall.png", "<hall plan.png>", "图.png"])
def test_missing_picture_is_told_where_the_body_names_it(newsroom, make_story, written):
    newsroom.write("stories/fire.md", make_story(body=f"{BODY}\nSee: ![Hall]({written})\n"))
    line = newsroom.read("stories/fire.md").split("\n").index(f"See: ![Hall]({written})") + 1
    column = len("See: ![Hall](<" if written.startswith("<") else "See: ![Hall](") + 1
    (found,) = [one for one in newsroom.story("check", "--format", "json").json["findings"] if "image" in one["rule"]]
    assert (found["line"], found["column"]) == (line, column)


def test_missing_picture_of_the_front_matter_is_told_at_its_key(newsroom, make_story):
    newsroom.write("stories/fire.md", make_story(images="[{src: hall.png}]", body="hall.png\n"))
    (found,) = [one for one in newsroom.story("check", "--format", "json").json["findings"] if "image" in one["rule"]]
    assert found["line"] == newsroom.read("stories/fire.md").split("\n").index("images: [{src: hall.png}]") + 1


def test_ignored_picture_is_refused_with_the_rule_and_the_way_out(newsroom):
    newsroom.story("new", "Fire", "--slug", "fire")
    newsroom.write(".gitignore", "*.png\n")
    newsroom.write("stories/2025/11/hall 1.png", PICTURE)
    newsroom.fill("fire", body=f"{BODY}\n![Hall](<hall 1.png>)\n")
    said = newsroom.refused("submit", "fire")
    assert "Error: stories/2025/11/hall 1.png is ignored by git (.gitignore:1:*.png)." in said
    assert "git add --force 'stories/2025/11/hall 1.png'" in said
    newsroom.git("add", "--force", "stories/2025/11/hall 1.png")
    newsroom.story("submit", "fire")


def test_picture_that_git_does_not_hold_is_a_finding(newsroom):
    slug = newsroom.at("review")
    newsroom.change(newsroom.path_of(slug), "Monday.", "Monday. ![Hall](hall.png)")
    newsroom.write("stories/2025/11/hall.png", PICTURE)
    newsroom.commit("words alone", newsroom.path_of(slug))
    assert "image-uncommitted" in newsroom.rules()
    assert "has uncommitted changes" in newsroom.refused("approve", slug, who="Editor")


def test_picture_that_git_ignores_is_never_signed_without_being_committed(newsroom):
    newsroom.write(".gitignore", "*.png\n")
    newsroom.commit("ignore")
    newsroom.write("stories/2025/11/hall.png", PICTURE)
    newsroom.story("new", "Fire", "--slug", "fire")
    newsroom.fill("fire", body=f"{BODY}\n![Hall](hall.png)\n")
    said = newsroom.story("submit", "fire", exit=None)
    held = newsroom.git("ls-tree", "-r", "--name-only", "HEAD").split("\n")
    assert said.exit != 0 or "stories/2025/11/hall.png" in held
    assert said.exit == 0 or "hall.png" in said.err


def test_picture_that_is_a_link_is_not_taken_along(newsroom, tmp_path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    newsroom.story("new", "Fire", "--slug", "fire")
    (newsroom.root / "stories/2025/11/hall.png").symlink_to(tmp_path / "secret.png")
    newsroom.fill("fire", body=f"{BODY}\n![Hall](hall.png)\n")
    assert "image-missing" in newsroom.refused("submit", "fire")


@pytest.mark.parametrize("source", ["../../../../outside.png", "../../../.git/config", "../../../.git/HEAD"])
def test_picture_outside_the_working_tree_is_not_there(newsroom, source):
    (newsroom.root.parent / "outside.png").write_bytes(PICTURE)
    newsroom.story("new", "Fire", "--slug", "fire")
    newsroom.fill("fire", body=f"{BODY}\n![Hall]({source})\n")
    assert "image-missing" in newsroom.refused("submit", "fire")


@pytest.mark.parametrize("source", ["https://gazette.example/a.png", "//cdn.example/a.png", "/img/a.png", "data:,x"])
def test_picture_elsewhere_on_the_web_is_not_ours_to_take(newsroom, source):
    slug = newsroom.at("review", body=f"{BODY}\n![Hall]({source})\n")
    assert "assets" not in newsroom.entries(slug)[-1]


def test_picture_shared_by_two_stories_is_committed_once(newsroom):
    newsroom.write("stories/2025/11/hall.png", PICTURE)
    first = newsroom.at("review", "fire", body=f"{BODY}\n![Hall](hall.png)\n")
    second = newsroom.at("review", "flood", body=f"{BODY}\n![Hall](hall.png)\n")
    assert len(newsroom.files_of()) == 2
    assert newsroom.entries(first)[-1]["assets"] == newsroom.entries(second)[-1]["assets"]
    assert newsroom.rules(exit=0) == []


def test_delete_does_not_take_words_along_that_were_never_saved(newsroom):
    newsroom.story("new", "Fire", "--slug", "fire")
    newsroom.fill("fire")
    assert "story save fire" in newsroom.refused("delete", "fire")


def test_submit_of_a_hand_written_story_says_what_stays_when_only_the_move_fails(newsroom, make_story):
    newsroom.write("stories/2025/11/fire.md", make_story(title="Fire"))
    hook = newsroom.write(".git/hooks/commit-msg", '#!/bin/sh\n! grep -q "^submit" "$1"\n')
    hook.chmod(0o755)
    said = newsroom.story("submit", "fire", exit=3)
    assert "The story was taken in" in said.err
    hook.unlink()
    newsroom.story("submit", "fire")


# A ledger that is lost from the working tree


LOST = {
    "adopt": ["adopt", "stories/2025/11/council-budget.md"],
    "update": ["update", "council-budget", "More on the budget"],
    **{verb: [verb, "council-budget"] for verb in ("submit", "withdraw", "save", "delete", "redo", "approve")},
    **{verb: [verb, "council-budget"] for verb in ("publish", "edit", "correct")},
    "send-back": ["send-back", "council-budget", "--note", "x"],
}


@pytest.mark.parametrize("verb", LOST)
@pytest.mark.parametrize("state", ["draft", "publish"])
def test_verbs_refuse_a_story_whose_ledger_is_lost(newsroom, state, verb):
    slug = newsroom.at(state)
    path = newsroom.ledger_of(slug)
    (newsroom.root / path).unlink()
    notice = ["--notice", "Wrong figure."] if verb == "correct" else []
    said = newsroom.refused(*LOST[verb], *notice, who="Editor", env={"EDITOR": "false"})
    assert f"The ledger of {slug} is missing from the working tree." in said
    assert f"git restore {path}\n" in said
    newsroom.git("restore", path)
    assert newsroom.rules(exit=0) == []


def test_ledger_taken_out_of_the_index_is_restored_there_too(newsroom):
    slug = newsroom.at("publish")
    path = newsroom.ledger_of(slug)
    newsroom.git("rm", "--quiet", path)
    said = newsroom.refused("adopt", newsroom.path_of(slug))
    assert f"git restore --staged --worktree {path}\n" in said


def test_fixes_leave_a_story_whose_ledger_is_lost(newsroom):
    slug = newsroom.at("publish")
    (newsroom.root / newsroom.ledger_of(slug)).unlink()
    newsroom.change(newsroom.path_of(slug), "description:", "desciption:")
    assert "is missing from the working tree" in newsroom.refused("check", "--fix")


@pytest.mark.parametrize("verb", ["approve", "publish"])
def test_story_whose_id_has_no_ledger_is_named(newsroom, make_story, verb):
    newsroom.write("stories/by-hand.md", make_story(id="20251124-aaaaaaaa", slug="by-hand"))
    newsroom.commit()
    said = newsroom.refused(verb, "by-hand", who="Editor")
    assert "by-hand has an id but no ledger." in said
    assert "story adopt stories/by-hand.md" in said
