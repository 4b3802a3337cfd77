//! Each field of a message, and whether it is signed.

use std::collections::HashMap;

use crate::diagnosis::FieldReport;
use crate::message::{Field, Kind, Message};
use crate::rules::{self, Item, Unsigned};
use crate::visible::visible;

/// In the order in which they came; of an answer those beside `data` first.
pub(crate) fn reports(message: &Message) -> Vec<FieldReport> {
    match message.kind {
        Kind::Request => judged(message.kind, &message.fields, false),
        Kind::Answer => {
            let beside = message.fields.iter().filter(|field| field.name != "data").map(|field| {
                let why = if field.name == "signValue" { Unsigned::Signature } else { Unsigned::Beside };
                report(field, false, Some(why))
            });
            beside.chain(judged(message.kind, &message.data_fields, true)).collect()
        }
    }
}

fn judged(kind: Kind, fields: &[Field], in_data: bool) -> Vec<FieldReport> {
    // Of two with one name the last counts.
    let last: HashMap<&str, usize> = fields.iter().enumerate().map(|(at, field)| (field.name.as_str(), at)).collect();
    let of = |(at, field): (usize, &Field)| {
        let why = if last.get(field.name.as_str()) == Some(&at) {
            rules::why_unsigned(kind, Item { name: &field.name, value: &field.value })
        } else {
            Some(Unsigned::Repeated)
        };
        report(field, in_data, why)
    };
    fields.iter().enumerate().map(of).collect()
}

fn report(field: &Field, in_data: bool, why: Option<Unsigned>) -> FieldReport {
    FieldReport {
        in_data,
        name: field.name.clone(),
        value: field.value.as_str().to_owned(),
        visible: visible(field.value.as_str()),
        signed: why.is_none(),
        why_not: why.map(Unsigned::text),
    }
}
