"""PURE. What people bring to the demo's shows: invented things, put together from short lists by a seeded source."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from swapmeet.trades.vocab import Intent

# category | how it may be | what it is | what one may ask for it in hundredths of the currency, low and high
DOLLHOUSE = """
furniture | walnut, oak, cherry, painted | ladder-back chairs, pair; kitchen dresser; rocking chair; writing desk; wing chair | 1800 9000
furniture | small, Victorian, plain, brass | bed with mattress; hall stand; plant table; fire screen; towel rail | 1500 7000
roombox | old, small, unfinished, prize-winning | bakery, lights work; hat shop; potting shed; sewing room; book shop | 4500 14000
house | Georgian, thatched, half-timbered, pale blue | cottage shell; townhouse, needs a roof; beach hut; corner shop | 6000 24000
house-kit | unopened, started, laser-cut, spare | pub kit; church kit; greenhouse kit; terraced house kit; shop front kit | 2500 9000
lighting | brass, glass, working, tiny | oil lamps, pair; chandelier, six arms; street lamp; candle sconces, four | 1200 5000
food | hand-made, glossy, fresh-looking, tiny | fruit pies, six; market stall of vegetables; wedding cake; cheese board | 800 3000
textile | hooked, hand-sewn, faded, cream | rug; patchwork quilt; lace curtains, three pairs; needlepoint carpet | 900 5500
ceramic | blue and white, hand-thrown, signed, old | plates, set of six; tea set; milk jugs, three; wash bowl and jug | 1000 6000
book | leather-bound, tiny, hand-printed, red | books with turning pages, twelve; atlas and globe; newspapers, a week | 900 4200
garden | hand-made, weathered, green, country | peony plants, three; hen house; garden tools on a rack; bird bath | 700 3600
doll | jointed, porcelain, hand-dressed, Edwardian | cook in an apron; postman; grandmother, seated; twins in a pram | 1500 6500
animal | needle-felted, sleeping, brown, tiny | cat; hens, five; shire horse; spaniel with a shoe | 600 3000
parts | mahogany, unpainted, spare, brass | staircase, half turn; windows, about thirty; door knobs, forty; spindles | 400 2000
material | real, printed, left-over, old | slate strips, about 600; brick paper, eight sheets; parquet, two rooms | 300 1800
lot | mixed, dusty, large, inherited | crate of kitchen things; shoe box of garden bits; drawer of half-made chairs | 1000 4000
"""
RAILWAY = """
loco | green, black, weathered, boxed | tank engine, runs well; switcher pair, one runs; diesel shunter; railcar | 3500 16000
stock | weathered, red, lettered, wooden | boxcar set of three; flat cars, four; caboose; tank cars, pair; ore cars, six | 1500 8000
stock | maroon, lighted, long, club-built | dining coach; mail car; observation car; sleeping cars, pair | 1800 9000
structure | weathered, brick, wooden, scratch-built | coaling tower; water tower; signal box; country station; grain store | 2000 9000
track | tested, code 83, like-new, spare | oval with controller; turnouts, five; flex track, twelve lengths; decoder | 900 7000
module | sturdy, scenicked, unfinished, T-track | corner modules, two; river crossing module; yard throat, four feet | 4000 16000
terrain | hand-made, autumn, painted, tall | rock face castings; pine trees, forty; telegraph poles, thirty; stone bridge | 600 4000
vehicle | tin, red, diecast, rusty | milk float; delivery vans, three; bus, open top; farm tractor and hay wagon | 700 3800
kit | unopened, started, resin, wooden | brick works kit; trestle bridge kit; tram kit; engine shed kit | 1500 5500
tool | sturdy, like-new, bench, old | lamp with magnifier; airbrush with hose; rivet press; track gauges, set | 1000 6000
figure-single | painted, primed, seated, pewter | station master; porter with a trolley; engine driver | 400 2500
publication | bound, old, complete, signed | back issues, sixty; track plans, eleven books; timetables, a dozen | 500 2500
lot | mixed, heavy, inherited, club | box of couplers and wheels; bag of part-built wagons; crate of scenery bits | 800 4000
"""
FIGURES = """
figure-unit | painted, bare metal, half-painted, well-based | dwarf miners, twelve; pike company; river folk; gun crews, three | 1200 6500
figure-single | primed, painted, resin, pewter | bust of a miller; standard bearer; giant; wizard on a rock; captain, mounted | 400 3000
terrain | painted, foam, flocked, resin | river section, four feet; ruined corner; hedges, two yards; hill set | 800 4800
vehicle | built, painted, wooden, steam | river gunboat; supply wagons, two; lorry; balloon | 900 5000
kit | unopened, boxed, old, started | sloop kit; watch tower kit; plastic regiment kit; siege engine kit | 1200 4500
diorama | rainy, winter, small, glass-covered | doorstep scene; market square; harbor wall; mountain pass | 2500 9000
tool | large, like-new, bench, nearly full | paint set; lamp with magnifier; airbrush; hobby vise | 900 5500
case | padded, wooden, large, lockable | figure case, fits forty; carry box; display box with a glass front | 900 4200
publication | second-edition, signed, old, complete | rule book; painting guides, six; back issues, thirty; army lists | 500 2800
parts | spare, metal, assorted, unused | shields, bag of sixty; bases, two hundred; heads, thirty | 300 1500
lot | mixed, inherited, heavy, part-painted | box of foot; shoe box of cavalry; bits box; tray of casualties | 800 3800
"""
DOLLHOUSE_WISHES = (
    "garden tools or a hen house", "a kitchen dresser", "any shop in the same scale", "pots and plants", "an ink stand",
    "textiles", "half-scale kits", "open to offers in the same scale", "doors and windows", "a cat or a dog",
)  # fmt: skip
RAILWAY_WISHES = (
    "flat cars, same road", "a water tower", "gondolas", "straight modules", "scenery, trees", "a crane car", "any N-scale steam",
    "tools in good order", "couplers", "tin vans",
)  # fmt: skip
FIGURE_WISHES = (
    "river folk", "gun crews", "another bust", "scenery, trees", "a ruined corner", "paint set", "trams", "cavalry in the same scale",
    "open to offers", "rule books",
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
    "railway": (RAILWAY, RAILWAY_SCALES, RAILWAY_WISHES),
    "figures": (FIGURES, FIGURE_SCALES, FIGURE_WISHES),
    "dollhouse": (DOLLHOUSE, DOLLHOUSE_SCALES, DOLLHOUSE_WISHES),
}


def things(random: Random, *, stock: str, count: int) -> Iterator[Thing]:
    """`count` things from one of STOCKS: the same for the same seed. A title comes again only after all have been given."""
    text, scales, wishes = STOCKS[stock]
    rows = [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]
    left = {f"{look} {name}" for _, looks, names, _ in rows for look in looks.split(", ") for name in names.split("; ")}
    made = 0
    while made < count:
        category, looks, names, prices = random.choice(rows)
        title = f"{random.choice(looks.split(', '))} {random.choice(names.split('; '))}"
        if left and title not in left:
            continue
        made += 1
        left.discard(title)
        low, high = (int(part) for part in prices.split())
        price, scale = random.randrange(low, high, 50), random.choice(scales)
        yield _thing(random, title, category, scale, price, random.choice(wishes))


def _thing(random: Random, title: str, category: str, scale: str, price: int, wish: str) -> Thing:
    intent = random.choice(INTENTS)
    if category in ("publication", "tool", "case"):
        scale = "none"
    is_sold = intent in (Intent.SELL, Intent.TRADE_OR_SELL)
    return Thing(
        title=f"Wanted: {title}" if intent is Intent.WANTED else f"{title[0].upper()}{title[1:]}",
        category=category,
        scale=scale,
        condition=random.choice(CONDITIONS),
        completeness=random.choice(("complete", "complete", "complete", "no-packaging", "incomplete", "unchecked")),
        intent=intent,
        wants="" if intent in (Intent.SELL, Intent.GIVE) else wish,
        price_minor=price if is_sold else None,
        description=random.choice(REMARKS),
    )
