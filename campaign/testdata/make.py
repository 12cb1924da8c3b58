#!/usr/bin/env python3
"""Makes the files of catalogue/, one or more for each fault of files that people send.

Run it in this directory: python3 make.py. It wants LibreOffice Calc (soffice) and Gnumeric (ssconvert): what their
programs write is written by them, from tables in flat OpenDocument or CSV. What Excel alone writes is made here,
byte by byte, after ECMA-376 and MS-CFB. The numbers are those that are reserved for fiction.
"""
import io, os, subprocess, sys, tempfile, zipfile
from xml.sax.saxutils import escape

OUT = "catalogue"
A, B, C = "06 39 98 00 01", "06 39 98 00 02", "06 39 98 00 03"


def put(name, data):
    if isinstance(data, str):
        data = data.encode()
    with open(os.path.join(OUT, name), "wb") as f:
        f.write(data)


def table(*rows, sep=";"):
    return "".join(sep.join(r) + "\r\n" for r in rows)


HEAD = ("Nom", "Portable")
PLAIN = table(HEAD, ("Bénévole", A), ("Noël", B))

# --- bytes and encodings ---
put("01-bom.csv", b"\xef\xbb\xbf" + table(("Portable", "Nom"), (A, "Zoé")).encode())
put("01-bom-quoted.csv", b"\xef\xbb\xbf" + b'"Portable";"Nom"\r\n"' + A.encode() + b'";"Zo\xc3\xa9"\r\n')
put("02-zero-width.csv", "\u200b\ufeff\u2060" + table(("Portable", "Nom"), (A, "Zoé")))
put("03-windows-1252.csv", table(HEAD, ("Bénévole", A), ("Œuvre – l’été", B)).encode("cp1252"))
put("04-macroman.csv", table(HEAD, ("Bénévole", A), ("Hélène Forêt", B), ("François", C)).encode("mac_roman").replace(b"\r\n", b"\r"))
put("04-cp850.csv", table(HEAD, ("Bénévole", A), ("Hélène Forêt", B), ("François", C)).encode("cp850"))
put("05-utf-16le.txt", b"\xff\xfe" + table(HEAD, ("Bénévole", A), sep="\t").encode("utf-16le"))
put("05-utf-16be.txt", b"\xfe\xff" + table(HEAD, ("Bénévole", A), sep="\t").encode("utf-16be"))
put("05-utf-16-without-mark.txt", table(HEAD, ("Bénévole", A), sep="\t").encode("utf-16le"))
put("06-mixed.csv", table(HEAD, ("Bénévole", A)).encode() + table(("Noël", B)).encode("cp1252"))
put("07-twice.csv", table(HEAD, ("Bénévole", A), ("Noël", B)).encode().decode("cp1252").encode())
put("08-lost.csv", table(HEAD, ("B?n?vole", A), ("No\ufffdl", B), ("Ça va ?", C)))
put("09-nul.csv", table(HEAD, ("Béné\0vole", A), ("Noël", B + "\0")))
put("10-nfd.csv", table(("Pre\u0301nom", "Te\u0301le\u0301phone"), ("Zoe\u0301", A)))
put("11-report.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
put("11-page.xls", "<html><head><meta charset=utf-8></head><table><tr><td>Nom</td></tr></table></html>")
put("11-mail.csv", "From: mairie@example.org\nTo: a@example.org\nSubject: liste\n\n0639980001\n")
put("13-empty.csv", "")
put("13-header-alone.csv", table(HEAD))

# --- separators, quotes, lines ---
put("15-comma.csv", table(HEAD, ("Zoé", A), ("Noël", B), sep=","))
put("15-pipe.csv", table(HEAD, ("Zoé", A), ("Noël", B), sep="|"))
put("15-tab.tsv", table(HEAD, ("Zoé", A), ("Noël", B), sep="\t"))
put("15-amounts.csv", "Nom;Portable;Dû\r\n" + "".join("M%d;06 39 98 00 %02d;%d,50\r\n" % (i, i, i) for i in range(1, 9)))
put("15-header-short.csv", "Nom;Portable\r\n" + "".join("M%d;06 39 98 00 %02d;;\r\n" % (i, i) for i in range(1, 9)))
put("16-sep.csv", "sep=;\r\n" + PLAIN)
put("17-line-break.csv", 'Nom;Portable\r\n"Zoé\nNoël";%s\r\nLéa;%s\r\n' % (A, B))
put("18-cr.csv", PLAIN.replace("\r\n", "\r"))
put("19-bare-quote.csv", table(HEAD, ("L'\"oeuvre\"", A), ('Le "Clos"', B)))
put("20-quote-open.csv", 'Nom;Portable\r\n"Dupont;%s\r\nMartin;%s\r\n' % (A, B) + "".join("N%d;06 39 98 01 %02d\r\n" % (i, i) for i in range(40)))
put("20-quote-open-then-quoted.csv", 'Nom;Portable\r\n"Dupont;%s\r\n"Martin";%s\r\n' % (A, B))
put("21-space-quote.csv", 'Nom, Portable\r\n"Zoé", "%s"\r\n"Noël, Léa", "%s"\r\n' % (A, B))
put("22-lines-quoted.csv", "".join('"%s"\r\n' % l for l in PLAIN.split("\r\n") if l))
put("23-ragged.csv", "Nom;Portable;Rue\r\nZoé;%s\r\nNoël;%s;1 rue;étage 2\r\nLéa;%s;2 rue\r\n" % (A, B, C))

# --- header and columns ---
put("24-no-header.csv", table(("Zoé", A), ("Noël", B)))
put("25-title.csv", "Liste des inscrits 2026;;\r\n;;\r\nNom;Portable;Ville\r\nZoé;%s;Bron\r\n" % A)
put("26-synonyms.csv", table(("Nom", "N° de tél."), ("Zoé", A)))
put("26-street-numbers.csv", table(("Nom", "Numéro", "Joindre"), ("Zoé", "12", A), ("Noël", "14", B)))
put("27-two-phones.csv", table(("Nom", "Tel fixe", "Tel portable"), ("Zoé", "01 99 00 11 22", A), ("Noël", "01 99 00 11 23", B)))
put("28-same-header.csv", table(("Nom", "Nom", "Portable"), ("Zoé", "Roux", A)))
put("29-folded.csv", table(("NOM_DE-FAMILLE", "Portable"), ("Roux", A)))
put("30-no-name.csv", table(("Nom", "", "Portable"), ("Zoé", "10 h", A), ("Noël", "11 h", B)))
put("31-empty-columns.csv", table(("", "", "Portable", "Nom") + ("",) * 300, ("", "", A, "Zoé") + ("",) * 300))
put("32-blank.csv", "Nom;Portable\r\n\r\n;;;\r\n  ;\r\nZoé;%s\r\n\r\n" % A)
put("33-no-column.csv", table(("Nom", "Prénom", "Portable"), ("Roux", "Zoé", A)))

# --- numbers ---
put("34-zero.csv", table(HEAD, ("Zoé", "639980001"), ("Réunion", "692123456"), ("Fixe", "199001122")))
put("35-power.csv", table(HEAD, ("Zoé", "3,36E+10"), ("Noël", "6.12E+08"), ("Léa", A)))
put("37-no-plus.csv", table(HEAD, ("Zoé", "33639980001"), ("Réunion", "262692123456")))
put("38-prefixes.csv", table(HEAD, ("a", "+33 (0)6 39 98 00 01"), ("b", "0033639980002"), ("c", "+330639980003"), ("d", "0+33639980004"), ("e", "0000639980005")))
put("39-formula-marks.csv", table(HEAD, ("a", "=+33639980001"), ("b", '="0639980002"'), ("c", "@+33639980003")))
put("40-apostrophe.csv", table(HEAD, ("a", "'0639980001"), ("b", "’0639980002")))
put("41-spaces.csv", table(HEAD, ("a", "06\u00a039\u202f98\u200900\u200a01"), ("b", "06\u201139\u201398\u221200-02"), ("c", "06.39.98/00/03")))
put("42-invisible.csv", table(HEAD, ("Zoé", "\u202a+33639980001\u202c"), ("Zoé", "\u200e06\u206639980001\u2069")))
put("43-two-numbers.csv", 'Nom;Portable\r\na;%s / %s\r\nb;"%s\n%s"\r\nc;%s ou %s\r\nd;0639980001 0639980002\r\ne;%s\r\n' % (A, B, A, B, A, B, C))
put("44-words.csv", table(HEAD, ("a", A + " (mère)"), ("b", "tel : " + B), ("c", "NC"), ("d", "néant"), ("e", "-"), ("f", C + " après 18 h")))
put("45-letter-o.csv", table(HEAD, ("a", "O6 39 98 00 01"), ("b", "０６３９９８０００２")))
put("46-kinds.csv", table(HEAD, ("fixe", "01 99 00 11 22"), ("surtaxé", "0899 12 34 56"), ("étranger", "+32 470 12 34 56"), ("bon", A)))
put("48-same.csv", table(HEAD, ("Zoé", A), ("Zoé", "+33639980001"), ("Noël", "0639980001")))
put("49-sequence.csv", table(HEAD, *[("M", "0639980%03d" % i) for i in range(260)]))

# --- content ---
put("62-empty-value.csv", table(HEAD, ("", A), ("Zoé", B)))
put("63-parentheses.csv", table(HEAD, ("((Portable))", A)))
put("64-long.csv", table(HEAD, ("x" * 1600, A), ("Zoé", B)))
put("65-controls.csv", table(HEAD, ("Zo\x07é\x1b   \x02 Roux ", A)))
put("67-tests.csv", table(HEAD, ("TEST", "0600000000"), ("b", "0612345678"), ("Zoé", A)))
put("68-formulas.csv", table(HEAD, ("=cmd|'/c calc'!A1", "06 39"), ("@SUM(1)", "néant"), ("Zoé", A)))

# --- workbooks ---
NS = ('xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
      'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
      'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
      'xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" xmlns:xlink="http://www.w3.org/1999/xlink"')

STYLES = '''
<number:date-style style:name="D1"><number:day number:style="long"/><number:text>/</number:text><number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/></number:date-style>
<number:date-style style:name="D2" number:language="fr" number:country="FR"><number:day-of-week number:style="long"/><number:text> </number:text><number:day/><number:text> </number:text><number:month number:style="long" number:textual="true"/></number:date-style>
<number:time-style style:name="T1"><number:hours number:style="long"/><number:text>:</number:text><number:minutes number:style="long"/></number:time-style>
<number:percentage-style style:name="P1" number:language="fr" number:country="FR"><number:number number:decimal-places="1" number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>
<number:currency-style style:name="E1" number:language="fr" number:country="FR"><number:number number:decimal-places="2" number:min-integer-digits="1" number:grouping="true"/><number:text> </number:text><number:currency-symbol number:language="fr" number:country="FR">€</number:currency-symbol></number:currency-style>
<number:boolean-style style:name="B1"><number:boolean/></number:boolean-style>
<style:style style:name="bool" style:family="table-cell" style:data-style-name="B1"/>
<style:style style:name="date" style:family="table-cell" style:data-style-name="D1"/>
<style:style style:name="long" style:family="table-cell" style:data-style-name="D2"/>
<style:style style:name="time" style:family="table-cell" style:data-style-name="T1"/>
<style:style style:name="percent" style:family="table-cell" style:data-style-name="P1"/>
<style:style style:name="euro" style:family="table-cell" style:data-style-name="E1"/>
<style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/></style:style>
<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style>'''


def cell(v):
    """A text, a number, or a pair of attributes and content."""
    if isinstance(v, tuple):
        return '<table:table-cell %s>%s</table:table-cell>' % v
    if isinstance(v, (int, float)):
        return '<table:table-cell office:value-type="float" office:value="%s"><text:p>%s</text:p></table:table-cell>' % (v, v)
    if v == "":
        return "<table:table-cell/>"
    return '<table:table-cell office:value-type="string"><text:p>%s</text:p></table:table-cell>' % escape(v)


def sheet(name, rows, style="shown", columns="", row_attributes=None):
    body = "".join('<table:table-row %s>%s</table:table-row>' % ((row_attributes or {}).get(i, ""), "".join(cell(v) for v in r) if not isinstance(r, str) else r)
                   for i, r in enumerate(rows))
    return '<table:table table:name="%s" table:style-name="%s">%s%s</table:table>' % (name, style, columns, body)


def fods(*sheets):
    return ('<?xml version="1.0" encoding="UTF-8"?><office:document %s office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.spreadsheet">'
            '<office:automatic-styles>%s</office:automatic-styles><office:body><office:spreadsheet>%s</office:spreadsheet></office:body></office:document>'
            % (NS, STYLES, "".join(sheets)))


def libreoffice(name, source, kinds=("xlsx", "ods")):
    """LibreOffice opens the table and saves it in each kind."""
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, name + ".fods")
        open(path, "w").write(source)
        for kind in kinds:
            subprocess.run(["soffice", "-env:UserInstallation=file:///tmp/relais-catalogue-lo", "--headless", "--convert-to", kind, "--outdir", d, path],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            put("%s.%s" % (name, kind), open(os.path.join(d, "%s.%s" % (name, kind)), "rb").read())


def gnumeric(name, source, kinds=("xlsx", "ods")):
    """Gnumeric opens CSV, where it takes numbers for numbers, and saves it in each kind."""
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, name + ".csv")
        open(path, "w").write(source)
        for kind in kinds:
            out = os.path.join(d, "out." + kind)
            subprocess.run(["ssconvert", path, out], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            put("%s.%s" % (name, kind), open(out, "rb").read())


def float_(v, style, text):
    return ('office:value-type="float" office:value="%s" table:style-name="%s"' % (v, style), "<text:p>%s</text:p>" % text)


P = ("Nom", "Portable")
libreoffice("36-stored", fods(sheet("Feuil1", [P, ("Zoé", 33639980001), ("Noël", 639980002)])))
gnumeric("36-gnumeric", "Nom,Portable\nZoé,33639980001\nNoël,639980002\n")
libreoffice("47-link", fods(sheet("Feuil1", [P, ("Zoé", ('office:value-type="string"', '<text:p><text:a xlink:type="simple" xlink:href="tel:+33639980001">tel:+33639980001</text:a></text:p>'))])))
libreoffice("50-sheets", fods(sheet("Vide", []), sheet("Inscrits", [P, ("Zoé", A)]), sheet("Attente", [P, ("Noël", B)])))
libreoffice("51-hidden", fods(
    sheet("Inscrits", [("Nom", "Secret", "Portable"), ("Zoé", "x", A), ("Masquée", "x", B), ("Filtrée", "x", C)],
          columns='<table:table-column/><table:table-column table:visibility="collapse"/><table:table-column/>',
          row_attributes={2: 'table:visibility="collapse"', 3: 'table:visibility="filter"'}),
    sheet("Cachée", [P, ("Non", C)], style="hidden")))
libreoffice("52-merged", fods(sheet("Feuil1", [
    ("Famille", "Prénom", "Portable"),
    (('office:value-type="string" table:number-rows-spanned="2"', "<text:p>Roux</text:p>"), "Zoé", A),
    '<table:covered-table-cell/>' + cell("Noël") + cell(B),
    ("Petit", "Léa", C)])))
libreoffice("53-formula", fods(sheet("Feuil1", [P, (('office:value-type="string" table:formula="of:=CONCATENATE(&quot;Zo&quot;;&quot;é&quot;)" office:string-value="Zoé"', "<text:p>Zoé</text:p>"), A)])))
libreoffice("54-errors", fods(sheet("Feuil1", [P, (('table:formula="of:=NA()" office:value-type="float" office:value="0"', "<text:p>#N/A</text:p>"), A), ("Zoé", B)])))
libreoffice("55-dates", fods(sheet("Feuil1", [
    ("Date", "Long", "Heure", "Portable"),
    (('office:value-type="date" office:date-value="2026-12-03" table:style-name="date"', "<text:p>03/12/2026</text:p>"),
     ('office:value-type="date" office:date-value="2026-12-03" table:style-name="long"', "<text:p>jeudi 3 décembre</text:p>"),
     ('office:value-type="time" office:time-value="PT14H30M00S" table:style-name="time"', "<text:p>14:30</text:p>"), A)])))
libreoffice("56-money", fods(sheet("Feuil1", [
    ("Part", "Dû", "Portable"),
    (('office:value-type="percentage" office:value="0.125" table:style-name="percent"', "<text:p>12,5%</text:p>"),
     ('office:value-type="currency" office:currency="EUR" office:value="1234.5" table:style-name="euro"', "<text:p>1 234,50 €</text:p>"), A)])))
libreoffice("57-kinds", fods(sheet("Feuil1", [
    ("Membre", "Riche", "Lignes", "Portable"),
    (('office:value-type="boolean" office:boolean-value="true" table:style-name="bool"', "<text:p>VRAI</text:p>"),
     ('office:value-type="string"', '<text:p>Zoé <text:span>Roux</text:span></text:p>'),
     ('office:value-type="string"', "<text:p>1 rue</text:p><text:p>Bron</text:p>"), A)])))
libreoffice("58-old", fods(sheet("Feuil1", [P, ("Zoé", A)])), kinds=("xls",))
libreoffice("61-repeated", fods('<table:table table:name="Feuil1"><table:table-row>%s</table:table-row><table:table-row>%s</table:table-row>'
                                '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="1024"/></table:table-row></table:table>'
                                % (cell("Nom") + cell("Portable"), cell("Zoé") + cell(A))), kinds=("ods",))

# --- workbooks as Excel and attackers write them ---
TYPES = ('<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
         '<Default Extension="xml" ContentType="application/xml"/></Types>')
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(rows, properties="", styles="", head="", before=""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        def add(name, text):
            info = zipfile.ZipInfo(name, (2026, 11, 29, 12, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, text)
        add("[Content_Types].xml", TYPES)
        add("xl/workbook.xml", '<workbook xmlns="%s" xmlns:r="%s">%s<sheets><sheet name="Feuil1" sheetId="1" r:id="rId1"/></sheets></workbook>' % (MAIN, RELS, properties))
        add("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>')
        if styles:
            add("xl/styles.xml", '<styleSheet xmlns="%s">%s</styleSheet>' % (MAIN, styles))
        add("xl/worksheets/sheet1.xml", '<?xml version="1.0" encoding="UTF-8"?>%s<worksheet xmlns="%s">%s<sheetData>%s</sheetData></worksheet>' % (head, MAIN, before, rows))
    return out.getvalue()


def inline(ref, text):
    return '<c r="%s" t="inlineStr"><is><t>%s</t></is></c>' % (ref, escape(text))


def line(n, *cells):
    return '<row r="%d">%s</row>' % (n, "".join(cells))


TOP = line(1, inline("A1", "Nom"), inline("B1", "Portable"))
put("53-not-calculated.xlsx", workbook(TOP + line(2, '<c r="A2"><f>CONCATENATE("Zo","é")</f></c>', inline("B2", A)) + line(3, inline("A3", "Noël"), inline("B3", B))))
put("54-error.xlsx", workbook(TOP + line(2, '<c r="A2" t="e"><f>NA()</f><v>#N/A</v></c>', inline("B2", A)) + line(3, inline("A3", "Noël"), inline("B3", B))))
FORMATS = '<numFmts count="1"><numFmt numFmtId="164" formatCode="0#&quot; &quot;##&quot; &quot;##&quot; &quot;##&quot; &quot;##"/></numFmts><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="27"/></cellXfs>'
put("55-1904.xlsx", workbook(line(1, inline("A1", "Date"), inline("B1", "Joindre"), inline("C1", "Portable"), inline("D1", "Autre")) +
    line(2, '<c r="A2" s="1"><v>44897</v></c>', '<c r="B2" s="2"><v>199001122</v></c>', '<c r="C2"><v>639980001</v></c>', '<c r="D2" s="3"><v>44897</v></c>'),
    properties='<workbookPr date1904="1"/>', styles=FORMATS))
put("36-power.xlsx", workbook(TOP + line(2, inline("A2", "Zoé"), '<c r="B2"><v>3.3639980001E10</v></c>')))
put("12-tables.zip", (lambda b: (zipfile.ZipFile(b, "w").writestr(zipfile.ZipInfo("a.csv"), PLAIN), b)[1])(io.BytesIO()).getvalue())
with zipfile.ZipFile(os.path.join(OUT, "12-tables.zip"), "w") as z:
    for n in ("janvier.csv", "février.csv"):
        z.writestr(zipfile.ZipInfo(n, (2026, 11, 29, 12, 0, 0)), PLAIN)
with zipfile.ZipFile(os.path.join(OUT, "11-letter.docx"), "w") as z:
    z.writestr(zipfile.ZipInfo("[Content_Types].xml", (2026, 11, 29, 12, 0, 0)), TYPES)
    z.writestr(zipfile.ZipInfo("word/document.xml", (2026, 11, 29, 12, 0, 0)), "<document/>")


def compound(name):
    """The header and the directory of a compound file (MS-CFB), as Excel makes it around an encrypted package."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0" + bytes(10)
    directory = b"".join(n.encode("utf-16le").ljust(64, b"\0") + bytes(64) for n in ("Root Entry",) + name)
    return header.ljust(512, b"\0") + directory


put("58-password.xlsx", compound(("EncryptionInfo", "EncryptedPackage")))
put("60-entities.xlsx", workbook(TOP + line(2, '<c r="A2" t="inlineStr"><is><t>&b;</t></is></c>', inline("B2", A)),
    head='<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'))
with zipfile.ZipFile(os.path.join(OUT, "60-path.xlsx"), "w") as z:
    z.writestr(zipfile.ZipInfo("../../etc/passwd", (2026, 11, 29, 12, 0, 0)), "x")
    z.writestr(zipfile.ZipInfo("xl/workbook.xml", (2026, 11, 29, 12, 0, 0)), "<workbook/>")
