//! An explanation for programs: one object a message. docs/command.md has its form.

use serde_json::{Map, Value, json};

use super::screen::no_message;
use super::{Explained, Outcome};
use crate::lang::Lang;

pub(super) fn line(explained: &Explained, lang: Lang) -> String {
    let origin = explained.origin;
    let mut object = match &explained.outcome {
        Outcome::NoMessage(why) => Map::from_iter([
            ("kind".to_owned(), Value::Null),
            ("verdict".to_owned(), "cannotTell".into()),
            ("explanation".to_owned(), no_message(why, lang).into()),
        ]),
        Outcome::Diagnosed(diagnosis) => {
            match in_one_language(serde_json::to_value(diagnosis).unwrap_or_default(), lang) {
                Value::Object(object) => object,
                _ => Map::new(),
            }
        }
    };
    let source = json!({
        "form": origin.form.id(),
        "number": origin.number,
        "side": origin.side.map(|side| side.id()),
    });
    object.insert("source".into(), source);
    let told = |id: &str, text: &str| json!({"id": id, "text": text});
    let losses: Vec<_> = explained.losses.iter().map(|loss| told(loss.id(), loss.told(lang))).collect();
    object.insert("losses".into(), losses.into());
    let hints: Vec<_> = explained.hints.iter().map(|hint| told(hint.id(), hint.told(lang))).collect();
    object.insert("hints".into(), hints.into());
    format!("{}\n", Value::Object(object))
}

/// Each text that is there in both languages in the one that is spoken.
fn in_one_language(value: Value, lang: Lang) -> Value {
    match value {
        Value::Object(mut object) => {
            let is_text = object.len() == 2 && object.contains_key("en") && object.contains_key("zh");
            if is_text {
                return object.remove(lang.of("en", "zh")).unwrap_or_default();
            }
            Value::Object(object.into_iter().map(|(name, value)| (name, in_one_language(value, lang))).collect())
        }
        Value::Array(values) => values.into_iter().map(|value| in_one_language(value, lang)).collect(),
        other => other,
    }
}
