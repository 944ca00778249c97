"""What is typed becomes a query of words, and what is found is marked in the text as it was written."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.searching import read_search, segments, spans, stored, words_of
from foundation.text import fold


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("orders", "'orders':*"),
        ("Łódź Größe", "'lodz' & 'grosse':*"),
        ("order x", "'order' & 'x'"),
        ('"to the shop" erp', "('to' <-> 'the' <-> 'shop') & 'erp':*"),
        ("erp -shop", "'erp' & !'shop'"),
        ("erp OR crm", "('erp' | 'crm':*)"),
        ("erp OR", "'erp':*"),
        ("OR erp", "'or' & 'erp':*"),
        ("orders-to-erp", "('orders' <-> 'to' <-> 'erp':*)"),
        ("customer.email", "('customer' <-> 'email':*)"),
        ("it's | & ! ( ) :* <-> '", "('it' <-> 's')"),
        ('"unclosed phrase', "('unclosed' <-> 'phrase')"),
        ("PIM→Shop", "'pim' & 'shop':*"),
        ("PIM->Shop, ERP", "'pim' & 'shop' & 'erp':*"),
        ("OrderSync", "('ordersync':* | ('order' <-> 'sync':*))"),
        ("OrderSync erp", "('ordersync' | ('order' <-> 'sync')) & 'erp':*"),
        ("-OrderSync erp", "!'ordersync' & !('order' <-> 'sync') & 'erp':*"),
        ("crm OR OrderSync", "('crm' | 'ordersync':* | ('order' <-> 'sync':*))"),
        ('"OrderSync"', "'ordersync'"),
        ("orders AND erp", "'orders' & 'erp':*"),
        ("NOT erp orders", "!'erp' & 'orders':*"),
        ("orders NOT erp", "'orders' & !'erp'"),
    ],
)
def test_search_as_a_query(typed, query):
    assert read_search(typed).query() == query


@pytest.mark.parametrize("typed", ["", " ", "-", "-erp", '""', "…", "-a -b", "🚢", "→", "NOT", "NOT erp"])
def test_nothing_sought(typed):
    assert read_search(typed) is None


def test_weights_bind_what_is_sought_and_not_what_is_left_out():
    assert read_search("erp -shop order").query("AB") == "'erp':AB & !'shop' & 'order':*AB"


@pytest.mark.parametrize(
    ("typed", "text", "marked"),
    [
        ("order", "Orders of the shop", "[Orders] of the shop"),
        ("size order", "Größe (SIZE), no sizes", "Größe ([SIZE]), no sizes"),
        ("grosse", "Die Größe zählt", "Die [Größe] zählt"),
        ("cafe", "Cafe\u0301 au lait", "[Cafe\u0301] au lait"),
        ("customer.email", "customer.email, email", "[customer.email], email"),
        ('"au lait"', "lait au lait", "lait [au lait]"),
        ("fish", "\N{LATIN SMALL LIGATURE FI}sh and chips", "[\N{LATIN SMALL LIGATURE FI}sh] and chips"),
        ("a b", "<b>a</b>", "<[b]>[a]</[b]>"),
        ("erp -shop", "shop to erp", "shop to [erp]"),
        ("nowhere", "some text", "some text"),
    ],
)
def test_words_are_marked_where_they_stand(typed, text, marked):
    found = spans(text, read_search(typed).sought)
    told = segments(text, found)
    assert "".join(f"[{piece['text']}]" if piece["is_hit"] else piece["text"] for piece in told) == marked


def test_a_long_text_is_shown_around_its_first_hit():
    text = "before " * 100 + "needle" + " after" * 100
    told = segments(text, spans(text, read_search("needle").sought))
    assert [piece["text"] for piece in told if piece["is_hit"]] == ["needle"]
    assert told[0]["text"].startswith("…")
    assert told[-1]["text"].endswith("…")
    assert sum(len(piece["text"]) for piece in told) <= 242


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=120), typed=st.text(max_size=20))
def test_pieces_join_to_the_text_and_hits_are_hits(text, typed):
    search = read_search(typed)
    terms = search.sought if search else ()
    found = spans(text, terms)
    told = segments(text, found)
    assert "".join(piece["text"] for piece in told) == text
    for piece in told:
        if piece["is_hit"]:
            assert any(term.matches(words_of(piece["text"])) for term in terms)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=60))
def test_every_whole_word_of_a_text_finds_it(text):
    for word in words_of(text):
        assert spans(text, read_search(f'"{word}"').sought), word
        assert word in stored(text).split()
    assert all(fold(word) == word for word in words_of(text))


def test_names_written_in_one_are_also_found_apart():
    assert stored("customerEmail, e-mail") == "customeremail e mail customer email e mail"
