"""In which role a step stands to a system, read from the word for what it does."""

from typing import Final

from catalog.domain.imports.words import listed, words_of

SOURCE, TARGET, ENRICHMENT = "source", "target", "enrichment"
READ, CREATE, UPDATE, DELETE, NOTIFY = "read", "create", "update", "delete", "notify"

# The first that matches in this order: `appendOrUpdate` updates, `sendAndWait` notifies, `getAll` reads.
_WORDS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    (DELETE, listed("delete remove clear archive trash purge drop destroy unassign cancel")),
    (
        UPDATE,
        listed(
            "update upsert edit patch set replace move rename share assign mark label labels activate deactivate merge change modify sync"
        ),
    ),
    (NOTIFY, listed("send reply notify publish push message post tweet announce alert emit say call speak trigger respond")),
    (
        READ,
        listed(
            """
    get list search read find lookup download export fetch query select retrieve load count browse poll receive listen watch
    subscribe consume in input extract scan describe history state schema info check wait sensor scrape crawl crawler
    translate enrich analyze analyse classify predict detect verify transcribe recognize
    """
        ),
    ),
    (
        CREATE,
        listed("create add append insert upload write import new copy duplicate save store put submit register out output sink"),
    ),
)
_BY_METHOD: Final = {"GET": READ, "HEAD": READ, "OPTIONS": READ, "PUT": UPDATE, "PATCH": UPDATE, "DELETE": DELETE, "POST": CREATE}
_BY_SQL: Final = {
    "select": READ,
    "with": READ,
    "show": READ,
    "insert": CREATE,
    "create": CREATE,
    "copy": CREATE,
    "update": UPDATE,
    "upsert": UPDATE,
    "merge": UPDATE,
    "replace": UPDATE,
    "alter": UPDATE,
    "delete": DELETE,
    "truncate": DELETE,
}
_READS: Final = listed("search query graphql find lookup list scrape crawl translate enrich")


def of_word(word: object) -> str | None:
    """The operation that a word such as `getAll` or `appendOrUpdate` means; None for one that tells nothing."""
    words = set(words_of(str(word))) if isinstance(word, str) else set()
    return next((operation for operation, means in _WORDS if words & means), None)


def of_method(method: object, path: str = "") -> str:
    """The operation of an HTTP method; a POST to a search is a read."""
    operation = _BY_METHOD.get(str(method or "GET").upper(), READ)
    last = path.rstrip("/").rpartition("/")[2].lower()
    return READ if operation == CREATE and last in _READS else operation


def of_sql(query: object) -> str:
    """The operation of an SQL statement by its first word."""
    words = words_of(query.strip().lstrip("=(")[:40]) if isinstance(query, str) else []
    return _BY_SQL.get(words[0], READ) if words else READ


def role_of(operation: str) -> str:
    """What is read is a source; everything else is done to a target."""
    return SOURCE if operation == READ else TARGET
