"""Which local pictures a story names, and where they are."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from making import front
from markdown_it import MarkdownIt

from newsroom_cli.story.pictures import find_pictures, locate_picture


@pytest.mark.parametrize(
    "body, pictures",
    [
        ("No picture.", ()),
        ("![Hall](hall.jpg)", ("hall.jpg",)),
        ("![](images/hall.jpg)", ("images/hall.jpg",)),
        ('![Hall](hall.jpg "The hall")', ("hall.jpg",)),
        ("![Hall](<the hall.jpg>)", ("the%20hall.jpg",)),
        ("![Hall](../hall.jpg) and ![Yard](yard.png)", ("../hall.jpg", "yard.png")),
        ("![A](hall.jpg) ![B](hall.jpg)", ("hall.jpg",)),
        ("![Hall][h]\n\n[h]: hall.jpg", ("hall.jpg",)),
        ("[![Hall](hall.jpg)](https://gazette.example)", ("hall.jpg",)),
        ("- item\n\n  ![Hall](hall.jpg)", ("hall.jpg",)),
        ("> ![Hall](hall.jpg)", ("hall.jpg",)),
        ('<img src="hall.jpg">', ("hall.jpg",)),
        ("<IMG SRC='hall.jpg' alt=x>", ("hall.jpg",)),
        ('One <img alt="x" src="hall.jpg"/> two', ("hall.jpg",)),
        ('<figure>\n<img src="hall.jpg">\n</figure>', ("hall.jpg",)),
        ("[Hall](hall.jpg)", ()),
        ("`![Hall](hall.jpg)`", ()),
        ("```\n![Hall](hall.jpg)\n```", ()),
        ("    ![Hall](hall.jpg)", ()),
        ("\\![Hall](hall.jpg)", ()),
        ('<!-- <img src="hall.jpg"> -->', ()),
        ('<!--><img src="hall.jpg">-->', ("hall.jpg",)),
        ('<div><img " src="hall.jpg"></div>', ("hall.jpg",)),
        ("<div><img a<b src=hall.jpg></div>", ("hall.jpg",)),
        ("<div><img/src=hall.jpg></div>", ("hall.jpg",)),
        ("<div><image src=hall.jpg></div>", ("hall.jpg",)),
        ("<img src='h&#97;ll.jpg'>", ("hall.jpg",)),
        ('<img src="a.jpg" srcset="b.jpg 1x,c.jpg 2x, d,e.jpg">', ("a.jpg", "b.jpg", "c.jpg", "d,e.jpg")),
        ('<picture><source srcset="b.jpg, c.jpg 2x"><img src="a.jpg"></picture>', ("a.jpg", "b.jpg", "c.jpg")),
        ('<video poster="hall.jpg"></video>', ("hall.jpg",)),
        ('<imgs src="hall.jpg">', ()),
        ('<img data-src="hall.jpg">', ()),
        ("![Hall](https://pictures.example/hall.jpg)", ()),
        ("![Hall](//pictures.example/hall.jpg)", ()),
        ("![Hall](data:image/png;base64,AAAA)", ()),
        ("![Hall](/static/hall.jpg)", ()),
        ("![Hall](#top)", ()),
        ("![Hall]()", ()),
        ('<img alt="none">', ()),
        ('<img src="">', ()),
        ("![Hall](http://[bad)", ()),
        ('<img title="<!--" src="hall.jpg">', ("hall.jpg",)),
        ('<p title="<!--"><img src="hall.jpg"></p>', ("hall.jpg",)),
        ('<div>\n<p title="<!--">x</p><img src="hall.jpg"><i title="-->"></i>\n</div>', ("hall.jpg",)),
        ('<div>\n<!-- <img src="a.jpg"> --><img src="hall.jpg"><!-- <img src="b.jpg"> -->\n</div>', ("hall.jpg",)),
        ("A note.[^1]\n\n[^1]: ![Hall](hall.jpg)", ("hall.jpg",)),
        ("A note.[^1]\n\n[^1]: It says\n\n    ![Hall](hall.jpg)", ("hall.jpg",)),
        ("> A note.[^1]\n>\n> [^1]: ![Hall](hall.jpg)", ("hall.jpg",)),
        ("[^1]: It says\n\nand\n\n    ![Hall](hall.jpg)", ()),
        ('<iframe src="map.html"></iframe>', ("map.html",)),
        ('<video><track src="words.vtt"></video>', ("words.vtt",)),
        ('<svg><use href="hall.svg#roof"></use></svg>', ("hall.svg#roof",)),
        ('<script src="chart.js"></script>', ("chart.js",)),
        ('<a href="budget.pdf">Budget</a>', ()),
        ("![预算](会场.jpg)", ("%E4%BC%9A%E5%9C%BA.jpg",)),
    ],
)
def test_pictures_of_the_body_are_those_commonmark_shows(body, pictures):
    assert find_pictures(front("title: A", body=f"\n{body}\n")) == pictures


@pytest.mark.parametrize(
    "lines, pictures",
    [
        (["images: [{src: hall.jpg}]"], ("hall.jpg",)),
        (["images: {src: hall.jpg}"], ("hall.jpg",)),
        (["images: [{src: b.jpg}, {src: a.jpg}]"], ("a.jpg", "b.jpg")),
        (["images: [{src: https://pictures.example/a.jpg}]"], ()),
        (["images: [{src: ''}]"], ()),
        (["images: [{src: a b.jpg}]"], ("a b.jpg",)),
        (["images:"], ()),
    ],
)
def test_pictures_of_the_front_matter_are_named_as_written(lines, pictures):
    assert find_pictures(front(*lines)) == pictures


def test_both_places_are_read():
    assert find_pictures(front("images: [{src: b.jpg}]", body="![A](a.jpg)\n")) == ("a.jpg", "b.jpg")


@pytest.mark.parametrize(
    "body",
    [
        "<div><![if x]><img src='hall.jpg'></div>",
        "<div><![foo bar]><img src='hall.jpg'></div>",
        "<div><!foo><img src='hall.jpg'></div>",
        "<div><?php ?><img src='hall.jpg'></div>",
        "<div></ ><img src='hall.jpg'></div>",
        "<div>&#x110000;<img src='hall.jpg'></div>",
        "<div><![CDATA[x]]><img src='hall.jpg'></div>",
    ],
)
def test_broken_html_around_a_picture_is_no_failure_and_does_not_hide_it(body):
    assert find_pictures(front("title: A", body=f"{body}\n")) == ("hall.jpg",)


@pytest.mark.parametrize(
    "source, path",
    [
        ("hall.jpg", "stories/2026/11/hall.jpg"),
        ("./hall.jpg", "stories/2026/11/hall.jpg"),
        ("images/hall.jpg", "stories/2026/11/images/hall.jpg"),
        ("../hall.jpg", "stories/2026/hall.jpg"),
        ("../../../hall.jpg", "hall.jpg"),
        ("the%20hall.jpg", "stories/2026/11/the hall.jpg"),
        ("%E4%BC%9A.jpg", "stories/2026/11/会.jpg"),
        ("hall.jpg?width=800", "stories/2026/11/hall.jpg"),
        ("hall.jpg#top", "stories/2026/11/hall.jpg"),
        ("hall%3Fa.jpg", "stories/2026/11/hall?a.jpg"),
        ("../../../../hall.jpg", None),
        ("../../../..", None),
        ("%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd", None),
        ("hall%00.jpg", None),
    ],
)
def test_a_picture_lies_in_the_repository_or_nowhere(source, path):
    assert locate_picture("stories/2026/11/council-budget.md", source) == path


PIECES = st.sampled_from(
    ["![", "](", ")", "a.jpg", "<img src=", "'a.jpg'", ">", "<", "<!", "<![", "]]>", "<!--", "-->", "</", "<div>", "&#", ";",
     "`", "\n", "\n\n", "    ", "[a]: b", "<script>", "</script>", "<?", "\\", "http://[", "%00", "\0", "图"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=20).map("".join)))
def test_any_body_names_some_pictures_or_none(body):
    body = body.replace("\0", "").replace("\r", "").encode("utf-8", "ignore").decode()
    pictures = find_pictures(front("title: A", body=body))
    assert list(pictures) == sorted(set(pictures))
    for picture in pictures:
        where = locate_picture("stories/a.md", picture)
        assert where is None or not where.startswith(("/", "../"))


@pytest.mark.slow  # a limit of wall-clock time
def test_a_body_of_unfinished_tags_takes_no_long_time():
    began = time.monotonic()
    for piece in ("<img ", '<img a="', "<!--", "<img src=", "<img srcset='a "):
        find_pictures(front("title: A", body=f"<div>{piece * 40_000}\n"))
    assert time.monotonic() - began < 20


_PARTS = (
    "![Hall](hall.jpg)",
    "![",
    "](yard.png)",
    "[",
    "]",
    "(",
    ")",
    "\\",
    "`",
    "~~~",
    "- ",
    "1. ",
    "> ",
    "# ",
    "\n",
    "\n\n",
)
_MARKDOWN = st.lists(st.sampled_from((*_PARTS, "  ", "\t", "===", "![A][b]", "[b]: b.jpg", "words ")), max_size=14).map(
    "".join
)


@given(body=_MARKDOWN)
def test_pictures_of_plain_rows_are_those_of_the_whole_text(body):
    tokens = MarkdownIt("commonmark").parse(body)
    shown = [one for token in tokens for one in token.children or () if one.type == "image"]
    sources = {str(one.attrGet("src")) for one in shown}
    assert find_pictures(front("title: A", body=body)) == tuple(sorted(sources - {""}))
