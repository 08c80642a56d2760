"""What the columns are called that are no question, and their codes, in the languages of labels."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from exports.labels import heading_text, pick_text
from exports.options import Options
from forms.definitions import Field, FormDefinition

_SYSTEM: dict[str, tuple[str, str]] = {
    "SubmissionDate": ("Thời điểm nhận", "Received at"),
    "KEY": ("Mã dòng (KEY)", "Key (KEY)"),
    "PARENT_KEY": ("Mã dòng cấp trên (PARENT_KEY)", "Key of the row above (PARENT_KEY)"),
    "SubmitterName": ("Người gửi", "Sent by"),
    "AttachmentsPresent": ("Số tệp đã nhận", "Files received"),
    "AttachmentsExpected": ("Số tệp cần có", "Files expected"),
    "Status": ("Tình trạng giải mã", "Decryption"),
    "ReviewState": ("Tình trạng duyệt", "Review state"),
    "DeviceID": ("Mã máy gửi", "Device"),
    "FormVersion": ("Phiên bản biểu mẫu", "Form version"),
    "commune": ("Mã xã/phường báo cáo", "Code of the reporting commune"),
    "commune_name": ("Xã/phường báo cáo", "Reporting commune"),
}
_METADATA: dict[tuple[str, str], tuple[str, str]] = {
    ("timestamp", "start"): ("Bắt đầu điền", "Started"),
    ("timestamp", "end"): ("Kết thúc điền", "Finished"),
    ("date", "today"): ("Ngày điền", "Day of filling"),
    ("property", "username"): ("Người dùng máy", "User of the phone"),
    ("property", "deviceid"): ("Mã máy điền", "Phone"),
    ("property", "phonenumber"): ("Số điện thoại của máy", "Number of the phone"),
    ("property", "email"): ("Thư điện tử của máy", "E-mail of the phone"),
}
_META: dict[str, tuple[str, str]] = {
    "/meta/instanceID": ("Mã phiếu (instanceID)", "Slip (instanceID)"),
    "/meta/instanceName": ("Tên phiếu", "Name of the slip"),
    "/meta/deprecatedID": ("Mã phiếu trước khi sửa", "Slip before the edit (deprecatedID)"),
    "/meta/audit": ("Nhật ký điền (audit)", "Log of filling (audit)"),
}
_POINT: dict[str, tuple[str, str]] = {
    "Latitude": ("vĩ độ", "latitude"),
    "Longitude": ("kinh độ", "longitude"),
    "Altitude": ("độ cao, m", "altitude, m"),
    "Accuracy": ("sai số, m", "accuracy, m"),
}
_CODE = ("mã", "code")
_ENTITY_LABEL = ("{of}: tên trong danh sách", "{of}: name in the list")
_REVIEW_STATES: dict[str, tuple[str, str]] = {
    "received": ("Đã nhận", "Received"),
    "edited": ("Đã sửa", "Edited"),
    "hasIssues": ("Có vấn đề", "Has issues"),
    "approved": ("Đã duyệt", "Approved"),
    "rejected": ("Bị loại", "Rejected"),
}
_ENTITY = "/meta/entity/label"


def system_heading(name: str, language: str) -> str:
    return _pick(_SYSTEM[name], language)


def point_text(part: str, language: str) -> str:
    """The part of a position that a column holds."""
    return _pick(_POINT[part], language)


def code_heading(heading: str, language: str) -> str:
    """Over codes, where their labels stand beside them."""
    return f"{heading} ({_pick(_CODE, language)})"


def review_state_text(state: str, language: str) -> str:
    return _pick(_REVIEW_STATES[state], language)


def review_state_expr(state: pl.Expr, language: str) -> pl.Expr:
    """What a state is called; one that is not known stays."""
    return state.replace({code: _pick(texts, language) for code, texts in _REVIEW_STATES.items()})


def question_heading(field: Field, definitions: Sequence[FormDefinition], options: Options) -> str:
    """The label; where a field has none, what it is, and its name only as a last resort."""
    language = options.language or options.own_language
    own = options.own_language
    default = definitions[0].default_language
    preload = (field.bind.preload, field.bind.preload_params)
    if pick_text(field.labels, language, default):
        return heading_text(field, language, default)
    if preload in _METADATA:
        return _pick(_METADATA[preload], own)
    if field.path in _META:
        return _pick(_META[field.path], own)
    if field.path.endswith(_ENTITY):
        of = _container_text(field.path.removesuffix(_ENTITY), definitions, language)
        return _pick(_ENTITY_LABEL, own).replace("{of}", of)
    return field.name


def _container_text(path: str, definitions: Sequence[FormDefinition], language: str) -> str:
    """The label of a group or repeat; the form's title for the form itself."""
    for definition in definitions:
        if not path:
            return definition.title
        for field in definition.fields():
            if field.path == path:
                return heading_text(field, language, definition.default_language)
    return path


def _pick(texts: tuple[str, str], language: str) -> str:
    return texts[language == "en"]
