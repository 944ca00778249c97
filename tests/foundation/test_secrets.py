"""What is taken for a secret in people's texts, and what they may go on writing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation import secrets

SHAPED = {
    "secret-private-key": [
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----",
        "PuTTY-User-Key-File-3: ssh-rsa",
    ],
    "secret-aws-key": ["AKIAIOSFODNN7EXAMPLE in the old account"],
    "secret-azure-key": ["AccountName=x;AccountKey=" + "Ab1+" * 20 + "==;EndpointSuffix=core.example"],
    "secret-slack-token": ["xoxb-123456789012-abcdef", "xapp-1-A0123456789-0123456789"],
    "secret-chat-webhook": ["https://hooks.slack.com/services/T00000000/B00000000/a1B2c3D4e5F6g7H8i9J0k1L2"],
    "secret-google-key": ["AIza" + "Sy0-" * 8 + "abc", "GOCSPX-" + "aB3_" * 7],
    "secret-webhook-secret": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    "secret-model-key": ["sk-proj-abcdEFGH1234ijklMNOP5678qrstUVWX9012yzAB"],
    "secret-vault-token": ["hvs." + "CAESIJ3x" * 4],
    "secret-jwt": ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"],
    "secret-bearer": ["Authorization: Basic dXNlcjpwYXNzd29yZDEyMw=="],
    "secret-url-password": ["https://svc:Sup3rS3cret@erp.example/api"],
    "secret-url-key": ["https://erp.example/callback?api_key=abcd1234EFGH5678"],
}
SAID = [
    "password: Hunter2!xyz",
    "**Password:** Hunter2!",
    "Sign in as erp, pwd=S$cret99, and wait.",
    "Password: 'Winter2024'",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "API key: 5f4dcc3b5aa765d61d8327deb882cf99",
    "token = Ab12Cd34Ef56Gh78Ij90",
]
RANDOM = ["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "the key is (tK9xQ2mZ7bW4vR8nL3pY6cJ1hF5dS0gA)."]
HARMLESS = [
    "password: see the vault",
    "Password: vault://kv/erp#password",
    "password: ${ERP_PASSWORD1} or $DB1",
    "password: ********",
    "Password: 12+ characters; password: 90-day rotation",
    "const password = env.get('DB1')",
    "password = process.env.DB1",
    "password: DB_PASSWORD_2",
    "Token: OAuth2; token: OAuth2.0 client credentials",
    "secret: erp-prod-2024; Kubernetes secret: erp-credentials-v2",
    "API key: KEY-4711 in the vault of the platform team",
    "private key: in HSM slot 3",
    "Bearer tokens are issued by the gateway, Basic authentication is off",
    "/sap/opu/odata/sap/API_SALES_ORDER_SRV/A_SalesOrder2",
    "A_SalesOrderItem/to_PricingElement/ConditionRateValue2",
    "OrderToInvoiceMappingTransformerServiceV2Factory",
    "SalesOrderHeaderToInvoiceHeaderMapping2024Version3Final",
    "sha256:207d88fa03955a00393b8f48af7cb0131367d77ec3b7dfc0282caaf3c55b5476",
    "01a210e8-e9b5-74ef-930d-d74ee9de92cf",
    "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "https://docs.example.com/document/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit",
    "https://erp.example/api?token=YOUR_TOKEN_GOES_HERE&page=12",
    "sk-orders-to-erp-production-eu-central-1-nightly",
    "+49 30 1234567, pager 4711, DE89370400440532013000",
    "every 15 min, Mon-Fri 08:00-18:00 CET",
]


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in SHAPED.items() for text in texts])
def test_shapes_are_known_everywhere(code, text):
    for judge in (secrets.secret_in_text, secrets.secret_in_prose, secrets.secret_in_line):
        found = judge(text)
        assert found is not None, judge
        assert found[0] == code
        assert text not in found[1], "a refusal never repeats it"
    assert secrets.secret_in_text(secrets.without_secrets(text)) is None


@pytest.mark.parametrize("text", SAID)
def test_a_value_behind_its_name_counts_in_what_people_write(text):
    assert secrets.secret_in_text(text) is None, "programs speak of passwords all the time"
    found = secrets.secret_in_prose(text)
    assert found is not None
    assert found[0] == "secret-said"
    assert secrets.secret_in_prose(secrets.without_secrets(text)) is None, "what imports leave out is no less than what people are refused"


@pytest.mark.parametrize("text", RANDOM)
def test_a_word_without_pattern_counts_in_a_line(text):
    assert secrets.secret_in_prose(text) is None, "documents hold digests and public keys"
    found = secrets.secret_in_line(text)
    assert found is not None
    assert found[0] == "secret-random"
    assert secrets.secret_in_line(text, ["labels", "folder-id"]) is None


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_words_pass(text):
    assert secrets.secret_in_line(text) is None


@pytest.mark.parametrize(("code", "shape"), [(code, shape) for code, _, shape in secrets._SHAPES])
@given(data=st.data())
@settings(max_examples=60)
def test_whatever_has_the_shape_has_a_sign_of_it(code, shape, data):
    """The quick look may let through too much, never too little."""
    text = data.draw(st.from_regex(shape))
    assert any(sign in text for sign in secrets._SIGNS[code])


@given(st.from_regex(secrets._SAID))
def test_whatever_stands_behind_a_word_is_found_by_the_quick_look(text):
    assert any(sign in text.casefold() for sign in secrets._SAID_SIGNS)
