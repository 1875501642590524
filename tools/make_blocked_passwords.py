"""Builds swapmeet/data/blocked_passwords.txt.gz: common passwords, the words they are made of, and how people join them.

Run it from the repository: python tools/make_blocked_passwords.py. The output is the same each time.
"""

import gzip
from itertools import product
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "swapmeet" / "data" / "blocked_passwords.txt.gz"
SHORTEST = 5

WORDS = """
password passwort motdepasse contrasena senha wachtwoord passw0rd letmein welcome willkommen bienvenue iloveyou iloveu
monkey dragon football baseball basketball soccer hockey master superman batman spiderman pokemon starwars princess
sunshine shadow michael jennifer jordan hunter ashley daniel jessica charlie thomas robert matthew andrew joshua george
summer winter spring autumn freedom whatever trustno1 secret access flower cheese computer internet samsung google
facebook instagram youtube amazon netflix microsoft windows apple iphone android linux ubuntu admin administrator root
guest user login test tester testing changeme default temp temporary hello helloworld goodbye love lovely babygirl
angel family friends forever blessed jesus christ heaven church america london berlin paris chicago boston texas
florida california liverpool arsenal chelsea manchester barcelona realmadrid juventus cowboys yankees lakers eagles
steelers packers patriots mustang corvette ferrari porsche mercedes harley yamaha honda toyota chevrolet cookie
chocolate coffee banana orange cherry peanut pepper ginger buster tigger snoopy maggie bailey molly daisy bella lucky
rocky sparky purple yellow silver golden diamond crystal rainbow butterfly dolphin panther tiger lion phoenix ninja
killer warrior wizard merlin gandalf matrix hacker qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm azerty qwertz
qazwsx 1qaz2wsx abc123 abcd1234 123456 1234567 12345678 123456789 1234567890 11111111 00000000 87654321 987654321
miniature dollhouse teddybear model railway railroad train trains hobby collector collection modelrailroad dollshouse
lego warhammer miniatures quilting knitting stamps coins boardgame boardgames chess vintage antique antiques
""".split()

PHRASES = """
correct horse battery staple|to be or not to be|the quick brown fox|the quick brown fox jumps over the lazy dog
let me in please|open sesame|i love you so much|i love you forever|i love my family|i love my husband|i love my wife
this is my password|this is a password|my password is password|mypassword|thisismypassword|password password
what is your name|hello my name is|how are you today|have a nice day|good morning sunshine|good morning world
once upon a time|happily ever after|in the beginning|may the force be with you|live long and prosper
winter is coming|you know nothing jon snow|all your base are belong to us|never gonna give you up
hakuna matata|carpe diem|home sweet home|god bless america|in god we trust|jesus is lord|jesus loves me
jesus christ is lord|the lord is my shepherd|praise the lord|thank you jesus|happy birthday to you|merry christmas
happy new year|trick or treat|remember the titans|game of thrones|lord of the rings|harry potter|star wars forever
back to the future|twinkle twinkle little star|mary had a little lamb|row row row your boat|humpty dumpty
an apple a day|early bird catches the worm|money makes the world go round|time is money|knowledge is power
practice makes perfect|better late than never|the answer is 42|forty two|one two three four five|one two three four
abracadabra alakazam|supercalifragilisticexpialidocious|antidisestablishmentarianism|honorificabilitudinitatibus
administrator password|change this password|change me now please|please change me|letmeinletmein|welcome to the jungle
we are the champions|let it be|hey jude|yellow submarine|stairway to heaven|bohemian rhapsody|hotel california
sweet child of mine|dancing queen|mamma mia|smoke on the water|eye of the tiger|born to run|born to be wild
go team go|manchester united|real madrid forever|you will never walk alone|youllneverwalkalone|come on you reds
my dog has fleas|i have a dream|four score and seven years ago|we the people|e pluribus unum|semper fidelis
swap meet|the swap meet|swapmeet swapmeet|i love swap meets|model train show|model railroad club|dollhouse miniatures
vendor table|buy sell trade|train show password|club password|our club password|hobby show|hobby convention
""".replace("\n", "|").split("|")

NAMES = """
james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony donald mark
paul steven andrew kenneth george joshua kevin brian edward ronald timothy jason jeffrey ryan jacob gary nicholas eric
stephen jonathan larry justin scott brandon benjamin samuel gregory frank alexander raymond patrick jack dennis jerry
mary patricia jennifer linda elizabeth barbara susan jessica sarah karen nancy lisa margaret betty sandra ashley dorothy
kimberly emily donna michelle carol amanda melissa deborah stephanie rebecca laura sharon cynthia kathleen amy angela
shirley anna brenda pamela emma nicole helen samantha katherine christine debra rachel carolyn janet catherine maria
""".split()


def squeeze(text: str) -> str:
    return "".join(ch for ch in text.casefold() if ch.isalnum())


def build() -> list[str]:
    """Every entry once, squeezed as the check squeezes, sorted. Digits at either end need no entry: the check takes them off."""
    words = [squeeze(word) for word in WORDS]
    stems = [*words, *NAMES]
    entries = {squeeze(phrase) for phrase in PHRASES} | set(stems)
    entries |= {stem * times for stem, times in product(stems, (2, 3, 4))}
    entries |= {"ilove" + stem for stem in stems} | {"my" + stem for stem in stems} | {stem + "rocks" for stem in stems}
    top = words[:90]
    entries |= {first + second for first, second in product(top, top)}
    return sorted(entry for entry in entries if len(entry) >= SHORTEST)


def main() -> None:
    entries = build()
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_bytes(gzip.compress("\n".join(entries).encode(), mtime=0))
    print(f"{len(entries)} entries, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
