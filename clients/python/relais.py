"""A client of Relais, the SMS gateway, in one file that needs nothing but Python 3.8 or later.

    from relais import Relais
    sms = Relais("http://127.0.0.1:8080", open("forms.key").read())
    answer = sms.send("+33639980001", "Votre dossier est complet.", reference="dossier-17")
    print(answer["messages"][0]["id"])

Copyright the authors of Relais. SPDX-License-Identifier: Apache-2.0
"""

import base64
import email.utils
import hashlib
import hmac
import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid


class Problem(Exception):
    """A refusal by the gateway (RFC 9457). `code` is for programs, `detail` for people, `field` points to what is wrong."""

    def __init__(self, status, document, retry_after=0.0):
        self.status = status
        self.code = document.get("code", "not_a_problem_document")
        self.detail = document.get("detail", "HTTP status %d; is this the address of a gateway?" % status)
        self.errors = document.get("errors", [])  # field, line, column and detail of each value at fault
        self.field = self.errors[0]["field"] if self.errors else ""
        self.rejected = document.get("rejected", [])  # recipients, when it was they who were refused
        self.items = document.get("items", [])  # messages of a batch, when none of them was accepted
        self.retry_after = retry_after  # seconds; 0: the gateway does not say
        super().__init__("%s (%s)" % (self.detail, self.code))


class NoAnswer(Exception):
    """No whole answer came, at any attempt. A request with the same key may be made again: it is done once."""


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would turn a POST into a GET, and a submission into a search."""

    def redirect_request(self, *_):
        return None


class Relais:
    """One gateway and one API key. What is sent again after a lost answer is sent with the same Idempotency-Key."""

    attempts = 5
    longest_wait = 30.0  # seconds; a Retry-After beyond is the caller's decision

    def __init__(self, url, key, timeout=30.0, language=""):
        self.url, self.key, self.timeout, self.language = url.rstrip("/"), key.strip(), timeout, language
        self._opener = urllib.request.build_opener(_Stay())

    def send(self, to, text, idempotency_key=None, **options):
        """One text to a number or a list of them. Options: sender, class_, connector, reference, metadata, send_at, valid_for, webhook_url.

        Returns {"messages", "rejected", "warnings"}: the messages are on the gateway's disk.
        """
        return self._create("/v1/messages", _message(to, text, options), idempotency_key)

    def batch(self, messages, idempotency_key=None):
        """Up to 1,000 different messages, dictionaries as send() takes. Returns {"items": one for each, in order}."""
        body = {"messages": [_message(m["to"], m["text"], {k: v for k, v in m.items() if k not in ("to", "text")}) for m in messages]}
        return self._create("/v1/batches", body, idempotency_key)

    def preview(self, to, text, **options):
        """What send() would do, and why. Nothing is stored."""
        return self._call("POST", "/v1/messages/preview", _message(to, text, options))

    def status(self, message_id):
        """A message with its timeline."""
        return self._call("GET", "/v1/messages/" + _segment(message_id))

    def cancel(self, message_id):
        """Ends a message that still waits."""
        return self._call("POST", "/v1/messages/" + _segment(message_id) + "/cancel")

    def messages(self, **query):
        """Every message that matches, newest first: to, status, class_, connector, reference, metadata, since, until, limit of a page."""
        return self._pages("/v1/messages", query)

    def inbound(self, **query):
        """Every reply, newest first."""
        return self._pages("/v1/inbound", query)

    def opt_outs(self, **query):
        """The whole suppression list."""
        return self._pages("/v1/opt-outs", query)

    def opt_out(self, number):
        """Whether a number gets no marketing, and why."""
        return self._call("GET", "/v1/opt-outs/" + _segment(number))

    def add_opt_out(self, number, **body):
        """Marketing to the number stops."""
        return self._call("PUT", "/v1/opt-outs/" + _segment(number), body)

    def remove_opt_out(self, number):
        """Takes a number off the suppression list."""
        return self._call("DELETE", "/v1/opt-outs/" + _segment(number))

    def _pages(self, path, query):
        query = {name.rstrip("_"): value for name, value in query.items() if value is not None}
        while True:
            page = self._call("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))
            yield from page["items"]
            if not page.get("next"):
                return
            query["cursor"] = page["next"]

    def _create(self, path, body, key):
        return self._call("POST", path, body, key or str(uuid.uuid4()))

    def _call(self, method, path, body=None, key=None):
        repeats = key is not None or method == "GET"
        for attempt in range(1, self.attempts + 1):
            try:
                return self._once(method, path, body, key)
            except (Problem, NoAnswer) as failure:
                wait = 0.1 * 2 ** (attempt - 1)
                if isinstance(failure, Problem):
                    if failure.status not in (429, 503):
                        raise
                    wait = max(wait, failure.retry_after)
                if not repeats or attempt == self.attempts or wait > self.longest_wait:
                    raise
                time.sleep(wait)

    def _once(self, method, path, body, key):
        headers = {"Authorization": "Bearer " + self.key, "Accept": "application/json, application/problem+json"}
        if self.language:
            headers["Accept-Language"] = self.language
        if key is not None:
            headers["Idempotency-Key"] = key
        data = None
        if body is not None:
            data = json.dumps(body, ensure_ascii=False).encode("utf-8")  # a text that is no text fails here
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with self._opener.open(request, timeout=self.timeout) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refused:
            raise _problem(refused) from None
        except (OSError, http.client.HTTPException) as lost:  # a time-out, a cut connection, a half answer
            raise NoAnswer("no answer from %s: %s" % (self.url, lost)) from lost
        return json.loads(text) if text else None


def _message(to, text, options):
    body = {name.rstrip("_"): value for name, value in options.items() if value is not None}
    body["to"], body["text"] = to if isinstance(to, str) else list(to), text
    return body


def _segment(text):
    return urllib.parse.quote(text, safe="")


def _problem(refused):
    try:
        document = json.loads(refused.read())
    except (ValueError, OSError, http.client.HTTPException):
        document = {}
    return Problem(refused.code, document if isinstance(document, dict) else {}, retry_after(refused.headers.get("Retry-After")))


def retry_after(value, now=None):
    """The seconds of a Retry-After header (RFC 9110, 10.2.3), which is a number of them or a date."""
    value = (value or "").strip()
    if value.isascii() and value.isdigit():
        return float(min(int(value), 86400))
    try:
        at = email.utils.parsedate_to_datetime(value).timestamp()
    except (TypeError, ValueError, IndexError):
        return 0.0
    return max(0.0, min(at - (time.time() if now is None else now), 86400.0))


def verify_webhook(headers, body, *secrets, now=None):
    """Whether the gateway sent a webhook: headers and body (bytes) as they came, and one secret or several.

    While a secret is replaced a webhook has two signatures; one that one of the secrets made is enough.
    """
    given = {name.lower(): value for name, value in headers.items()}
    stamp = given.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdigit()) or abs((time.time() if now is None else now) - int(stamp)) > 300:
        return False
    text = ("%s.%s." % (given.get("webhook-id", ""), stamp)).encode() + body
    genuine = False
    for secret in secrets:
        secret = secret.strip()
        key = base64.b64decode(secret[len("whsec_"):] if secret.startswith("whsec_") else secret)
        want = b"v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest())
        for one in given.get("webhook-signature", "").split():
            genuine = hmac.compare_digest(want, one.encode()) or genuine
    return genuine
