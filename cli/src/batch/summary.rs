//! What came out, as a small table at the end.

use unicode_width::UnicodeWidthStr;

use super::status::{self, KINDS};
use crate::lang::Lang;

/// A line for each kind that there is.
pub(crate) fn table(counts: &[usize; KINDS], lang: Lang) -> String {
    let total: usize = counts.iter().sum();
    let mut rows =
        vec![lang.of(["status", "meaning", "contracts", "%"], ["状态", "含义", "合同数", "占比"]).map(str::to_owned)];
    for (kind, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let share = format!("{:.1}%", count as f64 * 100.0 / total as f64);
        rows.push([status::name(kind, lang).into(), status::meaning(kind, lang).into(), count.to_string(), share]);
    }
    rows.push([lang.of("total", "合计").into(), String::new(), total.to_string(), String::new()]);
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
    let widths = [width(0), width(1), width(2), width(3)];
    let mut table = String::new();
    for row in &rows {
        let blanks = |column: usize| " ".repeat(widths[column] - row[column].width());
        let [name, meaning, count, share] = row;
        let line = format!("{name}{}  {meaning}{}  {}{count}  {}{share}", blanks(0), blanks(1), blanks(2), blanks(3));
        table += line.trim_end();
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_also_in_chinese() {
        let mut counts = [0; KINDS];
        (counts[1], counts[2], counts[KINDS - 1]) = (5, 9_990, 5);
        assert_eq!(
            table(&counts, Lang::En),
            "status   meaning                   contracts      %\n\
             PENDING  waiting to be signed              5   0.1%\n\
             CREATED  signed and in force            9990  99.9%\n\
             FAILED   no answer; see the error          5   0.1%\n\
             total                                  10000\n"
        );
        assert_eq!(
            table(&counts, Lang::Zh),
            "状态      含义                      合同数   占比\n\
             PENDING   待签署                         5   0.1%\n\
             CREATED   已签署，合同生效            9990  99.9%\n\
             查询失败  没有得到结果，见错误信息       5   0.1%\n\
             合计                                 10000\n"
        );
    }
}
