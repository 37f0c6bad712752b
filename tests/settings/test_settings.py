"""TOML <-> settings: what may be said, what may not, and how a mistake is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from newsroom_cli.errors import CannotRun, StoryError
from newsroom_cli.model import Severity
from newsroom_cli.settings.settings import Settings, build, changed_tables, parse, table_of

PERSON = '[[people]]\nname = "{}"\nemails = [{}]\n'


def parsed(toml: str) -> Settings:
    return parse(toml, path="newsroom.toml")


def refused(toml: str, *, table: tuple[str, ...] = ()) -> CannotRun:
    with pytest.raises(CannotRun) as caught:
        parse(toml, path="newsroom.toml", table=table)
    assert caught.value.message.startswith("newsroom.toml: ")
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert caught.value.status == 3
    return caught.value


def test_saying_nothing_is_a_newsroom():
    silent = parsed("")
    assert silent == Settings()
    assert (silent.language, str(silent.timezone), silent.slugs, silent.path) == (
        "en",
        "UTC",
        "ascii",
        "{year}/{month}",
    )
    assert (silent.limits.title, silent.limits.description, silent.limits.slug) == (120, 160, 80)
    assert not silent.people
    assert silent.pipeline.initial == "draft"
    assert silent.trust.require is None


@pytest.mark.parametrize(
    "toml, least, most",
    [
        ("", None, None),
        ("[limits]\nwords_min = 0\nwords_max = 0", None, None),
        ("[limits]\nwords_min = 1", 1, None),
        ("[limits]\nwords_max = 1200", None, 1200),
    ],
)
def test_a_body_has_any_number_of_words_where_the_limit_is_left_out_or_nought(toml, least, most):
    limits = parsed(toml).limits
    assert (limits.words_min, limits.words_max) == (least, most)


def test_the_designs_example_is_read():
    said = parsed(
        """
        name = "Harbour Gazette"
        language = "en"
        timezone = "Asia/Shanghai"
        source = "Harbour Gazette"
        slugs = "unicode"
        path = "{section}/{year}"
        [sections]
        local = "Local news"
        sport = "Sport"
        [[people]]
        name = "Editor"
        emails = [" Editor@Gazette.Example ", "old@gazette.example"]
        roles = ["editor", "desk-chief"]
        sections = ["local"]
        keys = [{ key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILVYQahfeLkfAbh46FfYWfgIfh7VEgR4P38/2QRctbCc", valid_from = "2026-01-01T00:00:00+08:00" }]
        logins = ["github:Editor"]
        [trust]
        require = "attributed"
        protected = ["main"]
        override = ["chief-editor"]
        judges = ["chief-editor"]
        archive = []
        [limits]
        title = 100
        [rules]
        slug-shape = "warning"
        [rules.states.draft]
        title-length = "off"
        [rules.sections.sport]
        title-length = "info"
        [pipeline.states.review]
        requires = ["title"]
        [publication]
        url = "https://gazette.example"
        """
    )
    assert str(said.timezone) == "Asia/Shanghai"
    assert said.people[0].emails == ("editor@gazette.example", "old@gazette.example")
    assert said.people[0].logins == ("github:editor",)
    assert said.pipeline.required_keys("review")["title"] == "draft"
    assert said.limits.slug == 80


def test_settings_may_stand_in_a_table_of_another_file():
    text = '[project]\nname = "x"\n[tool.newsroom]\nname = "Gazette"\n'
    assert parse(text, path="pyproject.toml", table=("tool", "newsroom")).name == "Gazette"


@pytest.mark.parametrize("text", ["", '[project]\nname = "x"\n', "[tool.other]\nname = 'x'\n"])
def test_another_file_without_the_table_says_nothing(text):
    assert parse(text, path="pyproject.toml", table=("tool", "newsroom")) == Settings()
    assert table_of(text, path="pyproject.toml", table=("tool", "newsroom")) is None


@pytest.mark.parametrize("text", ["tool = 3", "[tool]\nnewsroom = 3", "[tool]\nnewsroom = []", "[[tool]]\nx = 1"])
def test_a_table_that_is_none_is_named(text):
    refused(text, table=("tool", "newsroom"))


@pytest.mark.parametrize(
    "toml, named, suggestion",
    [
        ('langauge = "en"', "langauge", "language"),
        ("[limits]\ntitel = 3", "limits.titel", "title"),
        ("[limits]\nword_min = 3", "limits.word_min", "words_min"),
        ("[trust]\nrequires = 'signed'", "trust.requires", "require"),
        ("[trsut]\nrequire = 'signed'", "trsut", "trust"),
        ("[piepline]", "piepline", "pipeline"),
        ("[pipeline]\nmove = []", "move", "moves"),
        ("pipeline_table = {}", "pipeline_table", "pipeline"),
        (PERSON.format("A", '"a@x.example"') + 'role = ["editor"]', "people.0.role", "roles"),
        ('[[people]]\nname = "A"\nemail = "a@x.example"', "people.0.email", "emails"),
        (PERSON.format("A", '"a@x.example"') + 'keys = [{key = "k", from = "x"}]', "people.0.keys.0.from", ""),
        ("[signing]\nrequire = true", "signing.require", "required"),
        ("quux = 1", "quux", ""),
    ],
)
def test_an_unknown_setting_is_refused_and_the_near_one_suggested(toml, named, suggestion):
    error = refused(toml)
    assert named in error.message
    assert suggestion in error.hint


@pytest.mark.parametrize(
    "toml, named",
    [
        ("name = 3", "name"),
        ('slugs = "emoji"', "slugs"),
        ('timezone = "Mars/Olympus"', "timezone"),
        ('timezone = ""', "timezone"),
        ("timezone = 8", "timezone"),
        ('timezone = "../../etc/passwd"', "timezone"),
        ('timezone = "/etc/localtime"', "timezone"),
        ('timezone = "Asia"', "timezone"),
        ('timezone = "Asia/\\u0000"', "timezone"),
        ('path = "/abs"', "path"),
        ('path = "../up"', "path"),
        ('path = "{year}/../.."', "path"),
        ('path = "a\\\\b"', "path"),
        ('path = "{week}"', "path"),
        ('path = "{0}"', "path"),
        ('path = "{"', "path"),
        ('path = "{year!z}"', "path"),
        ('path = "{year.real}"', "path"),
        ('path = "{year[0]}"', "path"),
        ('path = "{year.__class__}"', "path"),
        ("[limits]\ntitle = 0", "limits.title"),
        ("[limits]\nslug = 201", "limits.slug"),
        ("[limits]\nslug = 1.5", "limits.slug"),
        ("[limits]\nwords_min = -1", "limits.words_min"),
        ("[limits]\nwords_max = 1.5", "limits.words_max"),
        ("[limits]\nwords_max = 'many'", "limits.words_max"),
        ('[trust]\nrequire = "maybe"', "trust.require"),
        ("[people]\nname = 'A'", "people"),
        ("people = [3]", "people"),
        ('[[people]]\nname = "A"', "people.0.emails"),
        (PERSON.format("A", ""), "people.0.emails"),
        (PERSON.format("A", '"a@x.example", ""'), "people.0.emails"),
        (PERSON.format("A", '"  "'), "people.0.emails"),
        (PERSON.format("A", '"a@x.example"') + 'logins = ["liwei"]', "people.0.logins"),
        (PERSON.format("A", '"a@x.example"') + 'logins = ["github:"]', "people.0.logins"),
        (PERSON.format("A", '"a@x.example"') + 'logins = [":liwei"]', "people.0.logins"),
        (PERSON.format("A", '"a@x.example"') + 'logins = ["github:李伟"]', "people.0.logins"),
        (PERSON.format("A", '"a@x.example"') + 'logins = ["github:li wei"]', "people.0.logins"),
        (PERSON.format("A", '"a@x.example"') + 'logins = "github:liwei"', "people.0.logins"),
        ("[sections]\nlocal = 3", "sections.local"),
        ("sections = ['local']", "sections"),
        ('[signing]\nrequired = "x"', "signing.required"),
        ('[rules]\nslug-shape = "bad"', "rules"),
        ("[rules]\nslug-shape = 3", "rules"),
        ("[rules]\nslug-shape = ['error']", "rules"),
        ('[rules.states.draft]\nslug-shape = "warn"', "rules.states.draft"),
        ('[rules.sections.sport]\nslug-shape = "warn"', "rules.sections.sport"),
        ("[rules]\nstates = 3", "rules"),
        ('[rules]\nstates = "error"', "rules"),
        ("[rules]\nsections = [1, 2]", "rules"),
        ('[rules.states]\ndraft = "error"', "rules"),
        ("rules = 3", "rules"),
        ("pipeline = 3", "pipeline"),
        ("[pipeline]\nstates = 3", "pipeline"),
        ("[pipeline]\nmoves = 3", "pipeline"),
        ("[pipeline.states.orphan]", "orphan"),
        ("[[pipeline.moves]]\naction = 'publish'\nfrom = ['edit']\nto = 'publish'", "publish"),
    ],
)
def test_a_setting_that_cannot_be_is_named(toml, named):
    assert named in refused(toml).message


@pytest.mark.parametrize("toml", ["x = = 1", "[a\n", 'name = "a"\nname = "b"', "\x00", "name = 'a\nb'"])
def test_a_file_that_is_not_toml_is_named_with_the_place(toml):
    refused(toml)


@pytest.mark.parametrize(
    "one, other",
    [
        ('"a@x.example"', '"a@x.example"'),
        ('"a@x.example"', '"A@X.example"'),
        ('"a@x.example"', '" a@x.example "'),
        ('"b@x.example", "a@x.example"', '"c@x.example", "a@x.example"'),
    ],
)
def test_an_address_belongs_to_one_person(one, other):
    error = refused(PERSON.format("First", one) + PERSON.format("Second", other))
    assert "a@x.example" in error.message
    assert "First" in error.message
    assert "Second" in error.message


def test_two_people_of_one_name_may_not_share_an_address_either():
    refused(PERSON.format("Editor", '"a@x.example"') + PERSON.format("Editor", '"a@x.example"'))


def test_a_login_belongs_to_one_person():
    first, second = (PERSON.format(name, f'"{name}@x.example"') for name in ("a", "b"))
    error = refused(f'{first}logins = ["github:LiWei"]\n{second}logins = ["GitHub:liwei"]\n')
    assert "github:liwei belongs to both a and b" in error.message


def test_one_person_may_write_an_address_twice():
    assert parsed(PERSON.format("A", '"a@x.example", "A@x.example"')).people[0].name == "A"


def test_only_ascii_case_folds_in_addresses():
    people = parsed(PERSON.format("A", '"İ@x.example"') + PERSON.format("B", '"i@x.example"')).people
    assert people[0].emails != people[1].emails
    assert parsed(PERSON.format("A", '"\u212a@x.example"')).people[0].emails == ("\u212a@x.example",)


@pytest.mark.parametrize(
    "state, section, weight",
    [
        ("review", "local", Severity.WARNING),
        ("draft", "local", Severity.OFF),
        ("review", "sport", Severity.INFO),
        ("draft", "sport", Severity.INFO),
        ("", "", Severity.WARNING),
    ],
)
def test_a_rule_weighs_by_section_else_by_state_else_in_general(state, section, weight):
    said = parsed(
        """
        [rules]
        title-length = "warning"
        [rules.states.draft]
        title-length = "off"
        [rules.sections.sport]
        title-length = "info"
        """
    )
    assert said.severity("title-length", Severity.ERROR, state=state, section=section) is weight
    assert said.severity("other", Severity.ERROR, state=state, section=section) is Severity.ERROR


@pytest.mark.parametrize(
    "toml, tables",
    [
        ("", ()),
        ('name = "Other"', ("name",)),
        ("[limits]\ntitle = 3", ("limits",)),
        ("[limits]\nwords_min = 0", ()),
        ("[sections]\nlocal = 'Local'", ("sections",)),
        (PERSON.format("A", '"a@x.example"'), ("people",)),
        ("[pipeline.states.review]\nrequires = ['title']", ("pipeline",)),
        ("[rules]\nslug-shape = 'off'", ("rules",)),
        ("[trust]\nrequire = 'signed'", ("trust",)),
        ("[signing]\nrequired = true", ("signing",)),
        ("[trust]\noverride = ['x']\n[signing]\nrequired = ['editor']", ("signing", "trust")),
    ],
)
def test_the_tables_that_differ_are_named(toml, tables):
    assert changed_tables(Settings(), parsed(toml)) == tables
    assert changed_tables(parsed(toml), Settings()) == tables
    assert changed_tables(parsed(toml), parsed(toml)) == ()


def test_settings_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        parsed("").name = "x"


WORDS = st.sampled_from(
    ["name", "timezone", "path", "people", "emails", "roles", "trust", "require", "limits", "title", "rules", "states",
     "sections", "draft", "review", "pipeline", "moves", "from", "to", "by", "action", "requires", "initial", "public",
     "signing", "required", "publication", "error", "{year}", "UTC", "*", "@override"]
)  # fmt: skip
TOML = st.recursive(
    WORDS | st.integers(-5, 300) | st.booleans() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, TOML, max_size=4))
@how(deadline=None, max_examples=500)
def test_any_table_is_settings_or_an_error_with_a_way_on(table):
    refusal, said = None, None
    try:
        said = build(table, path="newsroom.toml")
    except StoryError as error:
        refusal = error
    if refusal is not None:
        assert isinstance(refusal, CannotRun)
        assert refusal.hint
    else:
        assert said.pipeline.names
        assert said.severity("x", Severity.INFO, state="draft", section="sport") in Severity


@pytest.mark.parametrize(
    "text, said, hint",
    [
        ('[rules.states.drafts]\ntitle-length = "off"', "there is no state drafts", "Did you mean draft?"),
        ('[rules.sections.sprot]\ntitle-length = "off"\n[sections]\nsport = "Sport"', "no section sprot", "sport?"),
        ('[publication]\nholdre = "Gazette"', "[publication] there is no setting holdre", "Did you mean holder?"),
        (
            "[publication]\nx = 1",
            "there is no setting x",
            "contact, holder, hotline, licences, permalink, policies, url",
        ),
    ],
)
def test_tables_of_what_is_not_there_are_refused(text, said, hint):
    with pytest.raises(CannotRun) as caught:
        parse(text, path="newsroom.toml")
    assert said in caught.value.message
    assert hint in caught.value.hint


def test_any_section_may_be_weighed_where_none_is_listed():
    assert parse('[rules.sections.sport]\ntitle-length = "off"', path="newsroom.toml").rules.sections
