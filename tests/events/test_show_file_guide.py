"""The guide to show files on the site itself: the words of the documentation, and an example that can be imported as it is."""

import re
from pathlib import Path
from typing import Any

from swapmeet.events.services.importing import check_show
from swapmeet.events.showfile import example_file, read_file

DOCS = Path(__file__).resolve().parents[2] / "docs" / "import-format.md"
NOT_OF_THE_FILE = {
    "sessions[3] P4",
    "A07",
    "swapmeet/data/sample_shows.json",
    "swapmeet/data/example_show.json",
    "docs/algorithms/prices.md",
}


def test_the_example_is_in_order_and_nothing_of_it_is_left_over(app: Any) -> None:
    shows = read_file(example_file())
    report = check_show(shows[0])
    assert (report.problems, report.warnings, report.kept) == ([], [], [])
    assert report.counts["tables"] == 12


def test_the_import_page_leads_to_the_guide_and_the_example(world: Any) -> None:
    olga = world.client("olga")
    page = olga.get(f"/manage/organizers/{world.organizer.slug}/imports/new").text
    assert 'href="/help/show-files"' in page and 'href="/help/show-files/example.json"' in page
    answer = world.client().get("/help/show-files/example.json")
    assert answer.data == example_file() and "attachment" in answer.headers["Content-Disposition"]
    assert "Our Club Day" in world.client().get("/help/show-files").text


def test_the_guide_names_every_key_of_the_documentation(world: Any) -> None:
    page = world.client().get("/help/show-files").text
    text = DOCS.read_text(encoding="utf-8").partition("## The file")[2]
    keys = {key for key in re.findall(r"`([^`\n]+)`", text) if key not in NOT_OF_THE_FILE}
    assert len(keys) > 70
    missing = {
        key for key in keys if not re.search(rf"\b{re.escape(key.strip(chr(34)))}", page) and key != "…_days_before"
    }
    assert not missing


def test_club_pages_lead_to_the_team_for_those_who_may_see_it(world: Any) -> None:
    olga, slug = world.client("olga"), world.organizer.slug
    for address in ("series", "imports/new", "details", "tokens"):
        page = olga.get(f"/manage/organizers/{slug}/{address}").text
        assert f'href="/manage/organizers/{slug}/team"' in page, address
    team = world.client("trudy").get(f"/manage/organizers/{slug}/team").text
    assert f'href="/manage/organizers/{slug}/team"' in team
    assert "Series" not in team and "API tokens" not in team
