//! What can be read, and what is written.

use super::{asked, fast, table};
use crate::support::Run;

/// Asks about a list and returns the table that came out.
#[track_caller]
fn answered(content: &[u8], name: &str, more: &[&str]) -> (Vec<std::collections::BTreeMap<String, String>>, Run) {
    let place = fast(1000);
    place.folder.write(name, content);
    let run = place.run(&[&["batch", name, "-o", "out.csv"], more].concat());
    let out = std::fs::read_to_string(place.folder.path("out.csv")).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    (table(&out), run)
}

#[test]
fn the_list_comes_back_with_the_answers_beside_it() {
    let place = fast(1000);
    place.folder.write(
        "list.csv",
        "nr,sysSignFlowId,who\r\n1,STS2-1,\"王, 五\"\r\n2,STS1-1,=1+1\r\n3,STS2-1,\"two\nlines\"\r\n4,C99-1,-5\r\n",
    );
    let run = place.run(&["batch", "list.csv", "-o", "out.csv"]);
    assert_eq!(run.status, Some(1), "one was not answered: {run:?}");
    assert_eq!(
        asked(&place).into_iter().collect::<Vec<_>>(),
        [("C99-1".into(), 1), ("STS1-1".into(), 1), ("STS2-1".into(), 1)]
    );
    let out = std::fs::read_to_string(place.folder.path("out.csv")).unwrap();
    let lines: Vec<_> = out.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "\u{feff}\"nr\",\"sysSignFlowId\",\"who\",\"status\",\"name\",\"meaning\",\"final\",\"success\",\"code\",\"note\",\
         \"asked at (UTC+8)\",\"error\""
    );
    assert!(lines[1].starts_with(
        "\"1\",\"STS2-1\",\"王, 五\",\"2\",\"CREATED\",\"signed and in force\",\"yes\",\"yes\",\"00\",\"成功\",\"20"
    ));
    assert!(lines[2].starts_with(
        "\"2\",\"STS1-1\",\"'=1+1\",\"1\",\"PENDING\",\"waiting to be signed\",\"no\",\"no\",\"00\",\"成功\",\"20"
    ));
    assert!(lines[3].starts_with("\"3\",\"STS2-1\",\"two\nlines\",\"2\",\"CREATED\""), "{}", lines[3]);
    assert!(
        lines[4].starts_with("\"4\",\"C99-1\",\"-5\",\"\",\"\",\"\",\"\",\"\",\"99\",\"流水不存在\",\"20"),
        "{}",
        lines[4]
    );
    assert!(lines[4].contains("\"BUSINESS: The platform refuses"), "{}", lines[4]);
    assert_eq!((lines[5], lines.len()), ("", 6));
    assert!(
        run.err.contains("UTF-8, comma, column B \"sysSignFlowId\"") && run.err.contains("1 row(s) repeat"),
        "{run:?}"
    );
    assert!(run.out.contains("FAILED   no answer; see the error          1  33.3%"), "{run:?}");
    // What failed is kept to be asked about again; what is final is not.
    assert!(place.folder.path("out.csv.yspay-journal").exists());
    place.simulator.reset_stats();
    place.run(&["batch", "list.csv", "-o", "out.csv"]);
    assert_eq!(asked(&place).into_keys().collect::<Vec<_>>(), ["C99-1", "STS1-1"]);
}

#[test]
fn every_encoding_and_delimiter_is_found() {
    let text = "客户;合同流水号\n王五;STS4-签1\n赵六;STS2-2\n";
    let utf16 = |text: &str| -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let gb18030 = encoding_rs::GB18030.encode(text).0.into_owned();
    for (content, form) in [
        (text.as_bytes().to_vec(), "UTF-8, semicolon"),
        (format!("\u{feff}{text}").into_bytes(), "UTF-8, semicolon"),
        (utf16(text), "UTF-16LE, semicolon"),
        (gb18030, "GB18030, semicolon"),
        (text.replace(';', "\t").into_bytes(), "UTF-8, tab"),
        (text.replace(';', "|").into_bytes(), "UTF-8, vertical bar"),
        // Excel's own first line, which is no row, whatever else would be found.
        (format!("sep=;\r\n{text}").into_bytes(), "UTF-8, semicolon"),
        (format!("\u{feff}sep=\t\n{}", text.replace(';', "\t")).into_bytes(), "UTF-8, tab"),
        (utf16(&format!("\"SEP=^\"\n{}", text.replace(';', "^"))), "UTF-16LE, '^'"),
        (text.replace(';', ",").replace('\n', "\r\n").into_bytes(), "UTF-8, comma"),
    ] {
        let (rows, run) = answered(&content, "list.csv", &[]);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert!(run.err.contains(form), "{form}: {}", run.err);
        assert_eq!(
            (rows[0]["客户"].as_str(), rows[0]["合同流水号"].as_str(), rows[0]["name"].as_str()),
            ("王五", "STS4-签1", "EXPIRED")
        );
        assert_eq!((rows[1]["客户"].as_str(), rows[1]["name"].as_str()), ("赵六", "CREATED"));
    }
    // 签约 in GB18030 would be ǩԼ in UTF-8.
    let (rows, _) = answered(b"\xc7\xa9\xd4\xbc,flowId\nx,STS2-1\n", "list.csv", &[]);
    assert_eq!(rows[0]["签约"], "x");
}

#[test]
fn a_list_of_numbers_alone_needs_no_header() {
    for name in ["list.txt", "list.csv", "list"] {
        let (rows, run) = answered(b"STS3-1\n\nSTS2-2\n", name, &[]);
        assert_eq!(run.status, Some(0), "{run:?}");
        let told: Vec<_> = rows.iter().map(|row| (row["sysSignFlowId"].as_str(), row["status"].as_str())).collect();
        assert_eq!(told, [("STS3-1", "3"), ("STS2-2", "2")]);
    }
}

#[test]
fn the_column_may_be_said() {
    let list = "a,b,合同\nx,y,STS2-1\n".as_bytes();
    for column in ["合同", "3", "C", "c"] {
        let (rows, run) = answered(list, "list.csv", &["--column", column]);
        assert_eq!((run.status, rows[0]["name"].as_str()), (Some(0), "CREATED"), "{run:?}");
    }
    let (rows, _) = answered(b"x,STS2-1\ny,STS3-1\n", "list.csv", &["--column", "2"]);
    assert_eq!((rows.len(), rows[0]["column A"].as_str(), rows[1]["sysSignFlowId"].as_str()), (2, "x", "STS3-1"));
}

#[test]
fn a_row_that_cannot_be_asked_about_says_why_and_the_others_are_asked() {
    let list = "nr,flowId,x\n1,2.02E+17,a\n2\n3,A B,c\n4,,d\n5,\u{3000}STS2-1 ,e\n6,202109280009848000,f\n,,\n7,A&B,g\n\
         8,合同编号,h\n9,STS2-１,i\n10,STS2-1、STS2-2,j\n11,STS2-\u{feff}1,k\n";
    let (rows, run) = answered(list.as_bytes(), "list.csv", &[]);
    assert_eq!(run.status, Some(1), "{run:?}");
    let errors: Vec<_> = rows.iter().map(|row| row["error"].split([' ', ':']).next().unwrap()).collect();
    assert_eq!(errors[..8], ["2.02E+17", "it", "\"A", "it", "", "", "", "INVALID_ARGUMENT"]);
    assert_eq!(
        (rows[4]["flowId"].as_str(), rows[4]["name"].as_str()),
        ("\u{3000}STS2-1 ", "CREATED"),
        "as it was given"
    );
    for told in [
        "Row 2: 2.02E+17 is a number that a spreadsheet rounded",
        "Row 3: it has only 1 cell(s)",
        "Row 4: \"A B\" has white space inside",
        "Row 5: it has no contract number.",
        "taken away in 1 row(s), first in row 6",
        "In 1 row(s), first in row 7",
        "Row 10: \"合同编号\" is the header of a column",
        "Row 11: \"STS2-１\" has full-width letters or digits",
        "Row 12: \"STS2-1、STS2-2\" has a separator inside",
        "Row 13: \"STS2-\\u{feff}1\" has white space inside",
    ] {
        assert!(run.err.contains(told), "{told}: {}", run.err);
    }
    assert!(run.out.contains("8 row(s) have no usable contract number"), "{run:?}");
}

#[test]
fn json_has_a_line_for_each_row() {
    let place = fast(1000);
    place.folder.write("list.csv", "flowId,x,x\nSTS2-1,1,2\n2.02E+17,3\n");
    let run = place.run(&["--lang", "zh", "batch", "list.csv", "-o", "out.jsonl"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    let out = std::fs::read_to_string(place.folder.path("out.jsonl")).unwrap();
    let lines: Vec<serde_json::Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    let at = lines[0]["askedAt"].as_str().unwrap();
    assert!(at.len() == 25 && at.ends_with("+08:00"), "{at}");
    assert_eq!(
        lines[0],
        serde_json::json!({"row": 2, "sysSignFlowId": "STS2-1", "signSts": "2", "signStsName": "CREATED", "meaning": "已签署，合同生效",
            "isFinal": true, "isSuccess": true, "code": "00", "note": "成功", "askedAt": at, "error": null,
            "input": {"flowId": "STS2-1", "x": "1", "x_2": "2"}})
    );
    assert_eq!(
        (&lines[1]["row"], &lines[1]["signSts"], &lines[1]["input"]["x_2"]),
        (&3.into(), &().into(), &().into())
    );
}

#[test]
fn a_journal_that_is_kept_saves_what_is_final() {
    let place = fast(1000);
    place.folder.write("list.txt", "STS2-1\nSTS1-1\n");
    for expected in [["STS1-1", "STS2-1"].as_slice(), &["STS1-1"]] {
        place.simulator.reset_stats();
        let run = place.run(&["batch", "list.txt", "-o", "out.csv", "--keep-journal"]);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert_eq!(asked(&place).into_keys().collect::<Vec<_>>(), expected);
    }
    place.run(&["batch", "list.txt", "-o", "out.csv", "--quiet"]);
    assert!(!place.folder.path("out.csv.yspay-journal").exists());
    let mut left: Vec<_> =
        std::fs::read_dir(place.folder.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["list.txt", "out.csv", "yspay.json"], "nothing else is left behind");
}

/// As an editor numbers them, whatever ends a line, empty ones and those within a cell counted.
#[test]
fn a_row_is_told_by_its_line() {
    let list = "flowId,x\nSTS2-1,a\n\n\nA B,c\n1 2,\"d\n\ne\"\n3 4,f\n";
    for end in ["\n", "\r\n", "\r"] {
        for (begin, added) in [("", 0), ("sep=,\n", 1)] {
            let content = format!("{begin}{list}").replace('\n', end);
            let (rows, run) = answered(content.as_bytes(), "list.csv", &[]);
            assert_eq!((run.status, rows.len()), (Some(1), 4), "{run:?}");
            for line in [5, 6, 9] {
                assert!(run.err.contains(&format!("Row {}: ", line + added)), "{end:?}, {line}: {}", run.err);
            }
        }
    }
    let (_, run) = answered(b"\n\nflowId\nA B\nSTS2-1\n\x1a", "list.csv", &[]);
    assert!(run.status == Some(1) && run.err.contains("Row 4: ") && !run.err.contains("Row 6"), "{run:?}");
}
