"""Builds a newsroom of many real-sized stories through the package's own pure functions, committed with plain git."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from newsroom_cli.model import Ident, Story
from newsroom_cli.people.policy import Policy
from newsroom_cli.record import ledger
from newsroom_cli.record.ledger import Held
from newsroom_cli.settings import settings
from newsroom_cli.story import frontmatter, pictures
from newsroom_cli.workflow import advance, drafting
from newsroom_cli.workflow.case import Case

REPORTERS = (Ident("Ana Ruiz", "ana@gazette.example"), Ident("陈晓", "chen@gazette.example"))
EDITOR = Ident("Li Wei", "li@gazette.example")
CONFIGURATION = """\
name = "Harbour Gazette"
language = "en"
timezone = "Asia/Shanghai"
source = "Harbour Gazette"

[sections]
local = "Local news"
business = "Business"
sport = "Sport"

[[people]]
name = "Ana Ruiz"
emails = ["ana@gazette.example"]
roles = ["reporter"]

[[people]]
name = "陈晓"
emails = ["chen@gazette.example"]
roles = ["reporter"]

[[people]]
name = "Li Wei"
emails = ["li@gazette.example"]
roles = ["editor"]
"""
_WAY = ("submit", "approve", "publish")
_ENTRIES = (4, 4, 2, 4, 4, 3, 4, 1, 4, 2, 4, 4, 3, 4, 1, 4, 2, 4, 4, 4)
"""Entries of each twentieth story: most are published, some wait at each state."""
_ENGLISH = (
    "The council voted nine to four on Tuesday night to keep the harbour ferry running through the winter.",
    "Residents of the old town said they had asked for better lighting along the quay since last spring.",
    'The chair of the committee called the plan "a fair one: late, but fair", and promised a second reading.',
    "Two schools will share a sports hall until the roof of the older building has been repaired.",
    "The budget sets aside 1.4 million for the bridge, about a tenth more than the year before.",
    "Officials expect work to begin in the third week of the month and to last until early summer.",
    "A spokesman for the port declined to say how many berths would be closed while the crane is moved.",
    "Shopkeepers near the market counted fewer visitors on weekdays, but the busiest Saturday in years.",
    "The team won its last three matches at home and travels north for the final on Sunday.",
    "Volunteers planted two hundred trees along the river; the [city's plan](https://city.example/plan) has more.",
)
_CHINESE = (
    "区里上周召开会议，决定在年底前完成老城区三条道路的改造，届时公交线路将临时调整。",
    "记者在现场看到，新建的社区图书馆已经开门迎客，读者可以凭身份证免费借阅图书。",
    "负责人介绍，这个项目总投资一千四百万元，预计明年春天全部建成并投入使用。",
    "不少居民表示，路灯修好以后晚上出门安全多了，希望附近的停车问题也能尽快解决。",
    "据统计，今年前三个季度全区旅游接待人数比去年同期增长了百分之八，民宿的预订尤其火热。",
    "学校与医院签订了合作协议，每个月都会有医生到校园里为学生讲解健康知识。",
    "气象部门提醒，本周后期有一次明显的降温过程，农户要提前做好大棚的保温工作。",
    "志愿者利用周末清理河道，两个月来共捡拾垃圾三吨多，沿岸的环境有了很大改善。",
)
_TITLES = (
    "Council keeps the ferry: ward {}",
    "Harbour bridge repaired, part {}",
    "老城区道路改造第{}期",
    "河道清理见成效之{}",
)


@dataclass(frozen=True)
class Made:
    """One story of the corpus: its path, id and slug, the state it is in, and its files' bytes by path."""

    path: str
    id: str
    slug: str
    state: str
    files: Mapping[str, bytes]


def judges() -> Policy:
    """The newsroom's settings as every command here reads them."""
    return Policy(settings.parse(CONFIGURATION, path="newsroom.toml"))


def make(number: int) -> Made:
    """Write the story of a number: the same text and record in every run."""
    chance, around = random.Random(number), judges()
    at = datetime(2025, 1, 2, 8, 0, tzinfo=UTC) + timedelta(minutes=51 * number % (60 * 24 * 330), seconds=number % 60)
    chinese, pictured = number % 2 == 1, chance.random() < 0.05
    reporter = REPORTERS[chinese]
    title = _TITLES[number % 4].format(number)
    slug = f"{drafting.slug_of(title.rsplit(' ', 1)[0], around.settings)}-{number:05d}"
    story_id = f"{at:%Y%m%d}-{number:08d}"
    folder = f"stories/{drafting.folder_of(around.settings, at, 'local')}"
    picture = f"images/{slug}.jpg"
    values: dict[str, Any] = {
        "id": story_id,
        "title": title,
        "slug": slug,
        "state": around.settings.pipeline.initial,
        "draft": True,
        "reporter": str(reporter),
        "lang": "zh-Hans" if chinese else "en",
        "section": ("local", "business", "sport")[number % 3],
        "description": _CHINESE[number % 8] if chinese else _ENGLISH[number % 10],
        "dateline": "武进" if chinese else "HARBOUR CITY",
        "source": "Harbour Gazette",
        "tags": ["council", "harbour", f"ward-{number % 40}"],
        "genre": "Current",
        "urgency": 1 + number % 9,
    }
    if pictured:
        values["images"] = [{"src": picture, "alt": "The harbour at dusk", "caption": title, "credit": "Ana Ruiz"}]
    story = drafting.compose(f"{folder}/{slug}.md", values, around.settings)
    text = story.text + _body(chance, chinese=chinese, picture=picture if pictured else "")
    story = frontmatter.read_story(story.path, text.encode())
    files: dict[str, bytes] = {}
    assets: dict[str, str] = {}
    if pictured:
        content = chance.randbytes(4096)
        files[f"{folder}/{picture}"] = content
        assets = {
            name: hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()
            for name in pictures.find_pictures(story)
        }
    held = _recorded(story, number, at, reporter, around, assets)
    return _made(held, files)


def _recorded(
    story: Story, number: int, at: datetime, reporter: Ident, around: Policy, assets: Mapping[str, str]
) -> Held:
    first = advance.Act("new", reporter, at, around)
    begun = advance.begin(story, ledger.path_of(str(story.metadata.id)), first, assets=assets)
    held = Held(begun.story, begun.ledger, assets)
    for hours, action in enumerate(_WAY[: _ENTRIES[number % 20] - 1], 1):
        actor = reporter if action == "submit" else EDITOR
        step = advance.advance(Case.of(held), advance.Act(action, actor, at + timedelta(hours=3 * hours), around))
        held = Held(step.story, step.ledger, assets)
    return held


def approved(root: Path, made: Made) -> Made:
    """A story of a repository as `story approve` would leave it now."""
    story = frontmatter.read_story(made.path, (root / made.path).read_bytes())
    path = ledger.path_of(made.id)
    record = ledger.parse(path, (root / path).read_bytes())
    act = advance.Act("approve", EDITOR, datetime.now(UTC), judges())
    step = advance.advance(Case(story, record, record.entries[-1].assets), act)
    return _made(Held(step.story, step.ledger), {})


def _made(held: Held, files: Mapping[str, bytes]) -> Made:
    story, record = held.story, held.ledger
    if story is None or record is None:
        raise SystemExit("A story of the corpus was not made.")
    written = {**files, story.path: story.text.encode(), record.path: record.content}
    return Made(story.path, str(story.metadata.id), story.slug, str(record.state), written)


def _body(chance: random.Random, *, chinese: bool, picture: str) -> str:
    paragraphs, size = [], 0
    while size < 3000:
        sentences = [chance.choice(_CHINESE if chinese else _ENGLISH) for _ in range(4)]
        paragraphs.append(("" if chinese else " ").join(sentences))
        size += len(paragraphs[-1].encode()) + 2
    paragraphs.insert(2, "## 下一步" if chinese else "## What comes next")
    if picture:
        paragraphs.insert(1, f"![The harbour at dusk]({picture})")
    return "\n\n".join(paragraphs) + "\n"


def build(root: Path, number: int, environment: Mapping[str, str]) -> list[Made]:
    """Make a repository of so many stories in one commit, or take one that is there back to it."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        stories = list(pool.map(make, range(number), chunksize=100))

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=root, env=dict(environment), check=True)

    if (root / ".git").exists():
        git("branch", "--quiet", "--force", "base", "start")
        git("reset", "--quiet", "--hard", "start")
        return stories
    root.mkdir(parents=True)
    _write(root, {"newsroom.toml": CONFIGURATION.encode(), ".gitattributes": b".newsroom/** -text\n"})
    for made in stories:
        _write(root, made.files)
    git("init", "--quiet", "--initial-branch=main")
    git("add", "--all")
    git("-c", "gc.auto=0", "commit", "--quiet", "--message=All stories")
    git("tag", "start")
    git("branch", "base")
    git("gc", "--quiet", "--force")
    git("status", "--short")
    return stories


def _write(root: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def write(root: Path, made: Made) -> list[str]:
    """Put a story's files in place; their paths."""
    _write(root, made.files)
    return list(made.files)
