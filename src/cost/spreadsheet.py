"""Makes spreadsheet.xlsx and spreadsheet.csv: the cost experiment of the tests as a spreadsheet counts it, cell by cell.

Run `pip install openpyxl formulas` and `python3 spreadsheet.py` in this folder (Python 3.11, openpyxl 3.1, formulas 1.3). openpyxl writes the
workbook, which any spreadsheet opens; `formulas`, a spreadsheet engine of its own, computes it. spreadsheet.csv holds each cell's name, its
formula and the value found. Net present value is the spreadsheet's own NPV function.
"""

import csv
from pathlib import Path

import formulas
import openpyxl

# Name, and a number or a formula; {name} is the cell of that name.
GENERAL = [
    ("days judged", 4), ("false alerts, rule", 186), ("legitimate among them, rule", 72), ("true alerts, rule", 20),
    ("false alerts, pick", 58), ("legitimate among them, pick", 15),
    ("minutes, attack", 45), ("minutes, legitimate", 15), ("minutes, false", 20), ("hour", 65), ("rate", 0.10),
    ("false alerts a week", "={false alerts, rule}/{days judged}*7"),
    ("reduction", "=1-{false alerts, pick}/{false alerts, rule}"),
    ("share legitimate, rule", "={legitimate among them, rule}/{false alerts, rule}"),
    ("share legitimate, pick", "={legitimate among them, pick}/{false alerts, pick}"),
    ("minutes an alert, rule", "={share legitimate, rule}*{minutes, legitimate}+(1-{share legitimate, rule})*{minutes, false}"),
    ("minutes an alert, pick", "={share legitimate, pick}*{minutes, legitimate}+(1-{share legitimate, pick})*{minutes, false}"),
    ("hours on attacks", "={true alerts, rule}/{days judged}*7*{minutes, attack}/60"),
    ("hours before", "={false alerts a week}*{minutes an alert, rule}/60+{hours on attacks}"),
    ("hours after", "={false alerts a week}*(1-{reduction})*{minutes an alert, pick}/60+{hours on attacks}"),
    ("saving a year", "=({hours before}-{hours after})*365/7*{hour}"),
    ("hours after, no reduction", "={false alerts a week}*{minutes an alert, pick}/60+{hours on attacks}"),
    ("saving, no reduction", "=({hours before}-{hours after, no reduction})*365/7*{hour}"),
    ("saving, all reduced", "=({hours before}-{hours on attacks})*365/7*{hour}"),
    ("lessons a year", "=365/30"), ("days read", "=365+{lessons a year}*10"),
    ("gigabytes a day", "=700000*86600000/271068/1000000000"),
    ("seconds of reading", "={days read}*({gigabytes a day}*3+0.7*15*0.05)"),
    ("entities, times", "=480/60"), ("units learned", "=MIN(50000,10792*{entities, times})"),
    ("seconds of learning", "={lessons a year}*{units learned}*15/1000000*2"),
    ("seconds of scoring", "=365*4402/{days judged}*{entities, times}*15/1000000*2"),
    ("computing", "=({seconds of reading}+{seconds of learning}+{seconds of scoring})/3600*0.05826"),
]
OPTIONS = {
    "build": ("=60*650+8000", "={computing}+12000+30*650"),
    "product": ("=20*650", "=45000"),
    "siem_feature": ("=8*650", "=15000+0.4*365*2.5"),
}
EACH = [
    ("year 1", "={saving a year}-{yearly}"), ("year 2", "={saving a year}-{yearly}"), ("year 3", "={saving a year}-{yearly}"),
    ("npv", "=NPV({rate},{year 1},{year 2},{year 3})-{initial}"),
    ("cost in today's money", "={initial}+NPV({rate},{yearly},{yearly},{yearly})"),
    ("roi", "={npv}/{cost in today's money}"),
    ("payback", "=12*{initial}/({saving a year}-{yearly})"),
    ("npv, no reduction", "=NPV({rate},{saving, no reduction}-{yearly},{saving, no reduction}-{yearly},{saving, no reduction}-{yearly})-{initial}"),
    ("npv, all reduced", "=NPV({rate},{saving, all reduced}-{yearly},{saving, all reduced}-{yearly},{saving, all reduced}-{yearly})-{initial}"),
    ("break even", "={npv, no reduction}/({npv, no reduction}-{npv, all reduced})"),
]


def rows():
    places, found = {}, []

    def add(name, content, scope=""):
        place = f"B{len(found) + 1}"
        if isinstance(content, str):
            for known, cell in sorted(places.items(), key=lambda item: -len(item[0])):
                content = content.replace("{" + known + "}", cell)
            for (where, known), cell in own.items():
                if where == scope:
                    content = content.replace("{" + known + "}", cell)
            assert "{" not in content, content
        (places if not scope else own).update({name if not scope else (scope, name): place})
        found.append((f"{scope}: {name}" if scope else name, content, place))

    own = {}
    for name, content in GENERAL:
        add(name, content)
    for option, (initial, yearly) in OPTIONS.items():
        for name, content in [("initial", initial), ("yearly", yearly), *EACH]:
            add(name, content, option)
    return found


def main():
    here = Path(__file__).parent
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "COST"
    sheet.column_dimensions["A"].width = 34
    found = rows()
    for name, content, place in found:
        sheet["A" + place[1:]], sheet[place] = name, content
    book.save(here / "spreadsheet.xlsx")
    computed = formulas.ExcelModel().loads(str(here / "spreadsheet.xlsx")).finish().calculate()
    values = {str(key).rsplit("!", 1)[-1].strip("'"): cell.value[0, 0] for key, cell in computed.items() if "!" in str(key) and ":" not in str(key)}
    with open(here / "spreadsheet.csv", "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["cell", "name", "content", "value"])
        for name, content, place in found:
            table.writerow([place, name, content, repr(float(values[place]))])


main()
