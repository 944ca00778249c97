"""Telling texts that hold a secret. References alone are kept; what was once written to a history cannot be taken back from it.

Four signs: a shape that a provider documents for its keys, a value in the query of an address under a name such as `api_key`, a
value behind a word such as `password:`, and a long word without pattern (Shannon entropy). How much counts depends on the text:
prose is judged by the first three, a single line by all, a value in somebody's program by its shape alone.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

REFERENCE_RE = re.compile(r"(?:env://[A-Za-z_][A-Za-z0-9_]*|(?:file|vault|k8s)://[^\s@]{1,300})\Z")
REMOVED = "[left out]"
_ADVICE = "Write where it is kept (env://, file://, vault://, k8s://), not the value."

# (code, what people call it, shape)
_SHAPES: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "private-key",
        "a private key",
        re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d|\bAGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    ),
    ("portolan-token", "a Portolan token", re.compile(r"\bptl_[0-9A-Za-z]{8}_[0-9A-Za-z]{36}\b")),
    ("github-token", "a GitHub token", re.compile(r"\b(?:gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{50,})")),
    ("gitlab-token", "a GitLab token", re.compile(r"\bgl(?:pat|dt|rt|ptt|cbt|ft|soat)-[0-9A-Za-z_-]{20,}")),
    ("aws-key", "an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    (
        "azure-key",
        "a key of an Azure account",
        re.compile(r"\b(?:AccountKey|SharedAccessKey)=[0-9A-Za-z+/]{30,}|\b[0-9A-Za-z_~.-]{3}\dQ~[0-9A-Za-z_~.-]{31,34}"),
    ),
    ("slack-token", "a Slack token", re.compile(r"\bxox[abeoprs]-[0-9A-Za-z-]{10,}|\bxapp-\d-[0-9A-Za-z-]{20,}")),
    (
        "chat-webhook",
        "the secret address of a chat channel",
        re.compile(
            r"\bhooks\.slack\.com/(?:services|workflows|triggers)/[0-9A-Za-z/_-]{20,}"
            r"|\bdiscord(?:app)?\.com/api/webhooks/\d{10,}/[0-9A-Za-z_-]{40,}"
            r"|\bwebhook\.office\.com/webhookb2/[0-9A-Za-z@/-]{40,}"
        ),
    ),
    ("google-key", "a Google key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}|\bGOCSPX-[0-9A-Za-z_-]{28}|\bya29\.[0-9A-Za-z_-]{20,}")),
    ("stripe-key", "a Stripe key", re.compile(r"\b[rs]k_(?:live|test)_[0-9A-Za-z]{16,}")),
    ("webhook-secret", "a secret that webhooks are signed with", re.compile(r"\bwhsec_[0-9A-Za-z+/=_-]{24,}")),
    ("sendgrid-key", "a SendGrid key", re.compile(r"\bSG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}")),
    ("twilio-key", "a Twilio key", re.compile(r"\bSK[0-9a-f]{32}\b")),
    (
        "model-key",
        "a key of a model provider",
        re.compile(r"\bsk-(?=\S{0,99}[A-Z])(?=\S{0,99}[0-9])[0-9A-Za-z_-]{32,}|\bhf_[0-9A-Za-z]{30,}"),
    ),
    ("vault-token", "a Vault token", re.compile(r"\bhv[bsr]\.[0-9A-Za-z_-]{20,}")),
    ("shop-token", "a Shopify token", re.compile(r"\bshp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}\b")),
    ("atlassian-token", "an Atlassian token", re.compile(r"\bATATT3[0-9A-Za-z_=-]{50,}")),
    ("npm-token", "an npm token", re.compile(r"\bnpm_[0-9A-Za-z]{36}\b")),
    ("pypi-token", "a PyPI token", re.compile(r"\bpypi-[0-9A-Za-z_-]{50,}")),
    ("jwt", "a signed token (JWT)", re.compile(r"\beyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}")),
    ("bearer", "an authorization header", re.compile(r"\b[Bb]earer\s+(?!\$|\{)[0-9A-Za-z+/=_.~-]{20,}")),
    # Base64 of a name and a password has more than small letters in it: "basic delete-message-property" is a title.
    ("bearer", "an authorization header", re.compile(r"\b[Bb]asic\s+(?!\$|\{)(?=[a-z+/_.~-]*[0-9A-Z=])[0-9A-Za-z+/=_.~-]{20,}")),
    (
        "url-password",
        "a password in an address",
        re.compile(r"[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,100}:(?![$<{*])[^\s/:@\"'<>]{1,200}@"),
    ),
    (
        "url-key",
        "a key in an address",
        re.compile(
            r"[?&](?:access[_-]?token|api[_-]?key|auth[_-]?token|client[_-]?secret|password|passwd|secret|token|sig|signature)="
            r"(?![$<{*]|%7[Bb])(?=[^\s&#\"'<>]{0,200}[0-9])[0-9A-Za-z%+/=_.~-]{12,}",
            re.IGNORECASE,
        ),
    ),
)
# A text without any of these holds nothing of that shape: looking for a few letters is a hundred times faster than for a shape.
_SIGNS: dict[str, tuple[str, ...]] = {
    "private-key": ("PRIVATE KEY", "PuTTY-User-Key-File-", "AGE-SECRET-KEY-"),
    "portolan-token": ("ptl_",),
    "github-token": ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    "gitlab-token": ("glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "glsoat-"),
    "aws-key": ("AKIA", "ASIA"),
    "azure-key": ("AccountKey=", "SharedAccessKey=", "Q~"),
    "slack-token": ("xox", "xapp-"),
    "chat-webhook": ("hooks.slack.com/", "/api/webhooks/", "webhook.office.com/"),
    "google-key": ("AIza", "GOCSPX-", "ya29."),
    "stripe-key": ("k_live_", "k_test_"),
    "webhook-secret": ("whsec_",),
    "sendgrid-key": ("SG.",),
    "twilio-key": ("SK",),
    "model-key": ("sk-", "hf_"),
    "vault-token": ("hvb.", "hvs.", "hvr."),
    "shop-token": ("shpat_", "shpca_", "shppa_", "shpss_"),
    "atlassian-token": ("ATATT3",),
    "npm-token": ("npm_",),
    "pypi-token": ("pypi-",),
    "jwt": ("eyJ",),
    "bearer": ("earer", "asic"),
    "url-password": ("://",),
    "url-key": ("?", "&"),
}
_SHORTEST = 12  # no shape is shorter
_WORD = re.compile(r"[0-9A-Za-z+/=_-]{32,256}\Z")
# Identifiers of other products are random words too, and public.
_ID_NAME = re.compile(r"(?:^|[a-z_-])(?:id|Id|ID)s?\Z|^(?:etag|digest|hash|sha|signature|cursor)", re.IGNORECASE)
_PLAIN_STEP = re.compile(r"(?:^|/)[a-z_.-]{2,}(?:/|\Z)")
_MIN_ENTROPY_BITS = 4.5
# "password: hunter2", "api_key = abc123"; not "password: see the vault", whose next word has only letters.
_SAID = re.compile(
    r"((?P<word>pass(?:word|wd|phrase)?|pwd|secret|token|api[ _-]?key|access[ _-]?key)[\"'`*]{0,3}\s{0,3}[:=][*]{0,2}\s{0,3}[\"'`]{0,2})"
    r"(?=[^\s\"'`]{0,100}[0-9$!#%&*+])(?P<said>[^\s\"'`,;<>]{4,200})",
    re.IGNORECASE,
)
_SAID_SIGNS = ("pass", "pwd", "secret", "token", "key")
# Behind the word stands where the value is looked up: a reference, a placeholder, a name of a variable, a call, a path.
_ELSEWHERE = re.compile(
    r".*(?:://|[({<%]|\*\*)|\$|[A-Z][A-Z0-9_]*\Z|[/~.]|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z|(?i:.*(?:pass|secret|vault|x{4}))"
)
_QUANTITY = re.compile(r"\d+[-+]?[A-Za-z]*\Z")
_TOKEN = re.compile(r"[0-9A-Za-z+/=_.~-]{16,}\Z")
_HEX = re.compile(r"[0-9a-f-]{20,}\Z")

Found = tuple[str, str]


def secret_in_text(text: str) -> Found | None:
    """(code, sentence) when a text holds something in the shape of a provider's key; the value itself is never told."""
    if len(text) < _SHORTEST:
        return None
    for code, words, shape in _SHAPES:
        if _may_hold(text, _SIGNS[code]) and shape.search(text):
            return f"secret-{code}", f"This looks like {words}. {_ADVICE}"
    return None


def secret_in_prose(text: str) -> Found | None:
    """The same for what people write, where a value behind a word such as `password:` counts too."""
    shaped = secret_in_text(text)
    if shaped:
        return shaped
    for said in _SAID.finditer(text) if _may_hold(text.casefold(), _SAID_SIGNS) else ():
        if _is_said(said["word"].lower(), said["said"].rstrip(".)]:")):
            return "secret-said", f"A value behind “{said['word'][:20]}” is taken for a secret. {_ADVICE}"
    return None


def secret_in_line(text: str, names: Sequence[str] = ()) -> Found | None:
    """The same for one line under these names, where a long word without pattern counts too, unless a name says that it is an id."""
    found = secret_in_prose(text)
    if found is None and any(is_random(word.strip("\"'`,;.()")) for word in text.split()) and not names_an_id(names):
        return "secret-random", f"This long word without pattern looks like a key. {_ADVICE}"
    return found


def without_secrets(text: str) -> str:
    """Prose with everything left out that has the shape of a key or stands behind a word such as `password:`.

    For texts that machines bring in, where nobody is there to write a reference instead, and for what is told back.
    """
    for code, _words, shape in _SHAPES:
        if _may_hold(text, _SIGNS[code]):
            text = shape.sub(REMOVED, text)
    return _SAID.sub(lambda said: f"{said[1]}{REMOVED}", text) if _may_hold(text.casefold(), _SAID_SIGNS) else text


def is_reference(text: str) -> bool:
    """Whether `text` is a secret reference that a worker can resolve."""
    return REFERENCE_RE.match(text) is not None


def names_an_id(names: Sequence[str]) -> bool:
    """Whether one of the names says that the value is an identifier or a digest."""
    return any(_ID_NAME.search(name) for name in names)


def is_random(word: str) -> bool:
    """32 to 256 characters of mixed case and digits at 4.5 bits each: above hexadecimal digests (4.0), words and paths."""
    if not _WORD.match(word) or (_PLAIN_STEP.search(word) and "/" in word):
        return False
    if not (any(map(str.isdigit, word)) and any(map(str.islower, word)) and any(map(str.isupper, word))):
        return False
    size = len(word)
    return -sum(n / size * math.log2(n / size) for n in Counter(word).values()) >= _MIN_ENTROPY_BITS


def _may_hold(text: str, signs: Sequence[str]) -> bool:
    for sign in signs:  # noqa: SIM110 - asked for every shape of every text: a generator would double the time
        if sign in text:
            return True
    return False


def _is_said(word: str, said: str) -> bool:
    """Of a password, what mixes letters with digits or signs; of a token or key, which are spoken of by name, only what is made up."""
    if _ELSEWHERE.match(said) or len(said) < 6:
        return False
    if word.startswith(("pass", "pwd")):
        return not _QUANTITY.match(said) and any(map(str.isalpha, said)) and any(not each.isalpha() and each not in "-_./" for each in said)
    mixed = all(any(map(kind, said)) for kind in (str.isdigit, str.islower, str.isupper))
    return bool(_TOKEN.match(said)) and (mixed or bool(_HEX.match(said)))
