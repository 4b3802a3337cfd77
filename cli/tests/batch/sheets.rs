//! Workbooks that another library wrote, and ours read by it: Python's openpyxl. `make test-report` brings it.

use std::process::Command;

use super::{asked, fast};
use crate::support::Place;

const WRITE: &str = r#"
import datetime, openpyxl
book = openpyxl.Workbook()
sheet = book.active
sheet.title = "清单"
sheet.append(["客户", "合同 流水号", "金额", "日期", "公式"])
for row in [
    ["王五", "STS2-1", 12.5, datetime.datetime(2026, 11, 29), "=1+1"],
    ["赵六", 20210928, 3, None, None],
    ["大数", 202109280009848123, None, None, None],
    ["舍入", 1234567890123450, None, None, None],
    ["空", None, 7, None, None],
    ["日期", datetime.datetime(2021, 9, 28), None, None, None],
    ["空白", "\u3000STS3-1 ", None, None, None],
    ["再来", "STS2-1", None, None, None],
]:
    sheet.append(row)
sheet.append([])
sheet.append(["末", "STS1-1"])
hidden = book.create_sheet("隐藏")
hidden.append(["flowId"]); hidden.append(["STS4-1"])
hidden.sheet_state = "hidden"
book.create_sheet("空表")
book.save("list.xlsx")
book.create_sheet("另一张").append(["flowId"])
book.save("several.xlsx")
logic = openpyxl.Workbook()
for value in ["flowId", True, '#N/A', "STS2-1"]:
    logic.active.append([value])
for value, code in [(123, "000000"), (1234567, "000000"), (-12, "000"), (5, "0.00"), (6, "General"), (0, "00"), (1234567890123450, "0" * 20)]:
    logic.active.append([value])
    logic.active.cell(logic.active.max_row, 1).number_format = code
logic.save("logic.xlsx")
openpyxl.Workbook().save("empty.xlsx")
def merged(name, rows, cells):
    book = openpyxl.Workbook()
    for row in rows: book.active.append(row)
    for place in cells: book.active.merge_cells(place)
    book.save(name)
merged("title.xlsx", [["2026年11月合同清单"], ["序号", "合同编号"], [1, "STS2-1"]], ["A1:B1"])
merged("groups.xlsx", [["序号", "合同信息", None], [None, "合同编号", "客户"], [1, "STS2-1", "王五"]], ["A1:A2", "B1:C1"])
merged("odd.xlsx", [["合同编号", "客户"], ["STS2-1", "王五"], [None, "赵六"], ["STS2-\ufeff2", ""], ["ＳＴＳ2-3", ""],
    [-0.0, ""], [1e300, ""], [datetime.time(1, 2), ""], ["合同编号", ""]], ["A2:A3"])
"#;

const READ: &str = r#"
import json, openpyxl, sys
sheet = openpyxl.load_workbook(sys.argv[1]).active
rows = [[[cell.data_type, cell.value if isinstance(cell.value, (int, float, str, type(None))) else str(cell.value)] for cell in row] for row in sheet.iter_rows()]
print(json.dumps({
    "title": sheet.title, "freeze": sheet.freeze_panes, "filter": sheet.auto_filter.ref, "rows": rows,
    "bold": sheet["A1"].font.b, "format": sheet["B2"].number_format, "widths": [sheet.column_dimensions[c].width for c in "AB"],
}))
"#;

fn python(place: &Place, program: &str, arguments: &[&str]) -> String {
    let python = std::env::var("YSPAY_OPENPYXL").expect("`make test-report` runs this with a Python that has openpyxl");
    let run =
        Command::new(python).args(["-c", program]).args(arguments).current_dir(place.folder.path("")).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
#[ignore = "needs Python's openpyxl: make test-report"]
fn workbooks_of_another_library_are_read_and_ours_by_it() {
    let place = fast(1000);
    python(&place, WRITE, &[]);
    let run = place.run(&["--lang", "zh", "batch", "list.xlsx", "-o", "out.xlsx", "--column", "合同流水号"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(
        run.err.contains("工作表“清单”，B 列“合同 流水号”"),
        "the hidden and the empty one are passed over: {run:?}"
    );
    for told in [
        "第 4 行：202109280009848100 是被电子表格按数值处理过的编号",
        "第 5 行：1234567890123450 是被电子表格",
        "第 6 行：合同编号为空",
        "第 7 行：2021-09-28 是日期",
        "最早在第 8 行",
    ] {
        assert!(run.err.contains(told), "{told}: {}", run.err);
    }
    assert_eq!(asked(&place).into_keys().collect::<Vec<_>>(), ["20210928", "STS1-1", "STS2-1", "STS3-1"]);
    let read: serde_json::Value = serde_json::from_str(&python(&place, READ, &["out.xlsx"])).unwrap();
    assert_eq!((&read["title"], &read["freeze"], &read["bold"]), (&"签约状态".into(), &"A2".into(), &true.into()));
    assert_eq!((&read["filter"], &read["format"]), (&"A1:N10".into(), &"@".into()));
    let texts = |row: usize| -> Vec<String> {
        let cells = read["rows"][row].as_array().unwrap();
        cells.iter().map(|cell| format!("{}:{}", cell[0].as_str().unwrap(), cell[1]).replace('"', "")).collect()
    };
    assert_eq!(
        texts(0).join("|"),
        "s:客户|s:合同 流水号|s:金额|s:日期|s:公式|s:状态码|s:状态名|s:含义|s:是否终态|s:是否签约成功|s:返回码|s:平台说明|\
         s:查询时间（北京时间）|s:错误"
    );
    assert!(
        texts(1).join("|").starts_with(
            "s:王五|s:STS2-1|n:12.5|s:2026-11-29|n:null|s:2|s:CREATED|s:已签署，合同生效|s:是|s:是|s:00|s:成功|s:20"
        ),
        "{:?}",
        texts(1)
    );
    assert!(
        texts(2).join("|").starts_with("s:赵六|s:20210928|n:3|n:null|n:null|s:2|"),
        "an exact number is text now: {:?}",
        texts(2)
    );
    assert!(texts(3)[13].contains("文本") && texts(5)[13].contains("合同编号为空"), "{:?}", texts(3));
    assert!(texts(9).join("|").starts_with("s:末|s:STS1-1|n:null|n:null|n:null|s:1|s:PENDING"), "{:?}", texts(9));
    assert!(read["widths"][1].as_f64().unwrap() > 20.0);

    let hidden = place.run(&["batch", "list.xlsx", "-o", "hidden.csv", "--sheet", "隐藏"]);
    assert_eq!(hidden.status, Some(0), "{hidden:?}");
    assert!(std::fs::read_to_string(place.folder.path("hidden.csv")).unwrap().contains("\"STS4-1\",\"4\",\"EXPIRED\""));
    let several = place.run(&["batch", "several.xlsx", "-o", "several.csv"]);
    assert_eq!(several.status, Some(2), "{several:?}");
    assert!(several.err.contains("several sheets: 清单, 另一张. Say which with --sheet NAME"), "{several:?}");
    let none = place.run(&["batch", "several.xlsx", "-o", "several.csv", "--sheet", "9"]);
    assert!(
        none.status == Some(2) && none.err.contains("has no sheet \"9\". It has: 清单, 隐藏, 空表, 另一张."),
        "{none:?}"
    );
    for (list, told) in [
        ("empty.xlsx", "empty.xlsx is an empty workbook"),
        ("title.xlsx", "If a title stands above the header, delete it"),
        ("groups.xlsx", "The first row has: A \"序号\", B \"合同信息\". If a title stands above"),
    ] {
        let run = place.run(&["batch", list, "-o", "none.csv"]);
        assert!(run.status == Some(2) && run.err.contains(told), "{run:?}");
    }
    place.simulator.reset_stats();
    let odd = place.run(&["batch", "odd.xlsx", "-o", "odd.csv"]);
    assert_eq!(odd.status, Some(1), "{odd:?}");
    for told in [
        "Row 3: it has no contract number",
        "Row 4: \"STS2-\\u{feff}2\" has white space inside",
        "Row 5: \"ＳＴＳ2-3\" has full-width letters",
        "Row 6: -0 is a number but not a whole one",
        "000… is a number that a spreadsheet rounded",
        "01:02:00 is a date",
        "Row 9: \"合同编号\" is the header",
    ] {
        assert!(odd.err.contains(told), "{told}: {}", odd.err);
    }
    assert_eq!(asked(&place).into_keys().collect::<Vec<_>>(), ["STS2-1"]);
    place.simulator.reset_stats();
    let logic = place.run(&["batch", "logic.xlsx", "-o", "logic.csv"]);
    assert_eq!(logic.status, Some(1), "{logic:?}");
    assert!(logic.err.contains("Row 2: TRUE is what") && logic.err.contains("Row 3: #N/A is what"), "{logic:?}");
    assert!(logic.err.contains("Row 11: 1234567890123450 is a number that a spreadsheet rounded"), "{logic:?}");
    assert_eq!(
        asked(&place).into_keys().collect::<Vec<_>>(),
        ["00", "000123", "1234567", "5", "6", "STS2-1"],
        "as shown"
    );
}
