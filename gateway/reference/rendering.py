"""The reference as HTML, made from the OpenAPI document; complete in itself, since an installation may have no way to the internet."""

import base64
import hashlib
import re
from collections import defaultdict
from html import escape
from pathlib import Path
from typing import Any

from gateway.reference.openapi import operations
from gateway.reference.schemas import fields_of, type_of

Json = dict[str, Any]

_STYLE = (Path(__file__).parent / "style.css").read_text()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"

_FIRST_STEPS = """TOKEN=$(curl -s -u "$CLIENT_ID:$CLIENT_SECRET" -d grant_type=client_credentials {base}/oauth2/token \\
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
curl -s -H "Authorization: Bearer $TOKEN" {base}/v1/organisation"""


def reference_page(document: Json, base_url: str) -> str:
    """Every operation and every schema of the API on one page."""
    by_tag: dict[str, list[str]] = defaultdict(list)
    links: dict[str, list[str]] = defaultdict(list)
    for path, method, operation in operations(document["paths"]):
        tag = operation.get("tags", ["other"])[0]
        by_tag[tag].append(_operation(path, method, operation))
        links[tag].append(f'<li><a href="#{escape(operation["operationId"])}">{escape(_words(operation["operationId"]))}</a></li>')
    schemas = document["components"]["schemas"]
    menu = "".join(f"<h2>{escape(_words(tag))}</h2><ul>{''.join(items)}</ul>" for tag, items in links.items())
    body = [
        f'<nav><a href="/problems">Problem types</a><br><a href="/openapi.json">OpenAPI document</a>{menu}</nav><main>',
        f'<h1>Baseyear API</h1><p class="quiet">Version {escape(document["info"]["version"])}</p>',
        prose(document["info"]["description"]),
        f"<pre>{escape(_FIRST_STEPS.format(base=base_url))}</pre>",
        *(f"<h2>{escape(_words(tag))}</h2>{''.join(articles)}" for tag, articles in by_tag.items()),
        "<h2>Schemas</h2>",
        *(_schema(name, schema) for name, schema in schemas.items()),
        "</main>",
    ]
    return _page("Baseyear API", "".join(body))


def problem_types_page(document: Json) -> str:
    """Every reason for which a request can be refused."""
    rows = [
        (f'<a href="/problems/{escape(code)}"><code>{escape(code)}</code></a>', str(kind["status"]), prose(kind["title"]))
        for code, kind in document["x-problem-types"].items()
    ]
    intro = "Each refusal is a problem document (RFC 9457). Its `code` is one of these; its `errors` point at the fields that are wrong."
    body = f'<main><h1>Problem types</h1>{prose(intro)}{_table(rows)}<p><a href="/docs">Reference</a></p></main>'
    return _page("Problem types", body, "narrow")


def problem_type_page(code: str, document: Json) -> str:
    kind = document["x-problem-types"][code]
    text = f'<p class="quiet">Status {kind["status"]} · <code>{escape(code)}</code></p>{prose(kind["explanation"])}'
    body = f'<main><h1>{escape(kind["title"])}</h1>{text}<p><a href="/problems">All problem types</a></p></main>'
    return _page(kind["title"], body, "narrow")


def prose(text: str) -> str:
    """Paragraphs, with what stands in backticks as code."""
    marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return "".join(f"<p>{paragraph}</p>" for paragraph in re.split(r"\n\s*\n", marked.strip()))


def _operation(path: str, method: str, operation: Json) -> str:
    parts = [
        f'<article id="{escape(operation["operationId"])}">',
        f'<h3><span class="method">{method.upper()}</span><code>{escape(path)}</code></h3>',
        prose(operation.get("description") or operation.get("summary", "")),
    ]
    named = [parameter for parameter in operation.get("parameters", ()) if "name" in parameter]
    if named:
        rows = [(_name(p["name"], p.get("required", False)), type_of(p["schema"]), prose(p.get("description", ""))) for p in named]
        parts.append("<h4>Parameters</h4>" + _table(rows))
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(f'<h4>Body</h4><p><span class="quiet">{escape(media_type)}</span> {type_of(content.get("schema", {}))}</p>')
        if "$ref" not in content.get("schema", {}):
            parts.append(_table(fields_of(content.get("schema", {}), _name, prose)))
    responses = operation["responses"]
    own = [_answer(status, response) for status, response in responses.items() if "$ref" not in response]
    refusals = [status for status, response in responses.items() if "$ref" in response and status != "default"]
    statuses = escape(", ".join([*refusals, "or another status"]))
    usual = f'<p class="quiet">Refusals are a <a href="#schema-Problem">Problem</a>, as {statuses}</p>'
    return "".join([*parts, "<h4>Answers</h4>", _table(own), usual, "</article>"])


def _answer(status: str, response: Json) -> tuple[str, str, str]:
    types = [type_of(content.get("schema", {})) for content in response.get("content", {}).values()]
    return escape(status), " or ".join(types), prose(response.get("description", ""))


def _schema(name: str, schema: Json) -> str:
    rows = fields_of(schema, _name, prose)
    shape = _table(rows) if rows else f"<p>{type_of(schema)}</p>"
    return f'<article id="schema-{escape(name)}"><h3>{escape(name)}</h3>{prose(schema.get("description", ""))}{shape}</article>'


def _name(name: str, required: bool) -> str:
    return f"<code>{escape(name)}</code>" + ("" if required else ' <span class="quiet">optional</span>')


def _table(rows: list[tuple[str, str, str]]) -> str:
    lines = "".join(f"<tr><th>{first}</th><td>{second}</td><td>{third}</td></tr>" for first, second, third in rows)
    return f"<table>{lines}</table>" if rows else ""


def _words(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").replace("-", " ")
    return spaced[:1].upper() + spaced[1:].lower()


def _page(title: str, body: str, layout: str = "") -> str:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body class="{layout}">{body}</body></html>'
