"""Invented vendors for the demo: trading name | wares | scales."""

LINES = """
Thistle and Tack Miniatures | saddlery and leather goods | 1:12
Copper Kettle Small Works | raised metal pans and lamps | 1:12, 1:24
Half Pint Pottery | thrown pots and tiles | 1:12, 1:24
The Quarter Inch Yard | laser-cut building kits | 1:48, 1:144
Rushlight Electrics | bulbs, wire, transformers | 1:12, 1:24, 1:48
Marrow and Finch Food | polymer clay food | 1:12
Sparrow Lane Textiles | rugs, bedding, ribbon | 1:12, 1:24
Old Barge Books | books with pages | 1:12, 1:24
Pin Mill Timber | strip wood, mouldings, shingles | 1:12, 1:24
Weir Cottage Gardens | plants, pots, hedges | 1:12, 1:48
Nutshell Rooms | room boxes and domes | 1:24, 1:48, 1:144
Brass Farthing Findings | filigree and beads | mixed
Little Bow Dolls | porcelain dolls, dressed | 1:12
Harrier Lane Locomotives | second-hand engines | HO, N
Coal Drop Model Supply | track, ballast, scenery | HO, N, OO
Signal Box Surplus | estate collections | O, S, HO
Narrow Way Models | narrow gauge kits | O, HO
Tidewater Decals | lettering and paint | HO, N, O
Fourth Wall Layout Lighting | LED strips and controllers | mixed
Redoubt Castings | metal figures | 28mm, 15mm
Mud and Palisade | terrain and bases | 28mm, 20mm
Six by Four Games | rules, dice, mats | mixed
Lantern Tower Brushes | paints and brushes | mixed
Grey Goose Figures | busts and large figures | 54mm, 75mm
Second Muster | painted second-hand armies | 15mm, 28mm
Tin Trunk Toys | tin toys and diecast | 1:18, S
Button Eye Bears | bears and soft toys | 1:6
Playroom Attic | vintage dolls' houses | 1:12, 1:16
Hobby Horse Die-cast | boxed vehicles | S, 1:24
Magpie Lots | mixed lots and oddments | mixed
Snowdrop Needlework | carpet charts and silk | 1:12
Inkwell Papers | wallpaper and printed paper | 1:12, 1:24, 1:48
Foxglove Furniture | period furniture, small runs | 1:12
Glasshouse Small Glass | lamp-worked glass | 1:12
Micro Mews | tiny houses | 1:144
Bright Bench Tools | tools, clamps, magnifiers | mixed
"""


def sample_vendors() -> list[tuple[str, str, list[str]]]:
    """(name, wares, scales) of each."""
    found = []
    for line in LINES.strip().splitlines():
        name, sells, scales = (part.strip() for part in line.split("|"))
        found.append((name, sells, [scale.strip() for scale in scales.split(",")]))
    return found
