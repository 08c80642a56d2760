"""What a workbook says of itself, in Vietnamese and English."""

from __future__ import annotations

_LANGUAGES = ("vi", "en")
_TEXTS: dict[str, tuple[str, str]] = {
    "cover": ("Bìa", "Cover"),
    "households": ("Hộ gia đình", "Households"),
    "children": ("Trẻ em", "Children"),
    "to_check": ("Cần xem lại", "To check"),
    "due": ("Đến hạn", "Due"),
    "total": ("Tổng hợp", "Total"),
    "number": ("STT", "No."),
    "@village": ("Thôn", "Village"),
    "@household": ("Chủ hộ", "Head of household"),
    "slip": ("Phiếu", "Slip"),
    "row": ("Trẻ / dòng", "Child / row"),
    "row_only": ("Dòng", "Row"),
    "@born": ("Ngày sinh (hoặc tháng, năm)", "Date of birth (or month, year)"),
    "@age": ("Tuổi tròn tại ngày điều tra", "Completed years on the day of survey"),
    "severity": ("Mức độ", "Severity"),
    "E": ("Lỗi", "Error"),
    "W": ("Cần xem", "Look"),
    "I": ("Để biết", "To know"),
    "text": ("Việc cần xem lại", "What to check"),
    "question": ("Câu hỏi", "Question"),
    "value": ("Đã ghi", "As sent"),
    "code": ("Mã kiểm tra", "Check"),
    "key": ("Mã dòng (KEY)", "Key (KEY)"),
    "what": ("Việc phải làm", "To do"),
    "at": ("Hạn", "Due"),
    "clock": ("Giờ", "Time"),
    "about": ("Trẻ / hồ sơ", "Child / case"),
    "responsible": ("Người phụ trách", "Responsible"),
    "list": ("Danh sách", "List"),
    "uuid": ("Mã trong danh sách", "Id in the list"),
    "no_rows": ("Không có dòng nào.", "There are no rows."),
    "no_findings": ("Không có gì cần xem lại.", "There is nothing to check."),
    "no_due": ("Không có việc nào đến hạn.", "Nothing is due."),
    "due_elsewhere": (
        "Biểu mẫu này không theo dõi trẻ em hay hồ sơ nên không có việc đến hạn.",
        "This form follows no children or cases: nothing is due.",
    ),
    "due_not_allowed": (
        "Không có việc đến hạn: chỉ người có nhiệm vụ ở xã, khi nêu lý do, mới được xem "
        "(xuất với --as và --reason).",
        "Without what is due: only people with duties there may see it, for a stated reason "
        "(export with --as and --reason).",
    ),
    "due_without_cases": (
        "Không gồm việc đến hạn của hồ sơ mật: người xuất không nêu lý do, hoặc không có quyền.",
        "Without what is due about restricted cases: no reason was given, or no right to see them.",
    ),
    "dictionary": ("Từ điển", "Dictionary"),
    "book": ("Sổ dữ liệu cấp xã", "Commune workbook"),
    "unknown": ("Không xác định được xã", "Commune unknown"),
    "unit": ("Xã/phường", "Commune"),
    "province": ("Tỉnh/thành phố", "Province"),
    "edition": ("Danh mục đơn vị hành chính", "Edition of units"),
    "as_reported": (
        "{edition}, theo xã ghi lúc báo cáo",
        "{edition}, communes as they were reported",
    ),
    "in_edition": (
        "{edition}, dữ liệu cũ quy về xã của danh mục này",
        "{edition}, older data counted in this edition's communes",
    ),
    "form": ("Biểu mẫu", "Form"),
    "versions": ("Phiên bản biểu mẫu", "Form versions"),
    "period": ("Thời gian nhận phiếu", "Received"),
    "from_to": ("từ {first} đến {last}", "from {first} to {last}"),
    "changed": ("Gồm mọi thay đổi đến", "Up to the change of"),
    "submissions": ("Số phiếu", "Submissions"),
    "count_children": ("Số trẻ em ghi trong phiếu", "Children in submissions"),
    "count_rows": ("Số dòng “{repeat}”", "Rows of “{repeat}”"),
    "findings": ("Số việc cần xem lại", "Things to check"),
    "flagged": ("Số phiếu có việc cần xem lại", "Submissions with things to check"),
    "count_due": ("Số việc đến hạn", "Things due"),
    "states": ("Tình trạng duyệt", "Review states"),
    "villages": ("Số thôn có phiếu", "Villages reporting"),
    "of_villages": ("{count} trên {all} thôn", "{count} of {all} villages"),
    "empty": (
        "CHƯA CÓ PHIẾU NÀO trong phạm vi này.",
        "THERE ARE NO SUBMISSIONS in this scope.",
    ),
    "filters": ("Điều kiện lọc", "Filters"),
    "no_filters": ("không lọc: mọi phiếu đã nhận", "none: all that was received"),
    "filter_from": ("nhận từ {day}", "received from {day}"),
    "filter_to": ("nhận đến hết {day}", "received until {day}"),
    "filter_states": ("chỉ: {states}", "only: {states}"),
    "filter_deleted": ("gồm cả phiếu đã xoá", "with deleted submissions"),
    "missing": ("Không có trong sổ", "Not in it"),
    "missing_own": (
        "Chỉ có phần dữ liệu mà người xuất được xem.",
        "Only what whoever made this may see is in it.",
    ),
    "missing_restricted": (
        "Bản nháp, phiếu bị rút lại đồng ý, và các nhóm hoàn cảnh chỉ ghi ở phiếu mật.",
        "Drafts, slips whose consent was withdrawn, and groups that only restricted forms record.",
    ),
    "missing_drafts": (
        "Bản nháp và phiếu bị rút lại đồng ý.",
        "Drafts, and slips whose consent was withdrawn.",
    ),
    "missing_sealed": (
        "{count} phiếu mã hoá chưa mở: có dòng nhưng không có câu trả lời.",
        "{count} encrypted submissions are not opened: they have rows without answers.",
    ),
    "missing_deleted": ("Phiếu đã xoá.", "Deleted submissions."),
    "reading": ("Cách đọc", "How to read it"),
    "read_slip": ("Mỗi dòng là một phiếu.", "A row is a submission."),
    "read_household": (
        "Mỗi dòng là một phiếu. Hộ được điều tra hai lần có hai phiếu, và trẻ của hộ có hai dòng.",
        "A row is a submission. A household that was visited twice has two, and its children too.",
    ),
    "read_print": (
        "Bản in (A4 ngang) chỉ gồm các cột đầu của mỗi trang; các cột còn lại xem trên máy.",
        "Print-outs (A4 landscape) have each sheet's first columns; see the others on the screen.",
    ),
    "read_key": (
        "KEY (cột cuối) là mã của phiếu, dùng để tìm phiếu trên máy chủ.",
        "KEY (last column) is what a submission is found by on the server.",
    ),
    "read_key_of_row": (
        "KEY (cột cuối) nối các trang với nhau: KEY của mỗi dòng chi tiết bắt đầu bằng KEY của "
        "phiếu chứa dòng đó.",
        "KEY (last column) joins the sheets: the KEY of each detail's row begins with that of its "
        "submission.",
    ),
    "read_key_of_child": (
        "KEY (cột cuối) nối các trang với nhau: KEY của trẻ bắt đầu bằng KEY của phiếu.",
        "KEY (last column) joins the sheets: a child's KEY begins with that of its submission.",
    ),
    "read_multiple": (
        "Một trẻ có thể thuộc nhiều nhóm.",
        "A child may be in several groups.",
    ),
    "read_due": (
        "Việc quá hạn tại ngày mở tệp được tô đỏ ở trang {sheet}.",
        "What is overdue on the day when the file is opened is red in sheet {sheet}.",
    ),
    "long": (
        "{count} câu trả lời dài hơn một ô ở tệp …-long-texts.csv bên cạnh.",
        "{count} answers longer than a cell are in the file …-long-texts.csv beside.",
    ),
    "no_village": ("(không rõ thôn)", "(village unknown)"),
    "all": ("Tổng số", "Total"),
    "page": ("Trang", "Page"),
    "commune_code": ("Mã xã", "Code"),
    "commune_name": ("Tên xã/phường", "Commune"),
    "file": ("Tệp", "File"),
}


def say(name: str, language: str, **details: object) -> str:
    return _TEXTS[name][_LANGUAGES.index(language)].format(**details)
