"""The hobby's own lists for trade listings: scales, categories, conditions, completeness, intents. Pure data and look-ups."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

NEAR_PERCENT = 13  # scales whose ratios differ by no more than this look right together on a shelf


@dataclass(frozen=True)
class Scale:
    """`denominator` is how many times smaller than life (tenths, so 1:22.5 is 225); None where a scale has none."""

    code: str
    label: str
    short: str
    denominator: int | None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Category:
    """`color` is the paint chip's number; it also picks the drawn stand-in for a missing photo (house, wagon, figure, chair, plant)."""

    code: str
    label: str
    short: str
    color: int
    words: str = ""


@dataclass(frozen=True)
class Condition:
    """`grade` is the collectors' C-grade, 10 best. It grades looks, not running."""

    code: str
    label: str
    grade: int
    definition: str


class Intent(StrEnum):
    TRADE = "trade"
    TRADE_OR_SELL = "trade-or-sell"
    SELL = "sell"
    GIVE = "give"
    WANTED = "wanted"


INTENT_LABELS: dict[Intent, str] = {
    Intent.TRADE: "Trade only",
    Intent.TRADE_OR_SELL: "Trade or sell",
    Intent.SELL: "Sell",
    Intent.GIVE: "Give away",
    Intent.WANTED: "Wanted",
}

# How each intent reads in a file made elsewhere.
INTENT_WORDS: dict[str, Intent] = {
    "trade only": Intent.TRADE,
    "trade or sell": Intent.TRADE_OR_SELL,
    "sell": Intent.SELL,
    "give away": Intent.GIVE,
    "wanted": Intent.WANTED,
}

SCALES: tuple[Scale, ...] = (
    Scale("play", "Playscale 1:6", "1:6", 60, ("one sixth", "1/6", "fashion doll")),
    Scale("1-10", "1:10", "1:10", 100, ("one tenth", "1/10")),
    Scale("1-12", "One inch 1:12", "1:12", 120, ("one inch", "1 inch", "inch scale", "one twelfth", "1/12", "twelfth")),
    Scale("1-16", "Three-quarter inch 1:16", "1:16", 160, ("three quarter inch", "3/4 inch", "1/16")),
    Scale("1-18", "Two-thirds inch 1:18", "1:18", 180, ("two thirds inch", "2/3 inch", "1/18")),
    Scale("1-24", "Half inch 1:24", "1:24", 240, ("half inch", "1/2 inch", "twenty fourth", "1/24")),
    Scale("1-35", "1:35", "1:35", 350, ("one thirty fifth", "1/35", "military")),
    Scale("1-48", "Quarter inch 1:48", "1:48", 480, ("quarter inch", "1/4 inch", "forty eighth", "1/48")),
    Scale("1-72", "1:72", "1:72", 720, ("one seventy second", "1/72")),
    Scale("1-144", "Micro 1:144", "1:144", 1440, ("micro", "dollhouse for a dollhouse", "1/144")),
    Scale("G", "G (1:22.5 family)", "G", 225, ("garden railway", "g scale", "large scale", "1:22.5")),
    Scale("O", "O (1:48 US, 1:43.5 UK)", "O", 480, ("o scale", "o gauge", "1:43.5", "7 mm", "7mm")),
    Scale("S", "S 1:64", "S", 640, ("s scale", "s gauge", "1/64")),
    Scale("OO", "OO 1:76", "OO", 760, ("double o", "oo gauge", "4 mm", "4mm", "1/76", "00")),
    Scale("HO", "HO 1:87", "HO", 870, ("half o", "ho scale", "h0", "1/87", "3.5 mm")),
    Scale("TT", "TT 1:120", "TT", 1200, ("tt scale", "table top", "1/120")),
    Scale("N", "N 1:160 (UK 1:148)", "N", 1600, ("n scale", "n gauge", "1:148", "1/160")),
    Scale("Z", "Z 1:220", "Z", 2200, ("z scale", "z gauge", "1/220")),
    Scale("6mm", "6 mm figures", "6 mm", 2850, ("6 mm", "6mm", "microarmor", "epic")),
    Scale("10mm", "10 mm figures", "10 mm", 1600, ("10 mm", "10mm")),
    Scale("15mm", "15 mm figures", "15 mm", 1000, ("15 mm", "15mm")),
    Scale("20mm", "20 mm figures", "20 mm", 720, ("20 mm", "20mm")),
    Scale("28mm", "28 mm heroic", "28 mm", 560, ("28 mm", "28mm", "heroic")),
    Scale("32mm", "32 mm figures", "32 mm", 520, ("32 mm", "32mm")),
    Scale("54mm", "54 mm figures", "54 mm", 320, ("54 mm", "54mm", "1:32")),
    Scale("75mm", "75 mm figures", "75 mm", 240, ("75 mm", "75mm")),
    Scale("mixed", "Mixed or several scales", "Mixed", None, ("various", "several")),
    Scale("none", "Not to scale", "No scale", None, ()),
)

# 0 5 10 draw a house, 1 6 11 a wagon, 2 7 a figure, 3 8 a chair, 4 9 a plant.
CATEGORIES: tuple[Category, ...] = (
    Category("house", "Dollhouse or building, built", "Houses", 0, "dolls house building"),
    Category("house-kit", "House or building kit", "House kits", 10, "dolls house kit"),
    Category("roombox", "Room box or vignette", "Room boxes", 5, "room box vignette"),
    Category("diorama", "Diorama or scene", "Dioramas", 4, "scene"),
    Category("furniture", "Furniture", "Furniture", 3, "chair table bed cabinet"),
    Category("lighting", "Lighting and electrics", "Lighting", 8, "lamp light bulb electric"),
    Category("food", "Food and kitchen", "Food", 8, "kitchen bakery"),
    Category("textile", "Textiles, rugs and bedding", "Textiles", 3, "rug carpet quilt curtain"),
    Category("ceramic", "Ceramics, glass and metal", "Ceramics", 8, "pottery china silver"),
    Category("book", "Miniature books and paper goods", "Mini books", 3, "paper"),
    Category("garden", "Garden, plants and landscape", "Garden", 4, "plant flower tree"),
    Category("animal", "Animals", "Animals", 7, "pet dog cat horse"),
    Category("doll", "Dollhouse doll or figure", "Dolls", 2, "people"),
    Category("doll-large", "Doll, bear or soft toy", "Bears and toys", 7, "teddy toy"),
    Category("figure-single", "Single figure or bust", "Figures", 2, "miniature bust"),
    Category("figure-unit", "Unit, warband or army", "Units", 7, "army warband regiment"),
    Category("terrain", "Terrain and scenery", "Terrain", 9, "scenery hill river"),
    Category("loco", "Locomotive", "Locomotives", 6, "engine train"),
    Category("stock", "Rolling stock", "Rolling stock", 1, "car wagon coach train boxcar"),
    Category("track", "Track, control and electronics", "Track", 11, "rail controller decoder dcc"),
    Category("structure", "Railway structure", "Structures", 10, "station depot building"),
    Category("module", "Module or layout section", "Modules", 1, "layout"),
    Category("vehicle", "Vehicle, ship or aircraft", "Vehicles", 6, "car truck ship boat plane tank"),
    Category("kit", "Unbuilt kit", "Kits", 0, "model kit"),
    Category("parts", "Parts, bits and findings", "Parts", 11, "spare bits"),
    Category("material", "Building materials, wallpaper, wood", "Materials", 9, "wallpaper wood brick"),
    Category("tool", "Tools and paints", "Tools", 8, "brush knife airbrush paint"),
    Category("publication", "Books, magazines, rules, plans", "Publications", 5, "magazine rules plan"),
    Category("case", "Display case or transport box", "Cases", 10, "storage foam box"),
    Category("lot", "Mixed lot", "Mixed lots", 1, "bundle assorted"),
)

CONDITIONS: tuple[Condition, ...] = (
    Condition("new-sealed", "New, sealed", 10, "Never opened; box or bag intact."),
    Condition("new-open", "New, opened", 9, "Unused and complete; packaging opened or missing."),
    Condition("like-new", "Like new", 8, "Complete; handled or displayed only; no faults seen at arm's length."),
    Condition("excellent", "Excellent", 7, "Tiny marks only; nothing missing or bent."),
    Condition("very-good", "Very good", 6, "Light wear; a small part may be replaced, said so in the text."),
    Condition("good", "Good", 5, "Visible wear or paint loss; sound and usable."),
    Condition("fair", "Fair", 4, "Damage or missing parts listed."),
    Condition("restore", "For restoration", 3, "Needs work throughout."),
    Condition("parts-only", "For parts", 1, "Only useful for what can be taken from it."),
)

COMPLETENESS: dict[str, str] = {
    "complete": "Complete",
    "no-packaging": "Complete, without its packaging",
    "incomplete": "Incomplete, missing parts are listed",
    "unchecked": "Not checked",
}

BANNED = (
    "Recalled toys and unsafe electrics",
    "Copies that are not marked as copies",
    "Ivory, tortoiseshell and other protected materials",
    "Weapons, and blades that local law forbids",
    "Anything that is not yours to trade",
)

_SCALE_BY_CODE = {scale.code: scale for scale in SCALES}
_CATEGORY_BY_CODE = {category.code: category for category in CATEGORIES}
_CONDITION_BY_CODE = {condition.code: condition for condition in CONDITIONS}
_ALSO_NEAR = frozenset({frozenset({"HO", "OO"})})  # both run on the same track


def scale(code: str) -> Scale:
    """Raises KeyError for a code that is not in the list."""
    return _SCALE_BY_CODE[code]


def category(code: str) -> Category:
    """Raises KeyError for a code that is not in the list."""
    return _CATEGORY_BY_CODE[code]


def condition(code: str) -> Condition:
    """Raises KeyError for a code that is not in the list."""
    return _CONDITION_BY_CODE[code]


def is_scale(code: str) -> bool:
    return code in _SCALE_BY_CODE


def is_category(code: str) -> bool:
    return code in _CATEGORY_BY_CODE


def is_condition(code: str) -> bool:
    return code in _CONDITION_BY_CODE


def near_scales(code: str) -> tuple[str, ...]:
    """The codes of scales that go with this one, itself first, in the order of the list.

    Two scales are near when their ratios differ by at most NEAR_PERCENT of the smaller, or share a track gauge.
    """
    wanted = scale(code)
    others = [other.code for other in SCALES if other.code != code and _are_near(wanted, other)]
    return (code, *others)


def _are_near(one: Scale, other: Scale) -> bool:
    if frozenset({one.code, other.code}) in _ALSO_NEAR:
        return True
    if one.denominator is None or other.denominator is None:
        return False
    low, high = sorted((one.denominator, other.denominator))
    return (high - low) * 100 <= low * NEAR_PERCENT


def conditions_from(code: str) -> tuple[str, ...]:
    """The codes of this condition and every better one."""
    least = condition(code).grade
    return tuple(row.code for row in CONDITIONS if row.grade >= least)


def search_words(scale_code: str, category_code: str) -> str:
    """What a listing should also be found by: every way to say its scale, and its category in plain words."""
    one, kind = scale(scale_code), category(category_code)
    return " ".join([one.label, one.short, *one.aliases, kind.label, kind.short, kind.words])


def known(codes: Iterable[str], wanted: str) -> str:
    """`wanted` when it is one of the codes, else nothing: what a filter in an address may hold."""
    return wanted if wanted in codes else ""
