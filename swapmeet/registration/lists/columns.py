"""PURE. Which column of a file is what: known by the words that people write over them."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WORDS: dict[str, tuple[str, ...]] = {
    "key": ("key", "row key", "id", "reference id", "nr", "no", "number"),
    "order": ("order", "order number", "order code", "group", "family", "bestellung", "commande", "pedido"),
    "name": ("name", "full name", "attendee", "attendee name", "badge name", "who", "nom", "nombre", "names"),
    "first_name": ("first name", "firstname", "given name", "vorname", "prenom", "forename"),
    "last_name": ("last name", "lastname", "surname", "family name", "nachname", "apellido"),
    "email": ("email", "e-mail", "mail", "e-mail address", "email address", "correo"),
    "phone": ("phone", "telephone", "mobile", "phone number", "telefon", "tel"),
    "ticket": ("ticket", "ticket type", "product", "item", "type", "karte", "billet", "entrada", "holds"),
    "choice": ("choice", "variant", "option", "size", "dish"),
    "age": ("age", "alter", "edad"),
    "price": ("price", "unit price", "amount", "preis", "prix", "precio"),
    "paid": ("paid", "amount paid", "payment", "bezahlt", "paye", "pagado"),
    "method": ("method", "paid by", "payment method", "tender"),
    "reference": ("reference", "check number", "payment reference", "bank reference"),
    "paid_on": ("paid on", "payment date", "date paid", "received on", "last payment"),
    "note": ("note", "notes", "comment", "remarks", "bemerkung"),
}
SHOWN = {
    "key": "Row key", "order": "Order", "name": "Name", "first_name": "First name", "last_name": "Last name", "email": "E-mail",
    "phone": "Phone", "ticket": "Ticket", "choice": "Choice", "age": "Age", "price": "Price", "paid": "Paid", "method": "Paid by",
    "reference": "Reference", "paid_on": "Paid on", "note": "Note",
}  # fmt: skip


@dataclass(frozen=True)
class Columns:
    """Where each known column stands, by its name here, and the headings nobody uses."""

    places: Mapping[str, int]
    unused: Sequence[str]

    def of(self, cells: Sequence[str], name: str) -> str:
        """The cell of a row under a known heading; "" where there is none."""
        place = self.places.get(name)
        return cells[place] if place is not None and place < len(cells) else ""


def find_columns(header: Sequence[str]) -> Columns:
    """The first column with a known heading counts; a second one of the same meaning is not used."""
    by_word = {word: name for name, words in WORDS.items() for word in words}
    places: dict[str, int] = {}
    unused = []
    for place, heading in enumerate(header):
        name = by_word.get(folded(heading))
        if name is not None and name not in places:
            places[name] = place
        elif heading:
            unused.append(heading)
    return Columns(places, unused)


def folded(text: str) -> str:
    """Lower case without accents, dots and double spaces: how headings, tickets and words are compared."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(ch for ch in plain if not unicodedata.combining(ch) and ch not in ".:_*")
    return " ".join(kept.split())
