"""A form with every kind of list, and the files that it reads: nested repeats, files, sums."""

from __future__ import annotations

import json
from pathlib import Path

from tests.helpers.slips import write_workbook

VILLAGE = """
| survey |
| | type | name | label | required | constraint | calculation | relevant | choice_filter | default | appearance | media::image |
| | start | start |
| | end | end |
| | today | today |
| | deviceid | deviceid |
| | username | username |
| | text | head | Head | yes | | | | | ${last-saved#head} |
| | text | before | Before | | | | | | ${last-saved#head} |
| | date | day | Day |
| | time | hour | Hour |
| | dateTime | moment | Moment |
| | decimal | area | Area | | . > 0 and . < 100 |
| | calculate | double_area | | | | round(${area} * 2, 2) |
| | geopoint | gps | Position |
| | geotrace | way | Way |
| | begin_group | place | Place |
| | select_one_from_file communes.csv | commune | Commune | yes |
| | select_one_from_file villages.csv | village | Village | yes | | | | commune=${commune} | | minimal |
| | calculate | village_label | | | | instance('villages')/root/item[name=${village}]/label |
| | select_one district | district | District | | | | | commune=${commune} |
| | select_one_from_file wells.geojson | well | Well | | | | | depth > 10 | | map |
| | calculate | well_at | | | | instance('wells')/root/item[id=${well}]/geometry |
| | select_one_from_file crops.xml | crop | Crop |
| | calculate | price | | | | pulldata('prices', 'price', 'crop', ${crop}) |
| | select_one listed | market | Market | | | | | | | search('markets') |
| | select_one_external shop | shop | Shop | | | | | commune=${commune} |
| | end_group | |
| | select_multiple needs | needs | Needs | | not(selected(., '00') and count-selected(.) > 1) | | | | | | house.png |
| | rank needs | ranked | Ranked |
| | text | why | Why | yes | | | selected(${needs}, '02') |
| | begin_repeat | house | House |
| | text | name | Name | yes |
| | image | photo | Photo |
| | begin_repeat | person | Person |
| | text | name | Name | yes |
| | integer | age | Age | yes | . >= 0 and . < 120 |
| | calculate | is_child | | | | if(${age} < 16, 1, 0) |
| | text | school | School | | | | ${is_child} = 1 |
| | file | paper | Paper |
| | end_repeat | |
| | calculate | children | | | | sum(${is_child}) |
| | end_repeat | |
| | calculate | all_children | | | | sum(${children}) |
| | audio | voice | Voice |
| | acknowledge | ok | Ok |
| choices |
| | list_name | name | label | commune | image |
| | district | d1 | One | 12322 |
| | district | d2 | Two | 12472 |
| | district | d3 | Three | 12472 |
| | listed | name | label |
| | needs | 00 | None |
| | needs | 01 | Health | | health.png |
| | needs | 02 | School |
| external_choices |
| | list_name | name | label | commune |
| | shop | s1 | Shop one | 12322 |
| | shop | s2 | Shop two | 12472 |
| settings |
| | form_id | form_title | version | instance_name |
| | village | Điều tra thôn | 1 | concat(${head}, ' · ', ${village}) |
"""  # noqa: E501  a cell of a Markdown table cannot be broken
WELLS = {"w1": ("Giếng đình", 8, [106.35, 20.65]), "w2": ("Giếng chùa", 15, [106.36, 20.66])}
MEDIA = {
    "communes.csv": "name,label\n12322,Xã Hiệp Cường\n12472,Xã Quỳnh Phụ\n",
    "villages.csv": (
        "\ufeffname;label;commune\nV1;Thôn Một;12322\nV2;Thôn Hai;12472\n"
        'V3;"Thôn ""Ba"", xóm Chùa";12472\n'
    ),
    "crops.xml": (
        "<root><item><name>rice</name><label>Lúa</label></item>"
        "<item><name>corn</name><label>Ngô</label></item></root>"
    ),
    "prices.csv": "crop,price\nrice,8500\ncorn,6200\n",
    "markets.csv": "name,label\nm1,Chợ Quỳnh Côi\n",
    "wells.geojson": json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "id": id_,
                    "geometry": {"type": "Point", "coordinates": position},
                    "properties": {"title": title, "depth": depth},
                }
                for id_, (title, depth, position) in WELLS.items()
            ],
        }
    ),
    "house.png": "a picture of a house",
    "health.png": "a picture of a health station",
}


def write_village(folder: Path) -> Path:
    """Write the workbook, and its files into `media` beside it."""
    (folder / "media").mkdir()
    for name, text in MEDIA.items():
        (folder / "media" / name).write_text(text, encoding="utf-8")
    return write_workbook(folder, VILLAGE)
