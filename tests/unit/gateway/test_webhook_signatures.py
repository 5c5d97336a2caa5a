"""Signatures of webhooks against the specification's own example, and secrets that the database does not show."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from joserfc.jwk import OKPKey

from gateway.webhooks.signatures import Seal, SecretLost, headers, new_secret, signature

# source  the example of the Standard Webhooks libraries' own tests
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = '{"test": 2432232314}'
AT = datetime.fromtimestamp(1614265330, UTC)
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_is_signed_as_the_specification_shows() -> None:
    assert headers([SECRET], MESSAGE_ID, AT, BODY) == {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_during_a_rotation_a_message_is_signed_with_both_secrets() -> None:
    other = new_secret()

    signed = headers([other, SECRET], MESSAGE_ID, AT, BODY)["webhook-signature"]

    assert signed.split(" ") == [signature(other, MESSAGE_ID, 1614265330, BODY), SIGNATURE]


def test_a_body_beyond_ascii_is_signed_as_its_bytes_in_utf8() -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = hmac.new(key, "msg_1.1.{“电”}".encode(), hashlib.sha256).digest()

    assert signature(SECRET, "msg_1", 1, "{“电”}") == "v1," + base64.b64encode(expected).decode()


def test_a_new_secret_has_the_form_and_the_length_that_the_specification_asks_for() -> None:
    secrets = {new_secret() for _ in range(100)}

    assert len(secrets) == 100
    for secret in secrets:
        assert secret.startswith("whsec_")
        assert 24 <= len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) <= 64


def test_a_sealed_secret_is_opened_by_the_same_key_and_by_no_other() -> None:
    key = OKPKey.generate_key("Ed25519")
    sealed = Seal(key).close(SECRET)

    assert SECRET not in sealed
    assert Seal(OKPKey.import_key(key.as_pem(private=True))).open([sealed]) == [SECRET]
    with pytest.raises(SecretLost, match="give the webhook a new one"):
        Seal(OKPKey.generate_key("Ed25519")).open([sealed])


def test_after_the_gateways_key_was_replaced_a_new_secret_signs_without_the_lost_one() -> None:
    replaced, present = Seal(OKPKey.generate_key("Ed25519")), Seal(OKPKey.generate_key("Ed25519"))

    assert present.open([present.close("whsec_new"), replaced.close(SECRET)]) == ["whsec_new"]
