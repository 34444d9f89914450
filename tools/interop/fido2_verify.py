"""Judges ceremonies of WebAuthn with Debian's python3-fido2: a JSON array on stdin, one true or false each on stdout."""
import json
import sys

from fido2.client import ClientData
from fido2.ctap2 import AttestationObject, AttestedCredentialData, AuthenticatorData
from fido2.server import Fido2Server
from fido2.utils import websafe_decode


def attestation_of(ceremony):
    return AttestationObject(websafe_decode(ceremony["created"]["attestationObject"]))


def judge(ceremony):
    server = Fido2Server(
        {"id": ceremony["rpId"], "name": "Interop"},
        attestation="direct",
        verify_origin=lambda origin: origin == ceremony["origin"],
        verify_attestation=lambda attestation, hash: verify_statement(attestation, hash),
    )
    state = {"challenge": ceremony["challenge"], "user_verification": None}
    created = attestation_of(ceremony)
    if "shown" not in ceremony:
        client_data = ClientData(websafe_decode(ceremony["created"]["clientDataJSON"]))
        data = server.register_complete(state, client_data, created)
        if data.credential_data.credential_id != websafe_decode(ceremony["id"]):
            raise ValueError("another credential")
        return
    shown = ceremony["shown"]
    server.authenticate_complete(
        state,
        [AttestedCredentialData(created.auth_data.credential_data)],
        websafe_decode(ceremony["id"]),
        ClientData(websafe_decode(shown["clientDataJSON"])),
        AuthenticatorData(websafe_decode(shown["authenticatorData"])),
        websafe_decode(shown["signature"]),
    )


def verify_statement(attestation, client_data_hash):
    """The two forms that the service verifies."""
    if attestation.fmt == "none":
        if attestation.att_statement:
            raise ValueError("none has a statement")
        return
    key = attestation.auth_data.credential_data.public_key
    if attestation.fmt != "packed" or key[3] != attestation.att_statement["alg"]:
        raise ValueError("another form")
    key.verify(attestation.auth_data + client_data_hash, attestation.att_statement["sig"])


def is_good(ceremony):
    try:
        judge(ceremony)
        return True
    except Exception:
        return False


print(json.dumps([is_good(each) for each in json.load(sys.stdin)]))
