//! The report in a real browser. `make test-report` runs these; they need chromium.

use std::process::Command;

use super::fast;
use crate::support::Place;

/// Works the page as a person would, and leaves what it saw in `#seen`.
const VISIT: &str = r##"<script>
addEventListener("load", async () => {
  const of = id => document.getElementById(id);
  const pause = () => new Promise(done => setTimeout(done, 300));
  const ids = () => Array.from(document.querySelectorAll("#body code")).map(cell => cell.textContent);
  const seen = { owned: window.owned === undefined ? "no" : "yes", rows: ids().length, first: ids()[0], caption: of("caption").textContent };
  of("on").click();
  seen.second = ids()[0];
  seen.page = of("page").textContent;
  of("search").value = "-4242";
  of("search").dispatchEvent(new Event("input"));
  await pause();
  seen.searched = ids();
  of("search").value = "";
  of("kind").value = "8";
  of("kind").dispatchEvent(new Event("change"));
  await pause();
  seen.failed = ids();
  const sort = document.querySelector("#head th button");
  sort.click(); sort.click();
  seen.sorted = ids();
  seen.sortState = document.querySelector("#head th").getAttribute("aria-sort");
  seen.told = of("sort").value;
  const choose = order => {
    of("sort").value = order;
    of("sort").dispatchEvent(new Event("change"));
    return [ids(), document.querySelector("#head th").getAttribute("aria-sort")];
  };
  seen.rising = choose("0+");
  seen.asListed = choose("");
  seen.orders = Array.from(of("sort").options).map(option => option.textContent);
  of("sort").focus();
  seen.control = of("sort").getClientRects().length > 0 && document.activeElement === of("sort");
  seen.header = document.querySelector("#head button").getClientRects().length > 0;
  of("kind").value = "";
  of("kind").dispatchEvent(new Event("change"));
  dispatchEvent(new Event("beforeprint"));
  seen.printed = ids().length;
  seen.wide = document.documentElement.scrollWidth > innerWidth ? "too wide" : "fits";
  seen.labels = Array.from(document.querySelectorAll("input, select, button, svg, nav")).filter(part =>
    !(part.closest("label") || part.textContent.trim() || part.getAttribute("aria-label"))).length;
  const result = document.createElement("pre");
  result.id = "seen";
  result.textContent = "SEEN" + btoa(unescape(encodeURIComponent(JSON.stringify(seen)))) + "END";
  document.body.append(result);
});
</script>"##;

const HOSTILE: &str = "BADSIG-<img src=x onerror=window.owned=1>";

fn report(lang: &str) -> Place {
    let place = fast(10_000);
    let mut list = String::from("flowId\n");
    for number in 0..10_000 {
        list += &format!("{}-{number}\n", ["STS2", "STS1", "STS4"][number % 3]);
    }
    // No white space may stand in a contract number.
    list += &format!("{}\nBADSIG-</script><script>window.owned=1</script>\nC99-1\n", HOSTILE.replace(' ', "/"));
    place.folder.write("list.csv", list);
    let mut journal = String::new();
    let settings: serde_json::Value = serde_json::from_slice(&std::fs::read(&place.config).unwrap()).unwrap();
    journal += &format!(
        "{{\"journal\":\"yspay batch\",\"version\":1,\"src\":{},\"endpoint\":{}}}\n",
        settings["src"], settings["endpoint"]
    );
    // Most is known already: the page is what is tested. A note is hostile, too.
    for number in (0..10_000).filter(|number| number % 3 != 1) {
        let (prefix, sts) = [("STS2", "2"), ("STS1", "1"), ("STS4", "4")][number % 3];
        journal += &format!(
            "{{\"id\":\"{prefix}-{number}\",\"at\":1764403200,\"sts\":\"{sts}\",\"code\":\"00\",\"note\":\"</script><script>window.owned=1</script>\"}}\n"
        );
    }
    place.folder.write("out.csv.yspay-journal", journal);
    let run = place.run(&["--lang", lang, "batch", "list.csv", "-o", "out.csv", "--report", "report.html"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    place
}

fn chromium(arguments: &[&str]) -> String {
    let run = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000"])
        .args(arguments)
        .output()
        .expect("chromium is needed for this test: apt-get install chromium");
    String::from_utf8_lossy(&run.stdout).into_owned()
}

#[test]
#[ignore = "needs chromium: make test-report"]
fn the_page_is_filtered_sorted_paged_and_inert() {
    for (lang, caption, page, size, order) in [
        ("en", "10003 of 10003 contracts", "Page 2 of 101", "1280,900", "Contract, falling"),
        // A telephone, where the table has no header to sort by.
        ("zh", "共 10003 份合同，符合条件的 10003 份", "第 2 页，共 101 页", "390,844", "合同编号（降序）"),
    ] {
        let place = report(lang);
        let html = std::fs::read_to_string(place.folder.path("report.html")).unwrap();
        assert!(
            !html.contains("http://www") && !html.contains(" src=") && !html.contains("<link"),
            "nothing from outside"
        );
        let visited = place.folder.write("visit.html", html.replace("</body>", &format!("{VISIT}</body>")));
        let profile = place.folder.path("profile");
        let dom = chromium(&[
            "--dump-dom",
            &format!("--window-size={size}"),
            &format!("--user-data-dir={}", profile.display()),
            &format!("file://{}", visited.display()),
        ]);
        let seen = dom.split_once("id=\"seen\">SEEN").and_then(|(_, rest)| rest.split_once("END"));
        let (encoded, _) = seen.unwrap_or_else(|| panic!("the page does not work: {}", &html[..200]));
        let decoded = <base64ct::Base64 as base64ct::Encoding>::decode_vec(encoded).unwrap();
        let seen: serde_json::Value = serde_json::from_slice(&decoded).unwrap();
        println!("{lang}: {seen}");
        assert_eq!(seen["owned"], "no");
        assert_eq!(
            (&seen["rows"], &seen["first"], &seen["second"]),
            (&100.into(), &"STS2-0".into(), &"STS1-100".into())
        );
        assert_eq!((seen["caption"].as_str().unwrap(), seen["page"].as_str().unwrap()), (caption, page));
        assert_eq!(seen["searched"], serde_json::json!(["STS2-4242"]));
        let failed: Vec<_> = seen["failed"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
        assert_eq!(failed.len(), 3, "{failed:?}");
        let mut sorted = failed.clone();
        sorted.sort_by(|one, other| other.cmp(one));
        assert_eq!(
            seen["sorted"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect::<Vec<_>>(),
            sorted
        );
        let is_phone = lang == "zh";
        assert_eq!((&seen["control"], &seen["header"]), (&is_phone.into(), &(!is_phone).into()));
        sorted.reverse();
        assert_eq!(
            (&seen["told"], &seen["rising"], &seen["asListed"]),
            (&"0-".into(), &serde_json::json!([sorted, "ascending"]), &serde_json::json!([failed, "none"]))
        );
        assert_eq!((seen["orders"].as_array().unwrap().len(), &seen["orders"][2]), (13, &order.into()));
        assert_eq!(
            (&seen["sortState"], &seen["printed"], &seen["wide"], &seen["labels"]),
            (&"descending".into(), &2000.into(), &"fits".into(), &0.into())
        );
    }
}
