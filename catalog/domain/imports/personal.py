"""Kinds of personal data that a field's name gives away."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from catalog.domain.imports.words import words_of

_KINDS: Final[dict[str, str]] = {
    "email": "email mail emailaddress",
    "name": "firstname lastname fullname surname givenname familyname username nickname displayname personname customername contactname",
    "phone": "phone mobile telephone phonenumber telefono tel msisdn whatsapp",
    "address": "address street city zip zipcode postcode postalcode postal country location latitude longitude addressline",
    "birth date": "birthday birthdate dateofbirth dob",
    "payment": "iban bic creditcard cardnumber cardtype bankaccount payment invoice cvv ccnum",
    "identity number": "ssn passport taxid vat nationalid socialsecurity",
    "health": "diagnosis patient medication symptoms medical",
    "salary": "salary income wage",
    "network address": "ipaddress ip useragent",
    "message": "message chatinput chat conversation comment feedback review transcript body textplain texthtml",
    "document": "document attachment resume cv pdf file",
    "image": "image photo picture imageurl",
    "voice": "audio voice recording",
}
_BY_WORD: Final = {word: kind for kind, words in _KINDS.items() for word in words.split()}


def kinds_of(fields: Iterable[str]) -> list[str]:
    """The kinds, sorted. A bare `name` tells nothing; beside an e-mail address or a phone number it is a person's."""
    found: set[str] = set()
    bare = False
    for field in fields:
        words = words_of(field)
        bare = bare or words == ["name"]
        pairs = [first + second for first, second in pairwise(words)]
        found |= {_BY_WORD[word] for word in (*words, *pairs, "".join(words)) if word in _BY_WORD}
    if bare and found & {"email", "phone"}:
        found.add("name")
    return sorted(found)
