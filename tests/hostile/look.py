"""Whether what was written by others runs in what goes out: pages (read by a real HTML parser), CSV, XLSX, PDF."""

import csv
import io
import re
import xml.etree.ElementTree as xml
import zipfile

from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser

# Stands in every payload, whole or as the name of an element, an attribute or a file.
MARK = "zqzq"
ADDRESSES = ("href", "src", "action", "formaction", "data", "poster", "xlink:href", "srcdoc", "ping", "background")
TURNED = "text that turns the direction of writing"
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
FORMULA = "=+-@\t\r\n＝＋－＠"
# What other people's text must never bring about. Our own pages use none of these.
FORBIDDEN = {"iframe", "object", "embed", "base", "style", "frame", "frameset", "applet", "marquee", "foreignobject", "animate", "set"}


def html(text, where):
    """Faults of a page; and whether the mark stands in it as text."""
    faults = []
    tree = LexborHTMLParser(text)
    for node in tree.css("*"):
        name, attributes = node.tag, node.attributes
        source = attributes.get("src") or ""
        if MARK in name or name in FORBIDDEN:
            faults.append(f"{where}: an element <{name}>")
        if name == "script" and (not re.fullmatch(r"/static/[\w.-]+", source) or (node.text() or "").strip()):
            faults.append(f"{where}: a script that is not ours: {node.html[:200]}")
        if name == "meta" and (attributes.get("http-equiv") or "").lower() not in ("", "refresh"):
            faults.append(f"{where}: {node.html[:200]}")
        for attribute, value in attributes.items():
            plain = re.sub(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u202a-\u202e]", "", value or "").lower()
            if attribute.startswith("on") or attribute == "style" or MARK in attribute:
                faults.append(f"{where}: an attribute {attribute} of <{name}>: {node.html[:200]}")
            if attribute in ADDRESSES and re.match(r"(javascript|vbscript|data):", plain) and not (name == "img" and plain.startswith("data:image/png")):
                faults.append(f"{where}: {attribute}={value!r} of <{name}>")
            if attribute in ADDRESSES and re.match(r"(https?:)?//", plain) and MARK in plain.split("?")[0]:
                faults.append(f"{where}: leads to another's place: {attribute}={value!r}")
    if TURNS.search(tree.body.text() if tree.body else ""):
        faults.append(f"{where}: {TURNED}")
    shown = (tree.body.text() if tree.body else "") + "".join(node.attributes.get("value") or "" for node in tree.css("input"))
    return faults, MARK in shown


def comma_separated(body, where):
    """Faults of a CSV file: cells that a spreadsheet would run."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp932")
    faults = []
    for row in csv.reader(io.StringIO(text, newline="")):
        for cell in row:
            if cell[:1] and cell[0] in FORMULA and MARK in cell:
                faults.append(f"{where}: a cell begins as a formula: {cell[:80]!r}")
    return faults, MARK in text


def workbook(body, where):
    """Faults of an XLSX file: formulas, links, macros, XML that cannot be read."""
    faults, marked = [], False
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        for name in parts.namelist():
            if re.search(r"vbaProject|externalLink|embeddings|activeX", name):
                faults.append(f"{where}: a part {name}")
            if not name.endswith((".xml", ".rels")):
                continue
            text = parts.read(name)
            marked |= MARK.encode() in text
            try:
                tree = xml.fromstring(text)
            except xml.ParseError as error:
                faults.append(f"{where}: {name} cannot be read: {error}")
                continue
            for node in tree.iter():
                tag = node.tag.rsplit("}")[-1]
                if tag in ("f", "hyperlink", "definedName", "ddeLink", "oleLink"):
                    faults.append(f"{where}: <{tag}> in {name}")
                if node.get("TargetMode") == "External":
                    faults.append(f"{where}: a link to {node.get('Target')}")
    return faults, marked


def paper(body, where):
    """Faults of a PDF: anything but pages with text; markup of the setter that was run instead of shown."""
    reader = PdfReader(io.BytesIO(body))
    faults = []
    raw = body
    for page in reader.pages:
        for note in page.get("/Annots") or []:
            action = note.get_object().get("/A") or {}
            target = str(action.get("/URI", ""))
            if action.get("/S") not in (None, "/URI", "/GoTo") or MARK in target or target.startswith("javascript:"):
                faults.append(f"{where}: an annotation {action}")
    for word in (b"/JavaScript", b"/JS ", b"/Launch", b"/EmbeddedFile ", b"/OpenAction", b"/SubmitForm", b"/RichMedia"):
        if word in raw:
            faults.append(f"{where}: {word.decode()}")
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in reader.pages))
    if "root:x:0" in text:
        faults.append(f"{where}: a file of the machine")
    return faults, MARK in text


def at(answer, where):
    """Looks at an answer by its kind: faults, and whether the mark was in it; None for kinds that run nowhere."""
    match answer.kind:
        case "text/html":
            return html(answer.text, where)
        case "text/csv":
            return comma_separated(answer.body, where)
        case "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
            return workbook(answer.body, where)
        case "application/pdf":
            return paper(answer.body, where)
    return None
