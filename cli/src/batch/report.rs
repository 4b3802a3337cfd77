//! One page to look at: what came out, what failed and why, and every contract in a table. It needs nothing beside itself.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::json;

use super::ids::{Ids, Index};
use super::journal::Journal;
use super::output::Replacement;
use super::status::{self, KINDS, Known};
use super::stop::Stop;
use super::{progress, time};
use crate::lang::Lang;

/// More rows make the page slow; what failed and what is open comes first.
const MOST_ROWS: usize = 50_000;
/// How many contracts are named for each reason.
const EXAMPLES: usize = 8;

const PAGE: &str = include_str!("report.html");

/// Of the kinds, in their order; each has a contrast of at least 3 to 1 with white.
const COLORS: [&str; KINDS] =
    ["#2b6cb0", "#b7791f", "#1a7f4b", "#718096", "#4a5568", "#c05621", "#2c7a7b", "#6b46c1", "#c53030"];

pub(super) struct Facts<'a> {
    pub(super) src: &'a str,
    pub(super) endpoint: &'a str,
    pub(super) begun: i64,
    pub(super) ended: i64,
    pub(super) counts: &'a [usize; KINDS],
    pub(super) problems: u64,
}

pub(super) fn write(path: &Path, facts: &Facts<'_>, ids: &Ids, journal: &mut Journal, lang: Lang) -> Result<(), Stop> {
    let replacement = Replacement::of(path, lang)?;
    let unwritable = |error: std::io::Error| Stop::unwritable(path, error, lang);
    let mut file = BufWriter::new(replacement.file().map_err(unwritable)?);
    let faults = faults(ids, journal, lang)?;
    // The names of the places stand at the odd pieces.
    for (index, piece) in PAGE.split("@@").enumerate() {
        let written = match (index % 2 == 1, piece) {
            (true, "data") => rows(&mut file, ids, journal, path, lang)?,
            (true, name) => file.write_all(filled(name, facts, &faults, ids.len(), lang).as_bytes()),
            (false, text) => file.write_all(text.as_bytes()),
        };
        written.map_err(unwritable)?;
    }
    file.flush().map_err(unwritable)?;
    drop(file);
    replacement.put()
}

fn filled(name: &str, facts: &Facts<'_>, faults: &str, total: usize, lang: Lang) -> String {
    match name {
        "html_lang" => lang.of("en", "zh-CN").into(),
        "title" => lang.of("Signing status of contracts", "合同签约状态报告").into(),
        "facts" => fact_list(facts, total, lang),
        "kinds_title" => lang.of("What came out", "结果概览").into(),
        "chart" => chart(facts.counts, lang),
        "kinds" => kinds(facts.counts, lang),
        "faults" => faults.into(),
        "table_title" => lang.of("Every contract", "合同明细").into(),
        "no_script" => lang.of("The table needs JavaScript.", "查看明细表需要启用 JavaScript。").into(),
        "search" => lang.of("Search", "搜索").into(),
        "status" => lang.of("Status", "状态").into(),
        "every" => lang.of("every status", "全部状态").into(),
        "sort" => lang.of("Sorted by", "排序").into(),
        "as_listed" => lang.of("as in the list", "按清单顺序").into(),
        "pages" => lang.of("Pages", "翻页").into(),
        "back" => lang.of("Back", "上一页").into(),
        "on" => lang.of("Next", "下一页").into(),
        "words" => inert(&words(facts.counts, lang).to_string()),
        _ => String::new(),
    }
}

fn fact_list(facts: &Facts<'_>, total: usize, lang: Lang) -> String {
    let took =
        progress::duration(std::time::Duration::from_secs(facts.ended.saturating_sub(facts.begun).max(0) as u64), lang);
    let mut list = vec![
        (lang.of("Institution", "机构号"), facts.src.to_owned()),
        (lang.of("Address", "接口地址"), facts.endpoint.to_owned()),
        (lang.of("Asked from (UTC+8)", "开始时间（北京时间）"), time::in_china(facts.begun)),
        (lang.of("Until (UTC+8)", "结束时间（北京时间）"), format!("{} ({took})", time::in_china(facts.ended))),
        (lang.of("Contracts", "合同数"), total.to_string()),
        (lang.of("Without an answer", "没有结果"), facts.counts[KINDS - 1].to_string()),
    ];
    if facts.problems > 0 {
        let name = lang.of("Rows without a usable contract number", "没有可用合同编号的行");
        list.push((name, facts.problems.to_string()));
    }
    let fact = |(name, value): &(&str, String)| format!("<div><dt>{name}</dt><dd>{}</dd></div>", escaped(value));
    list.iter().map(fact).collect()
}

/// One bar, each kind as long as its share.
fn chart(counts: &[usize; KINDS], lang: Lang) -> String {
    let total = counts.iter().sum::<usize>().max(1) as f64;
    let told: Vec<_> = present(counts).map(|(kind, count)| format!("{} {count}", status::name(kind, lang))).collect();
    let label = lang.of("Share of each status: ", "各状态占比：");
    let mut svg = format!(
        r#"<svg viewBox="0 0 1000 34" preserveAspectRatio="none" role="img" aria-label="{label}{}">"#,
        told.join(lang.of(", ", "，"))
    );
    let mut x = 0.0;
    for (kind, count) in present(counts) {
        let width = count as f64 * 1000.0 / total;
        let _ = write!(
            svg,
            r#"<rect x="{x:.2}" y="0" width="{width:.2}" height="34" fill="{}"><title>{} {count}</title></rect>"#,
            COLORS[kind],
            status::name(kind, lang)
        );
        x += width;
    }
    svg + "</svg>"
}

fn kinds(counts: &[usize; KINDS], lang: Lang) -> String {
    let total = counts.iter().sum::<usize>().max(1) as f64;
    let kind = |(kind, count): (usize, usize)| {
        format!(
            r#"<li><span class="swatch" style="background:{}"></span><span>{} <small>{}</small></span><span><b>{count}</b> <small>{:.1}%</small></span></li>"#,
            COLORS[kind],
            status::name(kind, lang),
            status::meaning(kind, lang),
            count as f64 * 100.0 / total
        )
    };
    present(counts).map(kind).collect()
}

fn present(counts: &[usize; KINDS]) -> impl Iterator<Item = (usize, usize)> + '_ {
    counts.iter().copied().enumerate().filter(|(_, count)| *count > 0)
}

/// What failed, by reason: how many, why, and some of them.
fn faults(ids: &Ids, journal: &mut Journal, lang: Lang) -> Result<String, Stop> {
    #[derive(Default)]
    struct Reason {
        count: usize,
        examples: Vec<String>,
    }
    let mut reasons: BTreeMap<(String, String), Reason> = BTreeMap::new();
    for index in (0..ids.len() as Index).filter(|&index| journal.known(index) == Known::Failed).collect::<Vec<_>>() {
        let Some(entry) = journal.entry(index)? else { continue };
        // A message may quote the contract, and then it would be a reason of its own.
        let message = entry.message.unwrap_or_default().replace(&entry.id, "…");
        let reason = reasons.entry((entry.error.unwrap_or_default(), message)).or_default();
        reason.count += 1;
        if reason.examples.len() < EXAMPLES {
            reason.examples.push(entry.id);
        }
    }
    if reasons.is_empty() {
        return Ok(String::new());
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, reason)| std::cmp::Reverse(reason.count));
    let title = lang.of("What failed, and why", "没有结果的合同及原因");
    let mut html = format!(r#"<section aria-labelledby="h-faults"><h2 id="h-faults">{title}</h2>"#);
    for ((code, message), reason) in reasons.iter().take(50) {
        let examples: Vec<_> = reason.examples.iter().map(|id| format!("<code>{}</code>", escaped(id))).collect();
        let more = if reason.count > reason.examples.len() { " …" } else { "" };
        let count = reason.count;
        let _ = write!(
            html,
            r#"<div class="fault"><p><b>{}</b> <small>{}</small></p><p>{}</p><p class="soft">{}{more}</p></div>"#,
            escaped(code),
            lang.of(format!("{count} contract(s)"), format!("{count} 份合同")),
            escaped(message),
            examples.join(lang.of(", ", "、"))
        );
    }
    Ok(html + "</section>")
}

fn words(counts: &[usize; KINDS], lang: Lang) -> serde_json::Value {
    let kinds: Vec<_> = (0..KINDS)
        .map(|kind| {
            json!({
                "name": status::name(kind, lang),
                "meaning": status::meaning(kind, lang),
                "color": COLORS[kind],
                "count": counts[kind],
            })
        })
        .collect();
    json!({
        "kinds": kinds,
        "columns": lang.of(
            ["Contract", "Status", "Code", "Note", "Asked at", "Error"],
            ["合同编号", "状态", "返回码", "平台说明", "查询时间", "错误"],
        ),
        "found": lang.of("{0} of {1} contracts", "共 {1} 份合同，符合条件的 {0} 份"),
        "then": lang.of(". ", "；"),
        "printed": lang.of("The first {0} are printed", "仅打印前 {0} 份"),
        "rising": lang.of("{0}, rising", "{0}（升序）"),
        "falling": lang.of("{0}, falling", "{0}（降序）"),
        "page": lang.of("Page {0} of {1}", "第 {0} 页，共 {1} 页"),
    })
}

/// The contracts as JSON; what failed first, then what is not final, where there are too many.
fn rows(
    file: &mut impl Write,
    ids: &Ids,
    journal: &mut Journal,
    path: &Path,
    lang: Lang,
) -> Result<std::io::Result<()>, Stop> {
    let mut chosen: Vec<Index> = (0..ids.len() as Index).collect();
    if chosen.len() > MOST_ROWS {
        chosen.sort_by_key(|&index| match journal.known(index) {
            Known::Failed | Known::Nothing => 0,
            known if known.is_final() => 2,
            _ => 1,
        });
        chosen.truncate(MOST_ROWS);
    }
    let unwritable = |error: std::io::Error| Stop::unwritable(path, error, lang);
    let mut before = "[";
    for index in chosen {
        let entry = journal.entry(index)?.unwrap_or_default();
        let kind = entry.known().kind().unwrap_or(KINDS - 1);
        let error = entry.error.map(|error| format!("{error}: {}", entry.message.unwrap_or_default()));
        let row = json!([
            ids.get(index),
            kind,
            entry.code,
            // Of a status that this version does not know, the text itself is what people need.
            match (&entry.sts, kind == KINDS - 2) {
                (Some(sts), true) => Some(format!("signSts {sts} {}", entry.note.unwrap_or_default())),
                _ => entry.note,
            },
            time::in_china(entry.at),
            error,
        ]);
        write!(file, "{before}{}", inert(&row.to_string())).map_err(unwritable)?;
        before = ",\n";
    }
    Ok(file.write_all(if before == "[" { b"[]" } else { b"]" }))
}

/// JSON as it may stand in a `script` element: no tag begins or ends in it.
fn inert(json: &str) -> String {
    json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_value_is_markup() {
        let hostile = "</script><script>alert(1)</script>&\"'<!--";
        assert!(!escaped(hostile).contains(['<', '>', '"', '\'']));
        let json = inert(&json!([hostile]).to_string());
        assert!(!json.contains(['<', '>', '&']));
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [hostile]);
    }

    #[test]
    fn every_place_of_the_page_is_filled() {
        let counts = [1; KINDS];
        let facts = Facts { src: "S", endpoint: "E", begun: 0, ended: 61, counts: &counts, problems: 1 };
        for (index, name) in PAGE.split("@@").enumerate() {
            if index % 2 == 1 && name != "data" {
                for lang in [Lang::En, Lang::Zh] {
                    assert!(!filled(name, &facts, "<section>", 9, lang).is_empty(), "{name}");
                }
            }
        }
    }
}
