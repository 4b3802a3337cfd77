//! One JSON object a line, for programs: its names are the same in every language.

use std::fs::File;
use std::io::{BufWriter, Write};

use serde_json::{Map, Value, json};

use super::{Filled, Rows, Shape, told};
use crate::batch::input::Cell;
use crate::batch::time;
use crate::lang::Lang;

pub(super) struct Lines {
    file: BufWriter<File>,
    names: Vec<String>,
}

impl Lines {
    pub(super) fn new(file: BufWriter<File>, shape: &Shape, lang: Lang) -> Self {
        let mut names: Vec<String> = Vec::new();
        for (index, name) in shape.header(lang).into_iter().enumerate() {
            let name = if name.is_empty() { crate::batch::column::letter(index) } else { name };
            let mut unique = name.clone();
            for count in 2.. {
                if !names.contains(&unique) {
                    break;
                }
                unique = format!("{name}_{count}");
            }
            names.push(unique);
        }
        Lines { file, names }
    }
}

impl Rows for Lines {
    fn row(&mut self, number: u64, cells: &[Cell], filled: &Filled) -> Result<(), String> {
        let value = |cell: &Cell| match cell {
            Cell::Empty => Value::Null,
            Cell::Number(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 => {
                json!(*number as i64)
            }
            Cell::Number(number) => json!(number),
            Cell::Text(text) | Cell::Date(text) | Cell::Logic(text) => json!(text),
        };
        let input: Map<_, _> = self
            .names
            .iter()
            .enumerate()
            .map(|(index, name)| (name.clone(), cells.get(index).map_or(Value::Null, value)))
            .collect();
        let some = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
        let line = json!({
            "row": number,
            "sysSignFlowId": filled.id,
            "signSts": some(&filled.status),
            "signStsName": some(&filled.name),
            "meaning": some(&filled.meaning),
            "isFinal": filled.is_final,
            "isSuccess": filled.is_success,
            "code": some(&filled.code),
            "note": some(&filled.note),
            "askedAt": filled.asked_at.map(|at| time::in_china(at).replace(' ', "T") + "+08:00"),
            "error": some(&filled.error),
            "input": input,
        });
        serde_json::to_writer(&mut self.file, &line).map_err(told)?;
        self.file.write_all(b"\n").map_err(told)
    }

    fn end(mut self: Box<Self>, _: &File) -> Result<(), String> {
        self.file.flush().map_err(told)
    }
}
