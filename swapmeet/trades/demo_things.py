"""PURE. What people bring to the demo's shows: invented things, put together from short lists by a seeded source."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from swapmeet.trades.vocab import Intent

# category | what it is, one or more | what one may ask for it in hundredths of the currency, low and high
DOLLHOUSE = """
furniture | ladder-back chairs, pair; brass bed; kitchen dresser; rocking chair; writing desk; wing chair; tall clock | 1800 9000
roombox | bakery, lights work; hat shop; potting shed; sewing room; book shop, half full | 4500 14000
house | cottage shell; townhouse, needs a roof; beach hut; row of three shops; summer house | 6000 24000
house-kit | pub kit, started; church kit; greenhouse kit; terraced house kit, walls primed; shop front kit | 2500 9000
lighting | oil lamps, pair; chandelier, six arms; street lamp; candle sconces, four | 1200 5000
food | fruit pies, six; market stall of vegetables; wedding cake; bread basket; cheese board | 800 3000
textile | hooked rug; patchwork quilt; lace curtains, three pairs; needlepoint carpet | 900 5500
ceramic | blue and white plates, set of six; copper pans, five; tea set; milk jugs, three | 1000 6000
book | books with turning pages, twelve; atlas and globe; newspapers, a week of them | 900 4200
garden | peony plants, three; hen house; garden tools on a rack; bird bath; bean rows | 700 3600
doll | cook in an apron; postman; grandmother, seated; twins in a pram | 1500 6500
animal | sleeping cat; hens, five; shire horse; spaniel with a shoe | 600 3000
parts | staircase, half turn; windows, about thirty; door knobs, bag of forty; turned spindles | 400 2000
material | slate strips, about 600; brick paper, eight sheets; parquet, two rooms; wallpapers, six rolls | 300 1800
lot | crate of kitchen things; shoe box of garden bits; drawer of half-made chairs | 1000 4000
publication | back issues, forty; pattern books, nine | 500 2000
"""
RAILWAY = """
loco | tank engine, runs well; two switchers, one runs; diesel shunter; pannier tank; railcar | 3500 16000
stock | boxcar set of three; flat cars, four; caboose, wood; tank cars, pair; dining coach; ore cars, six | 1500 8000
structure | coaling tower, weathered; water tower; signal box; country station; engine shed, two roads; grain store | 2000 9000
track | starter oval with controller; turnouts, five; flex track, twelve lengths; decoder, sound | 900 7000
module | corner modules, two; river crossing module; yard throat, four feet | 4000 16000
terrain | river section, four feet; rock face castings; pine trees, forty; telegraph poles, thirty | 600 4000
vehicle | milk float, some rust; delivery vans, three; bus, open top; farm tractor and hay wagon | 700 3800
kit | gunboat kit, unopened; brick works kit; trestle bridge kit; tram kit | 1500 5500
tool | lamp with magnifier; airbrush with hose; rivet press; track gauges, set | 1000 6000
case | travel case with foam; glass case, two feet | 1200 5000
figure-single | station master; porter with a trolley; bust of a miller, primed | 400 2500
publication | back issues, sixty; track plans, eleven books; timetable, framed | 500 2500
lot | shoe box of couplers and wheels; bag of part-built wagons; crate of scenery bits | 800 4000
"""
FIGURES = """
figure-unit | dwarf miners, twelve; pike company; river folk, ten; halberdiers, painted; gun crews, three; skirmishers, sixteen | 1200 6500
figure-single | bust of a miller, primed; standard bearer; giant; wizard on a rock; captain, mounted | 400 3000
terrain | river section, four feet; stone bridge; ruined corner; hedges, two yards; pine wood, forty trees; hill set | 800 4800
vehicle | river gunboat; supply wagons, two; steam lorry; balloon | 900 5000
kit | sloop kit, unopened; watch tower kit; plastic regiment, on its sprue | 1200 4500
diorama | doorstep scene, rain effect; market square; harbor wall | 2500 9000
tool | paint set, forty colors; lamp with magnifier; airbrush; hobby vise | 900 5500
case | figure case with foam, fits forty; carry box; glass dome | 900 4200
publication | rule book, second edition; painting guides, six; back issues, thirty | 500 2800
parts | shields, bag of sixty; bases, two hundred; spare heads, assorted | 300 1500
lot | box of part-painted foot; shoe box of cavalry; bits box | 800 3800
"""
FINISHES = (
    "Walnut", "Oak", "Painted", "Hand-made", "Old", "Unused", "Weathered", "Red", "Green", "Blue", "Cherry", "Small", "Fine",
    "Club-made", "Rusty", "Country", "Prize-winning", "Plain", "Carved", "Cream",
)  # fmt: skip
WISHES = (
    "garden tools or a hen house", "a kitchen dresser", "any shop in the same scale", "pots and plants", "an ink stand",
    "textiles", "half-scale kits", "open to offers in the same scale", "flat cars, same road", "a water tower", "gondolas",
    "straight modules", "scenery, trees", "tools in good order", "doors and windows", "another of the same", "tin vans",
)  # fmt: skip
REMARKS = (
    "Made in a workshop some years ago and kept behind glass since.",
    "One small mark on the left side, shown in the photo.",
    "From a smoke-free home. I have too many of these.",
    "Bought at last year's show and never found its place.",
    "The paint is original. Runs are not tested.",
    "My late uncle's; everything he made is neat from underneath too.",
    "Glue joint mended once, holds well.",
    "",
)
CONDITIONS = (
    "new-sealed",
    "new-open",
    "like-new",
    "excellent",
    "excellent",
    "very-good",
    "very-good",
    "good",
    "good",
    "fair",
    "restore",
)
INTENTS = (Intent.TRADE,) * 5 + (Intent.TRADE_OR_SELL,) * 5 + (Intent.SELL,) * 2 + (Intent.GIVE, Intent.WANTED)
DOLLHOUSE_SCALES = ("1-12",) * 6 + ("1-24",) * 3 + ("1-48", "1-144")
FIGURE_SCALES = ("28mm",) * 5 + ("15mm", "15mm", "1-72", "54mm", "75mm")
RAILWAY_SCALES = ("HO",) * 5 + ("N",) * 3 + ("O", "S", "OO")


@dataclass(frozen=True)
class Thing:
    """What the listing says, in the codes of vocab.py."""

    title: str
    category: str
    scale: str
    condition: str
    completeness: str
    intent: Intent
    wants: str
    price_minor: int | None
    description: str


STOCKS = {
    "railway": (RAILWAY, RAILWAY_SCALES),
    "figures": (FIGURES, FIGURE_SCALES),
    "dollhouse": (DOLLHOUSE, DOLLHOUSE_SCALES),
}


def things(random: Random, *, stock: str, count: int) -> Iterator[Thing]:
    """`count` things with different titles from one of STOCKS. The same seed gives the same things."""
    text, scales = STOCKS[stock]
    rows = [_row(line) for line in text.strip().splitlines()]
    seen: set[str] = set()
    while len(seen) < count:
        category, names, low, high = random.choice(rows)
        title = f"{random.choice(FINISHES)} {random.choice(names)}"
        if title in seen:
            continue
        seen.add(title)
        yield _thing(random, title, category, random.choice(scales), random.randrange(low, high, 50))


def _row(line: str) -> tuple[str, list[str], int, int]:
    category, names, prices = (part.strip() for part in line.split("|"))
    low, high = prices.split()
    return category, [name.strip() for name in names.split(";")], int(low), int(high)


def _thing(random: Random, title: str, category: str, scale: str, price: int) -> Thing:
    intent = random.choice(INTENTS)
    if category in ("publication", "tool", "case"):
        scale = "none"
    is_sold = intent in (Intent.SELL, Intent.TRADE_OR_SELL)
    return Thing(
        title=f"Wanted: {title[0].lower()}{title[1:]}" if intent is Intent.WANTED else title,
        category=category,
        scale=scale,
        condition=random.choice(CONDITIONS),
        completeness=random.choice(("complete", "complete", "complete", "no-packaging", "incomplete", "unchecked")),
        intent=intent,
        wants="" if intent in (Intent.SELL, Intent.GIVE) else random.choice(WISHES),
        price_minor=price if is_sold else None,
        description=random.choice(REMARKS),
    )
