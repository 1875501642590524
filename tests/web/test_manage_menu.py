"""The menu of a show's organizer pages: what is used on the day first, the rest under titles, nothing without the right to it."""

import re

from tests.cast import World


def menu_of(page: str) -> dict[str, list[str]]:
    """The labels of the wide screen's menu, by title."""
    menu = page.partition('<nav class="side ')[2].partition("</nav>")[0]
    groups = re.findall(r'<div class="side-group"(?: role="group" aria-label="([^"]+)")?>(.*?)</div>', menu, re.DOTALL)
    return {title: re.findall(r"<span>([^<]+)</span>", links) for title, links in groups}


def test_an_owner_finds_everything_under_its_title(world: World) -> None:
    menu = menu_of(world.client("olga").get(f"/manage/shows/{world.slug}").text)
    assert list(menu) == ["", "The show", "Tables", "Tickets", "Trades", "Mail"]
    assert menu[""] == ["Overview", "Door", "Money"]
    assert "Halls" in menu["The show"] and "Attendees" in menu["Tickets"] and "Trade rounds" in menu["Trades"]


def test_a_phone_folds_the_same_menu_under_the_name_of_the_page(world: World) -> None:
    page = world.client("olga").get(f"/manage/shows/{world.slug}/door").text
    folded = page.partition('<nav class="side-menu')[2].partition("</nav>")[0]
    assert re.search(r"<summary[^>]*>.*?Door</summary>", folded, re.DOTALL)
    links = [re.findall(r'<a href="([^"]+)"', part) for part in (folded, page.partition('<nav class="side ')[2])]
    assert links[0] == links[1][: len(links[0])]


def test_a_helper_at_the_door_sees_the_door_and_no_empty_title(world: World) -> None:
    menu = menu_of(world.client("dora").get(f"/manage/shows/{world.slug}/door").text)
    assert "Door" in menu[""] and "Money" not in menu[""]
    assert all(menu.values())
